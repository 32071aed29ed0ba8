"""What intake costs beside the bare reading of the same file: ``python benchmarks/intake.py WHAT [LINES]``.

WHAT is one of `STEPS`. Files are made once under the system's temporary folder, from the sample claims and from a
claim that is repeated; imports go into a new workspace each time. `figures` takes each step in a process of its own.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from figures import Figure, said

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


@dataclass(frozen=True)
class Taken:
    """What a step took: seconds by the clock and of work, the file's size [MB] and the most memory held [MB]."""

    seconds: float
    worked: float
    size: float
    held: float


def taken(what: str, lines: int) -> Taken:
    """Do one step and return what it took; the file is made before."""
    path = claims_csv(lines) if what in ("read", "import") else x12(what[-3:])
    start, worked = time.perf_counter(), time.process_time()
    STEPS[what](lines)
    seconds, worked = time.perf_counter() - start, time.process_time() - worked
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Taken(seconds, worked, path.stat().st_size / 1e6, most)


def alone(what: str, lines: int, runs: int = 1) -> Taken:
    """Do one step a few times, each in a process of its own, and return what the quickest took."""
    command = [sys.executable, str(Path(__file__).resolve()), what, str(lines), "--json"]
    done = [subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(runs)]
    return min((Taken(**json.loads(one.stdout)) for one in done), key=lambda one: one.seconds)


def figures(lines: int) -> Iterator[Figure]:
    """Yield what intake costs: a claims CSV in time and memory, 837 and 835 beside their parser."""
    small = max(10_000, min(LINES, lines // 10))
    read, brought = alone("read", small, 3), alone("import", small, 3)
    yield Figure(
        f"import a claims CSV of {small:,} lines",
        said(brought.seconds),
        f"pyarrow.csv: {said(read.seconds)}",
        f"2 × pyarrow.csv + 2 s: {said(2 * read.seconds + 2)}",
        brought.seconds <= 2 * read.seconds + 2,
    )
    large = 8 * small  # a gigabyte in a whole run
    most = alone("import", large)
    yield Figure(
        f"most memory in importing {most.size:,.0f} MB of claims",
        f"{most.held:,.0f} MB, {most.held / brought.held:.2f} × it",
        f"{brought.size:,.0f} MB of claims: {brought.held:,.0f} MB",
        "at most 1.1 × that of an eighth",
        most.held <= 1.1 * brought.held if small == LINES else None,  # what a short file holds is mostly the libraries
    )
    for kind in ("837", "835"):
        bare, whole = alone(f"cut-{kind}", small, 2), alone(f"import-{kind}", small, 2)
        yield Figure(
            f"import an {kind} of {whole.size:,.0f} MB, per second of work",
            f"{whole.size / whole.worked:.1f} MB",
            f"oxedi alone: {bare.size / bare.worked:.1f} MB",
        )


def main() -> None:
    """Do one step and say how long it took, how fast that is, and the most memory that it held."""
    what, lines = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else LINES
    done = taken(what, lines)
    if "--json" in sys.argv:
        print(json.dumps(asdict(done)))
        return
    speed = f"{done.worked:.1f} s of work, {done.size / done.worked:.1f} MB/s"
    print(f"{what}: {done.size:,.0f} MB in {done.seconds:.1f} s ({speed}); {done.held:,.0f} MB held")


if __name__ == "__main__":
    main()
