"""Clauses about drug prices as a whole: which published price is in force on a day, and Medicare's sequestration."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from hitmodel.vocabulary import DayOfYear, NamedQuarter, Record, Selector, Share


class DrugPrices(Record):
    """Which published price a drug line takes.

    Payment limits: the quarter in force ``lag_days`` before the day of service, less ``quarter_lag`` whole quarters
    (-1: a payer that loads the next quarter before CMS's begins). With ``refresh`` (days of the year, such as 03-01)
    the payer loads prices on those days only, and the quarter is the one in force on the last of them. ``quarter``: one
    named quarter for ever. ``ndc_table``: the user's own price file, beside the contract or under ``data/prices``;
    where it lies and what it held (``path``, ``checksum``) is found when the contract is loaded. Its rows carry their
    own dates; ``ndc_lag_days`` and ``ndc_refresh`` hold for them as ``lag_days`` and ``refresh`` do for payment
    limits.
    """

    quarter_lag: Annotated[int, Field(ge=-1, le=8, description="whole quarters, -1 to 8")] = 0
    lag_days: Annotated[int, Field(ge=0, le=366, description="days, 0 to 366")] = 0
    refresh: tuple[DayOfYear, ...] = ()
    quarter: NamedQuarter | None = None
    ndc_table: str = ""
    ndc_lag_days: Annotated[int, Field(ge=0, le=366, description="days, 0 to 366")] = 0
    ndc_refresh: tuple[DayOfYear, ...] = ()
    cite: str = ""
    path: str = ""
    checksum: str = ""


class Sequestration(Record):
    """A cut of ``percent`` of what the plan itself pays, once everything else is worked out; 0 for none.

    The patient's ``member_share`` of the allowed amount is not cut, so 2 percent with a share of 20 percent takes 1.6
    percent of the allowed amount. ``applies_to`` narrows it, to one product for instance.
    """

    percent: Share = Decimal(0)
    member_share: Share = Decimal(0)
    applies_to: Selector = Selector()
    cite: str = ""
