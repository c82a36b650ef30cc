"""Run lengths of equal samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from n1codec import _core
from n1codec.codec import Coder, Layout, Samples


@dataclass(frozen=True)
class Rle(Coder):
    """Run lengths of equal samples: PackBits (Apple, 1984) for samples of any width and runs of any length.

    Recordings rarely repeat a sample, so this alone does not compress them: without enough runs the samples are stored as
    they are and the payload is one byte *larger* than they are (it never is by more). It earns its place after a transform
    that makes runs, such as ``bitshuffle``, and on silent or saturated channels. Runs are sought in memory order: put
    ``planar`` in front to find those along the time of each channel.
    """

    name = "rle"

    def encode(self, samples: Samples, *, threads: int = 1) -> bytes:
        """Encode samples."""
        return _core.rle_encode(samples, samples.dtype.itemsize)

    def decode(self, payload: bytes, layout: Layout, *, threads: int = 1) -> Samples:
        """Decode samples; ``ValueError`` on data that makes no sense."""
        samples = np.empty(layout.shape, layout.dtype)
        _core.rle_decode(payload, samples, layout.dtype.itemsize)
        return samples
