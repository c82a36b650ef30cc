"""Finding out where a writer left off."""

from __future__ import annotations

from n1codec.container import limits
from n1codec.container.files import Source
from n1codec.container.header import Header
from n1codec.container.index import Table
from n1codec.container.record import RecordingHash, max_head_bytes, parse_record
from n1codec.container.scan import load, scan
from n1codec.errors import CorruptError


def resume(source: Source) -> tuple[Header, bytes, Table, RecordingHash]:
    """Return what a writer of this file knew after its last whole chunk."""
    contents = load(source)
    header, header_data = contents.header, contents.header_data
    if source.read(0, len(header_data)) != header_data:
        raise CorruptError("the header is damaged: recover the file first")
    table = contents.table
    if contents.recording_hash is None:  # unfinished: the last chunks may be there in part
        table = Table()
        at = len(header_data)
        for found in scan(source, header, at, contents.chunks_end, check=True):
            if found.offset != at or not all(found.intact) or found.record.start != table.end:
                break
            table.add(found.record.start, found.record.stop, at, found.record.n_bytes)
            at += found.record.n_bytes
        if len(table) < len(contents.table) and _intact_after(source, header, at, contents.chunks_end):
            raise CorruptError("chunks are damaged or missing: recover the file first")
    elif table.gaps(contents.n_samples):
        raise CorruptError("chunks are missing, which cannot be appended to")
    recording_hash = RecordingHash(header_data)
    for start, stop, offset, length in zip(table.starts, table.stops, table.offsets, table.lengths, strict=True):
        record = parse_record(header, source.read_up_to(offset, min(length, max_head_bytes(header))))
        hashes = []
        for group in range(len(header.groups)):
            at, size = record.block_span(group)
            if not size:
                raise CorruptError("blocks are missing, which cannot be appended to")
            hashes.append(int.from_bytes(source.read(offset + at + size - limits.BLOCK_TRAILER_BYTES, 8), "little"))
        recording_hash.add(start, stop - start, hashes)
    return header, header_data, table, recording_hash


def _intact_after(source: Source, header: Header, at: int, end: int) -> bool:
    return any(all(found.intact) for found in scan(source, header, at, end, check=True))
