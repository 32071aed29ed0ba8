"""One row of a payer's rate exhibit read: its codes, rate, modifiers, days and unit, or why it was left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from hitmodel.claim_shape import MODIFIERS_AT_MOST
from hitmodel.codes import CodeTable
from hitmodel.errors import Finding
from hitmodel.intake import cells
from hitmodel.intake.cells import Unread
from hitmodel.intake.exhibit_words import Kind, Per, Said, own_unit, rate_said, unit_said, without_mark
from hitmodel.intake.headings import Table

_RANGE = re.compile(r"([A-Z]?)(\d{4,5})\s*(?:-|–|\.\.|to|thru|through)\s*([A-Z]?)(\d{4,5})", re.IGNORECASE)
_WITH_WORDS = re.compile(r"([A-Z]\d{4}|\d{5})\s*[-–—:]\s*(?=[A-Z]{3})[^\n]*", re.IGNORECASE)
_RANKS = ("SH", "SJ")
"""Modifiers of a second and a later therapy, of which a line carries one."""
_ANY = ("none", "n/a", "na", "all", "any", "no")
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


def with_modifier(code: str, modifier: str) -> str:
    """Return a code with its modifier, as people write it: ``S9500-SH``."""
    return f"{code}-{modifier}" if modifier else code


@dataclass
class RowReader:
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
            modifiers = self._modifiers()
            if said.kind != "dollars" and any(" " in modifier for modifier in modifiers):
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
            lines += [
                RateLine(code, said.kind, said.value, per, mark, first, last, place, unit, today, code in self.units)
                for mark in ([own] if own else modifiers)
            ]
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
        modifier = self._modifier_said("modifier")
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
        if (found := _WITH_WORDS.fullmatch(text)) and not re.search(r"[A-Z]\d{4}|\d{5}", text[found.end(1) :]):
            self._find("code", f"taken as {found[1].upper()}, the words behind it left out", "mended")
            text = found[1]
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
            said = rate_said(text, beside_modifier=bool(self._modifier_said("modifier")), remarks=remarks)
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

    def _modifiers(self) -> list[str]:
        """Return the modifiers that a rate is for, each with those that a line must carry beside it: ``SH`` and ``SJ``
        of ``SH/SJ``, ``SH SS`` where both are asked for.
        """
        said = [self._modifier_said(name) for name in ("modifier", "modifier_2")]
        text = " ".join(filter(None, said))
        either = re.split(r"\s*/\s*|\s+OR\s+", text)
        if len(either) > 1 and (all(said) or not all(either)):
            raise _Refused("modifier", "does not say which line is meant: write SH SS, or SH/SJ in one cell")
        if len(either) == 1 and re.search(r"[,;]", text):
            either = re.split(r"\s*[,;]\s*", text)
            if not set(either) <= set(_RANKS):
                raise _Refused("modifier", "can mean a line with all of them or with any: write SH SS, or SH/SS")
        return [self._together(words) for words in either]

    def _modifier_said(self, name: str) -> str:
        text = self.record.get(name, "").strip().upper()
        return "" if text.lower() in _ANY or not re.search(r"\w", text) else text

    def _together(self, text: str) -> str:
        words = sorted(set(re.findall(r"[^\s,;/:&+-]+", text)) - {"AND"})
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
