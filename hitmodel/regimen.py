"""Which per diem code describes a therapy on a given day, worked out from the code table alone.

Intervals, volumes and subtypes are the descriptors' own, as the code table holds them. The specific code goes before
the general one, which most general descriptors demand ("do not use this code with …").
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from hitmodel.billing_rules import BillingRules, Prefer
from hitmodel.codes import CodeEntry, CodeTable
from hitmodel.dates import ONE_DAY, Span
from hitmodel.errors import InputError, nearest
from hitmodel.labels import inside, therapies_near, therapy_label
from hitmodel.orders import TherapyOrder
from hitmodel.spans import cut, join

GENERAL = "unspecified"
NOC_CLASS = {"": "noc_infusion", "infusion": "noc_infusion", "injection": "noc_injectable"}


@dataclass(frozen=True)
class Choice:
    """A code with the assumptions it rests on, or no code ("") and the problem."""

    code: str
    assumed: tuple[str, ...] = ()
    problem: str = ""


def therapy_class(therapy: TherapyOrder, table: CodeTable, where: str = "") -> str:
    """Return the therapy's class: its own, else that of its first drug.

    Raises `InputError` when neither is there or the class is not in the code table.
    """
    if therapy.therapy_class:
        known = {e.therapy_class for e in table.entries if e.therapy_class}
        if therapy.therapy_class not in known:
            near = therapies_near(therapy.therapy_class, known)
            raise InputError(
                f"class '{therapy.therapy_class}' is no therapy that we know",
                where=where,
                expected=" or ".join(inside(therapy_label(name)) for name in near),
                next_step="A word such as antibiotics, tpn or hydration will do; so does the drug alone.",
            )
        return therapy.therapy_class
    for drug in therapy.drugs:
        entries = [e for e in table.entries if e.code == drug.code or (drug.family and e.family == drug.family)]
        if entries and entries[0].therapy_class:
            return entries[0].therapy_class
    raise InputError("'class' is missing, and no drug tells it", where=where, expected='such as class = "hydration"')


def check_method(therapy: TherapyOrder, table: CodeTable, where: str = "") -> None:
    """Raise `InputError` when the therapy's method is none that the code table knows."""
    known = sorted({e.subtype for e in table.entries if e.role == "per_diem" and e.subtype} | {"continuous"})
    if therapy.method and therapy.method not in known:
        raise InputError(
            f"method '{therapy.method}' is not known", where=where, suggestion=nearest(therapy.method, known)
        )


def code_spans(
    therapy: TherapyOrder, rules: BillingRules, table: CodeTable, where: str = ""
) -> tuple[tuple[Span, Choice], ...]:
    """Return the therapy's days cut where its code changes, each piece with its choice.

    Raises `InputError` when its class, method or code is none that the code table knows.
    """
    check_method(therapy, table, where)
    pieces = cut(therapy.span, _turns(table))
    if therapy.code:
        return join((piece, _named(therapy.code, piece.first, table, where)) for piece in pieces)
    wanted = therapy_class(therapy, table, where)
    return join((piece, choose(therapy, wanted, piece.first, rules, table)) for piece in pieces)


def choose(therapy: TherapyOrder, wanted: str, day: date, rules: BillingRules, table: CodeTable) -> Choice:
    """Return the per diem code of class ``wanted`` that describes the therapy on ``day``."""
    entries = _valid(table, wanted, day)
    general = next((e for e in entries if e.subtype == GENERAL), None)
    specific = [e for e in entries if e.subtype != GENERAL]
    if general and rules.prefer is Prefer.GENERAL:
        return Choice(general.code)
    if any(e.litres_over is not None for e in specific):
        return _by_volume(therapy, specific, general)
    if any(e.dose_interval_hours for e in specific):
        return _by_interval(therapy, specific, general, rules)
    return _by_method(therapy, specific, general, _valid(table, NOC_CLASS[therapy.route], day))


def noc(therapy: TherapyOrder, day: date, table: CodeTable) -> Choice:
    """Return the not otherwise classified code for the therapy's route on ``day``."""
    return _by_method(therapy, [], None, _valid(table, NOC_CLASS[therapy.route], day))


def _valid(table: CodeTable, wanted: str, day: date) -> list[CodeEntry]:
    return [e for e in table.entries if e.role == "per_diem" and e.therapy_class == wanted and e.worded_on(day)]


def _turns(table: CodeTable) -> Iterable[date]:
    """Return the days on which some per diem code begins or has just ended."""
    for entry in table.entries:
        if entry.role == "per_diem":
            yield entry.first_day
            if entry.last_day is not None:
                yield entry.last_day + ONE_DAY


def _named(code: str, day: date, table: CodeTable, where: str) -> Choice:
    entry = table.entry(code)
    if entry is None or entry.role != "per_diem":
        raise InputError(
            f"{code} is not a per diem code that we classify",
            where=f"{where}, code" if where else "",
            suggestion=nearest(code, [e.code for e in table.entries if e.role == "per_diem"]),
        )
    return Choice(code) if entry.valid_on(day) else Choice("", problem=table.why_unknown(code, day))


def _by_volume(therapy: TherapyOrder, specific: list[CodeEntry], general: CodeEntry | None) -> Choice:
    litres = therapy.litres_per_day
    if litres is None:
        return Choice(general.code, ("no_detail",)) if general else Choice("", problem="litres_per_day is not given")
    for entry in specific:
        low, high = entry.litres_over, entry.litres_through
        if low is not None and low < litres and (high is None or litres <= high):
            return Choice(entry.code, ("up_to_one_litre",) if litres < 1 else ())
    return Choice("", problem=f"no code describes {litres} litres a day")


def _by_interval(
    therapy: TherapyOrder, specific: list[CodeEntry], general: CodeEntry | None, rules: BillingRules
) -> Choice:
    named = {e.dose_interval_hours: e.code for e in specific if e.dose_interval_hours}
    if therapy.every is None:
        return _general(general, "no_schedule")
    hours = dict(rules.interval_as).get(therapy.every, therapy.every)
    pump = ("pump_schedule",) if therapy.is_continuous else ()
    if hours in named:
        return Choice(named[hours], pump)
    longest = max(named)
    if hours > longest:
        return Choice(named[longest], (*pump, "long_interval"))
    return _general(general, "unnamed_interval")


def _general(general: CodeEntry | None, assumed: str) -> Choice:
    return Choice(general.code, (assumed,)) if general else Choice("", problem="no general code is valid")


def _by_method(
    therapy: TherapyOrder, specific: list[CodeEntry], general: CodeEntry | None, unclassified: list[CodeEntry]
) -> Choice:
    """Choose by subtype: the method or route ordered, the only code there is, the general one, or NOC."""
    assumed: tuple[str, ...] = ()
    asked = {therapy.method, therapy.route, f"{therapy.route}_{therapy.method}"} - {""}
    found = [e for e in specific if e.subtype in asked]
    if not found and therapy.route:
        found = [e for e in specific if e.subtype.startswith(f"{therapy.route}_")]
    if not found and not therapy.method and {"continuous", "intermittent"} <= {e.subtype for e in specific}:
        found, assumed = [e for e in specific if e.subtype == "intermittent"], ("method",)
    if not found and not therapy.route and len(specific) > 1:
        found, assumed = [e for e in specific if e.subtype.startswith("infusion")], ("route",)
    if not found and len(specific) == 1 and not _other_route(therapy, specific[0]):
        found = specific
    if len(found) == 1:
        return Choice(found[0].code, assumed)
    if general:
        return Choice(general.code, ("no_detail",))
    if len(specific) > 1:
        codes = ", ".join(e.code for e in specific)
        return Choice("", problem=f"method or code must say which of {codes} is meant")
    if unclassified:
        return Choice(unclassified[0].code, ("noc",))
    return Choice("", problem="no code describes the therapy")


def _other_route(therapy: TherapyOrder, entry: CodeEntry) -> bool:
    """Say whether the only code of a class is for the route that was *not* ordered."""
    routes = {"infusion", "injection"}
    return bool(therapy.route) and entry.subtype.split("_")[0] in routes - {therapy.route}
