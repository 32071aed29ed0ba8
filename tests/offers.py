"""A plan in force and an offer over it, on a few lines: what reviews, diffs and briefs are tried on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import builders

from hitmodel.contract_diff import ContractDiff
from hitmodel.review import Review
from hitmodel.reviewing import differing, reviewed


@dataclass(frozen=True)
class Offered:
    """An offer as it was read against the plan, and where the two and the claims lie."""

    folder: Path
    review: Review
    diff: ContractDiff


def offered(plan: str, offer: str, lines: tuple[str, ...], files: Mapping[str, str] | None = None) -> Offered:
    """Return an offer, the tables of an overlay, read against a plan with its clauses, on some claim lines.

    ``files`` are written beside the two contracts' folders.
    """
    folder = Path(mkdtemp())
    for name, text in (files or {}).items():
        (folder / name).write_text(text, encoding="utf-8")
    builders.write(folder / "now", builders.header(more='title = "A plan"') + plan)
    head = '[contract]\nextends = "now"\ntitle = "Offer"\neffective_from = 2025-01-01\n'
    builders.write(folder / "offer", head + offer)
    builders.write_lines(folder / "claims.csv", lines, builders.PAYER)
    now, new, claims = folder / "now", folder / "offer", folder / "claims.csv"
    return Offered(folder, reviewed(new, claims), differing(now, new, claims))
