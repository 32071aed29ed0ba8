"""A small comparison worked by hand, and a wider one with groups of few patients, for the tests of questions and pages.

The small one, in dollars (per diem 100, second therapy 50 %, drugs 2.00 a unit, visit 150; the offer: second therapy
40 %, per diem 110, drugs 1.50):

    line  what                          today                    offer
    L1    S9500, 7 days, P1             7 × 100 = 700.00         7 × 110 = 770.00
    L2    S9501-SH, 7 days, P1          7 × 100 × .5 = 350.00    7 × 110 × .4 = 308.00
    L3    J0696, 56 units, cost 60      56 × 2 = 112.00          56 × 1.50 = 84.00
    L4    J0690, 30 units, no cost      30 × 2 = 60.00           30 × 1.50 = 45.00
    L5    99601, charge 120             150, held to 120.00      120.00
    L6    J0878, 100 units, cost 250    100 × 2 = 200.00         100 × 1.50 = 150.00
    L7    S9599 (no code), charge 500   no amount                no amount
    L8    another payer's               in no total              in no total
                                        1,542.00                 1,477.00
"""

from __future__ import annotations

from pathlib import Path

import builders

from hitmodel.study import Study, study

NOW = """
[lesser_of]
level = "line"

[concurrency]
shares = [1, 0.5]
cite = "section 3"

[[term]]
id = "per_diem"
roles = ["per_diem"]
mechanism = "per_diem"
rate = 100.00
clause = "per diem"
cite = "section 1"

[[term]]
id = "drugs"
roles = ["drug"]
mechanism = "fixed"
per = "unit"
rate = 2.00
clause = "drugs"
cite = "section 2"

[[term]]
id = "nursing"
codes = ["99601", "99602"]
mechanism = "nursing"
first = 150.00
further = 60.00
"""
OFFER = """
[contract]
extends = "now"
title = "Offer"
effective_from = 2025-01-01

[concurrency]
shares = [1, 0.4]

[[term]]
id = "per_diem"
rate = 110.00
clause = "per diem 100 → 110"

[[term]]
id = "drugs"
rate = 1.50
clause = "drugs 2.00 → 1.50"
"""
LINES = (
    "S9500 2025-03-03 2025-03-09 7 1050.00 actual_allowed=700.00",
    "S9501-SH 2025-03-03 2025-03-09 7 1050.00 actual_allowed=700.00",
    "J0696 2025-03-03 2025-03-09 56 400.00 cost=60.00 actual_allowed=112.00",
    "J0690 2025-03-04 2025-03-04 30 200.00 patient=P2 actual_allowed=0.00",
    "99601 2025-03-04 2025-03-04 1 120.00 patient=P2 actual_allowed=119.99",
    "J0878 2025-04-05 2025-04-05 100 900.00 patient=P3 cost=250.00 actual_allowed=200.00",
    "S9599 2025-04-05 2025-04-05 1 500.00 patient=P3",
    "S9500 2025-04-05 2025-04-05 1 150.00 patient=P4 payer=Zebra_Rival_Plan cost=31.00 actual_allowed=77.77",
)
TODAY, AFTER = 154_200, 147_700


def contracts(folder: Path, now: str = NOW, offer: str = OFFER) -> tuple[Path, Path]:
    """Write the two contracts; return their folders."""
    header = builders.header(more='title = "A plan"')
    builders.write(folder / "now", header + now)
    return folder / "now", builders.write(folder / "offer", offer).parent


def small_study(
    folder: Path, *lines: str, now: str = NOW, offer: str = OFFER, as_of: str = "", edition: str = "internal"
) -> Study:
    """Return the small comparison, or another one of the same shape."""
    claims = folder / "claims.csv"
    builders.write_lines(claims, lines or LINES, builders.PAYER)
    baseline, proposal = contracts(folder, now, offer)
    return study(claims, baseline, [proposal], as_of, edition=edition)


def wide_lines() -> tuple[str, ...]:
    """Lines of 40 patients: a per diem and a drug each; three of them have chelation, two a chelation drug.

    Every cost is 42.42 and every remittance 77.77, which must not be found in anything that leaves the house.
    """
    secret = "cost=42.42 actual_allowed=77.77"
    found = []
    for n in range(40):
        code, drug = ("S9500", "J0696") if n < 25 else ("S9374", "J7120")
        found.append(f"{code} 2025-03-03 2025-03-09 7 1050.00 patient=P{n} claim=C{n} {secret}")
        found.append(f"{drug} 2025-03-03 2025-03-03 {10 + n} 400.00 patient=P{n} claim=C{n} {secret}")
    for n in range(3):
        found.append(f"S9355 2025-05-01 2025-05-03 3 900.00 patient=P{n} claim=D{n} {secret}")
    for n in range(2):
        found.append(f"J0895 2025-05-01 2025-05-01 5 300.00 patient=P{n} claim=D{n} {secret}")
    found.append(f"S9599 2025-05-01 2025-05-01 1 613.13 patient=P1 claim=D1 {secret}")
    found.append(f"S9500 2025-05-01 2025-05-01 1 150.00 patient=P90 claim=E1 payer=Zebra_Rival_Plan {secret}")
    return tuple(found)


def wide_study(folder: Path, edition: str) -> Study:
    """Return a comparison over `wide_lines`."""
    return small_study(folder, *wide_lines(), edition=edition)
