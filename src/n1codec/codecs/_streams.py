"""Several byte strings in one payload, and the end of one."""

from __future__ import annotations

from collections.abc import Sequence

from n1codec.errors import CorruptError, TruncatedError


def pack_number(number: int) -> bytes:
    """Return an unsigned LEB128 number."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def unpack_number(payload: bytes, at: int) -> tuple[int, int]:
    """Return the LEB128 number at a place, at most six bytes long, and the place after it.

    Raises
    ------
    TruncatedError
        If the payload ends early.
    """
    number = shift = 0
    while True:
        if at >= len(payload) or shift > 35:
            raise TruncatedError("payload ends within a number", at)
        byte = payload[at]
        at += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return number, at


def pack_streams(streams: Sequence[bytes]) -> bytes:
    """Join streams, each after its length as an unsigned LEB128 number."""
    return b"".join(pack_number(len(stream)) + stream for stream in streams)


def unpack_streams(payload: bytes, count: int) -> list[bytes]:
    """Undo `pack_streams` for exactly `count` streams that fill the payload.

    Raises
    ------
    TruncatedError
        If the payload ends early.
    CorruptError
        If bytes follow the last stream.
    """
    streams: list[bytes] = []
    at = 0
    for _ in range(count):
        length, at = unpack_number(payload, at)
        if length > len(payload) - at:
            raise TruncatedError(f"stream of {length} bytes is cut short", len(payload))
        streams.append(payload[at : at + length])
        at += length
    if at != len(payload):
        raise CorruptError(f"{len(payload) - at} bytes follow the last stream", at)
    return streams


def check_end(name: str, *, ended: bool, bytes_follow: bool) -> None:
    """Raise unless a compressed stream came to its end where the payload does."""
    if not ended:
        raise TruncatedError(f"{name}: the compressed stream is cut short")
    if bytes_follow:
        raise CorruptError(f"{name}: bytes follow the compressed stream")
