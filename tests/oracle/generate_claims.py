"""Claims at random: a few patients whose therapies overlap, with voids, repeats, wrong codes and unreadable lines."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from oracle.generate_words import CODES_OF, NDCS, PLACES

BY_DAYS = CODES_OF["per_diem"] + CODES_OF["catheter_care"]
OTHERS = tuple(code for codes in CODES_OF.values() for code in codes if code not in BY_DAYS)
WRONG = ("S9599", "J0457", "36415", "G0154", "J9999")
STARTS = st.integers(0, 30).map(lambda n: date(2025, 3, 20) + timedelta(days=n))
LATE_STARTS = st.integers(0, 20).map(lambda n: date(2025, 6, 22) + timedelta(days=n))

BY_DAYS_OF_TEN = {"therapies": 9, "time": 7, "drugs": 1}
"""How many lines of ten are counted by days."""

Row = dict[str, str]


def dollars(cents: int) -> str:
    return f"{Decimal(cents).scaleb(-2):f}"


@st.composite
def rows(draw: st.DrawFn, theme: str) -> list[Row]:
    """Return the rows of a claims file: one to some twenty lines, some of them cancelling or repeating others."""
    found: list[Row] = []
    for _ in range(draw(st.integers(1, 12))):
        row = draw(_row(BY_DAYS_OF_TEN.get(theme, 6)))
        if found:
            row = _spoiled(row, draw(st.integers(0, 60)))
        found.append(row)
        if draw(st.integers(0, 7)) == 0:
            found.append(draw(_void(row)))
            if draw(st.booleans()):
                found.append(dict(row, claim_id=draw(st.sampled_from(["C1", "C2", "C3"]))))
        elif draw(st.integers(0, 9)) == 0:
            found.append(dict(row, modifiers="JW", units="2", charge=dollars(draw(st.integers(1, 9_999)))))
        elif draw(st.integers(0, 11)) == 0:
            found.append(dict(row, claim_id=draw(st.sampled_from(["C1", "C2"]))))
    for number, row in enumerate(found, start=1):
        row["line_id"] = f"L{number}"
    return found


@st.composite
def _void(draw: st.DrawFn, row: Row) -> Row:
    """A line that takes ``row`` back, as billers write it: signs of NDC quantity and cost vary."""
    void = dict(row, units=f"-{row['units']}".replace("--", ""), charge=f"-{row['charge']}".replace("--", ""))
    if draw(st.booleans()):
        void["claim_id"] = "C9"
    if draw(st.booleans()):
        void |= {name: f"-{void[name]}" for name in ("ndc_quantity", "acquisition_cost") if void[name]}
    return void


@st.composite
def _row(draw: st.DrawFn, by_days_of_ten: int) -> Row:
    by_days = draw(st.integers(1, 10)) <= by_days_of_ten
    code = draw(st.sampled_from(BY_DAYS if by_days else OTHERS))
    if draw(st.integers(0, 24)) == 0:
        code = draw(st.sampled_from(WRONG))
    first = draw(st.one_of(STARTS, LATE_STARTS))
    days = draw(st.integers(1, 14)) if by_days or draw(st.integers(0, 3)) == 0 else 1
    units = str(days) if by_days else str(draw(st.integers(1, 60)))
    if draw(st.integers(0, 7)) == 0:
        units = draw(st.sampled_from(["1", "2", "3.5", "7", "0.125"]))
    charge = draw(st.one_of(st.integers(1, 50_000), st.integers(100_000, 900_000)))
    row = {
        "claim_id": draw(st.sampled_from(["C1", "C1", "C2"])),
        "line_id": "",
        "patient_id": draw(st.sampled_from(["P1", "P1", "P1", "P2", "P3"])),
        "payer": draw(st.sampled_from(["A payer"] * 29 + ["Another"])),
        "service_from": first.isoformat(),
        "service_through": (first + timedelta(days=days - 1)).isoformat(),
        "code": code,
        "modifiers": draw(st.sampled_from(["", "", "", "SH", "SH", "SJ", "SS", "SH SS", "TE", "JW", "JZ"])),
        "units": units,
        "charge": dollars(charge),
        "place_of_service": draw(st.sampled_from(PLACES)),
        "ndc": "",
        "ndc_quantity": "",
        "ndc_unit": "",
        "acquisition_cost": dollars(draw(st.integers(1, 300_000))) if draw(st.integers(0, 3)) == 0 else "",
        "actual_allowed": "",
        "product": draw(st.sampled_from(["ppo"] * 18 + ["hmo", ""])),
    }
    if not by_days and draw(st.booleans()):
        row["ndc"] = draw(st.sampled_from(NDCS))
        if draw(st.booleans()):
            row |= {
                "ndc_quantity": draw(st.sampled_from(["1", "2.5", "10"])),
                "ndc_unit": draw(st.sampled_from(["UN", "ML"])),
            }
    return row


def _spoiled(row: Row, how: int) -> Row:
    """Make one line in fifteen or so unreadable."""
    if how == 0:
        return dict(row, service_from="2025-02-30")
    if how == 1:
        return dict(row, units="0")
    if how == 2:
        return dict(row, charge=f"-{row['charge']}")
    if how == 3:
        return dict(row, units="")
    return row
