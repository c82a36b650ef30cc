"""From noise, fields and spikes to stored samples."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from n1codec import arguments
from n1codec.errors import ParameterError
from n1codec.synth._converter import code_widths, digitise, seed_of, to_stored
from n1codec.synth._noise import field_potential, relaxation
from n1codec.synth._parameters import MAX_FIRING_RATE_HZ, PARAMETER_STREAM, Parameters, spread
from n1codec.synth._random import FloatArray, Stream
from n1codec.synth._spikes import SpikeTrain, spike_train

RATE_HZ = 19531.0
MAX_RATE_HZ = 1e6
MAX_CHANNELS = 8192
MAX_VALUES = 1 << 30

# A spike smaller than this, in LSB, is left out on a distant channel.
SMALLEST_SPIKE = 0.25

# Streams below the seed of a recording.
_FIELD, _NOISE, _AMPLIFIER, _GAIN, _NEURON = range(PARAMETER_STREAM + 1, PARAMETER_STREAM + 6)
# Streams of one neuron.
_LEVELS, _SPIKES = range(2)

# How far single neurons vary about the medians of the recording, in octaves: one standard deviation.
NEURON_AMPLITUDE_SPREAD = 0.7
NEURON_RATE_SPREAD = 1.0


def recording(
    seconds: float = 5.0,
    channels: int = 1,
    rate: float = RATE_HZ,
    seed: int = 0,
    parameters: Parameters | None = None,
    device: int = 0,
) -> npt.NDArray[np.int16]:
    """Return a synthetic recording like those of the Neuralink N1.

    Parameters
    ----------
    seconds : float
        Duration; the number of samples is `seconds * rate`, rounded.
    channels : int
        Electrodes, in their order along a probe.
    rate : float
        Samples per second of one channel.
    seed : int
        Non-negative. Every seed is another recording, with parameters of its own unless `parameters` are given.
    parameters : Parameters, optional
        Levels and rates. By default those of `Parameters.drawn(seed)`.
    device : int
        Seed of the converter's pattern of code widths: recordings of one device share it.

    Returns
    -------
    ndarray of int16, shape (n_samples,) for one channel, else (n_samples, channels)
        Samples as stored by the N1: `to_stored` of 10-bit codes. In C order.

    Raises
    ------
    ParameterError
        If a parameter is of the wrong type or out of range.

    Notes
    -----
    The same arguments give the same samples on every machine whose doubles follow IEEE 754, and with every version of
    NumPy that keeps its promise for PCG64 and SeedSequence: the arithmetic uses nothing else that may differ. A longer
    recording begins with the shorter one of the same seed. The samples may change between versions of n1codec.

    Examples
    --------
    >>> from n1codec import synth
    >>> synth.recording(seconds=0.5, channels=4, seed=7).shape
    (9766, 4)
    """
    seconds = arguments.number("seconds", seconds, above=0)
    rate = arguments.number("rate", rate, high=MAX_RATE_HZ, above=0)
    channels = arguments.integer("channels", channels, 1, MAX_CHANNELS)
    seed, device = seed_of("seed", seed), seed_of("device", device)
    count = _sample_count(seconds, channels, rate)
    if parameters is None:
        parameters = Parameters.drawn(seed)
    arguments.instance("parameters", parameters, Parameters)
    samples = np.empty((count, channels), np.int16)
    arriving = _arriving_spikes(seed, channels, count / rate, rate, parameters)
    fields = _Chain(parameters.field_correlation)
    noises = _Chain(parameters.noise_correlation)
    for channel in range(channels):
        field = fields.follow(field_potential(seed, (_FIELD, channel), count, rate))
        noise = noises.follow(relaxation(Stream(seed, _NOISE, channel), count, parameters.noise_corner_hz, rate))
        voltage = parameters.field_rms * field + parameters.noise_rms * noise
        for train, reach in arriving[channel]:
            train.add_to(voltage, reach)
        if channel:
            voltage *= 1.0 + parameters.gain_spread * float(Stream(seed, _GAIN, channel).normal(1)[0])
        voltage += parameters.amplifier_rms * Stream(seed, _AMPLIFIER, channel).normal(count)
        # A voltage in the middle of a code's step is that code.
        voltage += parameters.offset + 0.5
        samples[:, channel] = to_stored(digitise(voltage, code_widths(device, channel)))
    return samples[:, 0] if channels == 1 else samples


def _sample_count(seconds: float, channels: int, rate: float) -> int:
    """Return the number of samples of a channel, having checked that a recording may hold them."""
    if not 0.5 < seconds * rate <= MAX_VALUES / channels:
        raise ParameterError(
            f"a recording holds 1 to {MAX_VALUES} values, not {channels} channels of {seconds!r} s at {rate!r} Hz"
        )
    return round(seconds * rate)


class _Chain:
    """Makes the signals of successive channels correlated, each with the one before, and leaves their variance at 1."""

    def __init__(self, correlation: float) -> None:
        self._shared = correlation
        self._own = math.sqrt(1.0 - correlation * correlation)
        self._last: FloatArray | None = None

    def follow(self, own: FloatArray) -> FloatArray:
        self._last = own if self._last is None else self._shared * self._last + self._own * own
        return self._last


def _arriving_spikes(
    seed: int, channels: int, seconds: float, rate: float, parameters: Parameters
) -> list[list[tuple[SpikeTrain, float]]]:
    """Return, for each channel, the neurons that it sees and the part of their amplitude that reaches it."""
    arriving: list[list[tuple[SpikeTrain, float]]] = [[] for _ in range(channels)]
    for channel in range(channels):
        for neuron in range(parameters.neurons):
            path = (_NEURON, channel, neuron)
            size, speed = Stream(seed, *path, _LEVELS).normal(2)
            amplitude = spread(parameters.spike_amplitude, NEURON_AMPLITUDE_SPREAD, float(size))
            firing_rate = spread(parameters.firing_rate_hz, NEURON_RATE_SPREAD, float(speed))
            train = spike_train(seed, (*path, _SPIKES), seconds, rate, min(firing_rate, MAX_FIRING_RATE_HZ), amplitude)
            distance, reach = 0, 1.0
            while reach * amplitude >= SMALLEST_SPIKE and distance < channels:
                for there in {channel - distance, channel + distance}:
                    if 0 <= there < channels:
                        arriving[there].append((train, reach))
                distance, reach = distance + 1, reach * parameters.spike_reach
    return arriving
