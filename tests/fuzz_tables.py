"""Small price, code, rate, index and evidence files as people send them, to be broken by `fuzz_files`."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from fuzz_files import Seeds
from openpyxl import Workbook

from hitmodel.codes import code_table
from hitmodel.intake.asp import read_payment_limits
from hitmodel.intake.bls import read_series
from hitmodel.intake.crosswalk import read_crosswalk
from hitmodel.intake.evidence_import import import_evidence
from hitmodel.intake.fee_schedule import read_exhibit
from hitmodel.intake.hcpcs import read_hcpcs
from hitmodel.intake.ndc_prices import read_price_list
from hitmodel.intake.noc import read_noc

_TOP = (
    b'Payment Allowance Limits\r\n\r\n"Effective April 1, 2026 through June 30, 2026"\r\nbased on 4Q25 ASP data\r\n'
    b"HCPCS Code,Short Description,HCPCS Code Dosage,Payment Limit,Co-insurance Percentage,Vaccine AWP%,Vaccine Limit,"
    b"Blood AWP%,Blood limit,Clotting Factor,Notes\r\n"
)
ASP = (
    _TOP
    + b"".join(b"J%04d,Cef,500 MG,%d.900,20,,,,,,\r\n" % (690 + n, n) for n in range(20))
    + b'A9606,R,1,N/A,20,,,,,,"a\nb"\r\nJ7190,Factor viii,1 IU,"1,234.090",20,,,,,1,\r\n'
)
NOC = (
    b'"Effective April 1, 2026 through June 30, 2026"\r\n\r\n'
    b"Drug Generic Name (Trade Name),Dosage,Payment Limit,Notes\r\n"
) + b"".join(b"Vasopressin %d,1 UNIT,$2.46%d,\r\n" % (n, n) for n in range(8))
CROSSWALK = (
    b"April 2026 ASP NDC - HCPCS Crosswalk\r\n_2026_CODE,Short Description,LABELER NAME,NDC2,Drug Name,HCPCS dosage,"
    b"PKG SIZE,PKG QTY,BILLUNITS,BILLUNITSPKG,,,\r\n"
) + b"".join(b"J0696,x,Hikma,00143-98%02d-25,Ceftriaxone,250 MG,1,25,8,200,,,\r\n" % n for n in range(10))
SERIES = (
    b"series_id,title,year,period,value\r\n"
    + b"".join(b"CUUR0000SAM,Medical care,2025,M%02d,60%d.1\r\n" % (n, n % 10) for n in range(1, 13))
    + b"CUUR0000SAM,M,2025,M13,1\r\n"
)
PRICES = (
    b"Acme;;;\nNDC;Drug;AWP;UOM;Effective Date\n143985625;Cef;$1,234.50;EA;4/1/2026\n00409-1283-31;M;95,50;ML;46000\n"
) + b"".join(b"00338-00%02d-38;Dextrose;%d.25;ML;2026-04-01\n" % (n, n) for n in range(12))
EXHIBIT = (
    b'Exhibit B,,\n"Effective January 1, 2027",,\nHCPCS,Rate,Mod\n'
    b'S9500,$98.00,\n"S9501, S9502",85%,SS\nS9494-S9504,9,\n99601,$150.00 per visit,\nS9326,not covered,\n'
)


def _fixed(code: str, kind: str, text: str) -> bytes:
    return f"{code:>5}00100{kind}{text:<80}".ljust(268).encode() + b"20270101" * 2 + b" " * 8 + b"N\r\n"


HCPCS = b"***Disclaimers\t\t\r\n\r\n" + b"".join(
    _fixed(f"S95{n:02}", "3", "Home infusion therapy, antibiotic")
    + _fixed(f"S95{n:02}", "4", "administrative services")
    for n in range(15)
)
DESCRIPTIONS = b"HCPCS_CODE,LONG_DESCRIPTION\r\n" + b"".join(
    b'S95%02d,"Home infusion therapy, every %d hours"\r\n' % (n, n) for n in range(15)
)
CODES = b"".join(b"S95%02d\r\n" % n for n in range(40))


def _workbook(rows: list[list[object]], *, titled: bool = True) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    if titled:
        book.active.merge_cells("A1:B1")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _zip(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name.replace("_DOT_", "."), content)
    return out.getvalue()


def _old(name: str) -> bytes:
    return (Path(__file__).parent / "files" / name).read_bytes()


def _rates(path: Path) -> object:
    return read_exhibit(path, code_table())


RATES = _workbook(
    [
        ["Exhibit", None, None],
        ["Code", "Rate", "From"],
        ["S9500", 95.5, "2027-01-01"],
        [99601, 0.85, 46000],
        *([f"S9{n}", n, "2027-01-01"] for n in range(326, 332)),
    ]
)
RELEASE = _workbook(
    [
        ["HCPC", "SEQNUM", "RECID", "LONG DESCRIPTION", "ADD DT", "ACT EFF DT", "TERM DT"],
        *([f"S95{n:02}", "0010", "3", "Home infusion therapy", "20020101", "20020101", ""] for n in range(12)),
    ],
    titled=False,
)
VISITS = (
    b"MRN;Visit Date;Time In;Time Out;HCPCS;License;Nurse\n77;3/20/2025;9:30 AM;11:15 am;99601;RN;x\n"
    b"78;2025-03-21;23:00;01:00;99602;LVN;y\n79;2025-03-22;08:00;09:00;99601;RN;y\n"
)
SEEDS: Seeds = {
    "asp.csv": (ASP, read_payment_limits),
    "asp.zip": (_zip(limits_DOT_csv=ASP), read_payment_limits),
    "nested.zip": (_zip(readme_DOT_txt=b"Read me", april_DOT_zip=_zip(limits_DOT_csv=ASP)), read_payment_limits),
    "asp.xls": (_old("limits_2010.xls"), read_payment_limits),
    "noc.csv": (NOC, read_noc),
    "crosswalk.csv": (CROSSWALK, read_crosswalk),
    "hcpcs.txt": (HCPCS, read_hcpcs),
    "hcpcs.zip": (_zip(HCPC2027_JAN_ANWEB_DOT_txt=HCPCS), read_hcpcs),
    "hcpcs.xlsx": (RELEASE, read_hcpcs),
    "hcpcs.xls": (_old("release.xls"), read_hcpcs),
    "descriptions.csv": (DESCRIPTIONS, read_hcpcs),
    "codes.txt": (CODES, read_hcpcs),
    "index.csv": (SERIES, read_series),
    "prices.csv": (PRICES, read_price_list),
    "exhibit.csv": (EXHIBIT, _rates),
    "exhibit.xlsx": (RATES, _rates),
    "exhibit.xls": (_old("rates.xls"), _rates),
    "visits.csv": (VISITS, lambda path: import_evidence([path], path.parent / "workspace")),
}
