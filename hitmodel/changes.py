"""What one contract version changes against another, as changes that can be applied one by one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hitmodel.clause_words import escalator_words, phase_words, price_day_words, sequestration_words
from hitmodel.evidence_terms import Days, VisitTime
from hitmodel.money import as_decimal
from hitmodel.overlays import NAMED_TABLES
from hitmodel.terms import Concurrency, DrugPrices, Escalator, LesserOf, PhaseIn, Rounding, Sequestration, Version

SECTIONS = ("concurrency", "rounding", "lesser_of", "drug_prices", "sequestration", "days", "nursing")


@dataclass(frozen=True)
class Part:
    """One difference: a section, or a row of a table by its id. ``value`` is None where the row is removed."""

    table: str
    row_id: str
    value: Any

    def apply(self, version: Version) -> Version:
        """Return ``version`` with this difference in it."""
        if not self.row_id:
            return version.model_copy(update={self.table: self.value})
        rows = list(getattr(version, self.table))
        place = next((n for n, row in enumerate(rows) if row.id == self.row_id), None)
        if place is None:
            rows += [] if self.value is None else [self.value]
        else:
            rows[place : place + 1] = [] if self.value is None else [self.value]
        return version.model_copy(update={self.table: tuple(rows)})


@dataclass(frozen=True)
class Change:
    """One clause that differs: what people call it, where it is written, and its parts."""

    label: str
    cite: str
    parts: tuple[Part, ...]

    def apply(self, version: Version) -> Version:
        """Return ``version`` with the whole clause changed."""
        for part in self.parts:
            version = part.apply(version)
        return version


def changes(before: Version, after: Version) -> tuple[Change, ...]:
    """Return the clauses in which ``after`` differs from ``before``, in the order in which its file writes them.

    Parts with one clause name are one change. Dates, titles and notes are no clauses.
    """
    grouped: dict[str, list[tuple[Part, str]]] = {}
    for part, label, cite in _in_file_order(_parts(before, after), after):
        grouped.setdefault(label, []).append((part, cite))
    return tuple(
        Change(label, next((cite for _, cite in parts if cite), ""), tuple(p for p, _ in parts))
        for label, parts in grouped.items()
    )


def _parts(before: Version, after: Version) -> Iterable[tuple[Part, str, str]]:
    if (before.contract.payers, before.contract.products) != (after.contract.payers, after.contract.products):
        scope = {"payers": after.contract.payers, "products": after.contract.products}
        yield Part("contract", "", before.contract.model_copy(update=scope)), "payers and products", ""
    for name in SECTIONS:
        old, new = getattr(before, name), getattr(after, name)
        if _says(old) != _says(new):
            yield Part(name, "", new), _WORDS[name](old, new), new.cite if hasattr(new, "cite") else ""
    for table in NAMED_TABLES:
        old_rows = {row.id: row for row in getattr(before, table)}
        new_rows = {row.id: row for row in getattr(after, table)}
        for row_id, row in new_rows.items():
            old_row = old_rows.get(row_id)
            if old_row is None or _says(old_row) != _says(row):
                yield Part(table, row_id, row), _label(row), row.cite
        for row_id, row in old_rows.items():
            if row_id not in new_rows:
                yield Part(table, row_id, None), f"{_label(row)} removed", row.cite


def _says(record: Any) -> Any:
    """What a record says that can move money: all of it but citations and names."""
    return (type(record), record.model_dump(exclude={"cite", "clause", "note", "title"}))


def _in_file_order(parts: Iterable[tuple[Part, str, str]], after: Version) -> list[tuple[Part, str, str]]:
    place = {key: n for n, key in enumerate(after.written)}
    last = len(place)
    return sorted(parts, key=lambda found: place.get((found[0].table, found[0].row_id), last))


def _label(row: Any) -> str:
    said = str(getattr(row, "clause", "") or row.id.replace("_", " "))
    if isinstance(row, Escalator) and not row.clause:
        return f"{said}: yearly increase {escalator_words(row)}"
    if isinstance(row, PhaseIn) and not row.clause:
        return f"{said}: phased in {phase_words(row)}"
    return said


def _shares(rule: Concurrency) -> str:
    return " / ".join(f"{as_decimal(s * 100)}" for s in rule.shares)


def _concurrency(old: Concurrency, new: Concurrency) -> str:
    if old.shares != new.shares:
        return f"concurrent therapies {_shares(old)} → {_shares(new)} %"
    return "which concurrent therapy is primary"


def _lesser_of(old: LesserOf, new: LesserOf) -> str:
    return f"charge limit {_limit(old)} → {_limit(new)}"


def _limit(rule: LesserOf) -> str:
    return rule.level if rule.percent == Decimal(1) else f"{rule.level} at {as_decimal(rule.percent * 100)} %"


def _rounding(old: Rounding, new: Rounding) -> str:
    return f"rounding {old.place} → {new.place}"


def _drug_prices(old: DrugPrices, new: DrugPrices) -> str:
    if price_day_words(old) == price_day_words(new):
        return "NDC price table"
    return f"drug price quarter {price_day_words(old)} → {price_day_words(new)}"


def _sequestration(old: Sequestration, new: Sequestration) -> str:
    if sequestration_words(old) == sequestration_words(new):
        return "what is sequestered"
    return f"sequestration {sequestration_words(old)} → {sequestration_words(new)}"


def _days(old: Days, new: Days) -> str:
    if old.count != new.count:
        return f"what a day is: {_spoken(old.count)} → {_spoken(new.count)}"
    return "how days of therapy are counted"


def _nursing(old: VisitTime, new: VisitTime) -> str:
    if old.hours != new.hours:
        return f"hours of a visit: {_spoken(old.hours)} → {_spoken(new.hours)}"
    return "how visits are counted"


def _spoken(word: str) -> str:
    return word.replace("_", " ")


_WORDS: dict[str, Any] = {
    "concurrency": _concurrency,
    "lesser_of": _lesser_of,
    "rounding": _rounding,
    "drug_prices": _drug_prices,
    "sequestration": _sequestration,
    "days": _days,
    "nursing": _nursing,
}
