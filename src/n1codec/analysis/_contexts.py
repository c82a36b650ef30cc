"""Laws of the residual: their scale and place by context, mixed by how well each did.

The contexts are those of n1's best mode, in floating point: how large the last residuals were on short and middle terms, each
of the last two, the signal's level, and its slope. Tables and weights are shared by all channels.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from n1codec.analysis._laws import STUDENT_OF_SIGMA, normal_cdf, running_mean, student_cdf
from n1codec.analysis._types import Floats, Ints

FAST, MIDDLE, SLOW = range(3)
SECONDS: Final = (0.0008, 0.0065, 0.105)
"""Time constants over which the square of the residual is averaged: of a spike, of a burst, of what is called at large ..."""
LEAST_SAMPLES: Final = (8.0, 64.0, 512.0)
"""... and what they are at least, or they would be noise; a block is at most 64 of the first."""
LEVEL_SAMPLES: Final = 20_000.0
"""Likewise of the signal's power."""
FIRST_VARIANCE: Final = 64.0
"""Variance of the residual that is guessed before anything is known, in squared codes ..."""
FIRST_TRUST: Final = 2.0
"""... and samples that the guess counts for."""
MIN_VARIANCE: Final = 0.003
"""Smallest variance that is believed, in squared codes."""
LOUDEST: Final = 6.0
"""Residuals beyond so many standard deviations count as being there."""
ENTRY_TRUST: Final = 10.0
"""Samples that a context is taken to have seen of the residual at large."""
CLASSES: Final = 16
"""Classes of each of the two figures that make a context."""
TABLES: Final = 4
WEIGHT_SAMPLES: Final = 33_000.0
"""Samples that the weights of the mixture remember."""


class Contexts:
    """What residuals are like after what: variance and mean of each context, relative to the residual at large."""

    def __init__(self) -> None:
        shape = (TABLES, CLASSES * CLASSES)
        self._counts = np.full(shape, ENTRY_TRUST)
        self._squares = np.full(shape, ENTRY_TRUST)
        self._sums = np.zeros(shape)
        self._weights = np.ones(TABLES + 1)

    def copy(self) -> Contexts:
        """Return some that know the same."""
        other = Contexts()
        other._counts, other._squares, other._sums = self._counts.copy(), self._squares.copy(), self._sums.copy()
        other._weights = self._weights.copy()
        return other

    def free(self) -> float:
        """Return about how many parameters were fitted: two for each context seen often, and each table as it weighs."""
        seen = (1.0 - ENTRY_TRUST / self._counts).sum(axis=1)
        weights = self._weights[:TABLES] / self._weights.sum()
        return 2.0 * float(weights @ seen)

    def scale_and_place(self, table: int, entries: Ints) -> tuple[Floats, Floats]:
        """Return standard deviation and mean of the residuals after contexts, in standard deviations at large."""
        counts = self._counts[table][entries]
        variance = np.maximum(self._squares[table][entries] / counts, 0.01)
        return np.sqrt(variance), self._sums[table][entries] / counts

    def mix(self, laws: Floats) -> Floats:
        """Return the mixture of probabilities, shape (n_laws, n), and weigh each law by its share in it."""
        weights = self._weights / self._weights.sum()
        mixed: Floats = weights @ laws
        shares = weights[:, np.newaxis] * laws / np.maximum(mixed, 1e-12)
        self._weights = math.exp(-laws.shape[1] / WEIGHT_SAMPLES) * self._weights + shares.sum(axis=1)
        return mixed

    def learn(self, table: int, entries: Ints, residuals: Floats) -> None:
        """Take in residuals, in standard deviations at large, and the contexts that they came after."""
        size = CLASSES * CLASSES
        some = np.clip(residuals, -LOUDEST, LOUDEST)
        self._counts[table] += np.bincount(entries, minlength=size)
        self._squares[table] += np.bincount(entries, some * some, size)
        self._sums[table] += np.bincount(entries, some, size)


class Laws:
    """The laws of one channel's residuals.

    Parameters
    ----------
    contexts : Contexts
        Shared by all channels.
    rate : float
        Samples a second.
    """

    def __init__(self, contexts: Contexts, rate: float) -> None:
        self._contexts = contexts
        self._constants = [
            min(max(seconds * rate, least), 1e6) for seconds, least in zip(SECONDS, LEAST_SAMPLES, strict=True)
        ]
        self._variances: list[float] = []
        self._level = 0.0
        self._last = np.zeros(2)

    def masses(self, below: Floats, above: Floats, predictions: Floats, last: Floats, voltages: Floats) -> Floats:
        """Return the probability of each sample of a block, and move on.

        Parameters
        ----------
        below, above : ndarray of float64, shape (n,)
            The code's two edges.
        predictions : ndarray of float64, shape (n,)
            Predicted voltages.
        last : ndarray of float64, shape (n,)
            The voltage before each sample.
        voltages : ndarray of float64, shape (n,)
            The voltage that each code stands for; what is before a sample is all that its probability depends on.
        """
        residuals = voltages - predictions
        low, high = below - predictions, above - predictions
        variances = self._running(residuals * residuals)
        sigma = np.sqrt(np.maximum(variances[SLOW], MIN_VARIANCE))
        entries = self._entries(variances, sigma, residuals, predictions, predictions - last)
        power = float(np.mean(voltages * voltages)) + MIN_VARIANCE
        share = min(1.0, len(voltages) / LEVEL_SAMPLES) if self._level > 0.0 else 1.0
        self._level += (power - self._level) * share
        laws = np.empty((TABLES + 1, len(voltages)))
        for table, entry in enumerate(entries):
            spread, place = self._contexts.scale_and_place(table, entry)
            inverse = 1.0 / (spread * sigma)
            offset = place / spread
            laws[table] = normal_cdf(high * inverse - offset) - normal_cdf(low * inverse - offset)
        inverse = 1.0 / (STUDENT_OF_SIGMA * sigma)
        laws[TABLES] = student_cdf(high * inverse) - student_cdf(low * inverse)
        mixed = self._contexts.mix(laws)
        for table, entry in enumerate(entries):
            self._contexts.learn(table, entry, residuals / sigma)
        self._last = np.concatenate((self._last, residuals))[-2:]
        return mixed

    def _running(self, squares: Floats) -> list[Floats]:
        """Return the mean square before each residual, over each time constant, and move on."""
        if not self._variances:
            # In the first block a plain mean, which a wide guess begins.
            sums = FIRST_VARIANCE * FIRST_TRUST + np.concatenate(([0.0], np.cumsum(squares)))
            means: Floats = sums / (FIRST_TRUST + np.arange(len(sums)))
            self._variances = [float(means[-1])] * len(self._constants)
            return [means[:-1]] * len(self._constants)
        capped = np.minimum(squares, LOUDEST**2 * max(self._variances[SLOW], MIN_VARIANCE))
        found = [
            running_mean(capped, variance, constant)
            for variance, constant in zip(self._variances, self._constants, strict=True)
        ]
        self._variances = [after for _, after in found]
        return [means for means, _ in found]

    def _entries(
        self, variances: list[Floats], sigma: Floats, residuals: Floats, level: Floats, slope: Floats
    ) -> list[Ints]:
        before = np.abs(np.concatenate((self._last, residuals)))
        one, two = (_class(4.0 * size / sigma) for size in (before[1:-1], before[:-2]))
        fast, middle = (
            _class(gain * np.log2(np.maximum(variances[constant], 1e-9) / sigma**2) + CLASSES / 2)
            for constant, gain in ((FAST, 2.0), (MIDDLE, 8.0))
        )
        # In the first block nothing is known of the level: all of it is in the middle.
        high = _class(4.0 * level / math.sqrt(self._level or math.inf) + CLASSES / 2)
        steep = _class(4.0 * slope / sigma + CLASSES / 2)
        return [CLASSES * fast + middle, CLASSES * one + two, CLASSES * high + one, CLASSES * high + steep]


def _class(values: Floats) -> Ints:
    """Return the whole parts of values as classes from 0."""
    return np.clip(np.floor(values), 0, CLASSES - 1).astype(np.int64)
