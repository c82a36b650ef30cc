"""The n1 encoder chooses well where recordings differ from those that its levels were made for."""

from __future__ import annotations

import numpy as np
import pytest

from n1codec.codec import Layout, Samples
from n1codec.codecs.n1 import N1


def rounded(voltage: np.ndarray, dtype: str = "i2") -> Samples:
    return np.ascontiguousarray(np.rint(voltage).astype(dtype))


def size(samples: Samples, level: int) -> int:
    """Return the bytes of a payload that gives the samples back."""
    payload = N1(level).encode(samples)
    assert np.array_equal(N1().decode(payload, Layout.of(samples)), samples)
    return len(payload)


def filtered_noise(n_samples: int, n_channels: int, seed: int = 0) -> np.ndarray:
    """Return noise whose next sample needs a long past: an amplifier's sharp low-pass filter, of unit variance."""
    white = np.random.default_rng(seed).normal(size=(n_samples + 64, n_channels))
    delay = np.arange(-32, 33)
    kernel = np.sinc(delay / 3.0) * np.hamming(65)
    noise = np.apply_along_axis(lambda x: np.convolve(x, kernel, "valid"), 0, white)
    return np.asarray(noise / noise.std(), np.float64)


@pytest.mark.parametrize("level", [4, 5, 6, 7, 9])
def test_many_filtered_channels_take_no_more_at_a_higher_level(level: int) -> None:
    samples = rounded(12 * filtered_noise(6000, 8) + np.random.default_rng(1).normal(size=(6000, 8)))
    assert size(samples, level) <= 1.002 * size(samples, 3)


@pytest.mark.parametrize("level", [1, 5, 9])
def test_channels_of_different_gain_cost_what_they_cost_alone(level: int) -> None:
    codes = rounded(9 * filtered_noise(6000, 4))
    samples = codes * np.array([3, 10, 16, 25], "i2")
    assert size(samples, level) < 1.01 * size(codes, level)


@pytest.mark.parametrize("level", [1, 3, 7])
def test_channels_far_apart_cost_little_more(level: int) -> None:
    noise = rounded(20 * filtered_noise(6000, 6), "i4")
    samples = noise + np.array([-900_000, 70_000, 250_000, -300_000, 0, 640_000], "i4")
    assert size(samples, level) < 1.02 * size(noise, level)


@pytest.mark.parametrize(("level", "share"), [(1, 1.12), (3, 1.08), (5, 1.08)])
def test_a_swing_that_dwarfs_the_noise_costs_little(level: int, share: float) -> None:
    t = np.arange(60_000)
    noise = np.random.default_rng(2).normal(0, 6, t.size)
    swing = 12_000 * np.sin(t / 2000) + 4_000 * np.sin(t / 311 + 1)
    assert size(rounded(noise + swing), level) < share * size(rounded(noise), level)


@pytest.mark.parametrize("level", [1, 3, 5])
def test_coefficients_of_a_short_recording_earn_their_bits(level: int) -> None:
    noise = np.random.default_rng(3).normal(0, 4, (400, 64))
    entropy = (0.5 * np.log2(2 * np.pi * np.e) + 2) * noise.size / 8
    assert size(rounded(noise), level) < 1.06 * entropy


@pytest.mark.parametrize("level", [1, 3, 5, 9])
def test_values_sparse_in_32_bits_come_back(level: int) -> None:
    """Few values at distances far beyond 65536: what a 16-bit recording is when kept in the upper half of 32 bits."""
    random = np.random.default_rng(1)
    upper = random.normal(0, 30, 20_000).astype(np.int16).astype(np.int32) << 16
    wide = random.choice(np.array([-(2**31), -(2**31) + 70_000, -(2**31) + 70_000 * 60_000]), 20_000).astype(np.int32)
    assert size(upper, level) < upper.nbytes / 4
    assert size(wide, level) < wide.nbytes / 8


@pytest.mark.parametrize("level", [2, 3, 5, 6, 9])
@pytest.mark.parametrize(("frames", "channels"), [(20_000, 1), (6000, 4), (2000, 100)])
@pytest.mark.parametrize("values", [3, 5])
def test_few_values_at_random_cost_their_entropy(values: int, frames: int, channels: int, level: int) -> None:
    """Their scale says less than what they cost: they are no plain numbers of so many bits."""
    samples = (np.random.default_rng(values).integers(0, values, (frames, channels)) * 40).astype("u1")
    least = np.log2(values) * samples.size / 8
    assert size(samples, level) < 1.01 * least + 40 + 14 * channels
