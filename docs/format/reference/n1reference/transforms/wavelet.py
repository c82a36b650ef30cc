"""The reversible 5/3 wavelet along time (docs/format/wavelet.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from n1reference.params import integer, no_side, only
from n1reference.samples import Dtype, Layout, from_channels, to_channels


def merge(low: list[int], high: list[int], dtype: Dtype) -> list[int]:
    """Return the values of which these are the low and the high band."""
    left, right = [high[0], *high], [*high, high[-1]]
    even = [dtype.wrap(value - (left[i] + right[i] + 2 >> 2)) for i, value in enumerate(low)]
    after = [*even[1:], even[-1]]
    odd = [dtype.wrap(value + (even[i] + after[i] >> 1)) for i, value in enumerate(high)]
    merged = [0] * (len(low) + len(high))
    merged[::2], merged[1::2] = even, odd
    return merged


def prepare(side: bytes, layout: Layout, params: Mapping[str, str]) -> tuple[Layout, Callable[[list[int]], list[int]]]:
    """Return the layout of the bands, and what merges them."""
    only(params, "levels")
    levels = integer(params, "levels", 5, 1, 8)
    no_side(side, "wavelet")
    signed = layout.dtype.signed()
    lengths = [layout.n_samples]
    while len(lengths) <= levels and lengths[-1] > 1:
        lengths.append((lengths[-1] + 1) // 2)

    def undo(values: list[int]) -> list[int]:
        channels = to_channels(values, layout)
        for row in channels:
            for length, low in zip(lengths[-2::-1], lengths[:0:-1], strict=True):
                row[:length] = merge(row[:low], row[low:length], signed)
        return [value - layout.dtype.bias for value in from_channels(channels)]

    return layout.with_dtype(signed), undo
