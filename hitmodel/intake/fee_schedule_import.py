"""A payer's rate exhibit laid into a contract: an overlay with its rate schedule, beside one's own contracts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from hitmodel import paths
from hitmodel.codes import code_table
from hitmodel.contract_checks import check_contract
from hitmodel.contracts import load_contract
from hitmodel.errors import ContractError, InputError
from hitmodel.files import folder_written_whole
from hitmodel.intake.exhibit_changes import ExhibitChanges, exhibit_changes, with_units_settled
from hitmodel.intake.exhibit_terms import SCHEDULE, SCHEDULE_COLUMNS, SCHEDULE_FILE, Laid, lay_exhibit, schedule_rows
from hitmodel.intake.exhibit_words import Per
from hitmodel.intake.fee_schedule import REPAIRED, Exhibit, read_exhibit
from hitmodel.intake.landing import Arrival, Landed, land, write_csv
from hitmodel.overlay_file import write_contract_file
from hitmodel.overlays import Raw, find_contract
from hitmodel.references import default_references
from hitmodel.terms import Contract
from hitmodel.workspace import default_folder, name_for

LEFT_FILE = "left_out.csv"
"""Every rate of an exhibit that was left out, beside the contract that was made of the others."""
_PLACES = 4
"""Rows that a refusal names before it says how many more there are."""
MARKER = "made_by_import.txt"
_SAYS = "hitmodel import fee-schedule wrote this folder and replaces it when the exhibit is imported again.\n"


@dataclass(frozen=True)
class ScheduleOptions:
    """What an exhibit does not say: the first day, whose contract it is, how what is written is called, its columns.

    ``name`` is the folder's, ``title`` what documents call the contract, ``units`` what the rates of some codes are
    for.
    """

    begins: date | None = None
    payers: tuple[str, ...] = ()
    name: str = ""
    chosen: Mapping[str, str] | None = None
    title: str = ""
    units: Mapping[str, Per] | None = None

    def written(self, into: str) -> str:
        """Return what was asked for, but the name, as text: the same file asked for otherwise is another exhibit."""
        columns = (f"{name}={heading}" for name, heading in sorted((self.chosen or {}).items()))
        units = (f"{code}={per}" for code, per in sorted((self.units or {}).items()))
        parts = (f"into={into}", str(self.begins or ""), *self.payers, self.title, *columns, *units)
        return " ".join(filter(None, parts))


@dataclass(frozen=True)
class ScheduleLanded:
    """A rate exhibit that was laid into a contract: the contract file, what came of the rows, what a check finds.

    ``rewritten`` says that a contract of that name was there and said something else.
    """

    landed: Landed
    contract: str
    file: Path
    base: str
    begins: date
    laid: Laid
    exhibit: Exhibit
    notes: tuple[str, ...]
    changes: ExhibitChanges
    rewritten: bool = False


def import_fee_schedule(
    path: Path, into: str, options: ScheduleOptions, workspace: Path | None = None
) -> ScheduleLanded:
    """Lay a payer's rate exhibit into a contract.

    A contract that is there is extended by an overlay in a folder of its own, as a proposal is; one that is not there
    is begun, which needs its payer. The folder lies under ``contracts`` in the workspace, where its name is enough.

    Raises
    ------
    InputError
        When the exhibit cannot be read, nothing says from when it holds, or a folder of that name is somebody's own.
    ContractError
        When the contract it goes into has mistakes, or the outcome would not load.
    """
    read = read_exhibit(path, code_table(), options.chosen, options.units)
    base = _base(into, options)
    exhibit = with_units_settled(read, base.latest if base else None, code_table())
    begins = options.begins or exhibit.starts or _after(base)
    if begins is None:
        raise _without_day(exhibit, paths.shown(path))
    laid = lay_exhibit(exhibit.lines, base.latest if base else None, exhibit.paper, begins)
    name = options.name or (f"{Path(into).stem}_{name_for(path)}" if base else into)
    folder = (workspace or default_folder()) / "contracts" / name_for(Path(f"{name}.x"))
    tables = _tables(exhibit, base, begins, options, laid)
    before = _said_in(folder)
    with folder_written_whole(folder, MARKER) as making:
        (making / MARKER).write_text(_SAYS, encoding="utf-8")
        if exhibit.left:
            rows = [(i.place, i.whose, i.said, i.why) for i in exhibit.left]
            write_csv(making / LEFT_FILE, ("where", "whose", "it_says", "why"), rows)
        if laid.rows:
            write_csv(making / SCHEDULE_FILE, SCHEDULE_COLUMNS, schedule_rows(laid.rows))
        write_contract_file(tables, making / f"{begins.year}.toml", _remark(exhibit))
    file = folder / f"{begins.year}.toml"
    after, references = load_contract(file), default_references()
    return ScheduleLanded(
        _land(exhibit, folder.name, workspace, options.written(into)),
        folder.name,
        file,
        base.name if base else "",
        begins,
        laid,
        exhibit,
        tuple(f"{found.place}: {found.problem}" for found in check_contract(after, references)),
        exhibit_changes(exhibit, base, after, begins, references),
        bool(before) and before != _said_in(folder),
    )


def _without_day(exhibit: Exhibit, where: str) -> InputError:
    """Return what is missing where neither a title nor every row says from when rates hold."""
    dated = sorted({line.first for line in exhibit.lines if line.first})
    without = [line.place for line in exhibit.lines if line.first is None]
    if not dated or not without:
        day = dated[0] if dated else "2027-01-01"
        said = "no title says from which day the rates hold" if dated else "nothing says from which day the rates hold"
        return InputError(said, where=where, next_step=f"Say it: --from {day}.")
    places = list(dict.fromkeys(without))
    more = f" and {len(places) - _PLACES} more" if len(places) > _PLACES else ""
    return InputError(
        f"some rows say from which day their rates hold, and others do not: {', '.join(places[:_PLACES])}{more}",
        where=where,
        next_step=f"Say from when those and the contract hold: --from {dated[0]}, the first day that a row has.",
    )


def _said_in(folder: Path) -> dict[str, bytes]:
    """Return what the files of a contract's folder hold; nothing where there is none."""
    return {file.name: file.read_bytes() for file in folder.glob("*") if file.is_file()}


def _base(into: str, options: ScheduleOptions) -> Contract | None:
    try:
        find_contract(into)
    except ContractError as error:
        if options.payers:
            return None
        raise ContractError(
            error.what,
            where="--into",
            suggestion=error.suggestion,
            next_step=f'To begin a new contract of that name, say whose it is: --payer "…". {error.next_step}',
        ) from None
    return load_contract(into)


def _after(base: Contract | None) -> date | None:
    through = base.latest.contract.effective_through if base else None
    return through + timedelta(days=1) if through else None


def _remark(exhibit: Exhibit) -> str:
    return f"Rates from {exhibit.file} (sha256 {exhibit.checksum}), brought in by hitmodel import fee-schedule."


def _tables(exhibit: Exhibit, base: Contract | None, begins: date, options: ScheduleOptions, laid: Laid) -> Raw:
    usual = f"{base.title}, {Path(exhibit.file).stem}" if base else options.payers[0]
    header: Raw = {"title": options.title or usual}
    if base is None:
        header["payers"] = list(options.payers)
    else:
        header["extends"] = _extended(base)
    header |= {"effective_from": begins, "source": exhibit.file}
    tables: Raw = {**({"remove": laid.removed} if laid.removed else {}), "contract": header, **laid.increases}
    if laid.rows:
        tables["schedule"] = [{"id": SCHEDULE, "file": SCHEDULE_FILE, "title": exhibit.file, "cite": exhibit.paper}]
    tables["term"] = laid.terms
    return tables


def _extended(base: Contract) -> str:
    """Return how the outcome names what it extends: by name and version where that finds it, else by its file."""
    file = paths.located(base.latest.file).resolve()
    try:
        by_name = find_contract(base.name).resolve() == file.parent
    except ContractError:
        by_name = False
    return f"{base.name}/{file.stem}" if by_name else file.as_posix()


def _land(exhibit: Exhibit, name: str, workspace: Path | None, options: str) -> Landed:
    """Keep the exhibit's lines as they were read, with where each stood."""
    arrival = Arrival(
        "fee_schedule", name, exhibit.file, exhibit.checksum, exhibit.rows_in, exhibit.rows_used, exhibit.findings,
        REPAIRED, {"options": options},
    )  # fmt: skip
    heading = ("code", "kind", "value", "per", "modifier", "from", "through", "place")
    rows = [(i.code, i.kind, i.value, i.per, i.modifier, i.first, i.last, i.place) for i in exhibit.lines]
    return land(workspace, arrival, lambda folder: write_csv(folder / f"{name}.csv", heading, rows))
