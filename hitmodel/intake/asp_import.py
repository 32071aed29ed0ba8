"""Files of a quarter of Medicare's drug prices put into the workspace: payment limits, NOC prices, crosswalks."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from hitmodel import paths
from hitmodel.code_files import read_table
from hitmodel.codes import is_cpt_shaped
from hitmodel.dates import Quarter
from hitmodel.errors import Finding, InputError
from hitmodel.imported import Imported, imported
from hitmodel.intake.asp import LIMITS, LimitFile, another_file, limit_file, write_payment_limits
from hitmodel.intake.crosswalk import Crosswalk, read_crosswalk
from hitmodel.intake.cut_short import Neighbour, cut_short, early_end
from hitmodel.intake.landing import Arrival, Landed, land, write_csv
from hitmodel.intake.members import read_published
from hitmodel.intake.noc import NOC, NocFile, noc_file
from hitmodel.intake.quarter_changes import QuarterChange, quarter_change
from hitmodel.prices import payment_limits

OLDER = ("no_column", "note")
"""Findings that an older layout brings with it, and that cost nothing."""
NOC_COLUMNS = ("name", "dosage", "limit", "notes")
CROSSWALK_COLUMNS = (
    *("code", "ndc", "labeler", "name", "dosage", "package_size", "package_quantity", "units_per_item"),
)


@dataclass(frozen=True)
class QuarterLanded:
    """A quarter of payment limits that was put into the workspace, and what it changes."""

    landed: Landed
    change: QuarterChange


def import_asp(
    path: Path, workspace: Path | None = None, *, whole: bool = True
) -> tuple[tuple[QuarterLanded, ...], tuple[Landed, ...]]:
    """Put the payment limits and the NOC prices of a file into the workspace, and return both.

    ``whole`` is False where the file is meant to hold far less than the quarter beside it. Raises `InputError` when the
    file holds neither, one that cannot be read, or one that was cut off; nothing is then kept of it.
    """
    published = read_published(path)
    limits, others = list[LimitFile](), list[NocFile]()
    for member, sheet in published.sheets:
        if (at := LIMITS.row_of(sheet)) is not None:
            limits.append(limit_file(published, member, sheet, at))
        elif (at := NOC.row_of(sheet)) is not None:
            others.append(noc_file(published, member, sheet, at))
    if not limits and not others:
        raise another_file(published, paths.shown(path))
    quarters = [read.quarter for read in limits]
    if len(set(quarters)) < len(quarters):
        raise InputError(
            f"the zip holds {quarters[0]} more than once", where=paths.shown(path), next_step="Unpack it, and give one."
        )
    if whole:
        for read in limits:
            _refuse_cut_limits(read, workspace, paths.shown(path))
        for other in others:
            _refuse_cut_noc(other, workspace, paths.shown(path))
    return tuple(_land_limits(read, workspace, whole) for read in limits), tuple(
        _land_noc(read, workspace) for read in others
    )


def _refuse_cut_limits(read: LimitFile, workspace: Path | None, where: str) -> None:
    place = f"{where} row {read.ends}"
    refused = cut_short(
        place, "HCPCS Code", {r.code for r in read.rows}, len(read.rows), _limits_beside(read, workspace)
    )
    if refused is not None:
        raise refused


def _limits_beside(read: LimitFile, workspace: Path | None) -> Neighbour:
    """Return the quarter that is held nearest to one: an earlier file of the same, the one before, the one after."""
    held, folder = payment_limits(workspace), paths.data("prices", "medicare_part_b")
    quarter = min(held.quarters, key=lambda one: (one.apart(read.quarter), one > read.quarter))
    place = next((one.path for one in imported("asp", workspace) if one.name == str(quarter)), folder)
    source = tomllib.loads((place / f"{quarter}.toml").read_text(encoding="utf-8"))
    codes = frozenset(held.by_quarter[quarter])
    last = str(source.get("last_code", max(codes)))
    name = f"{quarter} as it is held" if quarter == read.quarter else str(quarter)
    return Neighbour(name, quarter.apart(read.quarter), codes, int(source["rows_in_file"]), last)


def _refuse_cut_noc(read: NocFile, workspace: Path | None, where: str) -> None:
    """Refuse prices without codes that are far fewer than those of the nearest quarter held: names vary too much."""
    near = _nearest(imported("noc", workspace), read.quarter)
    if near is None:
        return
    rows = sum(1 for _ in read_table(near.path / f"{near.name}.csv", NOC_COLUMNS))
    beside = Neighbour(near.name, Quarter.parse(near.name).apart(read.quarter), frozenset(), rows)
    if refused := cut_short(where, "Drug Generic Name", {row.name for row in read.rows}, len(read.rows), beside):
        raise refused


def _nearest(held: Iterable[Imported], quarter: Quarter) -> Imported | None:
    return min(held, key=lambda one: Quarter.parse(one.name).apart(quarter), default=None)


def _land_limits(read: LimitFile, workspace: Path | None, whole: bool) -> QuarterLanded:
    before = payment_limits(workspace)
    name = str(read.quarter)
    codes = {row.code for row in read.rows}
    findings = (*read.findings, *(_early(read, codes, workspace) if whole else ()))
    arrival = Arrival("asp", name, read.file, read.sha256, len(read.rows), len(read.rows), findings, OLDER)
    landed = land(workspace, arrival, lambda folder: write_payment_limits(read, folder, codes))
    return QuarterLanded(landed, quarter_change(before, payment_limits(workspace), read.quarter))


def _early(read: LimitFile, codes: set[str], workspace: Path | None) -> tuple[Finding, ...]:
    found = early_end(read.file, read.ends, "HCPCS Code", codes, _limits_beside(read, workspace))
    return (found,) if found else ()


def _land_noc(read: NocFile, workspace: Path | None) -> Landed:
    kept = len(read.rows)
    arrival = Arrival("noc", str(read.quarter), read.file, read.sha256, kept, kept, read.findings, OLDER)
    rows = [(row.name, row.dosage, row.limit, row.notes) for row in read.rows]
    return land(
        workspace,
        arrival,
        lambda folder: write_csv(folder / f"{read.quarter}.csv", NOC_COLUMNS, rows),
    )


def import_crosswalk(
    path: Path, workspace: Path | None = None, quarter: Quarter | None = None, *, whole: bool = True
) -> Landed:
    """Put an NDC–HCPCS crosswalk into the workspace; ``quarter`` is which, where the file does not say.

    ``whole`` is False where it is meant to hold far less than the one beside it. Raises `InputError` when it is another
    file, its quarter is not known, or it was cut off.
    """
    read = read_crosswalk(path)
    named = quarter or read.quarter
    if named is None:
        cure = "Say it: --quarter 2026Q1."
        raise InputError("the file does not say its quarter", where=paths.shown(path), next_step=cure)
    noc = not read.rows[0].code
    name = f"{named}-noc" if noc else str(named)
    if whole and not noc:
        codes, place = {row.code for row in read.rows}, paths.shown(path)
        if refused := cut_short(place, "the code", codes, len(read.rows), _crosswalk_beside(named, workspace)):
            raise refused
    left_out = sum(f.kind not in ("billunitspkg", *OLDER) for f in read.findings)
    kept = len(read.rows)
    arrival = Arrival("crosswalk", name, read.file, read.sha256, kept + left_out, kept, read.findings)
    return land(workspace, arrival, partial(_write_crosswalk, read, name))


def _crosswalk_beside(quarter: Quarter, workspace: Path | None) -> Neighbour:
    """Return the crosswalk that is held nearest to a quarter; without one, the codes that have a payment limit.

    Of the codes that we classify, all but three at most of those with a limit stood in the crosswalks of 2024 to 2026.
    """
    near = _nearest((i for i in imported("crosswalk", workspace) if not i.name.endswith("-noc")), quarter)
    if near is not None:
        codes = [row["code"] for row in read_table(near.path / f"{near.name}.csv", CROSSWALK_COLUMNS)]
        apart = Quarter.parse(near.name).apart(quarter)
        return Neighbour(f"the crosswalk of {near.name}", apart, frozenset(codes), len(codes), max(codes))
    limits = payment_limits(workspace)
    priced = min(limits.quarters, key=lambda one: (one.apart(quarter), one > quarter))
    codes = sorted(code for code in limits.by_quarter[priced] if not is_cpt_shaped(code))
    return Neighbour(f"the price file of {priced}", priced.apart(quarter), frozenset(codes), 0, max(codes))


def _write_crosswalk(read: Crosswalk, name: str, folder: Path) -> None:
    rows = (tuple(getattr(row, column) for column in CROSSWALK_COLUMNS) for row in read.rows)
    write_csv(folder / f"{name}.csv", CROSSWALK_COLUMNS, rows)
