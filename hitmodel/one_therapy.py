"""One therapy, from dates to price: a per diem code from start to stop, with the drug that goes with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hitmodel.claim_lines import Bill, ClaimLine, claims_csv
from hitmodel.claims import Claims, read_claims
from hitmodel.codes import CodeEntry, code_table
from hitmodel.contracts import load_contract
from hitmodel.dates import parse_date
from hitmodel.errors import InputError
from hitmodel.perdiem import DayCount, DayRules, Days, Therapy, count_days
from hitmodel.pricing import Priced, price

CLAIM = "T1"
HOME = "12"
READINGS = tuple(DayCount)


@dataclass(frozen=True)
class OneTherapy:
    """A per diem with its drug.

    Attributes
    ----------
    entry, drug : CodeEntry, CodeEntry or None
        The per diem's code and the drug's, as the code table has them on the first day.
    start, stop : date
        First day and day of permanent stop, both counted.
    drug_units : int
        Billing units of the drug on each day.
    day_charge, unit_charge : Decimal
        Charges [dollars per day, dollars per unit].
    """

    entry: CodeEntry
    start: date
    stop: date
    day_charge: Decimal
    drug: CodeEntry | None = None
    drug_units: int = 0
    unit_charge: Decimal = Decimal(0)

    def days(self, reading: DayCount = DayCount.ACCESS) -> Days:
        """Return the per diem days under one reading of "a day"; doses are planned from the code's interval."""
        return count_days(Therapy(self.start, self.stop, self.entry.dose_interval_hours), DayRules(reading))

    def claims(self, payer: str) -> Claims:
        """Return the therapy as a claim to ``payer``: lines T1-1, T1-2 and so on, one a month for each code."""
        lines = []
        for span, units in self.days().lines():
            charge = self.day_charge * units
            lines.append(ClaimLine(self.entry.code, (), span, units, self.entry.role, HOME, charge=charge))
            if self.drug is not None:
                given = self.drug_units * span.days
                lines.append(
                    ClaimLine(self.drug.code, (), span, given, self.drug.role, HOME, charge=self.unit_charge * given)
                )
        with TemporaryDirectory() as folder:
            file = Path(folder) / "claim.csv"
            file.write_text(claims_csv(Bill("P1", tuple(lines), payer), CLAIM), encoding="utf-8")
            return replace(read_claims(file), source="the therapy above")

    def under(self, contract: str | Path) -> Priced:
        """Return the therapy priced as a claim to the contract's own payer. Raises as `hitmodel.pricing.price`."""
        terms = load_contract(contract)
        return price(self.claims(terms.payers[0]), terms)


def one_therapy(
    code: str,
    start: date | str,
    stop: date | str,
    day_charge: str,
    drug: str = "",
    drug_units: int = 0,
    unit_charge: str = "0",
) -> OneTherapy:
    """Return one therapy from what a notebook is asked with: dates in ISO, charges as text [dollars].

    Raises
    ------
    InputError
        A code that is not valid on the first day or is no per diem; a stop before the start.
    """
    first = parse_date(start, "start") if isinstance(start, str) else start
    last = parse_date(stop, "stop") if isinstance(stop, str) else stop
    entry = _entry(code, first, "code")
    if entry.role != "per_diem":
        raise InputError(
            f"{entry.code} is no per diem: {entry.label}", where="code", expected="a per diem code such as S9500"
        )
    made = OneTherapy(entry, first, last, Decimal(day_charge))
    made.days()
    if not drug:
        return made
    return replace(made, drug=_entry(drug, first, "drug"), drug_units=drug_units, unit_charge=Decimal(unit_charge))


def _entry(code: str, on: date, where: str) -> CodeEntry:
    table = code_table()
    entry = table.get(code.strip().upper(), on)
    if entry is None:
        raise InputError(table.why_unknown(code.strip().upper(), on), where=where, next_step="See hitmodel codes.")
    return entry
