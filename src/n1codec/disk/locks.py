"""One writer at a time.

A lock is the operating system's (``flock``), on the file itself, and advisory: only writers of this package ask for it; readers
never do. It belongs to the open file, so it ends when that is closed and with the process that holds it, however that ends;
none is ever stale. A process made by ``fork`` shares its parent's open files: there the file is closed at once, so a child
neither keeps the lock when the parent has gone nor can write through it.

Where there are no locks (Windows, and file systems such as NFS without its lock service) nothing keeps two writers apart, and
everything else works.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

from n1codec.disk.faults import os_errors
from n1codec.disk.forks import watch
from n1codec.errors import FileError

fcntl: Any = None
with contextlib.suppress(ImportError):  # Windows has none
    fcntl = importlib.import_module("fcntl")

IN_USE: Final = "another writer has it open"

_HELD: Final = frozenset({errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES})
_NO_LOCKS: Final = frozenset(
    {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL, errno.EBADF, errno.ENOTTY}
)


class Lock:
    """The lock on an open file, held from now until `release`.

    Parameters
    ----------
    handle : file object
        The file, unbuffered and open for writing.
    path : Path
        What it is called in messages.

    Raises
    ------
    FileError
        If another writer, of this process or another one, has the file open.
    """

    def __init__(self, handle: BinaryIO, path: Path) -> None:
        self._handle = handle
        self._path = path
        self._owner = os.getpid()
        watch(self)  # before it is taken: a fork may come in between
        if not _take(handle.fileno(), path, exclusive=True):
            raise FileError(str(path), IN_USE)

    def check(self) -> None:
        """Raise :class:`FileError` in a process that was forked from the one that holds the lock."""
        if os.getpid() != self._owner:
            raise FileError(str(self._path), f"belongs to process {self._owner}, which opened it")

    def release(self) -> None:
        """Let others have the file; to be called before it is closed. Never raises."""
        if fcntl is not None and os.getpid() == self._owner and not self._handle.closed:
            # Closing would do, but for children that a library forked behind Python's back.
            with contextlib.suppress(OSError):
                fcntl.flock(self._handle.fileno(), fcntl.LOCK_UN)

    def after_fork(self) -> None:
        """Close the file in a child process, which would share the lock."""
        with contextlib.suppress(OSError):  # nothing was written in this process
            self._handle.close()


def is_locked(path: Path) -> bool:
    """Return whether a writer has a file open; False where that cannot be found out."""
    if fcntl is None or not path.is_file():
        return False
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:  # not readable: then nothing can be known, and what is done next says what is wrong
        return False
    try:
        return not _take(descriptor, path, exclusive=False)
    finally:
        os.close(descriptor)


def refuse_locked(path: Path) -> None:
    """Raise :class:`FileError` if a writer has a file open, so that it must not be replaced or removed."""
    if is_locked(path):
        raise FileError(str(path), IN_USE)


@contextlib.contextmanager
def wait_for_lock(path: Path) -> Iterator[None]:
    """Hold the lock on a file that is made for it and stays; wait while another process holds it."""
    with path.open("ab") as handle:
        if fcntl is not None:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
            except OSError as error:
                if error.errno not in _NO_LOCKS:
                    raise
        yield


def _take(descriptor: int, path: Path, *, exclusive: bool) -> bool:
    """Take a lock and return whether that was possible; it is, too, where there are no locks."""
    if fcntl is None:
        return True
    with os_errors(path):
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _HELD:
                return False
            if error.errno not in _NO_LOCKS:
                raise
    return True
