"""Several recordings together, and the whole as JSON."""

from __future__ import annotations

import itertools
import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from n1codec import arguments
from n1codec._version import __version__
from n1codec.analysis._types import plain
from n1codec.analysis.code_widths import WidthCounts, Widths, agreement, widths
from n1codec.analysis.recording import Analysis
from n1codec.analysis.target import Distance, distance
from n1codec.errors import ParameterError

SCHEMA: Final = 1
"""Goes up when a field of the JSON changes its meaning or goes; new fields may come without that."""


@dataclass(frozen=True)
class Entropy:
    """Order-0 entropy of one chain over all recordings, in bits a sample, weighed by their samples."""

    chain: str
    bits_per_sample: float


@dataclass(frozen=True, eq=False)
class Pooled:
    """What all recordings have in common: means, each sample counting the same.

    Parameters
    ----------
    recordings : int
        How many.
    seconds : float
        Analysed, all together.
    samples : int
        Analysed, all channels.
    lattices : tuple of str
        The different ones.
    floor_bits, floor_even_bits : float
        Bits a sample, with the code widths of each recording known, and without.
    floor_causal_bits : float
        Bits a sample if the model learns everything on its way.
    floor_ratio : float
        Stored bits over `floor_bits`.
    width_gain : float or None
        Bits a sample that knowing the widths saves inside the recordings.
    widths : Widths or None
        From the counts of all recordings added up; None unless all seem to be of one device.
    width_agreement : float or None
        Median correlation of the widths of one recording and of the next.
    transforms : tuple of Entropy
        Chains that all recordings have.
    std : float
        Median standard deviation, in codes.
    spike_rate_hz : float or None
        Mean over recordings.
    """

    recordings: int
    seconds: float
    samples: int
    lattices: tuple[str, ...]
    floor_bits: float
    floor_even_bits: float
    floor_causal_bits: float
    floor_ratio: float
    width_gain: float | None
    widths: Widths | None
    width_agreement: float | None
    transforms: tuple[Entropy, ...]
    std: float
    spike_rate_hz: float | None


@dataclass(frozen=True, eq=False)
class Study:
    """Analyses of some recordings.

    Parameters
    ----------
    recordings : tuple of Analysis
        In the order they were given.
    pooled : Pooled
        All together.
    distance : Distance
        How far away 200x is: of the first recording and those like it.
    command : str
        What made it.
    """

    recordings: tuple[Analysis, ...]
    pooled: Pooled
    distance: Distance
    command: str = field(default="")

    @classmethod
    def of(cls, analyses: Sequence[Analysis], command: str = "") -> Study:
        """Put analyses together; there is at least one.

        Raises
        ------
        ParameterError
            If there is none, or something else among them.
        """
        analyses, command = _checked(analyses), arguments.text("command", command)
        together = pool(analyses)
        first = analyses[0]
        alike = [one for one in analyses if _device(one) == _device(first)]
        those = together if len(alike) == len(analyses) else pool(alike)
        snr = first.snr_at_target()
        far = distance(
            recordings=len(alike),
            converter_bits=max(one.converter_bits for one in alike),
            storage_bits=first.storage_bits,
            floor_bits=max(those.floor_bits, 1.0 / those.samples),  # of a constant: a bit for all of it
            rate=first.rate,
            spike_rate=those.spike_rate_hz,
            snr_db=snr[0] if snr else None,
            spike_band_snr_db=snr[1] if snr else None,
        )
        return cls(tuple(analyses), together, far, command)

    def to_json(self) -> str:
        """Return all of it as JSON: see ``docs/analysis-json.md`` for every field."""
        recordings = [plain(one) for one in self.recordings]
        for one in recordings:
            del one["seen"]
        document = {
            "schema": SCHEMA,
            "version": __version__,
            "command": self.command,
            "recordings": recordings,
            "pooled": plain(self.pooled),
            "distance": plain(self.distance),
        }
        return json.dumps(document, allow_nan=False) + "\n"


def pool(analyses: Sequence[Analysis]) -> Pooled:
    """Return what analyses have in common; there is at least one.

    Raises
    ------
    ParameterError
        If there is none, or something else among them.
    """
    analyses = _checked(analyses)
    samples = [round(one.seconds * one.rate) * one.n_channels for one in analyses]
    total = sum(samples)

    def mean(values: Sequence[float]) -> float:
        return sum(value * count for value, count in zip(values, samples, strict=True)) / total

    gains = [one.floor.width_gain for one in analyses]
    known = [gain for gain in gains if gain is not None]
    lattices = tuple(dict.fromkeys(one.lattice for one in analyses))
    seen = [one.seen for one in analyses if one.seen is not None]
    chains = [chain.chain for chain in analyses[0].transforms]
    entropies = [{chain.chain: chain.bits_per_sample for chain in one.transforms} for one in analyses]
    bits = mean([one.floor.bits_per_sample for one in analyses])
    pairs = [
        value
        for one, other in itertools.pairwise(analyses)
        if _device(one) == _device(other) and (value := agreement(one.widths, other.widths)) is not None
    ]
    rates = [one.spikes.rate_hz for one in analyses if one.spikes is not None]
    return Pooled(
        recordings=len(analyses),
        seconds=sum(one.seconds for one in analyses),
        samples=total,
        lattices=lattices,
        floor_bits=bits,
        floor_even_bits=mean([one.floor.even_bits_per_sample for one in analyses]),
        floor_causal_bits=mean([one.floor.causal_bits_per_sample for one in analyses]),
        floor_ratio=mean([float(one.storage_bits) for one in analyses]) / max(bits, 1.0 / total),
        width_gain=mean(known) if len(known) == len(gains) else None,
        widths=widths(_sum(seen)) if seen and len({_device(one) for one in analyses}) == 1 else None,
        width_agreement=statistics.median(pairs) if pairs else None,
        transforms=tuple(
            Entropy(chain, mean([one[chain] for one in entropies]))
            for chain in chains
            if all(chain in one for one in entropies)
        ),
        std=statistics.median(one.amplitude.std for one in analyses),
        spike_rate_hz=statistics.fmean(rates) if rates else None,
    )


def _checked(analyses: Sequence[Analysis]) -> tuple[Analysis, ...]:
    found = arguments.sequence("analyses", analyses, arguments.instance, Analysis)
    if not found:
        raise ParameterError("analyses must hold at least one")
    return found


def _device(one: Analysis) -> tuple[object, ...]:
    """Return what recordings of one device have in common, as far as it shows."""
    return one.lattice, one.dtype, one.rate, one.n_channels


def _sum(seen: Sequence[WidthCounts]) -> WidthCounts:
    total = seen[0]
    for one in seen[1:]:
        total = total + one
    return total
