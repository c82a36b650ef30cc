"""Channel decorrelation: what neighbouring electrodes pick up together is sent once.

With ``x[c]`` the value of channel ``c`` in a frame, channel 0 stays as it is and for the others

* ``neighbour``: ``y[c] = x[c] - x[c-1]``;
* ``average``: ``y[c] = x[c] - floor(weight * (x[c-1] + ... + x[c-m]) / (16 * m))`` with ``m = min(c, span)``.

A decoder has the channels before ``c`` when it comes to ``c``, so this is undone exactly; subtracting the mean of *all*
channels is not: the means would have to be sent too. All arithmetic wraps around in the width of the samples; unsigned
samples of ``w`` bits count from ``2**(w-1)``. No side information.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from n1codec import _core
from n1codec.codec import Layout, Samples, Transform
from n1codec.errors import ParameterError

_MODES = ("average", "neighbour")


@dataclass(frozen=True)
class Channel(Transform):
    """Each channel minus what channels before it in the same frame foretell.

    It combines with differences along time in either order. One-dimensional samples pass as they are, as the signed
    type of the same width.

    Parameters
    ----------
    mode : {"average", "neighbour"}
        Take off a share of the mean of some channels before, or the whole channel before.
    span : int
        For ``average``: of how many channels the mean is taken, 1 to 64.
    weight : int
        For ``average``: the share, in sixteenths, 1 to 16. The default suits Neuropixels: noise of each channel's own
        makes it less than the whole, about the correlation of neighbours.
    """

    name = "channel"

    mode: str = "average"
    span: int = 4
    weight: int = 10

    def __post_init__(self) -> None:
        self.check_choice("mode", _MODES)
        self.check_range("span", 1, 64)
        self.check_range("weight", 1, 16)
        if self.mode == "neighbour" and (self.span, self.weight) != (Channel.span, Channel.weight):
            raise ParameterError("channel: span and weight belong to mode=average")

    def forward(self, samples: Samples) -> tuple[Samples, bytes]:
        """Return residuals of the signed type of the same width; no side information."""
        signed = Layout.of(samples).signed()
        if samples.ndim == 1:
            return samples.view(signed.dtype), b""
        residual = np.empty(signed.shape, signed.dtype)
        _core.channel_residual(samples, *self._terms(), residual, samples.dtype.kind == "u")
        return residual, b""

    def output_layout(self, layout: Layout, side: bytes) -> Layout:
        """Return the layout with the signed type of the same width."""
        if side:
            raise ValueError("channel has no side information")
        return layout.signed()

    def inverse(self, samples: Samples, side: bytes, layout: Layout) -> Samples:
        """Return the channels."""
        if samples.ndim == 1:
            return samples.view(layout.dtype)
        restored = np.empty(layout.shape, layout.dtype)
        _core.channel_restore(samples, *self._terms(), restored, layout.dtype.kind == "u")
        return restored

    def _terms(self) -> tuple[int, int]:
        return (1, 16) if self.mode == "neighbour" else (self.span, self.weight)
