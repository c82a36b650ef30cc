"""Exact maps between stored values and the codes of the converter they came from, and how a map is written."""

from __future__ import annotations

import abc
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from n1codec import varint
from n1codec.transforms._wire import Reader, pack_integers, signed

Ints = NDArray[np.int64]
Rounding = Literal["floor", "trunc", "even", "away"]

MAX_RATIO: Final = 1 << 29
"""Largest numerator and denominator of a gain: with 33-bit codes all arithmetic stays in 64 bits."""
MAX_ADD: Final = 1 << 61
"""Largest offset, in units of one denominator-th."""
MAX_TABLE: Final = 1 << 16
"""Most values in a table."""

_ROUNDINGS: Final[tuple[Rounding, ...]] = ("floor", "trunc", "even", "away")
_TABLE: Final = 4


class LatticeMap(abc.ABC):
    """A strictly increasing map from codes (consecutive integers) to stored values.

    Both directions take and give arrays of int64; a value that no code maps to gives some code whose value is another.
    """

    @abc.abstractmethod
    def values(self, codes: Ints) -> Ints:
        """Return the stored values of codes; raises ValueError for codes that have none."""

    @abc.abstractmethod
    def codes(self, values: Ints) -> Ints:
        """Return the codes of stored values."""

    @abc.abstractmethod
    def moved(self, code: int) -> LatticeMap:
        """Return the same map with codes counted from `code`."""

    @abc.abstractmethod
    def pack(self) -> bytes:
        """Return the map as side information."""

    def centred(self, value: int) -> LatticeMap:
        """Return the same map with code 0 moved to the code nearest a value."""
        return self.moved(int(self.codes(np.array([value], np.int64))[0]))

    def is_exact(self, values: Ints) -> bool:
        """Return whether each value has a code that gives it back."""
        return bool(np.array_equal(self.values(self.codes(values)), values))


@dataclass(frozen=True, repr=False)
class Scale(LatticeMap):
    """value = round((num * code + add) / den), with one of four ways to round.

    Parameters
    ----------
    num, den : int
        The gain, in lowest terms and at least 1.
    add : int
        The offset, in units of ``1 / den``.
    rounding : {"floor", "trunc", "even", "away"}
        Down; toward zero; to the nearest and to the even one of two; to the nearest and to the one farther from zero
        of two.
    """

    num: int
    den: int = 1
    add: int = 0
    rounding: Rounding = "floor"

    def __repr__(self) -> str:
        offset = f" {'-' if self.add < 0 else '+'} {abs(self.add)}" if self.add else ""
        line = f"{self.num} * code{offset}" if self.num > 1 else f"code{offset}"
        return f"value = {line}" if self.den == 1 else f"value = {self.rounding}(({line}) / {self.den})"

    @property
    def gain(self) -> float:
        """Distance between values of neighbouring codes."""
        return self.num / self.den

    def values(self, codes: Ints) -> Ints:
        """Return the stored values of codes."""
        exact: Ints = codes * self.num + self.add
        if self.den == 1:
            return exact
        whole: Ints = exact // self.den
        rest: Ints = exact - whole * self.den
        match self.rounding:
            case "floor":
                return whole
            case "trunc":
                up = (exact < 0) & (rest > 0)
            case "even":
                up = (2 * rest > self.den) | ((2 * rest == self.den) & (whole & 1 == 1))
            case "away":
                up = (2 * rest > self.den) | ((2 * rest == self.den) & (exact >= 0))
        return whole + up.astype(np.int64)

    def codes(self, values: Ints) -> Ints:
        """Return the codes of stored values."""
        # The code whose exact value is nearest, or a neighbour: rounding moves a value by less than 1, and the gain
        # is at least 1.
        nearest: Ints = (2 * (values * self.den - self.add) + self.num) // (2 * self.num)
        if self.den == 1:
            return nearest
        for step in (1, -1):
            nearest = np.where(self.values(nearest + step) == values, nearest + step, nearest)
        return nearest

    def moved(self, code: int) -> Scale:
        """Return the same map with codes counted from `code`."""
        return Scale(self.num, self.den, self.add + code * self.num, self.rounding)

    def pack(self) -> bytes:
        """Return rounding, numerator, denominator and offset."""
        return (
            bytes((_ROUNDINGS.index(self.rounding),)) + varint.pack(self.num) + varint.pack(self.den) + signed(self.add)
        )


@dataclass(frozen=True, repr=False, eq=False)
class Table(LatticeMap):
    """The values that occur, in rising order, whatever they are.

    Parameters
    ----------
    entries : ndarray of int64, shape (n_values,)
        The values of codes `first`, `first` + 1, ...
    first : int
        The lowest code.
    """

    entries: Ints
    first: int

    def __repr__(self) -> str:
        return f"value = table of {len(self.entries)} from {self.entries[0]} to {self.entries[-1]}"

    def values(self, codes: Ints) -> Ints:
        """Return the stored values of codes."""
        at = codes - self.first
        if at.size and (int(at.min()) < 0 or int(at.max()) >= len(self.entries)):
            raise ValueError("code outside the table of values")
        return self.entries[at]

    def codes(self, values: Ints) -> Ints:
        """Return the codes of stored values."""
        at = np.searchsorted(self.entries, values)
        return np.minimum(at, len(self.entries) - 1) + self.first

    def moved(self, code: int) -> Table:
        """Return the same map with codes counted from `code`."""
        return Table(self.entries, self.first - code)

    def pack(self) -> bytes:
        """Return the number of values, the lowest code, the lowest value, and the steps between values less 1."""
        head = bytes((_TABLE,)) + varint.pack(len(self.entries)) + signed(self.first) + signed(int(self.entries[0]))
        # Steps go through 32 bits modulo 2^32: that of the two ends of the 32-bit range does not fit as it is.
        return head + pack_integers((np.diff(self.entries) - 1).astype(np.uint32).astype(np.int32))


def unpack(reader: Reader, most: int) -> LatticeMap:
    """Read a map with a table of at most `most` values."""
    kind = reader.byte()
    if kind < len(_ROUNDINGS):
        num, den = reader.varint(MAX_RATIO), reader.varint(MAX_RATIO)
        if not 1 <= den <= num:
            raise ValueError("gain below 1")
        return Scale(num, den, reader.signed(MAX_ADD), _ROUNDINGS[kind])
    if kind != _TABLE:
        raise ValueError(f"unknown kind of map {kind}")
    count = reader.varint(min(MAX_TABLE, most))
    if count == 0:
        raise ValueError("empty table of values")
    first, lowest = reader.signed(MAX_TABLE), reader.signed(1 << 32)
    steps = reader.integers(count - 1).view(np.uint32).astype(np.int64) + 1
    return Table(np.concatenate(([lowest], lowest + np.cumsum(steps))), first)
