"""The tables of a quote: expected payment, margin, claim lines, days, what is not billed, what is assumed. Internal."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from hashlib import sha256

from hitmodel.codes import CodeTable, code_table
from hitmodel.money import as_decimal, to_cents
from hitmodel.perdiem import Why
from hitmodel.quotes import Quote, QuotedLine, Side, UnitPrice
from hitmodel.sentences import counted, listed, money, part_of
from hitmodel.status import Status
from hitmodel.tables import Cell, Column, Gap, Row, Table

LONGEST_NAME = 19


def expected_table(quote: Quote) -> Table:
    """Return what each contract is expected to pay, by service, the best first."""
    sides = best_first(quote)
    rows = [
        (
            side.title,
            side.days,
            side.allowed("per_diem"),
            side.allowed("drug"),
            side.allowed("nursing") + side.allowed("other"),
            side.allowed(),
            len(side.open) + len(side.unbilled),
        )
        for side in sides
    ]
    notes = [f"{side.title}: {_open_words(side)}" for side in sides if not side.is_complete]
    return Table(
        name="expected",
        headline=_share_words(sides[0]),
        caption=f"Expected allowed before the patient's share, dollars, {when(quote)}",
        columns=(
            Column("contract", "Contract"),
            Column("days", "Days", "days"),
            Column("per_diem", "Per diems", "dollars", "$"),
            Column("drugs", "Drugs", "dollars", "$"),
            Column("nursing", "Nursing and other", "dollars", "$"),
            Column("expected", "Expected", "dollars", "$"),
            Column("open", "Without amount", "count", "items"),
        ),
        rows=tuple(rows),
        notes=tuple(notes),
    )


def margin_table(quote: Quote) -> Table:
    """Return payment, cost and margin of each contract, drug spread apart from services."""
    rows = [
        (
            side.title,
            side.allowed("drug"),
            known(side.cost("drug")),
            known(side.margin("drug")),
            side.allowed() - side.allowed("drug"),
            known(_service_cost(side)),
            known(side.margin()),
        )
        for side in best_first(quote)
    ]
    return Table(
        name="margin",
        headline=_spread_words(quote),
        caption=f"Expected allowed less cost, dollars, {when(quote)}",
        columns=(
            Column("contract", "Contract"),
            Column("drug_paid", "Drugs paid", "dollars", "$"),
            Column("drug_cost", "Drug cost", "dollars", "$"),
            Column("spread", "Drug spread", "dollars", "$", signed=True),
            Column("service_paid", "Services paid", "dollars", "$"),
            Column("service_cost", "Service cost", "dollars", "$"),
            Column("margin", "Margin", "dollars", "$", signed=True),
        ),
        rows=tuple(rows),
        notes=_cost_notes(quote),
    )


def lines_table(side: Side, codes: CodeTable | None = None) -> Table:
    """Return the claim lines of one contract with what each pays and why."""
    table = codes or code_table()
    return Table(
        name=f"lines_{plain(side.name)}",
        headline=f"{counted(len(side.lines), 'claim line')} of {side.title}: {money(side.allowed())} expected.",
        caption="Both dates counted; what a second or later therapy of the day is paid stands after ×",
        columns=(
            Column("line", "Line", "count"),
            Column("code", "Code", "code"),
            Column("service", "Service"),
            Column("first", "From"),
            Column("last", "Through"),
            Column("units", "Units", "count"),
            Column("pays", "Pays", "shown"),
            Column("charge", "Charge", "dollars", "$", to_the_cent=True),
            Column("allowed", "Expected", "dollars", "$", to_the_cent=True),
            Column("cost", "Cost", "dollars", "$", to_the_cent=True),
            Column("clause", "Clause"),
        ),
        rows=tuple(_line_row(q, table) for q in side.lines),
        totals=_line_totals(side) if side.lines else (),
        notes=(*_reasons(side), *_held(side)),
    )


def days_table(side: Side) -> Table:
    """Return the days of each therapy: which count, and why the others do not."""
    rows = [
        (therapy, str(s.span.first), str(s.span.last), s.span.days, s.total, "" if s.why is Why.PAYABLE else str(s.why))
        for therapy, days in side.bill.days
        for s in days.stretches
    ]
    return Table(
        name=f"days_{plain(side.name)}",
        headline=f"{counted(side.days, 'day')} with a per diem under {side.title}.",
        caption="Days of therapy as the contract counts them; both dates counted",
        columns=(
            Column("therapy", "Therapy"),
            Column("first", "From"),
            Column("last", "Through"),
            Column("days", "Days", "days"),
            Column("payable", "Payable", "days"),
            Column("why", "Why not"),
        ),
        rows=tuple((*row[:-1], row[-1] or Gap.NOT_APPLICABLE) for row in rows),
    )


def not_billed_table(side: Side) -> Table:
    """Return what was ordered and stands on no line, and drug that is used up and not billed."""
    told: dict[tuple[Cell, ...], list[str]] = {}
    costs: dict[tuple[Cell, ...], int | None] = {}
    for n in side.bill.not_billed:
        item = (n.what, n.therapy or Gap.NOT_APPLICABLE, str(n.span.first), str(n.span.last))
        told.setdefault(item, []).append(n.reason)
    for used in side.used:
        item = (used.line.code, used.line.therapy, str(used.line.first), str(used.line.last))
        told.setdefault(item, []).append(f"{used.line.units} units used up and not billed")
        costs[item] = used.cost.cents if used.cost else None
    rows = [
        (*item, "; ".join(why), known(costs[item]) if item in costs else Gap.NOT_APPLICABLE)
        for item, why in told.items()
    ]
    return Table(
        name=f"unbilled_{plain(side.name)}",
        headline=f"{counted(len(rows), 'item')} of the order on no claim line.",
        caption=f"{side.title}; the cost of drug used up is in the margin",
        columns=(
            Column("what", "What"),
            Column("therapy", "Therapy"),
            Column("first", "From"),
            Column("last", "Through"),
            Column("why", "Why"),
            Column("cost", "Cost", "dollars", "$"),
        ),
        rows=tuple(rows),
    )


def assumptions_table(side: Side) -> Table:
    """Return what is assumed under one contract, with the dollars that hang on it, most first."""
    ordered = sorted(side.assumptions, key=lambda a: (-_weight(a.low, a.high), a.assumption.key))
    is_range = any(a.low != a.high for a in ordered)
    ends = (("low", "Least"), ("high", "Most")) if is_range else (("change", "Change"),)
    return Table(
        name=f"assumed_{plain(side.name)}",
        headline=assumption_words(side),
        caption=f"{side.title}; the change of expected payment were it read the other way, dollars",
        columns=(
            Column("assumed", "Assumed"),
            Column("standing", "How well founded"),
            *(Column(key, label, "dollars", "$", signed=True) for key, label in ends),
        ),
        rows=tuple(
            (a.assumption.text, str(a.assumption.standing), *_range(a.low, a.high)[: len(ends)]) for a in ordered
        ),
        notes=("A row without dollars: what it moves cannot be worked out from this order.",)
        if any(a.low is None for a in ordered)
        else (),
    )


def left_out_table(quote: Quote) -> Table:
    """Return the contracts at hand that are not quoted, and why."""
    return Table(
        name="left_out",
        headline=f"{counted(len(quote.left_out), 'contract')} at hand not quoted.",
        caption="Contracts that are not in force on all days of the order, cannot be read, or are saved scenarios",
        columns=(Column("contract", "Contract"), Column("why", "Why")),
        rows=tuple((out.name, out.reason) for out in quote.left_out),
    )


def side_tables(side: Side) -> tuple[Table, ...]:
    """Return the tables of one contract in reading order; those with nothing to say are left out."""
    made = (lines_table(side), days_table(side), not_billed_table(side), assumptions_table(side))
    return tuple(table for table in made if table.rows)


def headline(quote: Quote) -> str:
    """Say what the order is expected to be paid, and how the contracts compare."""
    best, *others = best_first(quote)
    told = f"{best.title} pays {money(best.allowed())} for {counted(best.days, 'day')} of therapy"
    if others:
        least = others[-1]
        told += (
            f", the most of {counted(len(quote.sides), 'contract')}; {least.title}, the least, {money(least.allowed())}"
        )
    waiting = [side for side in quote.sides if not side.is_complete]
    if not waiting:
        return f"{told}."
    where = "" if len(quote.sides) == 1 else f" under {listed([side.title for side in waiting])}"
    return f"{told}. Part of the order has no amount{where}."


def best_first(quote: Quote) -> list[Side]:
    """Return the sides by expected payment, the highest first."""
    return sorted(quote.sides, key=lambda side: (-side.allowed(), side.title))


def margin_words(quote: Quote) -> str:
    """Say what is left after cost, or that it is unknown and why."""
    left = [(margin, side.title) for side in best_first(quote) if (margin := side.margin()) is not None]
    if left:
        told = [f"{title} leaves {signed(margin)}" for margin, title in sorted(left, reverse=True)]
        rest = len(quote.sides) - len(left)
        return "; ".join(told) + (f"; unknown under {rest} more." if rest else ".")
    return "Unknown: the cost of a service or of a drug is not given."


def _share_words(side: Side) -> str:
    """Say which service brings most of a side's payment."""
    total = side.allowed()
    if not total:
        return f"{side.title} pays nothing that is known."
    groups = {"Per diems": "per_diem", "Drugs": "drug", "Nursing": "nursing", "Other services": "other"}
    name, group = max(groups.items(), key=lambda item: side.allowed(item[1]))
    return f"{name}: {part_of(side.allowed(group), total)} of what {side.title} pays."


def _spread_words(quote: Quote) -> str:
    """Say what the drugs alone leave."""
    spreads = [(spread, side.title) for side in quote.sides if (spread := side.margin("drug")) is not None]
    if not any(q.group == "drug" for side in quote.sides for q in side.lines):
        return "No drug is billed."
    if not spreads:
        return "What the drugs leave is unknown."
    told = [f"{signed(spread)} under {title}" for spread, title in sorted(spreads, reverse=True)]
    return f"The drugs leave {listed(told)}."


def assumption_words(side: Side) -> str:
    """Say how much hangs on what is assumed."""
    weighty = [a for a in side.assumptions if _weight(a.low, a.high)]
    told = counted(len(side.assumptions), "assumption")
    if not weighty:
        return f"{told}; none that could be read otherwise changes the payment."
    most = max(_weight(a.low, a.high) for a in weighty)
    return f"{told}, {len(weighty)} with dollars on them; the largest moves {money(most)}."


def when(quote: Quote) -> str:
    """Say which days are quoted, and by whose terms."""
    days = f"{quote.order.span.first} to {quote.order.span.last}"
    return f"{days}, terms of {quote.as_of}" if quote.as_of else days


def pays_words(price: UnitPrice) -> str:
    """Say what one unit pays: 95.00 per day, 40 % of charge."""
    if price.rate is None:
        return ""
    if price.basis in ("charge", "cost"):
        return f"{percent(price.rate)} of {price.basis}"
    exact = as_decimal(price.rate, 6)
    exponent = exact.as_tuple().exponent
    text = f"{exact:,.2f}" if isinstance(exponent, int) and exponent > -2 else f"{exact:,}"
    return f"{text} per {price.basis.replace('_', ' ').replace('ndc', 'NDC')}"


def percent(share: Fraction) -> str:
    """Write a fraction as percent: 75 %."""
    return f"{as_decimal(share * 100, 4).normalize():f} %"


def known(cents: int | None) -> Cell:
    """Return an amount, or the word for not knowing it."""
    return Gap.UNKNOWN if cents is None else cents


def plain(name: str) -> str:
    """Return a contract's name as it may stand in the name of a table: short, and no other contract's."""
    text = "".join(c if c.isascii() and c.isalnum() else "_" for c in name.lower())
    if len(text) <= LONGEST_NAME:
        return text
    return f"{text[: LONGEST_NAME - 7]}_{sha256(name.encode()).hexdigest()[:6]}"


def shown_code(q: QuotedLine) -> str:
    """Return code and modifiers as one word: S9500-SH."""
    return "-".join((q.line.code, *q.line.modifiers))


def service_label(code: str, codes: CodeTable) -> str:
    """Return our short label of a code."""
    entry = codes.entry(code)
    return entry.label if entry and entry.label else code


def _line_row(q: QuotedLine, codes: CodeTable) -> Row:
    line = q.line
    return (
        q.number,
        shown_code(q),
        service_label(line.code, codes),
        str(line.first),
        str(line.last),
        line.units,
        _pays(q) or Gap.NOT_APPLICABLE,
        Gap.UNKNOWN if line.charge is None else to_cents(line.charge),
        known(q.allowed),
        known(q.cost.cents if q.cost else None),
        (q.price.cite or q.term or Gap.NOT_APPLICABLE) if q.status is Status.PRICED else status_words(q.status),
    )


def _pays(q: QuotedLine) -> str:
    """Say what one unit of a line pays, what share of it, and whether the charge holds it down."""
    share = f" × {percent(q.price.share)}" if q.price.rate is not None and q.price.share != 1 else ""
    return ", ".join(part for part in (f"{pays_words(q.price)}{share}", "held to the charge" if q.held else "") if part)


def status_words(status: Status) -> str:
    """Write a status as words: contract silent."""
    return status.value.replace("_", " ")


def _reasons(side: Side) -> tuple[str, ...]:
    """Say for each reason for which lines are not priced which lines those are."""
    found: dict[str, list[str]] = {}
    for q in side.lines:
        if q.status is not Status.PRICED:
            found.setdefault(f"{status_words(q.status)}: {q.reason or q.status.meaning}", []).append(str(q.number))
    return tuple(f"{'Line' if len(n) == 1 else 'Lines'} {listed(n)}, {reason}." for reason, n in found.items())


def _held(side: Side) -> tuple[str, ...]:
    """Say which lines the charge limit holds down, and by how much."""
    held = [q for q in side.lines if q.held]
    if not held:
        return ()
    limit = side.version.lesser_of
    cite = f" ({limit.cite})" if limit.cite else ""
    lines = f"{'Line' if len(held) == 1 else 'Lines'} {listed([str(q.number) for q in held])}"
    most = "the charge" if limit.percent == 1 else f"{percent(Fraction(limit.percent))} of the charge"
    whole = " of the whole claim" if limit.level == "claim" else ""
    less = money(sum(q.held for q in held))
    return (f"{lines}: the contract pays {most}{whole} at most{cite}, which is {less} less than its rates.",)


def _line_totals(side: Side) -> tuple[Row, ...]:
    """Return the sums of the lines, and the way from their cost to the cost that the margin has taken off."""
    blank = Gap.NOT_APPLICABLE
    charges = [q.line.charge for q in side.lines]
    whole = sum(to_cents(c) for c in charges if c is not None) if all(c is not None for c in charges) else None
    billed = _summed([q.cost.cents if q.cost else None for q in side.lines])
    left = f"{counted(len(side.open), 'line')} left out" if side.open else blank
    sums = (blank, "All lines", *[blank] * 5, known(whole), side.allowed(), known(billed), left)
    if not side.used:
        return (sums,)
    used = _summed([u.cost.cents if u.cost else None for u in side.used])
    more = [("Used up, not billed", used), ("Cost in the margin", _summed([billed, used]))]
    return (sums, *((blank, blank, name, *[blank] * 6, known(cost), blank) for name, cost in more))


def _summed(cents: Sequence[int | None]) -> int | None:
    """Return a sum, which is unknown as soon as one of its parts is."""
    held = [c for c in cents if c is not None]
    return sum(held) if len(held) == len(cents) else None


def _service_cost(side: Side) -> int | None:
    return _summed([side.cost(group) for group in ("per_diem", "nursing", "other")])


def _cost_notes(quote: Quote) -> tuple[str, ...]:
    missing: dict[str, None] = {}
    for side in quote.sides:
        missing |= {q.line.code: None for q in side.lines if q.cost is None}
        missing |= {used.line.code: None for used in side.used if used.cost is None}
    if not missing:
        return ()
    return (f"Cost unknown: {', '.join(sorted(missing))}. An order's [costs] or a price table gives it.",)


def _open_words(side: Side) -> str:
    reasons = [f"{shown_code(q)}: {q.reason}" for q in side.open] + [f"{n.what}: {n.reason}" for n in side.unbilled]
    return "; ".join(dict.fromkeys(reasons))


def signed(cents: int) -> str:
    """Write an amount inside a sentence with its minus sign: −$27.15."""
    return f"{'−' if cents < 0 else ''}{money(cents)}"


def _weight(low: int | None, high: int | None) -> int:
    return max(abs(low or 0), abs(high or 0))


def _range(low: int | None, high: int | None) -> Sequence[Cell]:
    return (Gap.NOT_APPLICABLE, Gap.NOT_APPLICABLE) if low is None or high is None else (low, high)
