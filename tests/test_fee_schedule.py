"""A payer's exhibit as it is sent: headings over two rows, columns without one, hidden rows, rates that begin later."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook

from hitmodel.codes import code_table
from hitmodel.intake.fee_schedule import Exhibit, read_exhibit

pytestmark = pytest.mark.slow

Rows = Sequence[Sequence[object]]


def sent(folder: Path, rows: Rows, merged: Sequence[str] = ()) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for span in merged:
        book.active.merge_cells(span)
    book.save(folder / "exhibit.xlsx")
    return folder / "exhibit.xlsx"


def rates(exhibit: Exhibit) -> list[tuple[str, str, Decimal | None]]:
    return [(line.code, line.modifier, line.value) for line in exhibit.lines]


def test_a_heading_that_stands_only_in_the_upper_row_counts(tmp_path: Path) -> None:
    """*Mod* over an empty cell: the rate of 130 is for the suite alone, never for every line of the code."""
    rows: Rows = [
        ["Procedure", None, "Mod", "Allowance", None, "Billed"],
        ["Code", "Description", None, "2026 current", "2027 rate", "Per"],
        ["S9500", "abx", None, 95, 90, "Day"],
        ["S9359", "TNF", "SS", 140, 130, "Dose"],
    ]
    read = read_exhibit(sent(tmp_path, rows, merged=("A1:B1", "D1:E1")), code_table())
    assert rates(read) == [("S9500", "", Decimal(90)), ("S9359", "SS", Decimal(130))]
    assert read.findings == (), "the heading says it; nothing has to be told from the cells"


def test_a_title_above_is_no_heading(tmp_path: Path) -> None:
    """*Mod* as a title over the whole table names no column: the third, with words of its own, is only named."""
    rows: Rows = [["Mod", "Mod", "Mod"], ["Code", "Rate", None], ["S9500", 90, "abx"]]
    read = read_exhibit(sent(tmp_path, rows), code_table())
    assert rates(read) == [("S9500", "", Decimal(90))]
    assert read.unused == ("C, which has no heading ('abx')",)


@pytest.mark.parametrize(("heading", "called"), [(None, "without a heading"), ("Qual", "headed 'Qual'")])
def test_a_column_that_holds_modifiers_alone_is_theirs(tmp_path: Path, heading: str | None, called: str) -> None:
    rows: Rows = [
        ["Code", "Description", heading, "Current Rate", "Proposed Rate", "Unit"],
        ["S9500", "abx", None, 95, 90, "Day"],
        ["S9359", "TNF", "SS", 140, 130, "Dose"],
        ["S9500", "abx, second", "sh/sj", 71.25, 60, "Day"],
    ]
    read = read_exhibit(sent(tmp_path, rows), code_table())
    assert rates(read) == [
        ("S9500", "", Decimal(90)),
        ("S9359", "SS", Decimal(130)),
        ("S9500", "SH", Decimal(60)),
        ("S9500", "SJ", Decimal(60)),
    ]
    assert f"column C, {called}, holds SH, SJ or SS alone: taken as the modifiers" in str(read.findings[0])
    assert read.unused == ("Description",)
