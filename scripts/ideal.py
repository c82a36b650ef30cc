"""Ideal code lengths of the n1 codec's stages, each of which can be left out: for the tables and figures of docs/ALGORITHM.md.

A float model of the static mode, not the codec: least squares over the recording, one law integrated between the edges of each
code, ``-log2 p`` summed. Coefficients, scales and widths are not charged, so that a stage's worth is what it could bring.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from n1codec import formats
from n1codec.analysis import Codes, WidthCounts
from n1codec.analysis._laws import normal_cdf
from n1codec.analysis.floor import Floor, measure
from n1codec.analysis.floor import coded_channels as channels_of_floor
from n1codec.codec import Samples

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TOTAL: Final = 1 << 20
"""Probabilities are multiples of one over this, and no code has less than one."""
TRUST: Final = 16.0
"""Samples that the even width is worth, when widths are taken from counts."""
SCALE_BLOCK: Final = 32
SCALE_MEMORY: Final = 12
"""Blocks of which the backward mode averages the variance, and how many."""
REACH: Final = 64
"""Channels below a channel among which its neighbours are."""


@dataclass(frozen=True)
class Stages:
    """What a model may use.

    Parameters
    ----------
    taps : int
        Own past samples; 0: the last sample is the prediction.
    neighbours : int
        Lower channels, of which the present and the last sample are used.
    law : {"laplace", "normal", "chosen"}
        The last is, for each channel, normal or normal with a sixty-fourth of a three times wider one.
    follows : bool
        Whether the scale follows the signal, instead of one for each channel.
    widths : bool
        Whether codes have their own widths.
    """

    taps: int = 0
    neighbours: int = 0
    law: str = "laplace"
    follows: bool = False
    widths: bool = False


@dataclass(frozen=True, eq=False)
class Material:
    """Recordings of one device.

    Parameters
    ----------
    name : str
    rate : float
        Samples a second.
    recordings : list of ndarray of int, shape (n_samples,) or (n_samples, n_channels)
    others : list of ndarray
        Of the same device, from which widths are taken; empty: from the recordings themselves.
    """

    name: str
    rate: float
    recordings: list[Samples]
    others: list[Samples]


@dataclass(frozen=True, eq=False)
class Prepared:
    """A recording's codes, its floor, and the widths that models of it may use (of codes from `first`)."""

    codes: Codes
    floor: Floor
    first: int
    widths: Floats


def read(data: Path, every: int) -> list[Material]:
    """Return the materials of the data folder: every so many-th N1 file, the Neuropixels run, the tetrode."""
    files = sorted((data / "neuralink").glob("*.wav"))
    many = data / "multichannel"
    run = formats.read(many / "run-001_g0_t0.imec0.ap.bin")
    tetrode = np.fromfile(many / "locust_trial_01.raw", "<i2").reshape(-1, 4)
    n1 = [formats.read(path) for path in files[::every]]
    return [
        Material(
            "N1",
            float(n1[0].rate or 0.0),
            [one.samples for one in n1],
            [formats.read(path).samples for path in files[every // 2 :: every]],
        ),
        Material("Neuropixels 2.0", float(run.rate or 0.0), [run.samples], []),
        Material("tetrode", 15_000.0, [tetrode], []),
    ]


def prepare(material: Material) -> Iterator[Prepared]:
    """Yield the recordings with their floors; widths are of the other recordings if there are some."""
    pool: WidthCounts | None = None
    for samples in material.others:
        seen = measure(Codes.of(samples), material.rate)[1]
        if seen is not None:
            pool = seen if pool is None else pool + seen
    for samples in material.recordings:
        codes = Codes.of(samples)
        floor, seen = measure(codes, material.rate)
        known = pool or seen
        if known is None:
            yield Prepared(codes, floor, codes.lowest, np.ones(codes.highest - codes.lowest + 1))
            continue
        yield Prepared(codes, floor, known.lowest, (known.counts + TRUST) / (known.expected + TRUST))


def edges_of(one: Prepared, stages: Stages) -> Floats:
    """Return the edges of the codes from the lowest to the highest in use."""
    n_codes = one.codes.highest - one.codes.lowest + 1
    widths = np.ones(n_codes)
    if stages.widths:
        at = np.arange(n_codes) + one.codes.lowest - one.first
        known = (at >= 0) & (at < len(one.widths))
        widths[known] = one.widths[at[known]]
        widths /= widths.mean()
    return np.concatenate(([0.0], np.cumsum(widths)))


def coded_channels(one: Prepared) -> list[int]:
    """Return the channels that the floor was measured on, as columns of the codes."""
    return channels_of_floor(one.codes.codes.shape[1])


@dataclass(frozen=True, eq=False)
class Residual:
    """A channel's residuals on the axis of the edges, and the edges of each code from its prediction."""

    values: Floats
    below: Floats
    above: Floats


def residual(one: Prepared, channel: int, stages: Stages) -> Residual:
    """Return what is left of a channel after prediction."""
    edges = edges_of(one, stages)
    middles = (edges[1:] + edges[:-1]) / 2.0
    first = max(0, channel - REACH)
    places = one.codes.codes[:, first : channel + 1].astype(np.int64) - one.codes.lowest
    voltages = middles[places] - middles[places[0]]
    own = voltages[:, -1]
    start = max(stages.taps, 1)
    if not stages.taps:
        predictions = own[:-1]
    else:
        columns = [own[start - lag : len(own) - lag] for lag in range(1, stages.taps + 1)]
        for neighbour in _neighbours(voltages, stages.neighbours):
            columns += [voltages[start:, neighbour], voltages[start - 1 : -1, neighbour]]
        inputs = np.stack([*columns, np.ones(len(own) - start)], axis=1)
        gram = inputs.T @ inputs
        gram[np.diag_indices_from(gram)] += 1e-6 * np.trace(gram) / len(gram)
        predictions = inputs @ np.linalg.solve(gram, inputs.T @ own[start:])
    at = predictions + middles[places[0, -1]]
    low = edges[places[start:, -1]]
    high = edges[places[start:, -1] + 1]
    return Residual((low + high) / 2.0 - at, low - at, high - at)


def _neighbours(voltages: Floats, wanted: int) -> list[int]:
    """Return the lower channels whose innovations explain most of the last column's beyond each other."""
    if not wanted or voltages.shape[1] == 1:
        return []
    white = np.diff(voltages[:8192], axis=0)
    white = white - white.mean(axis=0)
    chosen: list[int] = []
    left, rest = white[:, -1], white[:, :-1].copy()
    for _ in range(min(wanted, rest.shape[1])):
        power = np.maximum((rest * rest).sum(axis=0), 1e-9)
        told = (left @ rest) ** 2 / power
        told[chosen] = 0.0
        best = int(np.argmax(told))
        chosen.append(best)
        unit = rest[:, best] / math.sqrt(power[best])
        left = left - unit * (unit @ left)
        rest -= np.outer(unit, unit @ rest)
    return chosen


def scales(values: Floats, follows: bool) -> Floats:
    """Return the standard deviation that each residual is coded with: that of all, or of the blocks before its own."""
    if not follows:
        return np.full(len(values), max(float(values.std()), 0.05))
    blocks = np.add.reduceat(values * values, np.arange(0, len(values), SCALE_BLOCK)) / SCALE_BLOCK
    variance = float(np.mean(values[:256] ** 2))
    found = np.empty(len(blocks))
    for i, block in enumerate(blocks.tolist()):
        found[i] = variance
        variance += (min(block, 16.0 * variance) - variance) / SCALE_MEMORY
    return np.maximum(np.sqrt(np.repeat(found, SCALE_BLOCK)[: len(values)]), 0.05)


def masses(left: Residual, stages: Stages, n_codes: int) -> Floats:
    """Return the probability of each sample's code: the law's mass between its edges, and a floor for each code."""
    sigma = scales(left.values, stages.follows)
    if stages.law == "laplace":
        # The scale that fits a Laplace law best is the mean absolute value; it follows in proportion.
        size = sigma * float(np.mean(np.abs(left.values) / sigma))
        mass = _laplace_cdf(left.above / size) - _laplace_cdf(left.below / size)
    else:
        mass = normal_cdf(left.above / sigma) - normal_cdf(left.below / sigma)
        if stages.law == "chosen":
            wide = normal_cdf(left.above / (3.0 * sigma)) - normal_cdf(left.below / (3.0 * sigma))
            heavy = _floored(mass + (wide - mass) / 64.0, n_codes)
            return max(heavy, _floored(mass, n_codes), key=lambda one: float(np.log2(one).sum()))
    return _floored(mass, n_codes)


def _floored(mass: Floats, n_codes: int) -> Floats:
    result: Floats = mass * (1.0 - n_codes / TOTAL) + 1.0 / TOTAL
    return result


def _laplace_cdf(x: Floats) -> Floats:
    tail = 0.5 * np.exp(-np.abs(x))
    return np.where(x < 0, tail, 1.0 - tail)


def bits(one: Prepared, stages: Stages) -> tuple[float, int]:
    """Return the ideal code length and the samples it is for (the first ones, which have no past, left out)."""
    n_codes = one.codes.highest - one.codes.lowest + 1
    total, samples = 0.0, 0
    for channel in coded_channels(one):
        left = residual(one, channel, stages)
        total -= float(np.log2(masses(left, stages, n_codes)).sum())
        samples += len(left.values)
    return total, samples


def ladder() -> list[tuple[str, Stages]]:
    """Return the models from the plainest to the full one, each with one stage more."""
    steps = [("last sample, Laplace law, one scale", Stages())]
    for words, changes in (
        ("+ normal law integrated between the edges", {"law": "normal"}),
        ("+ heavier tails where they pay", {"law": "chosen"}),
        ("+ 16 own taps", {"taps": 16}),
        ("+ 12 lower channels, now and last", {"neighbours": 12}),
        ("+ scale that follows the signal", {"follows": True}),
        ("+ code widths", {"widths": True}),
    ):
        steps.append((words, replace(steps[-1][1], **changes)))
    return steps


FULL: Final = ladder()[-1][1]

WITHOUT: Final = (
    ("code widths", replace(FULL, widths=False)),
    ("own taps beyond the last sample", replace(FULL, taps=1)),
    ("other channels", replace(FULL, neighbours=0)),
    ("the scale following", replace(FULL, follows=False)),
    ("heavier tails", replace(FULL, law="normal")),
    ("the normal shape (Laplace instead)", replace(FULL, law="laplace")),
)
"""The full model with one stage left out."""
