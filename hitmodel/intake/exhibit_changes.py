"""What a payer's rate exhibit changes, code by code, and what it says that the contract does not.

Units that contradict how a code is billed are not guessed: they are left out, with what to say. Each code of the
exhibit stands beside what the contract pays for it, and codes of the contract that the exhibit leaves out are told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from hitmodel.code_exhibit import code_exhibit
from hitmodel.code_prices import NO_PRICE, Price, code_prices, within
from hitmodel.codes import CodeTable
from hitmodel.diff_tables import rate_words
from hitmodel.errors import ContractError, Finding
from hitmodel.intake.exhibit_rows import LeftOut, RateLine, with_modifier
from hitmodel.intake.exhibit_words import Per, own_unit
from hitmodel.intake.fee_schedule import Exhibit
from hitmodel.mechanisms.fixed import Fixed
from hitmodel.money import as_decimal, round_half_up
from hitmodel.references import References
from hitmodel.terms import Contract, Version

_CONCURRENT = {"SH": 1, "SJ": 2}
"""Modifiers of a second and a later therapy, and which of the contract's shares is theirs."""


# --- units that contradict a code ------------------------------------------------------------------------------------


def with_units_settled(exhibit: Exhibit, base: Version | None, codes: CodeTable) -> Exhibit:
    """Return an exhibit without the dollar rates for another unit than the code is billed by and the contract pays."""
    kept: list[RateLine] = []
    left, findings = list(exhibit.left), list(exhibit.findings)
    for line in exhibit.lines:
        own = own_unit(codes.entry(line.code))
        if line.kind != "dollars" or not line.unit or own is None or line.asked or line.per in _pays(line, own, base):
            kept.append(line)
            continue
        why = (
            f"is for each {line.per} ('{line.unit}'), and {line.code} is billed by the {own}: ask which is meant, then "
            f"--unit {line.code}={line.per} or --unit {line.code}={own}"
        )
        left.append(
            LeftOut(
                line.place,
                with_modifier(line.code, line.modifier),
                (line.code,),
                line.worth,
                why,
                line.modifier,
            )
        )
        said = f"{line.code}: {why}; left out, so nothing changes there"
        findings.append(Finding(exhibit.file, _row_of(line), "basis", line.unit, said, "unit"))
    return replace(exhibit, lines=tuple(kept), left=tuple(left), findings=tuple(findings))


def _pays(line: RateLine, own: Per, base: Version | None) -> set[str]:
    """Return the units in which a code is billed, and those in which the contract pays it."""
    terms = [term for term in base.term if line.code in term.codes and isinstance(term, Fixed)] if base else []
    words = line.modifier.split()
    paid = {t.per for t in terms if isinstance(t, Fixed) and (not t.modifiers or set(words) & set(t.modifiers))}
    return {own, *paid}


def _row_of(line: RateLine) -> int:
    return int("".join(filter(str.isdigit, line.place.rsplit("!", 1)[-1].split(" column")[0])) or 0)


# --- before and now --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CodeChange:
    """One code with its modifier: what the contract pays and what it pays by the exhibit, in words.

    ``percent`` is the change where both are dollars for the same unit.
    """

    name: str
    before: str
    now: str
    percent: Decimal | None = None

    @property
    def changed(self) -> bool:
        """Whether the two differ."""
        return self.before != self.now


@dataclass(frozen=True)
class ExhibitChanges:
    """What an exhibit changes against a contract.

    ``codes`` are those of the exhibit, and others whose rate it moves; ``left`` its rows that were left out, each with
    what its codes go on being paid; ``absent`` the codes of the contract that the exhibit does not name, by what they
    are paid; ``today`` the codes of which the exhibit says another rate of today than the contract pays, as (code, the
    exhibit's, the contract's). ``unclear`` is why rates could not be set side by side, "" where they were.
    """

    codes: tuple[CodeChange, ...] = ()
    left: tuple[tuple[LeftOut, str], ...] = ()
    absent: tuple[tuple[str, tuple[str, ...]], ...] = ()
    today: tuple[tuple[str, str, str], ...] = ()
    unclear: str = ""


def exhibit_changes(
    exhibit: Exhibit, before: Contract | None, after: Contract, day: date, references: References
) -> ExhibitChanges:
    """Return what an exhibit laid into a contract changes on a day; for a new contract only what was left out."""
    if before is None:
        return ExhibitChanges(left=tuple((one, "") for one in exhibit.left))
    named = [*(line.code for line in exhibit.lines), *(code for one in exhibit.left for code in one.codes)]
    try:
        was = code_prices(before, references, day, named)
        now = code_prices(after, references, day, named)
        moved = [row for row in code_exhibit(after, references, day, before).rows if row.changed]
        absent = tuple(_absent(before, references, day, set(named)))
    except ContractError as error:
        return ExhibitChanges(left=tuple((one, "") for one in exhibit.left), unclear=str(error))
    shares = before.latest.concurrency.shares
    rows = [_change(line, was, now, shares) for line in exhibit.lines]
    said = {(line.code, line.modifier) for line in exhibit.lines}
    rows += [
        _between(row.name, _was(was, row.code, row.mark, shares) or row.other, row.price)
        for row in moved
        if (row.code, row.mark) not in said
    ]
    return ExhibitChanges(
        tuple(rows),
        tuple((one, _paid(one, was, shares)) for one in exhibit.left),
        absent,
        tuple(_other_today(exhibit.lines, was, shares)),
    )


def _change(
    line: RateLine, was: dict[tuple[str, str], Price], now: dict[tuple[str, str], Price], shares: tuple[Decimal, ...]
) -> CodeChange:
    after = now.get((line.code, line.modifier))
    if after is None or line.first or line.last:
        unit = f" for each {line.per}" if line.kind == "dollars" else ""
        days = "".join(f" {word} {day}" for word, day in (("from", line.first), ("to", line.last)) if day)
        after = Price(None, f"{line.worth}{unit}{days}", "")
    name = with_modifier(line.code, line.modifier)
    return _between(name, _was(was, line.code, line.modifier, shares), after)


def _was(was: dict[tuple[str, str], Price], code: str, modifier: str, shares: tuple[Decimal, ...]) -> Price | None:
    """Return what a code is paid today with a modifier: by a clause for it, or by the code's own with its share."""
    own = was.get((code, modifier))
    plain = was.get((code, ""))
    if own is not None or plain is None:
        return own
    rank = _CONCURRENT.get(modifier)
    if rank is None or plain.rate is None or not shares:
        return plain
    share = shares[min(rank, len(shares) - 1)]
    if share == 1:
        return plain
    paid = as_decimal(round_half_up(plain.rate * share), 2)  # as the day would be paid
    return replace(plain, rate=paid, words=f"{paid:,.2f}")


def _between(name: str, before: Price | None, now: Price) -> CodeChange:
    old = before or NO_PRICE
    percent = (now.rate / old.rate - 1) * 100 if now.rate and old.rate and now.unit == old.unit else None
    return CodeChange(name, rate_words(old), rate_words(now), percent)


def _paid(left: LeftOut, was: dict[tuple[str, str], Price], shares: tuple[Decimal, ...]) -> str:
    """Return in words what codes go on being paid: one rate where all have it, else each with its own."""
    told = {code: rate_words(_was(was, code, left.modifier, shares)) for code in left.codes}
    if len(set(told.values())) == 1:
        return next(iter(told.values()))
    return "; ".join(f"{code} {paid}" for code, paid in told.items())


def _absent(
    before: Contract, references: References, day: date, named: set[str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    found: dict[str, list[str]] = {}
    for row in code_exhibit(before, references, within(before, day)).rows:
        if row.code not in named:
            found.setdefault(rate_words(row.price), []).append(row.name)
    yield from ((paid, tuple(names)) for paid, names in found.items())


def _other_today(
    lines: Iterable[RateLine], was: dict[tuple[str, str], Price], shares: tuple[Decimal, ...]
) -> Iterator[tuple[str, str, str]]:
    for line in lines:
        paid = _was(was, line.code, line.modifier, shares)
        if line.today is not None and (paid is None or paid.rate != line.today):
            name = with_modifier(line.code, line.modifier)
            yield name, f"{line.today:,.2f}", rate_words(paid)
