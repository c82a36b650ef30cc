"""The adaptive Golomb-Rice code (docs/format/rice.md)."""

from __future__ import annotations

from typing import Final

from n1reference.coders.stored import CODED, STORED, form, stored
from n1reference.errors import CorruptError
from n1reference.numbers import HighBits, unfold
from n1reference.samples import Layout

START: Final = 64 * 64
ESCAPE: Final = 24


def decode(payload: bytes, layout: Layout) -> list[int]:
    """Return the samples."""
    how = form(payload, layout)
    if how == STORED:
        return stored(payload, layout)
    if how != CODED:
        raise CorruptError(f"rice: no payload of form {how}", 0)
    bits = HighBits(payload, 1, "rice")
    width = layout.dtype.bits
    sums = [START] * layout.channels
    values = []
    for at in range(layout.size):
        channel = at % layout.channels
        k = min((sums[channel] >> 7).bit_length(), width - 1)
        zeros = 0
        while zeros < ESCAPE and not bits.take(1):
            zeros += 1
        value = bits.take(width) if zeros == ESCAPE else (zeros << k | bits.take(k)) & 0xFFFFFFFF
        if value >> width:
            raise CorruptError("rice: a value that is too wide")
        sums[channel] += value - (sums[channel] >> 6)
        values.append(layout.dtype.wrap(unfold(value) if layout.dtype.kind == "i" else value))
    if bits.pad() != len(payload):
        raise CorruptError("rice: bytes are left over")
    return values
