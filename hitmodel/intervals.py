"""Hours between doses, as people write them."""

from __future__ import annotations

import re

from hitmodel.errors import InputError

_HOURS = {"h": 1, "d": 24, "w": 168}
_WORDS = {
    **{"twice daily": 12, "twice a day": 12, "three times a day": 8, "four times a day": 6, "every other day": 48},
    **{
        "once daily": 24,
        "every day": 24,
        "daily": 24,
        "weekly": 168,
        "bid": 12,
        "tid": 8,
        "qid": 6,
        "qd": 24,
        "qday": 24,
        "qod": 48,
    },
}
SAID = re.compile(
    r"\b(?:q\s*|every\s+)?(?P<number>\d{1,6})\s*(?P<unit>hours?|hrs?|h|days?|d|weeks?|wks?|w)\b"
    rf"|\bq\s*(?P<bare>\d{{1,2}})\b|\b(?P<word>{'|'.join(_WORDS)})\b"
)
"""How often, as it is said or written on a prescription, somewhere in a text of small letters."""


def hours_said(found: re.Match[str]) -> int:
    """Return the hours between doses that a match of `SAID` gives [hours]."""
    if found["word"]:
        return _WORDS[found["word"]]
    return int(found["bare"]) if found["bare"] else int(found["number"]) * _HOURS[found["unit"][0]]


def parse_interval(text: str, where: str = "") -> int:
    """Return the hours between doses [hours] from text such as ``12h``, ``q8h``, ``every 12 hours``, ``2d`` or ``bid``.

    Raises `InputError`, naming ``where``, when the text is no whole positive number of hours, days or weeks.
    """
    found = SAID.fullmatch(text.strip().lower())
    if not found or not hours_said(found):
        raise InputError(
            f"{text!r} is not a dose interval", where=where, expected="hours, days or weeks such as q8h, 12h, 2d or 1w"
        )
    return hours_said(found)
