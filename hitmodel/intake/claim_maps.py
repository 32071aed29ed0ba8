"""Maps of claims extracts as files: which column is which field, kept, corrected by hand and read again."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hitmodel import paths
from hitmodel.errors import InputError, nearest
from hitmodel.intake.claim_columns import DAY_FIRST, FIXED, MONTH_FIRST, SEVERAL, ColumnMap
from hitmodel.intake.claim_headings import FIELDS

_SETTINGS = {"dates": (MONTH_FIRST, DAY_FIRST), "decimal": (".", ",")}


def write_map(made: ColumnMap, target: Path) -> None:
    """Write a map as TOML that can be corrected by hand and given to ``--map``."""
    import tomlkit

    from hitmodel.files import written_whole

    whole = tomlkit.document()
    whole.add(tomlkit.comment("How a claims extract is read. Correct what is wrong, then import again with --map."))
    whole.add("dates", tomlkit.item(made.dates))
    whole.add("decimal", tomlkit.item(made.decimal))
    # Written out at once: a list that grows by cells takes its length squared, and sheets have 16,384 columns.
    headings = ", ".join(tomlkit.item(heading).as_string() for heading in made.headings)
    whole.add("headings", tomlkit.value(f"[{headings}]"))
    columns = tomlkit.table()
    for name in FIELDS:
        if name in made.columns:
            said = made.columns[name]
            columns.add(name, list(said) if len(said) > 1 else said[0])
        else:
            columns.add(tomlkit.comment(f'{name} = ""'))
    whole.add("columns", columns)
    for title, said_once in (("fixed", made.fixed), ("payers", made.payers)):
        table = tomlkit.table()
        for name, value in said_once.items():
            table.add(name, value)
        if not said_once:
            hints = {"fixed": 'payer = "As contracts name it"', "payers": '"AS IN THE FILE" = "As contracts name it"'}
            table.add(tomlkit.comment(hints[title]))
        whole.add(title, table)
    target.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(target) as draft:
        draft.write_text(tomlkit.dumps(whole), encoding="utf-8")


def read_map(path: Path, headings: Sequence[str] | None = None) -> ColumnMap:
    """Return a map from its file, held against a file's headings when they are given.

    Raises `InputError` for a field or a column that is not known, with the nearest that is.
    """
    where = paths.shown(path)
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(f"the map cannot be read ({error.strerror})", where=where) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"the map is not valid TOML: {error}", where=where) from None
    _refuse_unknown(said, ("columns", "fixed", "payers", "headings", *_SETTINGS), where)
    for name, values in _SETTINGS.items():
        if said.get(name, values[0]) not in values:
            raise InputError(f"{name} {said[name]!r} is not known", where=where, expected=f"one of {', '.join(values)}")
    fixed = _texts(said.get("fixed", {}), f"{where}, fixed")
    _refuse_unknown(fixed, FIXED, f"{where}, fixed")
    own = tuple(str(name) for name in said.get("headings", ()))
    return ColumnMap(
        _columns_said(said.get("columns", {}), headings if headings is not None else own, where),
        tuple(headings if headings is not None else own),
        fixed,
        _texts(said.get("payers", {}), f"{where}, payers"),
        said.get("dates", MONTH_FIRST),
        said.get("decimal", "."),
    )


def _columns_said(said: Any, headings: Sequence[str], where: str) -> dict[str, tuple[str, ...]]:
    place = f"{where}, columns"
    if not isinstance(said, dict):
        raise InputError("'columns' is not a table", where=where, expected='[columns], then lines as code = "HCPCS"')
    _refuse_unknown(said, FIELDS, place)
    columns: dict[str, tuple[str, ...]] = {}
    for name, value in said.items():
        names = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str) for one in names) or (len(names) > 1 and name not in SEVERAL):
            raise InputError(f"{name} is read from one column", where=place, expected=f'{name} = "its heading"')
        for one in names:
            if one and one not in headings:
                raise InputError(
                    f"the file has no column '{one}'", where=f"{place}, {name}", suggestion=nearest(one, headings)
                )
        if any(names):
            columns[name] = tuple(one for one in names if one)
    return columns


def _texts(said: Any, where: str) -> dict[str, str]:
    if not isinstance(said, dict) or not all(isinstance(value, str) for value in said.values()):
        raise InputError("these are not texts by name", where=where, expected='lines as name = "value"')
    return dict(said)


def _refuse_unknown(said: Mapping[str, object], known: Sequence[str], where: str) -> None:
    for name in said:
        if name not in known:
            raise InputError(
                f"'{name}' is not known here", where=where, expected=", ".join(known), suggestion=nearest(name, known)
            )
