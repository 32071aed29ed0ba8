"""Small claims extracts, 837P and 835 files, to be broken by `fuzz_files` and imported from door to door."""

from __future__ import annotations

import csv
import gzip
import io
import shutil
import zipfile
from pathlib import Path

from fuzz_files import Seeds
from openpyxl import Workbook
from x12_text import claim, remittance, submission

from hitmodel.intake.claim_table import import_claims
from hitmodel.intake.x835 import import_835
from hitmodel.intake.x837 import import_837
from hitmodel.workspace import Workspace

HEADING = b"Claim #,Line,MRN,Payor,DOS From,DOS Thru,HCPCS,Mod,Qty,Billed Amt,POS,NDC,NDC Qty,NDC UOM\n"
ROW = b'10%d,%d,77,"Meridian, Inc",03/01/2025,2025-03-07,S9500,SH,7,"$1,050.00",12,0338-0049-38,7,UN\n'
DIEM = "SV1*HC:S9500:SH*665*UN*7*12**1~DTP*472*RD8*20260301-20260307~LIN**N4*00338004938~CTP****7*UN"
PAID = (
    "CLP*CLM1*1*1050*500*165*12*ICN1*12*1",
    "SVC*HC:S9500:SH*1050*500**7",
    "DTM*150*20260301",
    "CAS*CO*45*385*1*PR*2*165",
)
LINES = HEADING + b"".join(ROW % (n, n) for n in range(30))


def _workbook() -> bytes:
    book = Workbook()
    for line in csv.reader(io.StringIO(LINES.decode())):
        book.active.append(line)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _empty(path: Path) -> Workspace:
    """Return a workspace beside a file in which nothing is: each file is imported as if it were the first."""
    folder = path.parent / "workspace"
    shutil.rmtree(folder, ignore_errors=True)
    return Workspace.open(folder)


def _zip(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("one.835", content)
    return out.getvalue()


CLAIMS = submission(claim("CLM1", [DIEM, DIEM], "1330"), claim("CLM2", [DIEM], "665")).encode()
PAYMENTS = remittance(PAID, PAID, paid="1000").encode()
SEEDS: Seeds = {
    "claims.csv": (LINES, lambda path: import_claims(path, _empty(path))),
    "claims.xlsx": (_workbook(), lambda path: import_claims(path, _empty(path))),
    "claims.csv.gz": (gzip.compress(LINES), lambda path: import_claims(path, _empty(path))),
    "batch.837": (CLAIMS, lambda path: import_837(path, _empty(path))),
    "april.835": (PAYMENTS, lambda path: import_835(path, _empty(path))),
    "april.zip": (_zip(PAYMENTS), lambda path: import_835(path, _empty(path))),
}
