"""What pricing looks things up in: code tables, Medicare payment limits, the user's own NDC prices."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from hitmodel.codes import CodeTable, code_table
from hitmodel.imported import Imported, imported
from hitmodel.named_files import refuse_changed
from hitmodel.prices import NdcPriceTable, PaymentLimits, payment_limits
from hitmodel.terms import Version


@dataclass(frozen=True)
class References:
    """The tables that a run prices with."""

    codes: CodeTable
    limits: PaymentLimits

    def ndc_prices(self, version: Version) -> NdcPriceTable | None:
        """Return the NDC price table that a contract version names, or None when it names none.

        Raises `ContractError` when the file has changed since the contract was loaded, `InputError` when it lacks a
        column.
        """
        rule = version.drug_prices
        return _ndc_table(Path(rule.path), rule.checksum) if rule.ndc_table else None


def default_references() -> References:
    """Return the tables that ship with hitmodel and those imported into the workspace, each read once."""
    return _references(imported("asp"), imported("hcpcs"))


@functools.lru_cache(maxsize=4)
def _references(quarters: tuple[Imported, ...], releases: tuple[Imported, ...]) -> References:
    del quarters, releases  # the key alone: with them the tables change
    return References(code_table(), payment_limits())


@functools.lru_cache(maxsize=16)
def _ndc_table(path: Path, checksum: str) -> NdcPriceTable:
    refuse_changed(path, checksum)
    return NdcPriceTable.load(path)
