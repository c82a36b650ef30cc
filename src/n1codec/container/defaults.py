"""What a file is written with unless the caller says otherwise."""

from __future__ import annotations

from typing import Final

from n1codec import arguments
from n1codec.container.header import Header
from n1codec.container.record import max_chunk_frames
from n1codec.errors import ParameterError

DEFAULT_CODEC: Final = "n1:level=5"
"""The pipeline: forward-adaptive and quick to decode for a few channels, backward where neighbours teach each other."""

BUNDLE_CHANNELS: Final = 128
"""Channels in a bundle where there are many: eight rows of sixteen, which the coder works at side by side. With 96,
Neuropixels 2.0 takes 0.17 % more and 4 % longer; but a read of 16 channels, of two bundles at most, decodes a third more."""
MOST_CHANNELS: Final = 160
"""Channels in a bundle at most, unless a file would have too many bundles."""
MANY_CHANNELS: Final = 64
"""From so many on in a bundle, the coder works at channels side by side."""
BLOCK_VALUES: Final = 1 << 19
"""Values in a block of a few channels: half a second of 32 channels at 30 kHz. An adaptive coder has learnt most by then."""
MANY_FRAMES: Final = 1 << 14
"""Samples of each channel in a block of many: with half as many, Neuropixels 2.0 takes 0.25 % more."""
KNOWN_FRAMES: Final = 1 << 15
"""The same where code widths are known: a short read decodes sections of such a block, so fits may serve for twice as long."""
CHUNK_SECONDS: Final = 10.0
"""Longest chunk: a damaged one costs that much."""
CHUNK_VALUES: Final = 1 << 25
"""Most values in a chunk: what a writer holds in memory."""


def bundle_channels(channels: int) -> int:
    """Return how many channels a bundle has: all, or about `BUNDLE_CHANNELS`, so that few are left in a bundle too small.

    Sixteens fill the coder's rows. A probe's sync line may be alone: one channel is of little weight.
    """
    if channels < 2 * MANY_CHANNELS:
        return channels

    def cost(each: int) -> int:
        left = channels % each
        alone = 0 if left >= MANY_CHANNELS else 2 * left if left < 2 else 8 * left
        return abs(each - BUNDLE_CHANNELS) + alone + (4 if each % 16 else 0)

    least = max(MANY_CHANNELS, -(-channels // 1024))
    return min(range(least, max(least, MOST_CHANNELS) + 1), key=cost)


def chunk_frames(header: Header) -> int:
    """Return how many samples of each channel a chunk has."""
    bundle = header.bundle_channels
    many = KNOWN_FRAMES if header.widths else MANY_FRAMES
    by_block = many if bundle >= MANY_CHANNELS else BLOCK_VALUES // bundle
    by_memory = min(by_block, CHUNK_VALUES // header.width, max_chunk_frames(header))
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
