"""The sample contract for every payer of the book, which ranks therapies itself: ranks, drugs and a charge limit."""

from __future__ import annotations

from pathlib import Path

from hitmodel import paths

EVERYONE = """
[contract]
extends = "{base}"
payers = ["Meridian Health Plan", "Cascade Mutual", "Lakeshore Employers Trust"]
effective_from = 2025-01-01
[concurrency]
modifiers = "rerank"
primary_by = "highest_rate"
shares = [1, 0.75, 0.50]
"""


def everyone(home: Path) -> Path:
    """Write that contract into a folder and return its own."""
    folder = home / "everyone"
    folder.mkdir(exist_ok=True)
    text = EVERYONE.format(base=paths.data("contracts", "meridian", "2025.toml"))
    (folder / "2025.toml").write_text(text, encoding="utf-8")
    return folder
