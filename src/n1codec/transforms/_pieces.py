"""Frames a few at a time: what a processor keeps near itself while several things are done to them."""

from __future__ import annotations

from collections.abc import Iterator


def pieces(shape: tuple[int, ...], values: int) -> Iterator[slice]:
    """Return slices of the frames of an array of shape (n_samples, n_channels), each of about so many values."""
    step = max(1, values // max(1, shape[1]))
    return (slice(at, at + step) for at in range(0, shape[0], step))
