"""Dated reference prices: Medicare's payment limits by quarter, and the user's own prices by NDC.

A price that is not there is never 0: `PaymentLimits.find` returns the limit or says in one clause why there is none.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path

from hitmodel import paths
from hitmodel.claim_shape import NDC_UNITS
from hitmodel.code_files import read_table
from hitmodel.codes import CodeTable, code_table_with
from hitmodel.dates import Quarter, parse_date
from hitmodel.errors import Finding, InputError, MissingReference
from hitmodel.imported import Imported, imported

LIMIT_COLUMNS = ("code", "dosage", "limit", "coinsurance", "clotting_factor", "add_on", "notes")
PRICES = ("awp", "wac", "invoice", "nadac")
_NDC_COLUMNS = ("ndc", "from_date", *PRICES, "package", "unit")
_DASHED_NDC = re.compile(r"\d{5}-\d{4}-\d{2}")


@dataclass(frozen=True)
class PaymentLimit:
    """Medicare's payment limit for one code in one quarter.

    Attributes
    ----------
    limit : Decimal or None
        Dollars for each HCPCS unit, exactly as printed; None where CMS prints ``N/A``.
    dosage : str
        What CMS says one unit is, in its own words.
    coinsurance : Decimal or None
        The patient's share [percent].
    clotting_factor : bool
        Whether Medicare pays a furnishing fee on top.
    add_on : str
        ``6%``: the file shows nothing else. ``8% of reference``: a biosimilar. ``AMP-based``, ``lesser of`` and
        ``not ASP``: the limit is not ASP and 6 percent. CMS does not mark new drugs priced from WAC, so a few ``6%``
        rows may be such.
    """

    code: str
    quarter: Quarter
    limit: Decimal | None
    dosage: str
    coinsurance: Decimal | None
    clotting_factor: bool
    add_on: str
    notes: str


@dataclass(frozen=True)
class PaymentLimits:
    """Medicare's payment limits of every quarter held: of the codes that we classify, of every code where imported."""

    by_quarter: Mapping[Quarter, Mapping[str, PaymentLimit]]
    known_codes: CodeTable

    @property
    def quarters(self) -> tuple[Quarter, ...]:
        """The quarters held, oldest first."""
        return tuple(sorted(self.by_quarter))

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The codes that have a row in any quarter, sorted."""
        return tuple(sorted({code for rows in self.by_quarter.values() for code in rows}))

    def get(self, code: str, quarter: Quarter) -> PaymentLimit | None:
        """Return the row of a code in a quarter, or None when there is none. Its ``limit`` may be None."""
        return self.by_quarter.get(quarter, {}).get(code)

    def find(self, code: str, quarter: Quarter) -> PaymentLimit | str:
        """Return the row of a code in a quarter, with a limit that is a number, or say why there is none."""
        found = self.get(code, quarter)
        if found is not None and found.limit is not None:
            return found
        return self.why_missing(code, quarter)

    def why_missing(self, code: str, quarter: Quarter) -> str:
        """Say in one clause why a code has no limit in a quarter: no quarter, N/A, ended, not begun, or no row."""
        if quarter not in self.by_quarter:
            held = f"{self.quarters[0]} to {self.quarters[-1]} are held" if self.by_quarter else "none is held"
            return f"no quarter {quarter} in the payment limit tables ({held})"
        if self.get(code, quarter) is not None:
            return f"the row for {code} in {quarter} says N/A"
        first, last = self.known_codes.days(code) or (None, None)
        if last is not None and last < quarter.span.first:
            follows = self.known_codes.successor(code)
            units = f"; {follows.new} follows it, {follows.factor} new units for each old one" if follows else ""
            return f"no row for {code} in {quarter}: the code ended on {last}{units}"
        if first is not None and first > quarter.span.last:
            return f"no row for {code} in {quarter}: the code begins on {first}"
        return f"no row for {code} in {quarter}"


def payment_limits(workspace: Path | None = None) -> PaymentLimits:
    """Return the payment limits of ``data/prices/medicare_part_b`` and the imported quarters, each read once.

    An imported quarter stands in the place of the one that ships. ``workspace``: where to look for them instead of the
    default one.
    """
    return _payment_limits(imported("asp", workspace), imported("hcpcs", workspace))


@lru_cache(maxsize=4)
def _payment_limits(restated: tuple[Imported, ...], releases: tuple[Imported, ...]) -> PaymentLimits:
    known_codes = code_table_with(releases)
    held = load_payment_limits(paths.data("prices", "medicare_part_b"), known_codes)
    by_quarter = {**held.by_quarter}
    for one in restated:
        quarter = Quarter.parse(one.name)
        by_quarter[quarter] = _limits_of(one.path / f"{one.name}.csv", quarter)
    return PaymentLimits(by_quarter, known_codes)


def load_payment_limits(folder: Path, known_codes: CodeTable) -> PaymentLimits:
    """Read every ``2025Q3.csv`` of a folder.

    Raises `MissingReference` when there is none, `InputError` when a file is not laid out as ours.
    """
    files = sorted(folder.glob("*.csv"))
    if not files:
        raise MissingReference(
            "no payment limits are there", where=paths.shown(folder), expected="2025Q3.csv and so on"
        )
    by_quarter = {}
    for path in files:
        quarter = Quarter.parse(path.stem, where=paths.shown(path))
        by_quarter[quarter] = _limits_of(path, quarter)
    return PaymentLimits(by_quarter, known_codes)


def _limits_of(path: Path, quarter: Quarter) -> dict[str, PaymentLimit]:
    return {row["code"]: _limit(row, quarter) for row in read_table(path, LIMIT_COLUMNS)}


def _limit(row: Mapping[str, str], quarter: Quarter) -> PaymentLimit:
    return PaymentLimit(
        code=row["code"],
        quarter=quarter,
        limit=None if row["limit"] == "N/A" else Decimal(row["limit"]),
        dosage=row["dosage"],
        coinsurance=Decimal(row["coinsurance"]) if row["coinsurance"] else None,
        clotting_factor=row["clotting_factor"] == "yes",
        add_on=row["add_on"],
        notes=row["notes"],
    )


@dataclass(frozen=True)
class NdcPrice:
    """The prices of one NDC from a day on, until its next row.

    Attributes
    ----------
    ndc : str
        Eleven digits.
    awp, wac, invoice, nadac : Decimal or None
        Dollars for each NDC unit; None where the table has none.
    package : Decimal
        NDC units in one item (one vial, bag or syringe): 1 "UN", 50 "ML".
    unit : str
        NDC unit of measure: UN, ML, GR, F2 or ME.
    code : str
        HCPCS code for this NDC on these days; "" when not given.
    hcpcs_units : Fraction or None
        HCPCS units of ``code`` in one NDC unit.
    """

    ndc: str
    from_date: date
    awp: Decimal | None
    wac: Decimal | None
    invoice: Decimal | None
    nadac: Decimal | None
    package: Decimal
    unit: str
    code: str = ""
    hcpcs_units: Fraction | None = None
    name: str = ""


@dataclass(frozen=True)
class NdcPriceTable:
    """The user's own prices by NDC and day, with the findings about rows that could not be used."""

    by_ndc: Mapping[str, tuple[NdcPrice, ...]]
    findings: tuple[Finding, ...]
    source: str

    @classmethod
    def load(cls, path: Path) -> NdcPriceTable:
        """Read a CSV table of NDC prices.

        Columns ``ndc, from_date, awp, wac, invoice, nadac, package, unit`` and optionally ``code``,
        ``units_per_ndc_unit`` (a number or a fraction such as 1/3) and ``name``. A price may be blank. Lines that
        begin with ``#`` are remarks. A row that cannot be used is left out and becomes a finding.

        Raises `InputError` when the file is not there, is not UTF-8 text, or a column is missing.
        """
        rows: dict[str, list[NdcPrice]] = {}
        findings: list[Finding] = []
        for number, record in _records(path):
            row = _NdcRow(path.name, number, record)
            price = row.read()
            findings += row.findings
            if price is None:
                continue
            rows.setdefault(price.ndc, []).append(price)
        by_ndc = {ndc: tuple(sorted(found, key=lambda p: (p.from_date, p.code))) for ndc, found in rows.items()}
        return cls(by_ndc, (*findings, *_repeated(by_ndc.values(), path.name)), path.name)

    @cached_property
    def change_days(self) -> tuple[date, ...]:
        """The days on which any price begins, oldest first."""
        return tuple(sorted({p.from_date for prices in self.by_ndc.values() for p in prices}))

    def at(self, ndc: str, on: date, code: str = "") -> NdcPrice | None:
        """Return the row of an NDC in force on a day, or None.

        Where several rows begin on one day because the NDC belongs to several codes: the one for ``code``, else the
        first.
        """
        begun = [p for p in self.by_ndc.get(ndc, ()) if p.from_date <= on]
        latest = [p for p in begun if p.from_date == begun[-1].from_date]
        return next((p for p in latest if p.code == code), latest[0] if latest else None)


def _records(path: Path) -> Iterable[tuple[int, dict[str, str]]]:
    """Yield the rows of the user's table with their row numbers as a person sees them, remarks counted and left out."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        raise InputError("the NDC price table is not there", where=str(path)) from None
    except UnicodeDecodeError:
        raise InputError("the NDC price table is not UTF-8 text", where=str(path)) from None
    kept = [(n, line) for n, line in enumerate(lines, start=1) if line.strip() and not line.startswith("#")]
    heading = next(csv.reader([kept[0][1]])) if kept else []
    missing = [c for c in _NDC_COLUMNS if c not in heading]
    if missing:
        raise InputError(f"column {missing[0]!r} is missing", where=str(path), expected=", ".join(_NDC_COLUMNS))
    for number, line in kept[1:]:
        fields = next(csv.reader([line]))
        yield number, {**dict.fromkeys(heading, ""), **dict(zip(heading, map(str.strip, fields), strict=False))}


@dataclass
class _NdcRow:
    """One row of the user's table being read; what is wrong with it gathers in ``findings``."""

    file: str
    number: int
    record: Mapping[str, str]

    def __post_init__(self) -> None:
        self.findings: list[Finding] = []

    def read(self) -> NdcPrice | None:
        """Return the row's prices, or None when anything in it could not be read."""
        get = self.record.get
        unit = self.record["unit"].upper()
        if unit not in NDC_UNITS:
            self._find("unit", f"is not an NDC unit ({', '.join(NDC_UNITS)})", "ndc_unit")
        prices = {name: self._price(name) for name in PRICES}
        ndc, day, package = self._ndc(), self._day(), self._number("package", "1")
        units = self._number("units_per_ndc_unit", "") if get("units_per_ndc_unit") else None
        if self.findings or ndc is None or day is None or package is None:
            return None
        return NdcPrice(
            ndc,
            day,
            **prices,
            package=Decimal(package.numerator) / package.denominator,
            unit=unit,
            code=get("code", "").upper(),
            hcpcs_units=units,
            name=get("name", ""),
        )

    def _find(self, field: str, problem: str, kind: str) -> None:
        self.findings.append(Finding(self.file, self.number, field, self.record[field], problem, kind))

    def _ndc(self) -> str | None:
        text = self.record["ndc"]
        digits = text.replace("-", "") if _DASHED_NDC.fullmatch(text) else text
        if re.fullmatch(r"\d{11}", digits):
            return digits
        lost = " (a spreadsheet may have dropped a leading zero)" if digits.isdigit() and len(digits) < 11 else ""
        self._find("ndc", f"is not an NDC of eleven digits{lost}", "ndc")
        return None

    def _day(self) -> date | None:
        try:
            return parse_date(self.record["from_date"])
        except InputError:
            self._find("from_date", "is not a date (YYYY-MM-DD)", "date")
            return None

    def _price(self, field: str) -> Decimal | None:
        text = self.record[field].replace(",", "").removeprefix("$")
        if not text:
            return None
        try:
            price = Decimal(text)
        except InvalidOperation:
            price = Decimal("NaN")
        if price.is_finite() and price >= 0:
            return price
        self._find(field, "is not a price", "price")
        return None

    def _number(self, field: str, default: str) -> Fraction | None:
        text = self.record[field] or default
        if re.fullmatch(r"\d+(\.\d+)?|\d+/[1-9]\d*", text) and Fraction(text) > 0:
            return Fraction(text)
        self._find(field, "is not a number greater than zero", "number")
        return None


def _repeated(prices: Iterable[tuple[NdcPrice, ...]], file: str) -> list[Finding]:
    """Return a finding for every two rows that begin on the same day for the same NDC and code."""
    return [
        Finding(file, 0, "ndc", a.ndc, f"has two rows from {a.from_date}; the first is used", "repeated")
        for rows in prices
        for a, b in pairwise(rows)
        if (a.from_date, a.code) == (b.from_date, b.code)
    ]
