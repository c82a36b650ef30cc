"""Work in threads, with results in order and only a few items under way."""

from __future__ import annotations

import contextlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent import futures
from threading import Lock
from typing import TypeVar

from n1codec import arguments
from n1codec.disk import watch

Beside = Callable[[], object]
"""Something that is to be done beside other work."""

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


@contextlib.contextmanager
def _clearing(queue: deque[_Item]) -> Iterator[None]:
    """Leave nothing in a queue after a failure."""
    try:
        yield
    except BaseException:
        queue.clear()
        raise


class Workers:
    """A pool of threads that is started when first used; with one thread, everything runs where it is called.

    Parameters
    ----------
    threads : int
        How many.
    """

    def __init__(self, threads: int) -> None:
        self.threads = arguments.threads(threads)
        self._pool: futures.ThreadPoolExecutor | None = None
        self._lock = Lock()
        self._closed = False
        watch(self)

    def after_fork(self) -> None:
        """Start anew in a child process: the threads are not there, and the lock may be held for ever."""
        self._lock, self._pool = Lock(), None

    def submit(self, function: Callable[[_Item], _Result], item: _Item) -> Callable[[], _Result]:
        """Start ``function(item)`` and return what waits for its result."""
        future = self._submitted(function, item)
        if future is None:
            result = function(item)
            return lambda: result
        process = os.getpid()

        def wait() -> _Result:
            if os.getpid() == process:  # a child has no thread that will do it
                with contextlib.suppress(futures.CancelledError):  # another thread closed the pool
                    return future.result()
            return function(item)

        return wait

    def _submitted(self, function: Callable[[_Item], _Result], item: _Item) -> futures.Future[_Result] | None:
        """Give work to a thread; None if there is to be none, or none any more."""
        if self.threads == 1:
            return None
        with self._lock:
            if self._closed:
                return None
            if self._pool is None:
                self._pool = futures.ThreadPoolExecutor(self.threads, thread_name_prefix="n1codec")
            try:
                return self._pool.submit(function, item)
            except RuntimeError:  # the interpreter is at its end, and starts no threads
                return None

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

    def share(
        self, function: Callable[[_Item], _Result], items: Sequence[_Item], beside: Beside | None = None
    ) -> list[_Result]:
        """Return the results in order of items that are all there; the caller is one of the threads.

        So there is one less to be started, and none that waits for a processor to wake up on: with little to do, that counts.
        Something else is done beside, by another thread before it takes part; all is done when this returns.
        """
        left, results = deque(enumerate(items)), dict[int, _Result]()

        def work(before: Beside | None) -> None:
            with _clearing(left):  # after a failure, nobody begins anything
                if before is not None:
                    before()
                while left:
                    try:
                        at, item = left.popleft()
                    except IndexError:  # another thread was quicker
                        return
                    results[at] = function(item)

        more = min(self.threads, len(items) + (beside is not None)) - 1
        others = list[Callable[[], None]]()
        try:
            with _clearing(left):  # nor after an interruption while they are started
                for at in range(more):
                    others.append(self.submit(work, beside if at == 0 else None))
                work(beside if more == 0 else None)
        finally:
            for wait in others:
                wait()
        return [results[at] for at in range(len(items))]

    def close(self) -> None:
        """Let the threads end."""
        with self._lock:
            pool, self._pool, self._closed = self._pool, None, True
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)
