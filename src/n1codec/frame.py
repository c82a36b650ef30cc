"""The frame: one independently decodable array, and the one place where integrity is kept.

A frame names its pipeline, dtype and shape, so nothing else is needed to decode it. A CRC32C over everything before it is
checked before a byte is decoded; the XXH64 of the samples is checked after. ``docs/FORMAT.md`` holds the normative layout::

    magic "N1" | version | dtype and rank | n_samples | [n_channels] | spec | side information | payload length
    payload
    XXH64 of the samples (8) | CRC32C of all before (4)

Integers are unsigned LEB128 in their shortest form unless a width is given, and then little-endian.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from n1codec import _core, varint
from n1codec.codec import Samples, byte_view
from n1codec.errors import CorruptError, LimitError, TruncatedError
from n1codec.spec import MAX_SPEC_LENGTH, MAX_STAGES

MAGIC: Final = b"N1"
VERSION: Final = 0
"""Of the frame. Zero until release 1.0, whose frames begin with version 1 and which refuses this one."""
MAX_VALUES: Final = 1 << 30
"""Most values in one frame."""
MAX_CHANNELS: Final = 1 << 16
"""Most channels in one frame."""
MAX_SIDE_BYTES: Final = 1 << 26
"""Most bytes of side information of one transform."""
MAX_PAYLOAD_BYTES: Final = 1 << 33
"""Most bytes of payload."""
TRAILER_BYTES: Final = 12

_KINDS: Final = "uifb"
"""NumPy's letters for the kinds of dtype, in the order of bits 2 and 3 of a dtype code."""
_BIG_ENDIAN: Final = 0x10
TWO_DIMENSIONAL: Final = 0x20
"""The bit of a dtype code that says that there are channels."""
_RESERVED: Final = 0xC0


@dataclass(frozen=True)
class Header:
    """What a frame says of its content.

    Parameters
    ----------
    dtype : numpy.dtype
        The dtype of the samples, byte order included.
    shape : tuple of int
        ``(n_samples,)`` or ``(n_samples, n_channels)``.
    spec : str
        The pipeline, without parameters that a decoder does not need.
    sides : tuple of bytes
        Side information of each transform in order.
    """

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    spec: str
    sides: tuple[bytes, ...]


def pack(header: Header, payload: bytes, samples_hash: int) -> bytes:
    """Return a whole frame.

    Parameters
    ----------
    header : Header
        What it holds.
    payload : bytes
        The coder's output.
    samples_hash : int
        From `hash_samples`.

    Raises
    ------
    LimitError
        If the content is larger than a frame may be.
    """
    check_shape(header.shape)
    if len(payload) > MAX_PAYLOAD_BYTES or any(len(side) > MAX_SIDE_BYTES for side in header.sides):
        raise LimitError("encoded samples are larger than one frame may be: encode them in chunks")
    out = bytearray(MAGIC)
    out += bytes((VERSION, dtype_code(header.dtype, len(header.shape))))
    for length in header.shape:
        out += varint.pack(length)
    spec = header.spec.encode("ascii")
    out += varint.pack(len(spec)) + spec
    out += bytes((len(header.sides),))
    for side in header.sides:
        out += varint.pack(len(side)) + side
    out += varint.pack(len(payload))
    out += payload
    out += samples_hash.to_bytes(8, "little")
    out += _core.crc32c(out).to_bytes(4, "little")
    return bytes(out)


def unpack(data: bytes | bytearray | memoryview) -> tuple[Header, bytes, int]:
    """Check a frame's CRC and return its header, its payload and the hash of its samples.

    Raises
    ------
    TruncatedError
        If the data ends before the frame does.
    CorruptError
        If it is no frame, is damaged, or bytes follow it.
    """
    data = bytes(data)
    header, start, length = _read_header(data)
    end = start + length + TRAILER_BYTES
    if len(data) < end:
        raise TruncatedError(f"frame of {end} bytes is cut short", len(data))
    if len(data) > end:
        raise CorruptError(f"{len(data) - end} bytes follow the end of the frame", end)
    if _core.crc32c(memoryview(data)[:-4]) != int.from_bytes(data[-4:], "little"):
        raise CorruptError("CRC mismatch: the frame is damaged")
    return header, data[start : start + length], int.from_bytes(data[-12:-4], "little")


def hash_samples(samples: Samples) -> int:
    """Return the XXH64 (seed 0) of the little-endian bytes of the samples in C order.

    The byte order of the array does not enter: equal values give equal hashes.
    """
    return _core.xxh64(byte_view(samples))


def check_shape(shape: tuple[int, ...]) -> None:
    """Raise :class:`LimitError` if an array is larger than a frame may hold."""
    values = 1
    for length in shape:
        values *= length
    if values > MAX_VALUES or shape[0] > MAX_VALUES:
        raise LimitError(f"{values} values are more than the {MAX_VALUES} of one frame: encode them in chunks")
    if len(shape) == 2 and shape[1] > MAX_CHANNELS:
        raise LimitError(
            f"{shape[1]} channels are more than the {MAX_CHANNELS} of one frame; shape is (n_samples, n_channels)"
        )


def dtype_code(dtype: np.dtype[Any], ndim: int) -> int:
    """Return the byte that stands for a dtype and a number of dimensions."""
    code = (1, 2, 4, 8).index(dtype.itemsize) | _KINDS.index(dtype.kind) << 2
    if dtype.itemsize > 1 and dtype.str[0] == ">":
        code |= _BIG_ENDIAN
    return code | (TWO_DIMENSIONAL if ndim == 2 else 0)


def dtype_of(code: int) -> np.dtype[Any]:
    """Return the dtype that a byte stands for."""
    size, kind = 1 << (code & 3), _KINDS[code >> 2 & 3]
    impossible = (kind == "f" and size == 1) or (kind == "b" and size > 1) or (size == 1 and code & _BIG_ENDIAN)
    if code & _RESERVED or impossible:
        raise CorruptError(f"unknown dtype code {code:#04x}", 3)
    dtype = np.dtype(f"{'>' if code & _BIG_ENDIAN else '<'}{kind}{size}")
    if kind in "fb" or size == 8:
        raise CorruptError(f"samples of type {dtype.name} need a newer version of n1codec", 3)
    return dtype


def _read_header(data: bytes) -> tuple[Header, int, int]:
    """Return the header, the offset of the payload and its length."""
    if data[:2] != MAGIC[: len(data[:2])]:
        raise CorruptError("not an n1codec frame: wrong magic", 0)
    if len(data) < 4:
        raise TruncatedError("frame header is cut short", len(data))
    if data[2] != VERSION:
        raise CorruptError(f"frame version {data[2]} is not supported (this build reads {VERSION})", 2)
    dtype = dtype_of(data[3])
    at = 4
    shape: tuple[int, ...] = ()
    for _ in range(2 if data[3] & TWO_DIMENSIONAL else 1):
        length, at = varint.unpack(data, at, MAX_VALUES, "shape")
        shape += (length,)
    try:
        check_shape(shape)
    except LimitError as error:
        raise CorruptError(f"impossible shape: {error}", 4) from None
    length, at = varint.unpack(data, at, MAX_SPEC_LENGTH, "specification")
    spec, at = _read_bytes(data, at, length)
    if not spec.isascii():
        raise CorruptError("specification is not ASCII", at - length)
    (count,), at = _read_bytes(data, at, 1)
    if count > MAX_STAGES:
        raise CorruptError(f"{count} transforms are more than {MAX_STAGES}", at - 1)
    sides: tuple[bytes, ...] = ()
    for _ in range(count):
        length, at = varint.unpack(data, at, MAX_SIDE_BYTES, "side information")
        side, at = _read_bytes(data, at, length)
        sides += (side,)
    length, at = varint.unpack(data, at, MAX_PAYLOAD_BYTES, "payload")
    return Header(dtype, shape, spec.decode("ascii"), sides), at, length


def _read_bytes(data: bytes, at: int, length: int) -> tuple[bytes, int]:
    if at + length > len(data):
        raise TruncatedError("frame header is cut short", len(data))
    return data[at : at + length], at + length
