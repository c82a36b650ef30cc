"""Steps that an interruption must not tear apart: what a signal would break off in the middle is broken off behind it.

`KeyboardInterrupt` may be raised between any two operations: after a packet is coded and before it is sent, say, which nobody
could repair. A step of which both must happen, or neither, stands in ``with UNBROKEN:``, waits for nothing, and takes no time
worth speaking of.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final


class Unbroken(threading.local):
    """A step that is going on in this thread, and what waits for its end."""

    def __init__(self) -> None:
        self._depth = 0
        self._waiting: Callable[[], None] | None = None

    def __enter__(self) -> None:
        self._depth += 1

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        if not self._depth and self._waiting is not None:
            interrupt, self._waiting = self._waiting, None
            interrupt()

    def postpones(self, interrupt: Callable[[], None]) -> bool:
        """Return whether a step is going on: then `interrupt`, which may raise, is called behind it.

        For the handlers of signals, which run in the main thread.
        """
        if self._depth:
            self._waiting = interrupt
        return self._depth > 0


UNBROKEN: Final = Unbroken()
