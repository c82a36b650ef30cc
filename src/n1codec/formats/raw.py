"""Headerless files: interleaved samples and nothing else (``.raw``, ``.dat``, ``.bin``).

The file says nothing of itself, so dtype, channels and rate come from the caller. Bytes at the end that do not fill a frame are
kept in the restore bytes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from n1codec import arguments
from n1codec.envelope import MAX_CHANNELS
from n1codec.errors import ParameterError
from n1codec.formats._source import SourceFile
from n1codec.formats.placement import Placement
from n1codec.formats.restore import Restore


def locate(
    source: SourceFile,
    dtype: DTypeLike | None,
    channels: int | None,
    rate: float | None,
    *,
    channels_first: bool = False,
    hint: str = "",
) -> Placement:
    """Describe a headerless file.

    Parameters
    ----------
    source : SourceFile
        The file.
    dtype : str or dtype
        A type of samples, such as ``"int16"`` or ``"float32"``; little-endian unless it is spelt ``">i2"`` or the like.
    channels : int
        Number of interleaved channels.
    rate : float
        Sampling rate of each channel in Hz.
    channels_first : bool
        The channels are not interleaved: all samples of the first come first, then those of the next.
    hint : str
        What a message about missing options may add.

    Raises
    ------
    FormatError
        If the file cannot be read or an option is missing.
    ParameterError
        If an option makes no sense.
    """
    given = {"dtype": dtype, "channels": channels, "rate": rate}
    missing = [name for name, value in given.items() if value is None]
    if dtype is None or channels is None or rate is None:
        options = ", ".join(f"--{name}" for name in missing)
        raise source.error(f"has no header and no .meta beside it: give {options} (in Python, {missing[0]}=...){hint}")
    channels = arguments.integer("channels", channels, 1, MAX_CHANNELS)
    placement = headerless(source, stored_dtype(dtype), channels, arguments.rate(rate), "raw")
    if not channels_first or placement.channels == 1:
        return placement
    tail = Restore.from_bytes(placement.restore).tail
    restore = Restore("raw", tail=tail, big_endian=placement.dtype.str[0] == ">", fortran=True)
    left = f"its size is no multiple of {placement.channels} channels: is it whole? {len(tail)} bytes are left over"
    return replace(placement, restore=restore.to_bytes(), fortran=True, notes=(left,) if tail else ())


def headerless(source: SourceFile, dtype: np.dtype[Any], channels: int, rate: float, format_name: str) -> Placement:
    """Describe a file of interleaved samples from its first byte on."""
    frame_bytes = channels * dtype.itemsize
    n_samples = source.size // frame_bytes
    _, tail = source.surroundings(0, n_samples * frame_bytes)
    restore = Restore(format_name, tail=tail, big_endian=dtype.str[0] == ">")
    shape = (n_samples,) if channels == 1 else (n_samples, channels)
    return Placement(format_name, 0, dtype, shape, rate, restore.to_bytes())


def stored_dtype(dtype: DTypeLike) -> np.dtype[Any]:
    """Return the dtype of samples in a file; unless it says big-endian, it is little-endian on every machine."""
    asked = arguments.dtype("dtype", dtype, ParameterError)
    big_endian = dtype.startswith(">") if isinstance(dtype, str) else asked.byteorder == ">"
    return asked.newbyteorder(">" if big_endian else "<")
