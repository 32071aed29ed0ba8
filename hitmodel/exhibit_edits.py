"""An exhibit that somebody edited, read in again: its changed rates as an overlay, every wrong cell named.

Only the column Proposed may differ from what was written. A code that is not the exhibit's, a column that has moved and
text where a rate belongs are refused, each with its cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from hitmodel.code_exhibit import CodeExhibit, ExhibitRow, code_exhibit
from hitmodel.code_prices import NO_PRICE, Price, code_prices
from hitmodel.codes import CodeEntry
from hitmodel.compile import Period, compile_contract
from hitmodel.dates import Span, parse_date
from hitmodel.diff_overlay import raw_row
from hitmodel.errors import ContractError, InputError, nearest
from hitmodel.exhibit_new_rates import IN_WORKBOOK, MARKS, can_be_rated, fresh, is_emptied, new_term, unit_of
from hitmodel.exhibit_notes import Sheets, not_taken
from hitmodel.exhibit_sheet import (
    CODE,
    DAY_MARK,
    FOOT,
    HEAD_ROW,
    HEADS,
    MARK,
    PROPOSED,
    RATES,
    UNIT,
    exhibit_day,
)
from hitmodel.intake.cells import Unread, amount
from hitmodel.intake.sheets import Sheet, read_book
from hitmodel.mechanisms.base import LineKind, Look, RateRule
from hitmodel.money import as_decimal, round_half_up
from hitmodel.overlays import Raw
from hitmodel.references import References
from hitmodel.sayings import kind_of
from hitmodel.selection import matches, touches
from hitmodel.terms import Contract, Selector, Term, Version

MOST_PLACES = 6
FAR = 10
"""Times a rate, up or down, from which a new one is asked about."""
SELECTS = frozenset(Selector.model_fields) | {"unlisted", "default"}


@dataclass(frozen=True)
class Edit:
    """One changed rate: the row it is of, what it is to be [dollars], and for what, where the row had no rate."""

    row: ExhibitRow
    rate: Decimal
    place: str
    new_unit: str = ""

    @property
    def unit(self) -> str:
        """What the rate is for."""
        return self.new_unit or self.row.price.unit


@dataclass(frozen=True)
class Edits:
    """What an edited exhibit says: its day, the rates that were changed, and in sentences what else was."""

    day: date
    changed: tuple[Edit, ...]
    not_taken: tuple[str, ...] = ()

    @property
    def questions(self) -> tuple[str, ...]:
        """A question for each rate that is to be over ten times, or under a tenth, of what it was."""
        found = []
        for edit in self.changed:
            old = edit.row.price.rate
            if old and not old / FAR <= edit.rate <= old * FAR:
                how = "more than ten times as much" if edit.rate > old else "less than a tenth"
                found.append(
                    f"{edit.place}: {edit.row.name} is to be {edit.rate} instead of {old}, {how}; is that meant?"
                )
        return tuple(found)


def read_edits(path: Path, contract: Contract, references: References) -> Edits:
    """Return the rates that somebody changed in an exhibit of a contract.

    Raises
    ------
    InputError
        The file is no exhibit of this contract, or a cell cannot be used; all such cells are named together.
    """
    sheets = Sheets({sheet.name: sheet for sheet in read_book(path).sheets})
    sheet = sheets.rates
    if sheet is None:
        expected = f"a workbook that hitmodel exhibit wrote, with its sheet {RATES}"
        raise InputError("this is no rate exhibit", where=str(path), expected=expected)
    day = _day(sheet, path)
    exhibit = code_exhibit(contract, references, day)
    problems = list(_moved(sheet, sheets.sent(RATES)))
    if not problems:
        heads = {text for text, _ in sheets.codes_sent if not CODES.fullmatch(text)}
        changed, problems = _changed(sheet, _rows(exhibit, sheets.codes_sent), frozenset(exhibit.groups) | heads)
    if problems:
        raise InputError("; ".join(problems), where=str(path), next_step="Nothing was taken from the file.")
    rated = frozenset((edit.row.code, edit.row.mark) for edit in changed if edit.new_unit)
    return Edits(day, tuple(changed), not_taken(sheets, path, rated))


def _rows(exhibit: CodeExhibit, sent: frozenset[tuple[str, str]]) -> dict[tuple[str, str], ExhibitRow]:
    """Return the rows by code and mark; of codes that only the paper beside it had, rows without a rate."""
    rows = {(row.code, row.mark): row for row in exhibit.rows}
    others = {key: ExhibitRow(*key, "", "", NO_PRICE) for key in sent if key not in rows and CODES.fullmatch(key[0])}
    return {**rows, **others}


CODES = re.compile(r"[A-Z0-9]\d{4}")
"""What a code looks like; the names of therapies and sums stand in the same column."""


def _day(sheet: Sheet, path: Path) -> date:
    text = next((exhibit_day(row[0]) for row in sheet.rows[:HEAD_ROW] if row and DAY_MARK in row[0]), "")
    if not text:
        raise InputError("the line that says the day of the rates is gone", where=str(path), expected=f"{DAY_MARK}…")
    return parse_date(text, f"{path}, {RATES}!A3")


def _moved(sheet: Sheet, sent: Sheet | None) -> Iterator[str]:
    heads = sheet.rows[HEAD_ROW - 1] if len(sheet.rows) >= HEAD_ROW else ()
    for column, head in enumerate(sent.rows[HEAD_ROW - 1][: len(HEADS)] if sent is not None else HEADS):
        found = heads[column] if column < len(heads) else ""
        if found != head:
            said = f"says '{found}'" if found else "is empty"
            yield f"{sheet.place(HEAD_ROW - 1, column)} {said} where '{head}' stood: columns must stay in their places"
            return  # one column put in moves all that follow


def _changed(
    sheet: Sheet, rows: dict[tuple[str, str], ExhibitRow], therapies: frozenset[str]
) -> tuple[list[Edit], list[str]]:
    problems, changed, places = list[str](), list[Edit](), dict[tuple[str, str], str]()
    for number, cells in enumerate(sheet.rows[HEAD_ROW:], start=HEAD_ROW):
        code, mark, said = (_cell(cells, column) for column in (CODE, MARK, PROPOSED))
        if not any(cells) or (code in therapies | FOOT and not said):
            continue
        row = rows.get((code, mark))
        if row is None:
            problems.append(_unknown(sheet, number, code, mark, rows))
            continue
        place = sheet.place(number, PROPOSED - 1)
        first = places.setdefault((code, mark), place)
        if first != place:
            problems.append(f"{row.name} stands twice, in {first} and {place}: leave one of the rows")
            continue
        try:
            rate, unit = _rate(row, said), ""
            if rate is not None and row.price.rate is None:
                can_be_rated(row)
                unit = unit_of(_cell(cells, UNIT))
        except Unread as error:
            problems.append(f"{place} of {row.name} says '{said}', which {error}")
            continue
        if rate is not None and rate != row.price.rate:
            changed.append(Edit(row, rate, place, unit))
    return changed, problems


def _cell(cells: Sequence[str], column: int) -> str:
    return cells[column - 1].strip() if len(cells) >= column else ""


def _unknown(sheet: Sheet, number: int, code: str, mark: str, rows: dict[tuple[str, str], ExhibitRow]) -> str:
    name = f"{code} billed with {mark}" if mark else code or "an empty cell"
    close = nearest(code, sorted({known for known, _ in rows}))
    hint = f"; did you mean {close}?" if close and close != code else ""
    return f"{sheet.place(number, CODE - 1)} says {name}, which is no row of this exhibit{hint}"


def _rate(row: ExhibitRow, said: str) -> Decimal | None:
    """Return the rate that a cell holds; None where it says what the exhibit said in words."""
    if row.price.rate is None and said == row.price.words:
        return None
    try:
        read = amount(said)
    except Unread as error:
        raise Unread(f"{error}" if row.price.rate is not None else f"is no rate in dollars: {IN_WORKBOOK}") from None
    if not read.sure:
        raise Unread("is not a plain number")
    if read.value <= 0:
        raise Unread("is not above zero")
    if row.price.rate not in (None, read.value) and not row.price.field:
        raise Unread(f"follows from another clause: {IN_WORKBOOK}")
    return read.value.quantize(Decimal("0.01")) if read.value == round(read.value, 2) else read.value


# --- edits as an overlay ------------------------------------------------------------------------------------------


def overlay_of_edits(edits: Edits, contract: Contract, references: References, extends: str) -> Raw:
    """Return the overlay that gives a contract the edited rates, on the day of the exhibit.

    Where every code of a clause is to have one rate, the clause takes it; otherwise the codes that change get clauses
    of their own. A rate that escalators or rate changes touch is written so that they make the edited one of it.

    Raises
    ------
    InputError
        Nothing was changed, or no written rate comes to the edited one.
    """
    if not edits.changed:
        raise InputError("no rate was changed", expected="other numbers under Proposed")
    day = Span(edits.day, edits.day)
    period = compile_contract(contract, references, day, day).periods[-1]
    version = contract.on(edits.day)
    assert version is not None
    assert period.look is not None
    exhibit = code_exhibit(contract, references, edits.day)
    rows, gone = _new_terms(edits, version, period, references)
    split = dict[str, list[str]]()
    for (term_id, field, rate), codes in _grouped(edits).items():
        term = version.named(term_id)
        assert term is not None
        same = {row.name for row in exhibit.rows if (row.price.term, row.price.field) == (term_id, field)}
        rules = tuple(r for r in period.rules if touches(r, term, kind_of(_entry(references, codes[0].row.code))))
        written = _written(rate, period.look.at(period.look.price_day, rules), field, codes[0])
        if same == {edit.row.name for edit in codes} and term.mechanism != "schedule":
            rows.append({"id": term_id, field: written})
        else:
            own = _own_term(term, version, codes, field, written)
            rows += [own, *_narrowed(term, rows, own["codes"])]
            split.setdefault(term_id, []).append(str(own["id"]))
    header = {"extends": extends, "effective_from": version.contract.effective_from}
    through = {"effective_through": version.contract.effective_through} if version.contract.effective_through else {}
    removed = {"remove": gone} if gone else {}
    return {**removed, "contract": {**header, **through}, **_increases(version, split), "term": _joined(rows)}


def _new_terms(edits: Edits, version: Version, period: Period, references: References) -> tuple[list[Raw], list[str]]:
    """Return clauses for the codes that had no rate, those they are taken out of, and the ids that have none left."""
    assert period.look is not None
    rows: list[Raw] = []
    gone: list[str] = []
    for (term_id, unit, rate), codes in _new(edits).items():
        found = version.named(term_id)
        rules = tuple(r for r in period.rules if not r.terms and matches(r.applies_to, _kind(references, codes[0])))
        written = _written(rate, period.look.at(period.look.price_day, rules), "rate", codes[0])
        name = fresh(f"{term_id or 'rates'}_{codes[0].row.name.lower().replace('-', '_')}", version)
        rows.append(new_term(name, [edit.row for edit in codes], unit, written, found))
        if found is not None and is_emptied(found, rows[-1]["codes"]):
            gone.append(found.id)
        elif found is not None:
            rows += _narrowed(found, rows, rows[-1]["codes"])
    return rows, gone


def check_of_edits(edits: Edits, contract: Contract, references: References) -> Callable[[Contract], None]:
    """Return what holds a written overlay against its edits: every edited rate is paid, and no other has moved.

    It raises `InputError` where that is not so, or where the overlay cannot be worked out at all.
    """
    before = {_key(row): _paid(row.price) for row in code_exhibit(contract, references, edits.day).rows}
    codes = [edit.row.code for edit in edits.changed]
    wanted = before | {_key(edit.row): (edit.rate, edit.unit.replace("_", " ")) for edit in edits.changed}
    undone = "Nothing was written. Change these rates with hitmodel contract to-xlsx instead."

    def check(made: Contract) -> None:
        try:
            exhibit = code_exhibit(made, references, edits.day)
        except ContractError as error:
            raise InputError(f"the rates as changed make no contract: {error.what}", next_step=undone) from None
        paid = {_key(row): _paid(row.price) for row in exhibit.rows}
        asked = code_prices(
            made, references, edits.day, codes
        )  # drugs, too, which an exhibit does not list with a rate
        paid |= {key: _paid(price) for key, price in asked.items() if key in wanted}
        wrong = [" ".join(key).strip() for key in {**wanted, **paid} if wanted.get(key) != paid.get(key)]
        if wrong:
            raise InputError(f"the overlay would not pay the rates as changed: {', '.join(wrong)}", next_step=undone)

    return check


def _key(row: ExhibitRow) -> tuple[str, str]:
    return row.code, row.mark


def _paid(price: Price) -> tuple[Decimal | None, str]:
    return price.rate, price.unit if price.rate is not None else price.words


def _increases(version: Version, split: dict[str, list[str]]) -> Raw:
    """Return the increases that name a clause of which codes were taken, with the clauses of those codes beside it."""
    tables: Raw = {}
    for table in ("escalator", "phase_in", "rate_change"):
        rows = []
        for row in getattr(version, table):
            more = [name for term_id in row.terms for name in split.get(term_id, ())]
            rows += [{"id": row.id, "terms": [*row.terms, *more]}] if more else []
        tables |= {table: rows} if rows else {}
    return tables


def _grouped(edits: Edits) -> dict[tuple[str, str, Decimal], list[Edit]]:
    found: dict[tuple[str, str, Decimal], list[Edit]] = {}
    for edit in edits.changed:
        if not edit.new_unit:
            found.setdefault((edit.row.price.term, edit.row.price.field, edit.rate), []).append(edit)
    return found


def _new(edits: Edits) -> dict[tuple[str, str, Decimal], list[Edit]]:
    """Return the rates of codes that had none, those that are one clause together."""
    found: dict[tuple[str, str, Decimal], list[Edit]] = {}
    for edit in edits.changed:
        if edit.new_unit:
            found.setdefault((edit.row.price.term, edit.new_unit, edit.rate), []).append(edit)
    return found


def _joined(rows: list[Raw]) -> list[Raw]:
    """Put two fields of one clause together, such as the first hours of a visit and each further one."""
    found: dict[str, Raw] = {}
    for row in rows:
        found[row["id"]] = {**found.get(row["id"], {}), **row}
    return list(found.values())


def _own_term(term: Term, version: Version, edits: list[Edit], field: str, written: Decimal) -> Raw:
    """Return a clause of their own for some codes of a term, which says all else that the term says."""
    kept = {name: value for name, value in raw_row(term).items() if name not in SELECTS}
    marks = {name: list(held) for name in MARKS if (held := getattr(term, name))}
    codes = [edit.row.code for edit in edits]
    if term.mechanism == "schedule":
        kept = {
            name: value for name, value in kept.items() if name not in ("schedule", "multiplier", "decimals", "per")
        }
        unit = edits[0].row.price.unit
        kept |= {"mechanism": "per_diem"} if unit == "day" else {"mechanism": "fixed", "per": unit}
    name = fresh(f"{term.id}_{codes[0].lower()}", version)
    return {**kept, "id": name, "codes": codes, **marks, field: written}


def _narrowed(term: Term, rows: list[Raw], codes: list[str]) -> list[Raw]:
    """Return a term that names its codes without those that have a clause of their own now, so that one governs."""
    if not term.codes:
        return []
    before = next(
        (row["without_codes"] for row in reversed(rows) if row["id"] == term.id and "without_codes" in row), None
    )
    gone = list(term.without_codes if before is None else before)
    return [{"id": term.id, "without_codes": [*gone, *(code for code in codes if code not in gone)]}]


def _kind(references: References, edit: Edit) -> LineKind:
    return kind_of(_entry(references, edit.row.code), edit.row.mark.split())


def _entry(references: References, code: str) -> CodeEntry:
    entry = references.codes.entry(code)
    assert entry is not None  # an exhibit lists codes of the table
    return entry


def _written(rate: Decimal, look: Look, field: str, edit: Edit) -> Decimal:
    """Return the rate to write so that what touches it comes to ``rate``: itself where nothing does."""
    if look.rate(rate, field)[0] == Fraction(rate):
        return rate
    part = _part(look.rules, field)
    for places in range(2, MOST_PLACES + 1):
        guess = as_decimal(round_half_up(Fraction(rate) / part, places), places)
        if guess > 0 and look.rate(guess, field)[0] == Fraction(rate):
            return guess
    raise InputError(
        f"{edit.place} of {edit.row.name} cannot come to {rate}",
        expected="a rate that the contract's increases can make",
        next_step="Change the rate change, escalator or phase-in in an overlay.",
    )


def _part(rules: tuple[RateRule, ...], field: str) -> Fraction:
    """Return what the increases make of one dollar, unrounded."""
    part = Fraction(1)
    for rule in rules:
        if rule.speaks_of(field):
            for factor in rule.factors:
                part *= factor
    return part
