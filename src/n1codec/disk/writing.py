"""Bytes into file objects: all of them, or an error.

A raw file (``buffering=0``) says how many bytes it took, which a full disk, a pipe or a signal may make less than all; one that
must not block says None when it took nothing. Buffered files see to that themselves, and raise what goes wrong at `flush`.
"""

from __future__ import annotations

import io
import select
from pathlib import Path
from typing import Any, Final, Protocol

from n1codec.disk.faults import file_name, os_errors
from n1codec.errors import FileError, ParameterError

COPY_BYTES: Final = 1 << 20


class Writable(Protocol):
    """The part of a binary file object that is used of one to write to."""

    def write(self, data: Any, /) -> int | None:
        """Append bytes and say how many were taken.

        None means nothing of an unbuffered file of `io`, which is how those say that they would block; of any other object
        that says nothing it means all.
        """

    def flush(self) -> None:
        """Pass on what is buffered."""


def write_all(handle: Any, data: bytes | memoryview, name: str | None = None) -> None:
    """Write bytes until all are taken.

    Parameters
    ----------
    handle : file object
        Open for writing in binary mode, of any kind. One that must not block is waited for.
    data : bytes
        What is written.
    name : str, optional
        What errors call the file; by default its name.

    Raises
    ------
    FileError
        If not all bytes are taken.
    ParameterError
        If the file object takes no bytes.
    """
    name = file_name(handle) if name is None else name
    rest: Any = data
    with os_errors(name):
        while len(rest):
            try:
                taken = handle.write(rest)
            except BlockingIOError as error:
                taken = error.characters_written
                if taken < len(rest):
                    wait_writable(handle, name)
            except TypeError as error:
                raise ParameterError(f"{name}: takes no bytes: {error}") from error
            else:
                if taken is None:
                    if not _is_raw(handle):
                        return
                    wait_writable(handle, name)
                    continue
                if not 0 < taken <= len(rest):
                    raise FileError(name, f"took {taken} of {len(rest)} bytes")
            if taken == len(rest):
                return
            rest = memoryview(rest)[taken:]


def flush(handle: Any, name: str | None = None) -> None:
    """Pass on what a file object has buffered; one without `flush` has nothing."""
    name = file_name(handle) if name is None else name
    step = getattr(handle, "flush", None)
    while step is not None:
        with os_errors(name):
            try:
                step()
            except BlockingIOError:
                wait_writable(handle, name)
            else:
                return


def copy(source: Path, handle: Any, name: str | None = None) -> int:
    """Write the content of a file into a file object, and return its size; it is not flushed."""
    size = 0
    with os_errors(source), source.open("rb") as content:
        while piece := content.read(COPY_BYTES):
            write_all(handle, piece, name)
            size += len(piece)
    return size


def _is_raw(handle: Any) -> bool:
    return isinstance(getattr(handle, "file", handle), io.RawIOBase)


def wait_writable(handle: Any, name: str) -> None:
    """Return when a file that must not block may take more."""
    try:
        descriptor = handle.fileno()
    except (AttributeError, OSError, ValueError):
        raise FileError(name, "takes no more bytes now, and nothing says when it will") from None
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(descriptor, select.POLLOUT)
        poll.poll()
    else:
        select.select([], [descriptor], [])
