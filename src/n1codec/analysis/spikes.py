"""Spikes, by a threshold that the spikes themselves do not move."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from n1codec.analysis._types import Floats, Ints
from n1codec.analysis.spectrum import SPIKE_BAND_HZ

THRESHOLD: Final = 5.0
"""Standard deviations of the noise: of white noise in the band, one sample in two million passes."""
MEDIAN_TO_SIGMA: Final = 0.6744897501960817
"""Median of the absolute value of a normal law, in standard deviations (R. Quian Quiroga and others, 2004)."""
DEAD_SECONDS: Final = 0.001
"""Within so much of a larger one, a crossing belongs to it."""
MAX_SAMPLES: Final = 1 << 21
"""Samples of a channel that are looked at: of more, the first."""


@dataclass(frozen=True, eq=False)
class Spikes:
    """What crosses the threshold, of all channels together unless it says otherwise.

    Parameters
    ----------
    rate_hz : float
        Crossings a second and channel.
    channel_rates_hz : ndarray of float64, shape (n_channels,)
        The same of each channel looked at.
    noise : float
        Standard deviation of the noise in the band, in codes: the median over channels.
    amplitude : float or None
        Median size of the peaks, in codes.
    snr : float or None
        Median of peaks over the noise of their channel. It cannot be below `THRESHOLD`.
    negative_share : float or None
        Part of the peaks that point down.
    count : int
        Crossings found.
    band_hz : tuple of float
        Band that was looked at; its upper end lies below half the rate.
    """

    rate_hz: float
    channel_rates_hz: Floats = field(repr=False)
    noise: float
    amplitude: float | None
    snr: float | None
    negative_share: float | None
    count: int
    band_hz: tuple[float, float]


def band_pass(signal: Floats, rate: float, low: float, high: float) -> Floats:
    """Return a signal between two frequencies, without delay: its transform times a window with cosine flanks.

    The flanks reach from 0.75 to 1.25 of `low` and from 0.9 to 1.1 of `high`. The signal is mirrored at its ends, so that
    the two do not meet.
    """
    mirrored = np.concatenate((signal, signal[::-1]))
    frequencies = np.fft.rfftfreq(len(mirrored), 1.0 / rate)
    rise = np.clip((frequencies / low - 0.75) / 0.5, 0.0, 1.0)
    fall = np.clip((1.1 - frequencies / high) / 0.2, 0.0, 1.0)
    window = (0.5 - 0.5 * np.cos(np.pi * rise)) * (0.5 - 0.5 * np.cos(np.pi * fall))
    filtered: Floats = np.fft.irfft(np.fft.rfft(mirrored) * window, len(mirrored))[: len(signal)]
    return filtered


def find_peaks(filtered: Floats, threshold: float, dead: int) -> Ints:
    """Return where a signal's absolute value peaks above a threshold, no two within `dead` samples: the larger stays."""
    size = np.abs(filtered)
    above = size > threshold
    inner = above[1:-1] & (size[1:-1] >= size[:-2]) & (size[1:-1] > size[2:])
    peaks = np.flatnonzero(inner) + 1
    kept: list[int] = []
    for peak in peaks.tolist():
        if kept and peak - kept[-1] <= dead:
            if size[peak] > size[kept[-1]]:
                kept[-1] = peak
        else:
            kept.append(peak)
    return np.array(kept, np.int64)


def spikes(codes: NDArray[np.int32], rate: float) -> Spikes | None:
    """Return the spikes of channels, shape (n_samples, n_channels); None if the rate or the length leaves no band."""
    high = min(SPIKE_BAND_HZ[1], 0.4 * rate)
    codes = codes[:MAX_SAMPLES]
    if high < 2.0 * SPIKE_BAND_HZ[0] or len(codes) < 0.05 * rate:
        return None
    rates, noises, sizes, ratios, down = [], [], [], [], 0
    for channel in range(codes.shape[1]):
        signal = codes[:, channel].astype(np.float64)
        filtered = band_pass(signal - signal.mean(), rate, SPIKE_BAND_HZ[0], high)
        noise = float(np.median(np.abs(filtered))) / MEDIAN_TO_SIGMA
        peaks = (
            find_peaks(filtered, THRESHOLD * noise, round(DEAD_SECONDS * rate))
            if noise > 1e-9
            else np.zeros(0, np.int64)
        )
        noises.append(noise)
        rates.append(len(peaks) * rate / len(codes))
        sizes.append(np.abs(filtered[peaks]))
        ratios.append(sizes[-1] / max(noise, 1e-9))
        down += int(np.count_nonzero(filtered[peaks] < 0))
    count = sum(map(len, sizes))
    return Spikes(
        rate_hz=float(np.mean(rates)),
        channel_rates_hz=np.array(rates),
        noise=float(np.median(noises)),
        amplitude=float(np.median(np.concatenate(sizes))) if count else None,
        snr=float(np.median(np.concatenate(ratios))) if count else None,
        negative_share=down / count if count else None,
        count=count,
        band_hz=(SPIKE_BAND_HZ[0], high),
    )
