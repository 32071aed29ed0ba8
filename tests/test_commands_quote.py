"""``hitmodel quote`` as a user meets it: what it prints, its exit codes, and how it refuses."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hitmodel import cli
from hitmodel.errors import HitmodelError

pytestmark = pytest.mark.slow

SAMPLE = "data/samples/orders/two_antibiotics.toml"
IMMUNE_GLOBULIN = "data/samples/orders/monthly_immune_globulin.toml"
ORDER = """
patient = "P-1"
[[therapy]]
id = "ceftriaxone"
class = "anti_infective"
every = "24h"
start = 2025-03-03
stop = 2025-03-09
drugs = [{ code = "J0696", dose = 2, unit = "g" }]
[[visit]]
begin = 2025-03-03T09:00:00
end = 2025-03-03T10:00:00
"""


@pytest.fixture(autouse=True)
def _in_the_project(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["quote", *arguments])


def rows(text: str) -> list[list[str]]:
    return [re.split(r"\s{2,}", line.strip()) for line in text.splitlines()]


def test_lines_payment_and_margin_are_printed() -> None:
    result = run(SAMPLE, "--contract", "meridian")
    assert result.exit_code == 0
    assert "Meridian Health Plan pays $4,376.04 for 27 days of therapy." in result.stdout
    assert ["Meridian Health Plan", "27", "3,563.25", "297.79", "515.00", "4,376.04", "0"] in rows(result.stdout)
    assert ["Meridian Health Plan", "297.79", "229.10", "+68.69", "4,078.25", "2,101.00", "+2,045.94"] in rows(
        result.stdout
    )
    assert "S9500-SH" in result.stdout


def test_what_has_no_amount_makes_exit_code_1() -> None:
    result = run(IMMUNE_GLOBULIN, "--contract", "lakeshore")
    assert result.exit_code == 1
    assert "Part of the order has no amount." in result.stdout
    assert "needs its own rate" in result.stdout


def test_a_contract_that_pays_by_the_dose_leaves_nothing_open() -> None:
    assert run(IMMUNE_GLOBULIN, "--contract", "meridian").exit_code == 0


def test_the_help_names_every_option() -> None:
    text = run("--help").stdout
    for option in (
        "--contract",
        "--charges",
        "--prices",
        "--as-of",
        "--drug-prices",
        "--out",
        "--rate-sheet",
        "--no-pdf",
    ):
        assert option in text


def test_files_are_written_where_asked(tmp_path: Path) -> None:
    result = run(SAMPLE, "--contract", "meridian", "--out", str(tmp_path / "q"), "--no-pdf")
    assert result.exit_code == 0
    assert {"quote.html", "quote.xlsx", "claims_meridian.csv", "tables", "order.toml", "run.json"} == {
        p.name for p in (tmp_path / "q").iterdir()
    }


def test_an_order_is_said_in_words_or_begun_as_a_file(tmp_path: Path) -> None:
    """As its file: 14 days of S9501 second at 75 %, its vancomycin, and 14 of S9366; without the file's lipids."""
    said = ["--therapy", "vancomycin 1.25 g every 12 hours", "--therapy", "TPN 1.8 L/day for 2 weeks"]
    result = run(*said, "--start", "6/2/2025", "--stop", "2025-06-15", "--contract", "meridian")
    assert result.exit_code == 0, result.output
    assert "Meridian Health Plan pays $4,324.31 for 14 days of therapy." in result.stdout  # 997.50 + 176.81 + 3,150.00
    file = tmp_path / "order.toml"
    assert run("--new", str(file)).exit_code == 0
    assert "pays $4,324.31 for 14 days" in run(str(file), "--contract", "meridian").stdout
    assert "it is there already" in str(run("--new", str(file)).exception)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ((), "nothing is ordered"),
        (("--therapy", "tpn 1.8 l"), "the first day is missing"),
        (("--therapy", "tpn", "--start", "2025-06-02", "--stop", "2025-06-05"), "therapy 'tpn': How often?"),
        (("--therapy", "vancomicin 1 g q12", "--start", "2025-06-02"), "Did you mean 'vancomycin'?"),
        (("--therapy", "antibotics q12", "--start", "2025-06-02"), "Did you mean 'anti-infectives'?"),
        (("--therapy", "tpn 1.8 l", "--start", "2025-06-31"), "--start: '2025-06-31' is not a date"),
        ((SAMPLE, "--therapy", "tpn 1.8 l"), "an order is a file or said in words"),
    ],
)
def test_what_is_said_amiss_is_refused_in_words(said: tuple[str, ...], message: str) -> None:
    assert message in str(run(*said).exception)


REFUSED = [
    (
        ("stop = 2025-03-09", "stop = 2025-03-01"),
        "therapy 'ceftriaxone': stop 2025-03-01 stops before start 2025-03-03",
    ),
    (("T10:00:00", "T08:00:00"), "visit 1: end 2025-03-03 08:00:00 is not after begin 2025-03-03 09:00:00"),
    (("J0696", "J06966"), "therapy 'ceftriaxone': J06966 is not an HCPCS code. Did you mean 'J0696'?"),
    (
        ('code = "J0696"', 'family = "ceftriaxon"'),
        "'ceftriaxon' is not a drug we classify. Did you mean 'ceftriaxone'?",
    ),
    (
        ("anti_infective", "anti_infectve"),
        "class 'anti_infectve' is no therapy that we know. Expected anti-infectives or ",
    ),
    (('every = "24h"', 'evry = "24h"'), "therapy 'ceftriaxone': 'evry' is not known here. Did you mean 'every'?"),
    (('"24h"', '"often"'), "therapy 'ceftriaxone': every 'often' is not a dose interval"),
    (("dose = 2", "dose = 0"), "therapy 'ceftriaxone', drugs 1: dose 0 is not right. Expected greater than 0."),
    (('unit = "g"', 'unit = "ml"'), "therapy 'ceftriaxone': ml can't be turned into mg. Expected a dose in mg."),
]


@pytest.mark.parametrize(("change", "message"), REFUSED, ids=[message[:40] for _, message in REFUSED])
def test_a_wrong_order_is_named_by_file_place_and_expectation(
    change: tuple[str, str], message: str, tmp_path: Path
) -> None:
    assert change[0] in ORDER
    path = tmp_path / "order.toml"
    path.write_text(ORDER.replace(*change), encoding="utf-8")
    result = run(str(path), "--contract", "meridian")
    assert isinstance(result.exception, HitmodelError)
    assert "order.toml" in str(result.exception)
    assert message in str(result.exception)
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("none.toml",), "none.toml: the order is not there."),
        ((SAMPLE, "--contract", "meridan"), "there is no contract 'meridan'."),
        ((SAMPLE, "--contract", "meridian_proposal_a"), "'meridian_proposal_a' is not in force on any day"),
        ((SAMPLE, "--rate-sheet", "meridian"), "--rate-sheet: a rate sheet is a file. Expected --out DIR beside it."),
        ((SAMPLE, "--as-of", "soon"), "--as-of: 'soon' is not a date."),
        ((SAMPLE, "--drug-prices", "Q3"), "drug prices: 'Q3' is not a quarter."),
        ((SAMPLE, "--charges", "none.csv"), "none.csv: the chargemaster is not there."),
        ((SAMPLE, "--prices", "none.csv"), "none.csv: the NDC price table is not there."),
    ],
)
def test_a_wrong_call_is_refused(arguments: tuple[str, ...], message: str) -> None:
    result = run(*arguments)
    assert isinstance(result.exception, HitmodelError)
    assert message in str(result.exception)


def test_a_proposal_can_be_quoted_as_of_its_own_day() -> None:
    result = run(SAMPLE, "--contract", "meridian_proposal_a", "--as-of", "2027-01-01")
    # Per diems 4 % up: 95.00 becomes 98.80; 27 days of a first therapy and 13 of a second at 50 %.
    # 27 × 98.80 = 2,667.60; 13 × 49.40 = 642.20; catheter care 4 × 18 = 72.
    assert "3,381.80" in result.stdout


def test_the_page_about_quotes_says_what_the_command_says(project: Path, tmp_path: Path) -> None:
    """Each example of the page runs, and every line shown under it is a line that is printed."""
    page = (project / "docs" / "quote.md").read_text(encoding="utf-8")
    examples = re.findall(r"```console\n\$ hitmodel quote (.+)\n((?:.*\n)*?)```", page)
    assert examples
    for command, output in examples:
        said = run(*shlex.split(command.replace("reports/", f"{tmp_path}/"))).stdout
        printed = [" ".join(line.split()) for line in said.splitlines()]
        for line in filter(None, map(str.strip, output.splitlines())):
            assert line == "…" or " ".join(line.split()) in printed, line
