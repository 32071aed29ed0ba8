"""Writes docs/policies.md from the published policies that the tests price, so that the page cannot go stale."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
POLICIES = ROOT / "tests" / "cases" / "policies"
PAGE = ROOT / "docs" / "policies.md"
HEAD = """# Published payer policies, said in the contract language

Each policy below is a contract under `tests/cases/policies`, with worked cases that the tests price. The rules are told
in our words from what the payer or regulator has published; payers revise yearly, so read the current paper before you
rely on one. Policies publish rules and seldom rates: what is invented is named. Copy a folder to `data/contracts`, put
your own rates in, and run `hitmodel check`.

`python tools/policies_page.py` makes this page.
"""


def page() -> str:
    """Return the whole page."""
    files = sorted(POLICIES.glob("*.toml"))
    said = [(file.stem, tomllib.loads(file.read_text(encoding="utf-8"), parse_float=str)) for file in files]
    return HEAD + "".join(_policy(name, policy) for name, policy in sorted(said, key=lambda p: str(p[1]["payer"])))


def _policy(name: str, policy: dict[str, Any]) -> str:
    parts = [
        f"\n## {policy['payer']}\n\n{_sentence(policy['published'])} Invented: {policy['invented']}. "
        f"Contract: `tests/cases/policies/{name}`.\n\n"
    ]
    return "".join([*parts, *(_rule(rule) for rule in policy["rule"])])


def _rule(rule: dict[str, Any]) -> str:
    if "beyond" in rule:
        return f"- {rule['says']} *Not in a contract:* {rule['beyond']}.\n"
    fragments = [rule["fragment"]] if isinstance(rule["fragment"], str) else rule["fragment"]
    shown = ", ".join(f"`{_joined(fragment)}`" for fragment in fragments)
    return f"- {rule['says']} {shown}\n"


def _joined(fragment: str) -> str:
    return " ".join(fragment.split())


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
