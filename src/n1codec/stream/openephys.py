"""Open Ephys' ZMQ Interface: frames from its acquisition software, and a stream's frames for its clients.

Clients tell that they are there at the port above that of the data. Needs the extra ``openephys``.
"""

from __future__ import annotations

import contextlib
import json
import time
import uuid
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from n1codec import arguments
from n1codec.errors import FileError
from n1codec.integrations.needed import needed
from n1codec.stream.background import Background
from n1codec.stream.live import Missing, Piece, Steps, microvolts
from n1codec.stream.openephys_messages import ENVELOPE, Assembler

_BUFFERS: Final = 64
"""Buffers of all channels that wait for who is late."""
_HEARTBEATS: Final = 2.0
"""Seconds between two: a client that is silent for 5 counts as gone."""
_GATHERED: Final = 0.02
"""Seconds of frames in a message to clients: about what the software itself sends."""
_AT_ONCE: Final = 4096
"""Most messages that are looked at before frames are given on."""


def library() -> Any:
    """Return pyzmq.

    Raises
    ------
    MissingDependencyError
        If it is not there, or not new enough.
    """
    return needed("openephys://", "zmq", "openephys", (26,))


class Subscriber:
    """Takes the frames that Open Ephys' ZMQ Interface sends.

    Parameters
    ----------
    host : str
        Where the acquisition software runs.
    port : int
        Its data port, 5556 as a rule.
    step : float, optional
        Microvolts of a step of the converter; by default 1 or 0.195 is tried.
    nearest : bool
        Round samples that are no multiples of it.
    patience : float
        Seconds to wait until frames come; 0: for ever.

    Raises
    ------
    MissingDependencyError
        If pyzmq is not there.
    FileError
        If no frames come.
    """

    def __init__(
        self, host: str, port: int, *, step: float | None = None, nearest: bool = False, patience: float = 10.0
    ) -> None:
        self._zmq = zmq = library()
        host, port = arguments.text("host", host), arguments.integer("port", port, 1, 65534)
        self._place, self._steps = f"openephys://{host}:{port}", Steps(step, nearest)
        self._assembler = Assembler()
        self._ready: list[Piece] = []
        self._context = zmq.Context()
        self._data, self._beats = self._context.socket(zmq.SUB), self._context.socket(zmq.REQ)
        self._data.rcvhwm = _BUFFERS * 2048
        self._data.subscribe(b"DATA")
        self._beats.setsockopt(zmq.REQ_RELAXED, 1)
        self._beats.setsockopt(zmq.REQ_CORRELATE, 1)
        self._uuid, self._beaten = str(uuid.uuid4()), float("-inf")
        try:
            for offset, link in enumerate((self._data, self._beats)):
                link.connect(f"tcp://{_written(host)}:{port + offset}")
            self._begin(arguments.number("patience", patience, 0))
        except zmq.ZMQError as error:
            self.close()
            raise FileError(self._place, str(error)) from error
        except BaseException:
            self.close()
            raise
        self.channels, self.rate = len(self._assembler.channels), self._assembler.rate

    def _begin(self, patience: float) -> None:
        until = time.monotonic() + patience
        while not self._ready:
            if patience and time.monotonic() > until:
                raise FileError(self._place, f"no frames came within {patience:g} s: is acquisition on?")
            self._data.poll(50)
            self._ready = self._received()

    @property
    def ended(self) -> str:
        """Why no more frames can follow, if so."""
        return self._assembler.ended

    def _received(self) -> list[Piece]:
        """Return what has come, without waiting."""
        out: list[Piece] = []
        for _ in range(_AT_ONCE):
            try:
                message = self._data.recv_multipart(self._zmq.NOBLOCK)
            except self._zmq.Again:
                break
            out += self._assembler.take(message)
            if out:
                break
        self._beat()
        return out

    def _beat(self) -> None:
        """Say that we are here."""
        now = time.monotonic()
        if now - self._beaten >= _HEARTBEATS:
            self._beaten = now
            told = {"application": "n1codec", "uuid": self._uuid, "type": "heartbeat"}
            with contextlib.suppress(self._zmq.ZMQError):
                self._beats.send(json.dumps(told).encode(), self._zmq.NOBLOCK)
        with contextlib.suppress(self._zmq.ZMQError):
            self._beats.recv(self._zmq.NOBLOCK)

    def pieces(self) -> Iterator[Piece]:
        """Give out frames as they come, and what is missing between them; end when another acquisition begins."""
        ready = self._ready
        while True:
            for piece in ready:
                yield piece if isinstance(piece, Missing) else self._steps.integers(piece)
            if self.ended:
                return
            if not ready:
                yield np.empty((0, self.channels), np.int16)
            ready = self._received()

    def close(self) -> None:
        """Leave."""
        self._context.destroy(linger=0)


class Publisher:
    """Gives a stream's frames to clients of Open Ephys' ZMQ Interface, as the acquisition software does.

    Parameters
    ----------
    host : str
        The address that it listens at; "": all of this machine.
    port : int
        The data port; heartbeats of clients are answered at the next one.
    channels, rate
        Of the stream.
    step : float, optional
        Microvolts of a step; by default samples are the stream's integers.
    name : str
        What clients see as the stream's name.

    Raises
    ------
    MissingDependencyError
        If pyzmq is not there.
    FileError
        If a port is taken.

    Notes
    -----
    Frames that are missing are left out: the numbers of samples in the messages say so.
    """

    def __init__(
        self, host: str, port: int, channels: int, rate: float, *, step: float | None = None, name: str = "n1codec"
    ) -> None:
        self._zmq = zmq = library()
        host, port = arguments.text("host", host), arguments.integer("port", port, 1, 65534)
        self._step = arguments.optional(arguments.number, "step", step, above=0)
        self._channels, self._rate, self._name = channels, rate, name
        self._messages = 0
        self._most = max(1, round(_GATHERED * rate))
        self._context = zmq.Context()
        self._data, self._beats = self._context.socket(zmq.PUB), self._context.socket(zmq.REP)
        self._data.sndhwm = max(1000, _BUFFERS * channels)
        try:
            for offset, link in enumerate((self._data, self._beats)):
                link.bind(f"tcp://{_written(host) or '*'}:{port + offset}")
        except zmq.ZMQError as error:
            self._context.destroy(linger=0)
            raise FileError(f"openephys://{host}:{port}", str(error)) from error
        self._background: Background[tuple[NDArray[Any], int]] = Background(
            self._work, "n1codec publisher", _GATHERED / 2
        )

    def write(self, frames: NDArray[Any], start: int, there: float | None) -> None:
        """Hand frames over; they are sent together with others of about 20 ms."""
        self._background.put((frames, start))

    def skip(self, n_frames: int) -> None:
        """Leave frames out: the next ones' numbers say so."""

    def _work(self, batches: Iterator[list[tuple[NDArray[Any], int]]]) -> None:
        waiting: list[NDArray[Any]] = []
        start = n = 0
        for batch in batches:
            self._answer()
            for frames, at in batch:
                if n and (at != start + n or n >= self._most):
                    self._publish(np.concatenate(waiting), start)
                    waiting, n = [], 0
                start = start if n else at
                waiting.append(frames)
                n += len(frames)
            if n and (n >= self._most or not batch):
                self._publish(np.concatenate(waiting), start)
                waiting, n = [], 0
        if n:
            self._publish(np.concatenate(waiting), start)

    def _publish(self, frames: NDArray[Any], start: int) -> None:
        columns = np.ascontiguousarray(microvolts(frames, self._step).T)
        content = {"stream": self._name, "channel_num": 0, "channel_name": "", "num_samples": len(frames)}
        content |= {"sample_num": start, "sample_rate": self._rate}
        header = {"message_num": 0, "type": "data", "content": content, "data_size": 4 * len(frames)}
        header["timestamp"] = time.time_ns() // 1_000_000
        for channel, samples in enumerate(columns):
            self._messages += 1
            header["message_num"] = self._messages
            content["channel_num"], content["channel_name"] = channel, f"CH{channel + 1}"
            self._data.send_multipart([ENVELOPE, json.dumps(header).encode(), samples.data])

    def _answer(self) -> None:
        """Answer clients that say that they are there."""
        with contextlib.suppress(self._zmq.ZMQError):
            while True:
                told = self._beats.recv(self._zmq.NOBLOCK)
                try:
                    event = json.loads(told)["type"] == "event"
                    answer = b"message correctly parsed" if event else b"heartbeat received"
                except (ValueError, KeyError, TypeError, RecursionError):
                    answer = b"JSON message could not be read"
                self._beats.send(answer)

    def close(self) -> None:
        """Send what is left."""
        try:
            self._background.close()
        finally:
            self._context.destroy(linger=1000)


def _written(host: str) -> str:
    """Return a host as addresses have it."""
    return f"[{host}]" if ":" in host else host
