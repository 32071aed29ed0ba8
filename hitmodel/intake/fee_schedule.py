"""Read a payer's rate exhibit as people send it: code, rate, and what else the table says of a row.

A rate may be dollars, or a share of charges written as ``85%``, or a word: not covered, included, by report. Codes may
stand several to a cell, or as a range.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from hitmodel.codes import CodeTable
from hitmodel.errors import Finding, nothing_usable
from hitmodel.intake.exhibit_rows import LeftOut, RateLine, RowReader, with_modifier
from hitmodel.intake.exhibit_texts import (
    aside_texts,
    beside_rates,
    is_text,
    modifier_columns,
    starts_of,
    without_heading,
)
from hitmodel.intake.exhibit_words import Per
from hitmodel.intake.headings import Fields, Table, find_tables, plain
from hitmodel.intake.sheets import Book, column_letters, read_book

_PROPOSED = (
    *("proposed rate", "new rate", "proposed allowable", "proposed allowance", "proposed fee", "proposed amount"),
    *("proposed per diem", "proposed", "new allowable", "new allowance", "new fee", "new per diem"),
    *("proposed reimbursement", "proposed payment", "offered rate", "offer"),
)
_RATES = (
    *("rate", "contract rate", "contracted rate", "per diem rate", "negotiated rate", "allowed", "allowable"),
    *("allowance", "allowed amount", "fee", "fee schedule", "fee schedule amount", "amount", "price", "per diem"),
    *("reimbursement", "reimbursement rate", "payment", "payment rate", "unit rate", "rate per unit"),
    *("contract allowable", "contract allowance", "maximum allowable", "maximum fee", "max fee", "rate amount"),
)
_TODAY = ("current", "present", "existing", "old", "prior", "today")
_CURRENT = tuple(
    f"{when} {what}".strip()
    for when in _TODAY
    for what in ("rate", "allowable", "allowance", "fee", "per diem", "amount", "reimbursement", "payment", "")
)
FIELDS: Fields = {
    "code": (
        *("hcpcs", "hcpcs code", "code", "procedure code", "proc code", "cpt/hcpcs", "hcpcs/cpt", "cpt hcpcs code"),
        *("hcpcs cpt code", "cpt code", "cpt", "billing code", "service code", "procedure", "codes"),
        *("hcpcs service", "hcpcs description", "hcpcs code description", "code description", "hcpcs code service"),
    ),
    "rate": (*_PROPOSED, *_RATES),
    "current": (*_CURRENT, *_RATES),
    "modifier": ("modifier", "mod", "mod 1", "modifier 1", "modifiers", "modifier code"),
    "modifier_2": ("mod 2", "mod2", "modifier 2"),
    "from": ("from", "effective", "effective date", "effective from", "start date", "begin date", "eff date", "start"),
    "through": ("through", "end date", "effective through", "term date", "termination date", "expiration date", "end"),
    "basis": (
        *("per", "basis", "unit of service", "billing unit", "unit", "uom", "payment basis", "frequency", "billed per"),
        *("unit of measure", "unit type", "rate basis", "rate type", "payment unit", "service unit", "billed unit"),
    ),
}
"""Field to the headings by which payers call it; of several the first that is there."""
REPAIRED = ("mended", "mended_unsure", "spread", "footnote")
_NO_NAME = re.compile(r"(sheet|table|tab|data)?\s*\d*", re.IGNORECASE)


@dataclass(frozen=True)
class Exhibit:
    """A rate exhibit as read; of its ``rows_in`` rows ``rows_used`` could be used, and the others are ``left``.

    ``starts`` is the day that its title names ("Effective January 1, 2027"), None without one. ``aside`` is what stands
    between, beside and below the rates, and on sheets without any, row by row. ``sheet`` is the first one with rates.
    """

    lines: tuple[RateLine, ...]
    rows_in: int
    rows_used: int
    findings: tuple[Finding, ...]
    file: str
    checksum: str
    starts: date | None
    unused: tuple[str, ...]
    aside: tuple[str, ...] = ()
    sheet: str = ""
    left: tuple[LeftOut, ...] = ()

    @property
    def paper(self) -> str:
        """Where its rates stand, for citing them: the sheet's name where somebody gave it one, else the file's."""
        return self.sheet if self.sheet and not _NO_NAME.fullmatch(self.sheet) else self.file


def read_exhibit(
    path: Path, codes: CodeTable, chosen: Mapping[str, str] | None = None, units: Mapping[str, Per] | None = None
) -> Exhibit:
    """Read a rate exhibit, CSV or Excel; every sheet that has such a table, and every table of a sheet.

    ``chosen`` are the columns that the user says, as field to heading or letters; ``units`` what the rates of some
    codes are for. Raises `InputError` when no row is a heading with a code and a rate, or no row can be used. What is
    wrong with a row is a finding, and the row is left out.
    """
    book = read_book(path)
    found = find_tables(book, FIELDS, [("code",), ("rate",)], chosen, several=True)
    read = _Read(path.name, codes, units or {})
    tables = tuple(read.with_modifiers(_with_current(table, chosen or {})) for table in found)
    read.findings += [Finding(path.name, 0, "file", "", remark, "mended_unsure") for remark in book.remarks]
    read.hidden_sheets(book, found)
    for table in tables:
        read.table(table)
    lines = read.without_doubles()
    if not lines:
        raise nothing_usable((f for f in read.findings if f.kind not in REPAIRED), path.name)
    unused = tuple(dict.fromkeys(n for table in tables for n in (*table.unused, *without_heading(table))))
    aside = (*(text for table in tables for text in beside_rates(table)), *aside_texts(book, tables))
    return Exhibit(
        tuple(lines), read.rows_in, read.used, tuple(read.findings), path.name, book.checksum,
        starts_of(tables, aside), unused, aside, tables[0].sheet.name, tuple(read.left),
    )  # fmt: skip


def _with_current(table: Table, chosen: Mapping[str, str]) -> Table:
    """Return a table whose column of today's rates is one: its heading says so, or that of the rate beside says new."""
    at = table.columns.get("current")
    if at is None or "current" in chosen:
        return table
    says_today = plain(table.heading_of(at)).startswith(_TODAY)
    says_new = plain(table.heading_of(table.columns["rate"])).startswith(("proposed", "new", "offer"))
    if says_today or says_new:
        return table
    columns = {name: column for name, column in table.columns.items() if name != "current"}
    return replace(table, columns=columns, unused=(*table.unused, table.heading_of(at)))


class _Read:
    """A book being read: its rate lines, and all that is said of rows."""

    def __init__(self, file: str, codes: CodeTable, units: Mapping[str, Per]) -> None:
        self.file, self.codes, self.units = file, codes, units
        self.lines: list[RateLine] = []
        self.findings: list[Finding] = []
        self.left: list[LeftOut] = []
        self.rows_in = self.used = 0

    def hidden_sheets(self, book: Book, found: tuple[Table, ...]) -> None:
        """Say which sheets the payer's file hides, and whether they were read."""
        for sheet in book.sheets:
            if sheet.hidden and sheet.rows:
                was = "read all the same" if any(t.sheet is sheet for t in found) else "not read"
                said = f"sheet '{sheet.name}' is hidden in the file and was {was}: it holds {len(sheet.rows):,} rows"
                self.findings.append(Finding(self.file, 0, "sheet", sheet.name, said, "mended_unsure"))

    def with_modifiers(self, table: Table) -> Table:
        """Return a table with the column of its modifiers found by what it holds, where no heading says which it is."""
        free = [name for name in ("modifier", "modifier_2") if name not in table.columns]
        columns = {} if len(free) == 1 else dict(zip(free, modifier_columns(table), strict=False))
        for name, column in columns.items():
            called = f"headed '{head}'" if (head := table.heading_of(column)) else "without a heading"
            said = f"column {column_letters(column)}, {called}, holds SH, SJ or SS alone: taken as the modifiers"
            self.findings.append(Finding(self.file, table.heading + 1, name, "", said, "mended_unsure"))
        used = {table.heading_of(column) for column in columns.values()}
        return replace(
            table,
            columns={**table.columns, **columns},
            unused=tuple(name for name in table.unused if name not in used),
        )

    def table(self, table: Table) -> None:
        """Read the rows of a table."""
        day_first = frozenset(name for name in ("from", "through") if name in table.columns and table.day_first(name))
        for number, record in table.records():
            if is_text(table, number, record):
                continue
            self.rows_in += 1
            row = RowReader(self.file, table, number, record, self.codes, self.units, day_first)
            found = row.read()
            self.used += bool(found)
            self.lines += found
            self.findings += row.findings
            self.left += row.left

    def without_doubles(self) -> list[RateLine]:
        """Return the lines without those that give one code two rates on one day: none of them is taken.

        The same rate twice is one.
        """
        groups: dict[tuple[str, str], list[RateLine]] = {}
        for line in self.lines:
            groups.setdefault((line.code, line.modifier), []).append(line)
        kept: list[RateLine] = []
        for (code, modifier), same in groups.items():
            once = list({(one.kind, one.value, one.per, one.first, one.last): one for one in reversed(same)}.values())
            once.reverse()
            clash = next(((a, b) for n, a in enumerate(once) for b in once[n + 1 :] if _meet(a, b)), None)
            if clash is None:
                kept += once
                continue
            a, b = clash
            why = f"has two rates on one day, {a.worth} at {a.place} and {b.worth} at {b.place}; neither is taken"
            row = int(re.sub(r".*?(\d+)( column .*)?$", r"\1", b.place))
            self.findings.append(Finding(self.file, row, "code", code, why, "twice"))
            self.left.append(LeftOut(b.place, with_modifier(code, modifier), (code,), b.worth, why, modifier))
        return kept


def _meet(one: RateLine, other: RateLine) -> bool:
    starts = max(one.first or date.min, other.first or date.min)
    return starts <= min(one.last or date.max, other.last or date.max)
