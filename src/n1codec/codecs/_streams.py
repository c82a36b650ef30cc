"""Several byte strings in one payload, and the end of one."""

from __future__ import annotations

from collections.abc import Sequence

from n1codec import _core, varint
from n1codec.errors import CorruptError, TruncatedError


def pack_streams(streams: Sequence[bytes]) -> bytes:
    """Join streams, each after its length as a varint."""
    return _core.counted_pack(streams)


def unpack_streams(payload: bytes, count: int) -> list[bytes]:
    """Undo `pack_streams` for exactly `count` streams that fill the payload.

    Raises
    ------
    TruncatedError
        If the payload ends early.
    CorruptError
        If bytes follow the last stream, or a length is not in its shortest form.
    """
    streams: list[bytes] = []
    at = 0
    for _ in range(count):
        length, at = varint.unpack(payload, at, varint.LIMIT, "length of a stream")
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
