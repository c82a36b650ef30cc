"""Bits of a block's header (docs/format/n1.md, "Numbers")."""

from __future__ import annotations

from typing import Final

from n1reference.errors import CorruptError, TruncatedError

RICE_ESCAPE: Final = 24
"""Ones that announce an Exp-Golomb number instead of a Rice number."""


def unzigzag(number: int) -> int:
    """Return the signed number behind 0, 1, 2, 3 ... for 0, -1, 1, -2 ..."""
    return -(number + 1) // 2 if number & 1 else number // 2


class Bits:
    """Reads bits, the least significant of each byte first.

    Parameters
    ----------
    data : bytes
        What to read from.
    at : int
        Byte to begin with.
    """

    def __init__(self, data: bytes, at: int = 0) -> None:
        self._data = data
        self._at = 8 * at
        self._end = 8 * len(data)

    def take(self, count: int) -> int:
        """Return an unsigned number of `count` bits; ``TruncatedError`` where they are not there."""
        if self._at + count > self._end:
            raise TruncatedError("n1: a block is cut short", len(self._data))
        first, shift = divmod(self._at, 8)
        self._at += count
        window = int.from_bytes(self._data[first : (self._at + 7) // 8], "little")
        return window >> shift & ((1 << count) - 1)

    def golomb(self, order: int) -> int:
        """Return an Exp-Golomb number below 2^32."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if order + zeros > 32:
                raise CorruptError("n1: a number of more than 32 bits", self._at // 8)
        number = (1 << order + zeros) + self.take(order + zeros) - (1 << order)
        if number >= 1 << 32:
            raise CorruptError("n1: a number of more than 32 bits", self._at // 8)
        return number

    def signed(self, order: int) -> int:
        """Return a signed Exp-Golomb number."""
        return unzigzag(self.golomb(order))

    def rice(self, low: int) -> int:
        """Return a Rice number with `low` plain bits."""
        ones = 0
        while ones < RICE_ESCAPE and self.take(1):
            ones += 1
        return self.golomb(8) if ones == RICE_ESCAPE else ones << low | self.take(low)

    def state(self) -> int:
        """Return a rANS state of 25 to 40 bits."""
        more = self.take(4)
        low = self.take(24)
        return low | (1 << more | self.take(more)) << 24

    def end(self) -> int:
        """Return the place after the last byte of which a bit was read."""
        return (self._at + 7) // 8

    def close(self) -> None:
        """Raise unless all was read but for zeros that fill the last byte."""
        left = self._end - self._at
        if left >= 8 or self.take(left):
            raise CorruptError("n1: bits are left over", self._at // 8)
