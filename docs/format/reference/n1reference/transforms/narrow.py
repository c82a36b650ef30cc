"""Numbers of 64 bits from codes (docs/format/integers.md, "Narrowed numbers")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from n1reference.errors import CorruptError
from n1reference.numbers import Cursor, unfold
from n1reference.samples import Dtype, Layout, from_channels, to_channels
from n1reference.transforms.strings import read_string

CODES: Final = (Dtype("i", 1), Dtype("i", 2), Dtype("i", 4))
DIFFERENCES: Final = 4
WIDE: Final = Dtype("i", 8)


@dataclass
class Narrow:
    """number = base + step * code, and of differences the sum of all so far; modulo 2^64."""

    dtype: Dtype
    base: int
    step: int
    firsts: list[int] | None

    def numbers(self, codes: list[int], layout: Layout) -> list[int]:
        """Return the numbers behind codes."""
        numbers = [WIDE.wrap(self.base + self.step * code) for code in codes]
        if self.firsts is None:
            return numbers
        channels = to_channels(numbers, layout)
        for channel, first in zip(channels, self.firsts, strict=True):
            channel[0] = first
            for at in range(1, len(channel)):
                channel[at] = WIDE.wrap(channel[at] + channel[at - 1])
        return from_channels(channels)


def read_narrow(cursor: Cursor, channels: int) -> Narrow:
    """Read how numbers became codes."""
    how = cursor.number(1)
    if how & ~DIFFERENCES >= len(CODES):
        raise CorruptError("integers: codes of no known type", cursor.at - 1)
    base, step = unfold(cursor.varint()), cursor.varint()
    if step == 0:
        raise CorruptError("integers: a step of 0", cursor.at)
    firsts = None
    if how & DIFFERENCES:
        data = read_string(cursor, 8 * channels)
        firsts = [int.from_bytes(data[at : at + 8], "little", signed=True) for at in range(0, len(data), 8)]
    return Narrow(CODES[how & ~DIFFERENCES], base, step, firsts)
