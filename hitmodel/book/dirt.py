"""What is wrong with the book on purpose: chosen lines changed, copied or voided as the plan says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from hitmodel.book.lines import Line
from hitmodel.book.plan import Becomes, Dirt
from hitmodel.errors import InputError
from hitmodel.money import round_half_up, to_cents


def soil(lines: Sequence[Line], dirt: Sequence[Dirt]) -> list[Line]:
    """Return the lines with each piece of dirt put in; `Line.dirt` is its number in ``dirt``.

    Raises `InputError` when there is no nth line of the kind that a piece names.
    """
    book = list(lines)
    for number, piece in enumerate(dirt):
        at = _find(book, piece)
        if piece.adds:
            book.append(_again(book[at], number, void=piece.adds == "void"))
        else:
            book[at] = _changed(book[at], piece.becomes or Becomes(), number)
    return book


def _find(book: Sequence[Line], piece: Dirt) -> int:
    """Return the place of the nth clean line, by service date, that the piece names."""
    told = {id(line.of) for line in book if line.of}
    fits = [
        i
        for i, line in enumerate(book)
        if (line.payer, line.code, line.modifiers) == (piece.payer, piece.code, "")
        and line.span.first >= piece.from_
        and line.dirt is None
        and id(line) not in told
        and line.units + (piece.becomes.more_units if piece.becomes else 0) > 0
    ]
    fits.sort(key=lambda i: (book[i].span.first, book[i].patient))
    if len(fits) < piece.nth:
        raise InputError(f"there is no line {piece.nth} of {piece.code} from {piece.from_}", where=piece.payer)
    return fits[piece.nth - 1]


def _again(line: Line, number: int, void: bool) -> Line:
    """Return the line once more on a later claim, cancelling the first when it is a void."""
    copy = replace(line, later=line.later + 1, dirt=number, of=line)
    if not void:
        return copy
    return replace(
        copy,
        units=-line.units,
        charge_cents=-line.charge_cents,
        ndc_quantity=None if line.ndc_quantity is None else -line.ndc_quantity,
        cost_cents=None if line.cost_cents is None else -line.cost_cents,
    )


def _changed(line: Line, becomes: Becomes, number: int) -> Line:
    """Return the line with what the piece of dirt gives it."""
    units = line.units + becomes.more_units if becomes.units is None else becomes.units
    if becomes.unit_share is not None:
        units = int(round_half_up(line.units * becomes.unit_share, 0))
    charge = line.charge_cents // line.units * units if becomes.more_units else line.charge_cents
    quantity = line.ndc_quantity if becomes.units is None else Decimal(becomes.units)
    ndc = line.ndc if becomes.ndc is None else becomes.ndc
    return replace(
        line,
        dirt=number,
        payer=becomes.payer or line.payer,
        code=becomes.code or line.code,
        units=units,
        charge_cents=charge if becomes.charge is None else to_cents(becomes.charge),
        cost_cents=line.cost_cents if becomes.cost is None else to_cents(becomes.cost),
        ndc=ndc,
        ndc_unit=(becomes.ndc_unit or line.ndc_unit) if ndc else "",
        ndc_quantity=quantity if ndc else None,
    )
