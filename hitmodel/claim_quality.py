"""What an analyst would want to know of claims before trusting a model on them: doubts by kind, with lines and dollars.

The doubts of `hitmodel.claims` and `hitmodel.claim_checks` are added up, and four are found here: drugs charged under
Medicare's payment limit, per diems and visits charged far under what is usual, drugs not dated as their per diem,
days of a per diem billed twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from hitmodel.claim_checks import EXPLANATIONS, Book, Bools, check_claims
from hitmodel.claims import Claims
from hitmodel.codes import CodeTable
from hitmodel.dates import Quarter
from hitmodel.prices import PaymentLimits

_PLAIN = {
    "missing_value": "A field that every line needs is empty or could not be read.",
    "ends_before_start": "The line ends before it starts.",
    "long_span": "The line covers more than a year.",
    "mixed_signs": "Units and charge differ in sign; a void has both negative.",
    "zero_charge": "The charge is 0.00, so a charge limit would pay nothing.",
    "zero_value": "The units are zero.",
    "misshapen_code": "The code is not shaped like a HCPCS or CPT code.",
    "misshapen_ndc": "The NDC has not eleven digits, so no price will match it.",
    "incomplete_ndc": "An NDC stands without its quantity or unit, or the other way round.",
    "implausible_date": "The year cannot be right.",
    "duplicate_line_id": "The line's id stood before.",
}
UNDER_LIMIT, UNDER_USUAL, OTHER_DAYS = "charge_under_limit", "charge_under_usual", "drug_days_not_per_diem_days"
FUTURE = "service_in_future"
TWICE = "per_diem_days_twice"
_OWN = {
    UNDER_LIMIT: "A drug is charged less a unit than Medicare's payment limit of its quarter: a charge limit bites.",
    UNDER_USUAL: "A per diem or visit is charged less than half of what is usual for it; a charge limit may bite.",
    FUTURE: "The line's last day of service has not come yet.",
    TWICE: "A day of this per diem is billed for the patient on an earlier line too: same per diem, same day, twice.",
    OTHER_DAYS: (
        "A drug is dated one day beside a per diem of several: dispensed for all of them, or given less often, such as "
        "once a week, than the per diem is billed."
    ),
}


@dataclass(frozen=True)
class Doubt:
    """Lines about which one thing is in doubt: how many, and their charges [cents]. ``blocks``: they have no price."""

    kind: str
    lines: int
    charge: int
    meaning: str
    blocks: bool


def quality(claims: Claims, codes: CodeTable, limits: PaymentLimits, today: date | None = None) -> tuple[Doubt, ...]:
    """Return the doubts about claims, those that block lines first, then by dollars.

    Service after ``today`` is one of them where that day is given.
    """
    charge = claims.lines["charge_cents"].fillna(0).to_numpy(dtype=np.int64)
    place = pd.Series(np.arange(len(charge)), index=claims.lines["row"])
    found: dict[str, tuple[set[int], bool]] = {}
    for finding in (*claims.findings, *check_claims(claims, codes)):
        if finding.row in place.index and finding.line_id:
            rows, blocks = found.setdefault(finding.kind, (set(), finding.blocks))
            rows.add(finding.row)
    doubts = []
    for kind, (rows, blocks) in found.items():
        at = place.loc[sorted(rows)].to_numpy()
        meaning = EXPLANATIONS.get(kind) or _PLAIN.get(kind, kind.replace("_", " "))
        doubts.append(Doubt(kind, len(at), int(charge[at].sum()), meaning, blocks))
    book = Book.of(claims, codes)
    later = claims.lines["service_through"] > (pd.Timestamp.max if today is None else pd.Timestamp(today))
    for kind, mask in (*_own_checks(book, limits), (FUTURE, later.to_numpy())):
        if mask.any():
            doubts.append(Doubt(kind, int(mask.sum()), int(charge[mask].sum()), _OWN[kind], False))
    return tuple(sorted(doubts, key=lambda doubt: (not doubt.blocks, -abs(doubt.charge), doubt.kind)))


def _own_checks(book: Book, limits: PaymentLimits) -> Iterator[tuple[str, Bools]]:
    yield UNDER_LIMIT, _under_limit(book, limits)
    per_diems = book.having(lambda entry: entry.billing_basis == "per_diem")
    yield UNDER_USUAL, _under_usual(book, per_diems | book.having(lambda entry: entry.role == "nursing"))
    yield TWICE, _twice(book, per_diems)
    days = book.last - book.first + 1
    drugs = book.having(lambda entry: entry.role == "drug") & (days == 1)
    yield OTHER_DAYS, drugs & book.within(book.runs(per_diems & (days > 1)))


def _twice(book: Book, per_diems: Bools) -> Bools:
    """Return per diems of which an earlier line, with the same code and modifiers, covers a day of the patient."""
    keys = book.claims.lines[["code", "modifiers"]]
    spans = keys.assign(first=book.first, last=book.last)[per_diems].sort_values("first", kind="stable")
    groups = spans.groupby(["code", "modifiers"], sort=False)
    covered = groups["last"].cummax().groupby([spans["code"], spans["modifiers"]], sort=False).shift(fill_value=-1)
    twice = np.zeros(len(keys), bool)
    twice[keys.index.get_indexer(spans.index[spans["first"] <= covered])] = True
    return twice


def _under_limit(book: Book, limits: PaymentLimits) -> Bools:
    """Return drug lines charged less a unit than the limit of their quarter."""
    lines = book.claims.lines
    whole = lines[["service_from", "charge_cents", "units_milli"]].notna().all(axis=1).to_numpy()
    drugs = book.having(lambda entry: entry.role == "drug") & whole
    quarters = lines["service_from"].dt.year * 4 + lines["service_from"].dt.quarter - 1
    keys = pd.DataFrame({"code": lines["code"], "quarter": quarters})[drugs]
    least = {}
    for code, quarter in keys.drop_duplicates().itertuples(index=False, name=None):
        row = limits.get(str(code), Quarter(int(quarter) // 4, int(quarter) % 4 + 1))
        least[code, quarter] = None if row is None else row.limit
    under = np.zeros(len(lines), bool)
    at = np.flatnonzero(drugs)
    # Whole numbers of some lines only: a column in which one is missing turns into floats.
    charges, units_milli = (lines[name].iloc[at].astype("int64").tolist() for name in ("charge_cents", "units_milli"))
    amounts = zip(at, keys.itertuples(index=False, name=None), charges, units_milli, strict=True)
    for place, key, charge, units in amounts:
        limit = least[key]
        under[place] = limit is not None and 0 <= charge * 10 < limit * units
    return under


def _under_usual(book: Book, services: Bools) -> Bools:
    """Return lines, of some, that are charged less than half the median charge of a unit of their code."""
    lines = book.claims.lines
    some = lines.loc[services, ["code", "charge_cents", "units_milli"]]
    a_unit = some["charge_cents"] * 1000 // some["units_milli"]
    usual = a_unit.groupby(some["code"]).transform("median")
    under = np.zeros(len(lines), bool)
    under[np.flatnonzero(services)] = ((a_unit * 2 < usual) & (a_unit >= 0)).fillna(False).to_numpy(dtype=bool)
    return under
