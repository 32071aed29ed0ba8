"""Why a line is priced as it is. The explanation is the calculation's own steps, not a second telling of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from hitmodel.amounts import Piece, line_pieces
from hitmodel.carried import carried_line
from hitmodel.charge_limit import RULE
from hitmodel.claims import Claims
from hitmodel.errors import InputError, nearest
from hitmodel.forms import Amount, Basis, Known, Max, Min, Outcome, Running, Step, Sum, Tier, Unpriced, sources
from hitmodel.laying import Note
from hitmodel.line_words import days_words
from hitmodel.money import as_decimal, round_half_up, to_cents
from hitmodel.prepare import UNKNOWN, to_day
from hitmodel.pricing import SERVICE_QUARTER, Priced, price
from hitmodel.resolve import Resolution
from hitmodel.status import ORDER, Status
from hitmodel.terms import Contract


@dataclass(frozen=True)
class Explanation:
    """The working of one line.

    ``head`` names the line; ``rows`` are (label, text) in the order of the calculation; ``amount_cents`` is None
    where no amount is known. ``steps`` are the recorded steps behind the rows.
    """

    head: str
    rows: tuple[tuple[str, str], ...]
    status: Status
    amount_cents: int | None
    steps: tuple[Step, ...] = ()

    def __str__(self) -> str:
        width = max([10, *(len(label) for label, _ in self.rows)])
        return "\n".join([self.head, *(f"  {label:<{width}}  {text}" for label, text in self.rows)])


def explain(
    claims: Claims | str | Path | Priced,
    contract: Contract | str | Path | None = None,
    line_id: str = "",
    **dating: Any,
) -> Explanation:
    """Explain one line: days, term, terms not used and why, every step to the amount.

    Parameters
    ----------
    claims : Claims, path, or Priced
        What `price` takes, with ``contract``; or what it returned, and then no ``contract``.
    line_id : str
        The line.
    dating : as_of, drug_prices
        As `price` takes them.

    Raises
    ------
    InputError
        When there is no such line.
    """
    if isinstance(claims, Priced):
        return explain_line(claims, line_id)
    if contract is None:
        raise InputError("no contract is named", expected="the contract to explain the line under")
    return explain_line(price(claims, contract, **({"drug_prices": SERVICE_QUARTER} | dating)), line_id)


def explain_line(priced: Priced, line_id: str) -> Explanation:
    """Explain one line of a priced claims set. Raises `InputError` when there is no such line."""
    ids = priced.claims.lines["line_id"].to_numpy(dtype=object)
    found = [n for n, i in enumerate(ids) if i == line_id]
    if not found:
        raise InputError(
            f"there is no line '{line_id}'",
            where=priced.claims.source,
            suggestion=nearest(line_id, [str(i) for i in ids]),
            next_step='Line ids are in the column "line_id".',
        )
    return _explained(priced, found[0])


def _explained(priced: Priced, line: int) -> Explanation:
    status = ORDER[priced.status[line]]
    amount = int(priced.allowed[line]) if status.has_amount else None
    rows = [*_days_row(priced, line), *_evidence_rows(priced, line)]
    steps: list[Step] = []
    if priced.first_segment[line] >= 0:
        pieces = line_pieces(priced.rated, priced.fitted, _segments(priced, line))
        for piece, segments in pieces:
            shown = piece if len(pieces) == 1 else piece.unbound
            part, found = _piece_rows(priced, line, shown, segments)
            rows += [row for row in part if row not in rows or row[0] not in ("term", "not used")]
            steps += found
    if status is Status.PRICED:
        rows += _closing_rows(priced, line)
    else:
        rows.append((status.value.replace("_", " "), priced.reason_texts[line] or status.meaning))
        rows += _successor_row(priced, line) if status is Status.NEEDS_REVIEW else []
    return Explanation(_head(priced, line, status, amount), tuple(rows), status, amount, tuple(steps))


def _head(priced: Priced, line: int, status: Status, amount: int | None) -> str:
    row = priced.claims.lines.iloc[line]
    code = "-".join(x for x in (row["code"], *row["modifiers"].split()) if x) or "no code"
    charge = priced.fitted.prepared.quantities.charge[line]
    said = "unknown" if amount is None else f"{format_exact(amount)}"
    charged = "unknown" if charge == UNKNOWN else format_exact(int(charge))
    return f"{code}  {_span(priced, line)}   charge {charged}   allowed {said}   {status.value}"


def format_exact(cents: int) -> str:
    """Format cents to the cent whatever their size: a working is never shown rounded to dollars."""
    sign = "−" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02d}"


def _span(priced: Priced, line: int) -> str:
    prepared = priced.fitted.prepared
    if not prepared.first[line]:
        return "no readable dates"
    first, last = to_day(prepared.first[line]), to_day(prepared.last[line])
    return f"{first}" if first == last else f"{first} to {last}"


def _segments(priced: Priced, line: int) -> list[int]:
    segments = priced.fitted.segments
    return [n for n in range(priced.first_segment[line], segments.count) if segments.line[n] == line]


def _days_row(priced: Priced, line: int) -> list[tuple[str, str]]:
    prepared = priced.fitted.prepared
    kind = prepared.kinds[prepared.kind[line]]
    units = prepared.quantities.fraction("units", line)
    if not kind.is_by_day or not prepared.first[line] or units is None:
        return []
    days = int(prepared.last[line] - prepared.first[line]) + 1
    recount = priced.fitted.recount
    if line in recount.units:
        billed = as_decimal(Fraction(recount.billed[line], 1000))
        return [
            ("days", f"{days} service dates, inclusive; {billed} units billed; counted again as {as_decimal(units)}")
        ]
    counted = f"{_shown(units, money=False)} unit{'' if abs(units) == 1 else 's'}"
    agrees = f"agrees with {counted}" if abs(units) == days else f"disagrees with {counted}; priced on billed units"
    dates = "1 service date" if days == 1 else f"{days} service dates, inclusive"
    return [("days", f"{dates}; {agrees}")]


def _evidence_rows(priced: Priced, line: int) -> list[tuple[str, str]]:
    """Return what is on record about a line, or what stands in for it with the least and the most it can come to."""
    recount = priced.fitted.recount
    rows = [("evidence", text) for text in recount.records.get(line, ()) if text]
    if line in recount.assumed:
        text = recount.assumed[line]
        if priced.range is not None and priced.range.lines[line]:
            low, high = int(priced.range.low[line]), int(priced.range.high[line])
            text += f"; low {format_exact(low)}, high {format_exact(high)}"
        rows.append(("assumed", text))
    return rows


def _piece_rows(
    priced: Priced, line: int, piece: Piece, segments: list[int]
) -> tuple[list[tuple[str, str]], list[Step]]:
    segment = segments[0]
    resolution = priced.rated.resolutions[priced.rated.resolution[segment]]
    outcome = resolution.outcome
    steps = [*_steps(outcome), *resolution.factor_steps]
    rows = [*_part_row(priced, line, segments), *_term_rows(priced, resolution, segment)]
    form = piece.outcome
    if isinstance(form, Known | Unpriced) or not sources(form) <= set(piece.quantities):
        return [*rows, *((s.name, describe_step(s)) for s in steps)], steps
    text = _product(form, piece.quantities, resolution.factor)
    if resolution.shares:
        rank = int(priced.rated.rank[segment])
        said = "" if rank == 1 and piece.share == 1 else f" ({_rank_word(rank)} therapy{_cited(resolution.share_cite)})"
        text += f" × {as_decimal(piece.share)}{said}"
    told = _is_told_by_product(outcome, steps)
    rows += [] if told else [(s.name, describe_step(s)) for s in steps]
    rows.append((steps[0].name if told else "amount", f"{text} = {_shown(piece.value())}"))
    return rows, steps


def _is_told_by_product(outcome: Outcome, steps: list[Step]) -> bool:
    """Say whether quantity × rate tells everything that the steps do: one rate, found as the term writes it."""
    return isinstance(outcome, Amount) and len(steps) == 1 and {n for n, _ in steps[0].values} == {"rate", "basis"}


def _part_row(priced: Priced, line: int, segments: list[int]) -> list[tuple[str, str]]:
    held, prepared = priced.fitted.segments, priced.fitted.prepared
    first, last = int(held.first[segments[0]]), int(held.last[segments[-1]])
    if first == prepared.first[line] and last == prepared.last[line]:
        return []
    return [("part", f"{to_day(first)} to {to_day(last)}, {last - first + 1} days")]


def _term_rows(priced: Priced, resolution: Resolution, segment: int) -> list[tuple[str, str]]:
    if not resolution.term:
        return []
    version = priced.compiled.periods[priced.fitted.segments.period[segment]].version
    stem = Path(version.file).stem if version else ""
    written = " ".join(dict.fromkeys(filter(None, (priced.contract.name, stem))))
    term = version.named(resolution.term) if version else None
    days = days_words(term) if term else ""
    name = f"{resolution.term} ({written}{_cited(_cite(resolution))}){f', {days}' if days else ''}"
    return [("term", name), *(("not used", f"{term}: {why}") for term, why in resolution.not_used)]


def _cite(resolution: Resolution) -> str:
    steps = _steps(resolution.outcome)
    return next((s.cite for s in reversed(steps) if s.cite), "")


def _steps(outcome: Outcome) -> tuple[Step, ...]:
    if isinstance(outcome, Sum | Min | Max):
        return (*outcome.steps, *(s for part in outcome.parts for s in _steps(part)))
    return outcome.steps


def _product(outcome: Outcome, quantities: dict[str, Fraction], factor: Fraction) -> str:
    match outcome:
        case Amount():
            quantity = quantities[outcome.basis.source]
            if outcome.basis in (Basis.CHARGE, Basis.COST):
                text = f"{outcome.basis.value} {_shown(quantity)} × {_shown(outcome.rate)}"
                return text if factor == 1 else f"{text} × {as_decimal(factor)}"
            unit = outcome.basis.value.replace("_", " ").replace("ndc", "NDC")
            plural = "" if abs(quantity) == 1 or outcome.basis.source in ("charge", "cost", "case") else "s"
            text = f"{_shown(quantity, money=False)} {unit}{plural} × {_shown(outcome.rate)}"
        case Sum():
            text = " + ".join(_product(p, quantities, Fraction(1)) for p in outcome.parts)
        case Min():
            text = "the least of " + "; ".join(_product(p, quantities, Fraction(1)) for p in outcome.parts)
        case Max():
            text = "the greatest of " + "; ".join(_product(p, quantities, Fraction(1)) for p in outcome.parts)
        case Running():
            text = _counted(outcome, quantities)
        case Tier():
            text = f"{_shown(quantities[outcome.basis.source], money=False)} {outcome.basis.value} in bands"
        case _:
            text = ""
    return text if factor == 1 else f"{text} × {as_decimal(factor)}"


def _counted(outcome: Running, quantities: dict[str, Fraction]) -> str:
    before, units = quantities[outcome.before], quantities["units"]
    first, last = _shown(before + 1, money=False), _shown(before + units, money=False)
    return f"units {first} to {last} of the episode" if units > 1 else f"unit {last} of the episode"


def _successor_row(priced: Priced, line: int) -> list[tuple[str, str]]:
    """Say what a line whose code had ended would be under the code that follows it."""
    found = carried_line(priced, line)
    if found is None:
        return []
    about = "" if found.exact else "about "
    old, factor, new = (_shown(x, money=False) for x in (found.old, found.factor, found.new))
    text = f"{found.code}: {old} × {factor} = {about}{new} units; would be "
    if found.allowed_cents is None:
        return [("successor", f"{text}{found.status.value.replace('_', ' ')}: {found.reason}")]
    return [("successor", f"{text}{format_exact(found.allowed_cents)} under term {found.term}")]


def _closing_rows(priced: Priced, line: int) -> list[tuple[str, str]]:
    allowed = int(priced.allowed[line])
    resolutions = [priced.rated.resolutions[priced.rated.resolution[n]] for n in _segments(priced, line)]
    rows = [("together", _together(priced, line))] if len(resolutions) > 1 else []
    notes = priced.notes.on(line)
    if any(r.limited for r in resolutions):
        rows.append(("lesser of", _lesser_of(priced, line, next((n for n in notes if n.change.rule == RULE), None))))
    for note in notes:
        if note.change.rule != RULE:
            text = f"{note.change.words}: {format_exact(note.before)} becomes {format_exact(note.after)}"
            rows.append(("limit", text + _cited(note.change.cite, bare=True)))
            rows += [("", note.change.working)] if note.change.working else []
    if any(r.mechanism == "manual" for r in resolutions):
        rows.append(("flag", "this amount was entered by hand"))
    if len(rows) > 1 or notes:
        rows.append(("allowed", format_exact(allowed)))
    return rows


def _together(priced: Priced, line: int) -> str:
    """Say what the pieces come to, and what a bound for each line makes of it."""
    pieces = line_pieces(priced.rated, priced.fitted, _segments(priced, line))
    added = to_cents(sum((piece.unbound.value() for piece, _ in pieces), Fraction(0)))
    base = int(priced.base[line])
    if len(pieces) == 1 or added == base:
        return format_exact(base)
    return f"{format_exact(added)}, which the bound for the line makes {format_exact(base)}"


def _lesser_of(priced: Priced, line: int, note: Note | None) -> str:
    """Say how the charge limit came out: for a line against its charge, or for its whole claim."""
    version = priced.compiled.periods[priced.fitted.segments.period[priced.first_segment[line]]].version
    assert version is not None
    rule, charge = version.lesser_of, int(priced.fitted.prepared.quantities.charge[line])
    before, after = (note.before, note.after) if note else (None, None)
    if rule.level == "claim":
        changed = "the claim's charges hold" if note else "the claim's charges are not less"
        return f"whole claim: {changed}" + (
            f", {format_exact(before or 0)} becomes {format_exact(after or 0)}" if note else ""
        )
    percent = Fraction(rule.percent)
    of_charge = "charge" if percent == 1 else f"{as_decimal(percent)} × charge"
    start = before if before is not None else int(priced.base[line])
    end = after if after is not None else start
    return f"{format_exact(start)} or {of_charge} {format_exact(charge)} = {format_exact(end)}" + _cited(
        rule.cite, bare=True
    )


def describe_step(step: Step) -> str:
    """Put one recorded step into words: values by name, then the clause."""
    values = dict(step.values)
    if step.name == "passed over":
        return f"{_name(values['source'])}: {values['because']}"
    if step.name == "factor":
        when = f", {values['when']}" if "when" in values else ""
        return f"{_name(values['id'])} × {_money(values['factor'])}{when}" + _cited(step.cite, bare=True)
    if {"field", "before", "after"} <= values.keys():
        return _increase(step)
    if "rate" in values and "basis" in values and len(values) == 2:
        text = f"{_money(values['rate'])} for each {_name(values['basis'])}"
    else:
        text = ", ".join(
            f"{_name(k)} {_name(v) if isinstance(v, str) else _money(v)}" for k, v in values.items() if k != "basis"
        )
    return text + _cited(step.cite, bare=True)


def _increase(step: Step) -> str:
    """Say what an increase makes of a rate: "88.00 → 90.64 (yearly 3 %, years 1)"."""
    values = dict(step.values)
    field, before, after = (values.pop(name) for name in ("field", "before", "after"))
    of = "" if field == "rate" else f"{_name(field)} "
    how = ", ".join(f"{_name(k)} {_name(v) if isinstance(v, str) else _money(v)}" for k, v in values.items())
    return f"{of}{_money(before)} → {_money(after)}" + (f" ({how})" if how else "") + _cited(step.cite, bare=True)


def _name(text: object) -> str:
    return str(text).replace("_", " ").replace("ndc", "NDC")


def _money(value: object) -> str:
    """Show a number as it is written in a contract: two decimals at least, and no more than it has."""
    if isinstance(value, Fraction):
        value = as_decimal(value)
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        return f"{value:,.2f}" if isinstance(exponent, int) and exponent > -2 else f"{value:,}"
    return str(value)


def _shown(value: Fraction, *, money: bool = True) -> str:
    """Show a fraction exactly where it ends within six decimals, cents at least for money."""
    if money and round_half_up(value) == value:
        return format_exact(to_cents(value))
    decimal = as_decimal(value)
    return f"{decimal:,}".replace("-", "−")


def _rank_word(rank: int) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(rank, f"{rank}th")


def _cited(cite: str, *, bare: bool = False) -> str:
    if not cite:
        return ""
    return f"  [{cite}]" if bare else f", {cite}"
