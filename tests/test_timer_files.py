"""The files that make a computer's own timer call hitmodel; systemd reads its own, cron runs one for real."""

from __future__ import annotations

import re
import subprocess
import time
import xml.etree.ElementTree as ET
from pathlib import Path
from shutil import which

import pytest

from hitmodel.timer_files import CRON, SERVICE, TASK, TIMER, Call, cron_file, systemd_files, windows_file

ODD = "a folder, 100 %"


@pytest.fixture
def call(tmp_path: Path) -> Call:
    """A call with blanks and percent signs in every path, which cron and systemd each read in their own way."""
    place = tmp_path / ODD
    place.mkdir()
    return Call(place / "schedules.toml", place / "reports", place, Path("/usr/bin/python3"))


def test_every_path_is_absolute_and_no_percent_sign_ends_a_crontab_line(call: Call, tmp_path: Path) -> None:
    (line,) = [line for line in cron_file(call)[CRON].splitlines() if not line.startswith("#")]
    assert re.search(r"(?<!\\)%", line) is None
    assert f"--file '{tmp_path}/a folder, 100 \\%/schedules.toml'" in line
    assert line.startswith("*/5 * * * * cd ")


def test_a_windows_task_says_what_to_call_and_never_overlaps(call: Call) -> None:
    text = windows_file(call)[TASK].replace(' encoding="UTF-16"', "")
    ns = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    task = ET.fromstring(text)
    assert task.findtext(".//t:Command", namespaces=ns) == "/usr/bin/python3"
    assert '--file "' in (task.findtext(".//t:Arguments", namespaces=ns) or "")
    assert task.findtext(".//t:MultipleInstancesPolicy", namespaces=ns) == "IgnoreNew"


@pytest.mark.slow
@pytest.mark.skipif(which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_finds_nothing_wrong_with_its_units(call: Call, tmp_path: Path) -> None:
    for name, text in systemd_files(call).items():
        (tmp_path / name).write_text(text)
    command = ["systemd-analyze", "verify", "--man=no", str(tmp_path / TIMER), str(tmp_path / SERVICE)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    ours = [line for line in checked.stderr.splitlines() if str(tmp_path) in line]
    assert ours == []
    every = ["systemd-analyze", "calendar", "*:0/5"]
    assert subprocess.run(every, capture_output=True, check=False).returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(which("cron") is None, reason="cron is not installed")
def test_cron_runs_the_exported_line(tmp_path: Path) -> None:
    """Debian's cron itself runs the line, within the minute; what is due shows that hitmodel was reached."""
    import os
    import sys

    if os.geteuid() != 0:
        pytest.skip("only root may start a cron of its own")
    place = tmp_path / ODD
    place.mkdir()
    file = place / "schedules.toml"
    file.write_text('[[schedule]]\nname = "n"\nnotebook = "gone"\non_change = ["prices"]\nretries = 0\n')
    root = Path(__file__).resolve().parent.parent
    exported = cron_file(Call(file, place / "reports", root, Path(sys.executable)))[CRON]
    before = subprocess.run(["crontab", "-l"], capture_output=True, text=True, check=False)
    every_minute = exported.replace("*/5 *", "* *")
    subprocess.run(["crontab", "-"], input=f"PYTHONPATH={root}\n{every_minute}", text=True, check=True)
    (place / "reports").mkdir()
    daemon = subprocess.Popen(["cron", "-f"])
    try:
        log = place / "reports" / "schedule.log"
        for _ in range(150):
            if log.is_file() and "FAILED" in log.read_text():
                break
            time.sleep(1)
        assert "there is no notebook gone" in log.read_text()
        assert (place / "reports" / "ledger.jsonl").is_file()
    finally:
        daemon.terminate()
        daemon.wait(timeout=10)
        if before.returncode == 0:
            subprocess.run(["crontab", "-"], input=before.stdout, text=True, check=True)
        else:
            subprocess.run(["crontab", "-r"], check=True)
