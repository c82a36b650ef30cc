"""Random numbers that are the same bits on every machine.

Only two things vary between machines and versions of NumPy: the algorithms of `numpy.random.Generator`, which
may change with a release, and the last digit of `exp`, `log` and their kin. Neither is used here. The 64-bit words of
PCG64 and the hashing of `SeedSequence` are guaranteed by NumPy to stay as they are, and a law is imposed on them by a
table of its quantiles, rounded to multiples of 2**-20, joined by straight lines. What follows is additions,
multiplications and square roots of doubles, which IEEE 754 defines to the last bit. No sum is left to NumPy's
discretion: `np.sum`, `np.mean` and matrix products order their terms anew from one machine to the next.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from itertools import pairwise
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

_CELL_BITS = 12
_CELLS = 1 << _CELL_BITS
_FRACTION_BITS = 32 - _CELL_BITS
_ROUNDING = float(1 << 20)


class Stream:
    """One independent sequence of random numbers, named by a path of integers below a seed.

    Parameters
    ----------
    seed : int
        Non-negative; of any size.
    *path : int
        Non-negative integers that tell this sequence from the others of the same seed.
    """

    def __init__(self, seed: int, *path: int) -> None:
        self._bits = np.random.PCG64(np.random.SeedSequence(seed, spawn_key=path))

    def uniform32(self, count: int) -> npt.NDArray[np.uint32]:
        """Return `count` integers, uniform on 0 .. 2**32 - 1.

        Each word gives its low half first, whatever the byte order of the machine.
        """
        words = self._bits.random_raw((count + 1) // 2)
        halves = np.empty((words.size, 2), np.uint32)
        halves[:, 0] = words & 0xFFFFFFFF
        halves[:, 1] = words >> 32
        return halves.ravel()[:count]

    def normal(self, count: int) -> FloatArray:
        """Return `count` numbers of mean 0 and variance 1, Gaussian up to 4.2 standard deviations and none beyond."""
        return _through(_normal_nodes(), self.uniform32(count))

    def exponential(self, count: int) -> FloatArray:
        """Return `count` positive numbers, exponential with mean 1 (none above 9.4)."""
        return _through(_exponential_nodes(), self.uniform32(count))


def normal_quantile(uniform: int) -> float:
    """Return the normal number that a 32-bit integer stands for, as `Stream.normal` does."""
    return float(_through(_normal_nodes(), np.array([uniform], np.uint32))[0])


def _through(nodes: FloatArray, uniform: npt.NDArray[np.uint32]) -> FloatArray:
    """Map uniform 32-bit integers through the inverse distribution function given by its nodes."""
    cell = uniform >> _FRACTION_BITS
    fraction = (uniform & ((1 << _FRACTION_BITS) - 1)) * (1.0 / (1 << _FRACTION_BITS))
    slopes = nodes[1:] - nodes[:-1]
    result: FloatArray = nodes[cell] + slopes[cell] * fraction
    return result


def _tabulate(quantile: Callable[[float], float], first: float, last: float) -> list[float]:
    return [first, *(quantile(i / _CELLS) for i in range(1, _CELLS)), last]


def _rounded(nodes: list[float]) -> FloatArray:
    # Half a last digit of `log` cannot reach a multiple of 2**-20, unless a value lies next to the middle of two; a test
    # sees to it that none does.
    table = np.array([math.floor(node * _ROUNDING + 0.5) / _ROUNDING for node in nodes])
    table.flags.writeable = False
    return table


def normal_quantiles() -> list[float]:
    """Return the nodes of the normal law, before they are rounded."""
    # The outermost cells stand for everything beyond 3.5 standard deviations, and end at 4.2.
    nodes = _tabulate(NormalDist().inv_cdf, -4.2, 4.2)
    # A uniform law on [a, b] has the mean square (a*a + a*b + b*b) / 3.
    squares = (a * a + a * b + b * b for a, b in pairwise(nodes))
    scale = math.sqrt(math.fsum(squares) / (3 * _CELLS))
    return [node / scale for node in nodes]


def exponential_quantiles() -> list[float]:
    """Return the nodes of the exponential law, before they are rounded."""
    nodes = _tabulate(lambda p: -math.log1p(-p), 0.0, math.log(_CELLS) + 1.0)
    means = ((a + b) / 2 for a, b in pairwise(nodes))
    scale = math.fsum(means) / _CELLS
    return [node / scale for node in nodes]


@functools.cache
def _normal_nodes() -> FloatArray:
    return _rounded(normal_quantiles())


@functools.cache
def _exponential_nodes() -> FloatArray:
    return _rounded(exponential_quantiles())
