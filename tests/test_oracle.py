"""Engine and oracle on contracts and claims made at random: the same status and the same cents on every line."""

from __future__ import annotations

import os
import random
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from case_files import write_rows
from hypothesis import HealthCheck, Phase, given, seed, settings
from oracle.contract_file import CannotPrice
from oracle.generate import Question, questions
from oracle.price import Said
from oracle.price import price as oracle_price

from hitmodel.errors import HitmodelError
from hitmodel.pricing import price
from hitmodel.status import Status

MORE = os.environ.get("HITMODEL_ORACLE_EXAMPLES", "")
"""A number of examples for the long run, other ones every time; without it the same few hundred."""
CHECKS_OFF = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)
NOT_SHRUNK = (Phase.explicit, Phase.generate)
SHORT = settings(max_examples=10, phases=NOT_SHRUNK, deadline=None, database=None, suppress_health_check=CHECKS_OFF)
LONG = settings(SHORT, max_examples=int(MORE or 250))
SEED = random.randrange(10**6) if MORE else 1
Answers = dict[str, tuple[str, int | None, int | None]]


def of_engine(question: Question, claims: Path, folder: Path) -> Answers | str:
    try:
        priced = price(claims, folder, as_of=question.as_of, drug_prices=question.drug_prices)
    except HitmodelError as error:
        return f"refused: {error}"
    columns = ("line_id", "status", "base_cents", "allowed_cents")
    rows = zip(*(priced.frame()[name].tolist() for name in columns), strict=True)
    known = {status.value for status in Status if status.has_amount}
    return {i: (s, int(base), int(allowed)) if s in known else (s, None, None) for i, s, base, allowed in rows}


def of_oracle(question: Question, claims: Path, folder: Path) -> Answers | str:
    try:
        said = oracle_price(claims, folder, question.as_of, question.drug_prices)
    except CannotPrice as error:
        return f"refused: {error}"
    return {name: _flat(answer) for name, answer in said.items()}


def _flat(said: Said) -> tuple[str, int | None, int | None]:
    return said.status, said.base, said.allowed


def compare(question: Question) -> Counter[str]:
    """Fail with the files, the claims and both answers when engine and oracle differ; count what was answered."""
    with tempfile.TemporaryDirectory() as home:
        folder = question.write(Path(home))
        claims = write_rows(Path(home) / "claims.csv", question.rows)
        engine, oracle = of_engine(question, claims, folder), of_oracle(question, claims, folder)
        if isinstance(engine, str) or isinstance(oracle, str):
            assert isinstance(engine, str), f"the oracle says {oracle}; the engine {engine}\n{_told(question, claims)}"
            assert isinstance(oracle, str), f"the engine says {engine}; the oracle {oracle}\n{_told(question, claims)}"
            return Counter({"refused": 1})
        different = [f"{i}: engine {engine[i]}, oracle {oracle[i]}" for i in oracle if engine[i] != oracle[i]]
        assert not different, "\n".join([*different, _told(question, claims)])
        return Counter(status for status, _, _ in oracle.values())


def _told(question: Question, claims: Path) -> str:
    texts = {name: text for name, text in question.files.items() if name.endswith(".toml")}
    texts |= {f"{name}.csv": text for name, text in question.evidence.items()}
    texts[f"claims as of {question.as_of}, drug prices {question.drug_prices}"] = claims.read_text()
    return "\n".join(f"--- {name}\n{text}" for name, text in texts.items())


def ask(how: settings) -> Counter[str]:
    """Ask engine and oracle as many questions as ``how`` says; return how many lines came out in each status."""
    answered: Counter[str] = Counter()

    @seed(SEED)
    @how
    @given(questions())
    def one(question: Question) -> None:
        answered.update(compare(question))

    one()
    return answered


def test_engine_and_oracle_agree() -> None:
    answered = ask(SHORT)
    assert answered["priced"] > 15, f"too few lines are priced: {answered}"


@pytest.mark.slow
def test_engine_and_oracle_agree_at_length() -> None:
    answered = ask(LONG)
    assert all(answered[status.value] > 10 for status in Status), f"some answers are hardly tried: {answered}"
    assert answered["refused"] < answered["priced"] / 5, f"too many contracts are refused: {answered}"
