"""The payload of the coder n1: its blocks (docs/format/n1.md, "Payload")."""

from __future__ import annotations

from typing import Final

from n1reference.errors import CorruptError
from n1reference.n1.adaptive import BACKWARD, MIXED, WIDE, decode_adaptive, decode_plain
from n1reference.n1.contexts import CONTEXTS
from n1reference.n1.piecewise import decode_piecewise
from n1reference.n1.predicted import decode_contexts
from n1reference.n1.repeats import REPEATS, read_repeats, with_repeats
from n1reference.numbers import LIMIT, Cursor
from n1reference.samples import Dtype, Layout, from_channels

PIECEWISE: Final = 4
BLOCK_FRAMES: Final = 4096
MAX_BLOCK: Final = 1 << 26
"""Values of a block."""


def _blocks(payload: bytes, n_samples: int) -> list[bytes]:
    cursor = Cursor(payload, "payload of n1")
    count = cursor.varint()
    if not 1 <= count <= max(1, n_samples // BLOCK_FRAMES * 2):
        raise CorruptError(f"n1: {count} blocks in {n_samples} samples", 0)
    if count == 1:
        return [cursor.rest()]
    blocks = [cursor.counted(LIMIT) for _ in range(count)]
    cursor.end()
    return blocks


def decode_block(block: bytes, n_samples: int, n_channels: int, dtype: Dtype) -> list[list[int]]:
    """Return the samples of each channel of one block, with what comes again."""
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
    blocks = _blocks(payload, n_samples)
    edges = [n_samples * at // len(blocks) for at in range(len(blocks) + 1)]
    if -(-n_samples // len(blocks)) * channels > MAX_BLOCK:
        raise CorruptError("n1: a block of too many values")
    lines: list[list[int]] = [[] for _ in range(channels)]
    for at, block in enumerate(blocks):
        decoded = decode_block(block, edges[at + 1] - edges[at], channels, layout.dtype)
        for line, more in zip(lines, decoded, strict=True):
            line += more
    return from_channels(lines)
