"""A book of any size: as many lines as asked, whole patients to a file, shaped like the sample, the same every time."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from command_line import run

from hitmodel import paths
from hitmodel.book import many
from hitmodel.book.many import make_many
from hitmodel.claims import read_claims
from hitmodel.contracts import load_contract
from hitmodel.errors import InputError
from hitmodel.pricing import Pricer

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("books") / "book"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(many, "PART_LINES", 800)
        make_many(2000, folder, seed=3)
    return folder


def parts(folder: Path) -> list[pd.DataFrame]:
    return [read_claims(part).lines for part in sorted(folder.glob("part-*.parquet"))]


def test_there_are_as_many_lines_as_asked_and_patients_stay_together(book: Path) -> None:
    frames = parts(book)
    assert sum(len(frame) for frame in frames) == 2000
    assert len(frames) > 1
    patients = [set(frame["patient_id"]) for frame in frames]
    assert not patients[0] & patients[1]
    assert len({*pd.concat(frames)["line_id"]}) == 2000


def test_lines_are_readable_and_priced_like_the_sample(book: Path) -> None:
    contract = load_contract("meridian")
    sample = Pricer(read_claims(paths.data("samples", "claims_2025.csv"))).price(contract)
    for part in sorted(book.glob("part-*.parquet")):
        read = read_claims(part)
        assert [f.problem for f in read.findings if f.blocks] == []
        priced = Pricer(read).price(contract)
        assert abs(priced.known.mean() - sample.known.mean()) < 0.08


def test_doses_and_charges_differ_and_charge_and_cost_follow_the_dose(book: Path) -> None:
    lines = pd.concat(parts(book))
    drugs = lines[lines["ndc"] != ""]
    assert drugs["units_milli"].nunique() > 60
    diems = lines[(lines["code"] == "S9500") & (lines["units_milli"] > 0)]
    each = (diems["charge_cents"] * 1000 / diems["units_milli"]).round()
    assert each.nunique() > 10  # sites have charges of their own
    known = drugs["acquisition_cost_cents"].notna() & (drugs["units_milli"] > 0)
    assert (drugs["acquisition_cost_cents"][known] > 0).all()


def test_the_same_seed_gives_the_same_book_and_another_does_not(tmp_path: Path) -> None:
    for name, seed in (("first", 3), ("again", 3), ("other", 4)):
        make_many(200, tmp_path / name, seed)
    first, again, other = (parts(tmp_path / name)[0] for name in ("first", "again", "other"))
    pd.testing.assert_frame_equal(again, first)
    assert list(other["code"]) != list(first["code"])


def test_what_was_not_made_here_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("mine")
    with pytest.raises(InputError, match="was not written by this command"):
        make_many(10, tmp_path)


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    ran = run(monkeypatch, capsys, "sample", "--lines", "500", "--out", str(tmp_path / "small"))
    assert ran.code == 0
    assert "500 lines of" in ran.out
    assert run(monkeypatch, capsys, "sample", "--lines", "0", "--out", str(tmp_path / "none")).code == 2
