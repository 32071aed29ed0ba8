"""What a notebook may be asked with: the names, types and checks its ``parameters`` cell declares.

A parameter is one annotated line, with its help and what it must be as a comment::

    contract: str = "meridian"  # the contract in force today [contract]
    proposals: list[str] = ["meridian_proposal_a"]  # compared with it, in this order [contract]
    as_of: str = "2027-01-01"  # price as if on this day; empty for dates of service [date or empty]

The words in brackets name a check from `CHECKS`, or list the values allowed: ``[one of internal, external]``.
Everything given is read here, before a kernel starts. Text stays text: ``0450``, ``1E5`` and ``NO`` are never numbers
or truth values.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from hitmodel.claim_sets import located
from hitmodel.dates import Quarter, parse_date
from hitmodel.errors import InputError, nearest

Value = str | int | bool | list[str]
_CHECK = re.compile(r"\[([^\]]+)\]\s*$")
_TYPE_WORDS = {"str": "text", "int": "whole number", "bool": "truth value", "list[str]": "list of texts"}
_TYPE_EXAMPLES = {"str": '"0450"', "int": "12", "bool": "true", "list[str]": '["a", "b"]'}
_TRUE, _FALSE = ("true", "yes", "1", "on"), ("false", "no", "0", "off")


@dataclass(frozen=True)
class Parameter:
    """One parameter: ``type`` is ``str``, ``int``, ``bool`` or ``list[str]``; ``check`` is empty or a check's words."""

    name: str
    type: str
    default: Value
    help: str = ""
    check: str = ""

    def read(self, text: str) -> Value:
        """Return the value that ``text`` says.

        Raises
        ------
        InputError
            The text is not of this type, or does not pass the check.
        """
        value = _READERS[self.type](text, f"parameter '{self.name}'")
        self.examine(value)
        return value

    def accept(self, value: object) -> Value:
        """Return a value that a TOML file holds, where it is of this type; a date becomes its ISO text.

        Raises
        ------
        InputError
            The value is of another type. Nothing is guessed: ``450`` is no text, ``"3"`` no number.
        """
        held = value.isoformat() if isinstance(value, date) and self.type == "str" else value
        if not _fits(held, self.type):
            raise InputError(
                f"{value!r} is not a {_TYPE_WORDS[self.type]}",
                where=f"parameter '{self.name}'",
                expected=f"a {_TYPE_WORDS[self.type]}, such as {_TYPE_EXAMPLES[self.type]}",
            )
        return held  # type: ignore[return-value]

    def examine(self, value: Value) -> None:
        """Raise `InputError` when a value does not pass this parameter's check."""
        words = self.check.removesuffix(" or empty")
        for text in value if isinstance(value, list) else [str(value)]:
            if not self.check or (text == "" and words != self.check):
                continue
            if words.startswith("one of "):
                _one_of(text, words, f"parameter '{self.name}'")
            else:
                CHECKS[words](text, f"parameter '{self.name}'")


def read_parameters(cells: Iterable[Mapping[str, Any]], notebook: str) -> tuple[Parameter, ...]:
    """Return the parameters that a notebook's cell tagged ``parameters`` declares; none when it has no such cell.

    Raises
    ------
    InputError
        A line of the cell is not ``name: type = value`` with a type and a check known here.
    """
    tagged = [c for c in cells if "parameters" in c.get("metadata", {}).get("tags", [])]
    if not tagged:
        return ()
    source = str(tagged[0]["source"])
    comments = _comments(source)
    return tuple(_declared(node, comments, notebook) for node in ast.parse(source).body)


def choose(
    parameters: Iterable[Parameter],
    given: Iterable[str],
    notebook: str,
    typed: Mapping[str, object] = MappingProxyType({}),
) -> dict[str, Value]:
    """Return the values for all parameters: defaults, over them ``typed`` ones, over those ``name=value`` texts.

    Raises
    ------
    InputError
        An unknown name (with the nearest known one), a name given twice, or a value that does not fit.
    """
    known = {parameter.name: parameter for parameter in parameters}
    values = {name: parameter.default for name, parameter in known.items()}
    for name, value in typed.items():
        _check_known(name, known, notebook, "parameters")
        values[name] = known[name].accept(value)
    seen: set[str] = set()
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise InputError(f"{text!r} is not a parameter", where="-p", expected="name=value")
        _check_known(name, known, notebook, "-p")
        if name in seen:
            raise InputError(f"'{name}' is given twice", where="-p")
        seen.add(name)
        values[name] = known[name].read(value)
    for name in known.keys() - seen:
        known[name].examine(values[name])
    return values


def _check_known(name: str, known: Mapping[str, Parameter], notebook: str, where: str) -> None:
    if name not in known:
        raise InputError(
            f"'{name}' is not a parameter of {notebook}",
            where=where,
            expected=f"one of {', '.join(known)}" if known else "no parameter: it declares none",
            suggestion=nearest(name, known),
        )


def describe(parameters: Iterable[Parameter]) -> str:
    """Return one line for each parameter: name, type, default and help."""
    return "\n".join(f"  {p.name}: {p.type} = {p.default!r}  {p.help}".rstrip() for p in parameters)


def _comments(source: str) -> dict[int, str]:
    """Return the comment on each line, without its hash."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {t.start[0]: t.string.lstrip("# ").strip() for t in tokens if t.type == tokenize.COMMENT}


def _declared(node: ast.stmt, comments: Mapping[int, str], notebook: str) -> Parameter:
    where = f"{notebook}, parameters cell, line {node.lineno}"
    if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name) or node.value is None:
        raise InputError(
            "this line does not declare a parameter", where=where, expected='a line such as contract: str = "meridian"'
        )
    kind = ast.unparse(node.annotation)
    if kind not in _READERS:
        raise InputError(f"type {kind} is not one a parameter can have", where=where, expected=", ".join(_READERS))
    comment = comments.get(node.end_lineno or node.lineno, "")
    found = _CHECK.search(comment)
    check = found[1] if found else ""
    words = check.removesuffix(" or empty")
    if words and words not in CHECKS and not words.startswith("one of "):
        raise InputError(
            f"check [{check}] is not known",
            where=where,
            expected=f"one of {', '.join(CHECKS)}, or 'one of …'",
            suggestion=nearest(words, CHECKS),
        )
    parameter = Parameter(node.target.id, kind, _literal(node.value, where), _CHECK.sub("", comment).strip(), check)
    if not _fits(parameter.default, kind):
        raise InputError(f"the default {parameter.default!r} of '{parameter.name}' is not a {kind}", where=where)
    return parameter


def _literal(node: ast.expr, where: str) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        raise InputError(f"{ast.unparse(node)} is not a plain value", where=where) from None


def _fits(value: object, kind: str) -> bool:
    if kind == "list[str]":
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return type(value).__name__ == kind


def _read_int(text: str, where: str) -> int:
    if not re.fullmatch(r"[+-]?\d+", text):
        raise InputError(f"{text!r} is not a whole number", where=where)
    return int(text)


def _read_bool(text: str, where: str) -> bool:
    if text.lower() not in _TRUE + _FALSE:
        raise InputError(f"{text!r} is neither yes nor no", where=where, expected="true or false")
    return text.lower() in _TRUE


_READERS: dict[str, Callable[[str, str], Value]] = {
    "str": lambda text, where: text,
    "int": _read_int,
    "bool": _read_bool,
    "list[str]": lambda text, where: [part.strip() for part in text.split(",") if part.strip()],
}


def _contract(text: str, where: str) -> None:
    from hitmodel.contracts import load_contract

    load_contract(text)


def _file(text: str, where: str) -> None:
    file = located(text)
    if not file.is_file():
        beside = [p.name for p in file.parent.iterdir()] if file.parent.is_dir() else []
        raise InputError(f"there is no file {text}", where=where, suggestion=nearest(file.name, beside))


def _quarter(text: str, where: str) -> None:
    Quarter.parse(text, where)


def _date(text: str, where: str) -> None:
    parse_date(text, where)


def _price_basis(text: str, where: str) -> None:
    if text not in ("service_quarter", "latest"):
        try:
            Quarter.parse(text, where)
        except InputError:
            expected = "service_quarter, latest, or a quarter such as 2025Q3"
            raise InputError(f"{text!r} is no basis for drug prices", where=where, expected=expected) from None


def _share(text: str, where: str) -> None:
    if not 0 <= _exact(text, where) <= 1:
        raise InputError(f"{text!r} is not a share", where=where, expected="a number from 0 to 1, such as 0.12")


def _exact(text: str, where: str) -> Decimal:
    if not re.fullmatch(r"-?\d+(\.\d+)?", text):
        raise InputError(f"{text!r} is not a number", where=where, expected="a plain number such as 95.00")
    return Decimal(text)


def _amount(text: str, where: str) -> None:
    _exact(text, where)


def _one_of(text: str, words: str, where: str) -> None:
    allowed = [part.strip() for part in words.removeprefix("one of ").split(",")]
    if text not in allowed:
        raise InputError(
            f"{text!r} is not allowed",
            where=where,
            expected=f"one of {', '.join(allowed)}",
            suggestion=nearest(text, allowed),
        )


CHECKS: dict[str, Callable[[str, str], None]] = {
    "contract": _contract,
    "file": _file,
    "date": _date,
    "quarter": _quarter,
    "price basis": _price_basis,
    "share": _share,
    "amount": _amount,
}
