"""The floor: what a strong adaptive model would code a recording in, by its ideal code length.

Not a bound by theory, but a yardstick: a model much heavier than codecs are, charged exactly ``-log2 p`` for each sample and
nothing for a container. It sees the past only, so that its figure could be achieved. A codec comes nearer to it the
better its own model is; one that knows the device beforehand (a trained table of code widths, say) may come a little
below.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from n1codec.analysis import _model as model
from n1codec.analysis._laws import GAUSSIAN_SCALE
from n1codec.analysis._types import Floats
from n1codec.analysis.code_widths import WidthCounts
from n1codec.analysis.codes import Codes
from n1codec.codec import Samples
from n1codec.errors import ParameterError

MAX_TAPS: Final = 24
"""Own past samples that a channel is predicted from, if it has no neighbours."""
MIN_TAPS: Final = 8
"""Likewise if it has many."""
INPUTS: Final = 32
"""Inputs of a predictor, own and neighbours' together."""
MAX_NEIGHBOURS: Final = 8
NEIGHBOUR_TAPS: Final = 3
"""Samples of each neighbour: the present one, which is coded already, and two past ones."""
NEIGHBOURHOOD: Final = 64
"""Channels below a channel among which neighbours are looked for."""
PROBE_FRAMES: Final = 8192
"""Frames by which neighbours are chosen."""
MAX_CHANNELS: Final = 24
"""Channels that are coded; of more, evenly spread ones."""
MAX_SAMPLES: Final = 1 << 19
"""Samples that are coded, all channels together: of more, the first."""


@dataclass(frozen=True)
class Floor:
    """What the model needs.

    Parameters
    ----------
    bits_per_sample : float
        Ideal code length; code widths learned along the way, or not used where they do not help.
    even_bits_per_sample : float
        The same if all codes are taken to be equally wide.
    width_gain : float or None
        Bits a sample that learning the widths saves; negative where there is nothing to learn. None if the samples are
        too few for the range of codes to try.
    ratio : float
        Bits a sample is stored in over `bits_per_sample`.
    samples : int
        Samples coded.
    channels : tuple of int
        Channels coded: all, or evenly spread ones.
    model : str
        What it is, in words.
    """

    bits_per_sample: float
    even_bits_per_sample: float
    width_gain: float | None
    ratio: float
    samples: int
    channels: tuple[int, ...]
    model: str


def floor(samples: Samples, rate: float) -> Floor:
    """Return the ideal code length of samples under the adaptive model.

    Parameters
    ----------
    samples : ndarray of int, shape (n_samples,) or (n_samples, n_channels)
        As stored: the lattice is found. Sync lines and dead channels are left out.
    rate : float
        Samples a second of each channel.

    Returns
    -------
    Floor

    Raises
    ------
    ParameterError
        If there are no samples, or the rate is not above zero.
    """
    return measure(_codes(samples, rate), rate)[0]


def _codes(samples: Samples, rate: float) -> Codes:
    if samples.size == 0:
        raise ParameterError("no samples to analyse")
    if not 0 < rate < math.inf:
        raise ParameterError(f"rate must be a number of Hz above zero, not {rate!r}")
    return Codes.of(samples)


def measure(codes: Codes, rate: float) -> tuple[Floor, WidthCounts | None]:
    """Return the floor, and what was seen of the code widths on the way (None if they were not tried)."""
    n_channels = codes.codes.shape[1]
    coded = np.unique(np.arange(min(n_channels, MAX_CHANNELS)) * n_channels // min(n_channels, MAX_CHANNELS))
    frames = codes.codes[: max(1, MAX_SAMPLES // len(coded))]
    n_coded = len(frames) * len(coded)
    plans = [_Plan.make(frames, int(channel)) for channel in coded]
    even = _code_length(frames, plans, rate, codes.lowest, model.EvenScale())
    span = codes.highest - codes.lowest + 1
    learned: Floats | None = None
    seen: WidthCounts | None = None
    if 8 * span <= n_coded:
        scale = model.LearnedScale(span)
        learned = _code_length(frames, plans, rate, codes.lowest, scale)
        seen = scale.counts(codes.lowest)
    even_bits = float(even.sum()) / n_coded
    bits = even_bits if learned is None else _mixed(even, learned) / n_coded
    gain = None if learned is None else float(even.sum() - learned.sum()) / n_coded
    channels = tuple(codes.channels[int(channel)] for channel in coded)
    words = _describe(plans, learned is not None, n_channels)
    # A recording of one value takes next to nothing: the ratio of the code length to none is not infinite.
    ratio = codes.storage_bits / max(bits, 1.0 / n_coded)
    return Floor(bits, even_bits, gain, ratio, n_coded, channels, words), seen


@dataclass(frozen=True)
class _Plan:
    """One channel and what it is predicted from."""

    channel: int
    taps: int
    neighbours: tuple[int, ...]

    @property
    def n_inputs(self) -> int:
        """Length of the predictor's input."""
        return self.taps + NEIGHBOUR_TAPS * len(self.neighbours)

    @classmethod
    def make(cls, frames: NDArray[np.int32], channel: int) -> _Plan:
        neighbours = _best_neighbours(frames, channel)
        taps = min(MAX_TAPS, max(MIN_TAPS, INPUTS - NEIGHBOUR_TAPS * len(neighbours)))
        return cls(channel, taps, neighbours)


def _best_neighbours(frames: NDArray[np.int32], channel: int) -> tuple[int, ...]:
    """Return the lower channels that tell most of a channel, beyond its own past and beyond each other.

    Chosen one by one, each time the one whose part that is new explains most of what is left (orthogonal matching
    pursuit), by sweeping the matrix of products of own past samples, candidates, and the channel itself.
    """
    first = max(0, channel - NEIGHBOURHOOD)
    head = frames[:PROBE_FRAMES, first : channel + 1].astype(np.float64)
    if first == channel or len(head) <= 2 * (MIN_TAPS + NEIGHBOURHOOD):
        return tuple(range(max(first, channel - MAX_NEIGHBOURS), channel))
    head -= head.mean(axis=0)
    past = np.stack([head[MIN_TAPS - lag : -lag, -1] for lag in range(1, MIN_TAPS + 1)], axis=1)
    columns = np.concatenate((past, head[MIN_TAPS:]), axis=1)
    products = columns.T @ columns
    smallest = 1e-6 * np.maximum(products.diagonal(), 1e-9)  # below that only rounding is left of a column
    chosen: list[int] = []
    for step in range(MIN_TAPS + MAX_NEIGHBOURS):
        pivot = step
        if step >= MIN_TAPS:
            power = products.diagonal()
            told = np.where(power > smallest, products[:, -1] ** 2 / np.maximum(power, smallest), 0.0)
            told[-1] = 0.0
            pivot = int(np.argmax(told))
            if told[pivot] <= 0.0:
                break
            chosen.append(first + pivot - MIN_TAPS)
        if products[pivot, pivot] > smallest[pivot]:
            products -= np.outer(products[:, pivot], products[pivot]) / products[pivot, pivot]
    return tuple(sorted(chosen))


def _code_length(
    frames: NDArray[np.int32],
    plans: list[_Plan],
    rate: float,
    lowest: int,
    scale: model.EvenScale | model.LearnedScale,
) -> Floats:
    """Return the ideal code length of each block in bits."""
    predictors = [model.Predictor(plan.n_inputs) for plan in plans]
    laws = [model.Laws(rate) for _ in plans]
    span = int(frames.max()) - lowest + 1
    lengths: list[float] = []
    start, size = 0, model.FIRST_BLOCK
    while start < len(frames):
        stop = min(len(frames), start + size)
        size = min(2 * size, model.BLOCK)
        length = 0.0
        for plan, predictor, mixture in zip(plans, predictors, laws, strict=True):
            inputs = _inputs(frames, plan, scale, lowest, start, stop)
            origin = float(frames[0, plan.channel]) - lowest + 0.5
            places = frames[start:stop, plan.channel].astype(np.int64) - lowest
            below, above = scale.edges(places)
            voltages = (below + above) / 2.0 - origin
            predictions = predictor.predict(inputs)
            residuals = voltages - predictions
            at = predictions + origin
            masses = mixture.masses(below - at, above - at, residuals)
            masses = (1.0 - model.ESCAPE) * masses + model.ESCAPE / span
            length -= float(np.log2(masses).sum())
            predictor.learn(inputs, voltages)
            scale.learn(places, at, max(GAUSSIAN_SCALE * float(np.mean(np.abs(residuals))), model.MIN_SCALE))
        scale.update()
        lengths.append(length)
        start = stop
    return np.array(lengths)


def _inputs(
    frames: NDArray[np.int32],
    plan: _Plan,
    scale: model.EvenScale | model.LearnedScale,
    lowest: int,
    start: int,
    stop: int,
) -> Floats:
    """Return what a block is predicted from, shape (stop - start, n_inputs): own lags 1, 2 ..., then neighbours'.

    Voltages count from each channel's first sample.
    """
    columns = [plan.channel, *plan.neighbours]
    first = max(0, start - plan.taps)
    places = frames[first:stop, columns].astype(np.int64) - lowest
    below, above = scale.edges(places)
    voltages = (below + above) / 2.0 - (frames[0, columns] - lowest + 0.5)
    if first > start - plan.taps:  # before the first sample everything is as it is then, but that is not known yet
        before = np.zeros((plan.taps - (start - first), len(columns)))
        voltages = np.concatenate((before, voltages))
    lags = np.lib.stride_tricks.sliding_window_view(voltages, plan.taps + 1, axis=0)  # (n, columns, taps + 1)
    parts = [lags[:, 0, -2::-1]]
    parts += [lags[:, column, : -NEIGHBOUR_TAPS - 1 : -1] for column in range(1, len(columns))]
    return np.concatenate(parts, axis=1)


def _mixed(even: Floats, learned: Floats) -> float:
    """Return the code length under both models mixed, each weighed by how well it did on the blocks before.

    A hundredth of the weight goes back to equal shares after each block, so that either may still win late.
    """
    total, share = 0.0, 0.5
    for one, other in zip(even.tolist(), learned.tolist(), strict=True):
        best = min(one, other)
        likelihood_even, likelihood_learned = share * 2.0 ** (best - one), (1.0 - share) * 2.0 ** (best - other)
        mixed = likelihood_even + likelihood_learned
        total += best - math.log2(mixed)
        share = 0.99 * likelihood_even / mixed + 0.005
    return total


def _describe(plans: list[_Plan], learned: bool, n_channels: int) -> str:
    last = plans[-1]
    neighbours = f" and up to {NEIGHBOUR_TAPS * len(last.neighbours)} samples of neighbours" if last.neighbours else ""
    widths = (
        "code widths learned on the way" if learned else "codes taken to be equally wide (too few samples to learn)"
    )
    some = f"; {len(plans)} of {n_channels} channels" if len(plans) < n_channels else ""
    return (
        f"recursive least squares over {last.taps} own samples{neighbours}, {2 * len(model.SCALE_SECONDS)} mixed "
        "normal and "
        f"Student laws, {widths}{some}"
    )
