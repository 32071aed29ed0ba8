"""Hold engine and oracle against each other on a book of any size: ``python benchmarks/exactness.py [LINES] [FOLDER]``.

`make bench` takes the speed of both, and holds a hundredth of its lines against each other.

Ten million lines take about an hour of one processor, so this is no part of `make bench`; README.md says what came of
it. The book lies in FOLDER, made there when it is not; after each file it says how far it has come.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests")]

from books import book  # noqa: E402
from everyone import everyone  # noqa: E402
from figures import Figure, best  # noqa: E402
from oracle_book import Answers, Held, hold  # noqa: E402

from hitmodel.book.many import make_many  # noqa: E402
from hitmodel.codes import code_table  # noqa: E402
from hitmodel.contracts import load_contract  # noqa: E402
from hitmodel.kept_claims import claim_files, prepare_folder  # noqa: E402
from hitmodel.pricing import Pricer  # noqa: E402


def figures(lines: int) -> Iterator[Figure]:
    """Yield lines a second of engine and oracle, at most a million for one and ten thousand for the other."""
    some = min(lines, 1_000_000)
    with tempfile.TemporaryDirectory() as scratch:
        contract = everyone(Path(scratch))
        loaded, pricer = load_contract(contract), Pricer(prepare_folder(book(some), code_table()))
        pricer.price(loaded)
        taken, _ = best(lambda: Pricer(pricer.prepared).price(loaded), runs=2)
        held, few = Held(), book(max(some // 100, 1000))
        for path in claim_files(few):
            held.add(hold(path, contract, {}, Path(scratch)))
    differ = f"{len(held.different):,} of {held.lines:,} lines differ"
    theirs = f"the oracle: {held.asked / held.seconds:,.0f} lines a second"
    what = f"fit, resolve and price {some:,} lines, 1 thread"
    yield Figure(what, f"{some / taken:,.0f} lines a second; {differ}", theirs, "no line differs", not held.different)


def main(lines: int, folder: Path) -> int:
    """Compare every line, print how far it has come after each file, and return 1 when any differs."""
    if not (folder / "book.json").is_file():
        make_many(lines, folder)
    whole, known, start = Held(), dict[bytes, Answers](), time.process_time()
    with tempfile.TemporaryDirectory() as scratch:
        contract = everyone(Path(scratch))
        for path in claim_files(folder):
            whole.add(hold(path, contract, known, Path(scratch)))
            print(
                f"{path.name}: {whole.lines:,} lines compared, {whole.asked:,} of them worked out by the oracle, "
                f"{len(whole.different):,} differ; {time.process_time() - start:,.0f} s of work; {whole.statuses}",
                flush=True,
            )
            for text in whole.different[:10]:
                print(text)
    return 1 if whole.different else 0


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    place = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(tempfile.gettempdir()) / "hitmodel-benchmarks" / str(count)
    sys.exit(main(count, place))
