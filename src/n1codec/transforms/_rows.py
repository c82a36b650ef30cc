"""Channels as contiguous rows of 32-bit values: what the kernels along time work on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from n1codec import _core
from n1codec.codec import Layout, Samples


def split_rows(samples: Samples) -> NDArray[np.int32]:
    """Return samples as an array of shape (n_channels, n_samples).

    Unsigned values of ``w`` bits become ``v - 2**(w-1)``: signed, in the same order.
    """
    rows = np.empty((Layout.of(samples).channels, samples.shape[0]), np.int32)
    _core.split_rows(samples, rows)
    return rows


def join_rows(rows: NDArray[np.int32], layout: Layout) -> Samples:
    """Return the samples of `layout` whose rows are given; values are cut to the width of the dtype."""
    samples = np.empty(layout.shape, layout.dtype)
    _core.join_rows(rows, samples)
    return samples
