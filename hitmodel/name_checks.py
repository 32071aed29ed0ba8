"""The names in a contract held against the code tables: codes, modifiers, roles, classes, drugs, places, NDCs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hitmodel.clause_checks import ContractFinding
from hitmodel.codes import ROLES, CodeTable
from hitmodel.errors import nearest
from hitmodel.overlays import NAMED_TABLES
from hitmodel.terms import Version
from hitmodel.vocabulary import Record, Selector

MOST_NAMED = 20
"""How many names a message lists; a longer list helps nobody."""


def check_names(version: Version, codes: CodeTable) -> tuple[ContractFinding, ...]:
    """Return what is to be looked at about the names in a contract version."""
    return tuple(dict.fromkeys((*_names(version, codes), *_codes(version, codes))))


def _selectors(version: Version) -> Iterator[tuple[str, Selector]]:
    """Every selector of a contract, with the place it stands in."""
    for table in type(version).model_fields:
        held = getattr(version, table)
        if isinstance(held, Record):
            yield from _within(held, f"[{table}] ")
        elif table in NAMED_TABLES:
            for row in held:
                place = f"{table} '{row.id}'"
                if isinstance(row, Selector):
                    yield place, row
                yield from _within(row, f"{place}, ")


def _within(record: Record, place: str) -> Iterator[tuple[str, Selector]]:
    for name in type(record).model_fields:
        inner = getattr(record, name)
        for selector in inner if isinstance(inner, tuple) else (inner,):
            if isinstance(selector, Selector):
                yield f"{place}{name}", selector
            elif isinstance(selector, Record):
                yield from _within(selector, f"{place}{name}, ")


def _names(version: Version, codes: CodeTable) -> Iterator[ContractFinding]:
    classes = tuple(dict.fromkeys(e.therapy_class for e in codes if e.therapy_class))
    families = tuple(dict.fromkeys(e.family for e in codes if e.family))
    known = {"roles": ROLES, "classes": classes, "families": families}
    known |= {f"without_{field}": names for field, names in known.items()}
    for place, selector in _selectors(version):
        for selects, names in known.items():
            for name in getattr(selector, selects):
                if name not in names:
                    close = nearest(name, names)
                    hint = f"; did you mean '{close}'?" if close else _listed(names)
                    problem = f"{selects} names '{name}', which is not known{hint}"
                    yield ContractFinding(version.file, place, problem, "unknown_name")
        for modifier in (*selector.modifiers, *selector.all_modifiers, *selector.without_modifiers):
            if not codes.exists_ever(modifier):
                problem = f"modifier '{modifier}' is in no release of HCPCS Level II held here"
                yield ContractFinding(version.file, place, problem, "unknown_modifier")
        yield from _misshapen(version.file, place, selector)


def _misshapen(file: str, place: str, selector: Selector) -> Iterator[ContractFinding]:
    """Find places and NDCs that no line of a claims file can carry."""
    for text in (*selector.places, *selector.without_places):
        if not re.fullmatch(r"[0-9]{2}", text):
            problem = f"place '{text}' is not a place of service of two digits, such as 12 for home"
            yield ContractFinding(file, place, problem, "unknown_name")
    for text in selector.ndcs:
        if not re.fullmatch(r"[0-9]{11}", text):
            yield ContractFinding(file, place, f"ndc '{text}' is not an NDC of eleven digits", "unknown_name")


def _listed(names: tuple[str, ...]) -> str:
    return f"; there are {', '.join(names)}" if len(names) <= MOST_NAMED else ""


def _codes(version: Version, codes: CodeTable) -> Iterator[ContractFinding]:
    for place, selector in _selectors(version):
        for code in (*selector.codes, *selector.without_codes):
            if ".." in code:
                first, _, last = code.partition("..")
                if not any(first <= known <= last for known in codes.codes):
                    yield ContractFinding(version.file, place, f"no code lies in {code}", "unknown_code")
            elif not codes.exists_ever(code):
                why = codes.why_unknown(code, version.contract.effective_from)
                yield ContractFinding(version.file, place, why, "unknown_code")
            elif code in selector.codes:
                yield from _code_ends(version, place, selector, code, codes)


def _code_ends(
    version: Version, place: str, selector: Selector, code: str, codes: CodeTable
) -> Iterator[ContractFinding]:
    """Find a code that ends before the contract does, unless the code that follows it is named too."""
    days, header = codes.days(code), version.contract
    last = days[1] if days else None
    follows = codes.successor(code)
    if last is None or (follows is not None and follows.new in selector.codes):
        return
    after = f"; {follows.new} follows it" if follows else ""
    if last < header.effective_from:
        problem = f"{code} ended on {last}, before the contract begins{after}"
        yield ContractFinding(version.file, place, problem, "code_not_valid")
    elif header.effective_through is None or last < header.effective_through:
        problem = f"{code} ends on {last}, while the contract is in force{after}"
        yield ContractFinding(version.file, place, problem, "code_ends", serious=False)
