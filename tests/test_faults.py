"""Runs that are killed, hang, eat memory, find no room or come twice: nothing is lost or half-written, and the next
run is right. Processes and signals are real here."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import which

import nbformat
import psutil
import pytest

from hitmodel.ledger import read_ledger
from hitmodel.run_record import altered_files, is_run, read_record
from hitmodel.runner import Limits, NotebookFailed, notebook_text, run_notebook

pytestmark = pytest.mark.usefixtures("own_workspace")  # runs keep there what went into them

ROOT = Path(__file__).resolve().parent.parent
PARAMETERS = 'text: str = "one"\nedition: str = "internal"'
SHOW = """
from hitmodel.tables import Column, Table
rows = [(f"{text} {n}", n) for n in range(400)]
Table("numbers", f"{len(rows)} rows.", "All of them", (Column("what", "What"), Column("n", "Number", "count")), rows)
"""
SCHEDULE = """
[[schedule]]
name = "watch"
notebook = "{notebook}"
on_change = ["prices"]
formats = ["html", "xlsx", "csv"]
retries = 20
retry_minutes = 1
over = [ {{ name = "a", text = "first" }}, {{ name = "b", text = "second" }} ]
"""


def notebook(*sources: str) -> nbformat.NotebookNode:
    cells = [nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})]
    return nbformat.v4.new_notebook(cells=[*cells, *(nbformat.v4.new_code_cell(s.strip()) for s in sources)])


class Place:
    """A folder with a schedule of two reports, and the command that runs what is due there."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "reports"
        (folder / "numbers.ipynb").write_text(notebook_text(notebook(SHOW)))
        self.file = folder / "schedules.toml"
        self.file.write_text(SCHEDULE.format(notebook=folder / "numbers.ipynb"))

    def start(self, before: Callable[[], None] | None = None) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "hitmodel.cli", "schedule", "run-due"]
        options = ["--file", str(self.file), "--reports", str(self.home)]
        return subprocess.Popen(
            [*command, *options], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=before,
        )  # fmt: skip

    def run(self, before: Callable[[], None] | None = None) -> tuple[int, str]:
        process = self.start(before)
        output, _ = process.communicate(timeout=120)
        return process.returncode, output

    def check_sound(self) -> None:
        """Assert that the ledger is whole, and that every run that stands anywhere is as it was written."""
        assert read_ledger(self.home).broken == ""
        for folder in [p for p in self.home.rglob("*") if p.is_dir() and is_run(p)]:
            if not any(part.startswith(".") for part in folder.relative_to(self.home).parts):
                assert altered_files(folder, read_record(folder)) == (), folder
        for page in self.home.glob("index.html"):
            assert page.read_text().endswith("</html>\n")

    def good(self) -> list[str]:
        return [entry["item"] for entry in read_ledger(self.home).runs() if entry["status"] == "ok"]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.mark.slow
def test_killed_at_twenty_random_points_the_next_run_is_right(place: Place, tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    begun = time.monotonic()
    assert Place(tmp_path / "first").run()[0] == 0
    usual = time.monotonic() - begun
    chosen = random.Random(20)
    killed = 0
    for _ in range(20):
        process = place.start()
        try:
            process.wait(timeout=chosen.uniform(0.05, usual))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            killed += 1
        place.check_sound()
        if place.good() == ["a", "b"]:  # it got through: the next ones have to be about something again
            place = _again(place)
    assert killed >= 10
    code, output = place.run()
    assert code == 0, output
    assert place.good() == ["a", "b"]
    place.check_sound()
    assert [p for p in place.home.rglob(".*") if p.is_dir() and p.name != ".schedules"] == []
    assert "Nothing is due" in place.run()[1]


def _again(place: Place) -> Place:
    folder = place.file.parent / f"again_{random.randrange(10**9)}"
    folder.mkdir()
    return Place(folder)


@pytest.mark.slow
def test_two_at_once_make_one_run(place: Place) -> None:
    both = [place.start() for _ in range(2)]
    said = [process.communicate(timeout=120)[0] for process in both]
    assert place.good() == ["a", "b"]
    assert sum("watch a internal: done" in text for text in said) == 1
    assert any("Another process is running" in text or "Nothing is due" in text for text in said)


@pytest.mark.slow
def test_without_room_on_the_disk_the_last_good_run_stays_and_the_next_is_right(place: Place) -> None:
    assert place.run()[0] == 0
    before = {p: p.read_bytes() for p in (place.home / "scheduled").rglob("*") if p.is_file()}
    text = place.file.read_text()
    place.file.write_text(text.replace('"watch"', '"tight"').replace("retry_minutes = 1\n", ""))

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, 9_000))

    code, output = place.run(little_room)
    assert code in (1, 2, 3), output
    assert "Traceback" not in output
    place.check_sound()
    assert {p: p.read_bytes() for p in before} == before
    place.file.write_text(text.replace('"watch"', '"roomy"'))
    assert place.run()[0] == 0
    assert place.good() == ["a", "b", "a", "b"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 400 kB, of memory; only the superuser of a machine of one's own may make one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if (
        which("mount") is None
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(disk)], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("no small disk can be mounted here, so none can be filled")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


@pytest.mark.slow
def test_on_a_full_disk_the_last_good_run_stays_and_with_room_again_the_next_is_right(
    place: Place, small_disk: Path
) -> None:
    place.home = small_disk / "reports"
    assert place.run()[0] == 0
    before = {p: p.read_bytes() for p in (place.home / "scheduled").rglob("*") if p.is_file()}
    room = shutil.disk_usage(small_disk).free
    (small_disk / "filler").write_bytes(bytes(room - 8192))
    text = place.file.read_text()
    place.file.write_text(text.replace('"watch"', '"tight"').replace("retry_minutes = 1\n", ""))
    code, output = place.run()
    assert code in (1, 2), output
    assert "No space left on device" in output
    assert "Traceback" not in output
    assert {p: p.read_bytes() for p in before} == before
    (small_disk / "filler").unlink()
    place.check_sound()
    place.file.write_text(text.replace('"watch"', '"roomy"'))
    assert place.run()[0] == 0
    assert place.good() == ["a", "b", "a", "b"]
    place.check_sound()


@pytest.mark.slow
def test_a_missing_input_is_named_and_the_next_run_with_it_is_right(place: Place) -> None:
    text = place.file.read_text()
    place.file.write_text(text.replace('text = "first"', 'text = "first", claims = "gone.csv"'))
    given = notebook(SHOW)
    given.cells[0].source += '\nclaims: str = "data/samples/claims_2025.csv"  # [file]'
    (place.file.parent / "numbers.ipynb").write_text(notebook_text(given))
    code, output = place.run()
    assert code == 1
    assert "gone.csv" in output
    assert place.good() == ["b"]  # the other one is made all the same
    assert (place.home / "scheduled/watch/a").is_dir()
    place.file.write_text(text)
    ledger = read_ledger(place.home)
    assert [e["item"] for e in ledger.runs() if e["status"] == "failed"] == ["a"]
    process = subprocess.run(
        [sys.executable, "-m", "hitmodel.cli", "schedule", "run", "watch", "--item", "a", "--file", str(place.file),
         "--reports", str(place.home)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    assert place.good() == ["b", "a"]
    place.check_sound()


@pytest.mark.slow
def test_a_notebook_that_hangs_is_stopped_and_its_kernel_with_it() -> None:
    given = notebook("done = 1", "while True:\n    pass")
    with pytest.raises(NotebookFailed, match="the time limit of 5 seconds was reached") as caught:
        run_notebook(given, "endless", {}, "internal", limits=Limits(seconds=5))
    assert len(caught.value.notebook.cells) == 3
    assert [p for p in psutil.Process().children(recursive=True) if "ipykernel" in " ".join(p.cmdline())] == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not limit a process's memory")
def test_a_notebook_that_eats_memory_is_stopped() -> None:
    given = notebook("held = [bytearray(1 << 26) for _ in range(1000)]")
    with pytest.raises(NotebookFailed, match=r"hungry, code cell 2: MemoryError|the kernel died"):
        run_notebook(given, "hungry", {}, "internal", limits=Limits(megabytes=1500))
