"""An HCPCS release put into the workspace: a new dated code table, and what it changes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from hitmodel import paths
from hitmodel.codes import CodeTable, code_table_with, load_code_table
from hitmodel.dates import ONE_DAY, Quarter, parse_date
from hitmodel.errors import HitmodelError, InputError
from hitmodel.imported import imported
from hitmodel.intake.cut_short import MOST_AT_THE_END, some
from hitmodel.intake.hcpcs import HcpcsRelease, read_hcpcs, write_release
from hitmodel.intake.landing import Arrival, Landed, land
from hitmodel.intake.release_changes import ReleaseChange, release_change
from hitmodel.overlays import contract_names, find_contract

_CODE_LENGTH = 5
MOST_MISSING = Decimal("0.25")
"""Share of the home infusion codes in force that no release ends at once."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = (
    re.compile(rf"(?P<year>20\d\d)[_ -]*(?P<month>{'|'.join(_MONTHS)})", re.IGNORECASE),
    re.compile(rf"(?P<month>{'|'.join(_MONTHS)})[a-z]*[_ -]*(?P<year>20\d\d)", re.IGNORECASE),
    re.compile(r"(?P<year>20\d\d)[_ -]*q(?P<quarter>[1-4])", re.IGNORECASE),
    re.compile(r"q(?P<quarter>[1-4])[_ -]*(?P<year>20\d\d)", re.IGNORECASE),
    re.compile(r"(?P<year>20\d\d)[_-](?P<number>0[1-9]|1[0-2])(?!\d)"),
)


@dataclass(frozen=True)
class ReleaseLanded:
    """A release that was put into the workspace, what it changes, and the first day it holds for."""

    landed: Landed
    change: ReleaseChange
    in_force_from: date


def import_release(
    path: Path, workspace: Path | None = None, release: str = "", contracts: Sequence[str] = ()
) -> ReleaseLanded:
    """Put an HCPCS release into the workspace as a dated code table.

    Parameters
    ----------
    release : str
        Year and month, such as ``2026-10``. Without it, it is the quarter of the newest action that the file holds;
        a file without dates must say it in its name.
    contracts : names and paths
        Held against what ended, beside all contracts at hand and those in the workspace.

    Raises
    ------
    InputError
        When the file is no release, is cut short, does not say which it is, or does not fit the codes that are held.
    """
    read = read_hcpcs(path)
    first = _first_day(read, path, release)
    name = f"{first:%Y-%m}"
    held = imported("hcpcs", workspace)
    before = code_table_with(tuple(one for one in held if one.name != name))
    _refuse_cut_short(read, before, first, path)
    arrival = Arrival("hcpcs", name, read.file, read.sha256, len(read.rows), len(read.rows))
    others = tuple(one.path / one.name for one in held if one.name != name)

    def write(folder: Path) -> None:
        write_release(read, folder, name, first, frozenset(before.codes))
        _refuse_misfit((*others, folder / name), path)

    landed = land(workspace, arrival, write)
    named = _contracts(workspace, contracts)
    return ReleaseLanded(landed, release_change(read, name, first, before, named), first)


def _contracts(workspace: Path | None, given: Sequence[str]) -> list[str]:
    """Return the contracts at hand, those in a workspace that was named, and those given, each once.

    Raises `ContractError` for one that is given and not there.
    """
    local = (workspace / "contracts").glob("*/*.toml") if workspace else ()
    found = {find_contract(name).resolve(): name for name in contract_names()}
    found |= {file.parent.resolve(): str(file.parent) for file in sorted(local)}
    found |= {find_contract(name).resolve(): name for name in given if find_contract(name).resolve() not in found}
    return list(found.values())


def _first_day(read: HcpcsRelease, path: Path, release: str) -> date:
    if release:
        return parse_date(f"{release}-01", "--release")
    days = [day for row in read.rows for day in (row.action_day, row.first_day) if day]
    if days:
        return Quarter.of(max(days)).span.first
    for text in (read.member, read.file):
        for pattern in _NAMED:
            if found := pattern.search(text):
                return _named_day(found.groupdict())
    raise InputError(
        "neither the file nor its name says which release it is",
        where=paths.shown(path),
        next_step="Say it: --release 2026-10 (year and month).",
    )


def _named_day(parts: dict[str, str]) -> date:
    year = int(parts["year"])
    if quarter := parts.get("quarter"):
        return Quarter(year, int(quarter)).span.first
    number = parts.get("number")
    return date(year, int(number) if number else _MONTHS.index(parts["month"].lower()[:3]) + 1, 1)


def _refuse_cut_short(read: HcpcsRelease, before: CodeTable, first: date, path: Path) -> None:
    """Refuse a file that lacks many of the codes that we price by, or ends before the last of them.

    It would end them. CMS's files are sorted by code, and the codes of home infusion stand near the end.
    """
    ours = sorted(
        code
        for code in before.codes
        if len(code) == _CODE_LENGTH and code[0].isalpha() and before.is_known(code, first - ONE_DAY)
    )
    there = {row.code for row in read.rows}
    missing = [code for code in ours if code not in there]
    last = max((code for code in there if len(code) == _CODE_LENGTH), default="")
    after = [code for code in missing if code > last]
    if len(missing) > MOST_MISSING * len(ours) or len(after) > MOST_AT_THE_END:
        raise InputError(
            f"it holds {len(ours) - len(missing)} of the {len(ours)} home infusion codes in force before it and ends "
            f"at {last}; it lacks {some(missing)}",
            where=f"{paths.shown(path)}, the code",
            expected="a whole release; this one is cut short or of a part only",
            next_step="Download it again.",
        )


def _refuse_misfit(releases: tuple[Path, ...], path: Path) -> None:
    """Refuse a release with which the code tables could no longer be read."""
    try:
        load_code_table(paths.data("codes"), releases)
    except HitmodelError as error:
        raise InputError(
            f"the code tables do not fit with this release: {error.what}", where=paths.shown(path)
        ) from None
