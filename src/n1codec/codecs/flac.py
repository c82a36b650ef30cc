"""FLAC, through libsndfile and the reference libFLAC."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from n1codec.codec import Coder, Layout, Samples
from n1codec.codecs import _audio
from n1codec.codecs._streams import pack_streams, unpack_streams
from n1codec.errors import CorruptError

_SPARE_BITS: Final = 8
"""libsndfile takes 24-bit samples in the upper bits of 32."""
_DEPTH_24: Final = 24
_VENDOR: Final = re.compile(rb"libFLAC (\S+)")


@dataclass(frozen=True)
class Flac(Coder):
    """FLAC: linear prediction and Rice codes, in streams of one or two channels.

    Samples of 8 and 16 bits are coded as 16 bits and 32-bit samples that fit in 24 bits as 24. Other 32-bit samples become
    two 16-bit channels, the low and the high words.

    Parameters
    ----------
    level : int
        0 (fastest) to 8 (smallest).
    """

    name = "flac"
    encode_only = frozenset({"level"})

    level: int = 5

    def __post_init__(self) -> None:
        self.check_range("level", 0, 8)

    def encode(self, samples: Samples, *, threads: int = 1) -> bytes:
        """Return FLAC streams one after the other, each after its length."""
        signed = _audio.as_signed(samples)
        frames: NDArray[Any] = signed
        subtype = "PCM_16"
        if signed.dtype == np.int32:
            shifted = signed << _SPARE_BITS
            if np.array_equal(shifted >> _SPARE_BITS, signed):
                frames, subtype = shifted, "PCM_24"
            else:
                frames = _audio.to_words(samples)
        frames = _audio.fold(frames)
        return pack_streams(
            [_encode(frames[:, bundle], subtype, self.level) for bundle in _audio.bundles(frames.shape[1])]
        )

    def decode(self, payload: bytes, layout: Layout, *, threads: int = 1) -> Samples:
        """Decode; the depth that the first stream declares says how 32-bit samples were coded."""
        depth = _depth(payload) if layout.dtype.itemsize == 4 else 16
        if depth == _DEPTH_24:
            frames = _decode_all(payload, layout.shape[0], layout.channels, "PCM_24")
            return _audio.from_signed(frames >> _SPARE_BITS, layout)
        words = _decode_all(payload, layout.shape[0], _audio.word_channels(layout), "PCM_16")
        return _audio.from_words(words, layout)

    @classmethod
    def libraries(cls) -> dict[str, str]:
        """Return the versions of soundfile, libsndfile and the libFLAC inside it."""
        vendor = _VENDOR.search(_encode(np.zeros((1, 1), np.int16), "PCM_16", 0))
        return {
            "soundfile": soundfile.__version__,
            "libsndfile": soundfile.__libsndfile_version__,
            "libFLAC": vendor[1].decode("ascii", "replace") if vendor else "unknown",
        }


def _encode(frames: NDArray[Any], subtype: str, level: int) -> bytes:
    out = io.BytesIO()
    with soundfile.SoundFile(
        out,
        "w",
        samplerate=_audio.SAMPLE_RATE,
        channels=frames.shape[1],
        format="FLAC",
        subtype=subtype,
        compression_level=level / 8,  # libsndfile multiplies by 8
    ) as file:
        file.write(np.ascontiguousarray(frames))
    return out.getvalue()


def _decode_all(payload: bytes, n_samples: int, channels: int, subtype: str) -> NDArray[Any]:
    """Decode all streams, of int16 for 16 bits and int32 for 24."""
    frames = _audio.folded_like(n_samples, channels, np.int16 if subtype == "PCM_16" else np.int32)
    bundles = _audio.bundles(frames.shape[1])
    for bundle, stream in zip(bundles, unpack_streams(payload, len(bundles)), strict=True):
        with soundfile.SoundFile(io.BytesIO(stream)) as file:
            wanted = ("FLAC", subtype, frames[:, bundle].shape)
            found = (file.format, file.subtype, (file.frames, file.channels))
            if found != wanted:
                raise CorruptError(f"stream of {found} instead of {wanted}")
            part = file.read(len(frames), dtype=frames.dtype.name, always_2d=True)
        if part.shape != frames[:, bundle].shape:
            raise CorruptError(f"stream of {len(part)} samples instead of {len(frames)}")
        frames[:, bundle] = part
    return _audio.unfold(frames, n_samples, channels)


def _depth(payload: bytes) -> int:
    """Return the bits a sample of the first stream: STREAMINFO follows the 4-byte magic and its own 4-byte header."""
    at = payload.find(b"fLaC") + 8 + 12
    return ((payload[at] & 1) << 4 | payload[at + 1] >> 4) + 1
