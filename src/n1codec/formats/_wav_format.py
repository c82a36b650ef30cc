"""The ``fmt `` chunk of a WAV file: how its samples are stored, or by what name they are refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from n1codec.formats._source import SourceFile

PCM: Final = 0x0001
FLOAT: Final = 0x0003
EXTENSIBLE: Final = 0xFFFE
MAX_FORMAT_BYTES: Final = 40
"""Bytes of a ``fmt `` chunk that matter."""

COMPRESSED: Final[Mapping[int, str]] = {
    0x0002: "Microsoft ADPCM",
    0x0006: "A-law",
    0x0007: "mu-law",
    0x0010: "OKI ADPCM",
    0x0011: "IMA ADPCM",
    0x0022: "TrueSpeech",
    0x0031: "GSM 6.10",
    0x0040: "G.721 ADPCM",
    0x0045: "G.726 ADPCM",
    0x0050: "MPEG audio",
    0x0055: "MP3",
    0x0064: "G.726 ADPCM",
    0x0092: "AC-3",
    0x00FF: "AAC",
    0x0161: "Windows Media Audio",
    0x0162: "Windows Media Audio",
    0x0163: "Windows Media Audio Lossless",
    0x2000: "AC-3",
    0x2001: "DTS",
    0x566F: "Vorbis",
    0x5756: "WavPack",
    0x704F: "Opus",
    0xF1AC: "FLAC",
}
"""The format tags that recorders and editors still write."""

# The last 14 bytes of a sub-format GUID that carries an old format tag in its first two: KSDATAFORMAT_SUBTYPE_*, and the same
# for ambisonic B-format.
_GUID_TAILS: Final = (
    bytes.fromhex("0000 0000 1000 8000 00aa 0038 9b71"),
    bytes.fromhex("0000 2107 d311 8644 c8c1 ca00 0000"),
)


@dataclass(frozen=True)
class Format:
    """What a ``fmt `` chunk says.

    Parameters
    ----------
    channels : int
        Number of channels.
    rate : int
        Samples a second of each.
    width : int
        Bytes of one stored sample.
    note : str
        What is odd about it, or nothing.
    floats : bool
        Samples are IEEE 754 floats, not integers.
    """

    channels: int
    rate: int
    width: int
    note: str = ""
    floats: bool = False


def parse(source: SourceFile, body: bytes, order: Literal["little", "big"]) -> Format:
    """Read the first bytes of a ``fmt `` chunk.

    Raises
    ------
    FormatError
        If it describes neither integer PCM nor floats of 32 or 64 bits.
    """
    if len(body) < 16:
        raise source.error(f"fmt chunk of {len(body)} bytes is too short")
    tag, channels = (int.from_bytes(body[at : at + 2], order) for at in (0, 2))
    rate = int.from_bytes(body[4:8], order)
    block, bits = (int.from_bytes(body[at : at + 2], order) for at in (12, 14))
    if tag == EXTENSIBLE:
        tag = _sub_format(source, body, order)
    if tag not in (PCM, FLOAT):
        name = COMPRESSED.get(tag, "compressed audio")
        raise source.error(f"holds {name} (format tag {tag:#06x}); only integer PCM and IEEE floats are read")
    if channels == 0:
        raise source.error("has no channels")
    if rate == 0:
        raise source.error("has a sampling rate of zero")
    if tag == FLOAT:
        return _floats(source, channels, rate, block, bits)
    if not 1 <= bits <= 32:
        raise source.error(f"holds samples of {bits} bits; 1 to 32 are supported")
    least = (bits + 7) // 8
    # Samples may be stored in more bytes than their bits need: then the block size tells, if it makes sense at all.
    width, rest = divmod(block, channels)
    if rest or not least <= width <= 4:
        note = f"its block size of {block} bytes is wrong for {channels} channels of {bits} bits, and not looked at"
        return Format(channels, rate, least, note)
    return Format(channels, rate, width)


def _floats(source: SourceFile, channels: int, rate: int, block: int, bits: int) -> Format:
    if bits not in (32, 64):
        raise source.error(f"holds floating-point samples of {bits} bits; 32 and 64 are supported")
    note = ""
    if block != channels * bits // 8:
        note = f"its block size of {block} bytes is wrong for {channels} channels of {bits} bits, and not looked at"
    return Format(channels, rate, bits // 8, note, floats=True)


def _sub_format(source: SourceFile, body: bytes, order: Literal["little", "big"]) -> int:
    """Return the format tag that an extensible format hides in a GUID."""
    if len(body) < MAX_FORMAT_BYTES:
        raise source.error("extensible fmt chunk is too short")
    if body[26:40] not in _GUID_TAILS:
        raise source.error("extensible fmt chunk names an unknown sub-format")
    return int.from_bytes(body[24:26], order)
