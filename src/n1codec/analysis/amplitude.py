"""Amplitudes: how large, how wide, how skewed, and how often at the end of the range."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from n1codec.analysis._types import Floats
from n1codec.analysis.codes import Codes

CLIPPED_RUN: Final = 3
"""So many samples in a row at an end of the range are clipped; one alone is only the largest."""


@dataclass(frozen=True, eq=False)
class Amplitude:
    """Figures of amplitude in codes; of several channels, the median over the channels unless it says otherwise.

    Parameters
    ----------
    mean, median, std, skewness, kurtosis : float
        Kurtosis is the excess: 0 for a normal law. Skewness and kurtosis of a constant channel are 0.
    lowest, highest : int
        Over all channels.
    range_used : float
        Part of the converter's codes between the two, if its range is known; else 1.
    at_lowest, at_highest : float
        Part of all samples that are at the ends of their channel's range.
    clipped : float
        Part of all samples that stay there for `CLIPPED_RUN` or more in a row.
    channel_mean, channel_std : ndarray of float64, shape (n_channels,)
        Of each channel analysed.
    """

    mean: float
    median: float
    std: float
    skewness: float
    kurtosis: float
    lowest: int
    highest: int
    range_used: float
    at_lowest: float
    at_highest: float
    clipped: float
    channel_mean: Floats = field(repr=False)
    channel_std: Floats = field(repr=False)


def amplitude(codes: Codes) -> Amplitude:
    """Return the amplitude figures of a recording."""
    n_samples, n_channels = codes.codes.shape
    moments = np.zeros((n_channels, 5))
    ends = np.zeros(3)
    for channel in range(n_channels):
        values = np.ascontiguousarray(codes.codes[:, channel])
        moments[channel] = _moments(values.astype(np.float64))
        lowest, highest = values == values.min(), values == values.max()
        clipped = _in_runs(lowest) + _in_runs(highest)
        if lowest.all():  # a constant channel is at both ends, and clipped at neither
            clipped = 0
        ends += np.array((np.count_nonzero(lowest), np.count_nonzero(highest), clipped), np.float64)
    ends /= n_samples * n_channels
    mean, median, std, skewness, kurtosis = (float(value) for value in np.median(moments, axis=0))
    used = (codes.highest - codes.lowest + 1) / (1 << codes.bits) if codes.full_scale else 1.0
    return Amplitude(
        mean=mean,
        median=median,
        std=std,
        skewness=skewness,
        kurtosis=kurtosis,
        lowest=codes.lowest,
        highest=codes.highest,
        range_used=used,
        at_lowest=float(ends[0]),
        at_highest=float(ends[1]),
        clipped=float(ends[2]),
        channel_mean=moments[:, 0],
        channel_std=moments[:, 2],
    )


def _moments(values: Floats) -> tuple[float, float, float, float, float]:
    mean, median, std = float(values.mean()), float(np.median(values)), float(values.std())
    if std == 0.0:
        return mean, median, std, 0.0, 0.0
    unit = (values - mean) / std
    square = unit * unit
    return mean, median, std, float((square * unit).mean()), float((square * square).mean()) - 3.0


def _in_runs(flags: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> int:
    """Return how many flags are set in runs of at least `CLIPPED_RUN`."""
    steps = np.diff(flags.astype(np.int8), prepend=0, append=0)
    lengths = np.flatnonzero(steps < 0) - np.flatnonzero(steps > 0)
    return int(lengths[lengths >= CLIPPED_RUN].sum())
