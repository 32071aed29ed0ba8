"""Cells of a claims extract as exact values, each distinct text read once, with what was mended or could not be read.

What people type is read by `hitmodel.intake.cells`; here it is laid on whole columns. A sentence quotes a cell only
where that can be no name and no number of a person: otherwise it shows the cell's shape, as in ``AAAAA, AAAA``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from hitmodel.claim_shape import MODIFIERS_AT_MOST, NDC_UNITS
from hitmodel.intake import cells
from hitmodel.intake.claim_columns import has_zone, split_span, without_time
from hitmodel.money import round_half_up

MOST_DIGITS = 8
"""Digits before the point of the largest charge or quantity of one line; a longer number is somebody's, not a sum."""
CENTS = 2
"""Decimals of an amount of money; other numbers are kept to more."""
REPAIRED, GUESSED, WRONG = "repaired", "guessed", "wrong"
_NOTHING = frozenset(
    ("n/a", "na", "null", "none", "nan", "#n/a", "#value!", "#ref!", "-", "–", "—", ".", "nil", "unknown")
)
_MENDS = {
    "dollar sign left out": "dollar_sign",
    "taken as negative": "negative_form",
    "thousands commas left out": "thousands_commas",
}
_SPELLED_UNITS = {
    **dict.fromkeys(("EA", "EACH", "UNIT", "UNITS", "VIAL", "VIALS", "VL", "U", "TAB", "BAG", "SYR"), "UN"),
    **dict.fromkeys(("MILLILITER", "MILLILITERS", "CC", "MLS"), "ML"),
    **dict.fromkeys(("GM", "G", "GRAM", "GRAMS", "GMS"), "GR"),
    **dict.fromkeys(("IU", "INTERNATIONAL UNIT"), "F2"),
    **dict.fromkeys(("MG", "MILLIGRAM"), "ME"),
}
_SPELLED_PLACES = {"HOME": "12", "OFFICE": "11", "CLINIC": "49", "INFUSION SUITE": "49", "AIS": "49", "SUITE": "49"}
_FREQUENCIES = {
    **dict.fromkeys(("1", "ORIGINAL", "NEW", "ADMIT", "O", "FIRST"), ""),
    **dict.fromkeys(("7", "REPLACEMENT", "CORRECTED", "REPLACE", "R", "REBILL"), "7"),
    **dict.fromkeys(("8", "VOID", "CANCEL", "V", "CANCELLED", "VOIDED"), "8"),
}
_CODE = re.compile(r"[A-Z]\d{4}|\d{4}[A-Z0-9]")
_HARMLESS = (
    re.compile(r"[$(]{0,2}-?[$]? ?(\d{1,3}(,\d{3}){1,2}|\d{0,7})([.,]\d{1,6})?[)%-]?"),
    re.compile(r"(?=.*\d)[A-Z0-9$][A-Z0-9.:,$-]{0,6}", re.IGNORECASE),
    re.compile(r"[A-Z]\d{4}[-: /]?[A-Z0-9]{2}"),
    re.compile(r"[A-Z]{1,3}"),
    re.compile(r"[\d.,]{1,8} ?(days?|units?|each|vials?|visits?|hrs?|hours?|doses?)|home|office|clinic", re.IGNORECASE),
    re.compile(r"\d{4,5}-\d{3,4}-\d{1,2}"),  # an NDC: no number of a person is parted so
)
_DAYS = re.compile(
    r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}( [\d:.]{1,12})?|\d{8}|[\d/]{6,10} ?(-|to|thru|through) ?[\d/]{6,10}"
)


@dataclass(frozen=True)
class Note:
    """Something to be said of a cell: a steady short ``kind``, the sentence's end, and how sure the reading is."""

    kind: str
    said: str
    standing: str


@dataclass(frozen=True)
class Cell:
    """What a cell holds: exact text, a day, or None for nothing; ``more`` is what else it held (modifiers)."""

    value: str | date | None
    notes: tuple[Note, ...] = ()
    more: str = ""


def shown(text: str, *, day: bool = False) -> str:
    """Return a cell as a finding may quote it: as it is when harmless, else its shape.

    A day is harmless only in a column of days of service: anywhere else it could be one of birth.
    """
    bare = text.strip()
    if any(shape.fullmatch(bare) for shape in _HARMLESS) or (day and _DAYS.fullmatch(bare)):
        return bare
    return shape_of(bare)


def shape_of(text: str) -> str:
    """Return what a text looks like and nothing of what it says: ``AAAAA, AAAA``."""
    return re.sub(r"\d", "9", re.sub(r"[^\W\d_]", "A", text.strip()))[:20]


def is_day(text: str) -> bool:
    """Say whether a text is written as a day, which can be one of birth."""
    return bool(re.fullmatch(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d\d-\d\d", text.strip()))


POINT_OR_THOUSANDS = "read as a decimal point; if it parts thousands, the number is a thousand times as large"
COMMA_OR_THOUSANDS = "read as a decimal comma; if it parts thousands, the number is a thousand times as large"
THOUSANDS_OR_POINT = "read as a point between thousands; if it is a decimal point, the number is a thousandth of that"
_POINT_OR_THOUSANDS = re.compile(r"[1-9]\d{0,2}\.\d{3}")
_COMMA_OR_THOUSANDS = re.compile(r"[1-9]\d{0,2},\d{3}")
_NO_THOUSANDS = re.compile(r"\.(?!\d{3}(?!\d))")
"""A point that does not part thousands: leaving it out would make 1380.00 a hundred times as large."""


def number(decimals: int, mark: str, *, unit_words: bool = False, most: int = MOST_DIGITS) -> Callable[[str], Cell]:
    """Return the reader of a column of numbers kept to ``decimals`` places, of at most ``most`` digits before them.

    ``mark`` is the file's decimal mark.
    """
    plain = re.compile(rf"-?\d{{1,{most}}}(\.\d{{1,{decimals}}}0{{0,9}})?")

    def read(text: str) -> Cell:
        if not text or (plain.fullmatch(text) and mark == "."):
            return Cell(text or None)
        if text.lower() in _NOTHING:
            return Cell(None, (Note("word_for_nothing", "taken as empty", REPAIRED),))
        notes: list[Note] = []
        bare = text
        if mark == ",":
            if _NO_THOUSANDS.search(text):
                problem = "has a point that parts no thousands, where a comma stands before the cents"
                return Cell(None, (*notes, Note("unreadable_number", problem, WRONG)))
            bare = text.replace(".", "").replace(",", ".")
            if _COMMA_OR_THOUSANDS.fullmatch(text):
                notes.append(Note("comma_or_thousands", COMMA_OR_THOUSANDS, GUESSED))
            elif unit_words and _POINT_OR_THOUSANDS.fullmatch(text):
                notes.append(Note("thousands_or_point", THOUSANDS_OR_POINT, GUESSED))
        if unit_words and (found := re.fullmatch(r"([\d.,]+)\s*[A-Za-z]{1,6}\.?", bare)):
            bare = found[1]
            notes.append(Note("unit_word", "the word behind the number left out", REPAIRED))
        if found := re.fullmatch(r"([$\d.,\s]+)\s*CR", bare):
            bare = f"-{found[1].strip()}"
            notes.append(Note("negative_form", "a credit, taken as negative", REPAIRED))
        try:
            said = cells.amount(bare)
        except cells.Unread as error:
            problem = "is not a number" if decimals > CENTS else str(error)
            return Cell(None, (Note("unreadable_number", problem, WRONG),))
        for mend in filter(None, said.mended.split("; ")):
            kind, what = _MENDS.get(mend, ""), mend.partition(":")[0]
            notes.append(Note(kind or "decimal_comma", what, REPAIRED if kind or said.sure else GUESSED))
        return _kept_to(said.value, decimals, notes, most)

    return read


def _kept_to(value: Decimal, decimals: int, notes: list[Note], most: int) -> Cell:
    if abs(value) >= 10**most:
        return Cell(None, (*notes, Note("unreadable_number", "is too large for one line", WRONG)))
    exact = round_half_up(value, decimals)
    if exact != value:
        slight = abs(exact - Fraction(value)) < Fraction(1, 1_000_000)
        what = "digits behind a computed number cut off" if slight else f"rounded to {decimals} decimals"
        notes.append(Note("computed_digits" if slight else "rounded", what, REPAIRED if slight else GUESSED))
    whole = exact.numerator * 10**decimals // exact.denominator
    return Cell(f"{Decimal(whole).scaleb(-decimals):f}", tuple(notes))


def day(month_first: bool, *, last: bool = False) -> Callable[[str], Cell]:
    """Return the reader of a column of days; of a cell with two days it takes the first, or the ``last``."""

    def read(text: str) -> Cell:
        if not text:
            return Cell(None)
        first_day, last_day = split_span(text)
        try:
            meant = without_time(last_day if last else first_day)
            said = cells.day(meant, month_first=month_first, told=month_first)
        except (cells.Unread, OverflowError) as error:
            return Cell(None, (Note("unreadable_date", str(error), WRONG),))
        if said.value is None:
            return Cell(None, (Note("unreadable_date", "is no day of service", WRONG),))
        notes = []
        if re.fullmatch(r"\d{5}(\.0+)?", text):
            notes.append(Note("date_serial", "a spreadsheet's day number, counted from 1900", GUESSED))
        elif has_zone(text):
            what = "the time of day left out, with its time zone, by which it can be another day here"
            notes.append(Note("time_zone", what, GUESSED))
        elif first_day != last_day:
            notes.append(Note("date_span", "first and last day stood in one cell", REPAIRED))
        elif against := _against_order(meant, month_first):
            notes.append(Note("other_order", against, GUESSED))
        elif re.search(r"[/.-]\d\d$", without_time(text)) and not re.match(r"\d{4}-", text):
            notes.append(Note("two_digit_year", "the year taken as 20…", REPAIRED))
        elif said.mended and not said.sure:
            notes.append(Note("day_before_month", "the day taken to stand before the month", GUESSED))
        elif not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            notes.append(Note("date_form", "written in another form than 2025-03-09", REPAIRED))
        return Cell(said.value, tuple(notes))

    return read


def _against_order(text: str, month_first: bool) -> str:
    """Return what is to be said of a day that can only be written in the other order than its column; "" for others."""
    found = re.match(r"(\d{1,2})[/.-](\d{1,2})[/.-]", text)
    if found is None or int(found[1 if month_first else 2]) <= 12:
        return ""
    here, column = ("day", "month") if month_first else ("month", "day")
    return f"the {here} stands first, where the column has the {column} first: others of that hand may be misread"


def code(text: str) -> Cell:
    """Read a billing code; modifiers behind it become ``more``. What is no code is not kept."""
    bare = text.strip().upper()
    if not bare or _CODE.fullmatch(bare):
        return Cell(bare)
    whole = re.fullmatch(r"(?:HC[:>|]\s*)?([A-Z]\d{4}|\d{4}[A-Z0-9])(?:\.0+)?((?:\s*[-:, /]?\s*[A-Z0-9]{2})*)", bare)
    if whole is None:
        return _near_code(bare)
    more = " ".join(re.findall(r"[A-Z0-9]{2}", whole[2]))
    if more:
        return Cell(whole[1], (Note("modifier_in_code", "modifiers stood behind the code", REPAIRED),), more)
    return Cell(
        whole[1], (Note("code_as_number", "a spreadsheet made the code a number, or a prefix stood", REPAIRED),)
    )


def _near_code(bare: str) -> Cell:
    try:
        said = cells.code(bare)
    except cells.Unread as error:
        kept = bare if any(shape.fullmatch(bare) for shape in _HARMLESS) and len(bare) <= 7 else ""
        return Cell(kept, (Note("misshapen_code", str(error), WRONG),))
    return Cell(said.value, (Note("code_form", "blanks, dashes or a word before it left out", REPAIRED),))


def modifiers(text: str) -> Cell:
    """Read a cell of modifiers, parted in any way or not at all."""
    bare = re.sub(r"\.0\b", "", text.strip().upper())
    if not bare or re.fullmatch(r"[A-Z0-9]{2}( [A-Z0-9]{2}){0,3}", bare):
        return Cell(bare)
    if bare.lower() in _NOTHING:
        return Cell("")
    parts = re.findall(r"[A-Z0-9]+", bare)
    notes = []
    if any(len(part) % 2 for part in parts if len(part) > 1) or any(len(part) == 1 for part in parts):
        parts, odd = [part for part in parts if len(part) % 2 == 0], True
        if odd:
            notes.append(Note("misshapen_modifier", "is not groups of two characters; those that are were kept", WRONG))
    pairs = list(dict.fromkeys(pair for part in parts for pair in re.findall("..", part)))
    if any(len(part) > 2 for part in parts):
        notes.append(Note("modifiers_together", "modifiers written without blanks were parted", REPAIRED))
    if len(pairs) > MODIFIERS_AT_MOST:
        notes.append(Note("too_many_modifiers", "a line carries at most four; the first four were kept", WRONG))
    return Cell(" ".join(pairs[:MODIFIERS_AT_MOST]), tuple(notes))


def ndc(text: str) -> Cell:
    """Read an NDC as eleven digits. What cannot be one is not kept."""
    bare = re.sub(r"^(NDC|N4)[\s:#-]*", "", text.strip().upper())
    if not bare or bare.lower() in _NOTHING or not bare.strip("0-. "):
        return Cell("")
    try:
        said = cells.ndc(bare)
    except cells.Unread as error:
        return Cell("", (Note("misshapen_ndc", str(error), WRONG),))
    if said.sure:
        filled = (Note("ndc_filled", "a short part filled with its zero", REPAIRED),) if said.mended else ()
        return Cell(said.value, filled)
    if re.fullmatch(r"\d{10}", bare):
        what = "ten digits: a zero was put in front, which is wrong for a ten-digit NDC written without dashes"
        return Cell(said.value, (Note("ndc_ten_digits", what, GUESSED),))
    return Cell(
        said.value, (Note("ndc_lost_zeros", "a spreadsheet dropped leading zeros; they were put back", GUESSED),)
    )


def ndc_unit(text: str) -> Cell:
    """Read the unit of an NDC quantity."""
    bare = text.strip().upper().rstrip(".")
    if not bare or bare in NDC_UNITS:
        return Cell(bare)
    if bare in _SPELLED_UNITS:
        what = f"taken as {_SPELLED_UNITS[bare]}"
        return Cell(_SPELLED_UNITS[bare], (Note("ndc_unit_spelled", what, REPAIRED),))
    return Cell("", (Note("unknown_ndc_unit", f"is none of {', '.join(NDC_UNITS)}", WRONG),))


def place(text: str) -> Cell:
    """Read a place of service as two digits."""
    bare = re.sub(r"\.0+$", "", text.strip().upper())
    if not bare or re.fullmatch(r"\d\d", bare):
        return Cell(bare)
    if re.fullmatch(r"\d", bare):
        return Cell(f"0{bare}", (Note("place_lost_zero", "a spreadsheet dropped the leading zero", REPAIRED),))
    if found := re.match(r"(\d\d)\b\D", bare):
        return Cell(found[1], (Note("place_words", "the words behind the number left out", REPAIRED),))
    if bare in _SPELLED_PLACES:
        what = f"taken as {_SPELLED_PLACES[bare]}"
        return Cell(_SPELLED_PLACES[bare], (Note("place_spelled", what, REPAIRED),))
    return Cell("", (Note("misshapen_place", "is not a place of service of two digits", WRONG),))


def frequency(text: str) -> Cell:
    """Read a claim's frequency: "" for an original, 7 for a replacement, 8 for a void."""
    bare = re.sub(r"\.0+$", "", text.strip().upper())
    if not bare or bare in _FREQUENCIES:
        return Cell(_FREQUENCIES.get(bare, ""))
    return Cell("", (Note("unknown_frequency", "is not 1, 7 or 8; taken as an original", GUESSED),))


def words(text: str) -> Cell:
    """Read a name such as a payer's: blanks made single."""
    return Cell(" ".join(text.split()))
