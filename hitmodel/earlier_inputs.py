"""What went into the last good run of each repeated report, kept so that a change can be priced cause by cause.

The copies lie in the workspace, where claims belong, each under the checksum of its bytes; what no last run names is
taken away. Files above `KEPT_MB` are not copied: where such a file has changed, its dollars cannot be told apart.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from hitmodel import paths
from hitmodel.files import written_whole
from hitmodel.run_inputs import sum_of
from hitmodel.run_record import SEAL, Facts, checksum
from hitmodel.workspace import CATALOGUE, default_folder

FOLDER = "earlier_inputs"
KEPT_MB = 500
_CATALOGUE_ROLE = "catalogue"


def keep_inputs(series: str, record: Facts) -> None:
    """Keep what went into a run, as the last one of a series of runs; what the one before needed alone is let go.

    Keeping is a convenience: on a full disk, or for a file that is gone already, nothing is kept and nothing raised.
    """
    store = default_folder() / FOLDER
    entries = [dict(e) for e in (*record.get("inputs", ()), *record.get("references", ()))]
    catalogue = default_folder() / CATALOGUE
    if catalogue.is_file():
        entries.append({"role": _CATALOGUE_ROLE, "file": str(catalogue), "sha256": sum_of(catalogue), "bytes": 0})
    try:
        store.mkdir(parents=True, exist_ok=True)
        held = [entry["sha256"] for entry in entries if _kept(store, entry)]
        about = {"run": record[SEAL], "held": held, "catalogue": entries[-1]["sha256"] if catalogue.is_file() else ""}
        with written_whole(_manifest(store, series)) as draft:
            draft.write_text(json.dumps(about), encoding="utf-8")
        _let_go(store)
    except OSError:
        return


def earlier_file(entry: Mapping[str, Any]) -> Path | None:
    """Return a file with the bytes that an entry of a run's record names, where it lay or kept; None for neither."""
    here = paths.located(entry["file"])
    if sum_of(here) == entry["sha256"]:
        return here
    kept = default_folder() / FOLDER / str(entry["sha256"])
    return kept if kept.is_file() and sum_of(kept) == entry["sha256"] else None


def earlier_catalogue(seal: str) -> bytes | None:
    """Return the catalogue of imports as it was at the run with this seal; b"" for none then, None where not known."""
    store = default_folder() / FOLDER
    for manifest in store.glob("*.json"):
        about = _read(manifest)
        if about.get("run") == seal:
            named = str(about.get("catalogue", ""))
            file = store / named
            return b"" if not named else file.read_bytes() if file.is_file() else None
    return None


def _kept(store: Path, entry: Mapping[str, Any]) -> bool:
    """Copy one file into the store; say whether it is there."""
    target, source = store / str(entry["sha256"]), paths.located(entry["file"])
    if target.is_file():
        return True
    if not source.is_file() or source.stat().st_size > KEPT_MB * 1_000_000:
        return False
    with written_whole(target) as draft:
        shutil.copyfile(source, draft)
    return bool(sum_of(target) == entry["sha256"])


def _let_go(store: Path) -> None:
    named = {name for file in store.glob("*.json") for name in _names(_read(file))}
    for file in store.iterdir():
        if file.suffix != ".json" and not file.name.startswith(".") and file.name not in named:
            file.unlink()


def _names(about: Mapping[str, Any]) -> Iterable[str]:
    return (*about.get("held", ()), str(about.get("catalogue", "")))


def _manifest(store: Path, series: str) -> Path:
    return store / f"{checksum(series.encode('utf-8'))[:16]}.json"


def _read(file: Path) -> dict[str, Any]:
    try:
        held = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return held if isinstance(held, dict) else {}
