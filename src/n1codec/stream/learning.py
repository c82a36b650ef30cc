"""Widths of a converter's codes, learned from samples: how often each came beside how often it was to be expected.

The same idea as in ``core/src/converter/code_widths.h``: with a mean and a deviation predicted for each sample, a code of width
w should come w times the sum of the predicted densities at its place. That sum is smooth; what the counts show above it is
the converter. What is learned is sent, so it need not be learned alike anywhere.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from n1codec import _core

_PRIOR: Final = 32.0
"""Counts that even widths are worth."""
_SMOOTH: Final = 65
"""Codes over which widths keep their mean: a region is not wider than its neighbours."""
_ROUNDS: Final = 4
_LEAST_GAIN: Final = 0.04
"""Standard deviation of the logarithm of widths below which codes count as even."""


def code_widths(samples: NDArray[np.integer], first: int, stride: int) -> tuple[int, NDArray[np.uint8], float] | None:
    """Return the value of code 0, widths, and axis units to a code of mean width; None: even, or nothing to learn from."""
    codes = (samples.astype(np.int32) - first) // stride
    low, high = int(codes.min()), int(codes.max())
    room = _core.STREAM_MAX_WIDTHS - (high - low + 1)
    if room < 0 or len(codes) < 64:
        return None
    margin = min(room // 2, 64 + (high - low + 1) // 4)
    low = max(0, low - margin)
    n = min(high + margin, _core.STREAM_MAX_WIDTHS - 1 + low) - low + 1
    n = min(n, (np.iinfo(samples.dtype).max - first) // stride - low + 1)
    codes -= low
    seen = np.bincount(codes.ravel(), minlength=n).astype(np.float64)
    relative = _relative(codes, seen)
    if float(np.log(relative[seen > 16]).std() if (seen > 16).any() else 0.0) < _LEAST_GAIN:
        return None
    units = min(64.0, 65000.0 / n)
    table = np.clip(np.round(relative * units), 1, 255)
    while table.sum() > 65535:
        units *= 0.99
        table = np.clip(np.round(relative * units), 1, 255)
    return first + low * stride, table.astype(np.uint8), units


def _relative(codes: NDArray[np.int32], seen: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return widths relative to their neighbours' mean."""
    n = len(seen)
    width = np.ones(n)
    for _ in range(_ROUNDS):
        edges = np.concatenate([[0.0], np.cumsum(width)])
        place = ((edges[:-1] + edges[1:]) / 2).astype(np.float32)
        expected = _expected(place[codes], edges[-1])
        density = np.interp(place, np.arange(len(expected)) + 0.5, expected)
        wide = (seen + _PRIOR) / (density + _PRIOR)
        window = np.ones(_SMOOTH)
        weight = density + 1
        mean = np.convolve(weight * wide, window, "same") / np.convolve(weight, window, "same")
        width = np.clip(wide / mean, 1 / 64, 4)
    return width


def _expected(volt: NDArray[np.float32], length: float) -> NDArray[np.float64]:
    """Return the sum of predicted densities in bins of one mean code width."""
    mean = 0.75 * volt[8:-1]
    for lag in range(1, 9):
        mean += (0.25 / 8) * volt[9 - 1 - lag : len(volt) - 1 - lag]
    deviation = (volt[9:] - mean).std(axis=0)
    bins = int(np.ceil(length)) + 1
    total = np.zeros(bins)
    order = np.argsort(deviation)
    for some in np.array_split(order, min(8, len(order))):  # channels of about one deviation are blurred together
        count = np.bincount(np.clip(mean[:, some].ravel(), 0, bins - 1).astype(np.int64), minlength=bins)
        spread = max(float(np.sqrt(np.mean(deviation[some].astype(np.float64) ** 2))), 0.5)
        reach = min(bins - 1, int(5 * spread) + 1)
        kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / spread) ** 2)
        total += np.convolve(count, kernel / kernel.sum(), "full")[reach : reach + bins]
    return total
