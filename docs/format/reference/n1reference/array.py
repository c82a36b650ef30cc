"""Arrays in stores: an envelope, or one behind a preface (docs/format/array.md)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import Final

from n1reference.checks import crc32c
from n1reference.envelope import MAX_VALUES, Decoded, decode_envelope
from n1reference.errors import CorruptError
from n1reference.numbers import Cursor
from n1reference.samples import Layout

MAGIC: Final = b"\x89N1A"
VERSION: Final = 0
FORTRAN, TRANSPOSED, REPEATED = 1, 2, 4
MAX_RANK: Final = 64


@dataclass(frozen=True)
class Array:
    """A decoded array.

    Parameters
    ----------
    decoded : Decoded
        Its values in C order, with dtype and shape; the type is the envelope's, which a store may see otherwise.
    fortran : bool
        Whether it lies in memory in Fortran's order.
    """

    decoded: Decoded
    fortran: bool

    def to_bytes(self) -> bytes:
        """Return the array's memory."""
        if not self.fortran:
            return self.decoded.to_bytes()
        values, shape = self.decoded.values, self.decoded.layout.shape
        return replace(self.decoded, values=[values[at] for at in _fortran(shape)]).to_bytes()


def decode_array(data: bytes) -> Array:
    """Return what a chunk of a store holds; raise `DecodeError` for what is none."""
    if data[: len(MAGIC)] != MAGIC:
        return Array(decode_envelope(data), False)
    cursor = Cursor(data, "preface", len(MAGIC))
    version, flags, rank = cursor.number(1), cursor.number(1), cursor.number(1)
    if version != VERSION or flags & ~(FORTRAN | TRANSPOSED | REPEATED) or rank > MAX_RANK:
        raise CorruptError("a preface of no known kind", len(MAGIC))
    shape = tuple(cursor.varint(MAX_VALUES) for _ in range(rank))
    if crc32c(data[: cursor.at]) != cursor.number(4):
        raise CorruptError("the CRC is wrong: the preface is damaged")
    if prod(shape) > MAX_VALUES:
        raise CorruptError(f"impossible shape {shape}")
    decoded = decode_envelope(cursor.rest())
    values, channels = decoded.values, decoded.layout.channels
    if flags & REPEATED:
        frames, left = divmod(prod(shape), channels or 1)
        if left or not values or frames <= decoded.layout.n_samples:
            raise CorruptError(f"shape {shape} does not repeat the last frame")
        values = values + values[-channels:] * (frames - decoded.layout.n_samples)
    if len(values) != prod(shape):
        raise CorruptError(f"shape {shape} of {len(values)} values")
    if flags & TRANSPOSED:
        values = [value for channel in range(channels) for value in values[channel::channels]]
    return Array(replace(decoded, layout=Layout(decoded.layout.dtype, shape), values=values), bool(flags & FORTRAN))


def _fortran(shape: tuple[int, ...]) -> list[int]:
    """Return where in C order each value of Fortran's order is."""
    places = [0]
    step = prod(shape)
    for length in shape:
        step //= length or 1
        places = [at + step * index for index in range(length) for at in places]
    return places
