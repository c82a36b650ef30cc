"""RIFF/WAVE files (``.wav``) of integer PCM, and their 64-bit kin RF64 and BW64.

The file is ``"RIFF" | size (u32) | "WAVE"`` and then chunks of ``name (4) | length (u32) | body``, the next at an even
offset. Of these only ``fmt `` and ``data`` matter here (in RF64 and BW64 also ``ds64``, which holds 64-bit lengths); all
others, and whatever lies before and after the samples, go into the restore bytes.

Recorders write files that break the rules, so the length of the data is read generously: more than the file holds means up to
the end of the file (a recording cut short, or a stream of unknown length: 0xFFFFFFFF), and so does zero in a file whose RIFF
size does not reach further either (a recorder that never came back to fill in the header).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from n1codec.formats._source import SourceFile
from n1codec.formats.placement import Placement
from n1codec.formats.restore import Restore, wav_head, wav_padding

MAX_CHUNKS: Final = 1024
"""Most chunks looked at before the data."""

PCM: Final = 0x0001
FLOAT: Final = 0x0003
EXTENSIBLE: Final = 0xFFFE

_UNKNOWN_LENGTH: Final = 0xFFFF_FFFF
# The last 14 bytes of a sub-format GUID that carries an old format tag in its first two (KSDATAFORMAT_SUBTYPE_*).
_GUID_TAIL: Final = bytes.fromhex("0000 0000 1000 8000 00aa 0038 9b71")
_DTYPES: Final[Mapping[int, np.dtype[Any]]] = {
    1: np.dtype(np.uint8),
    2: np.dtype("<i2"),
    3: np.dtype("<i4"),
    4: np.dtype("<i4"),
}


@dataclass(frozen=True)
class Format:
    """What a ``fmt `` chunk says."""

    channels: int
    rate: int
    width: int
    """Bytes of one stored sample."""


def locate(source: SourceFile) -> Placement:
    """Find the samples of a WAV file.

    Samples of 8 bits are uint8, those of 16 and 32 bits int16 and int32; those of 24 bits become int32.

    Raises
    ------
    FormatError
        If the file is no WAV of integer PCM, contradicts itself, or cannot be read.
    """
    fmt, start, length = _walk(source)
    frame_bytes = fmt.channels * fmt.width
    n_samples = length // frame_bytes
    return Placement(
        format="wav",
        start=start,
        dtype=_DTYPES[fmt.width],
        shape=(n_samples,) if fmt.channels == 1 else (n_samples, fmt.channels),
        rate=float(fmt.rate),
        restore=_restore(source, fmt, start, start + n_samples * frame_bytes, n_samples).to_bytes(),
        packed=fmt.width == 3,
    )


def _restore(source: SourceFile, fmt: Format, start: int, end: int, n_samples: int) -> Restore:
    head, tail = source.surroundings(start, end)
    plain = (wav_head(fmt.rate, fmt.channels, fmt.width, n_samples), wav_padding(end - start))
    if (head, tail) == plain:
        return Restore("wav", plain_rate=fmt.rate, packed=fmt.width == 3)
    return Restore("wav", head, tail, packed=fmt.width == 3)


def _walk(source: SourceFile) -> tuple[Format, int, int]:
    """Walk the chunks and return the format, the offset of the samples and their length in bytes."""
    if source.size < 12:
        raise source.error(f"{source.size} bytes are too few for a WAV file")
    start = source.bytes_at(0, 12)
    kind = start[:4]
    if kind == b"RIFX":
        raise source.error("big-endian WAV (RIFX) is not supported")
    if kind not in (b"RIFF", b"RF64", b"BW64") or start[8:] != b"WAVE":
        raise source.error("not a WAV file: no RIFF/WAVE header")
    riff_end = 8 + int.from_bytes(start[4:8], "little")
    fmt = None
    long_length = None
    at = 12
    for _ in range(MAX_CHUNKS):
        if at + 8 > source.size:
            raise source.error("no data chunk")
        header = source.bytes_at(at, 8)
        name, length = header[:4], int.from_bytes(header[4:], "little")
        body = at + 8
        if name == b"data":
            if fmt is None:
                raise source.error("no fmt chunk before the data chunk")
            if length == _UNKNOWN_LENGTH and long_length is not None:
                length = long_length
            return fmt, body, _data_length(length, source.size - body, riff_end <= body)
        if body + length > source.size:
            raise source.error(f"chunk {name!r} of {length} bytes at byte {at} runs past the end of the file")
        if name == b"fmt ":
            if fmt is not None:
                raise source.error("two fmt chunks")
            fmt = _parse_format(source, source.bytes_at(body, min(length, 40)))
        elif name == b"ds64" and kind != b"RIFF":
            if length < 24:
                raise source.error(f"ds64 chunk of {length} bytes is too short")
            long_length = int.from_bytes(source.bytes_at(body + 8, 8), "little")
        at = _next_chunk(source, body + length)
    raise source.error(f"no data chunk among the first {MAX_CHUNKS}")


def _next_chunk(source: SourceFile, end: int) -> int:
    """Return where the next chunk starts: after a padding byte at odd offsets, which some writers forget."""
    padded = end % 2 and end < source.size and source.bytes_at(end, 1) == b"\0"
    return end + 1 if padded else end


def _data_length(promised: int, available: int, unfinished: bool) -> int:
    """Return how many bytes of samples there are: the module's docstring says why it is not the promised number."""
    if promised == 0 and unfinished:
        return available
    return min(promised, available)


def _parse_format(source: SourceFile, body: bytes) -> Format:
    if len(body) < 16:
        raise source.error(f"fmt chunk of {len(body)} bytes is too short")
    tag, channels = (int.from_bytes(body[at : at + 2], "little") for at in (0, 2))
    rate = int.from_bytes(body[4:8], "little")
    block, bits = (int.from_bytes(body[at : at + 2], "little") for at in (12, 14))
    if tag == EXTENSIBLE:
        if len(body) < 40:
            raise source.error("extensible fmt chunk is too short")
        if body[26:40] != _GUID_TAIL:
            raise source.error("extensible fmt chunk names an unknown sub-format")
        tag = int.from_bytes(body[24:26], "little")
    if tag == FLOAT:
        raise source.error("holds floating-point samples; only integers are coded without loss")
    if tag != PCM:
        raise source.error(f"holds compressed audio (format tag {tag:#06x}); only integer PCM is read")
    if channels == 0:
        raise source.error("has no channels")
    if rate == 0:
        raise source.error("has a sampling rate of zero")
    if not 1 <= bits <= 32:
        raise source.error(f"holds samples of {bits} bits; 1 to 32 are supported")
    width = (bits + 7) // 8
    if block != channels * width:
        raise source.error(f"block size {block} contradicts {channels} channels of {bits} bits")
    return Format(channels, rate, width)
