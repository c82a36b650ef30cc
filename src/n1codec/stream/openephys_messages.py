"""Messages of Open Ephys' ZMQ Interface, without a network.

A message has three parts: ``DATA`` and a zero byte; JSON, with the stream's name, a channel's number, how many samples there
are and the first one's number; and the samples of this one channel, in single precision.
"""

from __future__ import annotations

import json
from typing import Final

import numpy as np
from numpy.typing import NDArray

from n1codec.stream.live import Missing, Piece
from n1codec.stream.settings import MAX_CHANNELS, MAX_RATE

ENVELOPE: Final = b"DATA\0"
MOST_SAMPLES: Final = 1 << 20
"""Samples of a channel in a message."""
LONGEST_GAP: Final = 60.0
"""Seconds that may be missing: numbers that jump further are of another acquisition, as are those that fall."""


class Assembler:
    """Puts messages of one channel each together to frames of all.

    Which channels there are is known when two buffers in a row have the same ones. A buffer that lacks one is lost as a whole.
    """

    def __init__(self) -> None:
        self.channels: tuple[int, ...] = ()
        """Numbers of the channels, rising; none before they are known."""
        self.rate = 0.0
        self.refused = 0
        """Messages that were none, or of another stream."""
        self.ended = ""
        """Why no more frames can follow, if so."""
        self._stream: str | None = None
        self._parts: dict[int, NDArray[np.float32]] = {}
        self._first = self._n = -1
        self._last_set: tuple[int, ...] = ()
        self._next: int | None = None

    def take(self, message: list[bytes]) -> list[Piece]:
        """Take a message; return what is whole by it: frames in single precision, shape (n, n_channels), and gaps."""
        read = None if self.ended else self._read(message)
        if read is None:
            self.refused += not self.ended
            return []
        channel, first, samples = read
        out: list[Piece] = []
        if self._parts and (first, len(samples)) != (self._first, self._n):
            out = self._close()
        if self.ended:
            return out
        self._first, self._n = first, len(samples)
        self._parts.setdefault(channel, samples)
        if self.channels and len(self._parts) == len(self.channels) and tuple(sorted(self._parts)) == self.channels:
            out += self._whole()
        return out

    def _read(self, message: list[bytes]) -> tuple[int, int, NDArray[np.float32]] | None:
        """Return channel, number of the first sample and samples, or None if a message has none."""
        if len(message) != 3 or message[0].rstrip(b"\0") != b"DATA":
            return None
        try:
            content = json.loads(message[1])["content"]
            channel, n, first, rate = (content[k] for k in ("channel_num", "num_samples", "sample_num", "sample_rate"))
            stream = content["stream"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return None
        if not all(type(each) is int for each in (channel, n, first)) or not isinstance(rate, int | float):
            return None
        right = 0 <= channel < MAX_CHANNELS and 0 < n <= MOST_SAMPLES and 0 <= first < 1 << 62 and 0 < rate <= MAX_RATE
        if not right or len(message[2]) != 4 * n or not isinstance(stream, str):
            return None
        if self._stream is None:
            self._stream, self.rate = stream, float(rate)
        if stream != self._stream or rate != self.rate:
            return None
        return channel, first, np.frombuffer(message[2], "<f4")

    def _close(self) -> list[Piece]:
        """A buffer is over, whole or not."""
        found = tuple(sorted(self._parts))
        same, self._last_set = found == self._last_set, found
        if not self.channels and same:
            self.channels = found
            return self._whole()
        if self.channels and same and found != self.channels:
            self.ended = "its channels are others now"
        self._parts = {}
        return []

    def _whole(self) -> list[Piece]:
        frames = np.stack([self._parts[channel] for channel in self.channels], axis=1)
        self._last_set, self._parts = self.channels, {}
        out: list[Piece] = []
        if self._next is not None and not 0 <= self._first - self._next <= LONGEST_GAP * self.rate:
            self.ended = "another acquisition began"
            return []
        if self._next is not None and self._first > self._next:
            out.append(Missing(self._first - self._next))
        self._next = self._first + self._n
        return [*out, frames]
