"""Columns of ids, hundreds of thousands of them mostly unlike each other, checked and numbered as bytes.

An id is plain here where it is of printing ASCII without blanks and nothing in it looks shortened by a spreadsheet.
What is not plain may be right all the same; that is for others to say, cell by cell.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from hitmodel.prepare import Ints

SHORTENED = "E+"
"""What a spreadsheet leaves of a long number: 1.2E+11."""
_FIRST, _LAST = ord("!"), ord("~")
_LONGEST = 64
"""More bytes than ids have, so that rows of words stay small."""
_MIX = np.uint64(0x9E3779B97F4A7C15)
"""An odd number whose bits are spread evenly, as multiplicative hashing asks for."""


def are_plain(cells: pa.StringArray) -> bool:
    """Say whether every cell is there and plain."""
    offsets, held = _bytes(cells)
    if cells.null_count or not len(held) or (np.diff(offsets) == 0).any():
        return False
    if held.min() < _FIRST or held.max() > _LAST:
        return False
    plus = np.flatnonzero(held[1:] == ord(SHORTENED[1]))
    return not bool((held[plus] == ord(SHORTENED[0])).any())


def numbered(cells: pa.StringArray) -> tuple[Ints, pa.StringArray]:
    """Return each cell's number among the distinct ones, and those, in order of first appearance.

    Lines of one patient or claim mostly stand together, so only the first of equal neighbours is looked up.
    """
    changes = pc.not_equal(cells[1:], cells[:-1]).to_numpy(zero_copy_only=False)
    stretch = np.concatenate([[0], np.cumsum(changes)])
    heads = cells.take(pa.array(np.concatenate([[0], np.flatnonzero(changes) + 1])))
    coded = heads.dictionary_encode()
    number: Ints = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)[stretch]
    return number, coded.dictionary


def are_distinct(cells: pa.StringArray) -> bool:
    """Say whether no plain cell stands twice."""
    offsets, _ = _bytes(cells)
    width = 8 * -(-int(np.diff(offsets).max(initial=1)) // 8)
    if width <= _LONGEST and _hashes_differ(cells, width):
        return True
    return int(pc.count_distinct(cells).as_py()) == len(cells)


def _hashes_differ(cells: pa.StringArray, width: int) -> bool:
    """Say whether numbers made of the cells' bytes are all different; then the cells are too."""
    padded = pc.ascii_rpad(cells, width, "\0")
    words = _bytes(padded)[1].view(np.uint64).reshape(len(cells), width // 8)
    mixed = words[:, 0] * _MIX
    for column in words.T[1:]:
        mixed = ((mixed ^ (mixed >> np.uint64(32))) + column) * _MIX
    mixed.sort()
    return not bool((mixed[1:] == mixed[:-1]).any())


def _bytes(cells: pa.StringArray) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """Return where cells begin and end, and the bytes of all of them."""
    _, ends, held = cells.buffers()
    offsets = np.frombuffer(ends, dtype=np.int32)[cells.offset : cells.offset + len(cells) + 1]
    return offsets, np.frombuffer(held, dtype=np.uint8)[offsets[0] : offsets[-1]]
