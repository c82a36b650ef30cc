"""The converter's code widths, estimated from a recording alone.

A converter answers code k when the voltage lies between two edges, and the distance of the edges is the *width* of the
code. Voltages know nothing of the edges: predicted from the past, the next voltage has a smooth density. So how often
code k comes up, over how often the predictions would have it come up if it were one step wide, is its width. In an even
converter all such quotients are 1 but for chance, and chance is known: counts are sums of independent trials, given
the predictions, with a variance below their mean. That makes a test for evenness.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from n1codec import arguments
from n1codec.analysis._types import Floats, Ints
from n1codec.errors import ParameterError

MIN_EXPECTED: Final = 100.0
"""Codes expected less often than this say too little of their width."""
MIN_SHARE: Final = 0.01
"""Nor is it said of codes expected less often than this part of the most expected one: only outliers get there, which the
predicted density knows least about."""
MIN_CODES: Final = 16
"""Fewest such codes to say anything of a converter."""
WINDOW: Final = 24
"""Codes on either side that the test compares a code with: unevenness is rough, errors of the predicted density are
smooth."""
MISSING_WIDTH: Final = 0.1
"""Codes narrower than this are as good as missing."""
TOLERANCE: Final = 0.1
"""Standard deviation of the widths, in steps, up to which a converter passes for even. No converter is perfect, so with
enough samples a test for perfection always objects; widths this even are worth less than 0.01 bit a sample."""
SIGNIFICANCE: Final = 1e-3
"""A converter is called uneven if one within the tolerance would look so less often than this."""


@dataclass(frozen=True, eq=False)
class WidthCounts:
    """How often codes came up and how often they were expected; those of recordings of one device add up.

    Parameters
    ----------
    lowest : int
        The code of the first entry.
    counts : ndarray of int64, shape (n_codes,)
        How often each came up.
    expected : ndarray of float64, shape (n_codes,)
        How often the predictions expected it for each step of its width.
    """

    lowest: int
    counts: Ints
    expected: Floats

    def __post_init__(self) -> None:
        object.__setattr__(self, "lowest", arguments.integer("lowest", self.lowest))
        for name, kinds in (("counts", "iu"), ("expected", "iuf")):
            values = arguments.array(name, getattr(self, name))
            if values.dtype.kind not in kinds or values.ndim != 1:
                arguments.refuse(name, "an array of numbers, shape (n_codes,)", getattr(self, name))
        if len(self.counts) != len(self.expected):
            raise ParameterError(f"expected must hold as many as counts, {len(self.counts)}, not {len(self.expected)}")

    def __add__(self, other: WidthCounts) -> WidthCounts:
        """Return the sum, code by code."""
        arguments.instance("other", other, WidthCounts)
        lowest = min(self.lowest, other.lowest)
        end = max(self.lowest + len(self.counts), other.lowest + len(other.counts))
        counts, expected = np.zeros(end - lowest, np.int64), np.zeros(end - lowest)
        for one in (self, other):
            here = slice(one.lowest - lowest, one.lowest - lowest + len(one.counts))
            counts[here] += one.counts
            expected[here] += one.expected
        return WidthCounts(lowest, counts, expected)


@dataclass(frozen=True, eq=False)
class Widths:
    """Relative widths of a converter's codes and what they amount to.

    Parameters
    ----------
    verdict : {"even", "uneven", "unknown"}
        "uneven" if the test rejects widths within the `TOLERANCE`, else "even"; "unknown" if too few codes came up often
        enough.
    codes : ndarray of int64, shape (n,)
        Codes expected often enough to tell (`MIN_EXPECTED`, `MIN_SHARE`).
    widths : ndarray of float64, shape (n,)
        Width of each, relative to the mean of its neighbourhood.
    errors : ndarray of float64, shape (n,)
        Standard error of each width.
    spread : float or None
        Standard deviation of the widths, less what chance adds.
    missing : tuple of int
        Codes of these narrower than `MISSING_WIDTH`, by more than three standard errors of an even code.
    bits : float or None
        What knowing the widths saves, in bits a sample, by the spread of the quotients (the floor measures the same
        directly, and causally: `Floor.width_gain`).
    p_value : float or None
        How likely a converter whose widths have a standard deviation of `TOLERANCE` would look at least as uneven.
    """

    verdict: str
    codes: Ints = field(repr=False)
    widths: Floats = field(repr=False)
    errors: Floats = field(repr=False)
    spread: float | None
    missing: tuple[int, ...]
    bits: float | None
    p_value: float | None


def widths(seen: WidthCounts) -> Widths:
    """Return the relative widths behind counts, and the test for evenness.

    Notes
    -----
    The statistic is Pearson's chi-squared of the counts against expectations scaled to the neighbourhood (a moving
    average over `WINDOW` codes on either side, the code itself left out), with the variance of chance and of the
    tolerance together; its p-value is by Wilson and Hilferty's cube-root approximation (1931).
    """
    arguments.instance("seen", seen, WidthCounts)
    known = np.flatnonzero(seen.expected >= max(MIN_EXPECTED, MIN_SHARE * float(seen.expected.max(initial=0.0))))
    if len(known) < MIN_CODES:
        empty = np.zeros(0)
        return Widths("unknown", np.zeros(0, np.int64), empty, empty, None, (), None, None)
    counts, expected = seen.counts[known].astype(np.float64), seen.expected[known]
    around, around_expected = _neighbourhood(counts), _neighbourhood(expected)
    level = around / np.maximum(around_expected, 1e-9)
    usable = level > 0
    fair = np.where(usable, expected * level, 1.0)
    relative = np.where(usable, counts / fair, 1.0)
    # Chance: of the count itself, and of the neighbours' counts in what it is compared with.
    variance = np.where(usable, 1.0 / fair + 1.0 / np.maximum(around, 1.0), np.inf)
    chi2 = float((((relative - 1.0) ** 2) / (variance + TOLERANCE**2))[usable].sum())
    p_value = _chi2_exceeded(chi2, int(np.count_nonzero(usable)))
    spread2 = max(0.0, float(np.mean((relative - 1.0)[usable] ** 2 - variance[usable])))
    bits = _worth(relative, fair, usable)
    missing = known[(relative < MISSING_WIDTH) & (np.sqrt(variance) < (1.0 - MISSING_WIDTH) / 3.0)] + seen.lowest
    return Widths(
        verdict="uneven" if p_value < SIGNIFICANCE else "even",
        codes=known + seen.lowest,
        widths=relative,
        errors=np.sqrt(np.where(usable, variance, 0.0)),
        spread=math.sqrt(spread2),
        missing=tuple(int(code) for code in missing),
        bits=bits,
        p_value=p_value,
    )


def agreement(one: Widths, other: Widths) -> float | None:
    """Return the correlation of two recordings' widths over the codes that both know, None if those are too few."""
    common, here, there = np.intersect1d(one.codes, other.codes, assume_unique=True, return_indices=True)
    if len(common) < MIN_CODES or not one.widths[here].std() or not other.widths[there].std():
        return None
    return float(np.corrcoef(one.widths[here], other.widths[there])[0, 1])


def _neighbourhood(values: Floats) -> Floats:
    """Return the sum of the values within `WINDOW` places, each place itself left out."""
    padded = np.concatenate((np.zeros(WINDOW + 1), values, np.zeros(WINDOW)))
    sums = np.cumsum(padded)
    around: Floats = sums[2 * WINDOW + 1 :] - sums[: -2 * WINDOW - 1] - values
    return around


def _chi2_exceeded(chi2: float, degrees: int) -> float:
    """Return the probability that a chi-squared variable exceeds a value."""
    unit = 2.0 / (9.0 * degrees)
    z = ((chi2 / degrees) ** (1.0 / 3.0) - (1.0 - unit)) / math.sqrt(unit)
    return 0.5 * math.erfc(z / math.sqrt(2.0))


def _worth(relative: Floats, fair: Floats, usable: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> float:
    """Return the mean information in bits that the widths have on a sample: of ``log2(width)`` over the samples.

    With p the even density and w its factor, p * w * log2(w) summed over the codes; for spreads that chance explains it
    is biased up by half a bit of nats for each code and count, which is taken off.
    """
    w, n = relative[usable], fair[usable]
    scale = (w * n).sum() / n.sum()
    information = np.where(w > 0, w * np.log2(np.maximum(w / scale, 1e-300)), 0.0)
    bias = len(w) / (2.0 * math.log(2.0) * n.sum())
    return max(0.0, float((n * information).sum() / (w * n).sum() - bias))
