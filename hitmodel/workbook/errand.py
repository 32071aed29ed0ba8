"""A command of hitmodel beside the screen: controls stay alive, it says how long it has run, and can be stopped.

It is a process of its own, since a kernel does one thing at a time.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """How a command ended: ``said`` is what it printed, ``refused`` what it said against it; both "" when stopped."""

    said: str
    refused: str
    stopped: bool = False


class Errand:
    """One command on its way. A thread calls ``tell`` with its seconds, once a second, and ``done`` at its end."""

    def __init__(self, arguments: Sequence[str], tell: Callable[[int], None], done: Callable[[Outcome], None]) -> None:
        self._tell, self._done, self._stopped = tell, done, False
        self._process = subprocess.Popen(
            [sys.executable, "-m", "hitmodel.cli", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )
        self._thread = threading.Thread(target=self._wait, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the command; what it was writing is left out whole."""
        self._stopped = True
        self._process.terminate()

    def wait(self) -> None:
        """Return when the command has ended and `done` knows."""
        self._thread.join()

    def _wait(self) -> None:
        began = time.monotonic()
        while True:
            try:
                said, refused = self._process.communicate(timeout=1)
                break
            except subprocess.TimeoutExpired:
                self._tell(round(time.monotonic() - began))
        if self._stopped:
            self._done(Outcome("", "", stopped=True))
        else:
            self._done(Outcome(said.strip(), refused.strip() if self._process.returncode else ""))
