"""Arrays of any shape, type and memory order as bytes: what a chunk of a store of arrays holds.

An array of one or two axes in C order is its envelope and nothing else. Any other one is an envelope with a *preface* that says
how to put its samples in place (``docs/format/array.md``):

* more axes are folded into two, so that what follows each other in time stays on the first;
* channels may come first, as in arrays of shape (n_channels, n_samples): the transpose is coded;
* frames at the end that repeat one are not coded: stores fill the last chunk of an array up;
* the memory order is kept, Fortran's too: stores look at the bytes of what they get, not at its indices.

Types that no envelope has become such, without loss: times are integers of 64 bits, complex numbers pairs of floats, and all
others (text of fixed length, structures) bytes. A store knows its type, and looks at what it gets as that.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from n1codec import _core, arguments, envelope, pipeline, varint
from n1codec.codec import Samples
from n1codec.errors import CorruptError, LimitError, TruncatedError, UnsupportedError
from n1codec.orientation import is_along_rows

MAGIC: Final = b"\x89N1A"
VERSION: Final = 0
"""Of the preface: as of the envelope."""
MAX_AXES: Final = 64
"""Most axes of an array: NumPy's own limit."""
FORTRAN: Final = 1
"""The flag of arrays that lie in memory in Fortran's order."""
TRANSPOSED: Final = 2
"""The flag of arrays whose transpose the envelope holds, after they were folded."""
REPEATED: Final = 4
"""The flag of arrays whose last frame in the envelope comes again up to the end."""


def pack_array(array: NDArray[Any], codec: pipeline.Pipeline) -> bytes:
    """Return an array as bytes.

    Parameters
    ----------
    array : ndarray
        Of any shape, any type but objects, any memory order.
    codec : Pipeline
        What codes its samples.

    Raises
    ------
    UnsupportedError
        If it holds objects.
    LimitError
        If it is larger than one envelope may be.
    CodecError
        If a wrapped library fails.
    """
    samples = as_samples(array)
    if samples.ndim > MAX_AXES:
        raise UnsupportedError(f"an array of {samples.ndim} axes has more than {MAX_AXES}")
    folded, transposed = _fold(samples)
    fortran = is_fortran(samples)
    folded = np.ascontiguousarray(folded)
    kept = _core.frames_to_code(folded.data, len(folded)) if folded.size else 0
    body = codec.encode(folded[:kept])  # has no doubts about the shape: `_fold` settled them
    flags = (FORTRAN if fortran else 0) | (TRANSPOSED if transposed else 0) | (REPEATED if kept < len(folded) else 0)
    if folded.shape == samples.shape and not flags:
        return body
    preface = MAGIC + bytes((VERSION, flags, samples.ndim)) + b"".join(varint.pack(length) for length in samples.shape)
    return preface + _core.crc32c(preface).to_bytes(4, "little") + body


def unpack_array(
    data: bytes | bytearray | memoryview, max_bytes: int = pipeline.DEFAULT_MAX_BYTES, widths: bytes = b""
) -> Samples:
    """Return the array that `pack_array` was given, its type as `as_samples` makes it.

    Parameters
    ----------
    data : bytes-like
        What `pack_array` returned.
    max_bytes : int
        Refuse arrays that take more bytes.
    widths : bytes
        Code widths that the codec had at hand.

    Raises
    ------
    TruncatedError, CorruptError
        If the data is cut short, damaged, or nothing of the kind.
    LimitError
        If the array would take more than `max_bytes`.
    MissingDependencyError
        If the package behind its codec is not installed.
    """
    data = memoryview(arguments.data("data", data))
    if bytes(data[: len(MAGIC)]) != MAGIC:
        return pipeline.decode(data, max_bytes=max_bytes, widths=widths)
    flags, shape, at = _preface(data)
    samples = pipeline.decode(data[at:], max_bytes=max_bytes, widths=widths)
    if flags & REPEATED:
        samples = _with_repeats(samples, math.prod(shape), max_bytes)
    if samples.size != math.prod(shape):
        raise CorruptError(f"an array of shape {shape} cannot have {samples.size} values")
    if flags & TRANSPOSED:
        samples = samples.T
    return np.asarray(samples.reshape(shape), order="F" if flags & FORTRAN else "C")


def stored_as(dtype: np.dtype[Any], shape: tuple[int, ...]) -> tuple[np.dtype[Any], tuple[int, ...]]:
    """Return the type and shape that `as_samples` gives an array of a type and shape.

    Raises
    ------
    UnsupportedError
        If it holds objects, or nothing.
    """
    if dtype.hasobject or not dtype.itemsize:
        raise UnsupportedError(f"n1codec codes numbers of fixed length, not values of type {dtype}")
    if dtype.name in arguments.DTYPES:
        return dtype, shape
    if dtype.kind in "mM":
        return np.dtype("i8").newbyteorder(dtype.byteorder), shape
    is_pair = dtype.kind == "c" and dtype.itemsize <= 16
    parts = np.dtype(f"f{dtype.itemsize // 2}").newbyteorder(dtype.byteorder) if is_pair else np.dtype("u1")
    shape = shape or (1,)
    return parts, (*shape[:-1], shape[-1] * (dtype.itemsize // parts.itemsize))


def as_samples(array: NDArray[Any]) -> Samples:
    """Return an array as one of a type that envelopes have: itself, or the same bytes seen otherwise, along its last axis.

    An array in Fortran's order whose values are of another size becomes its transpose, whose bytes lie in memory as its own.

    Raises
    ------
    UnsupportedError
        If it holds objects, or nothing.
    """
    dtype, _ = stored_as(array.dtype, array.shape)
    if dtype.itemsize == array.dtype.itemsize:
        return array.view(dtype)
    if is_fortran(array):
        return array.T.view(dtype)
    return np.ascontiguousarray(array).reshape(array.shape or (1,)).view(dtype)


def is_fortran(array: NDArray[Any]) -> bool:
    """Return whether an array lies in memory in Fortran's order and not in C's."""
    return array.flags.f_contiguous and not array.flags.c_contiguous


def _fold(samples: Samples) -> tuple[Samples, bool]:
    """Return an array of one or two axes with the same values, time along the first, and whether that is the transpose."""
    if samples.ndim < 2 or not samples.size:
        return samples.reshape(-1), False
    if samples.ndim > 2:
        last_of_time = min(samples.ndim - 2, int(np.argmax(samples.shape)))
        samples = samples.reshape(math.prod(samples.shape[: last_of_time + 1]), -1)
    if is_along_rows(samples):
        samples, transposed = samples.T, True
    else:
        transposed = False
    if samples.shape[1] > envelope.MAX_CHANNELS:
        return samples.reshape(-1), transposed
    return samples, transposed


def _with_repeats(frames: Samples, size: int, max_bytes: int) -> Samples:
    """Return frames with the last one repeated, so many values in all."""
    channels = frames.shape[1] if frames.ndim == 2 else 1
    rows, rest = divmod(size, channels or 1)
    if rest or not frames.size or rows <= len(frames):
        raise CorruptError(f"an array of {size} values does not repeat the last of {len(frames)} frames")
    if size * frames.itemsize > max_bytes:
        raise LimitError(f"the array holds {size * frames.itemsize} bytes, more than the limit of {max_bytes}")
    out = np.empty((rows, *frames.shape[1:]), frames.dtype)
    out[: len(frames)] = frames
    out[len(frames) :] = frames[-1]
    return out


def _preface(data: memoryview) -> tuple[int, tuple[int, ...], int]:
    """Return the flags, the shape and where the envelope begins."""
    if len(data) < 7:
        raise TruncatedError("the preface of an array is cut short", len(data))
    if data[4] != VERSION:
        raise CorruptError(f"version {data[4]} of an array's preface is not supported (this build reads {VERSION})", 4)
    flags, rank = data[5], data[6]
    if flags & ~(FORTRAN | TRANSPOSED | REPEATED) or rank > MAX_AXES:
        raise CorruptError("an array's preface has unknown flags, or too many axes", 5)
    shape, at = [], 7
    head = bytes(data[: 7 + 10 * rank + 4])
    for _ in range(rank):
        length, at = varint.unpack(head, at, envelope.MAX_VALUES, "axis")
        shape.append(length)
    if len(head) < at + 4:
        raise TruncatedError("the preface of an array is cut short", len(data))
    if _core.crc32c(head[:at]) != int.from_bytes(head[at : at + 4], "little"):
        raise CorruptError("CRC mismatch: the preface of an array is damaged", at)
    if math.prod(shape) > envelope.MAX_VALUES:
        raise LimitError(f"an array of shape {tuple(shape)} has more than {envelope.MAX_VALUES} values")
    return flags, tuple(shape), at + 4
