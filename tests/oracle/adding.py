"""A line's days added up, rounded where the contract says, and held to the bounds for each line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby

from oracle.book import Book
from oracle.days import Day, amount
from oracle.moments import Answer
from oracle.money import half_up
from oracle.worth import Bound, held, inside


@dataclass(frozen=True)
class Run:
    """Days of a line that follow each other and are paid alike."""

    book: Book
    days: list[Day]
    place: str
    share: Fraction

    @property
    def bounds(self) -> tuple[Bound, ...]:
        """The bounds for the whole line, inmost first."""
        assert self.days[0].answer.worth is not None
        return held(self.days[0].answer.worth)

    @property
    def paid_as(self) -> object:
        """What decides how a bound's amount becomes what is paid."""
        return self.bounds, self.days[0].factor, self.share

    def before_bounds(self) -> Fraction:
        """Dollars before the bounds for the line, without factor and share."""
        day = self._free(self.days[0])
        return self._of(replace(day, factor=Fraction(1)), Fraction(1))

    def paid(self) -> Fraction:
        """Dollars with factor and share, without the bounds for the line, rounded where the contract says."""
        value = self._of(self._free(self.days[0]), self.share, round_days=self.place == "day")
        return half_up(value) if self.place == "segment" else value

    def limit(self, bound: Bound, *, whole: bool = False) -> Fraction:
        """Dollars of a bound for these days, or for all of the line's."""
        day = replace(self.days[0], answer=Answer(worth=bound[1]), factor=Fraction(1))
        return self._of(day, Fraction(1), whole=whole)

    def _free(self, day: Day) -> Day:
        assert day.answer.worth is not None
        return replace(day, answer=Answer(worth=inside(day.answer.worth)))

    def _of(self, day: Day, share: Fraction, *, round_days: bool = False, whole: bool = False) -> Fraction:
        on = [each.on for each in self.days] if day.line.by_days and not whole else day.line.days
        value = amount(self.book, day, on, share, round_days=round_days)
        assert value is not None
        return value


def added(book: Book, days: list[Day]) -> Fraction | None:
    """Add the runs of a line, then hold them to its bounds; None where no one bound holds all that a line is paid."""
    runs = _runs(book, days)
    paid = [run for run in runs if run is not None]
    freely = sum((run.paid() for run in paid), Fraction(0))
    total = sum((run.before_bounds() for run in paid), Fraction(0))
    first = paid[0]
    alike = all(run is not None and run.paid_as == first.paid_as for run in runs)
    if alike or len(runs) == 1:
        value = _within(total, first.bounds, [[run.limit(b) for run in paid] for b in first.bounds])
        return freely if value == total else value * first.days[0].factor * first.share
    for run in paid:
        own = run.before_bounds()
        if _within(own, run.bounds, [[run.limit(b)] for b in run.bounds]) != own:
            return None
        if _within(total, run.bounds, [[run.limit(b, whole=True)] for b in run.bounds]) != total:
            return None
    return freely


def _within(value: Fraction, bounds: Sequence[Bound], limits: list[list[Fraction]]) -> Fraction:
    for (pick, _), parts in zip(bounds, limits, strict=True):
        value = pick((value, sum(parts, Fraction(0))), key=abs)
    return value


def _runs(book: Book, days: list[Day]) -> list[Run | None]:
    """The runs of a line; None for days that pay nothing."""
    found: list[Run | None] = []
    for (_, place), each in groupby(days, key=lambda d: (d.paid_by, d.version.table("rounding").get("place", "line"))):
        members = list(each)
        if members[0].answer.status:
            found.append(None)
            continue
        (share,) = members[0].shares_possible
        found.append(Run(book, members, place, share))
    return found
