"""Every price explains itself: the exact text, and that what it tells is what was calculated."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from builders import PER_DIEM, claims, contract, header, priced, write
from case_files import write_lines

from hitmodel.contracts import load_contract
from hitmodel.errors import InputError
from hitmodel.explanation import describe_step, explain, explain_line, format_exact
from hitmodel.forms import Step
from hitmodel.money import to_cents
from hitmodel.pricing import price
from hitmodel.status import Status

DAY = "2025-03-03 2025-03-03"
EXAMPLE = """
lesser_of = "line"

[contract]
payers = ["A payer"]
effective_from = 2025-01-01
effective_through = 2025-12-31
source = "Exhibit B, amendment 3"

[concurrency]
primary_by = "highest_rate"
shares = [1, 0.50, 0.25]

[[term]]
id = "antibiotic_per_diem"
codes = ["S9500", "S9501", "S9502"]
mechanism = "per_diem"
rate = 95.00
cite = "section 2.1"

[[term]]
id = "default_per_diem"
roles = ["per_diem"]
mechanism = "per_diem"
rate = 100.00

[[term]]
id = "drugs"
roles = ["drug"]
mechanism = "fixed"
per = "unit"
rate = 1.50
cite = "section 5"
"""


def told(folder: Path, text: str, *lines: str, line: str = "L1", **dating: object) -> str:
    """Return the explanation of one line."""
    return str(explain(claims(folder, *lines), contract(folder, text, "example_ppo"), line, **dating))


def rows(text: str) -> dict[str, str]:
    """Return the rows of an explanation by label."""
    return {label: said.strip() for label, said in (row[2:].split("  ", 1) for row in text.splitlines()[1:])}


# --- the text, word for word ---


def test_a_line_in_full(tmp_path: Path) -> None:
    assert told(tmp_path, EXAMPLE, "S9500 2025-03-03 2025-03-09 7 1050.00") == "\n".join(
        [
            "S9500  2025-03-03 to 2025-03-09   charge 1,050.00   allowed 665.00   priced",
            "  days        7 service dates, inclusive; agrees with 7 units",
            "  term        antibiotic_per_diem (example_ppo 2025, section 2.1)",
            "  not used    default_per_diem: a code match outranks a role match",
            "  per diem    7 days × 95.00 × 1 = 665.00",
            "  lesser of   665.00 or charge 1,050.00 = 665.00",
        ]
    )


def test_a_second_therapy_in_a_suite(tmp_path: Path) -> None:
    # 2 × 100 × 0.85 × 0.50 = 85.00
    text = EXAMPLE.replace("0.25]\n", '0.25]\ncite = "section 3"\n')
    text += '[[adjustment]]\nid = "suite"\nmodifiers = ["SS"]\nfactor = 0.85\ncite = "section 4"\n'
    assert told(tmp_path, text, "S9379-SS-SH 2025-03-03 2025-03-04 2 50.00") == "\n".join(
        [
            "S9379-SS-SH  2025-03-03 to 2025-03-04   charge 50.00   allowed 50.00   priced",
            "  days        2 service dates, inclusive; agrees with 2 units",
            "  term        default_per_diem (example_ppo 2025)",
            "  per diem    100.00 for each day",
            "  factor      suite × 0.85  [section 4]",
            "  amount      2 days × 100.00 × 0.85 × 0.5 (second therapy, section 3) = 85.00",
            "  lesser of   85.00 or charge 50.00 = 50.00",
            "  allowed     50.00",
        ]
    )


def test_a_void_is_told_with_its_sign(tmp_path: Path) -> None:
    found = told(tmp_path, EXAMPLE, "S9500 2025-03-03 2025-03-09 -7 -1050.00")
    assert "charge −1,050.00   allowed −665.00   priced" in found
    assert "agrees with −7 units" in found
    assert "−7 days × 95.00 × 1 = −665.00" in found


def test_units_that_are_not_the_days_are_said(tmp_path: Path) -> None:
    found = rows(told(tmp_path, EXAMPLE, "S9500 2025-03-03 2025-03-10 7 1050.00"))
    assert found["days"] == "8 service dates, inclusive; disagrees with 7 units; priced on billed units"


def test_an_ended_code_shows_what_follows_it_and_what_it_would_pay(tmp_path: Path) -> None:
    # 28 units of 500 mg are 28 × 50 = 1,400 units of 10 mg; 1,400 × 1.50 = 2,100.00
    assert told(tmp_path, EXAMPLE, "J3370 2025-07-02 2025-07-02 28 9000.00") == "\n".join(
        [
            "J3370  2025-07-02   charge 9,000.00   allowed unknown   needs_review",
            "  needs review  J3370 ended on 2025-06-30; J3373 follows it (50 of its units for each old one)",
            "  successor     J3373: 28 × 50 = 1,400 units; would be 2,100.00 under term drugs",
        ]
    )


def test_what_an_ended_code_would_pay_obeys_the_rest_of_its_claim(tmp_path: Path) -> None:
    """Carried, the line shares its claim's charges: 2,100.00 and 95.00 against 2,000.00; 95 × 2000/2195 = 86.56."""
    text = EXAMPLE.replace('lesser_of = "line"', "") + '[lesser_of]\nlevel = "claim"\n'
    lines = ("J3370 2025-07-02 2025-07-02 28 1900.00", "S9500 2025-07-02 2025-07-02 1 100.00")
    assert "would be 1,913.44 under term drugs" in told(tmp_path, text, *lines)  # 2,000.00 − 86.56


def test_what_an_ended_code_would_pay_looks_at_what_is_on_record(tmp_path: Path) -> None:
    """2 × 50 units at 1.00 are 100.00; of the year's 150.00 other claims have used 100.00, so that 50.00 are left."""
    text = '[[term]]\nid = "v"\ncodes = ["J3373"]\nmechanism = "fixed"\nper = "unit"\nrate = 1.00\n'
    text += '[[limit]]\nid = "most"\nkind = "cap"\nper = "year"\namount = 150.00\nopening = true\n'
    file = write_lines(tmp_path / "claims.csv", ["J3370 2025-08-03 2025-08-03 2 900.00"])
    records = tmp_path / "claims_evidence"
    records.mkdir()
    (records / "balances.csv").write_text("patient_id,limit,period,amount\nP1,most,2025,100.00\n")
    made = price(file, contract(tmp_path, header() + text))
    assert "would be 50.00 under term v" in str(explain_line(made, "L1"))


def test_a_line_of_several_rates_is_added_before_its_bound(tmp_path: Path) -> None:
    text = "".join(
        f'[[term]]\nid = "{name}"\ncodes = ["S9500"]\nmechanism = "per_diem"\nrate = {rate}\n{dates}\n'
        'at_most = { amount = 1200.00, per = "line" }\n'
        for name, rate, dates in (
            ("before", "100.00", "effective_through = 2025-03-31"),
            ("after", "200.00", "effective_from = 2025-04-01"),
        )
    )
    found = told(tmp_path, header() + text, "S9500 2025-03-27 2025-04-05 10 9000.00")
    assert "5 days × 100.00 × 1 = 500.00" in found
    assert "5 days × 200.00 × 1 = 1,000.00" in found
    assert "together    1,500.00, which the bound for the line makes 1,200.00" in found


def test_an_ended_code_on_which_the_contract_is_silent_says_so(tmp_path: Path) -> None:
    found = told(tmp_path, EXAMPLE.replace('["drug"]', '["nutrition"]'), "J3370 2025-07-02 2025-07-02 28 9000.00")
    assert rows(found)["successor"].endswith("= 1,400 units; would be contract silent: no term speaks of J3373")


def test_a_factor_that_holds_for_full_units_only_is_about(tmp_path: Path) -> None:
    # J1940 was "up to 20 mg"; J1938 counts 1 mg: about 20 for each.
    found = told(tmp_path, EXAMPLE.replace("2025-12-31", "2026-12-31"), "J1940 2026-01-02 2026-01-02 2 900.00")
    assert "J1938: 2 × 20 = about 40 units" in found


def test_a_code_without_a_successor_has_no_such_row(tmp_path: Path) -> None:
    found = told(tmp_path, EXAMPLE, "S9599 2025-03-03 2025-03-03 1 90.00")
    assert "needs review" in found
    assert "successor" not in found


def test_silence_says_so(tmp_path: Path) -> None:
    assert told(tmp_path, EXAMPLE, f"A4221 {DAY} 1 30.00") == (
        "A4221  2025-03-03   charge 30.00   allowed unknown   contract_silent\n"
        "  contract silent  no term speaks of A4221"
    )


def test_a_line_of_another_payer_and_a_line_that_cannot_be_read(tmp_path: Path) -> None:
    lines = (f"S9500 {DAY} 1 30.00 payer=Another", "S9500 2025-02-30 2025-03-03 1 ten")
    assert rows(told(tmp_path, EXAMPLE, f"S9501 {DAY} 1 3.00", *lines, line="L2")) == {
        "days": "1 service date; agrees with 1 unit",
        "out of scope": "Another is not a payer of example_ppo",
    }
    found = told(tmp_path, EXAMPLE, f"S9501 {DAY} 1 3.00", *lines, line="L3")
    assert found.splitlines()[0] == "S9500  no readable dates   charge unknown   allowed unknown   needs_review"


def test_a_known_zero_names_its_rule(tmp_path: Path) -> None:
    text = EXAMPLE + '[[term]]\nid = "supplies"\nroles = ["supplies"]\nmechanism = "bundled"\ncite = "section 3.1"\n'
    found = told(tmp_path, text, f"A4221 {DAY} 1 30.00")
    assert "allowed 0.00   bundled" in found
    assert rows(found)["term"] == "supplies (example_ppo 2025, section 3.1)"
    assert rows(found)["bundled"] == "paid within the per diem"


def test_a_cut_line_tells_its_parts_and_their_versions(tmp_path: Path) -> None:
    write(tmp_path / "c", header("2025-01-01", "2025-03-31") + PER_DIEM)
    write(
        tmp_path / "c",
        '[contract]\nextends = "2025.toml"\neffective_from = 2025-04-01\n'
        '[[term]]\nid = "antibiotic_per_diem"\nrate = 96.00\n',
        "2025-04.toml",
    )
    made = price(claims(tmp_path, "S9500 2025-03-30 2025-04-02 4 900.00"), load_contract(tmp_path / "c"))
    assert str(explain(made, line_id="L1")).splitlines()[1:] == [
        "  days        4 service dates, inclusive; agrees with 4 units",
        "  part        2025-03-30 to 2025-03-31, 2 days",
        "  term        antibiotic_per_diem (c 2025)",
        "  per diem    2 days × 95.00 × 1 = 190.00",
        "  part        2025-04-01 to 2025-04-02, 2 days",
        "  term        antibiotic_per_diem (c 2025-04)",
        "  per diem    2 days × 96.00 × 1 = 192.00",
        "  together    382.00",
    ]


def test_an_increase_is_a_step_of_its_own(tmp_path: Path) -> None:
    text = EXAMPLE + '[[escalator]]\nid = "yearly"\npercent = 0.03\nfirst = 2025-03-01\ncite = "article 6"\n'
    found = told(tmp_path, text, f"S9500 {DAY} 1 900.00")
    assert "escalator   95.00 → 97.85 (yearly 0.03, years 1)  [article 6]" in found
    assert "amount      1 day × 97.85 × 1 = 97.85" in found


def test_an_amount_entered_by_hand_is_flagged(tmp_path: Path) -> None:
    text = (
        header() + '[[term]]\nid = "t"\ncodes = ["S9500"]\nmechanism = "manual"\namount = 500.00\nnote = "see letter"\n'
    )
    found = rows(told(tmp_path, text, f"S9500 {DAY} 1 900.00"))
    assert found["flag"] == "this amount was entered by hand"
    assert found["entered by hand"] == "rate 500.00, note see letter"


def test_a_price_that_was_passed_over_says_why(tmp_path: Path) -> None:
    text = header() + '[[term]]\nid = "d"\nroles = ["drug"]\nmechanism = "drug"\n'
    text += 'chain = [{ of = "awp", multiplier = 0.85 }, { of = "charge", multiplier = 0.40 }]\n'
    found = told(tmp_path, text, f"J0696 {DAY} 4 50.00")
    assert rows(found)["passed over"] == "awp: no NDC price table is named, so AWP is unknown"
    assert rows(found)["amount"] == "charge 50.00 × 0.40 = 20.00"


# --- what can be asked ---


def test_the_parts_stay_beside_the_text(tmp_path: Path) -> None:
    found = explain(claims(tmp_path, f"S9500 {DAY} 1 900.00"), contract(tmp_path, EXAMPLE), "L1")
    assert (found.status, found.amount_cents) == (Status.PRICED, 9500)
    assert [s.name for s in found.steps] == ["per diem"]
    assert found.rows[0][0] == "days"


def test_an_unknown_line_has_a_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        told(tmp_path, EXAMPLE, f"S9500 {DAY} 1 900.00 id=C25-000001-01", line="C25-00001-01")
    assert raised.value.suggestion == "C25-000001-01"
    assert "there is no line 'C25-00001-01'" in str(raised.value)


def test_without_a_contract_nothing_can_be_explained(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no contract is named"):
        explain(claims(tmp_path, f"S9500 {DAY} 1 900.00"), line_id="L1")


def test_the_dating_is_that_of_the_price(tmp_path: Path) -> None:
    text = header() + PER_DIEM + "effective_through = 2026-12-31\n"
    text += (
        PER_DIEM.replace('"antibiotic_per_diem"', '"later"').replace("95.00", "99.00") + "effective_from = 2027-01-01\n"
    )
    assert "1 day × 99.00" in told(tmp_path, text, f"S9500 {DAY} 1 900.00", as_of=date(2027, 1, 1))


def test_every_line_of_a_mixed_claim_can_be_explained_and_ends_in_its_amount(tmp_path: Path) -> None:
    made = priced(
        tmp_path,
        EXAMPLE,
        "S9500 2025-03-03 2025-03-09 7 100.00",
        "S9379-SH 2025-03-03 2025-03-09 7 9000.00",
        "J0696 2025-03-03 2025-03-03 8 900.00",
        "A4221 2025-03-03 2025-03-03 1 30.00",
        "J3370 2025-07-03 2025-07-03 1 30.00",
    )
    for n, line_id in enumerate(made.claims.lines["line_id"]):
        found = explain(made, line_id=line_id)
        cents = int(made.allowed[n]) if made.known[n] else None
        assert found.amount_cents == cents
        assert f"allowed {'unknown' if cents is None else format_exact(cents)}   " in found.head


# --- words ---


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (Step("per diem", (("rate", Decimal("95.5")), ("basis", "day")), "2.1"), "95.50 for each day  [2.1]"),
        (Step("x", (("rate", Decimal("0.48168")), ("basis", "ndc_unit"))), "0.48168 for each NDC unit"),
        (Step("factor", (("id", "suite_share"), ("factor", Decimal("0.85"))), "4"), "suite share × 0.85  [4]"),
        (Step("passed over", (("source", "awp"), ("because", "no NDC"))), "awp: no NDC"),
        (Step("bundled", (("into", "the per diem"),)), "into the per diem"),
    ],
)
def test_steps_are_put_into_words(step: Step, said: str) -> None:
    assert describe_step(step) == said


@pytest.mark.parametrize(
    ("cents", "shown"), [(66500, "665.00"), (123456789, "1,234,567.89"), (-5, "−0.05"), (0, "0.00")]
)
def test_a_working_is_shown_to_the_cent(cents: int, shown: str) -> None:
    assert format_exact(cents) == shown
    assert to_cents(Decimal(shown.replace(",", "").replace("−", "-"))) == cents


def test_a_term_and_a_factor_of_certain_days_say_which(tmp_path: Path) -> None:
    text = f"""{header("2025-01-01", "2025-12-31")}
[[term]]
id = "with_ceftriaxone"
codes = ["S9500"]
beside = {{ families = ["ceftriaxone"] }}
mechanism = "per_diem"
rate = 70.00

[[adjustment]]
id = "weekend"
roles = ["per_diem"]
weekdays = ["sat", "sun"]
factor = 1.20
"""
    lines = ("S9500 2025-03-08 2025-03-08 1 150.00", f"J0696 {DAY.replace('03-03', '03-08')} 4 20.00")
    said = told(tmp_path, text, *lines)
    assert "with_ceftriaxone (example_ppo 2025), beside ceftriaxone" in said
    assert "weekend × 1.20, on Sat and Sun" in said
    assert said.endswith("1 day × 70.00 × 1.2 × 1 = 84.00")


@pytest.mark.parametrize(
    ("limit", "line", "working"),
    [
        # Charges 1,400 + 1,600 = 3,000 > 1,000; 0.60 × 3,000 = 1,800; line 1 has 1,400 of 3,000: 840.
        (
            'kind = "stop_loss"\namount = 1000\npays = "first_dollar"\nshare = 0.60',
            1,
            ("700.00 becomes 840.00", "charges of 3,000.00 are above 1,000.00: 0.60 × charges of 3,000.00 = 1,800.00"),
        ),
        # 0.60 × (3,000 − 1,000) = 1,200 more; line 1: 700 + 1,200 × 1,400 ÷ 3,000 = 1,260.
        (
            'kind = "stop_loss"\namount = 1000\npays = "second_dollar"\nshare = 0.60',
            1,
            ("700.00 becomes 1,260.00", "above 1,000.00: 0.60 × 2,000.00 = 1,200.00 more, shared by charge"),
        ),
        # 7 × 100 twice is 1,400; the first line takes 700 of 1,000, so 300 are left.
        (
            'kind = "cap"\namount = 1000',
            2,
            ("700.00 becomes 300.00", "the lines of the claim come to 1,400.00, paid in turn"),
        ),
        # 2,000 by equal amounts: 1,000 each.
        ('kind = "floor"\namount = 2000', 2, ("700.00 becomes 1,000.00", "the lines of the claim come to 1,400.00;")),
    ],
)
def test_a_limit_on_several_lines_shows_what_it_looked_at(
    limit: str, line: int, working: tuple[str, ...], tmp_path: Path
) -> None:
    rate = '[[term]]\nid = "abx"\ncodes = ["S9500"]\nmechanism = "per_diem"\nrate = 100.00\n'
    text = f'{header()}{rate}[[limit]]\nid = "high"\nper = "claim"\n{limit}\n'
    days = ("2025-03-03 2025-03-09 7 1400.00", "2025-03-10 2025-03-16 7 1600.00")
    said = told(tmp_path, text, *(f"S9500 {span} claim=C1" for span in days), line=f"L{line}")
    assert all(part in said for part in working), said
