"""Bytes that may stand as a zlib stream (docs/FORMAT.md, "Header": packed bytes; docs/format/restore.md: extra)."""

from __future__ import annotations

import zlib

from n1reference.errors import CorruptError


def expand(stored: bytes, length: int) -> bytes:
    """Return so many bytes: those given if they are as many, else what they give as a zlib stream."""
    if len(stored) == length:
        return stored
    unpacker = zlib.decompressobj()
    try:
        content = unpacker.decompress(stored, length + 1)
    except zlib.error as error:
        raise CorruptError(f"packed bytes cannot be decompressed: {error}") from None
    if len(content) != length or not unpacker.eof or unpacker.unused_data:
        raise CorruptError("packed bytes are not as long as they say")
    return content
