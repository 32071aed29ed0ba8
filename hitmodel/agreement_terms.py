"""Facts of an agreement that no price hangs on: how long it holds, how it is amended, by when claims are filed and
paid.

They are carried so that a contract file says all that its paper says, and so that deadlines can be read from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hitmodel.vocabulary import Record, Share

Days = Annotated[int, Field(ge=1, le=3660, description="days, a whole number of 1 or more")]
Months = Annotated[int, Field(ge=1, le=240, description="months, a whole number of 1 or more")]


class Agreement(Record):
    """The ``[agreement]`` table. A fact that the paper does not state is left out, never guessed.

    ``term_months`` or ``term_through`` say how long the first term lasts, counted from the contract's first day;
    ``renews`` what comes then, and ``renewal_months`` for how long each time. ``notice_days`` is how long before the
    end of a term a party must say that it does not renew, ``termination_days`` the notice of leaving at any time.
    ``amendment`` says who can change the terms: ``both_sign``, the payer by ``notice_with_objection``, or by
    ``notice`` alone, ``amendment_notice_days`` ahead. ``timely_filing_days`` run from the last day of service,
    ``appeal_days`` from the payer's decision. A clean claim is paid within ``clean_claim_days``, and bears
    ``late_interest`` a year (0.12 is 12 percent) from then. ``new_codes`` says what prices a code that comes after
    signing: its therapy class (``by_class``), the rule for unlisted codes (``as_unlisted``), or a rate still to be
    agreed (``by_agreement``); ``ended_codes`` likewise, where ``successor`` is the code that follows.
    ``charge_increases``: whether the provider may raise its charges freely, by ``notice``, or up to a limit.
    ``owner`` is who minds the contract on our side. ``cites`` names where single facts stand, by their field.
    """

    term_months: Months | None = None
    term_through: date | None = None
    renews: Literal["automatically", "by_agreement", "ends"] | None = None
    renewal_months: Months | None = None
    notice_days: Days | None = None
    termination_days: Days | None = None
    amendment: Literal["both_sign", "notice_with_objection", "notice"] | None = None
    amendment_notice_days: Days | None = None
    timely_filing_days: Days | None = None
    appeal_days: Days | None = None
    clean_claim_days: Days | None = None
    late_interest: Share | None = None
    new_codes: Literal["by_class", "as_unlisted", "by_agreement"] | None = None
    ended_codes: Literal["successor", "as_unlisted", "by_agreement"] | None = None
    charge_increases: Literal["free", "notice", "limited"] | None = None
    owner: str = ""
    note: str = ""
    cite: str = ""
    cites: Mapping[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if self.term_months is not None and self.term_through is not None:
            raise ValueError("term_months and term_through both say how long the first term lasts: write one of them")
        if self.renewal_months is not None and self.renews == "ends":
            raise ValueError('renewal_months goes with a contract that renews, and renews = "ends" says it does not')
        if self.amendment_notice_days is not None and self.amendment == "both_sign":
            raise ValueError("amendment_notice_days goes with an amendment by notice; both parties sign at any time")
        unknown = [name for name in self.cites if name not in FACTS]
        if unknown:
            raise ValueError(f"cites names '{unknown[0]}', which is no fact of an agreement: {', '.join(FACTS)}")
        return self

    def where(self, *facts: str) -> str:
        """Return where the paper states some facts: the first one's own citation, else the table's."""
        return next((self.cites[fact] for fact in facts if fact in self.cites), self.cite)


FACTS = tuple(name for name in Agreement.model_fields if name not in ("owner", "note", "cite", "cites"))
"""The fields that state a fact of the paper."""
