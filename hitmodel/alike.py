"""Words of one length that differ in the fewest places, found without a look at every word."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from itertools import combinations

_HOLE = "\0"


class Alike:
    """Words, such as every code of a release, that a wrong one is held against."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = tuple(dict.fromkeys(words))

    def near(self, word: str) -> tuple[str, ...]:
        """Return the words as long as a word that differ from it in the fewest places; none beyond half of them."""
        for places in range(len(word) // 2 + 1):
            found = dict.fromkeys(one for shape in _with_holes(word, places) for one in self._by_shape.get(shape, ()))
            if found:
                return tuple(found)
        return ()

    @cached_property
    def _by_shape(self) -> dict[str, list[str]]:
        shapes: dict[str, list[str]] = {}
        for word in self._words:
            for places in range(len(word) // 2 + 1):
                for shape in _with_holes(word, places):
                    shapes.setdefault(shape, []).append(word)
        return shapes


def _with_holes(word: str, places: int) -> Iterable[str]:
    """Yield a word with some of its places open, each choice of them once."""
    for open_places in combinations(range(len(word)), places):
        yield "".join(_HOLE if n in open_places else character for n, character in enumerate(word))
