"""Where a writer's bytes go: files written so that a crash leaves the old state or the new one."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Protocol

from n1codec.container.files import os_errors
from n1codec.errors import FileError


class Writable(Protocol):
    """The part of a binary file object that is used of one to write to."""

    def write(self, data: Any, /) -> int | None:
        """Append bytes and say how many; None for all."""

    def flush(self) -> None:
        """Pass on what is buffered."""


class Sink(Protocol):
    """Where a writer's bytes go."""

    def write(self, data: bytes) -> None:
        """Append bytes."""

    def sync(self) -> None:
        """Return when everything written so far would survive a power failure."""

    def commit(self) -> None:
        """Make the file final."""

    def abort(self) -> None:
        """Give up; never raises."""


class AtomicFile:
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
        self.path = path
        self.name = str(path)
        self._overwrite = overwrite
        refuse_existing(path, overwrite)
        # The name stays below 255 bytes, the limit of most file systems, whatever the final name is.
        self.temporary = path.with_name(f".{path.name[:40]}.{secrets.token_hex(6)}.part")
        with os_errors(path):
            self.handle = self._create(self.temporary)
        self._open = True

    def __enter__(self) -> AtomicFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.commit()
        else:
            self.abort()

    @staticmethod
    def _create(path: Path) -> BinaryIO:
        return path.open("xb")

    def write(self, data: bytes) -> None:
        """Append bytes."""
        with os_errors(self.path):
            self.handle.write(data)

    def sync(self) -> None:
        """Return when everything written so far would survive a power failure (under the temporary name)."""
        with os_errors(self.path):
            self.handle.flush()
            os.fsync(self.handle.fileno())

    def flush(self) -> None:
        """Do the same as `sync`: what a writer that takes this for a file object calls."""
        self.sync()

    def commit(self) -> None:
        """Sync, close and rename; on failure nothing is left."""
        if not self._open:
            return
        try:
            self.sync()
            with os_errors(self.path):
                self.handle.close()
            refuse_existing(self.path, self._overwrite)
            with os_errors(self.path):
                self.temporary.replace(self.path)
        except BaseException:
            self.abort()
            raise
        self._open = False
        with os_errors(self.path):
            sync_folder(self.path)

    def abort(self) -> None:
        """Close and remove the temporary file."""
        if self._open:
            self._open = False
            with contextlib.suppress(OSError):
                self.handle.close()  # may fail to write what is buffered
            with contextlib.suppress(OSError):
                self.temporary.unlink()


class LiveFile:
    """A file that grows in place under its final name, unbuffered: a crash leaves what has been written.

    Parameters
    ----------
    path : Path
        Its name.
    overwrite : bool
        Whether a file of that name may be replaced.
    keep : int, optional
        Go on with an existing file after so many bytes, instead of creating one.
    """

    def __init__(self, path: Path, *, overwrite: bool = False, keep: int | None = None) -> None:
        self.path = path
        if keep is None:
            refuse_existing(path, overwrite)
        with os_errors(path):
            self._handle = path.open("r+b" if keep is not None else "wb" if overwrite else "xb", buffering=0)
        self._size = keep or 0
        if keep is None:
            with os_errors(path):
                sync_folder(path)
        else:
            with os_errors(path):
                self._handle.truncate(keep)
                self._handle.seek(keep)

    def write(self, data: bytes) -> None:
        """Append bytes; if not all of them fit, none are left."""
        view = memoryview(data)
        try:
            with os_errors(self.path):
                while view:
                    view = view[self._handle.write(view) or 0 :]
        except BaseException:
            with contextlib.suppress(OSError, ValueError):
                self._handle.truncate(self._size)
                self._handle.seek(self._size)
            raise
        self._size += len(data)

    def sync(self) -> None:
        """Return when everything written so far would survive a power failure."""
        with os_errors(self.path):
            os.fsync(self._handle.fileno())

    def commit(self) -> None:
        """Sync and close."""
        self.sync()
        with os_errors(self.path):
            self._handle.close()

    def abort(self) -> None:
        """Close; what has been written stays."""
        with contextlib.suppress(OSError):
            self._handle.close()


class ObjectFile:
    """A file object of the caller's, which stays open.

    Parameters
    ----------
    handle : file object
        Open for writing in binary mode. Syncing is its ``flush`` and, where it has a descriptor, ``fsync``.
    """

    def __init__(self, handle: Writable) -> None:
        self._handle = handle
        self._name = str(getattr(handle, "name", "output"))

    def write(self, data: bytes) -> None:
        """Append bytes."""
        view = memoryview(data)
        with os_errors(self._name):
            while view:
                written = self._handle.write(view)
                view = view[len(view) if written is None else written :]

    def sync(self) -> None:
        """Flush, and sync if there is something to sync."""
        with os_errors(self._name):
            self._handle.flush()
            with contextlib.suppress(OSError, AttributeError):  # no descriptor, or that of a pipe
                os.fsync(getattr(self._handle, "fileno")())  # noqa: B009

    def commit(self) -> None:
        """Flush and sync."""
        self.sync()

    def abort(self) -> None:
        """Do nothing: the file is the caller's."""


def refuse_existing(path: Path, overwrite: bool) -> None:
    """Raise :class:`FileError` if a file may not be written under this name."""
    with os_errors(path):
        if path.is_dir():
            raise FileError(str(path), "is a directory")
        if os.path.lexists(path):
            if not overwrite:
                raise FileError(str(path), "exists already and is not overwritten")
            if path.exists() and not path.is_file():
                raise FileError(str(path), "is not a regular file")


def sync_folder(path: Path) -> None:
    """Make the name of a file survive a power failure."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network file systems cannot sync a folder
            os.fsync(folder)
    finally:
        os.close(folder)
