"""Promise: at real-time priority a sender sleeps between packets: Linux stops who never does, for 50 ms of each second."""

from __future__ import annotations

import os

import numpy as np
import pytest
from test_stream_interrupted import Kept

from n1codec.stream import Encoder, running
from n1codec.stream.sender import Sender


class Clock:
    """A clock that goes on by what a look at it takes, and by what is slept."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        self.now += 2e-6
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.mark.parametrize("real_time", [True, False])
def test_a_sender_of_single_frames_sleeps_between_them(real_time: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere a sleep may end too late for the next of 20,000 packets a second: it looks at the clock."""
    clock = Clock()
    monkeypatch.setattr(running, "_real_time", lambda: real_time)
    monkeypatch.setattr(running, "time", clock)
    sender = Sender(Encoder(4, 20_000.0, "lite", 1))
    running.send(sender, Kept(), iter([np.zeros((200, 4), np.int16)]), paced=True)
    assert len(clock.slept) == (200 if real_time else 0)
    assert clock.now > 200 / 20_000 - 1e-9


def test_real_time_priority_is_seen() -> None:
    if not hasattr(os, "sched_setscheduler"):
        pytest.skip("this system has no such priorities")
    assert not running._real_time()
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except OSError as error:
        pytest.skip(f"this process may not have it: {error}")
    try:
        assert running._real_time()
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
