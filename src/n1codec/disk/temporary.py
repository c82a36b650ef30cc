"""What is not finished: files under hidden names, and folders, that go if they do not become something."""

from __future__ import annotations

import atexit
import contextlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

from n1codec.disk.faults import os_errors
from n1codec.disk.forks import OneProcess, watch
from n1codec.disk.syncing import begin_sync, sync
from n1codec.disk.writing import write_all
from n1codec.errors import FileError

NAME_CHARACTERS: Final = 40
"""Most characters of a name that stay in a hidden one: names end at 255 bytes, and a character may take four."""
SUFFIX_CHARACTERS: Final = 12
BEGUN_BYTES: Final = 1 << 22
"""After so many bytes the system is told to begin writing them to the disk: whole pages, which are not written to again."""

_leftovers: set[tuple[int, Path]] = set()
"""Temporary files and folders that are there, with the process that made them."""
_at_exit = False


def hidden_name(path: Path, suffix: str | None = None) -> Path:
    """Return a new name beside a file; the dot hides it from whoever searches the folder.

    With a suffix, even an empty one, it has that extension, for some files are read by it.
    """
    token = secrets.token_hex(6)
    if suffix is None:
        return path.with_name(f".{path.name[:NAME_CHARACTERS]}.{token}.part")
    suffix = suffix if len(suffix) <= SUFFIX_CHARACTERS else ""
    return path.with_name(f".{path.stem[:NAME_CHARACTERS]}.{token}.tmp{suffix}")


def create(path: Path, mode: int) -> BinaryIO:
    """Make a new file and open it for reading and writing."""
    return open(path, "x+b", opener=lambda name, flags: os.open(name, flags, mode))


class Pending(OneProcess):
    """A file that is being written under a hidden name in the folder of its target. A context manager that discards it.

    In a process forked from the one that made it, nothing is written to it, and it is not removed.

    `n1codec.disk.publish` gives it its name; what never got one is removed.

    Parameters
    ----------
    target : Path
        The final name.
    overwrite : bool
        Whether a file of that name may be replaced.
    suffix : str, optional
        The extension of the hidden name.
    private : bool
        Let nobody else read it until it has its name, whatever the umask says.
    name : str, optional
        What errors call it; by default the target.

    Raises
    ------
    FileError
        If there can be no file.
    """

    def __init__(
        self,
        target: Path,
        *,
        overwrite: bool = False,
        suffix: str | None = None,
        private: bool = False,
        name: str | None = None,
    ) -> None:
        self.target = target
        self.shown = str(target) if name is None else name
        self.overwrite = overwrite
        self.temporary = hidden_name(target, suffix)
        """Where it is written, until it has its name."""
        self._failure: str | None = None
        self._open = False
        self._begun = 0
        note(self.temporary)  # before it is there: an interruption may come in between
        try:
            with os_errors(self.shown):
                self.handle = self._create(self.temporary, 0o600 if private else 0o666)
        except BaseException:
            remove(self.temporary)
            raise
        self._open = True
        watch(self)

    def after_fork(self) -> None:
        """Let what a child still has in a buffer go nowhere: it shares the place in the file with its parent."""
        with contextlib.suppress(OSError, ValueError):
            descriptor = self.handle.fileno()
            null = os.open(os.devnull, os.O_WRONLY | getattr(os, "O_CLOEXEC", 0))
            os.dup2(null, descriptor, inheritable=False)
            os.close(null)

    _create = staticmethod(create)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.discard()

    @property
    def is_open(self) -> bool:
        """Whether it still waits for its name."""
        return self._open

    def write(self, *parts: bytes) -> None:
        """Append bytes, in parts that stand one after the other."""
        self.refuse_foreign(self.shown)
        for data in parts:
            write_all(self.handle, data, self.shown)
        self.begin_sync()

    def begin_sync(self) -> None:
        """Let the system begin to put on the disk what was written in order, so that `sync` need not wait for all of it."""
        with contextlib.suppress(OSError, ValueError):  # what is wrong with it, the next step says
            stop = self.handle.tell() // BEGUN_BYTES * BEGUN_BYTES
            if stop > self._begun:
                begin_sync(self.handle, self._begun, stop)
                self._begun = stop

    def sync(self) -> None:
        """Return when everything written so far would survive a power failure, under the hidden name."""
        self.refuse_foreign(self.shown)
        if self._failure is not None:
            raise FileError(self.shown, self._failure)
        if self.handle.closed:  # it was synced before
            return
        try:
            sync(self.handle, self.shown)
        except FileError as error:
            self._failure = error.reason
            raise

    def seal(self) -> None:
        """Sync and close, for good."""
        self.sync()
        try:
            with os_errors(self.shown):
                self.handle.close()
        except FileError as error:
            self._failure = error.reason
            raise

    def done(self) -> None:
        """Take note that it has its name: there is nothing to discard any more."""
        self._open = False
        forget(self.temporary)

    def discard(self) -> None:
        """Close and remove it, unless it has its name. Never raises."""
        if self._open:
            self._open = False
            with contextlib.suppress(OSError, ValueError):
                self.handle.close()  # may fail to write what is buffered: it is removed anyway
            if not self.is_foreign:
                remove(self.temporary)


def temporary_home() -> Path:
    """Return the folder for temporary files: the one that `tempfile` would choose, as a rule.

    That tries one by making a file in it, which an interruption in that moment leaves behind.
    """
    if tempfile.tempdir is not None:
        return Path(os.fsdecode(tempfile.tempdir))
    for folder in (*map(os.environ.get, ("TMPDIR", "TEMP", "TMP")), "/tmp", "/var/tmp"):
        if folder and Path(folder).is_dir() and os.access(folder, os.W_OK | os.X_OK):
            return Path(folder).absolute()
    with os_errors("folder for temporary files"):
        return Path(tempfile.gettempdir())


@contextlib.contextmanager
def scratch_folder(parent: Path | None = None, prefix: str = "n1codec.") -> Iterator[Path]:
    """Give a temporary folder, in the one for such or in `parent`, and remove it with all that is in it."""
    parent = temporary_home() if parent is None else parent
    folder = parent / f"{prefix}{secrets.token_hex(6)}"
    note(folder)
    try:
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        remove(folder)


def remove(path: Path) -> None:
    """Remove a temporary file or folder. Never raises: what cannot be removed stays hidden, and harms nobody."""
    with contextlib.suppress(OSError, ValueError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    forget(path)


def note(path: Path) -> None:
    """Take note of something that `remove_leftovers` is to remove, at the end of the interpreter at the latest."""
    global _at_exit
    if not _at_exit:
        _at_exit = True
        atexit.register(remove_leftovers)
    _leftovers.add((os.getpid(), path))


def forget(path: Path) -> None:
    """Let it stay."""
    _leftovers.discard((os.getpid(), path))


def remove_leftovers() -> None:
    """Remove what this process has not finished: for a program that was told to stop, at its very end.

    An interruption may come between any two steps, even of a clean-up.
    """
    process = os.getpid()
    for owner, path in list(_leftovers):
        if owner == process:
            remove(path)
