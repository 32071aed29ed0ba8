"""What a contract version says on each clause of a review, and where: said, said in part, against us, or silent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from hitmodel.clause_words import percent
from hitmodel.codes import CodeEntry, CodeTable
from hitmodel.contract_checks import Covered, coverage
from hitmodel.evidence_terms import Days
from hitmodel.mechanisms.base import LineKind
from hitmodel.mechanisms.drug import Drug
from hitmodel.mechanisms.fixed import Fixed
from hitmodel.mechanisms.schedule import ByBaseSchedule
from hitmodel.positions import position
from hitmodel.references import References
from hitmodel.selection import choose, matches
from hitmodel.terms import Contract, Selector, Term, Version

Standing = Literal["silent", "in part", "against us", "in line", "not applicable"]
BY_DOSE = ("dose", "dispense", "visit", "week", "month")
UNPAID: Mapping[str, str] = {"bundled": "included", "not_covered": "not covered", "by_report": "by report"}
"""Ways to pay that leave a line without an amount of its own, in the words of a rate sheet."""
REST = "codes without a clause of their own"
UNLISTED = ("S9379", "S9542", "J3490", "J3590")
SUITE = "SS"
SHOWN_CODES = 8


@dataclass(frozen=True)
class Saying:
    """What a contract says on one clause.

    ``words`` puts it in a sentence's part, ``cite`` is where the paper has it, ``place`` where the file has it; all
    are empty where the contract is silent.
    """

    standing: Standing
    words: str = ""
    cite: str = ""
    place: str = ""


SILENT = Saying("silent")
NOT_APPLICABLE = Saying("not applicable")


@dataclass(frozen=True)
class Paper:
    """A contract version with the tables that its terms are held to."""

    version: Version
    references: References

    @property
    def codes(self) -> CodeTable:
        """The code table."""
        return self.references.codes

    @cached_property
    def covered(self) -> tuple[Covered, ...]:
        """What prices each home infusion code, and when."""
        return coverage(Contract(name="paper", versions=(self.version,)), self.references)

    @cached_property
    def entries(self) -> tuple[CodeEntry, ...]:
        """The codes that can be billed while the version holds, each once."""
        first = self.version.contract.effective_from
        last = self.version.contract.effective_through
        found = {e.code: e for e in self.codes if not e.is_modifier and (last is None or e.first_day <= last)}
        return tuple(e for e in found.values() if e.last_day is None or e.last_day >= first)

    def governing(self, entry: CodeEntry, modifiers: tuple[str, ...] = ()) -> Term | None:
        """Return the term that governs a code without a place, product or NDC; None where there is none."""
        kind = kind_of(entry, modifiers)
        return choose(kind, [term for term in self.version.term if matches(term, kind)]).chosen

    @cached_property
    def by_role(self) -> dict[str, dict[str, Term | None]]:
        """The governing term of each code, by role and code."""
        found: dict[str, dict[str, Term | None]] = {}
        for entry in self.entries:
            found.setdefault(entry.role, {})[entry.code] = self.governing(entry)
        return found

    def terms_of(self, *roles: str) -> tuple[Term, ...]:
        """Return the terms that govern codes of some roles, each once; contract-wide defaults are none of them."""
        found = {t.id: t for role in roles for t in self.by_role.get(role, {}).values() if t is not None}
        return tuple(t for t in found.values() if not t.default and not t.unlisted)

    @cached_property
    def drugs(self) -> tuple[Drug, ...]:
        """The terms that price drugs by a published reference."""
        return tuple(t for t in self.version.term if isinstance(t, Drug))

    def days_that_say(self, field: str) -> tuple[Days, ...]:
        """Return the clauses on counting days, for whichever lines, that write a field."""
        return tuple(clause for clause in self.version.days.clauses if field in clause.model_fields_set)

    def wrote(self, section: str, *fields: str) -> bool:
        """Say whether the contract writes every one of some fields of a section, even as the default."""
        written: set[str] = getattr(self.version, section).model_fields_set
        return written.issuperset(fields)


def kind_of(entry: CodeEntry, modifiers: Iterable[str] = ()) -> LineKind:
    """Return the plainest kind of line that a code can be."""
    return LineKind(
        code=entry.code,
        modifiers=frozenset(modifiers),
        role=entry.role,
        therapy_class=entry.therapy_class,
        family=entry.family,
        billed_code=entry.code,
    )


def by_terms(standing: Standing, words: str, terms: Iterable[Term]) -> Saying:
    """Return a saying that stands in terms."""
    held = tuple(terms)
    cite = next((t.cite for t in held if t.cite), "")
    return Saying(standing, words, cite, ", ".join(f"term '{t.id}'" for t in held[:3]))


def by_section(paper: Paper, section: str, standing: Standing, words: str) -> Saying:
    """Return a saying that stands in a table of its own."""
    return Saying(standing, words, getattr(paper.version, section).cite, f"[{section}]")


# --- the per diem -------------------------------------------------------------------------------------------------

_DAYS = {
    "billed": "the claim's units decide",
    "access": "each day of access, from start to permanent stop",
    "infusion": "only days with an infusion",
    "infusion_or_nursing": "days with an infusion or a nursing visit",
    "elapsed_24h": "hours of infusion divided by 24",
    "doses": "one for each dose",
}


def day(paper: Paper) -> Saying:
    """Say what a day is."""
    said = paper.days_that_say("count")
    if not said:
        return SILENT
    standings: list[Standing] = [_DAY_STANDINGS.get(clause.count, "against us") for clause in said]
    words = "; other therapies: ".join(_DAYS[clause.count] for clause in paper.version.days.clauses)
    return by_section(paper, "days", worst(standings), words)


_DAY_STANDINGS: dict[str, Standing] = {"access": "in line", "billed": "in part"}


def worst(standings: Iterable[Standing]) -> Standing:
    """Return how a clause stands of which parts stand differently: as the part that is furthest from the position."""
    order: tuple[Standing, ...] = ("against us", "silent", "in part", "in line", "not applicable")
    return min(standings, key=order.index)


def interval(paper: Paper) -> Saying:
    """Say up to which dose interval a per diem holds."""
    said = paper.days_that_say("limit_hours")
    if not said:
        return SILENT
    hours = min(clause.limit_hours for clause in said)
    return by_section(paper, "days", "in line" if hours >= 72 else "against us", f"up to every {hours} hours")


def beyond_interval(paper: Paper) -> Saying:
    """Say whether rare doses have rates of their own, code by code as the contract pays each."""
    found = [t for t in paper.version.term if pays_by_dose(paper, t)]
    ways = {name: term for entry in rare(paper) for name, term in ways_of(paper, entry).items()}
    unpaid = {name: term for name, term in ways.items() if term.mechanism in UNPAID}
    if unpaid:
        return by_terms("against us", _unpaid_words(unpaid), unpaid.values())
    if not found:
        return SILENT
    words = "; ".join(f"{_codes(t)} at a rate for each {getattr(t, 'per', 'dose')}" for t in found)
    by_day = [name for name, term in ways.items() if not pays_by_dose(paper, term)]
    if by_day:
        return by_terms("in part", f"{words}; {_first(by_day)} by the day", found)
    return by_terms("in line", words, found)


def rare(paper: Paper) -> tuple[CodeEntry, ...]:
    """Return the codes of therapies that are mostly given less often than every 72 hours."""
    return tuple(e for e in paper.entries if e.code in position("beyond_interval").codes)


def ways_of(paper: Paper, entry: CodeEntry) -> dict[str, Term]:
    """Return what pays a code, by the code with the modifiers that a clause asks for: by itself too, where any does.

    What a contract pays of all codes alike is left out of a code that has clauses of its own.
    """
    found: dict[str, Term] = {}
    for term in paper.version.term:
        marks = (*term.modifiers[:1], *term.all_modifiers)
        if marks and matches(term, kind_of(entry, marks)) and paper.governing(entry, marks) is term:
            found["-".join((entry.code, *marks))] = term
    plain = paper.governing(entry)
    if plain is not None and (plain.codes or not found):
        found[entry.code] = plain
    return found


def pays_by_dose(paper: Paper, term: Term) -> bool:
    """Say whether a term pays per diem codes by the dose, the dispense, the visit, the week or the month."""
    return isinstance(term, Fixed | ByBaseSchedule) and term.per in BY_DOSE and prices_role(paper, term, "per_diem")


def prices_role(paper: Paper, term: Term, role: str) -> bool:
    """Say whether a term fits some code of a role."""
    marks = (*term.modifiers[:1], *term.all_modifiers)
    return any(entry.role == role and matches(term, kind_of(entry, marks)) for entry in paper.entries)


def _codes(term: Term) -> str:
    named = [code for code in term.codes if code not in term.without_codes]
    return _first([code.replace("..", "–") for code in named]) or term.id.replace("_", " ")


def apart(role: str, what: str) -> Callable[[Paper], Saying]:
    """Return the question whether a role is paid on lines of its own."""

    def ask(paper: Paper) -> Saying:
        terms = paper.terms_of(role)
        if not terms:
            return SILENT
        inside = [t for t in terms if t.mechanism == "bundled"]
        if len(inside) == len(terms):
            return by_terms("against us", f"{what} lie within {getattr(inside[0], 'into', 'another payment')}", inside)
        if all(t.mechanism in UNPAID for t in terms):
            return by_terms("against us", f"{what} are {UNPAID[terms[0].mechanism]}", terms)
        unpaid = unpaid_of(paper, role)
        if unpaid:
            words = f"{_unpaid_words(unpaid)}; other {what} are paid on lines of their own"
            return by_terms("against us", words, unpaid.values())
        return by_terms("in line", f"{what} are paid on lines of their own", terms)

    return ask


APART = {"drug": "drugs_apart", "nursing": "nursing_apart", "catheter_care": "catheter"}
"""The question of a review whether a role's codes are paid on lines of their own."""


def unpaid_of(paper: Paper, role: str) -> dict[str, Term]:
    """Return the codes that a contract does not pay by themselves, by clauses about them: of a role, and of its
    position.
    """
    more = position(APART[role]).codes
    of_role = {**paper.by_role.get(role, {}), **{e.code: paper.governing(e) for e in paper.entries if e.code in more}}
    return {
        code: term
        for code, term in of_role.items()
        if term is not None and term.mechanism in UNPAID and not (term.default or term.unlisted)
    }


def _unpaid_words(unpaid: Mapping[str, Term]) -> str:
    """Say which codes are not paid by themselves: "B4185 included; S9359-SS by report"."""
    told: dict[str, list[str]] = {}
    for name, term in unpaid.items():
        told.setdefault(UNPAID[term.mechanism], []).append(name)
    return "; ".join(f"{_first(names)} {how}" for how, names in told.items())


def _first(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN_CODES} more" if len(names) > SHOWN_CODES else ""
    return f"{', '.join(names[:SHOWN_CODES])}{more}"


INSIDE_ROLES = ("supplies", "equipment", "delivery", "pharmacy")


def inside(paper: Paper) -> Saying:
    """Say whether the contract lists what lies within the per diem."""
    bundles = [b for b in paper.version.bundle if set(b.lines.roles) & set(INSIDE_ROLES) or _names_supplies(b.lines)]
    terms = [t for t in paper.terms_of(*INSIDE_ROLES) if t.mechanism == "bundled"]
    if not terms and not bundles:
        return SILENT
    roles = dict.fromkeys(r for s in (*terms, *(b.lines for b in bundles)) for r in s.roles)
    words = f"{', '.join(roles) or 'named codes'} lie within the per diem"
    if terms:
        return by_terms("in line", words, terms)
    return Saying("in line", words, bundles[0].cite, f"bundle '{bundles[0].id}'")


def _names_supplies(selector: Selector) -> bool:
    return any(code[:1] == "A" for code in selector.codes)


def unpriced(paper: Paper) -> Saying:
    """Say which per diem codes have no price."""
    held = {row.code: row for row in paper.covered if row.role == "per_diem"}
    diems = [e for e in paper.entries if e.role == "per_diem"]
    ways = {name: term for entry in diems for name, term in ways_of(paper, entry).items()}
    unpaid = {n: t for n, t in ways.items() if t.mechanism in UNPAID and not (t.default or t.unlisted)}
    if unpaid:
        return by_terms("against us", _unpaid_words(unpaid), {t.id: t for t in unpaid.values()}.values())
    without = [row for row in held.values() if not row.term and row.code not in UNLISTED]
    if without:
        words = f"no price for {_first([row.code for row in without])}"
        return Saying("silent" if len(without) == len(held) else "in part", words)
    return by_terms("in line", f"all {len(held)} per diem codes have a price or a rule", paper.terms_of("per_diem"))


def unlisted(paper: Paper) -> Saying:
    """Say what pays unlisted codes."""
    found = unlisted_terms(paper)
    open_codes = [code for code, term in found.items() if term is None]
    terms = list({t.id: t for t in (*found.values(), *rests(paper)) if t is not None}.values())
    if not terms:
        return SILENT
    unpaid = {code: term for code, term in found.items() if term is not None and term.mechanism in UNPAID}
    unpaid.update((REST, t) for t in rests(paper) if t.mechanism in UNPAID)
    if unpaid:
        return by_terms("against us", _unpaid_words(unpaid), {t.id: t for t in unpaid.values()}.values())
    if open_codes:
        return by_terms("in part", f"nothing pays {', '.join(open_codes)}", terms)
    shares = sorted({share for t in terms if (share := getattr(t, "share", None)) is not None})
    words = " and ".join(f"{percent(s)} of charges" for s in shares) or "a rate of their own"
    return by_terms("in line", words, terms)


def rests(paper: Paper) -> tuple[Term, ...]:
    """Return what pays codes that no other clause reaches: the rule for unlisted codes, else the default."""
    found = tuple(t for t in paper.version.term if t.unlisted)
    return found or tuple(t for t in paper.version.term if t.default)


def unlisted_terms(paper: Paper) -> dict[str, Term | None]:
    """Return what pays each unlisted code that can be billed."""
    return {e.code: paper.governing(e) for e in paper.entries if e.code in UNLISTED}
