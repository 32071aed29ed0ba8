"""Read a payer's rate exhibit as people send it: code, rate, and what else the table says of a row.

A rate may be dollars, or a share of charges written as ``85%``, or a word: not covered, included, by report. Codes may
stand several to a cell, or as a range.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from hitmodel.claim_shape import MODIFIERS_AT_MOST
from hitmodel.codes import CodeTable
from hitmodel.errors import Finding, nothing_usable
from hitmodel.intake import cells
from hitmodel.intake.cells import Unread
from hitmodel.intake.exhibit_texts import aside_texts, beside_rates, is_text, starts_of
from hitmodel.intake.exhibit_words import Kind, Per, Said, own_unit, rate_said, unit_said, without_mark
from hitmodel.intake.headings import Fields, Table, find_tables, plain
from hitmodel.intake.sheets import read_book

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
MEANT = {
    "code": "the HCPCS or CPT code",
    "rate": "what is paid from the exhibit's day on",
    "current": "what the payer says is paid today: only compared with the contract",
    "modifier": "the modifier that the rate is for",
    "modifier_2": "a second modifier, beside the first",
    "from": "the first day",
    "through": "the last day",
    "basis": "what the rate is for: day, visit, hour, dose, dispense, unit",
}
"""What each field is, for people."""
REPAIRED = ("mended", "mended_unsure", "spread", "footnote")
_NO_NAME = re.compile(r"(sheet|table|tab|data)?\s*\d*", re.IGNORECASE)
_RANGE = re.compile(r"([A-Z]?)(\d{4,5})\s*(?:-|–|\.\.|to|thru|through)\s*([A-Z]?)(\d{4,5})", re.IGNORECASE)
_WITH_MODIFIER = re.compile(r"([A-Z]\d{4}|\d{5})[ -]?([A-Z][A-Z0-9])", re.IGNORECASE)


@dataclass(frozen=True)
class RateLine:
    """One code's rate: ``value`` dollars for each ``per``, or a share of charges, or nothing where the kind says all.

    ``place`` is where it stands, for people; ``unit`` what the exhibit calls the unit, "" where it does not say.
    ``today`` are the dollars that the exhibit says are paid today, None where it does not. ``asked``: the unit is the
    user's own word.
    """

    code: str
    kind: Kind
    value: Decimal | None
    per: Per
    modifier: str = ""
    first: date | None = None
    last: date | None = None
    place: str = ""
    unit: str = ""
    today: Decimal | None = None
    asked: bool = False

    @property
    def plain(self) -> bool:
        """Whether it holds for the code whatever the modifier, and on every day."""
        return not self.modifier and self.first is None and self.last is None

    @property
    def worth(self) -> str:
        """What it says, in words."""
        if self.value is None:
            return {"bundled": "included"}.get(self.kind, self.kind.replace("_", " "))
        return f"{self.value * 100:f} % of charges" if self.kind == "share" else str(self.value)


@dataclass(frozen=True)
class LeftOut:
    """A row, or one code of it, that could not be used: where, whose, what its rate says, and why.

    ``whose`` is as written; ``codes`` and ``modifier`` as far as they could be read.
    """

    place: str
    whose: str
    codes: tuple[str, ...]
    said: str
    why: str
    modifier: str = ""


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
    tables = tuple(_with_current(table, chosen or {}) for table in found)
    read = _Read(path.name, codes, units or {})
    read.findings += [Finding(path.name, 0, "file", "", remark, "mended_unsure") for remark in book.remarks]
    for table in tables:
        read.table(table)
    lines = read.without_doubles()
    if not lines:
        raise nothing_usable((f for f in read.findings if f.kind not in REPAIRED), path.name)
    unused = tuple(dict.fromkeys(name for table in tables for name in table.unused))
    aside = (*(text for table in tables for text in beside_rates(table)), *aside_texts(book, tables))
    return Exhibit(
        tuple(lines), read.rows_in, read.used, tuple(read.findings), path.name, book.checksum,
        starts_of(tables, aside), unused, aside, tables[0].sheet.name, tuple(read.left),
    )  # fmt: skip


def _with_current(table: Table, chosen: Mapping[str, str]) -> Table:
    """Return a table whose column of today's rates is one: its heading says so, or that of the rate beside says new."""
    at, head = table.columns.get("current"), table.sheet.rows[table.heading]
    if at is None or "current" in chosen:
        return table
    says_today = plain(head[at]).startswith(_TODAY)
    says_new = plain(head[table.columns["rate"]]).startswith(("proposed", "new", "offer"))
    if says_today or says_new:
        return table
    columns = {name: column for name, column in table.columns.items() if name != "current"}
    return replace(table, columns=columns, unused=(*table.unused, head[at]))


class _Read:
    """A book being read: its rate lines, and all that is said of rows."""

    def __init__(self, file: str, codes: CodeTable, units: Mapping[str, Per]) -> None:
        self.file, self.codes, self.units = file, codes, units
        self.lines: list[RateLine] = []
        self.findings: list[Finding] = []
        self.left: list[LeftOut] = []
        self.rows_in = self.used = 0

    def table(self, table: Table) -> None:
        """Read the rows of a table."""
        day_first = frozenset(name for name in ("from", "through") if name in table.columns and table.day_first(name))
        for number, record in table.records():
            if is_text(table, number, record):
                continue
            self.rows_in += 1
            row = _Row(self.file, table, number, record, self.codes, self.units, day_first)
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


def with_modifier(code: str, modifier: str) -> str:
    """Return a code with its modifier, as people write it: ``S9500-SH``."""
    return f"{code}-{modifier}" if modifier else code


def _meet(one: RateLine, other: RateLine) -> bool:
    starts = max(one.first or date.min, other.first or date.min)
    return starts <= min(one.last or date.max, other.last or date.max)


@dataclass
class _Row:
    """One row being read; what is wrong with it and what was mended gathers in ``findings`` and ``left``.

    ``day_first`` are the columns of days of which one can only be written day first.
    """

    file: str
    table: Table
    number: int
    record: Mapping[str, str]
    codes: CodeTable
    units: Mapping[str, Per]
    day_first: frozenset[str]
    findings: list[Finding] = field(default_factory=list)
    left: list[LeftOut] = field(default_factory=list)

    def read(self) -> list[RateLine]:
        """Return a line for each code of the row; none when the row cannot be used."""
        named: list[tuple[str, str]] = []
        try:
            named = list(self._codes())
            said = self._rate()
            first, last = (self._day(name) for name in ("from", "through"))
            modifier = self._modifier()
            if said.kind != "dollars" and " " in modifier:
                raise _Refused(
                    "modifier", "is more than one modifier, and the rate is not in dollars: write it as a term"
                )
        except _Refused as error:
            self._leave(error, tuple(code for code, _ in named))
            return []
        lines, place, today = [], self.table.place(self.number, "code"), self._today()
        for code, own in named:
            try:
                per, unit = self._per(code, said)
            except _Refused as error:
                self._leave(error, (code,))
                continue
            lines.append(
                RateLine(
                    code,
                    said.kind,
                    said.value,
                    per,
                    own or modifier,
                    first,
                    last,
                    place,
                    unit,
                    today,
                    code in self.units,
                )
            )
        return lines

    def _leave(self, error: _Refused, codes: tuple[str, ...]) -> None:
        whose = ", ".join(codes) if len(codes) == 1 else self.record["code"]
        told = f" for {whose}" if error.field != "code" and whose else ""
        self._find(error.field, f"{error.problem}; left out{told}, so nothing changes there", error.field)
        rest = [
            text for text in self.table.sheet.rows[self.number] if text and text not in (whose, self.record["rate"])
        ]
        field_said = (
            f"{error.field} '{self.record.get(error.field, '')}' " if error.field not in ("code", "rate") else ""
        )
        modifier = self.record.get("modifier", "").upper()
        self.left.append(
            LeftOut(
                self.table.place(self.number, "code"),
                with_modifier(whose, modifier) if whose else next(iter(rest), ""),
                codes,
                self.record["rate"] or " · ".join(dict.fromkeys(rest)),
                f"{field_said}{error.problem}",
                modifier,
            )
        )

    def _codes(self) -> Iterator[tuple[str, str]]:
        """Yield each code of the row, with the modifier that stands in the same cell."""
        text = self.record["code"]
        parts = [part.strip() for part in re.split(r"[,;/\n]|\s+(?:and|&)\s+", text) if part.strip()]
        if not parts:
            raise _Refused("code", "is empty beside a rate")
        for whole in parts:
            part, mark = without_mark(whole)
            self._footnote("code", whole, mark)
            if found := _RANGE.fullmatch(part):
                within = self._spread(part, found[1].upper() + found[2], (found[3] or found[1]).upper() + found[4])
                yield from ((code, "") for code in within)
            elif (found := _WITH_MODIFIER.fullmatch(part)) and not self.record.get("modifier"):
                self._find("code", f"taken as {found[1].upper()} with modifier {found[2].upper()}", "mended")
                yield found[1].upper(), found[2].upper()
            else:
                try:
                    read = cells.code(part)
                except Unread as error:
                    raise _Refused("code", str(error)) from None
                if read.mended:
                    self._find("code", read.mended, "mended" if read.sure else "mended_unsure")
                yield read.value, ""

    def _spread(self, text: str, first: str, last: str) -> list[str]:
        within = [code for code in self.codes.codes if len(code) == len(first) == len(last) and first <= code <= last]
        if not within:
            raise _Refused("code", f"{text} holds no code that we classify")
        self._find("code", f"taken as {', '.join(within)}", "spread")
        return within

    def _rate(self) -> Said:
        text, mark = without_mark(self.record["rate"])
        if not text:
            raise _Refused("rate", "is empty")
        remarks = " ".join(cell for cell in self.table.sheet.rows[self.number] if cell not in self.record.values())
        try:
            said = rate_said(text, beside_modifier=bool(self.record.get("modifier")), remarks=remarks)
        except Unread as error:
            raise _Refused("rate", str(error)) from None
        self._footnote("rate", text, mark)
        if said.mended:
            self._find("rate", said.mended, "mended" if said.sure else "mended_unsure")
        return said

    def _footnote(self, name: str, text: str, mark: str) -> None:
        if mark:
            said = f"carries the mark {mark} of a note: taken as {text.removesuffix(mark).strip()}; read the note"
            self._find(name, said, "footnote")

    def _today(self) -> Decimal | None:
        try:
            return cells.amount(without_mark(self.record.get("current", ""))[0]).value
        except Unread:
            return None

    def _day(self, name: str) -> date | None:
        text = self.record.get(name, "")
        if not text:
            return None
        try:
            read = cells.day(text)
        except Unread as error:
            raise _Refused(name, str(error)) from None
        if not read.sure and name in self.day_first:
            raise _Refused(
                name, "can be read two ways, and other days of the column begin with the day: write it as 2027-03-04"
            )
        if read.mended:
            self._find(name, read.mended, "mended" if read.sure else "mended_unsure")
        return read.value

    def _modifier(self) -> str:
        """Return the modifiers that a rate is for, in order, parted by blanks: a line must carry every one of them."""
        text = " ".join(self.record.get(name, "").upper() for name in ("modifier", "modifier_2"))
        words = sorted(set(re.findall(r"[^\s,;/:-]+", text)))
        if any(not re.fullmatch(r"[A-Z0-9]{2}", word) for word in words):
            raise _Refused("modifier", "is not a modifier of two characters")
        if len(words) > MODIFIERS_AT_MOST:
            raise _Refused("modifier", f"a line carries at most {MODIFIERS_AT_MOST} modifiers")
        return " ".join(words)

    def _per(self, code: str, rate: Said) -> tuple[Per, str]:
        """Return what the rate of a code is for, and what the exhibit calls it."""
        entry = self.codes.entry(code)
        own = own_unit(entry)
        if code in self.units:
            return self.units[code], ""
        if rate.kind != "dollars":
            return own or "unit", ""
        text = self.record.get("basis", "").strip() or rate.unit
        try:
            said = unit_said(text, entry)
        except Unread as error:
            raise _Refused("basis", f"{error}; say which is meant: --unit {code}={own or 'unit'}") from None
        if said and said != "unit":
            return said, text
        if own is None and said is None:
            self._find("basis", f"{code}: taken as dollars for each unit billed", "mended_unsure")
        return own or "unit", ""

    def _find(self, name: str, problem: str, kind: str) -> None:
        self.findings.append(Finding(self.file, self.number + 1, name, self.record.get(name, ""), problem, kind))


class _Refused(Exception):
    """A row that cannot be used: which field, and what is wrong with it."""

    def __init__(self, field: str, problem: str) -> None:
        self.field, self.problem = field, problem
        super().__init__(problem)
