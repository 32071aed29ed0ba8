"""Scenarios and the bridge between them, worked by hand in tests/small_book.py."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import builders
import pytest
import small_book
from small_book import AFTER, TODAY, small_study

from hitmodel.errors import InputError
from hitmodel.scenario import Bridge, BridgeStep, compare


def test_the_bridge_walks_the_offer_clause_by_clause(tmp_path: Path) -> None:
    # In turn: L2 700 × .5 → .4 = −70; then L1 +70 and L2 280 → 308 = +28; then drugs 186 units × −.50 = −93.
    # Alone: −70; +70 + 35 = +105; −93. Together −58; the other −7 of −65 is that L2's rise is at 40 and not at 50 %.
    bridge = small_study(tmp_path).proposals[0].bridge
    assert (bridge.start, bridge.end) == (TODAY, AFTER)
    assert [(s.in_turn, s.alone) for s in bridge.steps] == [(-70_00, -70_00), (98_00, 105_00), (-93_00, -93_00)]
    assert bridge.interaction == -7_00
    assert [s.patients for s in bridge.steps] == [1, 1, 3]
    assert [s.label for s in bridge.steps][1:] == ["per diem 100 → 110", "drugs 2.00 → 1.50"]
    assert [s.cite for s in bridge.steps] == ["section 3", "section 1", "section 2"]


def test_a_proposal_that_changes_nothing_is_the_baseline(tmp_path: Path) -> None:
    header = '[contract]\nextends = "now"\ntitle = "Same"\neffective_from = 2025-01-01\n'
    made = small_study(tmp_path, offer=header)
    assert made.proposals[0].bridge == Bridge(TODAY, (), TODAY)


def test_claims_without_a_line_of_the_payer_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no line of the claims is priced by every side"):
        small_study(tmp_path, "S9500 2025-03-03 2025-03-09 7 1050.00 payer=Somebody_else")


def test_the_payer_that_was_meant_is_named(tmp_path: Path) -> None:
    claims = builders.claims(tmp_path, "S9500 2025-03-03 2025-03-09 7 1050.00", payer="A payr")
    contract = builders.contract(tmp_path)
    with pytest.raises(InputError) as raised:
        compare(claims, contract, [contract])
    assert raised.value.suggestion == "A payr"


def test_no_proposal_is_refused(tmp_path: Path) -> None:
    now, _ = small_book.contracts(tmp_path)
    with pytest.raises(InputError, match="no proposal is named"):
        compare(builders.claims(tmp_path, *small_book.LINES), now, [])


def test_sides_with_one_title_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    now, offer = small_book.contracts(tmp_path)
    other = builders.write(tmp_path / "second", small_book.OFFER, "2025.toml").parent
    made = compare(builders.claims(tmp_path, *small_book.LINES), now, [offer, other])
    assert made.titles == ("Today", "Offer (offer)", "Offer (second)")


def test_the_scope_says_when_and_as_if_when(tmp_path: Path) -> None:
    now, offer = small_book.contracts(tmp_path)
    claims = builders.claims(tmp_path, *small_book.LINES)
    assert compare(claims, now, [offer]).scope == "2025 claims by date of service"
    later = compare(claims, now, [offer], as_of=date(2027, 1, 1), drug_prices="latest")
    assert later.scope == "2025 claims as if on 1 January 2027, newest drug prices"


def step(label: str, in_turn: int, patients: int) -> BridgeStep:
    return BridgeStep(label, "somewhere", in_turn, in_turn, patients)


def test_a_clause_of_few_patients_is_put_with_the_next_smallest() -> None:
    steps = (step("a", -500, 3), step("b", 900, 40), step("c", -100, 12), step("d", 0, 0))
    pooled = Bridge(10_000, steps, 10_300).pooled()
    assert [(s.label, s.in_turn, s.patients) for s in pooled.steps] == [
        ("b", 900, 40),
        ("d", 0, 0),
        ("2 clauses together", -600, 12),
    ]
    assert pooled.start + sum(s.in_turn for s in pooled.steps) == pooled.end
    assert pooled.interaction == Bridge(10_000, steps, 10_300).interaction


def test_a_bridge_without_small_clauses_stays_as_it_is() -> None:
    bridge = Bridge(10_000, (step("a", -500, 11),), 9_500)
    assert bridge.pooled() is bridge
