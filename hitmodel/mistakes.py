"""What a record of a contract refuses, as sentences: which field, what it says, what was expected, the nearest name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from hitmodel.errors import ContractError, nearest

Loc = tuple[str | int, ...]
_QUOTED = re.compile(r"'([^']*)'")


@dataclass(frozen=True)
class Place:
    """Where a record is written, as a user finds it, and how many parts of a mistake's path that already says.

    ``names`` says where to look up what may stand there; without it the names are listed.
    """

    where: str
    parts: int
    names: str = ""


def sentences(error: ValidationError, model: type[BaseModel], place: Callable[[Loc], Place]) -> list[ContractError]:
    """Return one error for each mistake that pydantic found in a record of ``model``.

    ``place`` says for a path (names and numbers, outermost first) where it is written.
    """
    found = error.errors(include_url=False)
    inner = {e["loc"][:n] for e in found for n in range(len(e["loc"]))}
    # A list whose items are wrong is then called too short as well: the items say what is wrong.
    real = [e for e in found if not (e["type"] == "too_short" and e["loc"] in inner)]
    unknown = [_sentence(e, model, place(e["loc"])) for e in real if e["type"] == "extra_forbidden"]
    others = [_sentence(e, model, place(e["loc"])) for e in real if e["type"] != "extra_forbidden"]
    # A field whose name is misspelt is not missing too.
    meant = {(e.where, f"'{e.suggestion}' is missing") for e in unknown}
    return [*unknown, *(e for e in others if (e.where, e.what) not in meant)]


def _sentence(error: Any, model: type[BaseModel], place: Place) -> ContractError:
    kind, loc = error["type"], error["loc"]
    if kind == "value_error" and (not loc or _record_at(model, loc) is not None):
        # What one of our own validators says of a whole record is the whole sentence.
        return ContractError(str(error["ctx"]["error"]), where=_within(place, loc[place.parts :]))
    where = _within(place, loc[place.parts : -1])
    if kind == "extra_forbidden":
        return _unknown_name(model, loc, where, place.names)
    field = _field_at(model, loc)
    expected = _description(field)
    if kind == "missing":
        return ContractError(f"'{loc[-1]}' is missing", where=where, expected=expected)
    if kind == "value_error":
        said = f"{_written(loc, error['input'])} {error['ctx']['error']}"
        return ContractError(said, where=where, expected=expected)
    if kind == "literal_error":
        names = _QUOTED.findall(str(error["ctx"]["expected"]))
        return ContractError(
            f"{_written(loc, error['input'])} is not known",
            where=where,
            expected=f"one of {', '.join(names)}",
            suggestion=nearest(error["input"], names) if isinstance(error["input"], str) else None,
        )
    what, usual = _SAYS.get(kind, (str(error["msg"])[:1].lower() + str(error["msg"])[1:], ""))
    if kind == "tuple_type":
        expected = f"a list in square brackets, such as [{written(error['input']) or 'one, another'}]"
    problem = what.format(**error.get("ctx", {}))
    return ContractError(f"{_written(loc, error['input'])} {problem}", where=where, expected=expected or usual)


def _unknown_name(model: type[BaseModel], loc: Loc, where: str, names: str) -> ContractError:
    name, owner = str(loc[-1]), _record_at(model, loc[:-1]) or model
    known = [field for field in owner.model_fields if field not in _OWN]
    close = nearest(name, known)
    next_step = "" if close else names or f"Known here: {', '.join(known)}."
    if close is None and name in _SECTIONS:
        next_step = f"[{name}] is a table of its own: write it in a line by itself, with its fields beneath."
    return ContractError(f"'{name}' is not known here", where=where, suggestion=close, next_step=next_step)


def _field_at(model: type[BaseModel], loc: Loc) -> FieldInfo | None:
    """Return the field that a path leads to, or None."""
    names = [part for part in loc if isinstance(part, str)]
    owner = _record_at(model, tuple(names[:-1]))
    return owner.model_fields.get(names[-1]) if owner and names else None


def _description(field: FieldInfo | None) -> str:
    """Return what a field should hold, from its own description or from that of the type within it."""
    if field is None:
        return ""
    inner = (part for part in _parts_of(field.annotation) if isinstance(part, FieldInfo) and part.description)
    return field.description or next((str(part.description) for part in inner), "")


def _parts_of(annotation: Any) -> Iterator[Any]:
    yield from getattr(annotation, "__metadata__", ())
    for part in get_args(annotation):
        yield from _parts_of(part)


def _record_at(model: type[BaseModel], loc: Loc) -> type[BaseModel] | None:
    current: type[BaseModel] | None = model
    for name in (part for part in loc if isinstance(part, str)):
        if current is None or name not in current.model_fields:
            return None
        current = _record_in(current.model_fields[name].annotation)
    return current


def _record_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _record_in(inner)) is not None), None)


def _within(place: Place, loc: Loc) -> str:
    """Put the rest of a path into words behind its place: ("chain", 1) is "chain item 2"."""
    words = [place.where]
    for part in loc:
        if isinstance(part, int):
            words[-1] += f" item {part + 1}"
        else:
            words.append(part)
    return ", ".join(words)


def _written(loc: Loc, value: Any) -> str:
    """Show what stands in the file, as it is written there where that is short."""
    shown = written(value)
    name = next((part for part in reversed(loc) if isinstance(part, str)), "")
    if isinstance(loc[-1], int):
        return shown or f"item {loc[-1] + 1}"
    return f"{name} = {shown}" if shown else f"'{name}'"


def written(value: Any) -> str:
    """Return a value as TOML writes it; "" for a list or a table."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list | tuple | Mapping | BaseModel) or value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)


_TABLE = "a table: name = value pairs beneath a heading in brackets, or within braces"
_NUMBER = ("is not a number", "a number, written without quotes")
_SAYS = {
    "tuple_type": ("is not a list", ""),
    "too_short": ("is an empty list", "at least one"),
    "string_type": ("is not text", "text in quotes"),
    "string_too_short": ("is empty", "a name"),
    "string_pattern_mismatch": ("is not written as it must be", ""),
    "model_type": ("is not a table", _TABLE),
    "dict_type": ("is not a table", _TABLE),
    "mapping_type": ("is not a table", _TABLE),
    "bool_type": ("is neither true nor false", "true or false, written without quotes"),
    "int_type": ("is not a whole number", "a whole number, written without quotes"),
    "date_type": ("is not a date", "a date written without quotes, such as 2025-01-01"),
    "decimal_type": _NUMBER,
    "is_instance_of": _NUMBER,
    "finite_number": _NUMBER,
    "greater_than": ("is not above {gt}", ""),
    "greater_than_equal": ("is below {ge}", ""),
    "less_than": ("is not below {lt}", ""),
    "less_than_equal": ("is above {le}", ""),
}
_OWN = ("file", "written", "placeholders", "path", "checksum")
_SECTIONS = ("rounding", "lesser_of", "concurrency", "drug_prices", "order", "agreement")
