"""``reports/index.html``: every run on one page that opens offline, to be sorted and searched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from html import escape
from pathlib import Path
from urllib.parse import quote

from hitmodel import paths
from hitmodel.editions import MARKING
from hitmodel.files import written_whole
from hitmodel.ledger import Entry, Ledger, read_ledger
from hitmodel.run_record import is_run
from hitmodel.sentences import counted
from hitmodel.table_views import html_text

INDEX_FILE = "index.html"
HEADS = ("When", "Report", "Status", "What it says", "Since the run before", "Files")
_KINDS = (("html", "page"), ("pdf", "PDF"), ("xlsx", "workbook"), ("ipynb", "notebook"))


_FAILED = {".ipynb": "notebook as far as it got", ".txt": "log"}


def write_index(home: Path) -> Path:
    """Write the page of all runs of a folder of reports, newest first, and return where it is."""
    ledger = read_ledger(home)
    file = home / INDEX_FILE
    with written_whole(file) as draft:
        draft.write_text(index_page(home, ledger), encoding="utf-8")
    return file


def index_page(home: Path, ledger: Ledger) -> str:
    """Return the page as HTML. Its links lead to what is still there; runs no longer kept say so."""
    entries = sorted(ledger.runs(), key=lambda entry: entry["number"], reverse=True)
    newest: dict[str, int] = {}
    for entry in entries:
        newest.setdefault(entry["run"], entry["number"])
    rows = "\n".join(_row(home, entry, newest[entry["run"]] == entry["number"]) for entry in entries)
    heads = "".join(f'<th scope="col"><button type="button">{escape(head)}</button></th>' for head in HEADS)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Reports</title>
<style>
{_file("report.css")}{_file("run_index.css")}</style>
</head>
<body>
<header><p class="kicker"><span>hitmodel</span><span class="marking">{MARKING}</span></p></header>
<main>
<h1>{escape(_finding(entries))}</h1>
<p class="subline">{escape(_chain(ledger))}</p>
<p class="find"><label for="find">Search</label> <input id="find" type="search" autocomplete="off"
 placeholder="payer, schedule, parameter, word …"> <span id="found" role="status"></span></p>
<div class="scroll" tabindex="0" role="region" aria-label="All runs">
<table id="runs"><thead><tr>{heads}</tr></thead>
<tbody>
{rows}
</tbody></table></div>
{"" if entries else "<p>No run yet. <code>hitmodel schedule run NAME</code> makes one.</p>"}
</main>
<script>
{_file("run_index.js")}</script>
</body>
</html>
"""


@cache
def _file(name: str) -> str:
    return (paths.PACKAGE / name).read_text(encoding="utf-8")


def _finding(entries: Sequence[Entry]) -> str:
    if not entries:
        return "No runs yet"
    latest: dict[tuple[str, ...], Entry] = {}
    for entry in entries:
        latest.setdefault((entry["schedule"], entry["item"], entry["edition"], entry["report"]), entry)
    failed = sum(entry["status"] != "ok" for entry in latest.values())
    reports = counted(len(latest), "report")
    if not failed:
        return f"{reports}, the last run of each is good"
    return f"{reports}: the last run of {failed} failed"


def _chain(ledger: Ledger) -> str:
    count = counted(len(ledger.entries), "entry", "entries")
    if ledger.broken:
        return f"The ledger was changed: {ledger.broken} does not follow from the line before it."
    return f"The ledger has {count} and is unbroken. Times are in your own time zone."


def _row(home: Path, entry: Entry, is_newest: bool) -> str:
    good = entry["status"] == "ok"
    moment = datetime.fromisoformat(entry["started"])
    parts = [entry["schedule"] or entry["report"], entry["item"]]
    name = " · ".join(part for part in parts if part)
    asked = ", ".join(f"{key} {_shown(value)}" for key, value in entry["parameters"].items() if value)
    state = "good" if good else "failed"
    cells = [
        f'<td data-sort="{escape(entry["started"])}"><time datetime="{escape(entry["started"])}">'
        f"{moment:%Y-%m-%d %H:%M} UTC</time></td>",
        f'<th scope="row" title="{escape(asked)}">{escape(name)}<span class="edition">{escape(entry["edition"])}</span>'
        f'<span class="asked">{escape(asked)}</span></th>',
        f'<td><span class="state {state}">{state}</span></td>',
        f"<td>{html_text(entry['headline'])}</td>",
        f"<td>{html_text(entry['moved'] or '–')}</td>",
        f'<td class="files">{_links(home, entry, is_newest)}</td>',
    ]
    return f'<tr class="{state}">{"".join(cells)}</tr>'


def _shown(value: object) -> str:
    return " and ".join(str(part) for part in value) if isinstance(value, list) else str(value)


def _links(home: Path, entry: Entry, is_newest: bool) -> str:
    folder = home / entry["run"]
    if entry["status"] != "ok":
        kept = folder.with_name(f"{folder.name}-failed")
        files = sorted(p for p in kept.iterdir() if p.is_file()) if kept.is_dir() else []
        return _listed((p, _FAILED.get(p.suffix, p.name)) for p in files) if files else "–"
    if not is_newest:
        return "replaced by a later run"
    if not is_run(folder):
        return "no longer kept"
    return _listed(
        (folder / f"{entry['report']}.{ending}", word)
        for ending, word in _KINDS
        if (folder / f"{entry['report']}.{ending}").is_file()
    )


def _listed(files: Iterable[tuple[Path, str]]) -> str:
    return " ".join(f'<a href="{quote(_relative(file))}">{escape(word)}</a>' for file, word in files)


def _relative(file: Path) -> str:
    """Return the way to a file from the index: the folders of a run lie below it."""
    parts = file.parts
    start = next(i for i in range(len(parts)) if (Path(*parts[: i + 1]) / "ledger.jsonl").is_file())
    return "/".join(parts[start + 1 :])
