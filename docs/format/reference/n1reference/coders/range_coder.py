"""The range coder and its adaptive bits (docs/format/range-coder.md)."""

from __future__ import annotations

from typing import Final

from n1reference.errors import CorruptError, TruncatedError

BIT_PRECISION: Final = 22
BIT_LIMIT: Final = 1023
RANGE_MIN: Final = 1 << 24
MASK: Final = (1 << 32) - 1


class Bit:
    """How likely a 0 is, in 2^-22, and how many bits that was learnt from."""

    def __init__(self) -> None:
        self.zero = 1 << BIT_PRECISION - 1
        self.count = 0

    def learn(self, value: int) -> None:
        """Move towards what was seen."""
        missed = self.zero if value else (1 << BIT_PRECISION) - self.zero
        missed -= missed * (65536 // (self.count + 3)) >> 16
        self.zero = missed if value else (1 << BIT_PRECISION) - missed
        self.count = min(BIT_LIMIT, self.count + 1)


def tree(depth: int) -> list[Bit]:
    """Return the bits of a tree: 2^depth, the first of them not used."""
    return [Bit() for _ in range(1 << depth)]


class RangeDecoder:
    """A decoder over bytes from a place on.

    Attributes
    ----------
    at : int
        The byte after the last one that was read.
    """

    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self.at = at
        self._code, self._range = 0, MASK
        for _ in range(4):
            self._shift()

    def _shift(self) -> None:
        if self.at >= len(self._data):
            raise TruncatedError("range coder: bytes are missing", len(self._data))
        self._code = (self._code << 8 | self._data[self.at]) & MASK
        self.at += 1

    def _follow(self, offset: int, size: int) -> None:
        self._code -= offset
        self._range = size
        while self._range < RANGE_MIN:
            self._shift()
            self._range <<= 8

    def slot(self, precision: int) -> int:
        """Return the slot, of 2^precision, that the code value points to."""
        return min((1 << precision) - 1, ((self._code + 1 << precision) - 1) // self._range)

    def take(self, low: int, size: int, precision: int) -> None:
        """Go on behind a symbol that has `size` slots from `low` on."""
        start = self._range * low >> precision
        self._follow(start, (self._range * (low + size) >> precision) - start)

    def even(self, count: int) -> int:
        """Return up to 16 bits that are equally likely."""
        value = self.slot(count)
        self.take(value, 1, count)
        return value

    def bit(self, bit: Bit) -> int:
        """Return an adaptive bit."""
        zero = self._range * bit.zero >> BIT_PRECISION
        value = int(self._code >= zero)
        if value:
            self._follow(zero, self._range - zero)
        else:
            self._follow(0, zero)
        bit.learn(value)
        return value

    def tree(self, bits: list[Bit], depth: int) -> int:
        """Return a number of `depth` bits."""
        node = 1
        for _ in range(depth):
            node = 2 * node + self.bit(bits[node])
        return node - (1 << depth)

    def finish(self) -> int:
        """Check the end; return where the next part begins."""
        if self._code:
            raise CorruptError("range coder: it does not end where it should", self.at)
        return self.at
