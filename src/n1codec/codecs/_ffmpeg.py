"""FFmpeg's audio encoders and decoders through PyAV, packet by packet: no container is written, none is parsed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, cast

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.codec.context import CodecContext
from av.packet import Packet
from numpy.typing import NDArray

from n1codec.codecs._audio import SAMPLE_RATE
from n1codec.errors import CorruptError

_LAYOUTS: Final = {1: "mono", 2: "stereo"}


def versions() -> dict[str, str]:
    """Return the versions of PyAV and of the libavcodec inside it."""
    return {"av": av.__version__, "libavcodec": ".".join(map(str, av.library_versions["libavcodec"]))}


def encode(codec: str, sample_format: str, frames: NDArray[Any], **options: str) -> tuple[list[bytes], bytes]:
    """Encode one or two channels.

    Parameters
    ----------
    codec : str
        FFmpeg's name of the encoder.
    sample_format : str
        FFmpeg's name of the sample format; one that ends in ``p`` is planar.
    frames : ndarray of int16 or int32, shape (n_samples, 1 or 2)
    **options : str
        FFmpeg's options of the encoder.

    Returns
    -------
    packets : list of bytes
    extradata : bytes
        What the encoder would have a container store; empty if nothing.
    """
    channels = frames.shape[1]
    context = cast(AudioCodecContext, CodecContext.create(codec, "w"))
    context.sample_rate, context.layout, context.format = SAMPLE_RATE, _LAYOUTS[channels], sample_format
    context.thread_count = 1
    context.options = options
    context.open()
    packets: list[bytes] = []
    step = context.frame_size or len(frames)
    for start in range(0, len(frames), step):
        part = frames[start : start + step]
        plane = part.T if sample_format.endswith("p") else part.reshape(1, -1)
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(plane), sample_format, _LAYOUTS[channels])
        frame.sample_rate, frame.pts = SAMPLE_RATE, start
        packets += map(bytes, context.encode(frame))
    packets += map(bytes, context.encode(None))
    return packets, bytes(context.extradata or b"")


def decode(codec: str, packets: Iterable[bytes], frames: NDArray[Any], *, extradata: bytes = b"") -> None:
    """Decode packets into an array, which they must fill exactly.

    Parameters
    ----------
    codec : str
        FFmpeg's name of the decoder.
    packets : iterable of bytes
    frames : ndarray of int16 or int32, shape (n_samples, 1 or 2)
        Where the samples go.
    extradata : bytes
        What the decoder needs beside the packets.

    Raises
    ------
    CorruptError
        If the packets give another number or kind of samples.
    """
    channels = frames.shape[1]
    context = cast(AudioCodecContext, CodecContext.create(codec, "r"))
    context.sample_rate, context.layout = SAMPLE_RATE, _LAYOUTS[channels]
    context.thread_count = 1
    if extradata:
        context.extradata = extradata
    at = 0
    for packet in (*map(Packet, packets), None):
        for frame in context.decode(packet):
            part = frame.to_ndarray()
            part = part.T if frame.format.is_planar else part.reshape(-1, channels)
            if part.dtype != frames.dtype or part.shape[1] != channels or at + len(part) > len(frames):
                raise CorruptError(f"{codec}: {len(part)} samples of {part.dtype} too many, or of the wrong kind")
            frames[at : at + len(part)] = part
            at += len(part)
    if at != len(frames):
        raise CorruptError(f"{codec}: {at} samples instead of {len(frames)}")
