"""Rows of which one can stand in another's way: ways to count days, and rates of a schedule."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from hitmodel.clause_checks import ContractFinding
from hitmodel.codes import CodeTable
from hitmodel.evidence_terms import Days
from hitmodel.mechanisms.base import LineKind, RateRow
from hitmodel.schedules import read_schedule
from hitmodel.selection import matches
from hitmodel.terms import Version
from hitmodel.vocabulary import Selector

NEVER_TOGETHER = (frozenset({"SH", "SJ"}), frozenset({"JW", "JZ"}))
"""Modifiers of which no line has two: a therapy is second or third, and waste is billed or declared to be none."""


def covered_days(version: Version, codes: CodeTable) -> Iterator[ContractFinding]:
    """Yield the ``[[days]]`` clauses that never hold, since an earlier one fits every line that they fit."""
    earlier: list[Days] = []
    for number, clause in enumerate(version.days.clauses, start=1):
        kinds = [kind for kind in _kinds(clause.applies_to, codes) if matches(clause.applies_to, kind)]
        if earlier and all(any(matches(one.applies_to, kind) for one in earlier) for kind in kinds):
            why = "an earlier one fits every line that it fits" if kinds else "no code of the tables fits it"
            problem = f"{why}, so it never holds; the first that fits a line counts its days"
            yield ContractFinding(version.file, f"[[days]] clause {number}", problem, "never_applies", serious=False)
        earlier.append(clause)


def _kinds(selector: Selector, codes: CodeTable) -> Iterator[LineKind]:
    """Yield the kinds of line that a selector singles out: each code, with what it asks for beside it."""
    for entry in codes:
        if entry.is_modifier:
            continue
        for modifier in selector.modifiers or ("",):
            for place in selector.places or ("",):
                for product in selector.products or ("",):
                    yield LineKind(
                        code=entry.code,
                        modifiers=frozenset(filter(None, (modifier, *selector.all_modifiers))),
                        place=place,
                        product=product,
                        role=entry.role,
                        therapy_class=entry.therapy_class,
                        family=entry.family,
                        billed_code=entry.code,
                    )


def schedule_clashes(version: Version) -> Iterator[ContractFinding]:
    """Yield the rates of a schedule that fit a line with two modifiers equally well, so that it gets neither."""
    for schedule in version.schedule:
        by_code: dict[tuple[str, str], list[RateRow]] = {}
        for row in read_schedule(schedule):
            by_code.setdefault((row.code, row.ndc), []).append(row)
        for (code, _), rows in by_code.items():
            for one, other in combinations(rows, 2):
                if _clash(one, other, rows):
                    problem = (
                        f"{code} has a rate with {one.modifier} and another with {other.modifier}: a line with both "
                        f'gets neither. A row "{_both(one, other)}" would say what it gets'
                    )
                    yield ContractFinding(version.file, f"schedule '{schedule.id}'", problem, "clash_of_rows", False)


def _marks(row: RateRow) -> frozenset[str]:
    return frozenset(row.modifier.split())


def _both(one: RateRow, other: RateRow) -> str:
    return " ".join(sorted(_marks(one) | _marks(other)))


def _clash(one: RateRow, other: RateRow, rows: list[RateRow]) -> bool:
    """Say whether a line could have the modifiers of both rows, as many of either, and no row has them all."""
    mine, theirs = _marks(one), _marks(other)
    union = mine | theirs
    if mine == theirs or len(mine) != len(theirs) or any(pair <= union for pair in NEVER_TOGETHER):
        return False
    return not any(_marks(row) <= union and len(_marks(row)) > len(mine) for row in rows)
