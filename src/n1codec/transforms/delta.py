"""Differences along time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from n1codec import _core
from n1codec.codec import Layout, Samples, Transform


@dataclass(frozen=True)
class Delta(Transform):
    """Differences of order 1 to 3 along time, channel by channel.

    Differences wrap around in the width of the samples, so they need no wider type and are undone exactly by sums that wrap
    around too. The first samples are differences from zero.

    Parameters
    ----------
    order : int
        How many times differences are taken, 1 to 3.
    """

    name = "delta"
    predictive = True

    order: int = 1

    def __post_init__(self) -> None:
        self.check_range("order", 1, 3)

    def forward(self, samples: Samples) -> tuple[Samples, bytes]:
        """Return differences, of the signed type of the same width; no side information."""
        current = samples.view(Layout.of(samples).signed().dtype)
        for _ in range(self.order):
            difference = current.copy()
            np.subtract(current[1:], current[:-1], out=difference[1:])
            current = difference
        return current, b""

    def output_layout(self, layout: Layout, side: bytes) -> Layout:
        """Return the layout with the signed type of the same width."""
        if side:
            raise ValueError("delta has no side information")
        self.refuse_side(side)
        return layout.signed()

    def inverse(self, samples: Samples, side: bytes, layout: Layout) -> Samples:
        """Return running sums."""
        sums = np.empty(layout.shape, layout.dtype)
        _core.running_sums(samples, sums)
        for _ in range(self.order - 1):
            _core.running_sums(sums, sums)
        return sums
