"""Where the frames that are sent come from: a recording, or a generator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from n1codec.errors import ParameterError, UnsupportedError

_PIECE: Final = 1 << 20
"""About how many samples are read at a time."""
_LOOKED_AT: Final = 1 << 21
"""Samples that are looked at for the converter, before anything is sent."""
_SYNTH_RATE: Final = 20_000.0


class Source:
    """Frames to send."""

    channels: int
    rate: float

    def first(self) -> NDArray[Any]:
        """Return some of the first ones, to look at."""
        raise NotImplementedError

    def pieces(self) -> Iterator[NDArray[Any]]:
        """Give them out."""
        raise NotImplementedError


class Recorded(Source):
    """A recording, once or again and again."""

    def __init__(self, opened: Any, repeat: bool) -> None:
        self._opened, self._repeat = opened, repeat
        self.channels, self.rate = opened.channels, opened.rate
        if not self.rate:
            raise ParameterError("the recording does not say its rate: give --rate")
        if not opened.n_samples or not opened.channels:
            raise UnsupportedError("the recording has no samples")
        self._step = max(1, _PIECE // self.channels)

    def _read(self, start: int, stop: int) -> NDArray[Any]:
        samples: NDArray[Any] = self._opened.read(start, min(stop, self._opened.n_samples))
        return samples.reshape(len(samples), self.channels)

    def first(self) -> NDArray[Any]:
        """Return some of the first ones, to look at."""
        samples = self._read(0, max(2, _LOOKED_AT // self.channels))
        return samples.astype(samples.dtype.newbyteorder("="))

    def pieces(self) -> Iterator[NDArray[Any]]:
        """Give them out."""
        while True:
            for at in range(0, self._opened.n_samples, self._step):
                yield self._read(at, at + self._step)
            if not self._repeat:
                return


class Synthetic(Source):
    """A second of a synthetic recording, again and again."""

    def __init__(self, channels: int, rate: float | None, length: float | None) -> None:
        from n1codec import synth

        if length is None:
            raise ParameterError("--synth needs --seconds")
        self.rate = rate if rate is not None else _SYNTH_RATE
        self.channels = channels
        few = synth.recording(seconds=1.0, channels=min(channels, 32), rate=self.rate, seed=1).reshape(
            -1, min(channels, 32)
        )
        self._samples = np.ascontiguousarray(few[:, np.arange(channels) % few.shape[1]])

    def first(self) -> NDArray[Any]:
        """Return some of the first ones, to look at."""
        return self._samples

    def pieces(self) -> Iterator[NDArray[Any]]:
        """Give them out."""
        while True:
            yield self._samples


def limited(pieces: Iterator[NDArray[Any]], n_frames: int | None) -> Iterator[NDArray[Any]]:
    """Give out so many frames, or all."""
    for piece in pieces:
        if n_frames is None:
            yield piece
            continue
        yield piece[:n_frames]
        n_frames -= len(piece[:n_frames])
        if not n_frames:
            return
