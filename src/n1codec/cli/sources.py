"""Samples from whatever holds them: a recording file or a ``.n1c``, named or on standard input."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from n1codec.cli.jobs import Job, find_encoded
from n1codec.cli.newfile import spooled_input
from n1codec.cli.progress import FileBar
from n1codec.codec import Layout, Samples, bits_of
from n1codec.errors import CorruptError

if TYPE_CHECKING:
    from n1codec.container import RecordingFile
    from n1codec.formats import RecordingReader

PIECE_VALUES: Final = 1 << 22
"""About how many values are held at once."""


class SampleSource:
    """Samples that are read piece by piece.

    Parameters
    ----------
    opened : RecordingReader or RecordingFile
        An open file.
    """

    def __init__(self, opened: RecordingReader | RecordingFile) -> None:
        self.opened = opened
        self.dtype: np.dtype[Any] = opened.dtype
        self.shape = opened.shape
        self.rate = opened.rate
        self.n_samples = opened.shape[0]
        self.channels = opened.channels
        self.channel_names = opened.channel_names

    @property
    def encoded(self) -> RecordingFile | None:
        """The open ``.n1c`` file, if it is one."""
        from n1codec import container

        return self.opened if isinstance(self.opened, container.RecordingFile) else None

    @property
    def recording(self) -> RecordingReader | None:
        """The open recording file, if it is one."""
        from n1codec import formats

        return self.opened if isinstance(self.opened, formats.RecordingReader) else None

    def companion(self, suffix: str) -> bytes | None:
        """Return the file of an extension that is kept in the ``.n1c``, or lies beside the recording and describes it."""
        if self.encoded is not None:
            kept = self.encoded.sidecars.items()
            return next((data for name, data in kept if name.lower() == suffix), None)
        beside = self.recording.companions if self.recording is not None else ()
        return next((path.read_bytes() for path in beside if path.suffix.lower() == suffix), None)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is odd about a recording file, a line each."""
        return () if self.recording is None else self.recording.notes

    @property
    def shape_text(self) -> str:
        """What it holds, in words."""
        return shape_text(self.opened)

    def layout(self, start: int, stop: int, channels: Sequence[int] | None = None) -> Layout:
        """Return the layout of a part; choosing channels keeps two dimensions."""
        shape = (stop - start, *self.shape[1:]) if channels is None else (stop - start, len(channels))
        return Layout(self.dtype, shape)

    def pieces(self, start: int, stop: int, channels: Sequence[int] | None = None) -> Iterator[Samples]:
        """Return a part, some of its samples at a time."""
        step = max(1, PIECE_VALUES // max(1, self.channels))
        for at in range(start, stop, step):
            yield self.read(at, min(at + step, stop), channels)

    def read(self, start: int, stop: int, channels: Sequence[int] | None = None) -> Samples:
        """Return samples `start` up to `stop` of some or all channels."""
        from n1codec import container

        if isinstance(self.opened, container.RecordingFile):
            if channels is None or len(self.shape) == 1:
                samples = self.opened.read(start, stop)
            else:
                return self.opened.read(start, stop, list(channels))
        else:
            samples = self.opened.read(start, stop)
        if channels is None:
            return samples
        return samples.reshape(stop - start, self.channels)[:, list(channels)]


def counted_pieces(source: SampleSource, bar: FileBar) -> Iterator[Samples]:
    """Give out all samples, and tell the bar."""
    done = 0
    for piece in source.pieces(0, source.n_samples):
        yield piece
        done += len(piece)
        bar(done, source.n_samples)


def compare(source: SampleSource, written: RecordingReader, rate: float) -> None:
    """Raise :class:`CorruptError` unless a file that has been written holds the samples of its source."""
    same = (written.shape[0], written.channels, written.rate) == (source.n_samples, source.channels, rate)
    if not same or written.dtype.newbyteorder("<") != source.dtype.newbyteorder("<"):
        raise CorruptError(f"{written.path}: reads back as {written.dtype} {written.shape}, not what was written")
    start = 0
    for piece in source.pieces(0, source.n_samples):
        expect_equal(written.path, piece, written.read(start, start + len(piece)), start)
        start += len(piece)


def expect_equal(path: Path, samples: Samples, again: Samples, start: int) -> None:
    """Raise :class:`CorruptError` unless samples from `start` on are what was read back of a file."""
    if not np.array_equal(bits_of(samples).reshape(-1), bits_of(again).reshape(-1)):
        raise CorruptError(f"{path}: reads back differently within samples {start} to {start + len(samples) - 1}")


def shape_text(opened: RecordingReader | RecordingFile) -> str:
    """Return in words how many samples of which kind an open file holds."""
    channels = f"{opened.channels} channel{'' if opened.channels == 1 else 's'}"
    return f"{opened.shape[0]:,} samples x {channels}, {opened.dtype.name}, {opened.rate:,.10g} Hz, {opened.seconds:,.3f} s"


@contextlib.contextmanager
def open_samples(job: Job, threads: int, source_options: dict[str, Any]) -> Iterator[SampleSource]:
    """Open what holds samples, told by its name, or on standard input by its first bytes."""
    if job.source is not None:
        with _open(job.source, threads, described_by(job, source_options)) as source:
            yield source
        return
    with spooled_input() as path, _open(named_by_content(path), threads, source_options) as source:
        yield source


@contextlib.contextmanager
def open_recording(job: Job, source_options: dict[str, Any]) -> Iterator[RecordingReader]:
    """Open the recording of a job; standard input is told by its first bytes."""
    from n1codec import formats

    if job.source is not None:
        with formats.open_recording(job.source, **described_by(job, source_options)) as source:
            yield source
        return
    with spooled_input() as path, formats.open_recording(named_by_content(path), **source_options) as source:
        yield source


@contextlib.contextmanager
def _open(path: Path, threads: int, source_options: dict[str, Any]) -> Iterator[SampleSource]:
    from n1codec import container, formats

    if path.suffix.lower() == container.SUFFIX:
        find_encoded(path)
        with container.open(path, threads=threads) as encoded:
            yield SampleSource(encoded)
    else:
        with formats.open_recording(path, **source_options) as recording:
            yield SampleSource(recording)


def described_by(job: Job, source_options: dict[str, Any]) -> dict[str, Any]:
    """Return the options for one input: they overrule the header of a file that is named, not of those a folder holds."""
    from n1codec import formats

    if job.searched and job.source is not None and formats.describes_itself(job.source):
        first = source_options["channels_first"] and job.source.suffix.lower() == ".npy"
        return {**source_options, "dtype": None, "channels_first": first}
    return source_options


def named_by_content(path: Path) -> Path:
    """Rename a file without an extension so that it is read as what it begins like."""
    from n1codec import container

    with path.open("rb") as handle:
        start = handle.read(12)
    if container.is_n1c(path):
        suffix = container.SUFFIX
    elif start[:4] in (b"RIFF", b"RIFX", b"RF64", b"BW64") and start[8:] == b"WAVE":
        suffix = ".wav"
    else:
        suffix = ".npy" if start.startswith(b"\x93NUMPY") else ".raw"
    return path.rename(path.with_suffix(suffix))
