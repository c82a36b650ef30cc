"""Lab Streaming Layer: frames of a stream on a laboratory's network, and a stream's frames as one. Needs the extra ``lsl``."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from n1codec import arguments
from n1codec.errors import FileError, UnsupportedError
from n1codec.integrations.needed import needed
from n1codec.stream.live import Piece, Steps, microvolts

BUFFERED: Final = 10
"""Seconds that wait on each side for who is late."""
_AT_ONCE: Final = 4096
"""Most frames that are taken at a time."""
_DELIVERED: Final = 0.5
"""Seconds that the last frames have to reach who listens: the library has no way to wait for that."""
_FORMATS: Final = {"int8": "int8", "uint8": "int16", "int16": "int16", "uint16": "int32", "float32": "float32"}
_NAMES: Final = {1: "float32", 2: "float64", 4: "int32", 5: "int16", 6: "int8", 7: "int64"}
"""Types of samples by the library's numbers; 3 is text."""


def library() -> Any:
    """Return pylsl.

    Raises
    ------
    MissingDependencyError
        If it is not there, or not new enough: 1.18.2 is the first that brings its library on Linux.
    """
    first = "pylsl" not in sys.modules
    pylsl = needed("lsl://", "pylsl", "lsl", (1, 18, 2))
    if first and not _configured():
        pylsl.set_config_content("[log]\nlevel = -3\n")  # errors are exceptions: the rest is not for standard error
    return pylsl


def _configured() -> bool:
    """Return whether the user has a configuration of the library's own, which ours would replace."""
    places = (Path("lsl_api.cfg"), Path.home() / "lsl_api" / "lsl_api.cfg", Path("/etc/lsl_api/lsl_api.cfg"))
    return "LSLAPICFG" in os.environ or any(place.exists() for place in places)


class Inlet:
    """Takes the frames of a stream on the network.

    Parameters
    ----------
    name : str
        The stream's name.
    step : float, optional
        What a step of the converter is, in the stream's unit, where samples are no small integers.
    nearest : bool
        Round samples that are no multiples of it.
    patience : float
        Seconds to look for it; 0: for ever.

    Raises
    ------
    MissingDependencyError
        If pylsl is not there.
    FileError
        If there is no such stream.
    UnsupportedError
        If it has no samples, or no rate.
    """

    def __init__(self, name: str, *, step: float | None = None, nearest: bool = False, patience: float = 10.0) -> None:
        self._lsl = library()
        self._place = f"lsl://{arguments.text('name', name)}"
        self._steps = Steps(step, nearest)
        info = self._look(name, arguments.number("patience", patience, 0))
        self.channels, self.rate = int(info.channel_count()), float(info.nominal_srate())
        kind = _NAMES.get(info.channel_format())
        if kind is None or not self.rate:
            raise UnsupportedError(f"{self._place}: has {'no rate' if kind else 'no samples'}")
        self._room = np.empty((max(1, min(_AT_ONCE, (1 << 22) // self.channels)), self.channels), kind)
        try:
            self._inlet = self._lsl.StreamInlet(info, max_buflen=BUFFERED, recover=False)
            self._inlet.open_stream(timeout=patience or self._lsl.FOREVER)
        except (RuntimeError, ValueError) as error:
            raise FileError(self._place, str(error)) from error

    def _look(self, name: str, patience: float) -> Any:
        until = time.monotonic() + patience
        while True:
            found = self._lsl.resolve_byprop("name", name, timeout=min(1.0, patience or 1.0))
            if found:
                return found[0]
            if patience and time.monotonic() >= until:
                others = sorted({info.name() for info in self._lsl.resolve_streams(wait_time=0.5)})
                there = f"there are {', '.join(others)}" if others else "there is none"
                raise FileError(self._place, f"no such stream on the network: {there}")

    def pieces(self) -> Iterator[Piece]:
        """Give out frames as they come, until whoever sends them ends."""
        while True:
            try:
                _, times = self._inlet.pull_chunk(timeout=0.0, max_samples=len(self._room), dest_obj=self._room)
            except self._lsl.util.LostError:
                return
            except RuntimeError as error:
                raise FileError(self._place, str(error)) from error
            yield self._steps.integers(self._room[: len(times)].copy())

    def close(self) -> None:
        """Leave the stream."""
        self._inlet.close_stream()


class Outlet:
    """Gives a stream's frames to the network, with the times at which they were there.

    Parameters
    ----------
    name : str
        What the stream is called there.
    channels, rate, dtype
        Of the stream.
    step : float, optional
        Give microvolts, in single precision: multiples of it. By default the integers as they are.
    session : int
        Of the sender's start: listeners find the stream again by it.

    Raises
    ------
    MissingDependencyError
        If pylsl is not there.

    Notes
    -----
    Frames that are missing are samples of 0, so that time stays right for listeners that count.
    """

    def __init__(
        self, name: str, channels: int, rate: float, dtype: Any, *, step: float | None = None, session: int = 0
    ) -> None:
        self._lsl = lsl = library()
        self._step = arguments.optional(arguments.number, "step", step, above=0)
        self._rate, self._last = rate, 0.0
        self._kind = _FORMATS["float32" if step is not None else np.dtype(dtype).name]
        self._channels = channels
        info = lsl.StreamInfo(name, "Ephys", channels, rate, self._kind, f"n1codec-{session:08x}")
        if step is not None:
            described = info.desc().append_child("channels")
            for n in range(channels):
                one = described.append_child("channel")
                one.append_child_value("label", f"CH{n + 1}")
                one.append_child_value("unit", "microvolts")
        try:
            self._outlet = lsl.StreamOutlet(info, max_buffered=BUFFERED)
        except RuntimeError as error:
            raise FileError(f"lsl://{name}", str(error)) from error

    def write(self, frames: NDArray[Any], start: int, there: float | None) -> None:
        """Push frames, with the times at which they were there, or came here; times never go back."""
        now = self._lsl.local_clock()
        first = now - (len(frames) - 1) / self._rate if there is None else there + now - time.monotonic()
        samples = microvolts(frames, self._step) if self._step is not None else frames.astype(self._kind, copy=False)
        self._push(samples, max(first, self._last + 1 / self._rate))

    def skip(self, n_frames: int) -> None:
        """Push frames of 0."""
        for at in range(0, n_frames, _AT_ONCE):
            zeros = np.zeros((min(_AT_ONCE, n_frames - at), self._channels), self._kind)
            self._push(zeros, self._last + 1 / self._rate)

    def _push(self, samples: NDArray[Any], first: float) -> None:
        self._last = first + (len(samples) - 1) / self._rate
        self._outlet.push_chunk(samples, self._last)

    def close(self) -> None:
        """End the stream, after the last frames had some time to go."""
        if self._outlet.have_consumers():
            time.sleep(_DELIVERED)
        del self._outlet
