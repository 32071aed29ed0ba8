"""The starter proposal: whole, in the provider's favour, open only where rates go, each clause there for a reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hitmodel.contract_checks import check_contract
from hitmodel.contracts import load_contract, load_draft
from hitmodel.errors import ContractError
from hitmodel.paths import data
from hitmodel.references import default_references
from hitmodel.review import QUESTIONS, review

STARTER = data("contracts", "starter", "2027.toml")
QUICK = ("drug_source", "notice")
BEGINS, ENDS = "#: ", "#:"


def blocks(text: str) -> dict[str, range]:
    """Return the lines of each clause that the file marks, by the clause's id; clauses may hold others."""
    found: dict[str, range] = {}
    open_blocks: list[tuple[str, int]] = []
    for number, line in enumerate(text.splitlines()):
        mark = line.strip()
        if mark.startswith(BEGINS):
            open_blocks.append((mark.removeprefix(BEGINS), number))
        elif mark == ENDS:
            name, first = open_blocks.pop()
            found[name] = range(first, number + 1)
    assert not open_blocks
    return found


def without(clause: str) -> str:
    text = STARTER.read_text(encoding="utf-8")
    gone = blocks(text)[clause]
    return "\n".join(line for number, line in enumerate(text.splitlines()) if number not in gone)


def findings(place: Path) -> list[str]:
    return [c.position.id for c in review(load_draft(place), default_references()).findings]


def test_nothing_that_a_review_asks_is_left_open() -> None:
    made = review(load_draft("starter"), default_references())
    assert [(c.position.id, c.saying) for c in made.findings] == []
    assert {c.saying.standing for c in made.clauses} == {"in line"}


def test_every_clause_of_a_review_is_marked_and_says_why_it_matters() -> None:
    text = STARTER.read_text(encoding="utf-8")
    assert set(blocks(text)) == set(QUESTIONS)
    lines = text.splitlines()
    short = [name for name, span in blocks(text).items() if not lines[span.start + 1].strip().startswith("#")]
    assert short == ["term"]  # whose length is the reason of the one after it


@pytest.mark.parametrize(
    "clause", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in QUESTIONS]
)
def test_a_clause_taken_out_is_exactly_what_a_review_finds(clause: str, tmp_path: Path) -> None:
    file = tmp_path / "draft" / "2027.toml"
    file.parent.mkdir()
    file.write_text(without(clause), encoding="utf-8")
    assert findings(file.parent) == [clause]


def test_check_lists_every_open_place_and_nothing_else() -> None:
    found = check_contract(load_draft("starter"), default_references())
    named = {line.split('"FILL ')[1].split('"')[0] for line in filled_lines()}
    assert {f.kind for f in found if f.serious} == {"open_place"}
    assert {f.problem.removeprefix("still to be filled in: ") for f in found if f.kind == "open_place"} == named


def filled_lines() -> Iterator[str]:
    lines = STARTER.read_text(encoding="utf-8").splitlines()
    return (line for line in lines if '"FILL ' in line and not line.startswith("#"))


def test_it_cannot_be_priced_before_it_is_filled_in(tmp_path: Path) -> None:
    with pytest.raises(
        ContractError, match="not filled in yet: payer_as_claims_name_it, anti_infective_every_24_hours"
    ):
        load_contract("starter")
    text = STARTER.read_text(encoding="utf-8").replace('"FILL payer_as_claims_name_it"', '"A payer"')
    file = tmp_path / "filled" / "2027.toml"
    file.parent.mkdir()
    file.write_text(re.sub(r'"FILL \w+"', "0.5", text), encoding="utf-8")
    assert load_contract(file.parent).payers == ("A payer",)
    assert not [f for f in check_contract(load_contract(file.parent), default_references()) if f.serious]
