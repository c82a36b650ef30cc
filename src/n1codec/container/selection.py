"""What ``recording[...]`` asks for: NumPy's basic slicing, and lists of samples or of channels."""

from __future__ import annotations

from dataclasses import dataclass
from types import EllipsisType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n1codec.arguments import array, show
from n1codec.errors import UnsupportedError

Positions = range | NDArray[np.int64]
"""Positions along an axis, none of them negative."""


@dataclass(frozen=True)
class Axis:
    """A selection along one axis.

    Parameters
    ----------
    positions : range or ndarray of int
        Those selected.
    drop : bool
        A single position, whose axis goes.
    """

    positions: Positions
    drop: bool = False

    def __len__(self) -> int:
        return len(self.positions)


def parse_key(key: Any, shape: tuple[int, ...]) -> tuple[Axis, ...]:
    """Return the selection along each axis.

    Raises
    ------
    IndexError
        For what NumPy would refuse, and for what is more than one list.
    """
    parts = list(key) if isinstance(key, tuple) else [key]
    ellipses = [at for at, part in enumerate(parts) if isinstance(part, EllipsisType)]
    if len(ellipses) > 1:
        raise IndexError("an index can only have a single ellipsis ('...')")
    missing = len(shape) - (len(parts) - len(ellipses))
    if missing < 0:
        raise IndexError(f"too many indices: the recording has {len(shape)} axes")
    at = ellipses[0] if ellipses else len(parts)
    parts[at : at + len(ellipses)] = [slice(None)] * missing
    axes = tuple(parse_axis(part, length) for part, length in zip(parts, shape, strict=True))
    if sum(isinstance(axis.positions, np.ndarray) for axis in axes) > 1:
        raise IndexError("only one axis can be indexed by a list: use recording[times][:, channels]")
    return axes


def parse_axis(part: Any, length: int) -> Axis:
    """Return the selection along an axis of a length: of an integer, a slice, a list of integers, or a mask."""
    if isinstance(part, slice):
        return Axis(range(length)[part])
    if isinstance(part, (int, np.integer)) and not isinstance(part, (bool, np.bool_)):
        at = int(part)
        if not -length <= at < length:
            raise IndexError(f"index {show(at)} is out of bounds for an axis of {length}")
        at %= length
        return Axis(range(at, at + 1), drop=True)
    try:
        values = array("index", part)
    except UnsupportedError as error:
        raise IndexError(str(error)) from None
    if values.dtype == np.bool_ and values.shape == (length,):
        return Axis(np.flatnonzero(values))
    if values.shape == (0,):
        values = values.astype(np.int64)
    if values.ndim != 1 or values.dtype.kind not in "iu":
        raise IndexError("an index is an integer, a slice, a list of integers, or a mask as long as the axis")
    if values.size and not (-length <= values.min() and values.max() < length):
        raise IndexError(f"an index is out of bounds for an axis of {length}")
    positions = values.astype(np.int64)
    return Axis(np.where(positions < 0, positions + length, positions))


def span(positions: Positions) -> tuple[int, int]:
    """Return the smallest position and the one after the largest; two zeros if there are none."""
    if not len(positions):
        return 0, 0
    if isinstance(positions, range):
        return min(positions[0], positions[-1]), max(positions[0], positions[-1]) + 1
    return int(positions.min()), int(positions.max()) + 1


def within(positions: Positions, start: int, stop: int) -> tuple[slice | NDArray[np.int64], slice | NDArray[np.int64]]:
    """Return which of the positions lie in ``start..stop``, as places in the result and as offsets from `start`."""
    if isinstance(positions, np.ndarray):
        places = np.flatnonzero((positions >= start) & (positions < stop))
        return places, positions[places] - start
    step = abs(positions.step)
    rising = positions if positions.step > 0 else positions[::-1]
    first = max(0, -(-(start - rising.start) // step))
    last = min(len(rising), -(-(stop - rising.start) // step))
    if last <= first:
        return slice(0, 0), slice(0, 0)
    offset = rising.start + first * step - start
    offsets = slice(offset, offset + (last - first) * step, step)
    if positions.step > 0:
        return slice(first, last), offsets
    count = len(rising)
    return slice(count - 1 - first, count - 1 - last if last < count else None, -1), offsets


def reach(offsets: slice | NDArray[np.int64]) -> tuple[int, int]:
    """Return the first of the offsets that `within` returned, which are not empty, and the one after the last."""
    if isinstance(offsets, slice):
        return offsets.start, offsets.stop - offsets.step + 1
    return int(offsets.min()), int(offsets.max()) + 1


def moved(offsets: slice | NDArray[np.int64], by: int) -> slice | NDArray[np.int64]:
    """Return offsets that `within` returned, from another place."""
    if isinstance(offsets, slice):
        return slice(offsets.start - by, offsets.stop - by, offsets.step)
    return offsets - by


def is_empty(places: slice | NDArray[np.int64]) -> bool:
    """Return whether a selection that `within` returned is empty."""
    return places.start == places.stop if isinstance(places, slice) else not places.size
