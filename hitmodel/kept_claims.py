"""Claims that lie in many files, made ready once and kept on disk, so that they are never all in memory.

A folder of Parquet files, each of whole patients, is one claims set, in the order of the files' names. What pricing
needs is kept beside it as columns of whole numbers that are mapped into memory, not read; the lines themselves are
looked at only when someone asks for one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hitmodel import paths
from hitmodel.claim_sets import is_workspace
from hitmodel.claims import Claims, LazyClaims, read_claims
from hitmodel.codes import CodeTable
from hitmodel.companions import Companions
from hitmodel.errors import Counted, Finding, InputError, counted_together
from hitmodel.files import folder_written_whole
from hitmodel.mechanisms.base import LineKind
from hitmodel.prepare import UNKNOWN, Bools, Ints, Prepared, Quantities, line_kind, prepare, prepare_columns
from hitmodel.typed_claims import typed_columns

FOLDER = "_prepared"
MARKER = "prepared.json"
_LAYOUT = 2
"""Raised when what is kept changes its shape, so that what an older hitmodel kept is made anew."""
_NUMBERED = ("kind", "patient", "claim", "payer", "reason")
_PLAIN = ("first", "last", "paired", "stands", "blocked", "status")
_QUANTITIES = ("units", "ndc_quantity", "charge", "cost")
COLUMNS = (*_NUMBERED, *_PLAIN, *_QUANTITIES)
_FLAGS = ("paired", "stands", "blocked")


def claim_files(folder: Path) -> tuple[Path, ...]:
    """Return the files of a folder of claims, in the order of their names.

    Raises `InputError` where there is none.
    """
    found = tuple(sorted(folder.glob("*.parquet")))
    if not found:
        raise InputError(
            "the folder holds no Parquet files",
            where=paths.shown(folder),
            expected="claims as files such as part-00000.parquet, each of whole patients",
        )
    return found


def is_folder(given: str | Path) -> bool:
    """Say whether claims are given as a folder of files, not as a file, a workspace or a name."""
    place = paths.located(given)
    return place.is_dir() and not is_workspace(place)


def open_claims(given: str | Path, codes: CodeTable, tick: Callable[[int], object] = int) -> Claims | Prepared:
    """Return claims as a `Pricer` takes them: a file or a name read, a folder as `prepare_folder` has it."""
    return prepare_folder(paths.located(given), codes, tick) if is_folder(given) else read_claims(given)


def file_of_line(folder: Path, line_id: str) -> Path:
    """Return the file of a folder of claims that holds a line. Raises `InputError` where none does."""
    for path in claim_files(folder):
        if pc.any(pc.equal(pq.read_table(path, columns=["line_id"])["line_id"], line_id)).as_py():
            return path
    raise InputError(
        f"there is no line '{line_id}'", where=paths.shown(folder), next_step='Line ids are in the column "line_id".'
    )


def prepare_folder(folder: str | Path, codes: CodeTable, tick: Callable[[int], object] = int) -> Prepared:
    """Return the claims of a folder ready for pricing; made on the first call and kept in the folder ``_prepared``.

    What was kept is used again as long as neither the files nor the code tables have changed. ``tick`` is told how many
    files have been read.

    Raises `InputError` for a folder without claims, a file that cannot be used, and a patient who is in two files.
    """
    files = claim_files(Path(folder))
    refuse_shared_patients(files)
    return prepare_files(files, Path(folder) / FOLDER, codes, tick)


def prepare_files(files: Sequence[Path], kept: Path, codes: CodeTable, tick: Callable[[int], object] = int) -> Prepared:
    """Return the claims of some files ready for pricing, kept in the folder ``kept``; see `prepare_folder`."""
    checksum = _checksum(files)
    made_by = f"{metadata.version('hitmodel')}, layout {_LAYOUT}"
    said = {"made_by": made_by, "claims": checksum, "codes": codes.release}
    if not _holds(kept / MARKER, said):
        with folder_written_whole(kept, MARKER) as making:
            _write(making, files, codes, tick)
            text = json.dumps(said | {"lines": _length(making)})
            (making / MARKER).write_text(text, encoding="utf-8")
    return _opened(kept, files, codes, checksum)


def refuse_shared_patients(files: Sequence[Path]) -> None:
    """Raise `InputError` for a patient who is in two files: what ties a patient's lines together would be lost."""
    seen: set[str] = set()
    for path in files if len(files) > 1 else ():
        column = pq.read_table(path, columns=["patient_id"])["patient_id"].unique()
        patients = {str(name) for name in column.to_pylist()}
        again = sorted(patients & seen)
        if again:
            raise InputError(
                f"patient {again[0]} is in an earlier file too",
                where=paths.shown(path),
                expected="all lines of a patient in one file",
            )
        seen |= patients


def _checksum(files: Sequence[Path]) -> str:
    whole = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            whole.update(f"{path.name} {hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return whole.hexdigest()


def _holds(marker: Path, said: dict[str, Any]) -> bool:
    if not marker.is_file():
        return False
    held = json.loads(marker.read_text(encoding="utf-8"))
    return all(held.get(name) == value for name, value in said.items())


def _length(folder: Path) -> int:
    return (folder / "units.bin").stat().st_size // 8


@dataclass
class _Numbering:
    """Numbers given to the same things in every file: kinds, payers, reasons. Patients and claims are just counted."""

    kinds: dict[Any, int]
    payers: dict[tuple[str, str], int]
    reasons: dict[str, int]
    patients: int = 0
    claims: int = 0

    def of(self, part: Prepared) -> dict[str, Ints]:
        """Return the numbered columns of one file, renumbered over all files."""
        kind = _among(self.kinds, [_row(kind) for kind in part.kinds])[part.kind]
        payer = _among(self.payers, list(part.payers))[part.payer]
        reasons = np.append(_among(self.reasons, list(part.reasons)), -1)  # -1 stays -1
        patient, claim = part.patient + self.patients, part.claim + self.claims
        self.patients += int(part.patient.max(initial=-1)) + 1
        self.claims += int(part.claim.max(initial=-1)) + 1
        return {"kind": kind, "patient": patient, "claim": claim, "payer": payer, "reason": reasons[part.reason]}


def _among(known: dict[Any, int], things: Sequence[Any]) -> Ints:
    return np.array([known.setdefault(thing, len(known)) for thing in things], dtype=np.int64)


def _row(kind: LineKind) -> tuple[str, ...]:
    """Return what a kind is made of again."""
    known = [str(int(name in kind.known)) for name in ("ndc_quantity", "charge", "cost")]
    return (kind.code, " ".join(sorted(kind.modifiers)), kind.place, kind.product, kind.ndc, kind.ndc_unit, *known)


def _write(folder: Path, files: Sequence[Path], codes: CodeTable, tick: Callable[[int], object]) -> None:
    numbering = _Numbering({}, {}, {})
    findings: tuple[Counted, ...] = ()
    for number, path in enumerate(files, start=1):
        part = prepare_file(path, codes)
        findings = counted_together((*findings, *part.claims.counted))
        columns = numbering.of(part) | {name: getattr(part, name) for name in _PLAIN if name != "stands"}
        columns |= {name: getattr(part.quantities, name) for name in _QUANTITIES}
        assert isinstance(part.quantities.companions, Companions)
        columns["stands"] = part.quantities.companions.stands
        for name in COLUMNS:
            with (folder / f"{name}.bin").open("ab") as file:
                np.ascontiguousarray(columns[name]).tofile(file)
        tick(number)
    tables = {
        "kinds": list(numbering.kinds),
        "payers": list(numbering.payers),
        "reasons": list(numbering.reasons),
        "findings": [asdict(one) for one in findings],
    }
    (folder / "tables.json").write_text(json.dumps(tables), encoding="utf-8")


def prepare_file(path: Path, codes: CodeTable) -> Prepared:
    """Return the claims of one file ready for pricing: by its typed columns where they are plainly right."""
    columns = typed_columns(path)
    if columns is None:
        return prepare(read_claims(path), codes)
    claims = LazyClaims(lambda names: _lines((path,), names), paths.shown(path), "")
    return prepare_columns(columns, claims, codes)


def _opened(kept: Path, files: Sequence[Path], codes: CodeTable, checksum: str) -> Prepared:
    tables = json.loads((kept / "tables.json").read_text(encoding="utf-8"))
    numbers: dict[str, Ints] = {n: _mapped(kept, n, np.dtype(np.int64)) for n in COLUMNS if n not in _FLAGS}
    flags: dict[str, Bools] = {n: _mapped(kept, n, np.dtype(np.bool_)) for n in _FLAGS}
    found = tuple(Counted(one["count"], Finding(**one["first"])) for one in tables["findings"])
    claims = LazyClaims(lambda names: _lines(files, names), paths.shown(files[0].parent), checksum, found)
    quantities = Quantities(
        **{name: numbers.pop(name) for name in _QUANTITIES},
        companions=Companions(claims, flags["stands"], flags["paired"], UNKNOWN),
    )
    return Prepared(
        claims=claims,
        kinds=tuple(line_kind((*row[:6], *(known == "1" for known in row[6:])), codes) for row in tables["kinds"]),
        payers=tuple((name, product) for name, product in tables["payers"]),
        reasons=tuple(tables["reasons"]),
        quantities=quantities,
        paired=flags["paired"],
        blocked=flags["blocked"],
        **numbers,
    )


def _mapped(kept: Path, name: str, kind: np.dtype[Any]) -> npt.NDArray[Any]:
    """Return a column mapped from disk; as a plain array, of which one number is had ten times as fast."""
    return np.asarray(np.memmap(kept / f"{name}.bin", kind, "r"))


def _lines(files: Sequence[Path], names: tuple[str, ...]) -> pd.DataFrame:
    """Return the lines of all files, or their ids alone, which need no checking again."""
    alone = names == ("line_id",)
    frames = [pq.read_table(f, columns=["line_id"]).to_pandas() if alone else read_claims(f).lines for f in files]
    joined: pd.DataFrame = pd.concat(frames, ignore_index=True)
    return joined
