"""The adaptive model whose code length is the floor: linear prediction, mixed laws, learned code widths.

Everything adapts backwards, block by block: what a block is coded with comes from the blocks before it, and within a block
only the running size of the residual moves on, from sample to sample. A decoder could follow, and nothing has to be sent.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from n1codec.analysis._laws import GAUSSIAN_SCALE, STUDENT_SCALE, normal_cdf, running_mean, student_cdf
from n1codec.analysis._types import Floats, Ints
from n1codec.analysis.code_widths import WidthCounts

SCALE_SECONDS: Final = (0.0033, 0.026, 0.21)
"""Time constants over which the size of the residual is taken."""
FORGET: Final = 0.998
"""What is left of the predictor's memory after a block of `BLOCK` samples."""
LAW_FORGET: Final = 0.95
"""Likewise of the laws' weights."""
BLOCK: Final = 1024
FIRST_BLOCK: Final = 128
"""Blocks double from the first length to the full one."""
ESCAPE: Final = 1e-4
"""Probability shared by all codes alike, so that none is impossible."""
FIRST_SIZE: Final = 8.0
"""Mean size of the residual that is guessed before anything is known, in codes ..."""
FIRST_TRUST: Final = 2.0
"""... and samples that the guess counts for."""
MIN_SCALE: Final = 0.05
"""Smallest mean size of the residual that is believed, in codes."""
RIDGE: Final = 1e-2
"""Weight of the first guess (the last sample again) in the predictor, in samples' worth of the first block's power."""
MAX_AT_ENDS: Final = 3
"""A block with more samples than this at the ends of the range in use is saturated."""
MIN_WIDTH: Final = 1e-3


class Predictor:
    """Least squares over all the past, with a little forgetting; one channel's.

    Parameters
    ----------
    n_inputs : int
        Length of the input, its first entry the channel's own last sample; a constant is added.
    """

    def __init__(self, n_inputs: int) -> None:
        self._gram = np.zeros((n_inputs + 1, n_inputs + 1))
        self._moment = np.zeros(n_inputs + 1)
        self._ridge = 0.0

    def predict(self, inputs: Floats) -> Floats:
        """Return predictions for inputs of shape (n, n_inputs)."""
        if self._ridge == 0.0:
            return inputs[:, 0]
        gram = self._gram + self._ridge * np.eye(len(self._gram))
        moment = self._moment.copy()
        moment[0] += self._ridge
        weights = np.linalg.solve(gram, moment)
        prediction: Floats = inputs @ weights[:-1] + weights[-1]
        return prediction

    def learn(self, inputs: Floats, targets: Floats) -> None:
        """Take in a block."""
        full = np.concatenate((inputs, np.ones((len(inputs), 1))), axis=1)
        keep = FORGET ** (len(targets) / BLOCK)
        self._gram = keep * self._gram + full.T @ full
        self._moment = keep * self._moment + full.T @ targets
        if self._ridge == 0.0:
            self._ridge = RIDGE * float(np.mean(targets * targets)) + 1e-6


class Laws:
    """A mixture of normal and Student's laws over several running scales; one channel's.

    Parameters
    ----------
    rate : float
        Samples a second.
    """

    def __init__(self, rate: float) -> None:
        # No shorter than 8 samples, or the scale is noise; a block is at most 128 of the shortest time constants.
        self._constants = [min(max(seconds * rate, 8.0), 1e6) for seconds in SCALE_SECONDS]
        self._sizes: list[float] = []
        self._weights = np.ones(2 * len(self._constants))

    def masses(self, below: Floats, above: Floats, residuals: Floats) -> Floats:
        """Return each sample's probability, and move on.

        Parameters
        ----------
        below, above : ndarray of float64, shape (n,)
            Distances of the code's two edges from the prediction.
        residuals : ndarray of float64, shape (n,)
            Distances of the code's middle from the prediction.
        """
        magnitudes = np.abs(residuals)
        each = []
        for scale in self._scales(magnitudes):
            sizes = np.maximum(scale, MIN_SCALE)
            inverse = 1.0 / (GAUSSIAN_SCALE * sizes)
            each.append(normal_cdf(above * inverse) - normal_cdf(below * inverse))
            inverse = 1.0 / (STUDENT_SCALE * sizes)
            each.append(student_cdf(above * inverse) - student_cdf(below * inverse))
        laws = np.array(each)
        weights = self._weights / self._weights.sum()
        mixed: Floats = weights @ laws
        shares = weights[:, np.newaxis] * laws / np.maximum(mixed, 1e-12)
        self._weights = LAW_FORGET ** (len(residuals) / BLOCK) * self._weights + shares.sum(axis=1)
        return mixed

    def _scales(self, magnitudes: Floats) -> list[Floats]:
        """Return the mean size before each residual, over each time constant, and move on."""
        if not self._sizes:
            # In the first block a plain mean, which a wide guess begins.
            sums = FIRST_SIZE * FIRST_TRUST + np.concatenate(([0.0], np.cumsum(magnitudes)))
            means: Floats = sums / (FIRST_TRUST + np.arange(len(sums)))
            self._sizes = [float(means[-1])] * len(self._constants)
            return [means[:-1]] * len(self._constants)
        found = [
            running_mean(magnitudes, size, constant)
            for size, constant in zip(self._sizes, self._constants, strict=True)
        ]
        self._sizes = [after for _, after in found]
        return [means for means, _ in found]


class EvenScale:
    """The axis of an even converter: code k from k to k + 1."""

    def edges(self, places: Ints) -> tuple[Floats, Floats]:
        """Return the lower and upper edge of codes, which are numbered from 0."""
        low = places.astype(np.float64)
        return low, low + 1.0

    def learn(self, places: Ints, predictions: Floats, size: float) -> None:
        """Learn nothing."""

    def update(self) -> None:
        """Change nothing."""


class LearnedScale:
    """The axis of a converter whose code widths are learned from all channels together.

    A width is the quotient of how often a code came up and how often it was expected, drawn toward 1 as much as the
    spread of all quotients says chance does (the mean of a gamma law whose variance is that spread, less the chance).

    Parameters
    ----------
    n_codes : int
        Codes from the lowest to the highest in use.
    """

    def __init__(self, n_codes: int) -> None:
        self._counts = np.zeros(n_codes, np.int64)
        self._expected = np.zeros(n_codes)
        self._saturated_counts = np.zeros(n_codes, np.int64)
        self._saturated_expected = np.zeros(n_codes)
        self._edges = np.arange(n_codes + 1.0)

    def edges(self, places: Ints) -> tuple[Floats, Floats]:
        """Return the lower and upper edge of codes, which are numbered from 0."""
        return self._edges[places], self._edges[places + 1]

    def learn(self, places: Ints, predictions: Floats, size: float) -> None:
        """Count one channel's block, and how often its predictions expected each code.

        Parameters
        ----------
        places : ndarray of int64, shape (n,)
            Codes numbered from 0.
        predictions : ndarray of float64, shape (n,)
            On the axis of the edges.
        size : float
            Standard deviation of the residual.
        """
        # The expected counts are the predictions' histogram spread out by the residual's law: here a normal one, since
        # what its true shape changes is smooth over many codes.
        step = min(0.5, max(size / 4.0, 1 / 16))
        start = float(self._edges[0])
        n_bins = int((self._edges[-1] - start) / step) + 2
        bins = np.clip(np.round((predictions - start) / step), 0, n_bins - 1).astype(np.int64)
        first, last = int(bins.min()), int(bins.max())
        reach = math.ceil(5.0 * size / step)
        offsets = np.arange(-reach, reach + 1) * step
        kernel = np.exp(-0.5 * (offsets / size) ** 2)
        kernel /= kernel.sum() * step
        spread = _convolve(np.bincount(bins - first, minlength=last - first + 1).astype(np.float64), kernel)
        middles = (self._edges[1:] + self._edges[:-1]) / 2.0
        grid = start + (first - reach + np.arange(len(spread))) * step
        expected: Floats = np.interp(middles, grid, spread, left=0.0, right=0.0)
        counts = np.bincount(places, minlength=len(self._counts))
        self._expected += expected
        self._counts += counts
        if counts[0] + counts[-1] > MAX_AT_ENDS:
            self._saturated_expected += expected
            self._saturated_counts += counts

    def update(self) -> None:
        """Lay the edges anew, from all that was learned."""
        told = np.flatnonzero(self._expected > 4.0)
        if len(told) < 16:
            return
        # Pairs of neighbours, so that errors of the predicted density, which are smooth, do not count as spread.
        quotients, chance = self._counts[told] / self._expected[told], 1.0 / self._expected[told]
        differences = 0.5 * (np.diff(quotients) ** 2 - chance[1:] - chance[:-1])
        trust = 1.0 / max(float(differences.mean()), 1e-4)
        widths = np.maximum((self._counts + trust) / (self._expected + trust), MIN_WIDTH)
        self._edges = np.concatenate(([0.0], np.cumsum(widths)))
        # The axis keeps its middle, for the predictors remember voltages.
        self._edges += (len(widths) - self._edges[-1]) / 2.0

    def counts(self, lowest: int) -> WidthCounts:
        """Return the counts, `lowest` being the code that is numbered 0 here, without those of saturated blocks.

        The ends of the range collect whatever lies beyond them, which is nothing about widths.
        """
        return WidthCounts(lowest, self._counts - self._saturated_counts, self._expected - self._saturated_expected)


def _convolve(signal: Floats, kernel: Floats) -> Floats:
    """Return the full convolution, by the transform where that is faster."""
    if len(signal) * len(kernel) < 1 << 17:
        direct: Floats = np.convolve(signal, kernel)
        return direct
    size = len(signal) + len(kernel) - 1
    padded = 1 << (size - 1).bit_length()
    product = np.fft.irfft(np.fft.rfft(signal, padded) * np.fft.rfft(kernel, padded), padded)
    return np.maximum(product[:size], 0.0)
