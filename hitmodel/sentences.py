"""How findings are put into words: amounts, differences and shares inside a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from hitmodel.dates import spoken
from hitmodel.money import Number, format_percent, round_half_up
from hitmodel.table_views import format_amount, reaches_whole
from hitmodel.unpaid import Lost, Stopped


def money(cents: int) -> str:
    """Write an amount inside a sentence: $96,225, or to the cent below 10,000 dollars; no sign."""
    return f"${format_amount(abs(cents), whole=reaches_whole([cents]))}"


def change(cents: int) -> str:
    """Write a difference: +65,905 or −96,225."""
    return format_amount(cents, whole=reaches_whole([cents]), signed=True)


def pays(name: str, difference: int, baseline: int, *, when: str = "") -> str:
    """Say what a proposal pays against the baseline: ``Proposal A pays $96,225 less a year (−1.3 %)``."""
    if difference == 0:
        return f"{name} pays the same"
    more = "more" if difference > 0 else "less"
    percent = format_percent(difference, baseline, sign=True)
    return " ".join(part for part in (f"{name} pays {money(difference)} {more}", when, f"({percent})") if part)


BESIDE = "cannot be worked out: another line of the claim or day has no amount"


def without_amount(lost: Lost) -> str:
    """Say what today pays on lines that a proposal gives no amount; "" where there are none."""
    if not lost.lines:
        return ""
    if lost.cents and lost.by_report == lost.cents:
        how = "would be priced by report"
    elif lost.cents and lost.beside == lost.cents:
        how = BESIDE
    else:
        parts = (lost.by_report, "priced by report"), (lost.beside, BESIDE)
        how = ", ".join(["would have no amount", *(f"{money(cents)} of it {what}" for cents, what in parts if cents)])
    return f"a further {money(lost.cents)} paid today, on {counted(lost.lines, 'line')}, {how}"


NAMED_CODES = 4


def no_longer_paid(stopped: Sequence[Stopped]) -> str:
    """Say which codes a proposal pays a known 0.00 that are paid today, and what today pays on them; "" for none."""
    known = [stop for stop in stopped if stop.is_known]
    if not known:
        return ""
    codes = list(dict.fromkeys(stop.code for stop in known))
    named = listed([*codes[:NAMED_CODES], *([f"{len(codes) - NAMED_CODES} more"] if len(codes) > NAMED_CODES else [])])
    how = listed(list(dict.fromkeys(stop.how for stop in known))).replace(" and ", " or ")
    return f"counting {money(sum(stop.cents for stop in known))} paid today that would be {how} ({named})"


def as_it_ended(name: str, ended: date | None) -> str:
    """Say as of when a contract is priced that ends before the day asked for; "" where it does not."""
    return f"{name} as on its last day, {spoken(ended)}, without later increases" if ended else ""


def part_of(part: Number, whole: Number) -> str:
    """Write a share in whole percent: 42 %."""
    return f"{round_half_up(Fraction(part) / Fraction(whole) * 100, 0)} %" if whole else "none"


def listed(parts: Sequence[str]) -> str:
    """Write names as a list: a, b and c."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def counted(number: int, one: str, many: str = "") -> str:
    """Write a number with its noun: 1 line, 41 lines."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def shortened(name: str, most: int = 18) -> str:
    """Cut a name to ``most`` characters for a column's head or a bar's label; an ellipsis says that it was cut."""
    return name if len(name) <= most else f"{name[: most - 1].rstrip(' ,')}…"
