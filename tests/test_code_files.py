"""The folder of code tables on disk: how wordings and days come from releases, and what a broken table says."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from hitmodel.code_files import read_every_code, read_releases, read_wordings
from hitmodel.codes import load_code_table
from hitmodel.errors import InputError, MissingReference

HEADING = "code,first_day,action_day,last_day,descriptor\n"


def _release(folder: Path, name: str, descriptors: str, codes: str = "") -> None:
    place = folder / name
    place.mkdir(parents=True)
    (place / "source.toml").write_text(
        f'title = "HCPCS"\nrelease = "{name}"\nin_force_from = {name}-01\nfile = "{name}.xlsx"\n'
    )
    (place / "codes.csv").write_text("code,first_day,last_day\n" + codes)
    if descriptors:
        (place / "descriptors.csv").write_text(HEADING + descriptors)


def _days(folder: Path, code: str) -> list[tuple[str, str, str]]:
    return [
        (w.descriptor, str(w.worded_from), str(w.worded_through)) for w in read_wordings(read_releases(folder))[code]
    ]


def test_a_wording_changes_on_the_later_release_s_action_day(tmp_path: Path) -> None:
    _release(tmp_path, "2020-10", "S9562,2003-01-01,2003-01-01,,old\n")
    _release(tmp_path, "2025-10", "S9562,2003-01-01,2023-04-01,,new\n")
    assert _days(tmp_path, "S9562") == [("old", "2003-01-01", "2023-03-31"), ("new", "2023-04-01", "None")]


def test_an_action_that_ends_the_code_does_not_date_its_rewording(tmp_path: Path) -> None:
    _release(tmp_path, "2020-10", "JG,2018-01-01,2018-01-01,,old\n")
    _release(tmp_path, "2025-10", "JG,2018-01-01,2025-01-01,2024-12-31,new\n")
    # the 2020-10 release speaks for its quarter; the first day after it is 2021-01-01
    assert _days(tmp_path, "JG") == [("old", "2018-01-01", "2020-12-31"), ("new", "2021-01-01", "2024-12-31")]


def test_a_release_without_dates_confirms_rewords_and_adds(tmp_path: Path) -> None:
    _release(tmp_path, "2025-10", "A1000,2003-01-01,2003-01-01,2025-06-30,same\nA1001,2004-01-01,2004-01-01,,old\n")
    _release(tmp_path, "2026-01", "A1000,,,,same\nA1001,,,,new\nA1002,,,,added\n")
    assert _days(tmp_path, "A1000") == [("same", "2003-01-01", "2025-06-30")]
    assert _days(tmp_path, "A1001") == [("old", "2004-01-01", "2025-12-31"), ("new", "2026-01-01", "None")]
    assert _days(tmp_path, "A1002") == [("added", "2026-01-01", "None")]


def test_days_of_every_code_come_from_the_latest_release_that_has_dates(tmp_path: Path) -> None:
    _release(tmp_path, "2020-10", "", "A1000,2003-01-01,\nA1001,2004-01-01,\n")
    _release(tmp_path, "2025-10", "", "A1000,2003-01-01,2024-12-31\nA1001,2004-01-01,\n")
    _release(tmp_path, "2026-01", "", "A1000,,\nA1001,,\nA1002,,\n")
    _release(tmp_path, "2026-07", "", "A1003,,\n")
    assert read_every_code(read_releases(tmp_path)) == {
        "A1000": (date(2003, 1, 1), date(2024, 12, 31)),
        "A1001": (date(2004, 1, 1), None),
        "A1002": (date(2026, 1, 1), None),
        "A1003": (date(2026, 4, 1), None),  # the day after the quarter of the 2026-01 release
    }


# Broken tables


def test_a_folder_without_a_release_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingReference, match="no HCPCS release is there"):
        load_code_table(tmp_path)


def _small_folder(place: Path, classes: str) -> Path:
    release = place / "2025-10"
    release.mkdir(parents=True)
    (place / "classes").mkdir()
    (release / "source.toml").write_text(
        'title = "HCPCS"\nrelease = "2025-10"\nin_force_from = 2025-10-01\nfile = "x.xlsx"\n'
    )
    (release / "codes.csv").write_text("code,first_day,last_day\nS9500,2002-01-01,\n")
    (release / "descriptors.csv").write_text(
        "code,first_day,action_day,last_day,descriptor\nS9500,2002-01-01,2002-01-01,,Once every 24 hours\n"
    )
    (place / "classes" / "ours.csv").write_text(classes)
    (place / "successions.csv").write_text("old,new,new_units_per_old,exact\n")
    return place


def test_a_small_folder_loads(tmp_path: Path) -> None:
    table = load_code_table(_small_folder(tmp_path, "code,role,label,note\nS9500,per_diem,Every 24 h,\n"))
    assert table.codes == ("S9500",)
    assert table.get("S9500", date(2001, 12, 31)) is None


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ("code,role,label,note\nS9500,perdiem,x,\n", "role 'perdiem' is not known. Did you mean 'per_diem'?"),
        ("code,role,label,note\nS9599,per_diem,x,\n", "code S9599 is classified but is in no release."),
        ("code,role,label\nS9500,per_diem,x\n", "column 'note' is missing. Expected code, role, label, note."),
        ("code,role,label,note\nS9500,drug,x,\nS9500,drug,y,\n", "code S9500 is classified twice."),
        ("code,role,label,note\nS9500,drug\n", "a row has the wrong number of fields."),
    ],
)
def test_a_broken_class_table_is_refused(tmp_path: Path, classes: str, message: str) -> None:
    with pytest.raises(InputError) as raised:
        load_code_table(_small_folder(tmp_path, classes))
    assert str(raised.value).endswith(message)
