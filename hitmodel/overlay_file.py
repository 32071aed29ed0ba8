"""Contract files written from plain tables: an overlay, a proposal or a whole contract, as TOML that loads again.

What is written is what `hitmodel.overlays` reads: money as Decimal without loss, days, text, tables that stand more
than once. A file appears whole and loadable, or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import Array, InlineTable, Item

from hitmodel import paths
from hitmodel.contracts import read_contract
from hitmodel.errors import ContractError
from hitmodel.files import written_whole
from hitmodel.overlays import Raw, find_version
from hitmodel.terms import Contract

LINE = 110
"""Characters; a list that would be longer is written with one item a line."""


def write_contract_file(
    tables: Raw, target: Path, remark: str = "", check: Callable[[Contract], None] | None = None
) -> Path:
    """Write a contract or an overlay to ``target`` and return its path; folders that are missing are made.

    Parameters
    ----------
    tables : dict
        What the file says, as `hitmodel.overlays` reads it: ``{"contract": {"extends": "meridian"}, "term": [{…}]}``.
        Money and shares are Decimal or int, never float.
    target : Path
        The ``.toml`` file. Names that it gives (``extends``, the files of schedules) are looked up from there.
    remark : str
        Written above everything as a comment.
    check : callable or None
        What is to hold of the contract as loaded again; what it raises is raised, and nothing is written.

    Raises
    ------
    ContractError
        When what was written cannot be loaded: the first mistake; and when ``target`` is the very file that it extends.
        ``target`` is then as it was before.
    InputError
        When the folder cannot be written to.
    """
    _refuse_its_base(tables, target)
    text = contract_text(tables, remark)
    target.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(target) as draft:
        draft.write_text(text, encoding="utf-8", newline="\n")
        made, problems = read_contract(draft)
        if problems:
            raise _placed(problems[0], draft.name, target.name)
        if check is not None and made is not None:
            check(made)
    return target


def _refuse_its_base(tables: Raw, target: Path) -> None:
    """Refuse to put an overlay in the place of the contract that it extends, which would be lost."""
    extends = str(tables.get("contract", {}).get("extends", ""))
    if not (extends and target.exists()):
        return
    try:
        base = find_version(extends, target)
    except ContractError:
        return  # a base that is not there is told when the file is loaded
    if base == target.resolve():
        raise ContractError(
            "this is the contract that the overlay extends, and its place would be taken",
            where=paths.shown(target),
            next_step="Name another file.",
        )


def contract_text(tables: Raw, remark: str = "") -> str:
    """Return the same as TOML. Raises `TypeError` for a value that TOML or a contract has no exact form for."""
    document = tomlkit.document()
    for line in remark.splitlines():
        document.add(tomlkit.comment(line))
    for name, value in _in_order(tables):
        if isinstance(value, Mapping):
            document.append(name, _table(value))
        elif _is_rows(value):
            rows = tomlkit.aot()
            for row in value:
                rows.append(_table(row))
            document.append(name, rows)
        else:
            document.append(name, _item(value))
    return tomlkit.dumps(document)


def inline_text(value: Any) -> str:
    """Return one value as it stands behind an equals sign, on one line. Raises `TypeError` as `contract_text` does."""
    return _item(value, room=1_000_000).as_string()


def _in_order(tables: Raw) -> list[tuple[str, Any]]:
    """Return what stands outside any table first, as TOML asks; else the order in which it was given."""
    return sorted(tables.items(), key=lambda part: isinstance(part[1], Mapping) or _is_rows(part[1]))


def _is_rows(value: Any) -> bool:
    return isinstance(value, Sequence) and bool(value) and all(isinstance(row, Mapping) for row in value)


def _table(row: Mapping[str, Any]) -> tomlkit.items.Table:
    table = tomlkit.table()
    for name, value in row.items():
        table.append(name, _item(value, room=LINE - len(name)))
    return table


def _item(value: Any, room: int = LINE) -> Item:
    if isinstance(value, Mapping):
        return _inline(value)
    if isinstance(value, list | tuple):
        return _array(value, room)
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, bool | int | str | date):
        return tomlkit.item(value)
    raise TypeError(f"{value!r} has no exact form in a contract file")


def _number(value: Decimal) -> Item:
    """Write a Decimal digit by digit: 95.00 stays 95.00, and 1E+2 is 100."""
    if not value.is_finite():
        raise TypeError(f"{value} is no amount")
    text = f"{value:f}"
    return tomlkit.value(text)


def _inline(row: Mapping[str, Any]) -> InlineTable:
    table = tomlkit.inline_table()
    for name, value in row.items():
        table.append(name, _item(value, room=10 * LINE))
    return table


def _array(values: Sequence[Any], room: int) -> Array:
    array = tomlkit.array()
    for value in values:
        array.append(_item(value))
    return array.multiline(len(array.as_string()) > room)


def _placed(problem: ContractError, draft: str, target: str) -> ContractError:
    """Return a mistake as one of the file that was to be written, not of its draft."""
    return ContractError(
        problem.what,
        where=problem.where.replace(draft, target),
        expected=problem.expected,
        suggestion=problem.suggestion,
        next_step=problem.next_step.replace(draft, target),
    )
