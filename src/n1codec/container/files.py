"""Files that are read at any place.

Whatever the operating system refuses becomes a :class:`~n1codec.errors.FileError` that names the file.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from n1codec.disk import os_errors
from n1codec.errors import CorruptError, TruncatedError


@contextlib.contextmanager
def naming(path: Path | str) -> Iterator[None]:
    """Put the file's name in front of what is said of damage in it."""
    try:
        yield
    except CorruptError as error:
        if error.reason.startswith(f"{path}: "):
            raise
        raise type(error)(f"{path}: {error.reason}", error.offset) from error.__cause__


class Source:
    """An open file that is read at any place, by several threads if need be.

    Parameters
    ----------
    path : Path
        The file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with os_errors(path):
            self._fd = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
        try:
            with os_errors(path):
                os.lseek(self._fd, 0, os.SEEK_END)  # refuses pipes
                self.size = os.fstat(self._fd).st_size
                os.pread(self._fd, 1, 0)  # refuses directories
        except BaseException:
            self.close()
            raise

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._fd < 0

    def read(self, offset: int, length: int) -> bytes:
        """Return exactly `length` bytes from `offset` on.

        Raises
        ------
        TruncatedError
            If the file has no such bytes (any more).
        FileError
            If it cannot be read.
        """
        if not 0 <= offset <= offset + length <= self.size:
            raise TruncatedError(f"{length} bytes at byte {offset} lie beyond the end of the file", self.size)
        parts = []
        with os_errors(self.path):
            while length:
                part = os.pread(self._fd, length, offset)
                if not part:
                    raise TruncatedError("the file shrinks while it is read", offset)
                parts.append(part)
                offset += len(part)
                length -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def read_up_to(self, offset: int, length: int) -> bytes:
        """Return `length` bytes from `offset` on, or what there is of them."""
        return self.read(offset, max(0, min(length, self.size - offset)))

    def close(self) -> None:
        """Close the file; reading then is an error."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
