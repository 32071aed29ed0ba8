"""Broken copies of the files that people send: what must come of each is a clean reading, or a refusal that says where.

``python tests/fuzz_files.py tables 50000 1`` makes so many broken tables from that seed, ``claims`` broken claims
extracts, 837 and 835 files; it prints what came of them and ends with exit code 1 where one broke the rules below.
"""

from __future__ import annotations

import gzip
import io
import os
import random
import re
import signal
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from unittest import mock

from hitmodel.errors import HitmodelError
from hitmodel.identity import FOLDER_VARIABLE

SECONDS, MEGABYTES = 2.0, 512
_HANGS = 20
"""Seconds by the clock after which a file is taken to hang, on a machine that may be busy."""
_PIECES = (
    *(b"", b"\0", b'"', b",", b"\n", b"\r\n", b"\xff\xfe", b"\xff", b"\xc3\x28", b"\x92", b"-", b"=", b"\t", b";"),
    *(b"999999999999", b"9" * 30, b"1E400", b"NaN", b"(", b"~", b"*", b":", b"ISA*", b"\r"),
)
_XML = (
    *(b"", b"A1", b"XFD1048576", b"ZZZ9999999", b"<", b"&", b"99999999999", b"-1", b"1e999", b't="s"', b"NaN"),
    b"</row>",
)

Seeds = Mapping[str, tuple[bytes, Callable[[Path], object]]]
"""Name of a file to its content and to what reads it."""

WHOLE = (
    r"the file is empty",
    r"the (file|workbook|list|exhibit|zip|interchange)s? (has|have|holds?) (a heading and )?no\w*\b",
    r"the (zip|workbook|zip or workbook|zip or gzip file) is (damaged|cut off)",
    r"(the workbook|it) (holds nothing|is protected|unpacks to more)",
    r"the file (is damaged or no workbook|is protected by a password|is no table)",
    r"this is (a|an|no|not|another|CMS's) ",
    r"no row of it is the heading of such a table",
    r"no (row|sheet) (is|has) a heading that names the columns of claim lines",
    r"(neither the file nor its name|the file does not) say",
    r"the ISA segment is not 106 characters long",
    r"the envelope is missing",
)
"""What can be wrong with a file as a whole, so that no place in it could be named."""
_PLACE = re.compile(
    r"(?P<place>\b(rows?|line|segment) \d+( (to|column) \w+)?|[^,/]*![A-Z]{1,3}\d+)(, (?P<field>\S.*))?"
)


@dataclass(frozen=True)
class Outcome:
    """What came of one broken file: ``refusal`` None where it was read; ``seconds`` of work."""

    name: str
    number: int
    refusal: HitmodelError | None
    seconds: float

    @property
    def end(self) -> str:
        """How it ended, in words."""
        if self.refusal is None:
            return "read"
        return "refused at a place" if _PLACE.search(self.refusal.where) else "refused as a whole"

    @property
    def wrong(self) -> str:
        """What the outcome lacks, "" when nothing."""
        if self.seconds > SECONDS:
            return f"it took {self.seconds:.1f} s"
        return lacking(self.name, self.refusal) if self.refusal else ""


def lacking(name: str, refusal: HitmodelError) -> str:
    """Return what a refusal does not say of the file, the place and the field; "" when it says all.

    A fault of the whole file has no place. Every other refusal names a row, line, segment or cell, and the field,
    heading or element that is wrong there.
    """
    where = refusal.where
    if name not in where:
        return "the file"
    found = _PLACE.search(where[where.index(name) + len(name) :])
    if found is None:
        return "" if any(re.match(shape, refusal.what) for shape in WHOLE) else "the place"
    return "" if found["field"] else "the field"


def broken(content: bytes, chance: random.Random) -> bytes:
    """Return a broken copy: cut off, bytes changed, pieces put in, taken out or doubled; inside a zip too."""
    if content.startswith(b"PK") and chance.random() < 0.8:
        return _broken_inside(content, chance)
    if content.startswith(b"\x1f\x8b") and chance.random() < 0.8:
        return gzip.compress(broken(gzip.decompress(content), chance))
    made = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 3, 5, 20))):
        at = chance.randrange(len(made) + 1)
        until = min(len(made), at + chance.choice((1, 1, 4, 30)))
        match chance.randrange(6):
            case 0 if chance.random() < 0.5:
                del made[at:]
            case 1:
                made[at:until] = bytes(chance.randrange(256) for _ in range(until - at))
            case 2:
                made[at:at] = chance.choice(_PIECES)
            case 3:
                del made[at:until]
            case 4:
                made[at:until] = chance.choice(b"0123456789-./:").to_bytes()
            case _:
                made[at:at] = made[at:until] * chance.randint(1, 50)
    return bytes(made)


def _broken_inside(content: bytes, chance: random.Random) -> bytes:
    """Return a zip one of whose members is broken: most often its table, by a value, sometimes by its bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as read, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        names = read.namelist()
        tables = [name for name in names if "sheet" in name or "shared" in name.lower()]
        hurt = chance.choice(tables if tables and chance.random() < 0.7 else names)
        for name in names:
            inner = read.read(name)
            if name != hurt or chance.random() < 0.05:
                made.writestr(name, inner)
            elif name.endswith((".xml", ".rels")) and chance.random() < 0.7:
                places = [m.span() for m in re.finditer(rb'"[^"]*"|>[^<]+<', inner)] or [(0, len(inner))]
                first, last = chance.choice(places)
                made.writestr(name, inner[: first + 1] + chance.choice(_XML) + inner[last - 1 :])
            else:
                made.writestr(name, broken(inner, chance))
    return out.getvalue()


def outcomes(seeds: Seeds, count: int, seed: int) -> Iterator[Outcome]:
    """Yield what came of each of ``count`` broken files.

    Raises `AssertionError` for any end but a reading or a refusal, and for a file on which the reading hangs; the file
    is then kept, and named.
    """
    before = signal.signal(signal.SIGALRM, _hangs)
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, {FOLDER_VARIABLE: f"{folder}/key"}):
        try:
            for number in range(count):
                yield _outcome(seeds, Path(folder), seed, number)
        finally:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, before)


def _outcome(seeds: Seeds, folder: Path, seed: int, number: int) -> Outcome:
    chance = random.Random(seed * 1_000_003 + number)
    name = chance.choice(sorted(seeds))
    content, reader = seeds[name]
    path = folder / name
    path.write_bytes(broken(content, chance))
    began = time.process_time()
    signal.alarm(_HANGS)
    try:
        reader(path)
    except HitmodelError as error:
        return Outcome(name, number, error, time.process_time() - began)
    except BaseException as error:
        kept = path.replace(Path(tempfile.gettempdir()) / f"fuzz-{seed}-{number}-{name}")
        raise AssertionError(f"{kept}, seed {seed}, number {number}: {type(error).__name__}: {error}") from error
    return Outcome(name, number, None, time.process_time() - began)


def _hangs(_: int, __: FrameType | None) -> None:
    raise TimeoutError(f"the reading has not ended after {_HANGS} s")


def main(which: str, count: int, seed: int) -> int:
    """Break so many files of a kind, print what came of them, and return the exit code."""
    import resource

    import fuzz_claims
    import fuzz_tables

    seeds = {"tables": fuzz_tables.SEEDS, "claims": fuzz_claims.SEEDS}[which]
    counts, faults = Counter[str](), Counter[str]()
    slowest, slow = 0.0, ""
    for one in outcomes(seeds, count, seed):
        counts[f"{one.name} {one.end}"] += 1
        if one.wrong:
            faults[re.sub(r"\d+", "9", f"{one.name}, lacks {one.wrong}: {one.refusal}")[:300]] += 1
        if one.seconds > slowest:
            slowest, slow = one.seconds, f"{one.name}, number {one.number}"
    for what, times in sorted(counts.items()):
        print(f"{times:>8,} {what}")
    for what, times in faults.most_common():
        print(f"WRONG {times:,} times: {what}")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    slowest_of = f"slowest {slowest:.2f} s ({slow})"
    print(f"{count:,} {which}, seed {seed}: {sum(faults.values())} wrong, {slowest_of}, {most} MB at most")
    return 1 if faults or most > MEGABYTES else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
