"""Likeness: of a signal with its own past, and of channels with each other; and what prediction makes of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from n1codec.analysis._types import Floats, Ints

LAGS: Final = 128
"""Lags of the autocorrelation that are kept."""
ORDERS: Final = (1, 2, 4, 8, 16, 32)
"""Orders of linear prediction whose gains are given."""
MAX_FRAMES: Final = 20_000
"""Frames that channels are correlated over."""
MAX_CHANNELS: Final = 512
"""Channels that are correlated with each other: of more, the first."""
MATRIX_CHANNELS: Final = 64
"""Channels of the matrix that is kept: of more, those in the middle."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """A signal and its own past, the mean over channels.

    Parameters
    ----------
    autocorrelation : ndarray of float64, shape (n_lags,)
        From lag 0, where it is 1.
    orders : tuple of int
        Of linear prediction.
    gains_db : tuple of float
        By how much each order reduces the variance, in decibels.
    saved_bits : tuple of float
        The same in bits a sample: half the logarithm of that factor to base 2.
    """

    autocorrelation: Floats = field(repr=False)
    orders: tuple[int, ...]
    gains_db: tuple[float, ...]
    saved_bits: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Likeness:
    """How alike channels are.

    Parameters
    ----------
    by_distance : ndarray of float64, shape (n,)
        Mean correlation of channels whose numbers differ by 1, 2, ....
    channels : ndarray of int64, shape (n,)
        Channels of the matrix.
    matrix : ndarray of float64, shape (n, n)
        Correlation of each pair of them; 0 with a constant channel.
    """

    by_distance: Floats = field(repr=False)
    channels: Ints = field(repr=False)
    matrix: Floats = field(repr=False)

    @property
    def neighbours(self) -> float:
        """Mean correlation of adjacent channels."""
        return float(self.by_distance[0])


def autocorrelation(signal: Floats, lags: int = LAGS) -> Floats:
    """Return the autocorrelation at lags 0 .. `lags`, as far as the signal reaches: the biased estimate, 1 at lag 0.

    A constant signal has 0 at all other lags.
    """
    centred = signal - signal.mean()
    lags = min(lags, len(signal) - 1)
    size = 1 << (len(signal) + lags).bit_length()
    products: Floats = np.fft.irfft(np.abs(np.fft.rfft(centred, size)) ** 2, size)[: lags + 1]
    if products[0] <= 1e-12 * len(signal):
        alone: Floats = np.eye(lags + 1)[0]
        return alone
    correlation: Floats = products / products[0]
    return correlation


def residual_powers(correlation: Floats, order: int) -> Floats:
    """Return what part of the variance linear prediction of orders 0 .. `order` leaves (Levinson and Durbin).

    Parameters
    ----------
    correlation : ndarray of float64, shape (n,)
        From lag 0 on; lags beyond its end count as 0.
    order : int
        The highest.
    """
    taps = np.zeros(0)
    powers = [1.0]
    padded = np.concatenate((correlation, np.zeros(max(0, order + 1 - len(correlation)))))
    for n in range(1, order + 1):
        reflection = float(padded[n] - taps @ padded[n - 1 : 0 : -1]) / powers[-1]
        taps = np.append(taps - reflection * taps[::-1], reflection)
        powers.append(max(powers[-1] * (1.0 - reflection * reflection), 1e-12))
    return np.array(powers)


def prediction(codes: NDArray[np.int32]) -> Prediction:
    """Return the autocorrelation and the prediction gains of channels, shape (n_samples, n_channels)."""
    correlations, powers = [], []
    for channel in range(codes.shape[1]):
        correlations.append(autocorrelation(codes[:, channel].astype(np.float64)))
        powers.append(np.log2(residual_powers(correlations[-1], max(ORDERS))))
    mean = np.mean(powers, axis=0)
    saved = tuple(0.0 - 0.5 * float(mean[order]) for order in ORDERS)
    decibels = tuple(20.0 * math.log10(2.0) * bits for bits in saved)
    return Prediction(np.mean(correlations, axis=0), ORDERS, decibels, saved)


def likeness(codes: NDArray[np.int32], channels: tuple[int, ...]) -> Likeness | None:
    """Return how alike channels are, or None of fewer than two channels or frames.

    Parameters
    ----------
    codes : ndarray of int32, shape (n_samples, n_channels)
        The channels.
    channels : tuple of int
        Their numbers in the recording.
    """
    n_channels = min(codes.shape[1], MAX_CHANNELS)
    if n_channels < 2 or len(codes) < 2:
        return None
    step = -(-len(codes) // MAX_FRAMES)
    some = codes[::step, :n_channels].astype(np.float64)
    some -= some.mean(axis=0)
    power = np.sqrt((some * some).sum(axis=0))
    some /= np.where(power > 0, power, 1.0)
    matrix = some.T @ some
    by_distance = np.array([matrix.diagonal(distance).mean() for distance in range(1, min(n_channels, 65))])
    first = max(0, (n_channels - MATRIX_CHANNELS) // 2)
    kept = slice(first, first + MATRIX_CHANNELS)
    return Likeness(by_distance, np.array(channels[:n_channels], np.int64)[kept], matrix[kept, kept])
