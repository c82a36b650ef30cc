"""The source file from its samples (docs/format/restore.md)."""

from __future__ import annotations

import struct
from typing import Final

from n1reference.envelope import Decoded
from n1reference.errors import CorruptError
from n1reference.numbers import Cursor
from n1reference.packed import expand
from n1reference.samples import Dtype, Layout, to_bytes, to_channels

MAX_EXTRA: Final = 1 << 24
FORMATS: Final = 4
PLAIN_WAV, EXTRA, PACKED, BIG_ENDIAN, BY_CHANNEL = (1 << bit for bit in range(3, 8))
INT32: Final = Dtype("i", 4)


def restore(decoded: Decoded, restore_bytes: bytes) -> bytes:
    """Return the source of a recording."""
    if not restore_bytes or decoded.doubts:
        raise CorruptError("there was no source, or it cannot be given back for certain")
    cursor = Cursor(restore_bytes, "restore bytes")
    tag = cursor.number(1)
    packed = bool(tag & PACKED)
    wrong = (tag & PLAIN_WAV and tag & EXTRA) or (packed and tag & (BIG_ENDIAN | BY_CHANNEL))
    if tag & 7 >= FORMATS or wrong or (packed and decoded.layout.dtype != INT32):
        raise CorruptError(f"no restore bytes, or not of these samples: tag {tag:#04x}", 0)
    head, tail = b"", b""
    if tag & PLAIN_WAV:
        head, tail = _plain_wav(cursor.number(4), decoded.layout, 3 if packed else decoded.layout.dtype.itemsize)
    elif tag & EXTRA:
        length = cursor.number(4)
        total = length + cursor.number(4)
        extra = cursor.rest()
        if total > MAX_EXTRA or len(extra) > total:
            raise CorruptError("head and tail are longer than they may be, or than they say")
        extra = expand(extra, total)
        head, tail = extra[:length], extra[length:]
    cursor.end()
    return head + _stored(decoded, tag) + tail


def _plain_wav(rate: int, layout: Layout, width: int) -> tuple[bytes, bytes]:
    block = layout.channels * width
    length = block * layout.n_samples
    form = (b"fmt ", 16, 1, layout.channels, rate, rate * block, block, 8 * width)
    try:
        head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + length + length % 2, b"WAVE", *form, b"data", length)
    except struct.error:
        raise CorruptError("a plain WAV cannot hold these samples") from None
    return head, bytes(length % 2)


def _stored(decoded: Decoded, tag: int) -> bytes:
    layout, values = decoded.layout, decoded.values
    if tag & BY_CHANNEL:
        values = [value for channel in to_channels(values, layout) for value in channel]
    if not tag & PACKED:
        return to_bytes(values, layout.dtype, "big" if tag & BIG_ENDIAN else "little")
    if not all(-(1 << 23) <= value < 1 << 23 for value in values):
        raise CorruptError("a sample does not fit into 24 bits")
    return b"".join((value & 0xFFFFFF).to_bytes(3, "little") for value in values)
