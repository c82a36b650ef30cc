"""Promise: what the analysis says of a signal is what the signal was made to be."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from n1codec import analysis, get, synth
from n1codec.analysis._converters import converters
from n1codec.analysis._model import EvenScale, LearnedScale, edges_of
from n1codec.analysis.amplitude import amplitude
from n1codec.analysis.code_widths import WidthCounts, agreement, widths
from n1codec.analysis.codes import Codes
from n1codec.analysis.correlation import autocorrelation, likeness, prediction, residual_powers
from n1codec.analysis.entropies import conditional_entropies, transformed_entropies
from n1codec.analysis.floor import _code_length, _Knowledge, _Plan
from n1codec.analysis.spectrum import spectrum, water_filling, welch
from n1codec.analysis.spikes import find_peaks, spikes
from n1codec.errors import ParameterError, UnsupportedError

RATE = 20_000.0
Floats = NDArray[np.float64]


def autoregression(n: int, a: float, sigma: float, seed: int = 0) -> Floats:
    """Return x[t] = a x[t-1] + e[t], e normal, as far as a long impulse response goes."""
    noise = np.random.default_rng(seed).normal(0.0, sigma, n + 400)
    return np.convolve(noise, a ** np.arange(400))[400 : n + 400]


def rounded(signal: Floats) -> NDArray[np.int16]:
    return np.round(signal).astype(np.int16)


def test_white_noise_has_a_flat_spectrum_of_its_variance() -> None:
    noise = np.random.default_rng(1).normal(0, 10, 200_000)
    frequencies, density = welch(noise, RATE)
    assert density[1:].sum() * (frequencies[1] - frequencies[0]) == pytest.approx(100, rel=0.02)
    halves = density[10:1000].mean() / density[1000:2000].mean()
    assert halves == pytest.approx(1, abs=0.03)
    found = spectrum(rounded(noise)[:, np.newaxis].astype(np.int32), RATE)
    assert found.entropy > 0.99
    assert found.flatness > 0.98
    assert found.gaussian_bits == pytest.approx(0.5 * math.log2(2 * math.pi * math.e * 100), abs=0.02)


def test_a_sine_has_one_peak_at_its_frequency() -> None:
    sine = np.sin(2 * np.pi * 1234.0 * np.arange(100_000) / RATE)
    frequencies, density = welch(sine, RATE)
    assert abs(frequencies[np.argmax(density)] - 1234.0) < RATE / 4096
    assert density.sum() * (frequencies[1] - frequencies[0]) == pytest.approx(0.5, rel=0.01)


def test_prediction_gains_of_an_autoregression_are_those_of_theory() -> None:
    signal = autoregression(200_000, 0.9, 20)
    assert autocorrelation(signal)[5] == pytest.approx(0.9**5, abs=0.02)
    found = prediction(rounded(signal)[:, np.newaxis].astype(np.int32))
    assert found.saved_bits[0] == pytest.approx(-0.5 * math.log2(1 - 0.81), abs=0.02)
    assert found.saved_bits[-1] == pytest.approx(found.saved_bits[0], abs=0.02)
    exact = residual_powers(np.power(0.9, np.arange(9.0)), 8)
    assert exact[1:] == pytest.approx(np.full(8, 0.19))


def test_entropies_are_those_of_known_distributions() -> None:
    assert analysis.entropy(np.array([0, 0, 1, 2] * 50, np.int16)) == pytest.approx(1.5)
    assert analysis.entropy(np.zeros(9, np.uint8)) == 0
    assert analysis.entropy(np.arange(1024, dtype=np.int32) << 20) == pytest.approx(10)
    # A chain that stays with probability 0.9 of four states: its entropy given the last state is known.
    rng = np.random.default_rng(0)
    states = np.cumsum(np.where(rng.random(100_000) < 0.9, 0, rng.integers(1, 4, 100_000))) % 4
    known = next(
        one for one in conditional_entropies(states[:, np.newaxis].astype(np.int32)) if "last code" in one.what
    )
    assert known.reliable
    assert known.bits == pytest.approx(0.469 + 0.1 * math.log2(3), abs=0.01)


def test_counting_too_many_contexts_is_admitted() -> None:
    noise = np.random.default_rng(0).integers(0, 1000, (3000, 1)).astype(np.int32)
    found = conditional_entropies(noise)
    assert found[-1].bits < 5 < math.log2(1000)  # the plug-in estimate is far too low ...
    assert not found[-1].reliable  # ... and says so
    assert found[-1].bias > 0.1


def test_transforms_are_measured_alone_and_after_the_lattice() -> None:
    samples = synth.recording(1.0, seed=2)
    found = {one.chain: one.bits_per_sample for one in transformed_entropies(samples)}
    assert found[""] == pytest.approx(analysis.entropy(samples))
    assert found["lattice+delta"] < found["delta"] < found[""]
    assert found["lattice"] == pytest.approx(found[""], abs=0.05)  # only renames values, and says how
    assert found["lattice+delta:order=2"] > found["lattice+delta"]


@pytest.mark.parametrize(("a", "sigma"), [(0.0, 6.0), (0.95, 5.0), (0.9, 40.0)])
def test_the_floor_is_the_entropy_rate_of_a_gaussian_source(a: float, sigma: float) -> None:
    samples = rounded(autoregression(60_000, a, sigma))
    truth = 0.5 * math.log2(2 * math.pi * math.e * sigma**2)
    found = analysis.floor(samples, RATE)
    assert found.bits_per_sample == pytest.approx(truth, abs=0.05)
    assert found.bits_per_sample > truth - 0.01


def test_the_floor_uses_neighbours_and_learns_where_it_pays() -> None:
    common = autoregression(30_000, 0.9, 20)
    rng = np.random.default_rng(3)
    pair = np.stack([rounded(common + rng.normal(0, 2, 30_000)) for _ in range(2)], axis=1)
    apart = [analysis.floor(np.ascontiguousarray(pair[:, channel]), RATE).bits_per_sample for channel in range(2)]
    assert analysis.floor(pair, RATE).bits_per_sample < np.mean(apart) - 0.8
    planted = analysis.floor(synth.recording(3.0, seed=1), synth_rate())
    assert planted.width_gain is not None
    assert planted.width_gain > 0.05
    assert planted.bits_per_sample < planted.even_bits_per_sample - 0.05


@pytest.mark.parametrize("learned", [False, True])
def test_the_floor_looks_at_the_past_only(learned: bool) -> None:
    """What a block costs does not depend on what comes after it, so a decoder could follow."""
    signal = np.clip(rounded(autoregression(8192, 0.9, 5)), -40, 40).astype(np.int32)
    signal[:2] = -40, 40  # the range of codes is known beforehand
    other = signal.copy()
    other[5000:] = np.random.default_rng(1).integers(-40, 41, 3192)
    plans = [_Plan(0, 24, ())]
    lengths = [
        _code_length(
            one[:, np.newaxis], plans, _Knowledge.none(plans), RATE, -40, LearnedScale(81) if learned else EvenScale()
        )
        for one in (signal, other)
    ]
    same = 2 + 9  # blocks of 128, 256 and 512 samples that end before sample 5,000
    assert lengths[0][:same].tolist() == lengths[1][:same].tolist()
    assert lengths[0][same + 1] != lengths[1][same + 1]


def synth_rate() -> float:
    return 19_531.0


def test_planted_code_widths_are_recovered() -> None:
    for seed in (0, 1):
        found = analysis.analyse(synth.recording(5.0, seed=seed), synth_rate())
        assert found.full_scale
        assert found.converter_bits == 10
        assert found.widths.verdict == "uneven"
        assert found.widths.missing == (510, 511)
        truth = synth.code_widths(0, 0)[found.widths.codes]
        assert np.corrcoef(found.widths.widths, truth)[0, 1] > 0.9
        assert found.widths.spread == pytest.approx(truth.std(), rel=0.15)
        assert found.widths.bits == pytest.approx(0.095, abs=0.02)


def test_an_even_converter_is_called_even() -> None:
    for sigma in (2.0, 5.0, 30.0):
        found = analysis.analyse(rounded(autoregression(100_000, 0.9, sigma)), RATE)
        assert found.widths.verdict == "even"
        assert found.widths.missing == ()
        assert found.widths.spread is not None
        assert found.widths.spread < 0.05
        assert abs(found.floor.width_gain or 0.0) < 0.005


def test_the_test_for_evenness_errs_as_rarely_as_it_says() -> None:
    rng = np.random.default_rng(5)
    expected = 2000 * np.exp(-0.5 * np.linspace(-2.5, 2.5, 200) ** 2)
    uneven = 0
    for _ in range(200):
        true = np.maximum(rng.normal(1, 0.1, 200), 0)  # just within the tolerance
        uneven += widths(WidthCounts(0, rng.poisson(expected * true), expected)).verdict == "uneven"
    assert uneven <= 2
    rough = np.maximum(rng.normal(1, 0.2, 200), 0)
    assert widths(WidthCounts(0, rng.poisson(expected * rough), expected)).verdict == "uneven"


def test_an_error_of_the_smooth_density_is_no_unevenness() -> None:
    expected = np.full(300, 5000.0)
    drifting = np.random.default_rng(0).poisson(expected * np.linspace(0.7, 1.3, 300))
    assert widths(WidthCounts(0, drifting, expected)).verdict == "even"


def test_too_few_samples_are_admitted() -> None:
    assert widths(WidthCounts(0, np.zeros(0, np.int64), np.zeros(0))).verdict == "unknown"
    assert (
        analysis.analyse(np.random.default_rng(0).integers(-30000, 30000, 5000).astype(np.int16), RATE).widths.spread
        is None
    )


def test_counts_of_recordings_add_up() -> None:
    one = WidthCounts(10, np.array([1, 2]), np.array([1.0, 2.0]))
    other = WidthCounts(8, np.array([5, 6, 7]), np.array([5.0, 6.0, 7.0]))
    both = one + other
    assert both.lowest == 8
    assert both.counts.tolist() == [5, 6, 8, 2]
    assert both.expected.tolist() == [5, 6, 8, 2]
    seen = [analysis.analyse(synth.recording(4.0, seed=seed), synth_rate()) for seed in (0, 1)]
    assert (agreement(seen[0].widths, seen[1].widths) or 0) > 0.9


def test_planted_spikes_are_found() -> None:
    rng = np.random.default_rng(2)
    signal = autoregression(200_000, 0.5, 5)
    at = np.arange(500, 199_000, 2000) + rng.integers(0, 500, 100)[: len(range(500, 199_000, 2000))]
    shape = -120 * np.exp(-0.5 * ((np.arange(20) - 8) / 2.5) ** 2)
    for place in at:
        signal[place : place + 20] += shape
    found = spikes(rounded(signal)[:, np.newaxis].astype(np.int32), RATE)
    assert found is not None
    assert abs(found.count - len(at)) <= 3
    assert found.rate_hz == pytest.approx(10, abs=0.4)
    assert found.negative_share is not None
    assert found.negative_share > 0.95
    assert found.snr is not None
    assert found.snr > 8
    quiet = spikes(rounded(autoregression(200_000, 0.5, 5))[:, np.newaxis].astype(np.int32), RATE)
    assert quiet is not None
    assert quiet.count <= 3


def test_of_peaks_close_together_the_larger_stays() -> None:
    signal = np.zeros(50)
    signal[[10, 13, 30]] = 6, -9, 7
    assert find_peaks(signal, 5.0, 5).tolist() == [13, 30]


def test_amplitudes_are_those_of_numpy() -> None:
    values = np.random.default_rng(4).integers(0, 200, (5000, 2)).astype(np.int16)
    values[100:110, 0] = 250  # ten samples clipped
    found = amplitude(Codes.of(values))
    assert found.channel_mean == pytest.approx(values.mean(axis=0))
    assert found.channel_std == pytest.approx(values.std(axis=0))
    assert (found.lowest, found.highest) == (0, 250)
    assert found.clipped * values.size == pytest.approx(10, abs=0.1)
    uniform = amplitude(Codes.of(np.tile(np.arange(1000), 5).astype(np.int16)))
    assert uniform.skewness == pytest.approx(0, abs=1e-9)
    assert uniform.kurtosis == pytest.approx(-1.2, abs=1e-4)


def test_likeness_of_channels_is_their_correlation() -> None:
    rng = np.random.default_rng(0)
    common = rng.normal(0, 30, 20_000)
    channels = np.stack([rounded(common + rng.normal(0, 30, 20_000)) for _ in range(3)], axis=1).astype(np.int32)
    found = likeness(channels, (0, 1, 2))
    assert found is not None
    assert found.neighbours == pytest.approx(0.5, abs=0.03)
    assert found.matrix == pytest.approx(np.corrcoef(channels.T), abs=1e-9)


def test_water_filling_is_that_of_white_noise_where_it_is_known() -> None:
    frequencies = np.linspace(5, 9995, 1000)
    all_over, in_band = water_filling(frequencies, np.ones(1000), RATE, 1.0)
    assert all_over == pytest.approx(6.0206, abs=0.01)
    assert in_band == pytest.approx(6.0206, abs=0.01)
    low = np.where(frequencies < 1000, 100.0, 1e-6)  # a tenth of the band: ten times the bits for each sample of it
    assert water_filling(frequencies, low, RATE, 0.1)[0] == pytest.approx(6.02, abs=0.1)


def test_200x_is_arithmetic() -> None:
    far = analysis.distance(
        converter_bits=10,
        storage_bits=16,
        floor_bits=4.5,
        rate=20_000,
        spike_rate=10,
        snr_db=None,
        spike_band_snr_db=None,
    )
    assert (far.needed_of_converter, far.needed_of_storage) == (0.05, 0.08)
    assert far.gap == pytest.approx(90)
    assert far.white_snr_db == pytest.approx(0.301, abs=1e-3)
    assert far.lossless_channels == pytest.approx(11.1, abs=0.1)
    routes = {route.what: route for route in far.routes}
    assert routes["threshold crossings, 16 bits each"].factor == pytest.approx(1250)
    assert all(route.source and "memory" not in route.source for route in far.routes)


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(1, np.int16),
        np.zeros(5000, np.uint8),
        np.zeros((5, 3), np.int16),
        np.arange(3, dtype=np.uint8),
        np.random.default_rng(0).integers(-(2**31), 2**31 - 1, 3000).astype(np.int32),
        np.random.default_rng(0).integers(0, 2**32 - 1, (500, 3)).astype(">u4"),
        np.random.default_rng(0).normal(0, 3, (9, 40)).astype(np.int8),
        np.arange(3000, dtype=np.int16).reshape(-1, 2)[::-1],
    ],
)
def test_odd_recordings_are_analysed(samples: NDArray[np.integer]) -> None:
    study = analysis.Study.of([analysis.analyse(samples, RATE)])
    assert "NaN" not in study.to_json()
    assert study.pooled.floor_bits >= 0
    assert study.pooled.floor_bits <= samples.itemsize * 8


def test_sync_lines_are_left_out() -> None:
    frames = np.random.default_rng(0).normal(0, 20, (4000, 3)).astype(np.int16)
    frames[:, 1] = np.repeat([0, 64, 0, 64], 1000)
    found = analysis.analyse(frames, RATE)
    assert found.channels == (0, 2)
    assert found.floor.channels == (0, 2)
    assert found.likeness is not None
    assert found.likeness.channels.tolist() == [0, 2]


def test_nonsense_is_refused() -> None:
    with pytest.raises(ParameterError):
        analysis.analyse(np.zeros(0, np.int16), RATE)
    with pytest.raises(ParameterError):
        analysis.floor(np.zeros(5, np.int16), math.nan)
    with pytest.raises(ParameterError):
        analysis.analyse(np.zeros(5, np.int16), RATE, seconds=0)
    with pytest.raises(UnsupportedError):
        analysis.analyse(np.zeros(5), RATE)


@pytest.mark.parametrize("channels", [1, 4])
def test_no_level_of_n1_goes_below_the_floor(channels: int) -> None:
    """On a converter it knows nothing of beforehand: a floor that codecs pass by is none."""
    samples = synth.recording(2.0, channels=channels, seed=5)
    bare = Codes.of(samples).codes.astype(np.int16).reshape(samples.shape)
    found = analysis.floor(bare, synth_rate())
    assert found.bits_per_sample < found.causal_bits_per_sample
    for level in (1, 3, 5, 6, 9):
        bits = 8 * len(get(f"n1:level={level}").encode(bare)) / bare.size
        assert found.bits_per_sample < bits < 1.03 * found.bits_per_sample, level


def test_hindsight_is_charged_for_what_it_fits() -> None:
    """White noise takes what its law takes of these very samples: a fit to them may not seem to save anything."""
    rng = np.random.default_rng(8)
    over, over_even = [], []
    for _ in range(4):
        samples = rounded(rng.normal(0, 20, 2000))
        law = 0.5 * math.log2(2 * math.pi * 400) + np.mean(samples.astype(float) ** 2) / 800 * math.log2(math.e)
        found = analysis.floor(samples, RATE)
        over.append(found.bits_per_sample - law)
        over_even.append(found.even_bits_per_sample - law)
    assert -0.025 < np.mean(over) < 0.025
    assert 0.02 < np.mean(over_even) < 0.06  # 0.008 uncharged


def test_channels_on_converters_of_their_own_are_told_apart() -> None:
    """Sixty-four channels wired as in Neuropixels 2.0: even and odd ones of thirty-two share a converter."""
    rng = np.random.default_rng(9)
    n_codes, n_samples = 64, 3000
    edges = [edges_of(np.clip(rng.normal(1, 0.4, n_codes), 0.05, 3)) for _ in range(4)]
    converter = [channel // 32 * 2 + channel % 2 for channel in range(64)]
    frames = np.stack(
        [np.searchsorted(edges[one], rng.normal(n_codes / 2, 8, n_samples)) - 1 for one in converter], axis=1
    )
    found = converters(np.clip(frames, 0, n_codes - 1).astype(np.int32), tuple(range(64)), 0, n_codes)
    assert found.count == 4
    # Where codes are frequent, the widths found are those planted, but for their common scale.
    for channel, one in enumerate(converter[:2]):
        low, high = found.scale.edges(np.arange(20, 44), np.array(channel))
        assert np.corrcoef(high - low, np.diff(edges[one])[20:44])[0, 1] > 0.95
    alike = np.searchsorted(edges[0], rng.normal(n_codes / 2, 8, (n_samples, 64))).clip(1, n_codes) - 1
    assert converters(alike.astype(np.int32), tuple(range(64)), 0, n_codes).count == 1


def test_sync_lines_cost_next_to_nothing_at_the_floor() -> None:
    frames = np.random.default_rng(0).normal(0, 20, (8000, 2)).astype(np.int16)
    alone = analysis.floor(frames, RATE).bits_per_sample
    sync = np.repeat(np.array([0, 64] * 4, np.int16), 1000)
    found = analysis.floor(np.column_stack((frames, sync, np.zeros(8000, np.int16))), RATE)
    assert alone / 2 < found.bits_per_sample < alone / 2 + 0.01


def test_first_samples_are_charged() -> None:
    """One frame of many channels has no past to be foretold from."""
    row = np.random.default_rng(0).normal(0, 10, (1, 384)).astype(np.int16)
    assert analysis.floor(row, RATE).bits_per_sample > 5.3  # the law's entropy is 5.37


def test_the_floor_of_few_or_of_all_values_is_their_entropy() -> None:
    """Where laws of voltage say nothing, counting does: a floor above what a histogram takes is none."""
    square = np.where(np.sin(np.arange(60_000) / 50) > 0, 32767, -32768).astype(np.int16)
    found = analysis.floor(square, RATE)
    assert found.bits_per_sample <= 1  # two values: counting alone takes one bit
    noise = np.random.default_rng(0).integers(-(2**31), 2**31 - 1, 20_000).astype(np.int32)
    assert analysis.floor(noise, RATE).bits_per_sample == pytest.approx(32, abs=1e-3)
    letters = np.random.default_rng(1).choice([0, 1, 1000], 50_000, p=[0.5, 0.25, 0.25]).astype(np.int16)
    assert analysis.floor(letters, RATE).bits_per_sample == pytest.approx(1.5, abs=0.01)


def test_codes_of_unsigned_values_keep_their_order() -> None:
    values = (2**31 + np.arange(-500, 500)).astype(np.uint32)
    found = Codes.of(values)
    assert np.diff(found.codes[:, 0]).tolist() == [1] * 999
    assert found.lattice == "value = code + 2147483648"
