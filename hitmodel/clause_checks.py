"""Clauses about time and drugs that a person should look at: what can end in nothing, what looks like a slip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from hitmodel.codes import CodeTable
from hitmodel.dates import ONE_DAY
from hitmodel.errors import ContractError
from hitmodel.mechanisms.compare import Compare
from hitmodel.mechanisms.drug import Drug
from hitmodel.mechanisms.price_sources import PriceSource
from hitmodel.money import as_decimal
from hitmodel.rate_rules import anniversaries, increases
from hitmodel.terms import Escalator, Term, Version

OWN_PRICES = ("charge", "cost")
USUAL_YEARLY = Decimal("0.15")
USUAL_MULTIPLIER = (Decimal("0.25"), Decimal(3))
"""Bounds beyond which a number is asked about, no more: a yearly change, a multiple of a published price."""


@dataclass(frozen=True)
class ContractFinding:
    """Something in a contract that a person should look at. ``serious`` findings make a price wrong or impossible."""

    file: str
    place: str
    problem: str
    kind: str
    serious: bool = True

    def __str__(self) -> str:
        return f"{self.file}, {self.place}: {self.problem}"


def clause_findings(version: Version, codes: CodeTable, until: date) -> Iterator[ContractFinding]:
    """Yield what is to be said of the clauses about time and drugs, looking ahead to ``until``."""
    for escalator in version.escalator:
        yield from _escalator(escalator, version, until)
    yield from _phase_in_fields(version)
    drugs = [(term.id, drug) for term in version.term for drug in _drugs(term)]
    for name, drug in drugs:
        place = f"term '{name}'"
        if not isinstance(version.named(name), Compare) and not _ends_somewhere(drug):
            yield _chain_ends(version, place, drug)
        if drug.choose == "least" and any(source.of in OWN_PRICES for source in drug.sources):
            problem = (
                "the charge or cost is one of the prices of which the least is paid; a last resort belongs in fallback"
            )
            yield ContractFinding(version.file, place, problem, "least_with_charge", serious=False)
        for source in drug.sources:
            yield from _unusual_multiplier(version, place, source)
        if drug.price_as:
            yield from _price_as(version, place, drug, codes)
    yield from _priced_as_each_other(version, drugs, codes)


def known_until(version: Version, until: date) -> date:
    """Return the last day up to ``until`` on which every index that the version follows is known."""
    days = [day for e in version.escalator if (day := _first_unknown(e, version, until)) is not None]
    return min([until, *(day - ONE_DAY for day in days)])


def _first_unknown(escalator: Escalator, version: Version, until: date) -> date | None:
    """Return the day of the first increase whose change cannot be said."""
    for day in anniversaries(escalator, until):
        try:
            increases(escalator, day, version.file)
        except ContractError:
            return day
    return None


def _escalator(escalator: Escalator, version: Version, until: date) -> Iterator[ContractFinding]:
    place = f"escalator '{escalator.id}'"
    for field in ("percent", "assumed", "cap", "floor"):
        value = getattr(escalator, field)
        if value is not None and abs(value) > USUAL_YEARLY:
            problem = f"{field} = {value} is {_percent(value)} a year; 3 percent is written 0.03"
            yield ContractFinding(version.file, place, problem, "unusual", serious=False)
    unknown = _first_unknown(escalator, version, until)
    if unknown is not None:
        try:
            increases(escalator, unknown, version.file)
        except ContractError as error:
            says = " ".join(filter(None, (f"{error.what}.", error.next_step)))
            problem = f"the increase of {unknown} cannot be worked out: {says}"
            if escalator.assumed is None:
                problem += " For months that are not published yet, say what is assumed: assumed = 0.03."
            yield ContractFinding(version.file, place, problem, "index")
        return
    resting = [i.day for i in increases(escalator, until, version.file) if i.assumed]
    if resting:
        problem = f"from {resting[0]} it rests on an assumed change of {_percent(escalator.assumed or Decimal(0))}"
        yield ContractFinding(version.file, place, problem, "assumed", serious=False)


def _phase_in_fields(version: Version) -> Iterator[ContractFinding]:
    for phase in version.phase_in:
        for name in phase.terms:
            term = version.named(name)
            if term is not None and phase.field not in type(term).model_fields and not term.schedules_named:
                problem = (
                    f"term '{name}' ({term.mechanism}) has no rate called '{phase.field}', so nothing is phased in"
                )
                yield ContractFinding(version.file, f"phase_in '{phase.id}'", problem, "never_applies")


def _drugs(term: Term) -> list[Drug]:
    if isinstance(term, Drug):
        return [term]
    return [way for way in term.of if isinstance(way, Drug)] if isinstance(term, Compare) else []


def _ends_somewhere(drug: Drug) -> bool:
    return any(source.of in OWN_PRICES for source in drug.sources)


def _chain_ends(version: Version, place: str, drug: Drug) -> ContractFinding:
    names = ", ".join(source.schedule or source.of.replace("_", " ") for source in drug.sources)
    problem = f"a drug without {names} has no price under this term; end the chain with charge or cost, or leave it"
    return ContractFinding(version.file, place, problem, "chain_ends", serious=False)


def _unusual_multiplier(version: Version, place: str, source: PriceSource) -> Iterator[ContractFinding]:
    if source.of in OWN_PRICES or USUAL_MULTIPLIER[0] <= source.multiplier <= USUAL_MULTIPLIER[1]:
        return
    of = source.of.replace("_", " ")
    meant = f"; {_percent(1 + source.multiplier)} is written {1 + source.multiplier}" if source.multiplier < 1 else ""
    problem = f"multiplier = {source.multiplier} pays {_percent(source.multiplier)} of the {of}{meant}"
    yield ContractFinding(version.file, place, problem, "unusual", serious=False)


def _price_as(version: Version, place: str, drug: Drug, codes: CodeTable) -> Iterator[ContractFinding]:
    if not codes.exists_ever(drug.price_as):
        why = codes.why_unknown(drug.price_as, version.contract.effective_from)
        yield ContractFinding(version.file, place, f"price_as: {why}", "unknown_code")
    if drug.price_as in drug.codes:
        problem = f"price_as names {drug.price_as}, which the term prices itself: that code is priced as its own"
        yield ContractFinding(version.file, place, problem, "price_as", serious=False)


def _priced_as_each_other(
    version: Version, drugs: list[tuple[str, Drug]], codes: CodeTable
) -> Iterator[ContractFinding]:
    """Find terms of which each takes the other's code for its price: a circle, in which no price is anybody's own."""
    by_code = {code: (name, drug) for name, drug in drugs if drug.price_as for code in _codes_of(drug, codes)}
    for name, drug in drugs:
        other = by_code.get(drug.price_as)
        if other is None or other[0] == name or other[1].price_as not in _codes_of(drug, codes):
            continue
        problem = f"it is priced as {drug.price_as}, and term '{other[0]}' prices that code as {other[1].price_as}"
        yield ContractFinding(version.file, f"term '{name}'", f"{problem}: a circle", "price_as")


def _codes_of(drug: Drug, codes: CodeTable) -> frozenset[str]:
    return frozenset(drug.codes) | {e.code for e in codes if e.family and e.family in drug.families}


def _percent(share: Decimal) -> str:
    return f"{as_decimal(Fraction(share) * 100)} percent"
