"""Promises of n1 on what repeats but for an offset: stimuli and tables on steps and drifts cost little more than once."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from n1codec import _core
from n1codec.codec import Samples

DTYPES = ("i1", "u1", "i2", "u2", "i4", "u4")
ECHO = 8


def coded(samples: Samples, level: int) -> bytes:
    """Return a block, once it has come back."""
    channels = samples.shape[1] if samples.ndim == 2 else 1
    signed = samples.dtype.kind == "i"
    data = _core.n1_encode(samples, samples.itemsize, signed, channels, level)
    back = np.full_like(samples, 77)
    assert _core.n1_decode(data, back, samples.itemsize, signed, channels) == len(samples)
    assert np.array_equal(back, samples)
    return bytes(data)


def table(dtype: str, frames: int, channels: int, seed: int = 5) -> Samples:
    """Return noise that is as wide as a fortieth of its type."""
    info = np.iinfo(dtype)
    wide = (int(info.max) - int(info.min)) / 40
    once: Samples = np.random.default_rng(seed).normal(0, wide, (frames, channels)).round()
    return once


def around(dtype: str, wave: Samples) -> Samples:
    info = np.iinfo(dtype)
    array: Samples = np.clip(wave.round() + (int(info.min) + int(info.max) + 1) // 2, info.min, info.max).astype(dtype)
    return array


@pytest.mark.parametrize("level", [1, 5, 9])
@pytest.mark.parametrize("channels", [1, 4, 40])
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_table_on_steps_costs_what_it_holds_once(dtype: str, channels: int, level: int) -> None:
    """Every channel steps by itself, at times of its own."""
    once = table(dtype, 700, channels)
    rng = np.random.default_rng(channels)
    steps = np.zeros((7000, channels))
    for channel in range(channels):
        steps[rng.integers(0, 7000, 5), channel] = rng.normal(0, once.std(), 5).round()
    samples = around(dtype, np.resize(once, (7000, channels)) + np.cumsum(steps, axis=0))
    data = coded(samples, level)
    assert data[0] == ECHO
    assert len(data) < 1.5 * len(coded(np.ascontiguousarray(samples[:700]), level)) + 40 * channels


@pytest.mark.parametrize("level", [1, 5, 9])
@pytest.mark.parametrize("what", ["drift", "relaxing"])
def test_a_table_on_what_moves_costs_little_more(what: str, level: int) -> None:
    """Slow drifts, and membranes that follow a step: they are coded by themselves, without the table."""
    time = np.arange(20_000)
    moving = {"drift": time / 90, "relaxing": 4000 * np.exp(-(time % 5000) / 300.0)}[what]
    samples = around("i2", np.resize(table("i2", 1500, 1), (20_000, 1)) + moving[:, None].round())
    assert len(coded(samples, level)) < 1.5 * len(coded(samples[:1500], level))


@pytest.mark.parametrize("channels", [9, 70])
def test_channels_of_their_own_do_not_stop_the_others(channels: int) -> None:
    once, steps = table("i2", 600, channels), np.repeat(np.arange(12), 500)[:, None] * 31
    samples = np.resize(once, (6000, channels)) + steps
    samples[:, 1] = table("i2", 6000, 1, 6)[:, 0]
    data = coded(around("i2", samples), 5)
    alone = coded(around("i2", samples[:, 1:2]), 5)
    assert data[0] == ECHO
    assert len(data) < 1.3 * (len(coded(around("i2", samples[:600]), 5)) + len(alone))


@pytest.mark.parametrize("level", [1, 5])
def test_what_does_not_echo_is_said_as_before(level: int) -> None:
    """Noise, what repeats exactly, ramps, square and triangle waves, sines between samples."""
    time = np.arange(20_000)
    noise = np.random.default_rng(2).normal(0, 300, 20_000)
    for wave in (
        noise,
        np.resize(noise[:900], 20_000),
        time * 3 % 20_000,
        time // 130 % 2 * 900,
        np.abs(time % 400 - 200),
        1000 * np.sin(time / 16.77),
        np.repeat(noise[:100], 200),
    ):
        assert coded(np.round(wave).astype("i2"), level)[0] != ECHO


def test_no_level_is_larger_than_a_lower_one() -> None:
    samples = around("i2", np.resize(table("i2", 900, 2), (12_000, 2)) + np.repeat(np.arange(10), 1200)[:, None] * 77)
    sizes = [len(coded(samples, level)) for level in range(1, 10)]
    assert all(higher <= 1.001 * lower for lower, higher in pairwise(sizes))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("channels", [1, 3, 40])
def test_echoes_of_any_length_come_back(dtype: str, channels: int) -> None:
    rng = np.random.default_rng(channels)
    echoes = 0
    for _ in range(30):
        frames = int(rng.integers(300, 4000))
        samples = np.resize(
            table(dtype, int(rng.integers(64, frames)), channels, int(rng.integers(99))), (frames, channels)
        )
        for _ in range(int(rng.integers(5))):
            samples[int(rng.integers(frames)) :] += np.round(rng.normal(0, samples.std(), channels)) * rng.integers(
                0, 2, channels
            )
        echoes += coded(around(dtype, samples), 1)[0] == ECHO
    assert echoes
