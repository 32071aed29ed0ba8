"""Import what was recorded beside claims: therapies, doses, holds, stays, visits, opening balances.

Patient and therapy ids are hashed as those of claims are, so that imported claims and imported evidence meet. A cell
that is not what its column holds is kept as its shape only: its row stays doubtful, and nothing of a person is kept.
"""

from __future__ import annotations

import csv
import hashlib
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from hitmodel import paths
from hitmodel.claim_evidence import KIND, write_settings
from hitmodel.errors import Finding, InputError, nearest
from hitmodel.evidence_file import history_complete_from, read_evidence
from hitmodel.evidence_shape import SETTINGS, SHAPES
from hitmodel.identity import PATIENT, THERAPY, Identity
from hitmodel.intake import cells
from hitmodel.intake.claim_cells import shown
from hitmodel.intake.headings import Fields, Table, find_tables
from hitmodel.intake.landing import Arrival, Landed, land
from hitmodel.intake.sheets import Book, read_book
from hitmodel.workspace import name_for

_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "patient_id": ("patient_id", "patient", "patient number", "mrn", "medical record number", "member_id", "pt id"),
    "therapy_id": ("therapy_id", "therapy", "order_id", "order", "order number", "rx", "rx number"),
    "code": ("code", "hcpcs", "hcpcs code", "procedure", "cpt"),
    "therapy_class": ("therapy_class", "class", "therapy type"),
    "start": ("start", "start date", "from", "begin", "start of care"),
    "stop": ("stop", "stop date", "end", "end date", "through", "thru"),
    "interval": ("interval", "frequency", "every"),
    "date": ("date", "visit date", "service date", "dos", "date of service", "dose date", "administered"),
    "start_time": ("start_time", "time in", "begin time", "arrival"),
    "end_time": ("end_time", "time out", "departure", "stop time"),
    "hours": ("hours", "duration", "infusion hours"),
    "first": ("first", "first day", "hold from", "from", "start", "start date"),
    "last": ("last", "last day", "hold through", "through", "thru", "end", "end date", "stop"),
    "admitted": ("admitted", "admit date", "admission date", "admission", "admit"),
    "discharged": ("discharged", "discharge date", "discharge"),
    "licence": ("licence", "license", "credential", "discipline"),
    "limit": ("limit", "term"),
    "period": ("period", "year"),
    "amount": ("amount", "dollars"),
    "days": ("days",),
    "visits": ("visits",),
    "units": ("units",),
}
_DAYS = ("start", "stop", "date", "first", "last", "admitted", "discharged")
_TIMES = ("start_time", "end_time")
_NUMBER = re.compile(r"\d{1,8}(\.\d{1,2})?")
_TERM = re.compile(r"[a-z][a-z0-9_]{0,59}")
_HOLDS = {
    "code": re.compile(r"[A-Za-z]\d{4}|\d{4}[A-Za-z0-9]"),
    "therapy_class": _TERM,
    "interval": re.compile(r"(q?\d{1,3}[hdw]|continuous)", re.IGNORECASE),
    "licence": re.compile(r"[A-Za-z]{2,4}"),
    "limit": _TERM,
    "period": re.compile(r"(19|20)\d\d(-\d\d){0,2}|[a-z]{1,12}"),
    **dict.fromkeys(("hours", "amount", "days", "visits", "units"), _NUMBER),
}
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::00)?\s*([ap])?\.?m?\.?", re.IGNORECASE)
_DATE_FORM, _TIME_FORM, _UNUSED = "date_form", "time_form", "unused_column"
_REPAIRED = (_DATE_FORM, _TIME_FORM, _UNUSED)
_KINDS = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".xls")


@dataclass
class _Companion:
    """One companion file, made harmless. ``places`` says for each row which file and row it came from."""

    rows: list[list[str]] = field(default_factory=list)
    places: list[tuple[str, int]] = field(default_factory=list)


@dataclass
class _Gathered:
    tables: dict[str, _Companion]
    findings: list[Finding]
    complete_from: date | None = None


def import_evidence(given: Sequence[Path], workspace: Path | None, name: str = "") -> Landed:
    """Bring companion files into a workspace: a folder of them, or files that are named after what they hold.

    Raises `InputError` when there is none, one cannot be read, or one lacks a column it must have.
    """
    files = _files(given)
    checksum = hashlib.sha256(b"".join(hashlib.sha256(path.read_bytes()).digest() for path in files)).hexdigest()
    identity = Identity.load()
    gathered = _gather(files, identity)
    with tempfile.TemporaryDirectory() as place:
        _write(Path(place), gathered)
        findings = [*gathered.findings, *_doubts(Path(place), gathered)]
    count = sum(len(table.rows) for table in gathered.tables.values())
    if not count:
        raise InputError("the files hold no records", where=paths.shown(given[0]))
    source = given[0].name if len(given) == 1 else ", ".join(path.name for path in files)
    about = {what: str(len(table.rows)) for what, table in gathered.tables.items()}
    wanted = name or name_for(given[0].with_suffix("")).removesuffix("_evidence")
    arrival = Arrival(KIND, wanted, source, checksum, count, count, tuple(findings), _REPAIRED, about, identity)
    return land(workspace, arrival, lambda folder: _write(folder, gathered))


def _files(given: Sequence[Path]) -> list[Path]:
    """Return the files meant, in order of name."""
    found: list[Path] = []
    for path in given:
        inside = [p for p in sorted(path.glob("*")) if p.suffix.lower() in _KINDS or p.name == SETTINGS]
        found += inside if path.is_dir() else [path]
        if not path.exists() or (path.is_dir() and not inside):
            beside = [p.name for p in path.parent.glob("*")] if path.parent.is_dir() else []
            raise InputError(
                "there is no such file" if not path.exists() else "the folder holds no evidence",
                where=paths.shown(path),
                expected=f"any of {_names()}",
                suggestion=nearest(path.name, beside),
            )
    return found


def _names() -> str:
    return ", ".join(f"{name}.csv" for name in SHAPES)


def _gather(files: Sequence[Path], identity: Identity) -> _Gathered:
    gathered = _Gathered({}, [])
    for path in files:
        if path.name == SETTINGS:
            gathered.complete_from = history_complete_from(path)
            continue
        book = read_book(path)
        for sheet in book.sheets:
            what = _meant(sheet.name) or _meant(path.stem)
            if not what:
                close = nearest(path.stem, SHAPES)
                raise InputError(
                    "nothing says what the file holds",
                    where=f"{paths.shown(path)}{f', sheet {sheet.name}' if sheet.name else ''}",
                    expected=f"a file or sheet that is named after what it holds: {', '.join(SHAPES)}",
                    suggestion=close,
                )
            shape = SHAPES[what]
            fields = {column: _HEADINGS[column] for column in shape.columns}
            alone = replace(book, sheets=(sheet,))
            (table,) = _tables(alone, fields, [(column,) for column in shape.required])
            _take(what, table.records(), path.name, identity, gathered)
            gathered.findings += [
                Finding(
                    path.name, table.heading + 1, "column", "", "a column is not used, and not kept", "unused_column"
                )
                for _ in table.unused
            ]
    return gathered


def _tables(book: Book, fields: Fields, needed: Sequence[Sequence[str]]) -> tuple[Table, ...]:
    try:
        return find_tables(book, fields, needed)
    except InputError as error:
        cure = "Name the columns as in docs/claims.md, each once."
        raise InputError(error.what, where=error.where, expected=error.expected, next_step=cure) from None


def _meant(name: str) -> str:
    """Return which companion file a file or sheet is by its name: ``Visits March`` holds visits."""
    words = re.findall(r"[a-z]+", name.lower())
    return next((what for what in SHAPES if what in words), "")


def _take(
    what: str, records: Iterator[tuple[int, dict[str, str]]], file: str, identity: Identity, gathered: _Gathered
) -> None:
    companion = gathered.tables.setdefault(what, _Companion())
    for row, record in records:
        kept = []
        for column in SHAPES[what].columns:
            text = " ".join(record.get(column, "").split())  # a line end in a cell would move the rows below it
            cell, mended = _harmless(column, text, identity)
            if mended:
                gathered.findings.append(Finding(file, row + 1, column, cell, "written in another form", mended))
            kept.append(cell)
        companion.rows.append(kept)
        companion.places.append((file, row + 1))


def _harmless(column: str, text: str, identity: Identity) -> tuple[str, str]:
    """Return what is kept of a cell, and which kind of repair was made to it, if any."""
    if not text:
        return "", ""
    if column == "patient_id":
        return identity.hashed(PATIENT, text.removesuffix(".0")), ""
    if column == "therapy_id":
        return identity.hashed(THERAPY, text.removesuffix(".0")), ""
    if column in _DAYS:
        return _day(text)
    if column in _TIMES:
        return _time(text)
    bare = re.sub(r"(?<=\d)\.0+$", "", text.replace("$", "").replace(",", "")) if _HOLDS[column] is _NUMBER else text
    return (bare, "") if _HOLDS[column].fullmatch(bare) else (shown(text), "")


def _day(text: str) -> tuple[str, str]:
    try:
        read = cells.day(text).value
    except (cells.Unread, OverflowError):
        return shown(text), ""
    said = str(read or "")
    return said, _DATE_FORM if said != text else ""


def _time(text: str) -> tuple[str, str]:
    found = _CLOCK.fullmatch(text)
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        return shown(text), ""
    hour = int(found[1])
    if found[3]:
        hour = hour % 12 + (12 if found[3].lower() == "p" else 0)
    said = f"{hour:02}:{found[2]}"
    return said, _TIME_FORM if said != text else ""


def _write(folder: Path, gathered: _Gathered) -> None:
    for what, companion in gathered.tables.items():
        with (folder / f"{what}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(SHAPES[what].columns)
            writer.writerows(companion.rows)
    write_settings(folder, gathered.complete_from)


def _doubts(folder: Path, gathered: _Gathered) -> Iterator[Finding]:
    """Return what pricing will find wrong with the rows, said of the files that they came from."""
    for found in read_evidence(folder).findings:
        companion = gathered.tables[Path(found.file).stem]
        file, row = companion.places[found.row - 2]
        yield replace(found, file=file, row=row)
