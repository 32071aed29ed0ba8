"""Damaged claims files: nothing but a clean import or a refusal, quickly and in little memory.

HITMODEL_FUZZ says how many files are damaged and read; benchmarks/README.md says how to make a long run.
"""

from __future__ import annotations

import csv
import io
import os
import random
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from hitmodel.errors import InputError
from hitmodel.identity import Identity
from hitmodel.intake import x835, x837
from hitmodel.intake.claim_blocks import Blocks
from hitmodel.intake.claim_columns import guess
from hitmodel.intake.claim_source import open_source
from hitmodel.intake.claim_tally import Tally
from hitmodel.intake.x12 import read_x12
from tests.x12_text import claim, remittance, submission

HOW_MANY = int(os.environ.get("HITMODEL_FUZZ", "1500"))
MOST_SECONDS, MOST_MEGABYTES = 2.0, 512

HEADING = b"Claim #,Line,MRN,Payor,DOS From,DOS Thru,HCPCS,Mod,Qty,Billed Amt,POS,NDC,NDC Qty,NDC UOM\n"
ROW = b'10%d,%d,77,"Meridian, Inc",03/01/2025,2025-03-07,S9500,SH,7,"$1,050.00",12,0338-0049-38,7,UN\n'
DIEM = "SV1*HC:S9500:SH*665*UN*7*12**1~DTP*472*RD8*20260301-20260307~LIN**N4*00338004938~CTP****7*UN"
PAID = (
    "CLP*CLM1*1*1050*500*165*12*ICN1*12*1",
    "SVC*HC:S9500:SH*1050*500**7",
    "DTM*150*20260301",
    "CAS*CO*45*385*1*PR*2*165",
)
NASTY = (
    b"",
    b"\x00",
    b"\xff",
    b'"',
    b"~",
    b"*",
    b",",
    b"\n",
    b"-",
    b"(",
    b"9" * 30,
    b"1E309",
    b"NaN",
    b"\xc3\x28",
    b"ISA*",
)


def workbook() -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in csv.reader(io.StringIO((HEADING + b"".join(ROW % (n, n) for n in range(5))).decode())):
        sheet.append(line)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def read_table(path: Path, identity: Identity) -> None:
    source = open_source(path)
    made = guess(source.headings, source.sample)
    if made.missing:
        raise InputError(f"no column was recognised as {', '.join(made.missing)}", where=str(path))
    for _ in Blocks(source, made, identity, lambda _hashes, _claims: None).tables():
        pass


def read_837(path: Path, identity: Identity) -> None:
    reader = x837.Reader(identity, Tally())
    for part in read_x12(path, x837.GUIDE, Tally()):
        reader.read(part)
    reader.table()


def read_835(path: Path, identity: Identity) -> None:
    reader = x835.Reader(identity, Tally())
    for part in read_x12(path, x835.GUIDE, Tally(), x835.spec()):
        reader.read(part)
    reader.table()


SEEDS: dict[str, tuple[bytes, Callable[[Path, Identity], None]]] = {
    "claims.csv": (HEADING + b"".join(ROW % (n, n) for n in range(30)), read_table),
    "claims.xlsx": (workbook(), read_table),
    "batch.837": (submission(claim("CLM1", [DIEM, DIEM], "1330"), claim("CLM2", [DIEM], "665")).encode(), read_837),
    "april.835": (remittance(PAID, PAID).encode(), read_835),
}


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Return a file with some bytes changed, doubled, moved or cut off."""
    made = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        at = chance.randrange(len(made) + 1)
        length = chance.choice((1, 1, 4, 40))
        match chance.randrange(6):
            case 0:
                made[at : at + length] = bytes(chance.randrange(256) for _ in range(length))
            case 1:
                del made[at : at + length]
            case 2:
                made[at:at] = chance.choice(NASTY)
            case 3:
                made[at:at] = made[at : at + 10 * length]
            case 4:
                digit = chance.choice(b"0123456789-./:")
                made[at : at + 1] = bytes([digit])
            case _:
                if chance.random() < 0.3:
                    del made[at:]
    return bytes(made)


def damaged_inside(book: bytes, chance: random.Random) -> bytes:
    """Return a workbook with one of its parts damaged; now and then the whole file."""
    if chance.random() < 0.1:
        return damaged(book, chance)
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(made, "w") as new:
        names = old.namelist()
        chosen = chance.choice([name for name in names if "sheet1" in name or "shared" in name.lower()] or names)
        for name in names:
            content = old.read(name)
            new.writestr(name, damaged(content, chance) if name == chosen else content)
    return made.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize("name", SEEDS)
def test_damaged_files_are_read_or_refused(name: str, tmp_path: Path, own_workspace: Path) -> None:
    import resource

    content, read = SEEDS[name]
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # by whatever this process did before
    identity = Identity.load()
    chance = random.Random(20_260_301)
    path, outcomes, longest, unplaced = tmp_path / name, Counter[str](), 0.0, list[str]()
    for _ in range(HOW_MANY // len(SEEDS)):
        path.write_bytes(damaged_inside(content, chance) if name.endswith("xlsx") else damaged(content, chance))
        start = time.process_time()
        try:
            read(path, identity)
            outcomes["read"] += 1
        except InputError as error:
            outcomes["refused"] += 1
            unplaced += [str(error)] if name not in str(error) and "segment" not in str(error) else []
        longest = max(longest, time.process_time() - start)
    assert not unplaced, "these refusals do not say where"
    assert outcomes["read"], "some damage does no harm"
    assert outcomes["refused"], "and some does"
    assert longest < MOST_SECONDS
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - held
    assert more / 1024 < MOST_MEGABYTES
