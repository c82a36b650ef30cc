"""bzip3, through the package of that name, whose module is ``bz3``."""

from __future__ import annotations

import importlib
import importlib.metadata
import struct
from dataclasses import dataclass
from typing import Any, Final

from n1codec.codec import ByteCoder
from n1codec.errors import CorruptError, TruncatedError

_BZIP3_HEADER: Final = struct.Struct("<5sI")
_BZIP3_BLOCK: Final = struct.Struct("<II")
_BZIP3_SMALLEST_BLOCK: Final = 65 << 10


@dataclass(frozen=True)
class Bzip3(ByteCoder):
    """bzip3: Burrows-Wheeler sort and a context-mixing arithmetic coder.

    Parameters
    ----------
    block_mib : int
        Largest block in MiB, 1 to 511. Both sides take about six times the block, which is never larger than the data.
    """

    name = "bzip3"
    encode_only = frozenset({"block_mib"})

    block_mib: int = 16

    def __post_init__(self) -> None:
        self.check_range("block_mib", 1, 511)

    def compress(self, data: memoryview, *, itemsize: int, threads: int) -> bytes:
        """Compress."""
        block = max(min(self.block_mib << 20, len(data)), _BZIP3_SMALLEST_BLOCK)
        return bytes(_bz3().compress(data, block))

    def decompress(self, payload: bytes, size: int, *, threads: int) -> bytes:
        """Decompress, after all block headers have been checked: the package takes them as they come."""
        _check_bzip3(payload, size)
        return bytes(_bz3().decompress(payload))

    @classmethod
    def libraries(cls) -> dict[str, str]:
        """Return the versions of the Python package and of libbzip3."""
        return {"bzip3": importlib.metadata.version("bzip3"), "libbzip3": _bz3().libversion()}


def _bz3() -> Any:
    """Return the package's module, whose annotations are narrower than what it takes."""
    return importlib.import_module("bz3")


def _check_bzip3(payload: bytes, size: int) -> None:
    """Raise unless a bzip3 stream is made of whole blocks, none too large, of `size` bytes in all."""
    magic, block_size = _BZIP3_HEADER.unpack_from(payload)
    if magic != b"BZ3v1":
        raise CorruptError("no bzip3 stream", 0)
    if block_size > max(size, _BZIP3_SMALLEST_BLOCK):
        raise CorruptError(f"bzip3 blocks of {block_size} bytes for {size} bytes", 5)
    at, left = _BZIP3_HEADER.size, size
    while left:
        if at + _BZIP3_BLOCK.size > len(payload):
            raise TruncatedError("bzip3 block header is cut short", at)
        compressed, content = _BZIP3_BLOCK.unpack_from(payload, at)
        at += _BZIP3_BLOCK.size
        if not 0 < content <= min(left, block_size) or compressed > len(payload) - at:
            raise CorruptError(f"bzip3 block of {compressed} bytes for {content}, {left} being left", at)
        at += compressed
        left -= content
    if at != len(payload):
        raise CorruptError("bytes follow the last bzip3 block", at)
