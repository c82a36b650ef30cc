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

from n1codec import arguments
from n1codec.envelope import MAX_CHANNELS
from n1codec.formats._source import SourceFile
from n1codec.formats.placement import Placement
from n1codec.formats.restore import Restore

MAGIC: Final = b"\x93NUMPY"
MAX_HEADER_BYTES: Final = 10_000
"""Longest header text, as NumPy has it; that of an integer array has about 120 bytes."""

_CODED: Final = "integers, floats of 2, 4 or 8 bytes and truth values"
_BYTES: Final = re.compile(r"^([<>|=]?)a(?=[0-9]*$)")
_LONG: Final = re.compile(r"(?<=[0-9])L\b")
"""What Python 2 wrote behind long integers."""


def locate(source: SourceFile, rate: float | None, *, channels_first: bool = False) -> Placement:
    """Find the values of an array of shape ``(n_samples,)`` or ``(n_samples, n_channels)``.

    Parameters
    ----------
    source : SourceFile
        The file.
    rate : float
        Sampling rate of each channel in Hz.
    channels_first : bool
        The shape is ``(n_channels, n_samples)``.

    Raises
    ------
    FormatError
        If the file is no such array or cannot be read, or the rate is missing.
    ParameterError
        If the rate makes no sense.
    """
    if rate is None:
        raise source.error("an .npy file does not state its sampling rate: give --rate (in Python, rate=...)")
    hz = arguments.rate(rate)
    start, text, version = _header(source)
    dtype, fortran, shape = _parse(source, text, version)
    if channels_first and len(shape) == 2:
        shape, fortran = shape[::-1], not fortran
    _check_channels(source, shape, channels_first=channels_first)
    length = math.prod(shape) * dtype.itemsize
    follow = source.size - start - length
    if follow < 0:
        raise source.error(f"cut short: the header promises {length} bytes, {source.size - start} follow")
    head, tail = source.surroundings(start, start + length)
    restore = Restore("npy", head, tail, big_endian=dtype.str[0] == ">", fortran=fortran)
    notes = (f"{follow:,} bytes follow the array; they are kept as they are",) if follow else ()
    return Placement("npy", start, dtype, shape, hz, restore.to_bytes(), fortran=fortran, notes=notes)


def _header(source: SourceFile) -> tuple[int, str, int]:
    """Return the offset of the values, the header's text and the version."""
    start = source.bytes_at(0, min(source.size, 12))
    if not start:
        raise source.error("is empty")
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
    return at + length, raw.decode("utf-8" if version == 3 else "latin-1", errors="replace"), version


def _parse(source: SourceFile, text: str, version: int) -> tuple[np.dtype[Any], bool, tuple[int, ...]]:
    """Return the dtype, whether the order is Fortran's, and the shape."""
    try:
        header = ast.literal_eval((_LONG.sub("", text) if version < 3 else text).strip())
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        raise source.error("header is not a dictionary of literals") from None
    if not isinstance(header, dict) or header.keys() != {"descr", "fortran_order", "shape"}:
        raise source.error("header does not have the keys descr, fortran_order and shape")
    descr, fortran, shape = header["descr"], header["fortran_order"], header["shape"]
    if not isinstance(fortran, bool):
        raise source.error("fortran_order is neither True nor False")
    if not isinstance(shape, tuple) or any(type(length) is not int or length < 0 for length in shape):
        raise source.error("shape is not a tuple of lengths")
    dtype = _dtype(source, descr)
    if len(shape) not in (1, 2):
        shown = str(shape) if len(shape) < 8 else f"({shape[0]}, ...)"
        raise source.error(
            f"has {len(shape)} dimensions, {shown:.80}; a recording is (n_samples,) or (n_samples, n_channels): "
            + (
                "save its samples in an array"
                if not shape
                else "save one trial a file, or array.reshape(n_samples, -1)"
            )
        )
    return dtype, fortran, shape


def _dtype(source: SourceFile, descr: object) -> np.dtype[Any]:
    """Return the type that a header names, or refuse it by the name that NumPy's users know."""
    try:
        # "a" for bytes is a name that NumPy warns of.
        dtype = np.dtype(_BYTES.sub(r"\1S", descr)) if isinstance(descr, str) else None
    except (TypeError, ValueError, SyntaxError):
        dtype = None
    if isinstance(descr, (list, tuple)) or (dtype is not None and dtype.names):
        raise source.error(f"holds records (a structured array); only {_CODED} are coded without loss")
    if dtype is None:
        raise source.error(f"holds values of type {descr!r:.60}, which NumPy does not know")
    if arguments.is_sample_type(dtype):
        return dtype
    name = "Python objects (pickled)" if dtype.hasobject else f"{dtype.name:.60}"
    raise source.error(f"holds {name}; only {_CODED} are coded without loss")


def _check_channels(source: SourceFile, shape: tuple[int, ...], *, channels_first: bool) -> None:
    if len(shape) == 1 or 1 <= shape[1] <= MAX_CHANNELS:
        return
    if shape[1] and not channels_first:
        fix = "if its shape is (n_channels, n_samples), give --channels-first (in Python, channels_first=True)"
    else:
        fix = f"the shape is {'(n_channels, n_samples)' if channels_first else '(n_samples, n_channels)'}"
    raise source.error(f"has {shape[1]} channels, outside 1..{MAX_CHANNELS}; {fix}")
