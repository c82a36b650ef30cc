"""The floor: what a strong model would code a recording in, by its ideal code length.

Not a bound by theory, but a yardstick: a model much heavier than codecs are, charged exactly ``-log2 p`` for each sample and
nothing for a container. It knows in hindsight what a codec has to learn or to send: the converter's code widths and the
weights of its predictors. What hindsight seems to save only because the weights and widths were fitted to these very samples
(half a nat for each, after Akaike) is added again. Beside the floor stands what the same model takes if it learns
everything on its way, which a decoder could follow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from n1codec import arguments
from n1codec.analysis import _model as model
from n1codec.analysis._contexts import TABLES, Contexts, Laws
from n1codec.analysis._converters import HALF_NAT, converters
from n1codec.analysis._laws import GAUSSIAN_SCALE
from n1codec.analysis._types import Floats, Ints
from n1codec.analysis.code_widths import WidthCounts
from n1codec.analysis.codes import Codes
from n1codec.analysis.entropies import conditional_entropies
from n1codec.codec import Samples

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
BEYOND: Final = 1e12
"""A voltage that no residual reaches."""
MIN_SAMPLES_A_CODE: Final = 8
"""Widths are learned if there are so many samples for each code of the range in use."""


@dataclass(frozen=True)
class Floor:
    """What the model needs.

    Parameters
    ----------
    bits_per_sample : float
        Ideal code length in hindsight; code widths not used where they do not help. Counted over all channels of the
        recording: those without a signal (sync lines, dead ones) take what telling their changes takes.
    even_bits_per_sample : float
        The same if all codes are taken to be equally wide.
    causal_bits_per_sample : float
        What the model takes if it learns everything on its way.
    width_gain : float or None
        Bits a sample that knowing the widths saves; negative where there is nothing to know. None if the samples are
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
    causal_bits_per_sample: float
    width_gain: float | None
    ratio: float
    samples: int
    channels: tuple[int, ...]
    model: str


def floor(samples: Samples, rate: float) -> Floor:
    """Return the ideal code length of samples under the model.

    Parameters
    ----------
    samples : ndarray of int, shape (n_samples,) or (n_samples, n_channels)
        As stored: the lattice is found.
    rate : float
        Samples a second of each channel.

    Returns
    -------
    Floor

    Raises
    ------
    ParameterError
        If there are no samples, or the rate is not above zero.
    UnsupportedError
        If the samples are no integers of 1, 2 or 4 bytes.
    """
    rate = arguments.rate(rate)
    return measure(Codes.of(samples), rate)[0]


def measure(codes: Codes, rate: float) -> tuple[Floor, WidthCounts | None]:
    """Return the floor, and what was seen of the code widths on the way (None if they were not tried)."""
    n_channels = codes.codes.shape[1]
    coded = coded_channels(n_channels)
    frames = codes.codes[: max(1, MAX_SAMPLES // len(coded))]
    n_coded = len(frames) * len(coded)
    plans = [_Plan.make(frames, channel) for channel in coded]
    span = codes.highest - codes.lowest + 1
    n_converters: int | None = None
    seen: WidthCounts | None = None
    knowing = _Knowledge.none(plans)
    if MIN_SAMPLES_A_CODE * span <= n_coded:
        learned = model.LearnedScale(span)
        causal = _total(frames, plans, knowing, rate, codes.lowest, learned)
        seen = learned.counts(codes.lowest)
        found = converters(frames, codes.channels, codes.lowest, span)
        n_converters = found.count
        # The channels coded stand for all: their share of what the widths' fit seems to save is what they saw of it.
        known = _total(frames, plans, knowing.copy(), rate, codes.lowest, found.scale)
        known += HALF_NAT * (knowing.free() + found.free * len(coded) / n_channels)
    else:
        known = causal = _total(frames, plans, knowing, rate, codes.lowest, model.EvenScale())
    price = HALF_NAT * knowing.free()
    even = _total(frames, plans, knowing, rate, codes.lowest, model.EvenScale()) + price
    if n_converters is None:
        even = min(even, causal)  # of a few samples the fit may not be worth its price
    simple = n_coded * min(_simplest(frames[:, coded]), math.log2(span))
    best = min(known, even, causal, simple)
    parts = n_channels / codes.n_channels
    idle = codes.idle_bits / (len(codes.codes) * codes.n_channels)
    bits, even_bits, causal_bits = (parts * length / n_coded + idle for length in (best, even, causal))
    return Floor(
        bits_per_sample=bits,
        even_bits_per_sample=even_bits,
        causal_bits_per_sample=causal_bits,
        width_gain=None if n_converters is None else parts * (even - known) / n_coded,
        # A recording of one value takes next to nothing: the ratio of the code length to none is not infinite.
        ratio=codes.storage_bits / max(bits, 1.0 / n_coded),
        samples=n_coded,
        channels=tuple(codes.channels[channel] for channel in coded),
        model=_describe(plans, n_channels, _words(n_converters, helps=known <= even)),
    ), seen


def _simplest(codes: NDArray[np.int32]) -> float:
    """Return the least of the counted entropies in bits a sample, charged for what they count: of signals of few values."""
    return min((one.bits + one.bias for one in conditional_entropies(codes) if one.reliable), default=math.inf)


def coded_channels(n_channels: int) -> list[int]:
    """Return which of so many channels are coded: the middle ones of as many equal parts."""
    parts = min(n_channels, MAX_CHANNELS)
    return [(2 * part + 1) * n_channels // (2 * parts) for part in range(parts)]


@dataclass(frozen=True, eq=False)
class _Knowledge:
    """What the model learns of a recording, beside its code widths: goes on from pass to pass."""

    predictors: list[model.Predictor]
    contexts: Contexts

    @classmethod
    def none(cls, plans: list[_Plan]) -> _Knowledge:
        return cls([model.Predictor(plan.n_inputs) for plan in plans], Contexts())

    def copy(self) -> _Knowledge:
        return _Knowledge([predictor.copy() for predictor in self.predictors], self.contexts.copy())

    def free(self) -> float:
        """Return how many parameters were fitted."""
        return sum(predictor.free for predictor in self.predictors) + self.contexts.free()


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


def _total(
    frames: NDArray[np.int32], plans: list[_Plan], knowing: _Knowledge, rate: float, lowest: int, scale: model.Scale
) -> float:
    return float(_code_length(frames, plans, knowing, rate, lowest, scale).sum())


def _code_length(
    frames: NDArray[np.int32], plans: list[_Plan], knowing: _Knowledge, rate: float, lowest: int, scale: model.Scale
) -> Floats:
    """Return the ideal code length of each block in bits; knowledge and scale go on from what they are."""
    laws = [Laws(knowing.contexts, rate) for _ in plans]
    span = int(frames.max()) - lowest + 1
    lengths: list[float] = []
    start, size = 0, model.FIRST_BLOCK
    while start < len(frames):
        stop = min(len(frames), start + size)
        size = min(2 * size, model.BLOCK)
        length = 0.0
        for plan, predictor, law in zip(plans, knowing.predictors, laws, strict=True):
            inputs = _inputs(frames, plan, scale, lowest, start, stop)
            places = frames[start:stop, plan.channel].astype(np.int64) - lowest
            here = np.array(plan.channel)
            first = _middles(scale, frames[0, [plan.channel]].astype(np.int64) - lowest, here)
            below, above = scale.edges(places, here)
            voltages = (below + above) / 2.0 - first
            predictions = predictor.predict(inputs)
            # The converter answers with the ends of its range to whatever lies beyond.
            low = np.where(places == 0, -BEYOND, below - first)
            high = np.where(places == span - 1, BEYOND, above - first)
            masses = law.masses(low, high, predictions, inputs[:, 0], voltages)
            masses = (1.0 - model.ESCAPE) * masses + model.ESCAPE / span
            if start == 0:
                masses[0] = 1.0 / span  # voltages count from the first sample, which nothing foretells
            length -= float(np.log2(masses).sum())
            predictor.learn(inputs, voltages)
            error = float(np.mean(np.abs(voltages - predictions)))
            scale.learn(places, predictions + first, max(GAUSSIAN_SCALE * error, model.MIN_SCALE))
        scale.update()
        lengths.append(length)
        start = stop
    return np.array(lengths)


def _middles(scale: model.Scale, places: Ints, channels: Ints) -> Floats:
    below, above = scale.edges(places, channels)
    middles: Floats = (below + above) / 2.0
    return middles


def _inputs(
    frames: NDArray[np.int32],
    plan: _Plan,
    scale: model.Scale,
    lowest: int,
    start: int,
    stop: int,
) -> Floats:
    """Return what a block is predicted from, shape (stop - start, n_inputs): own lags 1, 2 ..., then neighbours'.

    Voltages count from each channel's first sample.
    """
    columns = np.array([plan.channel, *plan.neighbours])
    first = max(0, start - plan.taps)
    places = frames[first:stop, columns].astype(np.int64) - lowest
    voltages = _middles(scale, places, columns) - _middles(scale, frames[0, columns].astype(np.int64) - lowest, columns)
    if first > start - plan.taps:  # before the first sample everything is as it is then, but that is not known yet
        before = np.zeros((plan.taps - (start - first), len(columns)))
        voltages = np.concatenate((before, voltages))
    lags = np.lib.stride_tricks.sliding_window_view(voltages, plan.taps + 1, axis=0)  # (n, columns, taps + 1)
    parts = [lags[:, 0, -2::-1]]
    parts += [lags[:, column, : -NEIGHBOUR_TAPS - 1 : -1] for column in range(1, len(columns))]
    return np.concatenate(parts, axis=1)


def _words(n_converters: int | None, *, helps: bool) -> str:
    if n_converters is None:
        return "codes taken to be equally wide (too few samples to tell)"
    if not helps:
        return "codes taken to be equally wide (knowing their widths does not help)"
    whose = "" if n_converters == 1 else f" of {n_converters} converters"
    return f"code widths{whose} known in hindsight"


def _describe(plans: list[_Plan], n_channels: int, widths: str) -> str:
    last = plans[-1]
    neighbours = f" and up to {NEIGHBOUR_TAPS * len(last.neighbours)} samples of neighbours" if last.neighbours else ""
    some = f"; {len(plans)} of {n_channels} channels" if len(plans) < n_channels else ""
    return (
        f"least squares over {last.taps} own samples{neighbours}, known in hindsight; {TABLES + 1} mixed laws that "
        f"follow contexts; {widths}{some}"
    )
