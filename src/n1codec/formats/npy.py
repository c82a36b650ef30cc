r"""NumPy's own files (``.npy``), versions 1 to 3, in C or Fortran order.

Layout: ``"\x93NUMPY" | major | minor | header length (u16; u32 from version 2 on) | header | values``, where the header is
the text of a Python dictionary with the keys ``descr``, ``fortran_order`` and ``shape``. Nothing in it is evaluated but
literals, pickled objects are refused, and the sampling rate, which it does not state, comes from the caller.
"""

from __future__ import annotations

import ast
import math
import re
from typing import Any, Final

import numpy as np

from n1codec.formats._source import SourceFile
from n1codec.formats.placement import Placement
from n1codec.formats.raw import check_rate
from n1codec.formats.restore import Restore
from n1codec.frame import MAX_CHANNELS

MAGIC: Final = b"\x93NUMPY"
MAX_HEADER_BYTES: Final = 4096
"""Longest header text; that of an integer array has about 120 bytes."""

_DESCR: Final = re.compile(r"[<>|=]?[iu][124]")


def locate(source: SourceFile, rate: float | None) -> Placement:
    """Find the values of an array of shape ``(n_samples,)`` or ``(n_samples, n_channels)``.

    Parameters
    ----------
    source : SourceFile
        The file.
    rate : float
        Sampling rate of each channel in Hz.

    Raises
    ------
    FormatError
        If the file is no such array or cannot be read, or the rate is missing.
    ParameterError
        If the rate makes no sense.
    """
    if rate is None:
        raise source.error("an .npy file does not state its sampling rate: give --rate (in Python, rate=...)")
    check_rate(rate)
    start, text = _header(source)
    dtype, fortran, shape = _parse(source, text)
    length = math.prod(shape) * dtype.itemsize
    if source.size - start < length:
        raise source.error(f"cut short: the header promises {length} bytes, {source.size - start} follow")
    head, tail = source.surroundings(start, start + length)
    restore = Restore("npy", head, tail, big_endian=dtype.str[0] == ">", fortran=fortran)
    return Placement("npy", start, dtype, shape, float(rate), restore.to_bytes(), fortran=fortran)


def _header(source: SourceFile) -> tuple[int, str]:
    """Return the offset of the values and the header's text."""
    start = source.bytes_at(0, min(source.size, 12))
    if len(start) < 10 or start[:6] != MAGIC:
        raise source.error("not an .npy file: wrong magic")
    version = start[6]
    if version not in (1, 2, 3):
        raise source.error(f"version {version} of .npy is not supported")
    at = 10 if version == 1 else 12
    length = int.from_bytes(start[8:at], "little")
    if length > MAX_HEADER_BYTES:
        raise source.error(f"header of {length} bytes is longer than the limit of {MAX_HEADER_BYTES}")
    raw = source.bytes_at(at, length)
    return at + length, raw.decode("utf-8" if version == 3 else "latin-1", errors="replace")


def _parse(source: SourceFile, text: str) -> tuple[np.dtype[Any], bool, tuple[int, ...]]:
    """Return the dtype, whether the order is Fortran's, and the shape."""
    try:
        header = ast.literal_eval(text.strip())
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        raise source.error("header is not a dictionary of literals") from None
    if not isinstance(header, dict) or header.keys() != {"descr", "fortran_order", "shape"}:
        raise source.error("header does not have the keys descr, fortran_order and shape")
    descr, fortran, shape = header["descr"], header["fortran_order"], header["shape"]
    if not isinstance(descr, str) or not _DESCR.fullmatch(descr):
        raise source.error(
            f"holds values of type {descr!r:.60}; only integers of 1, 2 or 4 bytes are coded without loss"
        )
    if not isinstance(fortran, bool):
        raise source.error("fortran_order is neither True nor False")
    if not isinstance(shape, tuple) or any(type(length) is not int or length < 0 for length in shape):
        raise source.error("shape is not a tuple of lengths")
    if len(shape) not in (1, 2):
        raise source.error(f"has {len(shape)} dimensions; a recording is (n_samples,) or (n_samples, n_channels)")
    if len(shape) == 2 and not 1 <= shape[1] <= MAX_CHANNELS:
        raise source.error(f"has {shape[1]} channels, outside 1..{MAX_CHANNELS}; the shape is (n_samples, n_channels)")
    return np.dtype(descr), fortran, shape
