"""Payers of claims that no contract at hand names, and which contract is likely meant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from hitmodel.contracts import read_contract
from hitmodel.errors import nearest
from hitmodel.overlays import contract_names
from hitmodel.placeholders import PATTERN
from hitmodel.vocabulary import payer_key


@dataclass(frozen=True)
class Unnamed:
    """A payer that no contract names. ``contract`` and ``means`` are the likeliest contract and its payer, or ""."""

    payer: str
    contract: str = ""
    means: str = ""

    @property
    def cure(self) -> str:
        """What to write so that its lines are of the contract, as sentences."""
        if not self.contract:
            return f"Write '{self.payer}' into payers of its contract."
        return (
            f"If it is {self.means}, write '{self.payer}' into payers of the contract {self.contract}; "
            f'or, for an extract, "{self.payer}" = "{self.means}" under [payers] of its map; import again with --map.'
        )


def unnamed_payers(payers: Iterable[str]) -> tuple[Unnamed, ...]:
    """Return those of some payers that no contract at hand names, in their order.

    A contract that cannot be read names nobody; ``hitmodel check`` says why.
    """
    named: dict[str, tuple[str, str]] = {}
    for contract in contract_names():
        read, _ = read_contract(contract)
        for payer in read.payers if read else ():
            if not re.fullmatch(PATTERN, payer):
                named.setdefault(payer_key(payer), (contract, payer))
    return tuple(
        Unnamed(payer, *named.get(_likeliest(payer, named), ("", "")))
        for payer in dict.fromkeys(payers)
        if payer and payer_key(payer) not in named
    )


def _likeliest(payer: str, known: Iterable[str]) -> str:
    """Return the name of which another is a shortened form, else the nearest; "" when none is close."""
    own = payer_key(payer)
    shortened = [name for name in known if _shortens(own, name) or _shortens(name, own)]
    return shortened[0] if len(shortened) == 1 else nearest(own, known) or ""


def _shortens(short: str, long: str) -> bool:
    """Say whether each word of one name begins or abbreviates a word of another, in order: hlth for health."""
    words = iter(re.findall(r"[a-z0-9]+", long))
    return all(any(_abbreviates(word, other) for other in words) for word in re.findall(r"[a-z0-9]+", short))


def _abbreviates(short: str, long: str) -> bool:
    letters = iter(long)
    return short[:1] == long[:1] and all(letter in letters for letter in short)
