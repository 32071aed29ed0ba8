"""Files of a quarter of Medicare's drug prices put into the workspace: payment limits, NOC prices, crosswalks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from hitmodel import paths
from hitmodel.dates import Quarter
from hitmodel.errors import InputError
from hitmodel.intake.asp import LIMITS, LimitFile, another_file, limit_file, write_payment_limits
from hitmodel.intake.crosswalk import Crosswalk, read_crosswalk
from hitmodel.intake.landing import Arrival, Landed, land, write_csv
from hitmodel.intake.members import read_published
from hitmodel.intake.noc import NOC, NocFile, noc_file
from hitmodel.intake.quarter_changes import QuarterChange, quarter_change
from hitmodel.prices import payment_limits

OLDER = ("no_column", "note")
"""Findings that an older layout brings with it, and that cost nothing."""
CROSSWALK_COLUMNS = (
    *("code", "ndc", "labeler", "name", "dosage", "package_size", "package_quantity", "units_per_item"),
)


@dataclass(frozen=True)
class QuarterLanded:
    """A quarter of payment limits that was put into the workspace, and what it changes."""

    landed: Landed
    change: QuarterChange


def import_asp(path: Path, workspace: Path | None = None) -> tuple[tuple[QuarterLanded, ...], tuple[Landed, ...]]:
    """Put the payment limits and the NOC prices of a file into the workspace, and return both.

    Raises `InputError` when the file holds neither, or one that cannot be read; nothing is then kept of it.
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
    return tuple(_land_limits(read, workspace) for read in limits), tuple(_land_noc(read, workspace) for read in others)


def _land_limits(read: LimitFile, workspace: Path | None) -> QuarterLanded:
    before = payment_limits(workspace)
    name = str(read.quarter)
    codes = {row.code for row in read.rows}
    arrival = Arrival("asp", name, read.file, read.sha256, len(read.rows), len(read.rows), read.findings, OLDER)
    landed = land(workspace, arrival, lambda folder: write_payment_limits(read, folder, codes))
    return QuarterLanded(landed, quarter_change(before, payment_limits(workspace), read.quarter))


def _land_noc(read: NocFile, workspace: Path | None) -> Landed:
    kept = len(read.rows)
    arrival = Arrival("noc", str(read.quarter), read.file, read.sha256, kept, kept, read.findings, OLDER)
    rows = [(row.name, row.dosage, row.limit, row.notes) for row in read.rows]
    return land(
        workspace,
        arrival,
        lambda folder: write_csv(folder / f"{read.quarter}.csv", ("name", "dosage", "limit", "notes"), rows),
    )


def import_crosswalk(path: Path, workspace: Path | None = None, quarter: Quarter | None = None) -> Landed:
    """Put an NDC–HCPCS crosswalk into the workspace; ``quarter`` is which, where the file does not say.

    Raises `InputError` when it is another file or its quarter is not known.
    """
    read = read_crosswalk(path)
    named = quarter or read.quarter
    if named is None:
        cure = "Say it: --quarter 2026Q1."
        raise InputError("the file does not say its quarter", where=paths.shown(path), next_step=cure)
    noc = not read.rows[0].code
    name = f"{named}-noc" if noc else str(named)
    left_out = sum(f.kind not in ("billunitspkg", *OLDER) for f in read.findings)
    kept = len(read.rows)
    arrival = Arrival("crosswalk", name, read.file, read.sha256, kept + left_out, kept, read.findings)
    return land(workspace, arrival, partial(_write_crosswalk, read, name))


def _write_crosswalk(read: Crosswalk, name: str, folder: Path) -> None:
    rows = (tuple(getattr(row, column) for column in CROSSWALK_COLUMNS) for row in read.rows)
    write_csv(folder / f"{name}.csv", CROSSWALK_COLUMNS, rows)
