"""What a term says of a line on a day: a worth, a known nothing, or no answer."""

from __future__ import annotations

from fractions import Fraction

from oracle.contract_file import CannotPrice, Table
from oracle.drugs import drug
from oracle.lines import Line
from oracle.moments import Answer, Moment
from oracle.money import half_up
from oracle.rates import rate_on
from oracle.worth import Counted, Least, Most, Rate, Steps, Worth

LENGTHS = {"calendar": "calendar", "28": "28", "30": "30"}


def answer(line: Line, term: Table, at: Moment, *, compared: bool = False) -> Answer:
    """What one term, or one of several ways to be compared, says of one line, held between its bounds."""
    has = {"ndc": bool(line.ndc), "ndc_quantity": line.ndc_quantity is not None, "cost": line.cost is not None}
    if not all(has[name] for name in term.get("requires", ())):
        return Answer(status="needs_review")
    said = _method(line, term, at)
    if said.worth is None:
        return said
    worth = said.worth
    for name, form in (("at_least", Most), ("at_most", Least)):
        if name in term:
            bound = _bound(line, term, name, at)
            worth = form((worth, Rate(bound.dollars, "case") if compared and bound.per == "line" else bound))
    return Answer(worth=worth)


def _bound(line: Line, term: Table, name: str, at: Moment) -> Rate:
    """So many dollars for each unit, day, NDC unit, dispense, or for the line."""
    dollars = rate_on(at.version, term, term[name]["amount"], line, at.day, name)
    per = term[name]["per"]
    if per == "day":
        return Rate(dollars, "day" if line.by_days else "service_day")
    return Rate(dollars, "dispensed" if per == "dispense" else per)


def _method(line: Line, term: Table, at: Moment) -> Answer:
    method = term["mechanism"]
    if method in ("not_covered", "bundled"):
        return Answer(status=method)
    if method == "by_report":
        return Answer(status="needs_review")
    if method in ("drug", "nursing", "schedule", "compare"):
        return {"drug": drug, "nursing": _nursing, "schedule": _schedule, "compare": _compare}[method](line, term, at)
    return Answer(worth=_simple(line, term, at))


def _simple(line: Line, term: Table, at: Moment) -> Worth:
    """The methods that always have an amount."""

    def dollars(field: str) -> Fraction:
        return rate_on(at.version, term, term[field], line, at.day, field)

    method = term["mechanism"]
    if method == "per_diem":
        return Rate(dollars("rate"), "day")
    if method == "fixed":
        return Rate(dollars("rate"), _fixed_per(term))
    if method == "manual":
        return Rate(Fraction(term["amount"]), term.get("per", "case"))
    if method == "first_visit":
        bands = ((Fraction(0), dollars("first")), (Fraction(term.get("visits", 1)), dollars("later")))
        return Counted(Fraction(0), Steps(bands), term["counted_in"])
    if method == "case_rate":
        length, further = Fraction(term["days"]), dollars("further") if "further" in term else Fraction(0)
        if term.get("prorated"):
            bands = ((Fraction(0), dollars("rate") / length), (length, further))
            return Counted(Fraction(0), Steps(bands), term["counted_in"])
        return Counted(dollars("rate"), Steps(((Fraction(0), Fraction(0)), (length, further))), term["counted_in"])
    assert method == "percent_of_charge", method
    charged = Rate(_share(term), "charge")
    return Least((charged, Rate(dollars("most"), "unit"))) if "most" in term else charged


def _fixed_per(term: Table) -> str:
    counted = term.get("counted", "billed")
    if counted == "billed":
        return str(term["per"])
    length = "7" if term["per"] == "week" else str(term.get("month", "calendar"))
    return f"period {counted} {length}"


def _share(term: Table) -> Fraction:
    """The share, which falls where charges have risen by more than the clause allows."""
    share = Fraction(term["share"])
    if "charges_rose" in term and term["charges_rose"] > term["charge_increase_limit"]:
        share *= (1 + Fraction(term["charge_increase_limit"])) / (1 + Fraction(term["charges_rose"]))
        return half_up(share, term["share_decimals"]) if "share_decimals" in term else share
    return share


def _nursing(line: Line, term: Table, at: Moment) -> Answer:
    entry = line.entry
    if entry is None or entry.billing_basis not in ("per_visit", "per_hour"):
        return Answer(status="contract_silent")
    field, per = ("first", "visit") if entry.billing_basis == "per_visit" else ("further", "hour")
    return Answer(worth=Rate(rate_on(at.version, term, term[field], line, at.day, field), per))


def _schedule(line: Line, term: Table, at: Moment) -> Answer:
    fitting = [
        row
        for row in at.version.schedule(term["schedule"])
        if row.code == line.code
        and not row.ndc
        and set(row.modifier.split()) <= line.modifiers
        and row.in_force(at.day)
    ]
    rows = [row for row in fitting if len(row.modifier.split()) == max(len(r.modifier.split()) for r in fitting)]
    if not rows:
        return Answer(status="contract_silent")
    if len(rows) > 1:
        raise CannotPrice(f"schedule {term['schedule']} has {len(rows)} rows for {line.code}")
    base = half_up(rows[0].rate * Fraction(term.get("multiplier", 1)), term.get("decimals", 2))
    return Answer(worth=Rate(rate_on(at.version, term, base, line, at.day), term.get("per", "day")))


def _compare(line: Line, term: Table, at: Moment) -> Answer:
    """The lesser or the greater of the ways that have a price; what a way requires, and its bounds, are its own."""
    ways = [{**way, "id": term["id"]} for way in term["of"]]
    said = [answer(line, way, at, compared=True) for way in ways]
    worths = [each.worth for each in said if each.worth is not None]
    nothing = [each for each in said if each.status in ("bundled", "not_covered")]
    if nothing and (
        term["pay"] == "lesser" or all(each.status == "contract_silent" or each in nothing for each in said)
    ):
        return nothing[0]
    if any(each.status == "needs_review" for each in said):
        return Answer(status="needs_review")
    if not worths:
        return Answer(status="contract_silent")
    if len(worths) == 1:
        return Answer(worth=worths[0])
    return Answer(worth=(Least if term["pay"] == "lesser" else Most)(tuple(worths)))
