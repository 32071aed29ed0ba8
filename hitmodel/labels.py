"""What a reader calls the groups of a report: therapy classes, roles of codes, and steady names in general."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from functools import cache

from hitmodel import paths
from hitmodel.code_files import read_table

NURSING = "nursing"
_CODE = re.compile(r"\b[a-z]\d{4}\b")
UNCLASSIFIED = "not classified"

_ROLES = {
    "per_diem": "Per diems",
    "catheter_care": "Catheter care",
    "nursing": "Nursing visits",
    "pharmacy": "Pharmacy services",
    "delivery": "Delivery",
    "supplies": "Supplies",
    "equipment": "Equipment",
    "drug": "Drugs",
    "nutrition": "Nutrition formulas",
    "noc": "Unlisted codes",
    "medicare": "Medicare home infusion benefit",
}


@cache
def therapy_labels() -> Mapping[str, str]:
    """Return the label of each therapy class, from ``data/codes/therapy_classes.csv``."""
    rows = read_table(paths.data("codes", "therapy_classes.csv"), ("therapy_class", "label"))
    return {row["therapy_class"]: row["label"] for row in rows}


def therapy_label(therapy: str) -> str:
    """Return what a therapy class is called; nursing of every therapy stands together."""
    return "Nursing" if therapy == NURSING else therapy_labels().get(therapy) or words(therapy)


def role_label(role: str) -> str:
    """Return what a role of codes is called."""
    return _ROLES.get(role) or words(role)


def inside(label: str) -> str:
    """Return a label as it stands inside a sentence: Anti-TNF biologics is anti-TNF biologics, TPN stays."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def words(name: str) -> str:
    """Return a steady name as a reader would write it: anti_infective_per_diem is Anti-infective per diem.

    A code in it is written as codes are: rates_s9500 is Rates S9500.
    """
    text = name.replace("anti_", "anti-").replace("_", " ")
    text = _CODE.sub(lambda code: code[0].upper(), text)
    return text[:1].upper() + text[1:]


@cache
def _therapy_words() -> Mapping[str, str]:
    """Return every word that a therapy class goes by, folded, with the class."""
    rows = list(read_table(paths.data("codes", "therapy_classes.csv"), ("therapy_class", "label", "also")))
    named = {_folded(word): row["therapy_class"] for row in rows for word in row["also"].split(";") if word.strip()}
    return named | {_folded(row[column]): row["therapy_class"] for row in rows for column in ("label", "therapy_class")}


def therapy_meant(text: str) -> str:
    """Return the therapy class that a word is for: ``TPN`` and ``Parenteral nutrition`` are parenteral_nutrition.

    A text that is no such word comes back as it is.
    """
    return _therapy_words().get(_folded(text), text)


def therapies_near(text: str, known: Collection[str], most: int = 3) -> tuple[str, ...]:
    """Return the therapy classes of ``known`` that an unknown word is nearest to, the nearest first."""
    words_of = {word: name for word, name in _therapy_words().items() if name in known}
    close = difflib.get_close_matches(_folded(text), words_of, n=3 * most, cutoff=0.6)
    return tuple(dict.fromkeys(words_of[word] for word in close))[:most]


def _folded(text: str) -> str:
    """Return a word without what people write differently: case, hyphens, a plural s, the word therapy behind it."""
    plain = " ".join(re.sub(r"[^a-z0-9]+", " ", text.lower()).split()).removesuffix(" therapy")
    return plain.removesuffix("s")
