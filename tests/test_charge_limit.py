"""The charge limit on priced lines: whom it holds for, by which version, and what an unknown does to it."""

from __future__ import annotations

from pathlib import Path

from builders import PER_DIEM, claims, header, outcome, priced, write

from hitmodel.contracts import load_contract
from hitmodel.pricing import price

LINE = 'lesser_of = "line"\n' + header()
CLAIM = header() + '[lesser_of]\nlevel = "claim"\n'
DRUG = '[[term]]\nid = "drugs"\nroles = ["drug"]\nmechanism = "fixed"\nper = "unit"\nrate = 2.00\n'
DAY = "2025-03-03 2025-03-03"


def test_without_a_limit_an_amount_may_be_above_the_charge(tmp_path: Path) -> None:
    assert outcome(priced(tmp_path, PER_DIEM, f"S9500 {DAY} 1 50.00")) == [("priced", 9500)]


def test_a_line_is_held_to_its_own_charge(tmp_path: Path) -> None:
    made = priced(tmp_path, LINE + PER_DIEM, f"S9500 {DAY} 1 50.00", f"S9501 {DAY} 1 300.00")
    assert made.allowed.tolist() == [5000, 9500]
    assert made.base.tolist() == [9500, 9500]
    assert made.charge_losses.tolist() == [4500, 0]


def test_a_void_takes_back_what_its_line_was_paid(tmp_path: Path) -> None:
    made = priced(tmp_path, LINE + PER_DIEM, f"S9500 {DAY} 1 50.00", f"S9500 {DAY} -1 -50.00")
    assert made.allowed.tolist() == [5000, -5000]
    assert made.total == 0


def test_a_term_may_stand_outside_the_limit(tmp_path: Path) -> None:
    made = priced(tmp_path, LINE + PER_DIEM + "lesser_of = false\n", f"S9500 {DAY} 1 50.00")
    assert outcome(made) == [("priced", 9500)]


def test_lines_may_be_excluded_from_the_limit(tmp_path: Path) -> None:
    text = header() + '[lesser_of]\nlevel = "line"\nexclude = { roles = ["drug"] }\n' + PER_DIEM + DRUG
    made = priced(tmp_path, text, f"S9500 {DAY} 1 50.00", f"J0696 {DAY} 10 5.00")
    assert made.allowed.tolist() == [5000, 2000]


def test_a_share_of_the_charge_limits(tmp_path: Path) -> None:
    text = header() + '[lesser_of]\nlevel = "line"\npercent = 0.85\n' + PER_DIEM
    assert outcome(priced(tmp_path, text, f"S9500 {DAY} 1 10.10")) == [("priced", 859)]  # 8.585


def test_a_claim_is_compared_as_a_whole(tmp_path: Path) -> None:
    # 95 + 95 = 190 against 50 + 100 = 150: each is cut to 75.00. Another claim is left alone.
    made = priced(
        tmp_path,
        CLAIM + PER_DIEM,
        f"S9500 {DAY} 1 50.00",
        f"S9501 {DAY} 1 100.00",
        f"S9502 {DAY} 1 300.00 claim=C2",
    )
    assert made.allowed.tolist() == [7500, 7500, 9500]


def test_a_claim_with_a_line_of_unknown_amount_is_in_doubt(tmp_path: Path) -> None:
    made = priced(
        tmp_path,
        CLAIM + PER_DIEM,
        f"S9500 {DAY} 1 300.00",
        f"S9379 {DAY} 1 300.00",  # the contract is silent on it
        f"S9501 {DAY} 1 300.00 claim=C2",
    )
    assert [s for s, _ in outcome(made)] == ["needs_review", "contract_silent", "priced"]
    assert made.reason_texts[0] == "the charge limit compares whole claims, and another line of the claim has no amount"


def test_another_payers_line_in_the_claim_is_no_reason_for_doubt(tmp_path: Path) -> None:
    made = priced(tmp_path, CLAIM + PER_DIEM, f"S9500 {DAY} 1 300.00", f"S9379 {DAY} 1 300.00 payer=Another")
    assert outcome(made)[0] == ("priced", 9500)


def test_the_charges_of_bundled_lines_take_part_and_those_of_lines_not_covered_do_not(tmp_path: Path) -> None:
    supplies = '[[term]]\nid = "s"\nroles = ["supplies"]\nmechanism = "{}"\n'
    lines = (f"S9500 {DAY} 1 50.00", f"A4221 {DAY} 1 30.00")
    within = priced(tmp_path / "a", CLAIM + PER_DIEM + supplies.format("bundled"), *lines)
    assert outcome(within) == [("priced", 8000), ("bundled", 0)]  # 95.00 held to 50 + 30
    out = priced(tmp_path / "b", CLAIM + PER_DIEM + supplies.format("not_covered"), *lines)
    assert outcome(out) == [("priced", 5000), ("not_covered", 0)]


def test_excluded_charges_leave_or_stay(tmp_path: Path) -> None:
    # Drug 10 × 2 = 20.00, charge 5.00; per diem 95.00, charge 80.00. Leave: 95 held to 80. Stay: 80 + 5 − 20 = 65.
    lines = (f"S9500 {DAY} 1 80.00", f"J0696 {DAY} 10 5.00")
    leave = CLAIM + 'exclude = { roles = ["drug"] }\n'
    assert priced(tmp_path / "a", leave + PER_DIEM + DRUG, *lines).allowed.tolist() == [8000, 2000]
    stay = leave + 'excluded_charges = "stay"\n'
    assert priced(tmp_path / "b", stay + PER_DIEM + DRUG, *lines).allowed.tolist() == [6500, 2000]


def test_each_line_is_held_by_the_version_of_its_first_day(tmp_path: Path) -> None:
    write(tmp_path / "c", 'lesser_of = "line"\n' + header("2025-01-01", "2025-03-31") + PER_DIEM)
    write(
        tmp_path / "c", 'lesser_of = "none"\n[contract]\nextends = "2025.toml"\neffective_from = 2025-04-01\n', "b.toml"
    )
    read = claims(
        tmp_path,
        "S9500 2025-03-31 2025-03-31 1 50.00",
        "S9500 2025-04-01 2025-04-01 1 50.00",
        "S9500 2025-03-31 2025-04-01 2 50.00 patient=P2",
    )
    assert price(read, load_contract(tmp_path / "c")).allowed.tolist() == [5000, 9500, 5000]


def test_line_order_does_not_matter_to_a_claim(tmp_path: Path) -> None:
    """Cents left over go by line id, not by place in the file: 100.01 against 3 × 95.00."""
    lines = [
        f"S950{n} {DAY} 1 {charge} id={name}"
        for n, charge, name in [(0, "100.01", "b"), (1, "0.00", "a"), (2, "0.00", "c")]
    ]
    one = priced(tmp_path / "one", CLAIM + PER_DIEM, *lines)
    other = priced(tmp_path / "other", CLAIM + PER_DIEM, *reversed(lines))
    assert one.allowed.tolist() == other.allowed.tolist()[::-1] == [3334, 3334, 3333]
