"""The quick reference card: per diem codes by therapy, with what goes beside them, on one landscape page as PDF."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from hitmodel import paths
from hitmodel.codes import CodeEntry, CodeTable, code_table
from hitmodel.dates import spoken
from hitmodel.labels import therapy_label
from hitmodel.sentences import counted

TITLE = "Home infusion per diem codes"
BESIDE = ("SH", "SJ", "SS", "JW", "JZ", "99601", "99602")
"""What a biller reaches for beside a per diem: concurrent therapies, the suite, waste, nursing visits."""
BESIDE_TITLE = "Modifiers and nursing visits"


@dataclass(frozen=True)
class CardGroup:
    """Codes that stand together on the card, each with its label."""

    title: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Card:
    """What the card says."""

    title: str
    subline: str
    foot: str
    groups: tuple[CardGroup, ...]


def code_card(on: date, codes: CodeTable | None = None) -> Card:
    """Return the card as of a day: every per diem code valid then, large therapies first, and what goes beside."""
    table = codes or code_table()
    by_therapy: dict[str, list[CodeEntry]] = {}
    for entry in table.entries:
        if entry.role in ("per_diem", "catheter_care") and entry.worded_on(on):
            by_therapy.setdefault(entry.therapy_class, []).append(entry)
    several = {name: found for name, found in by_therapy.items() if len(found) > 1}
    alone = sorted((found[0] for found in by_therapy.values() if len(found) == 1), key=lambda entry: entry.label)
    in_order = sorted(several.items(), key=lambda item: (-len(item[1]), item[0]))
    groups = [CardGroup(therapy_label(name), _rows(found)) for name, found in in_order]
    groups.append(CardGroup("Other therapies", _rows(alone)))
    beside = [held for code in BESIDE if (held := table.get(code, on)) is not None]
    groups.append(CardGroup(BESIDE_TITLE, _rows(beside)))
    number = sum(len(found) for found in by_therapy.values())
    return Card(
        TITLE,
        f"{counted(number, 'code')} valid on {spoken(on)}. A per diem holds what its descriptor says; drugs and "
        "nursing visits are coded apart unless it says otherwise. Labels are our own short words.",
        f"HCPCS Level II (CMS) as of {on}, by releases held through {table.release}. 99601 and 99602 are CPT: "
        "number and a label of our own.",
        tuple(group for group in groups if group.rows),
    )


def card_name(on: date) -> str:
    """Return the name of the card's file, one for each day."""
    return f"quick_reference_card_{on}.pdf"


def card_pdf(card: Card) -> bytes:
    """Return the card as a tagged PDF; the same card is the same bytes."""
    import typst
    from matplotlib import get_data_path

    said = {
        "title": card.title,
        "subline": card.subline,
        "foot": card.foot,
        "groups": [{"title": group.title, "rows": group.rows} for group in card.groups],
    }
    with TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "card.typ").write_bytes((paths.PACKAGE / "code_card.typ").read_bytes())
        (place / "card.json").write_text(json.dumps(said), encoding="utf-8")
        fonts = Path(get_data_path()) / "fonts" / "ttf"
        compiler = typst.Compiler(
            str(place / "card.typ"), root=str(place), font_paths=[str(fonts)], ignore_system_fonts=True
        )
        pdf = compiler.compile(format="pdf", pdf_standards="ua-1", timestamp=0)
    assert isinstance(pdf, bytes)
    return pdf


def _rows(entries: list[CodeEntry]) -> tuple[tuple[str, str], ...]:
    return tuple((entry.code, entry.label) for entry in entries)
