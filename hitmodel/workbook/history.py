"""The way back on a screen: every step that was taken, where a control that is dragged is one."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from hitmodel.points import Setting

PAUSE = 1.5
"""Seconds after which moving the same control is another step."""


@dataclass(frozen=True)
class Stand:
    """Where a screen stood: the contract whose terms move, by name, and where its controls were."""

    contract: str
    setting: Setting


@dataclass
class History:
    """Steps that can be taken back, the latest last. ``clock`` tells seconds."""

    clock: Callable[[], float] = time.monotonic
    _steps: list[Stand] = field(default_factory=list)
    _control: str = ""
    _moved_at: float = 0.0

    def keep(self, control: str, before: Stand) -> None:
        """Keep where the screen stood before a control was moved, unless that control is still being dragged."""
        now = self.clock()
        if control != self._control or now - self._moved_at > PAUSE:
            self._steps.append(before)
        self._control, self._moved_at = control, now

    def cut(self) -> None:
        """Have whatever is moved next be a step of its own."""
        self._control = ""

    def back(self) -> Stand | None:
        """Return where the screen stood before the latest step, and forget that step; None where there is none."""
        self.cut()
        return self._steps.pop() if self._steps else None
