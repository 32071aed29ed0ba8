"""A changed contract priced from a result that is there: only the lines that the change can touch are worked out.

Everything else, status, amount and working, is taken over as it was.
"""

from __future__ import annotations

from hitmodel.compile import Compiled
from hitmodel.plain import forms
from hitmodel.prepare import Ints
from hitmodel.pricing import Asked, Priced, Pricer
from hitmodel.terms import Contract
from hitmodel.ties import settings
from hitmodel.worked import spliced


def reprice(pricer: Pricer, before: Priced, contract: Contract) -> Priced:
    """Return what `Pricer.price` says of a contract, with the dating of a result of the same claims.

    Only lines of which a clause has changed are priced, with those that hang together with them. A contract that
    differs in more than its clauses' rates and wording (its periods, what is cut, ranked or limited) is priced whole.

    Raises `ContractError` and `InputError` as `Pricer.price` does.
    """
    compiled = pricer.compiled(contract, before.dating)
    if before.range is not None or settings(compiled) != settings(before.compiled):
        return pricer.price(contract, before.dating)
    fitted, plain = before.fitted, before.plain
    moments = plain.clauses.touched(before.compiled, compiled)
    asked = _asked(pricer, before, compiled, moments)
    if asked is None:
        return pricer.price_fitted(compiled, fitted, before.dating)
    hanging, few = plain.hanging(compiled, moments, before.resolutions), before.few
    if len(hanging.others):
        worked = hanging.tied.worked(pricer.resolver, compiled, pricer.evidence)
        few = spliced(few, worked, hanging.others)
    allowed = plain.price_again(before.allowed, asked.said, hanging)
    return Priced.of(asked, plain, allowed, few)


def _asked(pricer: Pricer, before: Priced, compiled: Compiled, moments: Ints) -> Asked | None:
    """Return what a contract says where it touches some moments; None where it is another form of price there."""
    resolutions = list(before.resolutions)
    for moment in moments.tolist():
        kind, period, price = before.fitted.moments.rows[moment]
        start = compiled.price_starts[price]
        resolutions[moment] = pricer.resolver.resolve(before.fitted.kinds[kind], compiled.periods[period], start)
    if forms([resolutions[m] for m in moments]) != forms([before.resolutions[m] for m in moments]):
        return None
    said = before.plain.said(resolutions, before.said, moments)
    return Asked(compiled, before.dating, tuple(resolutions), said, pricer.references, pricer.evidence)
