"""Lines priced in blocks come to the same as by every rule, on random contracts and by hand."""

from __future__ import annotations

import tempfile
from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from case_files import write_rows
from few_lines import ANTIBIOTIC, few_lines
from hypothesis import HealthCheck, Phase, given, seed, settings
from oracle.generate import Question, questions

from hitmodel import plain
from hitmodel.amounts import MOST_BELOW, over_one
from hitmodel.claims import read_claims
from hitmodel.contracts import load_contract
from hitmodel.errors import HitmodelError
from hitmodel.evidence_file import evidence_of
from hitmodel.pricing import Dating, Pricer
from hitmodel.worked import work_out

TERMS = """\
[lesser_of]
level = "line"
percent = 0.90
cite = "section 4"
[concurrency]
shares = [1, 0.50]
[[term]]
id = "drugs"
roles = ["drug"]
mechanism = "percent_of_charge"
share = 0.40
[[term]]
id = "nursing"
codes = ["99601", "99602"]
mechanism = "nursing"
first = 150.00
further = 65.00
"""
LINES = """\
C1,L1,P1,Ours,2025-03-03,2025-03-09,S9500,,7,1050.00,12
C2,L2,P2,Ours,2025-03-03,2025-03-09,S9500,,7,770.00,12
C3,L3,P3,Ours,2025-03-03,2025-03-05,S9500,SH,3,900.00,12
C4,L4,P4,Ours,2025-03-03,2025-03-03,J0696,,4,33.33,12
C5,L5,P5,Ours,2025-03-03,2025-03-03,J0696,,4,,12
C6,L6,P6,Theirs,2025-03-03,2025-03-09,S9500,,7,1050.00,12
C7,L7,P7,Ours,2025-03-03,2025-03-03,99601,,1,500.00,12
C8,L8,P8,Ours,2025-03-03,2025-03-03,S9500,,-1,-110.00,12
"""


def test_by_hand(tmp_path: Path) -> None:
    """7 × 100.10 = 700.70; held to 0.9 × 770.00 = 693.00; 3 × 100.10 × 0.5 = 150.15; 0.4 × 33.33 = 13.332, 13.33.

    A visit 150.00; a void −100.10, held to 0.9 × −110.00 = −99.00; a line that cannot be read has no amount.
    """
    pricer, contract = few_lines(tmp_path, TERMS + ANTIBIOTIC.format(rate="100.10"), LINES)
    priced = pricer.price(contract)
    assert len(priced.plain.others) == 0
    assert priced.allowed.tolist() == [70070, 69300, 15015, 1333, 0, 0, 15000, -9900]
    assert priced.base.tolist() == [70070, 70070, 15015, 1333, 0, 0, 15000, -10010]
    assert priced.reason_texts[4] == "charge: a number is needed"
    assert priced.reason_texts[5] == "Theirs is not a payer of ours"
    assert [(n.before, n.after, n.change.cite) for n in priced.notes.on(1)] == [(70070, 69300, "section 4")]
    assert priced.notes.on(0) == []


def test_rates_too_awkward_for_one_denominator() -> None:
    """1/3 and 1/7 share 2 × 21 = 42: 14 and 6 of it. 1/(10¹² + 39) is left out, and so is what 64 bits cannot hold."""
    ones = np.ones(4, dtype=np.int64)
    awkward = Fraction(1, MOST_BELOW + 39)
    above, below, apart = over_one([Fraction(1, 3), Fraction(1, 7), awkward, Fraction(0)], ones)
    assert (above.tolist(), below, apart.tolist()) == ([14, 6, 0, 0], 42, [2])
    above, _, apart = over_one([Fraction(10**9)], np.array([10**12], dtype=np.int64))
    assert (above.tolist(), apart.tolist()) == ([0], [0])


@pytest.mark.slow
@pytest.mark.parametrize("drawn", range(3))
def test_blocks_and_every_rule_agree(drawn: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a contract says, lines in blocks have the status, reason, amounts, steps and resolution of all rules."""
    monkeypatch.setattr(plain, "BLOCK", 3)
    seen: Counter[str] = Counter()

    @seed(drawn)
    @settings(
        max_examples=40,
        phases=(Phase.generate,),
        deadline=None,
        database=None,
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much),
    )
    @given(questions())
    def ask(question: Question) -> None:
        with tempfile.TemporaryDirectory() as folder:
            compare(question, Path(folder), seen)

    ask()
    assert seen["plain"] > 15, seen
    assert seen["others"] > 15, seen


def compare(question: Question, folder: Path, seen: Counter[str]) -> None:
    claims, dating = write_rows(folder / "claims.csv", question.rows), Dating(question.as_of, question.drug_prices)
    try:
        contract = load_contract(question.write(folder))
        pricer = Pricer(read_claims(claims), evidence=evidence_of(None, claims), threads=2)
        priced = pricer.price(contract, dating)
    except HitmodelError:
        return
    whole = work_out(pricer.resolver, priced.compiled, priced.fitted, pricer.evidence)
    assert priced.status.tolist() == whole.status.tolist()
    assert list(priced.reason_texts) == [whole.reasons[r] if r >= 0 else "" for r in whole.reason.tolist()]
    assert (priced.base.tolist(), priced.allowed.tolist()) == (whole.base.tolist(), whole.allowed.tolist())
    assert priced.rated.rank.tolist() == whole.rated.rank.tolist()
    ours, theirs = priced.rated, whole.rated
    for mine, other in zip(ours.resolution.tolist(), theirs.resolution.tolist(), strict=True):
        assert ours.resolutions[mine] == theirs.resolutions[other]
    for line in range(len(priced.status)):
        assert priced.notes.on(line) == whole.notes.on(line)
    seen["others"] += len(priced.plain.others)
    seen["plain"] += len(priced.status) - len(priced.plain.others)
