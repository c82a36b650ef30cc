"""``n1codec convert --to cbin``: mtscomp's files, the very ones where that can be."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from n1codec.cli.batch import Outcome
from n1codec.cli.jobs import CBIN, Job
from n1codec.cli.newfile import NewFile, commit_all, make_folder, new_companion
from n1codec.cli.progress import FileBar
from n1codec.cli.sources import PIECE_VALUES, SampleSource, compare, counted_pieces
from n1codec.codec import Layout
from n1codec.errors import FileError, ParameterError

if TYPE_CHECKING:
    from n1codec.formats import RecordingReader

SAME = "the very .cbin that it was made of"
OTHER = "the same samples, not the same bytes as the first .cbin: this zlib packs otherwise"


def write_cbin(
    source: SampleSource, job: Job, rate: float | None, bar: FileBar, settings: dict[str, Any], *, force: bool
) -> Outcome:
    """Write samples as a ``.cbin`` with its ``.ch``, and the ``.meta`` that is known."""
    from n1codec.formats.mtscomp_write import CbinWriter

    if job.target is None:
        raise ParameterError("a .cbin is two files with its .ch: give the name of one with -o")
    layout = source.layout(0, source.n_samples)
    known = source.companion(".ch") if rate in (None, source.rate) else None
    writer = CbinWriter(layout, rate or source.rate, known, settings["threads"])
    make_folder(job.target.parent)
    with contextlib.ExitStack() as files:
        new = files.enter_context(NewFile(job.target, force=force, suffix=CBIN))
        bar.describe(source.channels * source.dtype.itemsize, source.rate, written=lambda: new.size)
        size = writer.write(new.handle, counted_pieces(source, bar), str(new.path))
        new.sync()
        text = writer.ch()
        if settings["verify"]:
            _read_back(source, new.path, text, rate or source.rate)
        beside = {job.target.with_suffix(".ch"): text}
        if (meta := source.companion(".meta")) is not None:
            beside[job.target.with_suffix(".meta")] = meta
        if job.target in beside:
            raise FileError(str(job.target), "is where its .ch goes: give the .cbin another name")
        companions = [file for path, data in beside.items() for file in new_companion(path, data, files, force=force)]
        if source.recording is not None:
            source.recording.check_unchanged()
        commit_all([*companions, new])
    same = {True: (SAME,), False: (OTHER,), None: ()}[writer.same]
    return Outcome(
        bytes_in=source.opened.path.stat().st_size,
        bytes_out=size,
        seconds=source.n_samples / source.rate,
        raw_bytes=layout.nbytes,
        notes=("verified" if settings["verify"] else "not verified", *same),
        details=(source.shape_text,),
        remarks=source.remarks,
    )


def comes_back(source: RecordingReader, threads: int) -> bool:
    """Return whether packing the samples of a ``.cbin`` again gives its very bytes here."""
    from n1codec.formats.mtscomp_write import CbinWriter

    known = next(path.read_bytes() for path in source.companions if path.suffix.lower() == ".ch")
    writer = CbinWriter(Layout(source.dtype, source.shape), source.rate, known, threads)
    writer.write(cast(BinaryIO, _Nowhere()), source.chunks(max(1, PIECE_VALUES // source.channels)), str(source.path))
    return writer.same is True


class _Nowhere(io.RawIOBase):
    """A file that keeps nothing."""

    def write(self, data: Any, /) -> int:
        """Take all."""
        return len(data)


def _read_back(source: SampleSource, path: Path, text: bytes, rate: float) -> None:
    """Compare a ``.cbin`` under its temporary name, where there is no ``.ch`` beside it yet, with its source."""
    from n1codec.formats import RecordingReader, mtscomp
    from n1codec.formats._source import open_source
    from n1codec.formats.mtscomp_ch import parse

    with open_source(path) as opened:
        placement = mtscomp.placement(opened, parse(path, text))
    with RecordingReader(path, path.open("rb"), placement) as again:
        again.check()
        compare(source, again, rate)
