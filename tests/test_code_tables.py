"""The code tables as tables, and the quick reference card."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

from hitmodel.code_card import card_pdf, code_card
from hitmodel.code_tables import changes_table, code_card_table, found_table, history_table
from hitmodel.codes import code_table
from hitmodel.errors import InputError
from hitmodel.tables import Table

DAY = date(2026, 7, 1)


def says(table: Table) -> dict[str, str]:
    return {str(row[0]): str(row[1]) for row in table.rows}


def test_one_code_in_full() -> None:
    told = says(code_card_table("s9494", DAY))
    assert told["Official descriptor"].startswith(
        "Home infusion therapy, antibiotic, antiviral, or antifungal therapy; "
    )
    assert told["Outside"] == "drugs and nursing visits coded separately"
    assert told["Not together with"] == "S9497, S9500, S9501, S9502, S9503, S9504"
    assert told["One unit"] == "a day"


def test_a_cpt_code_has_only_a_label_of_our_own() -> None:
    told = says(code_card_table("99601", DAY))
    assert told["Official descriptor"].startswith("CPT:")
    assert "Valid" not in told


def test_an_ended_code_says_what_follows() -> None:
    with pytest.raises(InputError, match="J3370 ended on 2025-06-30; J3373 follows it"):
        code_card_table("J3370", DAY)


def test_what_is_found_says_why() -> None:
    table = found_table("vancomycin every 12 hours", "2026-07-01")
    assert table.headline == "5 codes for “vancomycin every 12 hours” on 1 July 2026; the first is S9501."
    assert found_table("xyzzy", DAY).headline == "No code for “xyzzy” on 1 July 2026."
    with pytest.raises(InputError, match="is not a date"):
        found_table("vancomycin", "2026-02-30")


def test_changes_and_history_have_findings() -> None:
    assert changes_table("2025-10", "2026-01").headline.endswith(": 1 new.")
    assert history_table("S9562").headline == "S9562 has been reworded once."
    with pytest.raises(InputError, match="not a code that we classify"):
        history_table("S0000")


def test_the_card_holds_every_per_diem_of_the_day_once() -> None:
    card = code_card(DAY)
    shown = [code for group in card.groups[:-1] for code, _ in group.rows]
    valid = [e.code for e in code_table().entries if e.role in ("per_diem", "catheter_care") and e.worded_on(DAY)]
    assert sorted(shown) == sorted(valid)
    assert card.subline.startswith(f"{len(valid)} codes valid on 1 July 2026.")


def test_the_card_is_one_page_and_the_same_bytes(tmp_path: Path) -> None:
    pdf = card_pdf(code_card(DAY))
    assert pdf == card_pdf(code_card(DAY))
    if shutil.which("pdfinfo") is None:
        pytest.skip("pdfinfo is not installed: apt-get install poppler-utils")
    (tmp_path / "card.pdf").write_bytes(pdf)
    told = subprocess.run(["pdfinfo", tmp_path / "card.pdf"], capture_output=True, text=True, check=True).stdout
    assert re.search(r"Pages:\s+1\n", told)
    assert re.search(r"Tagged:\s+yes", told)
