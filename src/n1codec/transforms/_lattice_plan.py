"""Deciding which map pays: candidates are compared by what they would save, in whole bits, on a sample of the data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from n1codec import _core
from n1codec.codec import Samples
from n1codec.transforms import _lattice_search as search
from n1codec.transforms._lattice_map import MAX_RATIO, MAX_TABLE, Ints, LatticeMap, Scale, Table

CODE_TYPES: Final = (np.dtype(np.int8), np.dtype(np.int16), np.dtype(np.int32))
"""What codes may be stored as, by the number that side information has for each."""

IDENTITY: Final = Scale(1)

_MAX_SPAN: Final = 1 << 22
"""Longest range of values in which those that occur are marked one by one; beyond it they are sorted."""
_PROBE: Final = 1 << 12
"""Values looked at to weigh a map."""
_PIECE: Final = 1 << 14
"""Values looked at to tell noise from a sparse set, and at a time to find a common divisor."""
_FEW_VALUES: Final = 16
"""A channel with no more values than this among the first ones is no electrode (a sync line, say), and tried apart."""
MAX_MAPS: Final = 16
"""Most maps of an array."""


@dataclass(frozen=True)
class Plan:
    """Maps of an array of samples.

    Parameters
    ----------
    maps : tuple of LatticeMap
        One for all channels, or several.
    channel_map : ndarray of int64, shape (n_channels,)
        Index of each channel's map.
    dtype : numpy.dtype
        Type of the codes.
    """

    maps: tuple[LatticeMap, ...]
    channel_map: NDArray[np.int64]
    dtype: np.dtype[Any]


@dataclass(frozen=True)
class _Choice:
    """A map, the type of its codes, and what it saves, less its own bytes, in eighths of a bit."""

    found: LatticeMap
    dtype: np.dtype[Any]
    saving: int


def find_lattice(samples: Samples) -> LatticeMap:
    """Return the map from converter codes to the values of samples.

    Parameters
    ----------
    samples : ndarray of int, shape (n_samples,) or (n_samples, n_channels)
        Not empty; all channels together.

    Returns
    -------
    LatticeMap
        Exact for every value; its ``repr`` is a formula. ``value = code`` where nothing else pays.
    """
    choice = _choose(np.ascontiguousarray(samples, dtype=samples.dtype.newbyteorder("=")))
    return IDENTITY if choice is None else choice.found


def make_plan(samples: Samples) -> Plan | None:
    """Return the maps that pay for C-contiguous, native-endian samples, or None."""
    n_channels = samples.shape[1] if samples.ndim == 2 else 1
    together = _choose(samples)
    apart: list[tuple[NDArray[np.int64], _Choice | None]] = []
    if n_channels > 1 and not (together and _suits_all(together.found, samples)):
        for columns in _apart(samples):
            apart.append((columns, _choose(np.ascontiguousarray(samples[:, columns]))))
    # Several maps have to be worth an eighth of a bit a sample.
    if sum(choice.saving for _, choice in apart if choice) > samples.size + (together.saving if together else 0):
        return _join(samples, apart, n_channels)
    if together is None:
        return None
    return Plan((together.found,), np.zeros(n_channels, np.int64), together.dtype)


def _suits_all(found: LatticeMap, samples: Samples) -> bool:
    """Return whether a map makes more of its codes than they were, and no channel's codes have a common divisor left."""
    if not isinstance(found, Scale) or found.num == found.den:
        return False
    steps = np.diff(found.codes(_probe(samples)), axis=1)
    return bool((np.gcd.reduce(steps, axis=(0, 1)) <= 1).all())


def _apart(samples: Samples) -> list[NDArray[np.int64]]:
    """Return the channels that may have maps of their own: each channel, or if they are many, those of few values."""
    channels = np.arange(samples.shape[1])
    if len(channels) <= MAX_MAPS:
        return [channels[at : at + 1] for at in channels]
    head = samples[:: -(-samples.shape[0] // 1024)]
    few = np.count_nonzero(np.diff(np.sort(head, axis=0), axis=0), axis=0) < _FEW_VALUES
    return [channels[~few], channels[few]] if 0 < np.count_nonzero(few) < len(channels) else []


def _join(samples: Samples, apart: list[tuple[NDArray[np.int64], _Choice | None]], n_channels: int) -> Plan:
    """Return the plan of channels whose maps were chosen apart; equal maps become one."""
    maps: list[LatticeMap] = []
    channel_map = np.zeros(n_channels, np.int64)
    dtype = CODE_TYPES[0]
    for columns, choice in apart:
        if choice is None:
            low, high = int(samples[:, columns].min()), int(samples[:, columns].max())
            choice = _Choice(*_placed(IDENTITY, low, high), 0)
        if choice.found not in maps:
            maps.append(choice.found)
        channel_map[columns] = maps.index(choice.found)
        dtype = max(dtype, choice.dtype, key=lambda candidate: candidate.itemsize)
    return Plan(tuple(maps), channel_map, dtype)


def _choose(samples: Samples) -> _Choice | None:
    """Return the map that saves most, or None if none saves anything."""
    low, high = int(samples.min()), int(samples.max())
    probe = _probe(samples)
    plain = _cost(probe, samples.dtype.itemsize)
    best: _Choice | None = None
    for found in _candidates(samples, low, high):
        placed, dtype = _placed(found, low, high)
        per_probe = plain - _cost(placed.codes(probe), dtype.itemsize)
        saving = per_probe * samples.size // probe.size - 64 * (2 + len(placed.pack()))
        if isinstance(found, Table):
            # It bends the scale, which a predictor pays for: it has to save an eighth of a bit a sample, and that
            # counts half.
            saving = saving // 2 if saving > samples.size else 0
        # The likelier of two that save the same within a sixteenth of a bit a sample.
        if saving > (best.saving + samples.size // 2 if best else 0):
            best = _Choice(placed, dtype, saving)
    return best


def _candidates(samples: Samples, low: int, high: int) -> Iterator[LatticeMap]:
    """Yield maps that are exact for all samples, the likeliest first."""
    zero = 1 << (8 * samples.dtype.itemsize - 1)  # what unsigned samples of both signs have for it
    if samples.dtype.kind == "i" or high < zero:
        zero = 0
    else:
        yield Scale(1, 1, zero)
    yield IDENTITY
    values = _distinct(samples, low, high)
    if values is None:
        step = _divisor(samples)
        if step > 1:
            yield Scale(step, 1, low).centred(zero)
        return
    middle = values[len(values) // 4 : len(values) - len(values) // 4]
    if len(values) < search.MIN_VALUES or len(middle) > search.DENSE * (int(middle[-1]) - int(middle[0]) + 1):
        return
    signed = samples.dtype.kind == "i"
    affine = search.common_divisor(values)
    if affine is not None:
        yield affine.centred(zero)
    full_scale = search.full_scale(values, 8 * samples.dtype.itemsize, signed=signed)
    if full_scale is not None:
        yield full_scale
    if affine is None and full_scale is None:
        rational = search.rational(values)
        if rational is not None:
            yield rational.centred(zero)
        elif len(values) <= MAX_TABLE:
            yield Table(values, 0).centred(zero)


def _distinct(samples: Samples, low: int, high: int) -> Ints | None:
    """Return the values that occur in rising order, or None if they are too far apart and too many to tell."""
    span = high - low + 1
    if span <= max(1 << 16, min(4 * samples.size, _MAX_SPAN)):
        seen = np.zeros(span, np.uint8)
        _core.mark_values(samples, low, seen)
        return np.flatnonzero(seen) + np.int64(low)
    head = samples.reshape(-1)[:_PIECE]
    if 2 * len(np.unique(head)) > len(head):
        return None
    return np.unique(samples).astype(np.int64)


def _divisor(samples: Samples) -> int:
    """Return the greatest common divisor of all differences of samples, 1 if it exceeds what a map may hold."""
    flat = samples.reshape(-1)
    first = int(flat[0])
    divisor = 0
    for start in range(0, len(flat), _PIECE):
        differences = flat[start : start + _PIECE].astype(np.int64) - first
        if divisor:
            differences %= divisor
            if not differences.any():
                continue
        divisor = int(np.gcd.reduce(differences, initial=divisor))
        if divisor == 1:
            break
    return divisor if divisor <= MAX_RATIO else 1


def _placed(found: LatticeMap, low: int, high: int) -> tuple[LatticeMap, np.dtype[Any]]:
    """Return a map with codes of the narrowest type: counted as they are if they fit so, else from their middle."""
    first, last = (int(code) for code in found.codes(np.array([low, high], np.int64)))
    middle = first + (last - first + 1) // 2
    for code_type in CODE_TYPES:
        limits = np.iinfo(code_type)
        for origin in (0, middle):
            if limits.min <= first - origin and last - origin <= limits.max:
                return found.moved(origin), code_type
    raise AssertionError("codes of a strictly increasing map fit in the type of their values")


def _probe(samples: Samples) -> Ints:
    """Return stretches of consecutive frames from all over the samples.

    The shape is (n_stretches, n_frames) or (n_stretches, n_frames, n_channels).
    """
    n_frames = samples.shape[0]
    wanted = max(2, _PROBE // max(1, samples.size // n_frames))
    length = max(2, wanted // 8)
    if n_frames <= 8 * length:
        return samples.astype(np.int64)[np.newaxis]
    starts = np.arange(8) * (n_frames - length) // 7
    probe: Ints = samples[starts[:, np.newaxis] + np.arange(length)].astype(np.int64)
    return probe


def _cost(probe: Ints, itemsize: int) -> int:
    """Return about what the probe's values take, in eighths of a bit.

    Mostly what a coder of differences sees: the length of each difference in bits. To an eighth, what a coder of
    plain values and one of bytes see: the length of the value, and the bytes it is stored in.
    """
    return 8 * _bit_length(np.diff(probe, axis=1)) + _bit_length(probe) + 8 * itemsize * probe.size


def _bit_length(values: Ints) -> int:
    return int(np.frexp(np.abs(values).astype(np.float64))[1].sum(dtype=np.int64))
