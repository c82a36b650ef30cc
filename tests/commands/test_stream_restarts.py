"""Promises of ``n1codec stream`` when an end is stopped or killed: the other goes on, and what was flushed is there."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from test_cli_stream import finish, free_port, listening, start

import n1codec
from n1codec import synth
from n1codec.cli import main

CHANNELS = 8
RATE = 20_000


def known(n_frames: int) -> NDArray[Any]:
    """Return what ``--synth 8`` sends."""
    second = synth.recording(seconds=1.0, channels=CHANNELS, rate=RATE, seed=1).reshape(-1, CHANNELS)
    return second[np.arange(n_frames) % len(second)]


def pair(folder: Path, *more: str, seconds: str = "60") -> tuple[str, subprocess.Popen[str], subprocess.Popen[str]]:
    """Start a receiver and a sender."""
    port = free_port(socket.SOCK_DGRAM)
    place = f"udp://127.0.0.1:{port}"
    receiver = start("receive", place, "-o", folder / "live.n1c", "--flush", "100ms", "--budget", "30", *more)
    listening(port)
    return place, receiver, sender(place, seconds)


def sender(place: str, seconds: str) -> subprocess.Popen[str]:
    return start("send", "--synth", str(CHANNELS), "--seconds", seconds, "--to", place, "--budget", "30")


def received(process: subprocess.Popen[str], least: int) -> int:
    """Return how many frames a receiver says it has, when these are enough and no more come."""
    assert process.stderr is not None
    last = -1
    while match := re.match(r"received ([\d,]+) frames", process.stderr.readline()):
        frames = int(match[1].replace(",", ""))
        if frames >= least and (frames == last or least == 1):
            return frames
        last = frames
    raise AssertionError("the receiver ended")


def test_a_sender_that_is_killed_and_started_again_is_followed(tmp_path: Path) -> None:
    place, receiver, first = pair(tmp_path, "--patience", "60")
    received(receiver, 1)
    first.kill()
    first.communicate()
    assert finish(sender(place, "1.5"))[0] == 0
    code, err = finish(receiver)
    assert code == 0, err
    assert "the sender began 2 times" in err
    old, new = n1codec.open(tmp_path / "live.n1c").read(), n1codec.open(tmp_path / "live-2.n1c").read()
    assert len(old) > 100
    np.testing.assert_array_equal(old, known(len(old)))
    np.testing.assert_array_equal(new, known(30_000))


def test_a_sender_that_is_interrupted_tells_the_receiver_that_this_is_the_end(tmp_path: Path) -> None:
    _, receiver, sending = pair(tmp_path, "--patience", "60")
    received(receiver, 1)
    sending.send_signal(signal.SIGINT)
    code, err = finish(sending)
    assert code == 130
    assert "Traceback" not in err
    code, err = finish(receiver)
    assert code == 0, err
    read = n1codec.open(tmp_path / "live.n1c").read()
    np.testing.assert_array_equal(read, known(len(read)))


def test_a_receiver_that_is_interrupted_finishes_its_file_and_tells_what_came(tmp_path: Path) -> None:
    _, receiver, sending = pair(tmp_path)
    received(receiver, 1)
    receiver.send_signal(signal.SIGINT)
    code, err = finish(receiver)
    assert code == 130
    assert "Traceback" not in err
    assert "written to" in err
    sending.kill()
    sending.communicate()
    read = n1codec.open(tmp_path / "live.n1c").read()
    (told,) = re.findall(r"received ([\d,]+) frames", err)[-1:]
    assert len(read) == int(told.replace(",", ""))
    np.testing.assert_array_equal(read, known(len(read)))


def test_what_came_before_the_last_interval_is_there_when_the_receiver_is_killed(tmp_path: Path) -> None:
    """Also the last frames before a silence: nothing that came after them made them durable."""
    _, receiver, sending = pair(tmp_path, "--patience", "60")
    received(receiver, 1)
    sending.kill()
    sending.communicate()
    frames = received(receiver, 2)
    time.sleep(0.2)
    receiver.kill()
    receiver.communicate()
    assert main(["recover", str(tmp_path / "live.n1c"), "-o", str(tmp_path / "saved.n1c"), "-q"]) in (0, 1)
    read = n1codec.open(tmp_path / "saved.n1c").read()
    assert len(read) == frames
    np.testing.assert_array_equal(read, known(frames))
