"""Arithmetic coding of whole samples (docs/format/arithmetic.md)."""

from __future__ import annotations

from typing import Final

from n1reference.coders.range_coder import RangeDecoder, tree
from n1reference.coders.stored import STORED, form, stored
from n1reference.coders.symbols import Frequencies, Symbols, read_counts
from n1reference.errors import CorruptError
from n1reference.samples import Layout

STATIC: Final = 1
ADAPTIVE: Final = 2


def _raw(decoder: RangeDecoder, count: int) -> int:
    high = 0
    if count > 16:
        count -= 16
        high = decoder.even(16) << count
    return high | decoder.even(count)


def decode(payload: bytes, layout: Layout) -> list[int]:
    """Return the samples."""
    how = form(payload, layout)
    if how == STORED:
        return stored(payload, layout)
    if how not in (STATIC, ADAPTIVE):
        raise CorruptError(f"arithmetic: no payload of form {how}", 0)
    decoder = RangeDecoder(payload, 1)
    symbols = Symbols(decoder, layout)
    n = len(symbols)
    depth = (n - 1).bit_length()
    learnt = tree(depth)
    frequencies = Frequencies(read_counts(decoder, symbols)) if how == STATIC and n > 1 else None
    values = []
    for _ in range(layout.size):
        rank = 0
        if how == ADAPTIVE:
            rank = decoder.tree(learnt, depth)
        elif frequencies is not None:
            rank = frequencies.rank(decoder.slot(frequencies.precision))
            decoder.take(frequencies.low[rank], frequencies.size[rank], frequencies.precision)
        if rank >= n:
            raise CorruptError("arithmetic: no such symbol", decoder.at)
        values.append(symbols.value(rank, _raw(decoder, symbols.raw[rank])))
    if decoder.finish() != len(payload):
        raise CorruptError("arithmetic: bytes are left over", decoder.at)
    return values
