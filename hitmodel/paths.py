"""Where data and notebooks are: beside the package in a checkout, packed inside it once installed."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from hitmodel.errors import MissingReference

PACKAGE = Path(__file__).resolve().parent
SERVED = "HITMODEL_SERVED"
"""The environment variable with the folder whose files our own server hands out to the browser."""


ROOT_VARIABLE = "HITMODEL_ROOT"
"""Names another folder with ``data/`` and ``notebooks/``, such as files laid out as they were at an earlier run."""


def root() -> Path:
    """Return the folder that holds ``data/`` and ``notebooks/``."""
    named = os.environ.get(ROOT_VARIABLE)
    return Path(named) if named else _root_of(PACKAGE)


@cache
def _root_of(package: Path) -> Path:
    for place in (package.parent, package / "_bundled"):
        if (place / "data" / "codes").is_dir() and (place / "notebooks").is_dir():
            return place
    raise MissingReference(
        "the data and notebooks that belong to hitmodel are not there",
        where=str(package),
        next_step="Install hitmodel again, or run it from a checkout.",
    )


def data(*parts: str) -> Path:
    """Return a path under ``data/``."""
    return root().joinpath("data", *parts)


def notebooks(*parts: str) -> Path:
    """Return a path under ``notebooks/``."""
    return root().joinpath("notebooks", *parts)


def is_checkout() -> bool:
    """Say whether this is a checkout (its ``reports/`` is where reports go) rather than an installed package."""
    return root() == PACKAGE.parent


def reports() -> Path:
    """Return the default folder for reports: ``reports/`` of a checkout, else of the folder one works in."""
    return root() / "reports" if is_checkout() else Path.cwd() / "reports"


def located(named: str | Path) -> Path:
    """Return the file that is meant: as written from the working folder, else from the project's root."""
    here = Path(named).expanduser()
    return here if here.is_absolute() or here.exists() else root() / named


def shown(path: Path) -> str:
    """Return ``path`` as a user would write it: relative to the working folder or the project when inside it."""
    whole = path.resolve()
    for base in (Path.cwd(), root()):
        if whole.is_relative_to(base):
            return str(whole.relative_to(base))
    return str(path)
