"""The two ends of a link at work: frames paced out by a clock, and what arrives taken in."""

from __future__ import annotations

import gc
import hashlib
import math
import os
import platform
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from n1codec.errors import FileError
from n1codec.stream.decoder import Decoded
from n1codec.stream.links import Link
from n1codec.stream.live import Missing, Piece
from n1codec.stream.receiver import Receiver
from n1codec.stream.sender import Sender
from n1codec.stream.statistics import Latencies
from n1codec.unbroken import UNBROKEN

Tell = Callable[[str], None]
TELL: Final = 1.0
"""Seconds between two lines of statistics."""
CLOCKS: Final = 0.5
"""Seconds between two messages that say when frame 0 was there."""
GOODBYE: Final = 2.0
"""Seconds without a word of its receiver after which a sender leaves at the end."""
SWITCH: Final = 0.0002
"""Seconds that another thread may keep Python from the one that streams."""
IDLE: Final = 0.0005
"""Seconds between two looks whether a rig has frames."""
DRIFT: Final = 200e-6
"""Share of time by which a rig's clock may run slower than it says."""
SPIN: Final = 60e-6
"""Seconds that are waited for without sleeping: a sleep may take longer."""
BRIEF: Final = 0.2
"""Share of a packet's time, at most, at real-time priority: sleeps end in time there, and Linux stops who never sleeps."""


def machine() -> int:
    """Return a number of this machine, since it was started: two processes with one share a monotonic clock."""
    try:
        text = Path("/proc/sys/kernel/random/boot_id").read_text()
    except OSError:
        text = platform.node()
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest(), "little")


def _real_time() -> bool:
    """Whether this process has real-time priority (``chrt``)."""
    return hasattr(os, "sched_getscheduler") and os.sched_getscheduler(0) in (os.SCHED_FIFO, os.SCHED_RR)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let no garbage collection stop the clock (nothing here makes cycles), and no other thread of ours keep Python long."""
    was, interval = gc.isenabled(), sys.getswitchinterval()
    gc.collect()
    gc.disable()
    sys.setswitchinterval(SWITCH)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        if was:
            gc.enable()


def send(
    sender: Sender,
    link: Link,
    pieces: Iterable[Piece],
    *,
    paced: bool,
    live: bool = False,
    tell: Tell | None = None,
) -> None:
    """Send frames, each packet when its last frame would be there; answer what the receiver asks for.

    However it ends, the receiver is told how long the stream was.

    Parameters
    ----------
    sender : Sender
        What codes.
    link : Link
        Where to.
    pieces : iterable of ndarray, shape (n, n_channels), or Missing
        Frames. Empty ones: there is nothing at the moment.
    paced : bool
        By the rate of the stream, or as fast as the frames come.
    live : bool
        They come from a rig, at their own rate.
    tell : callable, optional
        Takes a line of statistics from time to time.
    """
    with _undisturbed():
        _Sending(sender, link, paced, live, tell).run(pieces)


class _Sending:
    def __init__(self, sender: Sender, link: Link, paced: bool, live: bool, tell: Tell | None) -> None:
        self.sender, self.link, self.paced, self.live, self.tell = sender, link, paced, live, tell
        settings = sender.encoder.settings
        self.size, self.rate, self.channels = settings.frames_per_packet, settings.rate, settings.channels
        self.spin = min(SPIN, BRIEF * self.size / self.rate) if _real_time() else SPIN
        self.start = time.monotonic()
        self.first = math.inf
        self.told = self.clocked = 0.0
        self.late = 0.0
        self.number = 0
        self.machine = machine()
        self.unsent: deque[bytes] = deque()

    def run(self, pieces: Iterable[Piece]) -> None:
        self.start = self.told = time.monotonic()
        try:
            for piece in pieces:
                if isinstance(piece, Missing):
                    self.sender.skip(piece.frames)
                    self.number += piece.frames
                elif len(piece):
                    self._frames(piece)
                else:
                    self._idle()
        except BaseException:
            with suppress(Exception):  # what went wrong first is told
                self._end()
            raise
        self._end()

    def _frames(self, piece: NDArray[Any]) -> None:
        for at in range(0, len(piece), self.size):
            part = piece[at : at + self.size]
            self.number += len(part)
            due = self.start + self.number / self.rate
            if self.paced:
                self._wait(due)
                self.late = max(self.late, time.monotonic() - due)
            self._step(self.sender.push, part)
            if not self.paced:
                self._replies(0)
            self._now_and_then()
        if self.live:  # the frames that waited least say best when the first one was there
            self.first = min(self.first, time.monotonic() - self.number / self.rate)

    def _idle(self) -> None:
        """Answer while a rig has no frames."""
        if self.link.two_way:
            self._replies(IDLE)
        else:
            time.sleep(IDLE)
        self._now_and_then()

    def _end(self) -> None:
        self._step(self.sender.finish)
        self._goodbye()

    def _step(self, make: Callable[..., list[bytes]], *given: Any) -> None:
        """Send what a step of the sender makes: an interruption loses nothing of it, and the end follows it."""
        with UNBROKEN:
            self.unsent.extend(make(*given, time.monotonic()))
        while self.unsent:
            with UNBROKEN:
                self.link.put(self.unsent.popleft())
            self.link.flush()

    def _say(self, message: bytes) -> None:
        self.link.put(message)
        self.link.flush()

    def _replies(self, timeout: float) -> bool:
        data = self.link.receive(timeout) if self.link.two_way else None
        if data is not None:
            self._step(self.sender.receive, data)
        return data is not None

    def _wait(self, due: float) -> None:
        while (left := due - time.monotonic()) > 0:
            if left > self.spin:
                if self.link.two_way:
                    self._replies(left - self.spin)
                else:
                    time.sleep(left - self.spin)
            else:
                self._replies(0)

    def _now_and_then(self) -> None:
        now = time.monotonic()
        if (self.paced or self.first < math.inf) and now - self.clocked >= CLOCKS:
            self.clocked = now
            start = self.start if self.paced else self.first
            self._say(self.sender.clock(max(0, round(start * 1e9)), self.machine))
            self.first += DRIFT * CLOCKS
        if self.tell is not None and now - self.told >= TELL:
            self.told = now
            self.tell(self.line())

    def line(self) -> str:
        """Return what was sent so far."""
        s = self.sender
        seconds = max(time.monotonic() - self.start, 1e-9)
        plain = s.encoder.frames * self.channels * s.encoder.itemsize
        return (
            f"sent {s.encoder.frames / self.rate:,.1f} s in {s.packets:,} packets, {s.bytes * 8 / seconds / 1e6:,.1f} Mbit/s, "
            f"ratio {plain / max(1, s.bytes):.3f}, again {s.sent_again:,}, keys asked for {s.keys_asked:,}, "
            f"stored {s.encoder.stored:,}"
        )

    def _goodbye(self) -> None:
        end = self.sender.end()
        heard = now = time.monotonic()
        last = now + GOODBYE + self.sender.budget
        self._say(end)
        while self.link.two_way and not self.sender.done and now < min(last, heard + GOODBYE):
            replied = self._replies(0.02)
            now = time.monotonic()
            if replied:
                heard = now
            else:
                self._say(end)
        if self.tell is not None:
            self.tell(self.line() + (f", latest {self.late * 1e6:,.0f} us behind the clock" if self.paced else ""))


class Receiving:
    """What a receiver has to do, and what it has seen.

    Parameters
    ----------
    receiver : Receiver
        What brings packets into order.
    link : Link
        Where from.
    give : callable
        Takes each :class:`Decoded` that brings frames or says which are missing, in order.
    tell : callable, optional
        Takes a line of statistics from time to time.
    patience : float
        Seconds without anything after which a stream that has begun is taken for ended; 0: never.
    """

    def __init__(
        self,
        receiver: Receiver,
        link: Link,
        give: Callable[[Decoded], None],
        *,
        tell: Tell | None = None,
        patience: float = 0.0,
    ) -> None:
        self.receiver, self.link, self.give, self.tell, self.patience = receiver, link, give, tell, patience
        self.latencies = Latencies()
        self.frames = self.missing = 0
        self.ended = False
        """Whether the stream came to its end: False if it broke off."""
        self._machine = machine()
        self._heard = self._told = self._began = 0.0
        self._plain = 0

    def run(self) -> None:
        """Take in what arrives until the stream ends."""
        with _undisturbed():
            while not self.ended and not self._silent():
                data = self.link.receive(self._timeout())
                now = time.monotonic()
                if data is not None:
                    self._heard = now
                    if not self._began:
                        self._began = self._told = now
                    self._take(self.receiver.receive(data, now))
                elif self.link.closed:
                    break
                if data is None or self.receiver.deadline is not None:
                    self._take(self.receiver.poll(time.monotonic()))
                self.ended = self.receiver.ended
                if self.ended:
                    self._take(self.receiver.poll(now))
                for reply in self.receiver.replies() if self.link.two_way else ():
                    self.link.put(reply)
                if self.tell is not None and self._began and now - self._told >= TELL:
                    self._told = now
                    self.tell(self.line())
        self._take(self.receiver.poll(math.inf))
        self._last()

    def _timeout(self) -> float:
        deadline = self.receiver.deadline
        return 0.1 if deadline is None else min(0.1, max(0.0, deadline - time.monotonic()))

    def _silent(self) -> bool:
        return bool(self.patience and self._heard and time.monotonic() - self._heard > self.patience)

    def _take(self, results: list[Decoded]) -> None:
        for decoded in results:
            if len(decoded.frames):
                self._measure(decoded)
            with UNBROKEN:  # told is what was handed on, also by one who is interrupted
                if len(decoded.frames) or decoded.missing:
                    self.give(decoded)
                self.frames += len(decoded.frames)
                self._plain += decoded.frames.nbytes
                self.missing += sum(stop - start for start, stop in decoded.missing)

    def there(self, decoded: Decoded) -> float | None:
        """Return when a packet's first frame was there, by the monotonic clock, if the sender is here too and told it."""
        clock, settings = self.receiver.clock, self.receiver.decoder.settings
        if clock is None or clock.machine != self._machine or settings is None:
            return None
        return clock.start / 1e9 + decoded.start / settings.rate

    def _measure(self, decoded: Decoded) -> None:
        """From the moment that a packet's first frame was there until its last one is here."""
        there = self.there(decoded)
        if there is not None:
            self.latencies.add(max(0.0, time.monotonic() - there))

    def _last(self) -> None:
        missing = self.receiver.finish()
        if missing:
            self._take([Decoded(np.empty((0, 0), np.int16), missing)])

    def line(self) -> str:
        """Return what was received so far."""
        r = self.receiver
        seconds = max(self._heard - self._began, 1e-9)
        text = (
            f"received {self.frames:,} frames, {r.bytes * 8 / seconds / 1e6:,.1f} Mbit/s, "
            f"ratio {self._plain / max(1, r.bytes):.3f}, "
            f"missing {self.missing:,}, came again {r.recovered:,}, damaged {r.damaged + r.refused:,}"
        )
        return f"{text}, latency {self.latencies}" if self.latencies.n else text


def check_fits(sender: Sender, link_kind: str, most: int) -> None:
    """Refuse packets that a link cannot carry, before anything is sent.

    Raises
    ------
    FileError
        If the largest packet is larger than a datagram.
    """
    settings = sender.encoder.settings
    largest = settings.channels * (settings.frames_per_packet * 2 + 1) + 64
    if link_kind == "udp" and largest > most:
        raise FileError(
            link_kind,
            f"packets may take {largest:,} bytes, and a datagram holds {most:,}: take fewer frames to a packet, or tcp://",
        )
