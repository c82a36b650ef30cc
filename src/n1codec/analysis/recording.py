"""One recording, all figures."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from n1codec import arguments
from n1codec.analysis import correlation, entropies
from n1codec.analysis._types import Ints
from n1codec.analysis.amplitude import Amplitude, amplitude
from n1codec.analysis.code_widths import WidthCounts, Widths, widths
from n1codec.analysis.codes import Codes
from n1codec.analysis.floor import Floor, measure
from n1codec.analysis.spectrum import Spectrogram, Spectrum, spectrogram, spectrum, water_filling
from n1codec.analysis.spikes import Spikes, spikes
from n1codec.analysis.target import TARGET
from n1codec.codec import Layout, Samples
from n1codec.errors import ParameterError

MAX_VALUES: Final = 1 << 25
"""Values that are analysed: of more, those of the first frames."""
SIGNAL_CHANNELS: Final = 16
"""Channels that spectra, predictions and spikes are computed for: of more, evenly spread ones."""
HISTOGRAM_BINS: Final = 4096
"""Most bins of a histogram that is kept; wider ranges have several codes a bin."""
PICTURE_SAMPLES: Final = 2048
"""Samples of the waveform that is kept to be drawn."""


@dataclass(frozen=True, eq=False)
class Histogram:
    """How often codes occur.

    Parameters
    ----------
    lowest : int
        First code of the first bin.
    codes_per_bin : int
        1 unless the range is very wide.
    counts : ndarray of int64, shape (n_bins,)
        Samples in each bin.
    distinct : int
        Different codes that occur.
    unused : int
        Codes between the lowest and the highest that never occur.
    """

    lowest: int
    codes_per_bin: int
    counts: Ints = field(repr=False)
    distinct: int
    unused: int


@dataclass(frozen=True, eq=False)
class Waveform:
    """The first samples of one channel, in codes, to be drawn."""

    channel: int
    codes: Ints = field(repr=False)


@dataclass(frozen=True, eq=False)
class Analysis:
    """What a recording is, and how far it can be compressed.

    Parameters
    ----------
    name : str
        Of the recording.
    rate : float
        Samples a second of a channel.
    n_channels, n_samples : int
        Of the recording; samples a channel.
    seconds : float
        Duration of what was analysed.
    whole : bool
        Whether that is all of it.
    channels : tuple of int
        Channels analysed: sync lines and dead ones are left out.
    signal_channels : tuple of int
        Those of them that spectra, prediction and spikes come from.
    dtype : str
        Of stored samples.
    lattice : str
        Formula from codes to stored values.
    gain : float or None
        Stored steps for each code; None of a table.
    full_scale : bool
        Whether the number of the converter's codes is known.
    converter_bits, storage_bits : int
        Bits a sample: of the converter (or of the range in use, if it is not known), and as stored.
    amplitude, histogram, widths, spectrum, spectrogram, prediction, likeness, spikes, floor
        See their types; None where a recording is too short, has one channel only, or pictures were not asked for.
    conditional : tuple of Conditional
        Entropies given the past.
    transforms : tuple of Transformed
        Order-0 entropies before and after transforms.
    seen : WidthCounts or None
        What the widths come from, for pooling.
    """

    name: str
    rate: float
    n_channels: int
    n_samples: int
    seconds: float
    whole: bool
    channels: tuple[int, ...]
    signal_channels: tuple[int, ...]
    dtype: str
    lattice: str
    gain: float | None
    full_scale: bool
    converter_bits: int
    storage_bits: int
    amplitude: Amplitude
    histogram: Histogram
    widths: Widths
    spectrum: Spectrum
    spectrogram: Spectrogram | None
    waveform: Waveform | None
    prediction: correlation.Prediction
    likeness: correlation.Likeness | None
    spikes: Spikes | None
    conditional: tuple[entropies.Conditional, ...]
    transforms: tuple[entropies.Transformed, ...]
    floor: Floor
    seen: WidthCounts | None = field(repr=False)

    def snr_at_target(self) -> tuple[float, float] | None:
        """Return the signal-to-noise ratios, of all and in the spike band, that 200x would leave; None of a constant."""
        if self.spectrum.entropy == 0.0:
            return None
        bits = self.converter_bits / TARGET
        return water_filling(self.spectrum.frequencies, self.spectrum.density, self.rate, bits)


def analyse(
    samples: Samples, rate: float, name: str = "recording", *, seconds: float | None = None, pictures: bool = True
) -> Analysis:
    """Analyse a recording.

    Parameters
    ----------
    samples : ndarray of int, shape (n_samples,) or (n_samples, n_channels)
        As stored, of 1, 2 or 4 bytes.
    rate : float
        Samples a second of each channel.
    name : str
        Shown with the results.
    seconds : float, optional
        Analyse only so much from the beginning. In any case, no more than `MAX_VALUES` values.
    pictures : bool
        Whether to keep a waveform and a spectrogram.

    Raises
    ------
    ParameterError
        If there are no samples, or a parameter is out of range.
    UnsupportedError
        If the samples are no integers.
    """
    samples, rate, name = (
        arguments.plain_samples("samples", samples),
        arguments.rate(rate),
        arguments.text("name", name),
    )
    seconds = arguments.optional(arguments.number, "seconds", seconds, above=0)
    pictures = arguments.flag("pictures", pictures)
    if samples.size == 0:
        raise ParameterError(f"{name}: no samples to analyse")
    layout = Layout.of(samples)
    frames = max(1, MAX_VALUES // layout.channels)
    if seconds is not None:
        frames = max(1, min(frames, math.ceil(min(seconds * rate, 1e18))))
    some = samples[:frames]
    codes = Codes.of(some)
    chosen = _spread(codes.codes.shape[1], SIGNAL_CHANNELS)
    signals = codes.codes if len(chosen) == codes.codes.shape[1] else codes.codes[:, chosen]
    shown = codes.channels[int(chosen[0])]
    floor, seen = measure(codes, rate)
    return Analysis(
        name=name,
        rate=rate,
        n_channels=layout.channels,
        n_samples=len(samples),
        seconds=len(some) / rate,
        whole=len(some) == len(samples),
        channels=codes.channels,
        signal_channels=tuple(codes.channels[int(channel)] for channel in chosen),
        dtype=samples.dtype.name,
        lattice=codes.lattice,
        gain=codes.gain,
        full_scale=codes.full_scale,
        converter_bits=codes.bits,
        storage_bits=codes.storage_bits,
        amplitude=amplitude(codes),
        histogram=_histogram(codes),
        widths=widths(seen or WidthCounts(codes.lowest, np.zeros(0, np.int64), np.zeros(0))),
        spectrum=spectrum(signals, rate),
        spectrogram=spectrogram(signals[:, 0], rate, shown) if pictures else None,
        waveform=Waveform(shown, signals[:PICTURE_SAMPLES, 0].astype(np.int64)) if pictures else None,
        prediction=correlation.prediction(signals),
        likeness=correlation.likeness(codes.codes, codes.channels),
        spikes=spikes(signals, rate),
        conditional=entropies.conditional_entropies(signals[: max(1, entropies.MAX_VALUES // signals.shape[1])]),
        transforms=entropies.transformed_entropies(some),
        floor=floor,
        seen=seen,
    )


def _spread(count: int, most: int) -> Ints:
    """Return at most so many of `count` numbers, evenly spread."""
    kept = min(count, most)
    return np.arange(kept) * count // kept


def _histogram(codes: Codes) -> Histogram:
    counts = codes.counts
    span = codes.highest - codes.lowest + 1
    if len(counts):
        distinct = int(np.count_nonzero(counts))
        width = -(-span // HISTOGRAM_BINS)
        edges = np.arange(0, span, width)
        return Histogram(codes.lowest, width, np.add.reduceat(counts, edges), distinct, span - distinct)
    width = -(-span // HISTOGRAM_BINS)
    places = (codes.codes.reshape(-1).astype(np.int64) - codes.lowest) // width
    distinct = len(np.unique(codes.codes))
    return Histogram(codes.lowest, width, np.bincount(places), distinct, span - distinct)
