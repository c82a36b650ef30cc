"""Blocks of a minimum and differences of a few bits (docs/format/bitpack.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from n1reference.errors import CorruptError
from n1reference.numbers import Cursor
from n1reference.params import integer, only
from n1reference.samples import BYTES, Layout


def prepare(side: bytes, layout: Layout, params: Mapping[str, str]) -> tuple[Layout, Callable[[list[int]], list[int]]]:
    """Return the layout of the packed bytes, and what unpacks them."""
    only(params, "block")
    block = integer(params, "block", 1024, 16, 65536)
    itemsize = layout.dtype.itemsize
    heads = -(-layout.size // block) * (1 + itemsize)
    cursor = Cursor(side, "side information of bitpack")
    size = cursor.varint(layout.n_bytes + heads)
    cursor.end()
    if size < heads:
        raise CorruptError("bitpack: fewer bytes than the blocks have for themselves")

    def undo(packed: list[int]) -> list[int]:
        data = Cursor(bytes(packed), "bitpack")
        values: list[int] = []
        while len(values) < layout.size:
            count = min(block, layout.size - len(values))
            width = data.number(1)
            if width > layout.dtype.bits:
                raise CorruptError("bitpack: differences wider than the values", data.at - 1)
            minimum = data.number(itemsize)
            bits = data.number((count * width + 7) // 8)
            values += [layout.dtype.wrap(minimum + (bits >> i * width & (1 << width) - 1)) for i in range(count)]
            if bits >> count * width:
                raise CorruptError("bitpack: bits that fill a byte are not 0", data.at - 1)
        data.end()
        return values

    return Layout(BYTES, (size,)), undo
