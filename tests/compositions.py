"""Signals put together at random: what no electrode gives and no list of awkward arrays thinks of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n1codec.codec import Samples

DTYPES = ("i1", "u1", "i2", "u2", "i4", "u4")
CHANNELS = (1, 1, 1, 2, 3, 4, 7, 8, 9, 16, 17, 33, 64, 70, 130)
MOST_VALUES = 400_000

Wave = NDArray[Any]
Kind = Callable[[np.random.Generator, NDArray[np.int64], float], Wave]


def composition(seed: int) -> Samples:
    """Return samples of shape (n, channels) of any integer type, that follow from the seed."""
    rng = np.random.default_rng(seed)
    dtype = np.dtype(str(rng.choice(DTYPES)))
    low, high = int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
    channels = int(rng.choice(CHANNELS))
    n = max(1, min(int(2 ** rng.uniform(0, 12.5)), MOST_VALUES // channels))
    waves: list[Wave] = []
    for _ in range(channels):
        alike = waves and rng.random() < 0.5
        wave = _like(rng, waves[int(rng.integers(len(waves)))]) if alike else _wave(rng, n, high - low)
        if not alike:
            wave = wave + _offset(rng, low, high)
        if rng.random() < 0.3:
            wave = np.mod(np.round(wave) - low, high - low + 1.0) + low
        if rng.random() < 0.2:
            step = 2 ** rng.uniform(0, 12)
            wave = np.round(wave / step) * step
        waves.append(np.clip(np.round(wave), low, high))
    samples = np.stack(waves, 1)
    if rng.random() < 0.1:
        start = int(rng.integers(n))
        samples[start:] = samples[start]
    if rng.random() < 0.1:
        samples[int(rng.integers(n))] = rng.choice([low, high])
    made: Samples = samples.astype(dtype)
    return made


def _like(rng: np.random.Generator, other: Wave) -> Wave:
    """Return something like another channel."""
    noise = rng.normal(0, 2 ** rng.uniform(-2, 8), other.size) * rng.choice([0, 0, 1])
    wave: Wave = other * rng.choice([1, 1, 0.5, 2, -1]) + noise
    return wave


def _offset(rng: np.random.Generator, low: int, high: int) -> float:
    """Return where a channel lies: in the middle of its type as often as at its ends and anywhere."""
    return float(rng.choice([(low + high) / 2, (low + high) / 2, 0.0, low, high, rng.uniform(low, high)]))


def _wave(rng: np.random.Generator, n: int, span: int) -> Wave:
    """Return a wave of one kind or several, one after the other, added or in one another's place."""
    wave = _one(rng, n, span)
    while rng.random() < 0.4:
        other, start = _one(rng, n, span), int(rng.integers(n))
        match int(rng.integers(4)):
            case 0:
                wave = wave + other
            case 1:
                wave = np.concatenate([wave[:start], other[start:]])
            case 2:
                wave = wave.copy()
                wave[start : int(rng.integers(start, n)) + 1] = other[0]
            case _:
                wave = np.where(rng.random(n) < 0.02, other, wave)
    return wave


def _one(rng: np.random.Generator, n: int, span: int) -> Wave:
    """Return a wave of one kind, of any size up to that of its type."""
    kind = KINDS[int(rng.integers(len(KINDS)))]
    size = float(2 ** rng.uniform(0, np.log2(max(span, 2))))
    return np.clip(np.asarray(kind(rng, np.arange(n), size), np.float64), -4e9, 4e9)


def _resonance(rng: np.random.Generator, time: NDArray[np.int64], size: float) -> Wave:
    """Return what two taps make of noise, stable or at the limits."""
    noise, wave = rng.normal(0, size / 10, time.size), np.empty(time.size)
    first, second, last, before = rng.uniform(-2, 2), rng.uniform(-1, 0.99), 0.0, 0.0
    for at in time:
        last, before = float(np.clip(first * last + second * before + noise[at], -size, size)), last
        wave[at] = last
    return wave


def _labels(rng: np.random.Generator, time: NDArray[np.int64], size: float) -> Wave:
    """Return a walk over few values."""
    values = np.sort(rng.normal(0, size / 3, int(rng.integers(2, 300))))
    walk: Wave = values[np.clip(np.cumsum(rng.integers(-2, 3, time.size)), 0, values.size - 1)]
    return walk


def _period(rng: np.random.Generator, time: NDArray[np.int64], size: float) -> Wave:
    """Return a period again and again, nearly or exactly."""
    period = rng.normal(0, size / 3, int(rng.integers(1, 40)))
    return np.resize(period, time.size) + rng.normal(0, rng.random(), time.size)


def _echoes(rng: np.random.Generator, time: NDArray[np.int64], size: float) -> Wave:
    """Return a table of noise that is played again and again, on levels of its own."""
    table = rng.normal(0, size / 6, int(rng.integers(40, 400)))
    levels = rng.normal(0, size / 6, int(rng.integers(1, 9)))
    wave: Wave = np.resize(table, time.size) + np.round(levels[time * levels.size // time.size])
    return np.round(wave)


KINDS: tuple[Kind, ...] = (
    lambda rng, time, size: rng.normal(0, size / 4, time.size),
    lambda rng, time, size: np.cumsum(rng.normal(0, size / 100 + 0.1, time.size)),
    lambda rng, time, size: time // int(rng.integers(1, 200)) % 2 * size,
    lambda rng, time, size: time * rng.uniform(-1, 1) * size / time.size * rng.integers(1, 50),
    lambda rng, time, size: size * np.sin(time / rng.uniform(0.3, 300)),
    lambda rng, time, size: np.where(rng.random(time.size) < 0.01, rng.normal(0, size, time.size), 0),
    lambda rng, time, size: rng.normal(0, size / 3, time.size)[time // int(rng.integers(1, 9))],
    lambda rng, time, size: rng.integers(0, 2, time.size) * size,
    lambda rng, time, size: np.full(time.size, size),
    lambda rng, time, size: rng.standard_cauchy(time.size) * size / 1000,
    lambda rng, time, size: (-1.0) ** time * size * rng.random(),
    lambda rng, time, size: (-1.0) ** (time // int(rng.integers(1, 4))) * size * np.linspace(rng.random(), 1, time.size),
    lambda rng, time, size: np.cumsum(np.cumsum(rng.normal(0, 1, time.size))),
    lambda rng, time, size: rng.uniform(-size, size, time.size),
    lambda rng, time, size: rng.choice(rng.normal(0, size, int(rng.integers(1, 20))), time.size),
    _labels,
    lambda rng, time, size: np.exp(rng.uniform(0, np.log(size + 2), time.size)) * rng.choice([-1, 1], time.size),
    lambda rng, time, size: time * int(rng.integers(1, 1 << 20)) % max(2, int(size)),
    _period,
    _echoes,
    lambda rng, time, size: rng.laplace(0, size / 8, time.size),
    _resonance,
    lambda rng, time, size: rng.normal(0, np.where(time // int(rng.integers(5, 500)) % 2, size / 4, 1), time.size),
)  # fmt: skip
