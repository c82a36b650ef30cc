"""Linear prediction: each sample minus what a weighted sum of the samples before it foretells.

The encoder cuts each channel into blocks of equal length and sends a predictor for each: its order, its integer
coefficients with a binary scale, and the mean of the block. Prediction runs across block borders and is exact integer
arithmetic (``core/include/n1/classic.h`` has the formula); only the choice of the coefficients uses floating point,
and only operations that IEEE 754 rounds the same way on every machine, in a fixed order.

Side information::

    block       unsigned LEB128   frames in a block (the last one may have fewer): at least 128 or all, at most 65536
    orders      integers          of each predictor, 0 to 32 and no more than there are frames
    shifts      integers          of each predictor, 0 to 20: coefficients count in units of 2**-shift
    centres     integers          of each predictor, as the difference to the one before, modulo 2**32
    first taps  integers          the coefficient of lag 1 of each predictor whose order is not 0
    later taps  integers          the coefficients of lags 2 to order, predictor after predictor

Predictors are in the order of channels, and within one in that of its blocks. Each list of integers is one byte with the
order of its exponential Golomb code, and the codes (``n1_expgolomb_encode``). Unsigned samples of ``w`` bits count from
``2**(w-1)``. Residuals wrap around in the width of the samples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from n1codec import _core, varint
from n1codec.codec import Layout, Samples, Transform
from n1codec.transforms._lpc_fit import Predictors, fit
from n1codec.transforms._rows import join_rows, split_rows
from n1codec.transforms._wire import Reader, pack_integers

MAX_ORDER = 32
MAX_SHIFT = 20
MAX_BLOCK = 65536
MIN_BLOCK = 128
"""Fewest frames in a block unless there are fewer altogether: half the least that can be asked for."""


@dataclass(frozen=True)
class Lpc(Transform):
    """Linear prediction with coefficients fitted and sent for each block of each channel.

    The covariance method: least squares over the block with its true past. Where fewer coefficients, or none, make
    less data altogether, fewer are sent.

    Parameters
    ----------
    order : int
        Most coefficients of a predictor, 1 to 32.
    block : int
        Most frames in a block, 256 to 65536.
    precision : int
        Fractional bits of the coefficients, 1 to 20; 0 chooses for each block what costs least altogether.
    """

    name = "lpc"
    predictive = True
    encode_only = frozenset({"order", "block", "precision"})

    order: int = 16
    block: int = 32768
    precision: int = 0

    def __post_init__(self) -> None:
        self.check_range("order", 1, MAX_ORDER)
        self.check_range("block", 2 * MIN_BLOCK, MAX_BLOCK)
        self.check_range("precision", 0, MAX_SHIFT)

    def forward(self, samples: Samples) -> tuple[Samples, bytes]:
        """Return residuals, of the signed type of the same width, and the predictors."""
        rows = split_rows(samples)
        n_blocks = -(-rows.shape[1] // self.block)
        # Of equal length, rather than a remainder that pays for coefficients of its own.
        block = -(-rows.shape[1] // n_blocks)
        predictors = fit(rows, block, self.order, self.precision)
        residuals = np.empty_like(rows)
        _core.lpc_residual(rows, block, 8 * samples.dtype.itemsize, *_kernel(predictors), residuals)
        return join_rows(residuals, Layout.of(samples).signed()), _pack(predictors, block)

    def output_layout(self, layout: Layout, side: bytes) -> Layout:
        """Return the layout with the signed type of the same width."""
        return layout.signed()

    def inverse(self, samples: Samples, side: bytes, layout: Layout) -> Samples:
        """Return the samples."""
        predictors, block = _unpack(side, layout)
        rows = split_rows(samples)
        _core.lpc_restore(rows, block, 8 * layout.dtype.itemsize, *_kernel(predictors), rows)
        return join_rows(rows, layout)


def _kernel(
    predictors: Predictors,
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.int32], NDArray[np.int32]]:
    """Return the predictors in the order in which the kernels take them."""
    return predictors.order, predictors.shift, predictors.centre, predictors.coefficient


def _is_first(order: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return which of all coefficients, predictor after predictor, are those of lag 1."""
    ends = np.cumsum(order, dtype=np.int64)
    first = np.zeros(int(ends[-1]), np.bool_)
    first[(ends - order)[order > 0]] = True
    return first


def _pack(predictors: Predictors, block: int) -> bytes:
    first = _is_first(predictors.order)
    lists = (
        predictors.order,
        predictors.shift,
        np.diff(predictors.centre, prepend=np.int32(0)),
        predictors.coefficient[first],
        predictors.coefficient[~first],
    )
    return varint.pack(block) + b"".join(pack_integers(values) for values in lists)


def _unpack(side: bytes, layout: Layout) -> tuple[Predictors, int]:
    reader = Reader(side)
    block = reader.varint(MAX_BLOCK)
    if block < min(MIN_BLOCK, layout.shape[0]):
        raise ValueError(f"blocks of {block} frames")
    count = layout.channels * -(-layout.shape[0] // block)
    order, shift = reader.integers(count), reader.integers(count)
    if order.min() < 0 or order.max() > min(MAX_ORDER, layout.shape[0]) or shift.min() < 0 or shift.max() > MAX_SHIFT:
        raise ValueError("order or shift of a predictor out of range")
    narrow = order.astype(np.uint8)
    centre = np.cumsum(reader.integers(count), dtype=np.int32)
    # Every coefficient takes a bit at least, so their number is checked before memory is taken for them.
    n_coefficients = int(order.sum(dtype=np.int64))
    if n_coefficients > 8 * len(side):
        raise ValueError("side information is too short for its coefficients")
    first = _is_first(narrow)
    coefficient = np.empty(n_coefficients, np.int32)
    coefficient[first] = reader.integers(int(first.sum()))
    coefficient[~first] = reader.integers(n_coefficients - int(first.sum()))
    reader.end()
    return Predictors(narrow, shift.astype(np.uint8), centre, coefficient), block
