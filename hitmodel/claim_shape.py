"""What a claims file is made of: its columns by name, the words some may hold, and typed columns as its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hitmodel.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa

REQUIRED = (
    "claim_id",
    "line_id",
    "patient_id",
    "payer",
    "service_from",
    "service_through",
    "code",
    "modifiers",
    "units",
    "charge",
    "place_of_service",
)
OPTIONAL = ("ndc", "ndc_quantity", "ndc_unit", "acquisition_cost", "actual_allowed", "product")
COLUMNS = REQUIRED + OPTIONAL
MODIFIERS_AT_MOST = 4
NDC_UNITS = ("UN", "ML", "GR", "F2", "ME")


def as_text(column: pa.ChunkedArray | pa.Array, where: str) -> pa.ChunkedArray | pa.Array:
    """Return a typed column as the text a CSV file would hold: ISO dates, plain numbers, "" for nothing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    try:
        if pa.types.is_dictionary(kind):
            column = column.cast(kind.value_type)
        elif pa.types.is_timestamp(kind):
            column = column.cast(pa.date32())
        elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
            column = pc.binary_join(column.cast(pa.list_(pa.string())), " ")
        text = column.cast(pa.string())
    except pa.ArrowException as error:
        raise InputError(f"the type {kind} cannot be used", where=where, expected="text, a date or a number") from error
    return pc.fill_null(text, "")
