"""Where a writer's bytes go: files written so that a crash leaves the old state or the new one."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol

from n1codec import disk
from n1codec.disk import Writable
from n1codec.errors import FileError


class Sink(Protocol):
    """Where a writer's bytes go."""

    def write(self, *parts: bytes) -> None:
        """Append bytes, in parts that stand one after the other."""

    def sync(self) -> None:
        """Return when everything written so far would survive a power failure."""

    def keep(self, size: int) -> None:
        """Go on after so many bytes; what comes after them goes."""

    def commit(self) -> None:
        """Make the file final."""

    def abort(self) -> None:
        """Give up; never raises."""


class AtomicFile(disk.Pending):
    """A file that appears under its name when it is complete, and not at all otherwise.

    It is written under a temporary name in the same folder, synced and renamed; the folder is synced, too. A context manager
    that commits at its end, or leaves nothing after an exception.

    Parameters
    ----------
    path : Path
        The final name.
    overwrite : bool
        Whether a file of that name may be replaced.
    """

    def __init__(self, path: Path, *, overwrite: bool = False) -> None:
        disk.refuse_existing(path, overwrite)
        super().__init__(path, overwrite=overwrite)
        self.path = path
        self.name = str(path)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.commit()
        else:
            self.abort()

    def flush(self) -> None:
        """Do the same as `sync`: what a writer that takes this for a file object calls."""
        self.sync()

    def keep(self, size: int) -> None:
        """Go on after so many bytes; what comes after them goes."""
        with disk.os_errors(self.path):
            self.handle.truncate(size)
            self.handle.seek(size)

    def commit(self) -> None:
        """Sync, close and rename; on failure nothing is left."""
        if self.is_open:
            disk.publish([self])

    def abort(self) -> None:
        """Close and remove the temporary file."""
        self.discard()


class LiveFile:
    """A file that grows in place under its final name, unbuffered: a crash leaves what has been written.

    It is locked until it is closed: a second writer is refused (`n1codec.disk.Lock`).

    Parameters
    ----------
    path : Path
        Its name.
    overwrite : bool
        Whether a file of that name may be replaced.
    again : bool
        Open an existing file to go on with it, instead of making one; `keep` says after how many bytes.

    Raises
    ------
    FileError
        If the file exists, or does not, or another writer has it open.
    """

    def __init__(self, path: Path, *, overwrite: bool = False, again: bool = False) -> None:
        self.path = path
        self._failure: str | None = None
        self._size = 0
        if not again:
            disk.refuse_existing(path, overwrite)
        with disk.os_errors(path):
            self._handle = _open_in_place(path, overwrite=overwrite, again=again)
        try:
            self._lock = disk.Lock(self._handle, path)
            with disk.os_errors(path):
                found = os.fstat(self._handle.fileno())
                self._linked = found.st_nlink > 0  # a few file systems do not count
                if not os.path.samestat(found, path.stat()):
                    raise FileError(str(path), "is replaced while it is opened")
            if not again:
                self.keep(0)
                disk.sync_folder(path.parent, path)
        except BaseException:
            self._handle.close()
            raise

    def keep(self, size: int) -> None:
        """Go on after so many bytes; what comes after them goes."""
        with disk.os_errors(self.path):
            self._handle.truncate(size)
            self._handle.seek(size)
        self._size = size

    def write(self, *parts: bytes) -> None:
        """Append bytes at once, so that nobody reads some of them; if not all of them fit, none are left."""
        data = b"".join(parts)
        self._lock.check()
        self._refuse_changed()  # before a gap is filled with zeros
        try:
            disk.write_all(self._handle, data, str(self.path))
        except BaseException:
            with contextlib.suppress(OSError, ValueError):  # a torn end is no harm: readers find the last whole chunk
                self._handle.truncate(self._size)
                self._handle.seek(self._size)
            raise
        self._size += len(data)

    def sync(self) -> None:
        """Return when everything written so far would survive a power failure."""
        self._lock.check()
        if self._failure is not None:
            raise FileError(str(self.path), self._failure)
        try:
            self._refuse_changed()
            disk.sync(self._handle, str(self.path))
        except FileError as error:
            self._failure = error.reason
            raise

    def _refuse_changed(self) -> None:
        with disk.os_errors(self.path):
            found = os.fstat(self._handle.fileno())
        if found.st_size != self._size or (self._linked and not found.st_nlink):
            raise FileError(str(self.path), "was changed or removed by another program while it was written")

    def commit(self) -> None:
        """Sync and close; again, if that was interrupted."""
        if not self._handle.closed:
            self.sync()
        self._lock.release()
        with disk.os_errors(self.path):
            self._handle.close()

    def abort(self) -> None:
        """Close; what has been written stays."""
        self._lock.release()
        with contextlib.suppress(OSError):  # unbuffered: nothing is written here that could fail to be
            self._handle.close()


def _open_in_place(path: Path, *, overwrite: bool, again: bool) -> BinaryIO:
    """Open a file without emptying it: it may be another writer's."""
    flags = os.O_RDWR | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    if not again:
        flags |= os.O_CREAT | (0 if overwrite else os.O_EXCL)
    try:
        descriptor = os.open(path, flags, 0o666)
    except FileExistsError:
        raise FileError(str(path), "exists already and is not overwritten") from None
    return os.fdopen(descriptor, "r+b", buffering=0)


class ObjectFile:
    """A file object of the caller's, which stays open.

    Parameters
    ----------
    handle : file object
        Open for writing in binary mode. Syncing is its ``flush`` and, where it has a descriptor, ``fsync``.
    """

    def __init__(self, handle: Writable) -> None:
        self._handle = handle
        self._name = disk.file_name(handle)
        self._size: int | None = 0

    def write(self, *parts: bytes) -> None:
        """Append bytes, each part by a call."""
        size, self._size = self._size, None  # not known until all are taken
        for data in parts:
            disk.write_all(self._handle, data, self._name)
        self._size = None if size is None else size + sum(map(len, parts))

    def keep(self, size: int) -> None:
        """Raise :class:`FileError` if more, or nobody knows how much, was written: there is no way back."""
        if size != self._size:
            raise FileError(self._name, "was interrupted while it was written to")

    def sync(self) -> None:
        """Flush, and sync if there is something to sync."""
        disk.sync(self._handle, self._name)

    def commit(self) -> None:
        """Flush and sync."""
        self.sync()

    def abort(self) -> None:
        """Do nothing: the file is the caller's."""


def sink_of(where: Path | Writable, *, atomic: bool, overwrite: bool) -> Sink:
    """Return where the bytes of a new file go."""
    if not isinstance(where, Path):
        return ObjectFile(where)
    return AtomicFile(where, overwrite=overwrite) if atomic else LiveFile(where, overwrite=overwrite)
