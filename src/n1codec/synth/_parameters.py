"""What a synthetic recording is made of, in physical units, and how recordings differ from one another."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from n1codec import arguments
from n1codec.synth._converter import CODES, seed_of
from n1codec.synth._random import Stream, normal_quantile

# Largest level and largest spike, in LSB: the range of the converter. Anything louder would only saturate.
MAX_LEVEL = float(CODES)
MAX_NEURONS = 64
MAX_FIRING_RATE_HZ = 200.0

LIMITS: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {
        "field_rms": (0.0, MAX_LEVEL),
        "noise_rms": (0.0, MAX_LEVEL),
        "noise_corner_hz": (1e-3, 1e6),
        "amplifier_rms": (0.0, MAX_LEVEL),
        "offset": (0.0, MAX_LEVEL),
        "firing_rate_hz": (1e-3, MAX_FIRING_RATE_HZ),
        "spike_amplitude": (0.0, MAX_LEVEL),
        "field_correlation": (0.0, 1.0),
        "noise_correlation": (0.0, 1.0),
        "spike_reach": (0.0, 0.99),
        "gain_spread": (0.0, 0.2),
    }
)

# Standard deviations in octaves of amplitude, between the N1's recordings.
FIELD_SPREAD = 0.7
NOISE_SPREAD = 0.26
# In octaves as well, but not measured: amplitude of spikes, and firing rate.
SPIKE_SPREAD = 0.7
FIRING_SPREAD = 1.0
# Standard deviation of the mean of a recording, LSB.
OFFSET_SPREAD = 9.0

# Stream below the seed of a recording.
PARAMETER_STREAM = 0

# Powers of the inverse of the plastic number, in units of 2**-32: the two-dimensional analogue of the golden ratio
# (M. Roberts, "The unreasonable effectiveness of quasirandom sequences", 2018).
_NOISE_STEP = 3242174889
_FIELD_STEP = 2447445414


@dataclass(frozen=True, slots=True)
class Parameters:
    """Levels and rates of a recording. 1 LSB is the average step of the 10-bit converter.

    The defaults are those of a typical file of the N1's public recordings; `drawn` gives each seed its own.

    Attributes
    ----------
    field_rms : float
        Local field potential (1/f-like, mostly below 100 Hz), LSB.
    noise_rms : float
        Noise of electrode and tissue, LSB: thermal noise and the hum of distant neurons, below `noise_corner_hz`.
    noise_corner_hz : float
        Frequency at which the power of that noise has fallen to half, hertz.
    amplifier_rms : float
        White noise of the amplifier, LSB. The converter adds its rounding.
    offset : float
        Mean of the recording, LSB: 0 to 1023.
    neurons : int
        Neurons seen by each channel as its own (their spikes also reach neighbouring channels).
    firing_rate_hz : float
        Median mean rate of a neuron, spikes per second. Single neurons vary about it by a factor of two.
    spike_amplitude : float
        Median depth of a spike's trough, LSB. Single neurons vary about it by a factor of two.
    field_correlation, noise_correlation : float
        Correlation of the field, and of the electrode noise, between adjacent channels, 0 to 1. It falls exponentially
        with the distance along the probe: the correlation at distance d is its d-th power.
    spike_reach : float
        Amplitude of a spike on the adjacent channel relative to its own, 0 to 0.99; falls likewise.
    gain_spread : float
        Standard deviation between channels of the gain of an electrode, relative to the first; at most 0.2.

    Raises
    ------
    ParameterError
        If a value is not a number, or out of range.
    """

    field_rms: float = 18.5
    noise_rms: float = 6.7
    noise_corner_hz: float = 1500.0
    amplifier_rms: float = 0.8
    offset: float = 530.0
    neurons: int = 2
    firing_rate_hz: float = 5.0
    spike_amplitude: float = 30.0
    field_correlation: float = 0.6
    noise_correlation: float = 0.2
    spike_reach: float = 0.2
    gain_spread: float = 0.1

    def __post_init__(self) -> None:
        object.__setattr__(self, "neurons", arguments.integer("neurons", self.neurons, 0, MAX_NEURONS))
        for name, (low, high) in LIMITS.items():
            object.__setattr__(self, name, arguments.number(name, getattr(self, name), low, high))

    @classmethod
    def drawn(cls, seed: int) -> Parameters:
        """Return the parameters of the recording `seed`, spread as the levels of the N1's recordings are.

        Levels are log-normal about the defaults. The two that decide how well a recording compresses, the noise and the
        field, do not come from a random generator but from an additive recurrence over the seeds, so that
        even ten consecutive seeds cover their range evenly.

        Parameters
        ----------
        seed : int
            Non-negative.

        Raises
        ------
        ParameterError
            If `seed` is not a non-negative integer.
        """
        seed = seed_of("seed", seed)
        defaults = cls()
        stream = Stream(seed, PARAMETER_STREAM)
        own = stream.normal(4)
        noise = _evenly(seed, _NOISE_STEP)
        # A noisier electrode sees a somewhat larger field.
        field_ = 0.3 * noise + math.sqrt(1.0 - 0.3 * 0.3) * _evenly(seed, _FIELD_STEP)
        return cls(
            field_rms=spread(defaults.field_rms, FIELD_SPREAD, field_),
            noise_rms=spread(defaults.noise_rms, NOISE_SPREAD, noise),
            amplifier_rms=spread(defaults.amplifier_rms, NOISE_SPREAD, float(own[0])),
            offset=round(defaults.offset + OFFSET_SPREAD * float(own[1]), 1),
            neurons=int(stream.uniform32(1)[0] >> 30),
            firing_rate_hz=spread(defaults.firing_rate_hz, FIRING_SPREAD, float(own[2])),
            spike_amplitude=spread(defaults.spike_amplitude, SPIKE_SPREAD, float(own[3])),
        )


def _evenly(seed: int, step: int) -> float:
    """Return a number of roughly normal law, evenly spread over consecutive seeds."""
    return normal_quantile((seed * step + (1 << 31)) % (1 << 32))


def spread(median: float, octaves: float, deviate: float) -> float:
    """Return a value `deviate` standard deviations from its median, one deviation being so many octaves."""
    # Rounded, so that the last digit of a machine's `pow` does not reach the samples.
    return round(median * math.pow(2.0, octaves * deviate), 3)
