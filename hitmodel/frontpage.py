"""The first page of a report: how much, why, how sure, what next.

A record that a notebook shows like a table; reports set it as their opening page, and take the report's title,
contract and period for the page foot from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any, Literal

from hitmodel.table_views import format_amount, html_text, reaches_whole
from hitmodel.tables import Audience

MIME = "application/vnd.hitmodel.front+json"
_STRIP_STYLE = "list-style:none;padding-left:0;display:flex;flex-wrap:wrap;gap:.8rem 2rem;align-items:flex-end"
StepKind = Literal["total", "change"]


@dataclass(frozen=True)
class Step:
    """One part of the sentence that leads from the baseline to the proposal.

    ``kind`` is ``total`` for its two ends and ``change`` between; ``cents`` is an amount or a difference.
    """

    label: str
    cents: int
    kind: StepKind = "change"


@dataclass(frozen=True)
class Remark:
    """A short paragraph under the strip, such as ``lead="How sure"``. Internal unless said otherwise."""

    text: str
    lead: str = ""
    audience: Audience = "internal"


@dataclass(frozen=True)
class FrontPage:
    """What a reader with four minutes sees.

    Parameters
    ----------
    title : str
        What kind of report this is; stands at the page foot and is the document's title.
    headline : str
        The finding with its number, as a sentence.
    subline : str
        Whom, which claims, as if on which day, and what is counted.
    contract, period : str
        Contract with its version, and the claims period, for the page foot.
    strips : tuple of tuples of Step
        For each proposal, from the baseline's total through each change to its own.
    remarks : tuple of Remark
        Drug spread, how sure, what next.
    audience : str
        ``internal`` keeps the whole page out of an external edition; a remark can be kept out by itself.
    """

    title: str
    headline: str
    subline: str
    contract: str
    period: str
    strips: tuple[tuple[Step, ...], ...] = ()
    remarks: tuple[Remark, ...] = ()
    audience: Audience = "internal"

    def __post_init__(self) -> None:
        object.__setattr__(self, "strips", tuple(tuple(strip) for strip in self.strips))
        object.__setattr__(self, "remarks", tuple(self.remarks))

    @property
    def foot(self) -> str:
        """What stands at the foot of each page before the page number."""
        return " · ".join(part for part in (self.title, self.contract, self.period) if part)

    def without_internal(self) -> FrontPage:
        """Return the page without its internal remarks."""
        return replace(self, remarks=tuple(r for r in self.remarks if r.audience == "both"))

    def to_json(self) -> dict[str, Any]:
        """Return the page as plain JSON values."""
        return {
            **vars(self),
            "strips": [[vars(step).copy() for step in strip] for strip in self.strips],
            "remarks": [vars(remark).copy() for remark in self.remarks],
        }

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> FrontPage:
        """Read back what `to_json` wrote."""
        parts = {
            "strips": tuple(tuple(Step(**step) for step in strip) for strip in held["strips"]),
            "remarks": tuple(Remark(**remark) for remark in held["remarks"]),
        }
        return cls(**{**held, **parts})

    def to_text(self) -> str:
        """Return the page as plain text, with exact cents beside the steps."""
        steps = [
            f"  {step.label}: {format_amount(step.cents, whole=False, signed=step.kind == 'change')}"
            for strip in self.strips
            for step in strip
        ]
        remarks = [f"{r.lead}: {r.text}" if r.lead else r.text for r in self.remarks]
        return "\n".join([self.headline, self.subline, *steps, *remarks])

    def to_html(self, heading: str = "h2") -> str:
        """Return the page as HTML under a heading of level ``heading``."""
        strips = "".join(_strip_html(strip) for strip in self.strips)
        remarks = "".join(
            f"<p>{f'<em>{escape(r.lead)}:</em> ' if r.lead else ''}{html_text(r.text)}</p>" for r in self.remarks
        )
        return (
            f'<section class="front"><{heading}>{html_text(self.headline)}</{heading}>'
            f'<p class="subline">{html_text(self.subline)}</p>'
            f"{strips}{remarks}</section>"
        )

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return {MIME: self.to_json(), "text/html": self.to_html(), "text/plain": self.to_text()}


def step_texts(strip: Sequence[Step]) -> list[tuple[str, str]]:
    """Return each step's label and its amount as text in one format; differences carry their sign."""
    whole = reaches_whole([step.cents for step in strip])
    return [(s.label, format_amount(s.cents, whole=whole, signed=s.kind == "change")) for s in strip]


def tone_of(step: Step) -> str:
    """Say how a step looks: ``total``, or a change that is ``better``, ``worse`` or the ``same`` for us."""
    if step.kind == "total":
        return "total"
    return "better" if step.cents > 0 else "worse" if step.cents < 0 else "same"


def _strip_html(strip: Sequence[Step]) -> str:
    steps = "".join(
        f'<li class="{tone_of(step)}">{html_text(label)} <strong style="display:block">{html_text(text)}</strong></li>'
        for (label, text), step in zip(step_texts(strip), strip, strict=True)
    )
    label = f"From {escape(strip[0].label)} to {escape(strip[-1].label)}"
    return f'<ol class="strip" aria-label="{label}" style="{_STRIP_STYLE}">{steps}</ol>'
