"""The code tables: what each HCPCS code and modifier is on a given day.

A release of HCPCS Level II is one folder of ``data/codes``; ``data/codes/classes`` says how we read each code. Both are
joined here, lazily and once. Descriptors are CMS's, word for word; CPT codes have only a label of our own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from operator import ne
from pathlib import Path

from hitmodel import code_files, paths
from hitmodel.alike import Alike
from hitmodel.code_files import Release, Wording
from hitmodel.errors import InputError
from hitmodel.errors import nearest as nearest_text
from hitmodel.imported import Imported, imported

ROLES = (
    "per_diem",
    "catheter_care",
    "nursing",
    "pharmacy",
    "delivery",
    "supplies",
    "equipment",
    "drug",
    "nutrition",
    "noc",
    "medicare",
    "modifier",
)
ANY_PER_DIEM = "any_per_diem"
ANY_HOME_INFUSION_PER_DIEM = "any_home_infusion_per_diem"
GROUPS = (ANY_PER_DIEM, ANY_HOME_INFUSION_PER_DIEM)
NO_FIRST_DAY = date.min
_HOME_INFUSION = ("Home infusion", "Home injectable", "Home therapy")
_CPT = re.compile(r"\d{5}|\d{4}[FTU]|\d{2}")


def is_cpt_shaped(code: str) -> bool:
    """Say whether ``code`` is shaped like a CPT code or modifier (99601, 0042T, 59). CPT is recognised, not listed."""
    return _CPT.fullmatch(code) is not None


@dataclass(frozen=True)
class CodeEntry:
    """One code or modifier under one wording.

    Attributes
    ----------
    descriptor : str
        CMS's long descriptor, word for word; "" for CPT.
    label : str
        A short label of our own.
    role : str
        One of `ROLES`.
    family, product : str
        For drugs: the drug ("cefazolin") and, where the code is for one maker or brand, which ("Hikma").
    dose_interval_hours : int or None
        Dosing interval the descriptor names [hours].
    litres_over, litres_through : Decimal or None
        Daily volume: more than the first, no more than the second [litres per day].
    unit_quantity, unit_measure : Decimal or None, str
        What one HCPCS unit holds: 500 "mg". None where the descriptor names no amount.
    billing_basis : str
        ``per_diem``, ``per_visit``, ``per_hour``, ``per_event``, ``per_unit`` or ``modifier``.
    includes, coded_separately : str
        The descriptor's words on what the per diem holds and what it does not.
    not_with : tuple of str
        Codes this one may not stand with, or `ANY_PER_DIEM`, `ANY_HOME_INFUSION_PER_DIEM`.
    first_day, last_day : date, date or None
        First and last day of the code. `NO_FIRST_DAY` for CPT, whose first day is not held.
    worded_from, worded_through : date, date or None
        The days on which this descriptor is the wording.
    release, source : str
        Newest release held here that has this wording, and its title and file.
    """

    code: str
    is_modifier: bool
    descriptor: str
    label: str
    role: str
    therapy_class: str
    subtype: str
    family: str
    product: str
    dose_interval_hours: int | None
    litres_over: Decimal | None
    litres_through: Decimal | None
    unit_quantity: Decimal | None
    unit_measure: str
    billing_basis: str
    includes: str
    coded_separately: str
    not_with: tuple[str, ...]
    note: str
    first_day: date
    last_day: date | None
    worded_from: date
    worded_through: date | None
    release: str
    source: str

    @property
    def is_cpt(self) -> bool:
        """Whether this is a CPT code, whose official wording is not ours to show."""
        return is_cpt_shaped(self.code)

    @property
    def unit_is_up_to(self) -> bool:
        """Whether a unit is "up to" its quantity, so that each administration rounds up to a whole unit."""
        return " up to " in f" {self.descriptor.lower()} "

    def valid_on(self, day: date) -> bool:
        """Say whether the code is valid on ``day``, whatever its wording then."""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)

    def belongs_to(self, group: str) -> bool:
        """Say whether this is one of the codes that `ANY_PER_DIEM` or `ANY_HOME_INFUSION_PER_DIEM` speaks of.

        Obstetric home management, which itself may not stand with a home infusion per diem, is not one of the latter.
        """
        if group == ANY_PER_DIEM:
            return self.billing_basis == "per_diem"
        home_infusion = self.role in ("per_diem", "catheter_care") and self.descriptor.startswith(_HOME_INFUSION)
        return group == ANY_HOME_INFUSION_PER_DIEM and home_infusion

    def worded_on(self, day: date) -> bool:
        """Say whether this is the wording on ``day``."""
        return self.worded_from <= day and (self.worded_through is None or day <= self.worded_through)


@dataclass(frozen=True)
class Succession:
    """A code that took over from an ended one. Old units × ``factor`` = new units.

    ``exact`` is False where the old unit was "up to" an amount: then the factor holds for full units only.
    """

    old: str
    new: str
    factor: Fraction
    exact: bool
    last_day_old: date
    first_day_new: date


@dataclass(frozen=True)
class CodeTable:
    """All codes that we classify, every code that CMS has, and the successions between drug codes.

    ``entries`` are sorted by code, wordings of one code by day. ``releases`` are those held, oldest first.
    """

    entries: tuple[CodeEntry, ...]
    successions: tuple[Succession, ...]
    releases: tuple[Release, ...]

    @property
    def release(self) -> str:
        """Name of the newest release held, such as 2026-07."""
        return self.releases[-1].name

    @cached_property
    def _by_code(self) -> dict[str, tuple[CodeEntry, ...]]:
        by_code: dict[str, tuple[CodeEntry, ...]] = {}
        for entry in self.entries:
            by_code[entry.code] = (*by_code.get(entry.code, ()), entry)
        return by_code

    @cached_property
    def _every_code(self) -> dict[str, tuple[date, date | None]]:
        return code_files.read_every_code(self.releases)

    @cached_property
    def _successor(self) -> dict[str, Succession]:
        return {s.old: s for s in self.successions}

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The codes and modifiers that we classify, sorted."""
        return tuple(self._by_code)

    def get(self, code: str, on: date) -> CodeEntry | None:
        """Return the code as worded on that day; None when we do not classify it or it is not valid then."""
        return next((e for e in self._by_code.get(code, ()) if e.worded_on(on)), None)

    def entry(self, code: str) -> CodeEntry | None:
        """Return the code under its latest wording, whatever the day; None when we do not classify it."""
        wordings = self._by_code.get(code)
        return wordings[-1] if wordings else None

    def wordings(self, code: str) -> tuple[CodeEntry, ...]:
        """Return the code under each of its wordings, oldest first; empty when we do not classify it."""
        return self._by_code.get(code, ())

    def is_known(self, code: str, on: date) -> bool:
        """Say whether the code exists on that day: in HCPCS Level II, or shaped like CPT."""
        if is_cpt_shaped(code):
            return True
        days = self.days(code)
        return days is not None and days[0] <= on and (days[1] is None or on <= days[1])

    def exists_ever(self, code: str) -> bool:
        """Say whether the code is or was in HCPCS Level II, or is shaped like CPT."""
        return is_cpt_shaped(code) or self.days(code) is not None

    def days(self, code: str) -> tuple[date, date | None] | None:
        """Return the first and last day of any Level II code, classified by us or not; None when there is none."""
        entry = self.entry(code)
        return (entry.first_day, entry.last_day) if entry else self._every_code.get(code)

    def family(self, name: str, on: date) -> tuple[CodeEntry, ...]:
        """Return the drug codes of one family ("cefazolin") valid on a day, the one for no particular maker first."""
        members = [e for e in self.entries if e.family == name and e.worded_on(on)]
        return tuple(sorted(members, key=lambda e: (e.product != "", e.code)))

    def search(self, query: str, on: date) -> tuple[CodeEntry, ...]:
        """Return the codes valid on a day whose code, label, descriptor, class or family has every word of ``query``.

        Codes whose own code or label matches come first, and among them those in which a word begins so.
        """
        words = query.lower().split()

        def near(entry: CodeEntry) -> bool:
            return all(w in f"{entry.code} {entry.label}".lower() for w in words)

        def begins(entry: CodeEntry) -> bool:
            text = f" {entry.code} {entry.label}".lower()
            return all(f" {w}" in text for w in words)

        def anywhere(e: CodeEntry) -> bool:
            text = f"{e.code} {e.label} {e.descriptor} {e.therapy_class} {e.family} {e.role}".lower()
            return all(w in text for w in words)

        found = [e for e in self.entries if e.worded_on(on) and anywhere(e)] if words else []
        return tuple(sorted(found, key=lambda e: (not near(e), not begins(e), e.code)))

    def successor(self, code: str) -> Succession | None:
        """Return what took over from an ended code, or None. See `carried_to` to follow it to a day."""
        return self._successor.get(code)

    def carried_to(self, code: str, on: date) -> tuple[str, Fraction]:
        """Return the code that stands for ``code`` on a day, and new units for each old one.

        The code itself and 1 while it is valid, or when nothing is known to take over from it.
        """
        factor = Fraction(1)
        while (step := self._successor.get(code)) is not None and on > step.last_day_old:
            code, factor = step.new, factor * step.factor
        return code, factor

    def excluded_by(self, code: str, on: date) -> frozenset[str]:
        """Return the codes that its descriptor forbids beside ``code`` on a day, group words written out."""
        entry = self.get(code, on)
        names = entry.not_with if entry else ()
        grouped = {e.code for e in self.entries if e.worded_on(on) and any(e.belongs_to(name) for name in names)}
        return frozenset(grouped.union(n for n in names if n not in GROUPS) - {code})

    def nearest(self, code: str) -> str | None:
        """Return the valid code most like a wrong one: same shape, fewest characters apart, then the longest start.

        Codes that we classify win ties, then the nearer number. S9599 gives S9590.
        """
        if code not in self._nearest:
            self._nearest[code] = self._found_nearest(code)
        return self._nearest[code]

    @cached_property
    def _nearest(self) -> dict[str, str | None]:
        """What `nearest` found before: the same wrong code is asked about for file after file."""
        return {}

    def _found_nearest(self, code: str) -> str | None:
        near = self._alike.near(code)
        return min(near, key=lambda other: self._unlike(code, other), default=None) or nearest_text(
            code, self._every_code
        )

    @cached_property
    def _alike(self) -> Alike:
        return Alike(self._every_code)

    def _unlike(self, code: str, other: str) -> tuple[int, bool, int, str]:
        same_start = [*map(ne, code, other), True].index(True)
        return -same_start, other not in self._by_code, abs(_number(code) - _number(other)), other

    def why_unknown(self, code: str, on: date) -> str:
        """Say in one clause why ``code`` cannot stand on a day, with the nearest or the following code."""
        if self.is_known(code, on):
            return "" if code in self._by_code else f"{code} is a code that we do not classify"
        days = self.days(code)
        if days is None:
            close = self.nearest(code)
            return f"{code} is not in the {self.release} release" + (f"; nearest {close}" if close else "")
        if on < days[0]:
            return f"{code} begins on {days[0]}"
        follows = self._successor.get(code)
        return f"{code} ended on {days[1]}" + (f"; {follows.new} follows it" if follows else "")

    def __iter__(self) -> Iterator[CodeEntry]:
        return iter(self.entries)


def _number(code: str) -> int:
    return int("".join(c for c in code if c.isdigit()) or 0)


def code_table() -> CodeTable:
    """Return the code table of ``data/codes`` with the imported releases, read once.

    An imported release stands in the place of the one of its name that ships.
    """
    return code_table_with(imported("hcpcs"))


@lru_cache(maxsize=4)
def code_table_with(releases: tuple[Imported, ...]) -> CodeTable:
    """Return the code table of ``data/codes`` with these imported releases, read once."""
    return load_code_table(paths.data("codes"), tuple(one.path / one.name for one in releases))


def load_code_table(folder: Path, more: tuple[Path, ...] = ()) -> CodeTable:
    """Read a folder laid out as ``data/codes``, and the release folders ``more`` that lie elsewhere.

    Raises `InputError` when a table misses a column, names a role that is none of `ROLES`, or two tables do not agree;
    `MissingReference` when the folder holds no release.
    """
    releases = code_files.read_releases(folder, more)
    wordings = code_files.read_wordings(releases)
    entries: list[CodeEntry] = []
    for code, row in sorted(code_files.read_classes(folder / "classes").items()):
        if row["role"] not in ROLES:
            raise InputError(
                f"role {row['role']!r} is not known",
                where=f"{paths.shown(folder)}, code {code}",
                suggestion=nearest_text(row["role"], ROLES),
            )
        if code not in wordings and not is_cpt_shaped(code):
            raise InputError(f"code {code} is classified but is in no release", where=paths.shown(folder))
        entries += [_entry(row, w) for w in wordings.get(code, (_cpt_wording(releases),))]
    return CodeTable(tuple(entries), _successions(folder, entries), releases)


def _cpt_wording(releases: tuple[Release, ...]) -> Wording:
    return Wording("", NO_FIRST_DAY, None, NO_FIRST_DAY, None, releases[-1])


def _entry(row: dict[str, str], wording: Wording) -> CodeEntry:
    code, get = row["code"], row.get
    interval = get("dose_interval_hours")
    cpt = is_cpt_shaped(code)
    return CodeEntry(
        code=code,
        is_modifier=len(code) == 2,
        descriptor=wording.descriptor,
        label=row["label"],
        role=row["role"],
        therapy_class=get("therapy_class", ""),
        subtype=get("subtype", ""),
        family=get("family", ""),
        product=get("product", ""),
        dose_interval_hours=int(interval) if interval else None,
        litres_over=_decimal(get("litres_over", "")),
        litres_through=_decimal(get("litres_through", "")),
        unit_quantity=_decimal(get("unit_quantity", "")),
        unit_measure=get("unit_measure", ""),
        billing_basis=get("billing_basis", "modifier"),
        includes=get("includes", ""),
        coded_separately=get("coded_separately", ""),
        not_with=tuple(get("not_with", "").split()),
        note=row["note"],
        first_day=wording.first_day,
        last_day=wording.last_day,
        worded_from=wording.worded_from,
        worded_through=wording.worded_through,
        release="" if cpt else wording.release.name,
        source="CPT: number only, label of our own" if cpt else wording.release.source,
    )


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _successions(folder: Path, entries: list[CodeEntry]) -> tuple[Succession, ...]:
    days = {e.code: (e.first_day, e.last_day) for e in entries}
    found = []
    for old, new, factor, exact in code_files.read_successions(folder / "successions.csv"):
        last = days[old][1] if old in days else None
        if last is None or new not in days:
            raise InputError(
                f"{old} to {new}: the old code has no last day, or the new one is not classified",
                where=paths.shown(folder / "successions.csv"),
            )
        found.append(Succession(old, new, factor, exact, last, days[new][0]))
    return tuple(found)
