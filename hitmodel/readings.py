"""Other readings of a clause, as real overlays on a contract, and what they are worth on claims."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from hitmodel.contracts import overlaid
from hitmodel.diff_overlay import raw_row
from hitmodel.errors import ContractError
from hitmodel.mechanisms.drug import Drug
from hitmodel.positions import Position, Reading, TermPick
from hitmodel.prepare import UNKNOWN
from hitmodel.pricing import Priced, Pricer
from hitmodel.repricing import reprice
from hitmodel.sayings import UNLISTED, Paper, prices_role, rare, unpaid_of
from hitmodel.scenario import differences
from hitmodel.terms import Term

Raw = dict[str, Any]


@dataclass(frozen=True)
class Worth:
    """What one reading changes on the claims at hand, against the contract as it stands.

    ``cents`` is over the lines that both price, as `hitmodel.scenario.compare` has it; None where it prices none of
    the lines. ``low`` and ``high`` are there when lines rest on evidence that is missing: the least and the most that
    the change can come to. ``lines_lost`` have an amount today and none under the reading, ``charge_lost`` is theirs.
    """

    reading: Reading
    overlay: Raw
    cents: int | None
    low: int | None = None
    high: int | None = None
    lines_lost: int = 0
    charge_lost: int = 0

    @property
    def stake(self) -> int:
        """The most that hangs on the reading either way [cents]."""
        return max(abs(c) for c in (self.cents or 0, self.low or 0, self.high or 0))

    @property
    def most(self) -> int:
        """The most that it adds [cents], 0 where it adds nothing."""
        return max(self.high if self.high is not None else self.cents or 0, 0)

    @property
    def least(self) -> int:
        """The most that it takes, as a number below 0 [cents]; 0 where it takes nothing."""
        return min(self.low if self.low is not None else self.cents or 0, 0)


def worth_of(position: Position, paper: Paper, pricer: Pricer, today: Priced) -> tuple[Worth, ...]:
    """Return what each reading of a clause is worth; readings that say what the contract says already are left out."""
    return tuple(filter(None, (_worth(reading, paper, pricer, today) for reading in position.readings)))


def overlay_of(reading: Reading, paper: Paper) -> Raw:
    """Return a reading as the tables of an overlay; empty where the contract has nothing that it could change."""
    if reading.pick is None:
        return _for_every_way(dict(reading.overlay), paper)
    if reading.pick.rule == "rare":
        return _for_rare_codes(reading, paper)
    if reading.pick.rule == "unpaid":
        return _without_unpaid(reading.pick.role, paper)
    rows = [row for term in paper.version.term if (row := _row(reading, paper, term))]
    return {"term": rows} if rows else {}


def _for_rare_codes(reading: Reading, paper: Paper) -> Raw:
    """Return a clause of their own for rarely given therapies that only a clause for all per diems pays."""
    paid = {entry.code: paper.governing(entry) for entry in rare(paper)}
    codes = [code for code, term in paid.items() if term is not None and not term.codes]
    return {"term": [{"id": "reading_rare", "codes": codes, **reading.put}]} if codes else {}


def _without_unpaid(role: str, paper: Paper) -> Raw:
    """Return an overlay that takes a role's codes out of the clauses that leave them without an amount."""
    by_term: dict[str, list[str]] = {}
    for code, term in unpaid_of(paper, role).items():
        by_term.setdefault(term.id, []).append(code)
    gone, rows = [], []
    for term in paper.version.term:
        codes = by_term.get(term.id)
        if codes and set(term.codes) - {*codes, *term.without_codes}:
            rows.append({"id": term.id, "without_codes": [*term.without_codes, *codes]})
        elif codes:
            gone.append(term.id)
    return {name: held for name, held in (("remove", gone), ("term", rows)) if held}


def _for_every_way(overlay: Raw, paper: Paper) -> Raw:
    """Return an overlay on ``[days]`` as one on each of several ways to count days, which it would replace at once."""
    clauses = paper.version.days.clauses
    if "days" not in overlay or len(clauses) < 2:
        return overlay
    ways = ({name: said for name, said in raw_row(way).items() if name != "otherwise"} for way in clauses)
    return {**overlay, "days": [{**way, **overlay["days"]} for way in ways]}


def _row(reading: Reading, paper: Paper, term: Term) -> Raw:
    assert reading.pick is not None
    if not _picked(reading.pick, paper, term):
        return {}
    put: Raw = dict(reading.put)
    if reading.source_of and isinstance(term, Drug):
        chain = [source.model_dump(exclude_unset=True) for source in term.chain]
        swapped = [{**source, "of": reading.source_of.get(source["of"], source["of"])} for source in chain]
        put |= {"chain": swapped} if swapped != chain else {}
    return {"id": term.id, **put} if put else {}


def _picked(pick: TermPick, paper: Paper, term: Term) -> bool:
    return all(_holds(pick, paper, term))


def _holds(pick: TermPick, paper: Paper, term: Term) -> Iterator[bool]:
    if pick.mechanism:
        yield term.mechanism == pick.mechanism
    if pick.pays:
        yield isinstance(term, Drug)
    if pick.rule:
        yield term.unlisted or (bool(term.codes) and set(term.codes) <= _unlisted_codes(paper))
    if pick.role:
        yield not term.default and not term.unlisted and prices_role(paper, term, pick.role)


def _fits(reading: Reading, paper: Paper) -> bool:
    for name, said in reading.where.items():
        section = getattr(paper.version, name)
        ways = section.clauses if name == "days" else (section,)
        if not any(all(getattr(way, field) == value for field, value in said.items()) for way in ways):
            return False
    return True


def _unlisted_codes(paper: Paper) -> set[str]:
    return {e.code for e in paper.entries if e.role == "noc" or e.code in UNLISTED}


def _worth(reading: Reading, paper: Paper, pricer: Pricer, today: Priced) -> Worth | None:
    overlay = overlay_of(reading, paper)
    if not overlay or not _fits(reading, paper):
        return None
    return _priced(reading, overlay, paper, pricer, today)


def all_asked(asked: Iterable[Worth], paper: Paper, pricer: Pricer, today: Priced) -> Worth | None:
    """Return what several readings are worth together, laid over the contract at once.

    None where the contract with all of them would be none, as two that speak of the same lines can clash.
    """
    overlay = _together([worth.overlay for worth in asked])
    try:
        return _priced(Reading("all that is asked for, at once", ""), overlay, paper, pricer, today)
    except ContractError:
        return None


def _together(overlays: Iterable[Raw]) -> Raw:
    """Return several overlays as one: sections field by field, rows by their ids."""
    made: Raw = {}
    for overlay in overlays:
        for name, held in overlay.items():
            if isinstance(held, dict):
                made[name] = {**made.get(name, {}), **held}
            elif name == "remove":
                made[name] = [*made.get(name, ()), *held]
            else:
                rows = {row.get("id", n): row for n, row in enumerate(made.get(name, ()))}
                for n, row in enumerate(held):
                    rows[row.get("id", n)] = {**rows.get(row.get("id", n), {}), **row}
                made[name] = list(rows.values())
    return made


def _priced(reading: Reading, overlay: Raw, paper: Paper, pricer: Pricer, today: Priced) -> Worth | None:
    other = reprice(pricer, today, overlaid(paper.version, overlay, "reading"))
    if not differences(today, other):
        return None
    both = today.known & other.known
    lost = today.known & ~other.known
    charge = today.fitted.prepared.quantities.charge
    low, high = _range(today, other)
    return Worth(
        reading=reading,
        overlay=overlay,
        cents=int((other.allowed - today.allowed)[both].sum()) if both.any() else None,
        low=low,
        high=high,
        lines_lost=int(lost.sum()),
        charge_lost=int(np.where(charge == UNKNOWN, 0, charge)[lost].sum()),
    )


def _range(today: Priced, other: Priced) -> tuple[int | None, int | None]:
    """Return the least and the most by which the reading can differ, where it rests on missing evidence."""
    if other.range is None:
        return None, None
    bounded = other.range.lines
    firm = today.known & other.known & ~bounded
    base = int((other.allowed - today.allowed)[firm].sum())
    bounded = bounded & today.known
    least = base + int((other.range.low - today.allowed)[bounded].sum())
    return least, base + int((other.range.high - today.allowed)[bounded].sum())
