"""Files in American forms are read alike on a computer that speaks German or French."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from shutil import which

import pytest
from fuzz_tables import ASP, PRICES

SOURCES = Path("/usr/share/i18n/locales")
EXTRACT = (
    "Claim #,Line,MRN,Payor,DOS From,DOS Thru,HCPCS,Qty,Billed Amt\n"
    '10,1,77,Meridian,"Mar 1, 2025",07-Mar-2025,S9500,7,"$1,050.00"\n'
    "10,2,77,Meridian,45717,2025-03-07,J0696,56,(12.50)\n"
)
SCRIPT = """
import locale, sys
from pathlib import Path

import pyarrow.parquet as pq

from hitmodel.intake.asp import read_payment_limits
from hitmodel.intake.claim_table import import_claims
from hitmodel.intake.ndc_prices import read_price_list
from hitmodel.workspace import Workspace

locale.setlocale(locale.LC_ALL, "")
folder = Path(sys.argv[1])
workspace = Workspace.open(folder / sys.argv[2])
entry = import_claims(folder / "march.csv", workspace).entry
for row in pq.read_table(Workspace.open(workspace.folder).files(entry)[0]).to_pylist():
    print([str(row[name]) for name in ("service_from", "service_through", "code", "units", "charge")])
print([count.example for count in entry.findings])
limits = read_payment_limits(folder / "limits.csv")
print(limits.quarter, limits.rows[1].limit, limits.rows[-1].limit)
print([(row.ndc, row.from_date, str(row.prices["awp"])) for row in read_price_list(folder / "prices.csv").rows])
print(locale.str(1.5), __import__("datetime").date(2025, 3, 1).strftime("%B"), file=sys.stderr)
"""


def said(folder: Path, name: str, surroundings: dict[str, str]) -> tuple[str, str]:
    place = {**os.environ, "HITMODEL_KEY_FOLDER": str(folder / "key"), **surroundings}
    command = [sys.executable, "-c", SCRIPT, str(folder), name]
    done = subprocess.run(command, env=place, capture_output=True, encoding="utf-8", check=True)
    return done.stdout, done.stderr.strip()


@pytest.mark.slow
@pytest.mark.parametrize(("language", "spoken"), [("de_DE", "1,5 März"), ("fr_FR", "1,5 mars")])
def test_what_is_read_does_not_hang_on_the_language(tmp_path: Path, language: str, spoken: str) -> None:
    """1 March is day 45717 of a spreadsheet; 12.50 in brackets is negative."""
    if which("localedef") is None or not (SOURCES / language).is_file():
        pytest.skip("the package locales is not installed, so there is no other language to run in")
    locales = tmp_path / "locales"
    locales.mkdir()
    subprocess.run(["localedef", "-i", language, "-f", "UTF-8", str(locales / f"{language}.UTF-8")], check=True)
    (tmp_path / "march.csv").write_text(EXTRACT, encoding="utf-8")
    (tmp_path / "limits.csv").write_bytes(ASP)
    (tmp_path / "prices.csv").write_bytes(PRICES)
    plain, english = said(tmp_path, "one", {"LC_ALL": "C.UTF-8"})
    there, other = said(tmp_path, "two", {"LOCPATH": str(locales), "LC_ALL": f"{language}.UTF-8"})
    assert (english, other) == ("1.5 March", spoken), "the language was really in force"
    assert there == plain
    assert "['2025-03-01', '2025-03-07', 'S9500', '7.000', '1050.00']" in plain
    assert "['2025-03-01', '2025-03-07', 'J0696', '56.000', '-12.50']" in plain
