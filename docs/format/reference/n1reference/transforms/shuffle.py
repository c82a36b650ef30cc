"""Bytes or bits of the same weight side by side (docs/format/shuffle.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from n1reference.errors import CorruptError
from n1reference.params import no_side, only
from n1reference.samples import BYTES, Layout


def prepare_bytes(
    side: bytes, layout: Layout, params: Mapping[str, str]
) -> tuple[Layout, Callable[[list[int]], list[int]]]:
    """Return the layout of the planes of bytes, and what puts values together again."""
    only(params)
    no_side(side, "byteshuffle")
    n = layout.size

    def undo(planes: list[int]) -> list[int]:
        values = [sum(planes[b * n + i] << 8 * b for b in range(layout.dtype.itemsize)) for i in range(n)]
        return [layout.dtype.wrap(value) for value in values]

    return Layout(BYTES, (layout.n_bytes,)), undo


def prepare_bits(
    side: bytes, layout: Layout, params: Mapping[str, str]
) -> tuple[Layout, Callable[[list[int]], list[int]]]:
    """Return the layout of the planes of bits, and what puts values together again."""
    only(params)
    no_side(side, "bitshuffle")
    n, width = layout.size, (layout.size + 7) // 8

    def undo(planes: list[int]) -> list[int]:
        numbers = [
            sum(byte << 8 * i for i, byte in enumerate(planes[b * width : (b + 1) * width])) for b in range(bits)
        ]
        if any(number >> n for number in numbers):
            raise CorruptError("bitshuffle: a bit past the last value is set")
        values = [sum((number >> i & 1) << b for b, number in enumerate(numbers)) for i in range(n)]
        return [layout.dtype.wrap(value) for value in values]

    bits = layout.dtype.bits
    return Layout(BYTES, (bits * width,)), undo
