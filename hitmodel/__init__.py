"""hitmodel: the contract modeling workbook for home infusion.

The names below are the ones a notebook needs; each is imported when first used, so that ``import hitmodel`` costs
almost nothing.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # type checkers take it for True; `typing` itself would double the cost of this import
if TYPE_CHECKING:
    from hitmodel.claims import read_claims
    from hitmodel.codes import code_table
    from hitmodel.contracts import load_contract
    from hitmodel.explanation import explain
    from hitmodel.prices import payment_limits
    from hitmodel.pricing import price
    from hitmodel.quoting import quote
    from hitmodel.scenario import compare

__all__ = ["code_table", "compare", "explain", "load_contract", "payment_limits", "price", "quote", "read_claims"]

_HOME = {
    "code_table": "codes",
    "compare": "scenario",
    "explain": "explanation",
    "load_contract": "contracts",
    "payment_limits": "prices",
    "price": "pricing",
    "quote": "quoting",
    "read_claims": "claims",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'hitmodel' has no attribute {name!r}")
    value: object = getattr(import_module(f"hitmodel.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
