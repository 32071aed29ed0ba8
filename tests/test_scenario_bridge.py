"""The bridge from a baseline to a proposal: adds up to the cent, and each clause can stand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from builders import PER_DIEM, claims, header, write

from hitmodel.claims import read_claims
from hitmodel.errors import ContractError, InputError
from hitmodel.scenario import OTHER_DATES, OTHER_VERSIONS, Bridge, Comparison, compare

BASE = (
    header()
    + "[concurrency]\nshares = [1, 0.75]\n"
    + PER_DIEM
    + '[[term]]\nid = "hydration"\ncodes = ["S9374"]\nmechanism = "per_diem"\nrate = 80.00\n'
)
LINES = (
    "S9500 2025-03-03 2025-03-12 10 9000.00",
    "S9374-SH 2025-03-03 2025-03-12 10 9000.00",
    "S9374 2025-03-03 2025-03-12 10 9000.00 patient=P2",
)
# Today: 10 × 95 = 950; 10 × 80 × 0.75 = 600; 10 × 80 = 800; together 2,350.00.


def compared(
    folder: Path, over: str, *lines: str, base: str = BASE, top: str = "", as_of: date | None = None
) -> Comparison:
    write(folder / "base", base)
    write(folder / "proposal", f'{top}\n[contract]\nextends = "base"\n{over}')
    return compare(claims(folder, *(lines or LINES)), folder / "base", [folder / "proposal"], as_of)


def bridge(made: Comparison) -> Bridge:
    found = made.proposals[0].bridge
    assert found.start + sum(step.in_turn for step in found.steps) == found.end
    return found


def steps(made: Comparison) -> list[tuple[str, int, int]]:
    return [(step.label, step.in_turn, step.alone) for step in bridge(made).steps]


def test_an_empty_proposal_equals_its_base(tmp_path: Path) -> None:
    made = compared(tmp_path, "")
    assert bridge(made) == Bridge(235000, (), 235000)
    assert made.proposals[0].priced.allowed.tolist() == made.baseline.allowed.tolist()


def test_one_clause_is_one_step(tmp_path: Path) -> None:
    made = compared(tmp_path, '[[term]]\nid = "hydration"\nrate = 84.00\n')
    # 10 × 4 × 0.75 + 10 × 4 = 70.00
    assert steps(made) == [("hydration: 80.00 → 84.00", 7000, 7000)]
    assert bridge(made).interaction == 0
    assert bridge(made).steps[0].patients == 2


def test_clauses_in_turn_alone_and_together(tmp_path: Path) -> None:
    made = compared(tmp_path, '[[term]]\nid = "hydration"\nrate = 84.00\n[concurrency]\nshares = [1, 0.50]\n')
    # The rate first: +70.00. Then the share: 10 × 84 × (0.50 − 0.75) = −210.00; alone 10 × 80 × −0.25 = −200.00.
    assert steps(made) == [
        ("hydration: 80.00 → 84.00", 7000, 7000),
        ("concurrent therapies 100 / 75 → 100 / 50 %", -21000, -20000),
    ]
    # Together −140.00; alone they are −130.00; what they change only together is −10.00.
    assert bridge(made).interaction == -1000
    assert [step.patients for step in bridge(made).steps] == [2, 1]


def test_the_order_is_that_of_the_proposals_file(tmp_path: Path) -> None:
    made = compared(tmp_path, '[concurrency]\nshares = [1, 0.50]\n[[term]]\nid = "hydration"\nrate = 84.00\n')
    # The share first: −200.00. Then the rate: 10 × 4 × 0.50 + 10 × 4 = 60.00.
    assert [(in_turn, alone) for _, in_turn, alone in steps(made)] == [(-20000, -20000), (6000, 7000)]
    assert bridge(made).interaction == -1000


def test_lines_that_one_side_does_not_price_are_compared_on_no_side(tmp_path: Path) -> None:
    made = compared(tmp_path, "", *LINES, "S9379 2025-03-03 2025-03-03 1 900.00", top='remove = ["hydration"]')
    assert made.compared.tolist() == [True, False, False, False]
    assert bridge(made).start == bridge(made).end == 95000


def test_a_line_without_an_amount_half_way_keeps_the_one_it_had(tmp_path: Path) -> None:
    """Removed by one clause, priced again by another: the difference belongs to the one that gives it an amount."""
    over = '[[term]]\nid = "rest"\nunlisted = true\nmechanism = "percent_of_charge"\nshare = 0.01\n'
    made = compared(tmp_path, over, top='remove = ["hydration"]')
    # 1 % of 9,000 = 90.00 a line, × 0.75 for the second therapy: 67.50. Alone the rule is outranked, and the removal
    # alone leaves the lines without an amount: neither moves anything by itself.
    assert steps(made) == [("rest", 0, 0), ("hydration removed", 6750 + 9000 - 60000 - 80000, 0)]


def test_a_term_and_the_one_it_replaces_are_one_clause(tmp_path: Path) -> None:
    """Half-way both would fit the same lines equally well."""
    over = '[[term]]\nid = "hydration_daily"\ncodes = ["S9374"]\nmechanism = "per_diem"\nrate = 84.00\n'
    over += "[concurrency]\nshares = [1, 0.50]\n"
    made = compared(tmp_path, over, top='remove = ["hydration"]')
    assert steps(made)[0] == ("hydration daily and hydration removed", 7000, 7000)


def test_a_term_that_takes_codes_from_another_is_one_clause_with_it(tmp_path: Path) -> None:
    over = '[[term]]\nid = "antibiotic_per_diem"\ncodes = ["S9501", "S9502"]\n'
    over += '[[term]]\nid = "ceftriaxone"\ncodes = ["S9500"]\nmechanism = "per_diem"\nrate = 96.00\n'
    made = compared(tmp_path, over)
    assert steps(made) == [("antibiotic per diem and ceftriaxone", 1000, 1000)]


def test_a_clause_brings_the_schedule_that_it_names(tmp_path: Path) -> None:
    over = '[[term]]\nid = "hydration"\nmechanism = "schedule"\nschedule = "rates"\n'
    over += '[[schedule]]\nid = "rates"\nfile = "rates.csv"\n'
    (tmp_path / "proposal").mkdir()
    (tmp_path / "proposal" / "rates.csv").write_text("code,rate\nS9374,84.00\n")
    assert steps(compared(tmp_path, over)) == [("hydration", 7000, 7000)]


def test_versions_for_other_dates_are_a_step_of_their_own(tmp_path: Path) -> None:
    """Priced by dates of service, the bridge walks from the last version to the last; what else moves is said."""
    write(tmp_path / "base", header("2025-01-01", "2025-06-30") + PER_DIEM)
    write(tmp_path / "base", '[contract]\nextends = "2025.toml"\neffective_from = 2025-07-01\n', "b.toml")
    write(tmp_path / "proposal", header("2025-01-01", "2025-06-30") + PER_DIEM.replace("95.00", "96.00"))
    text = '[contract]\nextends = "2025.toml"\neffective_from = 2025-07-01\n'
    write(tmp_path / "proposal", text + '[[term]]\nid = "antibiotic_per_diem"\nrate = 97.00\n', "b.toml")
    read = claims(tmp_path, "S9500 2025-03-03 2025-03-03 1 900.00", "S9500 2025-08-03 2025-08-03 1 900.00")
    made = compare(read, tmp_path / "base", [tmp_path / "proposal"])
    assert steps(made) == [("antibiotic per diem: 95.00 → 97.00", 200, 200), (OTHER_VERSIONS, 100, 100)]


def test_rate_changes_in_another_order_are_a_step_of_their_own(tmp_path: Path) -> None:
    # 95.00 × 1.035 = 98.325, 98.33 × 0.333 = 32.7439: 32.74; the other way round 95 × 0.333 = 31.635, 31.64 × 1.035 =
    # 32.7474: 32.75. Ten days at 0.01 more.
    up, down = (
        f'[[rate_change]]\nid = "{name}"\nfactor = {factor}\n' for name, factor in (("up", "1.035"), ("down", "0.333"))
    )
    write(tmp_path / "base", header() + PER_DIEM + up + down)
    write(tmp_path / "proposal", header() + PER_DIEM + down + up)
    made = compare(claims(tmp_path, LINES[0]), tmp_path / "base", [tmp_path / "proposal"])
    assert steps(made) == [("order of rate changes", 10, 10)]


def test_other_dates_of_one_version_are_a_step_of_their_own(tmp_path: Path) -> None:
    # A cap of 200 a year: of the second line, 2 × 95 = 190.00, it leaves 10.00 where the first counts. The proposal,
    # in force from 5 March, pays the first nothing, so it leaves 190.00.
    cap = '[[limit]]\nid = "cap"\nkind = "cap"\nper = "year"\namount = 200.00\n'
    write(tmp_path / "base", header() + PER_DIEM + cap)
    write(tmp_path / "proposal", header("2025-03-05") + PER_DIEM + cap)
    lines = ("S9500 2025-03-01 2025-03-02 2 900.00", "S9500 2025-03-05 2025-03-06 2 900.00")
    made = compare(claims(tmp_path, *lines), tmp_path / "base", [tmp_path / "proposal"])
    assert steps(made) == [(OTHER_DATES, 180_00, 180_00)]


def test_as_of_a_day_both_sides_take_the_terms_of_that_day(tmp_path: Path) -> None:
    over = 'effective_from = 2027-01-01\n[[term]]\nid = "antibiotic_per_diem"\nrate = 99.00\n'
    made = compared(tmp_path, over, LINES[0], as_of=date(2027, 1, 1))
    assert steps(made) == [("antibiotic per diem: 95.00 → 99.00", 4000, 4000)]
    assert made.as_paid is not made.baseline
    assert made.as_paid.dating.as_of is None


def test_without_an_as_of_day_the_baseline_is_what_was_paid(tmp_path: Path) -> None:
    made = compared(tmp_path, "")
    assert made.as_paid is made.baseline


def test_a_proposal_not_in_force_on_the_day_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="contract 'proposal' is not in force on 2026-06-01"):
        compared(tmp_path, "effective_from = 2027-01-01\n", as_of=date(2026, 6, 1))


def test_a_proposal_whose_own_terms_clash_is_refused(tmp_path: Path) -> None:
    over = '[[term]]\nid = "again"\ncodes = ["S9374"]\nmechanism = "per_diem"\nrate = 84.00\n'
    with pytest.raises(ContractError, match="terms 'hydration' and 'again' fit S9374-SH equally well"):
        compared(tmp_path, over)


def test_several_proposals_share_their_lines(tmp_path: Path) -> None:
    write(tmp_path / "base", BASE)
    write(tmp_path / "a", '[contract]\nextends = "base"\n[[term]]\nid = "hydration"\nrate = 84.00\n')
    write(tmp_path / "b", 'remove = ["hydration"]\n[contract]\nextends = "base"\n')
    made = compare(claims(tmp_path, *LINES), tmp_path / "base", [tmp_path / "a", tmp_path / "b"])
    assert made.compared.tolist() == [True, False, False]
    assert [s.bridge.start for s in made.proposals] == [95000, 95000]
    assert [s.contract.name for s in made.proposals] == ["a", "b"]


def test_line_order_changes_no_step(tmp_path: Path) -> None:
    over = '[[term]]\nid = "hydration"\nrate = 84.00\n[concurrency]\nshares = [1, 0.50]\n'
    one, other = compared(tmp_path / "a", over, *LINES), compared(tmp_path / "b", over, *LINES[::-1])
    assert bridge(one) == bridge(other)


# --- the sample claims ---


def test_the_bridge_of_the_sample_proposals_adds_up(tmp_path: Path, project: Path) -> None:
    """On the sample claims too, cut to the first thousand lines."""
    whole = project / "data" / "samples" / "claims_2025.csv"
    (tmp_path / "some.csv").write_text("".join(whole.open(encoding="utf-8").readlines()[:1001]))
    made = compare(
        read_claims(tmp_path / "some.csv"),
        "meridian",
        ["meridian_proposal_a", "meridian_proposal_b"],
        date(2027, 1, 1),
    )
    for scenario in made.proposals:
        found = scenario.bridge
        assert found.start + sum(s.in_turn for s in found.steps) == found.end
        assert found.end == int(np.asarray(scenario.priced.allowed)[made.compared].sum())
