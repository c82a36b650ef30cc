"""Strings of bytes in side information, each coded as suits it: by what order 0 or repetition gives, or stored.

A string whose length both sides know is written as a byte that says how, and then::

    0  constant   the byte that it consists of
    1  stored     its bytes
    2..4          unsigned LEB128: a length, and as many bytes: the payload that the coder rans, zlib or lzma makes of it
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from n1codec import varint
from n1codec.codec import Coder, Layout
from n1codec.codecs.entropy import Rans
from n1codec.codecs.standard import Lzma, Zlib
from n1codec.shannon import entropy_of_counts
from n1codec.transforms._wire import Reader

Bytes = NDArray[np.uint8]

CONSTANT: Final = 0
STORED: Final = 1
CODERS: Final[tuple[Coder, ...]] = (Rans(), Zlib(), Lzma())
"""How strings are coded that are neither: their numbers follow on `STORED`."""
_RANS, _ZLIB, _LZMA = CODERS

_SAMPLED: Final = 6
"""Of 2^6 windows about one is looked at."""
_REPEATED: Final = 1 / 64
"""A string with this share of windows that occur again is worth a search for matches."""
_SMALL: Final = 1 << 12
"""Strings up to here are coded in every way: it takes no time."""
_CONTEXT_GAIN: Final = 0.7
"""What is left of order 0 at least where no window occurs again: matches of a few bytes gain less."""
_WORTH: Final = 0.998
"""From this share of its bytes on, what order 0 leaves is not worth coding."""
_NOISE: Final = 0.95
"""From this share of its bytes on, what order 0 leaves is taken for noise."""
_TELLING: Final = 32
"""Fewer windows than these say nothing."""
_PIECE: Final = 1 << 13
"""Words that are worked on at once."""
_HASH: Final = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))


def pack_string(data: Bytes) -> bytes:
    """Return a string as it is written, in the smallest of the ways that are worth trying."""
    if data.size == 0 or (data == data[0]).all():
        return bytes((CONSTANT, int(data[0]) if data.size else 0))
    ways = [bytes((STORED,)) + data.tobytes()]
    small = data.size <= _SMALL
    if small or _order_0(data) < _WORTH * data.size:
        ways.append(_coded(_RANS, data))
    if small or repeats(data):
        ways.append(_coded(_ZLIB, data))
        if len(ways[-1]) < data.size // 8 or (small and len(ways[-1]) < data.size // 2) or repeats(data, reach=8):
            ways.append(_coded(_LZMA, data))
    return min(ways, key=len)


def unpack_string(reader: Reader, size: int) -> Bytes:
    """Return the next string, of `size` bytes, read-only."""
    how = reader.byte()
    if how == CONSTANT:
        return np.full(size, reader.byte(), np.uint8)
    if how == STORED:
        return np.frombuffer(reader.take(size), np.uint8)
    if how > STORED + len(CODERS) or size == 0:
        raise ValueError("a string that is coded in no known way")
    payload = reader.take(reader.varint(varint.LIMIT))
    return CODERS[how - STORED - 1].decode(payload, Layout(np.dtype(np.uint8), (size,)))


def at_least(data: Bytes) -> float:
    """Return about how many bytes a string takes at least, of which only matches that reach far may save more."""
    if repeats(data):
        return _CONTEXT_GAIN * len(_coded(_ZLIB, data))
    order_0 = _order_0(data)
    return _CONTEXT_GAIN * order_0 if order_0 < _NOISE * data.size else order_0


def repeats(data: Bytes, step: int = 1, reach: int = 1) -> bool:
    """Return whether windows of a string that begin at multiples of `step` occur again: of all alike, some are looked at.

    A window has the words 0 and `reach`, and those between that are twice as far apart each: 16 bytes, or more.
    """
    if data.size < 32 * (reach + 1):
        return True
    seen = np.concatenate([_marks(data[at:], reach) for at in range(0, 8, min(step, 8))])
    if seen.size < _TELLING:  # next to nothing in it, or too short to say
        return True
    seen.sort()
    return bool(np.count_nonzero(seen[1:] == seen[:-1]) > _REPEATED * seen.size)


def _marks(data: Bytes, reach: int) -> NDArray[np.uint64]:
    """Return the hashes of windows that begin at words, those of them that begin with zeros."""
    words = np.frombuffer(data[: data.size // 8 * 8], "<u8").astype(np.uint64, copy=False)
    kept = []
    for at in range(0, len(words) - reach, _PIECE):
        part = words[at : at + _PIECE + reach]
        mixed, apart = part[:-reach] * _HASH[0], 1
        while apart <= reach:
            mixed ^= part[apart : len(part) - reach + apart] * (_HASH[1] + np.uint64(2 * apart))
            apart *= 2
        mixed ^= mixed >> np.uint64(29)
        mixed *= _HASH[0]
        kept.append(mixed[mixed >> np.uint64(64 - _SAMPLED) == 0])
    return np.concatenate(kept) if kept else np.empty(0, np.uint64)


def _order_0(data: Bytes) -> float:
    """Return the bytes that the order-0 entropy of a string comes to."""
    counts = np.bincount(data, minlength=256)
    return entropy_of_counts(counts[counts > 0]) * data.size / 8


def _coded(coder: Coder, data: Bytes) -> bytes:
    payload = coder.encode(data)
    return bytes((STORED + 1 + CODERS.index(coder),)) + varint.pack(len(payload)) + payload
