"""A table as a record: what it says, its columns and its exact values. How it looks on each surface is `table_views`.

A table keeps cents, fractions and decimals; text is made when someone looks. Every table opens with the finding
it shows, then a line on what, unit, period and scope. A missing value says which kind of missing it is (`Gap`).
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any, Literal

from hitmodel.errors import HitmodelError

MIME = "application/vnd.hitmodel.table+json"
UPRIGHT_COLUMNS = 7
SHOWN_ROWS = 20

Kind = Literal["text", "code", "dollars", "percent", "count", "days", "rate", "shown"]
Audience = Literal["both", "internal"]
KINDS: tuple[Kind, ...] = ("text", "code", "dollars", "percent", "count", "days", "rate", "shown")


class Gap(Enum):
    """Why a cell holds no value. Never a zero, never an empty string by accident."""

    NONE = "–"
    NOT_APPLICABLE = ""
    UNKNOWN = "unknown"


Cell = str | int | Fraction | Decimal | Gap
Row = tuple[Cell, ...]


@dataclass(frozen=True)
class Column:
    """One column: its key, its head, and how its values are kept.

    Parameters
    ----------
    key : str
        Steady name, the heading in CSV.
    label : str
        What a reader sees.
    kind : str
        ``text`` and ``code`` (text), ``dollars`` (int, cents), ``percent`` (Fraction, 0.031 is 3.1 %), ``count``
        and ``days`` (int), ``rate`` (Decimal, dollars or a multiplier), ``shown`` (text of a number, as it stands).
    unit : str
        Printed under the head: ``$``, ``$ per day``, ``days``.
    signed : bool
        A difference: gains are printed with a plus.
    audience : str
        ``internal`` keeps the whole column out of an external edition.
    to_the_cent : bool
        Dollars with their cents whatever their size, as on a claim.
    """

    key: str
    label: str
    kind: Kind = "text"
    unit: str = ""
    signed: bool = False
    audience: Audience = "both"
    to_the_cent: bool = False

    @property
    def is_number(self) -> bool:
        """Say whether values stand right-aligned."""
        return self.kind not in ("text", "code")


@dataclass(frozen=True)
class Table:
    """A table with its finding.

    Parameters
    ----------
    name : str
        Steady short name in lower case: file name, sheet name and anchor.
    headline : str
        The finding, with its number, as a sentence.
    caption : str
        What is shown, unit, period and scope.
    columns, rows : tuple
        Each row holds one cell for each column.
    totals : tuple of rows
        Printed bold under a rule; never cut off.
    notes : tuple of str
        Footnotes: the clause a number stands on, what is left out.
    audience : str
        ``internal`` (the default, so that nothing leaves by being forgotten) or ``both``.
    whole : bool
        Every row stands on the page, for a document that has no workbook file beside it.

    Raises
    ------
    HitmodelError
        A row of the wrong length, or a cell that its column cannot hold (None among them: say which `Gap`).
    """

    name: str
    headline: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    totals: tuple[Row, ...] = ()
    notes: tuple[str, ...] = ()
    audience: Audience = "internal"
    whole: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9_]{1,28}", self.name):
            expected = "up to 28 lower-case letters, digits and _"
            raise HitmodelError(f"{self.name!r} cannot name a table", expected=expected)
        object.__setattr__(self, "columns", tuple(self.columns))
        object.__setattr__(self, "notes", tuple(self.notes))
        for part in ("rows", "totals"):
            held = tuple(self._checked(row, f"{part[:-1]} {i}") for i, row in enumerate(getattr(self, part), start=1))
            object.__setattr__(self, part, held)

    def _checked(self, row: Sequence[Any], which: str) -> Row:
        where = f"table '{self.name}', {which}"
        if len(row) != len(self.columns):
            raise HitmodelError(f"{len(row)} cells for {len(self.columns)} columns", where=where)
        return tuple(_cell(value, column, where) for value, column in zip(row, self.columns, strict=True))

    @property
    def is_wide(self) -> bool:
        """More columns than an upright page holds, so that a page turns to landscape."""
        return len(self.columns) > UPRIGHT_COLUMNS

    @property
    def shown_rows(self) -> tuple[Row, ...]:
        """The rows a page shows; the rest is in the workbook file."""
        return self.rows if self.whole else self.rows[:SHOWN_ROWS]

    @property
    def hidden_rows(self) -> int:
        """How many rows are only in the workbook file."""
        return len(self.rows) - len(self.shown_rows)

    @property
    def remainder(self) -> str:
        """Words for the rows that a page leaves to the workbook file; empty when it leaves none."""
        if not self.hidden_rows:
            return ""
        rows = "row" if self.hidden_rows == 1 else "rows"
        return f"{self.hidden_rows:,} more {rows} in the workbook file, sheet {self.name}."

    def column(self, key: str) -> tuple[Cell, ...]:
        """Return the values of one column, without totals."""
        at = [c.key for c in self.columns].index(key)
        return tuple(row[at] for row in self.rows)

    def without(self, keys: Sequence[str]) -> Table:
        """Return the same table without the columns ``keys``."""
        kept = [i for i, column in enumerate(self.columns) if column.key not in keys]

        def cut(rows: tuple[Row, ...]) -> tuple[Row, ...]:
            return tuple(tuple(row[i] for i in kept) for row in rows)

        return replace(self, columns=tuple(self.columns[i] for i in kept), rows=cut(self.rows), totals=cut(self.totals))

    def to_json(self) -> dict[str, Any]:
        """Return the table as plain JSON values, exact: cents as integers, fractions and decimals as text."""
        return {
            "name": self.name,
            "headline": self.headline,
            "caption": self.caption,
            "audience": self.audience,
            "columns": [_as_held(column) for column in self.columns],
            "rows": [[_to_json(cell) for cell in row] for row in self.rows],
            "totals": [[_to_json(cell) for cell in row] for row in self.totals],
            "notes": list(self.notes),
        }

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> Table:
        """Read back what `to_json` wrote."""
        columns = tuple(Column(**column) for column in held["columns"])

        def rows(part: str) -> tuple[Row, ...]:
            return tuple(tuple(map(_from_json, row, columns)) for row in held[part])

        return cls(
            name=held["name"],
            headline=held["headline"],
            caption=held["caption"],
            columns=columns,
            rows=rows("rows"),
            totals=rows("totals"),
            notes=tuple(held["notes"]),
            audience=held["audience"],
        )

    def __str__(self) -> str:
        from hitmodel import table_views

        return table_views.to_text(self)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        from hitmodel import table_views

        return {
            MIME: self.to_json(),
            "text/html": table_views.to_html(self),
            "text/plain": table_views.to_text(self),
        }


def _as_held(column: Column) -> dict[str, Any]:
    return {name: value for name, value in vars(column).items() if name != "to_the_cent" or value}


def _whole(value: Any) -> int:
    if isinstance(value, bool):
        raise TypeError("a truth value is not a number")
    return int(operator.index(value))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not text")
    return value


def _fraction(value: Any) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, Fraction | Decimal | int):
        raise TypeError("not an exact number")
    return Fraction(value)


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise TypeError("not a decimal")
    return Decimal(value)


_KEEP: dict[Kind, tuple[Callable[[Any], Cell], str]] = {
    "text": (_text, "text"),
    "code": (_text, "text"),
    "shown": (_text, "text"),
    "dollars": (_whole, "whole cents"),
    "count": (_whole, "a whole number"),
    "days": (_whole, "a whole number"),
    "percent": (_fraction, "a Fraction"),
    "rate": (_decimal, "a Decimal"),
}


def _cell(value: Any, column: Column, where: str) -> Cell:
    if isinstance(value, Gap):
        return value
    keep, expected = _KEEP[column.kind]
    try:
        return keep(value)
    except TypeError:
        raise HitmodelError(
            f"column '{column.key}' cannot hold {value!r}", where=where, expected=f"{expected}, or a Gap"
        ) from None


def _to_json(cell: Cell) -> Any:
    if isinstance(cell, Gap):
        return {"gap": cell.name}
    return cell if isinstance(cell, str | int) else str(cell)


def _from_json(held: Any, column: Column) -> Cell:
    if isinstance(held, dict):
        return Gap[held["gap"]]
    if column.kind == "percent":
        return Fraction(held)
    if column.kind == "rate":
        return Decimal(held)
    return str(held) if isinstance(held, str) else int(held)
