"""Claim lines of one imported file as they lie in a workspace: typed, with hashed ids, one part for each file."""

from __future__ import annotations

import pyarrow as pa

KIND = "claims"
"""What such imports are called in the catalogue."""

FORMAT, TABLE, NUMBERED, MADE = "format", "table", "numbered", "made"
"""What an entry's ``about`` says: what kind of file it was, whether its lines are numbered, when it was made."""

UNITS = pa.decimal128(15, 3)
MONEY = pa.decimal128(14, 2)
_TEXT = pa.dictionary(pa.int32(), pa.string())

ORIGINAL, REPLACEMENT, VOID = "1", "7", "8"
"""Claim frequency codes, as the National Uniform Billing Committee has them."""

SCHEMA = pa.schema(
    [
        ("row", pa.int32()),
        ("claim_id", _TEXT),
        ("line_id", pa.string()),
        ("patient_id", _TEXT),
        ("payer", _TEXT),
        ("service_from", pa.date32()),
        ("service_through", pa.date32()),
        ("code", _TEXT),
        ("modifiers", _TEXT),
        ("units", UNITS),
        ("charge", MONEY),
        ("place_of_service", _TEXT),
        ("ndc", _TEXT),
        ("ndc_quantity", UNITS),
        ("ndc_unit", _TEXT),
        ("acquisition_cost", MONEY),
        ("actual_allowed", MONEY),
        ("product", _TEXT),
        ("frequency", _TEXT),
        ("original", _TEXT),
        ("bill", pa.int32()),
        ("control", pa.string()),
        ("payer_order", _TEXT),
    ]
)
"""Columns of a part.

The columns of a claims file, and: ``row`` in the source as a person sees it (in X12, the number of the segment);
``frequency`` of the claim, "" for an original; ``original``, the hashed number by which the payer knows the claim that
a replacement or void takes back, and the same as a number of ours; ``bill``, which tells apart two claims of one number
in one file, null where the file does not; ``control``, the hashed number of a line by which a remittance names it;
``payer_order``, S or T for a claim billed to a second or third payer, else "". Ids are hashes; nothing else of a person
is here.
"""

REMITTANCE_KIND = "remittance"

REMITTANCE_SCHEMA = pa.schema(
    [
        ("row", pa.int32()),
        ("claim_id", pa.string()),
        ("payer_claim", pa.string()),
        ("bill", pa.int32()),
        ("status", pa.string()),
        ("payer", pa.string()),
        ("paid_on", pa.date32()),
        ("level", pa.string()),
        ("control", pa.string()),
        ("service_from", pa.date32()),
        ("service_through", pa.date32()),
        ("code", pa.string()),
        ("modifiers", pa.string()),
        ("units", UNITS),
        ("charge", MONEY),
        ("paid", MONEY),
        ("allowed", MONEY),
        ("allowed_by", pa.string()),
        ("patient_share", MONEY),
        ("adjustments", pa.string()),
    ]
)
"""What a payer said of each line (``level`` is line) or, where it named none, of a whole claim (claim).

``allowed`` is AMT*B6 (``allowed_by`` is stated) or the charge less what the contract takes off (worked out), null
where neither can be said. ``adjustments`` lists groups and reasons with dollars: ``CO-45 385.00; PR-2 66.50``.
``bill`` counts the claims of a file in order; ``status`` is X12's claim status code: 1 to 3 paid, 4 denied, 22
reversal.
"""

PRIMARY = ("1", "19")
SECONDARY = ("2", "3", "20", "21")
UNDECIDED = ("23", "25")
"""Forwarded to another payer, and predetermination: nothing was priced."""
DENIED, REVERSAL = "4", "22"
"""Claim status codes of an 835 (CLP02)."""
