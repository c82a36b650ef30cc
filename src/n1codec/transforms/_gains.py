"""Floats to the whole numbers that they are multiples of, and those that are none, one by one.

Written as::

    maps       a count as unsigned LEB128, and so many gains (`_gain_map`)
    runs       if several: the index of a map and how many channels in a row it holds for, both unsigned LEB128, until all
               channels have one
    narrow     how the numbers became codes (`_narrow`)
    others     a count as unsigned LEB128 of runs of values of other bits than their number gives, channel after channel; if
               any: a list of what is between a run and the one before, one of their lengths less 1, and a string of the bits
               of each run, little-endian
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from n1codec import varint
from n1codec.codec import Layout, bits_of, little_endian
from n1codec.transforms import _gain_map, _narrow
from n1codec.transforms._gain_map import MAX_NUMBER, Floats, GainMap, place
from n1codec.transforms._gain_search import find_gain, mismatch, probe_of
from n1codec.transforms._narrow import Narrow
from n1codec.transforms._pieces import pieces
from n1codec.transforms._strings import pack_string, unpack_string
from n1codec.transforms._wire import Reader, pack_integers, pack_runs

Ints = NDArray[np.int64]

PIECE: Final = 1 << 15
"""Values that are worked on at once: what a processor keeps near itself."""
_OTHERS: Final = 1 / 16
"""Values that may have no number."""
_FAILURES: Final = 3
"""After so many channels without a gain no more are looked at."""
_MOVES: Final = 64
"""Corrections move by no more places."""
_ROWS: Final = 256
"""Values of each channel that are tried with a gain of others."""


@dataclass(frozen=True)
class Gains:
    """The maps of an array, and which channel has which."""

    maps: tuple[GainMap, ...]
    channel_map: Ints

    def columns(self, index: int) -> slice | Ints:
        """Return the channels of a map."""
        return slice(None) if len(self.maps) == 1 else np.flatnonzero(self.channel_map == index)

    def pack(self) -> bytes:
        """Return maps and runs as side information."""
        side = varint.pack(len(self.maps)) + b"".join(found.pack() for found in self.maps)
        return side + (pack_runs(self.channel_map) if len(self.maps) > 1 else b"")


def split(samples: Floats) -> tuple[NDArray[Any], bytes] | None:
    """Return codes and side information, or None if the floats are no multiples of anything."""
    frames = samples.reshape(len(samples), -1)
    gains = _find(frames)
    if gains is None:
        return None
    numbers = np.empty(frames.shape, np.int64)
    maps, others = [], 0
    wrong = np.zeros(frames.shape, bool)
    for index, found in enumerate(gains.maps):
        columns = gains.columns(index)
        proved = _prove(frames, columns, found, numbers, wrong)
        others += int(np.count_nonzero(wrong[:, columns]))
        if others > _OTHERS * frames.size:
            return None
        maps.append(proved)
    if others:
        _fill(numbers, wrong)
    narrowed = _narrow.narrow(numbers.reshape(samples.shape))
    if narrowed is None:
        return None
    codes, how = narrowed
    return codes, Gains(tuple(maps), gains.channel_map).pack() + how.pack() + _pack_others(frames, wrong)


def _find(frames: Floats) -> Gains | None:
    """Find the maps of all channels: those that fit one that was found already have that one."""
    channels = frames.shape[1]
    rows = frames[:: max(1, len(frames) // _ROWS)]
    maps: list[GainMap] = []
    channel_map = np.full(channels, -1, np.int64)
    failures = 0
    plain = [channel for channel in range(channels) if not _telling(rows[:, channel])]
    telling = [channel for channel in range(channels) if channel not in set(plain)]
    for channel in (*telling, *plain):
        if channel_map[channel] >= 0:
            continue
        found = find_gain(probe_of(frames[:, channel]))
        if found is None:
            failures += 1
            if failures >= _FAILURES:
                return None
            continue
        maps.append(found)
        for other in np.flatnonzero(channel_map < 0):
            if other == channel or mismatch(found, np.ascontiguousarray(rows[:, other])) <= _OTHERS:
                channel_map[other] = len(maps) - 1
    return _in_order(maps, channel_map) if failures == 0 else None


def _telling(values: Floats) -> bool:
    """Return whether there are values that a gain can be told from."""
    return bool((np.isfinite(values) & (values != 0) & (values != values[0])).any())


def _in_order(maps: list[GainMap], channel_map: Ints) -> Gains:
    order = list(dict.fromkeys(channel_map.tolist()))
    return Gains(
        tuple(maps[index] for index in order), np.array([order.index(index) for index in channel_map], np.int64)
    )


def _prove(frames: Floats, columns: slice | Ints, found: GainMap, numbers: Ints, wrong: NDArray[np.bool_]) -> GainMap:
    """Work out all numbers of some channels, and mark the values that they do not give; the map may get corrections."""
    _try(frames, columns, found, numbers, wrong)
    better = _mended(frames, columns, found, numbers, wrong)
    if better is None:
        return found
    _try(frames, columns, better, numbers, wrong)
    return better


def _try(frames: Floats, columns: slice | Ints, found: GainMap, numbers: Ints, wrong: NDArray[np.bool_]) -> None:
    for rows in pieces(frames.shape, PIECE):
        part = np.ascontiguousarray(frames[rows, columns])
        guess = found.numbers(part)
        numbers[rows, columns] = guess
        wrong[rows, columns] = bits_of(found.values(guess, part.dtype)) != bits_of(part)


def _mended(
    frames: Floats, columns: slice | Ints, found: GainMap, numbers: Ints, wrong: NDArray[np.bool_]
) -> GainMap | None:
    """Return a map that gives more of the values, if some are missed in a regular way: signs of zeros, or the last places."""
    missed = wrong[:, columns]
    if not missed.any():
        return None
    floats, at = np.ascontiguousarray(frames[:, columns])[missed], np.ascontiguousarray(numbers[:, columns])[missed]
    zeros = floats == 0
    if zeros.all() and len(floats) == np.count_nonzero(numbers[:, columns] == 0):
        return GainMap(-found.gain, found.precision, found.offset, found.divide, found.single)
    moves = place(floats) - place(found.values(at, floats.dtype))
    regular = np.isfinite(floats) & (np.abs(moves) <= _MOVES) & ~zeros
    if np.count_nonzero(regular) < max(16, len(floats) // 2):
        return None
    return found.corrected(at[regular], moves[regular])


def _fill(numbers: Ints, wrong: NDArray[np.bool_]) -> None:
    """Give values without a number that of the one before in their channel, or of the next one if none is before."""
    at = np.where(wrong, -1, np.arange(len(numbers))[:, None])
    np.maximum.accumulate(at, axis=0, out=at)
    first = np.where(wrong.all(axis=0), 0, np.argmin(wrong, axis=0))
    at = np.where(at < 0, first, at)
    numbers[:] = np.take_along_axis(numbers, at, axis=0)


def _pack_others(frames: Floats, wrong: NDArray[np.bool_]) -> bytes:
    at = np.flatnonzero(wrong.T)
    if not at.size:
        return varint.pack(0)
    bits = np.ascontiguousarray(bits_of(np.ascontiguousarray(frames)).T).reshape(-1)[at]
    starts = np.flatnonzero(np.concatenate(([True], (np.diff(at) != 1) | (bits[1:] != bits[:-1]))))
    lengths = np.diff(starts, append=at.size)
    first = at[starts]
    between = first - np.concatenate(([0], first[:-1] + lengths[:-1]))
    values = little_endian(bits[starts]).view(np.uint8)
    return varint.pack(len(starts)) + pack_integers(between) + pack_integers(lengths - 1) + pack_string(values)


def read(reader: Reader, layout: Layout) -> tuple[Gains, Narrow]:
    """Read the maps and how codes were narrowed, from side information of samples of a layout."""
    width = layout.dtype.itemsize
    n_maps = reader.varint(layout.channels)
    if n_maps == 0:
        raise ValueError("floats without a gain")
    maps = tuple(_gain_map.unpack(reader, width) for _ in range(n_maps))
    channel_map = reader.runs(n_maps, layout.channels)
    return Gains(maps, channel_map), _narrow.unpack(reader, layout.channels)


def join(codes: NDArray[Any], reader: Reader, layout: Layout) -> Floats:
    """Undo `split`."""
    gains, how = read(reader, layout)
    frames = codes.reshape(len(codes), -1)
    out = np.empty((layout.shape[0], layout.channels), layout.dtype)
    numbers = how.numbers(frames)
    for rows in pieces(frames.shape, PIECE):
        part = numbers[rows]
        if int(part.max()) > MAX_NUMBER or int(part.min()) < -MAX_NUMBER:
            raise ValueError("a number that a double may not hold")
        for index, found in enumerate(gains.maps):
            columns = gains.columns(index)
            out[rows, columns] = found.values(part[:, columns], layout.dtype)
    _put_others(out, reader)
    return out.reshape(layout.shape)


def _put_others(out: Floats, reader: Reader) -> None:
    count = reader.varint(out.size)
    if not count:
        return
    between, lengths = (reader.integers(count).astype(np.int64) for _ in range(2))
    values = unpack_string(reader, count * out.dtype.itemsize).view(f"<u{out.dtype.itemsize}")
    if (between < 0).any() or (lengths < 0).any() or int(between.sum() + lengths.sum()) + count > out.size:
        raise ValueError("values beyond the last one")
    starts = np.cumsum(between) + np.cumsum(lengths + 1) - (lengths + 1)
    at = np.repeat(starts - np.cumsum(lengths + 1) + lengths + 1, lengths + 1) + np.arange(int(lengths.sum()) + count)
    out.view(f"u{out.dtype.itemsize}")[at % len(out), at // len(out)] = np.repeat(values, lengths + 1)
