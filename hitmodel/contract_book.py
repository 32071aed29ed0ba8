"""A contract to a workbook and back: what is kept is the contract file, and an edited workbook becomes an overlay."""

from __future__ import annotations

import csv
import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from hitmodel import paths
from hitmodel.clause_checks import ContractFinding
from hitmodel.contract_checks import check_contract
from hitmodel.contract_from_excel import Workbook, read_workbook
from hitmodel.contract_mistakes import Loaded, WorkbookMistakes, every_mistake, notes_on_names
from hitmodel.contract_sheets import CONCURRENCY, SCHEDULE_FIELDS, sections
from hitmodel.contract_to_excel import Origin, ScheduleRow, complete_tables, write_workbook
from hitmodel.contracts import load_draft, read_contract
from hitmodel.diff_overlay import overlay_between
from hitmodel.errors import ContractError, InputError
from hitmodel.field_words import FieldChange, field_changes
from hitmodel.intake.landing import write_csv
from hitmodel.name_checks import check_names
from hitmodel.overlay_file import contract_text, write_contract_file
from hitmodel.overlays import NAMED_TABLES, Raw, extends_name, find_contract, read_layered, version_files
from hitmodel.references import default_references
from hitmodel.terms import Contract, Version
from hitmodel.vocabulary import Record
from hitmodel.workspace import default_folder, name_for

_TEMPLATE_YEAR = date(2027, 1, 1)


@dataclass(frozen=True)
class Saved:
    """A contract file made from a workbook. ``file`` is None where the workbook changes nothing.

    ``base`` is the contract that it extends, "" for a whole contract; ``changes`` are (clause, what changed), ``notes``
    what in it has no effect.
    """

    file: Path | None
    base: str
    changes: tuple[tuple[str, tuple[FieldChange, ...]], ...] = ()
    notes: tuple[str, ...] = ()


WORKBOOKS = "workbooks"
"""The folder of the workspace for workbooks that nobody gave a place."""


def usual_place(name: str) -> Path:
    """Return where a contract's workbook goes when nobody says where: in the workspace, under the contract's name."""
    return default_folder() / WORKBOOKS / f"{Path(name).stem}.xlsx"


def workbook_named(given: Path) -> Path:
    """Return the workbook that is meant: the file itself, else the one of that name at its usual place."""
    usual = usual_place(str(given))
    return usual if not given.exists() and usual.is_file() and given.parent == Path(".") else given


# --- to a workbook ---------------------------------------------------------------------------------------------------


def contract_to_excel(name: str, target: Path, version: str = "") -> Path:
    """Write one version of a contract, the last one unless ``version`` names it, as a workbook, complete.

    Raises `ContractError` when the contract has mistakes, `InputError` when there is no such version or the workbook
    cannot be written.
    """
    file = _version_file(name, version)
    contract = load_draft(file)
    tables = complete_tables(read_layered(file.resolve()).tables)
    origin = Origin(name, paths.shown(file), _fingerprint(tables, contract.latest))
    return write_workbook(tables, _schedule_rows(contract.latest), target, origin, without_effect(contract.latest))


def _version_file(name: str, version: str) -> Path:
    files = version_files(find_contract(name))
    if not version:
        return files[-1]
    found = next((file for file in files if file.stem == version), None)
    if found is None:
        there = f"There are: {', '.join(file.stem for file in files)}."
        raise InputError(f"{name} has no version '{version}'", where="--version", next_step=there)
    return found


def _schedule_rows(version: Version) -> list[ScheduleRow]:
    return [ScheduleRow(s.id, cells) for s in version.schedule for cells in _csv_rows(Path(s.path))]


def _csv_rows(path: Path) -> Iterator[Mapping[str, str]]:
    """Yield the rows of a schedule's file, as text under the names of the columns that are read."""
    lines = [line for line in path.read_text(encoding="utf-8-sig").splitlines(keepends=True) if line[:1] != "#"]
    rows = [row for row in csv.reader(lines) if any(cell.strip() for cell in row)]
    heading = [name.strip().lower() for name in rows[0]]
    for row in rows[1:]:
        cells = dict(zip(heading, (cell.strip() for cell in row), strict=False))
        yield {name: cells.get(name, "") for name in SCHEDULE_FIELDS}


def _fingerprint(tables: Raw, version: Version) -> str:
    rows = "".join(f"{row.schedule}{sorted(row.cells.items())}" for row in _schedule_rows(version))
    return hashlib.sha256((contract_text(tables) + rows).encode()).hexdigest()


def template(target: Path) -> Path:
    """Write an empty contract workbook with one clause of each common kind to be overwritten."""
    return write_workbook(_EXAMPLE, (), target, Origin())


_EXAMPLE: Raw = {
    "contract": {"title": "FILL title", "payers": ["FILL payer"], "effective_from": _TEMPLATE_YEAR},
    "lesser_of": {"level": "line"},
    "concurrency": {"primary_by": "as_modified"},
    "term": [
        {"id": "anti_infective_per_diem", "classes": ["anti_infective"], "roles": ["per_diem"], "mechanism": "per_diem",
         "rate": "FILL anti_infective_rate", "clause": "per diem"},
        {"id": "other_per_diem", "roles": ["per_diem"], "mechanism": "per_diem", "rate": "FILL per_diem_rate",
         "clause": "per diem"},
        {"id": "drugs", "roles": ["drug", "nutrition"], "mechanism": "drug", "clause": "drugs",
         "chain": [{"of": "payment_limit", "multiplier": "FILL multiplier"}]},
        {"id": "nursing", "codes": ["99601", "99602"], "mechanism": "nursing", "first": "FILL first_hours",
         "further": "FILL further_hour", "clause": "nursing"},
    ],
}  # fmt: skip


# --- back from a workbook --------------------------------------------------------------------------------------------


def contract_from_excel(path: Path, target: Path | None = None) -> Saved:
    """Make a contract file of a workbook: an overlay on the contract it was made from, or a whole contract.

    Parameters
    ----------
    target : Path or None
        The ``.toml`` file to write; ``contracts/NAME/YEAR.toml`` in the workspace when not given, with the name of the
        workbook (and ``_edited`` where the contract that it was made from has that name) and the year it begins.

    Raises
    ------
    WorkbookMistakes
        With every mistake in the workbook, by sheet and cell. Nothing is written.
    InputError
        When it is no contract workbook, or the contract it was made from is gone or has changed since.
    """
    book = read_workbook(path)
    base = _base(book, path)
    with tempfile.TemporaryDirectory() as folder:

        def load(tables: Raw) -> Loaded:
            return read_contract(_draft(book, tables, base, Path(folder)))

        contract, mistakes = every_mistake(book, load, lambda made: _new_findings(base, made.latest), _usual(base))
        if contract is None:
            raise WorkbookMistakes(path.name, mistakes)
        after = contract.latest
        if base is not None and _says_the_same(base, after):
            return Saved(None, book.origin.contract)
        file = target or _usual_target(path, after, book.origin.contract if base else "")
        tables = _tables(book, base, after, file)
        _write(tables, file, Path(folder), base, path.name)
    return Saved(
        file,
        book.origin.contract if base else "",
        tuple(_changes(base, after)),
        (*book.remarks, *_notes(book, base, after)),
    )


def _usual(base: Version | None) -> Raw:
    """Return sections that stand in for those with a mistake: of the contract that a workbook was made from."""
    return complete_tables(read_layered(paths.located(base.file).resolve()).tables) if base else _EXAMPLE


def _new_findings(base: Version | None, after: Version) -> list[ContractFinding]:
    """Return what is found about the names in a contract and was not found in the one that it was made from."""
    before = {(one.place, one.problem) for one in _name_findings(base)} if base else set()
    return [one for one in _name_findings(after) if (one.place, one.problem) not in before]


def _name_findings(version: Version) -> list[ContractFinding]:
    return list(check_names(version, default_references().codes))


def _notes(book: Workbook, base: Version | None, after: Version) -> Iterator[str]:
    """Yield what stands in a contract and has no effect or is to be looked at, where it did not stand so before."""
    yield from notes_on_names(_new_findings(base, after), book)
    rule = after.concurrency
    if rule.primary_by != "as_modified" and rule.modifiers == "trust" and (not base or base.concurrency != rule):
        yield (
            f"{rule.primary_by} under primary by has no effect while the claim's own SH and SJ stand: "
            f"type rerank under modifiers on the sheet {CONCURRENCY}"
        )
    before = without_effect(base) if base else {}
    yield from (f"'{name}': {why}" for name, why in without_effect(after).items() if name not in before)


def without_effect(version: Version) -> dict[str, str]:
    """Return the terms of a version that never apply, by id, with why."""
    alone = Contract(name="", versions=(version,), files=())
    found = check_contract(alone, default_references())
    return {f.place.split("'")[1]: f.problem for f in found if f.kind == "never_applies" and f.place.startswith("term")}


def _base(book: Workbook, path: Path) -> Version | None:
    """Return the version that a workbook was made from; None for a template."""
    origin = book.origin
    if not origin.file:
        return None
    file = paths.located(origin.file)
    if not file.is_file():
        raise InputError(
            f"the contract it was made from, {origin.file}, is not there",
            where=path.name,
            next_step="Put it back, or empty the cells beside 'file' on the sheet Start to make a whole contract.",
        )
    base = load_draft(file).latest
    if _fingerprint(complete_tables(read_layered(file.resolve()).tables), base) != origin.checksum:
        raise InputError(
            f"{origin.file} has changed since the workbook was made",
            where=path.name,
            next_step="Make the workbook anew with hitmodel contract to-xlsx, and carry your changes over; or empty "
            "the cell beside 'file' on the sheet Start to make a whole contract.",
        )
    return base


def _draft(book: Workbook, said: Raw, base: Version | None, folder: Path) -> Path:
    """Write tables of the workbook as a whole contract, to be checked and compared; return its file."""
    tables = dict(said)
    home = paths.located(base.file).resolve().parent if base else None
    if "schedule" in tables:
        tables["schedule"] = [_schedule(row, book, base, folder) for row in tables["schedule"]]
    prices = tables.get("drug_prices", {})
    if home and "ndc_table" in prices and (home / str(prices["ndc_table"])).is_file():
        tables["drug_prices"] = {**prices, "ndc_table": str(home / str(prices["ndc_table"]))}
    for index in _indexes_beside(tables, home):
        shutil.copy(index, folder / index.name)
    draft = folder / "workbook.toml"
    draft.write_text(contract_text(tables), encoding="utf-8")
    return draft


def _schedule(row: Raw, book: Workbook, base: Version | None, folder: Path) -> Raw:
    """Return a schedule's row with its file: the contract's own where its rates are as they were, else a new one."""
    row_id = str(row.get("id", ""))
    rows = [one.cells for one in book.schedules if one.schedule == row_id]
    held = next((s for s in base.schedule if s.id == row_id), None) if base else None
    if held is not None and _same_rates(rows, [*_csv_rows(Path(held.path))]):
        return {**row, "file": held.path}
    columns = [name for name in SCHEDULE_FIELDS if name in ("code", "rate") or any(one.get(name) for one in rows)]
    write_csv(folder / f"{row_id}.csv", columns, [[one.get(name, "") for name in columns] for one in rows])
    return {**row, "file": f"{row_id}.csv"}


def _same_rates(one: list[Mapping[str, str]], other: list[Mapping[str, str]]) -> bool:
    def key(row: Mapping[str, str]) -> tuple[str, ...]:
        try:
            rate = str(Decimal(row.get("rate", "")).normalize())
        except InvalidOperation:
            rate = row.get("rate", "")
        return (rate, *(row.get(name, "") for name in SCHEDULE_FIELDS if name != "rate"))

    return list(map(key, one)) == list(map(key, other))


def _indexes_beside(tables: Raw, home: Path | None) -> Iterator[Path]:
    for row in tables.get("escalator", []):
        file = home / f"{row.get('index', '')}.csv" if home and row.get("index") else None
        if file is not None and file.is_file():
            yield file


def _says_the_same(base: Version, after: Version) -> bool:
    tables = overlay_between(base, after, base.file)
    header = [{n: v for n, v in v.contract.model_dump().items() if n != "extends"} for v in (base, after)]
    return set(tables) == {"contract"} and header[0] == header[1]


def _usual_target(path: Path, after: Version, made_from: str) -> Path:
    """Return where a workbook's contract goes: under the workbook's name, or another where that is its base's."""
    name = name_for(path)
    own = f"{name}_edited" if name == name_for(Path(f"{Path(made_from).stem}.x")) else name
    return default_folder() / "contracts" / own / f"{after.contract.effective_from.year}.toml"


def _tables(book: Workbook, base: Version | None, after: Version, target: Path) -> Raw:
    """Return what the file is to say; names of files that were drafted become names of files beside it."""
    if base is None:
        return dict(book.tables) | _drafted_names(dict(book.tables))
    tables = overlay_between(base, after, extends_name(paths.located(base.file), target))
    note = book.tables.get("contract", {}).get("note")
    header = {**tables["contract"], **({"note": note} if note else {})}
    return {**tables, "contract": header, **_drafted_names(tables)}


def _drafted_names(tables: Raw) -> Raw:
    rows = tables.get("schedule", [])
    named = [{**row, "file": _beside(str(row.get("file", "")), str(row.get("id", "")))} for row in rows]
    return {"schedule": named} if rows else {}


def _beside(file: str, row_id: str) -> str:
    drafted = Path(file).name == f"{row_id}.csv" or not file
    return f"{row_id}.csv" if drafted else file


def _write(tables: Raw, target: Path, folder: Path, base: Version | None, workbook: str) -> None:
    """Write the file and the schedules beside it; where it does not load, nothing of them stays."""
    target.parent.mkdir(parents=True, exist_ok=True)
    new: list[Path] = []
    before: dict[Path, bytes] = {}
    for drafted in sorted(folder.glob("*.csv")):
        place = target.parent / drafted.name
        if place.exists():
            before[place] = place.read_bytes()
        shutil.copy(drafted, place)
        new.append(place)
    try:
        write_contract_file(tables, target, f"Made from the workbook {workbook} by hitmodel contract from-xlsx.")
    except ContractError:
        for place in new:
            place.unlink()
        for place, content in before.items():
            place.write_bytes(content)
        raise


def _changes(base: Version | None, after: Version) -> Iterator[tuple[str, tuple[FieldChange, ...]]]:
    for section in sections()[1:] if base else ():
        told = field_changes(getattr(base, section), getattr(after, section))
        if told:
            yield f"[{section}]", told
    for table in NAMED_TABLES if base else ():
        old = {row.id: row for row in getattr(base, table)}
        new = {row.id: row for row in getattr(after, table)}
        for row_id in dict.fromkeys((*old, *new)):
            if _differs(old.get(row_id), new.get(row_id)):
                yield f"{table.replace('_', ' ')} '{row_id}'", field_changes(old.get(row_id), new.get(row_id))


def _differs(old: Record | None, new: Record | None) -> bool:
    """Say whether two rows differ in more than the place of a file that holds the same."""
    if old is None or new is None or getattr(old, "checksum", "") != getattr(new, "checksum", ""):
        return old != new
    places = {name: getattr(new, name) for name in ("file", "path") if hasattr(new, name)}
    return old.model_copy(update=places) != new
