"""Coloured noise: relaxation processes, and their sum that imitates the 1/f spectrum of a local field potential."""

from __future__ import annotations

import math

from n1codec.synth._random import FloatArray, Stream

# Corner frequencies and weights of the processes that make up the field, fitted to the N1's spectrum: flat below about
# 10 Hz, then falling more steeply than 1/f. The squares of the weights add up to 1.
FIELD_CORNERS_HZ = (6.0, 30.0, 200.0)
FIELD_WEIGHTS = (0.32, 0.936, 0.146)

# A tap below this adds less than a millionth of a step of the converter.
_NEGLIGIBLE = 2.0**-30


def relaxation(stream: Stream, count: int, corner_hz: float, rate: float) -> FloatArray:
    """Return a stationary Gaussian process of variance 1 whose power falls as 1/f**2 above its corner frequency.

    This is the recursion ``y[t] = a y[t-1] + sqrt(1 - a*a) x[t]``, with ``a`` from the backward Euler rule.

    Parameters
    ----------
    stream : Stream
        Supplies `count` normal numbers.
    count : int
        Number of samples.
    corner_hz : float
        Frequency at which the power has fallen to half.
    rate : float
        Samples per second.

    Returns
    -------
    ndarray of float64, shape (count,)
        The process. A shorter one from the same stream is its beginning.
    """
    a = 1.0 / (1.0 + 2.0 * math.pi * corner_hz / rate)
    y = stream.normal(count)
    y[1:] *= math.sqrt(1.0 - a * a)
    # 1 / (1 - a z) = (1 + a z) (1 + a^2 z^2) (1 + a^4 z^4) ...: a recursion over time as a few whole-array steps.
    tap, lag = a, 1
    while lag < count and tap > _NEGLIGIBLE:
        y[lag:] += tap * y[:-lag]
        tap, lag = tap * tap, 2 * lag
    return y


def field_potential(seed: int, path: tuple[int, ...], count: int, rate: float) -> FloatArray:
    """Return a local field potential of variance 1, one stream below `path` for each process in it."""
    total = FIELD_WEIGHTS[0] * relaxation(Stream(seed, *path, 0), count, FIELD_CORNERS_HZ[0], rate)
    for i in range(1, len(FIELD_CORNERS_HZ)):
        total += FIELD_WEIGHTS[i] * relaxation(Stream(seed, *path, i), count, FIELD_CORNERS_HZ[i], rate)
    return total
