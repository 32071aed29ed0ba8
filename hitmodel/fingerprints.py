"""Fingerprints of what a schedule waits for: its claims, the price tables, its contracts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from hitmodel.errors import HitmodelError
from hitmodel.parameters import choose, read_parameters
from hitmodel.run_inputs import input_entries, reference_entries
from hitmodel.run_record import canonical, checksum
from hitmodel.runner import find_notebook, read_notebook
from hitmodel.timetable import Item, Schedule, items_of

ROLES = {
    "claims": ("claims", "evidence"),
    "prices": ("prices", "NDC prices", "indexes", "index"),
    "contracts": ("contract", "rate schedule"),
}


def fingerprints(schedule: Schedule, file: Path) -> dict[str, str]:
    """Return a fingerprint for each cause in ``on_change``.

    What cannot be read has a fingerprint of its own, so that the run starts and says what is wrong, once.
    """
    if not schedule.on_change:
        return {}
    try:
        entries = [*_inputs(schedule, items_of(schedule, file)), *reference_entries()]
    except HitmodelError as error:
        return {cause: checksum(str(error).encode()) for cause in schedule.on_change}
    return {cause: _of(entries, ROLES[cause]) for cause in schedule.on_change}


def _inputs(schedule: Schedule, items: Iterable[Item]) -> list[Mapping[str, Any]]:
    path = find_notebook(schedule.notebook)
    parameters = read_parameters(read_notebook(path).cells, path.name)
    return [
        entry
        for item in items
        for entry in input_entries(parameters, choose(parameters, item.given, path.name, item.values))
    ]


def _of(entries: Iterable[Mapping[str, Any]], roles: tuple[str, ...]) -> str:
    held = {entry["file"]: entry["sha256"] for entry in entries if entry["role"] in roles}
    return checksum(canonical(held))
