"""The lesser or the greater of several ways to pay one line (catalogue 3.3, 8.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SerializeAsAny, ValidationError

from hitmodel.errors import nearest
from hitmodel.forms import Amount, Known, Max, Min, Outcome, PriceForm, Step, Unpriced
from hitmodel.mechanisms.base import LineKind, Look, Mechanism
from hitmodel.mistakes import Place, sentences
from hitmodel.status import Status
from hitmodel.terms import Selector, Term

NO_WAYS = ("not_covered", "bundled", "manual", "first_visit", "case_rate", "compare")
"""Mechanisms that pay nothing, are flagged, count over lines, or compare."""
OWN_WORDS = (
    *Selector.model_fields,
    *("id", "unlisted", "default", "effective_from", "effective_through", "clause", "shares", "lesser_of"),
    "counted_in",
)
"""Words that say something of the line as a whole, which no single way to pay it can say."""


def _way(value: Any) -> Any:
    """Read one way as a term of its mechanism that says nothing of its own about which lines it prices."""
    from hitmodel.mechanisms.registry import MECHANISMS

    if not isinstance(value, Mapping):
        return value
    known = [name for name in MECHANISMS if name not in NO_WAYS]
    name = value.get("mechanism")
    if name not in known:
        close = nearest(str(name), known)
        hint = f"; did you mean '{close}'?" if close else f"; there are {', '.join(known)}"
        said = f"mechanism '{name}' is no way to pay here" if name else "names no mechanism"
        raise ValueError(f"{said}{hint}")
    spoken = next((word for word in OWN_WORDS if word in value), None)
    if spoken:
        raise ValueError(f"'{spoken}' belongs to the term, not to one of its ways to pay")
    try:
        return MECHANISMS[name].model.model_validate({**value, "id": "way", "default": True})
    except ValidationError as error:
        found = sentences(error, MECHANISMS[name].model, lambda _: Place(name, 0))
        raise ValueError(" ".join(map(str, found)).rstrip(".")) from None


Way = Annotated[SerializeAsAny[Term], BeforeValidator(_way)]


class Compare(Term):
    """``pay`` the ``lesser`` or the ``greater`` of the ways in ``of``, each written as a mechanism with its fields.

    A way that has no price for a line is left out of the comparison, never taken as 0. A way that pays a known 0.00 is
    the lesser of any; a way that the payer decides leaves the line for review unless another way settles it.
    ``at_least``, ``at_most`` and ``requires`` of a way are its own: its price is held between them before it is
    compared. A bound for the line then stands for a part of the line by that part.
    """

    mechanism: Literal["compare"] = "compare"
    pay: Literal["lesser", "greater"]
    of: tuple[Way, ...] = Field(min_length=2)

    def price_dates(self, look: Look) -> frozenset[Any]:
        """Return the days on which any of the ways' prices change."""
        return frozenset().union(*(way.price_dates(look) for way in self.of))

    @property
    def schedules_named(self) -> tuple[str, ...]:
        """The schedules that any of the ways names."""
        return tuple(name for way in self.of for name in way.schedules_named)


def compare(kind: LineKind, term: Compare, look: Look) -> Outcome:
    """Price a kind of line by the lesser or the greater of several ways."""
    from hitmodel.mechanisms.registry import priced_by

    found: list[PriceForm] = []
    zeros: list[Known] = []
    reviews: list[Unpriced] = []
    passed: list[Step] = []
    for way in term.of:
        cited = way if way.cite else way.model_copy(update={"cite": term.cite})
        outcome = priced_by(kind, cited, look, among=True)
        if not isinstance(outcome, Known | Unpriced):
            found.append(outcome)
            continue
        passed.append(Step("passed over", (("source", way.mechanism), ("because", outcome.reason)), term.cite))
        if isinstance(outcome, Known):
            zeros.append(outcome)
        elif outcome.status is Status.NEEDS_REVIEW:
            reviews.append(outcome)
    if settled := _settled(term, zeros, reviews, priced=bool(found)):
        return settled
    if not found:
        reasons = "; ".join(str(dict(step.values)["because"]) for step in passed)
        return Unpriced(Status.CONTRACT_SILENT, f"no way to price {kind.code}: {reasons}", tuple(passed))
    if len(found) == 1 and isinstance(found[0], Amount):
        return Amount(found[0].rate, found[0].basis, (*passed, *found[0].steps))
    form = Min if term.pay == "lesser" else Max
    return form(tuple(found), tuple(passed))


def _settled(term: Compare, zeros: list[Known], reviews: list[Unpriced], *, priced: bool) -> Known | Unpriced | None:
    """Return what ways without an amount make of the comparison; None where it is left to the ways that have one.

    Nothing is less than a known 0.00. Of the greater it is left only where no other way pays.
    """
    if zeros and term.pay == "lesser":
        return zeros[0]
    if reviews:
        return reviews[0]
    return zeros[0] if zeros and not priced else None


MECHANISM = Mechanism("compare", Compare, compare, "the lesser or the greater of several ways to pay a line")
