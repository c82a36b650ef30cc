"""Promise: at real-time priority a sender sleeps between packets: Linux stops who never does, for 50 ms of each second."""

from __future__ import annotations

import os
import time

import numpy as np
import pytest
from test_stream_interrupted import Kept

from n1codec.stream import Encoder, running
from n1codec.stream.sender import Sender


@pytest.mark.parametrize("real_time", [True, False])
def test_a_sender_of_single_frames_sleeps_between_them(real_time: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere a sleep may end too late for the next of 20,000 packets a second: it looks at the clock."""
    slept: list[float] = []
    sleep = time.sleep

    def noting(seconds: float) -> None:
        slept.append(seconds)
        sleep(seconds)

    monkeypatch.setattr(running, "_real_time", lambda: real_time)
    monkeypatch.setattr(time, "sleep", noting)
    sender = Sender(Encoder(4, 20_000.0, "lite", 1))
    running.send(sender, Kept(), iter([np.zeros((4000, 4), np.int16)]), paced=True)
    assert bool(slept) == real_time


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
