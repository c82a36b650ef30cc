"""Floats as fixed-point numbers, by their bits alone: where linear prediction works, and nothing is lost.

A float is sign * m * 2^q. With a unit 2^Q of each channel, about that of its largest values, its number is k = sign * (m >>
(Q - q)), or m << (q - Q): what numbers have in common in time and space is left to the coder. The Q - q bits below the unit
follow apart; how many there are follows from k. Values with k = 0 or beyond 31 bits are marked and kept whole: zeros, what is
smaller than the unit, infinities, NaNs.

Exponents count so that the smallest normal and all subnormal floats have q = 1. Written as::

    units      a list of integers: Q of each channel, as differences from the channel before; one if there is one channel
    zeros      a string of bits, one for each k = 0: whether it is kept whole; else it is +0
    whole      a string: the bits of values that are kept whole, little-endian
    planes     a string of bits for each bit below the unit, the least significant first, as far as any value has one: that
               bit of all values that have it
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from n1codec.codec import Layout, bits_of, little_endian
from n1codec.transforms._gain_map import Floats
from n1codec.transforms._pieces import pieces
from n1codec.transforms._strings import pack_string, unpack_string
from n1codec.transforms._wire import Reader, pack_integers

Ints = NDArray[np.int64]

MANTISSA: Final = {2: 10, 4: 23, 8: 52}
"""Bits of the mantissa that are stored, by bytes of a float."""
EXPONENTS: Final = {2: 31, 4: 255, 8: 2047}
"""The exponent of infinities and NaNs."""
NUMBER_BITS: Final = 24
"""Bits that the largest numbers of a channel get, where the mantissa has as many."""

_MAX_NUMBER: Final = (1 << 31) - 1
_OUTLIERS: Final = 1 / 1024
"""So many values of a channel may be larger than those that give the unit."""
_LOOKED_AT: Final = 4096
"""Frames that are looked at for the unit."""
PIECE: Final = 1 << 14
"""Values that are worked on at once."""


@dataclass(frozen=True)
class _Parts:
    """Bits of floats taken apart: whether there is a sign, the mantissa with its leading one, the exponent."""

    negative: NDArray[np.bool_]
    mantissa: Ints
    exponent: Ints


def split(samples: Floats) -> tuple[NDArray[np.int32], bytes] | None:
    """Return the numbers of floats of shape (n_samples,) or (n_samples, n_channels), and what else there is to them.

    None if most of them would be kept whole.
    """
    width, frames = samples.dtype.itemsize, samples.reshape(len(samples), -1)
    units = _units(frames)
    numbers = np.empty(frames.shape, np.int32)
    whole: list[NDArray[Any]] = []
    zeros: list[NDArray[np.bool_]] = []
    below: list[list[NDArray[np.bool_]]] = [[] for _ in range(MANTISSA[width])]
    for rows in pieces(frames.shape, PIECE):
        part = np.ascontiguousarray(frames[rows])
        parts = _apart(part)
        shift = units.astype(parts.exponent.dtype) - parts.exponent
        size = _shifted(parts.mantissa, shift, 30 - MANTISSA[width])
        size[(size > _MAX_NUMBER) | (parts.exponent == EXPONENTS[width])] = 0
        np.negative(size, where=parts.negative, out=size)
        numbers[rows] = size
        empty = size == 0
        kept = bits_of(part)[empty]
        zeros.append(kept != 0)
        whole.append(kept[kept != 0])
        shift[empty] = 0
        _take_below(parts.mantissa.reshape(-1), shift.reshape(-1), below)
    if 2 * sum(map(len, whole)) > samples.size:
        return None
    side = pack_integers(np.diff(units, prepend=0))
    side += pack_string(_packed(zeros)) + pack_string(little_endian(np.concatenate(whole)).view(np.uint8))
    return numbers.reshape(samples.shape), side + b"".join(pack_string(_packed(plane)) for plane in below if plane)


def _units(frames: Floats) -> Ints:
    """Return the exponent Q of each channel's unit."""
    width = frames.dtype.itemsize
    most = _apart(frames[:: max(1, len(frames) // _LOOKED_AT)]).exponent
    most = np.where(most == EXPONENTS[width], 0, most)
    rank = int((len(most) - 1) * (1 - _OUTLIERS))
    spare = max(0, MANTISSA[width] + 1 - NUMBER_BITS)
    units: Ints = np.maximum(1, np.partition(most, rank, axis=0)[rank].astype(np.int64) + spare)
    return np.minimum(units, EXPONENTS[width] - 1)


def _apart(floats: Floats) -> _Parts:
    width, stored = floats.dtype.itemsize, MANTISSA[floats.dtype.itemsize]
    bits: Ints = bits_of(floats).view(f"i{width}")
    number: Any = np.int64 if width == 8 else np.int32
    exponent = (bits >> stored).astype(number) & EXPONENTS[width]
    mantissa = (bits & ((1 << stored) - 1)).astype(number)
    mantissa = mantissa | (exponent > 0).astype(number) << stored
    return _Parts(bits < 0, mantissa, np.maximum(exponent, 1))


def _shifted(mantissa: Ints, shift: Ints, room: int) -> Ints:
    """Return mantissas with so many bits taken off, or added, if there is room for them; else 0."""
    most = 8 * mantissa.dtype.itemsize - 1
    size: Ints = mantissa >> np.clip(shift, 0, most)
    up = shift < 0
    if up.any():
        fits = up & (shift >= -room)
        size[up] = 0
        size[fits] = mantissa[fits] << -shift[fits]
    return size


def _take_below(mantissa: Ints, shift: Ints, below: list[list[NDArray[np.bool_]]]) -> None:
    """Append to each plane the bit of the values that have it."""
    for plane, bits in enumerate(below):
        has = np.flatnonzero(shift > plane)
        if not has.size:
            return
        mantissa, shift = mantissa[has], shift[has]
        bits.append(mantissa & (1 << plane) != 0)


def join(numbers: NDArray[Any], reader: Reader, layout: Layout) -> Floats:
    """Undo `split`; raises ValueError for numbers that are none of floats."""
    width = layout.dtype.itemsize
    units = np.cumsum(reader.integers(layout.channels).astype(np.int64))
    if not ((units >= 1) & (units < EXPONENTS[width])).all():
        raise ValueError("a unit that is no exponent of floats")
    frames = numbers.reshape(len(numbers), -1)
    if int(frames.min()) < -_MAX_NUMBER:
        raise ValueError("a number of more than 31 bits")
    depths = np.zeros(MANTISSA[width] + 1, np.int64)
    for rows in pieces(frames.shape, PIECE):
        shift = _depth(frames[rows], units, width)
        depths += np.bincount(np.maximum(shift, 0).reshape(-1), minlength=len(depths))
    empty = frames == 0
    kept = _unpacked(reader, int(np.count_nonzero(empty)))
    raw = unpack_string(reader, width * int(np.count_nonzero(kept))).view(f"<u{width}")
    if not raw.all():
        raise ValueError("a zero that is kept whole")
    counts = len(frames.reshape(-1)) - np.cumsum(depths)
    below = [_unpacked(reader, int(count)) for count in counts if count]
    out = np.empty(frames.shape, f"u{width}")
    used = [0] * len(below)
    for rows in pieces(frames.shape, PIECE):
        shift = _depth(frames[rows], units, width)
        size = np.abs(frames[rows].astype(np.int64))
        bits = _raised(size, shift, units - shift, width)
        _put_below(bits.reshape(-1), shift.reshape(-1), below, used)
        bits[frames[rows] < 0] |= np.int64(-1) << np.int64(8 * width - 1)
        out[rows] = bits.astype(out.dtype)
    out[empty] = 0
    places = np.flatnonzero(empty.reshape(-1))
    out.reshape(-1)[places[kept]] = raw
    found: Floats = out.view(layout.dtype).reshape(layout.shape)
    return found


def _depth(numbers: NDArray[Any], units: Ints, width: int) -> Ints:
    """Return how many bits of the mantissa are below the unit, less than 0 for bits that numbers have too many."""
    lengths = np.frexp(np.abs(numbers.astype(np.float64)))[1]
    depth: Ints = np.minimum(MANTISSA[width] + 1 - lengths, (units - 1).astype(np.int32))
    depth[numbers == 0] = 0
    return depth


def _raised(size: Ints, shift: Ints, exponent: Ints, width: int) -> Ints:
    """Return the bits of floats without their signs and what is below the unit."""
    down = shift < 0
    mantissa: Ints = size << np.maximum(shift, 0)
    if down.any():
        mantissa[down] >>= -shift[down]
        if (mantissa[down] << -shift[down] != size[down]).any():
            raise ValueError("a number that no float has")
    if int(exponent.max()) >= EXPONENTS[width]:
        raise ValueError("a number that no float has")
    exponent = np.where(mantissa >> MANTISSA[width] > 0, exponent, 0)
    return exponent << MANTISSA[width] | mantissa & ((1 << MANTISSA[width]) - 1)


def _put_below(bits: Ints, shift: Ints, below: list[NDArray[np.bool_]], used: list[int]) -> None:
    """Set the bits below the unit, from where each plane was left."""
    places = np.arange(bits.size)
    for plane, string in enumerate(below):
        has = np.flatnonzero(shift > plane)
        if not has.size:
            return
        places, shift = places[has], shift[has]
        bits[places[string[used[plane] : used[plane] + has.size]]] |= 1 << plane
        used[plane] += has.size


def _packed(parts: list[NDArray[np.bool_]]) -> NDArray[np.uint8]:
    return np.packbits(np.concatenate(parts) if parts else np.zeros(0, bool), bitorder="little")


def _unpacked(reader: Reader, count: int) -> NDArray[np.bool_]:
    data = unpack_string(reader, (count + 7) // 8)
    bits = np.unpackbits(data, bitorder="little")
    if bits[count:].any():
        raise ValueError("bits that fill a byte are not 0")
    return bits[:count].astype(bool)
