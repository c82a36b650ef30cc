"""Being told to stop."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Collection, Iterator
from types import FrameType
from typing import Any, Final

from n1codec import disk
from n1codec.unbroken import UNBROKEN

EXIT_INTERRUPTED: Final = 130
"""By Ctrl-C or SIGTERM; by other signals it is 128 and their number, as shells have it."""

PATIENCE_S: Final = 5.0
"""How long another Ctrl-C is taken for impatience with a clean-up that is going on."""

WAKE_S: Final = 0.05
"""How long a signal may wait to be handled."""

_NAMES: Final = (
    *("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM", "SIGPROF", "SIGXCPU"),
    *("SIGXFSZ", "SIGPIPE", "SIGIO", "SIGPWR", "SIGSTKFLT", "SIGEMT", "SIGLOST", "SIGBREAK"),
)
"""Signals that end a process unless it says otherwise, but for those that tell of a fault in it, and those of real time."""


class Interruption:
    """What told the program to stop, if anything did."""

    def __init__(self) -> None:
        self.number: int | None = None
        self._at = 0.0

    @property
    def exit_code(self) -> int:
        """What the program returns then."""
        if self.number in (None, signal.SIGINT, signal.SIGTERM):
            return EXIT_INTERRUPTED
        return 128 + self.number

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        """Handle a signal: the first one ends the work as Ctrl-C does; more of them do not end the clean-up."""
        if UNBROKEN.postpones(lambda: self(number, None)):
            return
        again = number == signal.SIGINT and time.monotonic() > self._at + PATIENCE_S
        if self.number is None or again:
            self.number = number
            self._at = time.monotonic()
            raise KeyboardInterrupt


@contextlib.contextmanager
def signals_as_interrupts() -> Iterator[Interruption]:
    """Let every signal that would end the process end the work as Ctrl-C does: what is done stays, and nothing unfinished.

    Signals that are ignored stay so (``nohup``), and so do the handlers of whoever runs a command from a program of his own. At
    the end temporary files that an interruption in a bad moment left behind are removed.
    """
    stop = Interruption()
    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        for number in _numbers():
            if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                before[number] = signal.signal(number, stop)
    try:
        with _seen_to(stop, before) if before else contextlib.nullcontext():
            yield stop
    finally:
        if stop.number is not None:
            disk.remove_leftovers()
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _seen_to(stop: Interruption, numbers: Collection[int]) -> Iterator[None]:
    """See that signals are handled at once, whatever the main thread waits for.

    The system may hand a signal to any thread, or to the main one just before it begins to wait for something: its wait goes on
    then, and Python handles the signal after it. So a thread of its own, told of signals by a pipe, wakes the main one.
    """
    if not hasattr(signal, "pthread_kill"):
        yield
        return
    main = threading.get_ident()
    reader, writer = os.pipe()
    os.set_blocking(writer, False)

    def wake() -> None:
        while (number := os.read(reader, 1)) not in (b"", b"\0"):
            while number[0] in numbers and stop.number is None and not ended.wait(WAKE_S):
                signal.pthread_kill(main, number[0])

    ended = threading.Event()
    thread = threading.Thread(target=wake, daemon=True)
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    thread.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        ended.set()
        os.write(writer, b"\0")
        thread.join()
        os.close(reader)
        os.close(writer)


def _numbers() -> list[int]:
    numbers = {int(getattr(signal, name)) for name in _NAMES if hasattr(signal, name)}
    if hasattr(signal, "SIGRTMIN"):
        numbers |= set(range(signal.SIGRTMIN, signal.SIGRTMAX + 1))
    return sorted(numbers)
