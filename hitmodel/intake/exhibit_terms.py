"""Turn a payer's rate exhibit into what a contract file says: rates changed where terms name a code, a schedule beside.

A term of the contract that names its codes one by one, and whose codes the exhibit all gives one rate, takes that rate.
Everything else becomes rows of a rate schedule with a term for each basis, and terms of the contract that spoke of
those codes no longer do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hitmodel.diff_overlay import raw_row
from hitmodel.intake.exhibit_rows import RateLine
from hitmodel.mechanisms.fixed import Fixed
from hitmodel.mechanisms.nursing import Nursing
from hitmodel.mechanisms.per_diem import PerDiem
from hitmodel.overlays import Raw
from hitmodel.terms import Term, Version
from hitmodel.vocabulary import Selector

SCHEDULE = "fee_schedule"
SCHEDULE_FILE = f"{SCHEDULE}.csv"
SCHEDULE_COLUMNS = ("code", "rate", "modifier", "from", "through")
CLAUSE = "rates by code"
"""What people call the clauses that an exhibit brings."""
_CONCURRENT = ("SH", "SJ")
_MOST_DECIMALS = 6


@dataclass(frozen=True)
class Changed:
    """One dollar rate of a term that the exhibit sets anew."""

    term: str
    field: str
    before: Decimal
    after: Decimal


@dataclass
class Laid:
    """What an exhibit makes of a contract version: table rows for an overlay, and what they mean for people.

    ``otherwise`` says which rates the exhibit has for another unit than the contract, whose unit stays. ``increases``
    are the rows of other tables that no longer hold for the rates that the exhibit states, ``removed`` those that hold
    for nothing any more, ``restated`` both by their ids. ``late`` are the rates that begin after the version does, and
    ``kept`` gives by its id each term that goes on for their codes until then the ids of the terms that do it.
    """

    terms: list[Raw] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    rows: list[RateLine] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    increases: dict[str, list[Raw]] = field(default_factory=dict)
    restated: list[str] = field(default_factory=list)
    otherwise: list[str] = field(default_factory=list)
    narrowed: list[str] = field(default_factory=list)
    late: list[RateLine] = field(default_factory=list)
    kept: dict[str, list[str]] = field(default_factory=dict)


def lay_exhibit(lines: Iterable[RateLine], base: Version | None, cite: str, begins: date) -> Laid:
    """Return what the lines of an exhibit make of a contract version, or of a new contract when ``base`` is None.

    ``begins`` is the day from which the outcome holds. A code whose first rate begins later is paid as before until
    the day before it does.
    """
    laid = Laid()
    by_code: dict[str, list[RateLine]] = {}
    for line in lines:
        by_code.setdefault(line.code, []).append(line)
    stated = [
        code for code, same in by_code.items() if any(line.kind == "dollars" and not line.modifier for line in same)
    ]
    for term in base.term if base else ():
        for code in _set_anew(term, by_code, laid):
            del by_code[code]
    rest = [line for same in by_code.values() for line in same]
    taken = {term.id for term in base.term} if base else set()
    firsts = _late(rest, begins) if base else {}
    laid.late = [line for line in rest if line.first and line.first == firsts.get((line.code, line.modifier))]
    for key, group in _groups(rest, firsts).items():
        laid.terms.append(_term(_name(key, taken), key, group, cite))
        laid.rows += [line for line in group if line.kind == "dollars"]
    if base:
        _narrow(base, rest, laid, firsts, taken)
        _without_increases(base, stated, laid)
    return laid


def _without_increases(base: Version, codes: list[str], laid: Laid) -> None:
    """Take the rates that the exhibit states out of what the contract makes of its rates as time goes on.

    A rate in an exhibit is what is paid from its day on, not what an earlier increase is to be laid on.
    """
    anew = {*laid.same, *(str(row["id"]) for row in laid.terms if row.keys() & {"rate", "first", "further"})}
    for table in _INCREASES:
        for row in getattr(base, table):
            left = [name for name in row.terms if name not in anew]
            kept = [name for term in row.terms for name in laid.kept.get(term, ())]
            if row.terms and not left and not kept:
                laid.removed.append(row.id)
            elif row.terms and (kept or len(left) < len(row.terms)):
                laid.increases.setdefault(table, []).append({"id": row.id, "terms": [*left, *kept]})
            elif not row.terms:
                said = raw_row(row.applies_to)
                without = [*said.get("without_codes", ()), *codes]
                laid.increases.setdefault(table, []).append(
                    {"id": row.id, "applies_to": {**said, "without_codes": list(dict.fromkeys(without))}}
                )
            else:
                continue
            laid.restated.append(row.id)


_INCREASES = ("escalator", "phase_in", "rate_change")


# --- rates of terms that are there -----------------------------------------------------------------------------------


def _set_anew(term: Term, by_code: dict[str, list[RateLine]], laid: Laid) -> tuple[str, ...]:
    """Give a term its rate from the exhibit; return the codes that are done with, none when it does not fit."""
    if not _names_codes_alone(term) or any(code not in by_code for code in term.codes):
        return ()
    lines = [line for code in term.codes for line in by_code[code]]
    if any(not line.plain or line.kind != "dollars" for line in lines):
        return ()
    rates = _rates(term, lines)
    if rates is None:
        return ()
    row: Raw = {"id": term.id}
    if isinstance(term, Fixed) and any(line.per != term.per for line in lines):
        codes = ", ".join(term.codes)
        laid.otherwise.append(f"{codes}: a rate for each {lines[0].per}, taken for each {term.per} as in the contract")
    for name, (before, after) in rates.items():
        if before != after:
            row[name] = after
            laid.changed.append(Changed(term.id, name, before, after))
    if len(row) > 1:
        laid.terms.append(row)
    else:
        laid.same.append(term.id)
    return term.codes


def _names_codes_alone(term: Term) -> bool:
    """Say whether codes, each by itself, are all by which a term says which lines it prices, on every day."""
    chosen = {name for name in Selector.model_fields if getattr(term, name)}
    dated = term.effective_from or term.effective_through
    return chosen == {"codes"} and not dated and not any(".." in code for code in term.codes)


def _rates(term: Term, lines: list[RateLine]) -> dict[str, tuple[Decimal, Decimal]] | None:
    """Return the dollar fields of a term with what they are and what the lines say; None when the lines do not fit."""
    values = {line.per: line.value for line in lines if line.value is not None}
    if any(line.value != values[line.per] for line in lines):
        return None
    if isinstance(term, Nursing) and set(values) == {"visit", "hour"}:
        return {"first": (term.first, values["visit"]), "further": (term.further, values["hour"])}
    per = "day" if isinstance(term, PerDiem) else term.per if isinstance(term, Fixed) else ""
    if isinstance(term, PerDiem | Fixed) and set(values) <= {per, "day"} and len(values) == 1:
        return {"rate": (term.rate, next(iter(values.values())))}
    return None


# --- everything else -------------------------------------------------------------------------------------------------

Key = tuple[Any, ...]


Firsts = Mapping[tuple[str, str], date]
"""The first day of each code and modifier whose rates begin later than the outcome does."""


def _late(lines: list[RateLine], begins: date) -> dict[tuple[str, str], date]:
    firsts: dict[tuple[str, str], date] = {}
    for line in lines:
        same, first = (line.code, line.modifier), line.first or begins
        firsts[same] = min(first, firsts.get(same, first))
    return {same: first for same, first in firsts.items() if first > begins}


def _groups(lines: list[RateLine], firsts: Firsts) -> dict[Key, list[RateLine]]:
    """Return the lines that one term prices together. Dollars have their dates in the schedule, others in the term.

    A term for dollars that begin later than the outcome begins with them: what was paid before is paid until then.
    """
    groups: dict[Key, list[RateLine]] = {}
    alike: dict[Key, list[list[str]]] = {}
    for line in lines:
        alike.setdefault((line.code, line.kind, line.per), []).append(line.modifier.split())
    for line in lines:
        modifiers = _modifiers(line.modifier.split(), alike[line.code, line.kind, line.per])
        if line.kind == "dollars":
            key: Key = ("dollars", line.per, modifiers, None, firsts.get((line.code, line.modifier)), None)
        else:
            key = (line.kind, "", modifiers, line.value, line.first, line.last)
        groups.setdefault(key, []).append(line)
    return groups


def _modifiers(own: list[str], alike: list[list[str]]) -> tuple[str, tuple[str, ...]]:
    """Return by which word of a selector the term of a rate chooses its modifiers, and which they are.

    ``alike`` are the modifiers of all rates of the same code. A rate for two modifiers stands in one term with those
    for either of them: of a schedule's rows the one with most of a line's modifiers governs, of two terms neither.
    """
    alone = {words[0] for words in alike if len(words) == 1}
    found = set(own)
    while more := {word for words in alike if len(words) > 1 and found & set(words) & alone for word in words} - found:
        found |= more
    if len(own) > 1 and not found & alone:
        return "all_modifiers", tuple(sorted(found))
    return "modifiers", tuple(sorted(found & alone))


def _name(key: Key, taken: set[str]) -> str:
    """Return an id that says what a term pays, and add it to those that are taken: rates_per_day, included_codes."""
    kind, per, (_, words), value, *_ = key
    if kind == "share":
        what = f"share_of_charges_{value * 100:f}".rstrip("0").rstrip(".").replace(".", "_")
    else:
        what = _CALLED.get(kind) or f"rates_per_{per}"
    return _free("_".join((what, *(word.lower() for word in words))), taken)


def _free(base: str, taken: set[str]) -> str:
    """Return a name that is not taken yet, and add it to those that are."""
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    taken.add(name)
    return name


_CALLED = {"bundled": "included_codes", "not_covered": "codes_not_covered", "by_report": "codes_by_report"}


def _term(name: str, key: Key, group: list[RateLine], cite: str) -> Raw:
    kind, per, (chosen_by, words), value, first, last = key
    row: Raw = {"id": name, "codes": list(dict.fromkeys(line.code for line in group))}
    if words:
        row[chosen_by] = list(words)
    if first:
        row["effective_from"] = first
    if last:
        row["effective_through"] = last
    if kind == "dollars":
        row |= {"mechanism": "schedule", "schedule": SCHEDULE, "per": per, "decimals": _decimals(group)}
        if any(word in _CONCURRENT for word in words):
            row["shares"] = [1]  # the row says what the second therapy is paid; nothing is taken off again
    elif kind == "share":
        row |= {"mechanism": "percent_of_charge", "share": value}
    else:
        row["mechanism"] = kind
    return {**row, "clause": CLAUSE, "cite": cite}


def _decimals(group: list[RateLine]) -> int:
    places = [-exponent for line in group if line.value and isinstance(exponent := line.value.as_tuple().exponent, int)]
    return min(_MOST_DECIMALS, max(2, *places))


def _narrow(base: Version, rest: list[RateLine], laid: Laid, firsts: Firsts, names: set[str]) -> None:
    """Take the codes of the new terms out of terms that name them too, so that one of them governs.

    For codes whose first rate comes later, a copy of the term goes on until the day before.
    """
    plain = {(line.code, "") for line in rest if not line.modifier}
    by_modifier = {(line.code, line.modifier) for line in rest if line.modifier}
    for term in base.term:
        if term.patients or term.ndcs or not term.codes:
            continue
        modified = {same for same in by_modifier if _is_for(term, same[1].split())}
        taken = [
            same
            for same in sorted(modified if term.narrows else plain)
            if _speaks_of(term, same[0]) and same[0] not in term.without_codes
        ]
        if taken:
            out = dict.fromkeys(code for code, _ in taken)
            laid.terms.append({"id": term.id, "without_codes": [*term.without_codes, *out]})
            laid.narrowed.append(term.id)
            _go_on(term, {code: firsts[code, mark] for code, mark in taken if (code, mark) in firsts}, laid, names)


def _go_on(term: Term, until: Mapping[str, date], laid: Laid, names: set[str]) -> None:
    """Keep a term for codes until the day before each has a rate of its own."""
    for first in sorted(set(until.values())):
        last = first - timedelta(days=1)
        if term.effective_from and term.effective_from > last:
            continue
        name = _free(f"{term.id}_until_{last:%Y_%m_%d}", names)
        ends = min(last, term.effective_through or last)
        codes = [code for code, day in until.items() if day == first]
        laid.terms.append({**raw_row(term), "id": name, "codes": codes, "effective_through": ends})
        laid.kept.setdefault(term.id, []).append(name)


def _is_for(term: Term, modifiers: list[str]) -> bool:
    """Say whether a term is for lines with just these modifiers, so that it would fit as well as the new one."""
    return modifiers[0] in term.modifiers if len(modifiers) == 1 else sorted(term.all_modifiers) == modifiers


def _speaks_of(term: Term, code: str) -> bool:
    return any(code == one or _within(code, one) for one in term.codes)


def _within(code: str, spread: str) -> bool:
    first, found, last = spread.partition("..")
    return bool(found) and len(code) == len(first) and first <= code <= last


def schedule_rows(rows: Iterable[RateLine]) -> Iterator[tuple[object, ...]]:
    """Yield the rows of the schedule as `SCHEDULE_COLUMNS` has them, by code, modifier and day."""
    for line in sorted(rows, key=lambda one: (one.code, one.modifier, str(one.first or ""))):
        yield line.code, line.value, line.modifier, line.first, line.last
