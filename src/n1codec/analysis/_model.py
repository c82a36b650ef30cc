"""Parts of the model whose code length is the floor: the linear predictor, and axes of voltage for the codes.

What learns does so block by block: what a block is coded with comes from the blocks before it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final, TypeAlias

import numpy as np

from n1codec.analysis._types import Floats, Ints
from n1codec.analysis.code_widths import MIN_CODES, WidthCounts

FORGET: Final = 0.999
"""What is left of the predictor's memory after a block of `BLOCK` samples."""
BLOCK: Final = 512
FIRST_BLOCK: Final = 128
"""Blocks double from the first length to the full one."""
ESCAPE: Final = 1e-5
"""Probability shared by all codes alike, so that none is impossible."""
MIN_SCALE: Final = 0.05
"""Smallest mean size of the residual that is believed, in codes."""
ROWS: Final = 128
"""Rows that are multiplied at once."""
RIDGE: Final = 1e-2
"""Weight of the first guess (the last sample again) in the predictor, in samples' worth of the first block's power."""
MAX_AT_ENDS: Final = 3
"""A block with more samples than this at the ends of the range in use is saturated."""
MIN_WIDTH: Final = 1e-3
MAX_WIDTH: Final = 20.0
"""No code is believed to be narrower or wider, in steps: at the ends of the range saturated samples pile up."""
MIN_TOLD: Final = 4.0
"""Codes expected less often than this say nothing of how much widths differ, and fewer than `MIN_CODES` of them neither."""


class Predictor:
    """Least squares over all the past, with a little forgetting; one channel's.

    Parameters
    ----------
    n_inputs : int
        Length of the input, its first entry the channel's own last sample; a constant is added.

    Attributes
    ----------
    free : int
        Weights that are fitted.
    """

    def __init__(self, n_inputs: int) -> None:
        self.free = n_inputs + 1
        self._gram = np.zeros((n_inputs + 1, n_inputs + 1))
        self._moment = np.zeros(n_inputs + 1)
        self._ridge = 0.0

    def copy(self) -> Predictor:
        """Return one that knows the same."""
        other = Predictor(len(self._moment) - 1)
        other._gram, other._moment, other._ridge = self._gram, self._moment, self._ridge
        return other

    def predict(self, inputs: Floats) -> Floats:
        """Return predictions for inputs of shape (n, n_inputs)."""
        if self._ridge == 0.0:
            return inputs[:, 0]
        gram = self._gram + self._ridge * np.eye(len(self._gram))
        moment = self._moment.copy()
        moment[0] += self._ridge
        weights = np.linalg.solve(gram, moment)
        pieces = [some @ weights[:-1] for some in _rows(inputs)]
        prediction: Floats = np.concatenate(pieces) + weights[-1]
        return prediction

    def learn(self, inputs: Floats, targets: Floats) -> None:
        """Take in a block."""
        full = np.concatenate((inputs, np.ones((len(inputs), 1))), axis=1)
        keep = FORGET ** (len(targets) / BLOCK)
        gram, moment = products(full, targets)
        self._gram = keep * self._gram + gram
        self._moment = keep * self._moment + moment
        if self._ridge == 0.0:
            self._ridge = RIDGE * float(np.mean(targets * targets)) + 1e-6


def products(inputs: Floats, targets: Floats) -> tuple[Floats, Floats]:
    """Return the sums of products of inputs, shape (n, n_inputs), with each other and with targets, shape (n,)."""
    gram, moment = np.zeros((inputs.shape[1], inputs.shape[1])), np.zeros(inputs.shape[1])
    for some, part in zip(_rows(inputs), _rows(targets), strict=True):
        gram += some.T @ some
        moment += some.T @ part
    return gram, moment


def _rows(array: Floats) -> Iterator[Floats]:
    """Yield an array in pieces too small for a numerical library to share among threads, whose waiting costs more."""
    for start in range(0, len(array), ROWS):
        yield array[start : start + ROWS]


def trust_in_even(counts: Ints | Floats, expected: Floats) -> float | None:
    """Return how many expected samples the prior is worth, by how much quotients differ; None of too few codes.

    Parameters
    ----------
    counts, expected : ndarray, shape (..., n_codes)
        How often codes came up and how often they were expected; several tables count as one.
    """
    # Pairs of neighbours, so that errors of the predicted density, which are smooth, do not count as spread.
    told = np.flatnonzero(expected > MIN_TOLD)
    if len(told) < MIN_CODES:
        return None
    quotients, chance = counts.reshape(-1)[told] / expected.reshape(-1)[told], 1.0 / expected.reshape(-1)[told]
    differences = 0.5 * (np.diff(quotients) ** 2 - chance[1:] - chance[:-1])
    return 1.0 / max(float(differences.mean()), 1e-4)


def edges_of(widths: Floats) -> Floats:
    """Return the edges of codes of such widths, shape (..., n_codes), on an axis whose middle is that of even ones."""
    clipped = np.clip(widths, MIN_WIDTH, MAX_WIDTH)
    edges = np.concatenate((np.zeros((*clipped.shape[:-1], 1)), np.cumsum(clipped, axis=-1)), axis=-1)
    centred: Floats = edges + (clipped.shape[-1] - edges[..., -1:]) / 2.0
    return centred


class EvenScale:
    """The axis of an even converter: code k from k to k + 1."""

    def edges(self, places: Ints, channels: Ints) -> tuple[Floats, Floats]:
        """Return the lower and upper edge of codes, which are numbered from 0, of channels (one or as many)."""
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
    edges : ndarray of float64, shape (n_codes + 1,), optional
        To begin with, instead of even ones.
    """

    def __init__(self, n_codes: int, edges: Floats | None = None) -> None:
        self._counts = np.zeros(n_codes, np.int64)
        self._expected = np.zeros(n_codes)
        self._saturated_counts = np.zeros(n_codes, np.int64)
        self._saturated_expected = np.zeros(n_codes)
        self._edges = np.arange(n_codes + 1.0) if edges is None else edges

    def edges(self, places: Ints, channels: Ints) -> tuple[Floats, Floats]:
        """Return the lower and upper edge of codes, which are numbered from 0, of channels (one or as many)."""
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
        trust = trust_in_even(self._counts, self._expected)
        if trust is None:
            return
        # The axis keeps its middle, for the predictors remember voltages.
        self._edges = edges_of((self._counts + trust) / (self._expected + trust))

    def counts(self, lowest: int) -> WidthCounts:
        """Return the counts, `lowest` being the code that is numbered 0 here, without those of saturated blocks.

        The ends of the range collect whatever lies beyond them, which is nothing about widths.
        """
        return WidthCounts(lowest, self._counts - self._saturated_counts, self._expected - self._saturated_expected)


class KnownScale:
    """Axes of converters whose code widths are known.

    Parameters
    ----------
    edges : ndarray of float64, shape (n_converters, n_codes + 1)
        Of each converter.
    converters : ndarray of int64, shape (n_channels,)
        Which one each channel has.
    """

    def __init__(self, edges: Floats, converters: Ints) -> None:
        self._edges = edges
        self._converters = converters

    def edges(self, places: Ints, channels: Ints) -> tuple[Floats, Floats]:
        """Return the lower and upper edge of codes, which are numbered from 0, of channels (one or as many)."""
        converters = self._converters[channels]
        return self._edges[converters, places], self._edges[converters, places + 1]

    def learn(self, places: Ints, predictions: Floats, size: float) -> None:
        """Learn nothing."""

    def update(self) -> None:
        """Change nothing."""


Scale: TypeAlias = EvenScale | LearnedScale | KnownScale


def _convolve(signal: Floats, kernel: Floats) -> Floats:
    """Return the full convolution, by the transform where that is faster."""
    if len(signal) * len(kernel) < 1 << 17:
        direct: Floats = np.convolve(signal, kernel)
        return direct
    size = len(signal) + len(kernel) - 1
    padded = 1 << (size - 1).bit_length()
    product = np.fft.irfft(np.fft.rfft(signal, padded) * np.fft.rfft(kernel, padded), padded)
    return np.maximum(product[:size], 0.0)
