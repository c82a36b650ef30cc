"""Promises of the n1 coder's contexts mode: few values and exact repeats cost next to nothing, and nothing is larger for it."""

from __future__ import annotations

import numpy as np
import pytest
from test_n1 import KERNELS, decode, encode, outcome
from test_n1_adaptive import damaged

from arrays import same
from n1codec.codec import Layout, Samples
from n1codec.codecs.n1 import N1
from n1codec.errors import N1Error

MODE_CONTEXTS = 5
LEVELS = (1, 4, 5, 9)
DTYPES = ("i1", "u1", "i2", "u2", "i4", "u4")
FRAMES = 3000


def held(n_channels: int, dtype: str = "i2", seed: int = 0, frames: int = FRAMES) -> Samples:
    """Return values that stay for a while, of a small set."""
    rng = np.random.default_rng([seed, n_channels])
    line = [np.repeat(rng.integers(3, 11, frames), rng.geometric(0.05, frames))[:frames] for _ in range(n_channels)]
    return np.ascontiguousarray(np.stack(line, axis=1).astype(dtype))


def bits_a_sample(samples: Samples, level: int) -> float:
    payload = N1(level).encode(samples)
    assert same(N1().decode(payload, Layout.of(samples)), samples)
    return 8 * len(payload) / samples.size


def check_on_every_kernel(samples: Samples, level: int) -> None:
    good = encode(samples, level, "portable")
    assert good[0] == MODE_CONTEXTS
    for kernel in KERNELS:
        assert encode(samples, level, kernel) == good
        assert same(decode(good, samples, kernel), samples)


TIME = np.arange(20_000)
CHEAP: dict[str, Samples] = {
    "held value": np.repeat(np.random.default_rng(1).integers(0, 250, 40), 500).astype("u1"),
    "runs": np.repeat(np.random.default_rng(2).integers(0, 3, 200), 100).astype("i2"),
    "counter": TIME.astype("i4"),
    "counter that wraps": (TIME % 4096).astype("u2"),
    "counter of 5": (TIME * 5 % 65535).astype("u2"),
    "square wave": np.where(TIME // 125 % 2, 20_000, -20_000).astype("i2"),
    "digital lines": np.column_stack([TIME // n % 2 for n in (40, 77, 300, 1000)]).astype("u1"),
    "rails": np.where(TIME // 700 % 2, 2**31 - 1, -(2**31) + 7).astype("i4"),
    "beats": np.tile(np.repeat([0, 1, 9, 30, 34, -12, -3, 0, 2, 1], [90, 2, 1, 1, 1, 2, 3, 40, 20, 20]), 120)[
        :20_000
    ].astype("i1"),
}


@pytest.mark.parametrize("name", CHEAP)
@pytest.mark.parametrize("level", LEVELS)
def test_few_values_runs_counters_and_square_waves_cost_under_a_tenth_of_a_bit(name: str, level: int) -> None:
    assert bits_a_sample(CHEAP[name], level) < 0.1


@pytest.mark.parametrize("level", [1, 5])
def test_a_counter_beside_noise_costs_what_the_noise_costs(level: int) -> None:
    noise = np.round(np.random.default_rng(3).normal(0, 40, TIME.size)).astype("i4")
    both = np.column_stack([noise, TIME]).astype("i4")
    assert len(N1(level).encode(both)) < len(N1(level).encode(noise)) + 0.1 * TIME.size / 8


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n_channels", [1, 2, 3, 9])
def test_every_dtype_and_number_of_channels_comes_back_on_every_kernel(dtype: str, n_channels: int) -> None:
    for level in (1, 9):
        check_on_every_kernel(held(n_channels, dtype), level)


@pytest.mark.parametrize("dtype", DTYPES)
def test_values_at_the_ends_of_a_dtype_come_back(dtype: str) -> None:
    limits = np.iinfo(dtype)
    values = np.array([limits.min, limits.max, limits.min + 1, limits.max - 1, 0], dtype)
    samples = np.repeat(values[np.random.default_rng(4).integers(0, 5, 60)], 25)
    for level in LEVELS:
        assert same(decode(encode(samples, level, "portable"), samples, "portable"), samples)


@pytest.mark.parametrize("frames", [127, 128, 129, 255, 1000])
def test_short_blocks_come_back(frames: int) -> None:
    samples = held(2, frames=frames)
    for level in LEVELS:
        good = encode(samples, level, "portable")
        assert same(decode(good, samples, "portable"), samples)
        assert frames >= 128 or good[0] != MODE_CONTEXTS


def test_noise_of_many_values_is_not_tried() -> None:
    rng = np.random.default_rng(5)
    for sigma in (5, 40, 2000):
        noise = np.round(rng.normal(0, sigma, (4000, 3))).astype("i2")
        assert {encode(noise, level, "portable")[0] for level in (1, 5, 9)}.isdisjoint({MODE_CONTEXTS})


@pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 0.8, 1.0])
def test_what_is_held_in_part_is_no_larger_at_a_higher_level(share: float) -> None:
    rng = np.random.default_rng(6)
    noise = np.cumsum(rng.normal(0, 6, 8000))
    stays = rng.random(8000) < share
    at = np.maximum.accumulate(np.where(stays, 0, np.arange(8000)))
    samples = np.round(noise[at]).astype("i2")
    sizes = [len(N1(level).encode(samples)) for level in (1, 5, 9)]
    assert sizes[1] <= sizes[0] + 16
    assert sizes[2] <= sizes[1] + 16


def check_alike(bad: bytes, like: Samples) -> None:
    """Raise unless all kernels give the same samples, or the same error."""
    assert len({outcome(lambda kernel=kernel: decode(bad, like, kernel)) for kernel in KERNELS}) == 1  # type: ignore[misc]


def test_damage_is_refused_or_decodes_alike_on_every_kernel() -> None:
    rng = np.random.default_rng(7)
    for n_channels in (1, 4):
        like = held(n_channels, "i4", frames=600)
        like[:, -1] += np.round(rng.normal(0, 900, 600)).astype("i4") * (n_channels > 1)
        for level in (1, 5):
            good = encode(like, level, "portable")
            assert good[0] == MODE_CONTEXTS
            for _ in range(60):
                check_alike(damaged(good, rng), like)


def test_bytes_at_random_are_refused_or_decode() -> None:
    rng = np.random.default_rng(8)
    like = held(3, frames=300)
    for _ in range(300):
        check_alike(bytes([MODE_CONTEXTS]) + rng.bytes(int(rng.integers(0, 400))), like)


def test_a_payload_cut_before_its_packet_is_refused() -> None:
    samples = np.column_stack([held(1)[:, 0], np.round(np.random.default_rng(9).normal(0, 50, FRAMES)).astype("i2")])
    whole = N1(5).encode(samples)
    assert whole[1] == MODE_CONTEXTS
    for size in (*range(60), len(whole) // 2):
        with pytest.raises((N1Error, ValueError)):
            N1().decode(whole[:size], Layout.of(samples))


def test_a_nested_block_of_its_own_mode_is_refused() -> None:
    rng = np.random.default_rng(9)
    samples = np.column_stack([held(1)[:, 0], np.round(rng.normal(0, 50, FRAMES)).astype("i2")])
    block = bytearray(encode(samples, 5, "portable"))
    assert block[0] == MODE_CONTEXTS
    inner = next(
        at for at in range(4, 60) if block[at] == 1 and int.from_bytes(block[at - 4 : at], "little") < len(block) - at
    )
    block[inner] = MODE_CONTEXTS
    with pytest.raises((N1Error, ValueError)):
        decode(bytes(block), samples, "portable")


def smooth(n_channels: int, frames: int = 1500, seed: int = 10) -> Samples:
    """Return beats of nearly one form on a baseline that channels share, and little noise."""
    rng = np.random.default_rng([seed, n_channels])
    beat = np.concatenate([np.zeros(60), 40 * np.hanning(12), -9 * np.hanning(9), 14 * np.hanning(40)])
    line = np.tile(beat, frames // len(beat) + 1)[:frames, None] * (1 + np.arange(n_channels) / n_channels)
    baseline = np.cumsum(rng.normal(0, 0.15, (frames, 1)), axis=0)
    return np.round(line + baseline + rng.normal(0, 0.5, (frames, n_channels))).astype("i4")


@pytest.mark.parametrize("n_channels", [1, 2, 3])
@pytest.mark.parametrize("dtype", ["i2", "i4"])
def test_predictions_come_back_on_every_kernel(n_channels: int, dtype: str) -> None:
    samples = smooth(n_channels).astype(dtype)
    good = encode(samples, 9, "portable")
    assert good[0] == MODE_CONTEXTS
    for kernel in KERNELS:
        assert encode(samples, 9, kernel) == good
        assert same(decode(good, samples, kernel), samples)


@pytest.mark.parametrize("shift", [8_000_000, -2_000_000_000])
def test_an_offset_costs_nothing_and_an_outlier_little_at_level_9(shift: int) -> None:
    noise = smooth(1, 4000)
    moved = noise + np.int32(shift)
    outlier = noise.copy()
    outlier[2000] = shift
    alone = len(N1(9).encode(noise))
    assert len(N1(9).encode(moved)) < 1.01 * alone + 16
    assert len(N1(9).encode(outlier)) < 1.2 * alone


def test_a_ramp_over_24_bits_costs_little_more_than_its_noise_at_level_9() -> None:
    noise = np.round(np.random.default_rng(12).normal(0, 4, 4000)).astype("i4")
    ramp = (noise + np.arange(4000) * 4111).astype("i4")
    assert len(N1(9).encode(ramp)) < 1.12 * len(N1(9).encode(noise))


def test_damaged_predictions_are_refused_or_decode_alike_on_every_kernel() -> None:
    rng = np.random.default_rng(11)
    for n_channels in (1, 2):
        like = smooth(n_channels, 300)
        good = encode(like, 9, "portable")
        assert good[0] == MODE_CONTEXTS
        for _ in range(60):
            check_alike(damaged(good, rng), like)


LONG = 17_000
"""Frames of two channels, or more, that are long enough for added odds."""


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n_channels", [1, 2, 5])
def test_added_odds_come_back_on_every_kernel(dtype: str, n_channels: int) -> None:
    for level in (1, 5):
        check_on_every_kernel(held(n_channels, dtype, frames=LONG * (3 - min(n_channels, 2))), level)


@pytest.mark.parametrize("level", [1, 5])
def test_added_odds_of_values_at_the_ends_of_a_dtype_come_back(level: int) -> None:
    rng = np.random.default_rng(14)
    values = np.array([-(2**31), 2**31 - 1, -(2**31) + 1, 2**31 - 2, 0, 1 << 30], "i4")
    samples = np.repeat(values[rng.integers(0, 6, LONG)], rng.geometric(0.02, LONG))[: 2 * LONG]
    assert same(decode(encode(samples, level, "portable"), samples, "portable"), samples)


@pytest.mark.parametrize("level", [1, 5])
def test_damage_to_added_odds_is_refused_or_decodes_alike_on_every_kernel(level: int) -> None:
    rng = np.random.default_rng(15)
    like = held(2, frames=LONG)
    good = encode(like, level, "portable")
    assert good[0] == MODE_CONTEXTS
    for _ in range(40):
        check_alike(damaged(good, rng), like)


def beats(frames: int = 40_000) -> Samples:
    """Return heart beats of one shape that are never the same twice: some 40 values, one sample of six repeats the last."""
    t = np.arange(300)
    beat = sum(h * np.exp(-(((t - at) / w) ** 2)) for h, at, w in ((60, 100, 4), (12, 170, 20), (8, 60, 10)))
    noise = np.random.default_rng(8).normal(0, 0.8, frames)
    return np.round(np.resize(np.round(beat), frames) + noise).astype("i2")


def test_values_of_a_small_set_cost_what_their_contexts_say_above_the_default() -> None:
    """No eighth of the samples has to repeat the last one for that."""
    samples = beats()
    assert len(N1(6).encode(samples)) < 0.86 * len(N1(5).encode(samples))
    assert same(N1().decode(N1(6).encode(samples), Layout.of(samples)), samples)


def test_contexts_of_all_channels_are_tried_where_those_of_some_are_no_gain() -> None:
    """One channel repeats most of its values and is cheap by itself: the other gains."""
    samples = beats(160_000)
    slow = np.cumsum(np.random.default_rng(9).random(samples.size) < 0.02).astype("i2")
    both = np.column_stack([samples, slow])
    assert len(N1(6).encode(both)) < 0.9 * len(N1(5).encode(both))


def test_steady_noise_takes_no_contexts() -> None:
    samples = np.round(np.random.default_rng(10).normal(0, 3, (30_000, 2))).astype("i2")
    assert N1(6).encode(samples)[1] != MODE_CONTEXTS


@pytest.mark.parametrize("level", [1, 5])
def test_values_that_take_many_decisions_take_no_contexts_up_to_the_default(level: int) -> None:
    """A decision takes as long as some ten samples of other modes: ramps take ten of them a sample, noisy square waves four."""
    frames = np.arange(12_000)[:, None]
    ramps = (frames * (40 + np.arange(16)) % 30_000).astype("i2")
    noisy = (frames // 50 % 2 * 1000 + np.random.default_rng(11).integers(-3, 4, (12_000, 1))).astype("i2")
    assert {N1(level).encode(samples)[1] for samples in (ramps, noisy)}.isdisjoint({MODE_CONTEXTS})


def test_states_that_follow_each_other_by_rules_cost_what_the_rules_leave_open() -> None:
    """Most of them repeat neither the last value nor the last step."""
    rng = np.random.default_rng(16)
    rule = np.array([[1, 0], [2, 1], [1, 3], [2, 3]])
    state, line = 0, []
    for second in rng.random(60_000) < 0.2:
        state = int(rule[state, int(second)])
        line.append(state * 7)
    samples = np.array(line, "i2")
    assert bits_a_sample(samples, 5) < 0.77  # entropy: 0.722
