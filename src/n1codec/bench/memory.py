"""How much memory a call takes at its peak, beyond what the process held before it."""

from __future__ import annotations

import ctypes
import functools
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

_STATUS: Final = Path("/proc/self/status")
_CLEAR_REFS: Final = Path("/proc/self/clear_refs")
_RESET_PEAK: Final = "5"


class PeakMeter:
    """Measures the growth of the resident set up to its peak between `start` and `stop`.

    On Linux the kernel's peak is reset first. Where that is not permitted, and on other systems, only a new all-time peak
    of the process is seen: a call that stays below an earlier one is unknown. The kernel counts pages in batches, so
    figures are good to about 0.3 MB for each core.
    """

    def __init__(self) -> None:
        self._resettable = False
        self._before = 0
        self._peak_before = 0

    def start(self) -> None:
        """Give freed memory back to the system, so that it counts again when it is used again, and begin."""
        _trim()()
        try:
            _CLEAR_REFS.write_text(_RESET_PEAK)
            self._resettable = True
        except OSError:
            self._resettable = False
        self._peak_before = _peak()
        self._before = _status("VmRSS") or self._peak_before

    def stop(self) -> float | None:
        """Return the growth since `start` in 10^6 bytes, or None if it cannot be told."""
        peak = (_status("VmHWM") if self._resettable else None) or _peak()
        if not self._resettable and peak <= self._peak_before:
            return None
        return max(0, peak - self._before) / 1e6


def _peak() -> int:
    """Return the all-time peak of the resident set in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _status(key: str) -> int | None:
    """Return a field of the process's status in bytes, or None where there is no such file or field."""
    try:
        lines = _STATUS.read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith(f"{key}:"):
            return int(line.split()[1]) * 1024
    return None


@functools.cache
def _trim() -> Callable[[], object]:
    """Return glibc's ``malloc_trim(0)``, or something that does nothing where there is none."""
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return lambda: None
    return functools.partial(trim, 0)
