"""Floats that are whole numbers times a gain: the one operation that gives each back, bit for bit.

This is the only place where decoding calculates with floats. Each step is one operation of IEEE 754 on doubles, rounded to
nearest, ties to even, and nothing is fused: equal on every machine. For a whole number k, abs(k) <= 2^53::

    y = k * gain            or k / gain
    y = round to float32 y  if `single`
    y = y + offset          if there is one
    x = y rounded to `precision` (float16, float32 or float64), in the type of the samples

and then x is moved by ``corrections[k - first]`` places along the ordered floats of its type, where there are corrections.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from n1codec import varint
from n1codec.codec import bits_of
from n1codec.transforms._wire import Reader, pack_integers, signed

Floats = NDArray[np.floating[Any]]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]

MAX_NUMBER: Final = 1 << 53
"""Largest magnitude of a number that a gain may multiply: doubles hold all whole numbers up to here."""
MAX_CORRECTIONS: Final = 1 << 16
"""Most codes that one gain may have corrections for."""

_DIVIDE: Final = 1
_SINGLE: Final = 2
_OFFSET: Final = 4
_CORRECTED: Final = 8
_PRECISION: Final = 4
"""The bits of how a map calculates; the precision is above these: the base-2 logarithm of its bytes."""


@dataclass(frozen=True)
class GainMap:
    """From whole numbers to floats.

    Parameters
    ----------
    gain, offset : float
        Finite, the gain not 0.
    divide : bool
        Divide by the gain.
    single : bool
        Round to float32 before the offset is added.
    precision : int
        Bytes of the floats that results are rounded to.
    first : int
        The number that the first correction is for.
    corrections : ndarray of int64 or None
        By how many places results are moved.
    """

    gain: float
    precision: int
    offset: float = 0.0
    divide: bool = False
    single: bool = False
    first: int = 0
    corrections: Ints | None = None

    def values(self, numbers: Ints, dtype: np.dtype[Any]) -> Floats:
        """Return the floats of numbers, all of them within `MAX_NUMBER`, in a native type no narrower than the precision."""
        with np.errstate(all="ignore"):
            exact = numbers.astype(np.float64)
            results = exact / self.gain if self.divide else exact * self.gain
            if self.single:
                results = results.astype(np.float32).astype(np.float64)
            if self.offset:
                results += self.offset
            floats: Floats = results.astype(f"f{self.precision}").astype(dtype)
        return floats if self.corrections is None else self._corrected(numbers, floats)

    def numbers(self, floats: Floats) -> Ints:
        """Return the numbers that floats probably stand for; 0 for those that stand for none."""
        with np.errstate(all="ignore"):
            places = floats.astype(np.float64)
            if self.offset:
                places -= self.offset
            places = places * self.gain if self.divide else places / self.gain
            np.rint(places, out=places)
            places[~(np.abs(places) <= MAX_NUMBER)] = 0
            numbers: Ints = places.astype(np.int64)
        return numbers

    def _corrected(self, numbers: Ints, floats: Floats) -> Floats:
        assert self.corrections is not None
        at = numbers - self.first
        within = (at >= 0) & (at < len(self.corrections))
        moves = np.where(within, self.corrections[np.where(within, at, 0)], 0)
        return moved(floats, moves)

    def corrected(self, numbers: Ints, moves: Ints) -> GainMap | None:
        """Return the map with corrections that move the floats of some numbers, or None if they would be too many."""
        first, last = int(numbers.min()), int(numbers.max())
        if last - first >= MAX_CORRECTIONS:
            return None
        corrections = np.zeros(last - first + 1, np.int64)
        corrections[numbers - first] = moves
        return replace(self, first=first, corrections=corrections)

    def pack(self) -> bytes:
        """Return the map as side information."""
        how = _DIVIDE * self.divide | _SINGLE * self.single | _OFFSET * (self.offset != 0)
        how |= _CORRECTED * (self.corrections is not None) | self.precision.bit_length() - 1 << _PRECISION
        side = bytes((how,)) + struct.pack("<d", self.gain) + (struct.pack("<d", self.offset) if self.offset else b"")
        if self.corrections is not None:
            side += varint.pack(len(self.corrections)) + signed(self.first) + pack_integers(self.corrections)
        return side


def unpack(reader: Reader, width: int) -> GainMap:
    """Read what `GainMap.pack` wrote for floats of `width` bytes."""
    how = reader.byte()
    precision = 1 << (how >> _PRECISION)
    if precision not in (2, 4, 8) or precision > width:
        raise ValueError("floats are rounded to no type that they have")
    gain = _double(reader)
    offset = _double(reader) if how & _OFFSET else 0.0
    first, corrections = 0, None
    if how & _CORRECTED:
        count = reader.varint(MAX_CORRECTIONS)
        if count == 0:
            raise ValueError("no corrections")
        first = reader.signed(MAX_NUMBER)
        corrections = reader.integers(count).astype(np.int64)
    return GainMap(gain, precision, offset, bool(how & _DIVIDE), bool(how & _SINGLE), first, corrections)


def _double(reader: Reader) -> float:
    value: float = struct.unpack("<d", reader.take(8))[0]
    if not math.isfinite(value) or value == 0:
        raise ValueError("a gain or an offset that is 0 or not finite")
    return value


def moved(floats: Floats, moves: Ints) -> Floats:
    """Return floats so many places further up among all floats of their type: zeros are one place, and end as +0."""
    places = place(floats)
    with np.errstate(over="ignore"):
        places += moves
    return at_place(places, floats.dtype, changed=moves != 0, otherwise=floats)


def place(floats: Floats) -> Ints:
    """Return the place of each float among all of its type: 0 of both zeros, -1 of the next one below, and so on."""
    bits: Ints = bits_of(floats).view(f"i{floats.dtype.itemsize}").astype(np.int64)
    lowest = np.int64(-1) << np.int64(8 * floats.dtype.itemsize - 1)
    with np.errstate(over="ignore"):
        return np.where(bits < 0, lowest - bits, bits)


def at_place(places: Ints, dtype: np.dtype[Any], changed: NDArray[np.bool_], otherwise: Floats) -> Floats:
    """Return the floats at some places, and others where nothing has changed."""
    width = dtype.itemsize
    lowest = np.int64(-1) << np.int64(8 * width - 1)
    with np.errstate(over="ignore"):
        bits = np.where(places < 0, lowest - places, places).astype(f"i{width}")
    found: Floats = np.where(changed, bits, bits_of(otherwise).view(f"i{width}")).view(dtype)
    return found
