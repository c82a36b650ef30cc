"""Run lengths (docs/format/rle.md)."""

from __future__ import annotations

from typing import Final

from n1reference.coders.stored import CODED, STORED, form, stored
from n1reference.errors import CorruptError
from n1reference.numbers import Cursor
from n1reference.samples import Layout, from_bytes

MAX_NUMBER: Final = (1 << 32) - 1


def decode(payload: bytes, layout: Layout) -> list[int]:
    """Return the samples."""
    how = form(payload, layout)
    if how == STORED:
        return stored(payload, layout)
    if how != CODED:
        raise CorruptError(f"rle: no payload of form {how}", 0)
    cursor = Cursor(payload, "rle", 1)
    values: list[int] = []
    while len(values) < layout.size:
        number = cursor.varint(MAX_NUMBER)
        is_run = number & 1
        count = (number >> 1) + (2 if is_run else 1)
        if count > layout.size - len(values):
            raise CorruptError("rle: more samples than there are", cursor.at)
        stated = from_bytes(cursor.take((1 if is_run else count) * layout.dtype.itemsize), layout.dtype)
        values += stated * count if is_run else stated
    cursor.end()
    return values
