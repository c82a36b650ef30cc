"""Where the samples lie in a recording file, and how to read any part of them without reading the rest.

Each format's module says where (`Placement`); reading is the same for all.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final

import numpy as np

from n1codec import arguments
from n1codec.codec import Samples
from n1codec.formats._source import SourceFile
from n1codec.formats.recording import Recording
from n1codec.formats.restore import unpack_24_bits

PIECE_BYTES: Final = 1 << 19
"""What a processor's cache holds: read by so much, a file is still there when it is copied, hashed or compared."""


@dataclass(frozen=True)
class Placement:
    """Where the samples of a file are.

    Parameters
    ----------
    format : str
        ``"wav"``, ``"raw"``, ``"spikeglx"``, ``"npy"`` or ``"mtscomp"``.
    start : int
        Offset of the first sample in bytes.
    dtype : numpy.dtype
        Of the samples, in the file's byte order.
    shape : tuple of int
        ``(n_samples,)`` or ``(n_samples, n_channels)``.
    rate : float
        Sampling rate of each channel in Hz.
    restore : bytes
        What gives the file back: see `n1codec.formats.restore`.
    packed : bool
        Samples of 32 bits are stored in three bytes.
    fortran : bool
        Samples are stored channel after channel.
    channel_names : tuple of str
        One name a channel, or empty.
    notes : tuple of str
        What is odd about the file, a line each: where what is read is not what its header claims.
    doubt : str
        A line if the array looks as if its channels came first.
    companions : tuple of Path
        Files beside it that describe it.
    """

    format: str
    start: int
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    rate: float
    restore: bytes
    packed: bool = False
    fortran: bool = False
    channel_names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    doubt: str = ""
    companions: tuple[Path, ...] = ()

    @property
    def remarks(self) -> tuple[str, ...]:
        """All that there is to say about the file."""
        return (*self.notes, self.doubt) if self.doubt else self.notes

    @property
    def channels(self) -> int:
        """Number of channels."""
        return self.shape[1] if len(self.shape) == 2 else 1

    @property
    def width(self) -> int:
        """Bytes of one stored value."""
        return 3 if self.packed else self.dtype.itemsize

    def load(self, source: SourceFile) -> Recording:
        """Return the whole recording, mapped if it is large."""
        return Recording(
            name=source.path.stem,
            samples=self._whole(source),
            rate=self.rate,
            source_bytes=self.source_bytes(source),
            restore=self.restore,
            format=self.format,
            path=source.path,
            channel_names=self.channel_names,
            notes=self.remarks,
        )

    def read(self, source: SourceFile, start: int, stop: int) -> Samples:
        """Return the samples from `start` up to `stop`, read-only; see `RecordingReader.read`."""
        if self.fortran and self.channels > 1:
            samples = np.empty((stop - start, self.channels), self.dtype)
            for channel in range(self.channels):
                samples[:, channel] = self._values(source, channel * self.shape[0] + start, stop - start)
            samples.flags.writeable = False
            return samples
        values = self._values(source, start * self.channels, (stop - start) * self.channels)
        return values.reshape(stop - start, *self.shape[1:])

    def piece_frames(self, most: int) -> int:
        """Return how many samples of each channel are best read at once, if no more than so many are wanted."""
        return most if self.fortran else max(1, min(most, PIECE_BYTES // (self.width * self.channels)))

    def source_bytes(self, source: SourceFile) -> int:
        """Return the size of what is given back: of the file, or of what it unpacks to."""
        return source.size

    def check(self, source: SourceFile) -> None:
        """Raise :class:`FormatError` unless the file has the hash that its companion states."""

    def original(self, source: SourceFile) -> BinaryIO:
        """Open what is given back: the file, or what it unpacks to."""
        return source.path.open("rb")

    def _whole(self, source: SourceFile) -> Samples:
        """Return all samples, read-only, mapped if they are many."""
        count = self.shape[0] * self.channels
        if self.packed:
            samples: Samples = unpack_24_bits(source.array_at(self.start, 3 * count, np.dtype(np.uint8)))
            samples.flags.writeable = False
        else:
            samples = source.array_at(self.start, count, self.dtype)
        return samples.reshape(self.shape, order="F" if self.fortran else "C")

    def _values(self, source: SourceFile, first: int, count: int) -> Samples:
        """Return consecutive stored values."""
        data = source.bytes_at(self.start + first * self.width, count * self.width)
        if not self.packed:
            return np.frombuffer(data, self.dtype)
        values: Samples = unpack_24_bits(np.frombuffer(data, np.uint8))
        values.flags.writeable = False
        return values


class RecordingReader:
    """An open recording whose samples are read when they are asked for, and no others.

    Unlike the samples of a `Recording`, which are mapped into memory if they are many, nothing is mapped here: a file that is
    cut short while it is read gives an error, where a mapping would end the process, and the memory taken is that of the
    samples asked for. Made by `n1codec.formats.open_recording`; a context manager.

    Parameters
    ----------
    path : Path
        The file.
    handle : file object
        Open for reading in binary mode; closed by `close`.
    placement : Placement
        Where its samples are.
    """

    def __init__(self, path: Path, handle: BinaryIO, placement: Placement) -> None:
        self.path = path
        self.name = path.stem
        self.format = placement.format
        self.dtype = placement.dtype
        self.shape = placement.shape
        self.rate = placement.rate
        self.channels = placement.channels
        self.channel_names = placement.channel_names
        self.restore = placement.restore
        self.notes = placement.remarks
        self._handle = handle
        self._placement = placement
        self._source = SourceFile(path, handle)
        self._stamp = self._now()
        self.source_bytes = placement.source_bytes(self._source)
        self.companions = placement.companions

    def __enter__(self) -> RecordingReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def seconds(self) -> float:
        """Duration in seconds."""
        return float(self.shape[0] / self.rate)

    def read(self, start: int, stop: int) -> Samples:
        """Return samples ``start`` to ``stop`` (not included) of all channels.

        Parameters
        ----------
        start, stop : int
            ``0 <= start <= stop <= n_samples``.

        Returns
        -------
        ndarray of int, shape (stop - start,) or (stop - start, n_channels)
            Read-only, in the file's byte order.

        Raises
        ------
        FormatError
            If the file is shorter than it was, or cannot be read.
        ParameterError
            If the range is none.
        """
        start = arguments.integer("start", start, 0, self.shape[0])
        stop = arguments.integer("stop", stop, start, self.shape[0])
        try:
            return self._placement.read(self._source, start, stop)
        except OSError as error:
            raise self._source.error(error.strerror or str(error)) from error

    def chunks(self, n_samples: int) -> Iterator[Samples]:
        """Return all samples in chunks of `n_samples`, at least 1; the last one may be shorter."""
        step = arguments.integer("n_samples", n_samples, 1)
        return (self.read(start, min(start + step, self.shape[0])) for start in range(0, self.shape[0], step))

    def pieces(self, n_samples: int) -> Iterator[Samples]:
        """Return all samples in whatever pieces of at most `n_samples` are read soonest."""
        return self.chunks(self._placement.piece_frames(arguments.integer("n_samples", n_samples, 1)))

    def original(self) -> BinaryIO:
        """Open the bytes that are to be given back: the file's, or of a ``.cbin`` those that it unpacks to."""
        return self._placement.original(self._source)

    def check(self) -> None:
        """Raise :class:`FormatError` unless the file has the hash that is stated beside it, if one is."""
        self._placement.check(self._source)

    def check_unchanged(self) -> None:
        """Raise :class:`FormatError` if the file has been written to since it was opened."""
        if self._now() != self._stamp:
            raise self._source.error("the file changes while it is read")

    def close(self) -> None:
        """Close the file."""
        self._handle.close()

    def _now(self) -> tuple[int, int]:
        """Return the file's size and the time of its last change."""
        status = os.fstat(self._handle.fileno())
        return status.st_size, status.st_mtime_ns
