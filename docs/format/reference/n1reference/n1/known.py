"""Code widths that are known beforehand (docs/format/n1-known-widths.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from n1reference.checks import crc32c
from n1reference.errors import CorruptError, UnsupportedError
from n1reference.n1.bits import Bits, unzigzag
from n1reference.n1.fixed import clamp

MEAN: Final = 16
MOST: Final = 45
MAX_CODES: Final = 4096
MAX_STRIDE: Final = (1 << 32) - 1

_AT_HAND: dict[int, KnownWidths] = {}


class KnownWidths:
    """Tables by value: `roots` has a dictionary for each converter."""

    def __init__(self, data: bytes) -> None:
        bits = Bits(data)
        first, stride, count = bits.signed(8), bits.golomb(0) + 1, bits.golomb(8) + 1
        sets = bits.take(6) + 1
        if count > MAX_CODES or stride > MAX_STRIDE:
            raise CorruptError("n1: code widths outside their limits")
        values = [first + index * stride for index in range(count)]
        common = [clamp(MEAN + away, 1, MOST) for away in self._row(bits, count)]
        self.roots: list[dict[int, int]] = []
        for _ in range(sets):
            away = self._row(bits, count) if sets > 1 else [0] * count
            roots = [clamp(root + by, 1, MOST) for root, by in zip(common, away, strict=True)]
            self.roots.append(dict(zip(values, roots, strict=True)))
        if bits.end() != len(data):
            raise CorruptError("n1: code widths are longer than they say")

    @staticmethod
    def _row(bits: Bits, count: int) -> list[int]:
        low = bits.take(4)
        return [unzigzag(bits.rice(low)) for _ in range(count)]

    def tables(self, codes: int, value: Callable[[int], int]) -> list[list[int]]:
        """Return the width of each code in 1/4096 of the mean, `value` being that of a code."""
        values = [value(code) for code in range(codes)]
        return [[16 * roots.get(each, MEAN) ** 2 for each in values] for roots in self.roots]


def give(data: bytes) -> None:
    """Have code widths at hand, for blocks that were made with them."""
    _AT_HAND[crc32c(data)] = KnownWidths(data)


def at_hand(name: int, sets: int) -> KnownWidths:
    """Return what a block names."""
    if name not in _AT_HAND:
        raise UnsupportedError("n1: the code widths that it was coded with are not at hand")
    known = _AT_HAND[name]
    if len(known.roots) != sets:
        raise CorruptError("n1: other code widths than the block says")
    return known
