"""Lines that share days, priced by tables: worked by hand, and as by every rule."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from few_lines import ANTIBIOTIC, few_lines

from hitmodel.evidence import NO_EVIDENCE
from hitmodel.pricing import Priced
from hitmodel.worked import work_out

pytestmark = pytest.mark.slow
TERMS = """\
[lesser_of]
level = "line"
percent = 0.90
cite = "section 4"
[concurrency]
modifiers = "rerank"
primary_by = "highest_rate"
shares = [1, 0.50]
[[term]]
id = "nutrition"
codes = ["S9365"]
mechanism = "per_diem"
rate = {nutrition}
[[term]]
id = "hydration"
codes = ["S9374"]
mechanism = "{hydration}"
{paid}
"""
LINES = """\
C1,L1,P1,Ours,2025-03-03,2025-03-09,S9500,,7,1050.00,12
C1,L2,P1,Ours,2025-03-08,2025-03-12,S9365,,5,2000.00,12
C2,L3,P2,Ours,2025-03-03,2025-03-05,S9500,,3,900.00,12
C2,L4,P2,Ours,2025-03-03,2025-03-05,S9365,,3,300.00,12
C3,L5,P3,Ours,2025-03-03,2025-03-04,S9500,,2,900.00,12
C3,L6,P3,Ours,2025-03-03,2025-03-04,S9374,,2,900.00,12
"""


def priced_at(home: Path, nutrition: str, hydration: str = "per_diem", paid: str = "rate = 60.00") -> Priced:
    """Price the lines, and see that they come to the same by every rule."""
    terms = TERMS.format(nutrition=nutrition, hydration=hydration, paid=paid)
    pricer, contract = few_lines(home, terms + ANTIBIOTIC.format(rate="100.01"), LINES)
    priced = pricer.price(contract)
    whole = work_out(pricer.resolver, priced.compiled, priced.fitted, NO_EVIDENCE)
    assert priced.allowed.tolist() == whole.allowed.tolist()
    assert priced.rated.rank.tolist() == whole.rated.rank.tolist()
    return priced


def test_the_dearer_therapy_of_shared_days_comes_first(tmp_path: Path) -> None:
    """L1: five days alone and two as second, 100.01 × (5 + 2 × 0.5) = 600.06. L2: five days first, 250.00 × 5.

    L3: 100.01 × 3 × 0.5 = 150.015, up to 150.02. L4: 750.00, held to 0.9 × 300.00. L6: 60.00 × 2 × 0.5.
    """
    priced = priced_at(tmp_path, "250.00")
    assert priced.plain.few.line.tolist() == [0, 1, 2, 3, 4, 5]
    assert priced.allowed.tolist() == [60006, 125000, 15002, 27000, 20002, 6000]
    assert priced.base.tolist() == [60006, 125000, 15002, 75000, 20002, 6000]
    assert [(n.before, n.after, n.change.cite) for n in priced.notes.on(3)] == [(75000, 27000, "section 4")]


def test_another_rate_turns_the_order_round(tmp_path: Path) -> None:
    """At 80.00 nutrition is second: L1 7 × 100.01, L2 80.00 × (2 × 0.5 + 3) = 320.00, L4 80.00 × 3 × 0.5 = 120.00."""
    priced = priced_at(tmp_path, "80.00")
    assert priced.allowed.tolist() == [70007, 32000, 30003, 12000, 20002, 6000]


def test_lines_beside_an_unknown_rate_are_worked_out_by_every_rule(tmp_path: Path) -> None:
    """Hydration by report has no amount, so neither it nor the antibiotic beside it can be ranked."""
    priced = priced_at(tmp_path, "250.00", "by_report", "")
    assert priced.plain.few.line.tolist() == [0, 1, 2, 3]
    assert priced.plain.few.others.tolist() == [4, 5]
    assert np.flatnonzero(~priced.known).tolist() == [4, 5]


def test_rates_that_share_no_denominator_are_worked_out_by_every_rule(tmp_path: Path) -> None:
    """A rate of 17 places: 64 bits are few. L2: 5 × 250.00000000000000001 is 1,250.00."""
    priced = priced_at(tmp_path, "250.00000000000000001")
    assert priced.allowed.tolist() == [60006, 125000, 15002, 27000, 20002, 6000]
