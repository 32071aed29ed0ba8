"""The oracle's answer for every line of a claims file under a contract folder."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import groupby
from pathlib import Path

from hitmodel.prices import payment_limits
from oracle.contract_file import CannotPrice, Table, Version, read_contract
from oracle.days import KNOWN_NOTHING, Book, Day, amount, days_of, rank
from oracle.lines import Line, carry, code_in_doubt, read_lines
from oracle.money import cents, half_up, share_out
from oracle.selecting import about

HAS_AMOUNT = ("priced", "bundled", "not_covered")
UNKNOWN = ("contract_silent", "needs_review")


@dataclass
class Said:
    """The answer for one line; cents are None where no amount is known."""

    status: str
    base: int | None = None
    allowed: int | None = None
    why: str = ""


def price(
    claims: Path, contract: Path, as_of: date | None = None, drug_prices: str = "service_quarter"
) -> dict[str, Said]:
    """Return what every line of a claims file comes to, by line id."""
    versions = read_contract(contract)
    if as_of is not None and not any(v.in_force(as_of) for v in versions):
        raise CannotPrice(f"not in force on {as_of}")
    lines = read_lines(claims)
    said = {line.id: standing for line in lines if (standing := _standing(line, versions, as_of)) is not None}
    live = [line for line in lines if line.id not in said]
    readable = [line for line in lines if not line.unreadable]
    book = Book(live, versions, as_of, _price_day(drug_prices), readable)
    found = {line.id: days_of(book, line) for line in live}
    whole = {name: [d for d in days if d is not None] for name, days in found.items()}
    rank(book, whole)
    for line in live:
        said[line.id] = _line(line, found[line.id])
    _limit(lines, whole, said)
    return said


def _price_day(basis: str) -> date | None:
    """The one day whose drug prices hold for every line, or None for each line's own."""
    if basis == "service_quarter":
        return None
    quarter = str(payment_limits().quarters[-1]) if basis == "latest" else basis
    return date(int(quarter[:4]), int(quarter[5]) * 3 - 2, 1)


def _standing(line: Line, versions: list[Version], as_of: date | None) -> Said | None:
    """What keeps a line from being priced, before any term: whose it is, whether it can be read, its code."""
    on = as_of or line.first
    version = next((v for v in versions if on and v.in_force(on)), None)
    payers = [payer for v in ([version] if version else versions) for payer in v.header["payers"]]
    products = version.header.get("products", [line.product]) if version else [line.product]
    if (line.payer and line.payer not in payers) or line.product not in products:
        return Said("out_of_scope", why="payer or product")
    if line.payer and on and version is None:
        return Said("contract_silent", why="not in force")
    if line.unreadable:
        return Said("needs_review", why="unreadable")
    if line.duplicate:
        return Said("out_of_scope", why="duplicate")
    if code_in_doubt(line):
        return Said("needs_review", why="code")
    if as_of is not None and not carry(line, as_of):
        return Said("needs_review", why="ended code")
    return None


def _line(line: Line, days: list[Day | None]) -> Said:
    """Add a line's days up, or say why that cannot be done. Scope first, then silence, missing quantities, doubts."""
    if any(d is None or d.answer.status == "contract_silent" for d in days):
        return Said("contract_silent")
    known = [d for d in days if d is not None]
    if any(d.answer.status == "needs_review" for d in known):
        return Said("needs_review", why="partly held")
    if all(d.answer.status in KNOWN_NOTHING for d in known):
        return Said(known[0].answer.status, 0, 0)
    if any(not d.answer.status and amount(d, Fraction(1), Fraction(1)) is None for d in known):
        return Said("needs_review", why="missing quantity")
    assert line.billed_units is not None
    if line.by_days and abs(line.billed_units) != len(days) and len({d.paid_by for d in known}) > 1:
        return Said("needs_review", why="uneven")
    if any(len(d.shares_possible) > 1 for d in known if not d.answer.status):
        return Said("needs_review", why="rank unknown")
    if any(d.refused for d in known if not d.answer.status):
        return Said("needs_review", why="refused")
    base = cents(_added(known))
    return Said("priced", base, base)


def _added(days: list[Day]) -> Fraction:
    """Add days that are paid alike and follow each other, then those runs, rounding where the contract says."""
    total, part = Fraction(0), Fraction(1, len(days))
    for _, run in groupby(days, key=lambda d: (d.paid_by, d.version.table("rounding").get("place", "line"))):
        run_of_days = list(run)
        first = run_of_days[0]
        if first.answer.status:
            continue
        (share,) = first.shares_possible
        place = first.version.table("rounding").get("place", "line")
        value = amount(first, part * len(run_of_days), share, round_days=place == "day")
        assert value is not None
        total += half_up(value) if place == "segment" else value
    return total


def _limit(lines: list[Line], days: dict[str, list[Day]], said: dict[str, Said]) -> None:
    """Hold amounts to charges, by the rule in force on each line's first day."""
    claims: dict[tuple[str, str, int], list[Line]] = defaultdict(list)
    for line in (line for line in lines if days.get(line.id)):
        rule = days[line.id][0].version.table("lesser_of")
        level, answer = rule.get("level", "none"), said[line.id]
        if level == "line" and answer.base is not None and any(d.limited for d in days[line.id]):
            assert line.charge is not None
            limit = cents(line.charge * Fraction(rule.get("percent", 1)))
            answer.allowed = min(answer.base, limit, key=abs)
        if level == "claim" and not line.paired:
            claims[repr(sorted(rule.items(), key=repr)), line.claim, line.sign].append(line)
    doubtful = [line for line in lines if said[line.id].status in UNKNOWN and not line.paired]
    for members in claims.values():
        _limit_claim(members, days, said, [line for line in doubtful if line.claim == members[0].claim])


def _limit_claim(members: list[Line], days: dict[str, list[Day]], said: dict[str, Said], doubtful: list[Line]) -> None:
    """Hold one claim's limited lines to its charges; those out of the limit keep their amounts."""
    rule = days[members[0].id][0].version.table("lesser_of")
    limited = [m for m in members if said[m.id].status == "priced" and any(d.limited for d in days[m.id])]
    stays = rule.get("excluded_charges", "leave") == "stay"
    if any(stays or not _excluded(rule, line) for line in doubtful):
        for member in limited:
            said[member.id] = Said("needs_review", why="claim")
        return
    outside = [m for m in members if said[m.id].status == "priced" and m not in limited] if stays else []
    held = [m for m in members if said[m.id].status == "bundled" and (stays or not _excluded(rule, m))]
    charges = sum((m.charge or Fraction(0) for m in limited + outside + held), Fraction(0))
    room = cents(charges * Fraction(rule.get("percent", 1))) - sum(said[m.id].base or 0 for m in outside)
    amounts = {m.id: abs(said[m.id].base or 0) for m in limited}
    sign = members[0].sign
    if max(0, sign * room) < sum(amounts.values()):
        for name, part in share_out(max(0, sign * room), amounts).items():
            said[name].allowed = sign * part


def _excluded(rule: Table, line: Line) -> bool:
    exclude = rule.get("exclude", {})
    return any(exclude.values()) and about(exclude, line)
