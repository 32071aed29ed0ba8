"""Contract files as they are written: reading TOML, following ``extends``, laying one file over another.

An amendment, a proposal and a what-if are the same thing: a file that names only what changes. Merging happens on
the raw tables, before anything is validated, so that an overlay may leave out whatever it does not touch.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from hitmodel import paths
from hitmodel.errors import ContractError, nearest
from hitmodel.imported import imported
from hitmodel.terms import Term
from hitmodel.workspace import default_folder

Raw = dict[str, Any]
NAMED_TABLES = (
    "schedule",
    "escalator",
    "phase_in",
    "rate_change",
    "adjustment",
    "bundle",
    "exclusive",
    "paid_only",
    "episode",
    "allowance",
    "limit",
    "term",
)
DATES = ("effective_from", "effective_through")
NOT_INHERITED = ("title", "source", "note", "extends")
COMMON_TERM_KEYS = frozenset(Term.model_fields)
OWN_WORDS = ("file", "written", "placeholders")
WORDS_OF_NAMED_FILES = ("path", "checksum")


@dataclass(frozen=True)
class Layered:
    """One contract file with everything it extends laid beneath it.

    ``tables`` is the merged document, ``chain`` the files from the first base to this one, ``origin`` says in which
    file each (table, id) was last written, and ``written`` what this file itself writes, in its order.
    """

    tables: Raw
    chain: tuple[Path, ...]
    origin: dict[tuple[str, str], Path]
    written: tuple[tuple[str, str], ...]


def read_layered(path: Path, seen: tuple[Path, ...] = ()) -> Layered:
    """Read a contract file and everything it extends.

    Raises
    ------
    ContractError
        For TOML that cannot be read, a file that extends itself, a base that is not there, an id given twice, or the
        removal of something that is not there.
    """
    if path in seen:
        names = " extends ".join(paths.shown(p) for p in (*seen, path))
        raise ContractError(
            "the contract extends itself",
            where=names,
            next_step='Name the version that it changes, such as extends = "meridian/2025".',
        )
    tables = _read_toml(path)
    _refuse_wrong_shapes(tables, paths.shown(path))
    tables = _with_places(_in_full(tables), path)
    base_name = tables.get("contract", {}).get("extends", "")
    if not base_name:
        if "remove" in tables:
            raise ContractError(
                "'remove' has nothing to remove from",
                where=paths.shown(path),
                expected='extends = "…" under [contract], naming what this file changes',
            )
        return Layered(tables, (path,), dict.fromkeys(_written(tables), path), _written(tables))
    base = read_layered(find_version(base_name, path), (*seen, path))
    return _lay_over(base, tables, path)


def laid_over(base: Layered, tables: Raw, path: Path) -> Layered:
    """Return what a contract file comes to under the tables of an overlay that is no file.

    ``path``: where such a file would lie. Raises `ContractError` as `read_layered` does.
    """
    _refuse_wrong_shapes(tables, paths.shown(path))
    return _lay_over(base, _with_places(_in_full(tables), path), path)


def find_contract(name: str, near: Path | None = None) -> Path:
    """Return the folder (or single file) that a contract name or path means.

    ``near``: a contract file whose neighbours are looked at first. Raises `ContractError` with the nearest name.
    """
    given = Path(name)
    if not name.strip():
        raise ContractError("no contract is named", expected="the name of a folder under data/contracts, or a path")
    if name in (".", ".."):
        return given
    if (given.suffix == ".toml" or "/" in name or "\\" in name) and given.exists():
        return given
    for home in _homes(near):
        if (home / name).is_dir():
            return home / name
    if given.exists():
        return given
    known = contract_names(near)
    raise ContractError(
        f"there is no contract '{name}'",
        expected="the name of a folder under data/contracts, or a path to a contract file or folder",
        suggestion=nearest(name, known),
        next_step=f"There are: {', '.join(known)}." if known else "",
    )


def contract_names(near: Path | None = None) -> tuple[str, ...]:
    """Return the names of all contracts at hand."""
    return tuple(
        sorted({f.name for home in _homes(near) if home.is_dir() for f in home.iterdir() if any(f.glob("*.toml"))})
    )


def version_files(place: Path) -> tuple[Path, ...]:
    """Return the files of a contract, one for each dated version, in order of name."""
    if place.is_file():
        if place.suffix != ".toml":
            expected = "a .toml file, or a folder of them"
            raise ContractError("this is no contract file", where=paths.shown(place), expected=expected)
        return (place,)
    files = tuple(sorted(place.glob("*.toml")))
    if not files:
        raise ContractError("the contract folder holds no .toml file", where=paths.shown(place))
    return files


def find_version(name: str, near: Path) -> Path:
    """Return the file that ``extends = "name"`` or ``"name/2025"`` means: without a version, the latest file."""
    folder, _, stem = name.partition("/")
    beside = near.parent / name
    if beside.suffix == ".toml" and beside.is_file():
        return beside.resolve()
    try:
        files = version_files(find_contract(folder, near))
    except ContractError as error:
        raise ContractError(
            f"extends '{name}', which is not there",
            where=paths.shown(near),
            suggestion=error.suggestion,
            next_step=error.next_step,
        ) from None
    if not stem:
        return files[-1].resolve()
    for file in files:
        if file.stem == stem:
            return file.resolve()
    stems = [f.stem for f in files]
    raise ContractError(
        f"extends '{name}', and '{folder}' has no version '{stem}'",
        where=paths.shown(near),
        suggestion=nearest(stem, stems),
        next_step=f"Its versions: {', '.join(stems)}.",
    )


def extends_name(file: Path, target: Path) -> str:
    """Return how an overlay at ``target`` names a contract file: by contract and version where that finds it.

    Else by its whole path. A name stays true when the folder that holds both is moved.
    """
    whole = file.resolve()
    name = f"{whole.parent.name}/{whole.stem}"
    try:
        found = find_version(name, target)
    except ContractError:
        return whole.as_posix()
    return name if found == whole else whole.as_posix()


def _homes(near: Path | None) -> tuple[Path, ...]:
    own = () if near is None else (near.resolve().parent.parent, near.resolve().parent)
    return (*own, paths.data("contracts"), default_folder() / "contracts")


def _in_full(tables: Raw) -> Raw:
    """Write out the one word that ``lesser_of`` may be, beside the tables or within ``[contract]``."""
    header = tables.get("contract")
    word = header.get("lesser_of") if isinstance(header, dict) else None
    if isinstance(header, dict) and isinstance(word, str) and "lesser_of" not in tables:
        rest = {key: value for key, value in header.items() if key != "lesser_of"}
        return {**tables, "contract": rest, "lesser_of": {"level": word}}
    rule = tables.get("lesser_of")
    return {**tables, "lesser_of": {"level": rule}} if isinstance(rule, str) else tables


def _with_places(tables: Raw, path: Path) -> Raw:
    """Note where the files lie that this file names: beside it, and price tables else where `_price_table` says."""
    placed = dict(tables)
    if "schedule" in tables:
        placed["schedule"] = [
            {**row, "path": str(path.parent / str(row["file"]))} if "file" in row else row for row in tables["schedule"]
        ]
    rule = tables.get("drug_prices")
    if isinstance(rule, dict) and "ndc_table" in rule:
        name = str(rule["ndc_table"])
        placed["drug_prices"] = {**rule, "path": str(_price_table(name, path))}
    return placed


def _price_table(name: str, named_by: Path) -> Path:
    """Return where a price table is: beside the contract file, else imported under that name, else one that ships."""
    beside = named_by.parent / name
    return beside if beside.is_file() else price_table_by_name(name)


def price_table_by_name(name: str) -> Path:
    """Return where a price table is that any contract finds by its name: imported under it, else one that ships."""
    brought_in = {one.name: one.path / f"{one.name}.csv" for one in imported("ndc_prices")}
    return brought_in.get(name) or brought_in.get(name.removesuffix(".csv")) or paths.data("prices", name)


_SLIPS = (
    (r"=\s*\$", "Money is a number without a sign: rate = 95.00."),
    (r"=\s*-?\d+,\d", "Numbers have a point and no comma: 1200.50."),
    (r"=\s*[\d.]+\s*%", "A percent is a fraction: 85 % is 0.85."),
    (r"=\s*\d{1,2}/\d{1,2}/\d", "Dates are written year first: 2027-01-01."),
    (r"=\s*\d{4}-\d{2}-\d{2}\s*(#.*)?$", "There is no such day in the calendar."),
    (r"^\[\w+\]\s*(#.*)?$", "A table that stands more than once has double brackets: [[term]]."),
    (r"^[^#]*=\s*\"[^\"]*$", "A quote is opened and not closed."),
    (r"=\s*[A-Za-z_]", "Text stands in quotes."),
)


def _unreadable(path: Path, said: str) -> ContractError:
    """Say which line of a file is not TOML, what it holds, and what is usually meant."""
    found = re.search(r"line (\d+)", said)
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    number = min(int(found.group(1)), len(lines)) if found else len(lines)
    text = lines[number - 1].strip() if lines else ""
    cure = next((cure for pattern, cure in _SLIPS if re.search(pattern, text)), "")
    what = f"the line {text!r} cannot be read" if text else f"the file cannot be read as TOML: {said}"
    return ContractError(what, where=f"{paths.shown(path)} line {number}", next_step=cure or said)


def _read_toml(path: Path) -> Raw:
    try:
        with path.open("rb") as file:
            return tomllib.load(file, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(path, str(error)) from None
    except UnicodeDecodeError:
        raise ContractError("the file is not UTF-8 text", where=paths.shown(path)) from None
    except OSError as error:
        raise ContractError(f"the file cannot be read: {error.strerror}", where=paths.shown(path)) from None


def _refuse_wrong_shapes(tables: Raw, where: str) -> None:
    """Refuse what cannot be laid over anything: tables that are none, ids that are no text or stand twice."""
    header = tables.get("contract", {})
    if not isinstance(header, dict):
        raise ContractError("'contract' is not a table", where=where, expected="[contract], in single brackets")
    if not isinstance(header.get("extends", ""), str):
        expected = 'one contract in quotes, such as extends = "meridian" or "meridian/2025"'
        raise ContractError("extends is not text", where=f"{where}, [contract]", expected=expected)
    removed = tables.get("remove", [])
    if not isinstance(removed, list) or not all(isinstance(row_id, str) for row_id in removed):
        raise ContractError("'remove' is not a list of ids", where=where, expected='remove = ["an_id", "another_id"]')
    for name in NAMED_TABLES:
        rows = tables.get(name, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            expected = f"[[{name}]] in double brackets, once for each {name.replace('_', ' ')}"
            raise ContractError(f"'{name}' is not a list of tables", where=where, expected=expected)
        _refuse_wrong_ids(name, rows, where)
    _refuse_own_words(tables, where)


def _refuse_wrong_ids(name: str, rows: list[Raw], where: str) -> None:
    seen: set[str] = set()
    for row in rows:
        row_id = row.get("id", "")
        if not isinstance(row_id, str):
            raise ContractError(f"the id of a {name} is not text", where=where, expected='a name in quotes: id = "…"')
        if row_id and row_id in seen:
            raise ContractError(f"{name} '{row_id}' is there twice", where=where, expected="one of each id")
        seen.add(row_id)


def _refuse_own_words(tables: Raw, where: str) -> None:
    """Refuse the words under which a loaded contract keeps what it worked out itself."""
    naming = [*tables.get("schedule", []), tables.get("drug_prices")]
    own = [word for word in OWN_WORDS if word in tables]
    own += [word for row in naming if isinstance(row, dict) for word in WORDS_OF_NAMED_FILES if word in row]
    if own:
        raise ContractError(f"'{own[0]}' is not known here", where=where)


def _lay_over(base: Layered, over: Raw, path: Path) -> Layered:
    merged: Raw = dict(base.tables)
    origin = dict(base.origin)
    for table, row_id in _removals(over, base, path):
        if row_id:
            merged[table] = [row for row in merged[table] if row.get("id") != row_id]
        else:
            del merged[table]
    for key, value in over.items():
        if key == "remove":
            continue
        if key in NAMED_TABLES:
            merged[key] = _merge_rows(merged.get(key, []), value)
        elif isinstance(value, dict) and isinstance(merged.get(key, {}), dict):
            merged[key] = _merge_table(key, merged.get(key, {}), value)
        else:
            merged[key] = value
    origin.update(dict.fromkeys(_written(over), path))
    return Layered(merged, (*base.chain, path), origin, _written(over))


def _written(tables: Raw) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, row.get("id", "")) if isinstance(row, dict) else (name, "")
        for name, value in tables.items()
        for row in (value if isinstance(value, list) else [""])
    )


def _removals(over: Raw, base: Layered, path: Path) -> list[tuple[str, str]]:
    """Return what ``remove`` names, as (table, id): rows by their id, else a whole section by its name, without id."""
    found = []
    for row_id in over.get("remove", []):
        tables = [t for t in NAMED_TABLES for row in base.tables.get(t, []) if row.get("id") == row_id]
        if not tables and row_id != "contract" and isinstance(base.tables.get(row_id), dict):
            found.append((row_id, ""))
            continue
        if not tables:
            known = [str(row.get("id", "")) for t in NAMED_TABLES for row in base.tables.get(t, [])]
            raise ContractError(
                f"removes '{row_id}', which is not in what it extends",
                where=paths.shown(path),
                suggestion=nearest(row_id, known),
            )
        found += [(table, row_id) for table in tables]
    return found


def _merge_table(name: str, base: Raw, over: Raw) -> Raw:
    kept = dict(base)
    if name == "contract":
        kept = {k: v for k, v in base.items() if k not in NOT_INHERITED}
        if "effective_from" in over:
            kept = {k: v for k, v in kept.items() if k not in DATES}
    return {**kept, **over}


def _merge_rows(base: list[Raw], over: list[Raw]) -> list[Raw]:
    merged = {row.get("id", f"#{n}"): row for n, row in enumerate(base)}
    for n, row in enumerate(over):
        key = row.get("id", f"##{n}")
        merged[key] = _merge_row(merged.get(key, {}), row)
    return list(merged.values())


def _merge_row(base: Raw, over: Raw) -> Raw:
    """Lay one term over another. A term that changes its mechanism keeps only what every term has."""
    if "mechanism" in over and over["mechanism"] != base.get("mechanism"):
        base = {k: v for k, v in base.items() if k in COMMON_TERM_KEYS}
    return {**base, **over}
