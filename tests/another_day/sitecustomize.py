"""Another day for every Python that starts with this folder on its path: the clock of the day is years ahead.

The computer's own language is taken up too, as programs do that call ``setlocale``.
"""

import locale
import time

AHEAD = 5 * 365 * 86_400 + 12_345
_time, _localtime, _gmtime = time.time, time.localtime, time.gmtime


def later() -> float:
    return _time() + AHEAD


time.time = later
time.time_ns = lambda: int(later() * 1e9)
time.localtime = lambda seconds=None: _localtime(later() if seconds is None else seconds)
time.gmtime = lambda seconds=None: _gmtime(later() if seconds is None else seconds)
locale.setlocale(locale.LC_ALL, "")
