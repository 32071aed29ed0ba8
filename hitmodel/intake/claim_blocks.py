"""Blocks of a claims extract as typed lines: cells read and mended, ids hashed, everything found on the way counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hitmodel import claim_parts
from hitmodel.identity import CLAIM, LINE, PATIENT, Identity
from hitmodel.intake import claim_cells as read
from hitmodel.intake.claim_cells import CENTS, GUESSED, REPAIRED, Cell, Note
from hitmodel.intake.claim_columns import DAY_FIRST, NEEDED, ColumnMap, decimal_mark
from hitmodel.intake.claim_guard import Guard, personal
from hitmodel.intake.claim_people import People, beside
from hitmodel.intake.claim_rows import TEXT, Columns, Source
from hitmodel.intake.claim_tally import Tally
from hitmodel.intake.claim_totals import Totals

_REMEMBERED = 20_000
"""Distinct cells of a column that are remembered from block to block."""
_NUMBER_LINES = r"^[0-9]{1,4}(\.0)?$"
_NUMBER_AT_MOST = 6
"""Characters of what `_NUMBER_LINES` matches."""
_MOST_BEHIND = 5
MOST_DIGITS_OF_TOTALS = 12
_NUMBERS = {"units": 3, "ndc_quantity": 3, "acquisition_cost": CENTS, "actual_allowed": CENTS}
"""Columns of numbers beside charges, and the decimals that they are kept to."""
_THROUGHOUT = 3
"""Distinct cells with three decimals by which a column, if it holds no others, is one of three decimals."""


@dataclass
class Blocks:
    """Blocks of a source as tables of `claim_parts.SCHEMA`, with everything found on the way counted."""

    source: Source
    map: ColumnMap
    identity: Identity
    remember: Callable[[Sequence[str], Sequence[str]], None]
    tally: Tally = field(default_factory=Tally)
    rows_in: int = 0
    rows_kept: int = 0
    numbered: bool = True
    totals: Totals = field(default_factory=Totals)
    _pointed: set[str] = field(default_factory=set)
    _memory: dict[str, dict[str, Cell]] = field(default_factory=dict)
    _guard: Guard = field(init=False)

    def tables(self) -> Iterator[pa.Table]:
        """Yield the lines; what is no line of a claim is left out and counted."""
        self.numbered = "line_id" in self.map.columns
        for number, remark in enumerate(self.source.remarks, start=1):
            self.tally.remark(f"file_{number}", remark.said, remark.standing)
        if self.map.decimal == ",":
            self.tally.remark("decimal_comma", "amounts were read with a comma before the cents", GUESSED)
        if "service_through" not in self.map.columns:
            self.tally.remark("single_day", "no column says how long a line lasts; each was taken as one day", GUESSED)
        people = People(beside(self.map))
        persons = personal(self.map)
        self._guard = Guard(persons, self.tally)
        wanted = dict.fromkeys((*self.map.used, *people.columns, *persons))
        for chunk in self.source.chunks(tuple(wanted), self._distinct()):
            self.rows_in += len(chunk.rows) + len(chunk.left_out)
            for row, why in chunk.left_out.items():
                self.tally.add("wrong_length", "row", [row], f"{why}: left out, its cells cannot be placed")
            if not len(chunk.rows):
                continue
            if people.columns:
                people.look(chunk.rows, chunk.columns[self.map.columns["patient_id"][0]], chunk.columns)
            table = self._table(chunk.rows, chunk.columns)
            self.rows_kept += table.num_rows
            yield table
        people.tell(self.tally, self.map)
        self.totals.tell(self.tally)

    def _distinct(self) -> list[str]:
        """Return the column of line numbers, where nothing else is read from it."""
        lines = self.map.columns.get("line_id", ())
        others = {name for wanted, names in self.map.columns.items() if wanted != "line_id" for name in names}
        return [name for name in lines if name not in others]

    def _table(self, rows: NDArray[np.int32], columns: Columns) -> pa.Table:
        kept, totals = self._are_lines(rows, columns)
        said = self._totals(totals, columns)
        every = rows
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
        self._count_missing(rows, columns)
        self.totals.take(rows, made["charge"], every[totals], said)
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
            "original": lambda text: Cell(self.identity.named(text.removesuffix(".0"))),
        }

    def _are_lines(self, rows: NDArray[np.int32], columns: Columns) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Say which rows are lines, and which are totals.

        No line is a blank row, the heading again, or a total, which has no code and no day.
        """
        anything = np.zeros(len(rows), bool)
        for column in columns.values():
            if not anything.all():
                anything |= _filled(column)
        code, day = self.map.columns["code"][0], self.map.columns["service_from"][0]
        headings = _equal(columns[code], code) & _equal(columns[day], day)
        totals = anything & ~_on_lines(pc.match_substring_regex(columns[code].dictionary, "[0-9]"), columns[code])
        totals &= ~_filled(columns[day]) & ~headings
        self.tally.add("heading_again", "row", rows[headings].tolist(), "the heading stands again: left out", REPAIRED)
        self.rows_in -= int((~anything).sum())
        return anything & ~headings & ~totals, totals

    def _totals(self, totals: NDArray[np.bool_], columns: Columns) -> list[Decimal | None]:
        """Return what each row that is a total says of the charge; None where it says nothing."""
        if not totals.any():
            return []
        column = columns[self.map.columns["charge"][0]].take(pa.array(np.flatnonzero(totals)))
        reader = read.number(2, self.map.decimal, most=MOST_DIGITS_OF_TOTALS)
        values = (reader((text or "").strip()).value for text in column.cast(pa.string()).to_pylist())
        return [Decimal(str(value)) if value is not None else None for value in values]

    def _column(self, name: str, columns: Columns) -> pa.DictionaryArray | None:
        """Return a field's cells: its column, one value throughout, or None when there is neither."""
        if name in self.map.columns:
            return columns[self.map.columns[name][0]]
        if self.map.fixed.get(name):
            length = len(next(iter(columns.values())))
            return pa.DictionaryArray.from_arrays(pa.array(np.zeros(length, np.int32)), [self.map.fixed[name]])
        return None

    def _with_points(self, name: str, texts: pa.Array) -> bool:
        """Say whether a column is written with points in a file whose charges have commas before the cents."""
        if self.map.decimal != "," or name not in _NUMBERS:
            return False
        if name in self._pointed:  # as it began, whatever a later part of the file holds
            return True
        if decimal_mark(texts.drop_null().to_pylist()) != ".":
            return False
        self._pointed.add(name)
        self._memory.pop(name, None)
        said = f"{name} is written with a decimal point, though charges are with a comma; read so"
        self.tally.remark(f"{name}_points", said, GUESSED)
        return True

    def _read(self, name: str, reader: Callable[[str], Cell], rows: NDArray[np.int32], columns: Columns) -> Any:
        """Return a field's values in the type of its column of the part."""
        kind = claim_parts.SCHEMA.field(name).type
        column = self._column(name, columns)
        if column is None:
            return pa.nulls(len(rows), kind)
        if name == "product" and name in self.map.columns:
            column = self._guard.checked(name, column, rows, columns)
        if pa.types.is_decimal(kind) and self.map.decimal == ".":
            self._count_ambiguous(name, rows, column)
        if pa.types.is_decimal(kind) and self.map.decimal == "." and _all_plain(column.dictionary, kind.scale):
            return column.dictionary.cast(kind).take(column.indices)
        if self._with_points(name, column.dictionary):
            reader = read.number(_NUMBERS[name], ".", unit_words=_NUMBERS[name] > CENTS)
        cells = self._cells(name, reader, column)
        self._count_notes(name, cells, rows, column)
        if pa.types.is_dictionary(kind):
            return _with_dictionary(column, [cell.value or "" for cell in cells])
        values = pa.array([cell.value for cell in cells], None if pa.types.is_date(kind) else pa.string())
        return values.cast(kind).take(column.indices)

    def _count_ambiguous(self, name: str, rows: NDArray[np.int32], column: pa.DictionaryArray) -> None:
        """Say where a point could part thousands: 1.400, unless all of a column is written with three decimals."""
        texts = column.dictionary
        either = pc.match_substring_regex(texts, r"^\s*[$]?[1-9][0-9]{0,2}[.][0-9]{3}\s*$")
        if not pc.any(either).as_py():
            return
        three = pc.sum(pc.match_substring_regex(texts, r"[.][0-9]{3}\s*$")).as_py()
        if three >= _THROUGHOUT and three == pc.sum(pc.match_substring_regex(texts, "[0-9]")).as_py():
            return
        at_rows = np.flatnonzero(_on_lines(either, column))
        if len(at_rows):
            note = Note("point_or_thousands", read.POINT_OR_THOUSANDS, GUESSED)
            self.tally.cells(name, note, rows[at_rows], str(column[int(at_rows[0])].as_py()))

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
        if "payer" in self.map.columns:
            column = self._guard.checked("payer", column, rows, columns)
        names = [" ".join(text.split()) for text in column.dictionary.to_pylist()]
        return _with_dictionary(column, [self.map.payers.get(name, name) for name in names])

    def _claims(self, columns: Columns) -> Any:
        column = columns[self.map.columns["claim_id"][0]]
        texts = [text.strip().removesuffix(".0") for text in column.dictionary.to_pylist()]
        hashes = self.identity.hashed_each(CLAIM, texts)
        self.remember(hashes, texts)
        return _with_dictionary(column, hashes)

    def _patients(self, columns: Columns) -> Any:
        names = self.map.columns["patient_id"]
        if len(names) == 1:
            column = columns[names[0]]
        else:
            parts = [columns[name].cast(pa.string()) for name in names]
            column = pc.binary_join_element_wise(*parts, "|").dictionary_encode()
        known = [text.strip("| ").removesuffix(".0") for text in column.dictionary.to_pylist()]
        return _with_dictionary(column, self.identity.hashed_each(PATIENT, known))

    def _line_ids(self, rows: NDArray[np.int32], columns: Columns, claims: Any) -> Any:
        """Return line ids: the claim's hash with the line's number, or with its row where lines have no number.

        A line id that begins with the claim's number keeps what follows it; any other is hashed.
        """
        if not self.numbered:
            numbers = pc.binary_join_element_wise("r", pa.array(rows).cast(pa.string()), "")
            return pc.binary_join_element_wise(claims.cast(pa.string()), numbers, "-")
        lines = pc.utf8_trim_whitespace(columns[self.map.columns["line_id"][0]].cast(pa.string()))
        real = pc.utf8_trim_whitespace(columns[self.map.columns["claim_id"][0]].cast(pa.string()))
        numbers = _numbers_within(lines, real)
        ids = pc.binary_join_element_wise(claims.cast(pa.string()), numbers, "-")
        if numbers.null_count:
            at = np.flatnonzero(numbers.is_null())
            pairs = zip(lines.take(at).to_pylist(), real.take(at).to_pylist(), strict=True)
            hashed = [self.identity.hashed(LINE, f"{claim}|{line}") if line else "" for line, claim in pairs]
            ids = pc.replace_with_mask(ids, numbers.is_null(), pa.array(hashed, pa.string()))
        return ids

    def _through(self, made: Mapping[str, Any]) -> Any:
        """Return the last days; a line without one, or in a file without the column, lasts one day."""
        return pc.coalesce(made["service_through"], made["service_from"])

    def _count_missing(self, rows: NDArray[np.int32], columns: Columns) -> None:
        for name in NEEDED:
            if name in self.map.columns:
                filled = np.logical_or.reduce([_filled(columns[column]) for column in self.map.columns[name]])
                self.tally.add("missing", name, rows[~filled].tolist(), f"{name}: the cell is empty")


def _numbers_within(lines: pa.StringArray, claims: pa.StringArray) -> pa.StringArray:
    """Return the number of each line within its claim, of two digits at least; null where its id tells none.

    The id is the number itself, of four digits at most, or the claim's number with up to four characters behind it.
    """
    numbers = pa.nulls(len(lines), pa.string())
    if len(lines) and pc.min(pc.utf8_length(lines)).as_py() <= _NUMBER_AT_MOST:
        numbers = pc.if_else(pc.match_substring_regex(lines, _NUMBER_LINES), lines, numbers)
        numbers = pc.replace_substring_regex(numbers, r"\.0$", "")
    longer = np.asarray(pc.subtract(pc.utf8_length(lines), pc.utf8_length(claims)))
    for more in np.unique(longer[(longer > 0) & (longer <= _MOST_BEHIND)]).tolist():
        begins = pc.equal(pc.utf8_slice_codeunits(lines, 0, -more), claims)
        behind = pc.utf8_ltrim(pc.utf8_slice_codeunits(lines, -more), characters="-_./ ")
        fits = pc.and_(
            pc.and_(begins, pa.array(longer == more)), pc.match_substring_regex(behind, r"^[0-9A-Za-z]{1,4}$")
        )
        numbers = pc.if_else(fits, behind, numbers)
    return pc.utf8_lpad(numbers, 2, "0")


def _filled(column: pa.DictionaryArray | pa.StringArray) -> NDArray[np.bool_]:
    texts = column.dictionary if isinstance(column, pa.DictionaryArray) else column
    return _on_lines(pc.not_equal(pc.utf8_trim_whitespace(texts), ""), column)


def _equal(column: pa.DictionaryArray | pa.StringArray, text: str) -> NDArray[np.bool_]:
    texts = column.dictionary if isinstance(column, pa.DictionaryArray) else column
    return _on_lines(pc.equal(pc.utf8_trim_whitespace(texts), text), column)


def _on_lines(said: pa.BooleanArray, column: pa.DictionaryArray | pa.StringArray) -> NDArray[np.bool_]:
    """Return for each cell what was said of its text; texts are most often all alike in what is said of them."""
    alike = np.unique(np.asarray(said.fill_null(False)))
    if len(alike) == 1 and not column.null_count:
        return np.full(len(column), alike[0])
    lines = said.take(column.indices) if isinstance(column, pa.DictionaryArray) else said
    flags: NDArray[np.bool_] = np.asarray(lines.fill_null(False))
    return flags


def _all_plain(texts: pa.Array, decimals: int) -> bool:
    return bool(
        pc.all(pc.match_substring_regex(texts, rf"^-?[0-9]{{1,{read.MOST_DIGITS}}}(\.[0-9]{{1,{decimals}}})?$")).as_py()
    )


def _with_dictionary(column: pa.DictionaryArray, values: Sequence[Any]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(column.indices, pa.array(values, pa.string())).cast(TEXT)
