"""Result files: checked before the work, written whole or not at all after it."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

STDOUT = "-"
_UMASK = threading.Lock()
"""It belongs to the whole process, and files are made side by side."""


class Output:
    """Where a result is to be written.

    Parameters
    ----------
    target : str
        A path, or ``-`` for standard output.

    Raises
    ------
    OSError
        If nothing could be written there.
    """

    def __init__(self, target: str) -> None:
        self.to_stdout = target == STDOUT
        self._path = Path(target)
        if self.to_stdout:
            return
        if self._path.is_dir():
            raise IsADirectoryError(None, "is a directory", target)
        if self._special:
            if not os.access(self._path, os.W_OK):
                raise PermissionError(None, "cannot write there", target)
            return
        with self._temporary() as temporary:
            temporary.unlink()

    @property
    def _special(self) -> bool:
        """Whether the path is a device or a pipe: written to as it is, never replaced by a file."""
        return self._path.exists() and not self._path.is_file()

    def write(self, text: str) -> None:
        """Write all of it. A file appears, or is replaced, at once and complete."""
        if self.to_stdout:
            sys.stdout.write(text)
            return
        try:
            if self._special:
                self._path.write_text(text, encoding="utf-8")
                return
            with self._temporary() as temporary:
                temporary.write_text(text, encoding="utf-8")
                temporary.replace(self._path.resolve())
        except OSError as error:
            if error.errno and error.filename is None:  # writing, unlike opening, does not know the name
                error.filename = str(self._path)
            raise

    @contextlib.contextmanager
    def _temporary(self) -> Iterator[Path]:
        """Give a new file in the target's folder, and see that it does not stay there."""
        folder = self._path.resolve().parent
        try:
            descriptor, name = tempfile.mkstemp(dir=folder, prefix=f".{self._path.name}.", suffix=".tmp")
        except OSError as error:
            raise type(error)(error.errno, f"cannot write there: {error.strerror}", str(self._path)) from None
        os.close(descriptor)
        temporary = Path(name)
        temporary.chmod(0o666 & ~umask())
        try:
            yield temporary
        finally:
            temporary.unlink(missing_ok=True)


def umask() -> int:
    """Return the permissions that new files do not get; it can only be read by setting it."""
    with _UMASK:
        mask = os.umask(0o022)
        os.umask(mask)
    return mask
