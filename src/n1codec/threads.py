"""Work in threads, with results in order and only a few items under way."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import TypeVar

from n1codec import arguments
from n1codec.disk import watch

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class Workers:
    """A pool of threads that is started when first used; with one thread, everything runs where it is called.

    Parameters
    ----------
    threads : int
        How many.
    """

    def __init__(self, threads: int) -> None:
        self.threads = arguments.threads(threads)
        self._pool: ThreadPoolExecutor | None = None
        self._lock = Lock()
        watch(self)

    def after_fork(self) -> None:
        """Start anew in a child process: the threads are not there, and the lock may be held for ever."""
        self._lock, self._pool = Lock(), None

    def submit(self, function: Callable[[_Item], _Result], item: _Item) -> Callable[[], _Result]:
        """Start ``function(item)`` and return what waits for its result."""
        if self.threads == 1:
            result = function(item)
            return lambda: result
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="n1codec")
            future: Future[_Result] = self._pool.submit(function, item)
        process = os.getpid()
        return lambda: (
            future.result() if os.getpid() == process else function(item)
        )  # a child has no thread that will do it

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def map(self, function: Callable[[_Item], _Result], items: Iterable[_Item], *, ahead: int = 1) -> Iterator[_Result]:
        """Return the results in order; at most ``ahead * threads + 1`` items are under way or wait to be taken."""
        waiting: deque[Callable[[], _Result]] = deque()
        for item in items:
            waiting.append(self.submit(function, item))
            if len(waiting) > (ahead * self.threads if self.threads > 1 else 0):
                yield waiting.popleft()()
        while waiting:
            yield waiting.popleft()()

    def close(self) -> None:
        """Let the threads end."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None
