"""Code widths in hindsight, from all channels, and which channels share a converter.

A plain model (least squares over the whole recording) foretells each sample; how often a code came up over how often it was
expected is its width. Channels that share a converter share its widths: the wirings that are tried are one converter
for all, the wirings of Neuropixels 2.0 and 1.0, and a converter for each channel.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from n1codec.analysis import _model as model
from n1codec.analysis._types import Floats, Ints

TAPS: Final = 8
"""Own past samples of the plain model."""
NEIGHBOURS: Final = (1, 2, 4, 6)
"""Distances of the lower channels of which it sees the present and the last sample."""
PIECE: Final = 4096
"""Frames that have one size of residual."""
ROUNDS: Final = 2
"""The second sees voltages through the widths that the first found."""
HALF_NAT: Final = 0.7213475204444817
"""Half a nat, in bits: what fitting a parameter to samples seems to save, but does not (H. Akaike, 1974)."""
MIN_SAMPLES_A_CODE: Final = 8
"""Converters are told apart if there are so many samples for each code of each of them."""
MIN_GAIN: Final = 0.01
"""Bits a sample that telling them apart has to promise."""

WIRINGS: Final[tuple[Callable[[Ints], Ints], ...]] = (
    lambda channel: channel // 32 * 2 + channel % 2,
    lambda channel: channel // 24 * 2 + channel % 2,
    lambda channel: channel,
)
"""Converters that channels may share, from their number: as in Neuropixels 2.0, as in 1.0, one for each."""


@dataclass(frozen=True, eq=False)
class Converters:
    """Converters and the widths of their codes.

    Parameters
    ----------
    scale : KnownScale
        The axes of all channels.
    count : int
        Converters told apart.
    free : float
        About how many widths were fitted, those that are drawn to the common ones counting less.
    """

    scale: model.KnownScale = field(repr=False)
    count: int
    free: float


def converters(frames: NDArray[np.int32], channels: tuple[int, ...], lowest: int, n_codes: int) -> Converters:
    """Return the converters behind codes.

    Parameters
    ----------
    frames : ndarray of int32, shape (n_samples, n_channels)
        Codes.
    channels : tuple of int
        Numbers of the channels in the recording.
    lowest : int
        Lowest code.
    n_codes : int
        Codes from the lowest to the highest.
    """
    numbers = np.array(channels, np.int64)
    together = np.zeros(len(numbers), np.int64)
    candidates = [together, *_wirings(numbers, frames.size // (n_codes * MIN_SAMPLES_A_CODE))]
    edges = model.edges_of(np.ones(n_codes))
    for round_ in range(ROUNDS):
        tallies = _tally(frames, edges, lowest, candidates if round_ == ROUNDS - 1 else [together])
        (counts,), (expected,) = tallies[0]
        trust = model.trust_in_even(counts, expected)
        common = np.ones(n_codes) if trust is None else (counts + trust) / (expected + trust)
        edges = model.edges_of(common)
    known = 0.0 if trust is None else float((expected / (expected + trust)).sum())
    best = Converters(model.KnownScale(edges[np.newaxis], together), 1, known)
    most = MIN_GAIN * frames.size
    for converter_of, (counts_of, expected_of) in zip(candidates[1:], tallies[1:], strict=True):
        fair = expected_of * np.clip(common, model.MIN_WIDTH, model.MAX_WIDTH)
        fair *= (counts_of.sum(axis=1) / np.maximum(fair.sum(axis=1), 1e-9))[:, np.newaxis]
        trust = model.trust_in_even(counts_of, fair)
        if trust is None:
            continue
        ratios = (counts_of + trust) / (fair + trust)
        free = float((fair / (fair + trust)).sum())
        # What is saved on these samples, less what a fit to them seems to save, twice: once here, once on others.
        gain = float((counts_of * np.log2(ratios)).sum()) - 2.0 * HALF_NAT * free
        if gain > most:
            most = gain
            scale = model.KnownScale(model.edges_of(common * ratios), converter_of)
            best = Converters(scale, len(counts_of), known + free)
    return best


def _wirings(numbers: Ints, most: int) -> list[Ints]:
    """Return the converter of each channel, counted from 0, in each wiring that has more than one and at most `most`."""
    found = [np.unique(wiring(numbers), return_inverse=True)[1] for wiring in WIRINGS]
    return [converter_of.astype(np.int64) for converter_of in found if 1 <= int(converter_of.max()) < most]


def _tally(
    frames: NDArray[np.int32], edges: Floats, lowest: int, candidates: list[Ints]
) -> list[tuple[Floats, Floats]]:
    """Return how often the codes came up and were expected, for each candidate: each of shape (n_converters, n_codes)."""
    n_codes = len(edges) - 1
    sums = [
        (np.zeros((int(converter_of.max()) + 1, n_codes)), np.zeros((int(converter_of.max()) + 1, n_codes)))
        for converter_of in candidates
    ]
    middles = (edges[1:] + edges[:-1]) / 2.0
    if len(frames) <= TAPS:
        return sums
    for channel in range(frames.shape[1]):
        places = frames[:, channel].astype(np.int64) - lowest
        predictions, sizes = _predict(frames, middles, lowest, channel)
        seen = model.LearnedScale(n_codes, edges)
        for piece, size in enumerate(sizes):
            some = slice(piece * PIECE, (piece + 1) * PIECE)
            seen.learn(places[TAPS:][some], predictions[some], max(size, model.MIN_SCALE))
        counts = seen.counts(0)
        for converter_of, (came, expected) in zip(candidates, sums, strict=True):
            came[converter_of[channel]] += counts.counts
            expected[converter_of[channel]] += counts.expected
    return sums


def _predict(frames: NDArray[np.int32], middles: Floats, lowest: int, channel: int) -> tuple[Floats, list[float]]:
    """Return what least squares foretell of a channel from sample `TAPS` on, and the residual's size in each piece."""
    near = [channel - distance for distance in NEIGHBOURS if distance <= channel]
    voltages = middles[frames[:, [channel, *near]] - lowest]
    origin = float(voltages[0, 0])
    voltages -= voltages[0]
    n = len(voltages)
    columns = [voltages[TAPS - lag : n - lag, 0] for lag in range(1, TAPS + 1)]
    columns += [voltages[TAPS - lag : n - lag, column] for column in range(1, len(near) + 1) for lag in (0, 1)]
    inputs = np.stack([*columns, np.ones(n - TAPS)], axis=1)
    targets = voltages[TAPS:, 0]
    gram, moment = model.products(inputs, targets)
    gram[np.diag_indices_from(gram)] += 1e-6 * np.trace(gram) / len(gram)
    predictions: Floats = inputs @ np.linalg.solve(gram, moment)
    squares = (targets - predictions) ** 2
    sizes = [float(np.sqrt(squares[start : start + PIECE].mean())) for start in range(0, len(squares), PIECE)]
    return predictions + origin, sizes
