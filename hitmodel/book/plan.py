"""What the synthetic book is drawn from: `data/samples/book.toml` and the chargemaster beside it, checked and typed."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hitmodel.dates import Span, parse_date
from hitmodel.errors import InputError, MissingReference


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Share(_Part):
    """How many patients of a payer have a therapy, and for how many billed days.

    ``own`` patients have only this therapy; ``joins`` names therapies of the payer, with how many of their patients
    have this one too.
    """

    own: int
    days: int
    joins: dict[str, int] = {}

    @property
    def patients(self) -> int:
        """Patients with the therapy, own and joined."""
        return self.own + sum(self.joins.values())


class Second(_Part):
    """Courses that lie inside courses of another therapy of the same patient, and the modifier they are billed with."""

    therapy: str
    with_: str = Field(alias="with")
    courses: int
    days: int
    modifier: str


class Payer(_Part):
    """An invented payer, the contract in force with it, and the mix of therapies of its patients."""

    name: str
    contract: str
    patients: int
    therapy: dict[str, Share]
    second: tuple[Second, ...] = ()


class Nursing(_Part):
    """How often a nurse visits, and the chances [hundredths] of 0, 1, 2 … further hours."""

    every_days: int
    share: Decimal
    hours: tuple[int, ...]
    first_hours: tuple[int, ...]


class Therapy(_Part):
    """Shortest and longest course [days, both ends counted], its nursing, and whether it follows another therapy."""

    shortest: int
    longest: int
    follows: bool = False
    nursing: Nursing | None = None


class Item(_Part):
    """One drug of a regimen: a dose out of ``dose``, ``per_day`` times on the days ``on`` of every ``cycle`` days."""

    drug: str
    dose: tuple[Decimal, ...]
    per_day: int = 1
    cycle: int = 1
    on: tuple[int, ...] = (0,)


class Regimen(_Part):
    """A per diem code with its drugs. ``every_days`` above 0 makes it infusions that often rather than daily access."""

    therapy: str
    code: str
    weight: int
    drugs: tuple[Item, ...] = ()
    modifiers: str = ""
    place: str = "12"
    dispense_days: int = 7
    every_days: int = 0
    course_days: int = 1
    whole_course: bool = False
    nurse_one_in: int = 1


class Drug(_Part):
    """A drug's code, NDC and cost between two dates. ``cost`` is a share of the payment limit of the quarter."""

    name: str
    code: str
    from_: date = Field(alias="from", default=date.min)
    through: date = date.max
    ndc: str
    cost: Decimal | None = None
    unit_cost: Decimal | None = None


class Becomes(_Part):
    """What a dirty line has instead of what it had. ``charge`` and ``cost`` are dollars for the line.

    ``unit_share`` multiplies its units. With ``units`` the NDC quantity is as many NDC units.
    """

    code: str | None = None
    payer: str | None = None
    ndc: str | None = None
    ndc_unit: str | None = None
    units: int | None = None
    more_units: int = 0
    unit_share: Decimal | None = None
    charge: Decimal | None = None
    cost: Decimal | None = None


class Dirt(_Part):
    """One thing wrong on purpose: which line, what happens to it, and the status it must get."""

    kind: str
    payer: str
    code: str
    from_: date = Field(alias="from")
    nth: int = Field(ge=1)
    becomes: Becomes | None = None
    adds: Literal["copy", "void"] | None = None
    status: Literal["priced", "needs_review", "out_of_scope"]
    note: str


class Deviation(_Part):
    """How many lines of a payer were paid otherwise than the contract says, and why."""

    payer: str
    cause: Literal["wrong_quarter", "missed_reduction", "denied", "one_cent"]
    lines: int


class Plan(_Part):
    """The whole plan of a book."""

    seed: int
    first_day: date
    last_day: date
    cost_missing_one_in: int
    cost_jitter_permille: int
    payer: tuple[Payer, ...]
    therapy: dict[str, Therapy]
    regimen: tuple[Regimen, ...]
    drug: tuple[Drug, ...]
    dirt: tuple[Dirt, ...] = ()
    deviation: tuple[Deviation, ...] = ()

    @property
    def year(self) -> Span:
        """First to last day of service."""
        return Span(self.first_day, self.last_day)

    def regimens(self, therapy: str) -> tuple[Regimen, ...]:
        """Return the regimens of ``therapy``, in the order of the file."""
        return tuple(r for r in self.regimen if r.therapy == therapy)

    def drug_on(self, name: str, day: date) -> Drug:
        """Return the drug as it is coded on ``day``; raise `MissingReference` when it has no code then."""
        for drug in self.drug:
            if drug.name == name and drug.from_ <= day <= drug.through:
                return drug
        raise MissingReference(f"the drug {name!r} has no code on {day}", where="book.toml")


class Chargemaster:
    """One charge per code and day, the same for every payer.

    Parameters
    ----------
    rows : iterable of (code, first day, charge)
        Charge in dollars per unit, from its day until the next row of the code.
    """

    def __init__(self, rows: Iterable[tuple[str, date, Decimal]]) -> None:
        self._rows: dict[str, list[tuple[date, Decimal]]] = {}
        for code, first, charge in sorted(rows):
            self._rows.setdefault(code, []).append((first, charge))

    def charge(self, code: str, on: date) -> Decimal:
        """Return the charge [dollars per unit] on a day; raise `MissingReference` when there is none."""
        charges = [charge for first, charge in self._rows.get(code, ()) if first <= on]
        if not charges:
            raise MissingReference(f"{code} has no charge on {on}", where="chargemaster.csv")
        return charges[-1]


def load_plan(path: Path) -> Plan:
    """Return the plan in a TOML file; raise `InputError` when it says what a plan cannot."""
    with path.open("rb") as file:
        raw = tomllib.load(file, parse_float=Decimal)
    try:
        return Plan.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = f"{path.name}, {'.'.join(map(str, first['loc']))}"
        raise InputError(str(first["msg"]), where=where) from error


def load_chargemaster(path: Path) -> Chargemaster:
    """Return the chargemaster in a CSV file with the columns code, from, charge."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return Chargemaster(
        (row["code"], parse_date(row["from"], f"{path.name}, {row['code']}"), Decimal(row["charge"])) for row in rows
    )
