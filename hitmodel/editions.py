"""The two editions of a report, and what each may hold.

*Internal* holds everything and says CONFIDENTIAL on each page. *External* goes to a payer or a third party: cells
tagged ``internal`` are taken out before the notebook runs, and of what it then shows only records that declare
themselves fit for ``both`` are kept. Whatever does not say for whom it is stays inside.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from hitmodel.errors import InputError
from hitmodel.frontpage import FrontPage
from hitmodel.pictures import Chart
from hitmodel.tables import Table

Edition = Literal["internal", "external"]
EDITIONS: tuple[Edition, ...] = ("internal", "external")
MARKING = "CONFIDENTIAL – internal"
PARAMETER = "edition"


def edition_named(text: str) -> Edition:
    """Return the edition called ``text``; raise `InputError` when there is none."""
    for edition in EDITIONS:
        if edition == text:
            return edition
    raise InputError(f"{text!r} is not an edition", where="--edition", expected="internal or external")


def marking(edition: Edition) -> str:
    """Return the words that stand on every page; none on an external one."""
    return MARKING if edition == "internal" else ""


def cells_for(edition: Edition, cells: Iterable[Any]) -> list[Any]:
    """Return the cells that run in this edition. What an external edition must not hold is never computed for it."""
    return [c for c in cells if edition == "internal" or "internal" not in c.get("metadata", {}).get("tags", [])]


def table_for(edition: Edition, table: Table) -> Table | None:
    """Return the table as this edition may show it: whole, without internal columns, or not at all."""
    if edition == "internal":
        return table
    if table.audience != "both":
        return None
    return table.without([column.key for column in table.columns if column.audience == "internal"])


def chart_for(edition: Edition, chart: Chart) -> Chart | None:
    """Return the chart, or None where this edition may not show it."""
    return chart if edition == "internal" or chart.audience == "both" else None


def front_for(edition: Edition, page: FrontPage) -> FrontPage | None:
    """Return the first page as this edition may show it."""
    if edition == "internal":
        return page
    return page.without_internal() if page.audience == "both" else None
