"""What a claims file says that cannot be right, or that is likely to be missing.

`hitmodel.claims.read_claims` finds what is wrong inside a line; here lines are held against the code tables and against
one another. Everything is a `Finding`; nothing is changed. What a check means is in `EXPLANATIONS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hitmodel.claim_repeats import Repeats, find_repeats
from hitmodel.claims import Claims
from hitmodel.codes import CodeEntry, CodeTable
from hitmodel.errors import Finding
from hitmodel.patient_days import DayRuns, patient_days

SLACK_DAYS = 7
"""How far a dispensed drug and its per diem may lie apart, and how long a therapy may run without a nursing visit."""

EXPLANATIONS = {
    "unknown_code": "The code is in no release of HCPCS Level II held here and is not shaped like a CPT code.",
    "code_not_valid": "The code begins after, or ended before, a day of the line.",
    "unknown_modifier": "The modifier is in no release of HCPCS Level II held here and is not shaped like a CPT one.",
    "unclassified_code": "The code exists, but we do not classify it, so only a term that names it can price it.",
    "duplicate_line": "An earlier line has the same patient, payer, code, modifiers, dates, units, charge and NDC.",
    "void_without_original": "The line takes back a line that is not in the file.",
    "units_not_days": "A per diem line bills one unit for each day; its units are not the number of its days.",
    "unlisted_drug_without_ndc": "An unlisted drug code does not say which drug it is, and the line has no NDC.",
    "drug_without_per_diem": f"A drug is billed and no per diem of the patient lies within {SLACK_DAYS} days of it.",
    "per_diem_without_drug": (
        "The per diem's descriptor codes its drug or formula separately, and none of the patient's lies within "
        f"{SLACK_DAYS} days of it."
    ),
    "hours_without_visit": "Further nursing hours are billed on days without the visit that they add to.",
    "second_without_first": "A second therapy (SH) is billed on days without a first one.",
    "third_without_second": "A third therapy (SJ) is billed on days without a second one (SH).",
    "no_nursing_visit": f"Per diems run on for more than {SLACK_DAYS} days with no nursing visit; tube feeding aside.",
}

_SECOND, _THIRD = "SH", "SJ"
_DRUG_ROLES = ("drug", "nutrition")
_DRUG_SECTIONS = ("J", "B")  # of HCPCS Level II: drugs; enteral and parenteral therapy
_WITHOUT_NURSE = "enteral_nutrition"  # tube feeding at home runs without an infusion nurse

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Book:
    """Claim lines with what the checks ask of each, as arrays over the lines.

    ``first`` and ``last`` are patient days (`hitmodel.patient_days`). ``readable`` lines are not blocked; lines that
    ``stand`` are also neither void, nor voided, nor doubled, and only they take part in what is missing.
    """

    claims: Claims
    codes: CodeTable
    repeats: Repeats
    entries: dict[str, CodeEntry]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    readable: Bools
    stand: Bools

    @classmethod
    def of(cls, claims: Claims, codes: CodeTable) -> Book:
        """Prepare claims for checking."""
        lines = claims.lines
        repeats = find_repeats(lines)
        entries = {code: entry for code in lines["code"].unique() if (entry := codes.entry(code))}
        readable = (lines["blocked"] == "").to_numpy()
        patient = pd.factorize(lines["patient_id"])[0].astype(np.int64)
        first, last = (patient_days(patient, lines[name]) for name in ("service_from", "service_through"))
        return cls(claims, codes, repeats, entries, first, last, readable, readable & repeats.stands)

    def having(self, test: Callable[[CodeEntry], bool]) -> Bools:
        """Return the standing lines whose code passes ``test``."""
        passing = [code for code, entry in self.entries.items() if test(entry)]
        return self.stand & self.claims.lines["code"].isin(passing).to_numpy()

    def modified(self, modifier: str) -> Bools:
        """Return the lines that carry ``modifier``."""
        cells = self.claims.lines["modifiers"]
        carrying = [cell for cell in cells.unique() if modifier in cell.split()]
        return cells.isin(carrying).to_numpy()

    def runs(self, mask: Bools, *, gap: int = 0) -> DayRuns:
        """Return the patient days that some lines cover."""
        return DayRuns.of(self.first[mask], self.last[mask], gap=gap)

    def within(self, runs: DayRuns, slack: int = 0) -> Bools:
        """Return the lines that lie within ``slack`` days [days] of some run of their patient."""
        return runs.touch(self.first - slack, self.last + slack)

    def findings(
        self, mask: Bools, field: str, kind: str, say: Callable[[int], str] | str, *, blocks: bool = False
    ) -> Iterator[Finding]:
        """Yield one finding for each line of ``mask``."""
        sentence = say if callable(say) else lambda _: say
        at = np.flatnonzero(mask)
        cells, rows, ids = (self.claims.lines[name].iloc[at] for name in (field, "row", "line_id"))
        for i, cell, row, line_id in zip(at, cells, rows, ids, strict=True):
            yield Finding(self.claims.source, int(row), field, str(cell), sentence(int(i)), kind, line_id, blocks)


def check_claims(claims: Claims, codes: CodeTable) -> tuple[Finding, ...]:
    """Return everything that `CHECKS` find in claims, by row; `EXPLANATIONS` says what each kind means."""
    book = Book.of(claims, codes)
    found = [finding for check in CHECKS for finding in check(book)]
    return tuple(sorted(found, key=lambda finding: (finding.row, finding.kind)))


def check_codes(book: Book) -> Iterator[Finding]:
    """Yield lines whose code is unknown, not valid on a day of the line, or not classified. All but the last block."""
    spans = book.claims.lines[["code", "service_from", "service_through"]]
    index = spans.groupby(list(spans.columns), sort=False, dropna=False).ngroup().to_numpy()
    doubts = [_code_doubt(book.codes, *span) for span in spans.drop_duplicates().itertuples(index=False, name=None)]
    for kind in ("unknown_code", "code_not_valid", "unclassified_code"):
        doubted = np.array([doubt[0] == kind for doubt in doubts])
        mask = book.readable & doubted[index]
        yield from book.findings(mask, "code", kind, lambda i: doubts[index[i]][1], blocks=kind != "unclassified_code")


def _code_doubt(codes: CodeTable, code: str, first: pd.Timestamp, last: pd.Timestamp) -> tuple[str, str]:
    """Return what kind of doubt there is about a code on its dates and its sentence; empty when there is none."""
    for day in (first, last):
        if not pd.isna(day) and not codes.is_known(code, day.date()):
            kind = "code_not_valid" if codes.exists_ever(code) else "unknown_code"
            return kind, codes.why_unknown(code, day.date())
    if pd.isna(first) or codes.entry(code):
        return "", ""
    return "unclassified_code", codes.why_unknown(code, first.date())


def check_modifiers(book: Book) -> Iterator[Finding]:
    """Yield lines with a modifier that exists nowhere."""
    cells = book.claims.lines["modifiers"]
    strangers = {
        cell: [m for m in cell.split() if not book.codes.exists_ever(m)] for cell in cells[book.readable].unique()
    }
    mask = book.readable & cells.isin([cell for cell, names in strangers.items() if names]).to_numpy()

    def say(i: int) -> str:
        return f"{' and '.join(strangers[cells.iloc[i]])} is not in the {book.codes.release} release"

    yield from book.findings(mask, "modifiers", "unknown_modifier", say)


def check_repeats(book: Book) -> Iterator[Finding]:
    """Yield lines that stand twice, and voids that take nothing back."""
    first = book.repeats.duplicate_of
    yield from book.findings(first != "", "line_id", "duplicate_line", lambda i: f"the line repeats line {first[i]}")
    lone = book.repeats.unmatched_void
    yield from book.findings(lone, "line_id", "void_without_original", "no line in the file is like this void")


def check_units(book: Book) -> Iterator[Finding]:
    """Yield per diem lines whose units are not their days."""
    units = book.claims.lines["units_milli"].fillna(0).to_numpy(dtype=np.int64)
    days = book.last - book.first + 1
    mask = book.having(lambda entry: entry.billing_basis == "per_diem") & (units != days * 1000)
    yield from book.findings(
        mask, "code", "units_not_days", lambda i: f"{units[i] / 1000:g} units for {days[i]} days of service"
    )


def check_drugs(book: Book) -> Iterator[Finding]:
    """Yield drugs and per diems that are billed one without the other, and unlisted drugs without an NDC."""
    unlisted = book.having(lambda entry: entry.role == "noc" and entry.code.startswith(_DRUG_SECTIONS))
    drugs = unlisted | book.having(lambda entry: entry.role in _DRUG_ROLES)
    per_diems = book.having(lambda entry: entry.role == "per_diem")
    alone = drugs & ~book.within(book.runs(per_diems), SLACK_DAYS)
    yield from book.findings(alone, "code", "drug_without_per_diem", f"no per diem within {SLACK_DAYS} days")
    needing = book.having(_codes_drug_separately) & ~book.within(book.runs(drugs), SLACK_DAYS)
    yield from book.findings(needing, "code", "per_diem_without_drug", f"no drug within {SLACK_DAYS} days")
    unnamed = unlisted & (book.claims.lines["ndc"] == "").to_numpy()
    yield from book.findings(unnamed, "code", "unlisted_drug_without_ndc", "an unlisted drug without an NDC")


def _codes_drug_separately(entry: CodeEntry) -> bool:
    """Say whether a per diem leaves its drug or formula to another line; that of parenteral nutrition does not."""
    return (
        entry.role == "per_diem" and entry.coded_separately != "" and "standard formula" not in entry.coded_separately
    )


def check_ranks(book: Book) -> Iterator[Finding]:
    """Yield second therapies without a first and third ones without a second, day by day."""
    per_diems = book.having(lambda entry: entry.role == "per_diem")
    second, third = book.modified(_SECOND), book.modified(_THIRD)
    for kind, later, earlier, what in (
        ("second_without_first", second, ~second & ~third, "a first therapy, without SH or SJ,"),
        ("third_without_second", third, second, "a second therapy, with SH,"),
    ):
        missing = per_diems & later & ~book.runs(per_diems & earlier).hold(book.first, book.last)
        problem = f"{what} does not cover all its days"
        yield from book.findings(missing, "modifiers", kind, problem)


def check_nursing(book: Book) -> Iterator[Finding]:
    """Yield further hours without their visit, and long runs of per diems without any visit."""
    infusion = book.having(lambda entry: entry.subtype == "infusion_nursing")
    hours = infusion & book.having(lambda entry: entry.billing_basis == "per_hour")
    visits = book.runs(infusion & ~hours)
    lone = hours & ~book.within(visits)
    yield from book.findings(lone, "code", "hours_without_visit", "no visit on its days that it could add to")
    per_diems = book.having(lambda entry: entry.role == "per_diem" and entry.therapy_class != _WITHOUT_NURSE)
    runs = book.runs(per_diems, gap=SLACK_DAYS)
    nursed = book.runs(book.having(lambda entry: entry.role == "nursing")).touch(runs.first, runs.last)
    unseen = runs.first[(runs.days > SLACK_DAYS) & ~nursed]
    starts = np.flatnonzero(per_diems & np.isin(book.first, unseen))
    opening = starts[np.unique(book.first[starts], return_index=True)[1]]
    mask = np.isin(np.arange(len(per_diems)), opening)
    length = dict(zip(runs.first.tolist(), runs.days.tolist(), strict=True))
    yield from book.findings(
        mask,
        "code",
        "no_nursing_visit",
        lambda i: f"per diems over {length[int(book.first[i])]} days and no nursing visit",
    )


CHECKS = (check_codes, check_modifiers, check_repeats, check_units, check_drugs, check_ranks, check_nursing)
