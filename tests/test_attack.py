"""The attacker on the external edition, who knows every printed number and wants a withheld group or a cost.

What cannot be told apart cannot be solved for: each secret is changed in the claims, and the external report must
stay the same to the last byte, in tables, charts, text, spreadsheets and properties. Then every secret value would fit
what was printed, whatever equations are drawn from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import builders
import pytest
from small_book import contracts, wide_lines

from hitmodel.editions import Edition
from hitmodel.report import FORMATS, Request, make_report
from hitmodel.shell_runner import run_here

Lines = tuple[str, ...]
Change = Callable[[Lines], Lines]


def rewritten(*pairs: tuple[str, str]) -> Change:
    """Return what replaces the beginnings of lines; each must be there."""

    def change(lines: Lines) -> Lines:
        for old, new in pairs:
            assert any(line.startswith(old) for line in lines), old
            lines = tuple(new + line.removeprefix(old) if line.startswith(old) else line for line in lines)
        return lines

    return change


def costs(lines: Lines) -> Lines:
    return tuple(line.replace("cost=42.42", f"cost={n}.{n % 90 + 10}") for n, line in enumerate(lines))


def remittances(lines: Lines) -> Lines:
    return tuple(line.replace("actual_allowed=77.77", f"actual_allowed={n}.05") for n, line in enumerate(lines))


def other_payer(lines: Lines) -> Lines:
    return tuple(line.replace("1 150.00 patient=P90", "1 987.65 patient=P91") for line in lines)


def patients(lines: Lines) -> Lines:
    return tuple(line.replace("patient=P", "patient=Q7") for line in lines)


# Chelation (S9355) is of three patients and stands in a pool with the next smallest therapy (S9374); each day of
# either pays the same 100.00, so one day taken from the one and given to the other leaves the pool as it is.
FEWER = ("S9355 2025-05-01 2025-05-03 3 900.00 patient=P0 ", "S9355 2025-05-01 2025-05-02 2 900.00 patient=P0 ")
MORE = ("S9374 2025-03-03 2025-03-09 7 1050.00 patient=P30 ", "S9374 2025-03-03 2025-03-10 8 1050.00 patient=P30 ")
SHOWN = ("S9500 2025-03-03 2025-03-09 7 1050.00 patient=P9 ", "S9500 2025-03-03 2025-03-10 8 1050.00 patient=P9 ")
# The chelation drug (J0895) is of two patients; every unit of any drug pays the same 2.00.
FEWER_UNITS = ("J0895 2025-05-01 2025-05-01 5 300.00 patient=P0 ", "J0895 2025-05-01 2025-05-01 3 300.00 patient=P0 ")
MORE_UNITS = (
    "J7120 2025-03-03 2025-03-03 40 400.00 patient=P30 ",
    "J7120 2025-03-03 2025-03-03 42 400.00 patient=P30 ",
)
UNPRICED = ("S9599 2025-05-01 2025-05-01 1 613.13 ", "S9599 2025-05-01 2025-05-01 1 713.13 ")

HIDDEN: dict[str, Change] = {
    "acquisition costs": costs,
    "what was remitted": remittances,
    "another payer's lines": other_payer,
    "who the patients are": patients,
    "a day of a withheld therapy": rewritten(FEWER, MORE),
    "units of a withheld drug": rewritten(FEWER_UNITS, MORE_UNITS),
    "the charge of one patient's unpriced line": rewritten(UNPRICED),
}


def report(home: Path, lines: Lines, edition: Edition = "external", *, keeps_notebook: bool = True) -> dict[str, bytes]:
    """Make the comparison of some claims; return every file of it."""
    claims = builders.write_lines(home / "claims.csv", lines, builders.PAYER)
    now, offer = contracts(home)
    given = (f"claims={claims}", f"baseline={now}", f"proposals={offer}", "as_of=")
    asked = Request("50_contract_comparison", given, edition, home / "out", FORMATS, home=home / "home")
    made = make_report(replace(asked, keeps_notebook=keeps_notebook), run=run_here)
    return {str(p.relative_to(made.folder)): p.read_bytes() for p in made.folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("attack")


@pytest.fixture(scope="module")
def printed(home: Path) -> dict[str, bytes]:
    """What the attacker holds: the external report, whole."""
    return report(home, wide_lines())


@pytest.mark.slow
@pytest.mark.parametrize("secret", HIDDEN)
def test_another_secret_prints_the_same_report(home: Path, printed: dict[str, bytes], secret: str) -> None:
    changed = HIDDEN[secret](wide_lines())
    assert changed != wide_lines()
    again = report(home, changed)
    assert sorted(again) == sorted(printed)
    assert [name for name in again if again[name] != printed[name]] == []


@pytest.mark.slow
def test_what_is_made_without_a_notebook_is_the_same_report(home: Path, printed: dict[str, bytes]) -> None:
    """Pictures by themselves, as SVG and as PNG, among the files; so what holds for one holds for the other."""
    assert {Path(name).suffix for name in printed} >= {".svg", ".png", ".xlsx", ".pdf"}
    assert report(home, wide_lines(), keeps_notebook=False) == printed


@pytest.mark.slow
def test_what_is_shown_does_change_the_report(home: Path, printed: dict[str, bytes]) -> None:
    """The test above can fail: a day taken from the pool and given to a therapy that is shown is seen."""
    again = report(home, rewritten(FEWER, SHOWN)(wide_lines()))
    assert again["tables/by_therapy.csv"] != printed["tables/by_therapy.csv"]


@pytest.mark.slow
@pytest.mark.parametrize("secret", ["acquisition costs", "what was remitted", "a day of a withheld therapy"])
def test_the_internal_report_does_show_the_secret(home: Path, secret: str) -> None:
    usual = report(home, wide_lines(), "internal")
    changed = report(home, HIDDEN[secret](wide_lines()), "internal")
    tables = [name for name in usual if name.startswith("tables/")]
    assert [name for name in tables if usual[name] != changed.get(name)] != []
