"""Floats from fixed-point numbers and the bits below them (docs/format/integers.md, "Fixed-point numbers")."""

from __future__ import annotations

from itertools import accumulate
from typing import Final

from n1reference.errors import CorruptError
from n1reference.numbers import Cursor
from n1reference.samples import Layout
from n1reference.transforms.strings import read_bits, read_string

MANTISSA: Final = {2: 10, 4: 23, 8: 52}
EXPONENTS: Final = {2: 31, 4: 255, 8: 2047}
MAX_NUMBER: Final = (1 << 31) - 1


def join(numbers: list[int], cursor: Cursor, layout: Layout) -> list[int]:
    """Return the bits of floats."""
    width = layout.dtype.itemsize
    stored = MANTISSA[width]
    units = list(accumulate(cursor.golombs(layout.channels)))
    if not all(1 <= unit < EXPONENTS[width] for unit in units):
        raise CorruptError("integers: a unit that is no exponent of floats", cursor.at)
    if min(numbers) < -MAX_NUMBER:
        raise CorruptError("integers: a number of more than 31 bits")
    kept = read_bits(cursor, numbers.count(0))
    whole = read_string(cursor, width * sum(kept))
    raw = [int.from_bytes(whole[at : at + width], "little") for at in range(0, len(whole), width)]
    if not all(raw):
        raise CorruptError("integers: a zero that is kept whole", cursor.at)
    of_value = [units[at % layout.channels] for at in range(len(numbers))]
    depths = [
        min(stored + 1 - abs(k).bit_length(), unit - 1) if k else 0 for k, unit in zip(numbers, of_value, strict=True)
    ]
    below = [0] * len(numbers)
    for plane in range(max(0, *depths)):
        places = [at for at, depth in enumerate(depths) if depth > plane]
        for at, bit in zip(places, read_bits(cursor, len(places)), strict=True):
            below[at] |= bit << plane
    rest = iter([raw.pop(0) if flag else 0 for flag in kept])
    values = []
    for k, unit, depth, low in zip(numbers, of_value, depths, below, strict=True):
        values.append(_bits(k, unit - depth, depth, low, width) if k else next(rest))
    return values


def _bits(k: int, exponent: int, depth: int, low: int, width: int) -> int:
    stored = MANTISSA[width]
    mantissa = abs(k) << depth | low if depth >= 0 else abs(k) >> -depth
    if exponent >= EXPONENTS[width] or (depth < 0 and mantissa << -depth != abs(k)):
        raise CorruptError("integers: a number that no float has")
    if not mantissa >> stored:
        exponent = 0
    return (k < 0) << 8 * width - 1 | exponent << stored | mantissa & (1 << stored) - 1
