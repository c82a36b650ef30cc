"""The Huffman code of whole samples (docs/format/huffman.md)."""

from __future__ import annotations

from typing import Final

from n1reference.coders.range_coder import RangeDecoder
from n1reference.coders.stored import CODED, STORED, form, stored
from n1reference.coders.symbols import Symbols
from n1reference.errors import CorruptError
from n1reference.numbers import HighBits
from n1reference.samples import Layout

MAX_LENGTH: Final = 20


def _codes(lengths: list[int]) -> dict[tuple[int, int], int]:
    """Return the rank of each canonical code, by its length and its bits."""
    if sum(1 << MAX_LENGTH - length for length in lengths) != 1 << MAX_LENGTH:
        raise CorruptError("huffman: the codes do not use up the code space")
    codes = {}
    code = before = 0
    for length, rank in sorted((length, rank) for rank, length in enumerate(lengths)):
        code <<= length - before
        codes[length, code] = rank
        code, before = code + 1, length
    return codes


def decode(payload: bytes, layout: Layout) -> list[int]:
    """Return the samples."""
    how = form(payload, layout)
    if how == STORED:
        return stored(payload, layout)
    if how != CODED:
        raise CorruptError(f"huffman: no payload of form {how}", 0)
    decoder = RangeDecoder(payload, 1)
    symbols = Symbols(decoder, layout)
    codes = {(0, 0): 0}
    if len(symbols) > 1:
        lengths: list[int] = []
        for _ in range(len(symbols)):
            length = decoder.tree(symbols.parameter[lengths[-1] if lengths else 0], 5)
            if not 1 <= length <= MAX_LENGTH:
                raise CorruptError("huffman: no such length of a code", decoder.at)
            lengths.append(length)
        codes = _codes(lengths)
    bits = HighBits(payload, decoder.finish(), "huffman")
    values = []
    for _ in range(layout.size):
        length = code = 0
        while (length, code) not in codes:
            length, code = length + 1, code << 1 | bits.take(1)
        rank = codes[length, code]
        values.append(symbols.value(rank, bits.take(symbols.raw[rank])))
    if bits.pad() != len(payload):
        raise CorruptError("huffman: bytes are left over")
    return values
