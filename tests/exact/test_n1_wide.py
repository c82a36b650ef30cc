"""Promises of the n1 coder's wide mode: any number of channels comes back, alike on every kernel, and any bytes are safe."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from test_n1 import KERNELS, decode, encode, outcome

from arrays import same
from n1codec.codec import Samples

MODE_WIDE = 6
SHAPES = [(544, 64), (513, 65), (600, 95), (530, 96), (515, 129), (520, 255), (512, 256), (545, 385)]
"""Rows of 8 lanes, of 16 and 32, whole and not; the last interval whole and not."""


@cache
def recording(n_samples: int, n_channels: int) -> Samples:
    """Return channels that have something in common with those near them, and a few outliers."""
    rng = np.random.default_rng(n_channels)
    noise = rng.normal(0, 20, (n_samples, n_channels + 3))
    shared = noise[:, 3:] + 0.8 * noise[:, 2:-1] + 0.5 * noise[:, :-3]
    value = np.zeros_like(shared)
    for frame in range(1, n_samples):
        value[frame] = 0.9 * value[frame - 1] + shared[frame]
    value[100, ::7] += 900
    array: Samples = np.round(value + np.arange(n_channels)).astype("i2")
    return array


@cache
def payload(n_samples: int, n_channels: int, level: int = 5) -> bytes:
    return encode(recording(n_samples, n_channels), level, "portable")


def result(data: bytes, like: Samples, kernel: str) -> bytes | str:
    """Return the samples or the error's text."""
    return outcome(lambda: decode(data, like, kernel))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_every_kernel_gives_the_same_bytes_and_samples(shape: tuple[int, int]) -> None:
    samples = recording(*shape)
    assert payload(*shape)[0] == MODE_WIDE
    for kernel in KERNELS:
        assert encode(samples, 5, kernel) == payload(*shape)
        assert same(decode(payload(*shape), samples, kernel), samples)


@pytest.mark.parametrize("level", [4, 6, 7, 8, 9])
def test_every_level_comes_back(level: int) -> None:
    samples = recording(2100, 70)
    data = payload(2100, 70, level)
    assert data[0] == MODE_WIDE
    for kernel in KERNELS:
        assert same(decode(data, samples, kernel), samples)


def test_channels_unlike_the_others_are_coded_beside() -> None:
    samples = recording(600, 80).copy()
    samples[:, 5] = -3
    samples[:, 40] = np.arange(600) % 2 * 16384
    data = encode(samples, 5, KERNELS[-1])
    assert data[0] == MODE_WIDE
    assert all(same(decode(data, samples, kernel), samples) for kernel in KERNELS)


@pytest.mark.parametrize("channels", [64, 80, 96, 97, 112])
def test_dead_channels_take_no_memory_that_was_not_measured(channels: int) -> None:
    """A row fewer or a lane more: fewer channels may need more than all of them."""
    for dead in (1, 3, 17):
        samples = recording(9000, channels).copy()
        samples[:, -dead:] = 0
        for level in (4, 5):
            assert same(decode(encode(samples, level, KERNELS[-1]), samples, KERNELS[-1]), samples)


@pytest.mark.parametrize("kind", ["zero but one", "full scale", "two values", "silence then noise"])
def test_extreme_signals_come_back(kind: str) -> None:
    rng = np.random.default_rng(3)
    samples = np.zeros((700, 72), "i2")
    if kind == "zero but one":
        samples[rng.integers(0, 700, 72), np.arange(72)] = 9
    elif kind == "full scale":
        samples[:] = rng.integers(-2048, 2048, samples.shape)
    elif kind == "two values":
        samples[:] = rng.integers(0, 2, samples.shape) * 4095
    else:
        samples[400:] = rng.normal(0, 500, (300, 72))
    for kernel in KERNELS:
        for level in (4, 9):
            assert same(decode(encode(samples, level, kernel), samples, kernel), samples)


@pytest.mark.parametrize("lanes", [9, 24, 33])
def test_codes_far_wider_than_the_mean_come_back(lanes: int) -> None:
    """Most channels use a tenth of the values: a learned code is then many times as wide as those beside it."""
    rng = np.random.default_rng(5)
    source = rng.normal(0, 4, (2600, 8 * lanes + 2))
    smooth = source[:, :-2] + source[:, 1:-1] + source[:, 2:]
    samples = (10 * np.round(smooth)).astype("i2")
    samples[:, ::9] = np.round(10 * smooth[:, ::9])
    data = encode(samples, 5, "portable")
    assert data[0] == MODE_WIDE
    for kernel in KERNELS:
        assert same(decode(data, samples, kernel), samples)


def test_damaged_blocks_end_alike_on_every_kernel() -> None:
    rng = np.random.default_rng(8)
    samples, good = recording(530, 96), payload(530, 96)
    refused = 0
    for _ in range(60):
        spoiled = bytearray(good)
        at = int(rng.integers(300 if rng.random() < 0.6 else len(good)))
        if rng.random() < 0.2:
            del spoiled[at:]
        else:
            spoiled[at] ^= 1 << int(rng.integers(8))
        results = {result(bytes(spoiled), samples, kernel) for kernel in KERNELS}
        assert len(results) == 1
        refused += isinstance(results.pop(), str)
    assert refused > 50  # else damage was not met


@cache
def columns(n_samples: int, n_channels: int) -> Samples:
    """Return channels in two columns: what a channel shares, it shares with those of its own column."""
    rng = np.random.default_rng(5)
    noise = rng.normal(0, 20, (n_samples, n_channels + 8))
    value = np.zeros((n_samples, n_channels))
    for distance, part in ((0, 1.0), (2, 0.8), (4, 0.6), (6, 0.5)):
        value += part * noise[:, distance : distance + n_channels]
    array: Samples = np.round(value).astype("i2")
    return array


def test_a_short_block_costs_little_more_than_its_part_of_a_long_one() -> None:
    """What a channel shows by chance in 600 frames, all lanes of its row do not; and taps that are alike cost little."""
    few, many = encode(columns(600, 128), 9, KERNELS[-1]), encode(columns(9600, 128), 9, KERNELS[-1])
    assert few[0] == many[0] == MODE_WIDE
    assert len(few) < 1.0115 * len(many) / 16


def test_narrow_codes_have_the_mass_that_their_width_is_worth() -> None:
    """A converter whose codes are of many widths, the narrowest a tenth of the mean, and noise of 40 codes."""
    rng = np.random.default_rng(9)
    width = np.where(np.arange(512) % 2, 1.9, 0.1)
    noise = rng.normal(256, 40, (6000, 64))
    codes = np.clip(np.searchsorted(np.cumsum(width), noise), 0, 511).astype("i2")
    seen = np.bincount(codes.ravel(), minlength=512) / codes.size
    entropy = -np.sum(seen[seen > 0] * np.log2(seen[seen > 0]))
    data = encode(codes, 5, KERNELS[-1])
    assert data[0] == MODE_WIDE
    assert len(data) * 8 / codes.size < 1.015 * entropy


def test_bits_that_are_stored_as_they_are_count_where_modes_are_compared() -> None:
    """Noise that all channels share: the forward mode predicts its last bit, too, which the wide mode stores."""
    rng = np.random.default_rng(28)
    shared = np.convolve(rng.uniform(-8, 8, 3015), np.arange(12, 0, -1), "valid")
    own = rng.normal(0, 7, (3004, 67))
    for t in range(1, len(own)):
        own[t] += own[t - 1] * 0.94
    noise = np.stack([own[:3000, c] + shared[c % 2 : c % 2 + 3000] for c in range(67)], axis=1).round().astype("i2")
    sizes = [len(encode(noise, level, KERNELS[-1])) for level in (3, 4, 5, 9)]
    assert max(sizes[1:]) <= 1.001 * sizes[0]
