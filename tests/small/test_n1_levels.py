"""Promise: a higher level of n1 is never larger than a lower one, on the recordings that it was made for.

``scripts/check_levels.py`` says so of whole folders.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import n1codec
from conftest import SHARED
from n1codec import formats
from n1codec.codec import Samples

WORST = 1.0005
"""Most that a level may take of what the smallest lower one takes: the search for a scale looks at a part of the samples."""


def locust() -> Samples:
    path = SHARED / "multichannel" / "locust_trial_01.raw"
    if not path.is_file():
        pytest.skip(f"real recordings are not here: no {path}")
    return formats.read(path, dtype="int16", channels=4, rate=15000.0).samples


def probe() -> Samples:
    path = SHARED / "multichannel" / "run-001_g0_t0.imec0.ap.bin"
    if not path.is_file():
        pytest.skip(f"real recordings are not here: no {path}")
    return formats.read(path).samples


def check(samples: Samples, levels: range) -> None:
    sizes = {level: len(n1codec.get(f"n1:level={level}").encode(samples)) for level in levels}
    least = sizes[levels[0]]
    for level, size in sizes.items():
        assert size <= least * WORST, f"level {level}: {sizes}"
        least = min(least, size)


def test_on_one_channel(neuralink_files: list[Path]) -> None:
    for path in neuralink_files:
        check(formats.read(path).samples, range(1, 7))


def test_on_one_channel_at_the_mixed_levels(neuralink_files: list[Path]) -> None:
    for path in neuralink_files[:3]:
        check(formats.read(path).samples[:30000], range(1, 10))


def test_on_a_tetrode() -> None:
    samples = locust()
    check(samples, range(1, 7))
    check(samples[:20000], range(1, 10))


def test_on_a_probe() -> None:
    check(probe(), range(1, 7))


@pytest.mark.parametrize("divisor", [3, 5, 11, 16])
@pytest.mark.parametrize("channels", [385, 32])
def test_on_coarse_probes(divisor: int, channels: int) -> None:
    """A converter's coarse steps are no uneven widths: what a level decides by a part of a block holds for all of it."""
    samples = np.ascontiguousarray(probe()[:3000, :channels])
    check((samples + divisor // 2) // divisor, range(3, 7))


@pytest.mark.parametrize("frames", [600, 2400])
def test_on_short_blocks_of_a_probe(frames: int) -> None:
    check(np.ascontiguousarray(probe()[:frames]), range(4, 10))


@pytest.mark.parametrize("channel", [10, 100, 200, 300])
def test_on_one_channel_of_a_probe(channel: int) -> None:
    check(np.ascontiguousarray(probe()[:, channel]), range(1, 10))


@pytest.mark.parametrize("channels", [None, 3, 24])
def test_short_arrays_are_no_larger_at_a_higher_level(channels: int | None) -> None:
    """The levels' table holds for blocks that the adaptive modes do not take, too."""
    rng = np.random.default_rng(5)
    shape = (400,) if channels is None else (400, channels)
    samples = np.cumsum(rng.normal(0, 9, shape), axis=0).astype(np.int16)
    sizes = [len(n1codec.get(f"n1:level={level}").encode(samples)) for level in range(1, 10)]
    assert max(sizes[4:]) <= 1.01 * min(sizes[:4])


def electrodes_on_a_head(seed: int, channels: int, frames: int) -> Samples:
    """Sources that move slowly, seen from places all over: which channels are alike has nothing to do with their numbers."""
    rng = np.random.default_rng(seed)
    sources = np.cumsum(rng.normal(size=(frames, 24)), axis=0)
    sources -= np.linspace(0, 1, frames)[:, None] * sources[-1]
    places, origins = rng.random((channels, 1, 2)), rng.random((1, 24, 2))
    weights = np.exp(-20 * ((places - origins) ** 2).sum(axis=2))
    samples: Samples = np.round(8 * sources @ weights.T + rng.normal(0, 1.5, (frames, channels))).astype(np.int16)
    return samples


@pytest.mark.parametrize(("channels", "frames"), [(128, 3000), (64, 6000), (200, 600), (96, 12000)])
def test_on_electrodes_whose_neighbours_are_anywhere(channels: int, frames: int) -> None:
    check(electrodes_on_a_head(channels, channels, frames), range(2, 10))


def test_on_one_channel_of_few_bits_at_the_mixed_levels() -> None:
    rng = np.random.default_rng(1)
    noise, samples = rng.normal(0, 6, 70000), np.zeros(70000)
    for t in range(2, len(samples)):
        samples[t] = 1.6 * samples[t - 1] - 0.65 * samples[t - 2] + noise[t]
    check(np.round(np.clip(samples, -128, 127)).astype(np.int8), range(5, 10))
