"""Integers in side information: varints, and lists of signed integers in exponential Golomb codes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from n1codec import _core, varint


class Reader:
    """Reads side information from its start to its end; raises `CorruptError` or ValueError where it is none.

    Parameters
    ----------
    data : bytes
        The side information.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def byte(self) -> int:
        """Return the next byte."""
        if self._at >= len(self._data):
            raise ValueError("side information ends too early")
        self._at += 1
        return self._data[self._at - 1]

    def take(self, count: int) -> bytes:
        """Return the next bytes."""
        if count > len(self._data) - self._at:
            raise ValueError("side information ends too early")
        self._at += count
        return self._data[self._at - count : self._at]

    def varint(self, limit: int) -> int:
        """Return the next varint, at most `limit`."""
        value, self._at = varint.unpack(self._data, self._at, limit, "side information")
        return value

    def signed(self, limit: int) -> int:
        """Return the next zigzag-folded integer, whose magnitude is at most `limit`."""
        return unfolded(self.varint(2 * limit))

    def integers(self, count: int) -> NDArray[np.int32]:
        """Return the `count` integers that `pack_integers` wrote."""
        order = self.byte()
        # Each takes a bit at least: checked before memory is taken for them.
        if count > 8 * (len(self._data) - self._at):
            raise ValueError(f"side information is too short for {count} integers")
        values = np.empty(count, np.int32)
        self._at += _core.expgolomb_decode(memoryview(self._data)[self._at :], order, values)
        return values

    def runs(self, n_maps: int, channels: int) -> NDArray[np.int64]:
        """Return which of some maps each channel has, as `pack_runs` wrote it; with one map nothing is written."""
        channel_map = np.zeros(channels, np.int64)
        at = 0
        while n_maps > 1 and at < channels:
            index, length = self.varint(n_maps - 1), self.varint(channels - at)
            if length == 0:
                raise ValueError("empty run of channels")
            channel_map[at : at + length] = index
            at += length
        if len(np.unique(channel_map)) != n_maps:
            raise ValueError("a map without channels")
        return channel_map

    def end(self) -> None:
        """Raise ValueError if anything is left."""
        if self._at != len(self._data):
            raise ValueError(f"{len(self._data) - self._at} bytes too many in side information")


def unfolded(folded: int) -> int:
    """Return the integer that a zigzag-folded one stands for."""
    return folded >> 1 ^ -(folded & 1)


def signed(value: int) -> bytes:
    """Return an integer, zigzag-folded, as a varint."""
    return varint.pack(2 * value if value >= 0 else -2 * value - 1)


def pack_runs(channel_map: NDArray[np.int64]) -> bytes:
    """Return which channel has which map: the number of a map and how many channels in a row have it, as varints."""
    starts = np.flatnonzero(np.diff(channel_map, prepend=-1))
    lengths = np.diff(starts, append=len(channel_map))
    return b"".join(
        varint.pack(int(channel_map[start])) + varint.pack(int(length))
        for start, length in zip(starts, lengths, strict=True)
    )


def pack_integers(values: NDArray[np.integer[Any]]) -> bytes:
    """Return 32-bit integers as a byte with the order of an exponential Golomb code, the best one, and their codes.

    The count is not written: the reader knows it.
    """
    narrow = np.ascontiguousarray(values, dtype=np.int32)
    order = _core.expgolomb_best_order(narrow)
    return bytes((order,)) + _core.expgolomb_encode(narrow, order)
