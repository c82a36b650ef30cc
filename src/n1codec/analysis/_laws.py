"""Laws of residuals, and running means of their size: whole blocks at a time, yet nothing that looks ahead."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from n1codec.analysis._types import Floats

_STEPS = 512
"""Entries of the table of the normal law for each standard deviation."""
_REACH = 8
"""Standard deviations on either side that the table covers."""

GAUSSIAN_SCALE = math.sqrt(math.pi / 2)
"""Standard deviation of a normal law over its mean absolute value."""
STUDENT_OF_SIGMA = 0.75
"""Scale of Student's law with 4 degrees of freedom, in standard deviations of the residual. Equal variances would make it
0.71; a little wider pays, since the running variance caps what is far out."""


@cache
def _normal_table() -> tuple[Floats, Floats]:
    z = np.arange(-_REACH * _STEPS, _REACH * _STEPS + 1) / _STEPS
    table = np.array([0.5 * math.erfc(-x / math.sqrt(2)) for x in z])
    return table, np.diff(table, append=table[-1])


def normal_cdf(z: Floats) -> Floats:
    """Return the normal distribution function, from a table with linear interpolation (error below 2e-7)."""
    table, slope = _normal_table()
    place = np.clip(z * _STEPS + _REACH * _STEPS, 0.0, 2.0 * _REACH * _STEPS)
    index = place.astype(np.int32)
    value: Floats = table[index] + (place - index) * slope[index]
    return value


def student_cdf(t: Floats) -> Floats:
    """Return the distribution function of Student's law with 4 degrees of freedom, in closed form."""
    s = t / np.sqrt(4.0 + t * t)
    value: Floats = 0.5 + 0.25 * s * (3.0 - s * s)
    return value


def running_mean(values: Floats, state: float, time_constant: float) -> tuple[Floats, float]:
    """Return the exponential mean before each value, and the one after the last.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        A block, not much longer than 200 time constants: beyond, the powers overflow.
    state : float
        The mean before the first value.
    time_constant : float
        In samples.
    """
    decay = math.exp(-1.0 / time_constant)
    powers: Floats = np.power(decay, np.arange(len(values) + 1.0))
    sums = np.cumsum(values / powers[1:])
    means: Floats = powers * state
    means[1:] += (1.0 - decay) * powers[1:] * sums
    return means[:-1], float(means[-1])
