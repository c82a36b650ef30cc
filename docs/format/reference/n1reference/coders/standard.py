"""Samples as bytes: stored, or compressed by what Python brings along (docs/format/store.md, docs/format/wrapped.md)."""

from __future__ import annotations

import bz2
import lzma
import zlib
from typing import Final, Protocol

from n1reference.errors import CorruptError, TruncatedError
from n1reference.samples import Layout, from_bytes

ZLIB_WINDOW: Final = 15
GZIP_WINDOW: Final = 15 + 16
LEAST_DICTIONARY: Final = 1 << 12
LZMA_OVERHEAD: Final = 1 << 20


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


def decode_store(payload: bytes, layout: Layout) -> list[int]:
    """Return samples that are stored as they are."""
    if len(payload) != layout.n_bytes:
        raise TruncatedError(f"{len(payload)} bytes of samples instead of {layout.n_bytes}")
    return from_bytes(payload, layout.dtype)


def _decompress(decompressor: _Decompressor, payload: bytes, layout: Layout) -> list[int]:
    """Return the samples of one stream that fills the payload."""
    try:
        data = decompressor.decompress(payload, layout.n_bytes + 1)
    except (zlib.error, lzma.LZMAError, OSError, ValueError, EOFError) as error:
        raise CorruptError(f"no stream that can be decompressed: {error}") from None
    if len(data) <= layout.n_bytes and not decompressor.eof:
        raise TruncatedError("a compressed stream is cut short")
    if decompressor.unused_data:
        raise CorruptError("bytes follow a compressed stream")
    return decode_store(data, layout)


def decode_zlib(payload: bytes, layout: Layout) -> list[int]:
    """Return samples from a zlib stream."""
    return _decompress(zlib.decompressobj(ZLIB_WINDOW), payload, layout)


def decode_gzip(payload: bytes, layout: Layout) -> list[int]:
    """Return samples from a gzip member."""
    return _decompress(zlib.decompressobj(GZIP_WINDOW), payload, layout)


def decode_bz2(payload: bytes, layout: Layout) -> list[int]:
    """Return samples from a bzip2 stream."""
    return _decompress(bz2.BZ2Decompressor(), payload, layout)


def decode_lzma(payload: bytes, layout: Layout) -> list[int]:
    """Return samples from an .xz stream."""
    limit = 2 * max(layout.n_bytes, LEAST_DICTIONARY) + LZMA_OVERHEAD
    return _decompress(lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=limit), payload, layout)
