"""A changed contract priced from a result that is there: only the lines that the change can touch are worked out.

Everything else, status, amount and working, is taken over as it was.
"""

from __future__ import annotations

import numpy as np

from hitmodel.pricing import Priced, Pricer
from hitmodel.terms import Contract
from hitmodel.ties import settings
from hitmodel.touched import Moments
from hitmodel.worked import worked_again


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
    moments = Moments(fitted.moments.rows, fitted.kinds).touched(before.compiled, compiled)
    asked, same = pricer.asked(compiled, fitted, before.dating)
    if same is not plain:
        return pricer.price_fitted(compiled, fitted, before.dating)
    outcome = plain.price_again(before.outcome, asked.resolutions, asked.said, moments)
    touched = np.zeros(len(fitted.moments.rows), dtype=bool)
    touched[moments] = True
    theirs = touched[fitted.moments.number[plain.segments]]
    few = before.few
    if theirs.any():
        few = worked_again(pricer.resolver, few, compiled, theirs, pricer.evidence)
    return Priced.of(asked, plain, outcome, few)
