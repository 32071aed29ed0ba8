"""Clauses that look at more than one line: episodes, allowances, exclusions, caps, floors, stop-loss."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hitmodel.vocabulary import DayOfYear, Dollars, Exact, Record, Selector, Share

Stage = Literal["lesser_of", "day", "claim", "episode", "year"]
DEFAULT_ORDER: tuple[Stage, ...] = ("lesser_of", "day", "claim", "episode", "year")


class Episode(Record):
    """What the contract calls an episode: lines of one patient that follow each other.

    ``by``: one count for each therapy class, each code, or the patient as a whole. A new episode begins when more than
    ``gap_days`` days lie between the end of one line and the start of the next, and, with ``restart = "year"``, on
    every 1 January too. A gap of more than 60 days is ``gap_days = 60``.
    """

    id: str
    lines: Selector
    by: Literal["class", "code", "patient"] = "class"
    gap_days: Annotated[int, Field(ge=0, le=3660)]
    restart: Literal["gap", "year"] = "gap"
    cite: str = ""


class Weight(Selector):
    """What one unit of some lines counts for: a visit as two hours, a quarter of an hour as 0.25."""

    each: Annotated[Exact, Field(gt=0, le=1000, description="what one unit counts for, above 0 to 1000")]


class Allowance(Record):
    """How much is paid for at all: of the units of ``lines`` only ``most`` in each ``per``; what lies beyond pays 0.00.

    ``of = "days"`` counts the days from a line's first to its last instead of its units. ``weights`` says what one unit
    of some of the lines counts for, where they are not alike; the first that fits a line holds, 1 where none does.
    Weeks begin on ``week_starts``; months and years are calendar ones; ``per = "episode"`` names its ``episode``;
    ``per = "window"`` looks back over the ``days`` days that end on the line's first day (a pump in five years). Lines
    take their turn by first day, then in order of the claim; a line belongs where its first day lies.
    """

    id: str
    lines: Selector
    most: Annotated[int, Field(ge=0)]
    of: Literal["units", "days"] = "units"
    weights: tuple[Weight, ...] = ()
    per: Literal["day", "week", "month", "year", "episode", "lifetime", "window"]
    days: Annotated[int, Field(gt=0)] | None = None
    episode: str = ""
    week_starts: Literal["sunday", "monday"] = "sunday"
    clause: str = ""
    cite: str = ""

    @model_validator(mode="after")
    def _names_its_episode(self) -> Self:
        if (self.per == "episode") != bool(self.episode):
            raise ValueError('per = "episode" goes with the id of an [[episode]], and only with it')
        if (self.per == "window") != (self.days is not None):
            raise ValueError('per = "window" goes with days, and only with it')
        return self


class Exclusive(Record):
    """Lines of which one a day is paid for a patient, and the others are paid within it: two antibiotics, one per
    diem.
    """

    id: str
    among: Selector
    keep: Literal["highest_rate", "first_billed", "first_started", "as_modified"] = "highest_rate"
    clause: str = ""
    cite: str = ""


class Limit(Record):
    """A cap, a floor or a stop-loss over the lines of a group.

    ``kind = "cap"``: the group's allowed is at most ``amount``; days share a cap by amount, longer groups are paid
    until it is used up. ``"floor"``: at least ``amount``. ``"stop_loss"``: when the group's ``measure`` is above
    ``amount``, the whole group pays ``share`` of its charges (``pays = "first_dollar"``), or its allowed and
    ``share`` of what lies above (``"second_dollar"``). Charges of lines paid within others count in both. Years
    begin on ``year_starts`` (month-day). With ``opening`` a cap counts on from the balance recorded beside the
    claims (``balances.csv``: patient_id, limit, period, amount; the period is the year's number, empty for an
    episode or a lifetime); a patient without one needs review.
    """

    id: str
    kind: Literal["cap", "floor", "stop_loss"]
    per: Literal["day", "claim", "episode", "year", "lifetime"]
    amount: Dollars
    lines: Selector = Selector()
    episode: str = ""
    year_starts: DayOfYear = "01-01"
    measure: Literal["charge", "allowed", "cost"] = "charge"
    pays: Literal["first_dollar", "second_dollar"] = "first_dollar"
    share: Share | None = None
    opening: bool = False
    clause: str = ""
    cite: str = ""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.per == "episode") != bool(self.episode):
            raise ValueError('per = "episode" goes with the id of an [[episode]], and only with it')
        if (self.kind == "stop_loss") != (self.share is not None):
            raise ValueError("a stop-loss, and only a stop-loss, has a share")
        if self.kind == "stop_loss" and self.per == "day":
            raise ValueError("a stop-loss is per claim, episode, year or lifetime")
        return self

    @property
    def stage(self) -> Stage:
        """The step of the order in which this limit is laid on."""
        return "year" if self.per == "lifetime" else self.per


class Order(Record):
    """The order of the steps after the base amount and the shares; one that is left out keeps its usual place at
    the end.
    """

    steps: tuple[Stage, ...] = DEFAULT_ORDER
    cite: str = ""

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        if sorted(self.steps) != sorted(DEFAULT_ORDER):
            raise ValueError(f"steps must name each of {', '.join(DEFAULT_ORDER)} once")
        return self
