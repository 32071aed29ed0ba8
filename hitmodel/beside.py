"""Lines that turn on others whose evidence is missing: what holds them, ranks with them, or uses up their allowance.

Whether such a line is paid on a day is unknown, so the lines beside it are worked out with it and without it; a line
that comes out differently has no amount either.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from hitmodel.counting import allotments, episode_rules, units_before
from hitmodel.cuts import DAYS, find_cuts, keys
from hitmodel.material import Material
from hitmodel.prepare import Ints

REASON = "it turns on another line of the patient, of which the evidence is missing"


def lines_in_doubt(material: Material, lacking: Iterable[int]) -> list[int]:
    """Return the live lines that could come out differently with the days of lines that lack evidence, in order.

    ``lacking`` are lines that are not live. Lines in doubt put others in doubt in their turn.
    """
    unknown, found = set(lacking), set[int]()
    live = {int(line) for line in material.live}
    while unknown:
        patients = np.unique(material.prepared.patient[sorted(unknown)])
        left = np.array(sorted(live - found), dtype=np.int64)
        near = set(left[np.isin(material.prepared.patient[left], patients)].tolist())
        fresh = _moved(material, near, unknown | found) if near else set[int]()
        found |= fresh
        unknown = fresh
    return sorted(found)


def _moved(material: Material, near: set[int], unknown: set[int]) -> set[int]:
    without, beside = _of(material, near), _of(material, near | unknown)
    narrow, wide = find_cuts(without), find_cuts(beside)
    moved = {line for line, _ in dict(narrow.bundle.items() ^ wide.bundle.items())}
    for pieces, group in (wide.run(), (keys(wide.rival), np.array(list(wide.rival.values()), dtype=np.int64))):
        moved |= _sharing(pieces // DAYS, group, unknown)
    moved |= {line for line in near if narrow.facts.of.get(line) != wide.facts.of.get(line)}
    left, taken = allotments(without), allotments(beside)
    moved |= {line for line in left.keys() | taken.keys() if left.get(line) != taken.get(line)}
    for rule in episode_rules(material.compiled):
        moved |= set(np.flatnonzero(units_before(without, rule) != units_before(beside, rule)).tolist())
    return moved & near


def _of(material: Material, lines: set[int]) -> Material:
    return replace(material, live=np.array(sorted(lines), dtype=np.int64))


def _sharing(line: Ints, group: Ints, unknown: set[int]) -> set[int]:
    """Return the lines that are in a group with an unknown one; ``group`` is that of each entry of ``line``."""
    doubtful = group[np.isin(line, list(unknown))]
    return set(line[np.isin(group, doubtful)].tolist())
