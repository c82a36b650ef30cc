"""Promises of n1 on frames that come again: padded, blanked, held, generated or looped, they cost next to nothing."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import zstandard

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
    """A square wave of 100,000 frames: other modes take less for all of its steps than a head would."""
    wave = np.where(np.arange(100_000) // period % 2, -20000, 20000).astype("i2")
    assert 8 * size(wave, level) / wave.size < 0.02


FRAMES = 60_000


def loops() -> dict[str, Samples]:
    """Return signals that begin again: of generators and simulators, looped files, buffers that a driver gives twice."""
    rng = np.random.default_rng(1)
    noise = np.round(rng.normal(0, 100, (1000, 4))).astype("i2")
    half = np.round(rng.normal(0, 20, FRAMES // 2)).astype("i2")
    pulse = np.round(300 * np.exp(-(((np.arange(300) - 150) / 20) ** 2))).astype("i2")
    rest = [np.zeros(at, "i2") for at in rng.integers(10, 120, 140)]
    period = np.tile(noise[:, 0], FRAMES // 1000)
    period[rng.integers(0, FRAMES, 40)] += 1
    time = np.arange(FRAMES)
    return {
        "tile of 1000": np.tile(noise[:, 0], FRAMES // 1000),
        "tile of 97": np.tile(noise[:97, 0], 619)[:FRAMES],
        "tile of 1000, four channels": np.tile(noise, (FRAMES // 1000, 1)),
        "tile with errors": period,
        "sine": np.round(1000 * np.sin(2 * np.pi * time / 97)).astype("i2"),
        "sine between samples": np.round(1000 * np.sin(2 * np.pi * time / 97.3)).astype("i2"),
        "two halves": np.concatenate([half, half]),
        "begun again at the end": np.concatenate([half, half[: FRAMES // 6]]),
        "buffers twice": np.repeat(half[:29696].reshape(29, 1024), 2, axis=0).ravel(),
        "beats": np.concatenate([part for gap in rest for part in (pulse, gap)]),
        "bytes": np.tile(noise[:, 0] // 8, FRAMES // 1000).astype("i1"),
        "words": np.tile(noise[:, 0].astype("i4") * 70001, FRAMES // 1000),
    }


@pytest.mark.parametrize("what", loops())
def test_what_begins_again_costs_no_more_than_zstd_takes(what: str) -> None:
    samples = loops()[what]
    sizes = [size(samples, level) for level in (1, 5, 9)]
    assert max(sizes) <= 1.05 * len(zstandard.ZstdCompressor(3).compress(samples.tobytes())) + 32
    assert all(higher <= 1.001 * lower for lower, higher in pairwise(sizes))


@pytest.mark.parametrize("level", [1, 5])
@pytest.mark.parametrize(("frames", "channels"), [(3000, 1), (2000, 3), (1500, 8), (700, 73)])
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_loop_costs_what_it_holds_once(dtype: str, frames: int, channels: int, level: int) -> None:
    once = walk(dtype, frames, channels)
    assert size(np.concatenate([once, once, once[: frames // 3]]), level) <= 1.001 * size(once, level) + 16


@pytest.mark.parametrize("level", [1, 5])
def test_copies_among_noise_make_nothing_larger(level: int) -> None:
    """However short and many they are: each is a seam behind which a mode finds its way again."""
    for channels, length in ((1, 300), (1, 2000), (9, 70), (40, 64)):
        samples = walk("i2", 24_000 // channels + 2000, channels)
        plain = size(samples, level)
        rng = np.random.default_rng(length)
        for at in rng.integers(len(samples) // 2, len(samples) - length, 6):
            samples[at : at + length] = samples[at - 900 : at - 900 + length]
        assert size(samples, level) <= 1.001 * plain + 16


@pytest.mark.parametrize("level", [1, 9])
def test_few_values_are_not_said_as_copies(level: int) -> None:
    """Other modes take less for rare events and beats than a head that says what lies between them."""
    rng = np.random.default_rng(5)
    rare = np.zeros(50_000, "i1")
    rare[rng.integers(0, rare.size, 150)] = 1
    phase = np.arange(50_000) % 800 - 400
    beats = np.round(30 * np.exp(-((phase / 15) ** 2)) + rng.normal(0, 0.1, phase.size)).astype("i1")
    assert 8 * size(rare, level) / rare.size < 0.05
    assert 8 * size(beats, level) / beats.size < 0.11


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("channels", [1, 3, 40])
def test_copies_of_any_length_anywhere_come_back(dtype: str, channels: int) -> None:
    rng = np.random.default_rng(channels)
    for _ in range(30):
        frames = int(rng.integers(300, 3000))
        samples = np.tile(walk(dtype, int(rng.integers(1, frames)), channels, int(rng.integers(99))), (3, 1))[-frames:]
        for _ in range(int(rng.integers(5))):
            at, length = int(rng.integers(len(samples))), int(rng.integers(1, 700))
            there = int(rng.integers(at + 1))
            samples[at : at + length] = samples[there : there + len(samples[at : at + length])].copy()
            samples[int(rng.integers(len(samples)))] ^= 1
            samples[there : there + int(rng.integers(300))] *= int(rng.integers(2))
        size(samples, 1)
