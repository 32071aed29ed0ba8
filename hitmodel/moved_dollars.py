"""What moved the main figures of a repeated report, in dollars by cause: each worked out by pricing everything again.

Causes are taken in one stated order: the program and whatever is on no record, what was asked, claim lines, evidence,
code tables, published prices, contracts. For each, the earlier run's files are laid out in a folder, with those of
this cause and the ones before it as they are now, and the report's first page is asked for there. So the parts add up
to the whole change, to the cent. Where a file of the earlier run is no longer at hand, its cause cannot be told apart
from what moved before it: it stands first, with the program's.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import Any

from hitmodel import paths
from hitmodel.earlier_inputs import earlier_catalogue, earlier_file
from hitmodel.parameters import Parameter
from hitmodel.run_record import SEAL, Facts
from hitmodel.sentences import change, listed
from hitmodel.tables import Column, Gap, Row, Table
from hitmodel.workspace import CATALOGUE, FOLDER_VARIABLE, default_folder

PROGRAM, ASKED, CODES, PRICES = "hitmodel itself", "what was asked", "code tables", "published prices and indexes"
LONGEST = 600.0
"""Seconds that pricing one cause may take; above it no dollars are given."""
SMALL = 5_000_000
_CONTRACTS = ("contract", "rate schedule", "NDC prices", "index")
_REFERENCES = {"codes": CODES, "prices": PRICES, "indexes": PRICES}
_IMPORTED_CODES = ("hcpcs",)


@dataclass(frozen=True)
class Effect:
    """What one cause added to each main figure in its turn [cents], by the figure's label."""

    cause: str
    cents: Mapping[str, int]


@dataclass(frozen=True)
class MovedDollars:
    """Main figures before and after [cents], and the effects that lead from the one to the other.

    ``missing`` says why there are no effects, "" where there are.
    """

    before: Mapping[str, int]
    after: Mapping[str, int]
    effects: tuple[Effect, ...] = ()
    missing: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        effects = [{"cause": e.cause, "cents": dict(e.cents)} for e in self.effects]
        return {"before": dict(self.before), "after": dict(self.after), "effects": effects, "missing": self.missing}

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> MovedDollars:
        """Read back what `to_json` wrote."""
        return cls(held["before"], held["after"], tuple(Effect(**e) for e in held["effects"]), held["missing"])


def moved_dollars(before: Facts, after: Facts, notebook: Any, parameters: Sequence[Parameter]) -> MovedDollars | None:
    """Return what moved the main figures from one run to the next; None where none is in both and has moved.

    ``notebook`` and ``parameters`` are those of the run of today.
    """
    was, now = _figures(before), _figures(after)
    labels = [label for label in was if label in now]
    bare = MovedDollars({k: was[k] for k in labels}, {k: now[k] for k in labels})
    if bare.before == bare.after:
        return None
    told = [cause for cause in _causes(before, after) if _changed(before, after, cause)]
    lost = {cause: name for cause in told if (name := _lost(before, cause))}
    apart = [cause for cause in told if cause not in lost]
    first = listed([*([PROGRAM] if _program_changed(before, after) else []), *lost])
    reached, effects = dict(bare.before), list[Effect]()
    for n in range(len(apart) + 1):
        turned = (*lost, *apart[:n])
        figures = dict(bare.after) if n == len(apart) else _priced(before, after, turned, notebook, parameters)
        if isinstance(figures, str) or not set(labels) <= set(figures):
            why = figures if isinstance(figures, str) else "a side of the earlier report has no name any more"
            return replace(bare, missing=f"What each cause moved could not be worked out: {why.rstrip('.')}.")
        step = {label: figures[label] - reached[label] for label in labels}
        cause = apart[n - 1] if n else first or "nothing on record"
        if n or first or any(step.values()):
            effects.append(Effect(cause, step))
        reached = {label: figures[label] for label in labels}
    missing = f"Of {listed([*lost])} the earlier run's files are no longer at hand ({listed([*lost.values()])})."
    return replace(bare, effects=tuple(effects), missing=missing if lost else "")


def dollars_table(found: MovedDollars, against: str) -> Table:
    """Return the way from the earlier figures to today's as a table; ``against`` names the earlier run."""
    labels = list(found.before)
    keys = [f"figure_{n}" for n, _ in enumerate(labels, start=1)]
    rows: list[Row] = [("As it was", *(found.before[label] for label in labels))]
    rows += [(effect.cause, *(effect.cents[label] for label in labels)) for effect in found.effects]
    if not found.effects:
        rows.append(("Not told apart", *(Gap.UNKNOWN for _ in labels)))
    notes = ["Each cause is priced in full after those above it, in this order; the rows add up to the cent."]
    return Table(
        name="what_moved_dollars",
        headline=cause_words(found) or "What each cause moved is not known.",
        caption=f"Main figures since the run {against}, cause by cause",
        columns=(
            Column("cause", "Cause"),
            *(Column(k, label, "dollars", "$") for k, label in zip(keys, labels, strict=True)),
        ),
        rows=tuple(rows),
        totals=(("As it is", *(found.after[label] for label in labels)),),
        notes=(*(notes if found.effects else ()), *([found.missing] if found.missing else ())),
    )


def cause_words(found: MovedDollars, *, with_total: bool = True) -> str:
    """Say in one sentence what moved the first figure that did; "" where that is not known.

    Without ``with_total`` for a place that has just said by how much it moved.
    """
    moving = [label for label in found.before if found.before[label] != found.after[label]]
    if not found.effects or not moving:
        return ""
    label = moving[0]
    parts = [f"{e.cause} {change(e.cents[label])}" for e in found.effects if e.cents[label]]
    whole = f" {change(found.after[label] - found.before[label])}" if with_total else " by cause"
    return f"{label}{whole}: {listed(parts)}."


def _figures(facts: Facts) -> dict[str, int]:
    return {figure["label"]: int(figure["cents"]) for figure in facts.get("figures", ())}


def _entries(facts: Facts) -> list[Mapping[str, Any]]:
    return [*facts["inputs"], *facts["references"]]


def _cause_of(entry: Mapping[str, Any], facts: Facts) -> str:
    """Return which cause a file belongs to."""
    role = entry["role"]
    if entry in facts["references"]:
        return _REFERENCES[role]
    if role == "contract":
        return f"contract {PurePath(entry['file']).parent.name}"
    if role in _CONTRACTS:
        return "tables of contracts"
    return "claim lines" if role == "claims" else str(role)


def _causes(before: Facts, after: Facts) -> list[str]:
    """Return every cause in the order in which they are taken."""
    found = [_cause_of(e, facts) for facts in (after, before) for e in _entries(facts)]
    contracts = [c for c in found if c.startswith("contract ") or c == "tables of contracts"]
    tables = [CODES, PRICES]
    others = [c for c in found if c not in contracts and c not in tables and c != "claim lines"]
    return list(dict.fromkeys((ASKED, "claim lines", *others, *tables, *contracts)))


def _changed(before: Facts, after: Facts, cause: str) -> bool:
    if cause == ASKED:
        return _asked(before) != _asked(after)
    sums = [[e["sha256"] for e in _entries(f) if _cause_of(e, f) == cause] for f in (before, after)]
    return sums[0] != sums[1]


def _asked(facts: Facts) -> dict[str, Any]:
    """Return the parameters that name no file: another file is a cause of its own."""
    files = {entry["role"] for entry in facts["inputs"]}
    return {name: value for name, value in facts["parameters"].items() if name not in files}


def _program_changed(before: Facts, after: Facts) -> bool:
    return any(before.get(part) != after.get(part) for part in ("program", "notebook"))


def _lost(before: Facts, cause: str) -> str:
    """Name a file of a cause that is no longer at hand as it was; "" when all are."""
    for entry in _entries(before):
        if _cause_of(entry, before) == cause and earlier_file(entry) is None:
            return PurePath(entry["file"]).name
    if cause in (CODES, PRICES) and default_folder().joinpath(CATALOGUE).is_file():
        return "" if earlier_catalogue(before[SEAL]) is not None else "the catalogue of imports"
    return ""


def _priced(
    before: Facts, after: Facts, turned: Sequence[str], notebook: Any, parameters: Sequence[Parameter]
) -> dict[str, int] | str:
    """Return the main figures where the causes ``turned`` are as now and the rest as before, or what went wrong."""
    with TemporaryDirectory(prefix="hitmodel-") as folder:
        stage = _Stage(Path(folder).resolve(), before, after, frozenset(turned))
        try:
            stage.lay_out()
            asked = {"notebook": notebook, "values": stage.values(parameters)}
            done = subprocess.run(
                [sys.executable, "-m", "hitmodel.staged"], input=json.dumps(asked), cwd=folder, text=True,
                env=stage.surroundings(), capture_output=True, timeout=LONGEST, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["the pricing ended before it was done"])[-1]
    answer = json.loads(done.stdout)
    return str(answer["wrong"]) if "wrong" in answer else dict(answer["figures"])


@dataclass(frozen=True)
class _Stage:
    """A folder with every file at its place, each as before or as now by its cause."""

    folder: Path
    before: Facts
    after: Facts
    turned: frozenset[str]

    def lay_out(self) -> None:
        """Put every file at its place; what is on no record (review positions, notebooks) is that of today."""
        for place in paths.data().iterdir():
            if place.name not in ("codes", "prices", "indexes", "contracts", "samples", "local"):
                _linked(place, self.folder / "data" / place.name)
        for name in ("codes", "prices", "indexes", "contracts"):
            (self.folder / "data" / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "notebooks").mkdir()
        for entry, source in self._files():
            target = self._place(entry["file"])
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                _linked(source, target)
        self._lay_catalogue()

    def values(self, parameters: Sequence[Parameter]) -> dict[str, Any]:
        """Return what to ask with: as before or as now, files by where they lie here."""
        facts = self._facts(ASKED)
        values = dict(facts["parameters"])
        for name in list(values):
            here = [e for e in self._chosen() if e["role"] == name]
            if here:
                places = [str(self._place(e["file"])) for e in here]
                values[name] = places if isinstance(values[name], list) else places[0]
            else:
                values[name] = self._moved(values[name])
        known = {p.name for p in parameters}
        return {name: value for name, value in values.items() if name in known}

    def surroundings(self) -> dict[str, str]:
        """Return the surroundings of a process that works here."""
        package = str(paths.PACKAGE.parent)
        own = os.environ.get("PYTHONPATH", "")
        return {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([package, *([own] if own else [])]),
            paths.ROOT_VARIABLE: str(self.folder),
            FOLDER_VARIABLE: str(self._place(paths.shown(default_folder()))),
        }

    def _facts(self, cause: str) -> Facts:
        return self.after if cause in self.turned else self.before

    def _chosen(self) -> Iterator[Mapping[str, Any]]:
        """Yield the files that lie here; those of a contract that the earlier run had not are there from the start."""
        earlier = {_cause_of(e, self.before) for e in _entries(self.before)}
        for facts in (self.before, self.after):
            for entry in _entries(facts):
                cause = _cause_of(entry, facts)
                if self._facts(cause) is facts or (facts is self.after and cause not in earlier):
                    yield entry

    def _files(self) -> Iterator[tuple[Mapping[str, Any], Path]]:
        for entry in self._chosen():
            source = earlier_file(entry)
            if source is None:
                raise FileNotFoundError(f"{entry['file']} is no longer as it was")
            yield entry, source

    def _place(self, shown: str) -> Path:
        """Return where a file lies here, by the name that it has in a record."""
        named = Path(shown)
        return (
            self.folder / "elsewhere" / named.relative_to(named.anchor) if named.is_absolute() else self.folder / named
        )

    def _moved(self, value: Any) -> Any:
        """Return a parameter with whole paths turned to this folder."""
        if isinstance(value, list):
            return [self._moved(part) for part in value]
        whole = isinstance(value, str) and Path(value).is_absolute()
        return str(self._place(paths.shown(Path(value)))) if whole else value

    def _lay_catalogue(self) -> None:
        """Write the catalogue of imports: code releases as before or as now, and prices likewise."""
        now = default_folder() / CATALOGUE
        held = {True: now.read_bytes() if now.is_file() else b"", False: earlier_catalogue(self.before[SEAL]) or b""}
        read = {turned: json.loads(text) if text else {} for turned, text in held.items()}
        codes, prices = read[CODES in self.turned], read[PRICES in self.turned]
        entries = [e for e in codes.get("entries", ()) if e["kind"] in _IMPORTED_CODES]
        entries += [e for e in prices.get("entries", ()) if e["kind"] not in (*_IMPORTED_CODES, "claims", "remittance")]
        if entries:
            place = self._place(paths.shown(default_folder())) / CATALOGUE
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(json.dumps({**(prices or codes), "entries": entries}), encoding="utf-8")


def _linked(source: Path, target: Path) -> None:
    """Put a file or folder at a place. Small files are copied: contracts look for others beside where they lie."""
    if source.is_file() and source.stat().st_size < SMALL:
        shutil.copyfile(source, target)
        return
    try:
        target.symlink_to(source.resolve())
    except OSError:
        (shutil.copytree if source.is_dir() else shutil.copyfile)(source, target)
