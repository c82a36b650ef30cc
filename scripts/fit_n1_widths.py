"""Learn the widths of the codes of the N1's converter from a folder of its WAV files (10-bit codes scaled to 16 bits).

Usage: ``python scripts/fit_n1_widths.py {sixteenths,sixty_fourths} FOLDER`` prints one width a line.

With widths w, code k stands for the voltages between two edges. Each recording is predicted by linear prediction of order
16 on the middles of its codes; a normal law around each prediction says how often a code of width w should be seen. The
ratio of what is seen to that corrects w, and so on (expectation maximisation with the law of the signal held).

* `sixteenths`: every second recording from the second on; four rounds, the first three on a quarter each; codes expected
  1000 times or less, or outside 400 .. 650, stay at the mean.
* `sixty_fourths`: every third recording from the second on, but for those of which 1 % is clipped; ten damped rounds, after
  each of which the mean over +-64 codes is brought back to 1: a converter has no wide regions, a signal has.

On the 300 public recordings the first fit gives the column of n1_code_widths.csv to the digit. The second column is older
than this script and is kept as data: a new fit comes near it (correlation 0.98 over codes 380 .. 660, the level about
4 % apart there), not onto it, and why is not known.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import NormalDist
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
CODES: Final = 1024
ORDER: Final = 16
WAV_HEAD: Final = 44


def codes_of(path: Path) -> NDArray[np.int64]:
    """Return the 10-bit codes of a recording: the sample of code k is k * 65535 / 1023 - 32768, cut towards zero."""
    samples = np.frombuffer(path.read_bytes()[WAV_HEAD:], "<i2").astype(np.int64)
    values = np.trunc(np.arange(CODES) * 65535 / 1023 - 32768).astype(np.int64)
    codes = np.searchsorted(values, samples)
    if not np.array_equal(values[np.minimum(codes, CODES - 1)], samples):
        raise SystemExit(f"{path} does not hold the N1's codes")
    return codes


def correlated(signal: Floats) -> Floats:
    """Return linear predictions of each sample from ORDER before it (autocorrelation method)."""
    n = len(signal)
    r = np.array([signal[: n - lag] @ signal[lag:] for lag in range(ORDER + 1)]) / n
    r[0] *= 1 + 1e-9
    lags = np.abs(np.subtract.outer(np.arange(ORDER), np.arange(ORDER)))
    return filtered(signal, np.linalg.solve(r[lags], r[1:]))


def covariant(signal: Floats) -> Floats:
    """The same, by least squares over the samples that have ORDER before them."""
    past = np.lib.stride_tricks.sliding_window_view(signal, ORDER)[:-1, ::-1]
    return filtered(signal, np.linalg.solve(past.T @ past, past.T @ signal[ORDER:]))


def filtered(signal: Floats, taps: Floats) -> Floats:
    out = np.zeros(len(signal))
    for lag, tap in enumerate(taps, 1):
        out[lag:] += tap * signal[:-lag]
    return out


def axis(width: Floats) -> tuple[Floats, Floats]:
    """Return the edges and the middles of the codes."""
    edges = np.concatenate([[0.0], np.cumsum(width)])
    return edges, (edges[1:] + edges[:-1]) / 2


def fit_by_density(recordings: Sequence[NDArray[np.int64]]) -> Floats:
    width = np.ones(CODES)
    for turn in range(4):
        _, middle = axis(width)
        seen, expected = np.zeros(CODES), np.zeros(CODES)
        for codes in recordings[turn::4] if turn < 3 else recordings:
            signal = middle[codes]
            mean = signal.mean()
            predicted = correlated(signal - mean) + mean
            sigma = np.std(signal - predicted)
            counts, _ = np.histogram(predicted, bins=np.arange(0, CODES * 4 + 1) / 4)
            steps = np.arange(-160, 161) / 4
            law = np.exp(-0.5 * (steps / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))
            density = np.convolve(counts, law, "same")
            seen += np.bincount(codes, minlength=CODES)
            expected += np.interp(middle, (np.arange(CODES * 4) + 0.5) / 4, density)
        known = (expected > 1000) & (np.arange(CODES) > 400) & (np.arange(CODES) < 650)
        gain = seen[known].sum() / expected[known].sum()
        width = np.where(known, seen / np.maximum(expected, 1e-9) / gain, 1.0)
        width = (width * expected + 400) / (expected + 400)
        width[~known] = 1
    return width


def expected_counts(predicted: Floats, sigma: float, edges: Floats) -> Floats:
    """Return the counts that a normal law gives each code, within 3.5 sigmas of predictions in bins of 1/8 code."""
    normal = NormalDist()
    bins, counts = np.unique(np.floor(predicted * 8), return_counts=True)
    out = np.zeros(CODES)
    for place, count in zip((bins + 0.5) / 8, counts, strict=True):
        low = max(int(np.searchsorted(edges[:CODES], place - 3.5 * sigma, "right")) - 1, 0)
        high = min(int(np.searchsorted(edges[:CODES], place + 3.5 * sigma)), CODES - 1)
        out[low:high] += count * np.diff([normal.cdf(z) for z in (edges[low : high + 1] - place) / sigma])
    return out


def local_mean(value: Floats, weight: Floats, reach: int = 64) -> Floats:
    total = np.concatenate([[0.0], np.cumsum(value * weight)])
    weights = np.concatenate([[0.0], np.cumsum(weight)])
    low = np.maximum(np.arange(len(value)) - reach, 0)
    high = np.minimum(np.arange(len(value)) + reach + 1, len(value))
    means: Floats = (total[high] - total[low]) / (weights[high] - weights[low])
    return means


def fit_by_intervals(recordings: Sequence[NDArray[np.int64]]) -> Floats:
    width = np.ones(CODES)
    for _ in range(10):
        edges, middle = axis(width)
        seen, expected = np.zeros(CODES), np.zeros(CODES)
        for codes in recordings:
            signal = middle[codes]
            mean = signal.mean()
            predicted = (covariant(signal - mean) + mean)[ORDER:]
            error = signal[ORDER:] - predicted
            sigma = float(np.sqrt(np.mean(error**2)))
            seen += np.bincount(codes[ORDER:][np.abs(error) < 3.5 * sigma], minlength=CODES)
            expected += expected_counts(predicted, sigma, edges)
        width = np.clip(width * ((seen + 20) / (expected + 20)) ** 0.9, 0.02, 4)
        width /= local_mean(width, expected + 1)
        usual = width[seen > 1000].mean()
        width[seen + expected < 1] = usual
        width /= usual
    return width


def fit(which: str, folder: Path) -> list[int]:
    """Return the widths of the 1024 codes in sixteenths (static modes) or in 64ths (adaptive modes) of the mean width."""
    recordings = [codes_of(path) for path in sorted(folder.glob("*.wav"))]
    if which == "sixteenths":
        return [int(v) for v in np.clip(np.rint(fit_by_density(recordings[1::2]) * 16), 1, 255)]
    used = [codes for codes in recordings[1::3] if np.isin(codes, (0, CODES - 1)).sum() <= len(codes) // 100]
    return [int(v) for v in np.clip(np.rint(fit_by_intervals(used) * 64), 1, 255)]


if __name__ == "__main__":
    print("\n".join(map(str, fit(sys.argv[1], Path(sys.argv[2])))))
