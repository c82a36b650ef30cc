"""Floats from whole numbers and a gain (docs/format/integers.md, "Gains").

Python's floats are IEEE 754 doubles, and `struct` rounds them to the narrower types as the page wants it.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Final

from n1reference.errors import CorruptError
from n1reference.numbers import Cursor
from n1reference.samples import Dtype, Layout, from_channels, to_channels
from n1reference.transforms.lattice import read_runs
from n1reference.transforms.narrow import Narrow, read_narrow
from n1reference.transforms.strings import read_string

MAX_NUMBER: Final = 1 << 53
MAX_CORRECTIONS: Final = 1 << 16
DIVIDE, SINGLE, OFFSET, CORRECTED = (1 << bit for bit in range(4))
FORMATS: Final = {2: "<e", 4: "<f", 8: "<d"}
WIDE: Final = Dtype("i", 8)


def rounded(value: float, size: int) -> float:
    """Return a double rounded to a float of so many bytes."""
    try:
        found: float = struct.unpack(FORMATS[size], struct.pack(FORMATS[size], value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)
    return found


@dataclass
class Gain:
    """A map from whole numbers to floats."""

    how: int
    gain: float
    offset: float
    first: int
    corrections: list[int]

    def bits(self, number: int, dtype: Dtype) -> int:
        """Return the bits of the float of a number."""
        value = number / self.gain if self.how & DIVIDE else number * self.gain
        if self.how & SINGLE:
            value = rounded(value, 4)
        if self.how & OFFSET:
            value += self.offset
        value = rounded(value, 1 << (self.how >> 4))
        bits = int.from_bytes(struct.pack(FORMATS[dtype.itemsize], value), "little")
        at = number - self.first
        move = self.corrections[at] if 0 <= at < len(self.corrections) else 0
        return moved(bits, move, dtype.bits) if move else bits


def moved(bits: int, move: int, width: int) -> int:
    """Return the bits of the float so many places further up."""
    half = 1 << width - 1
    place = WIDE.wrap((bits if bits < half else half - bits) + move)
    return (place if place >= 0 else -half - place) % (1 << width)


def _double(cursor: Cursor) -> float:
    value: float = struct.unpack("<d", cursor.take(8))[0]
    if not math.isfinite(value) or value == 0:
        raise CorruptError("integers: a gain or an offset that is 0 or not finite", cursor.at - 8)
    return value


def read_gain(cursor: Cursor, width: int) -> Gain:
    """Read a map to floats of so many bytes."""
    how = cursor.number(1)
    if how >> 4 not in (1, 2, 3) or 1 << (how >> 4) > width:
        raise CorruptError("integers: floats are rounded to no type that they have", cursor.at - 1)
    gain = _double(cursor)
    offset = _double(cursor) if how & OFFSET else 0.0
    first, corrections = 0, []
    if how & CORRECTED:
        count = cursor.varint(MAX_CORRECTIONS)
        if count == 0:
            raise CorruptError("integers: no corrections", cursor.at)
        first, corrections = cursor.signed(MAX_NUMBER), cursor.golombs(count)
    return Gain(how, gain, offset, first, corrections)


@dataclass
class Gains:
    """The maps, and the number of that of each channel."""

    maps: list[Gain]
    of_channel: list[int]


def read_gains(cursor: Cursor, layout: Layout) -> tuple[Gains, Narrow]:
    """Read maps, which channel has which, and how numbers became codes."""
    n_maps = cursor.varint(layout.channels)
    if n_maps == 0:
        raise CorruptError("integers: floats without a gain", cursor.at)
    maps = [read_gain(cursor, layout.dtype.itemsize) for _ in range(n_maps)]
    of_channel = read_runs(cursor, n_maps, layout.channels) if n_maps > 1 else [0] * layout.channels
    return Gains(maps, of_channel), read_narrow(cursor, layout.channels)


def join(codes: list[int], gains: Gains, narrow: Narrow, cursor: Cursor, layout: Layout) -> list[int]:
    """Return the bits of floats."""
    numbers = narrow.numbers(codes, layout)
    if any(abs(number) > MAX_NUMBER for number in numbers):
        raise CorruptError("integers: a number that a double may not hold")
    channels = to_channels(numbers, layout)
    maps = [gains.maps[index] for index in gains.of_channel]
    flat = [found.bits(k, layout.dtype) for found, row in zip(maps, channels, strict=True) for k in row]
    width = layout.dtype.itemsize
    if count := cursor.varint(layout.size):
        between, lengths = cursor.golombs(count), cursor.golombs(count)
        values = read_string(cursor, count * width)
        if min(between) < 0 or min(lengths) < 0 or sum(between) + sum(lengths) + count > len(flat):
            raise CorruptError("integers: values beyond the last one", cursor.at)
        at = 0
        for index, (gap, more) in enumerate(zip(between, lengths, strict=True)):
            bits = int.from_bytes(values[index * width : (index + 1) * width], "little")
            at += gap + more + 1
            flat[at - more - 1 : at] = [bits] * (more + 1)
    n = layout.n_samples
    return from_channels([flat[channel * n : (channel + 1) * n] for channel in range(layout.channels)])
