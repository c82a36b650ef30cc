"""The index at the end of a finished file, and the table of chunks that it gives.

::

    0 (1) | length of the header's copy | copy | n_chunks
    n_chunks x { 4 x n_samples + 2 x continuation flag + gap flag | [gap before the chunk] | [continuation (8)] | bytes of it }
    gap at the end | hash of the recording (8) | CRC32C (4)
    footer: bytes of the index (u32) | end magic (4)

The index says nothing that a scan of the chunks could not find out, but where the recording ends and whether all of it is
there. A copy of the header keeps a damaged header from taking all chunks with it.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from n1codec import _core, varint
from n1codec.container import limits
from n1codec.container.header import Header, header_bytes, parse_header
from n1codec.container.record import Record, check_chunk, min_chunk_bytes
from n1codec.errors import CorruptError, LimitError


def _longs() -> array[int]:
    return array("q")


@dataclass
class Table:
    """Where the chunks are, and of which continuation: in order of time and without overlap."""

    starts: array[int] = field(default_factory=_longs)
    stops: array[int] = field(default_factory=_longs)
    offsets: array[int] = field(default_factory=_longs)
    lengths: array[int] = field(default_factory=_longs)
    continuations: array[int] = field(default_factory=lambda: array("Q"))

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, chunk: int) -> tuple[int, int, int, int, int]:
        """Return first sample, the one after the last, offset, length and continuation of a chunk."""
        place = self.starts[chunk], self.stops[chunk], self.offsets[chunk]
        return *place, self.lengths[chunk], self.continuations[chunk]

    @property
    def end(self) -> int:
        """The sample after the last chunk."""
        return self.stops[-1] if self.stops else 0

    def add(self, start: int, stop: int, offset: int, length: int, continuation: int = 0) -> None:
        """Add the next chunk."""
        if len(self) >= limits.MAX_CHUNKS:
            raise LimitError(f"more than {limits.MAX_CHUNKS} chunks")
        self.starts.append(start)
        self.stops.append(stop)
        self.offsets.append(offset)
        self.lengths.append(length)
        self.continuations.append(continuation)

    def cut(self, count: int) -> None:
        """Keep so many chunks."""
        for numbers in (self.starts, self.stops, self.offsets, self.lengths, self.continuations):
            del numbers[count:]

    def add_record(self, offset: int, record: Record) -> None:
        """Add a chunk that was found."""
        self.add(record.start, record.stop, offset, record.n_bytes, record.continuation)

    def is_of(self, chunk: int, record: Record) -> bool:
        """Return whether a chunk is the one that is meant."""
        start, stop, _, length, continuation = self[chunk]
        found = record.start, record.stop, record.n_bytes, record.continuation
        return found == (start, stop, length, continuation)

    def overlapping(self, start: int, stop: int) -> range:
        """Return the chunks that have samples in ``start..stop``."""
        if stop <= start or not len(self):
            return range(0)
        first = int(np.searchsorted(_view(self.stops), start, side="right"))
        return range(first, int(np.searchsorted(_view(self.starts), stop, side="left")))

    def gaps(self, n_samples: int) -> list[tuple[int, int]]:
        """Return the ranges of samples up to `n_samples` that no chunk has."""
        starts, stops = np.append(_view(self.starts), n_samples), np.insert(_view(self.stops), 0, 0)
        holes = np.flatnonzero(starts > stops)
        return [(int(stops[hole]), int(starts[hole])) for hole in holes]


@dataclass(frozen=True)
class Index:
    """The content of an index.

    Parameters
    ----------
    header : Header
        The file's header: the one at its start, or else the copy.
    header_data : bytes
        Its bytes.
    table : Table
        Where the chunks are if nothing was inserted or removed before them.
    n_samples : int
        Samples of the recording, lost ones included.
    recording_hash : int
        From `record.RecordingHash`.
    """

    header: Header
    header_data: bytes
    table: Table
    n_samples: int
    recording_hash: int


def pack_index(header: Header, header_data: bytes, table: Table, n_samples: int, recording_hash: int) -> bytes:
    """Return index and footer.

    The header is copied into it where it is small beside the chunks, and where there is more than one chunk: else damage to the
    header costs no more than damage to anything else.
    """
    chunk_bytes = sum(table.lengths)
    copy = header_data if len(table) > 1 and 64 * len(header_data) <= chunk_bytes else b""
    out = bytearray((limits.INDEX_MARK,))
    out += varint.pack(len(copy)) + copy + varint.pack(len(table))
    at = last = 0
    for chunk in range(len(table)):
        start, stop, _, length, continuation = table[chunk]
        gap, other = start - at, continuation != last
        out += varint.pack(4 * (stop - start) + 2 * other + (gap > 0))
        if gap:
            out += varint.pack(gap)
        if other:
            out += continuation.to_bytes(8, "little")
        out += varint.pack(length)
        at, last = stop, continuation
    out += varint.pack(n_samples - at) + recording_hash.to_bytes(8, "little")
    out += _core.crc32c(out, header.salt).to_bytes(4, "little")
    return bytes(out) + len(out).to_bytes(4, "little") + limits.END_MAGIC


def index_bytes(footer: bytes) -> int:
    """Return how long the index before this footer is.

    Raises
    ------
    CorruptError
        If it is no footer.
    """
    if footer[-4:] != limits.END_MAGIC:
        raise CorruptError("the index at its end is missing: the file was never finished, or is cut short")
    length = int.from_bytes(footer[:4], "little")
    if length > limits.MAX_INDEX_BYTES:
        raise CorruptError(f"an index of {length} bytes is more than the limit of {limits.MAX_INDEX_BYTES}")
    return length


def parse_index(data: bytes, header: Header | None, header_data: bytes) -> Index:
    """Return the content of an index.

    Parameters
    ----------
    data : bytes
        The index without its footer.
    header, header_data : Header or None, bytes
        The header at the start of the file, None if it is damaged.

    Raises
    ------
    CorruptError
        If it is damaged, of another file, or there is no header.
    """
    if len(data) < 15 or data[0] != limits.INDEX_MARK:
        raise CorruptError("the index is damaged")
    length, at = varint.unpack(data, 1, limits.MAX_HEADER_BYTES + 16, "copy of the header")
    copy = data[at : at + length]
    at += length
    if header is None:
        if not copy or header_bytes(copy[:16]) != length:
            raise CorruptError("the header is damaged, and there is no copy of it")
        header, header_data = parse_header(copy), copy
    elif copy and copy != header_data:
        raise CorruptError("the index has a copy of another header")
    if _core.crc32c(memoryview(data)[:-4], header.salt) != int.from_bytes(data[-4:], "little"):
        raise CorruptError("CRC mismatch: the index is damaged")
    table, n_samples, at = _parse_table(data[:-12], at, header, len(header_data))
    if at != len(data) - 12:
        raise CorruptError("the index is damaged: bytes are left over")
    return Index(header, header_data, table, n_samples, int.from_bytes(data[-12:-4], "little"))


def _parse_table(data: bytes, at: int, header: Header, offset: int) -> tuple[Table, int, int]:
    count, at = varint.unpack(data, at, limits.MAX_CHUNKS, "number of chunks")
    table = Table()
    sample, fewest, continuation = 0, min_chunk_bytes(header), 0
    for _ in range(count):
        value, at = varint.unpack(data, at, 4 * limits.MAX_CHUNK_VALUES + 3, "chunk")
        if value & 1:
            gap, at = varint.unpack(data, at, limits.MAX_SAMPLES, "gap")
            sample += gap
        if value & 2:
            last, continuation, at = continuation, int.from_bytes(data[at : at + 8], "little"), at + 8
            if continuation == last:
                raise CorruptError("the index is damaged: a continuation follows on itself")
        length, at = varint.unpack(data, at, 1 << 48, "chunk")
        check_chunk(header, sample, value >> 2)
        if length < fewest:
            raise CorruptError("the index is damaged: a chunk is too short to be one")
        table.add(sample, sample + (value >> 2), offset, length, continuation)
        sample += value >> 2
        offset += length
    gap, at = varint.unpack(data, at, limits.MAX_SAMPLES - sample, "gap")
    return table, sample + gap, at


def _view(values: array[int]) -> NDArray[np.int64]:
    return np.frombuffer(values, np.int64) if values else np.empty(0, np.int64)
