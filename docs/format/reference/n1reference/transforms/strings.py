"""Strings of bytes in side information (docs/format/integers.md, "Strings")."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from n1reference.coders import rans, standard
from n1reference.errors import CorruptError
from n1reference.numbers import Cursor
from n1reference.samples import BYTES, Layout

CONSTANT, STORED = 0, 1
CODERS: Final[dict[int, Callable[[bytes, Layout], list[int]]]] = {
    2: rans.decode,
    3: standard.decode_zlib,
    4: standard.decode_lzma,
}


def read_string(cursor: Cursor, size: int) -> bytes:
    """Return the next string, of `size` bytes."""
    how = cursor.number(1)
    if how == CONSTANT:
        return cursor.take(1) * size
    if how == STORED:
        return cursor.take(size)
    if how not in CODERS or size == 0:
        raise CorruptError(f"{cursor.what}: a string that is coded in no known way", cursor.at - 1)
    return bytes(CODERS[how](cursor.take(cursor.varint()), Layout(BYTES, (size,))))


def read_bits(cursor: Cursor, count: int) -> list[bool]:
    """Return a string of bits, low first."""
    number = int.from_bytes(read_string(cursor, (count + 7) // 8), "little")
    if number >> count:
        raise CorruptError(f"{cursor.what}: bits that fill a byte are not 0", cursor.at)
    return [bool(number >> at & 1) for at in range(count)]
