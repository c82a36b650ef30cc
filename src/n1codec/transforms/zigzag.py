"""Signed to unsigned, small magnitudes to small values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from n1codec.codec import Layout, Samples, Transform


@dataclass(frozen=True)
class Zigzag(Transform):
    """Fold negative values between positive ones: 0, -1, 1, -2, 2 become 0, 1, 2, 3, 4.

    The output has the unsigned type of the same width. Unsigned samples are taken as the signed numbers with the same
    bits, which is what differences that wrapped around are. No side information.
    """

    name = "zigzag"

    def forward(self, samples: Samples) -> tuple[Samples, bytes]:
        """Return the folded values, unsigned; no side information."""
        signed = samples.view(Layout.of(samples).signed().dtype)
        folded = np.left_shift(signed, 1)
        folded ^= np.right_shift(signed, 8 * samples.dtype.itemsize - 1)
        return folded.view(self.output_layout(Layout.of(samples), b"").dtype), b""

    def output_layout(self, layout: Layout, side: bytes) -> Layout:
        """Return the layout with the unsigned type of the same width."""
        if side:
            raise ValueError("zigzag has no side information")
        return Layout(np.dtype(f"u{layout.dtype.itemsize}"), layout.shape)

    def inverse(self, samples: Samples, side: bytes, layout: Layout) -> Samples:
        """Return the values unfolded."""
        unfolded = np.right_shift(samples, 1)
        unfolded ^= np.negative(samples & samples.dtype.type(1))
        return unfolded.view(layout.dtype)
