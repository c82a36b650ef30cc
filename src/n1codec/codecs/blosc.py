"""Blosc: the data in blocks, shuffled and then compressed by a fast compressor.

Through python-blosc2, whose C-Blosc2 is the maintained line: every call has its own context and threads (C-Blosc 1, as
numcodecs binds it, has process-wide ones), and it shuffles the bits of blocks of any length (C-Blosc 1 leaves a block as it
is unless its length divides by eight).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

import blosc2

from n1codec.codec import ByteCoder
from n1codec.errors import CorruptError

_CODECS: Final = {
    "blosclz": blosc2.Codec.BLOSCLZ,
    "lz4": blosc2.Codec.LZ4,
    "lz4hc": blosc2.Codec.LZ4HC,
    "zlib": blosc2.Codec.ZLIB,
    "zstd": blosc2.Codec.ZSTD,
}
_FILTERS: Final = {
    "none": blosc2.Filter.NOFILTER,
    "byte": blosc2.Filter.SHUFFLE,
    "bit": blosc2.Filter.BITSHUFFLE,
}
_SIZES: Final = struct.Struct("<4xIII")
"""A chunk's header: four bytes of versions and flags, then its content, its block and itself in bytes."""


@dataclass(frozen=True)
class Blosc(ByteCoder):
    """Blosc with one shuffle and one compressor.

    Parameters
    ----------
    cname : str
        The compressor: blosclz, lz4, lz4hc, zlib or zstd.
    clevel : int
        0 (copy) to 9 (smallest); it also sets the size of the blocks.
    shuffle : str
        none, byte or bit: which parts of the values are gathered before compression.
    blocksize : int
        Size of the blocks in KiB, up to 524,288; 0 lets the library choose.

    Notes
    -----
    Several threads store their blocks in the order in which they finish: the bytes then differ from run to run, the samples
    do not.
    """

    name = "blosc"
    encode_only = frozenset({"cname", "clevel", "shuffle", "blocksize"})
    threaded = True

    cname: str = "zstd"
    clevel: int = 5
    shuffle: str = "bit"
    blocksize: int = 0

    def __post_init__(self) -> None:
        self.check_choice("cname", tuple(_CODECS))
        self.check_range("clevel", 0, 9)
        self.check_choice("shuffle", tuple(_FILTERS))
        self.check_range("blocksize", 0, 1 << 19)

    def compress(self, data: memoryview, *, itemsize: int, threads: int) -> bytes:
        """Compress."""
        chunk: bytes = blosc2.compress2(
            data,
            codec=_CODECS[self.cname],
            clevel=self.clevel,
            filters=[_FILTERS[self.shuffle]],
            filters_meta=[0],
            typesize=itemsize,
            blocksize=self.blocksize << 10,
            nthreads=threads,
        )
        return chunk

    def decompress(self, payload: bytes, size: int, *, threads: int) -> bytes:
        """Decompress, after the sizes in the header have been checked: the library allocates what they ask for."""
        content, block, whole = _SIZES.unpack_from(payload)
        if content != size or block > size or whole != len(payload):
            raise CorruptError(f"Blosc chunk of {whole} bytes for {content}, in blocks of {block}", 4)
        data: bytes = blosc2.decompress2(payload, nthreads=threads)
        return data

    @classmethod
    def libraries(cls) -> dict[str, str]:
        """Return the versions of python-blosc2 and of C-Blosc2."""
        return {"blosc2": blosc2.__version__, "c-blosc2": blosc2.blosclib_version.split()[0]}
