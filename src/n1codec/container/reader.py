"""Reading a file: any samples of any channels, and no more decoded than they need."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from types import MappingProxyType, TracebackType
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import ArrayLike

from n1codec import arguments
from n1codec.codec import Layout, Samples
from n1codec.container.blocks import Blocks
from n1codec.container.files import Source, naming
from n1codec.container.parallel import Workers
from n1codec.container.reports import ChunkInfo, Missing, Progress, VerifyReport
from n1codec.container.restoring import refuse_incomplete, restore_file, verify_file
from n1codec.container.scan import load
from n1codec.container.selection import Axis, parse_axis, parse_key
from n1codec.errors import CorruptError, DamageWarning, ParameterError
from n1codec.formats.restore import Restore, format_of

CACHE_BYTES: Final = 1 << 26
"""How many bytes of decoded samples are kept for the next read."""
HOLE_VALUES: Final = 1 << 20
"""Values in each part of a gap that is filled in."""


class RecordingFile:
    """An open ``.n1c`` file: an array of samples that are decoded when they are asked for.

    Made by `n1codec.open`; a context manager; may be used by several threads.

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
        self.path = arguments.path("path", path)
        self._workers = Workers(threads)
        cache_bytes = arguments.integer("cache_bytes", cache_bytes, 0)
        self._source = Source(self.path)
        try:
            with naming(self.path):
                self._contents = load(self._source)
            for problem in self.damaged:
                warnings.warn(f"{self.path}: {problem}", DamageWarning, stacklevel=3)
        except BaseException:
            self._source.close()
            raise
        self._header = self._contents.header
        self._blocks = Blocks(self._source, self._contents, self._workers, cache_bytes)

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

    @property
    def shape(self) -> tuple[int, ...]:
        """``(n_samples,)`` or ``(n_samples, n_channels)``, lost samples included."""
        return self.layout.shape

    @property
    def layout(self) -> Layout:
        """Type (in the machine's byte order) and shape of all samples."""
        return self._header.layout(self._contents.n_samples)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the samples, byte order included."""
        return self._header.dtype

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def n_samples(self) -> int:
        """Samples of each channel."""
        return self._contents.n_samples

    @property
    def channels(self) -> int:
        """Number of channels: 1 for one-dimensional samples."""
        return self._header.width

    @property
    def rate(self) -> float:
        """Sampling rate of each channel in Hz."""
        return self._header.rate

    @property
    def seconds(self) -> float:
        """Duration in seconds."""
        return self.n_samples / self.rate

    @property
    def spec(self) -> str:
        """The pipeline, without parameters that only an encoder uses."""
        return self._header.spec

    @property
    def group_channels(self) -> int:
        """Channels that are decoded together."""
        return self._header.group_channels

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What the writer of the file wanted to keep."""
        return MappingProxyType(dict(self._header.metadata))

    @property
    def channel_names(self) -> tuple[str, ...]:
        """One a channel, or empty."""
        return self._header.channel_names

    @property
    def gains(self) -> tuple[float, ...]:
        """What one step of a sample is worth, one a channel, or empty."""
        return self._header.gains

    @property
    def offsets(self) -> tuple[float, ...]:
        """What a sample of zero stands for, one a channel, or empty: a value is gain x sample + offset."""
        return self._header.offsets

    @property
    def file_id(self) -> int:
        """64 bits that tell the file's chunks from those of every other file."""
        return self._header.file_id

    @property
    def start_time(self) -> datetime | None:
        """When the first sample was taken."""
        return self._header.start_time

    @property
    def restore(self) -> bytes:
        """What gives the source file back beside the samples; empty if there was none."""
        return self._header.restore

    @property
    def sidecars(self) -> Mapping[str, bytes]:
        """Files beside the source, by their extension."""
        return MappingProxyType(dict(self._header.sidecars))

    @property
    def source_format(self) -> str | None:
        """The format of the source: ``"wav"``, ``"raw"``, ``"spikeglx"``, ``"npy"``; None if there was none."""
        if not self.restore:
            return None
        with naming(self.path):
            return format_of(self.restore)

    @property
    def source_bytes(self) -> int | None:
        """Size of the source file; None if there was none."""
        if not self.restore:
            return None
        with naming(self.path):
            plan = Restore.from_bytes(self.restore)
            head, tail = plan.surround(self.layout)
        return len(head) + self.layout.size * (3 if plan.packed else self.dtype.itemsize) + len(tail)

    @property
    def file_bytes(self) -> int:
        """Size of the ``.n1c`` file."""
        return self._source.size

    @property
    def recording_hash(self) -> int | None:
        """The hash of the whole recording; None if the file was not finished, or its index is damaged."""
        return self._contents.recording_hash

    @property
    def damaged(self) -> tuple[str, ...]:
        """What is wrong with the file's structure, in sentences; empty if nothing is."""
        return self._contents.damaged

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
        fill: int | None = None,
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
        self, start: int | None = 0, stop: int | None = None, *, fill: int | None = None
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

    def _parts(self, times: range, fill: int | None) -> Iterator[tuple[int, Samples]]:
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

    def _fill(self, fill: int | None) -> int | None:
        limits = np.iinfo(self.dtype)
        return arguments.optional(arguments.integer, "fill", fill, int(limits.min), int(limits.max))

    def _shaped(self, samples: Samples) -> Samples:
        return samples[:, 0] if self.ndim == 1 else samples

    def _hole(self, start: int, stop: int, fill: int | None) -> Iterator[tuple[int, Samples]]:
        """Give out what is in no chunk, in parts of a few megabytes."""
        step = max(1, HOLE_VALUES // self.channels)
        for at in range(start, stop, step):
            if fill is None:
                raise CorruptError(f"lost {self._blocks.lost(start, stop)}")
            yield at, self._shaped(self._blocks.new_array((min(step, stop - at), self.channels), fill))
