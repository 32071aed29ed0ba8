"""What intake costs beside the bare reading of the same file: ``python benchmarks/intake.py WHAT [LINES]``.

WHAT is one of `STEPS`. Files are made once under the system's temporary folder, from the sample claims and from a
claim that is repeated; imports go into a new workspace each time.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
KEPT = Path(tempfile.gettempdir()) / "hitmodel-benchmarks"
SAMPLE = PROJECT / "data" / "samples" / "claims_2025.csv"
LINES = 1_000_000
CLAIMS = 20_000


def claims_csv(lines: int) -> Path:
    """Return a CSV of that many lines: the sample again and again under other ids."""
    path = KEPT / f"claims_{lines}.csv"
    if path.exists():
        return path
    KEPT.mkdir(exist_ok=True)
    head, *rows = SAMPLE.read_text(encoding="utf-8").splitlines()
    cells = [row.split(",", 3) for row in rows]
    with path.open("w", encoding="utf-8") as file:
        file.write(head + "\n")
        for number in range(lines):
            copy, at = divmod(number, len(cells))
            claim, line, patient, rest = cells[at]
            file.write(f"{claim}-{copy},{claim}-{copy}-{line[-2:]},{patient}-{copy},{rest}\n")
    return path


def x12(kind: str) -> Path:
    """Return an X12 file of `CLAIMS` claims of three lines each."""
    path = KEPT / f"claims.{kind}"
    if path.exists():
        return path
    KEPT.mkdir(exist_ok=True)
    sys.path.insert(0, str(PROJECT))
    from tests.x12_text import claim, remittance, submission

    if kind == "837":
        line = "SV1*HC:S9500:SH*665*UN*7*12**1~DTP*472*RD8*20260301-20260307~LIN**N4*00338004938~CTP****7*UN"
        text = submission(*(claim(f"CLM{n}", [line] * 3, "1995", member=f"M{n}") for n in range(CLAIMS)))
    else:
        line = ["SVC*HC:S9500:SH*1050*500**7", "DTM*150*20260301", "DTM*151*20260307", "CAS*CO*45*385", "CAS*PR*2*165"]
        text = remittance(*([f"CLP*CLM{n}*1*3150*1500*495*12*ICN{n}", *line * 3] for n in range(CLAIMS)))
    path.write_text(text, encoding="utf-8")
    return path


def read_csv(lines: int) -> Path:
    """Read the CSV with pyarrow, and do nothing with it."""
    from pyarrow import csv

    csv.read_csv(claims_csv(lines))
    return claims_csv(lines)


def import_csv(lines: int) -> Path:
    """Import the CSV into a new workspace."""
    from hitmodel.intake.claim_table import import_claims
    from hitmodel.workspace import Workspace

    with tempfile.TemporaryDirectory() as place:
        made = import_claims(claims_csv(lines), Workspace.open(place))
        assert made.entry.rows_kept == lines
    return claims_csv(lines)


def cut_x12(kind: str) -> Path:
    """Let oxedi read the file, and do nothing with it."""
    import oxedi

    oxedi.parse(x12(kind).read_bytes())
    return x12(kind)


def import_x12(kind: str) -> Path:
    """Import the file into a new workspace."""
    from hitmodel.intake.x835 import import_835
    from hitmodel.intake.x837 import import_837
    from hitmodel.workspace import Workspace

    with tempfile.TemporaryDirectory() as place:
        (import_837 if kind == "837" else import_835)(x12(kind), Workspace.open(place))
    return x12(kind)


STEPS: dict[str, Callable[[int], Path]] = {
    "read": read_csv,
    "import": import_csv,
    "cut-837": lambda _: cut_x12("837"),
    "import-837": lambda _: import_x12("837"),
    "cut-835": lambda _: cut_x12("835"),
    "import-835": lambda _: import_x12("835"),
}


def main() -> None:
    """Do one step and say how long it took, how fast that is, and the most memory that it held."""
    what, lines = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else LINES
    start, worked = time.perf_counter(), time.process_time()
    path = STEPS[what](lines)
    took, worked = time.perf_counter() - start, time.process_time() - worked
    size, most = path.stat().st_size / 1e6, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    speed = f"{worked:.1f} s of work, {size / worked:.1f} MB/s"
    print(f"{what}: {size:,.0f} MB in {took:.1f} s ({speed}); {most:,.0f} MB held")


if __name__ == "__main__":
    main()
