"""``schedules.toml``: which reports are made by themselves, when, over what, and who is told."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from hitmodel import paths
from hitmodel.editions import Edition
from hitmodel.errors import InputError, nearest
from hitmodel.mistakes import Loc, Place, sentences
from hitmodel.runner import Limits

FILE_NAME = "schedules.toml"
Cause = Literal["claims", "prices", "contracts"]
Format = Literal["html", "pdf", "xlsx", "csv", "svg", "png"]
_NAME = r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}"


def _cron(text: str) -> str:
    from datetime import datetime

    try:
        CronSim(text, datetime(2025, 1, 1))
    except CronSimError as error:
        raise ValueError(f"is not a cron expression: {str(error).lower()}") from None
    return text


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is not a time zone") from None
    return text


_CRON = "five fields: minute, hour, day of month, month, day of week, such as 0 6 2 * *"
_ZONE = "a name such as America/New_York"
Cron = Annotated[str, AfterValidator(_cron), Field(description=_CRON)]
Zone = Annotated[str, AfterValidator(_zone), Field(description=_ZONE)]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Tell(_Record):
    """Whom to tell: a ``command`` (program and arguments; the message on its standard input), or a mail drop
    ``folder`` into which the message is put as a file that mail programs send, addressed ``to`` someone.

    ``when``: ``always``, on ``failure``, or when something ``moved`` or failed.
    """

    command: tuple[str, ...] = ()
    folder: str = ""
    to: str = ""
    when: Literal["always", "failure", "moved"] = "always"

    @model_validator(mode="after")
    def _one_way(self) -> Tell:
        if bool(self.command) == bool(self.folder):
            raise ValueError("either a command or a folder says whom to tell, and not both")
        return self


class Schedule(_Record):
    """One report that is made again and again.

    It is due by ``cron`` in its ``time_zone``, and ``on_change`` of claims, prices or contracts. ``over`` repeats it:
    a list of tables, each a ``name`` with parameters, or the name of a CSV or TOML file of them.
    """

    name: Annotated[str, Field(pattern=f"^{_NAME}$", description="letters, digits, _ and -, up to 60")]
    notebook: str
    cron: Cron | None = None
    time_zone: Zone = "UTC"
    on_change: tuple[Cause, ...] = ()
    parameters: dict[str, Any] = {}
    over: tuple[dict[str, Any], ...] | str = ()
    editions: tuple[Edition, ...] = ("internal",)
    formats: tuple[Format, ...] = ("html", "pdf", "xlsx", "csv", "svg", "png")
    keep: Annotated[int, Field(ge=1)] = 12
    retries: Annotated[int, Field(ge=0, le=20)] = 1
    retry_minutes: Annotated[int, Field(ge=1)] = 10
    time_limit_minutes: Annotated[int, Field(ge=1)] = 30
    memory_limit_mb: Annotated[int, Field(ge=500)] | None = None
    tell: tuple[Tell, ...] = ()

    @model_validator(mode="after")
    def _has_an_occasion(self) -> Schedule:
        if not self.cron and not self.on_change:
            raise ValueError("nothing says when to run it: give cron, on_change, or both")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The time zone its hours are meant in."""
        return ZoneInfo(self.time_zone)

    @property
    def limits(self) -> Limits:
        """What one notebook may take."""
        return Limits(self.time_limit_minutes * 60, self.memory_limit_mb)


@dataclass(frozen=True)
class Item:
    """One report of a schedule or a batch. ``values`` are typed as TOML has them, ``given`` are texts from a CSV file.

    ``name`` is "" for a schedule that repeats over nothing.
    """

    name: str
    values: Mapping[str, Any] = field(default_factory=dict)
    given: tuple[str, ...] = ()


def schedules_file(given: Path | None = None) -> Path:
    """Return the file of schedules: the one given, else that of the working folder, else of ``data/local``.

    Raises `InputError`, naming the sample, when there is none.
    """
    places = [given] if given else [Path(FILE_NAME), paths.data("local", FILE_NAME)]
    for place in places:
        if place.is_file():
            return place
    raise InputError(
        f"there is no {places[0]}",
        expected=f"{FILE_NAME} in the working folder or in data/local, or --file",
        next_step=f"Copy {paths.shown(paths.data('samples', FILE_NAME))} and change it.",
    )


def load_schedules(file: Path) -> tuple[Schedule, ...]:
    """Return the schedules of a file, in its order; what stands in ``[defaults]`` holds for each.

    Raises
    ------
    InputError
        The file cannot be read, or a schedule is not right: names the schedule, the field and the nearest known one.
    """
    tables = read_toml(file)
    unknown = tables.keys() - {"defaults", "schedule"}
    if unknown:
        name = min(unknown)
        raise InputError(
            f"'{name}' is not known here", where=paths.shown(file), suggestion=nearest(name, ("defaults", "schedule"))
        )
    defaults, rows = tables.get("defaults", {}), tables.get("schedule", [])
    if not isinstance(rows, list) or not isinstance(defaults, dict):
        raise InputError("a schedule is a [[schedule]] table", where=paths.shown(file))
    found = tuple(_schedule(_merged(defaults, row), file, n) for n, row in enumerate(rows, start=1))
    names = [schedule.name for schedule in found]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"two schedules are called '{name}'", where=paths.shown(file))
    return found


def items_of(schedule: Schedule, file: Path) -> tuple[Item, ...]:
    """Return what a schedule repeats over, in order; one item without a name when it repeats over nothing."""
    where = f"{paths.shown(file)}, schedule '{schedule.name}', over"
    if isinstance(schedule.over, str):
        table = file.parent / schedule.over
        items = read_items(table if table.is_file() else paths.located(schedule.over), where)
    else:
        items = tuple(_items(schedule.over, where)) or (Item(""),)
    return tuple(Item(i.name, {**schedule.parameters, **i.values}, i.given) for i in items)


def read_items(file: Path, named_by: str = "") -> tuple[Item, ...]:
    """Return the items of a table: a CSV file with a column ``name``, or TOML with ``[[run]]`` and ``[parameters]``.

    Every other column or key is a parameter of the notebook. Raises `InputError` when it cannot be used.
    """
    where = f"{named_by}, {paths.shown(file)}" if named_by else paths.shown(file)
    if file.suffix == ".csv":
        return _csv_items(file, where)
    tables = read_toml(file)
    shared, rows = tables.get("parameters", {}), tables.get("run", [])
    if tables.keys() - {"parameters", "run"} or not isinstance(rows, list) or not rows:
        raise InputError("the table names no runs", where=where, expected="[[run]] tables, and [parameters] for all")
    return tuple(Item(i.name, {**shared, **i.values}) for i in _items(tuple(rows), where))


def read_toml(file: Path) -> dict[str, Any]:
    """Return a TOML file's tables; raise `InputError` when it cannot be read."""
    try:
        with file.open("rb") as opened:
            return tomllib.load(opened, parse_float=Decimal)
    except OSError as error:
        raise InputError(f"the file cannot be read: {error.strerror}", where=paths.shown(file)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"not a TOML file: {error}", where=paths.shown(file)) from None


def _merged(defaults: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**defaults, **row}
    if "parameters" in defaults and "parameters" in row:
        merged["parameters"] = {**defaults["parameters"], **row["parameters"]}
    return merged


def _schedule(tables: Mapping[str, Any], file: Path, number: int) -> Schedule:
    where = f"{paths.shown(file)}, schedule '{tables.get('name', number)}'"

    def place(loc: Loc) -> Place:
        return Place(where, 0)

    try:
        return Schedule.model_validate({key: _frozen(value, key) for key, value in tables.items()})
    except ValidationError as error:
        first, *rest = sentences(error, Schedule, place)
        also = f"Also: {' '.join(str(p) for p in rest)}" if rest else first.next_step
        raise InputError(
            first.what, where=first.where, expected=first.expected, suggestion=first.suggestion, next_step=also
        ) from None


def _frozen(value: Any, key: str = "") -> Any:
    """Return lists as tuples, as records keep them; parameters stay as TOML has them."""
    if key == "parameters":
        return value
    if key == "over":
        return tuple(value) if isinstance(value, list) else value
    if isinstance(value, list):
        return tuple(_frozen(part) for part in value)
    return {k: _frozen(v) for k, v in value.items()} if isinstance(value, dict) else value


def _items(rows: tuple[Mapping[str, Any], ...], where: str) -> Iterator[Item]:
    seen: set[str] = set()
    for number, row in enumerate(rows, start=1):
        name = row.get("name") if isinstance(row, Mapping) else None
        yield Item(_checked_name(name, f"{where}, item {number}", seen), {k: v for k, v in row.items() if k != "name"})


def _csv_items(file: Path, where: str) -> tuple[Item, ...]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as held:
            reader = csv.DictReader(held, strict=True)
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"the table cannot be read: {error}", where=where) from None
    if not rows or "name" not in (reader.fieldnames or ()):
        raise InputError("the table names no runs", where=where, expected="a column 'name', and one for each parameter")
    seen: set[str] = set()
    items = []
    for number, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise InputError("the row has more or fewer cells than the heading", where=f"{where}, row {number}")
        name = _checked_name(row.pop("name"), f"{where}, row {number}", seen)
        items.append(Item(name, given=tuple(f"{key}={value}" for key, value in row.items())))
    return tuple(items)


def _checked_name(name: Any, where: str, seen: set[str]) -> str:
    import re

    if not isinstance(name, str) or not re.fullmatch(_NAME, name):
        raise InputError(
            f"{name!r} cannot name a run" if name else "the run has no name",
            where=where,
            expected="a name of letters, digits, _ and -, since a folder is called so",
        )
    if name in seen:
        raise InputError(f"two runs are called '{name}'", where=where)
    seen.add(name)
    return name
