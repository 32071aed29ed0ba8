"""Import a claims extract: CSV, Excel or Parquet with whatever columns, into a workspace as typed lines.

Read a block at a time, so that a file of any size takes the same memory. Ids are hashed before anything is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as changed
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from hitmodel import claim_parts, paths
from hitmodel.errors import InputError
from hitmodel.identity import CLAIM, LINE, PATIENT, Identity, bind
from hitmodel.intake import claim_cells as read
from hitmodel.intake.claim_cells import GUESSED, REPAIRED, Cell, Note
from hitmodel.intake.claim_columns import DAY_FIRST, NEEDED, ColumnMap, guess, read_map, write_map
from hitmodel.intake.claim_source import TEXT, Columns, Source, open_source
from hitmodel.intake.claim_tally import Tally
from hitmodel.workspace import Entry, Workspace, checksum_of, name_for

MAPS = "maps"
_REMEMBERED = 200_000
"""Distinct cells of a column that are remembered from block to block."""
_HALF = 0.5
_NUMBER_LINES = r"^[0-9]{1,4}(\.0)?$"


@dataclass(frozen=True)
class Imported:
    """What came of an import. ``entry`` is new, or the one that the workspace held already (``again``)."""

    entry: Entry
    map: ColumnMap | None = None
    map_file: Path | None = None
    again: bool = False
    shares_with: str = ""


def import_claims(
    path: Path,
    workspace: Workspace,
    map_file: Path | None = None,
    fixed: Mapping[str, str] | None = None,
    name: str = "",
    progress: Callable[[int], None] | None = None,
) -> Imported:
    """Bring a claims extract into a workspace.

    Parameters
    ----------
    map_file : Path or None
        Which column is which; guessed when None, or as an earlier file with the same headings was read.
    fixed : dict
        One value for every line of a field that the file has no column for, such as the payer.
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
    checksum = checksum_of(path)
    held = workspace.holding(claim_parts.KIND, checksum)
    if held and not map_file and not fixed and name in ("", held.name):
        return Imported(held, again=True)
    given = read_map(map_file) if map_file else None
    source = open_source(path, lambda names: _known_map(names, given, workspace))
    made = _map_for(source, given, map_file, workspace, fixed or {})
    _refuse_incomplete(made, source)
    identity = Identity.load()
    with workspace.changing() as change:
        bind(change, identity)
        wanted = name or (held.name if held else name_for(path))
        target = change.place(claim_parts.KIND, wanted, checksum)
        with identity.crosswalk(checksum) as remember, pq.ParquetWriter(target, claim_parts.SCHEMA) as writer:
            lines = _Lines(source, made, identity, remember)
            for table in lines.tables():
                writer.write_table(table)
                if progress:
                    progress(lines.rows_in)
        if not lines.rows_kept:
            raise InputError("the file has a heading and no lines", where=paths.shown(path))
        settled = _settled_name(change.before, wanted, target, given_name=bool(name))
        kept_map = workspace.folder / MAPS / f"{settled.name}.toml"
        entry = Entry(
            claim_parts.KIND,
            settled.name,
            path.name,
            checksum,
            lines.rows_in,
            lines.rows_kept,
            findings=lines.tally.counts(),
            about={"numbered": "yes" if lines.numbered else "no", "format": "table"},
        )
        entry = change.add(entry, target)
        if held and held.name != entry.name:
            change.remove(held)
        write_map(made, kept_map)
    return Imported(entry, made, kept_map, shares_with=settled.shares_with)


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


def _map_for(
    source: Source, given: ColumnMap | None, map_file: Path | None, workspace: Workspace, fixed: Mapping[str, str]
) -> ColumnMap:
    if given is not None and map_file is not None:
        made = read_map(map_file, source.headings)
    else:
        made = _kept_map(source.headings, workspace) or guess(source.headings, source.sample)
    columns = {name: said for name, said in made.columns.items() if name not in fixed}
    return changed(made, columns=columns, fixed={**made.fixed, **fixed})


def _refuse_incomplete(made: ColumnMap, source: Source) -> None:
    if not made.missing:
        return
    unused = [name for name in source.headings if name and name not in made.used]
    hints = "".join(f" --set {name}=…" for name in made.missing if name in ("payer",))
    step = "Say which column it is in a map, given with --map"
    raise InputError(
        f"no column was recognised as {', '.join(made.missing)}",
        where=f"{paths.shown(source.path)} row {source.heading_row}",
        expected=f"columns for {', '.join(NEEDED)}; not yet used are: {', '.join(unused) or 'none'}",
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


# --- the lines -------------------------------------------------------------------------------------------------------


@dataclass
class _Lines:
    """Blocks of a source as tables of `claim_parts.SCHEMA`, with everything found on the way counted."""

    source: Source
    map: ColumnMap
    identity: Identity
    remember: Callable[[Sequence[str], Sequence[str]], None]
    tally: Tally = field(default_factory=Tally)
    rows_in: int = 0
    rows_kept: int = 0
    numbered: bool = True
    _memory: dict[str, dict[str, Cell]] = field(default_factory=dict)

    def tables(self) -> Iterator[pa.Table]:
        """Yield the lines; what is no line of a claim is left out and counted."""
        self.numbered = "line_id" in self.map.columns
        for remark in self.source.remarks:
            self.tally.remark("file", remark, GUESSED if "Windows-1252" in remark or "sheet" in remark else REPAIRED)
        if "service_through" not in self.map.columns:
            self.tally.remark("single_day", "no column says how long a line lasts; each was taken as one day", GUESSED)
        for rows, columns in self.source.chunks(self.map.used):
            self.rows_in += len(rows)
            table = self._table(rows, columns)
            self.rows_kept += table.num_rows
            yield table
        wrong = self.source.wrong_length
        self.rows_in += len(wrong)
        if wrong:
            first = min(wrong)
            self.tally.add("wrong_length", "row", sorted(wrong), f"{wrong[first]}: left out, its cells cannot be placed")

    def _table(self, rows: NDArray[np.int32], columns: Columns) -> pa.Table:
        kept = self._are_lines(rows, columns)
        if not kept.all():
            at = pa.array(np.flatnonzero(kept))
            rows, columns = rows[kept], {name: column.take(at) for name, column in columns.items()}
        codes, behind = self._codes(rows, columns)
        claims = self._claims(columns)
        made: dict[str, Any] = {
            "row": pa.array(rows),
            "claim_id": claims,
            "line_id": self._line_ids(rows, columns, claims),
            "patient_id": self._patients(columns),
            "payer": self._payers(rows, columns),
            "code": codes,
            "modifiers": self._modifiers(rows, columns, behind),
        }
        for name, reader in self._readers().items():
            made[name] = self._read(name, reader, rows, columns)
        made["service_through"] = self._through(made)
        self._count_missing(rows, made)
        nothing = pa.nulls(len(rows))
        arrays = [made.get(name, nothing) for name in claim_parts.SCHEMA.names]
        return pa.table([a.cast(f.type) for a, f in zip(arrays, claim_parts.SCHEMA, strict=True)], claim_parts.SCHEMA)

    def _readers(self) -> dict[str, Callable[[str], Cell]]:
        month_first = self.map.dates != DAY_FIRST
        money, units = read.number(2, self.map.decimal), read.number(3, self.map.decimal, unit_words=True)
        return {
            "service_from": read.day(month_first),
            "service_through": read.day(month_first, last=True),
            "units": units,
            "charge": money,
            "place_of_service": read.place,
            "ndc": read.ndc,
            "ndc_quantity": units,
            "ndc_unit": read.ndc_unit,
            "acquisition_cost": money,
            "actual_allowed": money,
            "product": read.words,
            "frequency": read.frequency,
        }

    def _are_lines(self, rows: NDArray[np.int32], columns: Columns) -> NDArray[np.bool_]:
        """Say which rows are lines: not blank, not the heading again, and not a total, which has no code and no day."""
        filled = {name: _filled(column) for name, column in columns.items()}
        anything = np.logical_or.reduce(list(filled.values())) if filled else np.zeros(len(rows), bool)
        code, day = self.map.columns["code"][0], self.map.columns["service_from"][0]
        headings = _equal(columns[code], code) & _equal(columns[day], day)
        totals = anything & ~filled[code] & ~filled[day]
        self.tally.add("heading_again", "row", rows[headings].tolist(), "the heading stands again: left out", REPAIRED)
        self.tally.add("not_a_line", "row", rows[totals].tolist(), "a total or a note, with no code and no day: left out")
        self.rows_in -= int((~anything).sum())
        kept: NDArray[np.bool_] = anything & ~headings & ~totals
        return kept

    def _column(self, name: str, columns: Columns) -> pa.DictionaryArray | None:
        """Return a field's cells: its column, one value throughout, or None when there is neither."""
        if name in self.map.columns:
            return columns[self.map.columns[name][0]]
        if self.map.fixed.get(name):
            length = len(next(iter(columns.values())))
            return pa.DictionaryArray.from_arrays(pa.array(np.zeros(length, np.int32)), [self.map.fixed[name]])
        return None

    def _read(self, name: str, reader: Callable[[str], Cell], rows: NDArray[np.int32], columns: Columns) -> Any:
        """Return a field's values in the type of its column of the part."""
        kind = claim_parts.SCHEMA.field(name).type
        column = self._column(name, columns)
        if column is None:
            return pa.nulls(len(rows), kind)
        if pa.types.is_decimal(kind) and self.map.decimal == "." and _all_plain(column.dictionary, kind.scale):
            return column.dictionary.cast(kind).take(column.indices)
        cells = self._cells(name, reader, column)
        self._count_notes(name, cells, rows, column)
        if pa.types.is_dictionary(kind):
            return _with_dictionary(column, [cell.value or "" for cell in cells])
        values = pa.array([cell.value for cell in cells], None if pa.types.is_date(kind) else pa.string())
        return values.cast(kind).take(column.indices)

    def _cells(self, name: str, reader: Callable[[str], Cell], column: pa.DictionaryArray) -> list[Cell]:
        memory = self._memory.setdefault(name, {})
        if len(memory) > _REMEMBERED:
            memory.clear()
        cells = []
        for text in column.dictionary.to_pylist():
            cell = memory.get(text)
            if cell is None:
                cell = memory[text] = reader(text.strip())
            cells.append(cell)
        return cells

    def _count_notes(
        self, name: str, cells: Sequence[Cell], rows: NDArray[np.int32], column: pa.DictionaryArray
    ) -> None:
        noted: dict[Note, list[int]] = {}
        for at, cell in enumerate(cells):
            for note in cell.notes:
                noted.setdefault(note, []).append(at)
        indices = column.indices.to_numpy(zero_copy_only=False) if noted else None
        for note, places in noted.items():
            having = np.zeros(len(cells), bool)
            having[places] = True
            at_rows = np.flatnonzero(having[indices])
            if len(at_rows):
                text = column[int(at_rows[0])].as_py()
                self.tally.cells(name, note, rows[at_rows], text)

    def _codes(self, rows: NDArray[np.int32], columns: Columns) -> tuple[Any, pa.Array | None]:
        """Return the codes, and the modifiers that stood behind them, or None when none did."""
        column = columns[self.map.columns["code"][0]]
        cells = self._cells("code", read.code, column)
        self._count_notes("code", cells, rows, column)
        behind = None
        if any(cell.more for cell in cells):
            behind = pa.array([cell.more for cell in cells]).take(column.indices)
        return _with_dictionary(column, [cell.value or "" for cell in cells]), behind

    def _modifiers(self, rows: NDArray[np.int32], columns: Columns, behind: pa.Array | None) -> Any:
        parts = [columns[name].cast(pa.string()) for name in self.map.columns.get("modifiers", ())]
        parts = [behind, *parts] if behind is not None else parts
        if not parts:
            return pa.nulls(len(rows), pa.string()).fill_null("")
        if len(parts) == 1:
            joined = parts[0].dictionary_encode()
        else:
            joined = pc.utf8_trim_whitespace(pc.binary_join_element_wise(*parts, " ")).dictionary_encode()
        cells = self._cells("modifiers", lambda text: read.modifiers(" ".join(text.split())), joined)
        self._count_notes("modifiers", cells, rows, joined)
        return _with_dictionary(joined, [cell.value or "" for cell in cells])

    def _payers(self, rows: NDArray[np.int32], columns: Columns) -> Any:
        column = self._column("payer", columns)
        assert column is not None, "a map without a payer is refused"
        names = [" ".join(text.split()) for text in column.dictionary.to_pylist()]
        return _with_dictionary(column, [self.map.payers.get(name, name) for name in names])

    def _claims(self, columns: Columns) -> Any:
        column = columns[self.map.columns["claim_id"][0]]
        texts = [text.strip().removesuffix(".0") for text in column.dictionary.to_pylist()]
        hashes = [self.identity.hashed(CLAIM, text) for text in texts]
        self.remember(hashes, texts)
        return _with_dictionary(column, hashes)

    def _patients(self, columns: Columns) -> Any:
        names = self.map.columns["patient_id"]
        if len(names) == 1:
            column = columns[names[0]]
        else:
            parts = [columns[name].cast(pa.string()) for name in names]
            column = pc.binary_join_element_wise(*parts, "|").dictionary_encode()
        cells = self._cells("patient_id", self._patient, column)
        return _with_dictionary(column, [cell.value for cell in cells])

    def _patient(self, text: str) -> Cell:
        known = text.strip("| ").removesuffix(".0")
        return Cell(self.identity.hashed(PATIENT, known))

    def _line_ids(self, rows: NDArray[np.int32], columns: Columns, claims: Any) -> Any:
        """Return line ids: the claim's hash with the line's number, or with its row where lines have no number.

        A line id that begins with the claim's number keeps what follows it; any other is hashed.
        """
        if not self.numbered:
            numbers = pc.binary_join_element_wise("r", pa.array(rows).cast(pa.string()), "")
            return pc.binary_join_element_wise(claims.cast(pa.string()), numbers, "-")
        column = columns[self.map.columns["line_id"][0]]
        shaped = pc.match_substring_regex(column.dictionary, _NUMBER_LINES)
        if pc.all(shaped).as_py():
            numbers = [str(int(float(text))).zfill(2) for text in column.dictionary.to_pylist()]
            return pc.binary_join_element_wise(
                claims.cast(pa.string()), pa.array(numbers).take(column.indices), "-"
            )
        real = columns[self.map.columns["claim_id"][0]]
        pairs = zip(column.to_pylist(), real.to_pylist(), claims.to_pylist(), strict=True)
        return pa.array([self._line_id(line.strip(), claim.strip(), hashed) for line, claim, hashed in pairs])

    def _line_id(self, line: str, claim: str, hashed: str) -> str:
        rest = line[len(claim) :].lstrip("-_./ ") if claim and line.startswith(claim) else ""
        if len(rest) <= 4 and rest.isalnum():
            return f"{hashed}-{rest}"
        if line.isdigit() and len(line) <= 4:
            return f"{hashed}-{line.zfill(2)}"
        return self.identity.hashed(LINE, f"{claim}|{line}") if line else ""

    def _through(self, made: Mapping[str, Any]) -> Any:
        """Return the last days; a line without one, or in a file without the column, lasts one day."""
        return pc.coalesce(made["service_through"], made["service_from"])

    def _count_missing(self, rows: NDArray[np.int32], made: Mapping[str, Any]) -> None:
        for name in NEEDED:
            values = made[name]
            texts = pa.types.is_dictionary(values.type) or pa.types.is_string(values.type)
            if texts:
                empty = ~_filled(values if pa.types.is_dictionary(values.type) else values.dictionary_encode())
            elif values.null_count:
                empty = values.is_null().to_numpy(zero_copy_only=False)
            else:
                continue
            self.tally.add("missing", name, rows[empty].tolist(), f"{name}: no value that can be used")


def _filled(column: pa.DictionaryArray) -> NDArray[np.bool_]:
    there = pc.not_equal(pc.utf8_trim_whitespace(column.dictionary), "").to_numpy(zero_copy_only=False)
    taken: NDArray[np.bool_] = there[column.indices.to_numpy(zero_copy_only=False)] if len(there) else np.zeros(len(column), bool)
    return taken


def _equal(column: pa.DictionaryArray, text: str) -> NDArray[np.bool_]:
    same = pc.equal(pc.utf8_trim_whitespace(column.dictionary), text).to_numpy(zero_copy_only=False)
    taken: NDArray[np.bool_] = same[column.indices.to_numpy(zero_copy_only=False)] if len(same) else np.zeros(len(column), bool)
    return taken


def _all_plain(texts: pa.Array, decimals: int) -> bool:
    return bool(pc.all(pc.match_substring_regex(texts, rf"^-?[0-9]{{1,11}}(\.[0-9]{{1,{decimals}}})?$")).as_py())


def _with_dictionary(column: pa.DictionaryArray, values: Sequence[Any]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(column.indices, pa.array(values, pa.string())).cast(TEXT)
