"""Segments with what prices them: each distinct kind and moment resolved once, bundles laid over, therapies ranked."""

from __future__ import annotations

import numpy as np

from hitmodel.amounts import Rated
from hitmodel.compile import Compiled
from hitmodel.cuts import PARTLY_BUNDLED, bundle_rules
from hitmodel.fit import Fitted
from hitmodel.forms import Known, Step, Unpriced
from hitmodel.mechanisms.base import LineKind
from hitmodel.prepare import Ints
from hitmodel.ranking import ranked
from hitmodel.resolve import Resolution, Resolver
from hitmodel.status import Status
from hitmodel.terms import Bundle


def rate(resolver: Resolver, compiled: Compiled, fitted: Fitted) -> tuple[Rated, dict[int, str]]:
    """Return every segment with its resolution and rank, and the lines that cannot be ranked, each with the reason."""
    segments = fitted.segments
    moments = np.stack([segments.kind, segments.period, segments.price], axis=1)
    distinct, index = np.unique(moments, axis=0, return_inverse=True)
    resolutions = [
        resolver.resolve(fitted.kinds[kind], compiled.periods[period], compiled.price_starts[price])
        for kind, period, price in distinct.tolist()
    ]
    resolution, known = _with_bundles(index.ravel(), resolutions, compiled, fitted)
    place = tuple(p.version.rounding.place if p.version else "line" for p in compiled.periods)
    return ranked(Rated(resolution, known, np.ones_like(resolution), place), compiled, fitted)


def _with_bundles(
    resolution: Ints, resolutions: list[Resolution], compiled: Compiled, fitted: Fitted
) -> tuple[Ints, tuple[Resolution, ...]]:
    """Replace the resolution of pieces that are paid within another line by a known 0.00 under the bundle rule."""
    bundle = fitted.segments.bundle
    rules, made = bundle_rules(compiled), dict[tuple[int, int], int]()
    resolution, resolutions = resolution.copy(), list(resolutions)
    for segment in np.flatnonzero(bundle != -1).tolist():
        key = (int(fitted.segments.kind[segment]), int(bundle[segment]))
        if key not in made:
            made[key] = len(resolutions)
            resolutions.append(_bundled(fitted.kinds[key[0]], key[1], rules))
        resolution[segment] = made[key]
    return resolution, tuple(resolutions)


def _bundled(kind: LineKind, number: int, rules: tuple[Bundle, ...]) -> Resolution:
    if number == PARTLY_BUNDLED:
        text = "it is paid within another line on some of its days, and its units cannot be shared out by day"
        return Resolution(kind, Unpriced(Status.NEEDS_REVIEW, text))
    rule = rules[number]
    text = f"another line of the day holds it ({rule.id})"
    step = Step("bundled", (("rule", rule.id.replace("_", " ")),), rule.cite)
    return Resolution(kind, Known(Status.BUNDLED, text, (step,)), term=rule.id)
