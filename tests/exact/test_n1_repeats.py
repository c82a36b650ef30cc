"""Promises of n1 on frames that repeat one: what stores pad, stimuli blank and amplifiers hold costs next to nothing."""

from __future__ import annotations

import numpy as np
import pytest

import n1codec
from n1codec.codec import Samples

DTYPES = ("i1", "u1", "i2", "u2", "i4", "u4")


def walk(dtype: str, frames: int, channels: int, seed: int = 3) -> Samples:
    """Return what electrodes give, on offsets of their own that come near the ends of a type."""
    info = np.iinfo(dtype)
    rng = np.random.default_rng(seed)
    reach = min(float(info.max), 4e6)
    noise = rng.normal(0, max(3.0, reach / 3000), (frames, channels)) + rng.normal(0, reach / 3000, (frames, 1))
    smooth = np.convolve(noise.ravel(order="F"), [0.4, 0.3, 0.2, 0.1], "same").reshape(frames, channels, order="F")
    array: Samples = np.clip(np.round(smooth + rng.uniform(0, 0.9 * reach, channels)), info.min, info.max).astype(dtype)
    return array


def size(samples: Samples, level: int) -> int:
    """Return the bytes, once they have come back."""
    codec = n1codec.get(f"n1:level={level}")
    data = codec.encode(samples)
    back = codec.decode(data)
    assert back.dtype == samples.dtype
    assert np.array_equal(back, samples)
    return len(data)


@pytest.mark.parametrize("level", [1, 5, 9])
@pytest.mark.parametrize(("frames", "channels"), [(4000, 1), (2000, 8), (800, 73)])
@pytest.mark.parametrize("dtype", ["i2", "i4"])
def test_half_as_many_zeros_again_cost_next_to_nothing(dtype: str, frames: int, channels: int, level: int) -> None:
    """Whatever offset channels have, and however short a recording is."""
    plain = walk(dtype, frames, channels)
    padded = np.concatenate([plain, np.zeros((frames // 2, channels), dtype)])
    assert size(padded, level) < 1.002 * size(plain, level) + 12


@pytest.mark.parametrize("level", [1, 5])
@pytest.mark.parametrize(("frames", "channels"), [(8000, 1), (3000, 8), (800, 73)])
@pytest.mark.parametrize("kind", ["blanked", "held", "rails", "front"])
def test_stretches_of_one_frame_cost_next_to_nothing(kind: str, frames: int, channels: int, level: int) -> None:
    plain = walk("i4", frames, channels)
    parts = np.array_split(plain, 3)
    blank = np.zeros((700, channels), "i4")
    rail = np.full((700, channels), np.iinfo("i4").max)
    with_them = {
        "blanked": [parts[0], blank, parts[1], blank, parts[2]],
        "held": [parts[0], np.repeat(parts[0][-1:], 700, 0), parts[1], np.repeat(parts[1][-1:], 700, 0), parts[2]],
        "rails": [parts[0], rail, parts[1], rail, parts[2]],
        "front": [blank, plain],
    }[kind]
    assert size(np.concatenate(with_them).astype("i4"), level) < 1.008 * size(plain, level) + 16


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("channels", [1, 3, 40])
def test_runs_of_any_length_anywhere_come_back(dtype: str, channels: int) -> None:
    rng = np.random.default_rng(channels)
    for _ in range(40):
        frames = int(rng.integers(1, 1500))
        samples = walk(dtype, frames, channels, int(rng.integers(99)))
        for _ in range(int(rng.integers(5))):
            at, length = int(rng.integers(frames)), int(rng.integers(1, 700))
            samples[at : at + length] = rng.choice([0, 1]) * samples[rng.integers(frames)]
        size(samples, 1)


@pytest.mark.parametrize("level", [1, 5])
@pytest.mark.parametrize("period", [130, 600, 2000])
def test_steps_that_others_modes_know_are_not_said_one_by_one(level: int, period: int) -> None:
    """A square wave of 100,000 frames: contexts take less for all of its steps than a head would."""
    wave = np.where(np.arange(100_000) // period % 2, -20000, 20000).astype("i2")
    assert 8 * size(wave, level) / wave.size < 0.02
