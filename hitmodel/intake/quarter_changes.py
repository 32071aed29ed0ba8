"""What a quarter of payment limits changes: against the file it replaces, and against the quarter before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from hitmodel.codes import CodeTable
from hitmodel.dates import Quarter
from hitmodel.prices import PaymentLimits


@dataclass(frozen=True)
class Moved:
    """One code whose limit [dollars a unit] differs; None where there is none."""

    code: str
    label: str
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True)
class Vanished:
    """One code that had a limit and has none now, and what is known of why."""

    code: str
    label: str
    why: str


@dataclass(frozen=True)
class QuarterChange:
    """What a quarter changes, for the codes that we classify.

    ``restated`` against the earlier file of the same quarter; ``vanished``, ``begun`` and ``moved`` (largest first)
    against the quarter before it, named by ``since``, where that is held.
    """

    quarter: Quarter
    restated: tuple[Moved, ...] = ()
    since: Quarter | None = None
    vanished: tuple[Vanished, ...] = ()
    begun: tuple[Moved, ...] = ()
    moved: tuple[Moved, ...] = ()


def quarter_change(before: PaymentLimits, after: PaymentLimits, quarter: Quarter) -> QuarterChange:
    """Return what the limits of ``quarter`` change, from what was held ``before`` an import and ``after`` it."""
    codes = after.known_codes
    restated = tuple(_moves(_limits(before, quarter), _limits(after, quarter), codes))
    earlier = quarter.shift(-1)
    if earlier not in after.by_quarter:
        return QuarterChange(quarter, restated if quarter in before.by_quarter else ())
    was, now = _limits(after, earlier), _limits(after, quarter)
    moves = _moves(was, now, codes)
    return QuarterChange(
        quarter,
        restated if quarter in before.by_quarter else (),
        earlier,
        tuple(Vanished(m.code, m.label, _why(after, m.code, quarter)) for m in moves if m.after is None),
        tuple(m for m in moves if m.before is None),
        tuple(sorted((m for m in moves if m.before and m.after is not None), key=_size, reverse=True)),
    )


def _limits(held: PaymentLimits, quarter: Quarter) -> dict[str, Decimal]:
    rows = held.by_quarter.get(quarter, {})
    ours = frozenset(held.known_codes.codes)
    return {code: row.limit for code, row in rows.items() if row.limit is not None and code in ours}


def _moves(was: dict[str, Decimal], now: dict[str, Decimal], codes: CodeTable) -> list[Moved]:
    return [
        Moved(code, _label(codes, code), was.get(code), now.get(code))
        for code in sorted({*was, *now})
        if was.get(code) != now.get(code)
    ]


def _size(moved: Moved) -> Decimal:
    assert moved.before
    assert moved.after is not None
    return abs(moved.after / moved.before - 1)


def _label(codes: CodeTable, code: str) -> str:
    entry = codes.entry(code)
    return entry.label if entry else ""


def _why(held: PaymentLimits, code: str, quarter: Quarter) -> str:
    """Say why a code has no limit; where no successor is known, name the codes of the same drug that have one."""
    why = held.why_missing(code, quarter)
    if held.known_codes.successor(code):
        return why
    alike = _same_drug(held, code, quarter.span.first, quarter)
    return f"{why}; {', '.join(alike)} {'is' if len(alike) == 1 else 'are'} of the same drug" if alike else why


def _same_drug(held: PaymentLimits, code: str, day: date, quarter: Quarter) -> list[str]:
    entry = held.known_codes.entry(code)
    family = held.known_codes.family(entry.family, day) if entry and entry.family else ()
    return [other.code for other in family if other.code != code and held.get(other.code, quarter)]
