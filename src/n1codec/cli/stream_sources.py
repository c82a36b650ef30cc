"""Where the frames that are sent come from: a recording, or a generator."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from n1codec.errors import ParameterError, UnsupportedError
from n1codec.stream.links import Place
from n1codec.stream.live import Live, Missing, Piece

_PIECE: Final = 1 << 20
"""About how many samples are read at a time."""
_LOOKED_AT: Final = 1 << 21
"""Samples that are looked at for the converter, before anything is sent."""
_SYNTH_RATE: Final = 20_000.0
_OF_A_RIG: Final = (0.1, 2.0)
"""Seconds of a rig's frames that are waited for to look at, without and with --learn."""


class Source:
    """Frames to send."""

    channels: int
    rate: float
    ended = ""
    """Why there are no more, if that is worth saying."""

    def first(self) -> NDArray[Any]:
        """Return some of the first ones, to look at."""
        raise NotImplementedError

    def pieces(self) -> Iterator[Piece]:
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

    def pieces(self) -> Iterator[Piece]:
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

    def pieces(self) -> Iterator[Piece]:
        """Give them out."""
        while True:
            yield self._samples


class Rig(Source):
    """What comes from a rig, until it ends or is silent for too long."""

    def __init__(self, place: Place, step: float | None, nearest: bool, patience: float, learn: bool) -> None:
        from n1codec.stream import lsl, openephys

        self._live: Live
        if place.kind == "lsl":
            self._live = lsl.Inlet(place.name, step=step, nearest=nearest, patience=patience)
        else:
            self._live = openephys.Subscriber(place.host, place.port, step=step, nearest=nearest, patience=patience)
        self._place, self._patience = place, patience
        self.channels, self.rate = self._live.channels, self._live.rate
        self._begun: list[Piece] = []
        self._coming = self._watched()
        self._wanted = max(2, round(_OF_A_RIG[learn] * self.rate))

    def _watched(self) -> Iterator[Piece]:
        heard = time.monotonic()
        for piece in self._live.pieces():
            now = time.monotonic()
            if isinstance(piece, Missing) or len(piece):
                heard = now
            elif self._patience and now - heard > self._patience:
                self.ended = f"nothing came for {self._patience:g} s"
                return
            yield piece
        self.ended = getattr(self._live, "ended", "") or "its sender ended"

    def first(self) -> NDArray[Any]:
        """Wait for some frames, to look at."""
        n = 0
        for piece in self._coming:
            if isinstance(piece, Missing) or len(piece):
                self._begun.append(piece)
                n += 0 if isinstance(piece, Missing) else len(piece)
            else:
                time.sleep(0.001)
            if n >= self._wanted:
                break
        if not n:
            raise UnsupportedError(f"{self._place}: {self.ended}")
        return np.concatenate([piece for piece in self._begun if not isinstance(piece, Missing)])

    def pieces(self) -> Iterator[Piece]:
        """Give them out, from those that were looked at on."""
        yield from self._begun
        self._begun = []
        yield from self._coming

    def close(self) -> None:
        """Leave it."""
        self._live.close()


def limited(pieces: Iterator[Piece], n_frames: int | None) -> Iterator[Piece]:
    """Give out so many frames, or all."""
    for piece in pieces:
        if n_frames is None:
            yield piece
            continue
        if isinstance(piece, Missing):
            piece = Missing(min(piece.frames, n_frames))
            yield piece
            n_frames -= piece.frames
            if not n_frames:
                return
            continue
        yield piece[:n_frames]
        n_frames -= len(piece[:n_frames])
        if not n_frames:
            return
