"""Blocks around two blocks: frames that are those of a period before but for an offset (docs/format/n1.md, "Mode 8: echo")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from n1reference.errors import CorruptError, TruncatedError
from n1reference.numbers import Cursor
from n1reference.samples import Dtype

ECHO: Final = 8


@dataclass(frozen=True)
class Echo:
    """The head: from how far, which channels, and the blocks of the first frames and of what is left of the others."""

    distance: int
    echoes: tuple[bool, ...]
    first: bytes
    others: bytes


def read_echo(block: bytes, n_samples: int, n_channels: int) -> Echo:
    """Return what a block of this mode says, and the blocks that it holds."""
    cursor = Cursor(block[1:], "echoes of n1")
    distance = cursor.varint(n_samples - 1)
    if not distance:
        raise CorruptError("n1: frames that echo themselves", 1)
    word = cursor.number(1)
    if word & 1:
        echoes = (True,) * n_channels
    else:
        word |= int.from_bytes(cursor.take((n_channels + 8) // 8 - 1), "little") << 8
        echoes = tuple(bool(word >> channel + 1 & 1) for channel in range(n_channels))
    first = cursor.counted(1 << 62)
    others = cursor.rest()
    if not first:
        raise CorruptError("n1: no block of the first frames", 1)
    if not others:
        raise TruncatedError("n1: no block of the other frames", len(block))
    return Echo(distance, echoes, first, others)


def with_echoes(first: list[list[int]], others: list[list[int]], head: Echo, dtype: Dtype) -> list[list[int]]:
    """Return each channel's samples."""
    for line, left, echoes in zip(first, others, head.echoes, strict=True):
        for value in left:
            line.append(dtype.wrap(value + (line[-head.distance] if echoes else -dtype.bias)))
    return first
