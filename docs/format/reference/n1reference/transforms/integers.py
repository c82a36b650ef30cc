"""Samples of any type from integers (docs/format/integers.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from n1reference.errors import CorruptError
from n1reference.numbers import Cursor
from n1reference.params import only
from n1reference.samples import BYTES, Layout
from n1reference.transforms import fixed, gains
from n1reference.transforms.narrow import CODES, read_narrow
from n1reference.transforms.strings import read_string

AS_THEY_ARE, TRUTH, NARROWED, GAINS, FIXED, WHOLE, JOINED = range(7)
NOTHING: Final = Layout(BYTES, (0,))
ALLOWED: Final = {"f": (GAINS, FIXED, WHOLE, JOINED), "b": (TRUTH, WHOLE, JOINED)}

Plan = tuple[Layout, Callable[[list[int]], list[int]]]


def prepare(side: bytes, layout: Layout, params: Mapping[str, str]) -> Plan:
    """Return the layout of the integers, and what gives back the samples."""
    only(params)
    cursor = Cursor(side, "side information of integers")
    how = cursor.number(1)
    long = (NARROWED, WHOLE, JOINED) if layout.dtype.itemsize == 8 else (AS_THEY_ARE,)
    if how not in ALLOWED.get(layout.dtype.kind, long):
        raise CorruptError(f"integers: kind {how} for samples of {layout.dtype.name}", 0)
    given, undo = _prepare(how, cursor, layout)

    def whole(values: list[int]) -> list[int]:
        restored = undo(values)
        cursor.end()
        return restored

    return given, whole


def _prepare(how: int, cursor: Cursor, layout: Layout) -> Plan:
    if how == AS_THEY_ARE:
        return layout, list
    if how == TRUTH:
        return layout.with_dtype(BYTES), list
    if how == NARROWED:
        narrow = read_narrow(cursor, layout.channels)
        bias = layout.dtype.bias

        def widen(codes: list[int]) -> list[int]:
            return [number - bias for number in narrow.numbers(codes, layout)]

        return layout.with_dtype(narrow.dtype), widen
    if how == GAINS:
        found, narrow = gains.read_gains(cursor, layout)
        return layout.with_dtype(narrow.dtype), lambda codes: gains.join(codes, found, narrow, cursor, layout)
    if how == FIXED:
        code = cursor.number(1)
        if code >= len(CODES):
            raise CorruptError("integers: numbers of no known type", 1)
        return layout.with_dtype(CODES[code]), lambda numbers: fixed.join(numbers, cursor, layout)
    return NOTHING, lambda _: _from_planes(how, cursor, layout)


def _from_planes(how: int, cursor: Cursor, layout: Layout) -> list[int]:
    n, width = layout.size, layout.dtype.itemsize
    count = 1 if how == JOINED else width
    planes = b"".join([read_string(cursor, n * width // count) for _ in range(count)])
    return [layout.dtype.wrap(sum(planes[b * n + i] << 8 * b for b in range(width))) for i in range(n)]
