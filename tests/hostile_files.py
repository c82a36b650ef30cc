"""Files that are right in every CRC and wrong in what they say: one field at a time, and floods of what costs a reader most."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from n1codec import _core, envelope
from n1codec.container import limits
from n1codec.container.header import MAX_CRC, Header
from n1codec.container.record import encode_block
from n1codec.pipeline import get

EXTREMES: Final = (
    0,
    1,
    2,
    3,
    11,
    12,
    127,
    128,
    255,
    2**16,
    2**22,
    2**24,
    2**26,
    2**28,
    2**31,
    2**32,
    2**48,
    2**63,
    2**64,
)
FLOOD_BYTES: Final = int(os.environ.get("N1CODEC_FLOOD", 1 << 17))
"""For a longer campaign: 1048576."""


def varint(value: int) -> bytes:
    """Return an integer, whatever a reader says to it."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes((value,))


def key_of(file_id: int) -> int:
    """Return what the CRCs of a file's parts begin with."""
    return _core.xxh64(file_id.to_bytes(8, "little"), 0)


def sealed(data: bytes, salt: int = 0) -> bytes:
    return data + _core.crc32c(data, salt).to_bytes(4, "little")


@dataclass
class Chunk:
    start: int
    n_samples: int
    blocks: list[bytes]
    """Side information, payload and hash; the CRC is put behind."""
    lengths: dict[int, int] = field(default_factory=dict)
    """What the chunk says of the length of a block, where that is not right."""

    def pack(self, key: int) -> bytes:
        blocks = []
        for bundle, block in enumerate(self.blocks):
            place = _core.crc32c(struct.pack("<QI", self.start % 2**64, bundle), key >> 32)
            blocks.append(sealed(block, place) if block else b"")
        lengths = [self.lengths.get(bundle, len(block)) for bundle, block in enumerate(blocks)]
        head = limits.SYNC + varint(self.start) + varint(2 * self.n_samples) + b"".join(map(varint, lengths))
        return sealed(head, key & MAX_CRC) + b"".join(blocks)


@dataclass
class Whole:
    """All that a file says; every number may be anything."""

    fields: dict[str, bytes]
    chunks: list[Chunk]
    index: dict[str, Any] = field(default_factory=dict)
    """What the index says where that is not right: ``entries``, ``copy``, ``count``, ``end_gap``, ``length``."""
    file_id: int = 77

    def header(self) -> bytes:
        body = self.file_id.to_bytes(8, "little") + b"".join(self.fields.values())
        return sealed(limits.MAGIC + bytes((limits.VERSION,)) + varint(len(body)) + body)

    def pack(self) -> bytes:
        key = key_of(self.file_id)
        header, chunks = self.header(), [chunk.pack(key) for chunk in self.chunks]
        state, at, entries, bundles = _core.xxh64(header), 0, [], len(self.chunks[0].blocks) if self.chunks else 0
        for chunk, data in zip(self.chunks, chunks, strict=True):
            hashes = [int.from_bytes(block[-8:], "little") for block in chunk.blocks]
            numbers = (chunk.start % 2**64, chunk.n_samples % 2**64, *hashes)
            state = _core.xxh64(struct.pack(f"<{2 + bundles}Q", *numbers), state)
            entries.append([4 * chunk.n_samples + (chunk.start > at), chunk.start - at, len(data)])
            at = chunk.start + chunk.n_samples
        said = self.index.get("entries", entries)
        copy = self.index.get("copy", b"")
        out = bytes((limits.INDEX_MARK,)) + varint(len(copy)) + copy + varint(self.index.get("count", len(said)))
        for number, gap, length in said:
            out += varint(number) + (varint(gap) if number & 1 else b"") + varint(length)
        total = _core.xxh64(struct.pack("<Q", at % 2**64), state)
        out = sealed(out + varint(self.index.get("end_gap", 0)) + total.to_bytes(8, "little"), key & MAX_CRC)
        said_length: int = self.index.get("length", len(out))
        return header + b"".join(chunks) + out + said_length.to_bytes(4, "little") + limits.END_MAGIC


def header_fields(header: Header) -> dict[str, bytes]:
    """Return the parts of a body that follow the id."""
    return {
        "dtype": bytes((envelope.dtype_code(header.dtype, 2),)),
        "channels": varint(header.width),
        "bundle": varint(header.bundle_channels),
        "rate": varint(1000),
        "spec": varint(len(header.spec)) + header.spec.encode(),
        "restore": varint(len(header.restore)) + header.restore,
        "more": b"",
    }


def valid(n_chunks: int = 3, frames: int = 10, channels: int = 3, bundle: int = 2, spec: str = "delta+store") -> Whole:
    header = Header(np.dtype("<i2"), channels, bundle, 1000.0, spec, file_id=77)
    samples = np.arange(frames * channels, dtype="<i2").reshape(frames, channels)
    parts = [samples[:, first:stop] for first, stop in header.bundles]
    blocks = [encode_block(header, get(spec), 0, 0, part)[0][:-4] for part in parts]
    return Whole(header_fields(header), [Chunk(frames * at, frames, list(blocks)) for at in range(n_chunks)])


def attributes(text: bytes) -> bytes:
    packed: bytes = varint(len(text)) + min(text, zlib.compress(text, 9), key=len)
    return b"\x01" + varint(len(packed)) + packed


def field_by_field() -> Iterator[tuple[str, bytes]]:
    """Give files in which one number is an extreme one."""
    for value in EXTREMES:
        for name in ("channels", "bundle", "rate", "spec", "restore"):
            whole = valid()
            whole.fields[name] = varint(value)
            yield f"header {name} {value}", whole.pack()
        for key in (1, 2, 3, 4, 5, 127, 128, 255):
            whole = valid()
            whole.fields["more"] = bytes((key,)) + varint(value)
            yield f"header field {key} {value}", whole.pack()
        for at in (0, 1, 2):
            for name in ("start", "n_samples"):
                whole = valid()
                setattr(whole.chunks[at], name, value)
                yield f"chunk {at} {name} {value}", whole.pack()
                whole.index["entries"] = [[40, 0, len(chunk.pack(0))] for chunk in valid().chunks]
                yield f"chunk {at} {name} {value}, index as before", whole.pack()
            whole = valid()
            whole.chunks[at].lengths[1] = value
            yield f"chunk {at} block {value}", whole.pack()
            for part in range(3):
                whole = valid()
                entries = [[40, 0, len(chunk.pack(0))] for chunk in whole.chunks]
                entries[at][0] |= part == 1
                entries[at][part] = value
                whole.index["entries"] = entries
                yield f"index {at} part {part} {value}", whole.pack()
                yield f"index {at} part {part} {value}, no header", whole.pack().replace(limits.MAGIC, b"XXXX", 1)
        for name in ("count", "end_gap"):
            yield f"index {name} {value}", Whole(valid().fields, valid().chunks, {name: value}).pack()
        if value < 2**32:
            yield f"index length {value}", Whole(valid().fields, valid().chunks, {"length": value}).pack()
    for number, payload in enumerate((b"", bytes(12), b"\xff" * 40, varint(2**40), varint(2**26) + bytes(30))):
        whole = valid()
        whole.chunks[1].blocks[0] = payload
        yield f"payload {number}", whole.pack()
    yield "another header's copy", Whole(valid().fields, valid().chunks, {"copy": valid(channels=4).header()}).pack()
    for code in range(256):
        whole = valid()
        whole.fields["dtype"] = bytes((code,))
        yield f"dtype {code}", whole.pack()
    for text in JSON:
        whole = valid()
        whole.fields["more"] = attributes(text)
        yield f"json {text[:60]!r}", whole.pack()


JSON: Final = (
    b"",
    b"null",
    b"[]",
    b"1",
    b'"a"',
    b"NaN",
    b'{"metadata":NaN}',
    b'{"metadata":{"a":NaN}}',
    b'{"metadata":{"a":-Infinity}}',
    b'{"metadata":{"a":1e999}}',
    b'{"metadata":{"a":' + b"9" * 5000 + b"}}",
    b'{"metadata":{"a":' + b"[" * 900 + b"]" * 900 + b"}}",
    b'{"metadata":{"a":"\\ud800"}}',
    b'{"metadata":{"\\udfff":1}}',
    b'{"metadata":{"a":"\xff"}}',
    b'{"metadata":{"a":"unfinished',
    b'{"metadata":{"a":"\\',
    b'{"metadata":[]}',
    b'{"gains":[1e400,1,1]}',
    b'{"gains":[' + b"9" * 400 + b",1,1]}",
    b'{"gains":["1","2","3"]}',
    b'{"gains":[true,1,1]}',
    b'{"offsets":{}}',
    b'{"channel_names":[1,2,3]}',
    b'{"channel_names":"abc"}',
    b'{"channel_names":["a"]}',
    b'{"start_time":5}',
    b'{"start_time":"yesterday"}',
    b'{"start_time":"0001-01-01T00:00:00+23:59"}',
)


def tiny_chunks(size: int = FLOOD_BYTES) -> Whole:
    """Return a valid file of about so many bytes whose chunks have one sample each: none costs a reader more."""
    return valid(channels=1, bundle=1, n_chunks=size // 27, frames=1, spec="store")


def floods(size: int = FLOOD_BYTES) -> Iterator[tuple[str, bytes]]:
    """Give files of about that size that cost a reader as much as they can."""
    for name, text in {
        "objects": b"{}," * (size * 5) + b"{}",
        "lists": b"[[]]," * (size * 3) + b"0",
        "numbers": b"0," * (size * 7) + b"0",
        "keys": b"{" + b",".join(b'"%x":0' % key for key in range(size)) + b"}",
        "depth": b"[" * (size * 4) + b"]" * (size * 4),
        "closing": b"]" * (size * 15),
        "text": b'"' + b"a" * (size * 15) + b'"',
        "escapes": b'"' + b"\\u0001" * (size * 2) + b'"',
        "quotes": b'"' + b'\\"' * (size * 7),
        "backslashes": b'"' + b"\\" * (size * 15),
        "digits": b"9" * (size * 15),
        "many integers": b",".join([b"9" * 999] * (size // 80)),
        "space": b" " * (size * 15),
    }.items():
        whole = valid()
        whole.fields["more"] = attributes(b'{"metadata":{"a":[' + text + b"]}}")
        yield f"json {name}", whole.pack()
    whole = valid()
    whole.fields["more"] = b"".join(_sidecar(b".%d" % number, bytes(limits.MAX_SIDECAR_BYTES)) for number in range(16))
    yield "sidecars", whole.pack()
    block, none = bytes(12), b""
    lost = valid(channels=4096, bundle=1, n_chunks=1, frames=1, spec="store")
    count = size // 4200
    lost.chunks = [Chunk(2 * at, 1, [none] * 4095 + [block]) for at in range(count)]
    yield "lost bundles", lost.pack()
    lost.chunks = [Chunk(at, 1, [none, block] * 2048) for at in range(size // 30000)]
    yield "every second bundle lost", lost.pack()
    lost.chunks = [Chunk(at, 1, [none] * 4096) for at in range(count)]
    yield "chunks without blocks", lost.pack()
    tiny = valid(channels=1, bundle=1, n_chunks=1, frames=1, spec="store")
    tiny.chunks = [Chunk(2 * at, 1, [block]) for at in range(size // 25)]
    yield "bad chunks between gaps", tiny.pack()
    tiny.chunks = [Chunk(0, 1, [block]) for _ in range(size // 25)]
    yield "the same chunk", tiny.pack()
    tiny.chunks = [Chunk(0, 1, [bytes(size // 2)]), *(Chunk(0, 1, [block]) for _ in range(size // 50))]
    yield "a large chunk and small ones in its place", tiny.pack()
    tiny.chunks = []
    for length in (0, 1, 22):
        tiny.index = {"entries": [[4, 0, length]] * (size // 2)}
        yield f"an index of chunks of {length} bytes", tiny.pack()
    tiny.index = {"entries": [[5, 2**20, 0]] * (size // 5)}
    yield "an index of gaps", tiny.pack()
    head = valid(channels=4096, bundle=1, n_chunks=1, frames=1).header()
    for name, piece in {"sync": limits.SYNC, "almost sync": limits.SYNC[:3], "zeros": bytes(4)}.items():
        yield name, valid().header() + piece * (size // 4)
        yield f"{name}, many bundles", head + piece * (size // 4)
    key = key_of(77)
    inner = b"".join(Chunk(0, 1, [b""] * 4096, {0: 12, 4095: size}).pack(key) for _ in range(size // 4200 // 2))
    yield "chunks within chunks", head + inner + bytes(size)


def _sidecar(name: bytes, data: bytes) -> bytes:
    content = varint(len(name)) + name + varint(len(data)) + zlib.compress(data, 9)
    return b"\x02" + varint(len(content)) + content
