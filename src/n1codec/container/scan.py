"""Finding the chunks of a file: by its index, or by looking for them where the index is missing or damaged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from n1codec.container import limits
from n1codec.container.files import Source
from n1codec.container.header import DOUBTFUL_END, DOUBTS, Header, header_bytes, parse_header
from n1codec.container.index import Index, Table, index_bytes, parse_index
from n1codec.container.record import Record, RecordingHash, check_block, continues, max_head_bytes, parse_record
from n1codec.container.segments import total
from n1codec.errors import CorruptError

WINDOW_BYTES: Final = 1 << 20
"""How much is read at once in the search for a chunk."""
WORK_FACTOR: Final = 4
"""A scan looks at no more bytes than this many times the file: only hostile files are full of what begins like a chunk."""
ATTEMPT_BYTES: Final = 1 << 10
"""What looks like a chunk and is none counts as many bytes at least: a look at it takes as long as reading these."""


@dataclass(frozen=True)
class Found:
    """A chunk that a scan came upon.

    Parameters
    ----------
    offset : int
        Where it begins.
    record : Record
        Its header, which is intact.
    intact : tuple of bool
        For each block, whether it is there and its CRC is right; empty if that was not looked at.
    """

    offset: int
    record: Record
    intact: tuple[bool, ...]


@dataclass(frozen=True)
class Contents:
    """What a file holds.

    Parameters
    ----------
    header, header_data : Header, bytes
        Its header.
    table : Table
        Its chunks.
    n_samples : int
        Samples of the recording, lost ones included as far as that is known.
    recording_hash : int or None
        As the index says; None if that is missing or damaged, so that nobody knows where the recording ends.
    as_indexed : bool
        Whether the chunks are where an intact index says.
    chunks_end : int
        Where the chunks end and the index begins.
    damaged : tuple of str
        What is wrong with header and index.
    """

    header: Header
    header_data: bytes
    table: Table
    n_samples: int
    recording_hash: int | None
    as_indexed: bool
    chunks_end: int
    damaged: tuple[str, ...]


def load(source: Source) -> Contents:
    """Return what a file holds, by its index if it has one.

    Raises
    ------
    CorruptError
        If there is no header, neither at the start nor in the index.
    """
    contents = _load(source)
    promised = total(contents.header.segments)
    if contents.header.segments and contents.n_samples > promised:
        raise CorruptError(f"the segments have {promised} samples, and there are {contents.n_samples}")
    return contents


def _load(source: Source) -> Contents:
    header, header_data, damaged = None, b"", []
    try:
        header, header_data = _read_header(source)
    except CorruptError as error:
        problem = error
        damaged.append(f"header: {error}")
    index, chunks_end = None, source.size
    try:
        index, chunks_end = _read_index(source, header, header_data)
    except CorruptError as error:
        damaged.append(str(error))
    if index is not None:
        header, header_data = index.header, index.header_data
        if len(header_data) + sum(index.table.lengths) == chunks_end:
            table, n_samples = index.table, index.n_samples
            known: int | None = index.recording_hash
            return Contents(
                header,
                header_data,
                table,
                n_samples,
                known,
                True,
                chunks_end,
                (*damaged, *doubts_of(header, DOUBTFUL_END)),
            )
        damaged.append("bytes were inserted or removed: the chunks are not where the index says")
    if header is None:
        raise problem
    table = in_order(scan(source, header, len(header_data), chunks_end))
    if not continued_rightly(source, header, header_data, table):
        damaged.append("chunks continue others than those before them: they are of another copy of the file")
    n_samples = max(table.end, index.n_samples if index else 0)
    known = index.recording_hash if index else None
    return Contents(
        header, header_data, table, n_samples, known, False, chunks_end, (*damaged, *doubts_of(header, DOUBTFUL_END))
    )


def doubts_of(header: Header, settled: int = 0) -> tuple[str, ...]:
    """Return what could not be settled when the file was recovered, in sentences, but for some bits of it."""
    return tuple(text for bit, text in enumerate(DOUBTS) if (header.doubts & ~settled) >> bit & 1)


def in_order(found: Iterator[Found]) -> Table:
    """Return the chunks in order of time; of those that overlap, the first one in the file counts."""
    unsorted = Table()
    for hit in found:
        unsorted.add_record(hit.offset, hit.record)
    table = Table()
    for chunk in sorted(range(len(unsorted)), key=unsorted.starts.__getitem__):
        if unsorted.starts[chunk] >= table.end:
            table.add(*unsorted[chunk])
    return table


def look_at(source: Source, header: Header, offset: int, length: int) -> Found:
    """Return the chunk at a place, with all its blocks checked.

    Raises
    ------
    CorruptError
        If none begins there, or not one of that length.
    """
    record = parse_record(header, source.read_up_to(offset, min(length, max_head_bytes(header))))
    if record.n_bytes != length:
        raise CorruptError("another chunk than before", offset)
    bundles = range(len(header.bundles))
    return Found(offset, record, tuple(_intact(source, header, offset, record, bundle) for bundle in bundles))


def block_hashes(source: Source, offset: int, record: Record) -> list[int]:
    """Return the hash of each block's samples as the blocks say it; 0 for a lost one."""
    hashes = []
    for bundle, length in enumerate(record.lengths):
        at, _ = record.block_span(bundle)
        place = offset + at + length - limits.BLOCK_TRAILER_BYTES
        hashes.append(int.from_bytes(source.read(place, 8), "little") if length else 0)
    return hashes


def hash_chunks(source: Source, contents: Contents, table: Table) -> RecordingHash:
    """Return the hash of a recording up to the last of some chunks, as their blocks say, without decoding.

    Raises
    ------
    CorruptError
        If a chunk is another one than the table says, or a block of it is lost.
    """
    header = contents.header
    total = RecordingHash(contents.header_data)
    for chunk in range(len(table)):
        record, offset = read_record(source, header, table, chunk), table.offsets[chunk]
        if not all(record.lengths):
            raise CorruptError("blocks are missing", offset)
        total.add(record.start, record.n_samples, block_hashes(source, offset, record))
    return total


def continued_rightly(source: Source, header: Header, header_data: bytes, table: Table) -> bool:
    """Return whether chunks that were added to others follow on those: True, too, from where on that cannot be known.

    Two copies of a file may be continued, each by its own writer; the chunks of both fit their places.
    """
    if header.doubts or not any(table.continuations):
        return True
    total, at, last, seen = RecordingHash(header_data), 0, 0, {0}
    known = True
    for chunk, continuation in enumerate(table.continuations):
        known = known and table.starts[chunk] == at
        if continuation != last:
            if continuation in seen or (known and not continues(continuation, total)):
                return False
            seen.add(continuation)
            last = continuation
        if known:
            record = read_record(source, header, table, chunk)
            known, at = all(record.lengths), record.stop
            total.add(record.start, record.n_samples, block_hashes(source, table.offsets[chunk], record))
    return True


def read_record(source: Source, header: Header, table: Table, chunk: int) -> Record:
    """Return the header of a chunk.

    Raises
    ------
    CorruptError
        If it is another one than the table says.
    """
    offset, length = table.offsets[chunk], table.lengths[chunk]
    record = parse_record(header, source.read_up_to(offset, min(length, max_head_bytes(header))))
    if not table.is_of(chunk, record):
        raise CorruptError("another chunk than the index says", offset)
    return record


def scan(source: Source, header: Header, at: int, end: int, *, check: bool = False) -> Iterator[Found]:
    """Find all chunks between two offsets.

    Parameters
    ----------
    source : Source
        The file.
    header : Header
        Its header.
    at, end : int
        Where to begin and where to stop.
    check : bool
        Look at the blocks too. Without it a chunk counts that begins rightly, and the next is sought after its end.

    Raises
    ------
    CorruptError
        If the file is made to keep a scan busy.
    """
    window = _Window(source, end)
    work = WORK_FACTOR * (end - at) + WINDOW_BYTES
    while at < end:
        head = window.get(at, max_head_bytes(header))
        try:
            record = parse_record(header, head)
        except CorruptError:
            work -= max(len(head), ATTEMPT_BYTES)
            at = window.find(limits.SYNC, at + 1)
        else:
            if at + record.n_bytes > end:  # cut short; what follows may still be of use
                work -= max(len(head), ATTEMPT_BYTES)
                at = window.find(limits.SYNC, at + 1)
                continue
            work -= record.n_bytes
            intact = tuple(
                _intact(source, header, at, record, bundle) for bundle in range(len(header.bundles)) if check
            )
            yield Found(at, record, intact)
            broken = any(length and not right for length, right in zip(record.lengths, intact, strict=False))
            at += record.head_bytes if broken else record.n_bytes
        if work < 0:
            raise CorruptError(
                "too much in the file looks like chunks and is none: it was made to keep readers busy", at
            )


def _intact(source: Source, header: Header, offset: int, record: Record, bundle: int) -> bool:
    at, length = record.block_span(bundle)
    if not length:
        return False
    try:
        check_block(header, record, bundle, source.read(offset + at, length))
    except CorruptError:
        return False
    return True


def _read_header(source: Source) -> tuple[Header, bytes]:
    data = source.read(0, header_bytes(source.read_up_to(0, 16)))
    return parse_header(data), data


def _read_index(source: Source, header: Header | None, header_data: bytes) -> tuple[Index, int]:
    """Return the index and where it begins."""
    footer = source.read_up_to(max(0, source.size - limits.FOOTER_BYTES), limits.FOOTER_BYTES)
    start = source.size - limits.FOOTER_BYTES - index_bytes(footer)
    if start < 0:
        raise CorruptError("the index is damaged: it is longer than the file")
    data = source.read(start, source.size - limits.FOOTER_BYTES - start)
    return parse_index(data, header, header_data), start


class _Window:
    """A part of the file in memory, moved along by a scan."""

    def __init__(self, source: Source, end: int) -> None:
        self._source = source
        self._end = end
        self._start = 0
        self._data = b""

    def get(self, at: int, length: int) -> bytes:
        """Return `length` bytes from `at` on, or what there is of them."""
        length = min(length, self._end - at)
        if not self._start <= at <= at + length <= self._start + len(self._data):
            self._start = at
            self._data = self._source.read(at, min(max(length, WINDOW_BYTES), self._end - at))
        return self._data[at - self._start : at - self._start + length]

    def find(self, mark: bytes, at: int) -> int:
        """Return where the mark is next, or the end."""
        while at < self._end:
            if not self._start <= at < self._start + len(self._data):
                self.get(at, len(mark))
            found = self._data.find(mark, at - self._start)
            if found >= 0:
                return self._start + found
            stop = self._start + len(self._data)
            if stop >= self._end:
                break
            at = max(at + 1, stop - len(mark) + 1)
            self._start, self._data = 0, b""
        return self._end
