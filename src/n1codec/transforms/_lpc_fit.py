"""Choosing the coefficients of linear predictors: least squares by an LDL' factorisation, batched over blocks.

Second moments are exact integers. Everything after is element-wise double-precision arithmetic in a fixed order (no
BLAS, no library logarithm), so the coefficients come out the same on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from n1codec import _core

_Floats = NDArray[np.float64]

_BATCH = 256
"""Predictors fitted together: 2 MB of moments at the highest order."""

_MIN_LENGTH = 64
"""Shortest block whose mean, and shortest row whose coefficients, are worth their bits and the time to find them: some 40 us a
predictor, however short."""

_MAX_COEFFICIENT = 1 << 24
_MAX_SHIFT = 20
_MOMENT_BITS = 23
"""Bits of magnitude of samples whose products are summed without overflow."""


@dataclass(frozen=True)
class Predictors:
    """Linear predictors of all blocks: channel after channel, block after block.

    Parameters
    ----------
    order, shift : ndarray of uint8, shape (n_predictors,)
        Number of coefficients, and of their fractional bits.
    centre : ndarray of int32, shape (n_predictors,)
        What is taken off the samples before they are weighted.
    coefficient : ndarray of int32, shape (sum of order,)
        In units of ``2**-shift``, lag 1 first, predictor after predictor.
    """

    order: NDArray[np.uint8]
    shift: NDArray[np.uint8]
    centre: NDArray[np.int32]
    coefficient: NDArray[np.int32]


def fit(rows: NDArray[np.int32], block: int, order: int, precision: int) -> Predictors:
    """Return predictors of at most `order` coefficients for each `block` frames of each row.

    `rows` has shape (n_channels, n_samples). With `precision` 0 the number of fractional bits is chosen for each block. Rows
    shorter than `_MIN_LENGTH` are left as they are.
    """
    if rows.shape[1] < _MIN_LENGTH:
        none = np.zeros(rows.shape[0] * -(-rows.shape[1] // block), np.uint8)
        return Predictors(none, none, none.astype(np.int32), np.zeros(0, np.int32))
    starts = range(0, rows.shape[1], block)
    places = [(row, start) for row in range(rows.shape[0]) for start in starts]
    batches = [places[at : at + _BATCH] for at in range(0, len(places), _BATCH)]
    parts = [_fit_batch(rows, batch, block, order, precision) for batch in batches]
    return Predictors(
        np.concatenate([part.order for part in parts]),
        np.concatenate([part.shift for part in parts]),
        np.concatenate([part.centre for part in parts]),
        np.concatenate([part.coefficient for part in parts]),
    )


def _fit_batch(
    rows: NDArray[np.int32], places: list[tuple[int, int]], block: int, order: int, precision: int
) -> Predictors:
    moments = np.zeros((len(places), order + 1, order + 1), np.int64)
    lengths = np.empty(len(places), np.float64)
    centre = np.zeros(len(places), np.int32)
    for i, (row, start) in enumerate(places):
        part = rows[row, start : start + block]
        lengths[i] = len(part)
        if len(part) >= _MIN_LENGTH:
            centre[i] = int(part.sum(dtype=np.int64)) // len(part)
        seen = rows[row, max(0, start - order) : start + block]
        largest = max(int(seen.max()) - int(centre[i]), int(centre[i]) - int(seen.min()))
        down = max(0, largest.bit_length() - _MOMENT_BITS)
        _core.lpc_moments(rows[row], start, len(part), int(centre[i]), down, moments[i])
    chosen, real, energy = _solve(moments.astype(np.float64), lengths)
    power = moments[:, 0, 0].astype(np.float64)
    shift = np.full(len(places), precision) if precision else _shift(power, energy, lengths)
    taps = np.rint(np.ldexp(real, shift[:, None].astype(np.int32)))
    chosen[np.abs(taps).max(axis=1) > _MAX_COEFFICIENT] = 0
    # Coefficients that round to nothing at the end need not be sent.
    lags = np.arange(1, order + 1)
    chosen = np.where((taps != 0) & (lags <= chosen[:, None]), lags, 0).max(axis=1)
    shift[chosen == 0] = 0
    coefficient = taps[lags <= chosen[:, None]].astype(np.int32)
    return Predictors(chosen.astype(np.uint8), shift.astype(np.uint8), centre, coefficient)


_COEFFICIENT_BITS = 6.0
"""What a coefficient costs about, for the choice of the order."""


def _solve(moments: _Floats, lengths: _Floats) -> tuple[NDArray[np.int64], _Floats, _Floats]:
    """Return the best order of each predictor, its coefficients (0 beyond the order) and the energy of its residual.

    With R = L D L' and y = L^-1 r, the energy left by the first k coefficients is R00 less the sum of y[i]^2 / d[i]
    over i < k, so that one factorisation weighs all orders.
    """
    order = moments.shape[1] - 1
    left = moments[:, 1:, 1:].copy()
    y = moments[:, 0, 1:].copy()
    pivots = np.empty_like(y)
    energy = np.empty((len(moments), order + 1))
    energy[:, 0] = moments[:, 0, 0]
    diagonal = np.arange(order)
    left[:, diagonal, diagonal] = left[:, diagonal, diagonal] * (1 + 2.0**-30) + 1  # keeps the pivots positive
    factor = np.zeros_like(left)
    for k in range(order):
        pivots[:, k] = np.maximum(left[:, k, k], 1.0)
        column = left[:, k + 1 :, k] / pivots[:, k, None]
        left[:, k + 1 :, k + 1 :] -= column[:, :, None] * left[:, k, k + 1 :][:, None, :]
        energy[:, k + 1] = energy[:, k] - y[:, k] * y[:, k] / pivots[:, k]
        y[:, k + 1 :] -= column * y[:, k, None]
        factor[:, k + 1 :, k] = column
    # A twelfth is the variance of rounding: below it a smaller residual saves nothing.
    energy = np.maximum(energy, 0) + lengths[:, None] / 12
    bits = lengths[:, None] / 2 * log2(energy)
    chosen = np.argmin(bits + _COEFFICIENT_BITS * np.arange(order + 1), axis=1)
    coefficients = np.where(diagonal < chosen[:, None], y / pivots, 0.0)
    for k in range(order - 1, -1, -1):
        coefficients[:, :k] -= factor[:, k, :k] * coefficients[:, k, None]
    return chosen, coefficients, energy[np.arange(len(chosen)), chosen]


def _shift(power: _Floats, energy: _Floats, lengths: _Floats) -> NDArray[np.int64]:
    """Return how many fractional bits of the coefficients cost least altogether.

    `power` and `energy` are those of the samples and of the residuals, summed over `lengths` samples. Rounding each
    of p coefficients to units of 2^-s adds p * power * 2^-2s / 12 to the energy. The bits which that makes and the p
    * s bits of the coefficients have their least sum where 2^2s = length * power / (12 * energy).
    """
    best = log2(np.maximum(lengths * power / (12 * energy), 1.0)) / 2
    return np.clip(np.ceil(best), 1, _MAX_SHIFT).astype(np.int64)


def log2(values: _Floats) -> _Floats:
    """Return binary logarithms of positive numbers, within 1e-5, by operations that are exact alike on all machines."""
    mantissa, exponent = np.frexp(values)
    t = (mantissa - 0.7071067811865476) / (mantissa + 0.7071067811865476)
    square = t * t
    return exponent - 0.5 + t * (2.8853900817779268 + square * (0.9617966939259756 + square * 0.5770780163555854))
