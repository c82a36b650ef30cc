"""As few bits a value as the range of its block needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from n1codec import _core, varint
from n1codec.codec import Layout, Samples, Transform
from n1codec.transforms._wire import Reader


@dataclass(frozen=True)
class BitPack(Transform):
    """Frame of reference: each block as its minimum and the differences to it in a fixed number of bits.

    The output is a one-dimensional array of bytes. Blocks are runs of `block` values in C order, so of all channels
    together; put ``planar`` before to pack channels apart. A block is one byte with the width in bits (0 to that of
    the type), the minimum in little-endian bytes of the type, and the differences, the least significant bit first,
    filled up with zero bits to a whole byte. The side information is the number of bytes as unsigned LEB128.

    Parameters
    ----------
    block : int
        Values in a block, 16 to 65536.
    """

    name = "bitpack"

    block: int = 1024

    def __post_init__(self) -> None:
        self.check_range("block", 16, 65536)

    def forward(self, samples: Samples) -> tuple[Samples, bytes]:
        """Return packed bytes, and how many they are as side information."""
        packed = np.empty(_core.bitpack_bound(samples, self.block), np.uint8)
        size = _core.bitpack(samples, self.block, packed)
        return packed[:size].copy(), varint.pack(size)

    def output_layout(self, layout: Layout, side: bytes) -> Layout:
        """Return the layout of as many bytes as the side information says, if that is possible."""
        blocks = -(-layout.size // self.block)
        reader = Reader(side)
        size = reader.varint(layout.nbytes + blocks * (1 + layout.dtype.itemsize))
        reader.end()
        if size < blocks * (1 + layout.dtype.itemsize):
            raise ValueError(f"{blocks} blocks take more than {size} bytes")
        return Layout(np.dtype(np.uint8), (size,))

    def inverse(self, samples: Samples, side: bytes, layout: Layout) -> Samples:
        """Return the values."""
        unpacked = np.empty(layout.shape, layout.dtype)
        _core.bitunpack(samples.view(np.uint8), self.block, unpacked)
        return unpacked
