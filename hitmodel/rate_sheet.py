"""A rate sheet for a single-case agreement: one page that may go to a payer.

It holds rates, expected units and expected payment. Cost, margin, assumptions, the patient and the name of any other
payer are not in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from hitmodel import prose
from hitmodel.billing_rules import BillingRules, CatheterCare, NursingHours, SecondVisit, UnitRounding
from hitmodel.codes import CodeTable, code_table
from hitmodel.document import Document, Prose
from hitmodel.drug_lines import DISCARDED, NONE_DISCARDED
from hitmodel.errors import InputError
from hitmodel.frontpage import FrontPage
from hitmodel.money import as_decimal
from hitmodel.perdiem import DayCount, StayEdges
from hitmodel.quote_tables import pays_words, percent, service_label
from hitmodel.quotes import Quote, QuotedLine, Side, UnitPrice
from hitmodel.sentences import counted, money
from hitmodel.status import Status
from hitmodel.tables import SHOWN_ROWS, Cell, Column, Gap, Row, Table

TITLE = "Rates for a single-case agreement"
_LATER = {"SH": "second therapy of a day", "SJ": "third or later therapy of a day"}
_BASES = {"unit": "billing unit", "ndc_unit": "NDC unit", "case": "line"}


@dataclass(frozen=True)
class Offered:
    """Lines of one code at one rate, put together, from ``first`` on. ``allowed`` is None while any has no amount."""

    first: date
    code: str
    beside: str
    price: UnitPrice
    status: Status
    units: int
    allowed: int | None


def rate_sheet(quote: Quote, side: Side, codes: CodeTable | None = None) -> Document:
    """Return the sheet that offers the rates of one side, as an external document.

    Raises `InputError` when the contract is not one of the order's payer, whom another's rates do not concern, or the
    order has more rates than one page holds, or none at all.
    """
    if not side.version.contract.is_of(quote.order.payer):
        raise InputError(
            f"'{side.name}' is no contract of the order's payer, {quote.order.payer or 'whom the order does not name'}",
            where="--rate-sheet",
            expected="a contract of that payer; an offer is written as a contract too",
        )
    offered = _offered(side)
    if not 0 < len(offered) <= SHOWN_ROWS:
        raise InputError(
            f"the order has {counted(len(offered), 'rate')} under {side.name}",
            where="--rate-sheet",
            expected=f"1 to {SHOWN_ROWS}, so that they stand on one page",
        )
    table = _table(quote, side, offered, codes or code_table())
    front = FrontPage(
        title=TITLE,
        headline=table.headline,
        subline=" · ".join(p for p in (_payer(quote), _period(quote), "one patient, home infusion services") if p),
        contract=_payer(quote),
        period=_period(quote),
        audience="both",
    )
    return Document(TITLE, "external", (table_below(table), _terms(quote, side), _signatures()), front)


def table_below(table: Table) -> Table:
    """Return the table under a page whose headline already says what it shows."""
    return Table(table.name, "", table.caption, table.columns, table.rows, table.totals, table.notes, "both")


def _payer(quote: Quote) -> str:
    return quote.order.payer


def _period(quote: Quote) -> str:
    return f"{quote.order.span.first} to {quote.order.span.last}"


def _offered(side: Side) -> list[Offered]:
    """Put lines of one code, rank and rate together, in the order of the bill; discarded drug stands with its drug."""
    found: dict[object, Offered] = {}
    for q in side.lines:
        beside = next((m for m in q.line.modifiers if m in _LATER), "")
        key = (q.line.code, beside, q.price.rate, q.price.basis, q.price.share, q.status)
        held = found.get(key)
        units, allowed = q.line.units, q.allowed
        if held is not None:
            units += held.units
            allowed = None if allowed is None or held.allowed is None else allowed + held.allowed
        first = q.line.first if held is None else min(held.first, q.line.first)
        found[key] = Offered(first, q.line.code, beside, q.price, q.status, units, allowed)
    return list(found.values())


def _table(quote: Quote, side: Side, offered: list[Offered], codes: CodeTable) -> Table:
    total = sum(o.allowed for o in offered if o.allowed is not None)
    waiting = any(o.allowed is None for o in offered) or bool(side.unbilled)
    more = ", and what is still to be agreed" if waiting else ""
    return Table(
        name="rates",
        headline=f"{money(total)} expected for {_span_words(quote)} at these rates{more}.",
        caption="Rates in dollars; expected units and payment as ordered, before the patient's share",
        columns=(
            Column("code", "Code", "code"),
            Column("service", "Service"),
            Column("rate", "Rate", "shown", "$"),
            Column("per", "For each"),
            Column("units", "Expected units", "count"),
            Column("payment", "Expected payment", "dollars", "$"),
        ),
        rows=tuple(_row(o, offered, codes) for o in offered),
        totals=(("All", Gap.NOT_APPLICABLE, Gap.NOT_APPLICABLE, Gap.NOT_APPLICABLE, Gap.NOT_APPLICABLE, total),),
        notes=_to_agree(side),
        audience="both",
    )


def _span_words(quote: Quote) -> str:
    return counted(quote.order.span.days, "day")


def _row(o: Offered, offered: list[Offered], codes: CodeTable) -> Row:
    service = service_label(o.code, codes)
    if o.beside:
        service += f", {_LATER[o.beside]}"
    alike = [other for other in offered if (other.code, other.beside) == (o.code, o.beside)]
    if len({other.first for other in alike}) > 1:
        service += f", from {o.first}"
    rate, per = _rate_words(o)
    return ("-".join(p for p in (o.code, o.beside) if p), service, rate, per, o.units, _amount(o))


def _rate_words(o: Offered) -> tuple[Cell, Cell]:
    if o.status in (Status.BUNDLED, Status.NOT_COVERED):
        return ("included" if o.status is Status.BUNDLED else "not covered"), Gap.NOT_APPLICABLE
    if o.price.rate is None:
        return "to be agreed" if o.allowed is None else "as worked out", Gap.NOT_APPLICABLE
    if o.price.basis in ("charge", "cost"):
        return percent(o.price.rate * o.price.share), f"of {o.price.basis}"
    if o.price.follows:
        return o.price.follows, _BASES.get(o.price.basis, o.price.basis)
    words, _, basis = pays_words(UnitPrice(_paid(o.price), o.price.basis)).partition(" per ")
    return words, _BASES.get(o.price.basis, basis)


def _paid(price: UnitPrice) -> Fraction:
    assert price.rate is not None
    return Fraction(as_decimal(price.rate * price.share, 6))


def _amount(o: Offered) -> Cell:
    return Gap.UNKNOWN if o.allowed is None else o.allowed


def _to_agree(side: Side) -> tuple[str, ...]:
    """Name what was ordered and has no line; reasons that speak of the contract stay inside."""
    names = dict.fromkeys(f"{n.what}, {n.therapy}" if n.therapy else n.what for n in side.unbilled)
    return tuple(f"To be agreed: {name}, {_dates(side, name)}." for name in names)


def _dates(side: Side, name: str) -> str:
    spans = [n.span for n in side.unbilled if name in (f"{n.what}, {n.therapy}", n.what)]
    return f"{min(s.first for s in spans)} to {max(s.last for s in spans)}"


# --- the terms on which the rates stand ---------------------------------------------------------------------------


def _terms(quote: Quote, side: Side) -> Prose:
    items = "\n".join(f"- {text}" for text in _term_words(side))
    tokens, _ = prose.parse(f"## Terms\n\n{items}\n")
    return Prose(tokens)


def _term_words(side: Side) -> list[str]:
    rules, lines = side.rules, side.lines
    roles = {q.group for q in lines}
    found = []
    if "per_diem" in roles:
        found += [_DAYS[rules.days.count], *_stays(side), *_together(lines)]
    if any(q.line.role == "catheter_care" for q in lines):
        found.append(_CATHETER[rules.catheter_care])
    if "drug" in roles:
        found += [_drug_words(rules, lines)]
    if "nursing" in roles:
        found.append(_nursing_words(rules))
    found.append("Units above are expected; what is given is billed, at these rates, for the dates above.")
    return found


def _stays(side: Side) -> list[str]:
    if not any(days.stretches for _, days in side.bill.days):
        return []
    edges = {
        StayEdges.BOTH: "the days of admission and discharge are payable",
        StayEdges.NEITHER: "neither the day of admission nor that of discharge is payable",
        StayEdges.DISCHARGE: "the day of discharge is payable, that of admission is not",
        StayEdges.ADMISSION: "the day of admission is payable, that of discharge is not",
    }[side.rules.days.edges]
    inner = "are payable" if side.rules.days.inpatient_days else "are not payable"
    return [f"Full days in hospital {inner}; {edges}."]


def _together(lines: tuple[QuotedLine, ...]) -> list[str]:
    if not any(m in _LATER for q in lines for m in q.line.modifiers):
        return []
    return ["Therapies on one calendar day: the second carries SH, the third and later SJ, at the rates above."]


def _drug_words(rules: BillingRules, lines: tuple[QuotedLine, ...]) -> str:
    rounding = {
        UnitRounding.ADMINISTRATION: "for each administration",
        UnitRounding.DAY: "for each day",
        UnitRounding.LINE: "for each claim line",
    }[rules.unit_rounding]
    text = f"Drug units are those of the code, rounded up {rounding}."
    marked = {m for q in lines for m in q.line.modifiers}
    if rules.waste and marked & {DISCARDED, NONE_DISCARDED}:
        text += " Drug discarded from single-dose vials is billed with JW at the same rate, its absence marked with JZ."
    return text


def _nursing_words(rules: BillingRules) -> str:
    hour = {
        NursingHours.MINUTES_31: "each further hour counts from its 31st minute",
        NursingHours.ANY_PART: "each further hour counts from its first minute",
        NursingHours.WHOLE: "only whole further hours count",
    }[rules.nursing_hours]
    second = {
        SecondVisit.AS_VISIT: "a second visit on one day is a visit of its own",
        SecondVisit.AS_ADDED_HOURS: "a second visit on one day counts as further hours",
    }[rules.second_visit]
    return f"A nursing visit covers up to two hours; {hour}; {second}."


_DAYS = {
    DayCount.ACCESS: "A per diem is one day with access to the therapy, from its start to its permanent stop.",
    DayCount.INFUSION: "A per diem is one day with an infusion.",
    DayCount.INFUSION_OR_NURSING: "A per diem is one day with an infusion or a nursing visit.",
    DayCount.ELAPSED_24H: "A per diem is 24 hours of infusion.",
    DayCount.DOSES: "A per diem is one dose as scheduled.",
}
_CATHETER = {
    CatheterCare.UNCOVERED_DAYS: "Catheter care is payable on days that no other per diem covers.",
    CatheterCare.HOLDS_ONLY: "Catheter care is payable while a therapy is on a documented hold.",
    CatheterCare.NEVER: "Catheter care is not payable by itself.",
}


def _signatures() -> Prose:
    text = (
        "## Agreement\n\n"
        "| For the payer | For the provider |\n|---|---|\n"
        "| Authorization number: ________________ | Patient reference: ___________________ |\n"
        "| Name: ____________________________ | Name: ____________________________ |\n"
        "| Signature: _________________________ | Signature: _________________________ |\n"
        "| Date: _____________________________ | Date: _____________________________ |\n"
    )
    tokens, _ = prose.parse(text)
    return Prose(tokens)
