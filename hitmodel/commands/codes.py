"""``hitmodel codes``: look codes up as they were on a day."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from hitmodel.dates import typed_date

if TYPE_CHECKING:
    from hitmodel.codes import CodeEntry, CodeTable


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(codes)


def codes(
    query: Annotated[list[str] | None, typer.Argument(help="A code, a drug, a therapy, and how often.")] = None,
    on: Annotated[
        str, typer.Option(help="Show codes as on this day: 2025-06-30 or 6/30/2025.", show_default="today")
    ] = "",
) -> None:
    """Look up HCPCS codes and modifiers on a day.

    hitmodel codes S9500 · hitmodel codes vancomycin every 12 hours --on 2025-06-30 · hitmodel codes (what is held)
    """
    from hitmodel.codes import code_table

    day = typed_date(on, "--on") if on else date.today()
    held, words = code_table(), " ".join(query or [])
    if not words:
        _show_held(held)
    elif held.exists_ever(words.upper()):
        _show_one(held, words.upper(), day)
    else:
        _show_found(held, words, day)


def _show_held(held: CodeTable) -> None:
    from hitmodel.commands.screen import console, table

    roles = Counter(entry.role for entry in held.entries)
    console().print(f"HCPCS Level II releases held: {', '.join(release.name for release in held.releases)}")
    console().print(
        table(["role", "codes"], [(role, str(count)) for role, count in roles.most_common()], numbers=["codes"])
    )
    console().print("hitmodel codes WORD finds codes; hitmodel codes S9500 shows one.")


def _show_one(held: CodeTable, code: str, day: date) -> None:
    from hitmodel.commands.screen import console, facts

    entry = held.get(code, day) or held.entry(code)
    valid = held.is_known(code, day)
    why = held.why_unknown(code, day)
    if why:
        console().print(f"{why}.")
    if entry is not None:
        console().print(facts(_described(held, entry)))
    if not valid:
        raise typer.Exit(1)


def _described(held: CodeTable, entry: CodeEntry) -> list[tuple[str, str]]:
    follows = held.successor(entry.code)
    unit = f"{entry.unit_quantity.normalize():f} {entry.unit_measure}" if entry.unit_quantity else ""
    return [
        (entry.code, entry.label),
        ("descriptor", entry.descriptor),
        ("role", f"{entry.role}, {entry.therapy_class}" if entry.therapy_class else entry.role),
        ("unit", f"up to {unit}" if entry.unit_is_up_to and unit else unit),
        ("coded separately", entry.coded_separately),
        ("not with", " ".join(entry.not_with)),
        ("valid", "" if entry.is_cpt else f"{entry.first_day} to {entry.last_day or 'now'}, {_releases(held)}"),
        ("followed by", f"{follows.new}, {follows.factor} of its units for each old one" if follows else ""),
        ("note", entry.note),
        ("source", entry.source),
    ]


def _releases(held: CodeTable) -> str:
    return f"in the releases held, the newest {held.release}"


def _show_found(held: CodeTable, words: str, day: date) -> None:
    from hitmodel.code_finder import find_codes, of_other_days, respelled
    from hitmodel.commands.screen import console, table

    found = find_codes(words, day, held)
    other = of_other_days(words, day, held)
    if not found:
        console().print(_nothing(held, words, day))
        words = respelled(words, day, held)
        if not words:
            raise typer.Exit(1)
        console().print(f"Did you mean '{words}'?")
        found = find_codes(words, day, held)
    rows = [(hit.entry.code, hit.entry.label, hit.entry.role, hit.entry.therapy_class, hit.because) for hit in found]
    heads = ["code", "label", "role", "class", "why"]
    shown = len(heads) if any(hit.because for hit in found) else len(heads) - 1
    console().print(table(heads[:shown], [row[:shown] for row in rows]))
    if other:
        console().print(f"{other}.")
    first = found[0].entry.code
    console().print(f"{len(found)} on {day}, {_releases(held)}. hitmodel codes {first} shows the first.")


def _nothing(held: CodeTable, words: str, day: date) -> str:
    looks_like_a_code = " " not in words and any(character.isdigit() for character in words)
    why = held.why_unknown(words.upper(), day) if looks_like_a_code else f"nothing on {day} has '{words}'"
    return f"{why[0].upper()}{why[1:]}."
