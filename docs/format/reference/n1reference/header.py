"""The header of a ``.n1c`` file (docs/FORMAT.md, "Header")."""

from __future__ import annotations

import math
import re
import struct
from dataclasses import dataclass
from typing import Final

from n1reference.attributes import MAX_BYTES, check
from n1reference.checks import crc32c, xxh64
from n1reference.envelope import MAX_CHANNELS, read_dtype
from n1reference.errors import CorruptError
from n1reference.n1.known import give
from n1reference.numbers import Cursor
from n1reference.packed import expand
from n1reference.pipeline import MAX_LENGTH, Stage, parse
from n1reference.samples import Dtype, Layout

MAGIC: Final = b"\x89N1C"
VERSION: Final = 0
MAX_BODY: Final = 1 << 26
MAX_SIDECAR: Final = 1 << 24
MAX_SIDECARS: Final = 16
MAX_RESTORE: Final = (1 << 24) + 64
MAX_BUNDLES: Final = 1 << 12
ATTRIBUTES: Final = 1
SIDECAR: Final = 2
SEGMENTS: Final = 3
MAX_SEGMENTS: Final = 1 << 16
MAX_SAMPLES: Final = 1 << 48
WIDTHS: Final = 4
MAX_WIDTHS: Final = 1 << 20
DOUBTS: Final = 5
MOST_DOUBTS: Final = 7
FIRST_OPTIONAL: Final = 128
LEAST_RATE: Final = 1e-9
MOST_RATE: Final = 1e12

_SIDECAR_NAME: Final = re.compile(rb"\.[A-Za-z0-9]{1,15}")


@dataclass(frozen=True)
class Header:
    """What a file says of all its chunks.

    Parameters
    ----------
    data : bytes
        The whole header.
    file_id : bytes
        What the checksums of the file's parts begin with.
    order : str
        Byte order of the array.
    channels : int or None
        None if samples have one dimension.
    bundle : int
        Channels of a bundle.
    """

    data: bytes
    file_id: bytes
    dtype: Dtype
    order: str
    channels: int | None
    bundle: int
    stages: list[Stage]
    restore_bytes: bytes
    doubts: int

    def key(self, continuation: int) -> int:
        """Return what the CRCs of a continuation's parts go on from: of heads the lower half, of blocks the upper half."""
        return xxh64(self.file_id, continuation)

    @property
    def width(self) -> int:
        """Number of channels."""
        return self.channels or 1

    @property
    def bundles(self) -> list[int]:
        """Channels of each bundle."""
        return [min(self.bundle, self.width - first) for first in range(0, self.width, self.bundle)]

    def layout(self, n_samples: int, channels: int) -> Layout:
        """Return the layout of samples of some channels."""
        return Layout(self.dtype, (n_samples,) if self.channels is None else (n_samples, channels))


def unpack_bytes(data: bytes, limit: int) -> bytes:
    """Return packed bytes."""
    cursor = Cursor(data, "packed bytes")
    length = cursor.varint(limit)
    return expand(cursor.rest(), length)


def read_header(data: bytes) -> Header:
    """Return the header with which the data begins."""
    cursor = Cursor(data, "header")
    if cursor.take(4) != MAGIC:
        raise CorruptError("no .n1c file: wrong magic", 0)
    version = cursor.number(1)
    if version != VERSION:
        raise CorruptError(f"files of version {version} are not known", 4)
    body = cursor.counted(MAX_BODY)
    end = cursor.at
    if crc32c(data[:end]) != cursor.number(4):
        raise CorruptError("the CRC is wrong: the header is damaged", end)
    return _read_body(Cursor(body, "header"), data[: end + 4])


def _read_body(body: Cursor, data: bytes) -> Header:
    file_id = body.take(8)
    dtype, order, two_dimensional = read_dtype(body.number(1))
    channels, bundle = None, 1
    if two_dimensional:
        channels, bundle = body.varint(MAX_CHANNELS), body.varint(MAX_CHANNELS)
        if not 1 <= bundle <= channels or -(-channels // bundle) > MAX_BUNDLES:
            raise CorruptError(f"{channels} channels in bundles of {bundle}")
    rate = body.varint((1 << 32) - 1) or struct.unpack("<d", body.take(8))[0]
    if not LEAST_RATE <= rate <= MOST_RATE:
        raise CorruptError(f"a sampling rate of {rate}")
    spec = body.counted(MAX_LENGTH)
    restore_bytes = body.counted(MAX_RESTORE)
    doubts = _read_fields(body, channels or 1)
    return Header(data, file_id, dtype, order, channels, bundle, parse(spec), restore_bytes, doubts)


def _read_fields(body: Cursor, channels: int) -> int:
    """Check the fields; return the doubts."""
    seen: set[int] = set()
    sidecars: dict[bytes, int] = {}
    doubts = 0
    while body.left:
        key = body.number(1)
        content = body.counted(MAX_BODY)
        if key == SIDECAR and len(sidecars) < MAX_SIDECARS:
            name, size = _read_sidecar(content, MAX_SIDECAR - sum(sidecars.values()))
            if name in sidecars:
                raise CorruptError(f"a sidecar is there twice: {name!r}")
            sidecars[name] = size
        elif key == SEGMENTS and key not in seen:
            check_segments(Cursor(content, "segments"))
        elif key == WIDTHS and key not in seen and 0 < len(content) <= MAX_WIDTHS:
            give(content)
        elif key == ATTRIBUTES and key not in seen:
            check(unpack_bytes(content, MAX_BYTES), channels)
        elif key == DOUBTS and key not in seen and len(content) == 1 and content[0] in range(1, MOST_DOUBTS + 1):
            doubts = content[0]
        elif key < FIRST_OPTIONAL:
            raise CorruptError(f"a field {key} that is not known, or there twice")
        seen.add(key)
    return doubts


def check_segments(content: Cursor) -> None:
    """Raise for segments that make no sense; their samples follow each other in the file."""
    count, total = content.varint(MAX_SEGMENTS), 0
    for _ in range(count):
        total += content.varint(MAX_SAMPLES)
        flags = content.number(1)
        if flags > 3:
            raise CorruptError(f"a segment has the flags {flags}")
        if flags & 1 and not math.isfinite(struct.unpack("<d", content.take(8))[0]):
            raise CorruptError("a segment begins at no finite time")
        if flags & 2 and not content.counted(MAX_BODY):
            raise CorruptError("a segment has no times, and says that it has")
    content.end()
    if not count or total > MAX_SAMPLES:
        raise CorruptError("no segments, or too long ones")


def _read_sidecar(content: bytes, most: int) -> tuple[bytes, int]:
    """Return the name and the size of a sidecar of at most so many bytes."""
    inner = Cursor(content, "sidecar")
    name = inner.counted(16)
    if not _SIDECAR_NAME.fullmatch(name):
        raise CorruptError(f"no name of a sidecar: {name!r}")
    return name, len(unpack_bytes(inner.rest(), most))
