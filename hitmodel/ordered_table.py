"""What was ordered, as a table: each therapy with its drugs, doses, how often or how many litres, and its days."""

from __future__ import annotations

from datetime import date

from hitmodel.labels import therapy_label
from hitmodel.orders import Drug, Order, TherapyOrder
from hitmodel.sentences import counted, listed
from hitmodel.tables import Cell, Column, Gap, Row, Table


def ordered_table(order: Order) -> Table:
    """Return therapy by therapy and drug by drug what is given; a therapy without a drug has one row."""
    rows: list[Row] = []
    for therapy in order.therapy:
        held = listed([_days(hold.first, hold.last) for hold in therapy.holds])
        for number, drug in enumerate(therapy.drugs or (None,)):
            once = (*_once(therapy), held or Gap.NONE) if number == 0 else (Gap.NOT_APPLICABLE,) * 5
            rows.append((once[0], *_given(drug), *once[1:]))
    ordered = counted(len(order.therapy), "therapy", "therapies")
    return Table(
        name="ordered",
        headline=f"{ordered} ordered, {order.span.first} to {order.span.last}.",
        caption="As the order has it; both dates counted",
        columns=(
            Column("therapy", "Therapy"),
            Column("drug", "Drug"),
            Column("dose", "Dose", "shown"),
            Column("often", "How often"),
            Column("first", "From"),
            Column("last", "Through"),
            Column("holds", "On hold"),
        ),
        rows=tuple(rows),
        notes=_beside(order),
    )


def _beside(order: Order) -> tuple[str, ...]:
    """Say when the patient was in hospital and how often a nurse came."""
    stays = listed([_days(stay.admitted, stay.discharged) for stay in order.stay])
    days = [visit.begin.date() for visit in order.visit]
    told = [f"In hospital: {stays}."] if stays else []
    if days:
        told.append(f"{counted(len(days), 'nurse visit')}: {_days(min(days), max(days))}.")
    return tuple(told)


def _days(first: date, last: date) -> str:
    return str(first) if first == last else f"{first} to {last}"


def _once(therapy: TherapyOrder) -> tuple[Cell, ...]:
    """Return what stands once for a therapy: its name, how often, first and last day."""
    kind = therapy_label(therapy.therapy_class) if therapy.therapy_class else ""
    name = f"{therapy.id} ({kind})" if kind and kind.lower() != therapy.id.lower() else therapy.id
    return name, how_often(therapy), str(therapy.start), str(therapy.stop)


def _given(drug: Drug | None) -> tuple[Cell, Cell]:
    if drug is None:
        return Gap.NOT_APPLICABLE, Gap.NOT_APPLICABLE
    return drug.family or drug.code, f"{drug.dose:f} {drug.unit}{' a day' if drug.per == 'day' else ''}"


def how_often(therapy: TherapyOrder) -> str:
    """Say how often a therapy is given, or how many litres a day: every 12 hours; 1.8 litres a day."""
    said = ["continuous"] if therapy.is_continuous else []
    if therapy.every is not None:
        days, odd = divmod(therapy.every, 24)
        said.append(f"every {therapy.every} hours" if odd or days < 2 else f"every {days} days")
    if therapy.litres_per_day is not None:
        said.append(f"{therapy.litres_per_day:f} {'litre' if therapy.litres_per_day == 1 else 'litres'} a day")
    return ", ".join(said)
