"""Reading a file: any samples of any channels, and no more decoded than they need."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from functools import cached_property
from types import TracebackType
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import ArrayLike

from n1codec import arguments
from n1codec.codec import Samples
from n1codec.container.blocks import Blocks
from n1codec.container.described import Described
from n1codec.container.files import Source, naming
from n1codec.container.header import Header
from n1codec.container.processes import Pickled, renew_locks
from n1codec.container.record import Record
from n1codec.container.reports import ChunkInfo, Missing, Progress, VerifyReport
from n1codec.container.restoring import refuse_incomplete, restore_file, verify_file
from n1codec.container.scan import load
from n1codec.container.selection import Axis, parse_axis, parse_key
from n1codec.disk import watch
from n1codec.errors import CorruptError, DamageWarning, FileError, ParameterError
from n1codec.threads import Workers

CACHE_BYTES: Final = 1 << 26
"""How many bytes of decoded samples are kept for the next read."""
HOLE_VALUES: Final = 1 << 20
"""Values in each part of a gap that is filled in."""


class RecordingFile(Described):
    """An open ``.n1c`` file: an array of samples that are decoded when they are asked for.

    Made by `n1codec.open`; a context manager; may be used by several threads, and in processes forked from the one that opened
    it. Pickled and copied, it is its path, opened again: an error if another file, or another state of it, is there by then.

    Parameters
    ----------
    path : path-like
        The file.
    threads : int
        Threads that decode.
    cache_bytes : int
        How many bytes of decoded samples are kept for the next read.

    Raises
    ------
    ParameterError
        If an argument is of the wrong type or out of range.
    FileError
        If it cannot be opened.
    CorruptError
        If it is no ``.n1c`` file, or its header is lost.

    Warns
    -----
    DamageWarning
        If it can be read, but is damaged or was never finished: `damaged` says how.
    """

    def __init__(self, path: str | os.PathLike[str], *, threads: int = 1, cache_bytes: int = CACHE_BYTES) -> None:
        self._load(path, threads, cache_bytes)
        for problem in self.damaged:
            self._warn(problem)

    def _load(self, path: str | os.PathLike[str], threads: int, cache_bytes: int) -> None:
        self.path = arguments.path("path", path)
        self._workers = Workers(threads)
        cache_bytes = arguments.integer("cache_bytes", cache_bytes, 0)
        self._source = Source(self.path)
        try:
            with naming(self.path):
                self._contents = load(self._source)
            self._pickled = Pickled.of(self.path, threads, cache_bytes, self._source, self._contents)
        except BaseException:
            self._source.close()
            raise
        self._header = self._contents.header
        self._blocks = Blocks(self._source, self._contents, self._workers, cache_bytes)
        watch(self)

    def _warn(self, problem: str) -> None:
        try:
            warnings.warn(f"{self.path}: {problem}", DamageWarning, stacklevel=4)
        except BaseException:  # a warning that is to be an error
            self._source.close()
            raise

    def after_fork(self) -> None:
        """See that a child process does not wait for what a thread of its parent's was finding out."""
        renew_locks(type(self), Blocks, Header, Record)

    def __reduce__(self) -> tuple[Any, ...]:
        if self._source.closed:
            raise FileError(str(self.path), "is closed, so it can be neither pickled nor copied")
        return _reopened, (type(self), self._pickled)

    def __enter__(self) -> RecordingFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<RecordingFile {str(self.path)!r}: {self.dtype.name} {self.shape}, {self.rate:g} Hz, {self.spec}>"

    def close(self) -> None:
        """Close the file; reading then is an error."""
        self._workers.close()
        self._blocks.forget()
        self._source.close()

    @cached_property
    def chunks(self) -> tuple[ChunkInfo, ...]:
        """The chunks, in order of time."""
        table = self._contents.table
        columns = zip(table.starts, table.stops, table.offsets, table.lengths, strict=True)
        return tuple(ChunkInfo(index, *values) for index, values in enumerate(columns))

    @cached_property
    def missing(self) -> tuple[Missing, ...]:
        """Samples known to be lost without decoding any: those of no chunk, and those `recover` could not save."""
        with naming(self.path):
            return self._blocks.missing()

    def __len__(self) -> int:
        return self.n_samples

    def __getitem__(self, key: Any) -> Any:
        """Return samples as NumPy would: integers, slices and negative positions, and a list or mask along one axis.

        What is no such index, or out of bounds, is an ``IndexError``, as it is for arrays.
        """
        axes = parse_key(key, self.shape)
        columns = axes[1] if len(axes) == 2 else Axis(range(1))
        with naming(self.path):
            samples = self._blocks.gather(axes[0].positions, columns.positions, None)
        return self._shaped(samples)[tuple(0 if axis.drop else slice(None) for axis in axes)]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Samples:
        if copy is False:
            raise ValueError("samples have to be decoded: there is no array without a copy")
        samples = self.read()
        return samples if dtype is None else samples.astype(dtype)

    def read(
        self,
        start: int | None = 0,
        stop: int | None = None,
        channels: int | slice | Sequence[int] | ArrayLike | None = None,
        *,
        fill: float | None = None,
    ) -> Samples:
        """Return samples.

        Parameters
        ----------
        start, stop : int
            First sample and the one after the last, as in a slice; all by default.
        channels : int, slice or list of int, optional
            Which channels; all by default.
        fill : int, optional
            What to put in place of samples that are lost; without it, they are an error.

        Returns
        -------
        ndarray of int, shape (n,), or (n, n_channels)
            A new array. One-dimensional if the recording is, or if `channels` is a single one.

        Raises
        ------
        ParameterError
            If an argument is of the wrong type, or `channels` or `fill` out of range.
        CorruptError
            If some of the samples are lost: the message names the chunk and the time.
        """
        times, fill = self._times(start, stop), self._fill(fill)
        if channels is None or self.ndim == 1:
            if channels is not None:
                self._columns(channels)
            with naming(self.path):
                return self._shaped(self._blocks.gather(times, range(self.channels), fill))
        axis = self._columns(channels)
        with naming(self.path):
            samples = self._blocks.gather(times, axis.positions, fill)
        return samples[:, 0] if axis.drop else samples

    def iter_chunks(
        self, start: int | None = 0, stop: int | None = None, *, fill: float | None = None
    ) -> Iterator[tuple[int, Samples]]:
        """Go through the recording in chunks, as they are in the file, in bounded memory.

        Parameters
        ----------
        start, stop : int
            First sample and the one after the last, as in a slice; all by default.
        fill : int, optional
            What to put in place of samples that are lost; without it, they are an error.

        Returns
        -------
        iterator of (int, ndarray)
            The first sample of each part, and all channels from there on.

        Raises
        ------
        ParameterError
            At once if an argument is of the wrong type, or `fill` out of range.
        CorruptError
            While iterating if some of the samples are lost.
        """
        return self._parts(self._times(start, stop), self._fill(fill))

    def _parts(self, times: range, fill: float | None) -> Iterator[tuple[int, Samples]]:
        table, at = self._blocks.table, times.start
        with naming(self.path):
            for decoded in self._blocks.walk(table.overlapping(times.start, times.stop)):
                yield from self._hole(at, max(at, decoded.start), fill)
                first, at = max(times.start, decoded.start), min(times.stop, decoded.stop)
                samples = self._blocks.assemble(decoded, fill)[first - decoded.start : at - decoded.start]
                yield first, self._shaped(samples)
            yield from self._hole(at, times.stop, fill)

    def restore_to(
        self, file: str | os.PathLike[str] | BinaryIO, *, overwrite: bool = False, progress: Progress | None = None
    ) -> int:
        """Write the source file, byte for byte, and check every hash on the way.

        Parameters
        ----------
        file : path-like or binary file object
            A path: written under a temporary name that is renamed in the end, and sidecars beside it; all or none of them
            appear. A file object: only the source, which is right, and flushed, if there is no exception.
        overwrite : bool
            Whether existing files may be replaced.
        progress : callable, optional
            Called with the samples done and those in all.

        Returns
        -------
        int
            Bytes of the source.

        Raises
        ------
        CorruptError
            If anything is damaged or missing.
        FileError
            If writing fails.
        """
        overwrite, progress = arguments.flag("overwrite", overwrite), arguments.callback("progress", progress)
        file = arguments.output("file", file)
        with naming(self.path):
            refuse_incomplete(self._blocks, self.path)
            places = (file, self.path, self.sidecars)
            return restore_file(self._blocks, self.layout, *places, overwrite=overwrite, progress=progress)

    def verify(self, progress: Progress | None = None) -> VerifyReport:
        """Decode everything, compare every hash, and write nothing.

        Parameters
        ----------
        progress : callable, optional
            Called with the samples done and those in all.
        """
        arguments.callback("progress", progress)
        with naming(self.path):
            return verify_file(self._blocks, self.layout, progress)

    def _times(self, start: int | None, stop: int | None) -> range:
        first, last = (arguments.optional(arguments.integer, *each) for each in (("start", start), ("stop", stop)))
        return range(self.n_samples)[first:last]

    def _columns(self, channels: Any) -> Axis:
        try:
            return parse_axis(channels, self.channels)
        except IndexError as error:
            raise ParameterError(f"channels: {error}") from None

    def _fill(self, fill: float | None) -> float | None:
        if self.dtype.kind == "f":
            return arguments.optional(arguments.real, "fill", fill)
        if self.dtype.kind == "b":
            return arguments.optional(arguments.flag, "fill", fill)
        limits = np.iinfo(self.dtype)
        return arguments.optional(arguments.integer, "fill", fill, int(limits.min), int(limits.max))

    def _shaped(self, samples: Samples) -> Samples:
        return samples[:, 0] if self.ndim == 1 else samples

    def _hole(self, start: int, stop: int, fill: float | None) -> Iterator[tuple[int, Samples]]:
        """Give out what is in no chunk, in parts of a few megabytes."""
        step = max(1, HOLE_VALUES // self.channels)
        for at in range(start, stop, step):
            if fill is None:
                raise CorruptError(f"lost {self._blocks.lost(start, stop)}")
            yield at, self._shaped(self._blocks.new_array((min(step, stop - at), self.channels), fill))


def _reopened(kind: type[RecordingFile], pickled: Pickled) -> RecordingFile:
    """Open a file again, silently: whoever opened it first was told what is wrong with it."""
    recording = kind.__new__(kind)
    recording._load(pickled.path, pickled.threads, pickled.cache_bytes)
    if recording._pickled != pickled:
        recording.close()
        raise FileError(str(pickled.path), "is another file, or has other content, than when it was pickled")
    return recording
