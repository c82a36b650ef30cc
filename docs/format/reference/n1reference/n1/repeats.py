"""Blocks around a block: frames that come again (docs/format/n1.md, "Mode 7: repeats")."""

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
    """Frames that come again: how many stay since the run before, how many they are, and from how far; 0: the blank frame."""

    stay: int
    length: int
    distance: int


@dataclass(frozen=True)
class Repeats:
    """The head: runs, the blank frame, and the block of the frames that stay."""

    runs: tuple[Run, ...]
    kept: int
    blank: list[int]
    block: bytes


def read_repeats(block: bytes, n_samples: int, n_channels: int, dtype: Dtype) -> Repeats:
    """Return what a block of this mode says before the block that it holds."""
    cursor = Cursor(block[1:], "repeats of n1")
    count = cursor.varint(n_samples)
    kept, at, distance = n_samples, 0, 1
    runs = []
    for _ in range(count):
        stay = cursor.varint(n_samples)
        word = cursor.varint(2 * n_samples)
        distance = cursor.varint(n_samples) if word % 2 else distance
        run = Run(stay, word // 2 + 1, distance)
        at += run.stay
        kept -= run.length
        if distance > at or at + run.length > n_samples or kept < 1:
            raise CorruptError("n1: runs of no, too many or wrong frames", 1)
        at += run.length
        runs.append(run)
    if not runs:
        raise CorruptError("n1: no runs", 1)
    rest = cursor.rest()
    values: list[int] = []
    if not all(run.distance for run in runs):
        if len(rest) < 2:
            raise TruncatedError("n1: the blank frame is cut short", len(block))
        if rest[0] or rest[1] > dtype.bits:
            raise CorruptError("n1: the blank frame is no stored block", len(block) - len(rest))
        size = 2 + dtype.bits // 8 + (n_channels * rest[1] + 7) // 8
        values = [line[0] for line in decode_stored(rest[:size], 1, n_channels, dtype)]
        rest = rest[size:]
    if not rest:
        raise TruncatedError("n1: no block of the frames that stay", len(block))
    return Repeats(tuple(runs), kept, values, rest)


def with_repeats(lines: list[list[int]], head: Repeats) -> list[list[int]]:
    """Return each channel's samples with the runs among them."""
    out = []
    for channel, line in enumerate(lines):
        samples: list[int] = []
        begin = 0
        for run in head.runs:
            samples += line[begin : begin + run.stay]
            begin += run.stay
            for _ in range(run.length):
                samples.append(samples[-run.distance] if run.distance else head.blank[channel])
        out.append(samples + line[begin:])
    return out
