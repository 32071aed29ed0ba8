"""A therapy order: what was prescribed for one patient and given, as immutable validated records.

An order is a TOML file. Each record refuses a key that it does not know, amounts are exact, and every mistake names
file, therapy and field. No code is chosen here; `hitmodel.billing` turns an order into claim lines.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic import model_validator as whole

from hitmodel import paths
from hitmodel.dates import Span
from hitmodel.errors import InputError, nearest
from hitmodel.intervals import parse_interval
from hitmodel.labels import therapy_meant


def _exact(value: Any) -> Any:
    """Refuse text and floats where an amount belongs: TOML numbers arrive as Decimal or int."""
    if isinstance(value, bool | str | float):
        raise ValueError("expected a number, written without quotes")
    return value


Day = Annotated[date, Strict()]
Moment = Annotated[datetime, Strict()]
Exact = Annotated[Decimal, BeforeValidator(_exact)]
More = Annotated[Exact, Field(gt=0)]
NotLess = Annotated[Exact, Field(ge=0)]
Measure = Literal["mcg", "mg", "g", "ml", "l", "units", "IU", "mEq", "kcal"]
Place = Literal["home", "suite"]
NO_PATIENT = "no reference"
"""What stands for the patient where an order gives none."""


def _hours(value: Any) -> Any:
    try:
        return parse_interval(value) if isinstance(value, str) else value
    except InputError as error:
        raise ValueError(f"is not a dose interval; expected {error.expected}") from None


def _has_no_zone(value: datetime) -> datetime:
    if value.tzinfo is not None:
        raise ValueError("expected local time, without a zone")
    return value


LocalMoment = Annotated[Moment, AfterValidator(_has_no_zone)]
Hours = Annotated[int, Strict(), BeforeValidator(_hours), Field(gt=0)]


def _not_before(earlier: str, later: date, info: ValidationInfo, verb: str) -> None:
    first = info.data.get(earlier)
    if first is not None and later < first:
        raise ValueError(f"{verb} before {earlier} {first}")


class Record(BaseModel):
    """What every record of an order shares: immutable, and no key that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Dates(Record):
    """A run of days, both ends counted."""

    first: Day
    last: Day

    @field_validator("last")
    @classmethod
    def _ends_after(cls, last: date, info: ValidationInfo) -> date:
        _not_before("first", last, info, "lies")
        return last

    @property
    def span(self) -> Span:
        """The days as a span."""
        return Span(self.first, self.last)


class Hospital(Record):
    """A hospital stay."""

    admitted: Day
    discharged: Day

    @field_validator("discharged")
    @classmethod
    def _ends_after(cls, last: date, info: ValidationInfo) -> date:
        _not_before("admitted", last, info, "lies")
        return last


class Timed(Record):
    """Something with a begin and an end time, in local time."""

    begin: LocalMoment
    end: LocalMoment

    @field_validator("end")
    @classmethod
    def _ends_after(cls, end: datetime, info: ValidationInfo) -> datetime:
        begin = info.data.get("begin")
        if begin is not None and end <= begin:
            raise ValueError(f"is not after begin {begin}")
        return end


class Visit(Timed):
    """A nursing visit. ``place`` overrides the order's; ``modifiers`` such as a nurse's grade are billed as given."""

    place: Place | None = None
    modifiers: tuple[str, ...] = ()

    @property
    def minutes(self) -> int:
        """Length of the visit [whole minutes]."""
        return int((self.end - self.begin).total_seconds()) // 60


class Drug(Record):
    """One drug or nutrient that a therapy gives.

    ``code`` is any HCPCS code of the drug and maker meant; the code of the day is found from it. ``family`` names the
    drug instead. ``dose`` [``unit``] is given at each dose, or over each day with ``per = "day"``. ``vials`` [``unit``]
    are the sizes on hand; without them waste is not worked out. ``batch`` doses are drawn from the same vials.
    ``ndc_quantity`` [``ndc_unit``] goes with each dose. ``standard_formula``: part of a standard nutrition formula.
    """

    code: str = ""
    family: str = ""
    dose: More
    unit: Measure
    per: Literal["dose", "day"] = "dose"
    vials: tuple[More, ...] = ()
    batch: Annotated[int, Field(gt=0)] = 1
    ndc: Annotated[str, Field(pattern=r"^$|^\d{11}$|^\d{5}-\d{4}-\d{2}$")] = ""
    ndc_quantity: More | None = None
    ndc_unit: Literal["", "UN", "ML", "GR", "F2", "ME"] = ""
    modifiers: tuple[str, ...] = ()
    standard_formula: bool = False

    @whole(mode="after")
    def _says_which(self) -> Self:
        if bool(self.code) == bool(self.family):
            raise ValueError('say which drug: either code = "…" or family = "…"')
        return self


class TherapyOrder(Record):
    """One therapy under one regimen.

    A change of interval, dose or volume is another therapy that ``replaces`` this one. ``class`` is a therapy class of
    the code table or a word for one, such as ``tpn``; without it the first drug's is taken. ``code`` sets the per diem
    code outright. ``method`` is a subtype of the code table, such as ``continuous``, ``intermittent``, ``pump`` or
    ``gravity``. ``every`` is the dose interval [hours]; a continuous infusion may leave it out, and so may anything
    measured in ``litres_per_day``. ``doses`` are the days of the doses given, repeated when there were several, and
    ``runs`` the times of each infusion; both are planned from ``every`` when left out.
    """

    id: Annotated[str, Field(min_length=1)]
    therapy_class: Annotated[str, AfterValidator(therapy_meant)] = Field(default="", alias="class")
    code: str = ""
    route: Literal["", "infusion", "injection"] = ""
    method: str = ""
    every: Hours | None = None
    litres_per_day: More | None = None
    start: Day
    stop: Day
    holds: tuple[Dates, ...] = ()
    doses: tuple[Day, ...] | None = None
    runs: tuple[Timed, ...] | None = None
    drugs: tuple[Drug, ...] = ()
    place: Place | None = None
    replaces: str = ""

    @field_validator("stop")
    @classmethod
    def _stops_after(cls, stop: date, info: ValidationInfo) -> date:
        _not_before("start", stop, info, "stops")
        return stop

    @whole(mode="after")
    def _says_how_often(self) -> Self:
        if self.every is None and self.litres_per_day is None and not self.is_continuous:
            raise ValueError('how often is missing: every = "24h", method = "continuous" or litres_per_day')
        return self

    @whole(mode="after")
    def _keeps_to_its_days(self) -> Self:
        evidence = [*(self.doses or ()), *(run.begin.date() for run in self.runs or ())]
        outside = [day for day in evidence if not self.start <= day <= self.stop]
        if outside:
            raise ValueError(f"a dose on {outside[0]} lies outside {self.start} to {self.stop}")
        return self

    @property
    def span(self) -> Span:
        """Start to stop, both counted."""
        return Span(self.start, self.stop)

    @property
    def is_continuous(self) -> bool:
        """Whether the infusion runs without interval."""
        return self.method == "continuous"

    @property
    def interval_hours(self) -> int | None:
        """Hours between doses [hours]; 24 for what is measured by the day, None for a continuous infusion."""
        if self.every is None and not self.is_continuous:
            return 24
        return self.every


class Catheter(Dates):
    """A vascular access device and the days on which it is in place."""

    lumens: Annotated[int, Field(ge=1, le=4)] = 1
    implanted: bool = False


class Kit(Record):
    """A catheter procedure outside routine care. ``nursing`` bills the nurse too."""

    kind: Literal["declotting", "repair", "picc_insertion", "midline_insertion"]
    date: Day
    nursing: bool = False


class Service(Record):
    """Any other service, billed under the code that is given on the day that is given."""

    code: Annotated[str, Field(min_length=1)]
    date: Day
    units: Annotated[int, Field(gt=0)] = 1


class Order(Record):
    """Everything ordered for one patient, and what happened to it.

    ``patient`` is a reference, never a name, and may be left out. ``charges`` are the provider's charges, ``costs``
    what the provider pays or bears itself, both by code [dollars for each billing unit]; a code that is left out is not
    known, which is not 0.
    """

    patient: Annotated[str, Field(min_length=1)] = NO_PATIENT
    payer: str = ""
    product: str = ""
    note: str = ""
    place: Place = "home"
    therapy: tuple[TherapyOrder, ...] = ()
    stay: tuple[Hospital, ...] = ()
    visit: tuple[Visit, ...] = ()
    catheter: tuple[Catheter, ...] = ()
    kit: tuple[Kit, ...] = ()
    service: tuple[Service, ...] = ()
    charges: Mapping[str, More] = Field(default_factory=dict)
    costs: Mapping[str, NotLess] = Field(default_factory=dict)
    file: str = ""

    @property
    def span(self) -> Span:
        """First to last day of anything ordered."""
        spans = [*(t.span for t in self.therapy), *(c.span for c in self.catheter)]
        days = [v.begin.date() for v in self.visit] + [k.date for k in self.kit] + [s.date for s in self.service]
        firsts, lasts = [s.first for s in spans] + days, [s.last for s in spans] + days
        return Span(min(firsts), max(lasts))

    @whole(mode="after")
    def _names_each_therapy_once(self) -> Self:
        if not (self.therapy or self.catheter or self.kit or self.service or self.visit):
            raise ValueError("nothing is ordered: no [[therapy]], [[catheter]], [[kit]], [[service]] or [[visit]]")
        ids = [t.id for t in self.therapy]
        repeated = next((i for i in ids if ids.count(i) > 1), None)
        if repeated is not None:
            raise ValueError(f"two therapies have the id '{repeated}'")
        for therapy in self.therapy:
            if therapy.replaces and therapy.replaces not in ids:
                close = nearest(therapy.replaces, ids)
                hint = f". Did you mean '{close}'?" if close else ""
                raise ValueError(f"therapy '{therapy.id}' replaces '{therapy.replaces}', which is not here{hint}")
        return self


_EXPECTED = {
    "date_type": "a date without quotes, such as 2026-03-14",
    "datetime_type": "a local time without quotes, such as 2026-03-14T09:30:00",
    "string_type": "text in quotes",
    "string_pattern_mismatch": "11 digits, as 00000000000 or 00000-0000-00",
}
SECTIONS: dict[str, type[Record]] = {
    "therapy": TherapyOrder,
    "drugs": Drug,
    "holds": Dates,
    "runs": Timed,
    "stay": Hospital,
    "visit": Visit,
    "catheter": Catheter,
    "kit": Kit,
    "service": Service,
}


def load_order(path: str | Path) -> Order:
    """Read an order from a TOML file.

    Raises
    ------
    InputError
        When there is no such file, it is not TOML, or something in it cannot be right. The message names file,
        therapy and field of the first mistake and lists the others.
    """
    file = Path(path)
    where = paths.shown(file)
    try:
        with file.open("rb") as opened:
            tables = tomllib.load(opened, parse_float=Decimal)
    except FileNotFoundError:
        raise InputError("the order is not there", where=where) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"not a TOML file: {error}", where=where) from None
    return parse_order(tables, where)


def parse_order(tables: Mapping[str, Any], where: str = "the order") -> Order:
    """Return an order from its tables, as TOML gives them; raise `InputError` as `load_order` does."""
    try:
        return Order.model_validate({**tables, "file": where})
    except ValidationError as found:
        problems = [_explained(problem, tables, where) for problem in found.errors()]
        first, rest = problems[0], problems[1:]
        also = f"Also: {' '.join(str(p) for p in rest)}" if rest else first.next_step
        raise InputError(
            first.what, where=first.where, expected=first.expected, suggestion=first.suggestion, next_step=also
        ) from None


def _explained(problem: Any, tables: Mapping[str, Any], where: str) -> InputError:
    """Turn one of pydantic's findings into a sentence with place, expectation and nearest name."""
    loc: tuple[str | int, ...] = problem["loc"]
    field = next((str(part) for part in reversed(loc) if isinstance(part, str)), "")
    owner = loc[: len(loc) - loc[::-1].index(field) - 1] if field else ()
    place = _place(tables, where, owner)
    if problem["type"] == "extra_forbidden":
        return InputError(f"'{field}' is not known here", where=place, suggestion=nearest(field, _keys(owner)))
    if problem["type"] == "missing":
        return InputError(f"'{field}' is missing", where=place)
    value = problem.get("input")
    shown = f" {value!r}" if isinstance(value, str) else f" {value}" if isinstance(value, int | Decimal | date) else ""
    message = _EXPECTED.get(problem["type"]) or str(problem["msg"]).removeprefix("Value error, ")
    message = message.removeprefix("Input should be ")
    if problem["type"] == "value_error" or not field:
        is_whole = field in SECTIONS or not field
        return InputError(message if is_whole else f"{field}{shown} {message}", where=_place(tables, where, loc))
    return InputError(f"{field}{shown} is not right", where=place, expected=message)


def _keys(owner: tuple[str | int, ...]) -> list[str]:
    section = next((part for part in reversed(owner) if isinstance(part, str) and part in SECTIONS), "")
    model = SECTIONS.get(section, Order)
    return [info.alias or name for name, info in model.model_fields.items() if name != "file"]


def _place(tables: Mapping[str, Any], where: str, owner: tuple[str | int, ...]) -> str:
    """Return file and record: ``order.toml, therapy 'vancomycin', drugs 1``."""
    words, here = [where], tables
    for part in owner:
        try:
            here = here[part]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(part, int):
            name = here.get("id") if isinstance(here, Mapping) else None
            words[-1] += f" '{name}'" if name else f" {part + 1}"
        elif part in SECTIONS:
            words.append(part)
    return ", ".join(words)
