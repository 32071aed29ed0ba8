"""How a comparison was worked out and from what: every file with its checksum inside, no file outside."""

from __future__ import annotations

import hashlib
from pathlib import Path

from small_book import NOW, OFFER, small_study, wide_lines, wide_study
from test_import_asp import quarter_file
from workspace_tools import workspace as workspace

from hitmodel.intake.asp_import import import_asp
from hitmodel.method_tables import CHECKSUM_SHOWN, method_table, provenance_table

DRUGS = """
[[term]]
id = "limit"
codes = ["J0878"]
mechanism = "drug"
chain = [{ of = "payment_limit", multiplier = 1.08 }]
"""
BY_HAND = """
[[term]]
id = "agreed"
codes = ["99601"]
places = ["12"]
mechanism = "manual"
amount = 90.00
"""


def test_every_file_is_listed_with_its_checksum(tmp_path: Path) -> None:
    table = provenance_table(small_study(tmp_path))
    listed = {str(r[0]): str(r[2]) for r in table.rows}
    for what, file in (
        ("claims", "claims.csv"),
        ("contract, A plan", "now/2025.toml"),
        ("contract, Offer", "offer/2025.toml"),
    ):
        assert listed[what] == hashlib.sha256((tmp_path / file).read_bytes()).hexdigest()[:CHECKSUM_SHOWN]
    assert table.headline == "3 files went in; the same files give the same numbers."


def test_the_quarters_that_priced_a_line_are_listed(tmp_path: Path) -> None:
    # J0878 on 5 April 2025: one quarter, 2025Q2.
    table = provenance_table(small_study(tmp_path, now=NOW + DRUGS, offer=OFFER))
    assert [r[1] for r in table.rows if r[0] == "drug prices"] == ["Medicare payment limits, 2025Q2"]


def test_an_imported_quarter_is_listed_with_its_file(workspace: Path, tmp_path: Path) -> None:
    """J0878 in 2025Q2 at the limit of a restated file, which is named; a quarter that priced nothing is not."""
    for quarter, year in (("2025Q2", 2025), ("2026Q2", 2026)):
        days = f"April 1, {year} through June 30, {year}"
        file = quarter_file(tmp_path, "J0878,Daptomycin,1 MG,0.050,20,,,,,,\r\n", days)
        import_asp(file.rename(tmp_path / f"{quarter}.csv"), whole=False)
    table = provenance_table(small_study(tmp_path, now=NOW + DRUGS, offer=OFFER))
    assert "2025Q2, imported from 2025Q2.csv" in [r[1] for r in table.rows]
    assert not [r for r in table.rows if "2026Q2" in str(r[1])]


def test_a_schedule_and_a_price_table_are_files_too(tmp_path: Path) -> None:
    schedule = """
[drug_prices]
ndc_table = "prices.csv"

[[schedule]]
id = "base"
file = "base.csv"

[[term]]
id = "by_schedule"
codes = ["S9502"]
mechanism = "schedule"
schedule = "base"
"""
    (tmp_path / "now").mkdir()
    (tmp_path / "now" / "base.csv").write_text("code,rate\nS9502,88.00\n", encoding="utf-8")
    (tmp_path / "now" / "prices.csv").write_text("ndc,from_date,awp,wac,invoice,nadac,package,unit\n", encoding="utf-8")
    table = provenance_table(small_study(tmp_path, now=NOW + schedule))
    assert {"rate schedule, A plan", "NDC prices, A plan"} <= {r[0] for r in table.rows}


def test_others_see_no_file(tmp_path: Path) -> None:
    table = provenance_table(wide_study(tmp_path, "external"))
    assert [r[0] for r in table.rows] == ["code table", "program"]
    assert table.audience == "both"


def test_the_method_says_what_was_not_done(tmp_path: Path) -> None:
    said = dict(method_table(small_study(tmp_path)).rows)  # type: ignore[arg-type]
    assert said["Annualization"].startswith("none")
    assert said["Volume"].startswith("none")
    assert said["Lines"] == "the 6 that every side prices, of 7 of this contract"
    assert said["Dating"] == "every line by its dates of service"


def test_as_if_dating_names_the_day(tmp_path: Path) -> None:
    said = dict(method_table(small_study(tmp_path, as_of="2027-01-01")).rows)  # type: ignore[arg-type]
    assert "1 January 2027" in said["Dating"]


def test_amounts_by_hand_are_flagged(tmp_path: Path) -> None:
    said = dict(method_table(small_study(tmp_path, now=NOW + BY_HAND)).rows)  # type: ignore[arg-type]
    assert said["Entered by hand, Today"] == "1 line, $90.00"


def test_amounts_by_hand_are_flagged_outside_without_a_number(tmp_path: Path) -> None:
    # One visit of P1, agreed at 90.00; the wide book holds one more line that nothing prices, of P1 too.
    visit = "99601 2025-03-04 2025-03-04 1 120.00 patient=P1 claim=C1"
    table = method_table(small_study(tmp_path, *wide_lines(), visit, now=NOW + BY_HAND, edition="external"))
    said = dict(table.rows)  # type: ignore[arg-type]
    assert said["Entered by hand, Today"] == "some of the amounts"
    # 40 patients' per diem and drug, 3 and 2 lines of chelation, and the visit: 80 + 5 + 1.
    assert said["Lines"] == "the 86 of this contract that every side prices"
