"""Blocks around a block: frames that repeat one (docs/format/n1.md, "Mode 7: repeats")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from n1reference.errors import CorruptError, TruncatedError
from n1reference.n1.stored import decode_stored
from n1reference.numbers import Cursor
from n1reference.samples import Dtype

REPEATS: Final = 7


@dataclass(frozen=True)
class Run:
    """Frames that repeat one: how many frames stay before them, how many they are, and whether the blank frame is repeated."""

    after: int
    length: int
    blank: bool


@dataclass(frozen=True)
class Repeats:
    """The head: runs, the first one first, the blank frame, and the block of the frames that stay."""

    runs: tuple[Run, ...]
    kept: int
    blank: list[int]
    block: bytes


def read_repeats(block: bytes, n_samples: int, n_channels: int, dtype: Dtype) -> Repeats:
    """Return what a block of this mode says before the block that it holds."""
    cursor = Cursor(block[1:], "repeats of n1")
    count = cursor.varint(n_samples)
    kept, behind = n_samples, 0
    said = []
    for _ in range(count):
        behind += cursor.varint(n_samples)
        word = cursor.varint(2 * n_samples)
        said.append((behind, word // 2 + 1, word % 2 == 1))
        kept -= word // 2 + 1
    if not count or kept < 1 or any(back + (not blank) > kept for back, _, blank in said):
        raise CorruptError("n1: runs of no, too many or wrong frames", 1)
    rest = cursor.rest()
    values: list[int] = []
    if any(blank for _, _, blank in said):
        if len(rest) < 2:
            raise TruncatedError("n1: the blank frame is cut short", len(block))
        if rest[0] or rest[1] > dtype.bits:
            raise CorruptError("n1: the blank frame is no stored block", len(block) - len(rest))
        size = 2 + dtype.bits // 8 + (n_channels * rest[1] + 7) // 8
        values = [line[0] for line in decode_stored(rest[:size], 1, n_channels, dtype)]
        rest = rest[size:]
    if not rest:
        raise TruncatedError("n1: no block of the frames that stay", len(block))
    return Repeats(tuple(Run(kept - back, length, blank) for back, length, blank in reversed(said)), kept, values, rest)


def with_repeats(lines: list[list[int]], head: Repeats) -> list[list[int]]:
    """Return each channel's samples with the runs among them."""
    out = []
    for channel, line in enumerate(lines):
        samples: list[int] = []
        begin = 0
        for run in head.runs:
            samples += line[begin : run.after]
            samples += [head.blank[channel] if run.blank else line[run.after - 1]] * run.length
            begin = run.after
        out.append(samples + line[begin:])
    return out
