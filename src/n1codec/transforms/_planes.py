"""The bytes of samples of any type, those of the same weight side by side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from n1codec import _core
from n1codec.codec import Layout, Samples, byte_view, from_little_endian


def planes_of(samples: Samples) -> NDArray[np.uint8]:
    """Return the bytes of samples, shape (itemsize, n): all least significant bytes first."""
    width = samples.dtype.itemsize
    if width == 8:  # what the core knows has four bytes at most
        return np.ascontiguousarray(np.frombuffer(byte_view(samples), np.uint8).reshape(-1, width).T)
    planes = np.empty((width, samples.size), np.uint8)
    _core.byte_shuffle(samples.view(f"u{width}"), planes.reshape(-1))
    return planes


def from_planes(planes: NDArray[np.uint8], layout: Layout) -> Samples:
    """Return the samples of a layout from the bytes that `planes_of` returned."""
    width = layout.dtype.itemsize
    if width == 8:
        return from_little_endian(planes.reshape(width, -1).T.tobytes(), layout)
    restored = np.empty(layout.shape, f"u{width}")
    _core.byte_unshuffle(planes.reshape(-1), restored)
    return restored.view(layout.dtype)
