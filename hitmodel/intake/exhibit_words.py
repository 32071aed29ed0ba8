"""What stands in the rate, unit and code cells of a payer's rate exhibit, understood or refused with its reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, get_args

from hitmodel.codes import CodeEntry
from hitmodel.intake import cells
from hitmodel.intake.cells import Unread

Kind = Literal["dollars", "share", "not_covered", "bundled", "by_report"]
Per = Literal["day", "visit", "hour", "dose", "dispense", "unit"]
PERS: tuple[Per, ...] = get_args(Per)

_MARK = re.compile(r"(?<=\S)\s*([*†‡§¹²³⁴⁵⁶⁷⁸⁹]+|\(\*+\)|\[[\w*]\]|(?<=[\w%)])\s*\(\d\))$|^([*†‡§]+)\s*(?=\S)")
_WORDS: tuple[tuple[str, Kind], ...] = (
    (r"not (paid |reimbursed |payable )?separately\b.*|no separate payment.*|in per diem", "bundled"),
    (r"(included|incl\.?|bundled|inclusive)\b.*", "bundled"),
    (r"not (covered|payable|reimbursed)\b.*|non-?covered\b.*|no payment\b.*", "not_covered"),
    (r"(by|per) report|b/?r|i/?c|m/?p|individual consideration|manual(ly)?( pric(ing|ed))?", "by_report"),
)
_NO_RATES = (
    (r"n/?c", "can mean not covered, no charge or no change: ask, and write which"),
    (r"tbd|tba|to be \w+.*|pending.*|open|\?+|negotiable|negotiated", "is not settled yet: ask for it"),
    (r"n/?a|not applicable|none|nil|-+|–|—", "says no rate: write 'not covered' or 'included' where that is meant"),
    (r"(no change|unchanged|same|as is)\b.*", "says that nothing changes"),
)
_SHARE = re.compile(r"(\d[\d.,]*)\s*(?:%|percent|pct\.?)\s*(?:(?:of|x)\s+)?(.*)", re.IGNORECASE)
_OF_CHARGES = re.compile(
    r"(the |your |provider'?s? |total |eligible |covered )*(billed|b/?c|(billed |usual |u&c )?charges?|billed amount)",
    re.IGNORECASE,
)
_OF_RATES = re.compile(r"\b(allow\w*|rates?|fee|schedule|per diem|primary|medicare|cms|asp|awp|wac)\b", re.IGNORECASE)
_PER = re.compile(r"\s*(?:/|\bper\b|\b(?=each$))\s*([a-z][a-z ]*)$", re.IGNORECASE)
_UNITS: tuple[tuple[str, Per], ...] = (
    (r"(per |each )?(diem|day|daily|calendar day|pd)", "day"),
    (r"(per |each )?visit", "visit"),
    (r"(per |each )?((add'?l\.?|additional|further) )?(hour|hr|hourly)", "hour"),
    (r"(per )?(dose|infusion|administration|treatment)", "dose"),
    (r"(per )?(dispense|dispensing|fill)", "dispense"),
    (r"(per )?(unit|units|each|ea|hcpcs unit|hcpcs|billing unit|unit billed|1|1 unit|un)", "unit"),
)
_OWN: dict[str, Per] = {"per_diem": "day", "per_visit": "visit", "per_hour": "hour", "per_unit": "unit"}


@dataclass(frozen=True)
class Said:
    """What a rate cell says: its kind, the amount or fraction, what was mended, and whether it can mean nothing else.

    ``unit`` is the unit that stands behind the amount, in its own words: ``$150.00 per visit``.
    """

    kind: Kind
    value: Decimal | None = None
    mended: str = ""
    sure: bool = True
    unit: str = ""


def without_mark(text: str) -> tuple[str, str]:
    """Return a cell without the mark of a footnote, and the mark: ``$171.60 *`` is ``$171.60`` and ``*``."""
    found = _MARK.search(text)
    if found is None:
        return text, ""
    return (text[: found.start()] + text[found.end() :]).strip(), (found[1] or found[2]).strip()


def rate_said(text: str, *, beside_modifier: bool = False, remarks: str = "") -> Said:
    """Return what a rate cell says.

    ``beside_modifier`` and ``remarks`` (what else stands in its row) decide whether a bare percent may be one of
    charges. Raises `Unread`, with what is to be done, for what cannot be taken as it stands.
    """
    word = text.strip("()[] .")
    for pattern, kind in _WORDS:
        if re.fullmatch(pattern, word, re.IGNORECASE):
            return Said(kind)
    for pattern, why in _NO_RATES:
        if re.fullmatch(pattern, word, re.IGNORECASE):
            raise Unread(why)
    if "%" in text or re.search(r"percent|pct", text, re.IGNORECASE):
        return _share(text, beside_modifier, remarks)
    behind = _PER.search(text)
    try:
        read = cells.amount(text[: behind.start()] if behind else text)
    except Unread:
        if not re.search(r"[A-Za-z]", text):
            raise
        raise Unread(
            "is neither dollars nor a share of charges, and none of not covered, included, by report; write it as a "
            "term of the contract"
        ) from None
    if read.value <= 0:
        raise Unread("is not above 0; say 'not covered' where nothing is paid")
    return Said("dollars", read.value, read.mended, read.sure, behind[1].strip() if behind else "")


def _share(text: str, beside_modifier: bool, remarks: str) -> Said:
    found = _SHARE.fullmatch(text.strip())
    if found is None or (found[2] and not _OF_CHARGES.fullmatch(found[2].strip(" .")) and not _of_rates(found[2])):
        raise Unread("is neither dollars nor a share of charges; write it as a term of the contract")
    if _of_rates(found[2]):
        raise Unread(f"is a share of another rate, {found[2].strip()}: write the dollars, or a term of the contract")
    if not found[2] and (beside_modifier or _of_rates(remarks)):
        beside = f"“{remarks}” stands beside it" if _of_rates(remarks) else "it is for a modifier alone"
        raise Unread(f"does not say of what, and {beside}: write {text} of charges, or the dollars")
    value = cells.amount(found[1]).value / 100
    if not 0 < value <= 1:
        raise Unread("is not a share of charges from 0 to 100 percent")
    return Said("share", value) if found[2] else Said("share", value, f"taken as {text} of charges", sure=False)


def _of_rates(text: str) -> bool:
    return _OF_RATES.search(text) is not None and not _OF_CHARGES.fullmatch(text.strip(" ."))


def unit_said(text: str, entry: CodeEntry | None) -> Per | None:
    """Return the unit that a cell names; None for an empty one. A drug's own dosage is its unit.

    Raises `Unread` for any other text.
    """
    named = re.sub(r"\([^)]*\)", " ", text)  # up to two hours, and the like
    bare = re.sub(r"\s+", " ", named.strip(" -–.")).strip().lower().replace("hrs", "hr")
    if bare in ("", "n/a", "na"):
        return None
    for pattern, per in _UNITS:
        if re.fullmatch(pattern, bare):
            return per
    if entry is not None and len(bare) > 1 and _squeezed(bare) in _squeezed(entry.descriptor.lower()):
        return "unit"
    raise Unread("is no unit that we know")


def _squeezed(text: str) -> str:
    return re.sub(r"\bper\b|\s", "", text)


def own_unit(entry: CodeEntry | None) -> Per | None:
    """Return the unit that a code is billed by; None where its descriptor says none."""
    return _OWN.get(entry.billing_basis) if entry else None
