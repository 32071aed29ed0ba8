"""Pages of docs/ that are made from something stay equal to it."""

from __future__ import annotations

import runpy
import tomllib
from pathlib import Path

from hitmodel.claim_shape import COLUMNS
from hitmodel.contract_checks import check_contract
from hitmodel.contracts import load_draft
from hitmodel.mechanisms.registry import MECHANISMS
from hitmodel.references import default_references

ROOT = Path(__file__).resolve().parent.parent
TOOL = runpy.run_path(str(ROOT / "tools" / "contracts_page.py"))


def test_contracts_page_is_what_the_cases_say() -> None:
    held = (ROOT / "docs" / "contracts.md").read_text(encoding="utf-8")
    assert held == TOOL["page"](), "run: python tools/contracts_page.py"


def test_the_draft_on_the_contracts_page_is_read_as_it_says(tmp_path: Path) -> None:
    outline = tomllib.loads((ROOT / "docs" / "contracts.toml").read_text(encoding="utf-8"))
    drafts = [section for section in outline["section"] if "draft" in section]
    assert drafts
    for number, section in enumerate(drafts):
        file = tmp_path / f"draft_{number}" / "2027.toml"
        file.parent.mkdir()
        file.write_text(section["draft"], encoding="utf-8")
        found = check_contract(load_draft(file.parent), default_references())
        assert [f"{f.place}: {f.problem}" for f in found if f.kind == "open_place"] == section["says"]


def test_every_mechanism_is_on_the_contracts_page() -> None:
    text = (ROOT / "docs" / "contracts.md").read_text(encoding="utf-8")
    missing = [name for name in MECHANISMS if f'mechanism = "{name}"' not in text]
    assert not missing, f"docs/contracts.toml shows no case of {', '.join(missing)}"


def test_claims_page_names_every_column() -> None:
    text = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
    missing = [name for name in COLUMNS if f"`{name}`" not in text]
    assert not missing, f"docs/claims.md does not say what {', '.join(missing)} holds"
