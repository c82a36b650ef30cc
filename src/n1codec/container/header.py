"""The header of a file: what all its chunks share, and what the user wants to keep beside the samples."""

from __future__ import annotations

import contextlib
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Final

import numpy as np

from n1codec import _core, arguments, envelope, pipeline, varint
from n1codec.codec import Layout
from n1codec.container import attributes, limits
from n1codec.container import segments as stretches
from n1codec.container.fields import Cursor, counted, expand, squeeze
from n1codec.errors import CorruptError, MissingDependencyError, ParameterError, SpecError, TruncatedError
from n1codec.spec import MAX_SPEC_LENGTH, parse

_ATTRIBUTES: Final = 1
_SIDECAR: Final = 2
_SEGMENTS: Final = 3
_DOUBTS: Final = 5
_WIDTHS: Final = 4
_FIRST_OPTIONAL: Final = 128
"""Fields from here on may be passed over by a decoder that does not know them."""

DOUBTS: Final = (
    "its chunks do not agree with the hash of the recording that they were recovered from",
    "it was recovered from a file with different chunks for the same samples",
    "it was recovered from a file whose end is not known: its source cannot be given back",
)
"""What `recover` could not settle, from the lowest bit of the header's doubts on."""
MAX_CRC: Final = (1 << 32) - 1
DOUBTFUL_HASH: Final = 1
DOUBTFUL_CHUNKS: Final = 2
DOUBTFUL_END: Final = 4

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
    bundle_channels : int
        Channels in a bundle; the last bundle may have fewer.
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
    gains, offsets : tuple of float
        What one step of a sample is worth and what a sample of zero stands for, one a channel, or empty.
    start_time : datetime, optional
        When the first sample was taken.
    sidecars : mapping of str to bytes
        Files beside the source, by the extension that takes the place of the source's.
    file_id : int
        64 bits that enter the CRC of everything else, so that no chunk of another file passes for one of this file.
    segments : tuple of Segment
        Stretches that do not follow each other in time; empty if all samples do, and nothing is known of their times.
    doubts : int
        What `recover` could not settle: the bits of `DOUBTS`.
    widths : bytes
        Code widths that blocks are coded with, of which they then hold no copies (`n1codec.learn_widths`).
    """

    dtype: np.dtype[Any]
    channels: int | None
    bundle_channels: int
    rate: float
    spec: str
    restore: bytes = b""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    channel_names: tuple[str, ...] = ()
    gains: tuple[float, ...] = ()
    offsets: tuple[float, ...] = ()
    start_time: datetime | None = None
    sidecars: Mapping[str, bytes] = field(default_factory=dict)
    file_id: int = 0
    segments: tuple[stretches.Segment, ...] = ()
    doubts: int = 0
    widths: bytes = b""

    @property
    def width(self) -> int:
        """Number of channels: 1 for one-dimensional samples."""
        return 1 if self.channels is None else self.channels

    @cached_property
    def bundles(self) -> tuple[tuple[int, int], ...]:
        """First channel of each bundle and the one after its last."""
        step = self.bundle_channels
        return tuple((at, min(at + step, self.width)) for at in range(0, self.width, step))

    @cached_property
    def salt(self) -> int:
        """What the CRC of the index begins with, and those of the heads of chunks but for continued ones."""
        return self.key(0) & MAX_CRC

    def key(self, continuation: int) -> int:
        """Return what tells chunks of a continuation of this file from all others.

        The lower half begins the CRCs of their heads, the upper half those of their blocks. Of one continuation, no two ids
        have the same key, and of one id no two continuations.
        """
        return _core.xxh64(self.file_id.to_bytes(8, "little"), continuation)

    def layout(self, n_samples: int) -> Layout:
        """Return the layout of so many samples of all channels."""
        shape = (n_samples,) if self.channels is None else (n_samples, self.channels)
        return Layout(self.dtype.newbyteorder("="), shape)

    def block_layout(self, n_samples: int, bundle: int) -> Layout:
        """Return the layout of so many samples of one bundle."""
        if self.channels is None:
            return self.layout(n_samples)
        first, stop = self.bundles[bundle]
        return Layout(self.dtype.newbyteorder("="), (n_samples, stop - first))

    def check(self) -> None:
        """Raise :class:`ParameterError` for what cannot be stored."""
        if not limits.MIN_RATE <= arguments.rate(self.rate) <= limits.MAX_RATE:
            raise ParameterError(f"rate must be a number of Hz above zero, not {self.rate!r}")
        if not 1 <= self.width <= envelope.MAX_CHANNELS:
            raise ParameterError(f"channels must lie in 1..{envelope.MAX_CHANNELS}, not {self.channels!r}")
        if not 1 <= self.bundle_channels <= self.width or -(-self.width // self.bundle_channels) > limits.MAX_BUNDLES:
            raise ParameterError(f"{self.width} channels cannot be split into bundles of {self.bundle_channels}")
        if not 0 <= self.file_id < 1 << 64:
            raise ParameterError(f"file_id must have 64 bits, not {self.file_id!r}")
        for name in ("channel_names", "gains", "offsets"):
            values = getattr(self, name)
            if values and len(values) != self.width:
                raise ParameterError(f"{len(values)} {name} for {self.width} channels")
        if len(self.restore) > limits.MAX_RESTORE_BYTES:
            raise ParameterError(f"{len(self.restore)} restore bytes are more than {limits.MAX_RESTORE_BYTES}")
        if len(self.widths) > limits.MAX_WIDTHS_BYTES:
            raise ParameterError(f"{len(self.widths)} bytes of code widths are more than {limits.MAX_WIDTHS_BYTES}")
        if len(self.sidecars) > limits.MAX_SIDECARS:
            raise ParameterError(f"{len(self.sidecars)} sidecars are more than {limits.MAX_SIDECARS}")
        for name in self.sidecars:
            if not _SIDECAR_NAME.fullmatch(name):
                raise ParameterError(f"sidecar {name!r:.40} is no extension such as '.meta'")
        if sum(map(len, self.sidecars.values())) > limits.MAX_SIDECAR_BYTES:
            raise ParameterError(f"sidecars of more than {limits.MAX_SIDECAR_BYTES} bytes")

    def to_bytes(self) -> bytes:
        """Return the header, magic and CRC included."""
        self.check()
        body = struct.pack("<QB", self.file_id, envelope.dtype_code(self.dtype, 1 if self.channels is None else 2))
        if self.channels is not None:
            body += varint.pack(self.channels) + varint.pack(self.bundle_channels)
        if self.rate == int(self.rate) and self.rate < 1 << 32:
            body += varint.pack(int(self.rate))
        else:
            body += varint.pack(0) + struct.pack("<d", self.rate)
        body += counted(self.spec.encode("ascii")) + counted(self.restore)
        text = attributes.pack_attributes(
            {
                "metadata": dict(self.metadata),
                "channel_names": list(self.channel_names),
                "gains": list(self.gains),
                "offsets": list(self.offsets),
                "start_time": self.start_time.isoformat() if self.start_time else None,
            }
        )
        if text:
            body += bytes((_ATTRIBUTES,)) + counted(squeeze(text))
        for name, data in sorted(self.sidecars.items()):
            body += bytes((_SIDECAR,)) + counted(counted(name.encode("ascii")) + squeeze(data))
        if self.segments:
            body += bytes((_SEGMENTS,)) + counted(stretches.pack(self.segments))
        if self.widths:
            body += bytes((_WIDTHS,)) + counted(self.widths)
        if self.doubts:
            body += bytes((_DOUBTS, 1, self.doubts))
        if len(body) > limits.MAX_HEADER_BYTES:
            raise ParameterError(f"a header of {len(body)} bytes is more than {limits.MAX_HEADER_BYTES}")
        head = limits.MAGIC + bytes((limits.VERSION,)) + counted(body)
        return head + _core.crc32c(head).to_bytes(4, "little")


def settled(header: Header) -> tuple[Header, bytes]:
    """Return a header as every reader will see it, and its bytes.

    Raises
    ------
    ParameterError
        If it holds what cannot be stored, or what would not come back as it is: found by reading what would be written.
    """
    header = replace(
        header,
        bundle_channels=arguments.integer("bundle_channels", header.bundle_channels, 1, envelope.MAX_CHANNELS),
        rate=arguments.rate(header.rate),
        metadata=attributes.plain(arguments.mapping("metadata", header.metadata)),
        channel_names=attributes.names(header.channel_names),
        gains=attributes.numbers("gains", header.gains),
        offsets=attributes.numbers("offsets", header.offsets),
        start_time=attributes.moment(header.start_time),
        restore=arguments.data("restore", header.restore),
        widths=arguments.data("widths", header.widths),
        sidecars={
            arguments.text("the name of a sidecar", name): arguments.data(f"sidecar {name}", data)
            for name, data in arguments.mapping("sidecars", header.sidecars).items()
        },
        segments=stretches.checked(header.segments),
        file_id=arguments.integer("file_id", header.file_id, 0, (1 << 64) - 1),
    )
    data = header.to_bytes()
    try:
        again = parse_header(data)
    except CorruptError as error:
        raise ParameterError(f"no reader would take this: {error.reason}") from None
    for each in fields(Header):
        if getattr(again, each.name) != getattr(header, each.name):
            raise ParameterError(
                f"{each.name} would not come back as it is: {arguments.show(getattr(header, each.name))}"
            )
    return again, data


def with_doubts(header: Header, data: bytes, doubts: int) -> tuple[Header, bytes]:
    """Return a header, and its bytes, that says what could not be settled; as it is if there is nothing new."""
    if doubts == header.doubts:
        return header, data
    header = replace(header, doubts=doubts)
    try:
        return header, header.to_bytes()
    except ParameterError as error:
        raise CorruptError(f"the header cannot be written again: {error}") from None


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
    length, at = varint.unpack(start, 5, limits.MAX_HEADER_BYTES, "header")
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
    _, at = varint.unpack(data, 5, limits.MAX_HEADER_BYTES, "header")
    header = _parse_body(Cursor(data, at, size - 4))
    try:
        header.check()
        parse(header.spec)
    except (ParameterError, SpecError) as error:
        raise CorruptError(f"header: {error}") from None
    _check_types(header)
    return header


def _checked_widths(content: bytes) -> bytes:
    """Return code widths, or raise :class:`CorruptError` if they are none."""
    try:
        _core.n1_check_tables(content)
    except ValueError as error:
        raise CorruptError(f"header: code widths: {error}") from None
    return bytes(content)


def _check_types(header: Header) -> None:
    """Raise :class:`CorruptError` if the file's codec is known, and is not one for its samples."""
    if arguments.is_plain(header.dtype):
        return
    with contextlib.suppress(SpecError, ParameterError, MissingDependencyError):  # who reads samples is told
        if not pipeline.get(header.spec).takes(header.dtype):
            raise CorruptError(f"header: {header.spec} is no codec for samples of type {header.dtype.name}")


def _parse_body(body: Cursor) -> Header:
    file_id, code = struct.unpack("<QB", body.take(9))
    two_dimensional = bool(code & envelope.TWO_DIMENSIONAL)
    dtype = envelope.dtype_of(code & ~envelope.TWO_DIMENSIONAL)
    channels = body.varint(envelope.MAX_CHANNELS, "channels") if two_dimensional else None
    bundle = body.varint(envelope.MAX_CHANNELS, "bundle of channels") if two_dimensional else 1
    rate = float(body.varint((1 << 32) - 1, "rate")) or float(struct.unpack("<d", body.take(8))[0])
    spec = body.counted(MAX_SPEC_LENGTH, "specification")
    restore = body.counted(limits.MAX_RESTORE_BYTES, "restore bytes")
    known: dict[str, Any] | None = None
    doubts, widths = 0, b""
    parts: tuple[stretches.Segment, ...] = ()
    sidecars: dict[str, bytes] = {}
    while body:
        (key,) = body.take(1)
        content = body.counted(limits.MAX_HEADER_BYTES, "field")
        if key == _ATTRIBUTES and known is None:
            known = attributes.parse_attributes(expand(content, limits.MAX_ATTRIBUTES_BYTES))
        elif key == _SIDECAR and len(sidecars) < limits.MAX_SIDECARS:
            inner = Cursor(content, 0, len(content))
            name = inner.counted(16, "sidecar name").decode("ascii", errors="replace")
            if name in sidecars:
                raise CorruptError(f"sidecar {name!r} is there twice")
            sidecars[name] = expand(inner.rest(), limits.MAX_SIDECAR_BYTES - sum(map(len, sidecars.values())))
        elif key == _SEGMENTS and not parts:
            parts = stretches.parse(content)
        elif key == _DOUBTS and not doubts and len(content) == 1 and 0 < content[0] < 1 << len(DOUBTS):
            doubts = content[0]
        elif key == _WIDTHS and not widths and 0 < len(content) <= limits.MAX_WIDTHS_BYTES:
            widths = _checked_widths(content)
        elif key < _FIRST_OPTIONAL:
            raise CorruptError(f"header has an unknown or repeated field {key}")
    return Header(
        dtype=dtype,
        channels=channels,
        bundle_channels=bundle,
        rate=rate,
        spec=spec.decode("ascii", errors="replace"),
        restore=restore,
        sidecars=sidecars,
        file_id=file_id,
        segments=parts,
        doubts=doubts,
        widths=widths,
        **(known or {}),
    )
