"""Which column of somebody's claims extract is which field, guessed from headings and cells."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as changed
from functools import lru_cache

from hitmodel.errors import InputError, nearest
from hitmodel.intake import cells
from hitmodel.intake.claim_headings import FIELDS, ORDER, canonical, is_birth, is_name, rank

NEEDED = ("claim_id", "patient_id", "payer", "service_from", "code", "units", "charge")
SEVERAL = ("patient_id", "modifiers")
"""Fields that may be spread over several columns."""
FIXED = ("payer", "product", "place_of_service")
"""Fields that one value can be given to for a whole file."""
MONTH_FIRST, DAY_FIRST = "month first", "day first"
_DATES = ("service_from", "service_through")
_AGAIN = re.compile(r" \(\d+\)$")
"""What stands behind a heading that stood before."""
_ENOUGH = 0.6
"""Share of the filled cells of a sample that must be readable as what a column is taken for."""


@dataclass(frozen=True)
class ColumnMap:
    """How one kind of claims extract is read.

    ``columns`` gives each field its column, or columns; ``fixed`` the fields that have one value throughout;
    ``payers`` what a payer is called in the file and in contracts. ``dates`` says whether month or day comes first in
    dates such as 3/4/2026, ``decimal`` which mark parts dollars from cents. ``headings`` are the file's own, by which
    the map is known again.
    """

    columns: Mapping[str, tuple[str, ...]]
    headings: tuple[str, ...]
    fixed: Mapping[str, str] = field(default_factory=dict)
    payers: Mapping[str, str] = field(default_factory=dict)
    dates: str = MONTH_FIRST
    decimal: str = "."

    @property
    def used(self) -> tuple[str, ...]:
        """The columns that any field is read from, in the file's order."""
        named = {name for names in self.columns.values() for name in names}
        return tuple(name for name in self.headings if name in named)

    @property
    def missing(self) -> tuple[str, ...]:
        """The needed fields that have neither a column nor a fixed value."""
        return tuple(name for name in NEEDED if name not in self.columns and name not in self.fixed)


def guess(headings: Sequence[str], sample: Sequence[Sequence[str]]) -> ColumnMap:
    """Return the likeliest map of a file's columns.

    Parameters
    ----------
    headings : sequence of str
        One for each column; "" for a column without.
    sample : rows of text
        Some rows below the heading, by which a guess is held against what the cells look like.
    """
    known = {name: canonical(_AGAIN.sub("", name)) for name in headings if name}
    below = {name: [row[at] for row in sample if at < len(row) and row[at]] for at, name in enumerate(headings) if name}
    columns: dict[str, tuple[str, ...]] = {}
    taken: set[str] = set()
    for wanted in ORDER:
        found = _columns_of(wanted, known, below, taken)
        if wanted == "ndc_quantity" and not found and "ndc" in columns:
            found = _beside_ndc(headings[headings.index(columns["ndc"][0]) + 1 :], known, taken)
        if found:
            columns[wanted] = found
            taken.update(found)
    if "patient_id" not in columns or is_name(columns["patient_id"][0]):
        _by_name(columns, list(known))
    if (
        "service_from" in columns
        and "service_through" not in columns
        and _holds_spans(below[columns["service_from"][0]])
    ):
        columns["service_through"] = columns["service_from"]
    made = ColumnMap({name: columns[name] for name in FIELDS if name in columns}, tuple(headings))
    return as_shown(made, headings, sample)


def as_shown(made: ColumnMap, headings: Sequence[str], sample: Sequence[Sequence[str]]) -> ColumnMap:
    """Return a map whose order of dates and decimal mark are those that the cells show, where they show any.

    A map that was kept from an earlier file says which column is which; how dates and amounts are written is each
    file's own, and a wrong decimal mark makes amounts a hundred times too large.
    """
    columns: dict[str, list[str]] = {}
    for at, name in enumerate(headings):
        columns.setdefault(name, [row[at] for row in sample if at < len(row) and row[at]])

    def below(*names: str) -> list[str]:
        return [text for name in names for column in made.columns.get(name, ()) for text in columns.get(column, ())]

    dates = _date_order(below(*_DATES)) or made.dates
    return changed(made, dates=dates, decimal=decimal_mark(below("charge")) or made.decimal)


def _by_name(columns: dict[str, tuple[str, ...]], headings: Sequence[str]) -> None:
    """Tell patients apart by name and birth date where the file has no id; both are only ever hashed."""
    names = tuple(name for name in headings if is_name(name))
    births = tuple(name for name in headings if is_birth(name))
    if names:
        columns["patient_id"] = (*names, *births[:1])


def _beside_ndc(behind: Sequence[str], known: Mapping[str, str], taken: set[str]) -> tuple[str, ...]:
    """Return the column of a drug's quantity: headed as units are, beside the NDC, while another is as likely units."""
    like = {name: likely for name, said in known.items() if name not in taken and (likely := rank("units", said)) >= 0}
    here = next((name for name in behind[:2] if name in like), "")
    others = [likely for name, likely in like.items() if name != here]
    return (here,) if here and others and min(others) <= like[here] else ()


def _columns_of(
    wanted: str, known: Mapping[str, str], below: Mapping[str, Sequence[str]], taken: set[str]
) -> tuple[str, ...]:
    fits = _LOOKS_LIKE.get(wanted)
    ranks = {name: likely for name, said in known.items() if name not in taken and (likely := rank(wanted, said)) >= 0}
    for least in sorted(set(ranks.values())):
        found = [name for name, own in ranks.items() if own == least]
        if fits:
            found = [name for name in found if not below[name] or _share_of(below[name], fits) >= _ENOUGH]
        if found:
            return tuple(found) if wanted == "modifiers" else (found[0],)
    return ()


def _share_of(texts: Sequence[str], fits: Callable[[str], bool]) -> float:
    return sum(map(fits, texts)) / len(texts)


def _readable(read: Callable[[str], object]) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        try:
            read(text)
        except cells.Unread:
            return False
        return True

    return fits


def _is_code(text: str) -> bool:
    return bool(re.match(r"(HC[:>]?)?([A-Z]\d{4}|\d{4}[A-Z0-9])(\.0+)?([-: ,]?[A-Z0-9]{2})*$", text.strip().upper()))


@lru_cache(maxsize=20_000)
def _is_date(text: str) -> bool:
    parts = map(without_time, split_span(text))
    return bool(re.search(r"\d", text)) and any(_readable(cells.day)(part) for part in parts)


_LOOKS_LIKE: dict[str, Callable[[str], bool]] = {
    "code": _is_code,
    "service_from": _is_date,
    "service_through": _is_date,
    "units": _readable(lambda text: cells.amount(re.sub(r"\s*[A-Za-z]+$", "", text))),
    "charge": _readable(cells.amount),
    "acquisition_cost": _readable(cells.amount),
    "actual_allowed": _readable(cells.amount),
    "ndc_quantity": _readable(cells.amount),
    "modifiers": lambda text: bool(re.fullmatch(r"[A-Za-z0-9]{1,2}(\.0)?([^A-Za-z0-9]*[A-Za-z0-9]{2})*", text)),
    "place_of_service": lambda text: len(text) <= 40,
    "payer": lambda text: not _is_date(text),
    "frequency": lambda text: len(text) <= 14,
    "original": lambda text: not _is_date(text),
    "ndc_unit": lambda text: text.replace(" ", "").isalnum() and not text.isdigit(),
}


def split_span(text: str) -> tuple[str, str]:
    """Return first and last day of a cell: both the same, unless it holds two with a dash or "to" between."""
    found = re.fullmatch(
        r"(\S.*?\d)\s*(?:\s-\s|\s?–\s?|\s+(?:to|thru|through)\s+)\s*(\d.*)", text.strip(), re.IGNORECASE
    )
    found = found or re.fullmatch(r"(\d{8}|[\d/.]{6,10})-(\d{8}|[\d/.]{6,10})", text.strip())
    return (found[1], found[2]) if found else (text, text)


_TIME = re.compile(r"[ T]\d{1,2}:\d\d(:\d\d(\.\d+)?)?( ?[AP]M)?(?P<zone>Z|[+-]\d\d:?\d\d)?$", re.IGNORECASE)


def without_time(text: str) -> str:
    """Return a day without the time of day behind it."""
    return _TIME.sub("", text)


def has_zone(text: str) -> bool:
    """Say whether a time with its zone stands behind a day, by which it can be another day here."""
    found = _TIME.search(text)
    return bool(found and found["zone"] and not re.search(r"[ T]00:00", text))


def _holds_spans(texts: Sequence[str]) -> bool:
    return any(first != last for first, last in map(split_span, texts))


def _date_order(texts: Sequence[str]) -> str:
    """Say whether day or month comes first: a number over 12 tells; "" where none does, or some tell otherwise."""
    parts = [re.match(r"(\d{1,2})[/.-](\d{1,2})[/.-]", text) for text in texts]
    day_first = any(found and int(found[1]) > 12 for found in parts)
    month_first = any(found and int(found[2]) > 12 for found in parts)
    return "" if day_first == month_first else DAY_FIRST if day_first else MONTH_FIRST


def decimal_mark(texts: Sequence[str]) -> str:
    """Return the mark before the cents; "" where no amount shows it, or some show another."""
    commas = any(re.fullmatch(r"[^.]*\d+(\.\d{3})*,\d{1,2}\D*", text) for text in texts)
    points = any(re.search(r"\.\d{1,2}\D*$", text) for text in texts)
    return "" if commas == points else "," if commas else "."


def with_columns(made: ColumnMap, said: Mapping[str, Sequence[str]], where: str) -> ColumnMap:
    """Return a map in which some fields are read from other columns than was guessed.

    Raises `InputError` for a field or a heading that is not known, with the nearest that is.
    """
    for name, columns in said.items():
        if name not in FIELDS:
            raise InputError(
                f"'{name}' is no field", where=where, expected=", ".join(FIELDS), suggestion=nearest(name, FIELDS)
            )
        for column in columns:
            if column not in made.headings:
                raise InputError(
                    f"the file has no column '{column}'",
                    where=f"{where} {name}",
                    expected=", ".join(filter(None, made.headings)),
                    suggestion=nearest(column, made.headings),
                )
        if len(columns) > 1 and name not in SEVERAL:
            raise InputError(f"{name} is read from one column", where=where, expected=f'{name}="its heading"')
    given = {column for columns in said.values() for column in columns}
    guessed = {
        name: left
        for name, columns in made.columns.items()
        if name not in said and (left := tuple(column for column in columns if column not in given))
    }
    whole = guessed | {name: tuple(columns) for name, columns in said.items()}
    return changed(made, columns={name: whole[name] for name in FIELDS if name in whole})
