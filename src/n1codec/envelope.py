"""The envelope: one independently decodable array, and the one place where integrity is kept.

An envelope names its pipeline, dtype and shape, so nothing else is needed to decode it. A CRC32C over everything before it is
checked before a byte is decoded; the XXH64 of the samples is checked after. ``docs/FORMAT.md`` holds the normative layout::

    magic "N1" | version | dtype and rank | n_samples | [n_channels] | spec | side information | payload length
    payload
    XXH64 of the samples (8) | CRC32C of all before (4)

Integers are unsigned LEB128 in their shortest form unless a width is given, and then little-endian. The core writes and
reads the bytes (``core/src/wire/envelope.c``); this module knows what they mean for NumPy.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from n1codec import _core
from n1codec.codec import Parts, Samples, byte_view
from n1codec.errors import CorruptError, LimitError

MAGIC: Final = b"N1"
VERSION: Final = _core.ENVELOPE_VERSION
"""Of the envelope. Zero until release 1.0, whose envelopes begin with version 1 and which refuses this one."""
MAX_VALUES: Final = _core.N1_MAX_VALUES
"""Most values in one envelope."""
MAX_CHANNELS: Final = _core.N1_MAX_CHANNELS
"""Most channels in one envelope."""
MAX_SIDE_BYTES: Final = _core.N1_MAX_SIDE
"""Most bytes of side information of one transform."""
MAX_PAYLOAD_BYTES: Final = _core.N1_MAX_PAYLOAD
"""Most bytes of payload."""

_KINDS: Final = "uifb"
"""NumPy's letters for the kinds of dtype, in the order of bits 2 and 3 of a dtype code."""
_BIG_ENDIAN: Final = 0x10
TWO_DIMENSIONAL: Final = 0x20
"""The bit of a dtype code that says that there are channels."""
_RESERVED: Final = 0xC0


@dataclass(frozen=True)
class Header:
    """What an envelope says of its content.

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


def pack(header: Header, payload: Parts, samples_hash: int, *, threads: int = 1) -> bytes:
    """Return a whole envelope.

    Parameters
    ----------
    header : Header
        What it holds.
    payload : sequence of bytes
        The coder's output, in parts that stand one after the other.
    samples_hash : int
        From `hash_samples`.
    threads : int
        How many put it together.

    Raises
    ------
    LimitError
        If the content is larger than an envelope may be.
    """
    check_shape(header.shape)
    if sum(map(len, payload)) > MAX_PAYLOAD_BYTES or any(len(side) > MAX_SIDE_BYTES for side in header.sides):
        raise LimitError("encoded samples are larger than one envelope may be: encode them in chunks")
    code = dtype_code(header.dtype, len(header.shape))
    return _core.envelope_pack(
        code, header.shape, header.spec.encode("ascii"), header.sides, payload, samples_hash, threads
    )


def unpack(data: bytes | bytearray | memoryview, *, threads: int = 1) -> tuple[Header, memoryview, int]:
    """Check an envelope's CRC and return its header, a view of its payload, and the hash of its samples.

    Raises
    ------
    TruncatedError
        If the data ends before the envelope does.
    CorruptError
        If it is no envelope, is damaged, or bytes follow it.
    """
    code, shape, spec, sides, (start, stop), samples_hash = _core.envelope_open(data, threads)
    return Header(dtype_of(code), shape, spec, sides), memoryview(data).cast("B")[start:stop], samples_hash


def hash_samples(samples: Samples) -> int:
    """Return the XXH64 (seed 0) of the little-endian bytes of the samples in C order.

    The byte order of the array does not enter: equal values give equal hashes.
    """
    return _core.xxh64(byte_view(samples))


class SamplesHash:
    """The hash of samples while they are decoded: what is there already is taken in beside the decoding of the rest."""

    def __init__(self) -> None:
        self._samples: Samples | None = None
        self._hash: _core.Hash | None = None

    def watch(self, samples: Samples, frames: int) -> None:
        """Take in the first frames of samples that a coder is about to return."""
        if sys.byteorder == "big":  # their bytes in the order that is hashed are a copy
            return
        if self._samples is not samples:
            self._samples, self._hash = samples, _core.Hash(byte_view(samples))
        if self._hash is not None:
            self._hash.go_on(frames * (samples.nbytes // len(samples)))

    def value(self, samples: Samples) -> int:
        """Return the hash of samples, be they those that were watched or others."""
        if self._hash is None or self._samples is not samples:
            return hash_samples(samples)
        return self._hash.value()


def check_shape(shape: tuple[int, ...]) -> None:
    """Raise :class:`LimitError` if an array is larger than an envelope may hold."""
    values = 1
    for length in shape:
        values *= length
    if values > MAX_VALUES or shape[0] > MAX_VALUES:
        raise LimitError(f"{values} values are more than the {MAX_VALUES} of one envelope: encode them in chunks")
    if len(shape) == 2 and shape[1] > MAX_CHANNELS:
        raise LimitError(
            f"{shape[1]} channels are more than the {MAX_CHANNELS} of one envelope; shape is (n_samples, n_channels)"
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
    return np.dtype(f"{'>' if code & _BIG_ENDIAN else '<'}{kind}{size}")
