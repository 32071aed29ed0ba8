"""A setting of terms kept as contract files: an overlay for each version of the contract, naming only what changes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from hitmodel import paths
from hitmodel.changes import SECTIONS
from hitmodel.errors import InputError
from hitmodel.files import folder_written_whole
from hitmodel.labels import words
from hitmodel.overlay_file import write_contract_file
from hitmodel.overlays import NAMED_TABLES, Raw, contract_names
from hitmodel.terms import Contract, Version
from hitmodel.volumes import NO_VOLUMES, Volumes, write_volumes
from hitmodel.workspace import default_folder

MARKER = "scenario.txt"
"""Stands beside files that a scenario wrote, so that no other contract is ever replaced."""
NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
SOURCE = "Saved from the scenario explorer"


def overlay_between(before: Version, after: Version, extends: str, title: str) -> Raw:
    """Return the tables of a file that extends ``before`` and says what ``after`` has otherwise.

    Rows are told apart by id; rows of ``after`` under one id become rows of their own. Nothing is ever removed: levers
    change and add.
    """
    tables: Raw = {"contract": {"extends": extends, "title": title, "source": SOURCE}}
    for name in SECTIONS:
        changed = _changed(getattr(before, name), getattr(after, name))
        if changed:
            tables[name] = changed
    for name in NAMED_TABLES:
        rows = list(_rows(getattr(before, name), getattr(after, name)))
        if rows:
            tables[name] = rows
    return tables


def _rows(before: tuple[BaseModel, ...], after: tuple[BaseModel, ...]) -> Iterator[dict[str, Any]]:
    held: Mapping[str, BaseModel] = {row.id: row for row in before}  # type: ignore[attr-defined]
    taken = dict.fromkeys(held, 0)
    for row in after:
        own: str = row.id  # type: ignore[attr-defined]
        old = held.get(own)
        if old is not None and not taken[own]:
            taken[own] = 1
            changed = _changed(old, row)
            if changed:
                yield {"id": own, **changed}
            continue
        taken[own] = taken.get(own, 0) + 1
        number = f"_{taken[own]}" if taken[own] > 1 else ""
        yield {**row.model_dump(exclude_defaults=True), "id": f"{own}{number}"}


def _changed(before: BaseModel, after: BaseModel) -> dict[str, Any]:
    """Return the fields that differ, as a file would write them."""
    dumped = after.model_dump(exclude_defaults=True)
    fields = [name for name in type(after).model_fields if getattr(before, name) != getattr(after, name)]
    return {name: dumped.get(name, getattr(after, name)) for name in fields}


def save_scenario(
    name: str, start: Contract, changed: Contract, volumes: Volumes = NO_VOLUMES, home: Path | None = None
) -> Path:
    """Write ``changed`` as a contract that extends ``start``, and return its folder, by whose name it is found.

    Parameters
    ----------
    name : str
        Lower-case letters, digits and _; a scenario saved before under it is replaced, any other contract is not.
    volumes : mapping
        Times today's volume by therapy, kept beside the contract for comparisons and reports.
    home : Path or None
        Where the folder goes; by default ``contracts`` of the workspace, where contracts are found by name.

    Raises
    ------
    InputError
        A name that cannot be one, or that another contract has, ``start`` too; nothing changed; a folder that cannot be
        written to.
    """
    home = home or default_folder() / "contracts"
    _check_name(name, home / name, start)
    made = {
        Path(old.file).stem: overlay_between(old, new, _extends(start, old), words(name))
        for old, new in zip(start.versions, changed.versions, strict=True)
    }
    if not volumes and all(set(tables) == {"contract"} for tables in made.values()):
        raise InputError("nothing is moved, so there is no scenario to save", next_step="Move a term first.")
    with folder_written_whole(home / name, MARKER) as folder:
        (folder / MARKER).write_text(f"{SOURCE}. Written anew each time it is saved.\n", encoding="utf-8")
        for stem, tables in made.items():
            write_contract_file(tables, folder / f"{stem}.toml", SOURCE)
        if volumes:
            write_volumes(volumes, folder)
    return home / name


def is_saved(name: str, home: Path | None = None) -> bool:
    """Say whether a contract at hand is a scenario that `save_scenario` wrote, rather than one that somebody did."""
    return ((home or default_folder() / "contracts") / name / MARKER).is_file()


def _check_name(name: str, folder: Path, start: Contract) -> None:
    if not NAME.fullmatch(name):
        raise InputError(
            f"'{name}' cannot name a scenario" if name else "the scenario has no name",
            expected="lower-case letters, digits and _, such as counter_offer_2",
        )
    if name == start.name:
        raise InputError(f"'{name}' is what this scenario begins with", expected="another name")
    if name in contract_names() and not is_saved(name, folder.parent):
        raise InputError(f"there is a contract '{name}' already", expected="another name")


def _extends(start: Contract, version: Version) -> str:
    """Return how an overlay names a version: by name where it is found so, else by its path."""
    stem = Path(version.file).stem
    if start.name in contract_names():
        return f"{start.name}/{stem}"
    return paths.located(version.file).resolve().as_posix()
