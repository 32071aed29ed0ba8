"""Courses of treatment: which patient of a payer has which therapy, on which days.

Numbers of patients and billed days are met as the plan gives them; who, when and how long is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from hitmodel.book.draws import Draws, to_total
from hitmodel.book.plan import Payer, Plan, Regimen, Second, Therapy
from hitmodel.dates import Span
from hitmodel.errors import InputError
from hitmodel.money import largest_remainder


@dataclass(frozen=True)
class Course:
    """One therapy of one patient. ``spans`` are its days of access, or its infusions when it is beyond 72 hours.

    ``inside`` says that it lies inside another course of the patient, as a second or third therapy.
    """

    patient: int
    regimen: Regimen
    spans: tuple[Span, ...]
    modifier: str = ""
    inside: bool = False

    @property
    def days(self) -> int:
        """Billed days."""
        return sum(span.days for span in self.spans)


class _Calendar:
    """The days of the year on which each patient of a payer is already treated, a bit for each day."""

    def __init__(self, year: Span, patients: int) -> None:
        self._year = year
        self._taken = [0] * patients

    def place(self, patient: int, offsets: Sequence[int], draws: Draws, follows: bool) -> tuple[int, list[int]]:
        """Take free days with this pattern; return the first day and the pattern, cut short where it cannot fit."""
        taken = self._taken[patient]
        kept = list(offsets)
        while kept:
            blocked = 0
            for offset in kept:
                blocked |= taken >> offset
            starts = [s for s in range(self._year.days - kept[-1]) if not blocked >> s & 1]
            if starts:
                start = _choose(starts, taken.bit_length(), draws, follows)
                self._taken[patient] |= sum(1 << start + offset for offset in kept)
                return start, kept
            kept.pop()
        return 0, []

    def span(self, first: int, last: int) -> Span:
        """Return days counted from the start of the year as a span."""
        return Span(self._year.first + timedelta(days=first), self._year.first + timedelta(days=last))


def _choose(starts: list[int], treated_before: int, draws: Draws, follows: bool) -> int:
    """Return one of ``starts``; one within five days of the last treatment when the course ``follows`` it."""
    soon = [s for s in starts if treated_before <= s < treated_before + 5]
    return draws.one_of(soon if follows and treated_before and soon else starts)


def make_courses(plan: Plan, number: int) -> list[Course]:
    """Return the courses of the payer with this number in the plan, by patient and first day.

    Raises `InputError` when the payer's own patients do not add up to its patients.
    """
    payer = plan.payer[number]
    calendar = _Calendar(plan.year, payer.patients)
    roster = _roster(payer, Draws(plan.seed, number, 0))
    courses: list[Course] = []
    for step, (name, share) in enumerate(payer.therapy.items(), start=1):
        draws = Draws(plan.seed, number, 1, step)
        regimens = _regimens(plan.regimens(name), len(roster[name]), draws)
        patterns = _patterns(plan.therapy[name], regimens, share.days, plan.year.days, draws)
        for patient, regimen, pattern in zip(roster[name], regimens, patterns, strict=True):
            start, kept = calendar.place(patient, pattern, draws, plan.therapy[name].follows)
            spans = tuple(calendar.span(start + a, start + b) for a, b in _runs(kept))
            if spans:
                courses.append(Course(patient, regimen, spans))
    for step, second in enumerate(payer.second):
        courses += _inside(plan, second, courses, Draws(plan.seed, number, 2, step))
    return sorted(courses, key=lambda c: (c.patient, c.spans[0].first, c.inside, c.regimen.code))


def _roster(payer: Payer, draws: Draws) -> dict[str, list[int]]:
    """Return the patients of each therapy: its own, then some of those who have another therapy too."""
    free = iter(draws.shuffled(range(payer.patients)))
    own = {name: [next(free) for _ in range(share.own)] for name, share in payer.therapy.items()}
    if next(free, None) is not None:
        raise InputError("the own patients of its therapies are fewer than its patients", where=payer.name)
    joined: set[int] = set()
    roster = {name: list(patients) for name, patients in own.items()}
    for name, share in payer.therapy.items():
        for other, count in share.joins.items():
            chosen = draws.shuffled([p for p in own[other] if p not in joined])[:count]
            joined.update(chosen)
            roster[name] += chosen
    return roster


def _regimens(regimens: Sequence[Regimen], patients: int, draws: Draws) -> list[Regimen]:
    """Return a regimen for each patient, as many of each as its weight says, in random order."""
    weights = [r.weight for r in regimens]
    counts = largest_remainder(patients, weights, [f"{i:03}" for i in range(len(regimens))])
    return draws.shuffled([r for r, count in zip(regimens, counts, strict=True) for _ in range(count)])


def _patterns(
    therapy: Therapy, regimens: Sequence[Regimen], days: int, year: int, draws: Draws
) -> list[tuple[int, ...]]:
    """Return each course as offsets from its first day; all of them together have ``days`` days."""
    sizes = [r.course_days if r.every_days else 1 for r in regimens]
    steps = [r.every_days or 1 for r in regimens]
    low = [max(1, therapy.shortest // step) for step in steps]
    longest = min(therapy.longest, year)
    high = [(longest - size) // step + 1 for size, step in zip(sizes, steps, strict=True)]
    counts = to_total(draws, days, sizes, low, high)
    return [
        tuple(i * step + k for i in range(count) for k in range(size))
        for count, size, step in zip(counts, sizes, steps, strict=True)
    ]


def _runs(offsets: Iterable[int]) -> list[tuple[int, int]]:
    """Return runs of neighbouring offsets as (first, last)."""
    runs: list[tuple[int, int]] = []
    for offset in offsets:
        if runs and runs[-1][1] + 1 == offset:
            runs[-1] = (runs[-1][0], offset)
        else:
            runs.append((offset, offset))
    return runs


def _inside(plan: Plan, second: Second, courses: Sequence[Course], draws: Draws) -> list[Course]:
    """Return courses of a second (or third) therapy, each inside a course of the therapy it goes with."""
    therapy, _, modifier = second.with_.partition(" ")
    shortest = plan.therapy[second.therapy].shortest
    # A course gets one second therapy, and that one a third; a patient is not drawn twice for the same place.
    busy = {c.patient for c in courses if c.inside and c.modifier != modifier}
    bases = [
        c
        for c in courses
        if c.regimen.therapy == therapy and c.modifier == modifier and c.days >= shortest and c.patient not in busy
    ]
    # Long courses are those in which a second drug is met; without this the days of the plan could not be reached.
    bases.sort(key=lambda c: -c.days)
    chosen = draws.shuffled(bases[: 2 * second.courses])[: second.courses]
    high = [min(c.days, plan.therapy[second.therapy].longest) for c in chosen]
    lengths = to_total(draws, second.days, [1] * len(chosen), [shortest] * len(chosen), high)
    return [
        _within(base, length, _other(plan.regimens(second.therapy), base.regimen, draws), second.modifier, draws)
        for base, length in zip(chosen, lengths, strict=True)
    ]


def _other(regimens: Sequence[Regimen], base: Regimen, draws: Draws) -> Regimen:
    """Return a regimen, by weight, that shares no drug with ``base``."""
    drugs = {item.drug for item in base.drugs}
    others = [r for r in regimens if not drugs & {item.drug for item in r.drugs}]
    return others[draws.index([r.weight for r in others])]


def _within(base: Course, length: int, regimen: Regimen, modifier: str, draws: Draws) -> Course:
    """Return a course of ``length`` days somewhere inside the one span of ``base``."""
    (span,) = base.spans
    first = span.first + timedelta(days=draws.between(0, span.days - length))
    return Course(base.patient, regimen, (Span(first, first + timedelta(days=length - 1)),), modifier, inside=True)
