"""WavPack, through the reference library where the system has it and FFmpeg (PyAV) where not.

Both write and read standard ``.wv`` streams, so what one encodes the other decodes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from n1codec.codec import Coder, Layout, Samples
from n1codec.codecs import _audio, _libwavpack
from n1codec.codecs._streams import pack_streams, unpack_streams
from n1codec.errors import CorruptError, TruncatedError

_BLOCK: Final = struct.Struct("<4sIHBBIIIII")
"""A block's header: magic, size after these 8 bytes, version, two high bytes, samples of the stream, first sample,
samples of the block, flags, CRC of the samples."""
_TOTAL_SAMPLES: Final = slice(12, 16)
"""Where the header has the samples of the stream."""
_LOSSY_OR_NOT_INTEGER: Final = 0x8000_0088
"""Flags of hybrid, floating-point and DSD blocks, which `WavPack` never makes."""
_MONO: Final = 0x4
_ONLY_BLOCK: Final = 0x1800
"""Flags of the first and the last block of a set: one block holds all channels."""

_FFMPEG_LEVEL: Final = {1: 0, 2: 1, 3: 2, 4: 3}
"""FFmpeg's levels of about the same effort; each `extra` above 0 adds one, up to 8."""


@dataclass(frozen=True)
class WavPack(Coder):
    """WavPack: cascades of sign-LMS filters and adaptive Golomb codes, in streams of one or two channels.

    Samples of 8 bits are coded as 16. The bytes depend on which library encodes; `libraries` tells.

    Parameters
    ----------
    level : int
        1 fast, 2 normal, 3 high, 4 very high: more filters, for the decoder too.
    extra : int
        0 to 6: how long the encoder searches for better filters.
    """

    name = "wavpack"
    encode_only = frozenset({"level", "extra"})

    level: int = 2
    extra: int = 0

    def __post_init__(self) -> None:
        self.check_range("level", 1, 4)
        self.check_range("extra", 0, 6)

    def encode(self, samples: Samples, *, threads: int = 1) -> bytes:
        """Return ``.wv`` streams one after the other, each after its length."""
        signed = _audio.fold(_audio.as_signed(samples))
        encode = encode_reference if _libwavpack.library() else encode_ffmpeg
        streams = (signed[:, bundle] for bundle in _audio.bundles(signed.shape[1]))
        return pack_streams([encode(stream, self.level, self.extra) for stream in streams])

    def decode(self, payload: bytes, layout: Layout, *, threads: int = 1) -> Samples:
        """Decode, after all block headers have been checked against the layout."""
        decode = decode_reference if _libwavpack.library() else decode_ffmpeg
        width = np.int32 if layout.dtype.itemsize == 4 else np.int16
        signed = _audio.folded_like(layout.shape[0], layout.channels, width)
        bundles = _audio.bundles(signed.shape[1])
        for bundle, stream in zip(bundles, unpack_streams(payload, len(bundles)), strict=True):
            decode(stream, signed[:, bundle])
        return _audio.from_signed(_audio.unfold(signed, layout.shape[0], layout.channels), layout)

    @classmethod
    def libraries(cls) -> dict[str, str]:
        """Return the version of the library in use: libwavpack, or PyAV and its libavcodec."""
        if _libwavpack.library():
            return {"libwavpack": _libwavpack.version()}
        from n1codec.codecs import _ffmpeg

        return _ffmpeg.versions()


def encode_reference(frames: NDArray[Any], level: int, extra: int) -> bytes:
    """Encode one or two channels of int16 or int32 with libwavpack."""
    return _libwavpack.encode(np.ascontiguousarray(frames, np.int32), frames.dtype.itemsize, level, extra)


def decode_reference(stream: bytes, frames: NDArray[Any]) -> None:
    """Decode a stream into one or two channels of int16 or int32 with libwavpack."""
    for _ in blocks(stream, frames):  # checks them
        pass
    n_samples, channels = frames.shape
    frames[:] = _libwavpack.decode(stream, n_samples, channels, frames.dtype.itemsize)


def encode_ffmpeg(frames: NDArray[Any], level: int, extra: int) -> bytes:
    """Encode one or two channels of int16 or int32 with FFmpeg, whose packets are the stream's blocks."""
    from n1codec.codecs import _ffmpeg

    effort = str(min(_FFMPEG_LEVEL[level] + extra, 8))
    sample_format = f"s{8 * frames.dtype.itemsize}p"
    packets, _ = _ffmpeg.encode("wavpack", sample_format, frames, compression_level=effort)
    stream = bytearray(b"".join(packets))
    stream[_TOTAL_SAMPLES] = len(frames).to_bytes(4, "little")  # the encoder leaves this to the container's writer
    return bytes(stream)


def decode_ffmpeg(stream: bytes, frames: NDArray[Any]) -> None:
    """Decode a stream into one or two channels of int16 or int32 with FFmpeg."""
    from n1codec.codecs import _ffmpeg

    _ffmpeg.decode("wavpack", blocks(stream, frames), frames)


def blocks(stream: bytes, frames: NDArray[Any]) -> Iterator[bytes]:
    """Yield the blocks of a stream, checking that they follow each other and hold what is expected.

    Raises
    ------
    TruncatedError, CorruptError
        If a header does not fit the layout of `frames`, or the blocks do not fill the stream.
    """
    n_samples, channels = frames.shape
    at = done = 0
    while at < len(stream):
        if len(stream) - at < _BLOCK.size:
            raise TruncatedError("WavPack block header is cut short", at)
        magic, size, version, high, high_total, total, first, count, flags, _ = _BLOCK.unpack_from(stream, at)
        if magic != b"wvpk" or version >> 8 != 4 or high or high_total:
            raise CorruptError("no WavPack block where one should be", at)
        if flags & _LOSSY_OR_NOT_INTEGER or flags & _ONLY_BLOCK != _ONLY_BLOCK:
            raise CorruptError("WavPack block of a kind that is not used here", at)
        if (flags & 3) + 1 != frames.dtype.itemsize or bool(flags & _MONO) != (channels == 1):
            raise CorruptError("WavPack block of another width or number of channels", at)
        if first != done or not 0 < count <= n_samples - done or (at == 0 and total != n_samples):
            raise CorruptError(f"WavPack block of samples {first} to {first + count} of {total}", at)
        if size < _BLOCK.size - 8 or size > len(stream) - at - 8:
            raise TruncatedError("WavPack block is cut short", at)
        yield stream[at : at + 8 + size]
        at += 8 + size
        done += count
    if done != n_samples:
        raise TruncatedError(f"WavPack stream of {done} samples instead of {n_samples}", at)
