"""What a benchmark hands over: figures, each a row of RESULTS.md, and the few ways to take one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Figure:
    """One row of the results: what was done, how long it took, what stands beside it, and what was to be reached.

    ``took`` is the measured figure in words, ``beside`` the yardstick of the same run, ``target`` what was to be
    reached, ``reached`` whether it was; None where nothing was to be reached.
    """

    what: str
    took: str
    beside: str = ""
    target: str = ""
    reached: bool | None = None


def held_to(what: str, mine: float, yardstick: str, theirs: float, most: float | None = None) -> Figure:
    """Return a figure of seconds beside a yardstick's seconds, both taken in this run.

    ``most`` is the multiple of the yardstick that is to be reached, None where there is none.
    """
    multiple = mine / theirs
    target = f"at most {most:g} × {yardstick}" if most is not None else ""
    reached = multiple <= most if most is not None else None
    return Figure(what, f"{said(mine)}, {multiple:.2f} × it", f"{yardstick}: {said(theirs)}", target, reached)


def within(what: str, seconds: float, most: float | None = None, beside: str = "") -> Figure:
    """Return a figure of seconds, held to at most so many where ``most`` is given."""
    if most is None:
        return Figure(what, said(seconds), beside)
    return Figure(what, said(seconds), beside, f"under {said(most)}", seconds < most)


def said(seconds: float) -> str:
    """Return seconds in words, with as many digits as mean something."""
    if seconds < 1:
        return f"{1000 * seconds:,.{0 if seconds >= 0.1 else 1}f} ms"
    return f"{seconds:,.{1 if seconds >= 10 else 2}f} s"


def best(work: Callable[[], T], runs: int = 3) -> tuple[float, T]:
    """Return the least of a few times [seconds], and what the work gave."""
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        result = work()
        taken.append(time.perf_counter() - start)
    return min(taken), result


def attempt(what: str, work: Callable[[], Iterable[Figure]]) -> Iterator[Figure]:
    """Yield the figures of some work; when it fails, one that says how. So one failure costs no other figure."""
    try:
        yield from work()
    except Exception as error:  # whatever it is, it is reported, and the other figures are taken
        yield failed(what, f"{type(error).__name__}: {error}")


def failed(what: str, why: str) -> Figure:
    """Return the row of something that could not be measured."""
    first = why.strip().splitlines()[0] if why.strip() else "no reason given"
    return Figure(what, f"not measured: {first[:200]}", reached=False)
