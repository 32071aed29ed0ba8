"""Writing files so that they appear whole or not at all."""

from __future__ import annotations

import os
import shutil
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


@contextmanager
def folder_written_whole(target: Path, marker: str) -> Iterator[Path]:
    """Give a folder to write into; it takes the place of ``target`` when the block ends well, and vanishes when not.

    An earlier ``target`` is replaced only when it is empty or holds the file ``marker``, by which such folders are
    known. Raises `InputError` otherwise, before anything is written, or where nothing can be written at all.
    """
    if target.exists() and not (target.is_dir() and (not any(target.iterdir()) or (target / marker).is_file())):
        raise InputError(
            "this is there already and was not written by this command",
            where=str(target),
            expected="a folder that is new, empty, or holds an earlier result to replace",
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise _refused(target, error) from None
    try:
        finished = making / "finished"
        finished.mkdir()
        yield finished
        _exchange(finished, target, making / "earlier")
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _exchange(finished: Path, target: Path, earlier: Path) -> None:
    """Put a finished folder in the target's place; what was there comes back when that fails."""
    try:
        if target.exists():
            target.rename(earlier)
        finished.rename(target)
    except OSError as error:
        if earlier.exists():
            earlier.rename(target)
        raise _refused(target, error) from None
