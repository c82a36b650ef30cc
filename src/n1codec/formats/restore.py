r"""What gives a source file back from its samples, byte for byte.

A source file is a head, the stored samples and a tail. The samples are kept by a codec; the *restore bytes* keep the rest::

    tag (u8) | [rate (u32)] | [head length (u32) | tail length (u32) | extra]

Integers are little-endian. The bits of the tag:

====  ==============================================================================================================
bits  meaning
====  ==============================================================================================================
0-2   format of the source: 0 WAV, 1 raw, 2 SpikeGLX, 3 npy; others are reserved
3     plain WAV: the rate in Hz follows; the head is the 44-byte RIFF header of integer PCM that follows from it and from
      the samples (`wav_head`), the tail is empty, or the one zero byte that pads an odd number of bytes. Not with bit 4.
4     extra: the lengths of head and tail follow, then both together, to the end of the restore bytes: as they are if that
      is as long as the two lengths say, else as one zlib stream. Without bits 3 and 4 head and tail are empty.
5     32-bit samples are stored in 3 bytes each. Not with bits 6 and 7.
6     samples are stored big-endian, else little-endian
7     samples are stored channel after channel (Fortran order), else frame after frame
====  ==============================================================================================================

So a plain WAV needs 5 bytes, a raw file of whole frames 1. Restoring depends on the values of the samples and on their type's
kind and width, not on the byte order or the strides of the array they are in.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from n1codec import arguments
from n1codec.codec import Layout, Samples
from n1codec.errors import CorruptError

MAX_EXTRA_BYTES: Final = 1 << 24
"""Most bytes of head and tail together."""
PIECE_BYTES: Final = 1 << 22
"""About how many bytes `rebuild_pieces` gives out at once."""

FORMATS: Final = ("wav", "raw", "spikeglx", "npy")

_FORMAT_BITS: Final = 0x07
_PLAIN_WAV: Final = 0x08
_EXTRA: Final = 0x10
_PACKED: Final = 0x20
_BIG_ENDIAN: Final = 0x40
_FORTRAN: Final = 0x80

_MAX_U16: Final = 0xFFFF
_MAX_U32: Final = 0xFFFF_FFFF


@dataclass(frozen=True)
class Restore:
    """The restore bytes, taken apart.

    Parameters
    ----------
    format : str
        One of `FORMATS`.
    head, tail : bytes
        What stands before and after the samples.
    plain_rate : int, optional
        Sampling rate of a plain WAV, whose head and tail follow from it; `head` and `tail` are empty then.
    packed : bool
        32-bit samples are stored in 3 bytes each.
    big_endian : bool
        The samples are stored with the most significant byte first.
    fortran : bool
        The samples are stored channel after channel.
    """

    format: str
    head: bytes = b""
    tail: bytes = b""
    plain_rate: int | None = None
    packed: bool = False
    big_endian: bool = False
    fortran: bool = False

    def to_bytes(self) -> bytes:
        """Return the restore bytes."""
        tag = FORMATS.index(self.format)
        tag |= _PACKED * self.packed | _BIG_ENDIAN * self.big_endian | _FORTRAN * self.fortran
        if self.plain_rate is not None:
            return struct.pack("<BI", tag | _PLAIN_WAV, self.plain_rate)
        extra = self.head + self.tail
        if not extra:
            return bytes((tag,))
        compressed = zlib.compress(extra, 9)
        stored = compressed if len(compressed) < len(extra) else extra
        return struct.pack("<BII", tag | _EXTRA, len(self.head), len(self.tail)) + stored

    @classmethod
    def from_bytes(cls, data: bytes) -> Restore:
        """Take restore bytes apart.

        Raises
        ------
        CorruptError
            If they are none.
        """
        if not data:
            raise CorruptError("restore bytes are missing")
        tag = data[0]
        packed, big_endian, fortran = bool(tag & _PACKED), bool(tag & _BIG_ENDIAN), bool(tag & _FORTRAN)
        both = tag & _PLAIN_WAV and tag & _EXTRA
        if tag & _FORMAT_BITS >= len(FORMATS) or both or (packed and (big_endian or fortran)):
            raise CorruptError(f"unknown restore tag {tag:#04x}", 0)
        head = tail = b""
        plain_rate = None
        body = data[1:]
        if tag & _PLAIN_WAV:
            if len(body) != 4:
                raise CorruptError(f"restore bytes of a plain WAV are 5, not {len(data)}", len(data))
            plain_rate = int.from_bytes(body, "little")
        elif tag & _EXTRA:
            head, tail = _read_extra(body)
        elif body:
            raise CorruptError(f"{len(body)} bytes follow the restore tag", 1)
        return cls(FORMATS[tag & _FORMAT_BITS], head, tail, plain_rate, packed, big_endian, fortran)

    def surround(self, layout: Layout) -> tuple[bytes, bytes]:
        """Return the head and the tail for samples of a layout.

        Raises
        ------
        CorruptError
            If these bytes cannot belong to such samples.
        """
        if self.packed and (layout.dtype.kind != "i" or layout.dtype.itemsize != 4):
            raise CorruptError(f"restore bytes are for samples of 24 bits, these are {layout.dtype}")
        if self.plain_rate is None:
            return self.head, self.tail
        width = 3 if self.packed else layout.dtype.itemsize
        head = wav_head(self.plain_rate, layout.channels, width, layout.shape[0])
        if head is None:
            raise CorruptError("restore bytes are for a plain WAV, which cannot hold these samples")
        return head, wav_padding(layout.size * width)


def wav_head(rate: int, channels: int, width: int, n_samples: int) -> bytes | None:
    """Return the 44-byte header of an integer PCM WAV with one ``fmt `` and one ``data`` chunk.

    Parameters
    ----------
    rate : int
        Sampling rate in Hz.
    channels : int
        Number of channels.
    width : int
        Bytes of one stored sample.
    n_samples : int
        Samples of each channel.

    Returns
    -------
    bytes or None
        None if a number does not fit into its field.
    """
    block = channels * width
    length = block * n_samples
    riff = 36 + length + length % 2
    if block > _MAX_U16 or max(rate, rate * block, riff) > _MAX_U32:
        return None
    fields = (b"RIFF", riff, b"WAVE", b"fmt ", 16, 1, channels, rate, rate * block, block, 8 * width, b"data", length)
    return struct.pack("<4sI4s4sIHHIIHH4sI", *fields)


def wav_padding(length: int) -> bytes:
    """Return what follows a data chunk of `length` bytes: chunks start at even offsets."""
    return bytes(length % 2)


def format_of(restore: bytes) -> str:
    """Return the format that restore bytes lead back to: ``"wav"``, ``"raw"``, ``"spikeglx"`` or ``"npy"``.

    Raises
    ------
    CorruptError
        If they are no restore bytes.
    """
    return Restore.from_bytes(arguments.data("restore", restore)).format


def rebuild(restore: bytes, samples: Samples) -> bytes:
    """Return the source file.

    Parameters
    ----------
    restore : bytes
        From `Recording.restore`.
    samples : ndarray of int, shape (n_samples,) or (n_samples, n_channels)
        All samples of the recording.

    Raises
    ------
    CorruptError
        If the restore bytes are damaged or do not belong to these samples.
    """
    samples = arguments.samples("samples", samples)
    return b"".join(rebuild_pieces(restore, Layout.of(samples), [samples]))


def rebuild_pieces(restore: bytes, layout: Layout, chunks: Iterable[Samples]) -> Iterator[bytes | memoryview]:
    """Return the source file in pieces of a few megabytes, from samples that arrive in chunks.

    A piece may be a view of the samples, without a copy.

    Parameters
    ----------
    restore : bytes
        From `Recording.restore`.
    layout : Layout
        The dtype and shape of all samples together.
    chunks : iterable of ndarray of int
        Consecutive chunks along time. They are held until the last one only for files in Fortran order.

    Returns
    -------
    iterator of bytes or memoryview

    Raises
    ------
    CorruptError
        At once if the restore bytes are damaged or cannot belong to the layout; while iterating if the chunks do not add up to
        the layout.
    """
    arguments.instance("layout", layout, Layout)
    chunks = arguments.iterator("chunks", chunks)
    plan = Restore.from_bytes(arguments.data("restore", restore))
    head, tail = plan.surround(layout)
    return _pieces(plan, head, tail, layout, chunks)


def _pieces(
    plan: Restore, head: bytes, tail: bytes, layout: Layout, chunks: Iterable[Samples]
) -> Iterator[bytes | memoryview]:
    if head:
        yield head
    held: list[Samples] = []
    for chunk in checked_chunks(layout, chunks):
        if plan.fortran:
            held.append(chunk)
        else:
            yield from _stored(plan, chunk)
    if held:
        whole = held[0] if len(held) == 1 else np.concatenate(held)
        for channel in whole.reshape(layout.shape[0], layout.channels).T:
            yield from _stored(plan, channel)
    if tail:
        yield tail


def checked_chunks(layout: Layout, chunks: Iterable[Samples]) -> Iterator[Samples]:
    """Pass chunks on, and raise :class:`CorruptError` when they turn out not to be those of a layout."""
    n_samples = 0
    for given in chunks:
        chunk = arguments.samples("chunks", given)
        kind = (chunk.dtype.kind, chunk.dtype.itemsize, chunk.shape[1:])
        if kind != (layout.dtype.kind, layout.dtype.itemsize, layout.shape[1:]):
            raise CorruptError(f"samples are {chunk.dtype} {chunk.shape}, which does not fit {layout}")
        n_samples += len(chunk)
        if n_samples > layout.shape[0]:
            break
        yield chunk
    if n_samples != layout.shape[0]:
        raise CorruptError(f"{n_samples} samples instead of {layout.shape[0]}")


def _stored(plan: Restore, samples: Samples) -> Iterator[bytes | memoryview]:
    """Give out samples as the source file stores them."""
    frame_bytes = max(1, samples[:1].nbytes)
    step = max(1, PIECE_BYTES // frame_bytes)
    stored = samples.dtype.newbyteorder(">" if plan.big_endian else "<")
    for start in range(0, len(samples), step):
        piece = np.ascontiguousarray(samples[start : start + step], dtype=stored)
        yield pack_24_bits(piece) if plan.packed else piece.reshape(-1).view(np.uint8).data


def pack_24_bits(samples: NDArray[Any]) -> bytes:
    """Return little-endian 32-bit samples in three bytes each, or raise :class:`CorruptError` if one does not fit."""
    if samples.size and (samples.min() < -(1 << 23) or samples.max() >= 1 << 23):
        raise CorruptError("a sample does not fit into the 24 bits of the source file")
    return samples.reshape(-1).view(np.uint8).reshape(-1, 4)[:, :3].tobytes()


def unpack_24_bits(data: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Return the little-endian three-byte integers in `data` as 32-bit ones, sign extended."""
    padded = np.zeros((data.size // 3, 4), np.uint8)
    padded[:, 1:] = data.reshape(-1, 3)
    samples: NDArray[np.int32] = padded.reshape(-1).view(np.dtype("<i4"))
    samples >>= 8
    return samples


def _read_extra(body: bytes) -> tuple[bytes, bytes]:
    if len(body) < 8:
        raise CorruptError("restore bytes are cut short", 1 + len(body))
    head_length, tail_length = struct.unpack_from("<II", body)
    total = head_length + tail_length
    if total > MAX_EXTRA_BYTES:
        raise CorruptError(f"{total} bytes of head and tail are more than the limit of {MAX_EXTRA_BYTES}", 1)
    extra = body[8:]
    if len(extra) > total:
        raise CorruptError("restore bytes are longer than their head and tail", 9)
    if len(extra) < total:
        unpacker = zlib.decompressobj()
        try:
            extra = unpacker.decompress(extra, total + 1)
        except zlib.error as error:
            raise CorruptError(f"restore bytes cannot be decompressed: {error}", 9) from None
        if len(extra) != total or not unpacker.eof or unpacker.unused_data:
            raise CorruptError("restore bytes decompress to something else than their head and tail", 9)
    return extra[:head_length], extra[head_length:]
