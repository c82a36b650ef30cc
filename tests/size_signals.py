"""A fixed set of synthetic signals, from integers alone: the same samples on every machine and with every NumPy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from n1codec import synth
from n1codec.codec import Samples

STEPS = 6364136223846793005
"""Multiplier of the generator: D. Knuth's MMIX, modulo 2^64."""


def words(count: int, seed: int) -> NDArray[np.int64]:
    """Return integers of 0 .. 2^16 - 1, uniform, from a linear congruential generator."""
    state = seed * 2 + 1
    values = np.empty(count, np.int64)
    for at in range(count):
        state = (state * STEPS + 1442695040888963407) % (1 << 64)
        values[at] = state >> 48
    return values


def noise(count: int, seed: int, scale: int) -> NDArray[np.int64]:
    """Return integers that are near normal: sums of four uniform ones, with a deviation of about `scale`."""
    sums: NDArray[np.int64] = words(4 * count, seed).reshape(count, 4).sum(axis=1) - 2 * 65535
    return sums * scale // 37837


def _walk(shape: tuple[int, ...], seed: int, scale: int, pull: int) -> NDArray[np.int64]:
    """Return noise that remembers: each sample keeps ``1 - 1 / pull`` of the one before."""
    steps = noise(int(np.prod(shape)), seed, scale).reshape(shape)
    values = np.zeros(shape, np.int64)
    for at in range(1, len(values)):
        values[at] = values[at - 1] - values[at - 1] // pull + steps[at]
    return values


def _probe(frames: int, channels: int) -> Samples:
    """Return channels that share a field with their neighbours, with offsets of their own."""
    shared = _walk((frames, 4), 11, 9, 16)
    own = noise(frames * channels, 12, 8).reshape(frames, channels)
    which = np.arange(channels)
    values: NDArray[np.int64] = shared[:, which % 4] + shared[:, (which + 1) % 4] // 2 + own + which * 3
    return values.astype(np.int16)


def _steps() -> Samples:
    levels = np.repeat(words(20, 21) // 16, 400)
    return (levels + noise(8000, 22, 3)).astype(np.int16)


def _blanked() -> Samples:
    values = _walk((6000,), 31, 12, 20)
    values[4000:] = 0
    return values.astype(np.int16)


SIGNALS: dict[str, Callable[[], Samples]] = {
    "n1-like": lambda: synth.recording(seconds=1.0, seed=3),
    "n1-like x4": lambda: synth.recording(seconds=0.25, channels=4, seed=4),
    "probe x24": lambda: _probe(1200, 24),
    "walk": lambda: _walk((8000,), 1, 20, 64).astype(np.int16),
    "gain of 7": lambda: (_walk((6000, 2), 2, 6, 12) * 7 + 3).astype(np.int16),
    "24 bits x3": lambda: (_walk((1500, 3), 3, 4000, 400) * 31).astype(np.int32),
    "white noise": lambda: noise(4000, 4, 300).astype(np.int16),
    "uniform bytes": lambda: (words(3000, 5) >> 8).astype(np.uint8),
    "few values": lambda: (words(6000, 6) % 97 % 5 // 3).astype(np.uint8),
    "steps": _steps,
    "blanked": _blanked,
    "ramp": lambda: (np.arange(5000) * 13 % 30011).astype(np.uint16),
    "constant": lambda: np.full((2000, 3), -5, np.int16),
    "short x5": lambda: _walk((60, 5), 7, 15, 10).astype(np.int16),
}
"""By name; each small, and of a kind that a codec may gain or lose on."""
