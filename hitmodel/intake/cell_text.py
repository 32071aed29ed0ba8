"""What a spreadsheet's cell shows: its value under its number format, as text."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any


def text_of(value: Any, shape: str = "General") -> str:
    """Return a cell's value as a person sees it; ``shape`` is the number format of its cell."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return _number_shown(value, shape)
    if isinstance(value, datetime):
        return str(value.date()) if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return str(value)
    if isinstance(value, time | timedelta):
        return str(value)
    return str(value).strip()


def _number_shown(value: int | float, shape: str) -> str:
    """Return a number to the fifteen digits that Excel keeps; percents and zero-filled numbers as their format says."""
    plain = shape.split(";")[0]
    if plain.rstrip().endswith("%"):
        return f"{_fifteen(value * 100)}%"
    zeros = plain.replace("\\", "").replace('"', "")
    if value >= 0 and value == int(value) and re.fullmatch(r"0[0-]*0", zeros):
        return _filled(int(value), zeros)
    return _fifteen(value)


def _fifteen(value: int | float) -> str:
    """Return a number as Excel shows it where there is room: no more than fifteen digits, never with an exponent."""
    if isinstance(value, int):
        return str(value)
    text = f"{value:.15g}"
    if "e" in text:
        text = f"{value:.15f}" if abs(value) < 1 else f"{value:.0f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _filled(value: int, zeros: str) -> str:
    """Return a whole number under a format of zeros: 2735101 as 00000-0000-00 is 00002-7351-01."""
    digits = iter(str(value).zfill(zeros.count("0")))
    if len(str(value)) > zeros.count("0"):
        return str(value)
    return "".join(next(digits) if mark == "0" else mark for mark in zeros)
