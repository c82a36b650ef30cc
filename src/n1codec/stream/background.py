"""Work in a thread of its own, for one that must never wait: handing over takes no lock and wakes nobody."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final, Generic, TypeVar

T = TypeVar("T")

MOST_WAITING: Final = 20_000
"""Things that may wait. Whoever hands over more waits as well."""
_MANY: Final = 2_000
"""Things that are not left to wait until the next look."""


class Background(Generic[T]):
    """Hands things over to a thread, which takes all that there are each `period` seconds.

    Parameters
    ----------
    work : callable
        Runs in the thread. It is given an iterator over lists of things, empty ones as well, that ends when all are done.
    name : str
        Of the thread.
    period : float
        Seconds between two looks.
    """

    def __init__(self, work: Callable[[Iterator[list[T]]], None], name: str, period: float) -> None:
        self._work, self._period = work, period
        self._waiting: deque[T] = deque()
        self._look = threading.Event()
        self._closed = False
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def put(self, thing: T) -> None:
        """Hand a thing over.

        Raises
        ------
        N1Error
            If the work has failed.
        """
        self._waiting.append(thing)
        if len(self._waiting) >= _MANY:
            self._look.set()
            while len(self._waiting) >= MOST_WAITING and self._failed is None:
                time.sleep(0.001)
        if self._failed is not None:
            raise self._failed

    def _run(self) -> None:
        try:
            self._work(self._batches())
        except BaseException as error:
            self._failed = error

    def _batches(self) -> Iterator[list[T]]:
        closed = False
        while not closed:
            self._look.wait(self._period)
            self._look.clear()
            closed = self._closed  # looked at first: what was handed over before is in the last list
            yield [self._waiting.popleft() for _ in range(len(self._waiting))]

    def close(self) -> None:
        """Return when all that was handed over is done.

        Raises
        ------
        N1Error
            If the work has failed.
        """
        self._closed = True
        self._look.set()
        self._thread.join()
        if self._failed is not None:
            raise self._failed
