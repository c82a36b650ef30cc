"""A codec of one's own: DEFLATE that looks for no repeats and keeps only its Huffman codes."""

import zlib
from dataclasses import dataclass

from n1codec import ByteCoder


@dataclass(frozen=True)
class HuffmanOnly(ByteCoder):
    """Dynamic Huffman codes of bytes (RFC 1951), without matches: fast, and on noise as small as DEFLATE.

    Parameters
    ----------
    memory : int
        1 to 9: more memory, longer blocks.
    """

    name = "huffman_only"
    encode_only = frozenset({"memory"})

    memory: int = 8

    def __post_init__(self) -> None:
        self.check_range("memory", 1, 9)

    def compress(self, data: memoryview, *, itemsize: int, threads: int) -> bytes:
        """Compress bytes."""
        coder = zlib.compressobj(wbits=-15, memLevel=self.memory, strategy=zlib.Z_HUFFMAN_ONLY)
        return coder.compress(data) + coder.flush()

    def decompress(self, payload: bytes, size: int, *, threads: int) -> bytes:
        """Decompress bytes, and no more of them than there should be."""
        coder = zlib.decompressobj(wbits=-15)
        data = coder.decompress(payload, size + 1)
        if not coder.eof or coder.unused_data:
            raise ValueError("not one whole stream")
        return data
