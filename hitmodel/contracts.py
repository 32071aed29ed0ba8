"""Contracts from their files: every mistake named with file, term, field and the nearest valid name."""

from __future__ import annotations

import csv
import functools
import itertools
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from hitmodel import paths
from hitmodel.dates import ONE_DAY, parse_date
from hitmodel.errors import ContractError, InputError, nearest
from hitmodel.mechanisms.base import RateRow
from hitmodel.mechanisms.registry import MECHANISMS
from hitmodel.overlays import Layered, Raw, find_contract, read_layered, version_files
from hitmodel.terms import Contract, Schedule, Term, Version

R = TypeVar("R", bound=BaseModel)


def load_contract(name_or_path: str | Path) -> Contract:
    """Return a contract with all its dated versions.

    Parameters
    ----------
    name_or_path : str or Path
        A folder under ``data/contracts``, or a path to a folder or to one ``.toml`` file.

    Raises
    ------
    ContractError
        For the first mistake in its files; ``problems_of`` lists them all.
    """
    contract, problems = read_contract(name_or_path)
    if problems or contract is None:
        raise problems[0]
    return contract


def read_contract(name_or_path: str | Path) -> tuple[Contract | None, list[ContractError]]:
    """Return a contract and every mistake found in its files; no contract when there are any."""
    place = find_contract(str(name_or_path)).resolve()
    problems: list[ContractError] = []
    versions, files = [], []
    for file in version_files(place):
        try:
            layered = read_layered(file)
        except ContractError as error:
            problems.append(error)
            continue
        files += [paths.shown(p) for p in layered.chain]
        version, found = _validate(layered)
        problems += found
        if version is not None:
            versions.append(version)
    if problems:
        return None, problems
    versions.sort(key=lambda v: v.contract.effective_from)
    name = place.name if place.is_dir() else place.stem
    problems = _refuse_gaps(versions)
    if problems:
        return None, problems
    return Contract(name=name, versions=tuple(versions), files=tuple(dict.fromkeys(files))), []


def read_schedule(schedule: Schedule) -> tuple[RateRow, ...]:
    """Return the rows of a rate schedule that a contract names.

    The file lies beside the contract file that names it. Columns: ``code``, ``rate`` and optionally ``modifier``,
    ``from``, ``through``; others, such as a description, are kept out. Raises `ContractError` naming file, row and
    field.
    """
    return _read_schedule(Path(schedule.path))


@functools.lru_cache(maxsize=64)
def _read_schedule(path: Path) -> tuple[RateRow, ...]:
    where = paths.shown(path)
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(line for line in file if not line.startswith("#"))
            missing = {"code", "rate"} - set(reader.fieldnames or ())
            if missing:
                raise ContractError(f"no column {' or '.join(sorted(missing))}", where=where, expected="code, rate")
            rows = tuple(_schedule_row(row, f"{where} row {n}") for n, row in enumerate(reader, 2))
    except FileNotFoundError:
        raise ContractError("the rate schedule is not there", where=where) from None
    _refuse_equal_rows(rows, where)
    return rows


def _refuse_equal_rows(rows: tuple[RateRow, ...], where: str) -> None:
    by_code: dict[tuple[str, str], list[RateRow]] = {}
    for row in rows:
        others = by_code.setdefault((row.code, row.modifier), [])
        for other in others:
            if (row.first_day or date.min) <= (other.last_day or date.max) and (other.first_day or date.min) <= (
                row.last_day or date.max
            ):
                name = f"{row.code} {row.modifier}".strip()
                raise ContractError(
                    f"{name} has two rates on one day", where=where, expected="one, or dates that part them"
                )
        others.append(row)


def _schedule_row(row: dict[str, str], where: str) -> RateRow:
    try:
        rate = Decimal(row["rate"].strip())
    except InvalidOperation:
        raise ContractError(
            f"rate {row['rate']!r} is not a number", where=where, expected="dollars, such as 95.00"
        ) from None
    if not rate > 0:
        raise ContractError(f"rate {rate} is not above zero", where=where)
    try:
        first, last = (
            parse_date(text, f"{where}, {name}") if (text := (row.get(name) or "").strip()) else None
            for name in ("from", "through")
        )
    except InputError as error:
        raise ContractError(error.what, where=error.where, expected=error.expected) from None
    return RateRow(row["code"].strip(), rate, (row.get("modifier") or "").strip(), first, last)


def _refuse_gaps(versions: list[Version]) -> list[ContractError]:
    problems = []
    for earlier, later in itertools.pairwise(versions):
        end, start = earlier.contract.effective_through, later.contract.effective_from
        if end is None or end + ONE_DAY != start:
            said = f"ends on {end}" if end else "has no last day"
            problems.append(
                ContractError(
                    f"the version before it {said}, and this one starts on {start}",
                    where=later.file,
                    expected="versions that meet without gap or overlap",
                    next_step=f"Set effective_through = {start - ONE_DAY} in {earlier.file}.",
                )
            )
    return problems


def _validate(layered: Layered) -> tuple[Version | None, list[ContractError]]:
    file = layered.chain[-1]
    problems: list[ContractError] = []
    tables = dict(layered.tables)
    terms = []
    for raw in tables.pop("term", []):
        where = _where(layered, "term", raw, file)
        term = _catching(problems, functools.partial(_term, raw, where))
        if term is not None:
            terms.append(term)
    version = _catching(problems, functools.partial(_version, tables, layered, file))
    if version is None or problems:
        return None, problems
    version = version.model_copy(update={"term": tuple(terms), "file": paths.shown(file), "written": layered.written})
    problems += _cross_checks(version)
    return (None if problems else version), problems


def _catching(problems: list[ContractError], make: Callable[[], R]) -> R | None:
    try:
        return make()
    except ContractErrors as errors:
        problems += errors.errors
    except ContractError as error:
        problems.append(error)
    return None


class ContractErrors(Exception):
    """Several mistakes of one record."""

    def __init__(self, errors: list[ContractError]) -> None:
        self.errors = errors
        super().__init__(str(errors[0]))


def _where(layered: Layered, table: str, raw: Raw, file: Path) -> str:
    row_id = raw.get("id", "")
    place = layered.origin.get((table, row_id), file)
    return f"{paths.shown(place)}, {table} '{row_id}'" if row_id else f"{paths.shown(place)}, a {table} without id"


def _term(raw: Raw, where: str) -> Term:
    name = raw.get("mechanism")
    if name is None:
        raise ContractError("no mechanism is named", where=where, expected=f"one of {', '.join(MECHANISMS)}")
    if name not in MECHANISMS:
        raise ContractError(
            f"mechanism '{name}' is not known",
            where=where,
            suggestion=nearest(str(name), MECHANISMS),
            next_step='"hitmodel check --mechanisms" lists them.',
        )
    return _parsed(MECHANISMS[name].model, raw, where)


def _version(tables: Raw, layered: Layered, file: Path) -> Version:
    if "contract" not in tables:
        raise ContractError(
            "there is no [contract] table", where=paths.shown(file), expected="payers and effective_from"
        )
    if isinstance(tables.get("lesser_of"), str):
        tables["lesser_of"] = {"level": tables["lesser_of"]}
    return _parsed(Version, tables, paths.shown(file), layered)


def _parsed(model: type[R], raw: Raw, where: str, layered: Layered | None = None) -> R:
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise ContractErrors([_explained(e, model, raw, where, layered) for e in error.errors()]) from None


def _explained(error: Any, model: type[BaseModel], raw: Raw, where: str, layered: Layered | None) -> ContractError:
    """Turn one of pydantic's findings into a sentence with place, expectation and nearest name."""
    loc = error["loc"]
    place, known = _place(loc, model, raw, where, layered)
    if error["type"] == "extra_forbidden":
        return ContractError(f"'{loc[-1]}' is not known here", where=place, suggestion=nearest(str(loc[-1]), known))
    if error["type"] == "missing":
        return ContractError(f"'{loc[-1]}' is missing", where=place)
    field = ".".join(str(x) for x in loc if isinstance(x, str)) or "it"
    message = str(error["msg"]).removeprefix("Value error, ")
    value = error.get("input")
    shown = "" if isinstance(value, dict | list | tuple | BaseModel) or value is None else f" {value}"
    what = f"{field}{shown}: {message[:1].lower()}{message[1:]}" if loc else message
    return ContractError(what, where=place, expected=_description(model, loc))


def _place(
    loc: tuple[Any, ...], model: type[BaseModel], raw: Raw, where: str, layered: Layered | None
) -> tuple[str, Iterable[str]]:
    known: Iterable[str] = model.model_fields
    here: Any = raw
    for part in loc[:-1]:
        here = (
            here[part]
            if isinstance(here, dict | list) and part in (here if isinstance(here, dict) else range(len(here)))
            else {}
        )
        known = _inner_fields(model, loc)
    if layered is not None and len(loc) > 1 and isinstance(loc[1], int):
        row = raw[loc[0]][loc[1]]
        return _where(layered, str(loc[0]), row, layered.chain[-1]), known
    if layered is not None and len(loc) > 1:
        return f"{where}, [{loc[0]}]", known
    return where, known


def _inner_fields(model: type[BaseModel], loc: tuple[Any, ...]) -> Iterable[str]:
    current: type[BaseModel] = model
    for part in loc[:-1]:
        if isinstance(part, str) and part in current.model_fields:
            inner = _record_in(current.model_fields[part].annotation)
            if inner is None:
                return ()
            current = inner
    return current.model_fields


def _record_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _record_in(inner)
        if found is not None:
            return found
    return None


def _description(model: type[BaseModel], loc: tuple[Any, ...]) -> str:
    names = [x for x in loc if isinstance(x, str)]
    if not names:
        return ""
    current: type[BaseModel] = model
    for name in names[:-1]:
        inner = _record_in(current.model_fields[name].annotation) if name in current.model_fields else None
        if inner is None:
            return ""
        current = inner
    field = current.model_fields.get(names[-1])
    return (field.description or "") if field else ""


def _cross_checks(version: Version) -> list[ContractError]:
    problems = []
    ids = {t.id for t in version.term}
    for table in ("escalator", "rate_change"):
        for row in getattr(version, table):
            for term_id in row.terms:
                if term_id not in ids:
                    problems.append(
                        ContractError(
                            f"names term '{term_id}', which is not there",
                            where=f"{version.file}, {table} '{row.id}'",
                            suggestion=nearest(term_id, ids),
                        )
                    )
    schedules = {s.id for s in version.schedule}
    for term in version.term:
        named = getattr(term, "schedule", None)
        if named is not None and named not in schedules:
            problems.append(
                ContractError(
                    f"names schedule '{named}', which is not there",
                    where=f"{version.file}, term '{term.id}'",
                    suggestion=nearest(named, schedules),
                    next_step="Add a [[schedule]] with this id and its file.",
                )
            )
    return problems


def in_force_or_raise(contract: Contract, day: date) -> Version:
    """Return the version in force on ``day``; raise `ContractError` naming the dates there are."""
    version = contract.on(day)
    if version is None:
        spans = "; ".join(
            f"{v.contract.effective_from} to {v.contract.effective_through or 'open'}" for v in contract.versions
        )
        raise ContractError(f"no version of '{contract.name}' is in force on {day}", expected=f"a day within {spans}")
    return version
