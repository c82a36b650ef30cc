"""Stored blocks (docs/format/n1.md, "Mode 0: stored")."""

from __future__ import annotations

from n1reference.errors import CorruptError, TruncatedError
from n1reference.n1.alphabet import wrap
from n1reference.n1.bits import Bits
from n1reference.samples import Dtype


def decode_stored(block: bytes, n_samples: int, n_channels: int, dtype: Dtype) -> list[list[int]]:
    """Return the samples of each channel."""
    width = 8 * dtype.itemsize
    bits = Bits(block, 1)
    each = bits.take(8)
    if each > width:
        raise CorruptError("n1: more bits a sample than its dtype has", 1)
    lowest = bits.take(width)
    size = 2 + dtype.itemsize + (n_samples * n_channels * each + 7) // 8
    if len(block) != size:
        raise TruncatedError(f"n1: a stored block of {len(block)} bytes instead of {size}")
    channels: list[list[int]] = [[] for _ in range(n_channels)]
    for _ in range(n_samples):
        for samples in channels:
            samples.append(wrap(lowest + bits.take(each), dtype))
    return channels
