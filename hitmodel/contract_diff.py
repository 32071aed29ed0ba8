"""One contract against another, clause by clause in plain words: what is added, removed and changed, its dollars."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from hitmodel.changes import IN_ORDER, Change, Part, changes
from hitmodel.code_exhibit import ExhibitRow, code_exhibit
from hitmodel.errors import ContractError
from hitmodel.evidence_terms import Days
from hitmodel.field_names import NAMES, TABLES
from hitmodel.field_words import NOT_SAID, FieldChange, Side, field_changes, field_name, side_changes, value_words
from hitmodel.labels import words
from hitmodel.overlays import NAMED_TABLES
from hitmodel.references import References
from hitmodel.scenario import Bridge, BridgeStep
from hitmodel.terms import Contract, Version
from hitmodel.unpaid import NONE_LOST, Lost, Stopped
from hitmodel.vocabulary import Record

Kind = Literal["added", "removed", "changed"]
TITLES = {
    "concurrency": "Several therapies on one day",
    "lesser_of": "The charge limit",
    "drug_prices": "Which drug prices hold",
    "sequestration": "Sequestration",
    "days": "What a day is",
    "nursing": "How visits are timed",
    "rounding": "Where cents are rounded",
    "order": "The order of the steps",
    "agreement": "The agreement",
    "contract": "Parties and dates",
}
HEADER_FACTS = ("payers", "products", "effective_from", "effective_through")


@dataclass(frozen=True)
class Difference:
    """One record that differs: a section, or a row of a table.

    ``clause`` is the name under which a bridge has it, "" for what no price hangs on. ``cite_before`` and
    ``cite_after`` are where either paper has it; ``table`` and ``record`` are the table and the
    row's id, "" for a section.
    """

    clause: str
    subject: str
    kind: Kind
    fields: tuple[FieldChange, ...]
    cite_before: str = ""
    cite_after: str = ""
    record: str = ""
    table: str = ""

    @property
    def sentence(self) -> str:
        """The difference as a letter would put it."""
        where = f" ({self.cite_after or self.cite_before})" if self.cite_after or self.cite_before else ""
        told = "; ".join(f"{f.field} {f.after}".strip() for f in self.fields)
        if self.kind == "added":
            return f"{self.subject}{where} is added: {told}."
        if self.kind == "removed":
            was = "; ".join(f"{f.field} {f.before}".strip() for f in self.fields)
            return f"{self.subject}{where} is removed. It said: {was}."
        return f"{self.subject}{where}: {'; '.join(_in_letters(f) for f in self.fields)}."


def _in_letters(change: FieldChange) -> str:
    if change.field.startswith("without ") and NOT_SAID in (change.before, change.after):
        return (
            f"now {change.field} {change.after}"
            if change.before == NOT_SAID
            else f"no longer {change.field} {change.before}"
        )
    if change.before == NOT_SAID:
        return f"{change.field} {change.after}, where nothing was said"
    if change.after == NOT_SAID:
        return f"{change.field} left out, which was {change.before}"
    return f"{change.field} {change.after} instead of {change.before}".strip()


@dataclass(frozen=True)
class ContractDiff:
    """Two versions and everything in which they differ, in the order of the second one's file.

    ``bridge`` is there when claims were priced: the steps have the clauses' names, ``lost`` is what the second takes
    the amount from, ``stopped`` the codes that it no longer pays by themselves. ``rates`` are the codes whose rate
    differs, where they were looked up. ``ended`` is the first one's last day, where it was priced as on that day since
    the second begins later.
    """

    before: Version
    after: Version
    titles: tuple[str, str]
    differences: tuple[Difference, ...]
    bridge: Bridge | None = None
    lost: Lost = NONE_LOST
    stopped: tuple[Stopped, ...] = ()
    rates: tuple[ExhibitRow, ...] = ()
    ended: date | None = None

    @property
    def speaks_of_schedules(self) -> bool:
        """Whether a rate schedule differs, of which no clause says the rates in words."""
        lists = {NAMES["schedule"], NAMES["file"]}
        return any(f.field in lists for d in self.differences for f in d.fields)

    def step_of(self, difference: Difference) -> BridgeStep | None:
        """Return the step of the bridge that a difference belongs to; two clauses may be one step under both names."""
        steps = self.bridge.steps if self.bridge else ()
        if not difference.clause:
            return None
        exact = next((s for s in steps if s.label == difference.clause), None)
        return exact or next((s for s in steps if difference.clause in s.label.split(" and ")), None)


def rates_that_differ(before: Contract, after: Contract, day: date, references: References) -> tuple[ExhibitRow, ...]:
    """Return the codes whose rate differs between two contracts on a day; none where one of them has no such day.

    Of two terms that fit a code equally well no rate can be said, so that there are none then either.
    """
    try:
        return tuple(row for row in code_exhibit(after, references, day, before).rows if row.changed)
    except ContractError:
        return ()


def diff_contracts(before: Contract, after: Contract, as_of: date | None = None) -> ContractDiff:
    """Return every difference between two contracts: of the versions in force on ``as_of``, else of the latest ones.

    A contract held against itself differs in nothing.
    """
    old, new = ((c.on(as_of) if as_of else None) or c.latest for c in (before, after))
    found = [d for change in changes(old, new) for d in _of_change(change, old, new)]
    found += _facts(old, new)
    titles = before.title, after.title if after.title != before.title else after.name
    return ContractDiff(old, new, titles, tuple(found))


def _of_change(change: Change, before: Version, after: Version) -> Iterator[Difference]:
    for part in change.parts:
        if part.table == "contract":
            yield from ()  # parties are among the facts below
        elif part.table in NAMED_TABLES and part.row_id:
            yield from _row(change.label, part, before, after)
        elif part.table in NAMED_TABLES:
            yield _order(change.label, part, before)
        else:
            yield from _section(change.label, part.table, before, after)


def _row(clause: str, part: Part, before: Version, after: Version) -> Iterator[Difference]:
    old, new = (_held(version, part.table, part.row_id) for version in (before, after))
    kind: Kind = "changed" if old and new else "added" if new else "removed"
    if part.table == "schedule" and kind != "changed":
        return  # a list says nothing by itself: the clauses that pay by it do
    what = f", {TABLES[part.table]}" if part.table in TABLES else ""
    subject = f"“{words(part.row_id)}”{what}"
    sides = (Side(row, _open(v, part.table, part.row_id)) for row, v in ((old, before), (new, after)))
    yield Difference(clause, subject, kind, side_changes(*sides), _cite(old), _cite(new), part.row_id, part.table)


def _open(version: Version, table: str, row_id: str) -> frozenset[str]:
    return frozenset(place.field for place in version.placeholders if (place.table, place.row_id) == (table, row_id))


def _held(version: Version, table: str, row_id: str) -> Record | None:
    return next((row for row in getattr(version, table) if row.id == row_id), None)


def _cite(record: Any) -> str:
    return str(getattr(record, "cite", "") or "")


def _order(clause: str, part: Part, before: Version) -> Difference:
    old = tuple(row.id for row in getattr(before, part.table))
    change = FieldChange("in order", value_words("terms", old), value_words("terms", part.value))
    return Difference(clause, f"The order of {IN_ORDER[part.table]}", "changed", (change,))


def _section(clause: str, table: str, before: Version, after: Version) -> Iterator[Difference]:
    old, new = getattr(before, table), getattr(after, table)
    if table == "days" and (old.otherwise or new.otherwise):
        yield from _ways_to_count(clause, old, new)
        return
    fields = side_changes(Side(old, _open(before, table, "")), Side(new, _open(after, table, "")))
    if fields:
        yield Difference(clause, TITLES[table], "changed", fields, _cite(old), _cite(new))


def _ways_to_count(clause: str, before: Days, after: Days) -> Iterator[Difference]:
    """Yield the differences of several ways to count days, each told by the lines that it is for."""
    old, new = ({_lines(way): way for way in days.clauses} for days in (before, after))
    for lines in dict.fromkeys((*old, *new)):
        one, other = old.get(lines), new.get(lines)
        fields = tuple(f for f in field_changes(one, other) if f.field != field_name("applies_to"))
        if fields or one is None or other is None:
            kind: Kind = "changed" if one and other else "added" if other else "removed"
            yield Difference(clause, f"{TITLES['days']}, for {lines}", kind, fields, _cite(one), _cite(other))
    kept = [[lines for lines in side if lines in old and lines in new] for side in (old, new)]
    if kept[0] != kept[1]:
        change = FieldChange("the first that fits counts", "; ".join(kept[0]), "; ".join(kept[1]))
        yield Difference(clause, TITLES["days"], "changed", (change,))


def _lines(way: Days) -> str:
    """Say for which lines a way to count days is."""
    return value_words("lines", way.applies_to).removeprefix(f"{NAMES['roles']} ")


def _facts(before: Version, after: Version) -> Iterator[Difference]:
    """Yield differences of parties, dates and of the facts that no price hangs on."""
    names = {"payers": "payers", "products": "products"}
    old, new = before.contract, after.contract
    fields = tuple(f for f in field_changes(old, new) if f.field in {*names, "in force from", "in force through"})
    if fields:
        clause = "payers and products" if {f.field for f in fields} & set(names) else ""
        yield Difference(clause, TITLES["contract"], "changed", fields)
    yield from _section("", "agreement", before, after)
