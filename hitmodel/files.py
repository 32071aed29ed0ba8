"""Writing files so that they appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hitmodel.errors import InputError


@contextmanager
def written_whole(target: Path) -> Iterator[Path]:
    """Give a path to write to; it becomes ``target`` when the block ends well, and vanishes when it does not.

    Raises `InputError` when the folder is not there or cannot be written to, or when ``target`` is itself a folder.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=target.suffix, dir=target.parent)
    except OSError as error:
        raise _refused(target, error) from None
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
        draft.chmod(0o644)
        _put_in_place(draft, target)
    finally:
        draft.unlink(missing_ok=True)


def _put_in_place(draft: Path, target: Path) -> None:
    try:
        draft.replace(target)
    except OSError as error:
        raise _refused(target, error) from None


def _refused(target: Path, error: OSError) -> InputError:
    return InputError(
        f"the file cannot be written: {error.strerror}",
        where=str(target),
        expected="a file name in a folder that is there and may be written to",
    )
