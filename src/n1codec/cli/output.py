"""Result files: checked before the work, written whole or not at all after it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from n1codec import disk
from n1codec.cli.options import is_folder
from n1codec.errors import FileError, ParameterError

STDOUT = "-"


class Output:
    """Where a result is to be written.

    Parameters
    ----------
    target : str
        A path, or ``-`` for standard output.

    Raises
    ------
    FileError
        If nothing could be written there.
    """

    def __init__(self, target: str) -> None:
        self.to_stdout = target == STDOUT
        self.path = Path(target)
        if self.to_stdout:
            return
        if is_folder(target):
            raise FileError(target, "is a directory")
        if self.is_special:
            if not os.access(self.path, os.W_OK):
                raise FileError(target, "cannot write there")
            return
        self._pending().discard()

    @property
    def is_special(self) -> bool:
        """Whether the path is a device or a pipe: written to as it is, never replaced by a file."""
        return disk.is_special(self.path)

    def write(self, text: str) -> None:
        """Write all of it. A file appears, or is replaced, at once and complete."""
        if self.to_stdout:
            sys.stdout.write(text)
            sys.stdout.flush()
            return
        content = text.encode("utf-8", "backslashreplace")
        if self.is_special:
            with disk.open_special(self.path) as handle:
                disk.write_all(handle, content, str(self.path))
                disk.sync(handle, str(self.path))
            return
        with self._pending() as pending:
            pending.write(content)
            disk.publish([pending])

    def write_page(self, text: str) -> None:
        """Write a page that says of itself that it is UTF-8: it is so on standard output, too."""
        buffer = getattr(sys.stdout, "buffer", None)
        if not self.to_stdout or buffer is None:
            self.write(text)
            return
        sys.stdout.flush()
        buffer.write(text.encode("utf-8", "backslashreplace"))
        buffer.flush()

    def _pending(self) -> disk.Pending:
        """Return a new file in the target's folder, or that of the file that the target is a link to."""
        try:
            return disk.Pending(disk.real_path(self.path), overwrite=True, name=str(self.path))
        except FileError as error:
            raise FileError(error.path, f"cannot write there: {error.reason}") from None


def check_outputs(options: Iterable[tuple[str, str | None]], inputs: Iterable[Path] = ()) -> None:
    """Refuse results that would be written over one another, or over what is read.

    Parameters
    ----------
    options : iterable of (str, str or None)
        Each option and its target, if it has one.
    inputs : iterable of Path
        Files that are read.

    Raises
    ------
    ParameterError
        If there are such.
    """
    read = list(inputs)
    files: list[Path] = []
    for option, target in options:
        path = Path(target or STDOUT)
        if not target or target == STDOUT or disk.is_special(path):  # devices may be used twice
            continue
        try:
            disk.check_distinct([path], read)
        except FileError:
            raise ParameterError(f"{option} {target}: would be written over a recording") from None
        try:
            disk.check_distinct([*files, path])
        except FileError:
            raise ParameterError(f"{option} {target}: another result would be written there, too") from None
        files.append(path)
