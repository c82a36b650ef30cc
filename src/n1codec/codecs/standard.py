"""The general-purpose compressors of Python's standard library.

Each decoder knows how many bytes to expect and asks its library for no more than one above that.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from dataclasses import dataclass
from typing import Final, Protocol

from n1codec.codec import ByteCoder
from n1codec.codecs._streams import check_end


class _Decompressor(Protocol):
    """What the decompressors of bz2 and lzma have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


def _bounded(name: str, decompressor: _Decompressor, payload: bytes, size: int) -> bytes:
    """Decompress one stream that fills the payload, to at most one byte more than `size`."""
    data = decompressor.decompress(payload, size + 1)
    check_end(name, ended=len(data) > size or decompressor.eof, bytes_follow=bool(decompressor.unused_data))
    return data


_GZIP_OS: Final = 9
"""Where a gzip header names the system that made it."""
_GZIP_OS_UNKNOWN: Final = 255
_ZLIB_WINDOW: Final = 15
"""Base-2 logarithm of the window of DEFLATE: its largest."""
_GZIP_WINDOW: Final = _ZLIB_WINDOW + 16
"""The same with a gzip wrapper, in zlib's way of asking for one."""


def _inflate(name: str, payload: bytes, size: int, window: int) -> bytes:
    decompressor = zlib.decompressobj(window)
    data = decompressor.decompress(payload, size + 1)
    check_end(name, ended=len(data) > size or decompressor.eof, bytes_follow=bool(decompressor.unused_data))
    return data


def _deflate(data: memoryview, level: int, window: int) -> bytes:
    compressor = zlib.compressobj(level, zlib.DEFLATED, window)
    return compressor.compress(data) + compressor.flush()


@dataclass(frozen=True)
class Zlib(ByteCoder):
    """DEFLATE in a zlib wrapper.

    Parameters
    ----------
    level : int
        1 (fastest) to 9 (smallest).
    """

    name = "zlib"
    encode_only = frozenset({"level"})

    level: int = 6

    def __post_init__(self) -> None:
        self.check_range("level", 1, 9)

    def compress(self, data: memoryview, *, itemsize: int, threads: int) -> bytes:
        """Compress."""
        return _deflate(data, self.level, _ZLIB_WINDOW)

    def decompress(self, payload: bytes, size: int, *, threads: int) -> bytes:
        """Decompress."""
        return _inflate(self.name, payload, size, _ZLIB_WINDOW)

    @classmethod
    def libraries(cls) -> dict[str, str]:
        """Return the version of zlib."""
        return {"zlib": zlib.ZLIB_RUNTIME_VERSION}


@dataclass(frozen=True)
class Gzip(ByteCoder):
    """DEFLATE in a gzip wrapper without time or name of the system, so equal samples give equal bytes.

    Parameters
    ----------
    level : int
        1 (fastest) to 9 (smallest).
    """

    name = "gzip"
    encode_only = frozenset({"level"})

    level: int = 9

    def __post_init__(self) -> None:
        self.check_range("level", 1, 9)

    def compress(self, data: memoryview, *, itemsize: int, threads: int) -> bytes:
        """Compress."""
        out = bytearray(_deflate(data, self.level, _GZIP_WINDOW))
        out[_GZIP_OS] = _GZIP_OS_UNKNOWN
        return bytes(out)

    def decompress(self, payload: bytes, size: int, *, threads: int) -> bytes:
        """Decompress."""
        return _inflate(self.name, payload, size, _GZIP_WINDOW)

    @classmethod
    def libraries(cls) -> dict[str, str]:
        """Return the version of zlib."""
        return {"zlib": zlib.ZLIB_RUNTIME_VERSION}


@dataclass(frozen=True)
class Bz2(ByteCoder):
    """bzip2: Burrows-Wheeler sort and Huffman codes.

    Parameters
    ----------
    level : int
        1 to 9: blocks of 100 to 900 thousand bytes.
    """

    name = "bz2"
    encode_only = frozenset({"level"})

    level: int = 9

    def __post_init__(self) -> None:
        self.check_range("level", 1, 9)

    def compress(self, data: memoryview, *, itemsize: int, threads: int) -> bytes:
        """Compress."""
        return bz2.compress(data, self.level)

    def decompress(self, payload: bytes, size: int, *, threads: int) -> bytes:
        """Decompress."""
        return _bounded(self.name, bz2.BZ2Decompressor(), payload, size)


_LZMA_SMALLEST_DICTIONARY: Final = 1 << 12
_LZMA_PRESET_DICTIONARY: Final = (18, 20, 21, 22, 22, 23, 23, 24, 25, 26)
"""Base-2 logarithm of the dictionary of each preset."""
_LZMA_OVERHEAD: Final = 1 << 20
"""More than a decoder needs beside its dictionary."""


@dataclass(frozen=True)
class Lzma(ByteCoder):
    """LZMA2 in an .xz stream without a check of its own.

    The dictionary is no larger than the data, so neither coder nor decoder takes memory that the data does not call for.

    Parameters
    ----------
    preset : int
        0 (fastest) to 9 (smallest).
    extreme : bool
        Search longer.
    """

    name = "lzma"
    encode_only = frozenset({"preset", "extreme"})

    preset: int = 6
    extreme: bool = False

    def __post_init__(self) -> None:
        self.check_range("preset", 0, 9)
        self.check_flag("extreme")

    def compress(self, data: memoryview, *, itemsize: int, threads: int) -> bytes:
        """Compress."""
        needed = max(1 << (len(data) - 1).bit_length(), _LZMA_SMALLEST_DICTIONARY)
        lzma2 = {
            "id": lzma.FILTER_LZMA2,
            "preset": self.preset | (lzma.PRESET_EXTREME if self.extreme else 0),
            "dict_size": min(1 << _LZMA_PRESET_DICTIONARY[self.preset], needed),
        }
        return lzma.compress(data, lzma.FORMAT_XZ, lzma.CHECK_NONE, filters=[lzma2])

    def decompress(self, payload: bytes, size: int, *, threads: int) -> bytes:
        """Decompress; a dictionary beyond twice the data is refused."""
        limit = 2 * max(size, _LZMA_SMALLEST_DICTIONARY) + _LZMA_OVERHEAD
        return _bounded(self.name, lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=limit), payload, size)
