"""What one contract version changes against another, as changes that can be applied one by one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import takewhile
from typing import Any

from hitmodel.clause_words import escalator_words, phase_words, price_day_words, sequestration_words
from hitmodel.contracts import named_rows
from hitmodel.evidence_terms import Days, VisitTime
from hitmodel.field_words import field_changes
from hitmodel.group_terms import Order
from hitmodel.money import as_decimal
from hitmodel.overlays import NAMED_TABLES
from hitmodel.terms import Concurrency, DrugPrices, Escalator, LesserOf, PhaseIn, Rounding, Sequestration, Version

SECTIONS = ("concurrency", "rounding", "lesser_of", "drug_prices", "sequestration", "days", "nursing", "order")
_NUMBER = re.compile(r"[\d,.]+( %)?")
UNPRICED = ("agreement",)
"""Tables that no price hangs on, and that are no step of a bridge."""

NAMED_BY_OTHERS = ("schedule", "episode")
"""Tables whose rows do nothing by themselves: terms and limits name them."""


IN_ORDER = {
    "escalator": "escalators",
    "phase_in": "phase-ins",
    "rate_change": "rate changes",
    "adjustment": "adjustments",
    "bundle": "bundles",
    "exclusive": "lines that exclude each other",
    "paid_only": "lines paid on a condition",
    "allowance": "allowances",
    "limit": "limits",
}
"""Tables whose rows apply one after the other, so that their order can move money."""


@dataclass(frozen=True)
class Part:
    """One difference: a section, a row of a table by its id, or, by no id, the order of a table's rows.

    ``value`` is the section or the row, None where the row is removed; of an order, the ids in it. A new row stands
    behind those of ``follows``, the ids before it in its own file.
    """

    table: str
    row_id: str
    value: Any
    follows: tuple[str, ...] = ()

    def apply(self, version: Version) -> Version:
        """Return ``version`` with this difference in it."""
        if self.table not in NAMED_TABLES:
            return version.model_copy(update={self.table: self.value})
        rows = getattr(version, self.table)
        rows = self._written(list(rows)) if self.row_id else self._ordered(rows)
        return version.model_copy(update={self.table: tuple(rows)})

    def _written(self, rows: list[Any]) -> list[Any]:
        """Return the rows with this one written, or removed."""
        place = next((n for n, row in enumerate(rows) if row.id == self.row_id), None)
        new = [] if self.value is None else [self.value]
        if place is None:
            behind = max((n for n, row in enumerate(rows, start=1) if row.id in self.follows), default=0)
            return [*rows[:behind], *new, *rows[behind:]]
        return [*rows[:place], *new, *rows[place + 1 :]]

    def _ordered(self, rows: Sequence[Any]) -> Iterator[Any]:
        """Yield the rows in the order of the ids; a row that is none of them keeps its place."""
        named = iter(sorted((row for row in rows if row.id in self.value), key=lambda row: self.value.index(row.id)))
        for row in rows:
            yield next(named) if row.id in self.value else row


@dataclass(frozen=True)
class Change:
    """One clause that differs: what people call it, where it is written, and its parts.

    Among the parts are the new schedules and episodes that its terms and limits name, so that it can stand alone.
    """

    label: str
    cite: str
    parts: tuple[Part, ...]

    def with_other(self, other: Change) -> Change:
        """Return the two as one change, under both names."""
        labels = dict.fromkeys((self.label, other.label))
        return Change(" and ".join(labels), self.cite or other.cite, (*self.parts, *other.parts))

    def touches(self, term_ids: tuple[str, ...]) -> bool:
        """Say whether one of some terms is written or removed."""
        return any(part.table == "term" and part.row_id in term_ids for part in self.parts)

    def apply(self, version: Version) -> Version:
        """Return ``version`` with the whole clause changed."""
        for part in self.parts:
            version = part.apply(version)
        return version


def changes(before: Version, after: Version) -> tuple[Change, ...]:
    """Return the clauses in which ``after`` differs from ``before``, in the order in which its file writes them.

    Parts with one clause name are one change. Rows in another order are a change of their own, which comes last.
    Dates, titles and notes are no clauses.
    """
    grouped: dict[str, list[tuple[Part, str]]] = {}
    for part, label, cite in (*_in_file_order(_parts(before, after), after), *_orders(before, after)):
        grouped.setdefault(label, []).append((part, cite))
    found = [
        Change(label, next((cite for _, cite in parts if cite), ""), tuple(p for p, _ in parts))
        for label, parts in grouped.items()
    ]
    return _with_what_they_name(found, before, after)


def _with_what_they_name(found: list[Change], before: Version, after: Version) -> tuple[Change, ...]:
    """Put new schedules and episodes into each change that names them, and leave out those that nothing names."""
    new = {
        (part.table, part.row_id): part
        for change in found
        for part in change.parts
        if part.table in NAMED_BY_OTHERS and not any(row.id == part.row_id for row in getattr(before, part.table))
    }
    named: dict[tuple[str, str], list[Part]] = {}
    for owner, owner_id, table, row_id in named_rows(after):
        if (table, row_id) in new:
            named.setdefault((owner, owner_id), []).append(new[table, row_id])
    complete = []
    for change in found:
        own = tuple(part for part in change.parts if (part.table, part.row_id) not in new)
        needed = dict.fromkeys(row for part in own for row in named.get((part.table, part.row_id), ()))
        if own:
            complete.append(Change(change.label, change.cite, (*needed, *own)))
    return tuple(complete)


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
                yield Part(table, row_id, row, _before(row_id, new_rows)), _label(row, old_row), row.cite
        for row_id, row in old_rows.items():
            if row_id not in new_rows and table not in NAMED_BY_OTHERS:
                yield Part(table, row_id, None), f"{_label(row)} removed", row.cite


def _orders(before: Version, after: Version) -> Iterator[tuple[Part, str, str]]:
    """Yield the tables whose rows stand in another order; terms, schedules and episodes are found by what they say."""
    for table, words in IN_ORDER.items():
        old, new = ([row.id for row in getattr(version, table)] for version in (before, after))
        if [row_id for row_id in old if row_id in new] != [row_id for row_id in new if row_id in old]:
            yield Part(table, "", tuple(new)), f"order of {words}", ""


def _before(row_id: str, ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(takewhile(lambda other: other != row_id, ids))


def _says(record: Any) -> Any:
    """What a record says that can move money: all of it but citations and names; of a file, what it holds."""
    return (type(record), record.model_dump(exclude={"cite", "clause", "note", "title", "file", "ndc_table", "path"}))


def _in_file_order(parts: Iterable[tuple[Part, str, str]], after: Version) -> list[tuple[Part, str, str]]:
    place = {key: n for n, key in enumerate(after.written)}
    last = len(place)
    return sorted(parts, key=lambda found: place.get((found[0].table, found[0].row_id), last))


def _label(row: Any, before: Any = None) -> str:
    """Return what people call a row that differs: its clause, else its id, with the change where that is one number."""
    said = str(getattr(row, "clause", "") or row.id.replace("_", " "))
    if isinstance(row, Escalator) and not row.clause:
        return f"{said}: yearly increase {escalator_words(row)}"
    if isinstance(row, PhaseIn) and not row.clause:
        return f"{said}: phased in {phase_words(row)}"
    if before is None or (hasattr(row, "clause") and row.clause):
        return said
    told = field_changes(before, row)
    if len(told) != 1:
        return said
    if not all(_NUMBER.fullmatch(side) for side in (told[0].before, told[0].after)):
        moved = _one_part(told[0].before, told[0].after)
        return f"{said}: {moved}" if moved else said
    return f"{said}: {told[0].words.removeprefix('rate ')}"


def _one_part(before: str, after: str) -> str:
    """Say where one percent in a list of sources moves: 108 → 103 % of the limit; "" where more is otherwise."""
    parts, others = (re.split(r" \(else |, else |\)$", side) for side in (before, after))
    other = [(old, new) for old, new in zip(parts, others, strict=False) if old != new]
    if len(other) != 1 or len(parts) != len(others):
        return ""
    (old, old_of), (new, new_of) = (side.split(" % ", 1) if " % " in side else (side, "") for side in other[0])
    return f"{old} → {new} % {new_of}" if old_of and old_of == new_of else ""


def _shares(rule: Concurrency) -> str:
    return " / ".join(f"{as_decimal(s * 100)}" for s in rule.shares)


def _concurrency(old: Concurrency, new: Concurrency) -> str:
    if old.shares != new.shares:
        return f"concurrent therapies {_shares(old)} → {_shares(new)} %"
    if (old.primary_by, old.modifiers) != (new.primary_by, new.modifiers):
        return "which concurrent therapy is primary"
    return "which therapies count as concurrent"


def _lesser_of(old: LesserOf, new: LesserOf) -> str:
    if _limit(old) == _limit(new):
        return "what the charge limit holds for"
    return f"charge limit {_limit(old)} → {_limit(new)}"


def _limit(rule: LesserOf) -> str:
    return rule.level if rule.percent == Decimal(1) else f"{rule.level} at {as_decimal(rule.percent * 100)} %"


def _rounding(old: Rounding, new: Rounding) -> str:
    return "rounding of rates" if old.place == new.place else f"rounding {old.place} → {new.place}"


def _order(old: Order, new: Order) -> str:
    del old
    return f"order of steps: {', '.join(_spoken(step) for step in new.steps)}"


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
    "order": _order,
}
