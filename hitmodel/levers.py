"""The rates of a contract as things to move: each by its name, its unit and where it stands.

A lever is one number that the contract writes (``drugs.chain[0].multiplier``), or a percent on many rates at once
(``roles:per_diem``, ``classes:hydration``, ``clause:nursing``), as proposals are spoken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from hitmodel.errors import InputError, nearest
from hitmodel.labels import words
from hitmodel.money import as_decimal
from hitmodel.terms import Contract, RateChange, Record, Selector, Term, Version

R = TypeVar("R", bound=Record)

RAISED = "change_on_all_rates_of"
"""How the id of a rate change begins that a percent on many rates becomes. It comes after those that are written."""
MANY = ("roles", "classes", "families", "codes", "clause")
_DOLLARS = ("rate", "first", "further", "later", "fee", "fee_most", "most", "amount")
_PARTS = ("multiplier", "share", "fee_share", "waste_share")
_FACTORS = {"rate_change": "factor", "adjustment": "factor", "escalator": "percent"}
"""Tables whose rows change many rates, and the field that says by how much."""
MOST_PERCENT = 20
"""Bounds up to here are those of multiples and shares; beyond, of dollars."""
MOST_TIMES = 10
"""How far to look for a rate: ten times what is written; for a percent on many rates, ten times as much again."""
_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?")
_PLACE = re.compile(r"(\w+)\[(\d+)\]\.(\w+)")


@dataclass(frozen=True)
class Lever:
    """One number to move.

    ``written`` is where the contract has it: dollars, a multiple or share, or 0 for a percent on many rates.
    ``places`` are the decimal places in which it is usually written: answers are whole steps of them.
    """

    name: str
    label: str
    unit: str
    written: Decimal
    places: int

    @property
    def is_dollars(self) -> bool:
        """Whether it is an amount of money."""
        return self.unit.startswith("dollars")

    @property
    def is_share(self) -> bool:
        """Whether it is a fraction that cannot pass 1."""
        return self.name.startswith("concurrency.") or self.name.endswith("share")

    @property
    def is_change(self) -> bool:
        """Whether it is a percent on many rates."""
        return self.unit == "increase"

    @property
    def greatest(self) -> Fraction:
        """The greatest value that is worth a look: what a contract could write."""
        if self.is_change:
            return Fraction(MOST_TIMES - 1)
        if self.is_share:
            return Fraction(1)
        most = Fraction(self.written) * MOST_TIMES
        return most if self.is_dollars else min(most, Fraction(20))

    def read(self, text: str) -> Decimal:
        """Return the value that a person types, as `shown` writes it: 98.50, 104 or 104 %, +2.5 %.

        Raises `InputError` for anything that is no number.
        """
        plain = text.replace("−", "-").replace("$", "").replace("%", "").strip()
        if not _NUMBER.fullmatch(plain):
            expected = "dollars such as 98.50" if self.is_dollars else "percent such as 104 or 2.5"
            raise InputError(f"{text.strip()!r} is not a number", expected=expected, suggestion=_with_point(plain))
        value = Decimal(plain.replace(",", ""))
        return value if self.is_dollars else value / 100

    def shown(self, value: Decimal | Fraction) -> str:
        """Return a value as a reader says it: 98.50, 104.0 %, +2.5 %; a fraction that does not end to two places."""
        if self.is_dollars:
            exact = as_decimal(value)
            parts = exact.as_tuple().exponent
            return f"{exact:,}" if isinstance(parts, int) and parts < -2 else f"{exact:,.2f}"
        percent = value * 100 if isinstance(value, Decimal) else as_decimal(value * 100, 2)
        whole, _, after = f"{abs(percent):f}".partition(".")
        text = f"{whole}.{after.rstrip('0') or '0'} %"
        if percent < 0:
            return f"−{text}"
        return f"+{text}" if self.is_change else text


def _with_point(text: str) -> str | None:
    """Return a number with a point where its only comma stands, which elsewhere is written so; None for no such."""
    pointed = text.replace(",", ".")
    return pointed if text.count(",") == 1 and _NUMBER.fullmatch(pointed) else None


def levers(contract: Contract) -> tuple[Lever, ...]:
    """Return every rate that the latest version of a contract writes, and every clause as a percent on its rates."""
    version = contract.latest
    found = [lever for term in version.term for lever in _of_term(term)]
    for number, share in enumerate(version.concurrency.shares[1:], start=2):
        label = f"Share of therapy {number}{' and later' if number == len(version.concurrency.shares) else ''}"
        found.append(Lever(f"concurrency.shares[{number - 1}]", label, "of the rate", share, 3))
    for change in version.rate_change:
        found.append(Lever(f"rate_change.{change.id}", words(change.id), "of the rates before it", change.factor, 3))
    for factor in version.adjustment:
        found.append(Lever(f"adjustment.{factor.id}", words(factor.id), "of the base amount", factor.factor, 3))
    for row in version.escalator:
        if row.percent is not None:
            found.append(Lever(f"escalator.{row.id}", words(row.id), "a year", row.percent, 3))
    clauses = dict.fromkeys(t.clause for t in version.term if t.clause and any(x.is_dollars for x in _of_term(t)))
    return (*found, *(_many(f"clause:{clause}") for clause in clauses))


def lever_named(contract: Contract, name: str) -> Lever:
    """Return the lever that a user means; a term's id alone means its first number.

    Raises `InputError` for a name that the contract does not have, with the nearest that it has.
    """
    known = {lever.name: lever for lever in reversed(levers(contract))}
    if name in known:
        return known[name]
    of_term = [lever for lever in levers(contract) if lever.name.split(".")[0] == name]
    if of_term:
        return of_term[0]
    kind, colon, what = name.partition(":")
    if colon and kind in MANY and what and _selected(contract.latest, name):
        return _many(name)
    raise InputError(
        f"'{name}' is no rate of {contract.name}",
        expected="a term's id, one of its numbers, or roles:, classes:, families:, codes: or clause: with a name",
        suggestion=nearest(name, [*known, *(term.id for term in contract.latest.term)]),
        next_step=f'"hitmodel sensitivity CLAIMS --contract {contract.name}" lists them all.',
    )


def moved(contract: Contract, values: Mapping[str, Decimal]) -> Contract:
    """Return a contract with levers, by name, moved to other values, in every version that has them.

    Raises `InputError` for a value that a contract could not write: a rate of 0, a share above 1.
    """
    versions = contract.versions
    for name, value in values.items():
        versions = tuple(_moved(version, name, value) for version in versions)
    return contract.model_copy(update={"versions": versions})


def _of_term(term: Term) -> Iterator[Lever]:
    for number, source in enumerate(getattr(term, "chain", ())):
        of = {"payment_limit": "the Medicare limit", "raw_asp": "ASP"}.get(source.of, words(source.of).lower())
        label = f"{words(term.id)}, {of}"
        yield Lever(f"{term.id}.chain[{number}].multiplier", label, f"of {of}", source.multiplier, 3)
    for field in (*_DOLLARS, *_PARTS):
        value = getattr(term, field, None)
        if isinstance(value, Decimal) and (value or field not in ("fee", "fee_share")):
            label = (
                words(term.id)
                if field in ("rate", "multiplier", "share")
                else f"{words(term.id)}, {words(field).lower()}"
            )
            yield Lever(f"{term.id}.{field}", label, _unit(term, field), value, 2 if field in _DOLLARS else 3)


def _unit(term: Term, field: str) -> str:
    if field in _PARTS:
        return {"multiplier": "of the schedule"}.get(field, "of the charge")
    per = getattr(term, "per", "") or {"per_diem": "day", "nursing": "visit"}.get(term.mechanism, "")
    return f"dollars a {per.replace('_', ' ')}" if per and field == "rate" else "dollars"


def _many(name: str) -> Lever:
    kind, _, what = name.partition(":")
    about = f"clause {what}" if kind == "clause" else words(what)
    return Lever(name, f"All rates of {about}" if kind != "clause" else f"Clause “{what}”", "increase", Decimal(0), 3)


def _selected(version: Version, name: str) -> Selector | tuple[str, ...] | None:
    """Return what a percent on many rates is about: a selector, or the ids of a clause's terms; None for nothing."""
    kind, _, what = name.partition(":")
    if kind == "clause":
        return tuple(term.id for term in version.term if term.clause == what) or None
    return Selector.model_validate({kind: (what,)})


def _moved(version: Version, name: str, value: Decimal) -> Version:
    kind, colon, _ = name.partition(":")
    if colon and kind in MANY:
        return _raised(version, name, value)
    table, _, field = name.partition(".")
    if table == "concurrency":
        number = int(field.removeprefix("shares[").removesuffix("]"))
        shares = version.concurrency.shares
        if number >= len(shares):
            return version
        shares = (*shares[:number], value, *shares[number + 1 :])
        return version.model_copy(update={"concurrency": _with(version.concurrency, "shares", shares, name)})
    if table in _FACTORS:
        inner = _FACTORS[table]
        rows = tuple(_with(r, inner, value, name) if r.id == field else r for r in getattr(version, table))
        return version.model_copy(update={table: rows})
    terms = tuple(_moved_term(t, field, value, name) if t.id == table else t for t in version.term)
    return version.model_copy(update={"term": terms})


def _moved_term(term: Term, field: str, value: Decimal, name: str) -> Term:
    place = _PLACE.fullmatch(field)
    if place is None:
        return _with(term, field, value, name)
    listed, number, inner = place[1], int(place[2]), place[3]
    rows = getattr(term, listed, ())
    if number >= len(rows):
        return term
    row = _with(rows[number], inner, value, name)
    return term.model_copy(update={listed: (*rows[:number], row, *rows[number + 1 :])})


def _with(record: R, field: str, value: object, name: str) -> R:
    """Return a record with one field replaced, held to what the contract language allows it to be."""
    info = type(record).model_fields.get(field)
    if info is None:
        return record
    try:
        TypeAdapter(info.rebuild_annotation()).validate_python(value)
    except ValidationError as error:
        raise InputError(f"it cannot be moved there: {_plainly(error)}", where=name) from None
    return record.model_copy(update={field: value})


def _plainly(error: ValidationError) -> str:
    """Say the bound that a value is beyond, as a number and as a percent."""
    first = error.errors()[0]
    bounds = {"le": "at most", "lt": "less than", "ge": "at least", "gt": "more than"}
    for kind, words_of in bounds.items():
        if kind in first.get("ctx", {}):
            most = Decimal(first["ctx"][kind])
            if not most:
                return f"it must be {words_of} 0"
            return f"a contract can write {words_of} {f'{most * 100:,.0f} %' if most <= MOST_PERCENT else f'{most:,}'}"
    return f"{first['msg'][:1].lower()}{first['msg'][1:]}"


def _raised(version: Version, name: str, value: Decimal) -> Version:
    about = _selected(version, name)
    if not value or about is None:
        return version
    chosen = {"terms": about} if isinstance(about, tuple) else {"applies_to": about}
    if value <= -1:
        raise InputError("a cut of 100 % leaves no rate", where=name)
    row_id, lever = f"{RAISED}_{re.sub(r'[^a-z0-9]+', '_', name.lower()).removeprefix('roles_')}", _many(name)
    plain = RateChange(id=row_id, factor=Decimal(1), clause=f"{lever.label} {lever.shown(value)}", **chosen)
    change = _with(plain, "factor", 1 + value, name)
    return version.model_copy(update={"rate_change": (*version.rate_change, change)})
