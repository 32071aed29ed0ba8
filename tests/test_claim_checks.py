"""Claim lines held against the code tables and against one another. Books are worked by hand, one line to a string."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from hitmodel.claim_checks import EXPLANATIONS, check_claims
from hitmodel.claim_repeats import find_repeats
from hitmodel.claim_shape import REQUIRED
from hitmodel.claims import Claims, read_claims
from hitmodel.codes import code_table


def book(folder: Path, *lines: str) -> Claims:
    """Read lines written as ``code[-modifiers] first last units charge [patient [ndc]]``; ids are L2, L3 … by row."""
    rows = [",".join((*REQUIRED, "ndc", "ndc_quantity", "ndc_unit"))]
    for row, line in enumerate(lines, 2):
        coded, first, last, units, charge, *more = line.split()
        code, *modifiers = coded.split("-")
        patient, ndc = more[0] if more else "P1", more[1] if len(more) > 1 else ""
        cells = [f"C{row}", f"L{row}", patient, "Example PPO", f"2025-{first}", f"2025-{last}", code]
        rows.append(
            ",".join([*cells, " ".join(modifiers), units, charge, "12", ndc, "1" if ndc else "", "UN" if ndc else ""])
        )
    path = folder / "book.csv"
    path.write_text("\n".join(rows))
    claims = read_claims(path)
    assert claims.findings == ()
    return claims


def found(folder: Path, *lines: str) -> list[tuple[int, str]]:
    return [(finding.row, finding.kind) for finding in check_claims(book(folder, *lines), code_table())]


# A week of a q24h antibiotic with its drug and its nurse: nothing to find. J0696 is ceftriaxone.
WHOLE = ("S9500 03-03 03-09 7 1050", "J0696 03-03 03-03 56 300", "99601 03-04 03-04 1 200")


def test_a_whole_therapy_has_no_findings(tmp_path: Path) -> None:
    assert found(tmp_path, *WHOLE) == []


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        # S9599 was never a code. J3370 ended on 2025-06-30, J3373 began on 2025-07-01.
        (("S9599 03-03 03-03 1 100",), [(2, "unknown_code")]),
        ((*WHOLE, "J3370 03-03 03-03 28 300"), []),
        ((*WHOLE, "J3373 03-03 03-03 1400 300"), [(5, "code_not_valid")]),
        # The span crosses the end of the code on 2025-06-30.
        (("S9500 06-24 07-03 10 1500", "J3370 06-28 07-03 12 300", "99601 06-24 06-24 1 200"), [(3, "code_not_valid")]),
        # Six units for the seven days of 3 to 9 March.
        (("S9500 03-03 03-09 6 900", *WHOLE[1:]), [(2, "units_not_days")]),
        (("S9500-ZZ 03-03 03-09 7 1050", *WHOLE[1:]), [(2, "unknown_modifier")]),
        # 9 March to 16 March are 7 days apart, to 17 March 8.
        ((*WHOLE, "J0696 03-16 03-16 8 50"), []),
        ((*WHOLE, "J0696 03-17 03-17 8 50"), [(5, "drug_without_per_diem")]),
        ((*WHOLE, "J0696 03-05 03-05 8 50 P2"), [(5, "drug_without_per_diem")]),
        ((WHOLE[0], WHOLE[2]), [(2, "per_diem_without_drug")]),
        # Parenteral nutrition holds its standard formula; phototherapy codes nothing separately.
        (("S9365 03-03 03-09 7 2100", "99601 03-04 03-04 1 200"), []),
        (("S9098 03-03 03-04 2 200",), []),
        ((*WHOLE, "99602 03-04 03-04 1 90"), []),
        ((*WHOLE, "99602 03-05 03-05 1 90"), [(5, "hours_without_visit")]),
        # A second therapy from 5 to 9 March beside a first from 3 to 9; one day longer is a day without a first.
        ((*WHOLE, "S9501-SH 03-05 03-09 5 500"), []),
        ((*WHOLE, "S9501-SH 03-05 03-10 6 600"), [(5, "second_without_first")]),
        ((*WHOLE, "S9501-SH 03-05 03-09 5 500", "S9502-SJ 03-05 03-09 5 500"), []),
        ((*WHOLE, "S9502-SJ 03-05 03-09 5 500"), [(5, "third_without_second")]),
        # 1 to 8 March are eight days, in two lines, and no nurse; seven days are not yet a finding.
        (("S9500 03-01 03-04 4 600", "S9500 03-05 03-08 4 600", WHOLE[1]), [(2, "no_nursing_visit")]),
        (WHOLE[:2], []),
        (("S9341 03-01 03-20 20 900", "B4150 03-01 03-20 400 500"), []),
        # Biosimilars stand in section Q: Q5103 is one of infliximab, given here once in eight weeks.
        (("S9359 03-03 03-03 1 150", "Q5103 03-03 03-03 40 2000"), []),
        ((*WHOLE, "J3490 03-05 03-05 1 50"), [(5, "unlisted_drug_without_ndc")]),
        ((*WHOLE, "J3490 03-05 03-05 1 50 P1 00143985625"), []),
        # The same again is a duplicate; taken back it is not, and a void of nothing is a finding.
        ((*WHOLE, WHOLE[0]), [(5, "duplicate_line")]),
        ((*WHOLE, "S9500 03-03 03-09 -7 -1050", WHOLE[0]), []),
        ((*WHOLE, "S9500 03-03 03-09 -7 -1051"), [(5, "void_without_original")]),
    ],
)
def test_what_is_found(tmp_path: Path, lines: tuple[str, ...], expected: list[tuple[int, str]]) -> None:
    assert found(tmp_path, *lines) == expected


def test_codes_in_doubt_block_their_line_and_name_what_to_use(tmp_path: Path) -> None:
    findings = check_claims(book(tmp_path, "S9599 03-03 03-03 1 100", "J3370 08-01 08-01 28 300"), code_table())
    by_kind = {finding.kind: finding for finding in findings}
    unknown, ended = by_kind["unknown_code"], by_kind["code_not_valid"]
    assert (unknown.value, unknown.line_id, unknown.blocks) == ("S9599", "L2", True)
    assert "nearest S9590" in unknown.problem
    assert "ended on 2025-06-30; J3373 follows it" in ended.problem


def test_every_kind_that_can_be_found_is_explained(tmp_path: Path) -> None:
    source = Path(check_claims.__code__.co_filename).read_text()
    named = [kind for kind in EXPLANATIONS if source.count(f'"{kind}"') >= 2]
    assert named == list(EXPLANATIONS)


def test_voids_take_back_the_earliest_and_what_is_left_over_repeats(tmp_path: Path) -> None:
    bill, void = "S9500 03-03 03-09 7 1050", "S9500 03-03 03-09 -7 -1050"
    repeats = find_repeats(book(tmp_path, bill, bill, void, bill, void, void, void, "S9501 03-03 03-03 1 9").lines)
    # Three bills, four voids: the voids take back all three bills and one is left over.
    assert repeats.voided.tolist() == [True, True, False, True, False, False, False, False]
    assert repeats.unmatched_void.tolist() == [False] * 6 + [True, False]
    assert repeats.stands.tolist() == [False] * 7 + [True]


def test_the_first_bill_left_standing_is_the_one_repeated(tmp_path: Path) -> None:
    bill, void = "S9500 03-03 03-09 7 1050", "S9500 03-03 03-09 -7 -1050"
    repeats = find_repeats(book(tmp_path, bill, void, bill, bill).lines)
    # L2 is voided by L3; L4 stands; L5 repeats L4.
    assert repeats.duplicate_of.tolist() == ["", "", "", "L4"]


def test_the_order_of_modifiers_makes_no_difference(tmp_path: Path) -> None:
    repeats = find_repeats(book(tmp_path, "S9500-SH-SS 03-03 03-09 7 9", "S9500-SS-SH 03-03 03-09 7 9").lines)
    assert repeats.duplicate_of.tolist() == ["", "L2"]


def test_a_blocked_line_is_compared_with_nothing(tmp_path: Path) -> None:
    claims = book(tmp_path, *WHOLE, WHOLE[1])
    claims.lines.loc[[0, 1], "blocked"] = "units: not a number"
    # The per diem of row 2 and the drug of row 3 are out: the drug of row 5 repeats nothing and has no per diem.
    found = [(finding.row, finding.kind) for finding in check_claims(claims, code_table())]
    assert found == [(5, "drug_without_per_diem")]


def test_what_is_wrong_on_purpose_in_the_sample_book_is_found(project: Path) -> None:
    samples = project / "data" / "samples"
    planted = tomllib.loads((samples / "dirt.toml").read_text())["line"]
    claims = read_claims(samples / "claims_2025.csv")
    assert claims.findings == ()
    found = {(finding.line_id, finding.kind) for finding in check_claims(claims, code_table())}
    kinds = {
        "duplicate": "duplicate_line",
        "unknown_code": "unknown_code",
        "ended_code": "code_not_valid",
        "units_under_days": "units_not_days",
        "units_over_days": "units_not_days",
    }
    wanted = {(line["id"], kinds[line["kind"]]) for line in planted if line["kind"] in kinds}
    assert wanted == {(line_id, kind) for line_id, kind in found if kind in kinds.values()}
    voids = [line["id"] for line in planted if line["kind"] == "void"]
    repeats = find_repeats(claims.lines)
    assert sorted(claims.lines["line_id"][repeats.void]) == sorted(voids)
    assert not repeats.unmatched_void.any()
