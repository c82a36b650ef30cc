"""Stored values from converter codes (docs/format/lattice.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from n1reference.errors import CorruptError
from n1reference.numbers import Cursor
from n1reference.params import only
from n1reference.samples import Dtype, Layout, from_channels, to_channels

MAX_MAPS: Final = 16
MAX_RATIO: Final = 1 << 29
MAX_ADD: Final = 1 << 61
MAX_TABLE: Final = 1 << 16
MAX_LOWEST: Final = 1 << 32
CODES: Final = (Dtype("i", 1), Dtype("i", 2), Dtype("i", 4))
FLOOR, TRUNC, EVEN, AWAY, TABLE = range(5)


@dataclass
class Scale:
    """value = round((num * code + add) / den)."""

    rounding: int
    num: int
    den: int
    add: int

    def value(self, code: int) -> int:
        """Return the value of a code."""
        whole, rest = divmod(self.num * code + self.add, self.den)
        negative = self.num * code + self.add < 0
        up = {
            FLOOR: False,
            TRUNC: negative and rest > 0,
            EVEN: 2 * rest > self.den or (2 * rest == self.den and whole % 2 == 1),
            AWAY: 2 * rest > self.den or (2 * rest == self.den and not negative),
        }[self.rounding]
        return whole + up


@dataclass
class Table:
    """The values of consecutive codes."""

    first: int
    values: list[int]

    def value(self, code: int) -> int:
        """Return the value of a code."""
        if not 0 <= code - self.first < len(self.values):
            raise CorruptError(f"lattice: code {code} is outside the table")
        return self.values[code - self.first]


def read_map(cursor: Cursor, most: int) -> Scale | Table:
    """Read a map with a table of at most so many values."""
    kind = cursor.number(1)
    if kind < TABLE:
        num, den = cursor.varint(MAX_RATIO), cursor.varint(MAX_RATIO)
        if not 1 <= den <= num:
            raise CorruptError("lattice: a gain below 1", cursor.at)
        return Scale(kind, num, den, cursor.signed(MAX_ADD))
    if kind > TABLE:
        raise CorruptError(f"lattice: no map of kind {kind}", cursor.at)
    count = cursor.varint(min(MAX_TABLE, most))
    if count == 0:
        raise CorruptError("lattice: an empty table", cursor.at)
    first, lowest = cursor.signed(MAX_TABLE), cursor.signed(MAX_LOWEST)
    steps = [step % (1 << 32) + 1 for step in cursor.golombs(count - 1)]
    return Table(first, list(accumulate(steps, initial=lowest)))


def read_runs(cursor: Cursor, n_maps: int, channels: int) -> list[int]:
    """Return the number of each channel's map."""
    of_channel: list[int] = []
    while len(of_channel) < channels:
        index, length = cursor.varint(n_maps - 1), cursor.varint(channels - len(of_channel))
        if length == 0:
            raise CorruptError("an empty run of channels", cursor.at)
        of_channel += [index] * length
    if set(of_channel) != set(range(n_maps)):
        raise CorruptError("a map without channels", cursor.at)
    return of_channel


def prepare(side: bytes, layout: Layout, params: Mapping[str, str]) -> tuple[Layout, Callable[[list[int]], list[int]]]:
    """Return the layout of the codes, and what maps them to values."""
    only(params)
    cursor = Cursor(side, "side information of lattice")
    n_maps = cursor.varint(min(MAX_MAPS, layout.channels))
    if n_maps == 0:
        cursor.end()
        return layout, list
    kind = cursor.number(1)
    if kind >= len(CODES) or CODES[kind].itemsize > layout.dtype.itemsize:
        raise CorruptError(f"lattice: no such type of codes {kind}", cursor.at - 1)
    maps: list[Scale | Table] = []
    most = layout.size
    for _ in range(n_maps):
        maps.append(read_map(cursor, most))
        most -= len(maps[-1].values) if isinstance(maps[-1], Table) else 0
    of_channel = read_runs(cursor, n_maps, layout.channels) if n_maps > 1 else [0] * layout.channels
    cursor.end()

    def undo(codes: list[int]) -> list[int]:
        channels = to_channels(codes, layout)
        mapped = [[maps[of_channel[index]].value(code) for code in row] for index, row in enumerate(channels)]
        values = from_channels(mapped)
        if not all(layout.dtype.low <= value <= layout.dtype.high for value in values):
            raise CorruptError("lattice: a code whose value is outside the range of the samples")
        return values

    return layout.with_dtype(CODES[kind]), undo
