"""Files packed into zip and gzip are read as if unpacked, and say which file of them that was."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest
from fuzz_claims import LINES, PAYMENTS

from hitmodel.errors import InputError
from hitmodel.intake.claim_table import import_claims
from hitmodel.intake.packed import unpacked
from hitmodel.intake.sheets import read_book
from hitmodel.intake.x835 import import_835
from hitmodel.workspace import Workspace


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name.replace("__", "."), content)
    return out.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "content", "inner"),
    [
        ("march.csv.gz", gzip.compress(LINES), "march.csv"),
        ("march.zip", zipped(claims__csv=LINES, readme__pdf=b"%PDF"), "claims.csv"),
    ],
)
def test_a_packed_extract_comes_in_as_it_does_unpacked(
    name: str, content: bytes, inner: str, tmp_path: Path, own_workspace: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    (tmp_path / "plain.csv").write_bytes(LINES)
    made = import_claims(tmp_path / name, Workspace.open(own_workspace))
    plain = import_claims(tmp_path / "plain.csv", Workspace.open(tmp_path / "other"))
    assert (made.entry.name, made.entry.rows_kept) == ("march", plain.entry.rows_kept)
    said = [count.example for count in made.entry.findings if count.field == "file"]
    assert said == [f"read from {inner}, which the file was packed from"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (gzip.compress(LINES)[:-20], "the zip or gzip file is damaged or cut off"),
        (
            zipped(a__csv=LINES, b__csv=LINES),
            "this is a zip that holds 2 files: a.csv, b.csv.*Unpack it, and import each",
        ),
        (zipped(a__pdf=b"%PDF"), "this is a zip that holds no table"),
        (zipped(a__csv=LINES)[:200], "the zip or workbook is cut off or damaged"),
    ],
)
def test_what_cannot_be_unpacked_is_refused(content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "march.zip").write_bytes(content)
    with pytest.raises(InputError, match=said) as refused:
        unpacked(tmp_path / "march.zip")
    assert "march.zip" in refused.value.where


def test_a_packed_price_list_is_read(tmp_path: Path) -> None:
    (tmp_path / "prices.zip").write_bytes(zipped(list__csv=b"NDC,AWP\n1,2\n"))
    read = read_book(tmp_path / "prices.zip")
    assert read.file == "prices.zip"
    assert read.sheets[0].rows[0] == ("NDC", "AWP")
    assert read.remarks == ("read from list.csv, which the file was packed from",)


@pytest.mark.slow
def test_the_remittances_of_a_zip_are_read_one_behind_the_other(tmp_path: Path, own_workspace: Path) -> None:
    """Each file pays two claims: two files four; the note is passed over and said."""
    (tmp_path / "april.zip").write_bytes(zipped(a__835=PAYMENTS, b__835=PAYMENTS, note__txt=b"see attached"))
    entry, _ = import_835(tmp_path / "april.zip", Workspace.open(own_workspace))
    assert entry.about["claims"] == "4"
    assert any(
        "2 X12 files of the zip" in c.example and "1 others were passed over" in c.example for c in entry.findings
    )
