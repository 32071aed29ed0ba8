"""Parameters are read, typed and checked before anything runs; text stays text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hitmodel.errors import ContractError, InputError
from hitmodel.parameters import Parameter, Value, choose, describe, read_parameters

CELL = """
payer: str = "0450"  # whose contract
days: int = 7  # how many
deep: bool = False  # whether to look deep
names: list[str] = ["a", "b"]  # in this order
basis: str = "charge"  # of what [one of charge, limit]
as_of: str = ""  # the day [date or empty]
"""


def cells(source: str) -> list[dict[str, Any]]:
    return [{"source": "import this", "metadata": {}}, {"source": source, "metadata": {"tags": ["parameters"]}}]


def declared(source: str = CELL) -> tuple[Parameter, ...]:
    return read_parameters(cells(source), "test.ipynb")


def chosen(*given: str) -> dict[str, Value]:
    return choose(declared(), given, "test.ipynb")


def test_a_cell_declares_names_types_defaults_help_and_checks() -> None:
    assert declared()[0] == Parameter("payer", "str", "0450", "whose contract")
    assert declared()[3] == Parameter("names", "list[str]", ["a", "b"], "in this order")
    assert declared()[5] == Parameter("as_of", "str", "", "the day", "date or empty")
    assert "days: int = 7  how many" in describe(declared())


def test_a_notebook_without_the_cell_has_no_parameters() -> None:
    assert read_parameters([{"source": "1", "metadata": {}}], "test.ipynb") == ()


@pytest.mark.parametrize("text", ["0450", "1E5", "NO", "true", "007", " x=y ", ""])
def test_text_stays_text(text: str) -> None:
    assert chosen(f"payer={text}")["payer"] == text


def test_other_types_are_read() -> None:
    values = chosen("days=-3", "deep=yes", "names=x, y,,z")
    assert (values["days"], values["deep"], values["names"]) == (-3, True, ["x", "y", "z"])
    assert chosen("names=")["names"] == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("day=3", r"-p: 'day' is not a parameter of test.ipynb. Expected one of payer, .* Did you mean 'days'\?"),
        ("days", "-p: 'days' is not a parameter. Expected name=value."),
        ("days=seven", "parameter 'days': 'seven' is not a whole number."),
        ("days=1E5", "parameter 'days': '1E5' is not a whole number."),
        ("days=7.0", "parameter 'days': '7.0' is not a whole number."),
        ("deep=maybe", "parameter 'deep': 'maybe' is neither yes nor no. Expected true or false."),
        ("basis=charges", r"parameter 'basis': 'charges' is not allowed. .* Did you mean 'charge'\?"),
        ("as_of=2025-02-30", "parameter 'as_of': '2025-02-30' is not a date."),
        ("as_of=1/2/2025", "parameter 'as_of': '1/2/2025' is not a date."),
    ],
)
def test_what_does_not_fit_is_refused_by_name(given: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        chosen(given)


def test_a_name_given_twice_is_refused() -> None:
    with pytest.raises(InputError, match="'days' is given twice"):
        chosen("days=1", "days=2")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("days = 7", "this line does not declare a parameter"),
        ("rate: float = 0.1", "type float is not one a parameter can have"),
        ("days: int = '7'", "the default '7' of 'days' is not a int"),
        ("deep: int = True", "the default True of 'deep' is not a int"),
        ("day: str = str(1)", r"str\(1\) is not a plain value"),
        ("day: str = ''  # [dat]", r"check \[dat\] is not known.*Did you mean 'date'\?"),
    ],
)
def test_a_cell_that_declares_nothing_usable_is_refused_with_its_line(line: str, message: str) -> None:
    with pytest.raises(InputError, match=f"test.ipynb, parameters cell, line 2: {message}"):
        declared(f"\n{line}")


def check(words: str, text: str) -> None:
    choose(declared(f'value: str = ""  # [{words}]'), [f"value={text}"], "test.ipynb")


@pytest.mark.parametrize(
    ("words", "good", "bad"),
    [
        ("quarter", "2025Q3", "2025-Q3"),
        ("price basis", "latest", "newest"),
        ("price basis", "2025Q3", "2025"),
        ("share", "0.12", "12"),
        ("share", "1", "nan"),
        ("amount", "95.00", "95 dollars"),
        ("amount", "-95", "1E5"),
        ("contract", "meridian", "meridan"),
    ],
)
def test_a_check_takes_what_is_right_and_refuses_what_is_not(words: str, good: str, bad: str) -> None:
    check(words, good)
    with pytest.raises((InputError, ContractError)):
        check(words, bad)


def test_a_missing_contract_names_the_nearest() -> None:
    with pytest.raises(ContractError, match=r"there is no contract 'meridan'.*Did you mean 'meridian'\?"):
        check("contract", "meridan")


def test_a_missing_file_names_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "claims_2025.csv").write_text("")
    check("file", str(tmp_path / "claims_2025.csv"))
    with pytest.raises(InputError, match=r"there is no file .*Did you mean 'claims_2025.csv'\?"):
        check("file", str(tmp_path / "claim_2025.csv"))


def test_a_default_that_is_not_there_is_refused_too() -> None:
    with pytest.raises(InputError, match=r"there is no file nowhere\.csv"):
        choose(declared('claims: str = "nowhere.csv"  # [file]'), [], "test.ipynb")


def test_every_item_of_a_list_is_checked() -> None:
    with pytest.raises(ContractError, match="there is no contract 'nobody'"):
        choose(declared("sides: list[str] = []  # [contract]"), ["sides=meridian,nobody"], "test.ipynb")
