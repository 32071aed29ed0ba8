"""What a saved scenario's volumes make of a comparison: the sums that the screen shows, from the saved files alone."""

from __future__ import annotations

from dataclasses import dataclass

from hitmodel.labels import therapy_label
from hitmodel.line_groups import at_volume, grouped, three_by_key
from hitmodel.points import Amounts
from hitmodel.scenario import Comparison
from hitmodel.volumes import volumes_of


@dataclass(frozen=True)
class AtVolumes:
    """A proposal at the volumes saved with it: in all and by therapy, the largest today first."""

    total: Amounts
    therapies: tuple[Amounts, ...]


def at_saved_volumes(comparison: Comparison, n: int) -> AtVolumes | None:
    """Return what proposal ``n`` (0 is the first) comes to at the volumes saved with it; None where it has none.

    Over the lines that every side prices. Raises `InputError` for a table of volumes that cannot be read.
    """
    side = comparison.proposals[n].priced
    volumes = volumes_of(side.contract)
    if not volumes:
        return None
    groups = grouped(comparison.pricer, comparison.compared)
    today, amount = groups.added(comparison.baseline.allowed), groups.added(side.allowed)
    columns = (today.tolist(), at_volume(volumes, groups, today), at_volume(volumes, groups, amount))
    found = three_by_key(groups.therapies, columns)
    therapies = tuple(Amounts(name, therapy_label(name), *held) for name, held in found.items())
    totals = tuple(sum(held[n] for held in found.values()) for n in range(3))
    return AtVolumes(Amounts("all", "All", *totals), tuple(sorted(therapies, key=lambda t: (-t.today, t.key))))
