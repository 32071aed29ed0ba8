"""Read the folder ``data/codes`` as it lies on disk: HCPCS releases, our classes, successions.

`hitmodel.codes` joins them. How a wording is dated is said in ``data/codes/README.md``.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path

from hitmodel.dates import ONE_DAY, Quarter
from hitmodel.errors import InputError, MissingReference
from hitmodel.paths import shown

_RELEASE = re.compile(r"\d{4}-\d{2}")


@dataclass(frozen=True)
class Release:
    """One HCPCS release folder: its name (2025-10), first day, and how its source is cited."""

    name: str
    in_force_from: date
    source: str
    folder: Path

    def after(self) -> date:
        """Return the first day after the quarter in which the release came into force."""
        return Quarter.of(self.in_force_from).span.last + ONE_DAY


@dataclass(frozen=True)
class Wording:
    """One descriptor of a code, with the days of the code and of the wording, and the newest release that has it."""

    descriptor: str
    first_day: date
    last_day: date | None
    worded_from: date
    worded_through: date | None
    release: Release


def read_releases(folder: Path, more: Sequence[Path] = ()) -> tuple[Release, ...]:
    """Return the releases in ``folder`` and the release folders ``more``, oldest first.

    One of ``more`` outranks the one of its name in ``folder``. Raises `MissingReference` when there is none.
    """
    places = sorted(p for p in folder.iterdir() if p.is_dir() and _RELEASE.fullmatch(p.name))
    if not places:
        raise MissingReference("no HCPCS release is there", where=shown(folder), expected="a folder such as 2025-10")
    releases = {release.name: release for release in map(_release, (*places, *more))}
    return tuple(releases[name] for name in sorted(releases))


def _release(place: Path) -> Release:
    with (place / "source.toml").open("rb") as file:
        source = tomllib.load(file)
    cited = f"CMS {source['title']} ({source['file']})"
    return Release(source["release"], source["in_force_from"], cited, place)


def read_table(path: Path, columns: Sequence[str]) -> Iterator[dict[str, str]]:
    """Yield the rows of one of our CSV tables.

    Raises `InputError` when a column is missing or a row has too few or too many fields.
    """
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = [c for c in columns if c not in (reader.fieldnames or ())]
        if missing:
            raise InputError(f"column {missing[0]!r} is missing", where=shown(path), expected=", ".join(columns))
        for row in reader:
            if None in row or None in row.values():
                raise InputError("a row has the wrong number of fields", where=f"{shown(path)} line {reader.line_num}")
            yield row


def read_classes(folder: Path) -> dict[str, dict[str, str]]:
    """Return our reading of each code by code; a column that a subject's table does not have is "".

    Raises `InputError` when a code stands in two rows.
    """
    classes: dict[str, dict[str, str]] = {}
    for path in sorted(folder.glob("*.csv")):
        for row in read_table(path, ("code", "role", "label", "note")):
            if row["code"] in classes:
                raise InputError(f"code {row['code']} is classified twice", where=shown(path))
            classes[row["code"]] = row
    return classes


def read_successions(path: Path) -> list[tuple[str, str, Fraction, bool]]:
    """Return old code, new code, new units for each old unit, and whether that factor is exact."""
    rows = read_table(path, ("old", "new", "new_units_per_old", "exact"))
    return [(r["old"], r["new"], Fraction(r["new_units_per_old"]), r["exact"] == "yes") for r in rows]


def read_every_code(releases: Sequence[Release]) -> dict[str, tuple[date, date | None]]:
    """Return first and last day of every Level II code; a later release that has dates outranks an earlier one."""
    days: dict[str, tuple[date, date | None]] = {}
    begins = releases[0].in_force_from
    for release in releases:
        with (release.folder / "codes.csv").open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            next(rows)
            for code, first, last in rows:
                if first:
                    days[code] = (date.fromisoformat(first), day_or_none(last))
                else:
                    days.setdefault(code, (begins, None))
        begins = release.after()
    return days


def read_wordings(releases: Sequence[Release]) -> dict[str, tuple[Wording, ...]]:
    """Return every descriptor that each code has had in the releases, oldest first."""
    columns = ("code", "first_day", "action_day", "last_day", "descriptor")
    seen: dict[str, list[Wording]] = {}
    unseen_from = releases[0].in_force_from
    for release in releases:
        path = release.folder / "descriptors.csv"
        if path.exists():
            for row in read_table(path, columns):
                _add_wording(seen.setdefault(row["code"], []), row, release, unseen_from)
            unseen_from = release.after()
    return {code: tuple(wordings) for code, wordings in seen.items()}


def _add_wording(wordings: list[Wording], row: Mapping[str, str], release: Release, unseen_from: date) -> None:
    """Add what one release says of one code: a new wording, or the old one confirmed with its latest dates."""
    before = wordings[-1] if wordings else None
    first = day_or_none(row["first_day"]) or (before.first_day if before else unseen_from)
    last = day_or_none(row["last_day"]) or (before.last_day if before else None)
    if before is None:
        wordings.append(Wording(row["descriptor"], first, last, first, last, release))
        return
    if before.descriptor == row["descriptor"]:
        wordings[-1] = Wording(row["descriptor"], first, last, before.worded_from, last, release)
        return
    reworded = day_or_none(row["action_day"])
    if reworded is None or reworded <= before.worded_from or (last is not None and reworded > last):
        reworded = unseen_from
    wordings[-1] = Wording(before.descriptor, first, last, before.worded_from, reworded - ONE_DAY, before.release)
    wordings.append(Wording(row["descriptor"], first, last, reworded, last, release))


def day_or_none(text: str) -> date | None:
    """Return an ISO date, or None for ""."""
    return date.fromisoformat(text) if text else None
