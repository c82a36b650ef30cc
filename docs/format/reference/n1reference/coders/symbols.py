"""Symbols, the table of those that occur, and frequencies (docs/format/symbols.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from n1reference.coders.range_coder import RangeDecoder, tree
from n1reference.errors import CorruptError
from n1reference.samples import Layout

MAX_SPLIT: Final = 15
MAX_MANTISSA: Final = 8
MAX_GAP_BITS: Final = 17
MODELLED_BITS: Final = 7
MAX_COUNT_BITS: Final = 30
LEAST_PRECISION: Final = 12
MOST_PRECISION: Final = 16


@dataclass
class Tokens:
    """How a symbol stands for values."""

    width: int
    split: int
    mantissa: int
    base: int

    @property
    def side(self) -> int:
        """Symbols on either side of the base."""
        return (1 << self.split) + ((self.width - 1 - self.split) << self.mantissa)

    def lowest(self, symbol: int) -> tuple[int, int]:
        """Return the smallest key of a symbol, and how many raw bits follow it."""
        negative = symbol < self.side
        u = self.side - 1 - symbol if negative else symbol - self.side
        raw = 0
        if u >> self.split:
            above = u - (1 << self.split)
            raw = self.split + (above >> self.mantissa) - self.mantissa
            u = ((1 << self.mantissa) + (above & (1 << self.mantissa) - 1)) << raw
        if negative:
            u = -(u + (1 << raw) - 1) - 1
        return (self.base + u) % (1 << self.width), raw


class Symbols:
    """The symbols of a payload, by rank.

    Attributes
    ----------
    lowest, raw : list of int
        The smallest key of each symbol, and how many raw bits follow it.
    parameter : list of trees
        Contexts of what is sent for each symbol behind the table.
    """

    def __init__(self, decoder: RangeDecoder, layout: Layout) -> None:
        tokens = self._tokens(decoder, layout.dtype.bits)
        count = decoder.even(16) + 1
        if count > layout.size:
            raise CorruptError("more symbols than samples")
        sizes = [tree(5) for _ in range(MAX_GAP_BITS + 1)]
        gaps = [tree(MODELLED_BITS) for _ in range(MAX_GAP_BITS + 1)]
        self.parameter = [tree(5) for _ in range(32)]
        self.lowest: list[int] = []
        self.raw: list[int] = []
        self._layout = layout
        size = after = 0
        for _ in range(count):
            size = decoder.tree(sizes[size], 5)
            if size > MAX_GAP_BITS:
                raise CorruptError("a gap between symbols is too wide")
            modelled = min(size, MODELLED_BITS)
            even = size - modelled
            gap = 1 << size | decoder.tree(gaps[size], modelled) << even
            gap |= decoder.even(even)
            if gap > 2 * tokens.side - after:
                raise CorruptError("a symbol beyond the last one")
            after += gap
            key, raw = tokens.lowest(after - 1)
            self.lowest.append(key)
            self.raw.append(raw)

    def __len__(self) -> int:
        return len(self.lowest)

    @staticmethod
    def _tokens(decoder: RangeDecoder, width: int) -> Tokens:
        split, mantissa, base = decoder.even(4), decoder.even(4), 1 << width - 1
        if split < width - 1:
            base = decoder.even(width // 2) << width // 2
            base |= decoder.even(width // 2)
        direct = split == width - 1 and mantissa == 0
        if not direct and (split >= width - 1 or mantissa > min(split, MAX_MANTISSA)):
            raise CorruptError("no such symbols")
        return Tokens(width, split, mantissa, base)

    def value(self, rank: int, raw: int) -> int:
        """Return the value of a symbol with its raw bits."""
        dtype = self._layout.dtype
        key = self.lowest[rank] + raw
        return dtype.wrap(key ^ 1 << dtype.bits - 1 if dtype.kind == "i" else key)


def read_counts(decoder: RangeDecoder, symbols: Symbols) -> list[int]:
    """Return about how often each symbol occurs."""
    counts = []
    size = 0
    for _ in range(len(symbols)):
        size = decoder.tree(symbols.parameter[size], 5)
        if size > MAX_COUNT_BITS:
            raise CorruptError("a symbol occurs too often")
        sent = 0 if size < 6 else (size - 4) // 2
        dropped = size - sent
        count = 1 << sent | decoder.even(sent)
        counts.append((count << dropped) + (1 << dropped >> 1))
    return counts


class Frequencies:
    """Frequencies in proportion to counts.

    Attributes
    ----------
    precision : int
        They add up to 2^precision.
    low, size : list of int
        The first slot of each symbol, and how many it has.
    """

    def __init__(self, counts: list[int]) -> None:
        self.precision = max(LEAST_PRECISION, min(MOST_PRECISION, len(counts).bit_length() + 6))
        target, total = 1 << self.precision, sum(counts)
        size = [max(1, ((count << self.precision + 1) + total) // (2 * total)) for count in counts]
        excess = sum(size) - target
        debt, weight = abs(excess), sum(size) - (len(size) if excess > 0 else 0)
        for rank, old in enumerate(size):
            if not debt:
                break
            mine = old - 1 if excess > 0 else old
            share = debt * mine // weight if mine else 0
            size[rank] += -share if excess > 0 else share
            debt, weight = debt - share, weight - mine
        self.size = size
        self.low: list[int] = []
        self._rank: list[int] = []
        for rank, slots in enumerate(size):
            self.low.append(len(self._rank))
            self._rank += [rank] * slots

    def rank(self, slot: int) -> int:
        """Return the symbol that a slot belongs to."""
        return self._rank[slot]
