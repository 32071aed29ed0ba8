"""What time has made of a contract's dollar rates: phase-ins, rate changes, escalators, in this order.

Each comes out as a rule that says its own step: which change, of which months, held by which cap.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from hitmodel.dates import add_months, add_years
from hitmodel.errors import ContractError, MissingReference
from hitmodel.indexes import Index, YearChange, find_index, month_name
from hitmodel.mechanisms.base import PhaseRule, RateRule
from hitmodel.money import as_decimal
from hitmodel.terms import Escalator, PhaseIn, RateChange, Version


@dataclass(frozen=True)
class Increase:
    """One yearly increase: its day, the change that is applied, and how it came about as (name, value) pairs."""

    day: date
    change: Fraction
    values: tuple[tuple[str, object], ...]
    assumed: bool = False


def rate_rules(version: Version, day: date) -> tuple[RateRule, ...]:
    """Return the rules that make the written rates of a version what they are on ``day``.

    Raises `ContractError` where an escalator needs a month of its index that is not there.
    """
    rules: list[RateRule] = [_phased(phase, day) for phase in version.phase_in if day < _step_days(phase)[-1]]
    rules += [_changed(change) for change in version.rate_change]
    for escalator in version.escalator:
        rules += _escalated(escalator, increases(escalator, day, version.file))
    return tuple(rules)


def rule_starts(version: Version, until: date) -> Iterator[date]:
    """Yield the days, up to ``until``, on which a rate of this version becomes another."""
    for escalator in version.escalator:
        yield from anniversaries(escalator, until)
    for phase in version.phase_in:
        yield from _step_days(phase)


def anniversaries(escalator: Escalator, until: date) -> list[date]:
    """Return the days of increase up to ``until``, skipped years left out."""
    last = min(until, escalator.last or until)
    years = range(max(0, last.year - escalator.first.year) + 1)
    days = (add_years(escalator.first, n) for n in years)
    return [day for day in days if day <= last and day.year not in escalator.skip]


def increases(escalator: Escalator, until: date, contract_file: str = "") -> tuple[Increase, ...]:
    """Return the increases up to ``until``, oldest first.

    ``contract_file``: the file beside which an index of one's own lies. Raises `ContractError` as `rate_rules` does.
    """
    days = anniversaries(escalator, until)
    if not escalator.index:
        assert escalator.percent is not None
        percent = Fraction(escalator.percent)
        return tuple(Increase(day, percent, (("change", _percent(percent)),)) for day in days)
    where = f"{contract_file}, escalator '{escalator.id}'"
    try:
        index = find_index(escalator.index, Path(contract_file) if contract_file else None)
        return tuple(_by_index(escalator, index, days))
    except MissingReference as error:
        reason = f"the index cannot be followed: {error.where}: {error.what}" if error.where else error.what
        raise ContractError(
            reason, where=where, expected=error.expected, suggestion=error.suggestion, next_step=error.next_step
        ) from None


def reference_month(escalator: Escalator, day: date) -> date:
    """Return the month, as its first day, to which the change for an increase on ``day`` is read."""
    assert escalator.index_month is not None
    lag = escalator.index_lag_years
    if lag is None:
        lag = 0 if escalator.index_month < day.month else 1
    return date(day.year - lag, escalator.index_month, 1)


def _by_index(escalator: Escalator, index: Index, days: list[date]) -> Iterator[Increase]:
    carried = Fraction(0)
    for day in days:
        month = reference_month(escalator, day)
        assumed = escalator.assumed is not None and index.is_ahead(month)
        found = _assumed(escalator, month) if assumed else _published(escalator, index, month)
        due = found.change * Fraction(escalator.times) + Fraction(escalator.plus) + carried
        applied = _held(due, escalator)
        steps = _due_steps(escalator, found, carried, applied, assumed=assumed)
        carried = max(Fraction(0), due - applied) if escalator.carry_over else Fraction(0)
        more = (("carried on", _percent(carried)),) if carried else ()
        yield Increase(day, applied, (*steps, *more), assumed)


def _published(escalator: Escalator, index: Index, month: date) -> YearChange:
    return index.change_to(month, escalator.missing, escalator.percent_decimals)


def _assumed(escalator: Escalator, month: date) -> YearChange:
    assert escalator.assumed is not None
    note = f"{month_name(month)} is not published yet: this change is assumed"
    return YearChange(month, Fraction(escalator.assumed), note)


def _held(due: Fraction, escalator: Escalator) -> Fraction:
    if escalator.cap is not None:
        due = min(due, Fraction(escalator.cap))
    return due if escalator.floor is None else max(due, Fraction(escalator.floor))


def _due_steps(
    escalator: Escalator, found: YearChange, carried: Fraction, applied: Fraction, *, assumed: bool
) -> tuple[tuple[str, object], ...]:
    """Say how a change came about, leaving out what does nothing."""
    source = "assumed" if assumed else f"{escalator.index}, twelve months to {month_name(found.month)}"
    said: list[tuple[str, object]] = [(source, _percent(found.change))]
    if found.note:
        said.append(("note", found.note))
    if escalator.times != 1:
        said.append(("times", escalator.times))
    if escalator.plus:
        said.append(("plus", _percent(Fraction(escalator.plus))))
    if carried:
        said.append(("carried over", _percent(carried)))
    for name, bound in (("cap", escalator.cap), ("floor", escalator.floor)):
        if bound is not None and applied == Fraction(bound):
            said.append((name, _percent(applied)))
    return (*said, ("change", _percent(applied)))


def _percent(change: Fraction) -> str:
    return f"{as_decimal(change * 100)} %".replace("-", "−")


def _escalated(escalator: Escalator, found: tuple[Increase, ...]) -> list[RateRule]:
    """Return the increases as rules: one a year where each is rounded and by an index, else all of them in one."""
    if not found:
        return []
    changes = [increase.change for increase in found]
    if not escalator.compounding:
        return [_rule(escalator, (1 + sum(changes, Fraction(0)),), _all_values(escalator, found))]
    if escalator.rounding == "at_end":
        product = Fraction(1)
        for change in changes:
            product *= 1 + change
        return [_rule(escalator, (product,), _all_values(escalator, found))]
    if not escalator.index:
        return [_rule(escalator, tuple(1 + c for c in changes), _all_values(escalator, found))]
    return [_rule(escalator, (1 + i.change,), (("from", str(i.day)), *i.values)) for i in found]


def _all_values(escalator: Escalator, found: tuple[Increase, ...]) -> tuple[tuple[str, object], ...]:
    if not escalator.index:
        assert escalator.percent is not None
        return (("yearly", escalator.percent), ("years", len(found)))
    return tuple((f"{i.day} {name}", value) for i in found for name, value in i.values)


def _rule(escalator: Escalator, factors: tuple[Fraction, ...], values: tuple[tuple[str, object], ...]) -> RateRule:
    return RateRule(
        name="escalator",
        values=values,
        factors=factors,
        decimals=escalator.decimals,
        terms=escalator.terms,
        applies_to=escalator.applies_to,
        cite=escalator.cite,
    )


def _changed(change: RateChange) -> RateRule:
    return RateRule(
        name="rate change",
        values=(("factor", change.factor),),
        factors=(Fraction(change.factor),),
        decimals=change.decimals,
        terms=change.terms,
        applies_to=change.applies_to,
        cite=change.cite,
    )


def _step_days(phase: PhaseIn) -> list[date]:
    return [add_months(phase.first, n * phase.every_months) for n in range(phase.steps)]


def _phased(phase: PhaseIn, day: date) -> PhaseRule:
    done = sum(step <= day for step in _step_days(phase))
    started = Decimal(phase.from_rate or phase.from_factor or 0)
    return PhaseRule(
        name="phase-in",
        values=(("from rate" if phase.from_rate else "from factor", started), ("step", done), ("of", phase.steps)),
        factors=(),
        decimals=phase.decimals,
        terms=phase.terms,
        applies_to=phase.applies_to,
        cite=phase.cite,
        field=phase.field,
        from_rate=None if phase.from_rate is None else Fraction(phase.from_rate),
        from_factor=None if phase.from_factor is None else Fraction(phase.from_factor),
        done=Fraction(done, phase.steps),
    )
