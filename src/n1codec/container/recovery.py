"""Saving what is intact in a damaged or unfinished file."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np

from n1codec import arguments
from n1codec.container import limits
from n1codec.container.files import Source, naming
from n1codec.container.header import DOUBTFUL_CHUNKS, DOUBTFUL_END, DOUBTFUL_HASH, Header, with_doubts
from n1codec.container.index import Table, pack_index
from n1codec.container.losses import Losses
from n1codec.container.record import RecordingHash, pack_record
from n1codec.container.reports import Progress, RecoverReport
from n1codec.container.scan import (
    Contents,
    Found,
    block_hashes,
    continued_rightly,
    doubts_of,
    hash_chunks,
    load,
    look_at,
    scan,
)
from n1codec.container.sinks import AtomicFile
from n1codec.disk import os_errors
from n1codec.errors import CorruptError, FileError


def recover(
    path: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> RecoverReport:
    """Copy everything intact of a file into a new one, at its place in time, and say what is lost.

    Chunks are found by what they begin with, whether there is an index or not. Where only some bundles of channels of a
    chunk are damaged, the others are kept. Nothing is decoded, and nothing is invented: a block is kept if its CRC, which
    knows the file and the block's place, is right.

    What cannot be settled is marked in the new file, and reported whenever that is opened or verified: chunks that do not agree
    with the hash of the recording, or with each other, and, where a source is kept, an end that nobody knows.

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
            plan = _plan(source)
            with AtomicFile(out, overwrite=overwrite) as output:
                return _copy(source, plan, output, progress)
    finally:
        source.close()


@dataclass(frozen=True)
class _Plan:
    """What is to be saved: the file as it was found, the chunks of it that have anything intact, and what is doubtful."""

    contents: Contents
    table: Table
    doubts: int

    @property
    def n_samples(self) -> int:
        """Samples of the recording as far as is known, those after the last chunk that is saved included."""
        return max(self.contents.n_samples, self.table.end)


def _plan(source: Source) -> _Plan:
    contents = load(source)
    table, whole, agree = _select(source, contents)
    header, doubts = contents.header, contents.header.doubts
    n_samples = max(contents.n_samples, table.end)
    if not continued_rightly(source, header, contents.header_data, table):
        doubts |= DOUBTFUL_HASH
    if not agree:
        doubts |= DOUBTFUL_CHUNKS
    if contents.recording_hash is None:
        doubts |= DOUBTFUL_END if header.restore or header.sidecars else 0
    elif whole and not table.gaps(n_samples):  # else the loss itself tells, and the hash cannot be compared
        agree = n_samples == contents.n_samples
        agree = agree and hash_chunks(source, contents, table).value(n_samples) == contents.recording_hash
        doubts |= 0 if agree else DOUBTFUL_HASH
    return _Plan(contents, table, doubts)


def _select(source: Source, contents: Contents) -> tuple[Table, bool, bool]:
    """Return the chunks that have anything intact, in order of time, whether all are whole, and whether no two disagree.

    Of those that overlap, the one that begins first counts; of those that begin together, a whole one, or else the first in the
    file.
    """
    found, whole = Table(), bytearray()
    for hit in scan(source, contents.header, len(contents.header_data), contents.chunks_end, check=True):
        if any(hit.intact):
            if len(found) >= limits.MAX_CHUNKS:
                raise CorruptError(f"more than {limits.MAX_CHUNKS} chunks", hit.offset)
            found.add_record(hit.offset, hit.record)
            whole.append(all(hit.intact))
    table = Table()
    all_whole = agree = True
    kept: list[int | None] | None = None
    broken = 1 - np.frombuffer(whole, np.uint8) if whole else np.empty(0)
    for chunk in map(int, np.lexsort((np.asarray(found.offsets), broken, np.asarray(found.starts)))):
        if found.starts[chunk] >= table.end:
            table.add(*found[chunk])
            all_whole = all_whole and bool(whole[chunk])
            kept = None
        elif agree:
            last = len(table) - 1
            kept = kept or _intact_hashes(source, contents.header, table, last)
            same_place = found[chunk][:2] == table[last][:2]
            agree = same_place and _match(kept, _intact_hashes(source, contents.header, found, chunk))
    return table, all_whole, agree


def _intact_hashes(source: Source, header: Header, table: Table, chunk: int) -> list[int | None]:
    _, _, offset, length, _ = table[chunk]
    hit = look_at(source, header, offset, length)
    hashes = block_hashes(source, offset, hit.record)
    return [value if right else None for value, right in zip(hashes, hit.intact, strict=True)]


def _match(one: list[int | None], other: list[int | None]) -> bool:
    return all(a == b for a, b in zip(one, other, strict=True) if a is not None and b is not None)


def _copy(source: Source, plan: _Plan, output: AtomicFile, progress: Progress | None) -> RecoverReport:
    contents, found = plan.contents, plan.table
    header, data = with_doubts(contents.header, contents.header_data, plan.doubts)
    output.write(data)
    table, total, lost, offset = Table(), RecordingHash(data), Losses(header), len(data)
    at = 0
    for chunk in range(len(found)):
        start, stop, place, length, continuation = found[chunk]
        if start > at:
            lost.add(at, start, "no intact chunk has them")
        at = stop
        hit = look_at(source, header, place, length)
        part, hashes = _intact_part(source, header, hit)
        output.write(part)
        table.add(start, stop, offset, len(part), continuation)
        total.add(start, stop - start, hashes)
        offset += len(part)
        lost.add_bundles(start, stop, [_reason(*block) for block in zip(hit.intact, hit.record.lengths, strict=True)])
        if progress:
            progress(place + length, source.size)
    if plan.n_samples > at:
        lost.add(at, plan.n_samples, "no intact chunk has them")
    # What an unfinished file has after its last intact chunk is lost, but no part of the recording that is saved.
    n_samples = table.end if contents.recording_hash is None else plan.n_samples
    output.write(pack_index(header, data, table, n_samples, total.value(n_samples)))
    return RecoverReport(
        chunks=len(table),
        samples=sum(table.stops) - sum(table.starts),
        lost=lost.listed(),
        skipped_bytes=max(0, contents.chunks_end - len(contents.header_data) - (offset - len(data))),
        complete=not lost and not plan.doubts and contents.recording_hash == total.value(n_samples),
        doubts=doubts_of(header),
    )


def _reason(right: bool, length: int) -> str | None:
    if right:
        return None
    return "the block is damaged" if length else "lost before the file was recovered"


def _intact_part(source: Source, header: Header, hit: Found) -> tuple[bytes, list[int]]:
    """Return a chunk with its damaged blocks taken out, and the hash of each block: 0 for those."""
    blocks, hashes = [], []
    for bundle, right in enumerate(hit.intact):
        at, length = hit.record.block_span(bundle)
        block = source.read(hit.offset + at, length) if right else b""
        blocks.append(block)
        hashes.append(int.from_bytes(block[-limits.BLOCK_TRAILER_BYTES : -4], "little"))
    record = hit.record
    lengths = list(map(len, blocks))
    head = pack_record(header, record.start, record.n_samples, lengths, continuation=record.continuation)
    return head + b"".join(blocks), hashes
