"""Lines that could come out differently with the days of lines whose evidence is missing."""

from __future__ import annotations

from dataclasses import replace

from oracle.book import Book, stands
from oracle.contract_file import Version, in_force
from oracle.days import asked, counts, held
from oracle.lines import Line
from oracle.selecting import about


def in_doubt(book: Book, lacking: list[Line]) -> set[str]:
    """Return the ids of the lines to price that hang on the days of ``lacking`` ones, which are not among them.

    A line that hangs on a lacking one puts others in doubt in its turn.
    """
    found: set[str] = set()
    unknown = list(lacking)
    while unknown:
        certain = [line for line in book.lines if line.id not in found]
        without, beside = replace(book, lines=certain), replace(book, lines=[*certain, *_by_order(book, unknown)])
        fresh = [line for line in certain if _differs(line, without, beside, unknown)]
        found |= {line.id for line in fresh}
        unknown = [*unknown, *fresh] if fresh else []
    return found


def _by_order(book: Book, lines: list[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: line.order)


def _differs(line: Line, without: Book, beside: Book, unknown: list[Line]) -> bool:
    if any(other.patient == line.patient for other in unknown):
        for day in line.days if line.by_days else line.days[:1]:
            version = without.version(day)
            if version is not None and held(without, line, day, version) != held(beside, line, day, version):
                return True
        if _stands_beside(line, without) != _stands_beside(line, beside):
            return True
        if any(_contend(line, other, without) for other in unknown):
            return True
    if without.paid_part.get(line.id) != beside.paid_part.get(line.id):
        return True
    return any(counted.get(line.id) != beside.counts[name].get(line.id) for name, counted in without.counts.items())


def _stands_beside(line: Line, book: Book) -> list[object]:
    """What terms and factors that could fit a line find on each of its days."""
    found: list[object] = []
    for on in line.days:
        at = on if line.by_days else line.days[0]
        version = book.version(at)
        if version is not None:
            terms = [row for row in version.rows("term") if in_force(row, book.as_of or at)]
            rows = [row for row in (*terms, *version.rows("adjustment")) if about(row, line)]
            found.append([asked(book, row, line, on) for row in rows])
    return found


def _contend(line: Line, other: Line, book: Book) -> bool:
    """Whether two lines would be ranked, or exclude each other, on a day that both have."""
    if not (line.patient == other.patient and stands(line) and stands(other)):
        return False
    shared = [day for day in line.days if day in other.days and day not in line.unpaid]
    return any(_rank_together(line, other, version) for day in shared if (version := book.version(day)) is not None)


def _rank_together(line: Line, other: Line, version: Version) -> bool:
    rule = version.table("concurrency")
    same = rule.get("within") != "class" or line.therapy_class == other.therapy_class
    ranked = rule.get("modifiers", "trust") != "trust" and counts(version, line) and counts(version, other) and same
    rivals = any(about(row["among"], line) and about(row["among"], other) for row in version.rows("exclusive"))
    return ranked or rivals
