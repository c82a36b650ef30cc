"""Integers of 64 bits as codes of 8, 16 or 32: an offset, a common step, and a ramp taken away.

All arithmetic is modulo 2^64, so nothing can go out of range. Written as::

    how        1 byte             the type of the codes, 0 int8, 1 int16, 2 int32; 4 more: of differences along time
    base       zigzag-folded, as LEB128    what code 0 stands for
    step       unsigned LEB128    how much one code is worth, 1 to 2^64 - 1
    firsts     if of differences: a string of 8 bytes for each channel, its first number
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from n1codec import varint
from n1codec.codec import little_endian
from n1codec.transforms._strings import pack_string, unpack_string
from n1codec.transforms._wire import Reader, signed, unfolded

Ints = NDArray[np.int64]

CODE_TYPES: Final = (np.dtype(np.int8), np.dtype(np.int16), np.dtype(np.int32))
DIFFERENCES: Final = 4
"""Of `how`: that codes are of differences."""
_HALF: Final = 1 << 63
_MODULO: Final = 1 << 64

_PROBE: Final = 4096
"""Frames that are looked at before all are."""
_WORTH_BITS: Final = 10
"""Differences are taken if they are so many bits narrower: what remains is left to whoever predicts better."""


@dataclass(frozen=True)
class Narrow:
    """How numbers became codes.

    Parameters
    ----------
    dtype : numpy.dtype
        Of the codes.
    base, step : int
        A code c stands for ``base + step * c``.
    firsts : ndarray of int64, shape (n_channels,), or None
        If the codes are of differences along time: what each channel begins with.
    """

    dtype: np.dtype[Any]
    base: int
    step: int
    firsts: Ints | None

    def numbers(self, codes: NDArray[Any]) -> Ints:
        """Return the numbers behind codes; of differences, all frames at once."""
        with np.errstate(over="ignore"):
            values = codes.astype(np.int64)
            if self.step != 1:
                values *= _wrapped(self.step)
            if self.base:
                values += _wrapped(self.base)
            if self.firsts is not None:
                values[0] = self.firsts.reshape(values.shape[1:])
                np.cumsum(values, axis=0, out=values)
        return values

    def pack(self) -> bytes:
        """Return this as side information."""
        how = CODE_TYPES.index(self.dtype) | (DIFFERENCES if self.firsts is not None else 0)
        side = bytes((how,)) + signed(self.base) + varint.pack(self.step)
        if self.firsts is not None:
            side += pack_string(little_endian(self.firsts).view(np.uint8))
        return side


def unpack(reader: Reader, channels: int) -> Narrow:
    """Read what `Narrow.pack` wrote."""
    how = reader.byte()
    if how & ~DIFFERENCES >= len(CODE_TYPES):
        raise ValueError("codes of no known type")
    base, step = unfolded(reader.varint(varint.LIMIT)), reader.varint(varint.LIMIT)
    if not step:
        raise ValueError("a step of 0")
    firsts = unpack_string(reader, 8 * channels).view("<i8").astype(np.int64) if how & DIFFERENCES else None
    return Narrow(CODE_TYPES[how & ~DIFFERENCES], base, step, firsts)


def narrow(values: Ints) -> tuple[NDArray[Any], Narrow] | None:
    """Return codes for numbers of shape (n_samples,) or (n_samples, n_channels), and how they came to be; None if none fit."""
    low, high = int(values.min()), int(values.max())
    straight = _fitted(values, low, high, None)
    width = (high - low).bit_length()
    if len(values) < 3 or (straight is not None and not _worth(values[:_PROBE], width)):
        return straight
    with np.errstate(over="ignore"):
        steps = np.diff(values, axis=0)
    first, last = int(steps.min()), int(steps.max())
    if straight is not None and first != last and (last - first).bit_length() + _WORTH_BITS > width:
        return straight
    differences = np.concatenate((steps[:1], steps))
    return _fitted(differences, first, last, values[0].reshape(-1).copy()) or straight


def _worth(probe: Ints, width: int) -> bool:
    with np.errstate(over="ignore"):
        steps = np.diff(probe, axis=0)
    first, last = int(steps.min()), int(steps.max())
    return width > 8 and (first == last or (last - first).bit_length() + _WORTH_BITS <= width)


def _fitted(values: Ints, low: int, high: int, firsts: Ints | None) -> tuple[NDArray[Any], Narrow] | None:
    """Return codes in the narrowest type that holds them, as they are if that is no wider."""
    step = _step(values, low, high)
    centre = low + (high - low) // step // 2 * step if step > 1 or firsts is not None else (low + high + 1) // 2
    least = type_of((low - centre) // step, (high - centre) // step)
    if least is None:
        return None
    if step == 1 and firsts is None and type_of(low, high) == least:
        return values.astype(least), Narrow(least, 0, 1, None)
    with np.errstate(over="ignore"):
        codes = (values - _wrapped(low)).view(np.uint64) // np.uint64(step)
        codes -= np.uint64((centre - low) // step)
        signed_codes = codes.view(np.int64).astype(least)
    if firsts is not None:
        signed_codes[0] = 0
    return signed_codes, Narrow(least, _reduced(centre), step, firsts)


def _step(values: Ints, low: int, high: int) -> int:
    """Return the largest number that all differences are multiples of."""
    if low == high:
        return 1
    with np.errstate(over="ignore"):
        step = int(np.gcd.reduce((values.reshape(-1)[:_PROBE] - _wrapped(low)).view(np.uint64)))
        if step == 1:
            return 1
        return max(1, int(np.gcd.reduce((values.reshape(-1) - _wrapped(low)).view(np.uint64), initial=np.uint64(step))))


def type_of(low: int, high: int) -> np.dtype[Any] | None:
    """Return the narrowest type of codes from low to high, or None if there is none."""
    for dtype in CODE_TYPES:
        limits = np.iinfo(dtype)
        if limits.min <= low and high <= limits.max:
            return dtype
    return None


def _reduced(value: int) -> int:
    """Return the number of -2^63 .. 2^63 - 1 that is equal modulo 2^64."""
    return (value + _HALF) % _MODULO - _HALF


def _wrapped(value: int) -> np.int64:
    return np.int64(_reduced(value))
