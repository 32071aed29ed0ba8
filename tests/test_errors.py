"""Errors that a person can act on: where, what, what was expected, the nearest name, the next step."""

from __future__ import annotations

import pytest

from hitmodel.errors import ContractError, Finding, HitmodelError, InputError, MissingReference, nearest


def test_a_message_has_its_parts_in_order() -> None:
    error = ContractError(
        "mechanism 'perdiem' is not known",
        where="data/contracts/example_ppo/2025.toml, term 'antibiotic_per_diem'",
        suggestion="per_diem",
        next_step='"hitmodel check --mechanisms" lists them.',
    )
    assert str(error) == (
        "data/contracts/example_ppo/2025.toml, term 'antibiotic_per_diem': mechanism 'perdiem' is not known. "
        "Did you mean 'per_diem'? \"hitmodel check --mechanisms\" lists them."
    )
    assert (error.what, error.suggestion) == ("mechanism 'perdiem' is not known", "per_diem")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (InputError("the file is empty"), "the file is empty."),
        (InputError("the file is empty."), "the file is empty."),
        (InputError("no date", expected="one."), "no date. Expected one."),
        (InputError("no date", where="row 3", expected="one"), "row 3: no date. Expected one."),
        (MissingReference("no quarter 2024Q1", next_step="Import it."), "no quarter 2024Q1. Import it."),
    ],
)
def test_what_is_not_known_is_left_out(error: HitmodelError, said: str) -> None:
    assert str(error) == said


@pytest.mark.parametrize("kind", [ContractError, InputError, MissingReference])
def test_every_kind_is_one_family(kind: type[HitmodelError]) -> None:
    assert issubclass(kind, HitmodelError)


@pytest.mark.parametrize(
    ("name", "known", "close"),
    [
        ("perdiem", ["per_diem", "fixed"], "per_diem"),
        ("PER_DIEM", ["per_diem", "fixed"], "per_diem"),
        ("meridan", ("Meridian", "cascade"), "Meridian"),
        ("xyzzy", ["per_diem", "fixed"], None),
        ("", ["per_diem"], None),
        ("fixed", [], None),
    ],
)
def test_the_nearest_name_keeps_its_own_capitals(name: str, known: list[str], close: str | None) -> None:
    assert nearest(name, known) == close


def test_names_that_come_one_by_one_are_searched_too() -> None:
    assert nearest("fixd", (name for name in ("per_diem", "fixed"))) == "fixed"


def test_a_finding_is_one_line() -> None:
    finding = Finding("march.csv", 14, "service_through", "2025-02-30", "is not a date", "bad_date", "L3", True)
    assert str(finding) == "march.csv row 14, service_through '2025-02-30': is not a date"
    assert (
        str(Finding("march.csv", 14, "row", "", "has 11 cells", "wrong_length"))
        == "march.csv row 14, row: has 11 cells"
    )


def test_what_is_said_of_a_whole_file_names_no_row() -> None:
    assert (
        str(Finding("b.xlsx", 0, "file", "", "Exhibit C!F18 is hidden", "mended")) == "b.xlsx: Exhibit C!F18 is hidden"
    )
    assert str(Finding("b.xlsx", 5, "rate", "x", "is no rate", "rate")) == "b.xlsx row 5, rate 'x': is no rate"
