"""Read consumer price series of the Bureau of Labor Statistics (BLS) and keep them under ``data/indexes/bls``.

The file is a CSV with the columns ``series_id, title, year, period, value``, one row for each series and period.
Periods M01 to M12 are months; M13 is the year's average, which is no month and is left out. A month that BLS never
published (October 2025) has no row, and stays without one.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from hitmodel.errors import InputError
from hitmodel.indexes import COLUMNS, Index, month_name, read_index

_COLUMNS = ("series_id", "title", "year", "period", "value")
_MONTHS = {f"M{n:02d}": n for n in range(1, 13)}
_TITLE = f"BLS price series as CSV: {', '.join(_COLUMNS)}"


@dataclass(frozen=True)
class SeriesFile:
    """A file of price series as read: for each series its title and (month, value as printed), in order."""

    titles: dict[str, str]
    months: dict[str, list[tuple[date, str]]]
    file: str
    sha256: str


def read_series(path: Path) -> SeriesFile:
    """Read a file of price series. Raises `InputError` for another file, or a period that is no month and not M13."""
    content = path.read_bytes()
    table = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    missing = [name for name in _COLUMNS if name not in (table.fieldnames or ())]
    if missing:
        raise InputError(f"column {missing[0]!r} is missing", where=str(path), expected=_TITLE)
    titles, months = dict[str, str](), dict[str, list[tuple[date, str]]]()
    for number, row in enumerate(table, 2):
        series, period = row["series_id"].strip(), row["period"].strip()
        titles[series] = row["title"].strip()
        if period == "M13":
            continue
        if period not in _MONTHS:
            raise InputError(f"period {period!r} is no month", where=f"{path} row {number}", expected="M01 to M13")
        months.setdefault(series, []).append((date(int(row["year"]), _MONTHS[period], 1), row["value"].strip()))
    return SeriesFile(titles, {s: sorted(m) for s, m in months.items()}, path.name, hashlib.sha256(content).hexdigest())


def write_indexes(read: SeriesFile, folder: Path, since: date, only: Collection[str] = ()) -> tuple[Path, ...]:
    """Write each series, or those of ``only``, as ``folder/SERIES.csv`` from the month ``since`` on, with its source.

    Returns the CSV files. A series that is already there is replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for series in sorted(only or read.months):
        path = folder / f"{series}.csv"
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((f"{month:%Y-%m}", value) for month, value in read.months[series] if month >= since)
        path.write_text(out.getvalue(), encoding="utf-8", newline="")
        about = _source(read, series, read_index(path), out.getvalue())
        path.with_suffix(".toml").write_text(about, encoding="utf-8")
        written.append(path)
    return tuple(written)


def _source(read: SeriesFile, series: str, index: Index, table: str) -> str:
    holes = ", ".join(json.dumps(month_name(m)) for m in index.never_published)
    lines = [
        'publisher = "U.S. Bureau of Labor Statistics (BLS)"',
        f"title = {json.dumps(read.titles[series])}",
        f'series = "{series}"',
        f'through = "{index.last_month:%Y-%m}"',
        f"never_published = [{holes}]",
        f"file = {json.dumps(read.file)}",
        f'file_sha256 = "{read.sha256}"',
        f'table_sha256 = "{hashlib.sha256(table.encode()).hexdigest()}"',
        'standing = "US government work, public domain; annual averages (M13) are not kept"',
    ]
    return "\n".join(lines) + "\n"
