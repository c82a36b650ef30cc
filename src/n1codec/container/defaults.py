"""What a file is written with unless the caller says otherwise."""

from __future__ import annotations

from typing import Final

from n1codec import arguments
from n1codec.container.header import Header
from n1codec.container.record import max_chunk_frames
from n1codec.errors import ParameterError

DEFAULT_CODEC: Final = "n1:level=5"
"""The pipeline: forward-adaptive and quick to decode for a few channels, backward where neighbours teach each other."""

BUNDLE_CHANNELS: Final = 64
"""Channels in a bundle where there are many: from so many on the coder works on channels side by side, and a reader of 16
channels decodes at most two bundles."""
BLOCK_VALUES: Final = 1 << 19
"""Values in a block of a few channels: half a second of 32 channels at 30 kHz. An adaptive coder has learnt most by then."""
WIDE_BLOCK_VALUES: Final = 1 << 20
"""Values in a block of many channels: half a second of 64 at 30 kHz. Blocks half as long take 0.3 % more on Neuropixels 2.0."""
CHUNK_SECONDS: Final = 10.0
"""Longest chunk: a damaged one costs that much."""
CHUNK_VALUES: Final = 1 << 25
"""Most values in a chunk: what a writer holds in memory."""


def bundle_channels(channels: int) -> int:
    """Return how many channels a bundle has: all, or the fewest from `BUNDLE_CHANNELS` on that leave no more than a few over.

    What is left over is a bundle of its own: coded well if it is as large as the others, and of no weight if it is small,
    such as the one channel of a probe's sync line.
    """
    if channels < 2 * BUNDLE_CHANNELS:
        return channels
    least = max(BUNDLE_CHANNELS, -(-channels // 1024))
    few = channels // least
    return next(each for each in range(least, channels + 1) if not few < channels % each < BUNDLE_CHANNELS)


def chunk_frames(header: Header) -> int:
    """Return how many samples of each channel a chunk has."""
    values = BLOCK_VALUES if header.bundle_channels < BUNDLE_CHANNELS else WIDE_BLOCK_VALUES
    by_memory = min(values // header.bundle_channels, CHUNK_VALUES // header.width, max_chunk_frames(header))
    return max(1, min(by_memory, int(min(CHUNK_SECONDS * header.rate, BLOCK_VALUES))))


def chosen_frames(header: Header, seconds: float | None, frames: int | None) -> int:
    """Return how many samples of each channel a chunk has if the caller gave its length in one way or the other.

    Raises
    ------
    ParameterError
        If both are given, or the chunk is beyond the limits.
    """
    most = max_chunk_frames(header)
    if seconds is not None and frames is not None:
        raise ParameterError("give the length of a chunk in seconds or in samples, not both")
    if seconds is not None:
        seconds = arguments.number("chunk_seconds", seconds, above=0)
        frames = max(1, round(min(seconds * header.rate, 2.0 * most)))
    if frames is None:
        return chunk_frames(header)
    return arguments.integer("chunk_frames", frames, 1, most)
