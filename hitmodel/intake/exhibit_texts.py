"""What a payer's rate exhibit says in words: between, beside and below its rates, and on sheets without any."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

from hitmodel.intake import cells
from hitmodel.intake.cells import Unread
from hitmodel.intake.headings import Table
from hitmodel.intake.sheets import Book, column_letters

_NOTE = r"notes?|comments?|remarks?"
MOST_WORDS = 4
"""Words of a heading between rows; a longer text is a sentence, which may be a clause."""
_CODE = re.compile(r"[A-Z]\d{4}|\b\d{4,5}\b", re.IGNORECASE)
_MODIFIER = 2
"""Characters that may stand beside the codes of a cell."""
_INFUSION = re.compile(r"(?:SH|SJ|SS)(?:[\s/,;&+-]+(?:SH|SJ|SS))*", re.IGNORECASE)
_DAY = re.compile(
    r"effective\b[^0-9.;]{0,60}?\b([A-Z][a-z]+ \d{1,2},? \d{4}|\d{1,2}/\d{1,2}/\d{2,4}|\d{4}-\d\d-\d\d)", re.IGNORECASE
)


def is_text(table: Table, number: int, record: Mapping[str, str]) -> bool:
    """Say whether a row holds words and no rate: a heading between rows, a footnote, one text across merged cells.

    A code without a rate is none: somebody has forgotten the rate.
    """
    code, rate = record["code"], record["rate"]
    if _are_codes(code):
        return False
    alone = len({text for text in table.sheet.rows[number] if text}) == 1
    return not rate or (alone and (rate == code or not re.search(r"\d", rate)))


def modifier_columns(table: Table) -> list[int]:
    """Return the columns that no field uses and whose cells beside the rates are all infusion modifiers: SH, SJ, SS."""
    said: dict[int, list[str]] = {}
    for number, record in table.records():
        if not is_text(table, number, record):
            for column, text in enumerate(table.sheet.rows[number]):
                if text and column not in table.columns.values():
                    said.setdefault(column, []).append(text)
    return [column for column, texts in sorted(said.items()) if all(map(_INFUSION.fullmatch, texts))]


def without_heading(table: Table) -> list[str]:
    """Return the columns that hold something beside the rates and have no heading, each with the first of it."""
    found: dict[int, str] = {}
    for number, record in table.records():
        if not is_text(table, number, record):
            for column, text in enumerate(table.sheet.rows[number]):
                if text and column not in table.columns.values() and not table.heading_of(column):
                    found.setdefault(column, f"{column_letters(column)}, which has no heading ('{text}')")
    return [found[column] for column in sorted(found)]


def _are_codes(text: str) -> bool:
    rest = re.sub(r"[A-Z]?\d{4,5}|\b(and|to|thru|through)\b|[\W_]", "", text, flags=re.IGNORECASE)
    return _CODE.search(text) is not None and len(rest) <= _MODIFIER


def beside_rates(table: Table) -> Iterator[str]:
    """Yield the sentences among the rates, and the notes beside them; a heading of a few words is none."""
    width = len(table.sheet.rows[table.heading])
    notes = [n for n in range(width) if re.match(_NOTE, table.heading_of(n), re.IGNORECASE)]
    for number, record in table.records():
        row = table.sheet.rows[number]
        place = f"{table.sheet.name} row {number + 1}".strip()
        if is_text(table, number, record):
            said = " · ".join(dict.fromkeys(filter(None, row)))
            if not _is_heading(said):
                yield f"{place}: {said}"
            continue
        for column in notes:
            if column < len(row) and row[column] and row[column] not in record.values():
                yield f"{place}, beside {record['code'] or record['rate']}: {row[column]}"


def _is_heading(text: str) -> bool:
    bare = re.sub(r"\([^)]*\)", "", text)
    if bare.isupper() and not re.search(r"\d\s*%|\$\s*\d", text):
        text = bare  # NURSING AND OTHER (all in 2027 $): a title, with a remark on it
    return ":" not in text and len(text.split()) <= MOST_WORDS and not re.search(r"[*%$]|\d{2}", text)


def aside_texts(book: Book, tables: tuple[Table, ...]) -> Iterator[str]:
    """Yield what stands on sheets without rates: the clauses, as often as not."""
    for sheet in book.sheets:
        if sheet.hidden or any(table.sheet is sheet for table in tables):
            continue
        for number, row in enumerate(sheet.rows, start=1):
            if said := " ".join(dict.fromkeys(filter(None, row))):
                yield f"{sheet.name} row {number}: {said}"


def starts_of(tables: tuple[Table, ...], aside: tuple[str, ...]) -> date | None:
    """Return the day that the lines above the rates name, or else what stands beside them; None without one."""
    above = (" ".join(cell for row in t.sheet.rows[: t.heading] for cell in dict.fromkeys(row)) for t in tables)
    return next((day for text in (*above, *aside) if (day := _day_in(text)) is not None), None)


def _day_in(text: str) -> date | None:
    found = _DAY.search(text)
    try:
        return cells.day(found[1]).value if found else None
    except Unread:
        return None
