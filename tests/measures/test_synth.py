"""What `n1codec.synth` promises: the same samples everywhere, and recordings that behave like the N1's."""

from __future__ import annotations

import bz2
import dataclasses
import hashlib
import math
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from n1codec import synth
from n1codec.errors import N1Error, ParameterError
from n1codec.synth import _random, _spikes

STORED = synth.to_stored(np.arange(1024))

# Measured on the 300 public recordings.
REAL_BZ2_RATIO = 3.123
REAL_DIFFERENCE_ENTROPY = 4.635
TOLERANCE = 0.05

Samples = npt.NDArray[np.int16]


@pytest.fixture(scope="module")
def ten() -> list[Samples]:
    return [synth.recording(seed=seed) for seed in range(10)]


def codes_of(samples: Samples) -> npt.NDArray[np.int64]:
    return np.searchsorted(STORED, samples).astype(np.int64)


def quiet(**changes: Any) -> synth.Parameters:
    """Return parameters without spikes, with nothing but what `changes` ask for."""
    silence = synth.Parameters(field_rms=0.0, noise_rms=0.0, amplifier_rms=0.0, neurons=0, gain_spread=0.0)
    return dataclasses.replace(silence, **changes)


# The same samples everywhere -----------------------------------------------------------------------------------------


def test_samples_are_pinned() -> None:
    # Only exact arithmetic leads here: see `n1codec.synth._random`. A change of this is a change for every user.
    samples = synth.recording(seconds=0.25, channels=3, seed=1)
    digest = hashlib.sha256(samples.astype("<i2").tobytes()).hexdigest()
    assert digest == "d240035a1e08a9d3bf7771c40242f675b1da0841a6df2a90fd48615122b4140e"


@pytest.mark.parametrize("quantiles", [_random.normal_quantiles(), _random.exponential_quantiles()])
def test_rounding_of_the_tables_hides_the_last_digits_of_log(quantiles: list[float]) -> None:
    # A libm that is wrong in its last digits must not change a rounded node. The nearest any comes to the middle
    # between two multiples of 2**-20 is some thousand times the spacing of doubles.
    for value in quantiles:
        if value:
            assert abs(value * 2.0**20 % 1.0 - 0.5) > 1000 * math.ulp(value) * 2.0**20


def test_same_seed_same_samples() -> None:
    first, second = (synth.recording(seconds=0.5, channels=2, seed=11) for _ in range(2))
    assert np.array_equal(first, second)


@pytest.mark.parametrize("channels", [1, 3])
def test_longer_recording_begins_with_the_shorter(channels: int) -> None:
    loud = synth.Parameters(neurons=4, firing_rate_hz=100.0, spike_amplitude=80.0)
    short = synth.recording(seconds=0.7, channels=channels, seed=5, parameters=loud)
    longer = synth.recording(seconds=1.9, channels=channels, seed=5, parameters=loud)
    assert np.array_equal(longer[: len(short)], short)


def test_seeds_differ() -> None:
    digests = {synth.recording(seconds=0.2, seed=seed).tobytes() for seed in (0, 1, 2, 2**32, 2**64, 2**64 + 1)}
    assert len(digests) == 6


def test_seeds_differ_under_the_same_parameters() -> None:
    a, b = (synth.recording(seed=seed, parameters=quiet(noise_rms=8.0)) for seed in (0, 1))
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.05


def test_devices_differ_in_their_widths() -> None:
    assert np.corrcoef(synth.code_widths(0), synth.code_widths(1))[0, 1] < 0.6
    assert not np.array_equal(synth.recording(0.1, device=0), synth.recording(0.1, device=1))


# Shape and numbers ---------------------------------------------------------------------------------------------------


def test_shape_and_dtype() -> None:
    assert synth.recording().shape == (97655,)
    many = synth.recording(seconds=0.1, channels=3, rate=30000)
    assert many.shape == (3000, 3)
    assert many.dtype == np.int16
    assert many.flags.c_contiguous


def test_one_sample_is_enough() -> None:
    assert synth.recording(seconds=1 / 19531).shape == (1,)


def test_stored_map_is_the_exact_one() -> None:
    expected = [math.trunc(Fraction(k * 65535, 1023) - 32768) for k in range(1024)]
    assert STORED.dtype == np.int16
    assert STORED.tolist() == expected


def test_all_samples_are_stored_codes(ten: list[Samples]) -> None:
    for samples in ten:
        assert np.isin(samples, STORED).all()


def test_loud_recordings_saturate() -> None:
    samples = synth.recording(seconds=1, parameters=quiet(noise_rms=1000.0))
    assert samples.min() == -32768
    assert samples.max() == 32767


def test_noise_is_normal() -> None:
    x = _random.Stream(3, 1).normal(200_000)
    assert abs(x.mean()) < 0.01
    assert abs(x.std() - 1.0) < 0.01
    assert abs((x**4).mean() - 3.0) < 0.06
    assert abs(np.mean(np.abs(x) < 1.0) - math.erf(math.sqrt(0.5))) < 0.005


# The converter -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("device", range(5))
def test_widths_are_uneven(device: int) -> None:
    widths = synth.code_widths(device)
    assert widths.shape == (1024,)
    assert widths.mean() == pytest.approx(1.0)
    assert widths.min() > 0.0
    assert 0.25 < widths.std() < 0.45
    assert np.percentile(widths[450:620], 99) > 1.4
    assert widths[511] < widths[510] < 0.1


def test_electrodes_differ_by_some_percent() -> None:
    common = synth.code_widths(0)
    own = [synth.code_widths(0, electrode) for electrode in range(4)]
    for widths in own:
        assert 0.05 < np.std(widths / common) < 0.10
    for a, b in pairwise(own):
        assert np.corrcoef(a, b)[0, 1] > 0.9


def test_widths_cannot_be_changed_by_a_caller() -> None:
    with pytest.raises(ValueError):
        synth.code_widths(0)[0] = 2.0


def test_middle_codes_are_nearly_missing(ten: list[Samples]) -> None:
    counts = np.bincount(np.concatenate([codes_of(samples) for samples in ten]), minlength=1024)
    assert counts[511] < 0.02 * counts[500:509].mean()
    assert counts[510] < 0.2 * counts[500:509].mean()


def test_recordings_show_the_widths() -> None:
    # So loud that the voltage is equally likely within a few steps: what differs between neighbours is their width.
    samples = synth.recording(seconds=60, parameters=quiet(noise_rms=150.0, offset=512.0))
    counts = np.bincount(codes_of(samples), minlength=1024)[400:624].astype(float)
    trend = np.polyval(np.polyfit(np.arange(224), counts, 2), np.arange(224))
    assert np.corrcoef(counts / trend, synth.code_widths(0, 0)[400:624])[0, 1] > 0.98


# Signals -------------------------------------------------------------------------------------------------------------


def band_power(samples: Samples, low: float, high: float) -> float:
    """Return the mean power density between two frequencies."""
    x = codes_of(samples) - codes_of(samples).mean()
    power = np.abs(np.fft.rfft(x)) ** 2
    frequency = np.fft.rfftfreq(x.size, 1 / 19531)
    return float(power[(frequency >= low) & (frequency < high)].mean())


def test_spectrum_falls_like_a_field_potential(ten: list[Samples]) -> None:
    # The recordings fall by 1/f**1.75 from 40 to 300 Hz, and by a factor of 4000 from 10 to 9000.
    slopes = [math.log(band_power(x, 270, 330) / band_power(x, 35, 45)) / math.log(300 / 40) for x in ten]
    assert -2.2 < np.mean(slopes) < -1.3
    for x in ten:
        assert 200 < band_power(x, 8, 12) / band_power(x, 8000, 9500) < 100_000


def test_levels_are_those_asked() -> None:
    for changes in ({"field_rms": 30.0}, {"noise_rms": 30.0}, {"amplifier_rms": 30.0}):
        spread = codes_of(synth.recording(seconds=20, parameters=quiet(**changes))).std()
        assert spread == pytest.approx(30.0, rel=0.1)


def test_seeds_spread_in_level() -> None:
    drawn = [synth.Parameters.drawn(seed) for seed in range(200)]
    for name, octaves in (("field_rms", 0.7), ("noise_rms", 0.26)):
        levels = np.log2([getattr(p, name) for p in drawn])
        assert np.std(levels) == pytest.approx(octaves, rel=0.15)
        assert np.median(levels) == pytest.approx(math.log2(getattr(synth.Parameters(), name)), abs=0.1)


def count_spikes(samples: Samples) -> float:
    """Return threshold crossings per second: 5 robust standard deviations below a running mean of 2 ms."""
    x = codes_of(samples).astype(float)
    x = (x - np.convolve(x, np.ones(39) / 39, "same"))[39:-39]
    below = x < -5.0 * 1.4826 * np.median(np.abs(x - np.median(x)))
    return float(np.count_nonzero(below[1:] & ~below[:-1])) * 19531 / x.size


def test_spikes_are_seen_and_only_where_there_are_neurons() -> None:
    with_neurons = synth.Parameters(neurons=4, firing_rate_hz=6.0, spike_amplitude=80.0)
    without = dataclasses.replace(with_neurons, neurons=0)
    rates = [count_spikes(synth.recording(seed=seed, parameters=with_neurons)) for seed in range(4)]
    assert 12 < np.mean(rates) < 60
    assert max(count_spikes(synth.recording(seed=seed, parameters=without)) for seed in range(4)) < 1.0


def test_spike_is_a_trough_then_a_lower_hump() -> None:
    train = _spikes.spike_train(1, (9,), 20.0, 200_000.0, 5.0, 100.0)
    troughs, humps = train.waveform.argmin(axis=1), train.waveform.argmax(axis=1)
    assert (humps - troughs > 0.0003 * 200_000).all()
    assert (humps - troughs < 0.0012 * 200_000).all()
    depths = -train.waveform.min(axis=1)
    assert depths.mean() == pytest.approx(100.0, rel=0.05)
    assert 0.04 < depths.std() / depths.mean() < 0.12
    assert (train.waveform.max(axis=1) < 0.5 * depths).all()


def test_neurons_rest_after_a_spike() -> None:
    times = _spikes.firing_times(4, (9,), 200.0, 100.0)
    assert np.diff(times).min() >= 0.002
    assert times.size / 200.0 == pytest.approx(100.0, rel=0.05)
    assert times[-1] < 200.0


# Channels ------------------------------------------------------------------------------------------------------------


def adjacent_correlation(samples: Samples, distance: int = 1) -> float:
    pairs = zip(samples.T, samples.T[distance:], strict=False)
    return float(np.mean([np.corrcoef(a, b)[0, 1] for a, b in pairs]))


@pytest.mark.parametrize("asked", [0.0, 0.3, 0.9])
def test_channels_are_correlated_as_asked(asked: float) -> None:
    noise = synth.recording(channels=6, parameters=quiet(noise_rms=20.0, noise_correlation=asked))
    assert adjacent_correlation(noise) == pytest.approx(asked, abs=0.03)
    assert adjacent_correlation(noise, 2) == pytest.approx(asked**2, abs=0.03)
    field = synth.recording(channels=6, parameters=quiet(field_rms=20.0, field_correlation=asked))
    assert adjacent_correlation(field) == pytest.approx(asked, abs=0.1)


def test_neighbours_help_prediction() -> None:
    probe = synth.Parameters(field_correlation=0.9, noise_correlation=0.7)
    differences = np.diff(codes_of(synth.recording(channels=4, seed=2, parameters=probe)), axis=0).astype(float)
    saved = []
    for lower, upper in pairwise(differences.T):
        correlation = np.corrcoef(lower, upper)[0, 1]
        saved.append(-0.5 * math.log2(1.0 - correlation**2))
    assert np.mean(saved) > 0.2


def test_spikes_reach_the_neighbours() -> None:
    spiking = quiet(neurons=1, firing_rate_hz=20.0, spike_amplitude=200.0, spike_reach=0.4)
    alone, together = (synth.recording(channels=n, seed=3, parameters=spiking) for n in (1, 2))
    # The second channel's neuron shows on the first, which is otherwise the same.
    extra = codes_of(together[:, 0]) - codes_of(alone)
    assert extra.min() < -10
    assert np.count_nonzero(extra) < 0.1 * extra.size


# Refusals ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        {"seconds": 0},
        {"seconds": -1.0},
        {"seconds": math.nan},
        {"seconds": math.inf},
        {"seconds": "5"},
        {"seconds": 1e-6},
        {"seconds": 1e9},
        {"channels": 0},
        {"channels": 2.0},
        {"channels": True},
        {"channels": 10**9},
        {"rate": 0},
        {"rate": 1e12},
        {"seed": -1},
        {"seed": 1.5},
        {"seed": None},
        {"device": -1},
        {"device": "a"},
        {"parameters": {"noise_rms": 3}},
    ],
)
def test_bad_arguments_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ParameterError) as caught:
        synth.recording(**{"seconds": 0.01, **arguments})
    assert isinstance(caught.value, N1Error)
    assert next(iter(arguments)) in str(caught.value) or "recording holds" in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        {"field_rms": -1.0},
        {"noise_rms": math.nan},
        {"amplifier_rms": 1e9},
        {"offset": 2000},
        {"neurons": -1},
        {"neurons": 1.0},
        {"neurons": 1000},
        {"firing_rate_hz": 0.0},
        {"firing_rate_hz": 1000.0},
        {"noise_corner_hz": 0.0},
        {"field_correlation": 1.1},
        {"noise_correlation": -0.1},
        {"spike_reach": 1.0},
        {"gain_spread": 0.5},
        {"spike_amplitude": "loud"},
    ],
)
def test_bad_parameters_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ParameterError, match=next(iter(change))):
        synth.Parameters(**change)


@pytest.mark.parametrize("seed", [-1, 0.5, None])
def test_parameters_are_not_drawn_from_what_is_no_seed(seed: Any) -> None:
    with pytest.raises(ParameterError, match="seed"):
        synth.Parameters.drawn(seed)


@pytest.mark.parametrize("codes", [[-1], [1024], [0.5], ["a"]])
def test_what_is_no_code_is_refused(codes: list[Any]) -> None:
    with pytest.raises(ParameterError):
        synth.to_stored(codes)


@pytest.mark.parametrize("electrode", [-1, 0.5])
def test_bad_electrodes_are_refused(electrode: Any) -> None:
    with pytest.raises(ParameterError, match="electrode"):
        synth.code_widths(0, electrode)


# Calibration ---------------------------------------------------------------------------------------------------------


def test_bz2_packs_them_like_the_real_ones(ten: list[Samples]) -> None:
    source = sum(samples.nbytes for samples in ten)
    packed = sum(len(bz2.compress(samples.astype("<i2").tobytes(), 9)) for samples in ten)
    assert source / packed == pytest.approx(REAL_BZ2_RATIO, rel=TOLERANCE)


def test_differences_have_the_real_entropy(ten: list[Samples]) -> None:
    bits = []
    for samples in ten:
        _, counts = np.unique(np.diff(codes_of(samples)), return_counts=True)
        share = counts / counts.sum()
        bits.append(-(share * np.log2(share)).sum())
    assert np.mean(bits) == pytest.approx(REAL_DIFFERENCE_ENTROPY, rel=TOLERANCE)
