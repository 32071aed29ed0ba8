"""Proposals at the volumes saved with them, as tables and in a sentence. Internal: a volume is our own expectation."""

from __future__ import annotations

from hitmodel.scenario import Comparison
from hitmodel.scenario_volumes import AtVolumes, at_saved_volumes
from hitmodel.tables import Table
from hitmodel.volumes import volumes_of
from hitmodel.whatif_tables import amounts_table, total_words


def volume_tables(comparison: Comparison) -> list[Table]:
    """Return a table by therapy for each proposal that was saved with volumes; most have none."""
    return [_table(comparison, n, found) for n, found in _found(comparison)]


def volume_words(comparison: Comparison) -> str:
    """Say what each proposal with volumes pays at them; "" where none has any."""
    titles = comparison.titles[1:]
    return " ".join(f"At its volumes, {total_words(found.total, titles[n])}." for n, found in _found(comparison))


def has_volumes(comparison: Comparison) -> bool:
    """Say whether any proposal was saved with volumes, so that its totals at today's are half the story."""
    return any(volumes_of(side.priced.contract) for side in comparison.proposals)


def _found(comparison: Comparison) -> list[tuple[int, AtVolumes]]:
    every = ((n, at_saved_volumes(comparison, n)) for n in range(len(comparison.proposals)))
    return [(n, found) for n, found in every if found is not None]


def _table(comparison: Comparison, n: int, found: AtVolumes) -> Table:
    name = comparison.titles[n + 1]
    return amounts_table(
        f"volumes_{n + 1}",
        (found.therapies, found.total),
        name,
        headline=f"At its volumes, {total_words(found.total, name)}.",
        caption="Expected allowed by therapy at the volumes saved with the scenario, dollars",
    )
