"""What pricing looks things up in: code tables, Medicare payment limits, the user's own NDC prices."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from hitmodel import paths
from hitmodel.codes import CodeTable, code_table
from hitmodel.errors import ContractError, nearest
from hitmodel.prices import NdcPriceTable, PaymentLimits, payment_limits
from hitmodel.terms import Version


@dataclass(frozen=True)
class References:
    """The tables that a run prices with."""

    codes: CodeTable
    limits: PaymentLimits

    def ndc_prices(self, version: Version) -> NdcPriceTable | None:
        """Return the NDC price table that a contract version names, or None when it names none.

        The file lies beside the contract or under ``data/prices``. Raises `ContractError` when it is in neither.
        """
        name = version.drug_prices.ndc_table
        return _ndc_table(name, version.file) if name else None


@functools.lru_cache(maxsize=1)
def default_references() -> References:
    """Return the tables that ship with hitmodel, read once."""
    return References(code_table(), payment_limits())


@functools.lru_cache(maxsize=16)
def _ndc_table(name: str, contract_file: str) -> NdcPriceTable:
    places = (Path(contract_file).parent / name, paths.data("prices", name))
    for place in places:
        if place.is_file():
            return NdcPriceTable.load(place)
    raise ContractError(
        f"the NDC price table '{name}' is not there",
        where=f"{contract_file}, [drug_prices]",
        expected="a file beside the contract or under data/prices",
        suggestion=nearest(name, [p.name for p in paths.data("prices").glob("*.csv")]),
    )
