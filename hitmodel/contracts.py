"""Contracts from their files: every mistake named with file, term, field and the nearest valid name."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from hitmodel import paths
from hitmodel.dates import ONE_DAY
from hitmodel.errors import ContractError, InputError, MissingReference, nearest
from hitmodel.indexes import find_index
from hitmodel.mechanisms.registry import MECHANISMS
from hitmodel.mistakes import Loc, Place, sentences
from hitmodel.named_files import checksum_of
from hitmodel.overlays import NAMED_TABLES, Layered, Raw, find_contract, laid_over, read_layered, version_files
from hitmodel.placeholders import set_aside
from hitmodel.schedules import read_schedule
from hitmodel.terms import Contract, Escalator, PhaseIn, RateChange, Term, Version
from hitmodel.vocabulary import Selector

R = TypeVar("R", bound=BaseModel)
SHOWN_NAMES = 3
_FIELDS_OF_MECHANISMS = '"hitmodel check --mechanisms" lists the fields of each mechanism.'


def load_contract(name_or_path: str | Path) -> Contract:
    """Return a contract with all its dated versions.

    Parameters
    ----------
    name_or_path : str or Path
        A folder under ``data/contracts``, or a path to a folder or to one ``.toml`` file.

    Raises
    ------
    ContractError
        For the first mistake in its files, `read_contract` lists them all; and for a draft with places left open,
        which cannot be priced.
    """
    contract = load_draft(name_or_path)
    for version in contract.versions:
        if version.placeholders:
            names = [p.name for p in version.placeholders]
            more = f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else ""
            raise ContractError(
                f"the draft is not filled in yet: {', '.join(names[:SHOWN_NAMES])}{more}",
                where=version.file,
                next_step=f'"hitmodel check {contract.name}" lists every open place.',
            )
    return contract


def load_draft(name_or_path: str | Path) -> Contract:
    """Return a contract as `load_contract` does, and one with places left open too: for reading, never for pricing."""
    contract, problems = read_contract(name_or_path)
    if problems or contract is None:
        raise problems[0]
    return contract


def overlaid(version: Version, tables: Raw, name: str) -> Contract:
    """Return a contract of one version: ``version``'s file with the tables of an overlay laid over it.

    It is what a file with these tables that ``extends`` the version's own would be. Raises `ContractError` for
    whatever such a file would be refused for.
    """
    base = Path(paths.located(version.file)).resolve()
    made, problems = _validate(laid_over(read_layered(base), tables, base))
    if made is None:
        raise problems[0]
    return Contract(name=name, versions=(made,), files=(paths.shown(base),))


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
    versions.sort(key=lambda v: v.contract.effective_from)
    if not problems:
        problems = list(_gaps(versions))
    if problems:
        # A mistake in a file that others extend is one mistake.
        return None, list({str(problem): problem for problem in problems}.values())
    name = place.name if place.is_dir() else place.stem
    return Contract(name=name, versions=tuple(versions), files=tuple(dict.fromkeys(files))), []


def _gaps(versions: list[Version]) -> Iterator[ContractError]:
    for earlier, later in itertools.pairwise(versions):
        end, start = earlier.contract.effective_through, later.contract.effective_from
        if end is not None and end + ONE_DAY == start:
            continue
        ends = f"ends on {end}" if end else "has no last day"
        repair = f"Set effective_through = {start - ONE_DAY} in {earlier.file}."
        yield ContractError(
            f"the version before it ({earlier.file}) {ends}, and this one starts on {start}",
            where=later.file,
            expected="versions that meet without gap or overlap",
            next_step=repair if earlier.contract.effective_from < start else "Give one of them other dates.",
        )


def _validate(layered: Layered) -> tuple[Version | None, list[ContractError]]:
    file = layered.chain[-1]
    problems: list[ContractError] = []
    tables, placeholders = set_aside(layered.tables)
    terms = [_catching(problems, functools.partial(_term, raw, layered)) for raw in tables.pop("term", [])]
    version = _catching(problems, functools.partial(_version, tables, layered))
    if version is None or problems:
        return None, problems
    own = {"file": paths.shown(file), "written": layered.written, "placeholders": placeholders}
    version = version.model_copy(update={"term": tuple(t for t in terms if t is not None), **own})
    problems += _cross_checks(version, layered)
    version = _catching(problems, functools.partial(_with_checksums, version, layered))
    return (None if problems else version), problems


class ContractErrors(Exception):
    """Several mistakes of one record."""

    def __init__(self, errors: list[ContractError]) -> None:
        self.errors = errors
        super().__init__(str(errors[0]))


def _catching(problems: list[ContractError], make: Callable[[], R]) -> R | None:
    try:
        return make()
    except ContractErrors as errors:
        problems += errors.errors
    except ContractError as error:
        problems.append(error)
    return None


def _where(layered: Layered, table: str, row_id: str) -> str:
    """Say where a row, or a section when ``row_id`` is "", was last written."""
    file = paths.shown(layered.origin.get((table, row_id), layered.chain[-1]))
    if table in NAMED_TABLES:
        article = "an" if table.startswith(("a", "e", "i", "o", "u")) else "a"
        return f"{file}, {table} '{row_id}'" if row_id else f"{file}, {article} {table} without id"
    return f"{file}, [{table}]"


def _term(raw: Raw, layered: Layered) -> Term:
    where = _where(layered, "term", str(raw.get("id", "")))
    name = raw.get("mechanism")
    if name is None:
        others = [str(row.get("id", "")) for row in layered.tables.get("term", []) if row is not raw]
        raise ContractError(
            "no mechanism is named",
            where=where,
            expected=f"one of {', '.join(MECHANISMS)}, or the id of a term that it changes",
            suggestion=nearest(str(raw.get("id", "")), others),
        )
    if not isinstance(name, str) or name not in MECHANISMS:
        raise ContractError(
            f"mechanism '{name}' is not known" if isinstance(name, str) else "mechanism is not text",
            where=where,
            suggestion=nearest(name, MECHANISMS) if isinstance(name, str) else None,
            next_step='"hitmodel check --mechanisms" lists them.',
        )
    return _parsed(MECHANISMS[name].model, raw, lambda _: Place(where, 0, _FIELDS_OF_MECHANISMS))


def _version(tables: Raw, layered: Layered) -> Version:
    file = paths.shown(layered.chain[-1])
    if "contract" not in tables:
        raise ContractError("there is no [contract] table", where=file, expected="payers and effective_from")

    def place(loc: Loc) -> Place:
        table = str(loc[0])
        if len(loc) == 1 and not isinstance(tables.get(table), dict):
            return Place(file, 0)
        if table not in NAMED_TABLES:
            return Place(_where(layered, table, ""), 1)
        return Place(_where(layered, table, str(tables[table][loc[1]].get("id", ""))), 2)

    return _parsed(Version, tables, place)


def _parsed(model: type[R], raw: Raw, place: Callable[[Loc], Place]) -> R:
    try:
        return model.model_validate(_frozen(raw))
    except ValidationError as error:
        raise ContractErrors(sentences(error, model, place)) from None


def _frozen(value: Any) -> Any:
    """Return what TOML holds with its lists as tuples, which is how the records keep them."""
    if isinstance(value, dict):
        return {name: _frozen(inner) for name, inner in value.items()}
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _cross_checks(version: Version, layered: Layered) -> list[ContractError]:
    """Return what no record can see by itself: names of rows that are not there, rules that exclude each other."""
    problems: list[ContractError] = []
    for owner, row_id, table, name in named_rows(version):
        known = [row.id for row in getattr(version, table)]
        if name not in known:
            what = f"names {table} '{name}', which is not there"
            where, next_step = _where(layered, owner, row_id), "" if known else f"Add a [[{table}]] with this id."
            problems.append(ContractError(what, where=where, suggestion=nearest(name, known), next_step=next_step))
    problems += _indexes_not_there(version, layered)
    for table in ("escalator", "phase_in", "rate_change"):
        for row in getattr(version, table):
            problems += _rate_rule(row, _where(layered, table, row.id))
    return problems


def _with_checksums(version: Version, layered: Layered) -> Version:
    """Return the version with the checksums of the files that it names; raise for the first that cannot be used."""
    schedules = []
    for schedule in version.schedule:
        named_by = _where(layered, "schedule", schedule.id)
        schedules.append(schedule.model_copy(update={"checksum": checksum_of(Path(schedule.path), named_by)}))
        read_schedule(schedules[-1])
    prices = version.drug_prices
    if prices.ndc_table:
        checksum = checksum_of(Path(prices.path), _where(layered, "drug_prices", ""))
        prices = prices.model_copy(update={"checksum": checksum})
    return version.model_copy(update={"schedule": tuple(schedules), "drug_prices": prices})


def _indexes_not_there(version: Version, layered: Layered) -> Iterator[ContractError]:
    for escalator in version.escalator:
        try:
            if escalator.index:
                find_index(escalator.index, Path(version.file))
        except (MissingReference, InputError) as error:
            where = _where(layered, "escalator", escalator.id)
            yield ContractError(
                error.what,
                where=f"{where}, {error.where}" if error.where else where,
                expected=error.expected,
                suggestion=error.suggestion,
                next_step=error.next_step,
            )


def named_rows(version: Version) -> Iterator[tuple[str, str, str, str]]:
    """Yield every mention of a row by its id: table and id of the row that mentions it, then of the row mentioned."""
    for table in ("escalator", "phase_in", "rate_change"):
        for row in getattr(version, table):
            yield from ((table, row.id, "term", name) for name in row.terms)
    for term in version.term:
        yield from (("term", term.id, "schedule", name) for name in term.schedules_named)
        if term.counted_in:
            yield "term", term.id, "episode", term.counted_in
    for table in ("allowance", "limit"):
        for row in getattr(version, table):
            if row.episode:
                yield table, row.id, "episode", row.episode


def _rate_rule(row: Escalator | PhaseIn | RateChange, where: str) -> Iterator[ContractError]:
    if row.terms and row.applies_to != Selector():
        what = "terms and applies_to both say which rates it changes"
        yield ContractError(what, where=where, expected="one of the two")
    if isinstance(row, Escalator) and row.last is not None and row.last < row.first:
        yield ContractError(f"last {row.last} lies before first {row.first}, so it never applies", where=where)
