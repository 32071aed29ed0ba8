"""Files that a contract names, rate schedules and price tables: what they held when the contract was loaded.

Whatever is worked out from such a file is remembered under its checksum, so that an edited file is never mixed with
what was read before.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from hitmodel import paths
from hitmodel.errors import ContractError, nearest


def checksum_of(path: Path, named_by: str) -> str:
    """Return the SHA-256 of a file; raise `ContractError`, saying who names it, when it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        others = [p.name for p in path.parent.glob(f"*{path.suffix}")] if path.parent.is_dir() else []
        raise ContractError(
            f"names the file {paths.shown(path)}, which cannot be read: {error.strerror}",
            where=named_by,
            suggestion=nearest(path.name, others),
        ) from None


def refuse_changed(path: Path, checksum: str) -> None:
    """Raise `ContractError` when a file is no longer what it was when its contract was loaded."""
    if checksum_of(path, "a loaded contract") != checksum:
        raise ContractError(
            "the file has changed since the contract that names it was loaded",
            where=paths.shown(path),
            next_step="Load the contract again.",
        )
