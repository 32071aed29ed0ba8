"""What pricing looks things up in: the shipped tables, and a contract's own price table as it was when loaded."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from builders import PER_DIEM, header, write

from hitmodel.codes import code_table
from hitmodel.contracts import load_contract
from hitmodel.errors import ContractError, InputError
from hitmodel.prices import payment_limits
from hitmodel.references import _references, default_references

HEADING = "ndc,from_date,awp,wac,invoice,nadac,package,unit\n"
TEXT = header() + '[drug_prices]\nndc_table = "mine.csv"\n' + PER_DIEM


def table(folder: Path, awp: str, heading: str = HEADING) -> Path:
    write(folder / "c", TEXT)
    (folder / "c" / "mine.csv").write_text(heading + f"00409128331,2025-01-01,{awp},,,,1,UN\n")
    return folder / "c"


def test_the_shipped_tables_are_read_once() -> None:
    _references.cache_clear()  # other tests may have brought in tables until one of the memories was full
    references = default_references()
    assert references is default_references()
    assert references.codes is code_table()
    assert references.limits is payment_limits()


def test_a_contract_without_a_price_table_has_none(tmp_path: Path) -> None:
    write(tmp_path / "c", header() + PER_DIEM)
    assert default_references().ndc_prices(load_contract(tmp_path / "c").latest) is None


def test_an_edited_price_table_is_read_again_with_its_contract(tmp_path: Path) -> None:
    references, day = default_references(), date(2025, 3, 3)
    before = load_contract(table(tmp_path, "12.00")).latest
    assert references.ndc_prices(before).at("00409128331", day).awp == Decimal("12.00")
    after = load_contract(table(tmp_path, "13.00")).latest
    assert references.ndc_prices(after).at("00409128331", day).awp == Decimal("13.00")
    assert references.ndc_prices(before).at("00409128331", day).awp == Decimal("12.00")
    assert before.drug_prices != after.drug_prices  # so that nothing worked out before is used again


def test_a_price_table_that_changes_behind_a_loaded_contract_is_refused(tmp_path: Path) -> None:
    made = load_contract(table(tmp_path, "14.00")).latest
    table(tmp_path, "15.00")
    with pytest.raises(ContractError, match="has changed since the contract that names it was loaded"):
        default_references().ndc_prices(made)


def test_a_price_table_without_a_column_says_which(tmp_path: Path) -> None:
    made = load_contract(table(tmp_path, "12.00", HEADING.replace("awp", "AWP price"))).latest
    with pytest.raises(InputError, match="column 'awp' is missing"):
        default_references().ndc_prices(made)
