"""Dictionary (LZ77) coders of well-kept libraries, each imported when it is used.

Each decoder knows how many bytes to expect, and sees to it that its library takes no more memory than that.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from n1codec.codec import ByteCoder
from n1codec.codecs._streams import check_end
from n1codec.errors import CorruptError, TruncatedError


@dataclass(frozen=True)
class Zstd(ByteCoder):
    """Zstandard.

    Parameters
    ----------
    level : int
        1 (fastest) to 22 (smallest).

    Notes
    -----
    With more than one thread the library cuts large inputs into jobs: the bytes differ from those of one thread (not
    between two and more), the samples do not.
    """

    name = "zstd"
    encode_only = frozenset({"level"})
    threaded = True

    level: int = 3

    def __post_init__(self) -> None:
        self.check_range("level", 1, 22)

    def compress(self, data: memoryview, *, itemsize: int, threads: int) -> bytes:
        """Compress."""
        import zstandard

        return zstandard.ZstdCompressor(level=self.level, threads=threads if threads > 1 else 0).compress(data)

    def decompress(self, payload: bytes, size: int, *, threads: int) -> bytes:
        """Decompress, after the size that the header announces has been checked."""
        import zstandard

        _check_zstd_size(payload, size)
        decompressor = zstandard.ZstdDecompressor()
        return decompressor.decompress(payload, max_output_size=size, allow_extra_data=False)

    @classmethod
    def libraries(cls) -> dict[str, str]:
        """Return the versions of the Python package and of libzstd."""
        import zstandard

        return {"zstandard": zstandard.__version__, "libzstd": ".".join(map(str, zstandard.ZSTD_VERSION))}


@dataclass(frozen=True)
class NumcodecsZstd(ByteCoder):
    """Zstandard through numcodecs, as Zarr users know it.

    Parameters
    ----------
    level : int
        1 (fastest) to 22 (smallest).
    """

    name = "numcodecs_zstd"
    encode_only = frozenset({"level"})

    level: int = 3

    def __post_init__(self) -> None:
        self.check_range("level", 1, 22)

    def compress(self, data: memoryview, *, itemsize: int, threads: int) -> bytes:
        """Compress."""
        from numcodecs import zstd

        return bytes(zstd.compress(data, self.level))

    def decompress(self, payload: bytes, size: int, *, threads: int) -> bytes:
        """Decompress, after the size that the header announces has been checked: the library would allocate it unseen."""
        from numcodecs import zstd

        at = _check_zstd_size(payload, size)
        _check_zstd_end(payload, at)
        return bytes(zstd.decompress(payload))

    @classmethod
    def libraries(cls) -> dict[str, str]:
        """Return the versions of numcodecs and of the libzstd inside it."""
        import numcodecs
        from numcodecs import zstd

        number: int = zstd.VERSION_NUMBER
        libzstd = f"{number // 10_000}.{number // 100 % 100}.{number % 100}"
        return {"numcodecs": numcodecs.__version__, "libzstd (numcodecs)": libzstd}


_ZSTD_MAGIC: Final = 0xFD2F_B528
_ZSTD_SIZE_FORMATS: Final = {1: "<H", 2: "<I", 3: "<Q"}
_ZSTD_SIZE_OFFSET: Final = 256
"""What a two-byte content size leaves out."""


def _check_zstd_size(payload: bytes, size: int) -> int:
    """Raise unless a Zstandard frame header (RFC 8878, section 3.1.1.1) announces `size` bytes; return where it ends."""
    magic, descriptor = struct.unpack_from("<IB", payload)
    if magic != _ZSTD_MAGIC:
        raise CorruptError("no Zstandard frame", 0)
    single_segment = descriptor >> 5 & 1
    dictionary_bytes = (0, 1, 2, 4)[descriptor & 3]
    at = 5 + (1 - single_segment) + dictionary_bytes
    kind = descriptor >> 6
    field = 1 << kind
    if kind:
        (content,) = struct.unpack_from(_ZSTD_SIZE_FORMATS[kind], payload, at)
        content += _ZSTD_SIZE_OFFSET if kind == 1 else 0
    elif single_segment:
        content = payload[at]
    else:
        raise CorruptError("Zstandard frame without its content size", 4)
    if content != size:
        raise CorruptError(f"Zstandard frame of {content} bytes instead of {size}", at)
    return int(at + field)


_ZSTD_BLOCK_BYTES: Final = 3
_ZSTD_RLE_BLOCK: Final = 1
_ZSTD_CHECKSUM: Final = 0x04


def _check_zstd_end(payload: bytes, at: int) -> None:
    """Raise unless the frame whose blocks begin at a place ends with the payload: libzstd reads on through frames behind it."""
    last = False
    while not last:
        if at + _ZSTD_BLOCK_BYTES > len(payload):
            raise TruncatedError("Zstandard block header is cut short", at)
        head = int.from_bytes(payload[at : at + _ZSTD_BLOCK_BYTES], "little")
        last = bool(head & 1)
        at += _ZSTD_BLOCK_BYTES + (1 if head >> 1 & 3 == _ZSTD_RLE_BLOCK else head >> 3)
    at += 4 if payload[4] & _ZSTD_CHECKSUM else 0
    check_end("numcodecs_zstd", ended=at <= len(payload), bytes_follow=at < len(payload))


@dataclass(frozen=True)
class Lz4(ByteCoder):
    """LZ4, one raw block.

    Parameters
    ----------
    acceleration : int
        1 to 65537: how carelessly to search; 1 is the library's default.
    """

    name = "lz4"
    encode_only = frozenset({"acceleration"})

    acceleration: int = 1

    def __post_init__(self) -> None:
        self.check_range("acceleration", 1, 65_537)

    def compress(self, data: memoryview, *, itemsize: int, threads: int) -> bytes:
        """Compress."""
        import lz4.block

        return bytes(lz4.block.compress(data, mode="fast", acceleration=self.acceleration, store_size=False))

    def decompress(self, payload: bytes, size: int, *, threads: int) -> bytes:
        """Decompress."""
        return _lz4_decompress(payload, size)

    @classmethod
    def libraries(cls) -> dict[str, str]:
        """Return the versions of the Python package and of liblz4."""
        return _lz4_versions()


@dataclass(frozen=True)
class Lz4Hc(ByteCoder):
    """LZ4 with a thorough search, one raw block; decoded as fast as `Lz4`.

    Parameters
    ----------
    level : int
        3 (fastest) to 12 (smallest).
    """

    name = "lz4hc"
    encode_only = frozenset({"level"})

    level: int = 9

    def __post_init__(self) -> None:
        self.check_range("level", 3, 12)

    def compress(self, data: memoryview, *, itemsize: int, threads: int) -> bytes:
        """Compress."""
        import lz4.block

        return bytes(lz4.block.compress(data, mode="high_compression", compression=self.level, store_size=False))

    def decompress(self, payload: bytes, size: int, *, threads: int) -> bytes:
        """Decompress."""
        return _lz4_decompress(payload, size)

    @classmethod
    def libraries(cls) -> dict[str, str]:
        """Return the versions of the Python package and of liblz4."""
        return _lz4_versions()


def _lz4_decompress(payload: bytes, size: int) -> bytes:
    import lz4.block

    return bytes(lz4.block.decompress(payload, uncompressed_size=size))


def _lz4_versions() -> dict[str, str]:
    import lz4

    return {"lz4": lz4.__version__, "liblz4": str(lz4.library_version_string())}


@dataclass(frozen=True)
class Brotli(ByteCoder):
    """Brotli.

    Parameters
    ----------
    quality : int
        0 (fastest) to 11 (smallest, some ten times slower than 9).
    """

    name = "brotli"
    encode_only = frozenset({"quality"})

    quality: int = 9

    def __post_init__(self) -> None:
        self.check_range("quality", 0, 11)

    def compress(self, data: memoryview, *, itemsize: int, threads: int) -> bytes:
        """Compress."""
        import brotli

        return bytes(brotli.compress(data, quality=self.quality))

    def decompress(self, payload: bytes, size: int, *, threads: int) -> bytearray:
        """Decompress in steps, each of which the library lets overshoot by a few blocks."""
        import brotli

        decompressor = brotli.Decompressor()
        data = bytearray(decompressor.process(payload, output_buffer_limit=size + 1))
        while len(data) <= size and not decompressor.is_finished() and not decompressor.can_accept_more_data():
            data += decompressor.process(b"", output_buffer_limit=size + 1 - len(data))
        check_end(self.name, ended=len(data) > size or decompressor.is_finished(), bytes_follow=False)
        return data

    @classmethod
    def libraries(cls) -> dict[str, str]:
        """Return the version of Brotli."""
        import brotli

        return {"brotli": brotli.version}
