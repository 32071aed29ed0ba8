"""Rates side by side, in the words of contracts."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from small_book import NOW, OFFER, small_study

from hitmodel.exhibit import RateLine, rate_lines, reference_words

MORE = """
[[term]]
id = "limit"
codes = ["J0878"]
mechanism = "drug"
chain = [
    { of = "payment_limit", multiplier = 1.08 },
    { of = "awp", multiplier = 0.85 },
    { of = "charge", multiplier = 0.40 },
]

[[term]]
id = "agreed"
patients = ["P1"]
codes = ["S9502"]
mechanism = "per_diem"
rate = 80.00

[[term]]
id = "unlisted"
unlisted = true
mechanism = "percent_of_charge"
share = 0.55
"""
FEWER = """
[[term]]
id = "limit"
chain = [{ of = "payment_limit", multiplier = 1.04 }]
"""


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], RateLine]:
    made = small_study(tmp_path_factory.mktemp("book"), now=NOW + MORE, offer=OFFER + FEWER)
    return {(line.term, line.basis): line for line in rate_lines(made.summary.sides)}


def test_every_clause_stands_once_for_each_rate(lines: dict[tuple[str, str], RateLine]) -> None:
    assert [basis for term, basis in lines if term == "nursing"] == ["$ per visit, first hours", "$ per further hour"]


def test_a_changed_rate_is_told_as_text_and_number(lines: dict[tuple[str, str], RateLine]) -> None:
    line = lines["per_diem", "$ per day"]
    assert (line.shown, line.rates) == (("100.00", "110.00"), (Decimal(100), Decimal(110)))
    assert line.changed
    assert (line.covers, line.cite) == ("Per diems", "section 1")
    assert not lines["nursing", "$ per further hour"].changed


def test_a_chain_is_told_in_its_order(lines: dict[tuple[str, str], RateLine]) -> None:
    assert lines["limit", "price"].shown == (
        "108 % of Medicare limit, about ASP + 14.5 %",
        "104 % of Medicare limit, about ASP + 10.2 %",
    )
    assert lines["limit", "if there is none"].shown == ("AWP − 15 %", "–")
    assert lines["limit", "if there is none, 3."].shown == ("40 % of charge", "–")
    assert lines["limit", "if there is none"].rates == (Decimal("0.85"), None)


def test_a_change_of_some_codes_leaves_a_share_of_charge_one_unchanged_line(tmp_path: Path) -> None:
    """10 % on S9500 alone: 100 × 1.10 = 110.00; the others of its clause stay at 100.00, and so does a share."""
    head = '[contract]\nextends = "now"\ntitle = "Offer"\neffective_from = 2025-01-01\n'
    raised = '[[rate_change]]\nid = "up"\nfactor = 1.10\napplies_to = { codes = ["S9500"] }\n'
    made = small_study(tmp_path, now=NOW + MORE, offer=head + raised)
    told = {(line.term, line.covers): line.shown for line in rate_lines(made.summary.sides)}
    assert [covers for term, covers in told if term == "unlisted"] == ["Unlisted codes"]
    assert told["unlisted", "Unlisted codes"] == ("55 %", "55 %")
    assert told["per_diem", "S9500"] == ("100.00", "110.00")
    others = [covers for term, covers in told if term == "per_diem" and covers != "S9500"]
    assert len(others) == 1, "the other codes of the clause stand together"
    assert others[0].endswith(" more")
    assert told["per_diem", others[0]] == ("100.00", "100.00")


def test_patients_are_counted_and_never_named(lines: dict[tuple[str, str], RateLine]) -> None:
    line = lines["agreed", "$ per day"]
    assert (line.covers, line.for_patients) == ("one patient", True)
    assert lines["unlisted", "% of charge"].covers == "Unlisted codes"


@pytest.mark.parametrize(
    ("of", "multiplier", "words"),
    [
        ("payment_limit", "1.04", "104 % of Medicare limit, about ASP + 10.2 %"),  # 1.04 × 1.06 = 1.1024
        ("payment_limit", "0.90", "90 % of Medicare limit, about ASP − 4.6 %"),  # .9 × 1.06 = .954
        ("raw_asp", "1.06", "106 % of ASP"),
        ("awp", "0.85", "AWP − 15 %"),
        ("wac", "1.03", "WAC + 3 %"),
        ("wac", "1", "WAC"),
        ("cost", "1.05", "105 % of cost"),
    ],
)
def test_references_are_named_as_people_do(of: str, multiplier: str, words: str) -> None:
    assert reference_words(of, Decimal(multiplier)) == words
