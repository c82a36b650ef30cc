"""The payload of the coder n1: its blocks (docs/format/n1.md, "Payload")."""

from __future__ import annotations

from typing import Final

from n1reference.errors import CorruptError
from n1reference.n1.adaptive import BACKWARD, MIXED, WIDE, decode_adaptive, decode_plain
from n1reference.n1.contexts import CONTEXTS
from n1reference.n1.echo import ECHO, read_echo, with_echoes
from n1reference.n1.piecewise import decode_piecewise
from n1reference.n1.predicted import decode_contexts
from n1reference.n1.repeats import REPEATS, read_repeats, with_repeats
from n1reference.numbers import LIMIT, Cursor
from n1reference.samples import Dtype, Layout, from_channels

PIECEWISE: Final = 4
BLOCK_FRAMES: Final = 4096
LEAST_HALVED: Final = 32
"""Channels of which there may be halves."""
MAX_BLOCK: Final = 1 << 26
"""Values of a block."""


def _blocks(payload: bytes, layout: Layout) -> tuple[list[bytes], bool]:
    """Return the blocks, and whether they are of halves of the channels."""
    cursor = Cursor(payload, "payload of n1")
    count = cursor.varint()
    halved = count == 0 and layout.channels >= LEAST_HALVED
    if halved:
        count = cursor.varint()
    if not 1 <= count <= max(1, layout.n_samples // BLOCK_FRAMES * 2):
        raise CorruptError(f"n1: {count} blocks in {layout.n_samples} samples", 0)
    if count == 1 and not halved:
        return [cursor.rest()], halved
    blocks = [cursor.counted(LIMIT) for _ in range(2 * count if halved else count)]
    cursor.end()
    return blocks, halved


def decode_block(block: bytes, n_samples: int, n_channels: int, dtype: Dtype) -> list[list[int]]:
    """Return the samples of each channel of one block, with what comes again and what echoes."""
    if block[:1] != bytes([ECHO]):
        return _decode_repeats(block, n_samples, n_channels, dtype)
    head = read_echo(block, n_samples, n_channels)
    first = _decode_repeats(head.first, head.distance, n_channels, dtype)
    others = _decode_repeats(head.others, n_samples - head.distance, n_channels, dtype.signed())
    return with_echoes(first, others, head, dtype)


def _decode_repeats(block: bytes, n_samples: int, n_channels: int, dtype: Dtype) -> list[list[int]]:
    if block[:1] != bytes([REPEATS]):
        return _decode_mode(block, n_samples, n_channels, dtype)
    head = read_repeats(block, n_samples, n_channels, dtype)
    return with_repeats(_decode_mode(head.block, head.kept, n_channels, dtype), head)


def _decode_mode(block: bytes, n_samples: int, n_channels: int, dtype: Dtype) -> list[list[int]]:
    if block[:1] in (bytes([BACKWARD]), bytes([MIXED]), bytes([WIDE])):
        return decode_adaptive(block, n_samples, n_channels, dtype)
    if block[:1] == bytes([CONTEXTS]):
        return decode_contexts(block, n_samples, n_channels, dtype)
    if block[:1] == bytes([PIECEWISE]):
        return decode_piecewise(block, n_samples, n_channels, dtype)
    return decode_plain(block, n_samples, n_channels, dtype)


def decode_payload(payload: bytes, layout: Layout) -> list[int]:
    """Return the samples of a payload of the coder n1."""
    n_samples, channels = layout.n_samples, layout.channels
    blocks, halved = _blocks(payload, layout)
    lower = channels // 2 // 16 * 16 if halved else channels
    count = len(blocks) // (1 + halved)
    edges = [n_samples * at // count for at in range(count + 1)]
    if -(-n_samples // count) * max(lower, channels - lower) > MAX_BLOCK:
        raise CorruptError("n1: a block of too many values")
    lines: list[list[int]] = [[] for _ in range(channels)]
    for at, block in enumerate(blocks):
        time, upper = (at // 2, at % 2) if halved else (at, 0)
        some = lines[lower:] if upper else lines[:lower]
        decoded = decode_block(block, edges[time + 1] - edges[time], len(some), layout.dtype)
        for line, more in zip(some, decoded, strict=True):
            line += more
    return from_channels(lines)
