"""What keeps a screen's answers prompt: work that can wait until the browser has been told, and memory left alone."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable


def soon(work: Callable[[], bool]) -> None:
    """Do some work after what is being answered now, part by part while it says that a part is left.

    What a person does comes between the parts. Where nobody is waiting, as without a browser, nothing is done.
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return
    loop.call_soon(lambda: soon(work) if work() else None)


def leave_alone() -> None:
    """Have Python's search for unused memory pass over all that is there now, such as a million priced lines.

    It would look through them again and again while a slider moves, a tenth of a second each time.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
