"""A therapy order as claim lines: codes, modifiers, units and dates. No prices.

The order of work: payable days; what lies beyond a per diem's intervals; the code of each day; combinations that a
descriptor forbids; ranks; spans; then drugs, catheter care on the days left over, kits, other services and nursing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from hitmodel.billing_rules import BillingRules, CatheterCare, ChangeDay, assumptions_in
from hitmodel.claim_lines import Bill, ClaimLine, NotBilled
from hitmodel.codes import CodeEntry, CodeTable, code_table
from hitmodel.dates import ONE_DAY, Span
from hitmodel.desk import DayRate, Desk
from hitmodel.diem_lines import Piece, diem_lines, line_blocks, pieces_of, without_forbidden
from hitmodel.drug_lines import Given, drug_lines
from hitmodel.errors import InputError
from hitmodel.nursing_lines import nursing_lines
from hitmodel.orders import Catheter, Kit, Order, TherapyOrder
from hitmodel.perdiem import Answer, Days, Therapy, conventions, count_days, infusion_days, planned_doses
from hitmodel.spans import overlaps, subtract


def bill_order(
    order: Order, rules: BillingRules | None = None, table: CodeTable | None = None, rate: DayRate | None = None
) -> Bill:
    """Return an order as claim lines.

    Parameters
    ----------
    order : Order
        What was ordered and given.
    rules : BillingRules, optional
        The contract's conventions; by default those that `BillingRules` documents.
    table : CodeTable, optional
        By default the one that comes with hitmodel.
    rate : DayRate, optional
        Only read where the highest rate ranks the therapies. Without it, or where a rate is not known, the order's own
        sequence does, and that is listed as an assumption.

    Returns
    -------
    Bill
        Lines by therapy, then catheter care, kits, services and nursing; what is not billed; days; assumptions.

    Raises
    ------
    InputError
        When the code table does not know a class, drug or code, or a dose can't be put into its code's measure.
    """
    desk = Desk(order, rules or BillingRules(), table or code_table(), rate)
    therapies = _trimmed(desk)
    days = {t.id: count_days(desk.given(t), desk.day_rules(t)) for t in therapies}
    lines, left, pieces = _therapy_lines(desk, therapies, days)
    for more, missing in (
        _catheter_care(desk, therapies, pieces, days),
        (list(_kits(desk)), []),
        _services(desk, pieces),
        _nursing(desk, pieces),
    ):
        lines += more
        left += missing
    keys = _decisions(desk, therapies, days).union(*(line.assumptions for line in lines))
    return Bill(
        patient=order.patient,
        lines=tuple(_charged(order, line) for line in lines),
        payer=order.payer,
        product=order.product,
        days=tuple(days.items()),
        not_billed=tuple(left),
        assumptions=assumptions_in(keys, desk.rules),
    )


def _trimmed(desk: Desk) -> list[TherapyOrder]:
    """Return the therapies with each day of a change given to one regimen; those left without a day drop out."""
    by_id = {t.id: t for t in desk.order.therapy}
    for new in desk.order.therapy:
        old = by_id.get(new.replaces)
        if old is None or new.start > old.stop:
            continue
        if desk.rules.change_day is ChangeDay.NEW:
            by_id[old.id] = old.model_copy(update={"stop": new.start - ONE_DAY})
        else:
            by_id[new.id] = by_id[new.id].model_copy(update={"start": old.stop + ONE_DAY})
    return [t for t in by_id.values() if t.start <= t.stop]


def _therapy_lines(
    desk: Desk, therapies: Sequence[TherapyOrder], days: Mapping[str, Days]
) -> tuple[list[ClaimLine], list[NotBilled], list[Piece]]:
    """Return per diem and drug lines therapy by therapy, what is left out, and the per diem pieces billed."""
    kept = {t.id for t in therapies}
    left = [
        NotBilled("therapy", t.span, "replaced", "another regimen takes every day of it", t.id)
        for t in desk.order.therapy
        if t.id not in kept
    ]
    pieces: list[Piece] = []
    for therapy in therapies:
        found, missing = pieces_of(desk, therapy, days[therapy.id])
        pieces += found
        left += missing
    pieces, forbidden = without_forbidden(desk, pieces)
    diems = diem_lines(desk, pieces)
    lines: list[ClaimLine] = []
    for therapy in therapies:
        drugs, missing = _drugs(desk, therapy)
        lines += [line for line in diems if line.therapy == therapy.id] + drugs
        left += missing
    return lines, left + forbidden, pieces


def _drugs(desk: Desk, therapy: TherapyOrder) -> tuple[list[ClaimLine], list[NotBilled]]:
    given = desk.given(therapy)
    doses = planned_doses(given) if given.dose_dates is None else given.dose_dates
    daily = tuple(sorted(infusion_days(given)))
    lines: list[ClaimLine] = []
    left: list[NotBilled] = []
    for drug in therapy.drugs:
        name = drug.code or drug.family
        if drug.standard_formula and desk.rules.standard_formula_inside:
            reason = "standard formula lies inside the per diem"
            left.append(NotBilled(name, therapy.span, "inside_per_diem", reason, therapy.id))
            continue
        dates = daily if drug.per == "day" else doses
        if not dates and given.dose_dates is None and given.interval_hours is None:
            reason = 'a continuous infusion needs doses, or per = "day"'
            left.append(NotBilled(name, therapy.span, "needs_evidence", reason, therapy.id))
            continue
        planned = given.dose_dates is None and (drug.per == "dose" or given.runs is None)
        wanted = Given(drug, dates, given.interval_hours, planned, therapy.id, desk.place(therapy), desk.where(therapy))
        found, missing = drug_lines(wanted, desk.rules, desk.table)
        lines += found
        left += missing
    return lines, left


# --- what stands beside the therapies ---------------------------------------------------------------------------


def _catheter_care(
    desk: Desk, therapies: Sequence[TherapyOrder], pieces: Sequence[Piece], days: Mapping[str, Days]
) -> tuple[list[ClaimLine], list[NotBilled]]:
    """Return catheter care on the days that are left to it; two devices on one day are one per diem, the first's."""
    if desk.rules.catheter_care is CatheterCare.NEVER:
        return [], []
    outside = [t for t in therapies if days[t.id].answer is Answer.OUTSIDE]
    dosed = [Span(day, day) for t in outside for day in infusion_days(desk.given(t))]
    taken = [piece.span for piece in pieces] + dosed
    holds, left = _holds(desk)
    lines: list[ClaimLine] = []
    for catheter in desk.order.catheter:
        care = count_days(Therapy(catheter.first, catheter.last, 24, stays=desk.stays), desk.rules.days)
        free = subtract([stretch.span for stretch in care.payable], taken)
        if desk.rules.catheter_care is CatheterCare.HOLDS_ONLY:
            free = overlaps(free, holds)
        taken += free
        for span in (block for run in free for block in line_blocks(desk, run)):
            keys = {"catheter_care"} | ({"between_doses"} if overlaps([span], [t.span for t in outside]) else set())
            lines.append(_care_line(desk, catheter, span, tuple(sorted(keys))))
    return lines, left


def _holds(desk: Desk) -> tuple[list[Span], list[NotBilled]]:
    """Return the holds that catheter care can be billed for, and those that are too long for it."""
    if desk.rules.catheter_care is not CatheterCare.HOLDS_ONLY or not desk.order.catheter:
        return [], []
    found: list[Span] = []
    left: list[NotBilled] = []
    for therapy in desk.order.therapy:
        for hold in therapy.holds:
            if hold.span.days <= desk.rules.longest_hold:
                found.append(hold.span)
            else:
                reason = f"the hold is {hold.span.days} days long, and at most {desk.rules.longest_hold} are covered"
                left.append(NotBilled("catheter care", hold.span, "hold_too_long", reason, therapy.id))
    return found, left


def _care_line(desk: Desk, catheter: Catheter, span: Span, keys: tuple[str, ...]) -> ClaimLine:
    kind = "implanted_interim" if catheter.implanted else "single_lumen" if catheter.lumens == 1 else "multi_lumen"
    entry = _entry(desk, "catheter_care", kind, span.first)
    return ClaimLine(entry.code, (), span, span.days, entry.role, desk.place(), assumptions=keys)


def _entry(desk: Desk, wanted: str, subtype: str, day: date) -> CodeEntry:
    """Return the code of a class and subtype on a day."""
    for entry in desk.table.entries:
        if entry.therapy_class == wanted and entry.subtype == subtype and entry.worded_on(day):
            return entry
    raise InputError(f"no code for {wanted.replace('_', ' ')}, {subtype.replace('_', ' ')}, is valid on {day}")


def _kits(desk: Desk) -> Iterator[ClaimLine]:
    """Yield a line for each kit, one of a kind a day, and for its nurse where that is asked for."""
    kits: dict[tuple[date, str], Kit] = {}
    for kit in desk.order.kit:
        kits.setdefault((kit.date, kit.kind), kit)
    for (day, kind), kit in sorted(kits.items()):
        for subtype in (kind, f"{kind}_nursing") if kit.nursing else (kind,):
            entry = _entry(desk, "catheter_procedure", subtype, day)
            yield ClaimLine(entry.code, (), Span(day, day), 1, entry.role, desk.place(), assumptions=("kits",))


def _services(desk: Desk, pieces: Sequence[Piece]) -> tuple[list[ClaimLine], list[NotBilled]]:
    """Return other services as ordered, but for those that their descriptor forbids beside a per diem of that day."""
    lines: list[ClaimLine] = []
    left: list[NotBilled] = []
    for service in desk.order.service:
        code, day = service.code, Span(service.date, service.date)
        if not desk.table.exists_ever(code):
            where = f"{desk.order.file or 'the order'}, service"
            raise InputError(f"{code} is not an HCPCS code", where=where, suggestion=desk.table.nearest(code))
        if not desk.table.is_known(code, service.date):
            left.append(NotBilled(code, day, "no_code", desk.table.why_unknown(code, service.date)))
            continue
        beside = {p.code for p in pieces if service.date in p.span} & desk.table.excluded_by(code, service.date)
        if beside:
            reason = f"the descriptor of {code} forbids it beside {', '.join(sorted(beside))}"
            left.append(NotBilled(code, day, "not_together", reason))
            continue
        entry = desk.table.get(code, service.date)
        lines.append(ClaimLine(code, (), day, service.units, entry.role if entry else "", desk.place()))
    return lines, left


def _nursing(desk: Desk, pieces: Sequence[Piece]) -> tuple[list[ClaimLine], list[NotBilled]]:
    """Return nursing lines, but for visits on days whose only per diems hold nursing themselves."""
    lines: list[ClaimLine] = []
    left: list[NotBilled] = []
    for line in nursing_lines(desk.order, desk.rules):
        entries = [desk.table.get(p.code, line.first) for p in pieces if line.first in p.span]
        apart = [e.coded_separately for e in entries if e is not None]
        if apart and not any("visits" in words or "nursing" in words for words in apart):
            left.append(NotBilled(line.code, line.span, "inside_per_diem", "the day's per diem includes nursing"))
        else:
            lines.append(line)
    return lines, left


# --- the whole --------------------------------------------------------------------------------------------------


def _decisions(desk: Desk, therapies: Sequence[TherapyOrder], days: Mapping[str, Days]) -> frozenset[str]:
    """Return the keys of the conventions that decided about days rather than about one line."""
    by_id = {t.id: t for t in desk.order.therapy}
    changed = any(t.replaces and t.start <= by_id[t.replaces].stop for t in desk.order.therapy)
    used = [conventions(desk.given(t), days[t.id], desk.day_rules(t)) for t in therapies]
    return frozenset({"change_day"} if changed else ()).union(*used)


def _charged(order: Order, line: ClaimLine) -> ClaimLine:
    charge = order.charges.get(line.code)
    return line if charge is None else replace(line, charge=charge * line.units)
