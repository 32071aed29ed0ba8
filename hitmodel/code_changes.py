"""What changes between two HCPCS releases: codes that begin, end, or are reworded; and one code's whole history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from hitmodel.code_files import Release
from hitmodel.codes import NO_FIRST_DAY, CodeEntry, CodeTable
from hitmodel.errors import InputError, nearest

What = Literal["new", "ended", "reworded"]


@dataclass(frozen=True)
class CodeChange:
    """One change of one code that we classify: the day on which it holds, and both wordings, "" where there is none.

    ``day`` is the first day of a new code or wording, and the last day of an ended code.
    """

    what: What
    entry: CodeEntry
    day: date
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Event:
    """One day in the life of a code: what happened, in words."""

    day: date
    what: str
    wording: str = ""


def release_named(name: str, codes: CodeTable) -> Release:
    """Return the release with this name; raise `InputError` with the nearest where it is not held."""
    known = {release.name: release for release in codes.releases}
    if name not in known:
        raise InputError(
            f"HCPCS release {name} is not held",
            expected=f"one of {', '.join(known)}",
            suggestion=nearest(name, known),
        )
    return known[name]


def release_changes(before: str, after: str, codes: CodeTable) -> tuple[CodeChange, ...]:
    """Return what is otherwise on the first day of release ``after`` than on that of ``before``, sorted by code.

    Raises `InputError` for a release that is not held, or when ``after`` is not the later one.
    """
    old, new = release_named(before, codes).in_force_from, release_named(after, codes).in_force_from
    if new == old:
        raise InputError(f"release {after} is chosen twice", expected="two releases, the earlier first")
    if new < old:
        raise InputError(f"release {after} does not come after {before}", expected="the earlier release first")
    found = []
    for code in codes.codes:
        was, is_now = codes.get(code, old), codes.get(code, new)
        if was is None and is_now is not None:
            found.append(CodeChange("new", is_now, is_now.first_day, after=is_now.descriptor))
        elif was is not None and is_now is None:
            found.append(CodeChange("ended", was, was.last_day or new, before=was.descriptor))
        elif was is not None and is_now is not None and was.descriptor != is_now.descriptor:
            found.append(CodeChange("reworded", is_now, is_now.worded_from, was.descriptor, is_now.descriptor))
    return tuple(found)


def history(code: str, codes: CodeTable) -> tuple[Event, ...]:
    """Return the history of a code that we classify, oldest first; empty for any other."""
    events: list[Event] = []
    for number, entry in enumerate(codes.wordings(code)):
        if number:
            events.append(Event(entry.worded_from, "reworded", entry.descriptor))
        elif entry.first_day != NO_FIRST_DAY:
            events.append(Event(entry.first_day, "begins", entry.descriptor))
    latest = codes.entry(code)
    if latest is not None:
        before = [s for s in codes.successions if s.new == code]
        events += [Event(s.first_day_new, f"takes over from {s.old}, {s.factor} units for each") for s in before]
        if latest.last_day is not None:
            follows = codes.successor(code)
            told = f"; {follows.new} follows, {follows.factor} units for each" if follows else ""
            events.append(Event(latest.last_day, f"last day{told}"))
    return tuple(sorted(events, key=lambda event: event.day))
