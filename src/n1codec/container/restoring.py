"""Going through a whole file: to give the source back, or to check it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from n1codec import disk
from n1codec.codec import Layout, Samples
from n1codec.container.blocks import Blocks
from n1codec.container.header import DOUBTFUL_END
from n1codec.container.losses import Losses
from n1codec.container.record import RecordingHash
from n1codec.container.reports import Progress, VerifyReport
from n1codec.container.scan import doubts_of
from n1codec.errors import CorruptError, FileError, FormatError
from n1codec.formats.restore import Restore
from n1codec.formats.write import write


def restore_file(
    blocks: Blocks,
    layout: Layout,
    file: str | os.PathLike[str] | BinaryIO,
    source: Path,
    sidecars: Mapping[str, bytes],
    *,
    overwrite: bool,
    progress: Progress | None,
) -> int:
    """Write the source file and return its size; `RecordingFile.restore_to` says the rest."""
    restore = blocks.header.restore
    chunks = checked_chunks(blocks, progress)
    if not isinstance(file, (str, os.PathLike)):
        with disk.os_errors(disk.file_name(file)):
            size = write(file, restore, layout, chunks)
        disk.flush(file)  # so that what does not fit is said here
        return size
    path = Path(file)
    with disk.os_errors(path):
        beside = {path.with_suffix(suffix): data for suffix, data in sidecars.items()}
    if len(beside) < len(sidecars):
        raise FileError(str(path), "its sidecars would be written over one another")
    disk.check_distinct([*beside, path], [source])
    for target in (*beside, path):
        disk.refuse_existing(target, overwrite)
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(disk.Pending(target, overwrite=overwrite)) for target in (*beside, path)]
        for sidecar, data in zip(files, beside.values(), strict=False):
            sidecar.write(data)
        with disk.os_errors(path):
            size = write(files[-1].handle, restore, layout, _synced(chunks, files[-1]), name=str(path))
        disk.publish(files)
        return size


def _synced(chunks: Iterator[Samples], file: disk.Pending) -> Iterator[Samples]:
    """Pass chunks on; once one is written, the disk may have it while the next ones are decoded."""
    for chunk in chunks:
        yield chunk
        file.begin_sync()


def refuse_incomplete(blocks: Blocks, path: Path) -> None:
    """Raise if the source cannot be given back, before anything is written."""
    if not blocks.header.restore:
        raise FormatError(str(path), "was not made from a file, so there is none to restore: convert it instead")
    if blocks.header.doubts & DOUBTFUL_END:
        raise CorruptError(f"{doubts_of(blocks.header)[-1]}; its samples can be converted")
    if blocks.contents.damaged:
        raise CorruptError(f"{blocks.contents.damaged[0]}; what can be saved, recover saves")


def checked_chunks(blocks: Blocks, progress: Progress | None) -> Iterator[Samples]:
    """Give out all chunks, and raise :class:`CorruptError` at the first thing that is wrong, at the end at the latest."""
    if blocks.gaps:
        raise CorruptError(f"lost {blocks.lost(*blocks.gaps[0])}")
    total = RecordingHash(blocks.contents.header_data)
    for decoded in blocks.walk(range(len(blocks.table))):
        samples = blocks.assemble(decoded)
        total.add(
            decoded.start, len(samples), [block[1] for block in decoded.blocks if not isinstance(block, CorruptError)]
        )
        yield samples if blocks.header.channels is not None else samples[:, 0]
        if progress:
            progress(decoded.stop, blocks.contents.n_samples)
    if total.value(blocks.contents.n_samples) != blocks.contents.recording_hash:
        raise CorruptError("hash mismatch: the recording as a whole is not the one that was encoded")


def verify_file(blocks: Blocks, layout: Layout, progress: Progress | None) -> VerifyReport:
    """Decode everything and say what is wrong."""
    losses = Losses(blocks.header)
    for start, stop in blocks.gaps:
        losses.add(start, stop, "no chunk has them")
    total = RecordingHash(blocks.contents.header_data)
    chunks = samples = 0
    for decoded in blocks.walk(range(len(blocks.table))):
        reasons = [block.reason if isinstance(block, CorruptError) else None for block in decoded.blocks]
        losses.add_bundles(decoded.start, decoded.stop, reasons)
        hashes = [0 if isinstance(block, CorruptError) else block[1] for block in decoded.blocks]
        total.add(decoded.start, decoded.stop - decoded.start, hashes)
        if not any(reasons):
            chunks += 1
            samples += decoded.stop - decoded.start
        if progress:
            progress(decoded.stop, blocks.contents.n_samples)
    damaged = losses.listed()
    problems = [*blocks.contents.damaged, *(f"lost {part}" for part in damaged)]
    recording_hash = blocks.contents.recording_hash
    if not damaged and recording_hash not in (None, total.value(blocks.contents.n_samples)):
        problems.append("hash mismatch: the recording as a whole is not the one that was encoded")
    if blocks.header.restore:
        try:
            Restore.from_bytes(blocks.header.restore).surround(layout)
        except CorruptError as error:
            problems.append(str(error))
    return VerifyReport(tuple(problems), chunks, samples, damaged)
