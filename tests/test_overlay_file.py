"""Contract files written from plain tables: nothing is lost, and nothing that cannot be loaded appears."""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import builders
import pytest
from case_files import CASES, read_cases
from hypothesis import given, settings
from hypothesis import strategies as st

from hitmodel import paths
from hitmodel.contracts import load_contract
from hitmodel.errors import ContractError
from hitmodel.overlay_file import contract_text, write_contract_file

SHIPPED = sorted(paths.data("contracts").glob("*/*.toml"))
EXAMPLE: dict[str, Any] = {
    "contract": {"payers": ["A payer"], "effective_from": date(2027, 1, 1)},
    "concurrency": {"shares": [1, Decimal("0.75"), Decimal("0.50")], "cite": 'section "3.4"'},
    "term": [
        {"id": "antibiotics", "codes": ["S9500", "S9501"], "mechanism": "per_diem", "rate": Decimal("95.00")},
        {
            "id": "drugs",
            "roles": ["drug"],
            "mechanism": "drug",
            "chain": [{"of": "payment_limit", "multiplier": Decimal("1.080")}, {"of": "charge", "multiplier": 1}],
        },
    ],
}


def read_back(text: str) -> dict[str, Any]:
    return tomllib.loads(text, parse_float=Decimal)


def same(one: Any, other: Any) -> bool:
    """Equal in kind and in every digit: 95.00 is not 95.0, and 1 is not true."""
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and str(one) == str(other)


def test_a_contract_reads_back_as_it_was_given(tmp_path: Path) -> None:
    written = write_contract_file(EXAMPLE, tmp_path / "new" / "2027.toml", remark="Made for a test.")
    assert same(read_back(written.read_text()), EXAMPLE)
    assert written.read_text().startswith("# Made for a test.\n")
    assert load_contract(written.parent).latest.term[0].rate == Decimal("95.00")  # type: ignore[attr-defined]


def test_an_overlay_finds_what_it_extends(tmp_path: Path) -> None:
    """[contract] extends by name, removal outside the tables, one term changed and the others inherited."""
    tables = {
        "remove": ["pharmacist_hour"],
        "contract": {"extends": "meridian", "effective_from": date(2027, 1, 1)},
        "term": [{"id": "inotrope_per_diem", "rate": Decimal("171.30")}],
    }
    contract = load_contract(write_contract_file(tables, tmp_path / "2027.toml"))
    assert contract.latest.named("inotrope_per_diem").rate == Decimal("171.30")  # type: ignore[union-attr]
    assert contract.latest.named("pharmacist_hour") is None
    assert contract.latest.named("hydration_per_diem").rate == Decimal("75.00")  # type: ignore[union-attr]


def test_what_cannot_be_loaded_leaves_the_earlier_file(tmp_path: Path) -> None:
    target = write_contract_file(EXAMPLE, tmp_path / "2027.toml")
    before = target.read_bytes()
    broken = {**EXAMPLE, "term": [{"id": "antibiotics", "codes": ["S9500"], "mechanism": "perdiem", "rate": 1}]}
    with pytest.raises(ContractError) as refused:
        write_contract_file(broken, target)
    assert "2027.toml, term 'antibiotics': mechanism 'perdiem' is not known. Did you mean 'per_diem'?" in str(
        refused.value
    )
    assert ".2027.toml." not in str(refused.value)
    assert target.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["2027.toml"]


@pytest.mark.parametrize("value", [0.1, None, Decimal("NaN")])
def test_what_has_no_exact_form_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        contract_text({"contract": {"rate": value}})


def test_long_lists_take_a_line_for_each_item() -> None:
    codes = [f"S9{n}" for n in range(490, 520)]
    text = contract_text({"term": [{"codes": codes, "modifiers": ["SH"]}]})
    assert '\n    "S9490",\n' in text
    assert 'modifiers = ["SH"]' in text


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_every_contract_that_ships_round_trips(file: Path) -> None:
    tables = read_back(file.read_text(encoding="utf-8"))
    assert same(read_back(contract_text(tables)), tables)


def test_every_contract_of_the_worked_cases_round_trips() -> None:
    texts = [
        text
        for path in sorted(CASES.glob("*.toml"))
        for case in read_cases(path)
        for text in (case.contract_toml, *(text for name, text in case.files.items() if name.endswith(".toml")))
        if text and not case.error
    ]
    assert len(texts) > 100
    for text in texts:
        tables = read_back(text)
        assert same(read_back(contract_text(tables)), tables), text


PLAIN = st.one_of(
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.decimals(allow_nan=False, allow_infinity=False, places=4),
    st.dates(),
    st.text(st.characters(exclude_categories=("Cs",)), max_size=20),
)
NAMES = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=8)
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3))


@settings(max_examples=15, deadline=None)
@given(st.dictionaries(NAMES, st.dictionaries(NAMES, VALUES, max_size=4), max_size=3))
def test_whatever_text_and_numbers_come_back(tables: dict[str, Any]) -> None:
    assert same(read_back(contract_text(tables)), tables)


def test_an_overlay_never_takes_the_place_of_what_it_extends(tmp_path: Path) -> None:
    file = builders.write(tmp_path / "example", builders.header() + builders.PER_DIEM)
    before = file.read_bytes()
    for extends in (str(file), "example", "example/2025"):
        with pytest.raises(ContractError, match="the contract that the overlay extends"):
            write_contract_file({"contract": {"extends": extends}}, file)
    assert file.read_bytes() == before
