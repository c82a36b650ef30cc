"""What the converter put out: the lattice of stored values undone, its codes numbered and counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from n1codec import arguments
from n1codec.analysis._types import Ints
from n1codec.codec import Samples
from n1codec.errors import ParameterError
from n1codec.shannon import entropy
from n1codec.transforms._lattice_map import LatticeMap, Scale
from n1codec.transforms.lattice import find_lattice

MAX_SPAN: Final = 1 << 22
"""Widest range of codes that is counted code by code."""
DIGITAL_CHANGES: Final = 0.05
"""A channel that changes less often than this, from one sample to the next, is a sync line or dead, no electrode."""


@dataclass(frozen=True, eq=False)
class Codes:
    """Codes of the converter, channel by channel.

    Parameters
    ----------
    codes : ndarray of int32, shape (n_samples, n_channels)
        Of the channels in `channels`, numbered as the converter numbers them where that is known (`full_scale`), else
        as the lattice does.
    channels : tuple of int
        Which channels of the recording these are: all but sync lines and dead ones.
    lattice : str
        Formula from codes to stored values.
    gain : float or None
        Stored steps for each code; None of a table of values.
    full_scale : bool
        Whether the codes fill the range of the stored type exactly, so that their number and the lowest are known.
    bits : int
        Bits of the converter if `full_scale`, else bits that the range of codes in use needs.
    storage_bits : int
        Bits a sample is stored in.
    lowest : int
        Lowest code in use.
    counts : ndarray of int64, shape (highest - lowest + 1,) or (0,)
        How often each occurs; empty if the range is wider than `MAX_SPAN`.
    n_channels : int
        Channels of the recording.
    idle_bits : float
        What telling the channels that are left out would take, all their samples together, by what changes when.
    """

    codes: NDArray[np.int32] = field(repr=False)
    channels: tuple[int, ...]
    lattice: str
    gain: float | None
    full_scale: bool
    bits: int
    storage_bits: int
    lowest: int
    highest: int
    counts: Ints = field(repr=False)
    n_channels: int
    idle_bits: float

    @classmethod
    def of(cls, samples: Samples) -> Codes:
        """Find the lattice of samples, shape (n_samples,) or (n_samples, n_channels), not empty, and undo it.

        Raises
        ------
        ParameterError
            If there are no samples.
        UnsupportedError
            If they are no integers of 1, 2 or 4 bytes.
        """
        samples = arguments.plain_samples("samples", samples)
        if samples.size == 0:
            raise ParameterError("no samples to analyse")
        frames = samples.reshape(len(samples), -1)
        n_channels = frames.shape[1]
        channels = electrodes(frames)
        idle_bits = sum(_idle_bits(frames[:, one]) for one in set(range(n_channels)).difference(channels))
        if len(channels) < frames.shape[1]:
            frames = frames[:, channels]
        frames = np.ascontiguousarray(frames, dtype=frames.dtype.newbyteorder("="))
        found = find_lattice(frames)
        limits = np.iinfo(frames.dtype)
        full_scale = _fills(found, int(limits.min), int(limits.max))
        if full_scale:
            found = found.centred(int(limits.min))
        elif isinstance(found, Scale) and found.num == found.den:
            found = Scale(1)  # not even moved: a code is called by its value, if it fits
            if int(frames.max()) > np.iinfo(np.int32).max:
                found = found.moved(1 << 31)
        codes = _through(frames, found)
        lowest, highest = int(codes.min()), int(codes.max())
        span = highest - lowest + 1
        if full_scale:
            span_of_converter = int(found.codes(np.array([limits.max], np.int64))[0]) + 1
        return cls(
            codes=codes,
            channels=channels,
            lattice=repr(found),
            gain=found.gain if isinstance(found, Scale) else None,
            full_scale=full_scale,
            bits=max(1, ((span_of_converter if full_scale else span) - 1).bit_length()),
            storage_bits=8 * frames.dtype.itemsize,
            lowest=lowest,
            highest=highest,
            counts=np.bincount((codes - lowest).reshape(-1), minlength=span)
            if span <= MAX_SPAN
            else np.zeros(0, np.int64),
            n_channels=n_channels,
            idle_bits=idle_bits,
        )


def electrodes(frames: Samples) -> tuple[int, ...]:
    """Return the channels that carry a signal; all of them if none seems to."""
    n_channels = frames.shape[1]
    if n_channels == 1 or len(frames) < 2:
        return tuple(range(n_channels))
    head = frames[:20_000]
    changes = np.count_nonzero(head[1:] != head[:-1], axis=0) / (len(head) - 1)
    found = np.flatnonzero(changes >= DIGITAL_CHANGES)
    return tuple(int(channel) for channel in found) if len(found) else tuple(range(n_channels))


def _idle_bits(values: Samples) -> float:
    """Return the entropy of when a line changes and of what it changes to, in bits, its samples all together."""
    changes = values[1:] != values[:-1]
    count = int(np.count_nonzero(changes))
    if not count:
        return 0.0
    return len(changes) * entropy(changes.view(np.uint8)) + count * entropy(values[1:][changes])


def _fills(found: LatticeMap, lowest: int, highest: int) -> bool:
    """Return whether a map with a gain has the two ends of the stored type among its values."""
    return isinstance(found, Scale) and found.gain > 1 and found.is_exact(np.array([lowest, highest], np.int64))


def _through(frames: Samples, found: LatticeMap) -> NDArray[np.int32]:
    """Return the codes, a piece at a time: the map works on 64-bit integers."""
    codes = np.empty(frames.shape, np.int32)
    piece = max(1, (1 << 20) // frames.shape[1])
    for start in range(0, len(frames), piece):
        codes[start : start + piece] = found.codes(frames[start : start + piece].astype(np.int64))
    return codes
