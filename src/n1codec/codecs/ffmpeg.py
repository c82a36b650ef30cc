"""Apple Lossless, through FFmpeg (PyAV)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

import numpy as np

from n1codec.codec import Coder, Layout, Samples
from n1codec.codecs import _audio, _ffmpeg
from n1codec.codecs._streams import pack_streams, unpack_streams
from n1codec.errors import CodecError, CorruptError

_FRAME: Final = 4096
"""Samples of a packet, as FFmpeg makes them."""
_COOKIE: Final = struct.Struct(">I4sIIBBBBBBHIII")
_COOKIE_KNOWN: Final = 22
"""Bytes of the cookie that a decoder needs: behind them are the largest packet, the bit rate and the sampling rate."""


@dataclass(frozen=True)
class Alac(Coder):
    """Apple Lossless: adaptive linear prediction and Rice codes, in streams of one or two channels.

    Packets only, each after its length: their number and the decoder's "magic cookie" follow from the layout. Samples of 8
    bits are coded as 16; 32-bit samples become two 16-bit channels, the low and the high words.
    """

    name = "alac"

    def encode(self, samples: Samples, *, threads: int = 1) -> bytes:
        """Return the packets of each stream in turn."""
        words = _audio.fold(_audio.to_words(samples), _FRAME)
        # FFmpeg's encoder can overrun its buffer, and then aborts the process, on a packet of few samples: no packet has.
        whole = np.pad(words, ((0, -len(words) % _FRAME), (0, 0)), mode="edge")
        packets: list[bytes] = []
        for bundle in _audio.bundles(whole.shape[1]):
            stream, cookie = _ffmpeg.encode("alac", "s16p", whole[:, bundle])
            if cookie[:_COOKIE_KNOWN] != _cookie(whole[:, bundle].shape[1])[:_COOKIE_KNOWN]:
                raise CodecError("alac: the encoder's parameters are not those that the decoder will be given")
            if len(stream) != len(whole) // _FRAME:
                raise CodecError(f"alac: {len(stream)} packets for {len(whole)} samples")
            packets += stream
        return pack_streams(packets)

    def decode(self, payload: bytes, layout: Layout, *, threads: int = 1) -> Samples:
        """Decode."""
        channels = _audio.word_channels(layout)
        depth, columns = _audio.folds(layout.shape[0], channels, _FRAME)
        bundles = _audio.bundles(columns)
        n_samples = depth * layout.shape[0]
        count = -(-n_samples // _FRAME)
        packets = unpack_streams(payload, count * len(bundles))
        whole = np.empty((count * _FRAME, columns), np.int16)
        for number, bundle in enumerate(bundles):
            stream = whole[:, bundle]
            _ffmpeg.decode(
                "alac", packets[number * count : (number + 1) * count], stream, extradata=_cookie(stream.shape[1])
            )
        words, padding = np.split(whole, (n_samples,))
        if not np.all(padding == words[-1]):
            raise CorruptError(f"alac: more than {len(words)} samples")
        return _audio.from_words(_audio.unfold(words, layout.shape[0], channels), layout)

    @classmethod
    def libraries(cls) -> dict[str, str]:
        """Return the versions of PyAV and of the libavcodec inside it."""
        return _ffmpeg.versions()


def _cookie(channels: int) -> bytes:
    """Return the decoder's parameters: packet length, version, bit depth, Rice parameters 40, 10 and 14, channels, rate."""
    return _COOKIE.pack(36, b"alac", 0, _FRAME, 0, 16, 40, 10, 14, channels, 0, 0, 0, _audio.SAMPLE_RATE)
