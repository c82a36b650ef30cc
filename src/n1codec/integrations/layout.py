"""How a store of arrays should be cut for a recording: chunks that are coded and read alone, shards that are files.

There are two recipes, and the level says which. Levels 1 to 3 code every channel by what is fitted to it and its
neighbours, and decode quickly: few channels to a chunk cost little, and a short read of a few channels decodes little. From
level 4 on, n1 codes many channels side by side, which is slower to decode and wants many of them, for a time: who asks for
that wants a small store.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from n1codec import _core, arguments
from n1codec.codecs.n1 import N1
from n1codec.errors import ParameterError


class Recipe(NamedTuple):
    """At most so many channels in a chunk, and so many values."""

    channels: int
    values: int


QUICK: Final = Recipe(24, 180_000)
"""Enough neighbours to predict from, and 16 channels are in two chunks at most; a quarter of a second of 24 channels at 30 kHz.
With half as many values, files are 1 % larger."""
SMALL: Final = Recipe(136, 2_000_000)
"""Half a second of 128 channels, and of what a recorder adds to them. With half as many channels and two thirds of the time,
files are 0.2 % larger; with all 385 channels of a probe, 0.2 % smaller, and short reads take three times as long."""
KNOWN: Final = Recipe(136, 650_000)
"""The same where code widths are known (`n1codec.learn_widths`): a sixth of a second, to the same size."""
SMALL_FROM_LEVEL: Final = N1.WIDE_FROM
SMALL_FROM_CHANNELS: Final = 64
"""Where n1's wide mode begins."""
READING_LEVEL: Final = 3
"""The level of what is made for reading: half a percent to 2 % larger than 5, and read twice as fast."""
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


def chunk_of(channels: int, level: int, beside: int = 1, known: bool = False) -> tuple[int, int]:
    """Return how many frames and channels a chunk has at most: as few bundles of channels as the recipe allows, all alike.

    Parameters
    ----------
    channels : int
        Of the recording, at least 1.
    level : int
        Of n1.
    beside : int
        Values of a frame and a channel, where there are axes between them; at least 1.
    known : bool
        Whether the codec has code widths at hand.
    """
    small = KNOWN if known else SMALL
    recipe = small if level >= SMALL_FROM_LEVEL and channels >= SMALL_FROM_CHANNELS else QUICK
    wide = -(-channels // -(-channels // recipe.channels))
    return max(1, recipe.values // (wide * beside)), wide


def layout(shape: tuple[int, ...], itemsize: int = 2, *, level: int = READING_LEVEL, known: bool = False) -> Layout:
    """Return how the array of a recording should be cut.

    Parameters
    ----------
    shape : tuple of int
        ``(n_samples,)`` or ``(n_samples, n_channels)``.
    itemsize : int
        Bytes of a sample.
    level : int
        The level that n1 will code it with. Up to 3, a short read of a few channels decodes little: chunks have at most 24
        channels and 180,000 values. From 4 on, with 64 channels or more, the store is small: 136 channels and 2,000,000 values.
    known : bool
        Whether the codec has code widths at hand (`n1codec.learn_widths`): 650,000 values are enough then, from level 4 on.

    Returns
    -------
    Layout
        Such chunks, and shards of them of at most 64 MiB of samples.

    Raises
    ------
    ParameterError
        If the shape is none of a recording, or there is no such level.
    """
    lengths = arguments.sequence("shape", shape, arguments.integer, 0)
    itemsize = arguments.integer("itemsize", itemsize, 1)
    level = arguments.integer("level", level, 1, _core.N1_MAX_LEVEL)
    if len(lengths) not in (1, 2):
        raise ParameterError(f"shape must be (n_samples,) or (n_samples, n_channels), not {tuple(lengths)}")
    n_samples, channels = lengths[0], max(1, math.prod(lengths[1:]))
    long, wide = chunk_of(channels, level, known=arguments.flag("known", known))
    long = max(1, min(long, n_samples))
    groups = -(-channels // wide)
    fitting = SHARD_BYTES // (long * wide * groups * itemsize)
    times = max(1, min(fitting, -(-n_samples // long)))
    if len(lengths) == 1:
        return Layout((long,), (long * times,))
    return Layout((long, wide), (long * times, wide * groups))
