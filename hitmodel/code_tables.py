"""The code tables as tables: what a search finds, one code in full, what changes between releases. For anyone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from hitmodel.code_changes import CodeChange, What, history, release_changes
from hitmodel.code_finder import find_codes
from hitmodel.codes import GROUPS, CodeEntry, CodeTable, code_table
from hitmodel.dates import parse_date, spoken
from hitmodel.errors import InputError
from hitmodel.labels import role_label, therapy_label
from hitmodel.sentences import counted, listed
from hitmodel.tables import Column, Gap, Table

LICENSED = "CPT: the official wording is licensed, so only a label of our own is shown"
_GROUP_WORDS = {
    GROUPS[0]: "any code that is billed by the day",
    GROUPS[1]: "any home infusion per diem",
}
_WHAT = {"new": "begins", "ended": "ends", "reworded": "reworded"}


def found_table(query: str, on: date | str, codes: CodeTable | None = None) -> Table:
    """Return the codes that answer what was typed, as they are on a day. Raises `InputError` for a day that is none."""
    table, day = codes or code_table(), _day(on)
    hits = find_codes(query, day, table)
    told = f"{counted(len(hits), 'code')} for “{query}” on {spoken(day)}"
    rows = [
        (
            hit.entry.code,
            hit.entry.label,
            role_label(hit.entry.role),
            therapy_label(hit.entry.therapy_class) if hit.entry.therapy_class else Gap.NONE,
            hit.because or Gap.NOT_APPLICABLE,
        )
        for hit in hits
    ]
    return Table(
        name="codes_found",
        headline=f"{told}; the first is {hits[0].entry.code}." if hits else f"No code for “{query}” on {spoken(day)}.",
        caption="Codes that we classify, as they are on that day",
        columns=(
            Column("code", "Code", "code"),
            Column("label", "What it is"),
            Column("role", "Kind"),
            Column("therapy", "Therapy"),
            Column("because", "Found because"),
        ),
        rows=tuple(rows),
        audience="both",
    )


def code_card_table(code: str, on: date | str, codes: CodeTable | None = None) -> Table:
    """Return everything about one code on a day: official words, what is inside, what stands apart, what it excludes.

    Raises `InputError` for a code that is not valid on the day, with what it was or what follows it.
    """
    table, day = codes or code_table(), _day(on)
    entry = entry_on(code, day, table)
    return Table(
        name=f"code_{entry.code.lower()}",
        headline=f"{entry.code}: {entry.label}.",
        caption=entry.source,
        columns=(Column("what", "What"), Column("says", f"{entry.code} on {day}")),
        rows=tuple((what, says) for what, says in _facts(entry, day, table) if says),
        audience="both",
    )


def history_table(code: str, codes: CodeTable | None = None) -> Table:
    """Return what became of a code over the releases that are held. Raises `InputError` for one not classified."""
    table = codes or code_table()
    events = history(code, table)
    entry = table.entry(code)
    if entry is None:
        raise InputError(f"{code} is not a code that we classify", where="code", suggestion=table.nearest(code))
    changed = sum(event.what == "reworded" for event in events)
    told = "never been reworded" if not changed else f"been reworded {'once' if changed == 1 else f'{changed} times'}"
    return Table(
        name=f"history_{code.lower()}",
        headline=f"{code} has {told}.",
        caption=f"As far as the HCPCS Level II releases held here show: {', '.join(r.name for r in table.releases)}",
        columns=(Column("day", "Day"), Column("what", "What"), Column("wording", "Descriptor")),
        rows=tuple((str(event.day), event.what, event.wording or Gap.NOT_APPLICABLE) for event in events),
        audience="both",
    )


def changes_table(before: str, after: str, codes: CodeTable | None = None) -> Table:
    """Return what a later HCPCS release changes against an earlier one. Raises as `release_changes`."""
    table = codes or code_table()
    found = release_changes(before, after, table)
    return Table(
        name="code_changes",
        headline=changes_words(before, after, found),
        caption=f"First day of release {after} against first day of release {before}; codes that we classify",
        columns=(
            Column("code", "Code", "code"),
            Column("label", "What it is"),
            Column("what", "What happens"),
            Column("day", "Day"),
        ),
        rows=tuple((c.entry.code, c.entry.label, _WHAT[c.what], str(c.day)) for c in found),
        audience="both",
    )


def changes_words(before: str, after: str, found: Sequence[CodeChange]) -> str:
    """Say how many codes are new, have ended, and are reworded."""
    counts = Counter(change.what for change in found)
    nouns: dict[What, str] = {"new": "new", "ended": "ended", "reworded": "reworded"}
    told = [f"{counts[what]} {word}" for what, word in nouns.items() if counts[what]]
    return f"Home infusion codes from release {before} to {after}: {listed(told) if told else 'none changed'}."


def entry_on(code: str, day: date, codes: CodeTable) -> CodeEntry:
    """Return a code as worded on a day; raise `InputError` that says why there is none."""
    entry = codes.get(code.strip().upper(), day)
    if entry is None:
        raise InputError(codes.why_unknown(code.strip().upper(), day), where="code")
    return entry


def _facts(entry: CodeEntry, day: date, codes: CodeTable) -> list[tuple[str, str]]:
    unit = f"{entry.unit_quantity.normalize():f} {entry.unit_measure}" if entry.unit_quantity else ""
    follows = codes.successor(entry.code)
    last = f"through {entry.last_day}" if entry.last_day else "no last day"
    return [
        ("Official descriptor", entry.descriptor or LICENSED),
        ("Kind", role_label(entry.role)),
        ("Therapy", therapy_label(entry.therapy_class) if entry.therapy_class else ""),
        ("Inside", entry.includes),
        ("Outside", entry.coded_separately),
        ("Not together with", _not_with(entry, day, codes)),
        ("One unit", f"up to {unit}" if entry.unit_is_up_to and unit else unit or _BASES.get(entry.billing_basis, "")),
        ("Valid", "" if entry.is_cpt else f"from {entry.first_day}, {last}"),
        ("Followed by", f"{follows.new}, {follows.factor} of its units for each" if follows else ""),
        ("Note", entry.note),
    ]


_BASES = {"per_diem": "a day", "per_visit": "a visit", "per_hour": "an hour", "per_event": "an event"}


def _not_with(entry: CodeEntry, day: date, codes: CodeTable) -> str:
    named = [_GROUP_WORDS[name] for name in entry.not_with if name in _GROUP_WORDS]
    alone = [name for name in entry.not_with if name not in _GROUP_WORDS]
    held = [found.code for name in alone if (found := codes.get(name, day)) is not None]
    return "; ".join([*named, ", ".join(held)] if held else named)


def _day(on: date | str) -> date:
    return parse_date(on, "on") if isinstance(on, str) else on
