"""What moved between two runs, in plain words."""

from __future__ import annotations

from typing import Any

import pytest

from hitmodel.moved import Move, headline, moved_table, moves


def facts(**changed: Any) -> dict[str, Any]:
    term = {"term": {"antibiotic": {"rate": "95.00", "codes": ["S9500"]}}}
    held: dict[str, Any] = {
        "parameters": {"as_of": "2027-01-01"},
        "inputs": [
            {"role": "claims", "file": "a/claims.csv", "sha256": "1" * 64, "lines": 5_400},
            {"role": "contract", "file": "c/2025.toml", "sha256": "2" * 64},
        ],
        "contracts": {"meridian": {"2025": term}},
        "references": [{"role": "prices", "file": "data/prices/2025Q4.csv", "sha256": "3" * 64}],
        "program": {"hitmodel": "0.1.0", "source": "4" * 64, "python": "3.11.2", "packages": {"pandas": "3.1.1"}},
        "figures": [{"label": "Today", "cents": 707_894_600}, {"label": "Proposal A", "cents": 698_127_700}],
    }
    return {**held, **changed}


def test_nothing_moved() -> None:
    assert moves(facts(), facts()) == ()
    assert headline(()) == "Nothing moved: the same inputs, the same figures."
    assert moved_table((), "r1").rows[0][0] == "Nothing"


def test_new_lines_move_the_figures() -> None:
    claims = {"role": "claims", "file": "b/claims.csv", "sha256": "5" * 64, "lines": 5_812}
    after = facts(
        inputs=[claims, facts()["inputs"][1]],
        figures=[{"label": "Today", "cents": 720_000_000}, {"label": "Proposal A", "cents": 698_127_700}],
    )
    found = moves(facts(), after)
    # 5,812 − 5,400 = 412; 7,200,000.00 − 7,078,946.00 = 121,054.00
    assert found == (
        Move("input", "claim lines, claims.csv", "5,400", "5,812", "412 more claim lines"),
        Move("figure", "Today", "$7,078,946", "$7,200,000", "+121,054"),
    )
    assert headline(found) == "412 more claim lines; Today +121,054."


def test_a_changed_contract_is_named_by_term_and_field() -> None:
    term = {"term": {"antibiotic": {"rate": "98.00", "codes": ["S9500", "S9501"]}}}
    contract = {"role": "contract", "file": "c/2025.toml", "sha256": "6" * 64}
    found = moves(facts(), facts(inputs=[facts()["inputs"][0], contract], contracts={"meridian": {"2025": term}}))
    assert [str(move) for move in found] == [
        "meridian 2025: antibiotic, rate: 95.00 → 98.00",
        "meridian 2025: antibiotic, codes: S9500 → S9500, S9501",
        "contract, c/2025.toml: 22222222 → 66666666 (contract c/2025.toml changed)",
    ]
    assert headline(found) == (
        "Meridian 2025: antibiotic, rate 95.00 → 98.00, meridian 2025: antibiotic, codes S9500 → S9500, S9501; "
        "the main figures stay the same."
    )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"parameters": {"as_of": "2028-01-01"}}, "parameter as_of: 2027-01-01 → 2028-01-01"),
        (
            {"references": [*facts()["references"], {"role": "prices", "file": "p/2026Q1.csv", "sha256": "7" * 64}]},
            "price table, p/2026Q1.csv: not there → 77777777 (price table 2026Q1.csv is new)",
        ),
        ({"program": {**facts()["program"], "hitmodel": "0.2.0"}}, "hitmodel: 0.1.0 → 0.2.0"),
        (
            {"program": {**facts()["program"], "source": "8" * 64}},
            "source of hitmodel: 44444444 → 88888888 (the source of hitmodel changed)",
        ),
        (
            {"program": {**facts()["program"], "packages": {"pandas": "3.2.0"}}},
            "package pandas: 3.1.1 → 3.2.0",
        ),
    ],
)
def test_each_cause_has_its_words(changed: dict[str, Any], said: str) -> None:
    assert [str(move) for move in moves(facts(), facts(**changed))] == [said]
