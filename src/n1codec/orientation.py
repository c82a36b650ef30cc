"""Arrays that are probably the other way round: (n_channels, n_samples) where (n_samples, n_channels) is meant.

Nothing is lost by such a mistake but the ratio: every channel is coded as if it were an instant. Many programs hand out
channels first, so it is worth a word; but a packet of one frame of 384 channels, or of 30 frames of 5,000 electrodes, is
nothing to talk about.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from n1codec.errors import ShapeWarning

WIDE: Final = 1024
"""Arrays of up to so many channels are never doubted: probes have that many, and packets of them few frames."""
VERY_WIDE: Final = 4096
"""Beyond this the shape alone is enough to doubt, where the values do not tell."""
BEYOND_ANY_DEVICE: Final = 1 << 16
"""No device has more channels."""
TIMES: Final = 8
"""Only arrays with this many times more channels than frames are doubted."""

PROBE_FRAMES: Final = 16
"""So many frames are looked at."""
PROBE_CHANNELS: Final = 4096
"""So many channels of them are looked at."""

_ALONG: Final = 0.5
_ACROSS: Final = 1.25


def doubted(shape: Sequence[int]) -> bool:
    """Whether an array of this shape should be looked at with `looks_channels_first`: few are, and it costs nothing."""
    return len(shape) == 2 and shape[1] > WIDE and shape[1] >= TIMES * shape[0] and shape[0] > 0


def looks_channels_first(shape: Sequence[int], probe: NDArray[Any]) -> bool:
    """Whether an array of shape (n_samples, n_channels) is rather one of (n_channels, n_samples).

    A signal moves in small steps along time, and offsets and noise differ from channel to channel. So the steps along the rows
    are compared with those down the columns. Where they are alike, as of noise, only a width that hardly a device has is
    doubted.

    Parameters
    ----------
    shape : sequence of int
        Of the whole array.
    probe : ndarray of int, shape (n, m)
        Its first values.
    """
    if not doubted(shape):
        return False
    if shape[1] > BEYOND_ANY_DEVICE:
        return True
    if shape[0] < 2 or len(probe) < 2:
        return False
    along, down = _steps(probe)
    if not along and not down:
        return False  # all the same: nothing to tell by, and nothing to lose
    return along < _ALONG * down or (shape[1] > VERY_WIDE and along < _ACROSS * down)


def is_along_rows(samples: NDArray[Any]) -> bool:
    """Whether the rows of an array rather than its columns are what a signal moves along, however few they are.

    Where the array can be turned and nobody has to be asked, as in a store that keeps its shape: more columns than rows, and
    steps along the rows that are much the smaller ones.
    """
    rows, columns = samples.shape
    if columns <= rows:
        return False
    if rows == 1 or looks_channels_first(samples.shape, samples):
        return True
    along, down = _steps(samples)
    return along < _ALONG * down


def _steps(probe: NDArray[Any]) -> tuple[float, float]:
    """Return how large steps are along the rows and down the columns, of the first values."""
    values = probe[:PROBE_FRAMES, :PROBE_CHANNELS].astype(np.float64)
    with np.errstate(all="ignore"):  # infinities and NaNs, which say nothing
        along, down = (float(np.abs(np.diff(values, axis=axis)).mean()) for axis in (1, 0))
    return along, down


def doubt(shape: Sequence[int], remedy: str) -> str:
    """Say that an array is probably the other way round, and what to do about it."""
    frames, channels = shape
    return (
        f"shape {tuple(shape)} is read as {frames:,} sample{'' if frames == 1 else 's'} of {channels:,} channels each; "
        f"if it is {frames:,} channel{'' if frames == 1 else 's'}, {remedy}"
    )


def warn_of_channels_first(samples: NDArray[Any], stacklevel: int) -> None:
    """Warn the caller's caller if an array is probably the other way round."""
    if looks_channels_first(samples.shape, samples):
        remedy = "give its transpose: the shape is (n_samples, n_channels)"
        warnings.warn(doubt(samples.shape, remedy), ShapeWarning, stacklevel=stacklevel + 1)
