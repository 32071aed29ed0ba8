"""The steps after each line's own amount: charge limits, caps, floors, stop-loss, sequestration, in the order given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from oracle.book import Book, stands
from oracle.contract_file import Table, Version
from oracle.days import Day
from oracle.lines import Line
from oracle.money import cents, half_up, share_out
from oracle.selecting import about

UNKNOWN = ("contract_silent", "needs_review")
USUAL_ORDER = ("lesser_of", "day", "claim", "episode", "year")


@dataclass
class Said:
    """The answer for one line; cents are None where no amount is known."""

    status: str
    base: int | None = None
    allowed: int | None = None
    why: str = ""

    def doubt(self, why: str) -> None:
        """Take the amount away: a step could change it, and something that the step needs is unknown."""
        self.status, self.base, self.allowed, self.why = "needs_review", None, None, why


@dataclass
class Steps:
    """The lines of a file with what is said of them so far, and the version of each line's first day."""

    book: Book
    lines: list[Line]
    days: dict[str, list[Day]]
    said: dict[str, Said]

    def version(self, line: Line) -> Version | None:
        return self.book.version(line.days[0]) if line.days else None

    def priced(self, line: Line) -> bool:
        return self.said[line.id].status == "priced"

    def amount(self, line: Line) -> int:
        found = self.said[line.id].allowed
        assert found is not None
        return found


def lay(steps: Steps) -> None:
    """Lay every step on the lines of each version, in that version's order."""
    by_order: dict[tuple[str, ...], list[Line]] = defaultdict(list)
    for version in steps.book.versions:
        by_order[_order(version)] = []
    for line in steps.lines:
        if (version := steps.version(line)) is not None and steps.said[line.id].status != "out_of_scope":
            by_order[_order(version)].append(line)
    for order, lines in by_order.items():
        for stage in order:
            if stage == "lesser_of":
                _charge_limits(steps, lines)
            else:
                _group_limits(steps, lines, stage)
    for line in filter(steps.priced, steps.lines):
        _sequester(steps, line)


def _order(version: Version) -> tuple[str, ...]:
    return tuple(version.table("order").get("steps", USUAL_ORDER))


def _sequester(steps: Steps, line: Line) -> None:
    """Cut what the plan itself pays, after everything else."""
    version = steps.version(line)
    rule = version.table("sequestration") if version else {}
    if rule.get("percent") and about(rule.get("applies_to", {}), line):
        cut = Fraction(rule["percent"]) * (1 - Fraction(rule.get("member_share", 0)))
        amount = steps.amount(line)
        steps.said[line.id].allowed = amount - int(half_up(amount * cut, 0))


# --- charge limits ------------------------------------------------------------------------------------------------


def _charge_limits(steps: Steps, lines: list[Line]) -> None:
    """Hold amounts to charges, by the rule in force on each line's first day."""
    claims: dict[tuple[str, str, int], list[Line]] = defaultdict(list)
    for line in lines:
        version = steps.version(line)
        assert version is not None
        rule = version.table("lesser_of")
        level = rule.get("level", "none")
        if level == "line" and steps.priced(line) and _limited(steps, line):
            assert line.charge is not None
            limit = cents(line.charge * Fraction(rule.get("percent", 1)))
            steps.said[line.id].allowed = min(steps.amount(line), limit, key=abs)
        if level == "claim" and not line.paired and line.id in steps.days:
            claims[repr(sorted(rule.items(), key=repr)), line.claim, line.sign].append(line)
    doubtful = [o for o in steps.lines if steps.said[o.id].status in UNKNOWN and not o.paired]
    for members in claims.values():
        _limit_claim(steps, members, [line for line in doubtful if line.claim == members[0].claim])


def _limited(steps: Steps, line: Line) -> bool:
    return any(day.limited for day in steps.days[line.id])


def _limit_claim(steps: Steps, members: list[Line], doubtful: list[Line]) -> None:
    """Hold one claim's limited lines to its charges; those out of the limit keep their amounts."""
    version = steps.version(members[0])
    assert version is not None
    rule, said = version.table("lesser_of"), steps.said
    limited = [m for m in members if steps.priced(m) and _limited(steps, m)]
    stays = rule.get("excluded_charges", "leave") == "stay"
    if any(stays or _could_be_held(steps, rule, line) for line in doubtful):
        for member in limited:
            said[member.id].doubt("claim")
        return
    outside = [m for m in members if steps.priced(m) and m not in limited] if stays else []
    held = [m for m in members if said[m.id].status == "bundled" and (stays or not _excluded(rule, m))]
    charges = sum((m.charge or Fraction(0) for m in limited + outside + held), Fraction(0))
    room = cents(charges * Fraction(rule.get("percent", 1))) - sum(steps.amount(m) for m in outside)
    amounts = {m.id: abs(steps.amount(m)) for m in limited}
    sign = members[0].sign
    if max(0, sign * room) < sum(amounts.values()):
        for name, part in share_out(max(0, sign * room), amounts).items():
            said[name].allowed = sign * part


def _could_be_held(steps: Steps, rule: Table, line: Line) -> bool:
    """Whether a line without amount would take part in the comparison."""
    return _limited(steps, line) if line.id in steps.days else not _excluded(rule, line)


def _excluded(rule: Table, line: Line) -> bool:
    exclude = rule.get("exclude", {})
    return any(exclude.values()) and about(exclude, line)


# --- caps, floors, stop-loss --------------------------------------------------------------------------------------


def _group_limits(steps: Steps, lines: list[Line], stage: str) -> None:
    rules = {repr(rule): rule for v in steps.book.versions for rule in v.rows("limit") if _stage(rule) == stage}
    for name, rule in rules.items():
        mine = []
        for line in lines:
            version = steps.version(line)
            in_force = version is not None and name in [repr(r) for r in version.rows("limit")]
            if in_force and stands(line) and line.billed_units and about(rule.get("lines", {}), line):
                mine.append(line)
        if rule.get("opening"):
            for line in filter(steps.priced, mine):
                if _opening(steps, rule, line) is None:
                    steps.said[line.id].doubt("opening balance")
        if rule["per"] == "day":
            _limit_days(steps, mine, rule)
        else:
            groups: dict[Hashable, list[Line]] = defaultdict(list)
            for line in mine:
                groups[_group(steps, rule, line)].append(line)
            for key, members in groups.items():
                if key is not None:
                    _limit_group(steps, sorted(members, key=lambda o: (o.days[0], o.order)), rule)


def _stage(rule: Table) -> str:
    return "year" if rule["per"] == "lifetime" else str(rule["per"])


def _group(steps: Steps, rule: Table, line: Line) -> Hashable:
    """The claim, episode, year or life to which a line belongs under a rule; None for no episode."""
    if rule["per"] == "claim":
        return line.claim
    if rule["per"] == "episode":
        return steps.book.episodes[rule["episode"]].get(line.id)
    if rule["per"] == "lifetime":
        return line.patient
    month, day = (int(x) for x in rule.get("year_starts", "01-01").split("-"))
    first = line.days[0]
    return line.patient, first.year - ((first.month, first.day) < (month, day))


def _opening(steps: Steps, rule: Table, line: Line) -> Fraction | None:
    """What the patient had used of a limit before these claims, None where no balance is on record."""
    year = _group(steps, rule, line)
    period = str(year[1]) if rule["per"] == "year" and isinstance(year, tuple) else ""
    for row in steps.book.evidence.get("balances", []):
        if (row["patient_id"], row["limit"], row.get("period", "")) == (line.patient, rule["id"], period):
            return Fraction(row["amount"]) if row["amount"] else None
    return None


def _limit_group(steps: Steps, members: list[Line], rule: Table) -> None:
    priced = [line for line in members if steps.priced(line)]
    unknown = [line for line in members if steps.said[line.id].status in UNKNOWN]
    if unknown and _could_move(steps, members, priced, unknown, rule):
        for line in priced:
            steps.said[line.id].doubt("group")
        return
    if not priced:
        return
    amounts, limit = {line.id: steps.amount(line) for line in priced}, cents(Fraction(rule["amount"]))
    if rule["kind"] == "cap":
        left = limit - cents((_opening(steps, rule, priced[0]) or Fraction(0)) if rule.get("opening") else Fraction(0))
        left = max(left, 0)
        for line in priced:
            steps.said[line.id].allowed = min(amounts[line.id], left)
            left -= min(amounts[line.id], left)
    elif rule["kind"] == "floor":
        if sum(amounts.values()) < limit:
            _put(steps, share_out(limit, amounts))
    else:
        _stop_loss(steps, priced, _within_others(steps, members, rule), rule)


def _within_others(steps: Steps, members: list[Line], rule: Table) -> Fraction:
    """The charges of lines paid within others, which a stop-loss on charges counts too."""
    counted = rule["kind"] == "stop_loss" and rule.get("measure", "charge") == "charge"
    held = [line for line in members if counted and steps.said[line.id].status == "bundled"]
    return sum((line.charge or Fraction(0) for line in held), Fraction(0))


def _could_move(steps: Steps, members: list[Line], priced: list[Line], unknown: list[Line], rule: Table) -> bool:
    """Whether the lines without amount, were they paid at their charges, could make the limit reach."""
    limit = Fraction(rule["amount"])
    if rule["kind"] == "floor" or any(line.charge is None for line in unknown):
        return True
    if rule["kind"] == "stop_loss" and rule.get("measure", "charge") == "charge":
        charges = sum((abs(line.charge or 0) for line in members), Fraction(0))
        return charges > limit
    known = Fraction(sum(steps.amount(line) for line in priced), 100)
    return known + sum((abs(line.charge or 0) for line in unknown), Fraction(0)) > limit


def _stop_loss(steps: Steps, priced: list[Line], held: Fraction, rule: Table) -> None:
    amounts = {line.id: steps.amount(line) for line in priced}
    measure = rule.get("measure", "charge")
    if measure == "allowed":
        total = Fraction(sum(amounts.values()), 100)
    else:
        values = [line.charge if measure == "charge" else line.cost for line in priced]
        total = sum((value for value in values if value is not None), held)
        surely = total > Fraction(rule["amount"]) and rule.get("pays", "first_dollar") == "first_dollar"
        if any(value is None for value in values) and not surely:
            for line in priced:
                steps.said[line.id].doubt("measure")
            return
    if total <= Fraction(rule["amount"]):
        return
    charges = {line.id: int((line.charge or Fraction(0)) * 100) for line in priced}
    share = Fraction(rule["share"])
    if rule.get("pays", "first_dollar") == "first_dollar":
        _put(steps, share_out(cents(share * (held + Fraction(sum(charges.values()), 100))), charges))
    else:
        extra = share_out(cents(share * (total - Fraction(rule["amount"]))), charges)
        _put(steps, {name: amounts[name] + extra[name] for name in amounts})


def _put(steps: Steps, amounts: dict[str, int]) -> None:
    for name, amount in amounts.items():
        steps.said[name].allowed = amount


def _limit_days(steps: Steps, mine: list[Line], rule: Table) -> None:
    """Bring each patient's days under a cap or up to a floor. A line pays its amount in equal parts for its days."""
    for patient in {line.patient for line in mine}:
        members = [line for line in mine if line.patient == patient]
        _doubt_days(steps, members, rule)
        exact = _shared_days(steps, [line for line in members if steps.priced(line)], rule)
        if exact:
            floors = {name: value.numerator // value.denominator for name, value in exact.items()}
            left = int(half_up(sum(exact.values(), Fraction(0)), 0)) - sum(floors.values())
            first = sorted(exact, key=lambda name: (floors[name] - exact[name], name))[:left]
            _put(steps, {name: floors[name] + (name in first) for name in floors})


def _shared_days(steps: Steps, members: list[Line], rule: Table) -> dict[str, Fraction]:
    """The exact new cents of the lines that a day's limit changes."""
    limit = Fraction(rule["amount"]) * 100
    daily = {line.id: Fraction(steps.amount(line), len(line.days)) for line in members}
    exact = {line.id: Fraction(steps.amount(line)) for line in members}
    touched: set[str] = set()
    for day in sorted({day for line in members for day in line.days}):
        there = [line.id for line in members if day in line.days]
        total = sum((daily[name] for name in there), Fraction(0))
        bound = min(total, limit) if rule["kind"] == "cap" else max(total, limit)
        if total and bound != total:
            touched.update(there)
            for name in there:
                exact[name] += daily[name] * (bound / total - 1)
    return {name: exact[name] for name in touched}


def _doubt_days(steps: Steps, members: list[Line], rule: Table) -> None:
    """Doubt the lines of days on which a line without amount could make the limit reach."""
    unknown = [line for line in members if steps.said[line.id].status in UNKNOWN]
    priced = [line for line in members if steps.priced(line)]
    touched: set[str] = set()
    for day in {day for line in unknown for day in line.days}:
        there = [line for line in priced if day in line.days]
        if rule["kind"] == "floor" or _day_total(steps, members, day) > Fraction(rule["amount"]):
            touched.update(line.id for line in there)
    for name in touched:
        steps.said[name].doubt("day")


def _day_total(steps: Steps, members: list[Line], day: date) -> Fraction:
    """What a day would come to, were the lines without amount paid at their charges."""
    total = Fraction(0)
    for line in (line for line in members if day in line.days):
        whole = Fraction(steps.amount(line), 100) if steps.priced(line) else abs(line.charge or Fraction(0))
        total += whole / len(line.days) if steps.said[line.id].status in ("priced", *UNKNOWN) else 0
    return total
