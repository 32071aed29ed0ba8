"""Writes docs/contracts.md from docs/contracts.toml and the worked cases, so that the page cannot go stale."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "contracts.md"
HEAD = """# Writing a contract

One folder under `data/contracts` is a contract; each `.toml` file in it is a dated version. `hitmodel check` names
every mistake with its place and the nearest valid word, `hitmodel check --mechanisms` lists the payment methods,
`hitmodel check NAME --coverage` shows what prices which code, and `hitmodel check --schema contract.schema.json`
writes a schema for editors.

A draft may leave places open, `rate = "FILL daily_rate"`: `hitmodel check` lists them, and nothing is priced before
they are filled. Facts that no price hangs on, such as notice and filing days, stand in `[agreement]`; [reviewing a
contract](review.md) tells what they are for. An overlay takes rows out by their ids and whole sections by their name:
`remove = ["an_id", "days"]`.

Money is dollars, a `share` is a fraction of 0 to 1 (85 % is `0.85`), a `multiplier` is times a reference (104 % is
`1.04`), dates count both ends. Every term has an `id` and should have a `cite`.

Each section below is a worked case that the tests run: a fragment of a contract, claim lines (code and modifiers,
first day, last day, units, charge), what is allowed, and the arithmetic. `python tools/contracts_page.py` makes this
page of them.
"""


def page() -> str:
    """Return the whole page."""
    outline = tomllib.loads((ROOT / "docs" / "contracts.toml").read_text(encoding="utf-8"))
    return HEAD + "".join(_section(section) for section in outline["section"])


def _section(section: dict[str, Any]) -> str:
    return _draft(section) if "draft" in section else _worked(section)


def _draft(section: dict[str, Any]) -> str:
    """Return a section without lines: a draft, which is never priced, and what a check says of it."""
    says = "\n".join(section["says"])
    draft = section["draft"].strip()
    return f"\n## {section['title']}\n\n{section['text']}\n\n```toml\n{draft}\n```\n\n```text\n{says}\n```\n"


def _worked(section: dict[str, Any]) -> str:
    file, name = section["case"]
    case = _case(file, name)
    lines = [f"{line}" for line in case["lines"]]
    width = max(len(line) for line in lines)
    paid = [f"{line:<{width}}   {_shown(amount)}" for line, amount in zip(lines, case["allowed"], strict=True)]
    parts = [f"\n## {section['title']}\n\n{section['text']}\n"]
    if case.get("contract_toml"):
        parts.append(f"\n```toml\n{case['contract_toml'].strip()}\n```\n")
    elif case.get("contract"):
        parts.append(f"\nThe contract is `data/contracts/{case['contract']}`.\n")
    for file_name, text in case.get("files", {}).items():
        parts.append(f"\n`{Path(file_name).name}`:\n\n```\n{text.strip()}\n```\n")
    for table, text in case.get("evidence", {}).items():
        parts.append(f"\n`{table}.csv`:\n\n```\n{text.strip()}\n```\n")
    parts.append("\n```text\n" + "\n".join(paid) + "\n```\n")
    parts.append(f"\n{case['work'][:1].upper()}{case['work'][1:]}.\n")
    return "".join(parts)


def _case(file: str, name: str) -> dict[str, Any]:
    held = tomllib.loads((ROOT / "tests" / "cases" / f"{file}.toml").read_text(encoding="utf-8"), parse_float=str)
    found = [case for case in held["case"] if case["name"] == name]
    if len(found) != 1:
        raise SystemExit(f"tests/cases/{file}.toml has no case '{name}'")
    return dict(found[0])


def _shown(amount: Any) -> str:
    try:
        return f"{float(amount):,.2f}"
    except ValueError:
        return str(amount).replace("_", " ")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
