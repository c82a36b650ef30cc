"""Transforms, undone: one module a page of docs/format.

Each is a function of the side information, the layout of what the transform was given, and its parameters; it returns the
layout of what the transform gave, and a function that undoes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from n1reference.samples import Layout
from n1reference.transforms import bitpack, channel, delta, integers, lattice, lpc, planar, shuffle, wavelet, zigzag

Plan = tuple[Layout, Callable[[list[int]], list[int]]]
Prepare = Callable[[bytes, Layout, Mapping[str, str]], Plan]

TRANSFORMS: Final[dict[str, Prepare]] = {
    "bitpack": bitpack.prepare,
    "bitshuffle": shuffle.prepare_bits,
    "byteshuffle": shuffle.prepare_bytes,
    "channel": channel.prepare,
    "delta": delta.prepare,
    "integers": integers.prepare,
    "lattice": lattice.prepare,
    "lpc": lpc.prepare,
    "planar": planar.prepare,
    "wavelet": wavelet.prepare,
    "zigzag": zigzag.prepare,
}
