"""Finding codes by what a person types: a code, a drug, a therapy, how often it is given.

A drug alone is half the answer: the per diem of its therapy, at the interval that was typed, is found with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from hitmodel.codes import CodeEntry, CodeTable
from hitmodel.errors import nearest
from hitmodel.intervals import SAID, hours_said
from hitmodel.regimen import GENERAL


@dataclass(frozen=True)
class Query:
    """What was typed: words, and the hours between doses where some of it says so [hours]."""

    words: str
    every: int | None = None


@dataclass(frozen=True)
class Hit:
    """One code that was found; ``because`` says why where it does not have the words itself."""

    entry: CodeEntry
    because: str = ""


def read_query(text: str) -> Query:
    """Return words and interval: ``vancomycin every 12 hours`` is vancomycin and 12."""
    found = SAID.search(text.lower())
    if not found:
        return Query(" ".join(text.split()))
    words = " ".join(f"{text[: found.start()]} {text[found.end() :]}".split())
    return Query(words, hours_said(found))


def find_codes(text: str, on: date, codes: CodeTable) -> tuple[Hit, ...]:
    """Return the codes valid on a day that answer what was typed, the likeliest first; nothing for nothing.

    Codes with every word come first; with an interval, per diems of that interval before them. Where drugs are found,
    the per diems of their therapy follow. Where words and interval together find nothing, the text is taken as words.
    """
    query = read_query(text)
    named = codes.search(query.words, on) if query.words else ()
    hits = [*_timed(query, named, on, codes), *map(Hit, named), *_beside_drugs(query, named, on, codes)]
    if not hits and query.every is not None:
        hits = [Hit(entry) for entry in codes.search(text, on)]
    first: dict[str, Hit] = {}
    for hit in hits:
        first.setdefault(hit.entry.code, hit)
    return tuple(_on_its_last_day(hit, on, codes) for hit in first.values())


def of_other_days(text: str, on: date, codes: CodeTable) -> str:
    """Say of the code that what was typed would find today, where it is not valid on the day, why; "" where it is."""
    newest = max(codes.releases[-1].in_force_from, on)
    likeliest = next(iter(find_codes(text, newest, codes)), None)
    if likeliest is None or likeliest.entry.valid_on(on):
        return ""
    return codes.why_unknown(likeliest.entry.code, on)


def respelled(text: str, on: date, codes: CodeTable) -> str:
    """Return what was probably meant where nothing has the words: each unknown one as its nearest; "" for nothing."""
    query = read_query(text)
    valid = [e for e in codes.entries if e.worded_on(on)]
    known = {word for e in valid for word in f"{e.family} {e.label}".lower().replace(",", " ").split() if len(word) > 3}
    meant = text
    for word in query.words.split():
        close = word if codes.search(word, on) else nearest(word, known)
        if close is None:
            return ""
        meant = meant.replace(word, close, 1)
    return meant if meant != text and find_codes(meant, on, codes) else ""


def _on_its_last_day(hit: Hit, on: date, codes: CodeTable) -> Hit:
    """Say of a code that ends on the day itself that it does, and what follows."""
    if hit.entry.last_day != on:
        return hit
    follows = codes.successor(hit.entry.code)
    told = f"its last day; {follows.new} follows on {follows.first_day_new}" if follows else "its last day"
    return Hit(hit.entry, f"{hit.because}; {told}" if hit.because else told)


def _timed(query: Query, named: Iterable[CodeEntry], on: date, codes: CodeTable) -> list[Hit]:
    """Return the per diems at the interval that was typed: of the therapies that were named, or of all."""
    if query.every is None:
        return []
    per_diems = _per_diems(codes, on)
    if not query.words:
        return [Hit(entry) for entry in per_diems if entry.dose_interval_hours == query.every]
    therapies = dict.fromkeys(e.therapy_class for e in named if e.therapy_class)
    return [hit for name in therapies for hit in _at_interval(_of(per_diems, name), query.every)]


def _beside_drugs(query: Query, named: Iterable[CodeEntry], on: date, codes: CodeTable) -> list[Hit]:
    """Return the per diems of the therapies of the drugs that were found, where no interval chooses among them."""
    if query.every is not None:
        return []
    drugs = {e.therapy_class: e for e in named if e.role in ("drug", "nutrition") and e.therapy_class}
    per_diems = _per_diems(codes, on)
    return [
        Hit(entry, f"a per diem that goes with {drug.family or drug.label}")
        for name, drug in drugs.items()
        for entry in _of(per_diems, name)
    ]


def _at_interval(per_diems: list[CodeEntry], every: int) -> list[Hit]:
    """Return the per diem of an interval; the longest beyond them all, else the general one, where none is for it."""
    exact = [e for e in per_diems if e.dose_interval_hours == every]
    if exact:
        return [Hit(e, f"the per diem of this therapy every {every} hours") for e in exact]
    timed = [e for e in per_diems if e.dose_interval_hours]
    longest = max(timed, key=lambda e: e.dose_interval_hours or 0, default=None)
    if longest is not None and every > (longest.dose_interval_hours or 0):
        return [Hit(longest, f"the longest interval that has a code; {every} hours has none of its own")]
    general = [e for e in per_diems if e.subtype == GENERAL] if timed else per_diems
    return [Hit(e, "a per diem of this therapy") for e in general]


def _of(per_diems: list[CodeEntry], therapy: str) -> list[CodeEntry]:
    return [e for e in per_diems if e.therapy_class == therapy]


def _per_diems(codes: CodeTable, on: date) -> list[CodeEntry]:
    return [e for e in codes.entries if e.role == "per_diem" and e.worded_on(on)]
