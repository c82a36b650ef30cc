"""Finding out where a writer left off."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Final

from n1codec import disk
from n1codec.container.files import Source
from n1codec.container.header import DOUBTFUL_END, Header
from n1codec.container.index import Table
from n1codec.container.record import RecordingHash
from n1codec.container.scan import Contents, continued_rightly, hash_chunks, load, scan
from n1codec.errors import CorruptError, ParameterError

COPIED_BYTES: Final = 1 << 22
"""How much is copied at once."""


def resume(source: Source, *, drop_source: bool) -> tuple[Header, bytes, Table, RecordingHash]:
    """Return what a writer of this file knew after its last whole chunk.

    Raises
    ------
    CorruptError
        If chunks or the header are damaged or missing.
    ParameterError
        If the file gives back a source file, which more samples would make wrong, and that may not be dropped.
    """
    contents = load(source)
    header, header_data = contents.header, contents.header_data
    if source.read_up_to(0, len(header_data)) != header_data:
        raise CorruptError("the header is damaged: recover the file first")
    if (header.restore or header.sidecars) and not drop_source:
        raise ParameterError(
            f"{source.path} gives back the file that it was made from, which has no more samples: "
            "say drop_source=True to append to it and let that go"
        )
    if header.segments:
        raise ParameterError(
            f"{source.path} is in segments, whose lengths its header says: nothing can be appended to it"
        )
    if not contents.as_indexed:
        table = _whole_chunks(source, contents)
    elif contents.table.gaps(contents.n_samples):
        raise CorruptError("chunks are missing, which cannot be appended to")
    else:
        table = contents.table
    recording_hash = hash_chunks(source, contents, table)
    if not continued_rightly(source, header, header_data, table):
        raise CorruptError("chunks are of another copy of the file: recover the file first")
    if contents.as_indexed and recording_hash.value(contents.n_samples) != contents.recording_hash:
        raise CorruptError("hash mismatch: the chunks are not those that were written: recover the file first")
    return header, header_data, table, recording_hash


def without_source(source: Source, header: Header, table: Table) -> None:
    """Put a file in the place of another one: the same chunks under a header that speaks of no source file.

    A header is what a file begins with, so nothing in it can change in place. The new file is complete and synced before it
    takes the name: whatever happens, there is the old one or the new one, and each has all chunks.
    """
    bare = replace(header, restore=b"", sidecars={}, doubts=header.doubts & ~DOUBTFUL_END)
    path = Path(source.path)
    with disk.Pending(path, overwrite=True) as output:
        output.write(bare.to_bytes())
        at = table.offsets[0] if len(table) else 0
        end = at + sum(table.lengths)
        for offset in range(at, end, COPIED_BYTES):
            output.write(source.read(offset, min(COPIED_BYTES, end - offset)))
        with disk.os_errors(path):
            os.fchmod(output.handle.fileno(), path.stat().st_mode & 0o7777)
        output.seal()
        with disk.os_errors(path):
            output.temporary.replace(path)  # the name is held by the lock on the file that had it
        output.done()
        disk.sync_folder(path.parent, path)


def _whole_chunks(source: Source, contents: Contents) -> Table:
    """Return the chunks of an unfinished file, of which the last may be there in part."""
    header, at = contents.header, len(contents.header_data)
    table = Table()
    for found in scan(source, header, at, contents.chunks_end, check=True):
        if found.offset != at or not all(found.intact) or found.record.start != table.end:
            break
        table.add_record(at, found.record)
        at += found.record.n_bytes
    if len(table) < len(contents.table) and _intact_after(source, header, at, contents.chunks_end):
        raise CorruptError("chunks are damaged or missing: recover the file first")
    return table


def _intact_after(source: Source, header: Header, at: int, end: int) -> bool:
    return any(all(found.intact) for found in scan(source, header, at, end, check=True))
