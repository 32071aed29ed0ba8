"""Which column of somebody's claims extract is which field: guessed from headings and cells, shown, kept, corrected."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as changed
from functools import lru_cache
from pathlib import Path
from typing import Any

from hitmodel import paths
from hitmodel.claim_shape import COLUMNS
from hitmodel.errors import InputError, nearest
from hitmodel.intake import cells

EXTRA = ("frequency",)
FIELDS = (*COLUMNS, *EXTRA)
NEEDED = ("claim_id", "patient_id", "payer", "service_from", "code", "units", "charge")
SEVERAL = ("patient_id", "modifiers")
"""Fields that may be spread over several columns."""
FIXED = ("payer", "product", "place_of_service")
"""Fields that one value can be given to for a whole file."""
MONTH_FIRST, DAY_FIRST = "month first", "day first"
_DATES = ("service_from", "service_through")
_SETTINGS = {"dates": (MONTH_FIRST, DAY_FIRST), "decimal": (".", ",")}
_ENOUGH = 0.6
"""Share of the filled cells of a sample that must be readable as what a column is taken for."""

_WORDS = {
    **dict.fromkeys(("no", "num", "nbr", "nr", "#"), "number"),
    **dict.fromkeys(("svc", "serv", "srv"), "service"),
    **dict.fromkeys(("dt", "day", "dates"), "date"),
    **dict.fromkeys(("amt", "amnt"), "amount"),
    **dict.fromkeys(("qty", "quan"), "quantity"),
    **dict.fromkeys(("chg", "chrg", "chgs", "charges"), "charge"),
    **dict.fromkeys(("pt", "pat"), "patient"),
    **dict.fromkeys(("ins", "insurer", "insurance", "payor", "carrier"), "payer"),
    **dict.fromkeys(("proc", "px"), "procedure"),
    **dict.fromkeys(("mod", "mods", "modifiers", "mdfr"), "modifier"),
    **dict.fromkeys(("thru", "to", "end", "stop", "ending", "last"), "through"),
    **dict.fromkeys(("beg", "begin", "start", "beginning", "first"), "from"),
    **dict.fromkeys(("hcpc", "hcpcs", "cpt"), "hcpcs"),
    **dict.fromkeys(("unit", "units", "uts"), "units"),
    **dict.fromkeys(("billed", "billing", "bill"), "billed"),
    **{"acct": "account", "seq": "sequence", "cd": "code", "loc": "location", "mbr": "member", "inv": "invoice"},
    **{"clm": "claim", "acq": "acquisition"},
    **dict.fromkeys(("identifier", "ident"), "id"),
    **dict.fromkeys(("ext", "extd"), "extended"),
    **dict.fromkeys(("allow", "allowable"), "allowed"),
}
_PHRASES = (("place of service", ("pos",)), ("service date", ("dos",)), ("units measure", ("uom", "um")))

# For each field what its heading can be, the likeliest first. A bracketed part may be missing.
_HEADINGS: dict[str, tuple[str, ...]] = {
    "claim_id": (
        r"claim( (id|number|control number|reference))?",
        r"(invoice|billed|ticket|voucher)( (id|number))?",
        r"(patient control|icn|dcn|internal control|claim account)( number)?",
        r"(encounter|order|rx)( (id|number))?",
    ),
    "line_id": (
        r"(claim |service |invoice )?line( item)?( sequence| control)?( (id|number))?",
        r"(line |claim )?(sequence|item)( number)?",
        r"(charge|transaction|detail|service)( line)? (id|number)",
        r"lx|ln",
    ),
    "patient_id": (
        r"(patient|person|client)( (id|number|key|mrn|account( number)?|account id))",
        r"(mrn|medical record( number)?|chart( number)?)",
        r"(member|subscriber|insured|enrollee|policy)( (id|number))",
        r"(patient|member|person) (id|number|key|code)",
        r"account( (id|number))?",
        r"(patient|person|member|client)",
    ),
    "payer": (
        r"(primary |billed |claim )?payer( (name|company|plan|company name|plan name|description))?( 1)?",
        r"(health )?plan( name)?",
        r"(primary )?payer (id|code|number|group)",
    ),
    "service_from": (
        r"(claim )?(line|detail)( item)?( service)?( from| date)( date| from)?",
        r"(service )?(date )?from( date)?( of service)?( date)?",
        r"(service|date of service)( date)? from( date)?",
        r"date of service( from)?",
        r"service date( from)?|date service",
        r"claim( service)? from( date)?",
        r"(fill|filled|dispense|dispensed|delivery|delivered|ship|shipped|rx|visit)( date)",
        r"date",
    ),
    "service_through": (
        r"(claim )?(line|detail)( item)?( service)?( through)( date)?",
        r"(service )?(date )?through( date)?( of service)?( date)?",
        r"(service|date of service)( date)? through( date)?",
        r"claim( service)? through( date)?",
    ),
    "code": (
        r"(line |billed |service )?hcpcs( hcpcs)*( procedure)?( code)?",
        r"(billed |service |line )?procedure( hcpcs)*( code)?",
        r"(billed|service|charge|revenue hcpcs)( code)",
        r"code",
        r"hcpcs( hcpcs)* (modifier|mods?)",
    ),
    "modifiers": (r"(hcpcs |procedure |line |code |claim |billed )*modifier( code)?( ?[1-5a-e])?", r"m ?[1-4]"),
    "units": (
        r"(service |billed |line |hcpcs |claim |procedure )*units( billed| of service| service)?( quantity| count)?",
        r"(billed |service |line |hcpcs |units )+quantity( billed)?",
        r"quantity( billed| units| dispensed)?",
        r"days( (billed|units))?|units days",
    ),
    "charge": (
        r"(line |detail )(item )?(charge|billed|total)( amount)?",
        r"(billed |gross |extended |service |submitted |total )*charge( amount| billed| total| submitted)?",
        r"(amount billed|billed amount|billed|submitted amount|total billed)",
        r"(extended|gross)( (price|amount))?",
        r"(total )?(amount|price)",
        r"total",
    ),
    "place_of_service": (r"place of service( code)?", r"(service )?(place|location)( code)?( of service)?"),
    "ndc": (r"(drug |line |national drug )?(ndc|ndc11|ndc 11)( code| number| id)?", r"national drug code"),
    "ndc_quantity": (r"(ndc|drug|ndc11) (quantity|units|units quantity|quantity billed|count)", r"drug units"),
    "ndc_unit": (
        r"(ndc|drug|ndc11) (units measure|units of measure|units type|units qualifier|quantity qualifier|measure)",
        r"(ndc |drug )?(units measure|units of measure)( code)?",
        r"(ndc|drug) units( (code|type))?",
    ),
    "acquisition_cost": (
        r"(line |extended |drug |our |actual )*(acquisition )?(cost|cogs)( amount| of goods( sold)?| total)?",
        r"total (acquisition )?(cost|cogs)",
    ),
    "actual_allowed": (
        r"(payer |line |actual |total |plan |contract )*(allowed|amount allowed|eligible)( amount)?",
        r"(remitted|contractual allowed)( amount)?",
    ),
    "product": (r"product( (type|line|name))?", r"(line of business|lob|plan type|benefit type|network|payer type)"),
    "frequency": (
        r"(claim |billed )?(frequency|resubmission)( (code|type))?( code)?",
        r"claim (type|status) frequency",
    ),
}
_ORDER = (
    *("code", "service_from", "service_through", "modifiers", "ndc", "ndc_quantity", "ndc_unit", "units", "charge"),
    *("claim_id", "line_id", "patient_id", "payer", "place_of_service", "acquisition_cost", "actual_allowed"),
    *("product", "frequency"),
)
_COMPILED = {name: tuple(re.compile(pattern) for pattern in shapes) for name, shapes in _HEADINGS.items()}
_NAMES = re.compile(
    r"(patient|pt|member|insured|subscriber|client|person)( full| last| first)?( name)?|(last|first) ?name"
)
_BIRTH = re.compile(r"(patient |pt |member |insured )?(dob|birth ?date|birth|date of birth)")


@dataclass(frozen=True)
class ColumnMap:
    """How one kind of claims extract is read.

    ``columns`` gives each field its column, or columns; ``fixed`` the fields that have one value throughout;
    ``payers`` what a payer is called in the file and in contracts. ``dates`` says whether month or day comes first in
    dates such as 3/4/2026, ``decimal`` which mark parts dollars from cents. ``headings`` are the file's own, by which
    the map is known again.
    """

    columns: Mapping[str, tuple[str, ...]]
    headings: tuple[str, ...]
    fixed: Mapping[str, str] = field(default_factory=dict)
    payers: Mapping[str, str] = field(default_factory=dict)
    dates: str = MONTH_FIRST
    decimal: str = "."

    @property
    def used(self) -> tuple[str, ...]:
        """The columns that any field is read from, in the file's order."""
        named = {name for names in self.columns.values() for name in names}
        return tuple(name for name in self.headings if name in named)

    @property
    def missing(self) -> tuple[str, ...]:
        """The needed fields that have neither a column nor a fixed value."""
        return tuple(name for name in NEEDED if name not in self.columns and name not in self.fixed)


@lru_cache(maxsize=20_000)
def canonical(heading: str) -> str:
    """Return a heading in the words that `_HEADINGS` knows: ``DOS Thru`` is ``service date through``."""
    text = " ".join(_WORDS.get(word, word) for word in _words(heading))
    for phrase, short in _PHRASES:
        text = re.sub(rf"\b({'|'.join(short)})\b", phrase, text)
    return text


def _words(heading: str) -> list[str]:
    parts = r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=[0-9])"
    return re.sub(r"[^a-z0-9]+", " ", re.sub(parts, " ", heading.replace("#", " number ")).lower()).split()


def guess(headings: Sequence[str], sample: Sequence[Sequence[str]]) -> ColumnMap:
    """Return the likeliest map of a file's columns.

    Parameters
    ----------
    headings : sequence of str
        One for each column; "" for a column without.
    sample : rows of text
        Some rows below the heading, by which a guess is held against what the cells look like.
    """
    known = {name: canonical(name) for name in headings if name}
    below = {name: [row[at] for row in sample if at < len(row) and row[at]] for at, name in enumerate(headings) if name}
    columns: dict[str, tuple[str, ...]] = {}
    taken: set[str] = set()
    for wanted in _ORDER:
        found = _columns_of(wanted, known, below, taken)
        if found:
            columns[wanted] = found
            taken.update(found)
    if "patient_id" not in columns or _is_name(columns["patient_id"][0]):
        _by_name(columns, list(known))
    if (
        "service_from" in columns
        and "service_through" not in columns
        and _holds_spans(below[columns["service_from"][0]])
    ):
        columns["service_through"] = columns["service_from"]
    made = ColumnMap({name: columns[name] for name in FIELDS if name in columns}, tuple(headings))
    return as_shown(made, headings, sample)


def as_shown(made: ColumnMap, headings: Sequence[str], sample: Sequence[Sequence[str]]) -> ColumnMap:
    """Return a map whose order of dates and decimal mark are those that the cells show, where they show any.

    A map that was kept from an earlier file says which column is which; how dates and amounts are written is each
    file's own, and a wrong decimal mark makes amounts a hundred times too large.
    """
    columns: dict[str, list[str]] = {}
    for at, name in enumerate(headings):
        columns.setdefault(name, [row[at] for row in sample if at < len(row) and row[at]])

    def below(*names: str) -> list[str]:
        return [text for name in names for column in made.columns.get(name, ()) for text in columns.get(column, ())]

    dates = _date_order(below(*_DATES)) or made.dates
    return changed(made, dates=dates, decimal=_decimal_mark(below("charge")) or made.decimal)


def _is_name(heading: str) -> bool:
    return bool(_NAMES.fullmatch(" ".join(_words(heading))))


def _by_name(columns: dict[str, tuple[str, ...]], headings: Sequence[str]) -> None:
    """Tell patients apart by name and birth date where the file has no id; both are only ever hashed."""
    names = tuple(name for name in headings if _is_name(name))
    births = tuple(name for name in headings if _BIRTH.fullmatch(" ".join(_words(name))))
    if names:
        columns["patient_id"] = (*names, *births[:1])


def _columns_of(
    wanted: str, known: Mapping[str, str], below: Mapping[str, Sequence[str]], taken: set[str]
) -> tuple[str, ...]:
    fits = _LOOKS_LIKE.get(wanted)
    ranks = {name: rank for name, said in known.items() if name not in taken and (rank := _rank(wanted, said)) >= 0}
    for rank in sorted(set(ranks.values())):
        found = [name for name, own in ranks.items() if own == rank]
        if fits:
            found = [name for name in found if not below[name] or _share_of(below[name], fits) >= _ENOUGH]
        if found:
            return tuple(found) if wanted == "modifiers" else (found[0],)
    return ()


@lru_cache(maxsize=20_000)
def _rank(wanted: str, heading: str) -> int:
    """Return how likely a heading is a field's, 0 the likeliest; -1 when it is not."""
    return next((at for at, shape in enumerate(_COMPILED[wanted]) if shape.fullmatch(heading)), -1)


def _share_of(texts: Sequence[str], fits: Callable[[str], bool]) -> float:
    return sum(map(fits, texts)) / len(texts)


def _readable(read: Callable[[str], object]) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        try:
            read(text)
        except cells.Unread:
            return False
        return True

    return fits


def _is_code(text: str) -> bool:
    return bool(re.match(r"(HC[:>]?)?([A-Z]\d{4}|\d{4}[A-Z0-9])(\.0+)?([-: ,]?[A-Z0-9]{2})*$", text.strip().upper()))


@lru_cache(maxsize=20_000)
def _is_date(text: str) -> bool:
    return bool(re.search(r"\d", text)) and any(_readable(cells.day)(part) for part in split_span(text))


_LOOKS_LIKE: dict[str, Callable[[str], bool]] = {
    "code": _is_code,
    "service_from": _is_date,
    "service_through": _is_date,
    "units": _readable(lambda text: cells.amount(re.sub(r"\s*[A-Za-z]+$", "", text))),
    "charge": _readable(cells.amount),
    "acquisition_cost": _readable(cells.amount),
    "actual_allowed": _readable(cells.amount),
    "ndc_quantity": _readable(cells.amount),
    "modifiers": lambda text: bool(re.fullmatch(r"[A-Za-z0-9]{1,2}(\.0)?([^A-Za-z0-9]*[A-Za-z0-9]{2})*", text)),
    "place_of_service": lambda text: len(text) <= 40,
    "payer": lambda text: not _is_date(text),
    "frequency": lambda text: len(text) <= 14,
    "ndc_unit": lambda text: text.replace(" ", "").isalnum() and not text.isdigit(),
}


def split_span(text: str) -> tuple[str, str]:
    """Return first and last day of a cell: both the same, unless it holds two with a dash or "to" between."""
    found = re.fullmatch(
        r"(\S.*?\d)\s*(?:\s-\s|\s?–\s?|\s+(?:to|thru|through)\s+)\s*(\d.*)", text.strip(), re.IGNORECASE
    )
    found = found or re.fullmatch(r"(\d{8}|[\d/.]{6,10})-(\d{8}|[\d/.]{6,10})", text.strip())
    return (found[1], found[2]) if found else (text, text)


def _holds_spans(texts: Sequence[str]) -> bool:
    return any(first != last for first, last in map(split_span, texts))


def _date_order(texts: Sequence[str]) -> str:
    """Say whether day or month comes first: a number over 12 tells; "" where none does, or some tell otherwise."""
    parts = [re.match(r"(\d{1,2})[/.-](\d{1,2})[/.-]", text) for text in texts]
    day_first = any(found and int(found[1]) > 12 for found in parts)
    month_first = any(found and int(found[2]) > 12 for found in parts)
    return "" if day_first == month_first else DAY_FIRST if day_first else MONTH_FIRST


def _decimal_mark(texts: Sequence[str]) -> str:
    """Return the mark before the cents; "" where no amount shows it, or some show another."""
    commas = any(re.fullmatch(r"[^.]*\d+(\.\d{3})*,\d{1,2}\D*", text) for text in texts)
    points = any(re.search(r"\.\d{1,2}\D*$", text) for text in texts)
    return "" if commas == points else "," if commas else "."


# --- maps as files ---------------------------------------------------------------------------------------------------


def write_map(made: ColumnMap, target: Path) -> None:
    """Write a map as TOML that can be corrected by hand and given to ``--map``."""
    import tomlkit

    from hitmodel.files import written_whole

    whole = tomlkit.document()
    whole.add(tomlkit.comment("How a claims extract is read. Correct what is wrong, then import again with --map."))
    whole.add("dates", tomlkit.item(made.dates))
    whole.add("decimal", tomlkit.item(made.decimal))
    # Written out at once: a list that grows by cells takes its length squared, and sheets have 16,384 columns.
    headings = ", ".join(tomlkit.item(heading).as_string() for heading in made.headings)
    whole.add("headings", tomlkit.value(f"[{headings}]"))
    columns = tomlkit.table()
    for name in FIELDS:
        if name in made.columns:
            said = made.columns[name]
            columns.add(name, list(said) if len(said) > 1 else said[0])
        else:
            columns.add(tomlkit.comment(f'{name} = ""'))
    whole.add("columns", columns)
    for title, said_once in (("fixed", made.fixed), ("payers", made.payers)):
        table = tomlkit.table()
        for name, value in said_once.items():
            table.add(name, value)
        if not said_once:
            hints = {"fixed": 'payer = "As contracts name it"', "payers": '"AS IN THE FILE" = "As contracts name it"'}
            table.add(tomlkit.comment(hints[title]))
        whole.add(title, table)
    target.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(target) as draft:
        draft.write_text(tomlkit.dumps(whole), encoding="utf-8")


def read_map(path: Path, headings: Sequence[str] | None = None) -> ColumnMap:
    """Return a map from its file, held against a file's headings when they are given.

    Raises `InputError` for a field or a column that is not known, with the nearest that is.
    """
    where = paths.shown(path)
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(f"the map cannot be read ({error.strerror})", where=where) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"the map is not valid TOML: {error}", where=where) from None
    _refuse_unknown(said, ("columns", "fixed", "payers", "headings", *_SETTINGS), where)
    for name, values in _SETTINGS.items():
        if said.get(name, values[0]) not in values:
            raise InputError(f"{name} {said[name]!r} is not known", where=where, expected=f"one of {', '.join(values)}")
    fixed = _texts(said.get("fixed", {}), f"{where}, fixed")
    _refuse_unknown(fixed, FIXED, f"{where}, fixed")
    own = tuple(str(name) for name in said.get("headings", ()))
    return ColumnMap(
        _columns_said(said.get("columns", {}), headings if headings is not None else own, where),
        tuple(headings if headings is not None else own),
        fixed,
        _texts(said.get("payers", {}), f"{where}, payers"),
        said.get("dates", MONTH_FIRST),
        said.get("decimal", "."),
    )


def _columns_said(said: Any, headings: Sequence[str], where: str) -> dict[str, tuple[str, ...]]:
    place = f"{where}, columns"
    if not isinstance(said, dict):
        raise InputError("'columns' is not a table", where=where, expected='[columns], then lines as code = "HCPCS"')
    _refuse_unknown(said, FIELDS, place)
    columns: dict[str, tuple[str, ...]] = {}
    for name, value in said.items():
        names = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str) for one in names) or (len(names) > 1 and name not in SEVERAL):
            raise InputError(f"{name} is read from one column", where=place, expected=f'{name} = "its heading"')
        for one in names:
            if one and one not in headings:
                raise InputError(
                    f"the file has no column '{one}'", where=f"{place}, {name}", suggestion=nearest(one, headings)
                )
        if any(names):
            columns[name] = tuple(one for one in names if one)
    return columns


def _texts(said: Any, where: str) -> dict[str, str]:
    if not isinstance(said, dict) or not all(isinstance(value, str) for value in said.values()):
        raise InputError("these are not texts by name", where=where, expected='lines as name = "value"')
    return dict(said)


def _refuse_unknown(said: Mapping[str, object], known: Sequence[str], where: str) -> None:
    for name in said:
        if name not in known:
            raise InputError(
                f"'{name}' is not known here", where=where, expected=", ".join(known), suggestion=nearest(name, known)
            )
