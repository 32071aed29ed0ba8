"""The moment at which a line is priced, and what a term answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from oracle.contract_file import Version
from oracle.worth import Worth


@dataclass(frozen=True)
class Answer:
    """``status`` is "" where there is a ``worth``; ``term`` is the id of the term that answered."""

    status: str = ""
    worth: Worth | None = None
    term: str = ""


@dataclass(frozen=True)
class Moment:
    """The day whose terms hold and the day whose drug prices hold."""

    version: Version
    day: date
    price_day: date
