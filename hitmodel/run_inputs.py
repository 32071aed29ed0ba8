"""What goes into a run: every file that its parameters name or that those files name, with its checksum."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

from hitmodel import paths
from hitmodel.claim_sets import located
from hitmodel.contracts import load_contract
from hitmodel.errors import InputError
from hitmodel.evidence_file import find_evidence
from hitmodel.indexes import index_files
from hitmodel.kept_claims import claim_files, is_folder
from hitmodel.parameters import Parameter, Value
from hitmodel.terms import Contract
from hitmodel.workspace import Workspace

REFERENCES = ("codes", "prices", "indexes")
Entry = dict[str, Any]


def input_entries(parameters: Sequence[Parameter], values: Mapping[str, Value]) -> list[Entry]:
    """Return role, file, size and SHA-256 of each file that the parameters name, directly or through another.

    Claims files come with their number of lines and with the files of evidence beside them; contracts with the rate
    schedules, price tables and indexes that they name.
    """
    found: dict[Path, str] = {}
    for role, file in _files(parameters, values):
        found.setdefault(file, role)
    return [_entry(role, file) for file, role in found.items()]


def question_entries(claims: str | Path, contracts: Sequence[str], evidence: str | Path | None) -> list[Entry]:
    """Return the same of what a question names: a claims file or a folder of them, contracts, a folder of evidence."""
    in_files = is_folder(claims)
    files = claim_files(paths.located(claims)) if in_files else (located(claims),)
    found = [("claims file", file) for file in files]
    beside = None if in_files else find_evidence(claims)
    found += _companions(paths.located(evidence) if evidence else beside)
    for name in contracts:
        found += _contract_files(load_contract(name))
    return [_entry(role, file) for role, file in found]


def reference_entries() -> list[Entry]:
    """Return the code, price and index tables that stand ready for every run: those that ship, then imported ones."""
    files = [(name, p) for name in REFERENCES for p in sorted(paths.data(name).rglob("*")) if p.suffix in _TABLES]
    return [_entry(name, file) for name, file in (*files, *_imported())]


def _imported() -> Iterator[tuple[str, Path]]:
    workspace = Workspace.open()
    for entry in workspace.entries:
        if entry.kind in _IMPORTED:
            kept = (file for place in workspace.files(entry) for file in (place, *sorted(place.rglob("*"))))
            yield from ((_IMPORTED[entry.kind], file) for file in kept if file.is_file())


def check_unchanged(entries: Iterable[Mapping[str, Any]]) -> None:
    """Raise `InputError` when a file is no longer what an entry says: it changed while the run was being made."""
    for entry in entries:
        if sum_of(paths.located(entry["file"])) != entry["sha256"]:
            raise InputError(
                "the file changed while the report was being made, so nothing was written",
                where=entry["file"],
                next_step="Run it again once the file is complete.",
            )


def sum_of(file: Path) -> str | None:
    """Return the SHA-256 of a file, None when it is not there; a file is read once as long as it stays the same."""
    if not file.is_file():
        return None
    facts = file.stat()
    return _sum(file, facts.st_mtime_ns, facts.st_size, facts.st_ino)


def program() -> Entry:
    """Return version and checksum of hitmodel, of Python, and of every package at hand, and the lock's checksum."""
    lock = paths.root() / "requirements.lock"
    return {
        "hitmodel": metadata.version("hitmodel"),
        "source": _source_sum(),
        "python": ".".join(str(part) for part in sys.version_info[:3]),
        "packages": dict(_packages()),
        "lock": sum_of(lock) or "",
    }


def contracts_in_full(parameters: Sequence[Parameter], values: Mapping[str, Value]) -> dict[str, Any]:
    """Return every contract that the parameters name as plain values: name, dated version, then what it says."""
    return {
        contract.name: {
            Path(version.file).stem: _said(
                version.model_dump(mode="json", exclude_defaults=True, serialize_as_any=True)
            )
            for version in contract.versions
        }
        for contract in _contracts(parameters, values)
    }


_TABLES = {".csv", ".parquet", ".toml", ".json", ".txt"}
_IMPORTED = {
    **dict.fromkeys(("asp", "noc", "crosswalk", "ndc_prices"), "prices"),
    "hcpcs": "codes",
    "index": "indexes",
}
_NOT_SAID = {"file", "path", "checksum"}


def _said(value: Any) -> Any:
    """Return a dumped record without where its files lie; rows with an id stand under it."""
    if isinstance(value, Mapping):
        return {key: _said(part) for key, part in value.items() if key not in _NOT_SAID}
    if isinstance(value, list) and value and all(isinstance(row, Mapping) and "id" in row for row in value):
        return {row["id"]: _said({k: v for k, v in row.items() if k != "id"}) for row in value}
    return [_said(part) for part in value] if isinstance(value, list) else value


def _files(parameters: Sequence[Parameter], values: Mapping[str, Value]) -> Iterator[tuple[str, Path]]:
    evidence = str(values.get("evidence", ""))
    for parameter in parameters:
        if parameter.check.removesuffix(" or empty") == "file":
            for text in _texts(values[parameter.name]):
                yield parameter.name, located(text)
                if not evidence:
                    yield from _companions(find_evidence(located(text)))
    if evidence:
        yield from _companions(paths.located(evidence))
    for contract in _contracts(parameters, values):
        yield from _contract_files(contract)


def _companions(folder: Path | None) -> Iterator[tuple[str, Path]]:
    if folder and folder.is_dir():
        yield from (("evidence", p) for p in sorted(folder.iterdir()) if p.suffix in (".csv", ".toml"))


def _contracts(parameters: Sequence[Parameter], values: Mapping[str, Value]) -> list[Contract]:
    named = [p for p in parameters if p.check.removesuffix(" or empty") == "contract"]
    return [load_contract(text) for p in named for text in _texts(values[p.name])]


def _contract_files(contract: Contract) -> Iterator[tuple[str, Path]]:
    yield from (("contract", paths.located(file)) for file in contract.files)
    for version in contract.versions:
        yield from (("rate schedule", Path(schedule.path)) for schedule in version.schedule)
        if version.drug_prices.ndc_table:
            yield "NDC prices", Path(version.drug_prices.path)
        held = index_files(Path(version.file))
        yield from (("index", held[e.index]) for e in version.escalator if e.index in held)


def _texts(value: Value) -> list[str]:
    return [text for text in (value if isinstance(value, list) else [str(value)]) if text]


def _entry(role: str, file: Path) -> Entry:
    entry: Entry = {"role": role, "file": _shown(file, Path.cwd()), "bytes": file.stat().st_size}
    entry["sha256"] = sum_of(file)
    if role == "claims":
        entry["lines"] = _lines(file)
    return entry


def _lines(file: Path) -> int:
    """Return the number of claim lines in a file: rows of a Parquet file, else lines of text but for the heading."""
    if file.suffix == ".parquet":
        import pyarrow.parquet as pq

        return int(pq.read_metadata(file).num_rows)
    with file.open("rb") as held:
        return max(0, sum(1 for line in held if line.strip()) - 1)


@lru_cache(maxsize=1024)
def _shown(file: Path, working_folder: Path) -> str:
    del working_folder  # what is shown depends on it
    return paths.shown(file)


@lru_cache(maxsize=1024)
def _sum(file: Path, modified: int, size: int, inode: int) -> str:
    with file.open("rb") as held:
        return hashlib.file_digest(held, "sha256").hexdigest()


@lru_cache(maxsize=1)
def _packages() -> tuple[tuple[str, str], ...]:
    """Return name and version of every package, from the names of their records: reading those takes half a second."""
    records = (p.name for entry in sys.path if Path(entry).is_dir() for p in Path(entry).glob("*.dist-info"))
    found = dict(sorted(name.removesuffix(".dist-info").rpartition("-")[::2] for name in records))
    return tuple(sorted(found.items(), key=lambda pair: pair[0].lower()))


@lru_cache(maxsize=1)
def _source_sum() -> str:
    """Return one checksum over the package's own files, by name and content."""
    total = hashlib.sha256()
    for file in sorted(p for p in paths.PACKAGE.rglob("*") if p.suffix in (".py", ".css", ".typ", ".json")):
        total.update(file.relative_to(paths.PACKAGE).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return total.hexdigest()
