"""Promises of n1 on what no electrode gives: everything comes back, and what is simple is nearly free."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import n1codec
from n1codec.codec import Samples
from n1codec.codecs.n1 import N1 as Coder

DTYPES = ("int8", "uint8", "int16", "uint16", "int32", "uint32")
N1 = n1codec.get("n1:level=5")
FRAMES = 20_000
MODE_FORWARD = 1


def clipped(values: Any, dtype: str) -> Samples:
    """Return rounded values, moved into the middle of the type and cut where it ends."""
    info = np.iinfo(dtype)
    middle = (int(info.max) + int(info.min) + 1) // 2
    array: Samples = np.clip(np.round(np.asarray(values, np.float64)) + middle, info.min, info.max).astype(dtype)
    return array


def bits(samples: Samples) -> float:
    """Return bits a sample, once they have come back."""
    data = N1.encode(samples)
    back = N1.decode(data)
    assert back.dtype == samples.dtype
    assert np.array_equal(back, samples)
    return 8 * len(data) / samples.size


def noise(scale: float, frames: int = FRAMES, channels: int | None = None, seed: int = 1) -> Any:
    shape = frames if channels is None else (frames, channels)
    return np.random.default_rng(seed).normal(0, scale, shape)


def jumps(frames: int, channels: int, reach: float, seed: int) -> Any:
    """Return noise that jumps, drifts, rests and ends at rails."""
    rng = np.random.default_rng(seed)
    value = rng.normal(0, reach / 1000 + 1, (frames, channels))
    value += np.repeat(rng.uniform(-reach, reach, (5, channels)), -(-frames // 5), axis=0)[:frames]
    value[frames // 3 : frames // 2] = value[frames // 3]
    value[frames * 4 // 5 :] = reach * 10
    value[:, rng.integers(channels)] = 3
    return value


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("channels", [1, 2, 3, 7, 8, 17, 40])
def test_jumps_drifts_and_rails_come_back_of_every_type_and_many_channels(dtype: str, channels: int) -> None:
    reach = float(np.iinfo(dtype).max) / 3
    for frames in (1, 31, 32, 300, 1500):
        bits(clipped(jumps(frames, channels, reach, channels), dtype))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("end", ["lowest", "highest"])
def test_samples_near_the_ends_of_a_type_come_back(dtype: str, end: str) -> None:
    info = np.iinfo(dtype)
    away = np.abs(np.round(noise(3, 3000))).astype(np.int64)
    values = info.min + away if end == "lowest" else info.max - away
    cost = bits(values.astype(dtype))
    assert cost < 3.6
    values[1500] = info.max if end == "lowest" else info.min
    assert bits(values.astype(dtype)) < cost + 0.2


@pytest.mark.parametrize("dtype", DTYPES)
def test_both_ends_of_a_type_by_turns_are_nearly_free(dtype: str) -> None:
    info = np.iinfo(dtype)
    wave = np.where(np.arange(FRAMES) // 50 % 2, info.max, info.min).astype(dtype)
    assert bits(wave) < 0.1


SIMPLE: dict[str, Callable[[], Samples]] = {
    "a ramp over 24 bits": lambda: (np.arange(FRAMES) * 800 - (1 << 23)).astype("i4"),
    "a ramp down": lambda: (-np.arange(FRAMES) * 3).astype("i4"),
    "a counter": lambda: np.arange(FRAMES, dtype="u4"),
    "a counter that wraps": lambda: (np.arange(FRAMES) % 65536 * 7).astype("u2"),
    "a counter of few values": lambda: (np.arange(FRAMES) % 256).astype("u1"),
    "a square wave": lambda: np.where(np.arange(FRAMES) // 100 % 2, 30_000, -30_000).astype("i2"),
    "a square wave over 24 bits": lambda: np.where(np.arange(FRAMES) // 333 % 2, 1 << 23, -(1 << 23)).astype("i4"),
    "zeros": lambda: np.zeros((FRAMES, 4), "i2"),
    "one sample that is not zero": lambda: np.eye(1, FRAMES, 7000, dtype="i4")[0] * 1_000_000,
    "a rail": lambda: np.concatenate([np.arange(100), np.full(FRAMES, 32767)]).astype("i2"),
}


@pytest.mark.parametrize("name", SIMPLE)
def test_what_is_simple_costs_less_than_a_tenth_of_a_bit(name: str) -> None:
    assert bits(SIMPLE[name]()) < 0.1


def ramps(channels: int, modulus: int, frames: int = FRAMES) -> Samples:
    """Return ramps that wrap around, as int64: of each channel another slope."""
    slopes = np.random.default_rng([channels, modulus & 0xFFFF]).integers(-modulus // 2, modulus // 2, channels)
    start = np.arange(channels) * 77
    wrapped: Samples = (np.arange(frames)[:, None] * slopes + start) % modulus
    return wrapped


@pytest.mark.parametrize("level", [1, 5, 9])
@pytest.mark.parametrize("channels", [1, 3, 8, 40])
@pytest.mark.parametrize("dtype", ["int8", "uint16", "int16", "uint32", "int32"])
def test_ramps_that_wrap_around_are_nearly_free_whatever_their_slopes(dtype: str, channels: int, level: int) -> None:
    samples = ramps(channels, 1 << 8 * np.dtype(dtype).itemsize, 10_000).astype(dtype)
    assert 8 * size(samples, level) / samples.size < 0.1


@pytest.mark.parametrize("level", [1, 5])
@pytest.mark.parametrize("modulus", [4096, 1000, 30_000, 1 << 20])
def test_ramps_may_wrap_around_anywhere_below_their_type(modulus: int, level: int) -> None:
    samples = (ramps(12, modulus) - 100).astype("i4")
    for multiple in (samples, samples * 7 + 1):
        assert 8 * size(multiple, level) / samples.size < 0.1


@pytest.mark.parametrize("level", [1, 5])
@pytest.mark.parametrize("channels", [1, 6, 33])
def test_a_signal_that_overflows_costs_little_more_than_one_that_does_not(channels: int, level: int) -> None:
    """Drifts of a million steps, kept in 16 bits."""
    frames = np.arange(FRAMES)[:, None]
    drift = 500_000 * np.sin(frames / (1500 + 100 * np.arange(channels)))
    whole = np.round(drift + noise(6, channels=channels).reshape(FRAMES, channels)).astype("i4")
    assert size(whole.astype("i2"), level) < 1.03 * size(whole, level) + 300


def levels(every: int, reach: int, channels: int) -> Samples:
    """Return a level for every so many frames."""
    drawn = np.random.default_rng([every, channels]).integers(-reach, reach, (FRAMES // every, channels))
    return np.repeat(drawn, every, axis=0)


@pytest.mark.parametrize("level", [1, 5])
@pytest.mark.parametrize("channels", [1, 8])
@pytest.mark.parametrize(("every", "reach"), [(50, 10_000), (200, 10_000), (100, 1 << 22), (2000, 10_000)])
def test_jumps_cost_some_tens_of_bits_each(every: int, reach: int, channels: int, level: int) -> None:
    plain = np.round(noise(5, channels=channels)).reshape(FRAMES, channels)
    jumps = (FRAMES // every - 1) * channels
    samples = (plain + levels(every, reach, channels)).astype("i4")
    expected = size(plain.astype("i4"), level) + jumps * (30 + 2 * (reach > 1 << 15) * 8) / 8
    assert size(samples, level) < 1.02 * expected


@pytest.mark.parametrize("level", [1, 5])
def test_jumps_of_a_smooth_signal_of_multiples_do_not_break_it(level: int) -> None:
    smooth = np.round(3000 * np.sin(np.arange(FRAMES) / 40) + noise(2))
    jumps = levels(200, 10_000, 1)[:, 0]
    assert size((7 * (smooth + jumps)).astype("i4"), level) < 1.1 * size(smooth.astype("i4"), level) + 100 * 60 / 8


@pytest.mark.parametrize("level", [1, 5, 9])
def test_wraps_of_some_channels_are_no_matter_to_others(level: int) -> None:
    plain = np.round(noise(30, channels=6)).astype("i2")
    counters = ramps(6, 1 << 16).astype("i2")
    both = np.stack([plain, counters], axis=2).reshape(FRAMES, 12)
    assert size(both, level) < 1.01 * size(plain, level) + 0.1 * counters.size / 8


@pytest.mark.parametrize("level", [1, 5, 9])
@pytest.mark.parametrize("dtype", ["int32", "uint32"])
def test_chirps_over_a_whole_type_come_back(dtype: str, level: int) -> None:
    """What is expected to turn around its middle in every frame has a mean that no header holds."""
    time = np.arange(9000.0) + 1000
    chirp = clipped(0.4 * 2**31 * np.sin(0.7 * time**2 / time.size) + noise(1, time.size), dtype)
    coder = n1codec.get(f"n1:level={level}")
    assert np.array_equal(coder.decode(coder.encode(chirp)), chirp)


def test_an_outlier_costs_what_an_outlier_is_worth() -> None:
    plain = np.round(noise(9)).astype("i4")
    cost = len(N1.encode(plain))
    for count in (1, 10):
        array = plain.copy()
        array[np.linspace(2000, FRAMES - 2000, count).astype(int)] = 8_000_000
        bits(array)
        assert len(N1.encode(array)) < cost + 40 + 40 * count


def test_a_slow_drift_over_24_bits_costs_little_more_than_its_noise() -> None:
    drift = 8e6 * np.sin(np.arange(FRAMES) / 3000)
    assert bits(np.round(noise(9) + drift).astype("i4")) < bits(np.round(noise(9)).astype("i4")) + 0.3


@pytest.mark.parametrize("channels", [1, 4, 12])
def test_padding_with_zeros_is_nearly_free(channels: int) -> None:
    plain = np.round(noise(30, channels=channels)).astype("i2")
    padded = np.concatenate([plain, np.zeros((FRAMES // 2, channels), "i2")])
    bits(padded)
    assert len(N1.encode(padded)) < 1.005 * len(N1.encode(plain))


@pytest.mark.parametrize("dtype", ["int16", "int32"])
@pytest.mark.parametrize("channels", [1, 4, 12])
def test_blanked_stretches_are_nearly_free(channels: int, dtype: str) -> None:
    """What a stimulator or a closed switch leaves: half of the time one value."""
    plain = clipped(noise(30, channels=channels), dtype)
    blanked = plain.copy()
    for at in range(0, FRAMES, 2000):
        blanked[at : at + 1000] = 5
    assert bits(blanked) < 0.5 * bits(plain) + 0.2


@pytest.mark.parametrize("level", [2, 5, 8])
def test_decays_from_one_jump_to_the_next_take_no_more_at_a_higher_level(level: int) -> None:
    """A stimulus every 500 frames, whose artefact over 20 bits dies away in the noise."""
    artefact = 1e6 * np.exp(-(np.arange(FRAMES) % 500) / 60)
    samples = np.round(artefact + noise(5)).astype("i4")
    codec = n1codec.get(f"n1:level={level}")
    assert len(codec.encode(samples)) < 1.001 * len(n1codec.get("n1:level=1").encode(samples))
    assert np.array_equal(codec.decode(codec.encode(samples)), samples)


@pytest.mark.parametrize("channels", [1, 8])
def test_artefacts_that_are_rare_do_not_rule_the_predictions(channels: int) -> None:
    """Four stimuli in all, between the stretches by which a block is judged: their squares outweigh those of all the noise."""
    steps = noise(0.9, frames=100_000 + 5, channels=channels, seed=7)
    filtered = [np.convolve(steps[:, c], [1, 2.2, 2.6, 2, 1.1, 0.4], "valid") for c in range(channels)]
    plain = np.round(np.stack(filtered, axis=1)).astype("i2")
    after = np.arange(400)
    artefact = np.round(1500 * np.exp(-after / 60) * np.minimum(1, after / 2)).astype("i2")
    samples = plain.copy()
    for at in (4_800, 24_100, 62_900, 95_200):
        samples[at : at + 400] += artefact[:, None]
    for level in (2, 3, 5):
        codec = n1codec.get(f"n1:level={level}")
        assert len(codec.encode(samples)) < 1.04 * len(codec.encode(plain))
    assert np.array_equal(codec.decode(codec.encode(samples)), samples)


def size(samples: Samples, level: int) -> int:
    """Return bytes at a level, once they have come back."""
    codec = n1codec.get(f"n1:level={level}")
    data = codec.encode(samples)
    assert np.array_equal(codec.decode(data), samples)
    return len(data)


@pytest.mark.parametrize("level", [2, 5])
def test_a_level_that_changes_once_or_twice_costs_no_more_than_the_noise_on_it(level: int) -> None:
    """Sweeps from several potentials: noise without low frequencies, whose steps say nothing of where it rests."""
    steps = np.random.default_rng(2).normal(0, 2, FRAMES + 4)
    plain = np.convolve(steps, [1, -0.9, 0.3, -0.5, 0.2], "valid")
    moved = plain + 35.0 * ((np.arange(FRAMES) < 3000) | (np.arange(FRAMES) >= 13_000))
    assert size(np.round(moved).astype("i2"), level) < 1.04 * size(np.round(plain).astype("i2"), level)


@pytest.mark.parametrize("gain", [1.37, 3.05])
@pytest.mark.parametrize("level", [1, 2, 5])
def test_a_gain_and_its_rounding_cost_little_more_than_a_table(level: int, gain: float) -> None:
    """Not every whole number is a multiple of the gain; which ones are is said once."""
    walk = np.cumsum(np.round(noise(3, frames=40_000))).astype("i4")
    table = np.unique(walk).size
    assert size(np.round(walk * gain).astype("i4"), level) < 1.01 * size(walk, level) + table


@pytest.mark.parametrize("level", [1, 2, 5])
def test_an_odd_value_among_even_ones_does_not_cost_a_bit_a_sample(level: int) -> None:
    even = 2 * np.cumsum(np.round(noise(3, frames=40_000))).astype("i4")
    odd = even.copy()
    odd[100] += 1
    assert size(odd, level) < 1.01 * size(even, level) + np.unique(even).size


@pytest.mark.parametrize("level", [1, 2, 5])
def test_a_short_block_of_three_regimes_costs_little_more_than_each_alone(level: int) -> None:
    parts = []
    for seed, frequency in enumerate((0.02, 0.2, 0.4)):
        x, steps = np.zeros(1000), noise(3, frames=1000, seed=seed)
        for t in range(2, 1000):
            x[t] = 1.94 * np.cos(2 * np.pi * frequency) * x[t - 1] - 0.94 * x[t - 2] + steps[t]
        parts.append(np.round(x[200:]).astype("i2"))
    assert size(np.concatenate(parts), level) < 1.05 * sum(size(part, level) for part in parts)


@pytest.mark.parametrize("frames", [10_000, 20_000, 30_000])
def test_chunks_of_two_regimes_by_turns_take_no_more_at_a_higher_level(frames: int) -> None:
    """Each as long as the stretches that weights are made of: none is left out of blocks as short as these."""
    rng = np.random.default_rng(1)
    quiet = np.zeros(frames)
    for t in range(2, frames):
        quiet[t] = 1.6 * quiet[t - 1] - 0.7 * quiet[t - 2] + rng.normal(0, 3)
    for at in range(1024, frames - 1024, 2048):
        for t in range(at, at + 1024):
            quiet[t] = 0.2 * quiet[t - 1] + 0.5 * quiet[t - 2] + rng.normal(0, 60)
    samples = np.round(quiet).astype("i2")
    first = size(samples, 1)
    for level in range(2, 6):
        assert size(samples, level) <= first, level


@pytest.mark.parametrize("level", [1, 3, 5])
def test_steady_channels_are_not_decoded_slowly_for_next_to_nothing(level: int) -> None:
    """Four electrodes in tissue: pieces would be as small, and take four times as long both ways."""
    slow, steps = np.zeros((40_000, 4)), noise(8, 40_000, 4)
    for t in range(1, len(slow)):
        slow[t] = 0.9 * slow[t - 1] + steps[t]
    block = Coder(level).encode(np.round(slow + slow.mean(1, keepdims=True)).astype("i2"))
    assert block[1] == MODE_FORWARD


@pytest.mark.parametrize("level", [5, 6])
def test_mains_of_a_long_period_are_known_by_a_longer_past(level: int) -> None:
    """Hum with harmonics, 40 samples a period, under noise that grows and shrinks: 16 taps see less than half of it."""
    rng = np.random.default_rng(7)
    time = np.arange(40_000)
    hum = sum(60 / part * np.sin(2 * np.pi * part * time / 40.02 + part) for part in range(1, 14, 2))
    noise = rng.normal(0, 3, time.size) * (1 + 2 * (time // 4000 % 2))
    with_it, without = (size(np.round(wave)[:, None].astype("i2"), level) for wave in (hum + noise, noise))
    assert with_it < 1.1 * without
