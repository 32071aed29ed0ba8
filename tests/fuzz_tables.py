"""Broken copies of the tables that people send: bytes changed, cut off, doubled, cells of a workbook rewritten.

``python tests/fuzz_tables.py 100000`` makes so many and prints what came of them; the tests make a few.
"""

from __future__ import annotations

import io
import os
import random
import re
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

from openpyxl import Workbook

from hitmodel.codes import code_table
from hitmodel.errors import HitmodelError
from hitmodel.identity import FOLDER_VARIABLE
from hitmodel.intake.asp import read_payment_limits
from hitmodel.intake.bls import read_series
from hitmodel.intake.crosswalk import read_crosswalk
from hitmodel.intake.evidence_import import import_evidence
from hitmodel.intake.fee_schedule import read_exhibit
from hitmodel.intake.hcpcs import read_hcpcs
from hitmodel.intake.ndc_prices import read_price_list
from hitmodel.intake.noc import read_noc

SECONDS = 2.0
_PIECES = (
    b"",
    b"\0",
    b'"',
    b",",
    b"\n",
    b"\r\n",
    b"\xff\xfe",
    b"\x92",
    b"999999999999",
    b"-",
    b"=",
    b"\t",
    b";",
    b"1E400",
)
_XML = (
    b"",
    b"A1",
    b"XFD1048576",
    b"ZZZ9999999",
    b"<",
    b"&",
    b"99999999999",
    b"-1",
    b"1e999",
    b't="s"',
    b"NaN",
    b"</row>",
)

ASP = (
    b'Payment Allowance Limits\r\n\r\n"Effective April 1, 2026 through June 30, 2026"\r\nbased on 4Q25 ASP data\r\n'
    b"HCPCS Code,Short Description,HCPCS Code Dosage,Payment Limit,Co-insurance Percentage,Vaccine AWP%,Vaccine Limit,"
    b"Blood AWP%,Blood limit,Clotting Factor,Notes\r\nJ0690,Cef,500 MG,0.900,20,,,,,,\r\n"
    b'A9606,R,1,N/A,20,,,,,,"a\nb"\r\n'
)
NOC = (
    b'"Effective April 1, 2026 through June 30, 2026"\r\n\r\n'
    b"Drug Generic Name (Trade Name),Dosage,Payment Limit,Notes\r\nVasopressin,1 UNIT,$2.462,\r\n"
)
CROSSWALK = (
    b"April 2026 ASP NDC - HCPCS Crosswalk\r\n_2026_CODE,Short Description,LABELER NAME,NDC2,Drug Name,HCPCS dosage,"
    b"PKG SIZE,PKG QTY,BILLUNITS,BILLUNITSPKG,,,\r\nJ0696,x,Hikma,00143-9856-25,Ceftriaxone,250 MG,1,25,8,200,,,\r\n"
)
SERIES = b"series_id,title,year,period,value\r\nCUUR0000SAM,Medical care,2026,M09,600.1\r\nCUUR0000SAM,M,2026,M13,1\r\n"
PRICES = (
    b"Acme;;;\nNDC;Drug;AWP;UOM;Effective Date\n143985625;Cef;$1,234.50;EA;4/1/2026\n00409-1283-31;M;95,50;ML;46000\n"
)
EXHIBIT = (
    b'Exhibit B,,\n"Effective January 1, 2027",,\nHCPCS,Rate,Mod\n'
    b'S9500,$98.00,\n"S9501, S9502",85%,SS\nS9494-S9504,9,\n'
)


def _fixed(code: str, text: str) -> bytes:
    return f"{code:>5}001003{text:<80}".ljust(268).encode() + b"20270101" * 2 + b" " * 8 + b"N\r\n"


HCPCS = _fixed("S9500", "Home infusion therapy, antibiotic") + _fixed("S9501", "Home infusion therapy, every 12 hours")


def _workbook(rows: list[list[object]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.active.merge_cells("A1:B1")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _zip(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(name, content)
    return out.getvalue()


RATES = _workbook(
    [["Exhibit", None, None], ["Code", "Rate", "From"], ["S9500", 95.5, "2027-01-01"], [99601, 0.85, 46000]]
)
RELEASE = _workbook(
    [
        ["HCPC", "SEQNUM", "RECID", "LONG DESCRIPTION", "ADD DT", "ACT EFF DT", "TERM DT"],
        ["S9500", "0010", "3", "Home infusion therapy", "20020101", "20020101", ""],
    ]
)
VISITS = (
    b"MRN;Visit Date;Time In;Time Out;HCPCS;License;Nurse\n77;3/20/2025;9:30 AM;11:15 am;99601;RN;x\n"
    b"78;2025-03-21;23:00;01:00;99602;LVN;y\n"
)
OLD = (Path(__file__).parent / "files" / "rates.xls").read_bytes()
SEEDS: dict[str, tuple[bytes, Callable[[Path], object]]] = {
    "asp.csv": (ASP, read_payment_limits),
    "asp.zip": (_zip("limits.csv", ASP), read_payment_limits),
    "noc.csv": (NOC, read_noc),
    "crosswalk.csv": (CROSSWALK, read_crosswalk),
    "hcpcs.txt": (HCPCS, read_hcpcs),
    "hcpcs.zip": (_zip("HCPC2027_JAN_ANWEB.txt", HCPCS), read_hcpcs),
    "hcpcs.xlsx": (RELEASE, read_hcpcs),
    "index.csv": (SERIES, read_series),
    "prices.csv": (PRICES, read_price_list),
    "exhibit.csv": (EXHIBIT, lambda path: read_exhibit(path, code_table())),
    "exhibit.xlsx": (RATES, lambda path: read_exhibit(path, code_table())),
    "visits.csv": (VISITS, lambda path: import_evidence([path], path.parent / "workspace")),
    "exhibit.xls": (OLD, lambda path: read_exhibit(path, code_table())),
}


def broken(content: bytes, chance: random.Random) -> bytes:
    """Return a broken copy: cut off, bytes changed, pieces put in, taken out or doubled; inside a zip too."""
    if content.startswith(b"PK") and chance.random() < 0.7:
        return _broken_inside(content, chance)
    made = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(made) + 1)
        until = min(len(made), at + chance.randint(0, 30))
        what = chance.randrange(5)
        if what == 0:
            del made[at:]
        elif what == 1:
            made[at:until] = bytes(chance.randrange(256) for _ in range(until - at))
        elif what == 2:
            made[at:at] = chance.choice(_PIECES)
        elif what == 3:
            del made[at:until]
        else:
            made[at:at] = made[at:until] * chance.randint(1, 50)
    return bytes(made)


def _broken_inside(content: bytes, chance: random.Random) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as read, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        names = read.namelist()
        hurt = chance.choice(names)
        for name in names:
            inner = read.read(name)
            if name != hurt:
                made.writestr(name, inner)
            elif chance.random() < 0.9:
                places = [m.span() for m in re.finditer(rb'"[^"]*"|>[^<]+<', inner)] or [(0, len(inner))]
                first, last = chance.choice(places)
                made.writestr(name, inner[: first + 1] + chance.choice(_XML) + inner[last - 1 :])
    return out.getvalue()


def outcomes(count: int, seed: int) -> Iterator[tuple[str, str, float]]:
    """Yield for each broken file its name, what came of it (``read`` or the refusal), and the seconds of work it took.

    Raises `AssertionError` for any other end, with the seed by which to make the file again.
    """
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, {FOLDER_VARIABLE: f"{folder}/key"}):
        for number in range(count):
            chance = random.Random(seed * 1_000_003 + number)
            name = chance.choice(sorted(SEEDS))
            content, reader = SEEDS[name]
            path = Path(folder) / name
            path.write_bytes(broken(content, chance))
            began = time.process_time()
            try:
                reader(path)
                said = "read"
            except HitmodelError as error:
                said = str(error)
            except BaseException as error:
                path.replace(Path(tempfile.gettempdir()) / f"fuzz-{seed}-{number}-{name}")
                raise AssertionError(
                    f"{name}, seed {seed}, number {number}: {type(error).__name__}: {error}"
                ) from error
            yield name, said, time.process_time() - began


if __name__ == "__main__":
    import resource

    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    counts: Counter[str] = Counter()
    slowest, which = 0.0, ""
    for number, (name, said, seconds) in enumerate(outcomes(int(sys.argv[1]), seed)):
        counts[f"{name} {'read' if said == 'read' else 'refused'}"] += 1
        if seconds > slowest:
            slowest, which = seconds, f"{name}, number {number}"
    for what, times in sorted(counts.items()):
        print(f"{times:>8,} {what}")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"seed {seed}: slowest {slowest:.2f} s ({which}), {most} MB at most")
