"""A person's name, id or birth date in a column of payers or products, as a row that slipped sideways has: left out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hitmodel.intake.claim_cells import is_day, shape_of
from hitmodel.intake.claim_columns import ColumnMap
from hitmodel.intake.claim_headings import canonical, is_birth, is_name, rank
from hitmodel.intake.claim_rows import Columns
from hitmodel.intake.claim_tally import Tally

_ID_LENGTH, _ID_DIGITS = 6, 5
"""What a person's id has at least; a payer's number in claims has five characters."""
_SHORTEST = 4
"""Letters of the shortest payer that is held against persons: a payer numbered 12 can meet a patient numbered 12."""
_TOGETHER = 200
"""Words that are looked for in one go."""
_KIND = "person_in_column"


def personal(made: ColumnMap) -> tuple[str, ...]:
    """Return the columns of names, birth dates and ids of persons, whether or not anything is read from them."""
    ids = made.columns.get("patient_id", ())
    others = [name for name in made.headings if name and name not in made.used]
    return (*ids, *(name for name in others if _of_a_person(name)))


def _of_a_person(heading: str) -> bool:
    return is_name(heading) or is_birth(heading) or rank("patient_id", canonical(heading)) >= 0


@dataclass
class Guard:
    """What persons are called in a file, by which a cell of another column is known to be a person's."""

    columns: tuple[str, ...]
    tally: Tally
    _shapes: set[str] = field(default_factory=set)

    def checked(
        self, name: str, column: pa.DictionaryArray, rows: NDArray[np.int32], columns: Columns
    ) -> pa.DictionaryArray:
        """Return a column in which every cell that is a person's is empty; each is counted by its shape alone."""
        if not len(column.dictionary):
            return column
        people = [_encoded(columns[heading]) for heading in self.columns]
        self._shapes.update(shape for one in people for shape in _shapes_of_ids(one.dictionary))
        texts = [text.strip() for text in column.dictionary.to_pylist()]
        own = self._own(texts, column, people)
        usual = self._usual(texts, column)
        alike = [is_day(text) or (shape_of(text) in self._shapes and shape_of(text) != usual) for text in texts]
        theirs = own | np.asarray(alike, bool)[_indices(column)]
        if not theirs.any():
            return column
        for at in np.unique(_indices(column)[theirs]).tolist():
            here = theirs & (_indices(column) == at)
            said = f"{name} '{shape_of(texts[at])}': is a patient's name, number or day, not a {name}'s: left empty"
            self.tally.add(_KIND, name, rows[here].tolist(), said)
        return pc.if_else(pa.array(theirs), "", column.cast(pa.string())).dictionary_encode()

    def _own(self, texts: list[str], column: pa.DictionaryArray, people: list[pa.DictionaryArray]) -> NDArray[np.bool_]:
        """Say which cells hold nothing but words of what the same row has in columns of persons."""
        found = np.zeros(len(column), bool)
        asked = {at: set(_words(text)) for at, text in enumerate(texts) if len(text) >= _SHORTEST and _words(text)}
        known = _known_words([one.dictionary for one in people], sorted(set().union(*asked.values())))
        for at in (at for at, words in asked.items() if words <= known):
            for row in np.flatnonzero(_indices(column) == at).tolist():
                parts = [one[row].as_py() or "" for one in people]
                found[row] = asked[at] <= {word for part in parts for word in _words(part)}
        return found

    def _usual(self, texts: list[str], column: pa.DictionaryArray) -> str:
        """Return the shape of the text that the most rows have: a payer's, whatever ids look like."""
        counts = np.bincount(_indices(column), minlength=len(texts))
        return shape_of(texts[int(counts.argmax())])


def _known_words(known: list[pa.StringArray], wanted: list[str]) -> set[str]:
    """Return those words of ``wanted`` that stand in any cell of ``known``."""
    found: set[str] = set()
    for cells in known:
        for first in range(0, len(wanted), _TOGETHER):
            either = "|".join(wanted[first : first + _TOGETHER])
            having = cells.filter(pc.match_substring_regex(cells, either, ignore_case=True))
            found.update(word for text in having.to_pylist() for word in _words(text))
    return found


def _shapes_of_ids(known: pa.StringArray) -> set[str]:
    some = known.slice(0, 50).to_pylist()
    return {shape_of(text.strip()) for text in some if text and _is_id(text.strip())}


def _is_id(text: str) -> bool:
    return len(text) >= _ID_LENGTH and sum(map(str.isdigit, text)) >= _ID_DIGITS and not is_day(text)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.upper())


def _indices(column: pa.DictionaryArray) -> NDArray[np.int32]:
    found: NDArray[np.int32] = np.asarray(column.indices.fill_null(0))
    return found


def _encoded(column: pa.Array) -> pa.DictionaryArray:
    return column if isinstance(column, pa.DictionaryArray) else column.dictionary_encode()
