"""Per diem lines: each day's code, what may not stand together, ranks, and the spans that share a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from hitmodel.billing_rules import BeyondLimit
from hitmodel.claim_lines import ClaimLine, NotBilled
from hitmodel.dates import Span, month_end
from hitmodel.desk import Desk
from hitmodel.nursing_lines import SUITE_MODIFIER
from hitmodel.orders import TherapyOrder
from hitmodel.perdiem import Answer, Days, infusion_days
from hitmodel.ranks import Contender, PrimaryBy, Ranked, concurrency_modifier, rank_days
from hitmodel.regimen import Choice, code_spans, noc
from hitmodel.spans import cut, cut_at_months, overlaps, subtract


@dataclass(frozen=True)
class Piece:
    """Days in a row on which one therapy has one code and counts alike.

    ``block`` is the run of days that may share a line: it ends at months, new rates, holds and hospital stays.
    """

    therapy: TherapyOrder
    span: Span
    block: Span
    code: str
    units: int
    assumed: tuple[str, ...]


def line_blocks(desk: Desk, run: Span) -> tuple[Span, ...]:
    """Return a run of days cut where a new line must begin, whatever its code."""
    rules = desk.rules
    return cut_at_months(run, rules.split_at) if rules.split_months else cut(run, rules.split_at)


def pieces_of(desk: Desk, therapy: TherapyOrder, days: Days) -> tuple[list[Piece], list[NotBilled]]:
    """Return a therapy's payable days with their codes, and the days that no code bills."""
    chosen = code_spans(therapy, desk.rules, desk.table, desk.where(therapy))
    by_dose = _paid_by_dose(desk, therapy, days, chosen)
    if by_dose:
        payable = [(Span(day, day), 1) for day in sorted(infusion_days(desk.given(therapy)))]
        blocks = [span for span, _ in payable]
        return _meet(desk, therapy, blocks, by_dose, payable)
    if days.answer is Answer.NEEDS_EVIDENCE:
        return [], [NotBilled("per diem", therapy.span, "needs_evidence", days.note, therapy.id)]
    if days.answer is Answer.OUTSIDE:
        return [], [NotBilled("per diem", therapy.span, "outside", days.note, therapy.id)]
    payable = [(stretch.span, stretch.units) for stretch in days.payable]
    blocks = [block for run in days.at_home for block in line_blocks(desk, run)]
    return _meet(desk, therapy, blocks, chosen, payable)


def _paid_by_dose(
    desk: Desk, therapy: TherapyOrder, days: Days, chosen: Sequence[tuple[Span, Choice]]
) -> tuple[tuple[Span, Choice], ...]:
    """Return the therapy's codes where they are billed once for each day with an infusion; nothing where they aren't.

    Beyond the limit a contract may pay the code of the class so, or else the not otherwise classified one.
    """
    place, outside = desk.place(therapy), days.answer is Answer.OUTSIDE
    unclassified = tuple((span, noc(therapy, span.first, desk.table)) for span, _ in chosen)

    def are_paid(some: Sequence[tuple[Span, Choice]]) -> bool:
        return bool(some) and all((choice.code, place) in desk.rules.dose_codes for _, choice in some)

    if are_paid(chosen) or (outside and desk.rules.beyond_limit is BeyondLimit.PER_DOSE):
        return tuple(chosen)
    if outside and (desk.rules.beyond_limit is BeyondLimit.NOC_PER_DOSE or are_paid(unclassified)):
        return unclassified
    return ()


def _meet(
    desk: Desk,
    therapy: TherapyOrder,
    blocks: Sequence[Span],
    chosen: Sequence[tuple[Span, Choice]],
    payable: Sequence[tuple[Span, int]],
) -> tuple[list[Piece], list[NotBilled]]:
    months = desk.rules.split_months and month_end(therapy.start) < therapy.stop
    split = ("split_months",) if months else ()
    pieces: list[Piece] = []
    missing: list[NotBilled] = []
    for block in blocks:
        for coded, choice in chosen:
            for span in overlaps(overlaps([block], [coded]), [s for s, _ in payable]):
                if choice.code:
                    units = next(units for s, units in payable if span.first in s)
                    pieces.append(Piece(therapy, span, block, choice.code, units, (*choice.assumed, *split)))
                else:
                    missing.append(NotBilled("per diem", span, "no_code", choice.problem, therapy.id))
    return pieces, missing


def without_forbidden(desk: Desk, pieces: Sequence[Piece]) -> tuple[list[Piece], list[NotBilled]]:
    """Return the pieces without the days on which a code's own descriptor forbids it beside another that is billed.

    The code whose descriptor carries the ban gives way: a general code to a specific one.
    """
    kept: list[Piece] = []
    dropped: list[NotBilled] = []
    for piece in pieces:
        banned = desk.table.excluded_by(piece.code, piece.span.first)
        others = [p for p in pieces if p.therapy.id != piece.therapy.id and p.code in banned]
        taken = [other.span for other in others]
        blocks = subtract([piece.block], taken)
        for span in subtract([piece.span], taken):
            kept.append(replace(piece, span=span, block=next(b for b in blocks if span.first in b)))
        for other in others:
            for span in overlaps([piece.span], [other.span]):
                reason = f"the descriptor of {piece.code} forbids it beside {other.code}"
                dropped.append(NotBilled(piece.code, span, "not_together", reason, piece.therapy.id))
    return kept, dropped


def diem_lines(desk: Desk, pieces: Sequence[Piece]) -> list[ClaimLine]:
    """Return the per diem lines of all therapies, ranked day by day, in order of therapy and date."""
    ids = [t.id for t in desk.order.therapy]
    counting = [p for p in pieces if p.code not in desk.rules.unranked_codes]
    contenders = [_contender(desk, p, ids.index(p.therapy.id)) for p in counting]
    how, assumed = _ranking(desk, contenders)
    ranked = rank_days(contenders, how)
    crowded = [r.span for r in ranked if r.rank > 1]
    lines: list[ClaimLine] = []
    for piece in sorted(pieces, key=lambda p: (ids.index(p.therapy.id), p.span)):
        for span, rank in _ranks_within(piece, ranked if piece in counting else ()):
            concurrent = bool(overlaps([span], crowded)) and rank is not None
            _append(lines, _line(desk, piece, span, rank, assumed if concurrent else ()), piece.block)
    return lines


def _contender(desk: Desk, piece: Piece, place: int) -> Contender:
    rate = desk.rate(piece.code, piece.span.first) if desk.rate else None
    return Contender(piece.therapy.id, (piece.span,), place, _began(desk, piece.therapy), rate=rate)


def _began(desk: Desk, therapy: TherapyOrder) -> date:
    """Return the day on which the drug's first regimen started."""
    by_id = {t.id: t for t in desk.order.therapy}
    began, seen = therapy.start, {therapy.id}
    while therapy.replaces and therapy.replaces not in seen:
        therapy = by_id[therapy.replaces]
        seen.add(therapy.id)
        began = min(began, therapy.start)
    return began


def _ranking(desk: Desk, contenders: Sequence[Contender]) -> tuple[PrimaryBy, tuple[str, ...]]:
    how = desk.rules.primary_by
    if how is PrimaryBy.HIGHEST_RATE and any(c.rate is None for c in contenders):
        return PrimaryBy.FIRST_BILLED, ("concurrent", "no_rates")
    return how, ("concurrent", "primary_by")


def _ranks_within(piece: Piece, ranked: Sequence[Ranked]) -> Iterator[tuple[Span, int | None]]:
    """Yield the parts of a piece that hold one rank; all of it without rank when it takes no part."""
    if not ranked:
        yield piece.span, None
    for found in ranked:
        met = found.span.meet(piece.span)
        if met is not None and found.key == piece.therapy.id:
            yield met, found.rank


def _line(desk: Desk, piece: Piece, span: Span, rank: int | None, assumed: tuple[str, ...]) -> ClaimLine:
    suite = desk.in_suite(piece.therapy)
    beside = concurrency_modifier(rank or 1)
    modifiers = [beside, desk.rules.distinct_modifier if beside else "", SUITE_MODIFIER if suite else ""]
    shown = tuple(m for m in modifiers if m)
    keys = {*piece.assumed, *assumed}
    keys |= {"suite_place"} if suite else set()
    keys |= {"modifier_order"} if len(shown) > 1 else set()
    return ClaimLine(
        code=piece.code,
        modifiers=shown,
        span=span,
        units=piece.units * span.days,
        role="per_diem",
        place=desk.place(piece.therapy),
        therapy=piece.therapy.id,
        rank=rank,
        assumptions=tuple(sorted(keys)),
    )


def _append(lines: list[ClaimLine], line: ClaimLine, block: Span) -> None:
    """Add a line, or lengthen the last one when it is the same but for its days and lies in the same block."""
    last = lines[-1] if lines else None
    same = (line.therapy, line.code, line.rank, line.place)
    if last and same == (last.therapy, last.code, last.rank, last.place) and last.first in block:
        keys = tuple(sorted({*last.assumptions, *line.assumptions}))
        lines[-1] = replace(last, span=Span(last.first, line.last), units=last.units + line.units, assumptions=keys)
    else:
        lines.append(line)
