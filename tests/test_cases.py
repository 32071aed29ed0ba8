"""Every worked case in ``cases/``: the engine and the oracle must both come to what was worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from case_files import CASES, Case, claim_row, read_cases, write_lines, write_rows
from oracle.price import CannotPrice
from oracle.price import price as oracle_price

from hitmodel.claims import Claims, read_claims
from hitmodel.errors import HitmodelError
from hitmodel.explanation import explain
from hitmodel.mechanisms.registry import MECHANISMS
from hitmodel.money import to_cents
from hitmodel.pricing import Priced, price

ALL = [case for path in sorted(CASES.glob("*.toml")) for case in read_cases(path)]


def named(case: Case) -> str:
    return f"{case.file}: {case.name}"


WORKED = [pytest.param(case, id=named(case)) for case in ALL if not case.error]
REFUSED = [pytest.param(case, id=named(case)) for case in ALL if case.error]


def expected(case: Case) -> list[tuple[str, int | None]]:
    """Status and cents of each line as the case states them; bundled and not covered are a known 0.00."""
    said: list[tuple[str, int | None]] = []
    for value in case.allowed:
        if value in ("bundled", "not_covered"):
            said.append((value, 0))
        elif value in ("contract_silent", "needs_review", "out_of_scope"):
            said.append((value, None))
        else:
            said.append(("priced", to_cents(Decimal(str(value)))))
    return said


def cents_of(dollars: object) -> int:
    return to_cents(Decimal(str(dollars)))


def ranges_of(priced: Priced) -> dict[str, tuple[int, int]]:
    """Least and most of each line that rests on an assumption about missing evidence."""
    if priced.range is None:
        return {}
    ids = priced.claims.lines["line_id"]
    return {
        str(ids[n]): (int(priced.range.low[n]), int(priced.range.high[n]))
        for n in range(len(ids))
        if priced.range.lines[n]
    }


def of_engine(priced: Priced) -> list[tuple[str, int | None]]:
    frame = priced.frame()
    known = zip(frame["status"], frame["allowed_cents"].astype(object).where(priced.known, None), strict=True)
    return [(status, None if cents is None else int(cents)) for status, cents in known]


@pytest.fixture(scope="session")
def read_together(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Claims]:
    """The claims of all worked cases without companion files, read as one file and parted again: reading costs most."""
    alone = [case for case in ALL if not case.error and not case.evidence]
    rows = [
        claim_row(text, number, case.payer) | {"line_id": f"{place}:L{number}"}
        for place, case in enumerate(alone)
        for number, text in enumerate(case.lines, start=1)
    ]
    whole = read_claims(write_rows(tmp_path_factory.mktemp("cases") / "claims.csv", rows))
    place = whole.lines["line_id"].str.split(":").str[0].astype(int)
    parts = whole.lines.assign(line_id=whole.lines["line_id"].str.split(":").str[1])
    return {
        named(alone[n]): replace(whole, lines=part.reset_index(drop=True), findings=())
        for n, part in parts.groupby(place)
    }


@pytest.mark.parametrize("case", WORKED)
def test_worked_case(case: Case, tmp_path: Path, read_together: dict[str, Claims]) -> None:
    claims = read_together.get(named(case)) or write_lines(tmp_path / "claims.csv", case.lines, case.payer)
    case.lay_evidence(tmp_path)
    priced = price(claims, case.folder(tmp_path), as_of=case.as_of, drug_prices=case.drug_prices)
    found, wanted = of_engine(priced), expected(case)
    workings = [str(explain(priced, line_id=f"L{n}")) for n, _ in enumerate(case.lines, start=1)]
    told = [f"{case.name} ({case.cite}): expected {wanted}, got {found}", f"by hand: {case.work}", *workings]
    assert found == wanted, "\n".join(told)
    assert ranges_of(priced) == {line: tuple(map(cents_of, ends)) for line, ends in case.low_high.items()}, told[1]


@pytest.mark.parametrize("case", WORKED)
def test_oracle_on_worked_case(case: Case, tmp_path: Path) -> None:
    if case.beyond_oracle:
        pytest.skip("the oracle does not know this clause yet")
    claims = write_lines(tmp_path / "claims.csv", case.lines, case.payer)
    case.lay_evidence(tmp_path)
    said = oracle_price(claims, case.folder(tmp_path), case.as_of, case.drug_prices)
    found = [(said[f"L{n}"].status, said[f"L{n}"].allowed) for n, _ in enumerate(case.lines, start=1)]
    assert found == expected(case), f"{case.name} ({case.cite}); by hand: {case.work}"


@pytest.mark.parametrize("case", REFUSED)
def test_refused_case(case: Case, tmp_path: Path) -> None:
    claims = write_lines(tmp_path / "claims.csv", case.lines, case.payer)
    folder = case.folder(tmp_path)
    with pytest.raises(HitmodelError) as raised:
        price(claims, folder, as_of=case.as_of, drug_prices=case.drug_prices)
    assert case.error in str(raised.value)
    if case.beyond_oracle:
        return
    with pytest.raises(CannotPrice):
        oracle_price(claims, folder, case.as_of, case.drug_prices)


@pytest.mark.parametrize("name", MECHANISMS)
def test_every_mechanism_has_worked_cases(name: str) -> None:
    path = CASES / f"{name}.toml"
    assert path.is_file(), f"mechanism '{name}' has no worked cases: write tests/cases/{name}.toml"
    used = [
        case
        for case in read_cases(path)
        if f'mechanism = "{name}"' in case.contract_toml + "".join(case.files.values())
    ]
    assert used, f'{path.name} has no case whose contract says mechanism = "{name}"'


@pytest.mark.parametrize("case", [pytest.param(case, id=named(case)) for case in ALL])
def test_a_case_shows_its_work(case: Case) -> None:
    assert case.work.strip(), "the arithmetic is missing"
    assert case.cite.strip(), "the clause or catalogue entry is missing"
    assert case.error or len(case.lines) == len(case.allowed), "one expectation for each line"
    assert bool(case.contract) != bool(case.contract_toml or case.files), "name a contract, or write one, not both"


def test_names_are_unique() -> None:
    names = [(case.file, case.name) for case in ALL]
    assert len(set(names)) == len(names)
