"""Small books of claims and contracts at random, for relations that must hold whatever the numbers are.

Rates differ between codes and charges between lines, so that no line repeats another and no two therapies tie; amounts
of a day are whole cents under every share used, so that spans may be cut anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from case_files import COLUMNS, write_contract
from hypothesis import strategies as st

from hitmodel.claims import TEXT_COLUMNS, Claims
from hitmodel.pricing import Priced, price

DIEMS = ("S9500", "S9501", "S9502", "S9365", "S9374", "S9348")
FIRST = date(2025, 3, 20)


@dataclass(frozen=True)
class Row:
    """One line: ``charge`` in cents for the whole line, units in days or billing units."""

    id: str
    patient: str
    claim: str
    code: str
    first: date
    days: int
    units: int
    charge: int
    modifiers: str = ""
    payer: str = "A payer"

    @property
    def cells(self) -> dict[str, str]:
        said = {
            "claim_id": self.claim,
            "line_id": self.id,
            "patient_id": self.patient,
            "payer": self.payer,
            "service_from": self.first.isoformat(),
            "service_through": (self.first + timedelta(days=self.days - 1)).isoformat(),
            "code": self.code,
            "modifiers": self.modifiers,
            "units": str(self.units),
            "charge": f"{'-' if self.charge < 0 else ''}{abs(self.charge) // 100}.{abs(self.charge) % 100:02d}",
            "place_of_service": "12",
        }
        return dict.fromkeys(COLUMNS, "") | said

    def void(self) -> Row:
        """The line that takes this one back, on a claim of its own."""
        return replace(self, id=f"{self.id}V", claim=f"{self.claim}V", units=-self.units, charge=-self.charge)

    def cut(self, after: int) -> tuple[Row, Row]:
        """The line in two, the first with ``after`` days; units and charge by days."""
        each = self.charge // self.days
        head = replace(self, id=f"{self.id}A", days=after, units=after, charge=each * after)
        left = self.days - after
        tail = replace(head, id=f"{self.id}B", first=self.first + timedelta(days=after), days=left)
        return head, replace(tail, units=left, charge=each * left)


@st.composite
def diem_rows(draw: st.DrawFn, most: int = 6, modifiers: tuple[str, ...] = ("",), patients: int = 2) -> list[Row]:
    """Per diem lines of a few patients, overlapping; each with its own charge a day."""
    rows = []
    for number in range(draw(st.integers(1, most))):
        days = draw(st.integers(1, 9))
        patient = draw(st.integers(1, patients))
        row = Row(
            id=f"L{number}",
            patient=f"P{patient}",
            claim=f"C{patient}{draw(st.integers(1, 2))}",
            code=draw(st.sampled_from(DIEMS)),
            first=FIRST + timedelta(days=draw(st.integers(0, 14))),
            days=days,
            units=days,
            charge=days * (draw(st.integers(10, 400)) * 100 + number),
            modifiers=draw(st.sampled_from(modifiers)),
        )
        rows.append(row)
    return rows


@st.composite
def mixed_rows(draw: st.DrawFn, modifiers: tuple[str, ...] = ("",)) -> list[Row]:
    """Per diems, catheter care, drugs and nursing visits."""
    rows = draw(diem_rows(modifiers=modifiers))
    for number in range(draw(st.integers(0, 4))):
        code = draw(st.sampled_from(["J0696", "J1561", "99601", "99602", "S5498", "S9810", "S9379"]))
        units = draw(st.integers(1, 12))
        by_days = code in ("S5498", "S9379")
        row = Row(
            id=f"M{number}",
            patient=draw(st.sampled_from(["P1", "P2"])),
            claim=draw(st.sampled_from(["C11", "C21"])),
            code=code,
            first=FIRST + timedelta(days=draw(st.integers(0, 14))),
            days=units if by_days else 1,
            units=units,
            charge=draw(st.integers(5, 2000)) * 100 + 50 + number,
            modifiers=draw(st.sampled_from(modifiers)),
        )
        rows.append(row)
    return rows


@st.composite
def diem_terms(draw: st.DrawFn) -> str:
    """A rate for every per diem code, no two alike, in whole multiples of four cents."""
    rates = draw(st.lists(st.integers(250, 10_000), min_size=len(DIEMS), max_size=len(DIEMS), unique=True))
    return "".join(
        f'[[term]]\nid = "{code.lower()}"\ncodes = ["{code}"]\nmechanism = "per_diem"\nrate = {_dollars(rate * 4)}\n'
        for code, rate in zip(DIEMS, rates, strict=True)
    )


def _dollars(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


OTHER_TERMS = """
[[term]]
id = "catheter"
roles = ["catheter_care"]
mechanism = "per_diem"
rate = 20.00
[[term]]
id = "drugs"
roles = ["drug"]
mechanism = "drug"
chain = [{ of = "payment_limit", multiplier = 1.08 }]
[[term]]
id = "nursing"
codes = ["99601", "99602"]
mechanism = "nursing"
first = 150.00
further = 65.00
[[term]]
id = "pharmacist"
codes = ["S9810"]
mechanism = "not_covered"
[[term]]
id = "unlisted"
codes = ["S9379"]
mechanism = "percent_of_charge"
share = 0.55
[[bundle]]
id = "catheter_within"
lines = { roles = ["catheter_care"] }
into = { roles = ["per_diem"] }
"""
CONCURRENCIES = {
    "none": "",
    "trust": "[concurrency]\nshares = [1, 0.75, 0.5]\n",
    "rerank": '[concurrency]\nprimary_by = "highest_rate"\nmodifiers = "rerank"\nshares = [1, 0.75, 0.5]\n',
    "refuse": '[concurrency]\nprimary_by = "highest_rate"\nmodifiers = "refuse"\nshares = [1, 0.75, 0.5]\n',
    "started": '[concurrency]\nprimary_by = "first_started"\nmodifiers = "rerank"\nshares = [1, 0.75, 0.5]\n',
    "ones": '[concurrency]\nprimary_by = "highest_rate"\nmodifiers = "rerank"\nshares = [1]\n',
}
LIMITS = {
    "none": "",
    "line": '[lesser_of]\nlevel = "line"\n',
    "claim": '[lesser_of]\nlevel = "claim"\n',
}


def claims_of(rows: Iterable[Row]) -> Claims:
    """Return rows as claims, without a file: reading one takes longer than pricing it."""
    cells = pd.DataFrame([row.cells for row in rows]).astype("str")
    numbers = {
        "units_milli": [row.units * 1000 for row in rows],
        "ndc_quantity_milli": [pd.NA for _ in rows],
        "charge_cents": [row.charge for row in rows],
        "acquisition_cost_cents": [pd.NA for _ in rows],
        "actual_allowed_cents": [pd.NA for _ in rows],
    }
    frame = cells[list(TEXT_COLUMNS)].assign(
        row=range(2, len(cells) + 2),
        blocked=pd.Series([""] * len(cells), dtype="str"),
        **{day: pd.to_datetime(cells[day]).astype("datetime64[s]") for day in ("service_from", "service_through")},
        **{name: pd.array(values, dtype="Int64") for name, values in numbers.items()},
    )
    return Claims(frame, (), "a small book", "")


def priced(rows: Iterable[Row], contract: str, **dating: object) -> Priced:
    """Price rows under the text of a contract."""
    with TemporaryDirectory() as home:
        folder = Path(home) / "contract"
        folder.mkdir()
        write_contract(folder, contract)
        return price(claims_of(list(rows)), folder, **dating)  # type: ignore[arg-type]


Answer = tuple[str, int | None, int | None]


def answers(found: Priced) -> dict[str, Answer]:
    """Return status, base and allowed cents of each line, by line id."""
    frame = found.frame()
    known = found.known.tolist()
    rows = zip(frame["line_id"], frame["status"], frame["base_cents"], frame["allowed_cents"], known, strict=True)
    return {i: (s, int(b), int(a)) if k else (s, None, None) for i, s, b, a, k in rows}
