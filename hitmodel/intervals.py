"""Hours between doses, as people write them."""

from __future__ import annotations

import re

from hitmodel.errors import InputError

_INTERVAL = re.compile(r"q?\s*(\d+)\s*(h|d|w)", re.IGNORECASE)
_HOURS = {"h": 1, "d": 24, "w": 168}


def parse_interval(text: str, where: str = "") -> int:
    """Return the hours between doses [hours] from text such as ``12h``, ``q8h``, ``2d`` or ``1w``.

    Raises `InputError`, naming ``where``, when the text is not a whole positive number of hours, days or weeks.
    """
    found = _INTERVAL.fullmatch(text.strip())
    if not found or int(found[1]) == 0:
        raise InputError(
            f"{text!r} is not a dose interval", where=where, expected="hours, days or weeks such as q8h, 12h, 2d or 1w"
        )
    return int(found[1]) * _HOURS[found[2].lower()]
