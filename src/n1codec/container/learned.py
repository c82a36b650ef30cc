"""Code widths of a recording that is about to be encoded."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from n1codec import arguments
from n1codec.codec import Samples
from n1codec.codecs.n1 import N1, learned_beside
from n1codec.container import defaults
from n1codec.pipeline import Pipeline, named
from n1codec.threads import Workers

LEAST: Final = 5 << 22
"""Values of a recording that is worth it: two seconds of a probe."""
SHARE: Final = 8
"""One value in so many is learned from, up to `MOST`: that takes no longer than blocks save."""
MOST: Final = 1 << 22
"""Values that are learned from: of twice as many, Neuropixels 2.0 takes 0.07 % less."""
WORTH: Final = 512
"""Widths may take one byte of so many of the source: a quarter of what they bring."""


def widths_of(
    read: Callable[[int], Samples],
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    codec: str | Pipeline,
    bundle_channels: int | None = None,
    *,
    threads: int = 1,
    beside: Sequence[Callable[[], None]] = (),
) -> bytes:
    """Return code widths, learned from the beginning of a recording; none where its blocks would not be coded by them.

    Parameters
    ----------
    read : callable
        Returns so many of its first samples.
    shape : tuple of int
        ``(n_samples,)`` or ``(n_samples, n_channels)``.
    dtype : numpy.dtype
        Of the samples.
    codec : str or Pipeline
        What its blocks will be coded by.
    bundle_channels : int, optional
        Channels that are coded together, if not the default.
    threads : int
        How many may learn, and do the rest.
    beside : sequence of callable
        What else is done before this returns, in any order.
    """
    frames = frames_of(shape, dtype, codec, bundle_channels)
    if not frames:
        with Workers(threads) as workers:
            workers.share(lambda step: step(), beside)
        return b""
    widths = learned_beside(read(frames), threads, beside)
    return widths if len(widths) * WORTH <= math.prod(shape) * dtype.itemsize else b""


def frames_of(
    shape: tuple[int, ...], dtype: np.dtype[Any], codec: str | Pipeline, bundle_channels: int | None = None
) -> int:
    """Return how many samples of each channel are learned from; 0 where blocks would not be coded by widths."""
    channels = shape[1] if len(shape) == 2 else 1
    n_values, pipeline = shape[0] * channels, named(codec)
    if n_values < LEAST or not arguments.is_plain(dtype) or pipeline.transforms or not isinstance(pipeline.coder, N1):
        return 0
    bundle = defaults.bundle_channels(channels) if bundle_channels is None else bundle_channels
    if pipeline.coder.level < N1.WIDE_FROM or bundle < defaults.MANY_CHANNELS:
        return 0
    return min(MOST, n_values // SHARE) // channels
