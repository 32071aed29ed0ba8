"""Published payer policies: each is a contract, checked, and priced to what its text gives by hand."""

from __future__ import annotations

import runpy
from decimal import Decimal
from pathlib import Path

import pytest
from case_files import Case, write_lines
from oracle.price import price as oracle_price
from policy_files import PLAUSIBLE, POLICIES, Policy, read_policies, run_together
from test_cases import expected, of_engine, ranges_of

from hitmodel.contract_checks import check_contract
from hitmodel.contracts import load_contract
from hitmodel.explanation import explain
from hitmodel.money import to_cents
from hitmodel.pricing import price
from hitmodel.references import default_references

EXPECTED = (
    *("alaska_medicaid", "arkansas", "blue_cross_idaho", "bcbs_michigan", "bcbs_montana", "bcbs_nebraska"),
    *("bcbs_north_carolina", "bcbs_north_dakota", "bcbs_texas", "florida_blue", "hmsa", "lifewise", "medicare_hit"),
    *("montana_medicaid", "oregon", "texas_medicaid", "tricare", "washington_medicaid", "wyoming_workers"),
)
"""Published policies that set a price or say what is payable; each must have its files."""

PUBLISHED = read_policies(POLICIES)
ALL = [*PUBLISHED, *read_policies(PLAUSIBLE)]


def _marks(policy: Policy) -> tuple[pytest.MarkDecorator, ...]:
    return () if policy in PUBLISHED else (pytest.mark.slow,)


EACH = [pytest.param(policy, id=policy.name, marks=_marks(policy)) for policy in ALL]
CASES = [
    pytest.param(policy, case, id=f"{policy.name}: {case.name}", marks=_marks(policy))
    for policy in ALL
    for case in policy.cases
]


@pytest.mark.parametrize("name", EXPECTED)
def test_every_published_policy_has_its_files(name: str) -> None:
    assert (POLICIES / f"{name}.toml").is_file(), f"write tests/cases/policies/{name}.toml"
    assert list((POLICIES / name).glob("*.toml")), f"write a contract in tests/cases/policies/{name}/"


def test_every_policy_file_is_listed() -> None:
    assert {policy.name for policy in PUBLISHED} == set(EXPECTED)


@pytest.mark.parametrize("policy", EACH)
def test_a_policy_says_what_is_published_and_what_is_invented(policy: Policy) -> None:
    assert policy.payer
    assert policy.published
    assert policy.invented
    names = [case.name for case in policy.cases]
    assert len(set(names)) == len(names)
    for case in policy.cases:
        assert case.cite.strip(), case.name
        assert case.work.strip(), case.name
        assert len(case.lines) == len(case.allowed), f"{case.name}: one expectation for each line"


@pytest.mark.parametrize("policy", EACH)
def test_every_rule_is_in_the_contract_and_worked(policy: Policy) -> None:
    """A rule names the words of the contract that say it and the case that proves it, or why there are none."""
    written, names = policy.written(), {case.name for case in policy.cases}
    for rule in policy.rules:
        assert bool(rule.fragment) != bool(rule.beyond), rule.says
        for fragment in rule.fragment:
            assert run_together(fragment) in written, f"{rule.says}: no contract file says {fragment}"
        assert not rule.fragment or rule.case in names, f"{rule.says}: no case '{rule.case}'"


@pytest.mark.parametrize("policy", EACH)
def test_a_policy_passes_the_check(policy: Policy) -> None:
    folders = dict.fromkeys(policy.folder(case.contract) for case in policy.cases)
    found = [f for d in folders for f in check_contract(load_contract(d), default_references()) if f.serious]
    assert not found, "\n".join(map(str, found))


@pytest.mark.parametrize(("policy", "case"), CASES)
def test_policy_is_priced_as_worked_by_hand(policy: Policy, case: Case, tmp_path: Path) -> None:
    claims = write_lines(tmp_path / "claims.csv", case.lines, case.payer)
    case.lay_evidence(tmp_path)
    priced = price(claims, policy.folder(case.contract), as_of=case.as_of)
    found, wanted = of_engine(priced), expected(case)
    workings = [str(explain(priced, line_id=f"L{n}")) for n, _ in enumerate(case.lines, start=1)]
    assert found == wanted, "\n".join([f"by hand: {case.work}", f"expected {wanted}, got {found}", *workings])
    said = {line: tuple(to_cents(Decimal(str(v))) for v in ends) for line, ends in case.low_high.items()}
    assert ranges_of(priced) == said, case.work


@pytest.mark.parametrize(("policy", "case"), CASES)
def test_oracle_prices_the_policy(policy: Policy, case: Case, tmp_path: Path) -> None:
    if case.beyond_oracle:
        pytest.skip("the oracle does not know this clause yet")
    claims = write_lines(tmp_path / "claims.csv", case.lines, case.payer)
    case.lay_evidence(tmp_path)
    said = oracle_price(claims, policy.folder(case.contract), case.as_of)
    found = [(said[f"L{n}"].status, said[f"L{n}"].allowed) for n, _ in enumerate(case.lines, start=1)]
    assert found == expected(case), case.work


def test_the_policies_page_is_what_the_files_say(project: Path) -> None:
    made = runpy.run_path(str(project / "tools" / "policies_page.py"))["page"]()
    assert (project / "docs" / "policies.md").read_text(encoding="utf-8") == made, "run: python tools/policies_page.py"
