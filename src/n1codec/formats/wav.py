"""RIFF/WAVE files (``.wav``) of integer PCM and of IEEE floats, their big-endian kin RIFX, and their 64-bit kin RF64 and BW64.

The file is ``"RIFF" | size (u32) | "WAVE"`` and then chunks of ``name (4) | length (u32) | body``, the next at an even
offset. Of these only ``fmt `` and ``data`` matter here (in RF64 and BW64 also ``ds64``, which holds 64-bit lengths); all
others, and whatever lies before and after the samples, go into the restore bytes.

Recorders write files that break the rules, so the length of the data is a claim to be weighed; `_data_length` says how. Where
what is read is not what the header claims, a note says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from n1codec.formats import _wav_format
from n1codec.formats._source import SourceFile
from n1codec.formats._wav_format import Format
from n1codec.formats.placement import Placement
from n1codec.formats.restore import MAX_EXTRA_BYTES, Restore, wav_head, wav_padding

MAX_CHUNKS: Final = 1024
"""Most chunks looked at before the data, and behind it."""
WRAP: Final = 1 << 32
"""A 32-bit length that ran over lacks a multiple of this."""

_MAX_ZEROS: Final = 1 << 16
"""Most zero bytes between two chunks."""
_UNKNOWN_LENGTH: Final = 0xFFFF_FFFF
KINDS: Final = (b"RIFF", b"RIFX", b"RF64", b"BW64")
_TYPES: Final[Mapping[int, str]] = {1: "u1", 2: "i2", 3: "i4", 4: "i4"}
_FLOATS: Final[Mapping[int, str]] = {4: "f4", 8: "f8"}


@dataclass(frozen=True)
class _Head:
    """What is known when the data chunk begins."""

    format: Format
    body: int
    """Offset of the first sample."""
    claim: int
    """Length of the data chunk as its header states it."""
    long_claim: int
    """Length as a ``ds64`` chunk states it, 0 if none does."""
    riff_end: int | None
    """Where the file ends as its header states it, or None."""
    order: Literal["little", "big"]


def locate(source: SourceFile) -> Placement:
    """Find the samples of a WAV file.

    Integers of 8 bits are uint8, those of 16 and 32 bits int16 and int32; those of 24 bits become int32. Floats are float32 or
    float64.

    Raises
    ------
    FormatError
        If the file is no WAV of integer PCM or floats, contradicts itself, or cannot be read.
    """
    head = _walk(source)
    fmt = head.format
    big_endian = head.order == "big"
    if big_endian and fmt.width == 3:
        raise source.error("big-endian WAV (RIFX) of 24 bits is not supported")
    body, length, note = _data(source, head)
    frame_bytes = fmt.channels * fmt.width
    n_samples = length // frame_bytes
    end = body + n_samples * frame_bytes
    return Placement(
        format="wav",
        start=body,
        dtype=np.dtype((_FLOATS if fmt.floats else _TYPES)[fmt.width]).newbyteorder(">" if big_endian else "<"),
        shape=(n_samples,) if fmt.channels == 1 else (n_samples, fmt.channels),
        rate=float(fmt.rate),
        restore=_restore(source, fmt, body, end, n_samples, big_endian).to_bytes(),
        packed=fmt.width == 3,
        notes=tuple(text for text in (fmt.note, note) if text),
    )


def _restore(source: SourceFile, fmt: Format, start: int, end: int, n_samples: int, big_endian: bool) -> Restore:
    head, tail = source.surroundings(start, end)
    plain = (wav_head(fmt.rate, fmt.channels, fmt.width, n_samples), wav_padding(end - start))
    if (head, tail) == plain:
        return Restore("wav", plain_rate=fmt.rate, packed=fmt.width == 3)
    return Restore("wav", head, tail, packed=fmt.width == 3, big_endian=big_endian and fmt.width > 1)


def _walk(source: SourceFile) -> _Head:
    """Walk the chunks up to the data."""
    if not source.size:
        raise source.error("is empty")
    if source.size < 12:
        raise source.error(f"{source.size} bytes are too few for a WAV file")
    start = source.bytes_at(0, 12)
    kind = start[:4]
    if kind not in KINDS or start[8:] != b"WAVE":
        raise source.error("not a WAV file: no RIFF/WAVE header")
    order: Literal["little", "big"] = "big" if kind == b"RIFX" else "little"
    riff_size = int.from_bytes(start[4:8], order)
    fmt = None
    lengths: dict[bytes, int] = {}
    at = 12
    for _ in range(MAX_CHUNKS):
        at = _skip_zeros(source, at)
        if at + 8 > source.size:
            raise source.error("no data chunk")
        header = source.bytes_at(at, 8)
        name, length = header[:4], int.from_bytes(header[4:], order)
        body = at + 8
        if name == b"data":
            if fmt is None:
                raise source.error("no fmt chunk before the data chunk")
            if riff_size == _UNKNOWN_LENGTH:
                riff_size = lengths.get(b"RIFF", 0)
            riff_end = 8 + riff_size if riff_size else None
            return _Head(fmt, body, length, lengths.get(b"data", 0), riff_end, order)
        if length == _UNKNOWN_LENGTH:
            length = lengths.get(name, length)
        if body + length > source.size:
            raise source.error(f"chunk {name!r} of {length} bytes at byte {at} runs past the end of the file")
        if name == b"fmt ":
            if fmt is not None:
                raise source.error("two fmt chunks")
            fmt = _wav_format.parse(source, source.bytes_at(body, min(length, _wav_format.MAX_FORMAT_BYTES)), order)
        elif name == b"ds64" and kind in (b"RF64", b"BW64"):
            if length < 24:
                raise source.error(f"ds64 chunk of {length} bytes is too short")
            lengths = _long_lengths(source.bytes_at(body, min(length, 28 + 12 * MAX_CHUNKS)))
        at = _next_chunk(source, body + length)
    raise source.error(f"no data chunk among the first {MAX_CHUNKS}")


def _long_lengths(body: bytes) -> dict[bytes, int]:
    """Return what a ``ds64`` chunk says: 64-bit lengths of chunks, and as that of ``RIFF`` the file's."""
    table = {b"RIFF": int.from_bytes(body[:8], "little"), b"data": int.from_bytes(body[8:16], "little")}
    entries = min(int.from_bytes(body[24:28], "little"), max(0, len(body) - 28) // 12)
    for at in range(28, 28 + 12 * entries, 12):
        table.setdefault(body[at : at + 4], int.from_bytes(body[at + 4 : at + 12], "little"))
    return table


def _skip_zeros(source: SourceFile, at: int) -> int:
    """Return where the next chunk starts behind zero bytes, which are no chunk's name."""
    if source.up_to(at, 4) != bytes(4):
        return at
    start = at
    while at < source.size and at - start < _MAX_ZEROS:
        piece = source.up_to(at, 4096)
        rest = piece.lstrip(b"\0")
        at += len(piece) - len(rest)
        if rest:
            break
    return at


def _next_chunk(source: SourceFile, end: int) -> int:
    """Return where the next chunk starts: after a padding byte at odd offsets, which some writers forget."""
    padded = end % 2 and end < source.size and source.bytes_at(end, 1) == b"\0"
    return end + 1 if padded else end


def _data(source: SourceFile, head: _Head) -> tuple[int, int, str]:
    """Return where the samples start, their length in bytes, and what there is to say about it."""
    claim = head.claim
    note = ""
    if head.long_claim:
        if claim not in (_UNKNOWN_LENGTH, head.long_claim):
            note = f"its data chunk claims {claim:,} bytes and its ds64 chunk {head.long_claim:,}, which is taken"
        claim = head.long_claim
    if claim == 0 and (data := _later_data(source, head)) is not None:
        return data
    length, more = _data_length(source, head, claim)
    return head.body, length, more or note


def _data_length(source: SourceFile, head: _Head, claim: int) -> tuple[int, str]:
    """Weigh the length that a header claims.

    Unknown, or zero before bytes that are no chunks: the header was never filled in, and the samples go on to the end of the
    file, as libsndfile and FFmpeg read it. More than there is: the file is cut short. Less, with more behind it than chunks and
    junk make up: a 32-bit length that ran over, if it fits so, else one that was filled in before the recorder went on.
    """
    available = source.size - head.body
    if claim == available:
        return claim, ""
    if claim == _UNKNOWN_LENGTH and not head.long_claim:
        return available, "its header states no length of the data: read up to the end of the file"
    if claim == 0:
        if _are_chunks(source, head.body, head.order):
            return 0, ""
        return available, "its header was never completed (0 bytes of data): read up to the end of the file"
    if claim > available:
        return available, f"cut short: its header promises {claim:,} bytes of samples, there are {available:,}"
    end = head.body + claim
    if source.size - end <= MAX_EXTRA_BYTES - head.body or _are_chunks(source, end, head.order):
        return claim, _junk(source, end, head.order)
    claimed = f"its header claims {claim:,} bytes of samples, and {available - claim:,} more follow"
    wrapped = claim + (available - claim) // WRAP * WRAP
    end = head.body + wrapped
    if wrapped > claim and (source.size - end <= MAX_EXTRA_BYTES - head.body or _are_chunks(source, end, head.order)):
        return wrapped, f"{claimed}: a 32-bit length that ran over, so {wrapped:,} are read"
    return available, f"{claimed}, which are no chunks: read up to the end of the file"


def _chunks(source: SourceFile, at: int, order: Literal["little", "big"]) -> Iterator[tuple[bytes, int, int]]:
    """Give name, offset of the body, and length of the chunks from a place on, as long as they look like chunks."""
    for _ in range(MAX_CHUNKS):
        header = source.up_to(at, 8)
        name, length = header[:4], int.from_bytes(header[4:], order)
        if len(header) < 8 or not (name.isascii() and name.decode().isprintable()) or at + 8 + length > source.size:
            return
        yield name, at + 8, length
        at = _next_chunk(source, at + 8 + length)


def _are_chunks(source: SourceFile, at: int, order: Literal["little", "big"]) -> bool:
    """Whether there is nothing but whole chunks from a place on, which may be padded to the next even one."""
    at = _next_chunk(source, at)
    for _, body, length in _chunks(source, at, order):
        at = _next_chunk(source, body + length)
    return at == source.size


def _junk(source: SourceFile, end: int, order: Literal["little", "big"]) -> str:
    """Say that what follows the data is something else than chunks, zeros and a padding byte."""
    rest = source.size - end
    if rest < 2 or _are_chunks(source, end, order) or not source.bytes_at(end, rest).strip(b"\0"):
        return ""
    return f"{rest:,} bytes after the samples are no chunks; they are kept as they are"


def _later_data(source: SourceFile, head: _Head) -> tuple[int, int, str] | None:
    """Return the data chunk that holds the samples behind an empty one, if nothing but chunks follows."""
    if not _are_chunks(source, head.body, head.order):
        return None
    for name, body, length in _chunks(source, head.body, head.order):
        if name == b"data" and length:
            return body, length, f"its first data chunk is empty: the samples are those of the one at byte {body - 8:,}"
    return None
