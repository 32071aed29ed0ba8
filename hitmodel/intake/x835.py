"""Import 835 remittances (005010X221A1): what was paid, allowed and adjusted on each line, reversals and all.

oxedi makes tables of the file; here they become `hitmodel.claim_parts.REMITTANCE_SCHEMA`. What is allowed is AMT*B6, or
else the charge less what the contract takes off: every adjustment but those that only say who pays (patient share,
another payer) or that come after the price (sequestration, interest).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from hitmodel import claim_parts, paths
from hitmodel.claim_parts import FORMAT, MADE, SECONDARY, UNDECIDED
from hitmodel.errors import InputError
from hitmodel.identity import CLAIM, LINE, REFERENCE, Identity, bind
from hitmodel.intake import claim_cells as read
from hitmodel.intake.claim_cells import GUESSED, Cell, shown
from hitmodel.intake.claim_tally import Tally
from hitmodel.intake.x12 import Interchange, read_x12
from hitmodel.intake.x837 import CLAIMS_TOLD, REMEMBERED, name_of
from hitmodel.workspace import Entry, Workspace, checksum_of

GUIDE = "005010X221"
PATIENT_SHARE = "PR"
SHARES_OF_ALLOWED = frozenset(("1", "2", "3", "66", "122", "142", "178", "187", "241", "247", "248"))
"""Reasons (CARC) by which a patient pays a part of what is allowed: deductible, coinsurance, copayment and the like.

What else a patient owes, such as 96 (not covered) or 45 (above the schedule, out of network), is not allowed.
"""
AFTER_THE_PRICE = frozenset(("23", "85", "100", "101", "104", "105", "225", "237", "253"))
"""Adjustment reasons (CARC) that do not change what is allowed.

23 another payer's payment; 85, 225 interest; 100, 101 paid to the patient or foreseen; 104, 105 withholding; 237
legislated penalty; 253 sequestration.
"""
LINE_LEVEL, CLAIM_LEVEL = "line", "claim"
_STATED, _WORKED_OUT = "stated", "worked out"
_CODES = ("HC", "HP", "")
_PATCH = {
    "tables": {
        "services": {
            "columns": {
                **{f"m{n}": {"segment": "SVC", "element": 1, "component": n + 2} for n in (1, 2, 3, 4)},
                "first": {"segment": "DTM", "element": 2, "where": {"1": "150"}},
                "last": {"segment": "DTM", "element": 2, "where": {"1": "151"}},
                "submitted_qualifier": {"segment": "SVC", "element": 6, "component": 1},
                "submitted_code": {"segment": "SVC", "element": 6, "component": 2},
                **{f"s{n}": {"segment": "SVC", "element": 6, "component": n + 2} for n in (1, 2, 3, 4)},
            }
        }
    }
}
_Row = dict[str, Any]


@dataclass(frozen=True)
class _Adjustment:
    group: str
    reason: str
    amount: Decimal

    @property
    def lowers_the_price(self) -> bool:
        if self.group == PATIENT_SHARE and self.reason in SHARES_OF_ALLOWED:
            return False
        return self.reason not in AFTER_THE_PRICE

    def __str__(self) -> str:
        return f"{self.group}-{self.reason} {self.amount:.2f}"


def allowed(charge: Decimal, stated: Decimal | None, adjustments: list[_Adjustment]) -> tuple[Decimal, str]:
    """Return what a payer allowed and how that is known: as stated, else the charge less what lowers the price."""
    if stated is not None:
        return stated, _STATED
    return charge - sum((a.amount for a in adjustments if a.lowers_the_price), Decimal(0)), _WORKED_OUT


class Reader:
    """Gathers remittance lines from interchanges; ids are hashed as they come."""

    def __init__(self, identity: Identity, tally: Tally, progress: Callable[[int], None] | None = None) -> None:
        self.tally = tally
        self._progress = progress or (lambda _: None)
        self._read: dict[tuple[str, str], Cell] = {}
        self.claims: dict[str, str] = {}
        self.rows: list[_Row] = []
        self.bills = self.payments = 0  # claims paid; payments and provider-level adjustments that hold money
        self._identity = identity

    def read(self, part: Interchange) -> None:
        """Take in the payments of an interchange."""
        tables = {name: _as_text(pa.table(part.result.tables[name])).to_pylist() for name in part.result.tables}
        by_claim: dict[int, list[_Adjustment]] = defaultdict(list)
        by_service: dict[int, list[_Adjustment]] = defaultdict(list)
        for row in tables["adjustments"]:
            made = _Adjustment(_text(row["group_code"]), _text(row["reason_code"]), row["amount"] or Decimal(0))
            (by_claim[row["claim"]] if row["service"] is None else by_service[row["service"]]).append(made)
        services = defaultdict(list)
        for row in tables["services"]:
            services[row["claim"]].append(row)
        payments = {row["row"]: row for row in tables["payments"]}
        for claim in tables["claims"]:
            self.bills += 1
            lines = [(line, by_service[line["row"]]) for line in services[claim["row"]]]
            self._claim(part.first, claim, payments.get(claim["payment"], {}), by_claim[claim["row"]], lines)
            if self.bills % CLAIMS_TOLD == 0:
                self._progress(len(self.rows))
        self.payments += sum(bool(row["total_payment_amount"]) for row in tables["payments"])
        self.payments += len(tables["provider_adjustments"])
        self._check_payments(part.first, tables)

    def table(self) -> pa.Table:
        """Return everything gathered."""
        return pa.Table.from_pylist(self.rows, claim_parts.REMITTANCE_SCHEMA)

    def _check_payments(self, before: int, tables: Mapping[str, list[_Row]]) -> None:
        """Say what a payment holds beside its claims, and where it is not their sum: BPR02 = all CLP04 less all PLB."""
        beside: dict[int, Decimal] = defaultdict(Decimal)
        for row in tables["provider_adjustments"]:
            amount = row["amount"] or Decimal(0)
            beside[row["payment"]] += amount
            at, reason = before + row["segment"] + 1, shown(_text(row["reason_code"]))
            if amount:
                way = "taken from" if amount > 0 else "added to"
                said = f"PLB: {abs(amount):.2f} {way} the payment as a whole for {reason}, on no claim"
                self.tally.add(f"provider_level_{reason}", "payment", [at], said)
        paid: dict[int, Decimal] = defaultdict(Decimal)
        for claim in tables["claims"]:
            paid[claim["payment"]] += claim["payment_amount"] or Decimal(0)
        for payment in tables["payments"]:
            total, at = payment["total_payment_amount"], payment["row"]
            if at not in paid:
                said = f"BPR: a payment of {total or 0:.2f} without claims (CLP); it says nothing of any line"
                self.tally.add("no_claims", "payment", [before + payment["segment"] + 1], said, GUESSED)
            if total is not None and total != paid[at] - beside[at]:
                said = f"BPR02: {total:.2f} is not what the claims are paid, {paid[at]:.2f}, less PLB, {beside[at]:.2f}"
                self.tally.add("payment_balance", "payment", [before + payment["segment"] + 1], said)

    def _claim(
        self,
        before: int,
        claim: _Row,
        payment: _Row,
        own: list[_Adjustment],
        lines: list[tuple[_Row, list[_Adjustment]]],
    ) -> None:
        at = before + claim["segment"] + 1
        number = _text(claim["claim_id"])
        hashed = self._identity.hashed(CLAIM, number)
        if number:
            self.claims[hashed] = number
        else:
            self.tally.add("missing", "claim_id", [at], "CLP01: the payment names no claim")
        status = _text(claim["claim_status"])
        common = {
            "claim_id": hashed,
            "payer_claim": self._identity.hashed(REFERENCE, _text(claim["payer_control_number"])),
            "bill": self.bills,
            "status": status,
            "payer": " ".join(_text(payment.get("payer_name")).split()),
            "paid_on": payment.get("payment_date") or payment.get("production_date"),
        }
        if status in SECONDARY:
            said = "CLP02: a second payer's payment; it says nothing of the contract and fills no allowed amount"
            self.tally.add("second_payer", "status", [at], said, GUESSED)
        if status in UNDECIDED:
            said = "CLP02: forwarded to another payer, or an estimate; no payment, and it fills no allowed amount"
            self.tally.add("no_payment", "status", [at], said, GUESSED)
        self._check_claim(at, claim, own, lines)
        shared = own if len(lines) == 1 else []
        open_price = len(lines) > 1 and any(a.lowers_the_price for a in own)
        if open_price:
            said = "CAS: lowers the price of several lines together; what each was allowed is not known unless stated"
            self.tally.add("claim_adjustment", "adjustments", [at], said, GUESSED)
        for line, adjustments in lines:
            made = self._line(before, line, claim, adjustments, shared)
            if open_price and made["allowed_by"] == _WORKED_OUT:
                made |= {"allowed": None, "allowed_by": ""}
            self.rows.append(common | made)
        if not lines:
            self.rows.append(common | self._whole(at, claim, own))

    def _line(
        self, before: int, line: _Row, claim: _Row, adjustments: list[_Adjustment], shared: list[_Adjustment]
    ) -> _Row:
        """Return a line's row. ``shared`` adjusts the claim as a whole, of which this is the one line."""
        at = before + line["segment"] + 1
        charge, paid = line["charge_amount"], line["payment_amount"]
        if charge is None or paid is None:
            self.tally.add("unreadable_number", "charge", [at], "SVC02, SVC03: charge or payment cannot be read")
        charge, paid = charge or Decimal(0), paid or Decimal(0)
        if charge - paid != sum(a.amount for a in adjustments):
            said = f"SVC: charge {charge:.2f} is not paid {paid:.2f} and adjustments"
            self.tally.add("line_balance", "charge", [at], said)
        amount, by = allowed(charge, line["allowed_amount"], [*adjustments, *shared])
        first = line["service_date"] or line["first"] or claim["statement_from"]
        last = line["service_date"] or line["last"] or line["first"] or claim["statement_to"] or first
        if first is None:
            self.tally.add("missing", "service_from", [at], "DTM: the line has no service date")
        qualifier, code, modifiers = self._procedure(at, line)
        if qualifier not in _CODES:
            said = f"SVC01: a code of kind {shown(qualifier)}, not HCPCS; it matches no line by its code"
            self.tally.add("other_code", "code", [at], said, GUESSED)
        control = _text(line["line_item_control_number"])
        return {
            "row": at,
            "level": LINE_LEVEL,
            "control": self._identity.hashed(LINE, control) or None,
            "service_from": first,
            "service_through": last,
            "code": self._cell("code", at, read.code, code) if qualifier in _CODES else "",
            "modifiers": self._cell("modifiers", at, read.modifiers, modifiers),
            "units": _within(line["units_paid"] if line["units_paid"] is not None else Decimal(1)),
            **_amounts(charge, paid, amount, [*adjustments, *shared]),
            "allowed_by": by,
        }

    def _procedure(self, at: int, line: _Row) -> tuple[str, str, str]:
        """Return kind, code and modifiers as they were billed: SVC06, or SVC01 where the payer changed nothing."""
        paid, billed = _text(line["procedure_code"]), _text(line["submitted_code"])
        if not billed:
            return _text(line["procedure_qualifier"]), paid, _modifiers(line, "m")
        if billed != paid:
            said = f"SVC06: billed as {shown(billed)}, paid as {shown(paid)}; it is laid on the line as billed"
            self.tally.add("paid_as_another_code", "code", [at], said, GUESSED)
        return _text(line["submitted_qualifier"]), billed, _modifiers(line, "s")

    def _whole(self, at: int, claim: _Row, own: list[_Adjustment]) -> _Row:
        charge, paid = claim["charge_amount"] or Decimal(0), claim["payment_amount"] or Decimal(0)
        amount, by = allowed(charge, None, own)
        self.tally.add("claim_level", "level", [at], "CLP: paid as a whole, without lines (SVC)", GUESSED)
        return {
            "row": at,
            "level": CLAIM_LEVEL,
            "service_from": claim["statement_from"],
            "service_through": claim["statement_to"] or claim["statement_from"],
            "code": "",
            "modifiers": "",
            **_amounts(charge, paid, amount, own),
            "allowed_by": by,
        }

    def _check_claim(
        self, at: int, claim: _Row, own: list[_Adjustment], lines: list[tuple[_Row, list[_Adjustment]]]
    ) -> None:
        charge, paid = claim["charge_amount"], claim["payment_amount"]
        if charge is None or paid is None:
            self.tally.add("unreadable_number", "charge", [at], "CLP03, CLP04: charge or payment cannot be read")
            return
        adjusted = sum((a.amount for a in own), Decimal(0))
        adjusted += sum((a.amount for _, some in lines for a in some), Decimal(0))
        if charge - paid != adjusted:
            said = f"CLP: charge {charge:.2f} is not paid {paid:.2f} and adjustments {adjusted:.2f}"
            self.tally.add("claim_balance", "charge", [at], said)
        total = sum((line["charge_amount"] or Decimal(0) for line, _ in lines), Decimal(0))
        if lines and total != charge:
            said = f"CLP03: the claim's charge {charge:.2f} is not the sum of its lines, {total:.2f}"
            self.tally.add("claim_total", "charge", [at], said)

    def _cell(self, name: str, row: int, reader: Callable[[str], Cell], text: str) -> Any:
        cell = self._read.get((name, text))
        if cell is None:
            if len(self._read) > REMEMBERED:
                self._read.clear()
            cell = self._read[name, text] = reader(text)
        for note in cell.notes:
            self.tally.add(note.kind, name, [row], f"{name} {shown(text)!r}: {note.said}", note.standing)
        return cell.value


def _modifiers(line: _Row, letter: str) -> str:
    return " ".join(filter(None, (_text(line[f"{letter}{n}"]) for n in (1, 2, 3, 4))))


def _amounts(charge: Decimal, paid: Decimal, amount: Decimal, adjustments: list[_Adjustment]) -> _Row:
    share = sum((a.amount for a in adjustments if a.group == PATIENT_SHARE), Decimal(0))
    return {
        "charge": _within(charge),
        "paid": _within(paid),
        "allowed": _within(amount),
        "patient_share": _within(share),
        "adjustments": "; ".join(map(str, adjustments)),
    }


def _within(amount: Decimal) -> Decimal | None:
    """Return an amount that a part can hold, None for one that no line can have."""
    return amount if abs(amount) < 10**11 else None


def _as_text(table: pa.Table) -> pa.Table:
    """Return a table with its bytes as text where all of a column is UTF-8, which is quicker than cell by cell."""
    for at, column in enumerate(table.columns):
        if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
            try:
                table = table.set_column(at, table.column_names[at], column.cast(pa.string()))
            except pa.ArrowInvalid:
                continue
    return table


def _text(value: bytes | str | None) -> str:
    if value is None or isinstance(value, str):
        return (value or "").strip()
    try:
        return value.decode("utf-8").strip()
    except UnicodeDecodeError:
        return value.decode("cp1252", errors="replace").strip()


@cache
def spec() -> Any:
    """Return how oxedi makes tables of an 835: its own way, with modifiers and the ends of a service beside."""
    import oxedi

    return oxedi.Spec.builtin().patch(_PATCH)


def import_835(path: Path, workspace: Workspace, progress: Callable[[int], None] | None = None) -> tuple[Entry, bool]:
    """Bring a file of 835 remittances into a workspace; return its entry, and whether the workspace held it already.

    Raises `InputError` when the file is no 835, is cut off, or pays no claim.
    """
    checksum = checksum_of(path)
    held = workspace.holding(claim_parts.REMITTANCE_KIND, checksum)
    if held:
        return held, True
    tally = Tally("segment")
    parts = read_x12(path, GUIDE, tally, spec())
    identity = Identity.load()
    reader = Reader(identity, tally, progress)
    for part in parts:
        reader.read(part)
    if not reader.rows and not reader.payments:
        raise InputError("the file pays no claim", where=paths.shown(path))
    with workspace.changing() as change:
        bind(change, identity)
        name = name_of(workspace, path, claim_parts.REMITTANCE_KIND)
        target = change.place(claim_parts.REMITTANCE_KIND, name, checksum)
        pq.write_table(reader.table(), target)
        with identity.crosswalk(checksum) as remember:
            remember(list(reader.claims), list(reader.claims.values()))
        about: Mapping[str, str] = {FORMAT: "835", "claims": str(reader.bills), MADE: max(part.made for part in parts)}
        entry = Entry(
            claim_parts.REMITTANCE_KIND,
            name,
            path.name,
            checksum,
            len(reader.rows),
            len(reader.rows),
            findings=tally.counts(),
            about=about,
        )
        return change.add(entry, target), False
