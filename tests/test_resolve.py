"""What a contract says about one kind at one moment; and that a changed rate is worked out only where it matters."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from builders import PER_DIEM, claims, contract, header

from hitmodel.codes import code_table
from hitmodel.compile import Period, compile_contract
from hitmodel.dates import Span
from hitmodel.forms import Amount, Basis, Known, Unpriced
from hitmodel.mechanisms.base import LineKind
from hitmodel.pricing import Pricer
from hitmodel.references import default_references
from hitmodel.resolve import Resolution, Resolver, is_limited
from hitmodel.status import Status
from hitmodel.terms import Contract, LesserOf
from hitmodel.vocabulary import Selector

DAY = date(2025, 3, 3)


def kind(code: str, modifiers: str = "", **more: object) -> LineKind:
    entry = code_table().entry(code)
    assert entry is not None
    about = {"role": entry.role, "therapy_class": entry.therapy_class, "billed_code": code}
    return LineKind(code, frozenset(modifiers.split()), known=frozenset({"charge"}), **(about | more))


def period(made: Contract, day: date = DAY) -> Period:
    return compile_contract(made, default_references(), Span(day, day), Span(day, day)).periods[0]


def resolved(folder: Path, text: str, of: LineKind) -> Resolution:
    return Resolver().resolve(of, period(contract(folder, text)), DAY)


def test_a_term_becomes_a_price_form_with_its_steps(tmp_path: Path) -> None:
    found = resolved(tmp_path, PER_DIEM + 'cite = "section 2.1"\n', kind("S9500"))
    assert found.outcome == Amount(Fraction(95), Basis.DAY)
    assert (found.term, found.mechanism) == ("antibiotic_per_diem", "per_diem")
    (step,) = found.outcome.steps
    assert (step.name, dict(step.values)["rate"], step.cite) == ("per diem", Decimal(95), "section 2.1")


def test_no_term_is_silence(tmp_path: Path) -> None:
    found = resolved(tmp_path, PER_DIEM, kind("S9379", "SH"))
    assert found.outcome == Unpriced(Status.CONTRACT_SILENT, "no term speaks of S9379-SH")


def test_days_outside_every_version_are_silence(tmp_path: Path) -> None:
    there = period(contract(tmp_path, header("2026-01-01") + PER_DIEM))
    outcome = Resolver().resolve(kind("S9500"), there, DAY).outcome
    assert isinstance(outcome, Unpriced)
    assert outcome.status is Status.CONTRACT_SILENT


def test_adjustments_that_fit_multiply(tmp_path: Path) -> None:
    text = PER_DIEM + '[[adjustment]]\nid = "suite"\nmodifiers = ["SS"]\nfactor = 0.85\ncite = "section 3"\n'
    text += '[[adjustment]]\nid = "all"\nroles = ["per_diem"]\nfactor = 1.10\n'
    found = resolved(tmp_path, text, kind("S9500", "SS"))
    assert found.factor == Fraction(85, 100) * Fraction(110, 100)
    assert [dict(s.values)["id"] for s in found.factor_steps] == ["suite", "all"]
    assert resolved(tmp_path, text, kind("S9500")).factor == Fraction(110, 100)


def test_nothing_multiplies_a_known_zero(tmp_path: Path) -> None:
    text = '[[term]]\nid = "t"\ncodes = ["S9500"]\nmechanism = "not_covered"\n'
    text += '[[adjustment]]\nid = "all"\nroles = ["per_diem"]\nfactor = 1.10\n'
    found = resolved(tmp_path, text, kind("S9500"))
    assert isinstance(found.outcome, Known)
    assert found.factor == 1


def test_shares_belong_to_therapies_that_count(tmp_path: Path) -> None:
    text = header() + '[concurrency]\nshares = [1, 0.50]\ncite = "section 4"\n' + PER_DIEM
    text += '[[term]]\nid = "drugs"\nroles = ["drug"]\nmechanism = "fixed"\nper = "unit"\nrate = 2.00\n'
    assert resolved(tmp_path, text, kind("S9500")).shares == (1, Fraction(1, 2))
    assert resolved(tmp_path, text, kind("S9500")).share_cite == "section 4"
    assert resolved(tmp_path, text, kind("J0696")).shares == ()


@pytest.mark.parametrize(
    ("rule", "limited"),
    [
        (LesserOf(), False),
        (LesserOf(level="line"), True),
        (LesserOf(level="claim"), True),
        (LesserOf(level="line", exclude=Selector(roles=("per_diem",))), False),
        (LesserOf(level="line", exclude=Selector(roles=("drug",))), True),
        (LesserOf(level="line", exclude=Selector(without_modifiers=("SS",))), False),
    ],
)
def test_whom_the_charge_limit_holds_for(rule: LesserOf, limited: bool) -> None:
    assert is_limited(kind("S9500"), rule) is limited


# --- what is worked out again ---

BOOK = (
    "S9500 2025-03-03 2025-03-03 1 900.00",
    "S9501 2025-03-03 2025-03-03 1 900.00 patient=P2",
    "S9379 2025-03-03 2025-03-03 1 900.00 patient=P3",
    "J0696 2025-03-03 2025-03-03 1 900.00 patient=P4",
    "J0696 2025-05-03 2025-05-03 1 900.00 patient=P4",
)
TERMS = (
    PER_DIEM
    + '[[term]]\nid = "other"\nroles = ["per_diem"]\nmechanism = "per_diem"\nrate = 120.00\n'
    + '[[term]]\nid = "drugs"\nroles = ["drug"]\nmechanism = "drug"\n'
    + 'chain = [{ of = "payment_limit", multiplier = 1.06 }]\n'
)


@pytest.fixture
def worked(tmp_path: Path) -> Pricer:
    pricer = Pricer(claims(tmp_path, *BOOK))
    pricer.price(contract(tmp_path, TERMS))
    return pricer


def again(pricer: Pricer, folder: Path, text: str) -> int:
    """Return how many kinds are worked out to price the same claims under another contract."""
    before = pricer.resolver.worked_out
    pricer.price(contract(folder / "other", text))
    return pricer.resolver.worked_out - before


def test_each_kind_is_worked_out_once_for_each_moment(worked: Pricer) -> None:
    # Three per diem codes in the first quarter; the drug in the first and in the second.
    assert worked.resolver.worked_out == 5


def test_the_same_contract_again_costs_nothing(worked: Pricer, tmp_path: Path) -> None:
    assert again(worked, tmp_path, TERMS) == 0


def test_a_changed_rate_touches_only_the_kinds_that_its_term_could_govern(worked: Pricer, tmp_path: Path) -> None:
    # The first fits S9500 and S9501; the second every per diem, also where it is outranked; the third the drug twice.
    assert again(worked, tmp_path, TERMS.replace("95.00", "96.00")) == 2
    assert again(worked, tmp_path, TERMS.replace("120.00", "121.00")) == 3
    assert again(worked, tmp_path, TERMS.replace("1.06", "1.05")) == 2


def test_a_changed_rate_needs_no_new_fit(worked: Pricer, tmp_path: Path) -> None:
    again(worked, tmp_path, TERMS.replace("95.00", "96.00"))
    first, second = (worked.price(contract(tmp_path, text)) for text in (TERMS, TERMS.replace("95.00", "97.00")))
    assert first.fitted is second.fitted
    assert (first.allowed[0], second.allowed[0]) == (9500, 9700)


def test_a_rate_change_touches_only_its_lines(worked: Pricer, tmp_path: Path) -> None:
    change = '[[rate_change]]\nid = "up"\nfactor = 1.04\napplies_to = { codes = ["S9501"] }\n'
    assert again(worked, tmp_path, TERMS + change) == 1


def test_what_was_worked_out_under_other_rules_is_not_used(worked: Pricer, tmp_path: Path) -> None:
    limited = worked.price(contract(tmp_path, 'lesser_of = "line"\n' + header() + TERMS))
    assert all(r.limited for r in limited.rated.resolutions)
    assert not any(r.limited for r in worked.price(contract(tmp_path, TERMS)).rated.resolutions)
