"""Files that make a computer's own timer call ``hitmodel schedule run-due``: cron, systemd, Windows Task Scheduler.

Each calls it every few minutes; which schedules are due, in which time zone, hitmodel works out itself.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

MINUTES = 5
SERVICE, TIMER, TASK, CRON = "hitmodel.service", "hitmodel.timer", "hitmodel.xml", "hitmodel.cron"
HOW_TO_INSTALL = {
    CRON: "install with: crontab {place} (it replaces what crontab -l shows)",
    SERVICE: "called by the timer beside it",
    TIMER: "start with: systemctl --user daemon-reload && systemctl --user enable --now hitmodel.timer",
    TASK: "install with: schtasks /Create /TN hitmodel /XML {place}",
}


@dataclass(frozen=True)
class Call:
    """What the timer calls: this Python, the file of schedules, the folder of reports, from the folder worked in."""

    schedules: Path
    reports: Path
    folder: Path
    python: Path = Path(sys.executable)

    @property
    def command(self) -> list[str]:
        """The call as a list of arguments, every path absolute."""
        options = ["--file", str(self.schedules.absolute()), "--reports", str(self.reports.absolute())]
        return [str(self.python.absolute()), "-m", "hitmodel.cli", "schedule", "run-due", "--quiet", *options]


def cron_file(call: Call) -> Mapping[str, str]:
    """Return a crontab by file name; ``crontab FILE`` installs it for the user who calls that."""
    # In a crontab a bare percent sign ends the command.
    command = shlex.join(call.command).replace("%", r"\%")
    folder = shlex.quote(str(call.folder.absolute())).replace("%", r"\%")
    log = shlex.quote(str(call.reports.absolute() / "schedule.log")).replace("%", r"\%")
    text = (
        f"# Calls hitmodel every {MINUTES} minutes; schedules.toml says what is due, in which time zone.\n"
        f"*/{MINUTES} * * * * cd {folder} && {command} >> {log} 2>&1\n"
    )
    return {CRON: text}


def systemd_files(call: Call) -> Mapping[str, str]:
    """Return a service and its timer by file name, for ``~/.config/systemd/user``."""
    command = " ".join(_systemd_word(word) for word in call.command)
    service = f"""[Unit]
Description=Reports of hitmodel that are due

[Service]
Type=oneshot
WorkingDirectory={str(call.folder.absolute()).replace("%", "%%")}
ExecStart={command}
# 1 says that a report failed, which its log and message tell; the next call tries again.
SuccessExitStatus=1
"""
    timer = f"""[Unit]
Description=Every {MINUTES} minutes: reports of hitmodel that are due

[Timer]
OnCalendar=*:0/{MINUTES}
Persistent=true

[Install]
WantedBy=timers.target
"""
    return {SERVICE: service, TIMER: timer}


def windows_file(call: Call) -> Mapping[str, str]:
    """Return a task by file name; ``schtasks /Create /TN hitmodel /XML FILE`` installs it."""
    program, *arguments = call.command
    words = " ".join(f'"{word}"' if " " in word else word for word in arguments)
    text = f"""<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Description>Reports of hitmodel that are due</Description></RegistrationInfo>
  <Triggers>
    <CalendarTrigger>
      <Repetition><Interval>PT{MINUTES}M</Interval><Duration>P1D</Duration></Repetition>
      <StartBoundary>2025-01-01T00:00:00</StartBoundary>
      <ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay>
    </CalendarTrigger>
  </Triggers>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <StartWhenAvailable>true</StartWhenAvailable>
    <ExecutionTimeLimit>PT12H</ExecutionTimeLimit>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{escape(program)}</Command>
      <Arguments>{escape(words)}</Arguments>
      <WorkingDirectory>{escape(str(call.folder.absolute()))}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
"""
    return {TASK: text}


def _systemd_word(word: str) -> str:
    """Return a word as a unit file holds it: percent signs and dollars doubled, quoted where it has blanks."""
    safe = word.replace("\\", "\\\\").replace("%", "%%").replace("$", "$$")
    return f'"{safe}"' if any(c in safe for c in " \t'\"") else safe
