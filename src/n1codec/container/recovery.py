"""Saving what is intact in a damaged or unfinished file."""

from __future__ import annotations

import os
from collections.abc import Iterator

from n1codec import arguments
from n1codec.container import limits
from n1codec.container.files import Source, naming, os_errors
from n1codec.container.header import Header
from n1codec.container.index import Table, pack_index
from n1codec.container.record import RecordingHash, pack_record
from n1codec.container.reports import Missing, Progress, RecoverReport
from n1codec.container.scan import Contents, Found, load, scan
from n1codec.container.sinks import AtomicFile
from n1codec.errors import CorruptError, FileError


def recover(
    path: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> RecoverReport:
    """Copy everything intact of a file into a new one, at its place in time, and say what is lost.

    Chunks are found by what they begin with, whether there is an index or not. Where only some groups of channels of a
    chunk are damaged, the others are kept. Nothing is decoded, and nothing is invented: a block is kept if its CRC, which
    knows the file and the block's place, is right.

    Parameters
    ----------
    path : path-like
        The damaged file, which is not touched.
    out : path-like
        The new file. What is lost stays lost in it: reading it is an error, unless `fill` is given.
    overwrite : bool
        Whether an existing file may be replaced.
    progress : callable, optional
        Called with the bytes done and those in all.

    Raises
    ------
    CorruptError
        If there is no header, neither at the start nor in the index: then nothing says what the bytes mean.
    FileError
        If reading or writing fails.
    """
    path, out = arguments.path("path", path), arguments.path("out", out)
    overwrite, progress = arguments.flag("overwrite", overwrite), arguments.callback("progress", progress)
    with os_errors(out):
        same = out.exists() and path.exists() and out.samefile(path)
    if same:
        raise FileError(str(out), "is the damaged file itself: choose another name")
    source = Source(path)
    try:
        with naming(path):
            contents = load(source)
            found = _select(scan(source, contents.header, len(contents.header_data), contents.chunks_end, check=True))
        with AtomicFile(out, overwrite=overwrite) as output:
            return _copy(source, contents, found, output, progress)
    finally:
        source.close()


def _select(found: Iterator[Found]) -> list[Found]:
    """Return the chunks that have anything intact, in order of time; of those that overlap, the first one in the file."""
    saved: list[Found] = []
    for hit in found:
        if len(saved) >= limits.MAX_CHUNKS:
            raise CorruptError(f"more than {limits.MAX_CHUNKS} chunks", hit.offset)
        if any(hit.intact):
            saved.append(hit)
    saved.sort(key=lambda hit: hit.record.start)
    kept: list[Found] = []
    for hit in saved:
        if not kept or hit.record.start >= kept[-1].record.stop:
            kept.append(hit)
    return kept


def _copy(
    source: Source, contents: Contents, found: list[Found], output: AtomicFile, progress: Progress | None
) -> RecoverReport:
    header, data = contents.header, contents.header_data
    output.write(data)
    offset = len(data)
    table, total = Table(), RecordingHash(data)
    lost: list[Missing] = []
    taken = 0
    for hit in found:
        chunk, hashes = _intact_part(source, header, hit)
        output.write(chunk)
        table.add(hit.record.start, hit.record.stop, offset, len(chunk))
        total.add(hit.record.start, hit.record.n_samples, hashes)
        offset += len(chunk)
        taken += len(chunk)
        for group, right in enumerate(hit.intact):
            if not right:
                reason = "the block is damaged" if hit.record.lengths[group] else "lost before the file was recovered"
                lost.append(_missing(header, hit.record.start, hit.record.stop, group, reason))
        if progress:
            progress(hit.offset + hit.record.n_bytes, source.size)
    # What an unfinished file has after its last intact chunk is lost, but no part of the recording that is saved.
    n_samples = contents.n_samples if contents.end_known else table.end
    gaps = table.gaps(contents.n_samples)
    lost += [_missing(header, start, stop, None, "no intact chunk has them") for start, stop in gaps]
    output.write(pack_index(header, data, table, n_samples, total.value(n_samples)))
    return RecoverReport(
        chunks=len(table),
        samples=sum(table.stops) - sum(table.starts),
        lost=tuple(sorted(lost, key=lambda part: (part.start, part.channel_start))),
        skipped_bytes=max(0, contents.chunks_end - len(data) - taken),
        complete=not lost and contents.recording_hash == total.value(n_samples),
    )


def _intact_part(source: Source, header: Header, hit: Found) -> tuple[bytes, list[int]]:
    """Return a chunk with its damaged blocks taken out, and the hash of each block: 0 for those."""
    blocks, hashes = [], []
    for group, right in enumerate(hit.intact):
        at, length = hit.record.block_span(group)
        block = source.read(hit.offset + at, length) if right else b""
        blocks.append(block)
        hashes.append(int.from_bytes(block[-limits.BLOCK_TRAILER_BYTES : -4], "little"))
    head = pack_record(header, hit.record.start, hit.record.n_samples, list(map(len, blocks)))
    return head + b"".join(blocks), hashes


def _missing(header: Header, start: int, stop: int, group: int | None, reason: str) -> Missing:
    first, last = (0, header.width) if group is None else header.groups[group]
    return Missing(start, stop, first, last, header.rate, reason)
