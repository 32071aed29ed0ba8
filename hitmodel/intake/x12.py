"""X12 files: told from others, parted into interchanges, and read segment by segment with oxedi.

A file may begin with a byte order mark, hold several interchanges with separators of their own, and be written in
Windows-1252. What is another guide, or cut off, is refused with its name; a wrong count in a closing segment is a
finding, since clearing houses send those.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hitmodel import paths
from hitmodel.errors import InputError, nearest
from hitmodel.intake.claim_cells import REPAIRED
from hitmodel.intake.claim_tally import Tally
from hitmodel.intake.packed import ZIP, members_of, refuse_cut_off

GUIDES = {
    "005010X222": "837P, professional claims",
    "005010X223": "837I, institutional claims",
    "005010X224": "837D, dental claims",
    "005010X221": "835, remittances",
    "005010X214": "277CA, claim acknowledgments",
    "005010X212": "276/277, claim status",
    "005010X231": "999, implementation acknowledgments",
    "005010X279": "270/271, eligibility",
    "005010X217": "278, authorizations",
    "005010X220": "834, enrollment",
    "005010X218": "820, premium payments",
    "004010X098": "837P of the earlier version 4010",
    "004010X096": "837I of the earlier version 4010",
    "004010X091": "835 of the earlier version 4010",
}
SETS = {
    **{"837": "claims", "835": "remittances", "277": "claim status or acknowledgments", "276": "claim status requests"},
    **{"999": "implementation acknowledgments", "997": "functional acknowledgments", "270": "eligibility requests"},
    **{"271": "eligibility answers", "834": "enrollment", "820": "premium payments", "278": "authorizations"},
    "TA1": "interchange acknowledgments",
}
_READERS = {
    "005010X221": "hitmodel import 835 reads remittances.",
    "005010X222": "hitmodel import 837 reads claims.",
    "005010X223": "Export these claims as a table, and bring that in with hitmodel import claims.",
}
_INTERCHANGE = re.compile(rb"ISA(?=[^\w\s].{102})", re.DOTALL)
_ISA_LENGTH = 106
_COUNTS = ("ControlCountMismatch", "ControlNumberMismatch")
_WHITE = b"\xef\xbb\xbf \t\r\n\x00\x1a"


@dataclass(frozen=True)
class Interchange:
    """One ISA to IEA. ``first`` is how many segments of the file stand before it; ``document`` is oxedi's."""

    result: Any
    first: int
    element: str
    component: str

    @property
    def made(self) -> str:
        """When it was made, with its number (ISA09, 10, 13), as text that can be compared; "" where it says no day."""
        document = self.result.document
        elements = _decoded(document[0].raw).split(self.element) if len(document) else []
        day, time, number = (at(elements, place) for place in (9, 10, 13))
        return f"20{day} {time} {number}" if re.fullmatch(r"\d{6}", day) else ""

    def segments(self, wanted: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
        """Yield the number of each wanted segment in the file, from 1, and its elements, of which the first is its id.

        An element that is not there is simply missing at the end; `at` reads one that may be.
        """
        document = self.result.document
        names = frozenset(name.encode() for name in wanted)
        end = document.delimiters.segment
        for at in range(len(document)):
            segment = document[at]
            if segment.id in names:
                raw = segment.raw.strip().removesuffix(end)
                yield self.first + at + 1, _decoded(raw).split(self.element)


def at(elements: list[str], place: int) -> str:
    """Return an element of a segment, "" when it is not there."""
    return elements[place].strip() if place < len(elements) else ""


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def read_x12(path: Path, guide: str, tally: Tally, spec: Any = None) -> tuple[Interchange, ...]:
    """Return the interchanges of a file of one guide, such as ``005010X222``.

    Parameters
    ----------
    spec : oxedi.Spec or None
        How oxedi makes tables of it; its own when None.

    Raises
    ------
    InputError
        When the file cannot be read, is no X12, is another guide (which is named), or is cut off.
    """
    import oxedi

    where = paths.shown(path)
    content = _content(path, where, tally)
    if re.search(rb"[\r\n]", content[: _ISA_LENGTH - 1]):  # no line can end within the first segment
        content = content.translate(None, b"\r\n")
        tally.remark("wrapped", "the file is broken into lines of one length, without regard to segments: joined")
    starts = [found.start() for found in _INTERCHANGE.finditer(content)]
    if not starts or starts[0] != 0:
        raise _not_x12(content, where, guide)
    made: list[Interchange] = []
    first = 0
    for start, end in zip(starts, [*starts[1:], len(content)], strict=True):
        try:
            result = oxedi.parse(content[start:end], spec)
        except (oxedi.ParseError, ValueError) as error:
            place = f"{where} segment {first + 1}, ISA"
            raise InputError("the interchange cannot be read", where=place, next_step=_safe(error)) from None
        marks = result.document.delimiters
        part = Interchange(result, first, marks.element.decode("latin-1"), marks.component.decode("latin-1"))
        _refuse_other_guides(part, guide, where)
        _refuse_cut_off(part, where)
        for fault in result.diagnostics:
            if fault.level == 1 and fault.kind in _COUNTS:
                said = "a closing segment counts or numbers otherwise than what it closes"
                tally.add("envelope", "count", [first + (fault.segment or 0) + 1], said)
            elif fault.segment == 0:
                said = f"ISA{fault.element or 0:02}: not as wide as it must be, or not what it can be"
                tally.add("envelope", "ISA", [first + 1], said)
        made.append(part)
        first += len(result.document)
    return tuple(made)


def _content(path: Path, where: str, tally: Tally) -> bytes:
    """Return a file's bytes; of a zip or gzip file those of the X12 files within, one behind the other."""
    try:
        content = path.read_bytes()
    except OSError as error:
        beside = [p.name for p in path.parent.glob("*") if p.is_file()] if path.parent.is_dir() else []
        close = None if path.exists() else nearest(path.name, beside)
        raise InputError(f"the file cannot be read ({error.strerror})", where=where, suggestion=close) from None
    if not content.strip(_WHITE):
        raise InputError("the file is empty", where=where, expected="an X12 file, which begins with ISA")
    refuse_cut_off(content, where)
    inner = [(name, inside.lstrip(_WHITE)) for name, inside in members_of(content, where)]
    x12 = [(name, inside) for name, inside in inner if inside.startswith(b"ISA")]
    if not x12 and content.startswith(ZIP):
        said = "this is a zip or an Excel workbook that holds no X12 file"
        raise InputError(said, where=where, expected="X12 files, which begin with ISA")
    if len(inner) > 1 and x12:
        others = f"; {len(inner) - len(x12)} others were passed over" if len(inner) > len(x12) else ""
        said = f"{len(x12)} X12 files of the zip were read one behind the other, their segments counted on{others}"
        tally.remark("zip", said, REPAIRED)
    return b"\n".join(inside for _, inside in x12 or inner[:1])


def _not_x12(content: bytes, where: str, guide: str) -> InputError:
    expected = f"an X12 {GUIDES[guide]} file ({guide}), which begins with an ISA segment of 106 characters"
    if re.match(rb"(GS|ST)[^\w\s]", content):
        return InputError(
            "the envelope is missing: the file begins without its ISA segment", where=where, expected=expected
        )
    if content.startswith(b"ISA"):
        return InputError(
            "the ISA segment is not 106 characters long, so the separators cannot be told",
            where=where,
            expected=expected,
        )
    return InputError("this is no X12 file", where=where, expected=expected)


def _refuse_other_guides(part: Interchange, guide: str, where: str) -> None:
    version = ""
    for number, elements in part.segments(("GS", "ST", "TA1")):
        if elements[0] == "GS":
            version = at(elements, 8)
            continue
        kind = "TA1" if elements[0] == "TA1" else at(elements, 1)
        own = at(elements, 3) if elements[0] == "ST" else ""
        base = (own or version)[:10]
        if kind == GUIDES[guide][:3] and base in ("", guide):
            continue
        field = "TA1" if kind == "TA1" else "ST01" if base == guide else "ST03" if own else "GS08"
        raise InputError(
            _guide_said(kind, base, guide),
            where=f"{where} segment {number}, {field}",
            expected=f"{GUIDES[guide]} ({guide})",
            next_step=_READERS.get(base, "") if base != guide else "",
        )


def _guide_said(kind: str, base: str, guide: str) -> str:
    """Return what a transaction of another guide is, or what is wrong with the name of its own."""
    shown = f" ({base})" if re.fullmatch(r"\d{6}X\d{3}", base) else ""
    if base == guide:
        other = f"{kind}, {SETS[kind]}" if kind in SETS else "a kind that is not known here"
        return f"the transaction calls itself {other}, under the guide of {GUIDES[guide]}"
    if base in GUIDES:
        return f"this is {GUIDES[base]}{shown}"
    if kind == GUIDES[guide][:3]:
        return f"the guide{shown} is not one of {SETS[kind]} that is known here"
    return f"this is {kind}, {SETS[kind]}{shown}" if kind in SETS else f"this is a guide that is not known here{shown}"


def _refuse_cut_off(part: Interchange, where: str) -> None:
    ends = [elements[0] for _, elements in part.segments(("ST", "SE", "IEA"))]
    if not ends or "ST" not in ends:
        small = any(True for _ in part.segments(("st", "gs")))
        raise InputError(
            "the names of segments are written in small letters" if small else "the interchange holds no transaction",
            where=f"{where} segment {part.first + 1}, ST",
            expected="ST, CLM and so on in capitals" if small else "",
        )
    if ends[-1] != "IEA" or ends.count("ST") != ends.count("SE"):
        last = part.first + len(part.result.document)
        lacking = "SE" if ends.count("ST") != ends.count("SE") else "IEA"
        what = "a transaction" if lacking == "SE" else "the interchange"
        raise InputError(
            f"the file is cut off: {what} does not end",
            where=f"{where} segment {last}, {lacking}",
            next_step="Fetch the file again; nothing of it was taken.",
        )


def _safe(error: Exception) -> str:
    """Return what oxedi says without the bytes that it quotes."""
    return str(error).split("(found")[0].split("datum")[0].strip() + "."
