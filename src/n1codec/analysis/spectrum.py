"""Spectra: Welch's estimate, the spectrogram, and what they say about coding."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from n1codec.analysis._types import Floats

SEGMENT: Final = 4096
"""Samples of a segment, unless the signal is shorter than eight of them."""
BANDS: Final = 160
"""Bands, evenly spaced on a logarithmic axis, that a spectrum is kept in."""
SPIKE_BAND_HZ: Final = (300.0, 6000.0)
"""Where spikes have their power."""
PICTURE: Final = (96, 64)
"""Most instants and frequencies of a spectrogram."""


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Power over frequency, the mean over channels.

    Parameters
    ----------
    frequencies : ndarray of float64, shape (n_bands,)
        Centre of each band in Hz; the lowest excludes zero.
    density : ndarray of float64, shape (n_bands,)
        Power in codes squared a hertz, one-sided.
    entropy : float
        Spectral entropy, from 0 (one line) to 1 (white).
    flatness : float
        Geometric over arithmetic mean of the density: the part of the power that prediction cannot remove.
    gaussian_bits : float
        Entropy rate, in bits a sample, of a Gaussian process of this spectrum on an even converter: what is left after ideal
        linear prediction. Good where the residual is wider than about one code.
    spike_band_share : float
        Part of the power in `SPIKE_BAND_HZ`.
    median_frequency : float
        Frequency in Hz that half of the power is below.
    """

    frequencies: Floats = field(repr=False)
    density: Floats = field(repr=False)
    entropy: float
    flatness: float
    gaussian_bits: float
    spike_band_share: float
    median_frequency: float


@dataclass(frozen=True, eq=False)
class Spectrogram:
    """Power over time and frequency of one channel, in decibels of codes squared a hertz.

    Parameters
    ----------
    channel : int
        Which.
    seconds : ndarray of float64, shape (n_instants,)
        Middle of each instant.
    frequencies : ndarray of float64, shape (n_frequencies,)
        In Hz.
    decibels : ndarray of float64, shape (n_instants, n_frequencies)
        The power.
    """

    channel: int
    seconds: Floats = field(repr=False)
    frequencies: Floats = field(repr=False)
    decibels: Floats = field(repr=False)


def welch(signal: Floats, rate: float, segment: int = SEGMENT) -> tuple[Floats, Floats]:
    """Return a power spectral density by Welch's method: Hann windows, half overlapping, their means taken off.

    Parameters
    ----------
    signal : ndarray of float64, shape (n,)
        One channel, n > 0.
    rate : float
        Samples a second.
    segment : int
        Samples of a segment; shortened to the signal.

    Returns
    -------
    frequencies, density : ndarray of float64, shape (segment // 2 + 1,)
        In Hz, and in the signal's unit squared a hertz, one-sided: its integral is the variance.

    Notes
    -----
    P. D. Welch, "The use of fast Fourier transform for the estimation of power spectra", 1967.
    """
    segment = min(segment, len(signal))
    powers = _periodograms(signal, rate, segment, max(1, segment // 2))
    frequencies = np.fft.rfftfreq(segment, 1.0 / rate).astype(np.float64)
    density: Floats = powers.mean(axis=0)
    return frequencies, density


def spectrum(codes: NDArray[np.int32], rate: float) -> Spectrum:
    """Return the mean spectrum of channels, shape (n_samples, n_channels)."""
    segment = max(8, min(SEGMENT, 1 << max(0, len(codes) // 8).bit_length()))
    densities = []
    for channel in range(codes.shape[1]):
        frequencies, one = welch(codes[:, channel].astype(np.float64), rate, segment)
        densities.append(one)
    density = np.mean(densities, axis=0)
    inner, inner_frequencies = density[1:], frequencies[1:]  # the mean was taken off
    power = float(inner.sum())
    if len(inner) < 2 or power <= 0.0:
        return Spectrum(inner_frequencies, inner, 0.0, 0.0, 0.0, 0.0, 0.0)
    share = inner / power
    entropy = float(-(share[share > 0] * np.log2(share[share > 0])).sum() / math.log2(len(share)))
    logarithms = [float(np.log(np.maximum(one[1:], 1e-30)).mean()) for one in densities]
    # An average of k periodograms is on average k / 2 chi-squared: its logarithm is low by about 1 / (2 k).
    segments = max(1.0, 2.0 * len(codes) / segment - 1.0)
    mean_log = float(np.mean(logarithms)) + 0.5 / segments
    bits = 0.5 * math.log2(2.0 * math.pi * math.e) + 0.5 * (mean_log / math.log(2.0) + math.log2(rate / 2.0))
    band = (inner_frequencies >= SPIKE_BAND_HZ[0]) & (inner_frequencies <= SPIKE_BAND_HZ[1])
    return Spectrum(
        *_in_bands(inner_frequencies, inner),
        entropy=entropy,
        flatness=min(1.0, math.exp(mean_log) / (power / len(inner))),
        gaussian_bits=max(0.0, bits),
        spike_band_share=float(share[band].sum()),
        median_frequency=float(inner_frequencies[np.searchsorted(np.cumsum(share), 0.5)]),
    )


def spectrogram(codes: NDArray[np.int32], rate: float, channel: int) -> Spectrogram:
    """Return the spectrogram of a channel, of shape (n_samples,), that is number `channel` of the recording."""
    instants, n_frequencies = PICTURE
    segment = max(8, min(1024, len(codes) // 2))
    segment = min(segment, len(codes))
    powers = _periodograms(codes.astype(np.float64), rate, segment, max(1, segment // 2))
    powers = _averaged(_averaged(powers[:, 1:], instants).T, n_frequencies).T
    starts = np.arange(len(powers)) + 0.5
    return Spectrogram(
        channel=channel,
        seconds=starts * len(codes) / rate / len(powers),
        frequencies=(np.arange(powers.shape[1]) + 0.5) * rate / 2.0 / max(1, powers.shape[1]),
        decibels=10.0 * np.log10(np.maximum(powers, 1e-12)),
    )


def water_filling(frequencies: Floats, density: Floats, rate: float, bits_per_sample: float) -> tuple[float, float]:
    """Return the best signal-to-noise ratio that a rate allows, over all and in the spike band, in decibels.

    The rate-distortion function of a Gaussian process by reverse water-filling (Cover and Thomas, "Elements of
    information theory", 10.3.3): noise at one level wherever the signal is above it, nothing sent where it is not.

    Parameters
    ----------
    frequencies, density : ndarray of float64, shape (n_bands,)
        A one-sided spectrum in bands evenly spaced on a logarithmic axis.
    rate : float
        Samples a second.
    bits_per_sample : float
        Bits to spend.
    """
    edges = np.concatenate(([0.0], (frequencies[1:] + frequencies[:-1]) / 2.0, [rate / 2.0]))
    weights = np.diff(edges) / (rate / 2.0)
    low, high = -60.0, float(np.log2(density.max()))
    for _ in range(80):
        level = 2.0 ** ((low + high) / 2.0)
        spent = 0.5 * float((weights * np.log2(np.maximum(density / level, 1.0))).sum())
        low, high = ((low + high) / 2.0, high) if spent > bits_per_sample else (low, (low + high) / 2.0)
    noise = np.minimum(density, 2.0**high)
    band = (frequencies >= SPIKE_BAND_HZ[0]) & (frequencies <= SPIKE_BAND_HZ[1])
    ratios = []
    for here in (np.ones_like(band), band):
        signal = float((weights * density)[here].sum())
        ratios.append(10.0 * math.log10(signal / float((weights * noise)[here].sum())) if signal > 0 else 0.0)
    return ratios[0], ratios[1]


def _periodograms(signal: Floats, rate: float, segment: int, step: int) -> Floats:
    """Return the one-sided periodogram of each segment, shape (n_segments, segment // 2 + 1)."""
    # Periodic, as befits a transform; of fewer than three samples only their means would be left.
    window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(segment) / segment) if segment > 2 else np.ones(segment)
    pieces = np.lib.stride_tricks.sliding_window_view(signal, segment)[::step]
    powers = np.empty((len(pieces), segment // 2 + 1))
    for start in range(0, len(pieces), 256):
        some = pieces[start : start + 256]
        transformed = np.fft.rfft((some - some.mean(axis=1, keepdims=True)) * window, axis=1)
        powers[start : start + 256] = np.abs(transformed) ** 2
    powers *= 2.0 / (rate * float((window * window).sum()))
    powers[:, 0] /= 2.0
    if segment % 2 == 0:
        powers[:, -1] /= 2.0
    return powers


def _in_bands(frequencies: Floats, density: Floats) -> tuple[Floats, Floats]:
    """Return the mean of a density in bands of equal width on a logarithmic axis, empty bands left out."""
    if len(density) <= BANDS:
        return frequencies, density
    edges = np.geomspace(frequencies[0], frequencies[-1] * (1.0 + 1e-9), BANDS + 1)
    band = np.clip(np.searchsorted(edges, frequencies, side="right") - 1, 0, BANDS - 1)
    counts = np.bincount(band, minlength=BANDS)
    used = counts > 0
    means = np.bincount(band, weights=density, minlength=BANDS)[used] / counts[used]
    centres = np.bincount(band, weights=frequencies, minlength=BANDS)[used] / counts[used]
    return centres, means


def _averaged(rows: Floats, most: int) -> Floats:
    """Return at most so many rows, each the mean of as many as it stands for."""
    if len(rows) <= most:
        return rows
    edges = np.arange(most + 1) * len(rows) // most
    sums: Floats = np.add.reduceat(rows, edges[:-1], axis=0)
    return sums / np.diff(edges)[:, np.newaxis]
