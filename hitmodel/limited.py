"""Work that may take only so long and so much memory: in this process, or in one of its own that can be ended.

Memory is limited by the operating system, which Windows does not do.
"""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

from hitmodel.errors import HitmodelError
from hitmodel.runner import Limits

T = TypeVar("T")
GRACE_VARIABLE = "HITMODEL_GRACE_SECONDS"
"""Names how long work that does not listen gets beyond its limit before its process is ended; 20 seconds if not set."""


class TookTooMuch(HitmodelError):
    """Work that reached its limit of time or memory."""


def time_is_up(seconds: float) -> TookTooMuch:
    """Return what is said of work that took longer than ``seconds``."""
    return TookTooMuch(
        f"the time limit of {seconds:g} seconds was reached", next_step="Give it more time, or ask it for less."
    )


def limit_memory(megabytes: int | None) -> None:
    """Limit the memory of this process from now on."""
    if megabytes is not None and sys.platform != "win32":
        import resource

        size = megabytes * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (size, size))


@contextmanager
def no_longer_than(seconds: float | None, grace: float | None = None) -> Iterator[None]:
    """Raise `TookTooMuch` in the block after ``seconds``; end this whole process some seconds later.

    For processes that exist to do such work and no other. The first needs signals, which Windows has not: there the
    process is ended.
    """
    if seconds is None:
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        raise time_is_up(seconds)

    beyond = float(os.environ.get(GRACE_VARIABLE, "20")) if grace is None else grace
    listens = hasattr(signal, "SIGALRM") and threading.current_thread() is threading.main_thread()
    with open(os.devnull, "w") as nowhere:
        faulthandler.dump_traceback_later(seconds + (beyond if listens else 0), exit=True, file=nowhere)
        if listens:
            before = signal.signal(signal.SIGALRM, ring)
            signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
            if listens:
                signal.setitimer(signal.ITIMER_REAL, 0)
                signal.signal(signal.SIGALRM, before)


def apart(work: Callable[[], T], limits: Limits) -> T:
    """Return what ``work``, which can be pickled, returns in a process of its own under ``limits``.

    Raises `TookTooMuch` when it reached one of them, and whatever it raises.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, context, initializer=limit_memory, initargs=(limits.megabytes,)) as pool:
        try:
            return pool.submit(_timed, work, limits.seconds).result()
        except (BrokenProcessPool, MemoryError):
            raise TookTooMuch(
                "the process that wrote the files ended before it was done",
                expected=_allowed(limits),
                next_step="Give it more time or memory, or leave out formats.",
            ) from None


def _timed(work: Callable[[], T], seconds: float | None) -> T:
    with no_longer_than(seconds, grace=1.0):
        return work()


def _allowed(limits: Limits) -> str:
    time = f"at most {limits.seconds:g} seconds" if limits.seconds is not None else ""
    memory = f"at most {limits.megabytes:,} MB" if limits.megabytes is not None else ""
    return " and ".join(part for part in (time, memory) if part)
