"""A quote as a document: the first page with its sentences, then each contract's lines, days and assumptions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from hitmodel import paths, prose
from hitmodel.document import Block, Document, Prose
from hitmodel.frontpage import FrontPage, Remark
from hitmodel.ordered_table import how_often, ordered_table
from hitmodel.prices import payment_limits
from hitmodel.quote_tables import (
    best_first,
    expected_table,
    headline,
    left_out_table,
    margin_table,
    margin_words,
    side_tables,
    when,
)
from hitmodel.quotes import Quote, Side
from hitmodel.sentences import counted, listed, money
from hitmodel.tables import Column, Table

TITLE = "Quote for one patient"
SHOWN_DIGITS = 16


def quote_document(quote: Quote, inputs: Iterable[Path] = ()) -> Document:
    """Return the internal document of a quote.

    ``inputs`` are files that went in beside order and contracts; their checksums stand on the last page.
    """
    blocks: list[Block] = [expected_table(quote), margin_table(quote)]
    if quote.order.therapy:
        blocks.append(ordered_table(quote.order))
    for side in quote.sides:
        blocks += [_heading(side.title), *side_tables(side)]
    blocks.append(_heading("What went in"))
    if quote.left_out:
        blocks.append(left_out_table(quote))
    blocks.append(made_from(quote, inputs))
    return Document(TITLE, "internal", tuple(blocks), front_page(quote))


def front_page(quote: Quote) -> FrontPage:
    """Return the page that says how much, why, how sure and what next."""
    ordered = ", ".join(f"{therapy.id} {how_often(therapy)}" for therapy in quote.order.therapy)
    names = listed([side.title for side in quote.sides])
    remarks = (
        Remark(margin_words(quote), lead="Margin"),
        Remark(_why(quote), lead="Why"),
        Remark(_sure(quote), lead="How sure"),
        Remark(_next(quote), lead="Next"),
    )
    return FrontPage(
        title=TITLE,
        headline=headline(quote),
        subline=" · ".join(
            part for part in (ordered, when(quote), "expected allowed before the patient's share") if part
        ),
        contract=names if len(quote.sides) < 3 else counted(len(quote.sides), "contract"),
        period=when(quote),
        remarks=tuple(r for r in remarks if r.text),
    )


def _why(quote: Quote) -> str:
    """Say which service brings most, and how the best contract differs from the least."""
    best, *others = best_first(quote)
    groups = {"per diems": "per_diem", "drugs": "drug", "nursing": "nursing", "other services": "other"}
    parts = sorted(((best.allowed(group), name) for name, group in groups.items()), reverse=True)
    told = [f"{name} {money(cents)}" for cents, name in parts if cents]
    text = f"{best.title}: {listed(told)}." if told else ""
    if others:
        least = others[-1]
        gaps = {name: best.allowed(group) - least.allowed(group) for name, group in groups.items()}
        name = max(gaps, key=lambda n: abs(gaps[n]))
        more = "more" if gaps[name] > 0 else "less"
        text += f" Against {least.title} the largest difference is {name}: {money(gaps[name])} {more}."
    return text


def _sure(quote: Quote) -> str:
    best = best_first(quote)[0]
    swings = [a for a in best.assumptions if a.low or a.high]
    parts = []
    if swings:
        most = max(swings, key=lambda a: max(abs(a.low or 0), abs(a.high or 0)))
        size = money(max(abs(most.low or 0), abs(most.high or 0)))
        parts.append(f"under {best.title} most hangs on “{most.assumption.text}”: {size}")
    waiting = [side for side in quote.sides if not side.is_complete]
    parts += [f"{side.title} has no amount for {_waiting(side)}, which stands outside its total" for side in waiting]
    if not parts:
        parts.append("nothing that is assumed would change the payment if it were read otherwise")
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}."


def _waiting(side: Side) -> str:
    codes = [q.line.code for q in side.open] + [
        f"{n.what} of {n.therapy}" if n.therapy else n.what for n in side.unbilled
    ]
    return listed(list(dict.fromkeys(codes)))


def _next(quote: Quote) -> str:
    steps = []
    if any(q.unlimited and q.line.charge is None for side in quote.sides for q in side.lines):
        steps.append("give the charges, so that the charge limit can be applied")
    if any(side.margin() is None for side in quote.sides):
        steps.append("give the costs that are unknown")
    if any(side.unbilled for side in quote.sides):
        steps.append("agree a rate for what no per diem covers")
    if not steps:
        return ""
    text = "; ".join(steps)
    return f"{text[:1].upper()}{text[1:]}."


def made_from(quote: Quote, inputs: Iterable[Path] = ()) -> Table:
    """Return files with the beginning of their checksums, releases and versions."""
    marks = {name: f"{sha[:SHOWN_DIGITS]}…" for name, sha in checksums(quote, inputs).items()}
    return Table(
        name="made_from",
        headline="The same order, contracts and tables give the same quote.",
        caption="Files with the first digits of their SHA-256, which run.json has whole; releases; versions",
        columns=(Column("what", "What"), Column("value", "Value", "code")),
        rows=tuple((marks | releases(quote)).items()),
    )


def checksums(quote: Quote, inputs: Iterable[Path] = ()) -> dict[str, str]:
    """Return every file that went in with the SHA-256 of its bytes."""
    files = [paths.located(quote.order.file)] if quote.order.file else []
    files += [paths.located(file) for side in quote.sides for file in side.contract.files]
    files += [paths.located(quote.charges)] if quote.charges else []
    return {
        paths.shown(file): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in dict.fromkeys((*files, *inputs))
        if file.is_file()
    }


def releases(quote: Quote) -> dict[str, str]:
    """Return what was looked up where: charges, code release, payment limits, version."""
    quarters = payment_limits().quarters
    return {
        "charges": f"the order's own, then {quote.charges}" if quote.charges else "the order's own alone",
        "HCPCS release": quote.release,
        "payment limits": f"{quarters[0]} to {quarters[-1]}, {quote.drug_prices.replace('_', ' ')}",
        "hitmodel": version("hitmodel"),
    }


def _heading(text: str) -> Prose:
    """Return a heading; the text is data, so no mark in it is read as Markdown."""
    return Prose(
        ({"type": "heading", "attrs": {"level": prose.FIRST_LEVEL}, "children": [{"type": "text", "raw": text}]},)
    )
