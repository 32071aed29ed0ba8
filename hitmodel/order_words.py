"""A therapy order in a few words, as one says it on the telephone: vancomycin 1.25 g every 12 hours; tpn 1.8 litres."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from hitmodel.code_finder import read_query
from hitmodel.codes import CodeTable
from hitmodel.errors import InputError, nearest
from hitmodel.labels import therapies_near, therapy_label, therapy_meant
from hitmodel.order_entry import CONTINUOUS, UNITS, OrderEntry, TherapyEntry, drug_meant, order_from
from hitmodel.orders import Order

_LITRES = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?:litres?|liters?|l)\b(?:\s*(?:/|a|per)\s*day)?", re.IGNORECASE)
_DOSE = re.compile(rf"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>{'|'.join(UNITS)})\b", re.IGNORECASE)
_FOR = re.compile(r"\bfor\s+(?P<number>\d+)\s*(?P<unit>days?|weeks?)\b", re.IGNORECASE)
_SPELLED = {unit.lower(): unit for unit in UNITS}


def order_said(therapies: Sequence[str], start: date | None, stop: date | None, codes: CodeTable) -> Order:
    """Return the order that is said, therapy by therapy, all on the same days.

    Each is a drug or the word for a therapy, a dose (``1.25 g``), how often (``every 12 hours``, ``q24``,
    ``continuous``) or litres a day (``1.8 litres``), and how long where that is its own (``for 14 days``).

    Raises
    ------
    InputError
        When a part is missing or cannot be read. The message says of which therapy.
    """
    if start is None:
        raise InputError("the first day is missing", expected="--start DATE, such as --start 2025-06-02")
    said = [_entry(number, text, start, stop, codes) for number, text in enumerate(therapies)]
    order, problems = order_from(OrderEntry(tuple(said)), Order.model_construct(), codes)
    if order is None:
        first = problems[0]
        number = first.field.partition(".")[0]
        where = f"therapy '{therapies[int(number)]}'" if number.isdigit() else ""
        raise InputError(
            first.text.rstrip("."),
            where=where,
            next_step='For example: "vancomycin 1.25 g every 12h for 14 days", or "tpn 1.8 litres".',
        )
    return order


def _entry(number: int, text: str, start: date | None, stop: date | None, codes: CodeTable) -> TherapyEntry:
    """Read one therapy; what is left when amounts and interval are taken out is its drug or the word for it."""
    left, lasts = _taken(_FOR, text)
    left, litres = _taken(_LITRES, left)
    left, dose = _taken(_DOSE, left)
    query = read_query(left)
    words = query.words.replace(CONTINUOUS, " ").strip(" ,;")
    is_continuous = CONTINUOUS in query.words
    drug, therapy = _named(words, codes)
    return TherapyEntry(
        name=words.lower() or f"therapy {number + 1}",
        therapy_class=therapy,
        drug=drug,
        dose=dose["number"] if dose else "",
        unit=_SPELLED[dose["unit"].lower()] if dose else "mg",
        every=CONTINUOUS if is_continuous else f"{query.every}h" if query.every else "",
        litres=litres["number"] if litres else "",
        start=start,
        stop=_last_day(start, lasts) if start and lasts else stop,
    )


def _last_day(start: date, lasts: re.Match[str]) -> date:
    """Return the last day of so many days or weeks, the first counted."""
    days = int(lasts["number"]) * (7 if lasts["unit"].lower().startswith("week") else 1)
    return start + timedelta(days=days - 1)


def _taken(what: re.Pattern[str], text: str) -> tuple[str, re.Match[str] | None]:
    """Return a text without what was looked for, and what was found."""
    found = what.search(text)
    return (f"{text[: found.start()]} {text[found.end() :]}" if found else text), found


def _named(words: str, codes: CodeTable) -> tuple[str, str]:
    """Return the drug that words name, or else the therapy class."""
    therapy = therapy_meant(words)
    classes = {e.therapy_class for e in codes.entries if e.role == "per_diem" and e.therapy_class}
    families = {e.family.lower() for e in codes.entries if e.family}
    if therapy in classes and words.lower() not in families:
        return "", therapy
    if drug_meant(words, codes) or codes.exists_ever(words.upper()):
        return words, ""
    near = [nearest(words, families), *(therapy_label(name).lower() for name in therapies_near(words, classes))]
    raise InputError(
        f"{words!r} is neither a drug that we classify, nor a code, nor a therapy" if words else "it names no drug",
        suggestion=next(filter(None, near), None),
        next_step='"hitmodel codes WORD" finds drugs and therapies by name.',
    )
