"""The one variable-length integer of all formats: unsigned LEB128 in its shortest form, at most 64 bits.

Seven bits a byte, least significant first, the top bit set on all bytes but the last. A number has one spelling only: a
last byte of zero after the first is refused wherever one is read.
"""

from __future__ import annotations

from typing import Final

from n1codec.errors import CorruptError, TruncatedError

LIMIT: Final = (1 << 64) - 1
"""The largest number."""


def pack(value: int) -> bytes:
    """Return a number of 0 to `LIMIT`.

    Raises
    ------
    ValueError
        If it is none.
    """
    if not 0 <= value <= LIMIT:
        raise ValueError(f"{value} does not fit in 64 bits")
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def unpack(data: bytes, at: int, limit: int, what: str) -> tuple[int, int]:
    """Return the number at a place and the place after it.

    Parameters
    ----------
    data : bytes
        What to read from.
    at : int
        Where the number begins.
    limit : int
        The most that it may be; at most `LIMIT`.
    what : str
        What the number says, for the message of an error.

    Raises
    ------
    TruncatedError
        If the data ends within the number.
    CorruptError
        If it is beyond the limit, or not in its shortest form.
    """
    value = shift = 0
    start = at
    while True:
        if at >= len(data):
            raise TruncatedError(f"cut short within {what}", at)
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if value > limit:
            raise CorruptError(f"{what} of {value} or more exceeds the limit of {limit}", start)
        if byte < 0x80:
            break
        shift += 7
        if shift > 63:
            raise CorruptError(f"{what}: a number of more than 64 bits, or not in its shortest form", start)
    if byte == 0 and shift:
        raise CorruptError(f"{what}: a number that is not in its shortest form", start)
    return value, at
