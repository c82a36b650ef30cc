"""Segments of a recording: stretches that follow each other in the file and not in time, each with a clock of its own.

A recording whose header says nothing of segments is one, without a clock. Times of single samples are kept too, where a
recorder has them: as an envelope in the header, so that they are coded like samples, of the times themselves (regular ones take
some sixty bytes), or of the steps between their bits where that is shorter.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from n1codec import arguments, pipeline, varint
from n1codec.container import limits
from n1codec.container.fields import Cursor, counted
from n1codec.errors import CorruptError, ParameterError

MAX_SEGMENTS: Final = 1 << 16
"""Most segments of a recording."""
_START: Final = 1
_TIMES: Final = 2
_CODEC: Final = "n1:level=3"


@dataclass(frozen=True)
class Segment:
    """A stretch of a recording without a gap.

    Parameters
    ----------
    n_samples : int
        Samples of each channel.
    start : float, optional
        When its first sample was taken, in seconds of the recorder's clock.
    times : bytes
        When each sample was taken, as `of` packs it; empty if they follow from `start` and the rate.
    """

    n_samples: int
    start: float | None = None
    times: bytes = b""

    def __post_init__(self) -> None:
        n_samples = arguments.integer("n_samples of a segment", self.n_samples, 0, limits.MAX_SAMPLES)
        object.__setattr__(self, "n_samples", n_samples)
        object.__setattr__(self, "start", arguments.optional(arguments.number, "start of a segment", self.start))
        object.__setattr__(self, "times", arguments.data("times of a segment", self.times))

    @classmethod
    def of(cls, n_samples: int, start: float | None = None, times: ArrayLike | None = None) -> Segment:
        """Return a segment.

        Parameters
        ----------
        n_samples : int
            Samples of each channel.
        start : float, optional
            When its first sample was taken, in seconds.
        times : array_like of float64, shape (n_samples,), optional
            When each sample was taken, in seconds.

        Raises
        ------
        ParameterError
            If they are none of these.
        UnsupportedError
            If `times` is no array, or some are masked.
        """
        segment = cls(n_samples, start)
        if times is None:
            return segment
        vector = arguments.array("times", times)
        if vector.dtype.kind not in "iuf":
            arguments.refuse("times", "one number a sample", times)
        if vector.shape != (segment.n_samples,):
            raise ParameterError(f"times must be one a sample, shape ({segment.n_samples},), not {vector.shape}")
        return replace(segment, times=_pack_times(np.ascontiguousarray(vector, np.float64)))

    def seconds(self) -> NDArray[np.float64] | None:
        """Return when each sample was taken, shape (n_samples,); None where that follows from `start` and the rate.

        Raises
        ------
        CorruptError
            If the times are damaged.
        """
        if not self.times:
            return None
        stored = pipeline.decode(self.times, max_bytes=8 * self.n_samples)
        if stored.shape != (self.n_samples,) or stored.dtype.str not in ("<f8", "<i8"):
            raise CorruptError(f"the times of a segment are {stored.dtype} {stored.shape}")
        if stored.dtype.kind == "f":
            return stored
        return np.cumsum(stored, dtype=np.int64).view(np.float64)


def checked(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """Return segments as they are stored, or raise :class:`ParameterError`."""
    return arguments.sequence("segments", segments, arguments.instance, Segment)


def pack(segments: Sequence[Segment]) -> bytes:
    """Return the content of the header's field."""
    if len(segments) > MAX_SEGMENTS:
        raise ParameterError(f"{len(segments)} segments are more than {MAX_SEGMENTS}")
    parts = [varint.pack(len(segments))]
    for segment in segments:
        flags = (0 if segment.start is None else _START) | (_TIMES if segment.times else 0)
        parts += [varint.pack(segment.n_samples), bytes((flags,))]
        parts += [] if segment.start is None else [struct.pack("<d", segment.start)]
        parts += [counted(segment.times)] if segment.times else []
    return b"".join(parts)


def parse(content: bytes) -> tuple[Segment, ...]:
    """Return what the header's field says.

    Raises
    ------
    CorruptError
        If it is none.
    """
    cursor = Cursor(content, 0, len(content))
    segments, total = [], 0
    count = cursor.varint(MAX_SEGMENTS, "segments")
    for _ in range(count):
        n_samples = cursor.varint(limits.MAX_SAMPLES, "samples of a segment")
        total += n_samples
        (flags,) = cursor.take(1)
        start = struct.unpack("<d", cursor.take(8))[0] if flags & _START else None
        times = cursor.counted(limits.MAX_HEADER_BYTES, "times of a segment") if flags & _TIMES else b""
        if flags > _START + _TIMES or (flags & _TIMES and not times) or not math.isfinite(start or 0):
            raise CorruptError("a segment makes no sense")
        segments.append(Segment(n_samples, start, times))
    if cursor or not count or total > limits.MAX_SAMPLES:
        raise CorruptError("segments make no sense")
    return tuple(segments)


def within(segments: Sequence[Segment], n_samples: int) -> tuple[range, ...]:
    """Return where each segment is in a recording of which so many samples are known; the last ones may be cut short."""
    if not segments:
        return (range(n_samples),)
    found, at = [], 0
    for segment in segments:
        found.append(range(min(at, n_samples), min(at + segment.n_samples, n_samples)))
        at += segment.n_samples
    return tuple(found)


def total(segments: Sequence[Segment]) -> int:
    """Return the samples of all segments."""
    return sum(segment.n_samples for segment in segments)


def refuse_incomplete(segments: Sequence[Segment], n_samples: int) -> None:
    """Raise :class:`ParameterError` unless a recording has the samples that its segments promise."""
    if segments and total(segments) != n_samples:
        raise ParameterError(f"the segments have {total(segments)} samples, and {n_samples} were appended")


def refuse_growth(segments: Sequence[Segment], *, atomic: bool) -> None:
    """Raise :class:`ParameterError` for segments of a file that grows in place: the header says at once how long they are."""
    if segments and not atomic:
        raise ParameterError("a file with segments is written as a whole: atomic=True")


def _pack_times(vector: NDArray[np.float64]) -> bytes:
    plain = pipeline.encode(vector.astype("<f8", copy=False), _CODEC)
    if len(plain) < 1024 or not len(vector):
        return plain
    bits: NDArray[Any] = np.diff(vector.view(np.int64), prepend=np.int64(0))
    return min(plain, pipeline.encode(bits.astype("<i8", copy=False), f"integers+delta+{_CODEC}"), key=len)
