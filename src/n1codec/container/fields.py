"""The parts that a header is made of: counted bytes, packed bytes, and what reads them."""

from __future__ import annotations

import zlib

from n1codec import varint
from n1codec.errors import CorruptError, TruncatedError


class Cursor:
    """Reads a header's body from its start to its end.

    Parameters
    ----------
    data : bytes
        The bytes.
    at, end : int
        Where to begin and where to stop.
    """

    def __init__(self, data: bytes, at: int, end: int) -> None:
        self._data = data[:end]
        self._at = at

    def __bool__(self) -> bool:
        return self._at < len(self._data)

    def varint(self, limit: int, what: str) -> int:
        """Return the next integer, at most `limit`."""
        value, self._at = varint.unpack(self._data, self._at, limit, what)
        return value

    def take(self, length: int) -> bytes:
        """Return the next bytes."""
        if length > len(self._data) - self._at:
            raise TruncatedError("header is cut short", self._at)
        self._at += length
        return self._data[self._at - length : self._at]

    def counted(self, limit: int, what: str) -> bytes:
        """Return the next counted bytes."""
        return self.take(self.varint(limit, what))

    def rest(self) -> bytes:
        """Return what is left."""
        return self.take(len(self._data) - self._at)


def counted(data: bytes) -> bytes:
    """Return the length and the data."""
    return varint.pack(len(data)) + data


def squeeze(data: bytes) -> bytes:
    """Return the length and the data: as they are, or as a zlib stream where that is shorter."""
    packed = zlib.compress(data, 9)
    return varint.pack(len(data)) + min(data, packed, key=len)


def expand(data: bytes, limit: int) -> bytes:
    """Return what `squeeze` packed, at most `limit` bytes."""
    length, at = varint.unpack(data, 0, limit, "packed bytes")
    stored = data[at:]
    if len(stored) == length:
        return stored
    unpacker = zlib.decompressobj()
    try:
        content = unpacker.decompress(stored, length + 1)
    except zlib.error as error:
        raise CorruptError(f"header: packed bytes cannot be decompressed: {error}") from None
    if len(content) != length or not unpacker.eof or unpacker.unused_data:
        raise CorruptError("header: packed bytes decompress to something else than announced")
    return content
