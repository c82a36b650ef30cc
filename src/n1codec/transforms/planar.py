"""Channel after channel instead of frame after frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from n1codec.codec import Layout, Samples, Transform


@dataclass(frozen=True)
class Planar(Transform):
    """All samples of the first channel, then all of the second, and so on, as one sequence.

    The output has shape ``(n_samples * n_channels,)``, so what follows sees a single long channel: a predictor meets
    one jump where each channel begins, and a compressor of bytes finds a channel's samples side by side.
    One-dimensional samples pass as they are. No side information.
    """

    name = "planar"

    def forward(self, samples: Samples) -> tuple[Samples, bytes]:
        """Return the channels one after another; no side information."""
        if samples.ndim == 1:
            return samples, b""
        return _transposed(samples).reshape(-1), b""

    def output_layout(self, layout: Layout, side: bytes) -> Layout:
        """Return the one-dimensional layout of as many values."""
        if side:
            raise ValueError("planar has no side information")
        return Layout(layout.dtype, (layout.size,))

    def inverse(self, samples: Samples, side: bytes, layout: Layout) -> Samples:
        """Return the frames."""
        if len(layout.shape) == 1:
            return samples
        return _transposed(samples.reshape(layout.shape[::-1]))


def _transposed(samples: Samples) -> Samples:
    return np.ascontiguousarray(samples.T)
