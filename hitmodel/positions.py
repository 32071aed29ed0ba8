"""What a contract review asks, clause by clause: the questions, the positions with their sources, the other readings.

They are data, ``data/review/clauses.toml``. A member of an association with a model contract of its own can add the
page of the licensed copy: ``data/local/positions.toml``, which never leaves the machine.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any, Literal

from hitmodel import paths
from hitmodel.errors import InputError, nearest

OWN_FILE = "positions.toml"


@dataclass(frozen=True)
class TermPick:
    """Which terms a reading writes into. Every part that is given must hold.

    ``role``: the term prices codes of this role. ``pays``: ``by_reference`` (a published drug price). ``rule``:
    ``unlisted``, what pays unlisted codes; ``rare``, none but a new one for rarely given therapies that are paid by the
    day; ``unpaid``, those that leave codes of the role without an amount of their own, which are taken back.
    """

    role: str = ""
    mechanism: str = ""
    pays: Literal["", "by_reference"] = ""
    rule: Literal["", "unlisted", "rare", "unpaid"] = ""


@dataclass(frozen=True)
class Reading:
    """What a clause could say instead, as an overlay.

    ``overlay`` is laid over the contract as it stands here; ``put`` is written into each term that ``pick`` finds, and
    ``source_of`` names the published prices that take the place of others there. ``met`` says where it was seen. It
    is priced only where the contract's sections say what ``where`` holds. ``asked``: it is what the position asks for.
    """

    says: str
    met: str
    overlay: Mapping[str, Any] = field(default_factory=dict)
    where: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    pick: TermPick | None = None
    put: Mapping[str, Any] = field(default_factory=dict)
    source_of: Mapping[str, str] = field(default_factory=dict)
    asked: bool = False


@dataclass(frozen=True)
class Position:
    """One clause of a review.

    ``silent`` is what this workbook does where the contract says nothing; ``position`` what is commonly put forward for
    providers, and ``source`` where that can be read in public. ``own`` is the user's own note, with the page of a
    licensed copy. ``at_least`` holds the lowest shares that are in line with the position, where it speaks of shares;
    ``codes`` those that the clause is about, where it is about some.
    """

    id: str
    title: str
    asks: str
    silent: str
    position: str
    source: str
    readings: tuple[Reading, ...] = ()
    at_least: tuple[Decimal, ...] = ()
    codes: tuple[str, ...] = ()
    own: str = ""


@cache
def positions() -> tuple[Position, ...]:
    """Return the clauses of a review in their order, with the user's own notes where there are any.

    Raises `InputError` when the user's file names a clause that is not there.
    """
    file = paths.data("review", "clauses.toml")
    held = tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)["clause"]
    own = _own_notes([row["id"] for row in held])
    return tuple(_position(row, own.get(row["id"], "")) for row in held)


def position(clause: str) -> Position:
    """Return one clause of a review by its id."""
    return next(found for found in positions() if found.id == clause)


def _position(row: Mapping[str, Any], own: str) -> Position:
    plain = {name: row[name] for name in ("id", "title", "asks", "silent", "position", "source")}
    shares = tuple(Decimal(share) for share in row.get("at_least", ()))
    readings, codes = tuple(map(_reading, row.get("reading", ()))), tuple(row.get("codes", ()))
    return Position(**plain, readings=readings, at_least=shares, codes=codes, own=own)


def _reading(row: Mapping[str, Any]) -> Reading:
    return Reading(
        says=row["says"],
        met=row["met"],
        overlay=row.get("overlay", {}),
        where=row.get("where", {}),
        pick=TermPick(**row["terms"]) if "terms" in row else None,
        put=row.get("set", {}),
        source_of=row.get("source_of", {}),
        asked=row.get("asked", False),
    )


def _own_notes(known: list[str]) -> dict[str, str]:
    """Return what ``data/local/positions.toml`` says of each clause: ``[day]`` with ``page`` and ``note``."""
    file = paths.data("local", OWN_FILE)
    if not file.is_file():
        return {}
    try:
        held = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"the file cannot be read as TOML: {error}", where=paths.shown(file)) from None
    for name in held:
        if name not in known:
            raise InputError(
                f"there is no clause '{name}'",
                where=paths.shown(file),
                expected="the id of a clause, as hitmodel review --clauses lists them",
                suggestion=nearest(name, known),
            )
    return {name: ", ".join(str(row[key]) for key in ("page", "note") if key in row) for name, row in held.items()}
