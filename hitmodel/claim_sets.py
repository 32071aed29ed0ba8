"""Imported claims as claims files: all of a workspace, or one import, under a name that commands and notebooks take.

A claims file is worked out of what was imported when it is first asked for, and again when the workspace has changed
since. It has the columns of every claims file, so nothing else needs to know where it came from.
"""

from __future__ import annotations

import json
import shutil
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hitmodel import claim_evidence, claim_parts, paths
from hitmodel.claim_evidence import write_evidence
from hitmodel.claim_filled import filled, laid
from hitmodel.claim_held import Part
from hitmodel.claim_remits import UNKNOWN, Cents, remitted
from hitmodel.claim_shape import COLUMNS
from hitmodel.claim_standing import Standing, settle
from hitmodel.errors import InputError, nearest
from hitmodel.files import written_whole
from hitmodel.workspace import CATALOGUE, Workspace

ALL = "workspace"
"""The name of everything in the workspace."""
VIEWS = "views"
COMPANIONS = "_evidence"
"""What the folder of companion files beside a claims file is called behind that file's name."""
_FACTS, _STATE = b"hitmodel.facts", b"hitmodel.state"
_ROWS = 100_000
_SCHEMA = pa.schema([claim_parts.SCHEMA.field(name) for name in COLUMNS])


def names(workspace: Workspace) -> tuple[str, ...]:
    """Return the names that claims of a workspace can be called by; none when it holds no claims."""
    found = tuple(entry.name for entry in workspace.of_kind(claim_parts.KIND))
    return (ALL, *found) if found else ()


def located(named: str | Path) -> Path:
    """Return the claims file that is meant: a file, a workspace's folder, ``workspace``, or the name of an import.

    Files come first: as written from the working folder, else from the project's root. What is none of these is
    returned as written, for whoever opens it to say that it is not there.
    """
    place = paths.located(named)
    if place.is_file():
        return place
    if is_workspace(place):
        return claims_file(Workspace.open(place))
    text = str(named)
    workspace = Workspace.open()
    known = names(workspace)
    if text in known:
        return claims_file(workspace, "" if text == ALL else text)
    if not Path(text).suffix and len(Path(text).parts) == 1 and not place.exists():
        raise InputError(
            f"there is no file and no import called '{text}'",
            where=paths.shown(workspace.folder),
            expected=", ".join(known) if known else "a claims file, or claims imported with hitmodel import claims",
            suggestion=nearest(text, known),
        )
    return place if place.exists() else Path(named)


def is_workspace(folder: Path) -> bool:
    """Say whether a folder is a workspace with a catalogue, rather than a folder of claims files."""
    return (folder / CATALOGUE).is_file()


def claims_file(workspace: Workspace, name: str = "") -> Path:
    """Return the claims file of a workspace, or of one import, worked out again when anything has changed.

    Raises `InputError` when the workspace holds no claims, or none of their lines stands.
    """
    target = standing_file(workspace, name)
    if not pq.read_metadata(target).num_rows:
        why = "; ".join(f"{count:,} {text}" for text, count in facts(target).items())
        raise InputError(
            "none of the imported claim lines stands",
            where=f"{paths.shown(workspace.folder)}, {name or ALL}",
            expected=f"lines that are left after later claims have spoken ({why})" if why else "",
            next_step="hitmodel claims shows what was imported.",
        )
    return target


def standing_file(workspace: Workspace, name: str = "") -> Path:
    """Return the file of `claims_file` even where none of the lines stands."""
    if not workspace.of_kind(claim_parts.KIND):
        raise InputError(
            "the workspace holds no claims",
            where=paths.shown(workspace.folder),
            next_step="Bring some in with hitmodel import claims FILE or hitmodel import 837 FILE.",
        )
    target = workspace.folder / VIEWS / f"{name or ALL}.parquet"
    if not _is_current(target, workspace):
        target.parent.mkdir(exist_ok=True)
        _write_beside(workspace, target)
        _write(workspace, settle(workspace, name), target)
    return target


def _write_beside(workspace: Workspace, target: Path) -> None:
    """Lay what was imported of evidence beside a claims file, where whoever prices it looks for companion files."""
    folder = target.with_name(f"{target.stem}{COMPANIONS}")
    if workspace.of_kind(claim_evidence.KIND):
        write_evidence(workspace, folder)
    elif folder.is_dir():
        shutil.rmtree(folder)


def facts(file: Path) -> dict[str, int]:
    """Return what was left out of a workspace's claims file and why, with how many lines or claims."""
    kept = pq.read_metadata(file).metadata or {}
    counts: dict[str, int] = json.loads(kept.get(_FACTS, b"{}"))
    return counts


def _is_current(target: Path, workspace: Workspace) -> bool:
    if not target.is_file():
        return False
    kept = pq.read_metadata(target).metadata or {}
    return bool(kept.get(_STATE) == workspace.state.encode())


def _write(workspace: Workspace, standing: Standing, target: Path) -> None:
    allowed, beside = remitted(workspace, standing), filled(standing)
    with (
        written_whole(target) as draft,
        pq.ParquetWriter(draft, _SCHEMA, store_decimal_as_integer=True) as writer,
    ):
        for number, part in enumerate(standing.parts):
            at = 0
            file = pq.ParquetFile(workspace.files(part.entry)[0])
            for batch in file.iter_batches(_ROWS, columns=list(COLUMNS)):
                table = pa.table({name: batch.column(name) for name in COLUMNS})
                if number in beside:
                    table = laid(table, beside[number].slice(at, batch.num_rows))
                if allowed is not None:
                    table = _with_allowed(table, allowed[number][at : at + batch.num_rows], standing)
                writer.write_table(_standing_lines(part, table, at).cast(_SCHEMA))
                at += batch.num_rows
        said = {text: count for text, count in standing.facts.items() if count}
        writer.add_key_value_metadata({_FACTS: json.dumps(said), _STATE: workspace.state})


def _with_allowed(table: pa.Table, amounts: Cents, standing: Standing) -> pa.Table:
    """Return a block with what remittances allowed; where they say nothing, with what the file itself said."""
    at = table.column_names.index("actual_allowed")
    known = pa.array(amounts, mask=amounts == UNKNOWN).cast(pa.decimal128(20, 0))
    stated = pc.multiply(known, pa.scalar(Decimal("0.01"))).cast(claim_parts.MONEY)
    own = table["actual_allowed"].combine_chunks()
    differ = pc.sum(pc.fill_null(pc.not_equal(stated, own), False)).as_py() or 0
    standing.facts["lines for which the file says another allowed amount than the remittance, which is used"] += differ
    return table.set_column(at, "actual_allowed", pc.coalesce(stated, own))


def _standing_lines(part: Part, table: pa.Table, at: int) -> pa.Table:
    """Return the lines of a block that stand, voids without their claim negative, each line id once."""
    block = slice(at, at + table.num_rows)
    stands, negated, again = part.stands[block], part.negated[block], part.again[block]
    if again.any():
        numbers = pc.binary_join_element_wise("~", pa.array(again).cast(pa.string()), "")
        other = pc.if_else(
            pa.array(again > 0), pc.binary_join_element_wise(table["line_id"], numbers, ""), table["line_id"]
        )
        table = table.set_column(table.column_names.index("line_id"), "line_id", other)
    if negated.any():
        for name in ("units", "charge", "ndc_quantity", "acquisition_cost"):
            minus = pc.negate(pc.abs(table[name]))
            chosen = pc.if_else(pa.array(negated), minus, table[name])
            table = table.set_column(table.column_names.index(name), name, chosen.cast(table[name].type))
    if not stands.all():
        table = table.filter(pa.array(stands))
    return table
