"""How a comparison was worked out, and what it stands on: files with checksums, releases, price quarters, versions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from hitmodel import paths
from hitmodel.comparison_tables import audience
from hitmodel.dates import spoken
from hitmodel.forms import Outcome, Step
from hitmodel.imported import Imported, imported
from hitmodel.pricing import LATEST, SERVICE_QUARTER, Priced
from hitmodel.sentences import counted, money
from hitmodel.study import Study
from hitmodel.tables import Column, Gap, Row, Table
from hitmodel.volume_tables import has_volumes

CHECKSUM_SHOWN = 16
"""Digits of a checksum that a page shows."""


def method_table(study: Study) -> Table:
    """Return how the numbers were worked out, one choice to a row; fit for others when the study is pooled."""
    as_of = study.baseline.dating.as_of
    dating = (
        f"every line as the contracts in force on {spoken(as_of)} would price it; ended codes as their successors"
        if as_of
        else "every line by its dates of service"
    )
    prices = {
        SERVICE_QUARTER: "of each line's own date of service, on every side",
        LATEST: "the newest held, on every side",
    }.get(study.baseline.dating.drug_prices, f"of {study.baseline.dating.drug_prices}, on every side")
    rows: list[Row] = [
        ("Amount", "expected allowed: what the contract pays, patient's share included, after the charge limit"),
        ("Lines", _lines(study)),
        ("Dating", dating),
        ("Drug prices", prices),
        ("Annualization", "none: the claims as they are"),
        ("Volume", _volume(study)),
        ("Order of clauses", "that of the proposal's file; amounts in turn depend on it, totals do not"),
        ("Rounding", f"half up, to the cent, {_places(study)}"),
        *_by_hand(study),
    ]
    return Table(
        name="method",
        headline="The same claims are priced in full under every contract; nothing is estimated.",
        caption="How the amounts were worked out",
        columns=(Column("what", "What"), Column("how", "How")),
        rows=tuple(rows),
        audience=audience(study.pooled),
    )


def _volume(study: Study) -> str:
    if not study.pooled and has_volumes(study.comparison):
        return "today's: the same lines on every side; the front page also says totals at the volumes that were saved"
    return "none: the same lines on every side"


def _lines(study: Study) -> str:
    total = study.summary.total()
    if study.summary.withholds_unpriced:
        return f"the {total.lines:,} of this contract that every side prices"
    return f"the {total.lines:,} that every side prices, of {total.lines + total.unpriced_lines:,} of this contract"


def _places(study: Study) -> str:
    places = dict.fromkeys(
        period.version.rounding.place
        for side in study.summary.sides
        for period in side.compiled.periods
        if period.version
    )
    return " or ".join(_PLACES[place] for place in places)


_PLACES = {"line": "once for each line", "segment": "for each run of days at one rate", "day": "for each day"}


def _by_hand(study: Study) -> Iterator[Row]:
    """Yield what was entered by hand, which every output must flag; for others without number and amount.

    What is agreed by hand is often for one patient, and its lines are in no pool.
    """
    for name, side in zip(study.titles, study.summary.sides, strict=True):
        manual = {t.id for v in side.contract.versions for t in v.term if t.mechanism == "manual"}
        lines = [n for n, term in enumerate(side.terms) if term in manual and study.summary.comparable[n]]
        if lines and study.pooled:
            yield f"Entered by hand, {name}", "some of the amounts"
        elif lines:
            amount = money(int(side.allowed[lines].sum()))
            yield f"Entered by hand, {name}", f"{counted(len(lines), 'line')}, {amount}"


def provenance_table(study: Study) -> Table:
    """Return what the numbers stand on. For others without files: code release, price quarters and program alone."""
    rows: list[Row] = [] if study.pooled else list(_files(study))
    files = len(rows)
    rows.append(("code table", f"HCPCS Level II, releases through {study.summary.codes.release}", Gap.NOT_APPLICABLE))
    rows += [] if study.pooled else [_brought_in("code table", one) for one in imported("hcpcs")]
    used = _quarters(study)
    if used:
        quarters = f"{used[0]} to {used[-1]}" if len(used) > 1 else used[0]
        rows.append(("drug prices", f"Medicare payment limits, {quarters}", Gap.NOT_APPLICABLE))
    rows += [] if study.pooled else [_brought_in("drug prices", one) for one in imported("asp") if one.name in used]
    rows.append(("program", f"hitmodel {version('hitmodel')}", Gap.NOT_APPLICABLE))
    checksum = Column("checksum", "Checksum", "code", audience="internal")
    return Table(
        name="provenance",
        headline=f"{counted(files, 'file')} went in; the same files give the same numbers."
        if files
        else "The same claims and contracts give the same numbers.",
        caption="What was read"
        + (
            "" if study.pooled else f", with the first {CHECKSUM_SHOWN} digits of each SHA-256; run.json has them whole"
        ),
        columns=(Column("what", "What"), Column("source", "Source"), checksum),
        rows=tuple(rows),
        audience=audience(study.pooled),
    )


def _files(study: Study) -> Iterator[Row]:
    claims = study.comparison.claims
    yield "claims", claims.source, claims.checksum[:CHECKSUM_SHOWN]
    evidence = study.comparison.pricer.evidence
    for name, checksum in evidence.checksums:
        yield "evidence beside claims", f"{evidence.source}/{name}", checksum[:CHECKSUM_SHOWN]
    seen: set[str] = set()
    for name, side in zip((study.payer, *study.titles[1:]), study.summary.sides, strict=True):
        for what, file, checksum in _contract_files(side):
            if file not in seen:
                seen.add(file)
                yield f"{what}, {name}", file, checksum[:CHECKSUM_SHOWN]


def _contract_files(side: Priced) -> Iterator[tuple[str, str, str]]:
    """Yield the contract's own files, its rate schedules and its NDC price tables, each with its checksum."""
    for file in side.contract.files:
        yield "contract", file, hashlib.sha256(paths.located(file).read_bytes()).hexdigest()
    for version_of in side.contract.versions:
        for schedule in version_of.schedule:
            yield "rate schedule", paths.shown(Path(schedule.path)), schedule.checksum
        prices = version_of.drug_prices
        if prices.ndc_table:
            yield "NDC prices", paths.shown(Path(prices.path)), prices.checksum


def _brought_in(what: str, one: Imported) -> Row:
    """Return what was imported in the place of, or beside, a table that ships."""
    return what, f"{one.name}, imported from {one.source}", one.checksum[:CHECKSUM_SHOWN]


def _quarters(study: Study) -> list[str]:
    """Return the payment limit quarters that priced any line, oldest first."""
    used = {
        str(value)
        for side in study.summary.sides
        for resolution in side.rated.resolutions
        for step in _every_step(resolution.outcome)
        for name, value in step.values
        if name == "quarter"
    }
    return sorted(used)


def _every_step(outcome: Outcome) -> Iterator[Step]:
    yield from outcome.steps
    for part in getattr(outcome, "parts", ()):
        yield from _every_step(part)
