"""How a store of arrays should be cut for a recording: chunks that are coded and read alone, shards that are files."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from n1codec import arguments
from n1codec.errors import ParameterError

CHANNELS: Final = 24
"""Most channels of a chunk: enough neighbours to predict from, and 16 channels are in two chunks at most."""
VALUES: Final = 180_000
"""Values of a chunk: a quarter of a second of 24 channels at 30 kHz, which one thread decodes in 4 ms at level 3. With half as
many, files are 1 % larger; with all 385 channels of a probe in chunks of a second they are 1 % smaller, short reads take ten
times as long."""
SHARD_BYTES: Final = 1 << 26
"""Bytes of samples of a shard: what a writer holds in memory, and one file of the store."""


class Layout(NamedTuple):
    """How an array is cut.

    Parameters
    ----------
    chunks : tuple of int
        Shape of a chunk, which is coded and read alone.
    shards : tuple of int
        Shape of a shard, a file of many chunks: all channels of a stretch of time.
    """

    chunks: tuple[int, ...]
    shards: tuple[int, ...]


def layout(shape: tuple[int, ...], itemsize: int = 2) -> Layout:
    """Return how the array of a recording should be cut, so that a short read of a few channels decodes little.

    Parameters
    ----------
    shape : tuple of int
        ``(n_samples,)`` or ``(n_samples, n_channels)``.
    itemsize : int
        Bytes of a sample.

    Returns
    -------
    Layout
        Chunks of at most 24 channels and 180,000 values, and shards of them of at most 64 MiB of samples.

    Raises
    ------
    ParameterError
        If the shape is none of a recording.
    """
    lengths = arguments.sequence("shape", shape, arguments.integer, 0)
    itemsize = arguments.integer("itemsize", itemsize, 1)
    if len(lengths) not in (1, 2):
        raise ParameterError(f"shape must be (n_samples,) or (n_samples, n_channels), not {tuple(lengths)}")
    n_samples, channels = lengths[0], max(1, math.prod(lengths[1:]))
    groups = -(-channels // CHANNELS)
    wide = -(-channels // groups)
    long = max(1, min(VALUES // wide, n_samples))
    fitting = SHARD_BYTES // (long * wide * groups * itemsize)
    times = max(1, min(fitting, -(-n_samples // long)))
    if len(lengths) == 1:
        return Layout((long,), (long * times,))
    return Layout((long, wide), (long * times, wide * groups))
