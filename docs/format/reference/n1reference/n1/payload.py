"""The payload of the coder n1: its chunks (docs/format/n1.md, "Payload")."""

from __future__ import annotations

from typing import Final

from n1reference.errors import CorruptError
from n1reference.n1.adaptive import BEST, REALTIME, decode_adaptive, decode_plain
from n1reference.numbers import LIMIT, Cursor
from n1reference.samples import Dtype, Layout, from_channels

CHUNK_FRAMES: Final = 4096
MAX_CHUNK: Final = 1 << 26
"""Values of a chunk."""


def _chunks(payload: bytes, n_samples: int) -> list[bytes]:
    cursor = Cursor(payload, "payload of n1")
    count = cursor.varint()
    if not 1 <= count <= max(1, n_samples // CHUNK_FRAMES * 2):
        raise CorruptError(f"n1: {count} chunks in {n_samples} samples", 0)
    if count == 1:
        return [cursor.rest()]
    chunks = [cursor.counted(LIMIT) for _ in range(count)]
    cursor.end()
    return chunks


def decode_chunk(chunk: bytes, n_samples: int, n_channels: int, dtype: Dtype) -> list[list[int]]:
    """Return the samples of each channel of one chunk."""
    if chunk[:1] in (bytes([REALTIME]), bytes([BEST])):
        return decode_adaptive(chunk, n_samples, n_channels, dtype)
    return decode_plain(chunk, n_samples, n_channels, dtype)


def decode_payload(payload: bytes, layout: Layout) -> list[int]:
    """Return the samples of a payload of the coder n1."""
    n_samples, channels = layout.n_samples, layout.channels
    chunks = _chunks(payload, n_samples)
    edges = [n_samples * at // len(chunks) for at in range(len(chunks) + 1)]
    if -(-n_samples // len(chunks)) * channels > MAX_CHUNK:
        raise CorruptError("n1: a chunk of too many values")
    lines: list[list[int]] = [[] for _ in range(channels)]
    for at, chunk in enumerate(chunks):
        decoded = decode_chunk(chunk, edges[at + 1] - edges[at], channels, layout.dtype)
        for line, more in zip(lines, decoded, strict=True):
            line += more
    return from_channels(lines)
