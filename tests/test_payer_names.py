"""Payers that no contract names, and the contract that is likely meant."""

from __future__ import annotations

import pytest

from hitmodel.payer_names import unnamed_payers


@pytest.mark.slow
@pytest.mark.parametrize(
    ("payer", "contract", "means"),
    [
        ("MERIDIAN HLTH PLN", "meridian", "Meridian Health Plan"),  # abbreviated
        ("Meridian", "meridian", "Meridian Health Plan"),  # its first word alone
        ("Meridan Health Plan", "meridian", "Meridian Health Plan"),  # misspelt
        ("MERIDIAN HEALTH PLAN OF OHIO", "meridian", "Meridian Health Plan"),  # longer
        ("Aetna", "", ""),
    ],
)
def test_a_payer_without_contract_is_told_with_the_likeliest(payer: str, contract: str, means: str) -> None:
    (found,) = unnamed_payers([payer, "MERIDIAN  health plan", "Cascade Mutual", ""])
    assert (found.payer, found.contract, found.means) == (payer, contract, means)
    assert f"'{payer}'" in found.cure
    assert (means in found.cure) if means else ("payers of its contract" in found.cure)
