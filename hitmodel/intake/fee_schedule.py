"""Read a payer's rate exhibit as people send it: code, rate, and what else the table says of a row.

A rate may be dollars, or a share of charges written as ``85%``, or a word: not covered, included, by report. Codes may
stand several to a cell, or as a range.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

from hitmodel.claim_shape import MODIFIERS_AT_MOST
from hitmodel.codes import CodeTable
from hitmodel.errors import Finding, nothing_usable
from hitmodel.intake import cells
from hitmodel.intake.cells import Unread
from hitmodel.intake.headings import Fields, Table, find_tables
from hitmodel.intake.sheets import Book, read_book

FIELDS: Fields = {
    "code": (
        *("hcpcs", "hcpcs code", "code", "procedure code", "proc code", "cpt/hcpcs", "hcpcs/cpt", "cpt hcpcs code"),
        *("hcpcs cpt code", "cpt code", "cpt", "billing code", "service code", "procedure", "codes"),
    ),
    "rate": (
        *("rate", "contract rate", "contracted rate", "per diem rate", "proposed rate", "negotiated rate", "new rate"),
        *("allowed", "allowable", "allowed amount", "fee", "fee schedule", "fee schedule amount", "amount", "price"),
        *("per diem", "reimbursement", "reimbursement rate", "payment", "payment rate", "unit rate", "rate per unit"),
        *("proposed allowable", "proposed fee", "proposed amount", "proposed per diem", "proposed", "new allowable"),
        *("new fee", "new per diem", "proposed reimbursement"),
    ),
    "modifier": ("modifier", "mod", "mod 1", "modifier 1", "modifiers"),
    "modifier_2": ("mod 2", "mod2", "modifier 2"),
    "from": ("from", "effective", "effective date", "effective from", "start date", "begin date", "eff date"),
    "through": ("through", "end date", "effective through", "term date", "termination date", "expiration date"),
    "basis": ("per", "basis", "unit of service", "billing unit", "unit", "uom", "payment basis", "frequency"),
}
REPAIRED = ("mended", "mended_unsure", "spread")
Kind = Literal["dollars", "share", "not_covered", "bundled", "by_report"]
Per = Literal["day", "visit", "hour", "dose", "dispense", "unit"]
_WORDS: tuple[tuple[str, Kind], ...] = (
    (r"not (covered|payable|reimbursed)\b.*|non-?covered\b.*|no payment\b.*", "not_covered"),
    (r"(included|incl\.?|bundled|inclusive)\b.*|in per diem", "bundled"),
    (r"by report|br|ic|individual consideration|manual( pricing)?", "by_report"),
)
_PERS: tuple[tuple[str, Per], ...] = (
    (r"(per )?(diem|day|daily)", "day"),
    (r"(per )?visit", "visit"),
    (r"(per )?(hour|hr|hourly)", "hour"),
    (r"(per )?(dose|infusion|administration|treatment)", "dose"),
    (r"(per )?(dispense|dispensing|fill)", "dispense"),
    (r"(per )?(unit|each|ea|hcpcs unit|1|un)", "unit"),
)
_PER_OF_BASIS: Mapping[str, Per] = {"per_diem": "day", "per_visit": "visit", "per_hour": "hour", "per_unit": "unit"}
_NOTE = r"notes?|comments?|remarks?"
_NO_NAME = re.compile(r"(sheet|table|tab|data)?\s*\d*", re.IGNORECASE)
MOST_WORDS = 4
"""Words of a heading between rows; a longer text is a sentence, which may be a clause."""
_RANGE = re.compile(r"([A-Z]?)(\d{4,5})\s*(?:-|–|\.\.|to|thru|through)\s*([A-Z]?)(\d{4,5})", re.IGNORECASE)


@dataclass(frozen=True)
class RateLine:
    """One code's rate: ``value`` dollars for each ``per``, or a share of charges, or nothing where the kind says all.

    ``place`` is where it stands, for people.
    """

    code: str
    kind: Kind
    value: Decimal | None
    per: Per
    modifier: str = ""
    first: date | None = None
    last: date | None = None
    place: str = ""

    @property
    def plain(self) -> bool:
        """Whether it holds for the code whatever the modifier, and on every day."""
        return not self.modifier and self.first is None and self.last is None


@dataclass(frozen=True)
class Exhibit:
    """A rate exhibit as read; of its ``rows_in`` rows ``rows_used`` could be used, and the others are findings.

    ``starts`` is the day that its title names ("Effective January 1, 2027"), None without one. ``aside`` is what stands
    on sheets without rates, row by row, such as a sheet of terms. ``sheet`` is the first one with rates.
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

    @property
    def paper(self) -> str:
        """Where its rates stand, for citing them: the sheet's name where somebody gave it one, else the file's."""
        return self.sheet if self.sheet and not _NO_NAME.fullmatch(self.sheet) else self.file


def read_exhibit(path: Path, codes: CodeTable, chosen: Mapping[str, str] | None = None) -> Exhibit:
    """Read a rate exhibit, CSV or Excel; every sheet that has such a table.

    Raises `InputError` when no row is a heading with a code and a rate, or no row can be used. What is wrong with a row
    is a finding, and the row is left out.
    """
    book = read_book(path)
    tables = find_tables(book, FIELDS, [("code",), ("rate",)], chosen)
    findings = [Finding(path.name, 0, "file", "", remark, "mended_unsure") for remark in book.remarks]
    lines: list[RateLine] = []
    refused: list[str] = []
    rows_in = used = 0
    for table in tables:
        for number, record in table.records():
            if _is_a_title(record):
                continue
            rows_in += 1
            reader = _Row(path.name, table, number, record, codes)
            found = reader.read()
            used += bool(found)
            lines += found
            findings += reader.findings
            if not found and any(finding.kind == "code" for finding in reader.findings):
                refused.append(
                    f"{table.place(number, 'code')}: {' · '.join(dict.fromkeys(filter(None, record.values())))}"
                )
    lines, doubled = _without_doubles(lines, path.name)
    findings += doubled
    if not lines:
        raise nothing_usable((f for f in findings if f.kind not in REPAIRED), path.name)
    aside = (*refused, *_aside(book, tables))
    starts = next((day for table in tables if (day := _starts(table)) is not None), _day_of_cover(aside))
    unused = tuple(dict.fromkeys(name for table in tables for name in table.unused))
    sheet = tables[0].sheet.name
    return Exhibit(tuple(lines), rows_in, used, tuple(findings), path.name, book.checksum, starts, unused, aside, sheet)


def _is_a_title(record: Mapping[str, str]) -> bool:
    """Say whether a row is a heading between rows: nothing beside its code cell, or one text across merged cells."""
    said = {text for text in record.values() if text}
    return len(said) == 1 and not any(character.isdigit() for character in said.pop())


def _aside(book: Book, tables: tuple[Table, ...]) -> Iterator[str]:
    """Yield what stands on sheets without rates, and beside the rates: the clauses, as often as not."""
    for table in tables:
        yield from _beside_rates(table)
    for sheet in book.sheets:
        if sheet.hidden or any(table.sheet is sheet for table in tables):
            continue
        for number, row in enumerate(sheet.rows, start=1):
            if said := " ".join(dict.fromkeys(filter(None, row))):
                yield f"{sheet.name} row {number}: {said}"


def _beside_rates(table: Table) -> Iterator[str]:
    """Yield the sentences among the rates, and the notes beside them; a heading of a few words is none."""
    notes = [n for n, head in enumerate(table.sheet.rows[table.heading]) if re.match(_NOTE, head, re.IGNORECASE)]
    for number, record in table.records():
        row = table.sheet.rows[number]
        place = f"{table.sheet.name} row {number + 1}".strip()
        said = next(filter(None, record.values()), "")
        if _is_a_title(record) and (":" in said or len(said.split()) > MOST_WORDS):
            yield f"{place}: {said}"
        for column in notes:
            if column < len(row) and row[column] and row[column] != said:
                yield f"{place}, beside {record['code'] or said}: {row[column]}"


def _starts(table: Table) -> date | None:
    return _day_in(" ".join(cell for row in table.sheet.rows[: table.heading] for cell in dict.fromkeys(row)))


def _day_of_cover(aside: tuple[str, ...]) -> date | None:
    return next((day for text in aside if (day := _day_in(text)) is not None), None)


def _day_in(text: str) -> date | None:
    found = re.search(
        r"effective:?\s+(?:date:?\s+)?([A-Z][a-z]+ \d{1,2},? \d{4}|\d{1,2}/\d{1,2}/\d{2,4}|\d{4}-\d\d-\d\d)", text, re.I
    )
    try:
        return cells.day(found[1]).value if found else None
    except Unread:
        return None


@dataclass
class _Row:
    """One row being read; what is wrong with it and what was mended gathers in ``findings``."""

    file: str
    table: Table
    number: int
    record: Mapping[str, str]
    codes: CodeTable
    findings: list[Finding] = field(default_factory=list)

    def read(self) -> list[RateLine]:
        """Return a line for each code of the row; none when the row cannot be used."""
        try:
            codes = tuple(self._codes())
            kind, value = self._rate()
            first, last = (self._day(name) for name in ("from", "through"))
            modifier = self._modifier()
            if kind != "dollars" and " " in modifier:
                raise _Refused(
                    "modifier", "is more than one modifier, and the rate is not in dollars: write it as a term"
                )
            pers = [self._per(code) for code in codes]
        except _Refused as error:
            whose = f" for {self.record['code']}" if error.field != "code" and self.record["code"] else ""
            self._find(error.field, f"{error.problem}; left out{whose}, so nothing changes there", error.field)
            return []
        place = self.table.place(self.number, "code")
        return [
            RateLine(code, kind, value, per, modifier, first, last, place)
            for code, per in zip(codes, pers, strict=True)
        ]

    def _codes(self) -> Iterator[str]:
        text = self.record["code"]
        parts = [part for part in re.split(r"[,;/\n]|\s+(?:and|&)\s+", text) if part.strip()]
        for part in parts:
            if found := _RANGE.fullmatch(part.strip()):
                yield from self._spread(
                    part.strip(), found[1].upper() + found[2], (found[3] or found[1]).upper() + found[4]
                )
                continue
            try:
                read = cells.code(part)
            except Unread as error:
                raise _Refused("code", str(error)) from None
            if read.mended:
                self._find("code", read.mended, "mended" if read.sure else "mended_unsure")
            yield read.value
        if not parts:
            raise _Refused("code", "is empty beside a rate")

    def _spread(self, text: str, first: str, last: str) -> Iterator[str]:
        within = [code for code in self.codes.codes if len(code) == len(first) == len(last) and first <= code <= last]
        if not within:
            raise _Refused("code", f"{text} holds no code that we classify")
        self._find("code", f"taken as {', '.join(within)}", "spread")
        yield from within

    def _rate(self) -> tuple[Kind, Decimal | None]:
        text = self.record["rate"]
        if not text:
            raise _Refused("rate", "is empty")
        word = text.strip("()[]* .")
        for pattern, kind in _WORDS:
            if re.fullmatch(pattern, word, re.IGNORECASE):
                return kind, None
        if "%" in text or re.search(r"percent|pct", text, re.IGNORECASE):
            return "share", self._share(text)
        try:
            read = cells.amount(re.sub(r"\s*(/|per)\s*(day|diem|visit|hour|hr|unit|dose|each)$", "", text, flags=re.I))
        except Unread as error:
            raise _Refused("rate", str(error)) from None
        if read.value <= 0:
            raise _Refused("rate", "is not above 0; say 'not covered' where nothing is paid")
        if read.mended:
            self._find("rate", read.mended, "mended" if read.sure else "mended_unsure")
        return "dollars", read.value

    def _share(self, text: str) -> Decimal:
        found = re.fullmatch(
            r"([\d.,]+)\s*(?:%|percent|pct)(?:\s*(?:of)?\s*(?:billed\s+)?charges?)?", text, re.IGNORECASE
        )
        if not found:
            raise _Refused("rate", "is neither dollars nor a share of charges; write it as a term of the contract")
        try:
            value = cells.amount(found[1]).value / 100
        except Unread as error:
            raise _Refused("rate", str(error)) from None
        if not 0 < value <= 1:
            raise _Refused("rate", "is not a share of charges from 0 to 100 percent")
        if "charge" not in text.lower():
            self._find("rate", f"taken as {text} of charges", "mended_unsure")
        return value

    def _day(self, name: str) -> date | None:
        text = self.record.get(name, "")
        if not text:
            return None
        try:
            read = cells.day(text)
        except Unread as error:
            raise _Refused(name, str(error)) from None
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

    def _per(self, code: str) -> Per:
        text = self.record.get("basis", "").strip()
        said = next((per for pattern, per in _PERS if re.fullmatch(pattern, text, re.IGNORECASE)), None)
        entry = self.codes.entry(code)
        own = _PER_OF_BASIS.get(entry.billing_basis) if entry else None
        if said and said != "unit":
            if said == "dose" and "dose" not in text.lower():
                self._find("basis", f"{code}: taken as for each dose", "mended_unsure")
            return said
        if text and said is None:
            self._find("basis", f"{code}: is no unit that we know; taken as for each {own or 'unit'}", "mended_unsure")
            return own or "unit"
        if own is None and said is None:
            self._find("basis", f"{code}: taken as dollars for each unit billed", "mended_unsure")
        return own or "unit"

    def _find(self, name: str, problem: str, kind: str) -> None:
        self.findings.append(Finding(self.file, self.number + 1, name, self.record.get(name, ""), problem, kind))


class _Refused(Exception):
    """A row that cannot be used: which field, and what is wrong with it."""

    def __init__(self, field: str, problem: str) -> None:
        self.field, self.problem = field, problem
        super().__init__(problem)


def _without_doubles(lines: list[RateLine], file: str) -> tuple[list[RateLine], list[Finding]]:
    """Return the lines without those that give one code two rates on one day (none of them is taken), as findings.

    The same rate twice is one.
    """
    groups: dict[tuple[str, str], list[RateLine]] = {}
    for line in lines:
        groups.setdefault((line.code, line.modifier), []).append(line)
    kept: list[RateLine] = []
    findings = []
    for same in groups.values():
        once = list({(one.kind, one.value, one.per, one.first, one.last): one for one in reversed(same)}.values())[::-1]
        clash = next(((a, b) for n, a in enumerate(once) for b in once[n + 1 :] if _meet(a, b)), None)
        if clash is None:
            kept += once
            continue
        a, b = clash
        said = f"has two rates on one day, {_worth(a)} at {a.place} and {_worth(b)} at {b.place}; neither is taken"
        findings.append(
            Finding(file, int(re.sub(r".*?(\d+)( column .*)?$", r"\1", b.place)), "code", a.code, said, "twice")
        )
    return kept, findings


def _meet(one: RateLine, other: RateLine) -> bool:
    starts = max(one.first or date.min, other.first or date.min)
    return starts <= min(one.last or date.max, other.last or date.max)


def _worth(line: RateLine) -> str:
    return line.kind.replace("_", " ") if line.value is None else str(line.value)
