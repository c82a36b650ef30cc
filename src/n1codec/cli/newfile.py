"""Files that appear under their names complete and synced, or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final

from n1codec.cli.output import umask
from n1codec.errors import CorruptError, FileError, N1Error

STDIO: Final = "-"
COPY_BYTES: Final = 1 << 20


class NewFile:
    """A file that is written under a temporary name in its folder, and renamed when it is whole.

    A context manager: what was not committed is removed. Devices and pipes cannot be renamed to; what is meant for them, or for
    standard output, is kept in a temporary file and copied when it is whole.

    Parameters
    ----------
    target : Path or None
        Where it is to appear; None is standard output.
    force : bool
        Replace a file that is there, and write to a terminal.
    like : Path, optional
        Take over this file's permissions and times.
    suffix : str, optional
        The extension that the temporary name has; by default the target's.

    Raises
    ------
    FileError
        If the target exists, is a directory, or its folder cannot be written to.
    """

    def __init__(
        self, target: Path | None, *, force: bool = False, like: Path | None = None, suffix: str | None = None
    ) -> None:
        self.target = target
        self._shown = "stdout" if target is None else str(target)
        self._force = force
        self._like = like
        self._stream = target is None or _is_special(target)
        if target is None and sys.stdout.isatty() and not force:
            raise FileError(
                "stdout", "is a terminal, and this is binary data: give -o FILE, or -f to write nevertheless"
            )
        if target is not None and not self._stream:
            check_free(target, force=force)
        folder = None if target is None or self._stream else target.parent
        # The extension stays, for some are read by it; the dot in front hides the file from whoever searches the folder.
        prefix = ".n1codec." if folder is None or target is None else f".{target.stem[:100]}."
        if suffix is None:
            suffix = "" if target is None else target.suffix
        try:
            descriptor, name = tempfile.mkstemp(dir=folder, prefix=prefix, suffix=".tmp" + suffix)
        except OSError as error:
            raise FileError(self._shown, f"cannot write there: {error.strerror}") from None
        self._size: int | None = None
        self.path = Path(name)
        """Where it is written, until it is committed."""
        os.close(descriptor)
        self.handle: BinaryIO = self.path.open("r+b")  # by its name, which those who verify it go by

    def __enter__(self) -> NewFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):  # what is still buffered may not fit on the disk
            self.handle.close()
        self.path.unlink(missing_ok=True)
        self._rename_error(error)

    def _rename_error(self, error: BaseException | None) -> None:
        """Raise an error again as one that names the output instead of its temporary name, or nothing at all."""
        if isinstance(error, FileError) and error.path == str(self.path):
            raise FileError(self._shown, error.reason) from error
        if isinstance(error, CorruptError) and error.reason.startswith(f"{self.path}: "):
            reason = error.reason.removeprefix(f"{self.path}: ")
            raise type(error)(f"{self._shown}: {reason}", error.offset) from error
        if isinstance(error, OSError) and not isinstance(error, (N1Error, BrokenPipeError)):
            raise FileError(self._shown, error.strerror or str(error)) from error

    @property
    def size(self) -> int:
        """Bytes written so far, without those that are still buffered."""
        return self._size if self._size is not None else self.path.stat().st_size

    def sync(self) -> None:
        """See that all bytes are on the disk, and close the file."""
        if self.handle.closed:
            with self.path.open("rb") as again:
                os.fsync(again.fileno())
            return
        self.handle.flush()
        os.fsync(self.handle.fileno())
        self.handle.close()

    def commit(self) -> None:
        """Let the file appear under its name.

        Raises
        ------
        FileError
            If a file of that name has appeared meanwhile.
        OSError
            If the last bytes cannot be written.
        """
        self.sync()
        self._size = self.path.stat().st_size
        if self._stream:
            self._copy_out()
            return
        assert self.target is not None
        self._take_over()
        if self._force:
            self.path.replace(self.target)
        else:
            _rename_to_free(self.path, self.target)
        _sync_folder(self.target.parent)

    def _copy_out(self) -> None:
        with self.path.open("rb") as source, open_output(self.target) as out:
            shutil.copyfileobj(source, out, COPY_BYTES)

    def _take_over(self) -> None:
        if self._like is None:
            self.path.chmod(0o666 & ~umask())
            return
        with contextlib.suppress(OSError):  # a courtesy that not all file systems allow
            status = self._like.stat()
            self.path.chmod(stat.S_IMODE(status.st_mode) & 0o777)
            os.utime(self.path, ns=(status.st_atime_ns, status.st_mtime_ns))


def check_free(target: Path, *, force: bool) -> None:
    """Raise :class:`FileError` if a file must not be written under this name."""
    if target.is_dir():
        raise FileError(str(target), "is a directory")
    if not force and os.path.lexists(target) and not _is_special(target):
        raise FileError(str(target), "exists already; -f overwrites")


def commit_all(files: Sequence[NewFile]) -> None:
    """Commit files that belong together: if one fails, those that are new by then are taken back."""
    added: list[Path] = []
    try:
        for new in files:
            fresh = new.target is not None and not os.path.lexists(new.target)
            new.commit()
            if fresh and new.target is not None:
                added.append(new.target)
    except BaseException:
        for path in added:
            path.unlink(missing_ok=True)
        raise


def stamp(path: Path) -> tuple[int, ...]:
    """Return what changes when a file is replaced or written to."""
    status = path.stat()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def remove_source(source: Path, before: tuple[int, ...], new: NewFile) -> None:
    """Remove the input of a committed file, unless it is no longer what was read.

    Raises
    ------
    FileError
        If the input has changed since `before` (of `stamp`), or the output is not in a file.
    """
    if new.target is None or not new.target.is_file():
        raise FileError(str(source), "kept, for the output is not in a file")
    if stamp(source) != before:
        raise FileError(str(source), "kept, for it has changed since it was read")
    source.unlink()


def make_folder(folder: Path) -> None:
    """Make a folder and those above it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(str(folder), f"cannot be made: {error.strerror}") from None


@contextlib.contextmanager
def open_output(target: Path | None) -> Iterator[BinaryIO]:
    """Open standard output, a device or a pipe for writing as it is."""
    if target is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    else:
        with target.open("wb", buffering=COPY_BYTES) as handle:
            yield handle


@contextlib.contextmanager
def spooled_input(suffix: str = "") -> Iterator[Path]:
    """Give standard input as a file that can be sought in; it is on the disk, for it may be larger than the memory."""
    if sys.stdin.isatty():
        raise FileError("stdin", "is a terminal: give a file, or pipe one in")
    with tempfile.TemporaryDirectory(prefix="n1codec.") as folder:
        path = Path(folder, f"stdin{suffix}")
        with path.open("wb") as spool:
            shutil.copyfileobj(sys.stdin.buffer, spool, COPY_BYTES)
        yield path


def _is_special(path: Path) -> bool:
    """Whether a path is a device or a pipe: written to as it is, never replaced by a file."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _rename_to_free(source: Path, target: Path) -> None:
    """Rename a file without ever replacing another one."""
    try:
        os.link(source, target)
    except FileExistsError:
        raise FileError(str(target), "exists already; -f overwrites") from None
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES):
            raise
        check_free(target, force=False)  # no hard links here: this leaves a moment in which a file could appear
        source.replace(target)
    else:
        source.unlink()


def _sync_folder(folder: Path) -> None:
    """See that the new name is on the disk too, where the system can promise that."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
