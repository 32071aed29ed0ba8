"""The oracle's answer for every line of a claims file under a contract folder."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

from hitmodel.prices import payment_limits
from oracle.adding import added
from oracle.book import Book
from oracle.contract_file import CannotPrice, Version, read_contract
from oracle.days import KNOWN_NOTHING, Day, amount, days_of, rank
from oracle.doubt import in_doubt
from oracle.groups import UNKNOWN, Said, Steps, lay
from oracle.lines import Line, carry, code_in_doubt, read_lines
from oracle.money import cents
from oracle.recount import Records, recount


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
    records = Records(*_records(claims), versions, as_of)
    lacking = recount(live, records)
    said |= {name: Said("needs_review", why=f"no record of {what}") for name, what in lacking.items()}
    certain = [line for line in live if line.id not in lacking]
    book = Book(certain, versions, as_of, _price_day(drug_prices), readable, records.tables)
    doubted = in_doubt(book, [line for line in live if line.id in lacking])
    said |= {name: Said("needs_review", why="beside a line without evidence") for name in doubted}
    live = [line for line in certain if line.id not in doubted]
    book = replace(book, lines=live)
    found = {line.id: days_of(book, line) for line in live}
    whole = {name: [d for d in days if d is not None] for name, days in found.items()}
    rank(book, whole)
    for line in live:
        said[line.id] = _line(book, line, found[line.id])
    lay(Steps(book, lines, whole, said))
    return said


def _records(claims: Path) -> tuple[dict[str, list[dict[str, str]]], date | None]:
    """The rows of the companion files in the folder beside a claims file, and the day from which they are complete."""
    folder = claims.with_name(f"{claims.stem}_evidence")
    found = {}
    for path in folder.glob("*.csv"):
        with path.open(newline="", encoding="utf-8") as file:
            found[path.stem] = list(csv.DictReader(file))
    about = folder / "evidence.toml"
    said = tomllib.loads(about.read_text(encoding="utf-8")) if about.is_file() else {}
    return found, said.get("history_complete_from")


def _price_day(basis: str) -> date | None:
    """The one day whose drug prices hold for every line, or None for each line's own."""
    if basis == "service_quarter":
        return None
    quarter = str(payment_limits().quarters[-1]) if basis == "latest" else basis
    return date(int(quarter[:4]), int(quarter[5]) * 3 - 2, 1)


def _folded(payer: str) -> str:
    """A payer's name however it is written: in capitals in 837 and 835 files."""
    return " ".join(payer.lower().split())


def _standing(line: Line, versions: list[Version], as_of: date | None) -> Said | None:
    """What keeps a line from being priced, before any term: whose it is, whether it can be read, its code."""
    on = as_of or line.first
    version = next((v for v in versions if on and v.in_force(on)), None)
    payers = [_folded(payer) for v in ([version] if version else versions) for payer in v.header["payers"]]
    products = version.header.get("products", [line.product]) if version else [line.product]
    if (line.payer and _folded(line.payer) not in payers) or line.product not in products:
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


def _line(book: Book, line: Line, days: list[Day | None]) -> Said:
    """Add a line's days up, or say why that cannot be done. Scope first, then silence, missing quantities, doubts."""
    statuses = ["contract_silent" if d is None else d.answer.status for d in days]
    unknown = [status for status in statuses if status in UNKNOWN]
    if unknown:
        return Said(unknown[0])
    known = [d for d in days if d is not None]
    if all(d.answer.status in KNOWN_NOTHING for d in known):
        return Said(known[0].answer.status, 0, 0)
    if any(not d.answer.status and amount(book, d, line.days, Fraction(1)) is None for d in known):
        return Said("needs_review", why="missing quantity")
    assert line.billed_units is not None
    uneven = line.by_days and line.day_units is None and abs(line.billed_units) != len(days)
    if uneven and len({(d.paid_by, d.version.table("rounding").get("place", "line")) for d in known}) > 1:
        return Said("needs_review", why="uneven")
    if any(len(d.shares_possible) > 1 or d.beside_unknown for d in known if not d.answer.status):
        return Said("needs_review", why="rank unknown")
    if any(d.refused for d in known if not d.answer.status):
        return Said("needs_review", why="refused")
    total = added(book, known)
    if total is None:
        return Said("needs_review", why="bounds of the line")
    base = cents(total)
    return Said("priced", base, base)
