"""What the payloads of the entropy coders have in common (docs/format/entropy.md, "Payload")."""

from __future__ import annotations

from typing import Final

from n1reference.errors import CorruptError, TruncatedError
from n1reference.samples import Layout, from_bytes

STORED: Final = 0
CODED: Final = 1
MAX_VALUES: Final = 1 << 30


def form(payload: bytes, layout: Layout) -> int:
    """Return the first byte, which says how the samples are coded."""
    if layout.size > MAX_VALUES:
        raise CorruptError("more values than one payload holds")
    if not payload:
        raise TruncatedError("a payload without its first byte")
    return payload[0]


def stored(payload: bytes, layout: Layout) -> list[int]:
    """Return samples that are stored as they are behind the first byte."""
    if len(payload) != 1 + layout.n_bytes:
        raise TruncatedError(f"a stored payload of {len(payload)} bytes instead of {1 + layout.n_bytes}")
    return from_bytes(payload[1:], layout.dtype)
