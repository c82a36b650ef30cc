"""200x: what it asks for, what the floor allows, and what changes when something else is sent.

Figures of the recording at hand are computed from it. Figures of others are quoted with their source; their baselines (bits
a sample, rates, what counts as input) differ, so their factors are not to be ranked against each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from n1codec import arguments

TARGET: Final = 200.0
"""The ratio that is asked for."""
TARGET_SOURCE: Final = (
    "the Neuralink compression challenge, after robertsaabwoo's platform.md: about 200 Mbit/s in, 1 Mbit/s of radio, "
    "under 1 ms, under 10 mW with the radio"
)
ARRAY_CHANNELS: Final = 1024
"""Channels of the implant that the challenge describes."""
MAX_BITS: Final = 64
"""Most bits of a sample."""
RADIO_BITS: Final = 1_000_000.0
"""Bits a second of its radio."""

EVENT_BITS: Final = 16
"""Of one event: which channel (10 bits) and when (6 bits, within a packet)."""
BAND_BITS: Final = 8
BAND_SECONDS: Final = 0.0205
"""A feature of 8 bits every 20.5 ms."""


@dataclass(frozen=True)
class Route:
    """One thing that could be sent.

    Parameters
    ----------
    what : str
        What is sent.
    exact : bool
        Whether the samples come back.
    bits_per_second : float or None
        For each channel, where it is known.
    factor : float or None
        By how much that is less than the converter's bits; as reported, for figures of others.
    lost : str
        What is no longer there, and what is reported of the rest.
    latency : str
        Time that has to pass before anything can be sent.
    kind : {"computed", "derived", "cited"}
        From this recording; by arithmetic from what is said; by others.
    source : str
        Where it comes from.
    """

    what: str
    exact: bool
    bits_per_second: float | None
    factor: float | None
    lost: str
    latency: str
    kind: str
    source: str


@dataclass(frozen=True)
class Distance:
    """How far away 200x is.

    Parameters
    ----------
    recordings : int
        Of how many recordings this is said: the first and those that seem to be of the same device.
    target : float
        200.
    target_source : str
        Who asks for it.
    converter_bits, storage_bits : int
        Of a sample: what the converter gives, and what it is stored in.
    needed_of_converter, needed_of_storage : float
        Bits a sample that the target leaves of either.
    floor_bits : float
        What a strong lossless model needs (`Floor.bits_per_sample`).
    floor_ratio_of_converter, floor_ratio_of_storage : float
        The ratios which that allows.
    gap : float
        Floor over `needed_of_converter`.
    white_snr_db : float
        Signal-to-noise ratio that so few bits allow for white noise: 6.02 dB a bit.
    snr_db : float or None
        The best that they allow for a Gaussian signal with this recording's spectrum (reverse water-filling), ...
    spike_band_snr_db : float or None
        ... and what is then left in the band of spikes.
    lossless_channels : float
        Channels whose samples fit through the radio of 1 Mbit/s at the floor.
    routes : tuple of Route
        What else could be sent.
    """

    recordings: int
    target: float
    target_source: str
    converter_bits: int
    storage_bits: int
    needed_of_converter: float
    needed_of_storage: float
    floor_bits: float
    floor_ratio_of_converter: float
    floor_ratio_of_storage: float
    gap: float
    white_snr_db: float
    snr_db: float | None
    spike_band_snr_db: float | None
    lossless_channels: float
    routes: tuple[Route, ...]


def distance(
    *,
    recordings: int = 1,
    converter_bits: int,
    storage_bits: int,
    floor_bits: float,
    rate: float,
    spike_rate: float | None,
    snr_db: float | None,
    spike_band_snr_db: float | None,
) -> Distance:
    """Return how far away 200x is, and the ways that lead there.

    Parameters
    ----------
    recordings : int
        How many it is about.
    converter_bits, storage_bits : int
        Bits a sample.
    floor_bits : float
        Bits a sample of a strong lossless model; above zero.
    rate : float
        Samples a second of a channel.
    spike_rate : float or None
        Threshold crossings a second and channel, if they were looked for.
    snr_db, spike_band_snr_db : float or None
        What the target's bits allow, see `n1codec.analysis.spectrum.water_filling`.

    Raises
    ------
    ParameterError
        If a number is none, or not above zero where it has to be.
    """
    recordings = arguments.integer("recordings", recordings, 1)
    converter_bits = arguments.integer("converter_bits", converter_bits, 1, MAX_BITS)
    storage_bits = arguments.integer("storage_bits", storage_bits, 1, MAX_BITS)
    floor_bits, rate = arguments.number("floor_bits", floor_bits, above=0), arguments.rate(rate)
    spike_rate = arguments.optional(arguments.number, "spike_rate", spike_rate, 0)
    snr_db = arguments.optional(arguments.number, "snr_db", snr_db)
    spike_band_snr_db = arguments.optional(arguments.number, "spike_band_snr_db", spike_band_snr_db)
    needed = converter_bits / TARGET
    raw = converter_bits * rate
    return Distance(
        recordings=recordings,
        target=TARGET,
        target_source=TARGET_SOURCE,
        converter_bits=converter_bits,
        storage_bits=storage_bits,
        needed_of_converter=needed,
        needed_of_storage=storage_bits / TARGET,
        floor_bits=floor_bits,
        floor_ratio_of_converter=converter_bits / floor_bits,
        floor_ratio_of_storage=storage_bits / floor_bits,
        gap=floor_bits / needed,
        white_snr_db=6.0206 * needed,
        snr_db=snr_db,
        spike_band_snr_db=spike_band_snr_db,
        lossless_channels=RADIO_BITS / (floor_bits * rate),
        routes=(*_from_recording(raw, floor_bits * rate, spike_rate), *QUOTED),
    )


def _from_recording(raw: float, floor: float, spike_rate: float | None) -> list[Route]:
    """Return what follows for this recording: `raw` and `floor` in bits a second and channel."""
    routes = [
        Route("every sample", True, raw, 1.0, "nothing", "none", "computed", "this recording"),
        Route("every sample, at the floor", True, floor, raw / floor, "nothing", "none", "computed", "this recording"),
    ]
    if spike_rate is not None:
        events = spike_rate * EVENT_BITS
        routes.append(
            Route(
                f"threshold crossings, {EVENT_BITS} bits each",
                False,
                events,
                raw / events if events > 0 else None,
                "waveforms, the field potential, and all that the detector misses",
                "one spike, about 1 ms",
                "computed",
                "crossings found in this recording (threshold of 5 standard deviations of the noise)",
            )
        )
    band = BAND_BITS / BAND_SECONDS
    routes.append(
        Route(
            f"band power, {BAND_BITS} bits every 20.5 ms",
            False,
            band,
            raw / band,
            "samples, spike times and waveforms; for the power of 300 to 1,000 Hz others report decoding equal to or "
            "better "
            "than with threshold crossings (Nason 2020, abstract), this feature is not their filter",
            "20.5 ms",
            "derived",
            "the feature's rate",
        )
    )
    return routes


QUOTED: Final = (
    Route(
        "counts of threshold crossings in 50 ms, static Huffman code",
        False,
        27.0,
        None,
        "samples, waveforms and times within 50 ms; less than 1 % of decoding performance reported lost (factors of "
        "1,700 to "
        "15,000, theirs)",
        "50 ms",
        "cited",
        "Savolainen 2022",
    ),
    Route(
        "spike waveforms by principal components",
        False,
        None,
        328.0,
        "samples between spikes; spike sorting 74.9 % instead of 79.5 % on the raw signal",
        "one spike",
        "cited",
        "arXiv 2505.04128",
    ),
    Route(
        "wired-OR of crossings, requantised",
        False,
        None,
        1098.0,
        "samples; 90 % of the spikes kept, in retina",
        "not stated here",
        "cited",
        "Yan 2025",
    ),
    Route(
        "spike-band power in 10 to 40 ms windows",
        False,
        None,
        30.0,
        "samples and spike times",
        "10 to 40 ms",
        "cited",
        "patent US 12,369,863, after robertsaabwoo's platform.md",
    ),
    Route(
        "a transform with loss",
        False,
        None,
        11.0,
        "called lossless, but with a root-mean-square error of up to 23 % of the signal: not exact",
        "not stated here",
        "cited",
        "He 2024 (TBCAS), abstract",
    ),
)
"""Figures of others, each with its source."""
