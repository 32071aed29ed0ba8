"""A therapy order as a file that `hitmodel.orders.load_order` reads again."""

from __future__ import annotations

from typing import Any

from hitmodel.orders import Order
from hitmodel.overlay_file import contract_text

ORDER_FILE = "order.toml"
"""The name under which an order stands beside its quote."""


def order_text(order: Order) -> str:
    """Return an order as TOML: the same order when it is read again, and the same text for the same order."""
    tables: dict[str, Any] = order.model_dump(by_alias=True, exclude_defaults=True, exclude={"file"})
    for therapy in tables.get("therapy", ()):
        if "every" in therapy:
            therapy["every"] = f"{therapy['every']}h"
    return contract_text(tables, f"Quote it with: hitmodel quote {ORDER_FILE} --contract NAME")
