"""Linear prediction (docs/format/lpc.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from n1reference.errors import CorruptError
from n1reference.numbers import Cursor
from n1reference.params import only
from n1reference.samples import Dtype, Layout, from_channels, to_channels

MIN_BLOCK: Final = 128
MAX_BLOCK: Final = 65536
MAX_ORDER: Final = 32
MAX_SHIFT: Final = 20
MAX_COEFFICIENT: Final = 1 << 24
INT32: Final = Dtype("i", 4)


@dataclass
class Predictor:
    """The predictor of a block."""

    shift: int
    centre: int
    coefficients: list[int]

    def predict(self, row: list[int], at: int) -> int:
        """Foretell the value at a place of a channel from those before it."""
        rounding = 1 << self.shift - 1 if self.shift else 0
        past = row[max(0, at - len(self.coefficients)) : at][::-1]
        total = sum(c * (x - self.centre) for c, x in zip(self.coefficients, past, strict=False))
        return self.centre + (total + rounding >> self.shift)


def read_predictors(side: bytes, layout: Layout) -> tuple[int, list[Predictor]]:
    """Return the length of a block, and the predictors of all blocks, channel after channel."""
    cursor = Cursor(side, "side information of lpc")
    block = cursor.varint(MAX_BLOCK)
    if block < min(MIN_BLOCK, layout.n_samples):
        raise CorruptError(f"lpc: blocks of {block} samples")
    count = layout.channels * -(-layout.n_samples // block)
    orders, shifts = cursor.golombs(count), cursor.golombs(count)
    if not all(0 <= order <= min(MAX_ORDER, layout.n_samples) for order in orders):
        raise CorruptError("lpc: an order out of range")
    if not all(0 <= shift <= MAX_SHIFT for shift in shifts):
        raise CorruptError("lpc: a shift out of range")
    centres = [INT32.wrap(value) for value in accumulate(cursor.golombs(count))]
    first = iter(cursor.golombs(sum(order > 0 for order in orders)))
    later = iter(cursor.golombs(sum(order - 1 for order in orders if order)))
    cursor.end()
    predictors = []
    for order, shift, centre in zip(orders, shifts, centres, strict=True):
        taps = [next(first), *(next(later) for _ in range(order - 1))] if order else []
        if any(abs(tap) > MAX_COEFFICIENT for tap in taps):
            raise CorruptError("lpc: a coefficient out of range")
        predictors.append(Predictor(shift, centre, taps))
    return block, predictors


def prepare(side: bytes, layout: Layout, params: Mapping[str, str]) -> tuple[Layout, Callable[[list[int]], list[int]]]:
    """Return the layout of the residuals, and what adds the predictions."""
    only(params)
    block, predictors = read_predictors(side, layout)
    signed = layout.dtype.signed()
    blocks = -(-layout.n_samples // block)

    def undo(values: list[int]) -> list[int]:
        channels = to_channels(values, layout)
        for index, row in enumerate(channels):
            for at in range(layout.n_samples):
                predictor = predictors[index * blocks + at // block]
                row[at] = signed.wrap(row[at] + predictor.predict(row, at))
        return [value - layout.dtype.bias for value in from_channels(channels)]

    return layout.with_dtype(signed), undo
