"""From a claims file of a workspace back to the files that its lines came from, for what is found in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from hitmodel import claim_parts, paths
from hitmodel.claim_sets import VIEWS, is_workspace
from hitmodel.errors import Finding
from hitmodel.workspace import Workspace

_AGAIN = "~"
"""What stands before the number of a line whose id stood before."""


def traced(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings in claims files; of a workspace's, with the file and row that each line was imported from.

    A finding without a line id, or of a file that is no workspace's, is returned as it is.
    """
    found = list(findings)
    for shown in {finding.file for finding in found}:
        file = paths.located(shown)
        if file.parent.name == VIEWS and is_workspace(file.parent.parent):
            places = _places(file.parent.parent, {f.line_id.partition(_AGAIN)[0] for f in found if f.file == shown})
            found = [_at(finding, places) if finding.file == shown else finding for finding in found]
    return found


def _at(finding: Finding, places: dict[str, tuple[str, int]]) -> Finding:
    source, row = places.get(finding.line_id.partition(_AGAIN)[0], (finding.file, finding.row))
    return replace(finding, file=source, row=row)


def _places(folder: Path, line_ids: set[str]) -> dict[str, tuple[str, int]]:
    """Return of each line the file that it came from, of X12 files with what their rows are, and its row there."""
    workspace = Workspace.open(folder)
    found: dict[str, tuple[str, int]] = {}
    for entry in workspace.of_kind(claim_parts.KIND):
        wanted = pc.field("line_id").isin(sorted(line_ids - {""}))
        rows = pq.read_table(workspace.files(entry)[0], columns=["line_id", "row"], filters=wanted)
        is_table = entry.about.get(claim_parts.FORMAT) == claim_parts.TABLE
        source = entry.source if is_table else f"{entry.source}, segments counted as rows,"
        for line, row in zip(rows["line_id"].to_pylist(), rows["row"].to_pylist(), strict=True):
            found[line] = (source, row)
    return found
