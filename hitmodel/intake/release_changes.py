"""What an HCPCS release changes among home infusion codes, and which contracts name a code that ended."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from hitmodel.code_files import Wording, read_every_code, read_wordings
from hitmodel.codes import CodeTable, is_cpt_shaped
from hitmodel.contracts import read_contract
from hitmodel.intake.hcpcs import HcpcsRelease, HcpcsRow
from hitmodel.overlays import contract_names
from hitmodel.schedules import read_schedule
from hitmodel.terms import Version
from hitmodel.vocabulary import Record, Selector

_HOME_INFUSION = re.compile(
    r"home (infusion|injectable|therapy|nursing|parenteral|enteral)|per diem|parenteral nutrition|enteral|"
    r"infusion pump|infusion catheter",
    re.IGNORECASE,
)
_HOME_LETTERS = "ABEKST"
"""First letters of codes that are billed from the home; C and G are for hospitals and practices."""
_CODE_LENGTH = 5


@dataclass(frozen=True)
class Added:
    """A code that the release has and no earlier one had. ``classified``: the code table reads it already."""

    code: str
    descriptor: str
    first_day: date | None
    classified: bool


@dataclass(frozen=True)
class Ended:
    """A code of ours that ended, or is no longer listed (``last_day`` None), and what follows it."""

    code: str
    descriptor: str
    last_day: date | None
    successor: str


@dataclass(frozen=True)
class Reworded:
    """A code of ours whose descriptor is another."""

    code: str
    before: str
    after: str


@dataclass(frozen=True)
class NamedEnded:
    """A contract that names an ended code on a day after its end: where, and which code."""

    contract: str
    place: str
    code: str


@dataclass(frozen=True)
class ReleaseChange:
    """What a release changes against the one ``before`` it ("" when none is held).

    ``added`` are home infusion codes: those that we classify, and those that read like one. ``drugs`` are other new
    drug codes; ``other_added`` counts the rest. ``contracts`` name an ended code; of those in ``unread`` it cannot be
    told, since they cannot be loaded. ``looked_at`` counts the contracts that were looked at.
    """

    release: str
    before: str
    added: tuple[Added, ...] = ()
    drugs: tuple[Added, ...] = ()
    other_added: int = 0
    ended: tuple[Ended, ...] = ()
    reworded: tuple[Reworded, ...] = ()
    contracts: tuple[NamedEnded, ...] = ()
    unread: tuple[str, ...] = ()
    looked_at: int = 0


@dataclass(frozen=True)
class Earlier:
    """What the releases before one say: the days of every code, and the wordings of those that we classify."""

    release: str
    days: Mapping[str, tuple[date, date | None]]
    wordings: Mapping[str, tuple[Wording, ...]]
    table: CodeTable

    @classmethod
    def of(cls, table: CodeTable, name: str) -> Earlier | None:
        """Return what the releases of a table before ``name`` say; None when there is none."""
        releases = tuple(release for release in table.releases if release.name < name)
        if not releases:
            return None
        days, wordings = read_every_code(releases), read_wordings(releases)
        return cls(releases[-1].name, days, {c: w for c, w in wordings.items() if c in table.codes}, table)


def release_change(
    read: HcpcsRelease, name: str, in_force_from: date, table: CodeTable, contracts: Sequence[str] | None = None
) -> ReleaseChange:
    """Return what a release as read changes against the releases before it in a code table.

    ``contracts`` are names and paths of the contracts that are held against it; all at hand when None.
    """
    earlier = Earlier.of(table, name)
    if earlier is None:
        return ReleaseChange(name, "")
    new = [row for row in read.rows if row.code not in earlier.days and not is_cpt_shaped(row.code)]
    words = [row for row in new if row.code in table.codes or _is_service(row)]
    drugs = [row for row in new if row not in words and _is_drug(row)]
    ended = tuple(_ended(read, earlier, in_force_from))
    names = contract_names() if contracts is None else tuple(contracts)
    naming, unread = _naming({one.code: one.last_day or in_force_from for one in ended}, names if ended else ())
    return ReleaseChange(
        name,
        earlier.release,
        tuple(_added(row, table) for row in words),
        tuple(_added(row, table) for row in drugs),
        len(new) - len(words) - len(drugs),
        ended,
        tuple(_reworded(read, earlier)),
        naming,
        unread,
        len(names),
    )


def _is_service(row: HcpcsRow) -> bool:
    """Say whether a code nobody has classified yet reads like home infusion: its letter and its words."""
    return row.code[0] in _HOME_LETTERS and _HOME_INFUSION.search(row.descriptor) is not None


def _is_drug(row: HcpcsRow) -> bool:
    return len(row.code) == _CODE_LENGTH and row.code.startswith(("J", "Q5"))


def _added(row: HcpcsRow, table: CodeTable) -> Added:
    return Added(row.code, row.descriptor, row.first_day, row.code in table.codes)


def _ended(read: HcpcsRelease, earlier: Earlier, in_force_from: date) -> Iterator[Ended]:
    """Yield the codes of ours that had no end before and have one now, or that are no longer listed at all."""
    listed = {row.code: row for row in read.rows}
    lengths = {len(code) for code in listed}  # a list of codes alone ends no modifier
    for code, wordings in earlier.wordings.items():
        first, last = earlier.days.get(code, (wordings[-1].first_day, wordings[-1].last_day))
        row = listed.get(code)
        gone = row is None and last is None and first < in_force_from and len(code) in lengths
        if gone or (row is not None and row.last_day is not None and row.last_day != last):
            follows = earlier.table.successor(code)
            yield Ended(code, wordings[-1].descriptor, row.last_day if row else None, follows.new if follows else "")


def _reworded(read: HcpcsRelease, earlier: Earlier) -> Iterator[Reworded]:
    for row in read.rows if read.has_descriptors else ():
        wordings = earlier.wordings.get(row.code)
        if wordings and wordings[-1].descriptor != row.descriptor:
            yield Reworded(row.code, wordings[-1].descriptor, row.descriptor)


def _naming(ended: Mapping[str, date], names: Iterable[str]) -> tuple[tuple[NamedEnded, ...], tuple[str, ...]]:
    """Return every place in some contracts that names an ended code and is in force after its last day, and the names
    of the contracts that cannot be loaded.
    """
    found: list[NamedEnded] = []
    unread: list[str] = []
    for name in names:
        contract, problems = read_contract(name)
        if problems or contract is None:
            unread.append(name)
            continue
        for version in contract.versions:
            through = version.contract.effective_through
            after = {code for code, last in ended.items() if through is None or last < through}
            for place, codes in _named_codes(version):
                found += (
                    NamedEnded(contract.name, f"{version.file}, {place}", code) for code in sorted(after & set(codes))
                )
    return tuple(found), tuple(unread)


def _named_codes(version: Version) -> Iterator[tuple[str, Iterable[str]]]:
    """Yield each row of a contract version with the codes that it names one by one; a range names none."""
    for table in (name for name in Version.model_fields if name not in ("file", "written")):
        value = getattr(version, table)
        for row in value if isinstance(value, tuple) else (value,):
            codes = tuple(_codes_in(row)) if isinstance(row, Record) else ()
            if codes:
                yield f"{table} '{row.id}'" if getattr(row, "id", "") else f"[{table}]", codes
    for schedule in version.schedule:
        yield f"schedule '{schedule.id}'", tuple(row.code for row in read_schedule(schedule))


def _codes_in(record: Record) -> Iterator[str]:
    if isinstance(record, Selector):
        yield from record.codes
    for name in type(record).model_fields:
        value = getattr(record, name)
        for inner in value if isinstance(value, tuple) else (value,):
            if isinstance(inner, Record):
                yield from _codes_in(inner)


def changed_words(before: str, after: str) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """Return both wordings as runs of words, each with whether the other wording lacks it."""
    from difflib import SequenceMatcher

    was, now = before.split(" "), after.split(" ")
    left: list[tuple[str, bool]] = []
    right: list[tuple[str, bool]] = []
    for kind, i, j, k, m in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if was[i:j]:
            left.append((" ".join(was[i:j]), kind != "equal"))
        if now[k:m]:
            right.append((" ".join(now[k:m]), kind != "equal"))
    return left, right
