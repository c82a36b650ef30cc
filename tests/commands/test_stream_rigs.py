"""Promises of rigs: what Lab Streaming Layer or Open Ephys gives goes through a stream and comes out the same, or is named."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from test_cli_stream import finish, free_port, listening, start
from test_stream import array

import n1codec
from n1codec.cli import main
from n1codec.errors import N1Error, UnsupportedError
from n1codec.stream.live import Missing, Steps
from n1codec.stream.openephys_messages import Assembler

STEP = 0.195
BUFFER = 60
"""Frames of a message."""


def message(channel: int, first: int, samples: NDArray[Any], **changes: Any) -> list[bytes]:
    """Return a message as the acquisition software writes it."""
    content = {"stream": "rec", "channel_num": channel, "channel_name": f"CH{channel}", "num_samples": len(samples)}
    content |= {"sample_num": first, "sample_rate": 20000.0} | changes
    header = {"message_num": 1, "type": "data", "content": content, "data_size": 4 * len(samples), "timestamp": 0}
    return [b"DATA\0", json.dumps(header).encode(), samples.astype(np.float32).tobytes()]


def buffers(samples: NDArray[Any], channels: list[int], first: int = 1000, size: int = BUFFER) -> Iterator[list[bytes]]:
    for at in range(0, len(samples), size):
        for column, channel in enumerate(channels):
            yield message(channel, first + at, samples[at : at + size, column])


def assembled(messages: list[list[bytes]]) -> tuple[Assembler, list[Any]]:
    assembler = Assembler()
    return assembler, [piece for each in messages for piece in assembler.take(each)]


def test_channels_of_open_ephys_become_frames_and_what_is_lost_is_counted() -> None:
    samples = array(1200, 3).astype(np.float32)
    sent = list(buffers(samples, [2, 5, 9]))
    del sent[3 * 10 + 1]  # a channel of the eleventh buffer
    del sent[3 * 14 - 1 : 3 * 15 - 1]  # the fifteenth
    assembler, pieces = assembled(sent[1:])  # joined in the middle of the first
    assert assembler.channels == (2, 5, 9)
    gaps = []
    at = 2 * BUFFER  # known by the third buffer to be all channels
    for piece in pieces:
        if isinstance(piece, Missing):
            gaps.append((at, piece.frames))
            at += piece.frames
        else:
            np.testing.assert_array_equal(piece, samples[at : at + len(piece)])
            at += len(piece)
    assert at == len(samples)
    assert gaps == [(10 * BUFFER, BUFFER), (14 * BUFFER, BUFFER)]


def test_what_is_no_message_of_open_ephys_changes_nothing() -> None:
    samples = array(600, 2).astype(np.float32)
    sent = list(buffers(samples, [0, 1]))
    good = sent[4]
    rng = np.random.default_rng(1)
    bad: list[list[bytes]] = [
        [],
        [b""],
        [b"DATA\0"],
        good[:2],
        [b"EVENT\0", *good[1:]],
        [*good, b""],
        [good[0], b"", b""],
    ]
    bad += [[good[0], text, good[2]] for text in (b"[]", b"{}", b'{"content": 3}', b"\xff", b"[" * 100_000, b"nan")]
    bad += [[*good[:2], good[2][:-1]], [*good[:2], b""], [good[0], rng.bytes(90), good[2]]]
    for change in (
        {"channel_num": -1}, {"channel_num": 1 << 40}, {"channel_num": "a"}, {"channel_num": True}, {"num_samples": 0},
        {"num_samples": 1 << 50}, {"num_samples": 5.0}, {"sample_num": -5}, {"sample_num": 1 << 90}, {"sample_num": None},
        {"sample_rate": 0}, {"sample_rate": float("nan")}, {"sample_rate": "x"}, {"sample_rate": 30000.0},
        {"stream": 3}, {"stream": "another"},
    ):  # fmt: skip
        bad.append(message(0, 1000, samples[:BUFFER, 0], **change))
    mixed = [each for n, one in enumerate(sent) for each in ([one] if n < 2 else [bad[n % len(bad)], one, *bad])]
    assembler, pieces = assembled(mixed)
    np.testing.assert_array_equal(np.concatenate(pieces), samples[BUFFER:])
    assert assembler.refused > 18 * len(bad)


@pytest.mark.parametrize(
    ("channels", "first", "words"),
    [([0, 1], 3, "another acquisition"), ([0, 1], 10**15, "another acquisition"), ([1], 3000, "channels are others")],
)
def test_a_rig_that_begins_anew_ends_the_stream(channels: list[int], first: int, words: str) -> None:
    samples = array(600, 3).astype(np.float32)
    sent = [*buffers(samples[:, :2], [0, 1]), *buffers(samples[:, channels], channels, first)]
    assembler, pieces = assembled(sent)
    np.testing.assert_array_equal(
        np.concatenate([each for each in pieces if not isinstance(each, Missing)]), samples[BUFFER:, :2]
    )
    assert words in assembler.ended


@pytest.mark.parametrize("step", [1.0, 0.195, 0.1, 2.34375, 0.00015258789])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_integers_are_found_again_in_microvolts(step: float, dtype: str) -> None:
    codes = np.arange(-32768, 32768, dtype=np.int16).reshape(-1, 4)
    volts = codes.astype(np.float32) * np.float32(step) if dtype == "float32" else codes * step
    steps = Steps(None if step in (1.0, 0.195) else step)
    assert steps.integers(np.zeros((3, 4), dtype)).dtype == np.int16
    np.testing.assert_array_equal(steps.integers(volts[8191:8200].astype(dtype)), codes[8191:8200])
    np.testing.assert_array_equal(steps.integers(volts.astype(dtype)), codes)


def test_samples_that_are_no_multiples_are_refused_or_rounded_never_taken_silently() -> None:
    volts = np.array([[0.3], [0.1], [-7.7]])
    for step in (None, 1.0, 0.195):
        with pytest.raises(UnsupportedError, match="--step"):
            Steps(step).integers(volts)
    np.testing.assert_array_equal(Steps(0.5, nearest=True).integers(volts), [[1], [0], [-15]])
    for wrong in (np.array([[np.nan]]), np.array([[np.inf]]), np.array([[40000.0]]), np.array([[32768]])):
        with pytest.raises(UnsupportedError):
            Steps(1.0, nearest=True).integers(wrong)
    for kind in ("int8", "uint8", "int16", "uint16"):
        assert Steps().integers(np.ones((3, 2), kind)).dtype == kind


def test_a_rig_whose_library_is_missing_is_one_line_that_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pylsl", None)
    monkeypatch.setitem(__import__("sys").modules, "zmq", None)
    for place, extra in (("lsl://x", "lsl"), ("openephys://localhost:5556", "openephys")):
        for arguments in (("send", place, "--to", "udp://127.0.0.1:9"), ("receive", "udp://:9", "--forward", place)):
            assert main(["stream", *arguments]) == 1
            err = capfd.readouterr().err
            assert f"n1codec[{extra}]" in err
            assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("send", "lsl://", "--to", "udp://127.0.0.1:9"), "lsl://NAME"),
        (("send", "openephys://x", "--to", "udp://127.0.0.1:9"), "openephys://HOST:PORT"),
        (("send", "lsl://x", "--repeat", "--seconds", "1"), "for recordings"),
        (("send", "lsl://x", "--rate", "5"), "for recordings"),
        (("send", "run.wav", "--to", "lsl://x"), "udp://HOST:PORT"),
        (("receive", "lsl://x"), "udp://HOST:PORT"),
        (("receive", "udp://:9", "--forward", "udp://:8"), "lsl://NAME"),
        (("receive", "udp://:9", "--forward", "lsl://x", "--step", "0"), "step"),
    ],
)
def test_mistakes_with_rigs_are_one_line(
    arguments: tuple[str, ...], words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["stream", *arguments]) == 2
    err = capfd.readouterr().err
    assert words in err
    assert len(err.splitlines()) == 1


class Software(threading.Thread):
    """Sends buffers as Open Ephys does, in a loop, and answers heartbeats: from the first on, that somebody listens."""

    def __init__(self, samples: NDArray[Any], lost: int) -> None:
        super().__init__(daemon=True)
        zmq = pytest.importorskip("zmq", reason="no pyzmq: Open Ephys' interface is NOT tested")
        self._zmq, self._context = zmq, zmq.Context()
        self._data, self._beats = self._context.socket(zmq.PUB), self._context.socket(zmq.REP)
        self.port = 0
        while not self.port:
            port = free_port(socket.SOCK_STREAM)
            try:
                self._data.bind(f"tcp://127.0.0.1:{port}")
                self._beats.bind(f"tcp://127.0.0.1:{port + 1}")
                self.port = port
            except zmq.ZMQError:
                continue
        self.samples, self._lost = samples, lost
        self.heard: list[dict[str, Any]] = []
        self.stopped = threading.Event()

    def run(self) -> None:
        volts = self.samples.astype(np.float32) * np.float32(STEP)
        self._beats.poll(30_000)
        begun = time.monotonic()
        for number in range(0, len(volts), BUFFER):
            time.sleep(max(0.0, begun + number / 20_000 - time.monotonic()))
            while self._beats.poll(0):
                self.heard.append(json.loads(self._beats.recv()))
                self._beats.send(b"heartbeat received")
            if number == self._lost:
                continue
            for each in buffers(volts[number : number + BUFFER], [0, 1, 2, 3], 5000 + number):
                self._data.send_multipart(each)
            if self.stopped.is_set():
                break
        self._context.destroy(linger=500)


def client(port: int, done: threading.Event, into: list[tuple[int, int, NDArray[Any]]]) -> None:
    """Be a client of Open Ephys."""
    zmq = pytest.importorskip("zmq")
    with zmq.Context() as context, context.socket(zmq.SUB) as data:
        data.connect(f"tcp://127.0.0.1:{port}")
        data.subscribe(b"")
        while not done.is_set():
            if data.poll(50):
                envelope, header, samples = data.recv_multipart()
                told = json.loads(header)
                content = told["content"]
                assert envelope == b"DATA\0"
                assert (told["type"], told["data_size"]) == ("data", len(samples))
                assert content["sample_rate"] == 20_000
                into.append((content["channel_num"], content["sample_num"], np.frombuffer(samples, np.float32)))
        data.close(linger=0)


def test_open_ephys_goes_through_a_stream_to_its_clients(tmp_path: Path) -> None:
    samples = array(60_000, 4)
    software = Software(samples, lost=30_000)
    udp, out = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_STREAM)
    place = f"udp://127.0.0.1:{udp}"
    receiver = start(
        "receive", place, "-o", tmp_path / "live.n1c", "--forward", f"openephys://127.0.0.1:{out}", "--step", str(STEP)
    )
    done, seen = threading.Event(), list[tuple[int, int, NDArray[Any]]]()
    listener = threading.Thread(target=client, args=(out, done, seen), daemon=True)
    listening(udp)
    listener.start()
    software.start()
    sender = start("send", f"openephys://127.0.0.1:{software.port}", "--to", place, "--patience", "3s")
    code, err = finish(sender)
    assert code == 0, err
    assert "nothing came for 3 s" in err
    code, err = finish(receiver)
    done.set()
    listener.join()
    assert software.heard[0]["application"] == "n1codec"
    assert code == 1, err
    read = n1codec.open(tmp_path / "live.n1c").read()
    first = next(at for at in range(len(samples)) if (samples[at : at + 50] == read[:50]).all())
    assert first % BUFFER == 0
    gap = 30_000 - first
    assert f"missing: frames {gap:,} to {gap + BUFFER - 1:,}" in err, err
    assert "60 frames are missing" in err
    expected = samples[first:].copy()
    expected[gap : gap + BUFFER] = 0
    np.testing.assert_array_equal(read, expected)

    assert {channel for channel, _, _ in seen} == {0, 1, 2, 3}
    for channel, at, volts in seen:
        known = samples[first + at : first + at + len(volts), channel].astype(np.float32) * np.float32(STEP)
        np.testing.assert_array_equal(volts, known)
        assert not (at < gap + BUFFER and at + len(volts) > gap)
    assert max(at + len(volts) for _, at, volts in seen) == len(samples) - first


def lsl() -> Any:
    """Return the library, if streams can be found on this machine's network."""
    try:
        from n1codec.stream.lsl import library

        pylsl = library()
    except (N1Error, RuntimeError) as error:
        pytest.skip(f"no Lab Streaming Layer, which is NOT tested: {error}")
    name = f"probe-{os.getpid()}"
    outlet = pylsl.StreamOutlet(pylsl.StreamInfo(name, "x", 1, 100.0, "int16", name))
    found = pylsl.resolve_byprop("name", name, timeout=5)
    del outlet
    if not found:
        pytest.skip("Lab Streaming Layer finds nothing on this machine's network, and is NOT tested")
    return pylsl


def pulled(inlet: Any, pylsl: Any, seconds: float) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return what comes until the stream ends."""
    parts: list[NDArray[Any]] = []
    times: list[NDArray[Any]] = []
    until = time.monotonic() + seconds
    room = np.empty((1024, 4), np.float32)
    while time.monotonic() < until:
        try:
            _, stamps = inlet.pull_chunk(timeout=0.05, max_samples=1024, dest_obj=room)
        except pylsl.util.LostError:
            return np.concatenate(parts), np.concatenate(times)
        parts.append(room[: len(stamps)].copy())
        times.append(np.array(stamps))
    raise AssertionError("the stream did not end")


def test_lab_streaming_layer_goes_through_a_stream_and_out_again(tmp_path: Path) -> None:
    pylsl = lsl()
    samples = array(120_000, 4)
    volts = samples.astype(np.float32) * np.float32(STEP)
    into, out = f"into-{os.getpid()}", f"out-{os.getpid()}"
    outlet = pylsl.StreamOutlet(pylsl.StreamInfo(into, "Ephys", 4, 20_000.0, "float32", into))
    udp = free_port(socket.SOCK_DGRAM)
    place = f"udp://127.0.0.1:{udp}"
    receiver = start("receive", place, "-o", tmp_path / "live.n1c", "--forward", f"lsl://{out}", "--step", str(STEP))
    listening(udp)
    sender = start("send", f"lsl://{into}", "--to", place)
    assert outlet.wait_for_consumers(30)
    begun, sent = time.monotonic(), 0
    inlet = None
    while sent < len(volts):
        part = volts[sent : sent + 200]
        outlet.push_chunk(part)
        sent += len(part)
        if inlet is None and sent > 10_000 and (found := pylsl.resolve_byprop("name", out, timeout=0.0)):
            inlet = pylsl.StreamInlet(found[0], recover=False)
            inlet.open_stream(timeout=10)
        time.sleep(max(0.0, begun + sent / 20_000 - time.monotonic()))
    time.sleep(0.5)
    del outlet
    if inlet is None:
        inlet = pylsl.StreamInlet(pylsl.resolve_byprop("name", out, timeout=10)[0], recover=False)
    got, times = pulled(inlet, pylsl, 30)
    for process, words in ((sender, "its sender ended"), (receiver, "missing 0")):
        code, err = finish(process)
        assert code == 0, err
        assert words in err
        assert "INFO" not in err
    read = n1codec.open(tmp_path / "live.n1c").read()
    np.testing.assert_array_equal(read, samples[-len(read) :])
    assert len(read) > 100_000
    assert len(got) > 1000
    np.testing.assert_array_equal(got, volts[-len(got) :])
    assert (np.diff(times) > 0).all()
    assert times[-1] - times[0] == pytest.approx(len(got) / 20_000, rel=0.05)


def test_a_stream_that_is_not_on_the_network_is_said_so(capfd: pytest.CaptureFixture[str]) -> None:
    lsl()
    assert main(["stream", "send", "lsl://nobody-has-this", "--patience", "1s", "--to", "udp://127.0.0.1:9", "-q"]) == 1
    assert "no such stream on the network" in capfd.readouterr().err


def test_a_software_that_is_not_there_is_said_so(capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("zmq", reason="no pyzmq: Open Ephys' interface is NOT tested")
    port = free_port(socket.SOCK_STREAM)
    place = f"openephys://127.0.0.1:{min(port, 65_000)}"
    assert main(["stream", "send", place, "--patience", "500ms", "--to", "udp://127.0.0.1:9", "-q"]) == 1
    err = capfd.readouterr().err
    assert "no frames came within 0.5 s" in err
    assert len(err.splitlines()) == 1
