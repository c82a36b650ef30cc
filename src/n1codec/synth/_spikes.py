"""Action potentials: when a neuron fires, and what the electrode sees of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from n1codec.synth._random import FloatArray, Stream

REFRACTORY_S = 0.002
# Standard deviation of the amplitude from one spike of a neuron to the next, relative to the mean.
AMPLITUDE_JITTER = 0.08

# Streams of one neuron.
_SHAPE, _INTERVALS, _JITTER = range(3)

# Longest time from the trough of a spike to the end of its hump, and longest time from its beginning to the trough.
_AFTER_S = 0.00144
_BEFORE_S = 0.00024


@dataclass(frozen=True, slots=True)
class SpikeTrain:
    """The spikes of one neuron: what its waveform adds to the samples near each of them.

    Attributes
    ----------
    index : ndarray of int64, shape (n_spikes, n_taps)
        Samples touched, some before the first or past the last of the recording.
    waveform : ndarray of float64, shape (n_spikes, n_taps)
        Added voltage in LSB on the neuron's own electrode, troughs negative.
    """

    index: npt.NDArray[np.int64]
    waveform: FloatArray

    def add_to(self, voltage: FloatArray, gain: float) -> None:
        """Add the spikes, scaled by `gain`, to the voltage of one electrode, in place."""
        inside = (self.index >= 0) & (self.index < voltage.size)
        # `add.at` adds in order, and adds twice where two spikes meet.
        np.add.at(voltage, self.index[inside], gain * self.waveform[inside])


def firing_times(seed: int, path: tuple[int, ...], seconds: float, firing_rate_hz: float) -> FloatArray:
    """Return the times in seconds of a Poisson process with a dead time of `REFRACTORY_S` after each spike.

    The intervals are drawn in blocks until they pass `seconds`, so that a longer recording begins like a shorter one.
    """
    mean_wait = 1.0 / firing_rate_hz - REFRACTORY_S
    stream = Stream(seed, *path, _INTERVALS)
    blocks = []
    now = 0.0
    while now < seconds:
        times = np.cumsum(np.concatenate(([now], REFRACTORY_S + mean_wait * stream.exponential(64))))[1:]
        blocks.append(times)
        now = float(times[-1])
    if not blocks:
        return np.zeros(0)
    times = np.concatenate(blocks)
    return times[times < seconds]


def spike_train(
    seed: int, path: tuple[int, ...], seconds: float, rate: float, firing_rate_hz: float, amplitude: float
) -> SpikeTrain:
    """Return the spikes of one neuron, each at its own time between two samples and of its own amplitude.

    The waveform is a sharp trough and a slower, lower hump of the opposite sign, each of the shape ``(1 - u*u)**3``:
    a bell with an end, made of products only.

    Parameters
    ----------
    seed, path
        The neuron.
    seconds, rate : float
        Duration and samples per second of the recording.
    firing_rate_hz : float
        Mean number of spikes per second.
    amplitude : float
        Mean depth of the trough in LSB.
    """
    # A spike just past the end has begun before it.
    times = firing_times(seed, path, seconds + _BEFORE_S, firing_rate_hz)
    wide, late, low = ((float(u) * 2.0**-32) for u in Stream(seed, *path, _SHAPE).uniform32(3))
    trough_s = 0.00016 + 0.00008 * wide
    hump_s = 0.00036 + 0.00024 * late
    hump_at_s = trough_s + 0.00036 + 0.00024 * late
    hump = 0.2 + 0.25 * low

    first = np.floor((times - _BEFORE_S) * rate).astype(np.int64)
    taps = np.arange(int((_BEFORE_S + _AFTER_S) * rate) + 2)
    index = first[:, None] + taps
    since = index / rate - times[:, None]
    waveform = hump * _bell((since - hump_at_s) / hump_s) - _bell(since / trough_s)
    jitter = 1.0 + AMPLITUDE_JITTER * Stream(seed, *path, _JITTER).normal(times.size)
    return SpikeTrain(index, waveform * (amplitude * jitter)[:, None])


def _bell(u: FloatArray) -> FloatArray:
    base = np.maximum(1.0 - u * u, 0.0)
    return base * base * base
