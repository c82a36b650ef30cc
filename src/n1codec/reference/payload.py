"""The payload of the coder n1: its chunks (docs/format/n1.md, "Payload")."""

from __future__ import annotations

from typing import Final

import numpy as np

from n1codec.codec import Layout, Samples
from n1codec.errors import CorruptError, TruncatedError
from n1codec.reference.adaptive import BEST, REALTIME, decode_adaptive, decode_plain

CHUNK_FRAMES: Final = 4096
MAX_NUMBER_BYTES: Final = 10
MAX_CHUNK: Final = 1 << 26
"""Values of a chunk."""


def _number(payload: bytes, at: int) -> tuple[int, int]:
    """Return a varint and the place after it."""
    number = 0
    for place in range(MAX_NUMBER_BYTES):
        if at + place >= len(payload):
            raise TruncatedError("n1: a payload ends within a number", at)
        byte = payload[at + place]
        number |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            if number >> 64 or (place and not byte):
                raise CorruptError("n1: a number beyond 64 bits, or not in its shortest form", at)
            return number, at + place + 1
    raise CorruptError("n1: a number beyond 64 bits, or not in its shortest form", at)


def _chunks(payload: bytes, n_samples: int) -> list[bytes]:
    count, at = _number(payload, 0)
    if not 1 <= count <= max(1, n_samples // CHUNK_FRAMES * 2):
        raise CorruptError(f"n1: {count} chunks in {n_samples} samples", 0)
    if count == 1:
        return [payload[at:]]
    chunks = []
    for _ in range(count):
        size, at = _number(payload, at)
        if size > len(payload) - at:
            raise TruncatedError("n1: a chunk is cut short", len(payload))
        chunks.append(payload[at : at + size])
        at += size
    if at != len(payload):
        raise CorruptError("n1: bytes follow the last chunk", at)
    return chunks


def decode_chunk(chunk: bytes, n_samples: int, n_channels: int, dtype: np.dtype[np.generic]) -> list[list[int]]:
    """Return the samples of each channel of one chunk."""
    if chunk[:1] in (bytes([REALTIME]), bytes([BEST])):
        return decode_adaptive(chunk, n_samples, n_channels, dtype)
    return decode_plain(chunk, n_samples, n_channels, dtype)


def decode_payload(payload: bytes, layout: Layout) -> Samples:
    """Decode a payload of the coder n1, slowly and in plain integers.

    Parameters
    ----------
    payload : bytes
        What ``n1codec.codecs.n1.N1.encode`` returned.
    layout : Layout
        Dtype and shape of the samples; the dtype in native byte order.

    Returns
    -------
    ndarray
        The samples.

    Raises
    ------
    CorruptError
        If the payload breaks a rule of the format.
    """
    n_samples, channels = layout.shape[0], layout.channels
    if layout.size == 0:
        if payload:
            raise CorruptError("n1: a payload without samples", 0)
        return np.empty(layout.shape, layout.dtype)
    chunks = _chunks(payload, n_samples)
    edges = [n_samples * at // len(chunks) for at in range(len(chunks) + 1)]
    if -(-n_samples // len(chunks)) * channels > MAX_CHUNK:
        raise CorruptError("n1: a chunk of too many values")
    lines: list[list[int]] = [[] for _ in range(channels)]
    for at, chunk in enumerate(chunks):
        for line, more in zip(
            lines, decode_chunk(chunk, edges[at + 1] - edges[at], channels, layout.dtype), strict=True
        ):
            line += more
    return np.array(lines, np.int64).T.astype(layout.dtype).reshape(layout.shape)
