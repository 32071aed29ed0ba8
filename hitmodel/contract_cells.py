"""Values of a contract as people type them into cells, and back: ``$95``, ``85%``, ``S9500, S9501``, yes and no.

Whatever has no such form stands in its cell as it stands in the contract file, so that nothing is lost.
"""

from __future__ import annotations

import re
import tomllib
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from hitmodel.intake import cells
from hitmodel.intake.cells import Unread
from hitmodel.overlay_file import inline_text

Kind = Literal[
    "yes_no",
    "whole",
    "money",
    "share",
    "number",
    "day",
    "text",
    "choice",
    "names",
    "shares",
    "wholes",
    "lines",
    "bound",
    "file",
]
"""How a field is typed: ``lines`` says which claim lines (a selector), ``file`` is as in the contract file."""
NONE, ALL = "(none)", "(all)"
_EXACT_DIGITS = 13
"""Digits that a spreadsheet keeps of a number with certainty, percents too; a longer number is kept as text."""
_CODE = re.compile(r"[A-Z]\d{4}|\d{4}[A-Z0-9]")
_SAFE_NAME = re.compile(r"[^\s,;:\[\]{}\"()][^,;:\[\]{}\"()\n]*")
_OPEN = re.compile(r"FILL\s+[A-Za-z]\w*")
_BOUND = re.compile(r"(.+?)\s+per\s+(\w+)")
_YES_NO = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}
_PAYMENTS = {
    "included": "bundled",
    "included_in_per_diem": "bundled",
    "included_in_the_per_diem": "bundled",
    "within_the_per_diem": "bundled",
    "not_paid": "not_covered",
    "percent_of_charges": "percent_of_charge",
    "share_of_charges": "percent_of_charge",
    "individual_consideration": "by_report",
}
"""What people type for a mechanism, and its name."""
_PRICE_NAME = re.compile(r"\b(ASP|AWP|WAC|NADAC)\b", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
_LONGEST = 32_000
"""Characters that a cell holds."""


def shown(name: str, kind: Kind, value: Any) -> tuple[Any, str]:
    """Return what a cell holds for a field's value, and its number format ("" for none).

    Raises `Unread` for a value too long for a cell.
    """
    made, shape = _shown(name, kind, value)
    if isinstance(made, str) and len(made) > _LONGEST:
        raise Unread("is longer than a cell can hold")
    return made, shape


def _shown(name: str, kind: Kind, value: Any) -> tuple[Any, str]:
    if isinstance(value, bool):
        return ("yes" if value else "no"), ""
    if isinstance(value, int | Decimal):
        return _number(name, kind, value)
    if isinstance(value, date):
        return value, "yyyy-mm-dd"
    if isinstance(value, str):
        return _text(value), ""
    if kind == "names" and all(isinstance(one, str) and _is_safe(one) for one in value):
        return ", ".join(value) or NONE, ""
    if kind in ("shares", "wholes") and all(type(one) in (int, Decimal) for one in value):
        return ", ".join(_spoken(one) if kind == "shares" else str(one) for one in value) or NONE, ""
    if kind == "lines" and _is_plain_selector(value):
        return "; ".join(f"{field}: {', '.join(names)}" for field, names in value.items()) or ALL, ""
    if kind == "bound" and set(value) == {"amount", "per"} and type(value["amount"]) in (int, Decimal):
        return f"{value['amount']} per {value['per']}", ""
    return inline_text(value), ""


def _number(name: str, kind: Kind, value: int | Decimal) -> tuple[Any, str]:
    exact = Decimal(value)
    if len(exact.as_tuple().digits) > _EXACT_DIGITS:
        return f"{exact:f}", ""
    exponent = exact.as_tuple().exponent
    places = max(0, -exponent) if isinstance(exponent, int) else 0
    number: int | float = int(exact) if exact == exact.to_integral_value() else float(exact)
    if kind == "share":
        return number, "0" + ("." + "0" * (places - 2) if places > 2 else "") + "%"
    if kind == "money":
        return number, '"$"#,##0.' + "0" * max(2, places)
    return number, ""


def _spoken(value: int | Decimal) -> str:
    percent = Decimal(value) * 100
    return f"{percent.normalize():f}%"


def _text(value: str) -> str:
    """Return text as it is, in quotes where a cell would not give it back as it was."""
    plain = (
        value.strip() == value != "" and not value.startswith(('"', "[", "{", "(", "=")) and not _CONTROL.search(value)
    )
    return value if plain else inline_text(value)


def _is_safe(name: str) -> bool:
    return _SAFE_NAME.fullmatch(name) is not None and name == name.strip() and not _CONTROL.search(name)


def _is_plain_selector(value: Any) -> bool:
    return all(
        isinstance(names, list) and names and all(isinstance(one, str) and _is_safe(one) for one in names)
        for names in value.values()
    )


def read(text: str, name: str, kind: Kind, choices: tuple[Any, ...] = ()) -> Any:
    """Return the value that a cell's text means for a field.

    ``choices`` are the words that a field may hold. Raises `Unread` with what is wrong, as the end of a sentence.
    """
    if _OPEN.fullmatch(text) and kind != "names":
        return text
    if text.startswith('"') and text.endswith('"') and len(text) > 1:
        return _as_in_the_file(text)
    if text.startswith(("[", "{")) and kind not in ("text", "choice"):
        return _as_in_the_file(text)
    return _READERS[kind](text, name, choices)


def _as_in_the_file(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}", parse_float=Decimal)["value"]
    except tomllib.TOMLDecodeError:
        raise Unread("is not written as a contract file writes it") from None


def _yes_no(text: str, name: str, choices: tuple[Any, ...]) -> bool:
    if text.lower() not in _YES_NO:
        raise Unread("is neither yes nor no")
    return _YES_NO[text.lower()]


def _whole(text: str, name: str, choices: tuple[Any, ...]) -> int:
    value = cells.amount(text).value
    if value != value.to_integral_value():
        raise Unread("is not a whole number")
    return int(value)


def _money(text: str, name: str, choices: tuple[Any, ...]) -> Decimal:
    if "%" in text:
        raise Unread(f"is a percent, and {name} is in dollars")
    read_as = cells.amount(text)
    if not read_as.sure:
        raise Unread("can be read two ways: write it with a point, as 1234.50")
    return read_as.value


def _share(text: str, name: str, choices: tuple[Any, ...]) -> Decimal:
    if _PRICE_NAME.search(text):
        raise Unread("names a price: choose it under 'of' (raw_asp is bare ASP), and write only the percent, as 104%")
    if "$" in text:
        raise Unread(f"is in dollars, and {name} is a share: write 85%")
    read_as = cells.share(text)
    if not read_as.sure:
        raise Unread(f"can be read two ways: write {text}% or {read_as.value}")
    return read_as.value


def _day(text: str, name: str, choices: tuple[Any, ...]) -> date:
    read_as = cells.day(text)
    if read_as.value is None:
        raise Unread("is not a date; leave the cell empty for no end")
    if not read_as.sure:
        raise Unread("can be read two ways: write it year first, as 2027-01-31")
    return read_as.value


def remark(text: str, kind: Kind) -> str:
    """Return what is to be said of a cell that was read all the same: of a day in another order; "" for nothing."""
    return cells.day(text).mended if kind == "day" and re.match(r"\d{1,2}[/.-]", text) else ""


def codes_within(name: str, value: Any) -> tuple[str, ...]:
    """Return the codes that a field's value names, the ends of ranges each by itself."""
    if name in ("codes", "without_codes") and isinstance(value, list):
        return tuple(end for code in value for end in str(code).split(".."))
    if isinstance(value, dict):
        return tuple(code for inner, held in value.items() for code in codes_within(inner, held))
    return ()


def is_code(text: str) -> bool:
    """Say whether a text has the shape of an HCPCS or CPT code."""
    return _CODE.fullmatch(text) is not None


def _plain(text: str, name: str, choices: tuple[Any, ...]) -> str:
    return text


def mechanism_word(text: str) -> str:
    """Return the name of the mechanism that a cell means: ``included`` and ``By report`` are understood too."""
    word = re.sub(r"[\s-]+", "_", text.strip().lower())
    return _PAYMENTS.get(word, word)


def _choice(text: str, name: str, choices: tuple[Any, ...]) -> Any:
    if name == "mechanism":
        return mechanism_word(text)
    by_word = {str(one): one for one in choices}
    word = re.sub(r"[\s-]+", "_", text.strip().lower())
    return by_word.get(text, by_word.get(word, text))


def _names(text: str, name: str, choices: tuple[Any, ...]) -> list[Any]:
    if text == NONE:
        return []
    return [_choice(part.strip(), name, choices) for part in re.split(r"[,;\n]", text) if part.strip()]


def _shares(text: str, name: str, choices: tuple[Any, ...]) -> list[Decimal]:
    return [_share(part.strip(), name, ()) for part in text.split(",")] if text != NONE else []


def _wholes(text: str, name: str, choices: tuple[Any, ...]) -> list[int]:
    return [_whole(part.strip(), name, ()) for part in text.split(",")] if text != NONE else []


def _lines(text: str, name: str, choices: tuple[Any, ...]) -> dict[str, list[str]]:
    """Read ``roles: per_diem; codes: S9500, S9501``."""
    if text == ALL:
        return {}
    found = {}
    for part in re.split(r"[;\n]", text):
        field, colon, names = part.partition(":")
        if not colon:
            raise Unread("does not say which lines: write it as roles: per_diem; codes: S9500, S9501")
        found[re.sub(r"\s+", "_", field.strip().lower())] = _names(names, name, ())
    return found


def _bound(text: str, name: str, choices: tuple[Any, ...]) -> dict[str, Any]:
    found = _BOUND.fullmatch(text)
    if found is None:
        raise Unread("is no bound: write it as 20.00 per day")
    return {"amount": _money(found[1], name, ()), "per": found[2]}


def _file(text: str, name: str, choices: tuple[Any, ...]) -> Any:
    return _as_in_the_file(text)


_READERS = {
    "yes_no": _yes_no,
    "whole": _whole,
    "money": _money,
    "number": _money,
    "share": _share,
    "day": _day,
    "text": _plain,
    "choice": _choice,
    "names": _names,
    "shares": _shares,
    "wholes": _wholes,
    "lines": _lines,
    "bound": _bound,
    "file": _file,
}
