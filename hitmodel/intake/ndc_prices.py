"""Read a price list by NDC as people have it: from a wholesaler, a price file service, NADAC, or a spreadsheet.

It becomes a table of the layout that `hitmodel.prices` reads. Prices are for each NDC unit (a vial, a millilitre),
never for a package.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

from hitmodel import paths
from hitmodel.claim_shape import NDC_UNITS
from hitmodel.errors import Finding, InputError, nothing_usable
from hitmodel.intake import cells
from hitmodel.intake.cells import Read, Unread
from hitmodel.intake.headings import Fields, Table, find_tables
from hitmodel.intake.sheets import read_book
from hitmodel.prices import PRICES

T = TypeVar("T")

FIELDS: Fields = {
    "ndc": ("ndc", "ndc 11", "ndc code", "ndc number", "ndc no", "ndc #", "national drug code", "product ndc", "ndc2"),
    "from_date": (
        *("from_date", "from", "effective date", "effective", "eff date", "effective from", "start date"),
        *("price date", "as of date", "as of", "date"),
    ),
    "awp": ("awp", "awp unit price", "awp per unit", "awp unit", "unit awp", "awp price", "average wholesale price"),
    "wac": ("wac", "wac unit price", "wac per unit", "wac unit", "unit wac", "wac price", "wholesale acquisition cost"),
    "invoice": (
        *("invoice", "invoice cost", "invoice price", "acquisition cost", "unit cost", "cost per unit", "unit price"),
        *("contract price", "purchase price", "cost"),
    ),
    "nadac": ("nadac", "nadac per unit", "nadac unit price"),
    "package": ("package", "package size", "pkg size", "pack size", "size"),
    "unit": ("unit", "ndc unit", "unit of measure", "uom", "pricing unit", "billing unit", "measure"),
    "code": ("code", "hcpcs", "hcpcs code", "j code", "jcode", "procedure code"),
    "units_per_ndc_unit": ("units_per_ndc_unit", "hcpcs units per ndc unit", "units per ndc unit"),
    "name": ("name", "drug name", "drug", "description", "ndc description", "product name", "product", "label name"),
}
COLUMNS = ("ndc", "from_date", *PRICES, "package", "unit", "code", "units_per_ndc_unit", "name")
_NO_PRICE = frozenset(("n/a", "na", "#n/a", "null", "none", "-", "–", "—", "tbd"))
REPAIRED = ("mended", "mended_unsure", "from_crosswalk")
_UNITS = {
    **{unit.lower(): unit for unit in NDC_UNITS},
    **{
        "ea": "UN",
        "each": "UN",
        "unit": "UN",
        "vial": "UN",
        "gm": "GR",
        "g": "GR",
        "gram": "GR",
        "iu": "F2",
        "mg": "ME",
    },
}


@dataclass(frozen=True)
class PriceRow:
    """One NDC from a day on: prices [dollars an NDC unit] as text, and what code it is where that is known."""

    ndc: str
    from_date: date
    prices: Mapping[str, Decimal | None]
    package: str
    unit: str
    code: str = ""
    units: str = ""
    name: str = ""

    @property
    def key(self) -> tuple[str, date, str]:
        """What a later file replaces: NDC, day and code."""
        return self.ndc, self.from_date, self.code

    def cells(self) -> tuple[object, ...]:
        """Return the row as `COLUMNS` has it."""
        prices = [self.prices[name] for name in PRICES]
        return self.ndc, self.from_date, *prices, self.package, self.unit, self.code, self.units, self.name


@dataclass(frozen=True)
class PriceList:
    """A price list as read; of its ``rows_in`` rows ``rows_used`` could be used, and the others are findings."""

    rows: tuple[PriceRow, ...]
    rows_in: int
    rows_used: int
    findings: tuple[Finding, ...]
    file: str
    checksum: str
    unused: tuple[str, ...] = ()


Crosswalks = Mapping[str, Sequence[tuple[str, Decimal, Decimal]]]
"""NDC to (code, HCPCS units in one item, package size), as CMS's crosswalk has them."""


def read_price_list(
    path: Path, begins: date | None = None, chosen: Mapping[str, str] | None = None, known: Crosswalks | None = None
) -> PriceList:
    """Read a price list, CSV or Excel.

    Parameters
    ----------
    begins : date or None
        The day from which the prices hold, for a list without such a column.
    chosen : dict
        Field to the heading or column letters that it is, where that cannot be told.
    known : crosswalk
        Fills the code and its units where the list has none.

    Raises
    ------
    InputError
        When no row is a heading with an NDC and a price, or nothing says from when they hold. What is wrong with a row
        is a finding, and the row is left out.
    """
    book = read_book(path)
    tables = find_tables(book, FIELDS, [("ndc",), PRICES], chosen)
    if begins is None and not all("from_date" in table.columns for table in tables):
        table = next(table for table in tables if "from_date" not in table.columns)
        place = f"{paths.shown(path)}, {table.heading_place}, from_date"
        cure = "Say it: --from 2026-04-01."
        raise InputError("nothing says from which day the prices hold", where=place, next_step=cure)
    taken = _Taken(path.name)
    findings = [Finding(path.name, 0, "file", "", remark, "mended_unsure") for remark in book.remarks]
    rows_in = 0
    for table in tables:
        for number, record in table.records():
            rows_in += 1
            reader = _Row(path.name, table, number, record)
            row = reader.read(begins)
            found = [] if row is None else reader.with_codes(row, known or {})
            findings += (*reader.findings, *taken.take(number, found))
    if not taken.rows:
        raise nothing_usable((f for f in findings if f.kind not in REPAIRED), paths.shown(path))
    unused = tuple(dict.fromkeys(name for table in tables for name in table.unused))
    rows, used = tuple(row for _, row in taken.rows.values()), len({number for number, _ in taken.rows.values()})
    return PriceList(rows, rows_in, used, tuple(findings), path.name, book.checksum, unused)


@dataclass
class _Taken:
    """The rows of a list by what they are a price of, with the row of the list that each is from."""

    file: str
    rows: dict[tuple[str, date, str], tuple[int, PriceRow]] = field(default_factory=dict)

    def take(self, number: int, found: Sequence[PriceRow]) -> list[Finding]:
        """Take a row in. One of the same NDC, day and code gives way, since lists are corrected further down: told."""
        said: dict[int, Finding] = {}
        for row in found:
            before, earlier = self.rows.get(row.key, (0, row))
            if row.key in self.rows:
                what = f"stands in row {before + 1} already for {row.from_date}"
                alike = row.prices == earlier.prices
                told = f"{what}, alike" if alike else f"{what} with another price; this one was taken: ask which holds"
                kind = "mended" if alike else "twice"
                said[before] = Finding(self.file, number + 1, "ndc", row.ndc, told, kind)
            self.rows[row.key] = (number, row)
        return list(said.values())


@dataclass
class _Row:
    """One row being read; what is wrong with it and what was mended gathers in ``findings``."""

    file: str
    table: Table
    number: int
    record: Mapping[str, str]
    findings: list[Finding] = field(default_factory=list)
    wrong: bool = False

    def read(self, begins: date | None) -> PriceRow | None:
        """Return the row's prices, or None when anything in it could not be read."""
        get = self.record.get
        if not get("ndc") and not any(get(name) for name in PRICES):
            self._find("ndc", "", "holds neither an NDC nor a price: taken as a title or a note", "no_price")
            return None
        ndc = self._take("ndc", cells.ndc)
        day = self._take("from_date", cells.day) if get("from_date") else begins
        prices = {name: self._price(name) if get(name) else None for name in PRICES}
        for name in [name for name, price in prices.items() if price == 0]:
            self._find(name, get(name, ""), "is 0 and taken as no price", "no_price")
            prices[name] = None
        unit = _UNITS.get(get("unit", "").lower().rstrip(".")) if get("unit") else ""
        if day is None:
            self._refuse("from_date", "says no day from which the price holds")
        if unit is None:
            self._refuse("unit", f"is not an NDC unit ({', '.join(NDC_UNITS)}, or EA, GM, IU, MG)")
        if not any(price is not None for price in prices.values()):
            self._find("ndc", get("ndc", ""), "has no price that can be used: the row is left out", "ndc")
            self.wrong = True
        package, code, units = self._package(), get("code", ""), get("units_per_ndc_unit", "")
        code = self._take("code", cells.code) or "" if code else ""
        if self.wrong or ndc is None or day is None:
            return None
        return PriceRow(ndc, day, prices, package, unit or "", code, units, get("name", ""))

    def with_codes(self, row: PriceRow, known: Crosswalks) -> list[PriceRow]:
        """Return the row with what the crosswalk knows: its unit, and a row for each code where it names none."""
        found = known.get(row.ndc, ())
        if not row.unit and found:
            row = replace(row, unit="UN" if found[0][2] == 1 else "ML")
            self._find("unit", row.unit, f"taken as {row.unit} from the crosswalk's package size", "from_crosswalk")
        if not row.unit:
            self._refuse("ndc", "has no unit: say whether the price is for UN, ML, GR, F2 or ME")
            return []
        fitting = [one for one in found if row.code in ("", one[0])]
        if row.units or not fitting or row.unit not in ("UN", "ML"):
            return [row]
        rows = []
        for code, per_item, size in fitting:
            each = Fraction(per_item) / (Fraction(size) if row.unit == "ML" else 1)
            rows.append(replace(row, code=code, units=str(each)))
        codes = ", ".join(f"{one.units} {one.code}" for one in rows)
        self._find("ndc", row.ndc, f"one {row.unit} is {codes} by the crosswalk", "from_crosswalk")
        return rows

    def _package(self) -> str:
        text = self.record.get("package", "")
        if not text:
            return "1"
        size = self._take("package", cells.amount)
        if size is not None and size <= 0:
            self._refuse("package", "is not a size above zero")
        return str(size)

    def _price(self, name: str) -> Decimal | None:
        """Return a price, None with a finding where there is none to be read; the row's other prices are kept."""
        text = self.record[name]
        if text.strip().lower() in _NO_PRICE:
            self._find(name, text, "taken as no price", "mended")
            return None
        try:
            said = cells.amount(text)
        except Unread as error:
            self._find(name, text, f"{error}: taken as no price", name)
            return None
        if said.value < 0:
            self._find(name, text, "is a negative price: taken as no price", name)
            return None
        if said.mended:
            self._find(name, text, said.mended, "mended" if said.sure else "mended_unsure")
        return said.value

    def _take(self, name: str, reader: Callable[[str], Read[T]]) -> T | None:
        """Return what a cell holds, None with a finding when it cannot be read; what was mended is a finding too."""
        try:
            found = reader(self.record[name])
        except Unread as error:
            self._refuse(name, str(error))
            return None
        if found.mended:
            self._find(name, self.record[name], found.mended, "mended" if found.sure else "mended_unsure")
        return found.value

    def _refuse(self, name: str, problem: str) -> None:
        self.wrong = True
        self._find(name, self.record.get(name, ""), problem, name)

    def _find(self, name: str, value: str, problem: str, kind: str) -> None:
        self.findings.append(Finding(self.file, self.number + 1, name, value, problem, kind))


def write_rows(path: Path, rows: Sequence[PriceRow]) -> None:
    """Write price rows as the table that `hitmodel.prices` reads, sorted by NDC, day and code."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in sorted(rows, key=lambda one: one.key):
            writer.writerow(["" if value is None else value for value in row.cells()])
