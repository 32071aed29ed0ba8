"""Import 837P claims (005010X222A1 and A2): service lines with their dates, units, modifiers, charges and NDCs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from hitmodel import claim_parts, paths
from hitmodel.claim_parts import FORMAT, MADE, NUMBERED
from hitmodel.errors import InputError
from hitmodel.identity import CLAIM, LINE, PATIENT, Identity, bind
from hitmodel.intake import claim_cells as read
from hitmodel.intake.claim_cells import GUESSED, WRONG, Cell, shown
from hitmodel.intake.claim_tally import DAY_FIELDS, Tally
from hitmodel.intake.x12 import Interchange, at, read_x12
from hitmodel.workspace import Entry, Workspace, checksum_of

GUIDE = "005010X222"
_LINES = "claims (CLM) with lines (LX) of services (SV1)"
_WANTED = ("HL", "SBR", "NM1", "DMG", "CLM", "REF", "LX", "SV1", "SV2", "SV3", "DTP", "LIN", "CTP", "SE")
_PRODUCTS = {"12": "PPO", "13": "POS", "14": "EPO", "HM": "HMO", "16": "Medicare Advantage"}
"""Claim filing indicators (SBR09) that name a product; the others name a kind of payer."""
_FIRST_PAYER = ("P", "U", "")
"""What SBR01 says of a claim to the first payer, or to one of unknown order."""
REMEMBERED = 200_000
"""Distinct texts of which the reading is remembered: a file repeats few."""
_money, _units = read.number(2, "."), read.number(3, ".", unit_words=False)
_first, _last = read.day(True), read.day(True, last=True)
_READERS: tuple[tuple[str, str, Callable[[str], Cell]], ...] = (
    ("code", "code", read.code),
    ("modifiers", "modifiers", read.modifiers),
    ("units", "units", _units),
    ("charge", "charge", _money),
    ("place_of_service", "place", read.place),
    ("ndc", "ndc", read.ndc),
    ("ndc_quantity", "quantity", _units),
    ("ndc_unit", "measure", read.ndc_unit),
    ("service_from", "dates", _first),
    ("service_through", "dates", _last),
)
"""Each field of a line, what it is called in the line as it was gathered, and what reads it."""
CLAIMS_TOLD = 1_000
"""Claims between two reports of progress."""


@dataclass
class _Person:
    member: str = ""
    given: str = ""
    birth: str = ""

    @property
    def key(self) -> str:
        """What tells this person from others, in this run of the program only."""
        return f"{self.member}|{self.birth}|{self.given}" if self.member or self.given else ""


@dataclass
class _Claim:
    row: int
    number: str
    charge: str
    place: str
    frequency: str
    bill: int
    original: str = ""
    payer_order: str = ""
    lines: list[dict[str, Any]] = field(default_factory=list)


class Reader:
    """Walks the segments of 837P files and gathers lines; ids are hashed as they come."""

    def __init__(self, identity: Identity, tally: Tally, progress: Callable[[int], None] | None = None) -> None:
        self.tally = tally
        self.claims: dict[str, str] = {}
        self.count = 0
        self._progress = progress or (lambda _: None)
        self._identity = identity
        self._columns: dict[str, list[Any]] = defaultdict(list)
        self._subscriber, self._patient = _Person(), _Person()
        self._payer, self._product, self._payer_order = "", "", ""
        self._claim: _Claim | None = None
        self._line: dict[str, Any] | None = None
        self._other_payer = False
        self._bills = 0
        self._component = ":"
        self._read: dict[tuple[str, str], Cell] = {}

    def read(self, part: Interchange) -> None:
        """Take in the claims of an interchange."""
        self._component = part.component
        steps: dict[str, Callable[[int, list[str]], None]] = {
            **{"HL": self._level, "SBR": self._payer_of, "NM1": self._name, "DMG": self._birth, "CLM": self._new_claim},
            **{"REF": self._reference, "LX": self._new_line, "SV1": self._service, "SV2": self._not_professional},
            **{"SV3": self._not_professional, "DTP": self._dates, "LIN": self._drug, "CTP": self._drug_quantity},
            "SE": lambda _, __: self._end_claim(),
        }
        for row, elements in part.segments(_WANTED):
            steps[elements[0]](row, elements)

    def table(self) -> pa.Table:
        """Return the lines gathered since this was last asked."""
        columns, self._columns = self._columns, defaultdict(list)
        arrays = []
        for wanted in claim_parts.SCHEMA:
            values = columns[wanted.name] or [None] * len(columns["row"])
            plain = (
                pa.string() if pa.types.is_decimal(wanted.type) or pa.types.is_dictionary(wanted.type) else wanted.type
            )
            arrays.append(pa.array(values, plain).cast(wanted.type))
        return pa.table(arrays, claim_parts.SCHEMA)

    # --- who ---------------------------------------------------------------------------------------------------------

    def _level(self, _: int, elements: list[str]) -> None:
        self._end_claim()
        if at(elements, 3) in ("20", "22"):
            self._subscriber, self._payer, self._product, self._payer_order = _Person(), "", "", ""
        self._patient = _Person()

    def _payer_of(self, _: int, elements: list[str]) -> None:
        if self._claim is not None:
            self._other_payer, self._line = True, None
            return
        self._product = _PRODUCTS.get(at(elements, 9), "")
        self._payer_order = "" if at(elements, 1) in _FIRST_PAYER else at(elements, 1)

    def _name(self, _: int, elements: list[str]) -> None:
        if self._claim is not None:
            return
        entity = at(elements, 1)
        if entity == "IL":
            self._subscriber.member, self._subscriber.given = at(elements, 9), at(elements, 4).upper()
        elif entity == "QC":
            self._patient.member, self._patient.given = self._subscriber.member, at(elements, 4).upper()
        elif entity == "PR":
            self._payer = " ".join(at(elements, 3).split())

    def _birth(self, _: int, elements: list[str]) -> None:
        if self._claim is None:
            person = self._patient if self._patient.given else self._subscriber
            person.birth = at(elements, 2)

    # --- the claim ---------------------------------------------------------------------------------------------------

    def _new_claim(self, row: int, elements: list[str]) -> None:
        self._end_claim()
        self._bills += 1
        place = [*at(elements, 5).split(self._component), "", "", ""]
        frequency = read.frequency(place[2])
        self._note("frequency", row, place[2], frequency)
        self._claim = _Claim(row, at(elements, 1), at(elements, 2), place[0], str(frequency.value or ""), self._bills)
        self._claim.payer_order = self._payer_order
        self._other_payer = False
        if self._payer_order:
            said = "SBR01: billed to a second payer; used only where the first payer's claim is not here"
            self.tally.add("second_payer", "payer", [row], said, GUESSED)
        if not self._claim.number:
            self.tally.add("missing", "claim_id", [row], "CLM01: the claim has no number")

    def _reference(self, _: int, elements: list[str]) -> None:
        if self._claim is None or (self._other_payer and self._line is None):
            return
        if self._line is not None and at(elements, 1) == "6R":
            self._line["control"] = at(elements, 2)
        elif self._line is None and at(elements, 1) == "F8":
            self._claim.original = at(elements, 2)

    def _new_line(self, row: int, elements: list[str]) -> None:
        if self._claim is None:
            self.tally.add("misplaced", "LX", [row], "LX: a line stands outside any claim and was left out")
            return
        self._line = {"row": row, "number": at(elements, 1)}
        self._claim.lines.append(self._line)

    def _service(self, row: int, elements: list[str]) -> None:
        if self._line is None:
            self.tally.add("misplaced", "SV1", [row], "SV1: a service stands outside any line and was left out")
            return
        parts = [*at(elements, 1).split(self._component), "", "", "", "", "", ""]
        self._line |= {
            "qualifier": parts[0],
            "code": parts[1],
            "modifiers": " ".join(filter(None, (part.strip() for part in parts[2:6]))),
            "charge": at(elements, 2),
            "unit": at(elements, 3),
            "units": at(elements, 4),
            "place": at(elements, 5),
        }

    def _not_professional(self, row: int, elements: list[str]) -> None:
        raise InputError(
            f"{elements[0]} is a line of an institutional or dental claim",
            where=f"segment {row}, {elements[0]}",
            expected=f"professional claims, 837P ({GUIDE}), with SV1 lines",
        )

    def _dates(self, row: int, elements: list[str]) -> None:
        if self._line is None or at(elements, 1) != "472":
            return
        if self._line.setdefault("dates", at(elements, 3)) != at(elements, 3):
            said = "DTP*472: a second service date of one line was left out"
            self.tally.add("second_date", "service_from", [row], said)

    def _drug(self, row: int, elements: list[str]) -> None:
        if self._line is None:
            return
        if at(elements, 2) != "N4":
            said = f"LIN02: a product number of kind {shown(at(elements, 2))}, not NDC, was left out"
            self.tally.add("other_product", "ndc", [row], said, GUESSED)
            return
        if "ndc" in self._line:
            self.tally.add("second_ndc", "LIN", [row], "LIN: a second NDC of one line was left out")
            return
        self._line["ndc"] = at(elements, 3)

    def _drug_quantity(self, _: int, elements: list[str]) -> None:
        if self._line is not None and "quantity" not in self._line:
            self._line |= {"quantity": at(elements, 4), "measure": at(elements, 5).split(self._component)[0]}

    # --- lines -------------------------------------------------------------------------------------------------------

    def _end_claim(self) -> None:
        claim, self._claim, self._line = self._claim, None, None
        if claim is None:
            return
        if not claim.lines:
            self.tally.add("no_lines", "CLM", [claim.row], "CLM: the claim has no service lines")
            return
        hashed = self._identity.hashed(CLAIM, claim.number)
        if claim.number:
            self.claims[hashed] = claim.number
        patient = self._patient.key or self._subscriber.key
        common = {
            "claim_id": hashed,
            "patient_id": self._identity.hashed(PATIENT, patient),
            "payer": self._payer,
            "product": self._product,
            "frequency": claim.frequency,
            "original": self._identity.named(claim.original),
            "bill": claim.bill,
            "payer_order": claim.payer_order,
        }
        if not patient:
            self.tally.add("missing", "patient_id", [claim.row], "NM1: the claim's patient has neither id nor name")
        if not self._payer:
            self.tally.add("missing", "payer", [claim.row], "NM1*PR: the claim's payer has no name")
        total = Decimal(0)
        for place, line in enumerate(claim.lines, start=1):
            made = self._typed(line, claim, hashed, place)
            total += Decimal(made["charge"] or 0)
            for name, value in made.items():
                self._columns[name].append(value)
        for name, value in common.items():
            self._columns[name] += [value] * len(claim.lines)
        self.count += len(claim.lines)
        if self._bills % CLAIMS_TOLD == 0:
            self._progress(self.count)
        self._check_total(claim, total)

    def _typed(self, line: dict[str, Any], claim: _Claim, hashed: str, place: int) -> dict[str, Any]:
        number = str(line["number"])
        row = int(line["row"])
        if line.get("qualifier", "HC") not in ("HC", ""):
            said = f"SV101 is a code of kind {shown(line['qualifier'])}, not HCPCS"
            self.tally.add("other_code", "code", [row], said)
        if line.get("unit") not in ("UN", None):
            self.tally.add("unit_basis", "units", [row], f"SV103 counts in {shown(line['unit'])}, not units", GUESSED)
        dates = str(line.get("dates", ""))
        if not dates:
            self.tally.add("missing", "service_from", [row], "DTP*472: the line has no service date")
        line["place"] = line.get("place") or claim.place
        made: dict[str, Any] = {
            name: self._cell(name, reader, line.get(said, ""), row) for name, said, reader in _READERS
        }
        for name in ("code", "units", "charge"):
            if not line.get(name):
                self.tally.add("missing", name, [row], f"SV1: the line has no {name}")
        control = line.get("control", "")
        return made | {
            "row": row,
            "line_id": f"{hashed}-{number.zfill(2) if number.isdigit() and len(number) <= 4 else str(place).zfill(2)}",
            "control": self._identity.hashed(LINE, control) if control else None,
        }

    def _cell(self, name: str, reader: Callable[[str], Cell], text: str, row: int) -> Any:
        cell = self._read.get((name, text))
        if cell is None:
            if len(self._read) > REMEMBERED:
                self._read.clear()
            cell = self._read[name, text] = reader(text)
        if cell.notes:
            self._note(name, row, text, cell)
        return cell.value

    def _note(self, name: str, row: int, text: str, cell: Cell) -> None:
        for note in cell.notes:
            if note.kind not in ("date_form", "date_span"):  # the forms that X12 prescribes
                self.tally.add(
                    note.kind,
                    name,
                    [row],
                    f"{name} {shown(text, day=name in DAY_FIELDS)!r}: {note.said}",
                    note.standing,
                )

    def _check_total(self, claim: _Claim, total: Decimal) -> None:
        stated = _money(claim.charge).value
        if stated is None:
            self.tally.add("missing", "charge", [claim.row], "CLM02: the claim has no charge that can be read")
        elif Decimal(str(stated)) != total:
            said = f"CLM02: the claim's charge {stated} is not the sum of its lines, {total}"
            self.tally.add("claim_total", "charge", [claim.row], said, WRONG)


def import_837(path: Path, workspace: Workspace, progress: Callable[[int], None] | None = None) -> tuple[Entry, bool]:
    """Bring a file of 837P claims into a workspace; return its entry, and whether the workspace held it already.

    Raises `InputError` when the file is no 837P, is cut off, or holds no claim.
    """
    checksum = checksum_of(path)
    held = workspace.holding(claim_parts.KIND, checksum)
    if held:
        return held, True
    tally = Tally("segment")
    parts = sorted(read_x12(path, GUIDE, tally), key=lambda part: part.made)
    identity = Identity.load()
    reader = Reader(identity, tally, progress)
    with workspace.changing() as change:
        bind(change, identity)
        name = name_of(workspace, path)
        target = change.place(claim_parts.KIND, name, checksum)
        with pq.ParquetWriter(target, claim_parts.SCHEMA) as writer:
            for part in parts:
                try:
                    reader.read(part)
                except InputError as error:
                    raise InputError(
                        error.what, where=f"{paths.shown(path)} {error.where}", expected=error.expected
                    ) from None
                writer.write_table(reader.table())
                if progress:
                    progress(reader.count)
        if not reader.count:
            why = next((count.example for count in tally.counts() if not count.repaired), "")
            raise InputError("the file holds no claim lines", where=paths.shown(path), expected=_LINES, next_step=why)
        with identity.crosswalk(checksum) as remember:
            remember(list(reader.claims), list(reader.claims.values()))
        about = {NUMBERED: "yes", FORMAT: "837P", "claims": str(len(reader.claims)), MADE: parts[-1].made}
        entry = Entry(
            claim_parts.KIND,
            name,
            path.name,
            checksum,
            reader.count,
            reader.count,
            findings=tally.counts(),
            about=about,
        )
        return change.add(entry, target), False


def name_of(workspace: Workspace, path: Path, kind: str = claim_parts.KIND) -> str:
    """Return what an X12 file is called: its name, with a number when another file has it.

    X12 files are never corrected in place: another file is another sending, and claims say themselves what they
    replace.
    """
    from hitmodel.workspace import name_for

    wanted, number = name_for(path), 2
    name = wanted
    while workspace.named(kind, name):
        name, number = f"{wanted}-{number}", number + 1
    return name


def files_of(given: Sequence[Path]) -> list[Path]:
    """Return the files meant: each file, and of each folder all its files, in order of name.

    Raises `InputError` for what is not there and for a folder that holds none.
    """
    found: list[Path] = []
    for path in given:
        inside = (
            sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith(".")) if path.is_dir() else []
        )
        if path.is_dir() and not inside:
            raise InputError("the folder holds no files", where=paths.shown(path))
        found += inside or [path]
    return list(dict.fromkeys(found))
