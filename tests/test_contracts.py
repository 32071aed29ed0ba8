"""Loading contracts: what is read, and every broken contract beside the exact message it should produce.

A file or folder of ``bad_contracts`` says in its first lines, ``# expect: …``, what is wrong with it: all mistakes, in
order. A message may end in ``...`` where it goes on with a list that grows.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from builders import PER_DIEM, contract, header, write

from hitmodel import paths
from hitmodel.compile import compile_contract
from hitmodel.contracts import load_contract, read_contract
from hitmodel.dates import Span
from hitmodel.errors import ContractError
from hitmodel.overlays import contract_names
from hitmodel.references import default_references

BAD = Path(__file__).parent / "bad_contracts"
CASES = sorted(p for p in BAD.iterdir() if p.suffix == ".toml" or p.is_dir())


def expected(case: Path) -> list[str]:
    """Return the messages that a broken contract states it should produce."""
    first = case if case.is_file() else min(case.glob("*.toml"))
    lines = first.read_bytes().decode("latin-1").encode("latin-1").decode("utf-8", "replace").splitlines()
    return [line.removeprefix("# expect: ") for line in lines if line.startswith("# expect: ")]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_broken_contract_says_what_is_wrong(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BAD)
    made, problems = read_contract(case)
    assert made is None
    said, wanted = [str(p) for p in problems], expected(case)
    assert wanted, f"{case.name} does not say what to expect"
    cut = [s[: len(w) - 3] + "..." if w.endswith("...") else s for s, w in zip(said, wanted, strict=False)]
    assert [*cut, *said[len(cut) :]] == wanted
    with pytest.raises(ContractError) as raised:
        load_contract(case)
    assert str(raised.value) == said[0]


def test_a_mistake_keeps_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BAD)
    with pytest.raises(ContractError) as raised:
        load_contract("key_unknown.toml")
    error = raised.value
    assert (error.where, error.suggestion) == ("key_unknown.toml, term 'antibiotic_per_diem'", "rate")


@pytest.mark.parametrize("name", contract_names())
def test_every_contract_that_ships_is_without_mistakes(name: str) -> None:
    made, problems = read_contract(name)
    assert not problems
    assert made is not None
    assert made.name == name


def test_money_is_exact_and_codes_are_text(tmp_path: Path) -> None:
    made = contract(tmp_path, PER_DIEM.replace("95.00", "95.10") + 'cite = "section 2.1"\n').latest
    term = made.named("antibiotic_per_diem")
    assert (term.rate, str(term.rate), term.codes[0]) == (Decimal("95.10"), "95.10", "S9500")
    assert made.contract.effective_from == date(2025, 1, 1)


def test_a_whole_number_is_money_too(tmp_path: Path) -> None:
    term = contract(tmp_path, PER_DIEM.replace("95.00", "95")).latest.named("antibiotic_per_diem")
    assert (term.rate, type(term.rate)) == (Decimal(95), Decimal)


def test_a_contract_is_known_by_its_folder_or_its_file(tmp_path: Path) -> None:
    file = write(tmp_path / "example_ppo", PER_DIEM)
    assert load_contract(file.parent).name == "example_ppo"
    assert load_contract(file).name == "2025"
    assert load_contract(file).files == (paths.shown(file),)


def test_versions_are_in_order_of_date_whatever_their_files_are_called(tmp_path: Path) -> None:
    write(tmp_path / "c", header("2026-01-01") + PER_DIEM, "a.toml")
    write(tmp_path / "c", header("2025-01-01", "2025-12-31", 'title = "old"') + PER_DIEM, "b.toml")
    made = load_contract(tmp_path / "c")
    assert [v.contract.effective_from.year for v in made.versions] == [2025, 2026]
    assert made.title == "c"  # the latest version has none


def test_payers_of_all_versions_are_the_contracts(tmp_path: Path) -> None:
    write(tmp_path / "c", header("2025-01-01", "2025-12-31") + PER_DIEM)
    write(
        tmp_path / "c",
        '[contract]\nextends = "2025.toml"\npayers = ["Another", "A payer"]\neffective_from = 2026-01-01\n',
        "2026.toml",
    )
    assert load_contract(tmp_path / "c").payers == ("A payer", "Another")


SCHEDULE = (
    header()
    + '[[schedule]]\nid = "rates"\nfile = "rates.csv"\n'
    + '[[term]]\nid = "by_schedule"\nroles = ["per_diem"]\nmechanism = "schedule"\nschedule = "rates"\n'
)


def test_an_edited_schedule_is_read_again_with_its_contract(tmp_path: Path) -> None:
    """In a notebook the same process loads a contract many times; it must never see yesterday's rates."""
    day = Span(date(2025, 3, 3), date(2025, 3, 3))
    write(tmp_path / "c", SCHEDULE)
    rates = tmp_path / "c" / "rates.csv"
    rates.write_text("code,rate\nS9500,95.00\n")
    before = load_contract(tmp_path / "c")

    def rate_under(made: object) -> Decimal:
        look = compile_contract(made, default_references(), day, day).periods[0].look
        return look.schedules["rates"][0].rate

    assert rate_under(before) == Decimal("95.00")
    rates.write_text("code,rate\nS9500,96.00\n")
    after = load_contract(tmp_path / "c")
    assert rate_under(after) == Decimal("96.00")
    assert rate_under(before) == Decimal("95.00")  # what was loaded stays what it was
    assert before.latest.schedule != after.latest.schedule


def test_a_schedule_that_changes_behind_a_loaded_contract_is_not_mixed_in(tmp_path: Path) -> None:
    day = Span(date(2025, 3, 3), date(2025, 3, 3))
    made = load_contract(write(tmp_path / "c", header() + PER_DIEM).parent)
    write(tmp_path / "c", SCHEDULE)
    rates = tmp_path / "c" / "rates.csv"
    rates.write_text("code,rate\nS9500,95.00\n")
    made = load_contract(tmp_path / "c")
    schedule = made.latest.schedule[0].model_copy(update={"checksum": "0" * 64})
    stale = made.model_copy(update={"versions": (made.latest.model_copy(update={"schedule": (schedule,)}),)})
    with pytest.raises(ContractError, match="has changed since the contract that names it was loaded"):
        compile_contract(stale, default_references(), day, day)


def test_a_schedule_may_come_from_a_spreadsheet(tmp_path: Path) -> None:
    """A byte order mark, blanks around cells, capitals in headings, other columns, codes in small letters."""
    write(tmp_path / "c", SCHEDULE)
    text = '\ufeffCode , Rate,Description\r\n s9500 , 95.00 ,"two\r\nlines"\r\nS9501,96.5,\r\n'
    (tmp_path / "c" / "rates.csv").write_bytes(text.encode())
    day = Span(date(2025, 3, 3), date(2025, 3, 3))
    look = compile_contract(load_contract(tmp_path / "c"), default_references(), day, day).periods[0].look
    assert [(r.code, r.rate) for r in look.schedules["rates"]] == [
        ("S9500", Decimal("95.00")),
        ("S9501", Decimal("96.5")),
    ]
