"""Bytes onto the disk: what a disk says of a failure is final."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import stat
import sys
from pathlib import Path
from typing import Any, Final

from n1codec import _core
from n1codec.disk.faults import file_name, os_errors
from n1codec.disk.writing import flush

NOT_SYNCABLE: Final = frozenset(
    {errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.ENOTTY, errno.EROFS}
)
"""What systems say of pipes, sockets, devices and folders that there is nothing to sync about: no failure of a disk."""
NOT_OPENABLE: Final = frozenset({errno.EACCES, errno.EPERM, errno.EISDIR, *NOT_SYNCABLE})
"""What they say of a folder that may be written to but not opened, or, on Windows, of any."""


def sync(handle: Any, name: str | None = None) -> None:
    """Flush a file object, and return when what is in it would survive a power failure.

    File objects without a descriptor are only flushed; so are pipes, sockets and devices, which cannot be synced.

    Raises
    ------
    FileError
        If the disk fails. It says so only once: calling this again proves nothing, the bytes are lost.
    """
    name = file_name(handle) if name is None else name
    flush(handle, name)
    with os_errors(name):
        try:
            descriptor = handle.fileno()
        except (AttributeError, io.UnsupportedOperation):
            return
        if isinstance(descriptor, int):
            sync_descriptor(descriptor)


def begin_sync(handle: Any, start: int, stop: int) -> None:
    """Let the system begin to put a part of a file on the disk, so that a later `sync` need not wait for all of it.

    A hint: it returns soon, does nothing where there is no such call, and what goes wrong is for `sync` to say.
    """
    with contextlib.suppress(AttributeError, OSError, ValueError):
        _core.begin_sync(handle.fileno(), start, stop - start)


def sync_descriptor(descriptor: int) -> None:
    """Sync what can be synced; pass over what no system can."""
    try:
        _full_sync(descriptor)
    except OSError as error:
        if error.errno not in NOT_SYNCABLE or stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise


def sync_folder(folder: Path, name: Path | None = None) -> None:
    """Make the names in a folder survive a power failure, where the system can promise that.

    Errors name the folder, or the file of that `name` whose sake this is for.
    """
    with os_errors(folder if name is None else name):
        try:
            descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
        except OSError as error:
            if error.errno not in NOT_OPENABLE:
                raise
            return
        try:
            sync_descriptor(descriptor)
        finally:
            os.close(descriptor)


def _full_sync(descriptor: int) -> None:
    if sys.platform == "darwin":  # fsync leaves bytes in the drive's own memory there
        import fcntl

        try:
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
        except OSError as error:
            if error.errno not in NOT_SYNCABLE:
                raise
        else:
            return
    os.fsync(descriptor)
