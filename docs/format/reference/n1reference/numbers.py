"""Integers of headers and side information (docs/FORMAT.md, "Conventions"; docs/format/exp-golomb.md)."""

from __future__ import annotations

from typing import Final

from n1reference.errors import CorruptError, TruncatedError

LIMIT: Final = (1 << 64) - 1
MAX_GOLOMB_ORDER: Final = 24
MAX_ZEROS: Final = 32


class Cursor:
    """Reads bytes from a place on.

    Parameters
    ----------
    data : bytes
        What to read from.
    what : str
        What it is, for the message of an error.
    at : int
        Where to begin.
    """

    def __init__(self, data: bytes, what: str, at: int = 0) -> None:
        self.data = data
        self.what = what
        self.at = at

    @property
    def left(self) -> int:
        """Bytes that were not read."""
        return len(self.data) - self.at

    def take(self, count: int) -> bytes:
        """Return the next bytes."""
        if count > self.left:
            raise TruncatedError(f"{self.what} is cut short", len(self.data))
        self.at += count
        return self.data[self.at - count : self.at]

    def rest(self) -> bytes:
        """Return all that is left."""
        return self.take(self.left)

    def number(self, size: int) -> int:
        """Return a little-endian unsigned number of so many bytes."""
        return int.from_bytes(self.take(size), "little")

    def varint(self, limit: int = LIMIT) -> int:
        """Return a varint of at most `limit`."""
        start, value = self.at, 0
        for place in range(10):
            byte = self.number(1)
            value |= (byte & 0x7F) << 7 * place
            if value > limit:
                raise CorruptError(f"{self.what}: a number beyond the limit of {limit}", start)
            if byte < 0x80:
                if place and not byte:
                    break
                return value
        raise CorruptError(f"{self.what}: a number that is not in its shortest form", start)

    def signed(self, limit: int) -> int:
        """Return a folded varint of at most this magnitude."""
        return unfold(self.varint(2 * limit))

    def counted(self, limit: int) -> bytes:
        """Return bytes that follow their number."""
        return self.take(self.varint(limit))

    def golombs(self, count: int) -> list[int]:
        """Return a list of signed integers in exponential Golomb codes."""
        order = self.number(1)
        if order > MAX_GOLOMB_ORDER:
            raise CorruptError(f"{self.what}: no such order of a code", self.at)
        if count > 8 * self.left:
            raise CorruptError(f"{self.what}: too short for {count} integers", self.at)
        bits = HighBits(self.data, self.at, self.what)
        values = []
        for _ in range(count):
            zeros = 0
            while not bits.take(1):
                zeros += 1
                if zeros > MAX_ZEROS:
                    raise CorruptError(f"{self.what}: an integer of more than 32 bits", self.at)
            folded = (1 << zeros + order | bits.take(zeros + order)) - (1 << order)
            if folded >> 32:
                raise CorruptError(f"{self.what}: an integer of more than 32 bits", self.at)
            values.append(unfold(folded))
        self.at = bits.pad()
        return values

    def end(self) -> None:
        """Raise unless everything was read."""
        if self.left:
            raise CorruptError(f"{self.what}: {self.left} bytes are left over", self.at)


class HighBits:
    """Reads bits, the most significant of each byte first."""

    def __init__(self, data: bytes, at: int, what: str) -> None:
        self._data = data
        self._what = what
        self._at = 8 * at

    def take(self, count: int) -> int:
        """Return an unsigned number of so many bits."""
        first = self._at // 8
        self._at += count
        last = (self._at + 7) // 8
        if last > len(self._data):
            raise TruncatedError(f"{self._what} is cut short", len(self._data))
        window = int.from_bytes(self._data[first:last], "big")
        return window >> 8 * last - self._at & (1 << count) - 1

    def pad(self) -> int:
        """Return the place after the last byte of which a bit was read; its other bits must be 0."""
        if self.take(-self._at % 8):
            raise CorruptError(f"{self._what}: bits that fill a byte are not 0", self._at // 8 - 1)
        return self._at // 8


def unfold(number: int) -> int:
    """Return the signed number behind 0, 1, 2, 3 ... for 0, -1, 1, -2 ..."""
    return -(number + 1) // 2 if number & 1 else number // 2
