"""A therapy order as it is typed on a screen: text beside dates, every problem named with its own field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from hitmodel.codes import CodeTable
from hitmodel.dates import typed_date
from hitmodel.errors import InputError, nearest
from hitmodel.intervals import parse_interval
from hitmodel.order_checks import Problem, order_problems
from hitmodel.orders import NO_PATIENT, Order, TherapyOrder, parse_order

T = TypeVar("T")
UNITS = ("mg", "g", "mcg", "ml", "l", "units", "IU", "mEq", "kcal")
CONTINUOUS = "continuous"
_VISIT = re.compile(r"(\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4})\s+(\d{1,2}:\d{2})\s*(?:-|–|to)\s*(\d{1,2}:\d{2})")
_SPAN = re.compile(r"(\S+?)\s*(?:\.\.|\s+to\s+)\s*(\S+)")


@dataclass(frozen=True)
class TherapyEntry:
    """One therapy as typed. ``drug`` is a name or a code, "" for none; ``every`` is 12h, 2d, 1w or continuous.

    ``litres`` a day stands in the place of ``every`` for nutrition and hydration; ``holds`` are days or spans of days,
    separated by commas: ``2026-06-05..2026-06-06``.
    """

    name: str
    therapy_class: str = ""
    drug: str = ""
    dose: str = ""
    unit: str = "mg"
    every: str = ""
    litres: str = ""
    start: date | None = None
    stop: date | None = None
    holds: str = ""


@dataclass(frozen=True)
class OrderEntry:
    """An order as typed. ``stays`` are admission..discharge; ``visits`` such as ``2026-06-20 14:00-16:40``."""

    therapies: tuple[TherapyEntry, ...]
    stays: str = ""
    visits: str = ""


def entry_of(order: Order) -> OrderEntry:
    """Return an order as it would be typed; what a screen does not show stays in the order itself."""
    return OrderEntry(
        tuple(_typed(therapy) for therapy in order.therapy),
        ", ".join(f"{s.admitted}..{s.discharged}" for s in order.stay),
        ", ".join(f"{v.begin:%Y-%m-%d %H:%M}-{v.end:%H:%M}" for v in order.visit),
    )


def _typed(therapy: TherapyOrder) -> TherapyEntry:
    drug = therapy.drugs[0] if therapy.drugs else None
    return TherapyEntry(
        name=therapy.id,
        therapy_class=therapy.therapy_class,
        drug=(drug.family or drug.code) if drug else "",
        dose=f"{drug.dose:f}" if drug else "",
        unit=drug.unit if drug else "mg",
        every=CONTINUOUS if therapy.is_continuous else _interval(therapy.every),
        litres=f"{therapy.litres_per_day:f}" if therapy.litres_per_day is not None else "",
        start=therapy.start,
        stop=therapy.stop,
        holds=", ".join(f"{h.first}..{h.last}" for h in therapy.holds),
    )


def _interval(hours: int | None) -> str:
    if hours is None:
        return ""
    weeks, days = divmod(hours, 168), divmod(hours, 24)
    return f"{weeks[0]}w" if not weeks[1] else f"{days[0]}d" if hours > 24 and not days[1] else f"{hours}h"


_ON_RECORD = {"catheter": "catheter care", "kit": "catheter procedures", "service": "other services"}


def unseen(order: Order) -> tuple[str, ...]:
    """Return what an order says beyond what is typed, each in a few words; it goes into the quote all the same."""
    found = [f"patient {order.patient}"] if order.patient != NO_PATIENT else []
    found += [f"payer {order.payer}"] if order.payer else []
    for therapy in order.therapy:
        found += _unseen_of(therapy)
    for name, word in _ON_RECORD.items():
        found += [word] if getattr(order, name) else []
    for word, amounts in (("charge", order.charges), ("cost", order.costs)):
        found += [f"a {word} for {', '.join(amounts)}"] if amounts else []
    return tuple(found)


def _unseen_of(therapy: TherapyOrder) -> list[str]:
    found = [f"{d.family or d.code}, {d.dose:f} {d.unit} a {d.per}, with {therapy.id}" for d in therapy.drugs[1:]]
    for drug in therapy.drugs[:1]:
        sizes = ", ".join(f"{size:f}" for size in drug.vials)
        found += [f"vials of {sizes} {drug.unit} for {drug.family or drug.code}"] if sizes else []
    found += [f"code {therapy.code} for {therapy.id}"] if therapy.code else []
    for word, recorded in (("doses", therapy.doses), ("infusions", therapy.runs)):
        found += [f"{word} on record of {therapy.id}"] if recorded else []
    return found


def drug_meant(text: str, codes: CodeTable) -> str:
    """Return the drug that a text names, by its whole name or, from four letters on, by a beginning of one alone."""
    said = text.strip().lower()
    families = {entry.family.lower(): entry.family for entry in codes.entries if entry.family}
    begun = [name for name in families if len(said) >= 4 and name.startswith(said)]
    return families.get(said) or (families[begun[0]] if len(begun) == 1 else "")


def without_unseen(order: Order) -> Order:
    """Return the order with nothing but what is typed: no patient, charges, costs, further drugs or vial sizes."""
    bare = {"doses": None, "runs": None, "code": ""}
    therapies = tuple(
        t.model_copy(update={**bare, "drugs": tuple(d.model_copy(update={"vials": ()}) for d in t.drugs[:1])})
        for t in order.therapy
    )
    emptied: dict[str, Any] = dict.fromkeys(_ON_RECORD, ()) | {"charges": {}, "costs": {}}
    named = {"patient": NO_PATIENT, "payer": "", "note": "", "therapy": therapies}
    return order.model_copy(update={**emptied, **named})


def order_from(entry: OrderEntry, base: Order, codes: CodeTable) -> tuple[Order | None, tuple[Problem, ...]]:
    """Return the order that was typed, and every problem; no order where there is any.

    Parameters
    ----------
    base : Order
        Where the typing began: patient, payer, charges, catheter and whatever else the screen does not show stay as
        they are there. Doses and times recorded for a therapy hold only while its dates and interval stay the same.
    """
    reader = _Reader(base, codes)
    therapies = [reader.therapy(number, typed) for number, typed in enumerate(entry.therapies)]
    stays = reader.reading("stays", lambda: [_pair(s, "admitted", "discharged") for s in _parts(entry.stays)])
    visits = reader.reading("visits", lambda: [_visit(text) for text in _parts(entry.visits)])
    if reader.problems:
        return None, tuple(reader.problems)
    kept = base.model_dump(by_alias=True, exclude_unset=True, exclude={"file", "therapy", "stay", "visit"})
    tables = {**kept, "therapy": therapies, "stay": stays, "visit": reader.with_places(visits or [])}
    try:
        order = parse_order(tables, "the order")
        found = order_problems(order, codes)
    except InputError as error:
        return None, (Problem("", str(error)),)
    return (None, found) if found else (order, ())


class _Reader:
    """Reads fields one by one and keeps what stands against each."""

    def __init__(self, base: Order, codes: CodeTable) -> None:
        self.base, self.codes = base, codes
        self.problems: list[Problem] = []

    def reading(self, field: str, read: Callable[[], T]) -> T | None:
        """Return what is read, or None with the problem kept under ``field``."""
        try:
            return read()
        except InputError as error:
            self.problems.append(Problem(field, str(error)))
            return None

    def therapy(self, number: int, typed: TherapyEntry) -> dict[str, Any]:
        """Return the table of one therapy."""
        before = next((t for t in self.base.therapy if t.id == typed.name), None)
        held = before.model_dump(by_alias=True, exclude_unset=True) if before else {}
        if before is None or (before.start, before.stop, _typed(before).every) != (
            typed.start,
            typed.stop,
            typed.every,
        ):
            held.pop("doses", None)
            held.pop("runs", None)
        table = {
            name: value for name, value in held.items() if name not in ("every", "litres_per_day", "holds", "class")
        }
        if typed.every != CONTINUOUS and table.get("method") == CONTINUOUS:
            del table["method"]
        table |= {"id": typed.name, **self._how_often(number, typed), **self._dates(number, typed)}
        holds = self.reading(f"{number}.holds", lambda: [_pair(text, "first", "last") for text in _parts(typed.holds)])
        table |= {"class": typed.therapy_class} if typed.therapy_class else {}
        table |= {"holds": holds} if holds else {}
        drugs = list(held.get("drugs", ()))
        first = self._drug(number, typed, drugs[0] if drugs else {}) if typed.drug.strip() else None
        if not typed.drug.strip():
            self._without_drug(number, typed, has_code=bool(table.get("code")))
        table["drugs"] = ([first] if first else []) + drugs[1:]
        return table

    def _how_often(self, number: int, typed: TherapyEntry) -> dict[str, Any]:
        every, litres = typed.every.strip().lower(), typed.litres.strip()
        found: dict[str, Any] = {}
        if every == CONTINUOUS:
            found["method"] = CONTINUOUS
        elif every:
            self.reading(f"{number}.every", lambda: parse_interval(every))
            found["every"] = every
        if litres:
            found["litres_per_day"] = self.reading(f"{number}.litres", lambda: _amount(litres))
        if not found:
            self.problems.append(
                Problem(f"{number}.every", "How often? Such as 12h, 2d, 1w or continuous; or litres a day.")
            )
        return found

    def _dates(self, number: int, typed: TherapyEntry) -> dict[str, Any]:
        for name in ("start", "stop"):
            if getattr(typed, name) is None:
                self.problems.append(Problem(f"{number}.{name}", f"Choose the day of the {name}: year, month and day."))
        if typed.start and typed.stop and typed.stop < typed.start:
            self.problems.append(Problem(f"{number}.stop", f"The stop lies before the start, {typed.start}."))
        return {"start": typed.start, "stop": typed.stop}

    def _drug(self, number: int, typed: TherapyEntry, held: Mapping[str, Any]) -> dict[str, Any]:
        name = self.reading(f"{number}.drug", lambda: self._named(typed.drug.strip()))
        dose = self.reading(f"{number}.dose", lambda: _amount(typed.dose))
        if name is None or dose is None:
            return {}
        same = {key: held[key] for key in name if key in held} == name
        return {**(held if same else {}), **name, "dose": dose, "unit": typed.unit}

    def _without_drug(self, number: int, typed: TherapyEntry, *, has_code: bool) -> None:
        """Keep what stands against a therapy without a drug: a dose of nothing, or nothing that says what it is."""
        if typed.dose.strip():
            self.problems.append(Problem(f"{number}.drug", "Which drug? A dose is given, and no drug."))
        elif not typed.therapy_class and not has_code:
            self.problems.append(Problem(f"{number}.drug", "Which drug? Or choose the therapy below."))

    def _named(self, text: str) -> dict[str, str]:
        """Return which drug is meant: a code, or the drug whatever the maker."""
        if self.codes.exists_ever(text.upper()):
            return {"code": text.upper()}
        family, families = drug_meant(text, self.codes), {e.family for e in self.codes.entries if e.family}
        if family:
            return {"family": family}
        raise InputError(
            f"{text!r} is neither a drug that we classify nor a code",
            suggestion=nearest(text, families),
            next_step="The code tables find drugs by name.",
        )

    def with_places(self, visits: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the visits with what the order had on those that stay."""
        held = {visit.begin: visit.model_dump(exclude_unset=True) for visit in self.base.visit}
        return [{**held.get(visit["begin"], {}), **visit} for visit in visits]


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[,;\n]", text) if part.strip()]


def _pair(text: str, first: str, last: str) -> dict[str, date]:
    """Read ``2026-06-05..2026-06-06``, or one day alone."""
    found = _SPAN.fullmatch(text)
    begin, end = (found[1], found[2]) if found else (text, text)
    days = typed_date(begin), typed_date(end)
    if days[1] < days[0]:
        raise InputError(f"{text} ends before it starts")
    return {first: days[0], last: days[1]}


def _visit(text: str) -> dict[str, Any]:
    from datetime import datetime

    found = _VISIT.fullmatch(text)
    if not found:
        raise InputError(
            f"{text!r} is not a visit", expected="a day with begin and end, such as 2026-06-20 14:00-16:40"
        )
    day = typed_date(found[1])
    try:
        begin, end = (datetime.strptime(f"{day} {found[n]}", "%Y-%m-%d %H:%M") for n in (2, 3))
    except ValueError:
        raise InputError(f"{text!r} has no such time of day", expected="times from 00:00 to 23:59") from None
    if end <= begin:
        raise InputError(f"the visit {text} ends before it begins")
    return {"begin": begin, "end": end}


def _amount(text: str) -> Decimal:
    if not re.fullmatch(r"\d+(\.\d+)?", text.strip()) or not Decimal(text.strip()):
        raise InputError(
            f"{text.strip()!r} is not an amount" if text.strip() else "the amount is missing", expected="1.25"
        )
    return Decimal(text.strip())
