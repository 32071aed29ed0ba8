"""``hitmodel breakeven``, ``sensitivity`` and ``risk`` as a user meets them, on a book worked by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import Ran
from command_line import run as run_command
from test_curves import CLAIMS, CONTRACT

Run = Callable[..., Ran]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    (tmp_path / "ours.toml").write_text(CONTRACT)
    (tmp_path / "claims.csv").write_text(CLAIMS)

    def asked(command: str, *options: str) -> Ran:
        where = (str(tmp_path / "claims.csv"), "--contract", str(tmp_path / "ours.toml"))
        return run_command(monkeypatch, capsys, command, *where, *options)

    return asked


def test_what_a_drug_cut_asks_of_the_per_diem(run: Run) -> None:
    # As written 700 + 700 + 150 + 13.33 = 1,563.33. Drugs at 10 % pay 3.33, so 10.00 are missing. A cent a day brings
    # 7 + 7 + 3 × .5 = 15.5 cents, the last rounded up: at 100.64, 704.48 twice and 150.96 make 9.92; at 100.65 704.55
    # twice and 150.98 (3 × 100.65 × .5 = 150.975) make 10.08.
    ran = run("breakeven", "--change", "drugs=10%", "--by", "antibiotic")
    assert ran.code == 0
    assert "Drugs from 40.0 % to 10.0 %." in ran.out
    assert "Together that pays 1,553.33: 10.00 less than the 1,563.33 of before." in ran.out
    assert "Antibiotic at 100.65 instead of 100.00 pays it, with 0.08 to spare." in ran.out
    assert "One step less misses it by 0.08." in ran.out


def test_a_cut_from_another_value_than_the_contract_writes(run: Run) -> None:
    # The drug's charge is 33.33: 13.33 at 40 %, 6.67 at 20 % and 3.33 at 10 %; 1,550 + 6.67 is what is to be paid.
    ran = run("breakeven", "--from", "drugs=20%", "--change", "drugs=10%", "--by", "antibiotic")
    assert ran.code == 0
    assert "Drugs from 20.0 % to 10.0 %; " in ran.out
    assert " writes 40.0 %." in ran.out
    assert "Together that pays 1,553.33: 3.34 less than the 1,556.67 of before." in ran.out


def test_the_most_that_can_be_given_for_a_target(run: Run) -> None:
    # 1,500.00 less 13.33 of drugs leaves 1,486.67 for 15.5 days: at 95.91, 671.37 twice and 143.87 make 1,486.61.
    ran = run("breakeven", "--by", "antibiotic", "--target", "1500.00")
    assert "Antibiotic at 95.92 instead of 100.00 still pays it, with 0.09 to spare." in ran.out
    assert "One step less misses it by 0.06." in ran.out


def test_charges_can_make_it_impossible(run: Run) -> None:
    # Ten times the rate reaches every charge: 1,050 + 770 + 900 + 13.33 = 2,733.33, and there is no more to be had.
    ran = run("breakeven", "--by", "antibiotic", "--target", "2733.34")
    assert "No value of antibiotic reaches it" in ran.out


def test_which_rates_matter(run: Run) -> None:
    # The antibiotic at 120.00: 840 + 770 (its charge) + 180 = 1,790; at 80.00 1,240. Its share at .6: + 30.00.
    ran = run("sensitivity", "--by", "20%")
    rows = [line.split() for line in ran.out.splitlines() if "antibiotic.rate" in line or "shares" in line]
    assert rows[0][-5:] == ["80.00", "100.00", "120.00", "−310.00", "240.00"]
    assert rows[1][-2:] == ["−30.00", "30.00"]


@pytest.mark.slow
def test_a_year_drawn_is_priced_again_and_the_seed_says_which(run: Run) -> None:
    first, again, other = (run("risk", "--draws", "200", "--seed", seed).out for seed in ("1", "1", "2"))
    assert first == again != other
    assert "1,563.33" in first
    assert ": 0.00 off at most" in first  # nothing of this book hangs on a price between steps
    still = run("risk", "--draws", "200", "--volume", "0%", "--mix", "0%", "--no-drugs").out
    assert still.count("1,563.33") == 4


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--by", "antibiotics"), "Did you mean 'antibiotic'?"),
        (("--by", "antibiotic", "--change", "drugs"), "does not say what the rate becomes"),
        (("--by", "antibiotic", "--change", "drugs=lots"), "'lots' is not a number"),
        (("--by", "antibiotic", "--target", "-5"), "'-5' is less than nothing"),
        (("--by", "antibiotic", "--change", "drugs=30%", "--change", "drugs.share=10%"), "--from drugs=30%"),
        (("--by", "antibiotic", "--change", "drugs=40"), "Did you mean drugs=40%?"),
        (("--by", "drugs", "--change", "antibiotic=90%"), "is in dollars a day, and 90% is a percent"),
        (("--by", "antibiotic", "--change", "drugs=140%"), "a contract can write at most 100 %"),
    ],
)
def test_what_cannot_be_asked_is_said(run: Run, options: tuple[str, ...], said: str) -> None:
    ran = run("breakeven", *options)
    assert ran.code == 2
    assert said in ran.err
