"""Bytes or bits of the same weight side by side.

Output of both: a one-dimensional array of bytes, no side information. With ``n`` values of ``w`` bytes,

* byteshuffle gives ``w`` planes of ``n`` bytes, the least significant byte of every value first;
* bitshuffle gives ``8 * w`` planes of ``ceil(n / 8)`` bytes, the least significant bit of every value first; in a
  plane, value ``i`` is bit ``i % 8`` (0 is the least significant) of byte ``i // 8``, and bits past the last value are 0.

The order does not depend on the byte order of the machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from n1codec import _core
from n1codec.codec import Layout, Samples, Transform
from n1codec.transforms._planes import from_planes, planes_of


@dataclass(frozen=True)
class ByteShuffle(Transform):
    """All least significant bytes, then all bytes of the next weight, and so on.

    The high bytes of small numbers are nearly all alike, which compressors of bytes then find in one run.
    """

    name = "byteshuffle"

    def takes(self, dtype: np.dtype[Any]) -> bool:
        """Return whether samples of a type can be transformed: all can."""
        return True

    def forward(self, samples: Samples) -> tuple[Samples, bytes]:
        """Return the byte planes; no side information."""
        return planes_of(samples).reshape(-1), b""

    def output_layout(self, layout: Layout, side: bytes) -> Layout:
        """Return the layout of as many bytes."""
        if side:
            raise ValueError("byteshuffle has no side information")
        return Layout(np.dtype(np.uint8), (layout.nbytes,))

    def inverse(self, samples: Samples, side: bytes, layout: Layout) -> Samples:
        """Return the values."""
        return from_planes(samples.view(np.uint8), layout)


@dataclass(frozen=True)
class BitShuffle(Transform):
    """All least significant bits, then all bits of the next weight, and so on.

    As in bitshuffle (K. Masui et al. 2015, Astronomy and Computing 12), but over the whole array instead of in blocks.
    """

    name = "bitshuffle"

    def forward(self, samples: Samples) -> tuple[Samples, bytes]:
        """Return the bit planes; no side information."""
        planes = np.empty(self.output_layout(Layout.of(samples), b"").shape, np.uint8)
        _core.bit_shuffle(samples, planes)
        return planes, b""

    def output_layout(self, layout: Layout, side: bytes) -> Layout:
        """Return the layout of the planes' bytes."""
        if side:
            raise ValueError("bitshuffle has no side information")
        return Layout(np.dtype(np.uint8), (8 * layout.dtype.itemsize * -(-layout.size // 8),))

    def inverse(self, samples: Samples, side: bytes, layout: Layout) -> Samples:
        """Return the values; raises ValueError if a bit past the last value is set."""
        restored = np.empty(layout.shape, layout.dtype)
        _core.bit_unshuffle(samples.view(np.uint8), restored)
        return restored
