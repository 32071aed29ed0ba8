"""What moved between two runs of the same report: what went in differently, and what the main figures did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from hitmodel.run_record import Facts
from hitmodel.sentences import change, counted, money
from hitmodel.tables import Column, Gap, Table

CONTRACT_CHANGES = 12
"""So many changes of one contract are told; the rest are counted."""


@dataclass(frozen=True)
class Move:
    """One thing that is not as it was.

    ``kind`` is ``input`` for what went in, ``file`` for a file of which no more can be told than that it changed, and
    ``figure`` for what came out.
    """

    kind: str
    what: str
    was: str
    now: str
    note: str = ""

    def __str__(self) -> str:
        note = f" ({self.note})" if self.note else ""
        return f"{self.what}: {self.was or 'not there'} → {self.now or 'not there'}{note}"


def moves(before: Facts, after: Facts) -> tuple[Move, ...]:
    """Return what moved from one run to another: files, contracts, tables, program, parameters, then main figures."""
    return (*input_moves(before, after), *_parameters(before, after), *_figures(before, after))


def input_moves(before: Facts, after: Facts) -> tuple[Move, ...]:
    """Return what went in differently, parameters aside."""
    files = tuple(_inputs(before, after))
    claims = tuple(move for move in files if move.what.startswith("claim lines"))
    others = tuple(move for move in files if move not in claims)
    # What a contract says now tells more than that its file is another one, so it comes first.
    tables = (*_references(before, after), *_program(before, after))
    return (*claims, *_contracts(before, after), *others, *tables)


def headline(found: Sequence[Move]) -> str:
    """Say in one sentence what moved; for a message, an index and the head of the table."""
    if not found:
        return "Nothing moved: the same inputs, the same figures."
    causes = [m for m in found if m.kind == "input"] or [m for m in found if m.kind == "file"]
    figures = [m for m in found if m.kind == "figure"]
    why = _why(causes)
    if not figures:
        return f"{why}; the main figures stay the same."
    return f"{why}; " + "; ".join(f"{m.what} {m.note}" for m in figures[:3]) + "."


def moved_table(found: Sequence[Move], against: str) -> Table:
    """Return what moved as a table; ``against`` names the earlier run."""
    shown = [(m.what, m.was or Gap.NONE, m.now or Gap.NONE, m.note or Gap.NOT_APPLICABLE) for m in found]
    return Table(
        name="what_moved",
        headline=headline(found),
        caption=f"What moved since the run {against}: what went in, then the main figures",
        columns=(
            Column("what", "What"),
            Column("was", "Was", "shown"),
            Column("now", "Now", "shown"),
            Column("note", "Difference"),
        ),
        rows=tuple(shown) or (("Nothing", Gap.NONE, Gap.NONE, Gap.NOT_APPLICABLE),),
    )


def _why(causes: Sequence[Move]) -> str:
    if not causes:
        return "The same inputs"
    told = [m.note or f"{m.what} {m.was} → {m.now}" for m in causes[:2]]
    more = f" and {len(causes) - 2} more" if len(causes) > 2 else ""
    text = ", ".join(told) + more
    return text[0].upper() + text[1:]


def _parameters(before: Facts, after: Facts) -> Iterator[Move]:
    was, now = before.get("parameters", {}), after.get("parameters", {})
    for name in dict.fromkeys((*was, *now)):
        if was.get(name) != now.get(name):
            yield Move("input", f"parameter {name}", _text(was.get(name)), _text(now.get(name)))


def _inputs(before: Facts, after: Facts) -> Iterator[Move]:
    """Yield files that went in differently; a file is known by its role and name, claims by their role if one file."""
    was, now = _by_file(before), _by_file(after)
    for key in dict.fromkeys((*was, *now)):
        old, new = was.get(key, {}), now.get(key, {})
        if old.get("sha256") == new.get("sha256"):
            continue
        role, name = key
        if "lines" in old or "lines" in new:
            yield _lines(name or PurePath((new or old)["file"]).name, old.get("lines"), new.get("lines"))
        else:
            note = f"{role} {name} {'changed' if old and new else 'is new' if new else 'is gone'}"
            yield Move("file", f"{role}, {name}", _short(old), _short(new), note)


def _lines(name: str, was: int | None, now: int | None) -> Move:
    what, difference = f"claim lines, {name}", (now or 0) - (was or 0)
    if was is None or now is None:
        note = f"{name} is {'new' if was is None else 'gone'}"
    elif difference == 0:
        note = f"{counted(now, 'claim line')} with other contents"
    else:
        more = "more" if difference > 0 else "fewer"
        note = counted(abs(difference), f"{more} claim line")
    return Move("input", what, "" if was is None else f"{was:,}", "" if now is None else f"{now:,}", note)


def _by_file(facts: Facts) -> dict[tuple[str, str], Mapping[str, Any]]:
    claims = [e for e in facts["inputs"] if e["role"] == "claims"]
    others = {(e["role"], e["file"]): e for e in facts["inputs"] if e["role"] != "claims"}
    if len(claims) == 1:
        return {("claims", ""): claims[0], **others}
    return {**{("claims", PurePath(e["file"]).name): e for e in claims}, **others}


def _contracts(before: Facts, after: Facts) -> Iterator[Move]:
    was, now = before.get("contracts", {}), after.get("contracts", {})
    for name in was.keys() & now.keys():
        found = list(_differences(was[name], now[name], (name,)))
        for where, old, new in found[:CONTRACT_CHANGES]:
            yield Move("input", _clause(where), old, new)
        if len(found) > CONTRACT_CHANGES:
            yield Move("input", name, "", f"{len(found) - CONTRACT_CHANGES} more changes")


def _clause(where: Sequence[str]) -> str:
    """Say where a contract differs: ("meridian", "2025", "term", "nursing_visit", "rate") is its last row's field."""
    contract, version, *rest = where
    words = [part.replace("_", " ") for part in rest if part != "term"]
    return f"{contract} {version}: {', '.join(words)}"


def _differences(was: Any, now: Any, where: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Yield each value that differs in nested tables, with the way to it."""
    if was == now:
        return
    if isinstance(was, Mapping) and isinstance(now, Mapping):
        for key in dict.fromkeys((*was, *now)):
            yield from _differences(was.get(key), now.get(key), (*where, str(key)))
    else:
        yield where, _text(was), _text(now)


def _references(before: Facts, after: Facts) -> Iterator[Move]:
    was = {e["file"]: e for e in before.get("references", ())}
    now = {e["file"]: e for e in after.get("references", ())}
    words = {"codes": "code table", "prices": "price table", "indexes": "index"}
    for file in dict.fromkeys((*was, *now)):
        old, new = was.get(file, {}), now.get(file, {})
        if old.get("sha256") != new.get("sha256"):
            word = words[(new or old)["role"]]
            note = f"{word} {PurePath(file).name} {'changed' if old and new else 'is new' if new else 'is gone'}"
            yield Move("input", f"{word}, {file}", _short(old), _short(new), note)


def _program(before: Facts, after: Facts) -> Iterator[Move]:
    was, now = before.get("program", {}), after.get("program", {})
    for name, word in (("hitmodel", "hitmodel"), ("python", "Python")):
        if was.get(name) != now.get(name):
            yield Move("input", word, was.get(name, ""), now.get(name, ""))
    if was.get("hitmodel") == now.get("hitmodel") and was.get("source") != now.get("source"):
        changed = (was.get("source", "")[:8], now.get("source", "")[:8])
        yield Move("file", "source of hitmodel", *changed, "the source of hitmodel changed")
    old, new = was.get("packages", {}), now.get("packages", {})
    for name in sorted(old.keys() | new.keys()):
        if name != "hitmodel" and old.get(name) != new.get(name):
            yield Move("file", f"package {name}", old.get(name, ""), new.get(name, ""))


def _figures(before: Facts, after: Facts) -> Iterator[Move]:
    was = {f["label"]: int(f["cents"]) for f in before.get("figures", ())}
    now = {f["label"]: int(f["cents"]) for f in after.get("figures", ())}
    for label in dict.fromkeys((*was, *now)):
        old, new = was.get(label), now.get(label)
        if old != new:
            note = "" if old is None or new is None else change(new - old)
            yield Move("figure", label, "" if old is None else _amount(old), "" if new is None else _amount(new), note)


def _amount(cents: int) -> str:
    return f"{'−' if cents < 0 else ''}{money(cents)}"


def _short(entry: Mapping[str, Any]) -> str:
    return str(entry.get("sha256", ""))[:8]


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_text(part) for part in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_text(part)}" for key, part in value.items())
    return "" if value is None else str(value)
