"""What comes of each line: the status that its pieces and quantities leave it with."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import PER_DIEM, header, outcome, priced

CATHETER = '[[term]]\nid = "c"\nroles = ["catheter_care"]\nmechanism = "per_diem"\nrate = 18.00\n'
BUNDLE = '[[bundle]]\nid = "b"\nlines = { roles = ["catheter_care"] }\ninto = { roles = ["per_diem"] }\n'
DAY = "2025-03-03 2025-03-03"


def test_a_line_of_which_one_day_has_no_price_has_none(tmp_path: Path) -> None:
    text = PER_DIEM + "effective_through = 2025-03-31\n"
    made = priced(
        tmp_path, text, "S9500 2025-03-30 2025-04-02 4 900.00", "S9500 2025-03-30 2025-03-31 2 900.00 patient=P2"
    )
    assert outcome(made) == [("contract_silent", None), ("priced", 19000)]


def test_a_line_partly_paid_within_another_is_priced_for_the_rest(tmp_path: Path) -> None:
    lines = ("S5498 2025-03-01 2025-03-10 10 900.00", "S9500 2025-03-04 2025-03-10 7 900.00")
    made = priced(tmp_path, header() + PER_DIEM + CATHETER + BUNDLE, *lines)
    assert outcome(made)[0] == ("priced", 5400)  # 3 × 18.00
    assert made.terms[0] == "c + b"


def test_a_line_wholly_within_others_is_a_known_zero_with_its_rule(tmp_path: Path) -> None:
    lines = ("S5498 2025-03-04 2025-03-05 2 900.00", "S9500 2025-03-04 2025-03-10 7 900.00")
    made = priced(tmp_path, header() + PER_DIEM + CATHETER + BUNDLE, *lines)
    assert outcome(made)[0] == ("bundled", 0)
    assert made.reason_texts[0] == "another line of the day holds it (b)"


@pytest.mark.parametrize(
    ("term", "says"),
    [
        ('mechanism = "fixed"\nper = "ndc_unit"\nrate = 2.00', "the line has no NDC quantity, which its price needs"),
        (
            'mechanism = "percent_of_charge"\nshare = 0.50',
            "the line has no charge, which its price needs",
        ),
    ],
)
def test_a_quantity_that_the_price_needs_and_the_line_lacks(tmp_path: Path, term: str, says: str) -> None:
    text = f'[[term]]\nid = "t"\nroles = ["drug"]\n{term}\n'
    line = f"J0696 {DAY} 4 {'ten' if 'charge' in says else '50.00'}"
    made = priced(tmp_path, text, line, f"J0696 {DAY} 4 50.00 ndc=00409128331 ndc_quantity=4 ndc_unit=UN patient=P2")
    status, cents = outcome(made)[0]
    assert (status, cents) == ("needs_review", None)
    assert made.reason_texts[0] == says or made.reason_texts[0].startswith("charge: ")
    assert outcome(made)[1][0] == "priced"


def test_an_amount_of_zero_by_a_share_is_priced_and_not_unknown(tmp_path: Path) -> None:
    text = header() + "[concurrency]\nshares = [1, 0]\n" + PER_DIEM
    assert outcome(priced(tmp_path, text, f"S9500-SH {DAY} 1 900.00")) == [("priced", 0)]


def test_the_first_doubt_is_the_one_that_is_told(tmp_path: Path) -> None:
    """Out of scope before anything that a rate could say."""
    made = priced(tmp_path, PER_DIEM, f"S9379 {DAY} 1 900.00 payer=Another", f"S9379 {DAY} 1 900.00")
    assert [s for s, _ in outcome(made)] == ["out_of_scope", "contract_silent"]
