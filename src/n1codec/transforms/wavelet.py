"""Reversible integer wavelet along time.

The 5/3 filters of D. Le Gall and A. Tabatabai (1988) as lifting steps in integers, the reversible filter of JPEG 2000
(ITU-T T.800, annex F), channel by channel. A level splits ``x`` into a high and a low band::

    high[i] = x[2i+1] - floor((x[2i] + x[2i+2]) / 2)
    low[i]  = x[2i]   + floor((high[i-1] + high[i] + 2) / 4)

with ``x`` (and so ``high``) continued symmetrically about both ends; the low band, of ``ceil(n / 2)`` values, is
split again. Bands follow one another along time: ``low_L, high_L, ..., high_1``. A band of one value is not split, so
long chains of levels do no harm. Sums are exact and results wrap around in the width of the samples; unsigned samples
of ``w`` bits count from ``2**(w-1)``. No side information.
"""

from __future__ import annotations

from dataclasses import dataclass

from n1codec import _core
from n1codec.codec import Layout, Samples, Transform
from n1codec.transforms._rows import join_rows, split_rows


@dataclass(frozen=True)
class Wavelet(Transform):
    """Reversible 5/3 wavelet along time, each channel by itself.

    Parameters
    ----------
    levels : int
        How many times the low band is split, 1 to 8.
    """

    name = "wavelet"
    predictive = True

    levels: int = 5

    def __post_init__(self) -> None:
        self.check_range("levels", 1, 8)

    def forward(self, samples: Samples) -> tuple[Samples, bytes]:
        """Return the bands, of the signed type of the same width; no side information."""
        rows = split_rows(samples)
        _core.wavelet_forward(rows, self.levels, 8 * samples.dtype.itemsize)
        return join_rows(rows, Layout.of(samples).signed()), b""

    def output_layout(self, layout: Layout, side: bytes) -> Layout:
        """Return the layout with the signed type of the same width."""
        if side:
            raise ValueError("wavelet has no side information")
        return layout.signed()

    def inverse(self, samples: Samples, side: bytes, layout: Layout) -> Samples:
        """Return the samples."""
        rows = split_rows(samples)
        _core.wavelet_inverse(rows, self.levels, 8 * samples.dtype.itemsize)
        return join_rows(rows, layout)
