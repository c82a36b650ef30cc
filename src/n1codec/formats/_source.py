"""A file that is read without trust: every read is checked against its real size."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from n1codec.errors import FormatError
from n1codec.formats.restore import MAX_EXTRA_BYTES

MAP_BYTES: Final = 1 << 26
"""Arrays larger than this are mapped into memory; smaller ones are read, which keeps no hold on the file."""


class SourceFile:
    """An open regular file.

    Parameters
    ----------
    path : Path
        Its name, for messages.
    handle : file object
        Open for reading in binary mode.
    """

    def __init__(self, path: Path, handle: BinaryIO) -> None:
        self.path = path
        self.size = os.fstat(handle.fileno()).st_size
        self._handle = handle

    def error(self, reason: str) -> FormatError:
        """Return the error that names this file."""
        return FormatError(str(self.path), reason)

    def bytes_at(self, start: int, length: int) -> bytes:
        """Return exactly `length` bytes from `start` on, or raise :class:`FormatError`."""
        if start + length > self.size:
            raise self.error(f"cut short: {length} bytes expected at byte {start}, the file has {self.size} bytes")
        self._handle.seek(start)
        data = self._handle.read(length)
        if len(data) != length:
            raise self.error("the file shrinks while it is read")
        return data

    def up_to(self, start: int, length: int) -> bytes:
        """Return `length` bytes from `start` on, or what there is of them."""
        return self.bytes_at(min(start, self.size), max(0, min(length, self.size - start)))

    def array_at(self, start: int, count: int, dtype: np.dtype[Any]) -> NDArray[Any]:
        """Return `count` values from byte `start` on, read-only, mapped if they are many."""
        length = count * dtype.itemsize
        if start + length > self.size:
            raise self.error(f"cut short: {length} bytes expected at byte {start}, the file has {self.size} bytes")
        if length <= MAP_BYTES:
            return np.frombuffer(self.bytes_at(start, length), dtype)
        # The view drops np.memmap's ways but holds on to the mapping.
        return np.memmap(self._handle, dtype, mode="r", offset=start, shape=(count,)).view(np.ndarray)

    def surroundings(self, start: int, end: int) -> tuple[bytes, bytes]:
        """Return the bytes before `start` and those from `end` on: what is stored beside the samples."""
        extra = start + self.size - end
        if extra > MAX_EXTRA_BYTES:
            raise self.error(f"{extra} bytes beside the samples are more than the limit of {MAX_EXTRA_BYTES}")
        return self.bytes_at(0, start), self.bytes_at(end, self.size - end)


def check_file(path: Path) -> None:
    """Raise :class:`FormatError` unless the path leads to a regular file."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        reason = error.strerror or str(error)
        if isinstance(error, FileNotFoundError) and path.is_symlink():
            reason += f": it is a link to {path.readlink()}"
        raise FormatError(str(path), reason) from error
    except ValueError as error:  # a null character in the name
        raise FormatError(repr(str(path)), str(error)) from error
    if stat.S_ISDIR(mode):
        raise FormatError(str(path), "is a directory, not a recording")
    if not stat.S_ISREG(mode):
        raise FormatError(str(path), "is not a regular file; what comes from a pipe is read as -, from standard input")


@contextlib.contextmanager
def open_source(path: Path) -> Iterator[SourceFile]:
    """Open a regular file; whatever the operating system refuses becomes a :class:`FormatError`."""
    check_file(path)
    try:
        with path.open("rb") as handle:
            yield SourceFile(path, handle)
    except OSError as error:
        raise FormatError(str(path), error.strerror or str(error)) from error
