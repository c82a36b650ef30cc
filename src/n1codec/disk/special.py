"""What has a name and is no file to be replaced: devices, pipes, and the open files of the process itself."""

from __future__ import annotations

import contextlib
import io
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from n1codec.disk.faults import os_errors

MAX_LINKS: Final = 40
"""Most links that lead from one to the next, as Linux has it."""

_OPEN_FILES: Final = re.compile(r"/dev/fd|/proc/self(/task/[0-9]+)?/fd")
"""Folders of what a process has open."""


def descriptor_of(path: Path) -> int | None:
    """Return the number of this process's open file that a path means, as ``/dev/stdout`` and ``/dev/fd/3`` do, or None."""
    with contextlib.suppress(OSError, ValueError):
        for _ in range(MAX_LINKS):
            folder = os.path.realpath(path.parent)
            if path.name.isdecimal() and _OPEN_FILES.fullmatch(folder.replace(f"/proc/{os.getpid()}/", "/proc/self/")):
                return int(path.name)
            path = Path(folder, path.readlink())
    return None


def is_special(path: Path) -> bool:
    """Whether a path is a device, a pipe or an open file of this process: written to as it is, never replaced by a file."""
    return descriptor_of(path) is not None or (path.exists() and not path.is_file() and not path.is_dir())


def is_pipe(handle: Any) -> bool:
    """Whether an open file is a pipe, or what else may keep a writer waiting: a socket, a terminal."""
    try:
        mode = os.fstat(handle.fileno()).st_mode
    except (AttributeError, OSError, ValueError):
        return False
    return os.name == "posix" and not stat.S_ISREG(mode)


@contextlib.contextmanager
def open_special(path: Path) -> Iterator[io.FileIO]:
    """Open what is special for writing, unbuffered: an open file goes on where it is, and stays open.

    Raises
    ------
    FileError
        If it cannot be opened or written to.
    """
    with os_errors(path):
        number = descriptor_of(path)
        with io.FileIO(path if number is None else os.dup(number), "wb") as handle:
            yield handle
