"""The header of a file: what all its chunks share, and what the user wants to keep beside the samples."""

from __future__ import annotations

import json
import math
import re
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final

import numpy as np

from n1codec import _core, frame
from n1codec.codec import Layout
from n1codec.container import limits
from n1codec.errors import CorruptError, ParameterError, SpecError, TruncatedError
from n1codec.spec import MAX_SPEC_LENGTH, parse

_ATTRIBUTES: Final = 1
_SIDECAR: Final = 2
_FIRST_OPTIONAL: Final = 128
"""Fields from here on may be passed over by a decoder that does not know them."""

_SIDECAR_NAME: Final = re.compile(r"\.[A-Za-z0-9]{1,15}")


@dataclass(frozen=True)
class Header:
    """The content of a header.

    Parameters
    ----------
    dtype : numpy.dtype
        Of the samples, byte order included.
    channels : int or None
        None if samples have the shape ``(n_samples,)``.
    group_channels : int
        Channels in a group; the last group may have fewer.
    rate : float
        Sampling rate of each channel in Hz.
    spec : str
        The pipeline of every block, without parameters that only an encoder uses.
    restore : bytes
        What gives the source file back (`n1codec.formats.restore`); empty if there was none.
    metadata : mapping
        Anything that JSON can say.
    channel_names : tuple of str
        One a channel, or empty.
    gains : tuple of float
        What one step of a sample is worth, one a channel, or empty.
    start_time : datetime, optional
        When the first sample was taken.
    sidecars : mapping of str to bytes
        Files beside the source, by the extension that takes the place of the source's.
    file_id : int
        32 bits that enter the CRC of everything else, so that no chunk of another file passes for one of this file.
    """

    dtype: np.dtype[Any]
    channels: int | None
    group_channels: int
    rate: float
    spec: str
    restore: bytes = b""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    channel_names: tuple[str, ...] = ()
    gains: tuple[float, ...] = ()
    start_time: datetime | None = None
    sidecars: Mapping[str, bytes] = field(default_factory=dict)
    file_id: int = 0

    @property
    def width(self) -> int:
        """Number of channels: 1 for one-dimensional samples."""
        return 1 if self.channels is None else self.channels

    @cached_property
    def groups(self) -> tuple[tuple[int, int], ...]:
        """First channel of each group and the one after its last."""
        step = self.group_channels
        return tuple((at, min(at + step, self.width)) for at in range(0, self.width, step))

    @cached_property
    def salt(self) -> int:
        """The CRC with which the CRCs of this file's parts begin."""
        return _core.crc32c(self.file_id.to_bytes(4, "little"))

    def layout(self, n_samples: int) -> Layout:
        """Return the layout of so many samples of all channels."""
        shape = (n_samples,) if self.channels is None else (n_samples, self.channels)
        return Layout(self.dtype.newbyteorder("="), shape)

    def block_layout(self, n_samples: int, group: int) -> Layout:
        """Return the layout of so many samples of one group."""
        if self.channels is None:
            return self.layout(n_samples)
        first, stop = self.groups[group]
        return Layout(self.dtype.newbyteorder("="), (n_samples, stop - first))

    def check(self) -> None:
        """Raise :class:`ParameterError` for what cannot be stored."""
        if not (type(self.rate) in (int, float) and 0 < self.rate < math.inf):
            raise ParameterError(f"rate must be a number of Hz above zero, not {self.rate!r}")
        if not 1 <= self.width <= frame.MAX_CHANNELS:
            raise ParameterError(f"channels must lie in 1..{frame.MAX_CHANNELS}, not {self.channels!r}")
        if not 1 <= self.group_channels <= self.width or -(-self.width // self.group_channels) > limits.MAX_GROUPS:
            raise ParameterError(f"{self.width} channels cannot be split into groups of {self.group_channels}")
        for name, values in (("channel_names", self.channel_names), ("gains", self.gains)):
            if values and len(values) != self.width:
                raise ParameterError(f"{len(values)} {name} for {self.width} channels")
        if len(self.restore) > limits.MAX_RESTORE_BYTES:
            raise ParameterError(f"{len(self.restore)} restore bytes are more than {limits.MAX_RESTORE_BYTES}")
        if len(self.sidecars) > limits.MAX_SIDECARS:
            raise ParameterError(f"{len(self.sidecars)} sidecars are more than {limits.MAX_SIDECARS}")
        for name, data in self.sidecars.items():
            if not _SIDECAR_NAME.fullmatch(name) or len(data) > limits.MAX_SIDECAR_BYTES:
                raise ParameterError(f"sidecar {name!r:.40} is no extension such as '.meta', or is too large")

    def to_bytes(self) -> bytes:
        """Return the header, magic and CRC included."""
        self.check()
        body = struct.pack("<IB", self.file_id, frame.dtype_code(self.dtype, 1 if self.channels is None else 2))
        if self.channels is not None:
            body += frame.varint(self.channels) + frame.varint(self.group_channels)
        if self.rate == int(self.rate) and self.rate < 1 << 32:
            body += frame.varint(int(self.rate))
        else:
            body += frame.varint(0) + struct.pack("<d", self.rate)
        body += _counted(self.spec.encode("ascii")) + _counted(self.restore)
        attributes = self._attributes()
        if attributes:
            body += bytes((_ATTRIBUTES,)) + _counted(_squeeze(attributes))
        for name, data in sorted(self.sidecars.items()):
            body += bytes((_SIDECAR,)) + _counted(_counted(name.encode("ascii")) + _squeeze(data))
        if len(body) > limits.MAX_HEADER_BYTES:
            raise ParameterError(f"a header of {len(body)} bytes is more than {limits.MAX_HEADER_BYTES}")
        head = limits.MAGIC + bytes((limits.VERSION,)) + _counted(body)
        return head + _core.crc32c(head).to_bytes(4, "little")

    def _attributes(self) -> bytes:
        content: dict[str, Any] = {
            "metadata": dict(self.metadata),
            "channel_names": list(self.channel_names),
            "gains": list(self.gains),
            "start_time": self.start_time.isoformat() if self.start_time else None,
        }
        content = {key: value for key, value in content.items() if value}
        if not content:
            return b""
        try:
            text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")
        except (TypeError, ValueError, RecursionError) as error:
            raise ParameterError(f"metadata must be what JSON can say: {error}") from None
        if len(text) > limits.MAX_ATTRIBUTES_BYTES:
            raise ParameterError(f"{len(text)} bytes of metadata are more than {limits.MAX_ATTRIBUTES_BYTES}")
        return text


def header_bytes(start: bytes) -> int:
    """Return how long the header is that begins with these bytes (16 of them, or the whole file).

    Raises
    ------
    TruncatedError, CorruptError
        If none begins there.
    """
    if start[:4] != limits.MAGIC[: len(start)]:
        raise CorruptError("not a .n1c file: wrong magic", 0)
    if len(start) < 5:
        raise TruncatedError("header is cut short", len(start))
    if start[4] != limits.VERSION:
        raise CorruptError(f"version {start[4]} of .n1c is not supported (this build reads {limits.VERSION})", 4)
    length, at = frame.read_varint(start, 5, limits.MAX_HEADER_BYTES, "header")
    return at + length + 4


def parse_header(data: bytes) -> Header:
    """Return the content of a whole header.

    Raises
    ------
    TruncatedError, CorruptError
        If it is damaged, or says what no header may say.
    """
    size = header_bytes(data[:16])
    if len(data) < size:
        raise TruncatedError(f"header of {size} bytes is cut short", len(data))
    if len(data) > size:
        raise CorruptError(f"{len(data) - size} bytes follow the header", size)
    if _core.crc32c(memoryview(data)[:-4]) != int.from_bytes(data[-4:], "little"):
        raise CorruptError("CRC mismatch: the header is damaged")
    _, at = frame.read_varint(data, 5, limits.MAX_HEADER_BYTES, "header")
    header = _parse_body(_Cursor(data, at, size - 4))
    try:
        header.check()
        parse(header.spec)
    except (ParameterError, SpecError) as error:
        raise CorruptError(f"header: {error}") from None
    return header


class _Cursor:
    """Reads a header's body from its start to its end."""

    def __init__(self, data: bytes, at: int, end: int) -> None:
        self._data = data[:end]
        self._at = at

    def __bool__(self) -> bool:
        return self._at < len(self._data)

    def varint(self, limit: int, what: str) -> int:
        value, self._at = frame.read_varint(self._data, self._at, limit, what)
        return value

    def take(self, length: int) -> bytes:
        if length > len(self._data) - self._at:
            raise TruncatedError("header is cut short", self._at)
        self._at += length
        return self._data[self._at - length : self._at]

    def counted(self, limit: int, what: str) -> bytes:
        return self.take(self.varint(limit, what))

    def rest(self) -> bytes:
        return self.take(len(self._data) - self._at)


def _parse_body(body: _Cursor) -> Header:
    file_id, code = struct.unpack("<IB", body.take(5))
    two_dimensional = bool(code & frame.TWO_DIMENSIONAL)
    dtype = frame.dtype_of(code & ~frame.TWO_DIMENSIONAL)
    channels = body.varint(frame.MAX_CHANNELS, "channels") if two_dimensional else None
    group = body.varint(frame.MAX_CHANNELS, "group of channels") if two_dimensional else 1
    rate = float(body.varint((1 << 32) - 1, "rate")) or float(struct.unpack("<d", body.take(8))[0])
    spec = body.counted(MAX_SPEC_LENGTH, "specification")
    restore = body.counted(limits.MAX_RESTORE_BYTES, "restore bytes")
    attributes: dict[str, Any] | None = None
    sidecars: dict[str, bytes] = {}
    while body:
        (key,) = body.take(1)
        content = body.counted(limits.MAX_HEADER_BYTES, "field")
        if key == _ATTRIBUTES and attributes is None:
            attributes = _parse_json(_expand(content, limits.MAX_ATTRIBUTES_BYTES))
        elif key == _SIDECAR and len(sidecars) < limits.MAX_SIDECARS:
            inner = _Cursor(content, 0, len(content))
            name = inner.counted(16, "sidecar name").decode("ascii", errors="replace")
            if name in sidecars:
                raise CorruptError(f"sidecar {name!r} is there twice")
            sidecars[name] = _expand(inner.rest(), limits.MAX_SIDECAR_BYTES)
        elif key < _FIRST_OPTIONAL:
            raise CorruptError(f"header has an unknown or repeated field {key}")
    return Header(
        dtype=dtype,
        channels=channels,
        group_channels=group,
        rate=rate,
        spec=spec.decode("ascii", errors="replace"),
        restore=restore,
        sidecars=sidecars,
        file_id=file_id,
        **_attributes(attributes or {}),
    )


def _attributes(content: dict[str, Any]) -> dict[str, Any]:
    """Check the types of what the attributes say; what they say beyond the known keys is passed over."""
    metadata, names = content.get("metadata", {}), content.get("channel_names", [])
    gains, start_time = content.get("gains", []), content.get("start_time")
    right = isinstance(metadata, dict) and isinstance(names, list) and isinstance(gains, list)
    if not right or not all(isinstance(name, str) for name in names):
        raise CorruptError("header attributes are of the wrong types")
    if not all(type(gain) in (int, float) and abs(gain) < math.inf for gain in gains):
        raise CorruptError("header attributes are of the wrong types")
    try:
        time = None if start_time is None else datetime.fromisoformat(start_time)
        floats = tuple(map(float, gains))
    except (TypeError, ValueError, OverflowError):
        raise CorruptError("header attributes hold an impossible time or gain") from None
    return {"metadata": metadata, "channel_names": tuple(names), "gains": floats, "start_time": time}


def _parse_json(text: bytes) -> dict[str, Any]:
    try:
        content = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError):
        raise CorruptError("header attributes are not JSON") from None
    if not isinstance(content, dict):
        raise CorruptError("header attributes are no JSON object")
    return content


def _counted(data: bytes) -> bytes:
    return frame.varint(len(data)) + data


def _squeeze(data: bytes) -> bytes:
    """Return the length and the data: as they are, or as a zlib stream where that is shorter."""
    packed = zlib.compress(data, 9)
    return frame.varint(len(data)) + min(data, packed, key=len)


def _expand(data: bytes, limit: int) -> bytes:
    length, at = frame.read_varint(data, 0, limit, "packed bytes")
    stored = data[at:]
    if len(stored) == length:
        return stored
    unpacker = zlib.decompressobj()
    try:
        content = unpacker.decompress(stored, length + 1)
    except zlib.error as error:
        raise CorruptError(f"header: packed bytes cannot be decompressed: {error}") from None
    if len(content) != length or not unpacker.eof or unpacker.unused_data:
        raise CorruptError("header: packed bytes decompress to something else than announced")
    return content
