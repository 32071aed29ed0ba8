"""Whatever stands in a field of a contract, what comes of it is a sentence that an analyst can act on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import pytest
from builders import PER_DIEM, header, write
from pydantic import Field, ValidationError

from hitmodel.contracts import read_contract
from hitmodel.mechanisms.registry import MECHANISMS
from hitmodel.mistakes import Place, sentences, written
from hitmodel.overlays import NAMED_TABLES, OWN_WORDS
from hitmodel.terms import Header, Term, Version
from hitmodel.vocabulary import Record, Selector, Share

WRONG = (
    '"text"',
    "-1.5",
    "5",
    "nan",
    "true",
    "2025-01-01",
    "2025-01-01T10:00:00",
    "[]",
    "[5]",
    '["text"]',
    "{ a = 1 }",
    "[{ a = 1 }]",
    '[{ mechanism = "per_diem", rate = 0 }]',
)
"""Values of every kind that TOML has."""
SOME = ('"text"', "-1.5", "[5]", "{ a = 1 }")
VALUES = [pytest.param(SOME, id="some"), pytest.param(WRONG, id="all", marks=pytest.mark.slow)]

JARGON = re.compile(
    r"\b([Ii]nput|tuple|instance|dict|dictionary|pydantic|None|Decimal|datetime|type|typing|Literal|Ellipsis|int|str)\b|[{<]"
)
"""Words of the checker's own, which say nothing to an analyst."""


def fields() -> Iterator[tuple[str, str]]:
    """Yield every heading of a contract file with every field beneath it."""
    records = {name: field.annotation for name, field in Version.model_fields.items()}
    for table, kind in records.items():
        if table in (*OWN_WORDS, "term"):
            continue
        inner = kind.__args__[0] if table in NAMED_TABLES else kind
        heading = f"[[{table}]]" if table in NAMED_TABLES else f"[{table}]"
        common = Selector.model_fields if issubclass(inner, Selector) else ()
        yield from ((heading, name) for name in inner.model_fields if name not in common)
    for mechanism in MECHANISMS:
        heading = f'[[term]]\nid = "fuzzed"\nmechanism = "{mechanism}"'
        own = [name for name in MECHANISMS[mechanism].model.model_fields if name not in Term.model_fields]
        common = [name for name in Term.model_fields if name != "mechanism"] if mechanism == "per_diem" else []
        yield from ((heading, name) for name in (*own, *common))


FIELDS = sorted(set(fields()))


def said(folder: Path, text: str) -> list[str]:
    made, problems = read_contract(write(folder / "c", text).parent)
    assert (made is None) == bool(problems)
    return [str(p) for p in problems]


@pytest.mark.parametrize("heading", sorted({heading for heading, _ in FIELDS}), ids=lambda h: h.split("\n")[-1])
@pytest.mark.parametrize("values", VALUES)
def test_a_value_of_any_type_anywhere_ends_in_sentences(tmp_path: Path, heading: str, values: tuple[str, ...]) -> None:
    for name in (name for at, name in FIELDS if at == heading):
        for value in values:
            about = f"{name} = {value}\n"
            base = heading if name != "id" else heading.replace('id = "fuzzed"\n', "")
            rest = 'payers = ["A payer"]\neffective_from = 2025-01-01\n'
            if heading == "[contract]":
                kept = "\n".join(line for line in rest.splitlines() if not line.startswith(name))
                text = f"[contract]\n{kept}\n{about}" + PER_DIEM
            else:
                text = header() + f"{base}\n{about}" + PER_DIEM
            for problem in said(tmp_path, text):
                message = problem.split(".toml", 1)[-1].replace(value, "")
                assert not JARGON.search(message), f"{about}{problem}"
                assert message.rstrip().endswith((".", "?")), f"{about}{problem}"


@pytest.mark.parametrize("name", [n for n in Version.model_fields if n not in OWN_WORDS] + ["remove"])
@pytest.mark.parametrize("values", VALUES)
def test_a_value_of_any_type_in_a_tables_place_ends_in_sentences(
    tmp_path: Path, name: str, values: tuple[str, ...]
) -> None:
    for value in values:
        if name == "contract" or not (value.startswith("{") and name not in NAMED_TABLES):
            top = f"{name} = {value}\n"
            text = top + ("" if name == "contract" else header()) + PER_DIEM
            for problem in said(tmp_path, text):
                message = problem.split(".toml", 1)[-1].replace(value, "")
                assert not JARGON.search(message), f"{top}{problem}"


# --- the translation itself ---


class Small(Record):
    """A record for these tests."""

    share: Share
    many: tuple[Annotated[int, Field(ge=1, description="a count above 0")], ...] = ()
    inner: Selector | None = None


def told(**given: object) -> list[str]:
    with pytest.raises(ValidationError) as raised:
        Small.model_validate(given)
    return [str(e) for e in sentences(raised.value, Small, lambda _: Place("x.toml, small", 0))]


def test_a_field_is_described_by_its_own_words_or_those_of_its_type() -> None:
    assert told(share=Decimal(2)) == [
        "x.toml, small: share = 2 is above 1. Expected a fraction of 0 to 1: 85 percent is 0.85."
    ]
    assert told(share=Decimal(1), many=(1, 0)) == ["x.toml, small, many: 0 is below 1. Expected a count above 0."]


def test_a_mistake_within_a_table_says_in_which() -> None:
    assert told(share=Decimal(1), inner={"code": ()}) == [
        "x.toml, small, inner: 'code' is not known here. Did you mean 'codes'?"
    ]


def test_a_misspelt_field_is_not_missing_too_and_comes_first() -> None:
    assert told(shares=Decimal(1), many=(0,)) == [
        "x.toml, small: 'shares' is not known here. Did you mean 'share'?",
        "x.toml, small, many: 0 is below 1. Expected a count above 0.",
    ]


def test_an_unknown_field_without_a_neighbour_lists_what_is_known() -> None:
    assert told(share=Decimal(1), xyz=1) == ["x.toml, small: 'xyz' is not known here. Known here: share, many, inner."]


@pytest.mark.parametrize(
    ("value", "shown"),
    [("x", '"x"'), (True, "true"), (Decimal("0.50"), "0.50"), (5, "5"), ((1, 2), ""), ({}, ""), (None, "")],
)
def test_values_are_shown_as_toml_writes_them(value: object, shown: str) -> None:
    assert written(value) == shown


def test_a_mistake_in_one_of_several_ways_to_pay_says_in_which(tmp_path: Path) -> None:
    text = header() + '[[term]]\nid = "t"\ncodes = ["S9500"]\nmechanism = "compare"\npay = "lesser"\n'
    text += (
        'of = [{ mechanism = "per_diem", rate = 0 }, { mechanism = "percent_of_charge", share = 85 }, { rate = 5 }]\n'
    )
    assert [problem.split("2025.toml, ")[-1] for problem in said(tmp_path, text)] == [
        "term 't', of item 1: per_diem: rate = 0 is not above 0. Expected dollars for each unit of the basis, "
        "above zero.",
        "term 't', of item 2: percent_of_charge: share = 85 is above 1. Expected a fraction of 0 to 1: 85 percent is "
        "0.85.",
        "term 't', of item 3: names no mechanism; there are per_diem, schedule, fixed, percent_of_charge, drug, "
        "nursing, by_report.",
    ]


def test_what_is_fuzzed_is_the_whole_language() -> None:
    """The tests above look at every field of the header, of a mechanism and of a rule."""
    assert {("[contract]", name) for name in Header.model_fields} <= set(FIELDS)
    heading = '[[term]]\nid = "fuzzed"\nmechanism = "per_diem"'
    assert {(heading, name) for name in Term.model_fields if name != "mechanism"} <= set(FIELDS)
    assert ("[[limit]]", "year_starts") in FIELDS
