"""Rates that an edited exhibit gives to codes that had none: by report, included, a share of charges, no word."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, get_args

from hitmodel.code_exhibit import ExhibitRow
from hitmodel.code_prices import NO_PRICE
from hitmodel.intake.cells import Unread
from hitmodel.mechanisms.fixed import Fixed
from hitmodel.overlays import Raw
from hitmodel.terms import Term, Version

Unit = Literal["day", "visit", "hour", "dose", "dispense", "week", "month", "unit", "ndc_unit", "case"]
UNITS: tuple[str, ...] = get_args(Unit)
MARKS = ("modifiers", "all_modifiers", "places", "products")
MODIFIER = 2
"""Characters of a modifier."""
IN_WORKBOOK = "change it in the contract's workbook, hitmodel contract to-xlsx"


def unit_of(said: str) -> str:
    """Return what a new rate is for, as the column For each says it.

    Raises `Unread` for an empty cell or another word, with the words that can stand there.
    """
    unit = said.strip().lower().replace(" ", "_")
    if unit not in UNITS:
        asked = ", ".join(name.replace("_", " ") for name in UNITS)
        stands = f"'{said}' stands" if said else "nothing stands"
        raise Unread(f"is a new rate, and {stands} under For each: write what it is for there ({asked})")
    return unit


def can_be_rated(row: ExhibitRow) -> None:
    """Raise `Unread` where a row's mark is no modifier, so that no clause can be written for it alone."""
    if row.price.term == NO_PRICE.term and any(len(part) != MODIFIER for part in row.mark.split()):
        raise Unread(f"is for a place or product that no clause names: {IN_WORKBOOK}")


def new_term(name: str, rows: Sequence[ExhibitRow], unit: str, rate: Decimal, term: Term | None) -> Raw:
    """Return a clause of their own for codes that had no rate, ``term`` being what governs them so far."""
    made: Raw = {"id": name, "codes": [row.code for row in rows], **_marks(rows[0], term)}
    made |= {"mechanism": "per_diem"} if unit == "day" else {"mechanism": Fixed.model_fields["mechanism"].default}
    made |= {} if unit == "day" else {"per": unit}
    clause = term.clause if term is not None else ""
    return {**made, "rate": rate, **({"clause": clause} if clause else {})}


def _marks(row: ExhibitRow, term: Term | None) -> Raw:
    if term is not None:
        return {name: list(held) for name in MARKS if (held := getattr(term, name))}
    modifiers = row.mark.split()
    return {"modifiers" if len(modifiers) == 1 else "all_modifiers": modifiers} if modifiers else {}


def is_emptied(term: Term, codes: Sequence[str]) -> bool:
    """Say whether a term that names its codes has none left once some have a clause of their own."""
    ranges = any(".." in code for code in term.codes)
    return bool(term.codes) and not ranges and not set(term.codes) - set(term.without_codes) - set(codes)


def fresh(name: str, version: Version) -> str:
    """Return a name that no clause has yet."""
    while version.named(name) is not None:
        name += "_edited"
    return name
