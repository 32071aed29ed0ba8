"""Words that differ from a wrong one in the fewest places, against a look at every word."""

from __future__ import annotations

import random
from operator import ne

from hitmodel.alike import Alike


def test_the_nearest_words_are_those_that_a_look_at_every_word_finds() -> None:
    """Of five characters at most two may differ, of two one."""
    draw = random.Random(7)
    words = [draw.choice("AS") + f"{draw.randrange(300):04}" for _ in range(120)] + ["SH", "SJ", "TD"]
    alike = Alike(words)
    for wrong in [draw.choice("ASX") + f"{draw.randrange(9000):04}" for _ in range(60)] + ["SX", "XX", "", "S95000"]:
        apart = {word: sum(map(ne, word, wrong)) for word in words if len(word) == len(wrong)}
        fewest = min(apart.values(), default=99)
        expected = {word for word, count in apart.items() if count == fewest and 2 * fewest <= len(wrong)}
        assert set(alike.near(wrong)) == expected, wrong
