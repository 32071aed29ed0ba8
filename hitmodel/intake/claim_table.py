"""Import a claims extract: CSV, Excel or Parquet with whatever columns, into a workspace as typed lines.

Read a block at a time, so that a file of any size takes the same memory. Ids are hashed before anything is written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from dataclasses import replace as changed
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hitmodel import claim_parts, paths
from hitmodel.claim_parts import FORMAT, NUMBERED, TABLE
from hitmodel.errors import InputError
from hitmodel.identity import Identity, bind
from hitmodel.intake.claim_blocks import Blocks
from hitmodel.intake.claim_columns import NEEDED, ColumnMap, as_shown, guess, with_columns
from hitmodel.intake.claim_corrections import Correction, corrected
from hitmodel.intake.claim_headings import canonical, rank
from hitmodel.intake.claim_maps import read_map, write_map
from hitmodel.intake.claim_rows import Source
from hitmodel.intake.claim_source import open_source
from hitmodel.workspace import Entry, Workspace, checksum_of, name_for

MAPS = "maps"
_HALF = 0.5
_SHEET = "sheet"
_REPEATING = [field.name for field in claim_parts.SCHEMA if field.name not in ("row", "line_id", "control")]


@dataclass(frozen=True)
class Said:
    """What somebody says of how an extract is read.

    ``map_file`` says which column is which; guessed when None, or as an earlier file with the same headings was read.
    ``fixed`` gives a field that the file has no column for one value throughout, such as the payer; ``columns`` gives
    fields other columns than were guessed. ``sheet`` is the one sheet of a workbook to read, an import by itself; when
    "", see `read_workbook`.
    """

    map_file: Path | None = None
    fixed: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sheet: str = ""

    @property
    def anything(self) -> bool:
        """Whether it changes how a file is read that was read before."""
        return bool(self.map_file or self.fixed or self.columns)


@dataclass(frozen=True)
class Imported:
    """What came of an import. ``entry`` is new, or the one that the workspace held already (``again``).

    ``correction`` is what changed, where it takes the place of an earlier import.
    """

    entry: Entry
    map: ColumnMap | None = None
    map_file: Path | None = None
    again: bool = False
    shares_with: str = ""
    correction: Correction | None = None


def import_claims(
    path: Path,
    workspace: Workspace,
    said: Said | None = None,
    name: str = "",
    progress: Callable[[int], None] | None = None,
) -> Imported:
    """Bring a claims extract into a workspace.

    Parameters
    ----------
    said : Said or None
        How it is read, where that is not to be guessed.
    name : str
        What to call it; the file's name when "". An earlier import of that name is replaced where both hold the same
        claims, or where the name was given.
    progress : function or None
        Told the rows read so far.

    Returns
    -------
    Imported
        With every repair and every cell that could not be read counted in its entry.

    Raises
    ------
    InputError
        When the file is no table of claim lines, or a needed field has neither a column nor a fixed value.
    """
    said = said or Said()
    sheet = said.sheet
    checksum = checksum_of(path)
    held = _held(workspace, checksum, sheet)
    if held and not said.anything and name in ("", held.name):
        return Imported(held, again=True)
    given = read_map(said.map_file) if said.map_file else None
    source = open_source(path, lambda names: _known_map(names, given, workspace), checksum, sheet)
    made = _map_for(source, given, said, workspace)
    _refuse_incomplete(made, source)
    identity = Identity.load()
    with workspace.changing() as change:
        bind(change, identity)
        wanted = name or (held.name if held else _called(path, sheet))
        target = change.place(claim_parts.KIND, wanted, checksum)
        with (
            identity.crosswalk(_own_checksum(checksum, sheet)) as remember,
            pq.ParquetWriter(target, claim_parts.SCHEMA, use_dictionary=_REPEATING) as writer,
        ):
            lines = Blocks(source, made, identity, remember)
            _write_beside(writer, lines, progress)
        if not lines.rows_kept:
            raise InputError("the file has a heading and no lines", where=paths.shown(path))
        settled = _settled_name(change.before, wanted, target, given_name=bool(name))
        earlier = change.before.named(claim_parts.KIND, settled.name)
        correction = corrected(change.before.files(earlier)[0], target) if earlier else None
        kept_map = workspace.folder / MAPS / f"{settled.name}.toml"
        entry = Entry(
            claim_parts.KIND,
            settled.name,
            path.name,
            checksum,
            lines.rows_in,
            lines.rows_kept,
            findings=lines.tally.counts(),
            about=_about(lines, sheet),
        )
        entry = change.add(entry, target)
        if held and held.name != entry.name:
            change.remove(held)
        write_map(made, kept_map)
    return Imported(entry, made, kept_map, shares_with=settled.shares_with, correction=correction)


def _held(workspace: Workspace, checksum: str, sheet: str) -> Entry | None:
    """Return the import of that file, or of that one sheet of it, that the workspace has."""
    same = (entry for entry in workspace.of_kind(claim_parts.KIND) if entry.checksum == checksum)
    return next((entry for entry in same if entry.about.get(_SHEET, "") == sheet), None)


def _called(path: Path, sheet: str) -> str:
    return name_for(Path(f"{path.stem}_{sheet}.x")) if sheet else name_for(path)


def _about(lines: Blocks, sheet: str) -> dict[str, str]:
    about = {NUMBERED: "yes" if lines.numbered else "no", FORMAT: TABLE}
    return about | {_SHEET: sheet} if sheet else about


def _own_checksum(checksum: str, sheet: str) -> str:
    """Return what tells the claims of one sheet from those of the whole file."""
    return hashlib.sha256(f"{checksum} {sheet}".encode()).hexdigest() if sheet else checksum


def _write_beside(writer: pq.ParquetWriter, lines: Blocks, progress: Callable[[int], None] | None) -> None:
    """Write each block while the next is worked out."""
    with ThreadPoolExecutor(1) as pool:
        written = None
        for table in lines.tables():
            if written is not None:
                written.result()
            written = pool.submit(writer.write_table, table)
            if progress:
                progress(lines.rows_in)
        if written is not None:
            written.result()


# --- the map ---------------------------------------------------------------------------------------------------------


def _known_map(names: Sequence[str], given: ColumnMap | None, workspace: Workspace) -> ColumnMap | None:
    if given is not None:
        used = [name for columns in given.columns.values() for name in columns]
        return given if used and all(name in names for name in used) else None
    return _kept_map(names, workspace)


def _kept_map(names: Sequence[str], workspace: Workspace) -> ColumnMap | None:
    """Return the map with which an earlier file with the same headings was read."""
    for file in sorted((workspace.folder / MAPS).glob("*.toml")):
        try:
            kept = read_map(file)
        except InputError:
            continue  # somebody is editing it; it is read with --map when it is meant
        if kept.headings == tuple(names):
            return kept
    return None


def _map_for(source: Source, given: ColumnMap | None, said: Said, workspace: Workspace) -> ColumnMap:
    if given is not None and said.map_file is not None:
        made = read_map(said.map_file, source.headings)
    else:
        kept = _kept_map(source.headings, workspace)
        made = as_shown(kept, source.headings, source.sample) if kept else guess(source.headings, source.sample)
    made = with_columns(made, said.columns, "--column")
    columns = {name: columns for name, columns in made.columns.items() if name not in said.fixed}
    return changed(made, columns=columns, fixed={**made.fixed, **said.fixed})


def _refuse_incomplete(made: ColumnMap, source: Source) -> None:
    if not made.missing:
        return
    unused = [name for name in source.headings if name and name not in made.used]
    headed = [(name, heading) for name in made.missing for heading in unused if rank(name, canonical(heading)) >= 0]
    why = "".join(f"; '{heading}' is headed as {name}, but its cells do not look so" for name, heading in headed)
    hints = "".join(f" --set {name}=…" for name in made.missing if name in ("payer",))
    step = f'Say which column it is, as --column {made.missing[0]}="ITS HEADING", or in a map given with --map'
    raise InputError(
        f"no column was recognised as {', '.join(made.missing)}",
        where=f"{source.where} row {source.heading_row}, {' and '.join(made.missing)}",
        expected=f"columns for {', '.join(NEEDED)}; not yet used are: {', '.join(unused) or 'none'}{why}",
        next_step=f"{step}{f', or give one value for the whole file with{hints}' if hints else ''}. "
        "hitmodel import claims FILE --map-template MAP.toml writes one to fill in.",
    )


# --- the name --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Settled:
    name: str
    shares_with: str = ""


def _settled_name(before: Workspace, wanted: str, part: Path, *, given_name: bool) -> _Settled:
    """Say what an import is called: the wanted name when free, or held by an earlier state of the same claims.

    A file of the same name that holds other claims is another file: it gets a number.
    """
    earlier = before.named(claim_parts.KIND, wanted)
    if earlier is None or given_name or _overlap(before, earlier, part) >= _HALF:
        return _Settled(wanted)
    number = 2
    while before.named(claim_parts.KIND, f"{wanted}-{number}"):
        number += 1
    return _Settled(f"{wanted}-{number}", shares_with=wanted)


def _overlap(before: Workspace, earlier: Entry, part: Path) -> float:
    """Return which share of the claims of the smaller of two parts the other holds too."""
    ours, theirs = (
        pc.unique(pq.read_table(file, columns=["claim_id"])["claim_id"].cast(pa.string()))
        for file in (part, before.files(earlier)[0])
    )
    shared = pc.sum(pc.is_in(ours, value_set=theirs)).as_py() or 0
    return float(shared) / max(1, min(len(ours), len(theirs)))
