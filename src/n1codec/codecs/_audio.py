"""What the wrapped audio codecs share: samples as signed audio channels, in streams of two.

Audio codecs know signed integers of 16 bits (some of 24 or 32) and a few channels. Electrode recordings come unsigned, in
8 or 32 bits and with hundreds of channels. The maps here are bijections, so nothing is scaled, clipped or dithered.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from n1codec.codec import Layout, Samples
from n1codec.errors import CorruptError

SAMPLE_RATE: Final = 32_000
"""The rate, in hertz, that streams are labelled with. It only steers how long an encoder makes its blocks."""

BUNDLE: Final = 2
"""Channels of one stream. Every codec takes two, and two is where they look for what channels have in common; on a
Neuropixels probe, streams of two channels came out smaller than streams of one, four or eight."""

STREAM_SAMPLES: Final = 1024
"""Samples of a stream at least, where the channels together have as many. Setting up an encoder or a decoder takes some 0.3 ms,
as long as coding that many takes."""


def as_signed(samples: Samples) -> NDArray[Any]:
    """Map samples to signed integers of at least 16 bits.

    Parameters
    ----------
    samples : ndarray of int, shape (n_samples,) or (n_samples, n_channels)
        C-contiguous. Unsigned values have their top bit flipped, which keeps their order; 8 bits become 16.

    Returns
    -------
    ndarray of int16 or int32, shape (n_samples, n_channels)
    """
    frames = samples.reshape(samples.shape[0], -1)
    signed: NDArray[Any] = frames.view(f"i{frames.dtype.itemsize}")
    if frames.dtype.kind == "u":
        signed = signed ^ np.iinfo(signed.dtype).min
    return signed.astype(np.int16) if signed.dtype.itemsize == 1 else signed


def from_signed(signed: NDArray[Any], layout: Layout) -> Samples:
    """Undo `as_signed`.

    Raises
    ------
    CorruptError
        If a value does not fit in the 8 bits that the layout asks for.
    """
    narrow: NDArray[Any] = signed.astype(layout.signed().dtype, copy=False)
    if layout.dtype.itemsize == 1 and not np.array_equal(narrow, signed):
        raise CorruptError("decoded values do not fit in 8 bits")
    if layout.dtype.kind == "u":
        narrow = narrow ^ np.iinfo(narrow.dtype).min
    return np.ascontiguousarray(narrow).view(layout.dtype).reshape(layout.shape)


def split_words(frames: NDArray[np.int32]) -> NDArray[np.int16]:
    """Split 32-bit channels into 16-bit ones: all low words, then all high words.

    The low word is taken as signed and the high word makes up for it, so small values of either sign have a high word of 0.

    Parameters
    ----------
    frames : ndarray of int32, shape (n_samples, n_channels)

    Returns
    -------
    ndarray of int16, shape (n_samples, 2 * n_channels)
    """
    low = frames.astype(np.int16)
    high = ((frames.astype(np.int64) - low) >> 16).astype(np.int16)
    return np.concatenate((low, high), axis=1)


def join_words(words: NDArray[np.int16]) -> NDArray[np.int32]:
    """Undo `split_words`."""
    channels = words.shape[1] // 2
    low, high = words[:, :channels].astype(np.int64), words[:, channels:].astype(np.int64)
    return ((high << 16) + low).astype(np.int32)


def to_words(samples: Samples) -> NDArray[np.int16]:
    """Map samples to 16-bit channels: `as_signed`, then `split_words` if they have 32 bits."""
    signed = as_signed(samples)
    return signed if signed.dtype == np.int16 else split_words(signed.astype(np.int32, copy=False))


def from_words(words: NDArray[np.int16], layout: Layout) -> Samples:
    """Undo `to_words`."""
    return from_signed(join_words(words) if layout.dtype.itemsize == 4 else words, layout)


def word_channels(layout: Layout) -> int:
    """Return how many 16-bit channels `to_words` makes."""
    return layout.channels * (2 if layout.dtype.itemsize == 4 else 1)


def folds(n_samples: int, channels: int, least: int = STREAM_SAMPLES) -> tuple[int, int]:
    """Return how many channels stand one after the other in a column, and how many columns there are.

    One channel a column if `n_samples` are `least`; else as many as make it so long, and an even number of columns. So the
    number of streams, and the time that they take, is bounded by the number of values.
    """
    if n_samples >= least or channels <= BUNDLE:
        return 1, channels
    columns = BUNDLE * max(1, channels // (BUNDLE * -(-least // n_samples)))
    return -(-channels // columns), columns


def fold(frames: NDArray[Any], least: int = STREAM_SAMPLES) -> NDArray[Any]:
    """Put short channels one after the other.

    Parameters
    ----------
    frames : ndarray of int, shape (n_samples, n_channels)
    least : int
        Samples below which a channel is short.

    Returns
    -------
    ndarray of int, shape (depth * n_samples, n_columns)
        As `folds` says: first the first `n_columns` channels, then the next; zeros where there are no more.
    """
    n_samples, channels = frames.shape
    depth, columns = folds(n_samples, channels, least)
    if depth == 1:
        return frames
    whole = np.zeros((n_samples, depth * columns), frames.dtype)
    whole[:, :channels] = frames
    return whole.reshape(n_samples, depth, columns).transpose(1, 0, 2).reshape(depth * n_samples, columns)


def unfold(folded: NDArray[Any], n_samples: int, channels: int) -> NDArray[Any]:
    """Undo `fold`.

    Raises
    ------
    CorruptError
        If there is anything but zeros behind the last channel.
    """
    depth = len(folded) // n_samples
    whole = folded.reshape(depth, n_samples, -1).transpose(1, 0, 2).reshape(n_samples, -1)
    if whole[:, channels:].any():
        raise CorruptError(f"values behind the last of {channels} channels")
    return whole[:, :channels]


def folded_like(n_samples: int, channels: int, dtype: Any, least: int = STREAM_SAMPLES) -> NDArray[Any]:
    """Return an array for what `fold` gives."""
    depth, columns = folds(n_samples, channels, least)
    return np.empty((depth * n_samples, columns), dtype)


def bundles(channels: int) -> list[slice]:
    """Return the channels of each stream: pairs, and a single one where the number is odd."""
    return [slice(start, min(start + BUNDLE, channels)) for start in range(0, channels, BUNDLE)]
