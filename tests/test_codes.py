"""Code tables: every row answers on a date, and every fact agrees with CMS's files where they are at hand."""

from __future__ import annotations

import csv
import hashlib
import re
import tomllib
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from hitmodel import paths
from hitmodel.codes import NO_FIRST_DAY, ROLES, CodeTable, code_table, is_cpt_shaped
from hitmodel.intake.hcpcs import HcpcsRelease, read_hcpcs

JUNE_2025 = date(2025, 6, 30)
JULY_2025 = date(2025, 7, 1)
FILES = {
    "2019-01": "2019-Alpha-Numeric-HCPCS-File.zip",
    "2020-10": "HCPC2020_10_anweb.xlsx",
    "2025-10": "HCPC2025_OCT_ANWEB.xlsx",
    "2026-01": "hcpcs_2026_jan_descriptions.csv",
    "2026-07": "hcpcs_2026_q3_codes.txt",
}


@pytest.fixture(scope="module")
def table() -> CodeTable:
    return code_table()


# What a code is


def test_a_per_diem_says_what_it_holds_and_what_is_apart(table: CodeTable) -> None:
    entry = table.get("S9500", date(2025, 3, 3))
    assert entry is not None
    assert entry.descriptor == (
        "Home infusion therapy, antibiotic, antiviral, or antifungal therapy; once every 24 hours; administrative "
        "services, professional pharmacy services, care coordination, and all necessary supplies and equipment "
        "(drugs and nursing visits coded separately), per diem"
    )
    assert (entry.role, entry.therapy_class, entry.billing_basis) == ("per_diem", "anti_infective", "per_diem")
    assert entry.dose_interval_hours == 24
    assert entry.coded_separately == "drugs and nursing visits coded separately"
    assert entry.includes.startswith("administrative services, professional pharmacy services")
    assert (entry.first_day, entry.last_day) == (date(2002, 1, 1), None)


@pytest.mark.parametrize(
    ("code", "hours"), [("S9497", 3), ("S9504", 4), ("S9503", 6), ("S9502", 8), ("S9501", 12), ("S9500", 24)]
)
def test_dose_intervals(table: CodeTable, code: str, hours: int) -> None:
    entry = table.entry(code)
    assert entry is not None
    assert entry.dose_interval_hours == hours
    assert f"once every {hours} hours" in entry.descriptor


@pytest.mark.parametrize(
    ("code", "over", "through"),
    [("S9365", "0", "1"), ("S9366", "1", "2"), ("S9367", "2", "3"), ("S9368", "3", None), ("S9377", "3", None)],
)
def test_litres(table: CodeTable, code: str, over: str, through: str | None) -> None:
    entry = table.entry(code)
    assert entry is not None
    assert str(entry.litres_over) == over
    assert (None if entry.litres_through is None else str(entry.litres_through)) == through


def test_cpt_has_a_label_and_no_official_words(table: CodeTable) -> None:
    for code in ("99601", "99602", "59"):
        entry = table.get(code, date(2025, 1, 1))
        assert entry is not None
        assert entry.descriptor == ""
        assert entry.label
        assert entry.first_day == NO_FIRST_DAY
    assert {e.code for e in table if not e.descriptor} == {"99601", "99602", "59"}


def test_units(table: CodeTable) -> None:
    old, new = table.entry("J1940"), table.entry("J1938")
    assert old is not None
    assert new is not None
    assert (str(old.unit_quantity), old.unit_measure, old.unit_is_up_to) == ("20", "mg", True)
    assert (str(new.unit_quantity), new.unit_measure, new.unit_is_up_to) == ("1", "mg", False)


def test_a_drug_family_by_date_and_maker(table: CodeTable) -> None:
    assert [e.code for e in table.family("cefazolin", date(2022, 12, 31))] == ["J0690"]
    assert [e.code for e in table.family("cefazolin", date(2024, 7, 1))] == ["J0690", "J0687", "J0688", "J0689"]
    assert [e.product for e in table.family("vancomycin", JUNE_2025)] == ["", "Mylan", "Xellia"]
    assert [e.code for e in table.family("vancomycin", date(2026, 1, 1))] == ["J3373", "J3374", "J3375", "J3376"]


# A date decides


def test_the_wording_of_s9562_changes_on_its_day(table: CodeTable) -> None:
    before, after = table.get("S9562", date(2023, 3, 31)), table.get("S9562", date(2023, 4, 1))
    assert before is not None
    assert after is not None
    assert before.descriptor.startswith("Home injectable therapy, palivizumab, including")
    assert after.descriptor.startswith("Home injectable therapy, palivizumab or other monoclonal antibody for rsv,")
    assert before.first_day == after.first_day == date(2003, 1, 1)


def test_a_code_is_unknown_before_its_first_and_after_its_last_day(table: CodeTable) -> None:
    assert table.get("S9563", date(2023, 3, 31)) is None
    assert table.get("S9563", date(2023, 4, 1)) is not None
    assert table.get("J3370", JUNE_2025) is not None
    assert table.get("J3370", JULY_2025) is None
    assert table.get("J3376", date(2025, 12, 31)) is None
    assert table.get("J3376", date(2026, 1, 1)) is not None


@pytest.mark.parametrize(
    ("old", "new", "factor"),
    [
        ("J3370", "J3373", 50),  # 500 mg ÷ 10 mg
        ("S0032", "J2290", 100),  # 2 g ÷ 20 mg
        ("S0028", "J1308", 80),  # 20 mg ÷ 0.25 mg
        ("J1940", "J1938", 20),  # 20 mg ÷ 1 mg
        ("J1300", "J1299", 5),  # 10 mg ÷ 2 mg
        ("J1170", "J1171", 40),  # 4 mg ÷ 0.1 mg
        ("J2920", "J2919", 8),  # 40 mg ÷ 5 mg
        ("J2930", "J2919", 25),  # 125 mg ÷ 5 mg
        ("S0030", "J1836", 50),  # 500 mg ÷ 10 mg
        ("S0073", "J0457", 5),  # 500 mg ÷ 100 mg
    ],
)
def test_successions(table: CodeTable, old: str, new: str, factor: int) -> None:
    step = table.successor(old)
    assert step is not None
    assert (step.new, step.factor) == (new, factor)


def test_a_code_is_carried_to_its_successor_on_the_day(table: CodeTable) -> None:
    assert table.carried_to("J3370", JUNE_2025) == ("J3370", Fraction(1))
    assert table.carried_to("J3370", JULY_2025) == ("J3373", Fraction(50))
    assert table.carried_to("S9500", date(2030, 1, 1)) == ("S9500", Fraction(1))


# Codes that are not ours, and codes that are none


def test_every_real_code_is_recognised(table: CodeTable) -> None:
    assert table.is_known("A0021", date(2025, 1, 1))
    assert table.get("A0021", date(2025, 1, 1)) is None
    assert not table.is_known("S9599", date(2025, 1, 1))
    assert not table.is_known("J3373", JUNE_2025)
    assert table.exists_ever("J3370")
    assert table.days("J3370") == (date(1986, 1, 1), JUNE_2025)


@pytest.mark.parametrize("code", ["99213", "0042T", "0001U", "3006F", "59"])
def test_cpt_is_known_by_its_shape(table: CodeTable, code: str) -> None:
    assert is_cpt_shaped(code)
    assert table.is_known(code, date(2025, 1, 1))


@pytest.mark.parametrize(
    ("code", "day", "clause"),
    [
        ("S9599", JULY_2025, "S9599 is not in the 2026-07 release; nearest S9590"),
        ("J3370", JULY_2025, "J3370 ended on 2025-06-30; J3373 follows it"),
        ("J3373", JUNE_2025, "J3373 begins on 2025-07-01"),
        ("A0021", JUNE_2025, "A0021 is a code that we do not classify"),
        ("S9500", JUNE_2025, ""),
    ],
)
def test_why_a_code_cannot_stand(table: CodeTable, code: str, day: date, clause: str) -> None:
    assert table.why_unknown(code, day) == clause


@pytest.mark.parametrize(("wrong", "near"), [("S9599", "S9590"), ("s9500", "S9500"), ("S95000", "S9500")])
def test_nearest(table: CodeTable, wrong: str, near: str) -> None:
    assert table.nearest(wrong) == near


def test_what_a_descriptor_forbids(table: CodeTable) -> None:
    day = date(2025, 1, 1)
    assert table.excluded_by("S9494", day) == {"S9497", "S9500", "S9501", "S9502", "S9503", "S9504"}
    beside_pharmacy_hours = table.excluded_by("S9810", day)
    assert {"S9500", "S5498", "T1030"} <= beside_pharmacy_hours
    beside_obstetric = table.excluded_by("S9208", day)
    assert {"S9500", "S5498", "S9340", "S9562"} <= beside_obstetric
    assert not {"S9209", "S9098", "99601"} & beside_obstetric
    assert table.excluded_by("S9500", day) == frozenset()


def test_search(table: CodeTable) -> None:
    assert [e.code for e in table.search("vancomycin", JUNE_2025)] == ["J3370", "J3371", "J3372"]
    assert table.search("catheter lumen", JUNE_2025)[0].role == "catheter_care"
    assert table.search("", JUNE_2025) == ()


# The data itself


def test_all_codes_and_modifiers_are_there(table: CodeTable) -> None:
    assert len(table.codes) == 396
    assert sum(len(c) == 2 for c in table.codes) == 30
    assert {e.role for e in table} == set(ROLES)


def test_wordings_of_one_code_meet_without_gap_or_overlap(table: CodeTable) -> None:
    for code in table.codes:
        wordings = table.wordings(code)
        assert wordings[0].worded_from == wordings[0].first_day
        assert wordings[-1].worded_through == wordings[-1].last_day
        for a, b in pairwise(wordings):
            assert a.worded_through is not None
            assert b.worded_from == a.worded_through + timedelta(days=1), code
            assert a.descriptor != b.descriptor


def test_successions_join_codes_that_exist_and_do_not_leave_a_day_out(table: CodeTable) -> None:
    for step in table.successions:
        old, new = table.entry(step.old), table.entry(step.new)
        assert old is not None
        assert new is not None
        assert old.last_day == step.last_day_old
        assert step.first_day_new <= step.last_day_old + timedelta(days=1)
        assert old.family == new.family
        assert step.exact is not old.unit_is_up_to


def test_succession_factors_are_the_ratio_of_the_units(table: CodeTable) -> None:
    milligrams = {"mg": 1, "g": 1000}
    for step in table.successions:
        old, new = table.entry(step.old), table.entry(step.new)
        assert old is not None
        assert new is not None
        assert old.unit_quantity is not None
        assert new.unit_quantity is not None
        amounts = [Fraction(e.unit_quantity or 0) * milligrams[e.unit_measure] for e in (old, new)]
        assert step.factor == amounts[0] / amounts[1]


def test_ended_drug_codes_have_a_successor(table: CodeTable) -> None:
    ended = {e.code for e in table if e.last_day is not None and e.role == "drug"}
    assert ended == {s.old for s in table.successions}


def test_what_we_say_of_a_descriptor_stands_in_it(table: CodeTable) -> None:
    for entry in table:
        if entry.role in ("per_diem", "catheter_care"):
            assert entry.includes
            assert entry.includes in entry.descriptor
            assert entry.coded_separately in entry.descriptor
        for other in entry.not_with:
            assert other.startswith("any_") or table.entry(other) is not None


def test_drugs_have_a_unit_that_stands_in_the_descriptor(table: CodeTable) -> None:
    for entry in table:
        if entry.role != "drug":
            continue
        assert entry.family
        assert entry.unit_quantity is not None
        plain = entry.descriptor.lower().replace(",", "")
        if entry.code == "J0714":  # 0.5 g/0.125 g: the two amounts add up to 0.625 g
            plain = plain.replace("0.5 g/0.125 g", "0.625 g")
        per_one_unit = entry.unit_quantity == 1 and re.search(r"per |1 (i\.u\.|iu)", plain)
        assert f"{entry.unit_quantity.normalize():f}" in plain or per_one_unit, entry.code


def test_tables_are_those_whose_checksums_are_recorded(table: CodeTable) -> None:
    for release in table.releases:
        source = tomllib.loads((release.folder / "source.toml").read_text())
        assert source["release"] == release.folder.name
        for name, checksum in source["tables"].items():
            assert hashlib.sha256((release.folder / name).read_bytes()).hexdigest() == checksum, (release.name, name)


def test_no_descriptor_of_a_cpt_code_is_kept(table: CodeTable) -> None:
    for release in table.releases:
        for path in release.folder.glob("*.csv"):
            with path.open(encoding="utf-8", newline="") as file:
                assert not any(is_cpt_shaped(row[0]) for row in csv.reader(file)), path


# Against CMS's own files


@pytest.fixture(scope="module")
def published(real_files: Path) -> dict[str, HcpcsRelease]:
    return {name: read_hcpcs(real_files / "hcpcs" / file) for name, file in FILES.items()}


def test_every_descriptor_and_date_is_cms_s(table: CodeTable, published: dict[str, HcpcsRelease]) -> None:
    for name in ("2019-01", "2020-10", "2025-10", "2026-01"):
        day = next(r.in_force_from for r in table.releases if r.name == name)
        for row in published[name].rows:
            entry = table.entry(row.code)
            if entry is None:
                continue
            assert row.descriptor in [w.descriptor for w in table.wordings(row.code)], row.code
            on_day = table.get(row.code, day)
            if on_day is not None:
                assert on_day.descriptor == row.descriptor, (name, row.code)
            if name == "2025-10":
                assert (row.first_day, row.last_day) == (entry.first_day, entry.last_day), row.code
    assert {c for c in table.codes if not is_cpt_shaped(c)} <= {r.code for r in published["2026-01"].rows}


def test_every_code_list_is_cms_s(published: dict[str, HcpcsRelease]) -> None:
    for name, release in published.items():
        with paths.data("codes", name, "codes.csv").open(encoding="utf-8", newline="") as file:
            ours = [(r["code"], r["first_day"], r["last_day"]) for r in csv.DictReader(file)]
        assert ours == [(r.code, str(r.first_day or ""), str(r.last_day or "")) for r in release.rows]
        source = tomllib.loads(paths.data("codes", name, "source.toml").read_text())
        assert (source["file"], source["file_sha256"]) == (release.file, release.sha256)


def test_no_code_is_near_to_no_code() -> None:
    assert code_table().nearest("") is None
    assert code_table().why_unknown("", date(2025, 1, 1))
