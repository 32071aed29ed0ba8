"""What each field of a claim line may hold: the text becomes exact values, and what cannot is a `Problem`.

Everything works on whole columns; a sentence is made only for a cell that is wrong. Nothing is guessed: ``1E5``,
``1,200.00`` and ``$95`` are refused with a hint how to write them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hitmodel.claim_shape import MODIFIERS_AT_MOST, NDC_UNITS

FIRST_YEAR, LAST_YEAR = 1980, 2099
LONG_SPAN_DAYS = 366

_ISO = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CODE = r"[A-Z][0-9]{4}|[0-9]{4}[0-9A-Z]"
_SHORTENED = r"[0-9](\.[0-9]+)?E\+[0-9]{2,}"
_DATE_HELP = "dates are written year first, as 2025-03-09"


@dataclass(frozen=True)
class Problem:
    """Cells of one field that are wrong in one way.

    ``at`` holds their positions in the frame, ``say`` makes the sentence for one of them, ``blocks`` says that such a
    line cannot be priced.
    """

    field: str
    kind: str
    at: NDArray[np.intp]
    say: Callable[[int], str]
    blocks: bool = True


def _problem(
    field: str, kind: str, wrong: pd.Series, say: Callable[[int], str] | str, *, blocks: bool = True
) -> Problem:
    sentence = say if callable(say) else lambda _: say
    return Problem(field, kind, np.flatnonzero(wrong.to_numpy()), sentence, blocks)


SHORT_COLUMN = 200
"""Cells."""


def each_distinct(cells: pd.Series, work: Callable[[pd.Series], pd.Series]) -> pd.Series:
    """Return ``work`` of ``cells``, doing it once for each distinct cell: a column repeats few values many times.

    In a short column, telling cells apart costs more than working each of them.
    """
    if len(cells) < SHORT_COLUMN:
        return work(cells)
    places, distinct = pd.factorize(cells)
    return work(pd.Series(distinct)).take(places).set_axis(cells.index)


def _is_blank(cells: pd.Series) -> bool:
    """Whether a column has nothing in it, as most optional ones have: then there is nothing to read or to find."""
    return not cells.any()


def _match(cells: pd.Series, pattern: str) -> pd.Series:
    return each_distinct(cells, lambda distinct: distinct.str.fullmatch(pattern))


def parse_number(text: pd.Series, decimals: int) -> pd.Series:
    """Return numbers as exact integers of 10 to the power -``decimals``; <NA> where blank or not a plain number.

    A plain number has an optional minus sign, at most 12 digits before the point and at most ``decimals`` after it,
    not counting closing zeros.
    """
    if _is_blank(text):
        return pd.Series(pd.array([pd.NA] * len(text), dtype="Int64"), text.index)
    fraction = rf"\.[0-9]{{1,{decimals}}}0*"

    def parse(distinct: pd.Series) -> pd.Series:
        plain = distinct.str.fullmatch(rf"-?([0-9]{{1,12}}({fraction})?|{fraction})")
        digits = pa.array(distinct.where(plain, "0"), pa.string())
        digits = pc.replace_substring_regex(digits, rf"(\.[0-9]{{{decimals}}})0+$", r"\1")
        scaled = pc.multiply(digits.cast(pa.decimal128(18, decimals)), pa.scalar(10**decimals))
        return pd.Series(scaled.cast(pa.int64()).to_numpy(), dtype="Int64").where(plain)

    return each_distinct(text, parse)


def why_not_a_number(text: str, decimals: int) -> str:
    """Say why ``text`` is not a plain number and how to write it."""
    if re.fullmatch(r"-?[0-9.]+[eE][+-]?[0-9]+", text):
        return "write the number out in full; the E form hides digits"
    if re.fullmatch(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", text):
        return f"write it without commas: {text.replace(',', '')}"
    if re.fullmatch(r"-?\$-?[0-9.]+", text):
        return f"write it without the dollar sign: {text.replace('$', '')}"
    if re.fullmatch(r"\([0-9.]+\)|[0-9.]+-|[−–][0-9.]+", text):
        return f"write the minus sign in front: -{text.strip('()-−–')}"
    if re.fullmatch(r"-?[0-9]*\.[0-9]+", text):
        return f"at most {decimals} decimals can be kept"
    if re.fullmatch(r"-?[0-9]{13,}(\.[0-9]+)?", text):
        return "the number is too large"
    return "not a number"


def number_problems(
    frame: pd.DataFrame, field: str, values: pd.Series, *, decimals: int, needed: bool
) -> Iterator[Problem]:
    """Yield what is wrong with a column of numbers, of which ``values`` is what `parse_number` made."""
    text = frame[field]
    if not needed and _is_blank(text):
        return
    unread = values.isna() & (text != "")
    yield _problem(
        field, "unreadable_number", unread, lambda i: why_not_a_number(str(text.iloc[i]), decimals), blocks=needed
    )
    if needed:
        yield _problem(field, "missing_value", text == "", "a number is needed")
        zero = values.fillna(1) == 0
        if field == "charge":
            yield _problem(
                field, "zero_charge", zero, "the charge is 0.00, so a charge limit pays nothing", blocks=False
            )
        else:
            yield _problem(field, "zero_value", zero, f"{field} is zero", blocks=field == "units")


def sign_problems(frame: pd.DataFrame, units: pd.Series, charge: pd.Series) -> Iterator[Problem]:
    """Yield lines whose units and charge differ in sign: a void has both negative."""
    signs = np.sign(units.fillna(0)) * np.sign(charge.fillna(0))
    text = frame["charge"]
    yield _problem(
        "units",
        "mixed_signs",
        signs < 0,
        lambda i: f"units and charge ({text.iloc[i]}) differ in sign; a void has both negative",
    )


def parse_date(text: pd.Series) -> pd.Series:
    """Return ISO dates as datetime64[s]; NaT where blank, not ISO, or no such day."""

    def parse(distinct: pd.Series) -> pd.Series:
        iso = distinct.where(distinct.str.fullmatch(_ISO), "")
        return pd.to_datetime(iso, format="%Y-%m-%d", errors="coerce").astype("datetime64[s]")

    return each_distinct(text, parse)


def date_problems(frame: pd.DataFrame, field: str, values: pd.Series) -> Iterator[Problem]:
    """Yield what is wrong with a column of dates, of which ``values`` is what `parse_date` made."""
    text = frame[field]
    iso = _match(text, _ISO)
    yield _problem(field, "missing_value", text == "", f"a date is needed; {_DATE_HELP}")
    yield _problem(field, "unreadable_date", (text != "") & ~iso, _DATE_HELP)
    yield _problem(field, "unreadable_date", iso & values.isna(), "not a date: there is no such day")
    years = values.dt.year
    outside = values.notna() & ~years.between(FIRST_YEAR, LAST_YEAR)
    yield _problem(field, "implausible_date", outside, f"the year lies outside {FIRST_YEAR} to {LAST_YEAR}")


def span_problems(frame: pd.DataFrame, first: pd.Series, last: pd.Series) -> Iterator[Problem]:
    """Yield lines that end before they start, and lines longer than a year."""
    days = (last - first).dt.days + 1
    start = frame["service_from"]
    yield _problem(
        "service_through", "ends_before_start", days < 1, lambda i: f"before the line's first day, {start.iloc[i]}"
    )
    yield _problem(
        "service_through",
        "long_span",
        days > LONG_SPAN_DAYS,
        lambda i: f"the line covers {int(days.iloc[i])} days",
        blocks=False,
    )


def id_problems(frame: pd.DataFrame) -> Iterator[Problem]:
    """Yield missing ids, ids that a spreadsheet shortened, and line ids used twice."""
    for field in ("claim_id", "line_id", "patient_id", "payer"):
        yield _problem(field, "missing_value", frame[field] == "", "a value is needed")
    for field in ("claim_id", "line_id", "patient_id", "ndc"):
        shortened = _match(frame[field], _SHORTENED)
        help_text = "a spreadsheet shortened this number; format the column as text before exporting"
        yield _problem(field, "shortened_id", shortened, help_text, blocks=False)
    ids = frame["line_id"]
    again = ids.duplicated() & (ids != "")
    first_row = frame["row"][~again & ids.isin(ids[again])].set_axis(ids[~again & ids.isin(ids[again])])
    yield _problem(
        "line_id",
        "duplicate_line_id",
        again,
        lambda i: f"already used in row {first_row[ids.iloc[i]]}; a line id must be unique in the file",
    )


def code_problems(frame: pd.DataFrame) -> Iterator[Problem]:
    """Yield codes that are not shaped like an HCPCS or CPT code."""
    codes = frame["code"]
    yield _problem("code", "missing_value", codes == "", "a code is needed")
    misshapen = (codes != "") & ~_match(codes, _CODE)
    yield _problem("code", "misshapen_code", misshapen, lambda i: _why_not_a_code(str(codes.iloc[i])))


def _why_not_a_code(text: str) -> str:
    if re.fullmatch(rf"({_CODE})([-: ]?[A-Z0-9]{{2}})+", text):
        return f"put the modifiers into their own column and leave {text[:5]}"
    if re.fullmatch(r"[0-9]{5}\.0+", text):
        return f"a spreadsheet made it a number; write {text[:5]}"
    if re.fullmatch(r"[0-9]{1,4}", text):
        return "shorter than five characters; a spreadsheet may have dropped a leading zero"
    return "not the shape of an HCPCS or CPT code, which has five characters, such as S9500 or 99601"


def modifier_problems(frame: pd.DataFrame) -> Iterator[Problem]:
    """Yield modifier cells that are not at most four groups of two characters parted by blanks."""
    cells = frame["modifiers"]
    shaped = (cells == "") | _match(cells, r"[A-Z0-9]{2}( [A-Z0-9]{2})*")
    help_text = "modifiers have two characters each and are parted by blanks, such as 'SH SS'"
    yield _problem("modifiers", "misshapen_modifier", ~shaped, help_text)
    longest = 3 * MODIFIERS_AT_MOST - 1
    too_many = shaped & (cells.str.len() > longest)
    yield _problem("modifiers", "too_many_modifiers", too_many, f"a line carries at most {MODIFIERS_AT_MOST} modifiers")
    twice = [cell for cell in cells.unique() if len(set(cell.split())) < len(cell.split())]
    yield _problem(
        "modifiers", "repeated_modifier", shaped & cells.isin(twice), "a modifier stands twice", blocks=False
    )


def place_problems(frame: pd.DataFrame) -> Iterator[Problem]:
    """Yield places of service that are not two digits."""
    places = frame["place_of_service"]
    wrong = (places != "") & ~_match(places, r"[0-9][0-9]")
    help_text = "a place of service has two digits, such as 12 for home; a spreadsheet may have dropped a leading zero"
    yield _problem("place_of_service", "misshapen_place", wrong, help_text, blocks=False)


def ndc_problems(frame: pd.DataFrame, quantity: pd.Series) -> Iterator[Problem]:
    """Yield drug numbers that are not 11 digits, and quantities or units without their partner. None blocks a line."""
    ndc, unit = frame["ndc"], frame["ndc_unit"]
    if all(_is_blank(frame[name]) for name in ("ndc", "ndc_unit", "ndc_quantity")):
        return
    misshapen = (ndc != "") & ~_match(ndc, r"[0-9]{11}") & ~_match(ndc, _SHORTENED)
    help_text = "an NDC has 11 digits, 5-4-2; it is kept as it stands and no term or price will match it"
    yield _problem("ndc", "misshapen_ndc", misshapen, help_text, blocks=False)
    unknown = (unit != "") & ~unit.isin(NDC_UNITS)
    yield _problem(
        "ndc_unit", "unknown_ndc_unit", unknown, f"an NDC unit is one of {', '.join(NDC_UNITS)}", blocks=False
    )
    incomplete = (ndc != "") & (quantity.isna() | (unit == ""))
    yield _problem(
        "ndc", "incomplete_ndc", incomplete, "an NDC needs ndc_quantity and ndc_unit to be priced by", blocks=False
    )
    lost = (ndc == "") & (frame["ndc_quantity"] != "")
    yield _problem("ndc_quantity", "incomplete_ndc", lost, "a quantity without an NDC is not used", blocks=False)
