"""Clauses that change rates as time goes on: yearly escalators, fixed or by an index, and rates phased in by steps.

An adjustment that reaches back is no clause of its own: it is an overlay whose rates have the earlier dates.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hitmodel.indexes import Missing
from hitmodel.vocabulary import Change, Decimals, Multiplier, Names, Rate, Record, Selector

BY_INDEX = (
    *("index_month", "index_lag_years", "missing", "percent_decimals", "times", "plus", "cap", "floor"),
    *("carry_over", "assumed"),
)
"""Fields that mean something only beside ``index``."""


class Escalator(Record):
    """A yearly change of the dollar rates of the terms in ``terms``, or of the lines in ``applies_to``, or of all.

    ``first`` is the day of the first increase; it recurs every year on that day until ``last``, so that it says at once
    whether contract, calendar or fiscal years are meant. In the years of ``skip`` no increase comes, and the year's
    change is lost. ``rounding``: ``each_year`` rounds the rate to ``decimals`` every year, ``at_end`` compounds
    unrounded and rounds once. ``compounding = false`` adds the yearly changes up and applies their sum once.

    The change is ``percent``, or that of a published ``index``: over the twelve months to ``index_month`` (1 to 12) of
    the year that lies ``index_lag_years`` before the increase; without a lag, the last such month that has ended
    before the day of the increase. It is rounded to ``percent_decimals`` of a percent, as published; then
    ``times`` takes a share of it, ``plus`` adds to it, what was carried over is added, and it is held between ``floor``
    and ``cap``. ``carry_over`` adds what the cap held back to the next increase. ``missing`` says what stands for a
    month that was never published (`Index.change_to`), ``assumed`` what change is taken for one that is not yet
    published; it is marked as assumed wherever it is shown. Without them such a month is an error.
    """

    id: str
    percent: Change | None = None
    index: str = ""
    index_month: Annotated[int, Field(ge=1, le=12, description="a month, 1 to 12")] | None = None
    index_lag_years: Annotated[int, Field(ge=0, le=5, description="years before the increase, 0 to 5")] | None = None
    missing: Missing = "refuse"
    percent_decimals: Decimals | None = 1
    times: Multiplier = Decimal(1)
    plus: Change = Decimal(0)
    cap: Change | None = None
    floor: Change | None = None
    carry_over: bool = False
    assumed: Change | None = None
    first: date
    last: date | None = None
    skip: tuple[int, ...] = ()
    compounding: bool = True
    rounding: Literal["each_year", "at_end"] = "each_year"
    decimals: Decimals = 2
    terms: Names = ()
    applies_to: Selector = Selector()
    clause: str = ""
    cite: str = ""

    @model_validator(mode="after")
    def _says_one_change(self) -> Self:
        if (self.percent is None) == (not self.index):
            raise ValueError("say either percent = 0.03, or index = a series such as CUUR0000SAM")
        if not self.index:
            beside = [name for name in BY_INDEX if name in self.model_fields_set]
            if beside:
                raise ValueError(f"{beside[0]} goes with index; a fixed percent has none")
        elif self.index_month is None:
            raise ValueError("index needs index_month: the month to which its yearly change is read, 1 to 12")
        if self.cap is not None and self.floor is not None and self.floor > self.cap:
            raise ValueError(f"floor {self.floor} lies above cap {self.cap}")
        if self.carry_over and self.cap is None:
            raise ValueError("carry_over carries what a cap holds back, and there is no cap")
        return self


class PhaseIn(Record):
    """Rates that go from an earlier rate to the written one in ``steps`` equal steps.

    The first step comes on ``first``, the others every ``every_months`` months; with the last, the rate is the term's
    own. Before ``first`` it is the earlier rate: ``from_rate`` dollars for the terms in ``terms``, or ``from_factor``
    times the written rate for those terms or the lines in ``applies_to``. ``field`` names which dollar field of a term
    is meant where it has several. Each step is rounded to ``decimals``.
    """

    id: str
    first: date
    steps: Annotated[int, Field(ge=1, le=60, description="steps, 1 to 60")]
    every_months: Annotated[int, Field(ge=1, le=60, description="months between steps, 1 to 60")] = 12
    from_rate: Rate | None = None
    from_factor: Multiplier | None = None
    field: str = "rate"
    decimals: Decimals = 2
    terms: Names = ()
    applies_to: Selector = Selector()
    clause: str = ""
    cite: str = ""

    @model_validator(mode="after")
    def _says_from_where(self) -> Self:
        if (self.from_rate is None) == (self.from_factor is None):
            raise ValueError("say either from_rate, in dollars, or from_factor, a share of the written rate")
        if self.from_rate is not None and not self.terms:
            raise ValueError("from_rate is a rate of certain terms: name them in terms")
        return self
