"""Make the synthetic book and write it: claims, the table of dirt, and what the remittance deviates by."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from hitmodel import paths
from hitmodel.book.courses import make_courses
from hitmodel.book.dirt import soil
from hitmodel.book.draws import Draws
from hitmodel.book.lines import Line, Row, Tables, course_lines
from hitmodel.book.plan import Plan, load_chargemaster, load_plan
from hitmodel.book.remit import Paid, contract_amounts, remit
from hitmodel.codes import code_table
from hitmodel.money import dollars
from hitmodel.prices import NdcPriceTable, payment_limits

CLAIMS, DIRT, CAUSES = "claims_2025.csv", "dirt.toml", "remittance_causes.csv"
COLUMNS = (
    *("claim_id", "line_id", "patient_id", "payer", "service_from", "service_through"),
    *("code", "modifiers", "units", "charge", "place_of_service"),
    *("ndc", "ndc_quantity", "ndc_unit", "acquisition_cost", "actual_allowed"),
)


def book_tables(folder: Path | None = None) -> Tables:
    """Return the plan and chargemaster in ``folder`` (default ``data/samples``) with our code and price tables."""
    folder = folder or paths.data("samples")
    return Tables(
        plan=load_plan(folder / "book.toml"),
        chargemaster=load_chargemaster(folder / "chargemaster.csv"),
        codes=code_table(),
        limits=payment_limits(),
        ndc_prices=NdcPriceTable.load(paths.data("prices", "ndc_sample.csv")),
    )


def book_rows(tables: Tables) -> tuple[Row, ...]:
    """Return every line of the book, numbered, in the order of the file."""
    plan = tables.plan
    lines: list[Line] = []
    patients_before = 0
    for number, payer in enumerate(plan.payer):
        for step, course in enumerate(make_courses(plan, number)):
            draws = Draws(plan.seed, number, 3, step)
            lines += course_lines(tables, payer.name, course, patients_before + course.patient + 1, draws)
        patients_before += payer.patients
    return _numbered(soil(lines, plan.dirt), plan)


def _numbered(lines: Iterable[Line], plan: Plan) -> tuple[Row, ...]:
    """Give lines their numbers: a claim for each patient and month, its lines by date and kind."""
    payers = {payer.name: i for i, payer in enumerate(plan.payer)}
    claims: dict[tuple[int, int, int, int], list[Line]] = {}
    for line in lines:
        key = (payers.get(line.payer, len(payers)), line.patient, line.span.first.month, line.later)
        claims.setdefault(key, []).append(line)
    rows: list[Row] = []
    for number, key in enumerate(sorted(claims), start=1):
        claim_id = f"C{plan.first_day.year % 100}-{number:06}"
        inside = sorted(claims[key], key=lambda line: (line.span.first, line.sort, line.code, line.modifiers))
        rows += (
            Row(claim_id, f"{claim_id}-{i:02}", f"SYN-{key[1]:04}", line) for i, line in enumerate(inside, start=1)
        )
    return tuple(rows)


def make_book(seed: int | None = None, out_dir: Path | None = None) -> tuple[Row, ...]:
    """Make the book and write its files; return its rows.

    The claims are priced under the payers' contracts, and their remittance agrees with that but for the deviations of
    the plan, which are listed.

    Parameters
    ----------
    seed : int or None
        None takes the seed of the plan, which gives the committed book byte for byte.
    out_dir : Path or None
        Where to write; default ``data/samples``.
    """
    tables = book_tables()
    if seed is not None:
        tables = replace(tables, plan=tables.plan.model_copy(update={"seed": seed}))
    rows = book_rows(tables)
    out = out_dir or paths.data("samples")
    out.mkdir(parents=True, exist_ok=True)
    write_claims(rows, {}, out / CLAIMS)
    amounts = contract_amounts(out / CLAIMS, [payer.contract for payer in tables.plan.payer])
    paid = remit(rows, amounts, tables)
    write_claims(rows, paid, out / CLAIMS)
    write_causes(paid, out / CAUSES)
    (out / DIRT).write_text(dirt_toml(rows, tables.plan), encoding="utf-8")
    return rows


def write_claims(rows: Iterable[Row], paid: Mapping[str, Paid], path: Path) -> None:
    """Write the claims as CSV, dollars with two places, dates in ISO form."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in rows:
            line, settled = row.line, paid.get(row.line_id)
            writer.writerow(
                [
                    *(row.claim_id, row.line_id, row.patient_id, line.payer, line.span.first, line.span.last),
                    *(line.code, line.modifiers, line.units, dollars(line.charge_cents), line.place),
                    *(line.ndc, _plain(line.ndc_quantity), line.ndc_unit, _money(line.cost_cents)),
                    _money(settled.actual_cents if settled else None),
                ]
            )


def _money(cents: int | None) -> str:
    return "" if cents is None else str(dollars(cents))


def _plain(quantity: Decimal | None) -> str:
    """Write a quantity without needless zeros."""
    if quantity is None:
        return ""
    text = f"{quantity:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def dirt_toml(rows: Sequence[Row], plan: Plan) -> str:
    """Return the table of dirty lines: which line, what is wrong, the status it must get."""
    ids = {id(row.line): row.line_id for row in rows}
    parts = ["# Lines of the synthetic book that are wrong on purpose. Made with the book; see README.md.\n"]
    for row in rows:
        if row.line.dirt is not None:
            piece = plan.dirt[row.line.dirt]
            of = f'of = "{ids[id(row.line.of)]}"\n' if row.line.of else ""
            parts.append(
                f'\n[[line]]\nid = "{row.line_id}"\nkind = "{piece.kind}"\n{of}'
                f'status = "{piece.status}"\nnote = "{piece.note}"\n'
            )
    return "".join(parts)


def write_causes(paid: Mapping[str, Paid], path: Path) -> None:
    """Write the lines whose remittance differs from the contract, with the cause of each."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("line_id", "cause", "allowed", "actual_allowed"))
        for line_id, settled in sorted(paid.items()):
            if settled.cause:
                writer.writerow((line_id, settled.cause, _money(settled.allowed_cents), _money(settled.actual_cents)))
