"""What people type into a cell, as exact values: money, percents, days, codes, NDCs.

Each reader returns a `Read`: the value, and what had to be mended. A mend that could be wrong is never silent: it is
``sure = False``, and whoever reads a table lists it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Generic, TypeVar

from hitmodel.dates import MONTHS

T = TypeVar("T")

_NUMBER = re.compile(r"(\d+|\d{1,3}(,\d{3})+)(\.\d*)?|\.\d+")
_COMMA_DECIMAL = re.compile(r"\d+,(\d{1,2}|\d{4,})|\d{1,3}(\.\d{3})+,\d+")
_NEGATIVE = re.compile(r"-([^()-]*)|\(([^()-]*)\)|([^()-]*)-")
_FIRST_SERIAL, _LAST_SERIAL = 20_000, 80_000
"""Day numbers that can be meant: October 1954 to January 2119."""
_WORDED = (
    re.compile(r"(?P<month>[A-Za-z]{3,9})\.?[ -](?P<day>\d{1,2})(?:st|nd|rd|th)?[ ,-]+(?P<year>\d{4})"),
    re.compile(r"(?P<day>\d{1,2})(?:st|nd|rd|th)?[ -](?P<month>[A-Za-z]{3,9})\.?[ ,-]+(?P<year>\d{4}|\d{2})"),
)
_FOREVER = ("9999-12-31", "12/31/9999", "2958465", "open", "evergreen", "current", "none", "n/a", "-")


@dataclass(frozen=True)
class Read(Generic[T]):
    """A value read out of a cell. ``mended`` says what was done to it, "" for nothing; ``sure``: no other reading."""

    value: T
    mended: str = ""
    sure: bool = True


class Unread(ValueError):
    """A cell that holds no such value; the message says what it is not, as the end of a sentence about the cell."""


def amount(text: str) -> Read[Decimal]:
    """Return dollars: ``$1,234.50``, ``(12.00)`` for a negative, ``95``. Raises `Unread`."""
    bare, mended = text.strip(), []
    if "$" in bare or "USD" in bare:
        bare = re.sub(r"USD|US\$|\$", "", bare, count=1).strip()
        mended.append("dollar sign left out")
    found = _NEGATIVE.fullmatch(bare)
    if found:
        bare = "".join(filter(None, found.groups())).strip()
        mended += [] if found[1] else ["taken as negative"]
    sure = True
    if _COMMA_DECIMAL.fullmatch(bare):
        bare, sure = bare.replace(".", "").replace(",", "."), False
        mended.append(f"comma taken as the decimal point: {bare}")
    elif not _NUMBER.fullmatch(bare):
        raise Unread("is not an amount of money")
    elif "," in bare:
        mended.append("thousands commas left out")
    value = Decimal(bare.replace(",", ""))
    return Read(-value if found else value, "; ".join(mended), sure)


def share(text: str) -> Read[Decimal]:
    """Return a fraction: ``85%`` and ``85 percent`` are 0.85, ``0.85`` is itself, ``85`` is taken as a percent.

    A number from 1 to 2 can be meant either way and is taken as it stands: 1.04 is 104 percent, 1 is 100 percent.
    Raises `Unread`.
    """
    bare = text.strip()
    found = re.fullmatch(r"(-?[\d.,]+)\s*(%|percent|pct)?(?:\s+of\s+\w+)?", bare, re.IGNORECASE)
    if found is None:
        raise Unread("is not a share or a percent")
    number = amount(found[1]).value
    if found[2]:
        return Read(number / 100)
    if abs(number) <= 2:
        return Read(number)
    return Read(number / 100, f"taken as {number} percent", sure=False)


def day(text: str, *, month_first: bool = True, told: bool = False) -> Read[date | None]:
    """Return a day: ISO, ``1/31/2026``, ``Jan 31, 2026``, ``20260131``, Excel's day number 46053; None for no end.

    ``month_first`` decides between the readings of ``3/4/2026``; where both numbers could be a month it is not sure,
    unless ``told`` says that the order is known, as where the file's other days show it. Raises `Unread`.
    """
    bare = re.sub(r"[ T]00:00(:00)?(\.0+)?$", "", text.strip())
    if bare.lower() in _FOREVER:
        return Read(None, "taken as no end")
    if re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}|\d{4}/\d{1,2}/\d{1,2}", bare):
        return Read(_calendar(*re.split("[-/]", bare)))
    if found := re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})", bare):
        return _in_numbers(found[1], found[2], found[3], month_first, told)
    if re.fullmatch(r"(19|20)\d{6}", bare):
        return Read(_calendar(bare[:4], bare[4:6], bare[6:]))
    if re.fullmatch(r"\d{5}(\.0+)?", bare) and _FIRST_SERIAL <= int(bare[:5]) <= _LAST_SERIAL:
        taken = date(1899, 12, 30) + timedelta(days=int(bare[:5]))
        return Read(taken, f"Excel's day number taken as {taken}", sure=False)
    for shape in _WORDED:
        if found := shape.fullmatch(" ".join(bare.split())):
            year = found["year"] if len(found["year"]) == 4 else f"20{found['year']}"
            return Read(_calendar(year, str(month_number(found["month"])), found["day"]))
    raise Unread("is not a date")


def month_number(name: str) -> int:
    """Return the number of a month by its English name or the beginning of it, whatever language the computer speaks.

    Raises `Unread`.
    """
    low = name.lower()
    for number, month in enumerate(MONTHS, start=1):
        if len(low) >= 3 and month.lower().startswith(low):
            return number
    raise Unread("is not a date")


def _in_numbers(one: str, two: str, year: str, month_first: bool, told: bool) -> Read[date | None]:
    full, either = year if len(year) == 4 else f"20{year}", int(one) <= 12 and int(two) <= 12 and int(one) != int(two)
    if int(one) > 12:
        month_first = False
    elif int(two) > 12:
        month_first = True
    month, number = (one, two) if month_first else (two, one)
    taken = _calendar(full, month, number)
    if either and not told:
        first = "month" if month_first else "day"
        return Read(taken, f"taken as {taken}, {first} first", sure=False)
    return Read(taken, f"day before month: taken as {taken}" if not month_first else "")


def _calendar(year: str, month: str, number: str) -> date:
    try:
        return date(int(year), int(month), int(number))
    except ValueError:
        raise Unread("is not a day of the calendar") from None


def code(text: str) -> Read[str]:
    """Return a HCPCS or CPT code: upper case, five characters. ``99601.0`` and ``' s9500 '`` are mended.

    Raises `Unread`.
    """
    bare = re.sub(r"\.0+$", "", text.strip()).upper()
    if re.fullmatch(r"[A-Z]\d{4}|\d{4}[A-Z0-9]", bare):
        return Read(bare, "" if bare == text.strip() else f"taken as {bare}")
    if found := re.fullmatch(r"(?:HCPCS|CPT)?[ :]*([A-Z])[ -]?(\d{4})", bare):
        return Read(found[1] + found[2], f"taken as {found[1]}{found[2]}")
    if re.fullmatch(r"\d{3,4}", bare):
        raise Unread("is not a code: a spreadsheet may have dropped a leading zero or letter")
    raise Unread("is not a code")


def ndc(text: str) -> Read[str]:
    """Return an NDC as eleven digits.

    With dashes, 4-4-2, 5-3-2 and 5-4-1 are filled where the short part is; without, nine or ten digits are taken to
    have lost leading zeros, which is not sure for ten. Raises `Unread`.
    """
    bare = re.sub(r"\.0+$", "", text.strip())
    if found := re.fullmatch(r"(\d{4,5})-(\d{3,4})-(\d{1,2})", bare):
        filled = found[1].zfill(5) + found[2].zfill(4) + found[3].zfill(2)
        short = len(found[1]) + len(found[2]) + len(found[3])
        return Read(filled, "" if short == 11 else f"filled to {filled}")
    digits = bare.replace(" ", "").replace("-", "")
    if re.fullmatch(r"\d{11}", digits):
        return Read(digits)
    if re.fullmatch(r"\d{8,10}", digits):
        return Read(digits.zfill(11), f"leading zeros put back: {digits.zfill(11)}", sure=False)
    if re.fullmatch(r"\d\.\d+E\+\d+", bare, re.IGNORECASE):
        raise Unread("is an NDC that a spreadsheet has cut to a few digits; they cannot be put back")
    raise Unread("is not an NDC of eleven digits")
