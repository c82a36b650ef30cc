"""What commands write and take from standard input: files that appear complete and synced, or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import select
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final

from n1codec import disk
from n1codec.errors import CorruptError, FileError, FormatError, N1Error

STDIO: Final = "-"
EXISTS: Final = "exists already; -f overwrites"
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
        self._like = like
        self._stream = target is None or disk.is_special(target)
        if target is None:
            _check_stdout(force=force)
        elif not self._stream:
            check_free(target, force=force)
        # The extension stays, for some are read by it.
        if suffix is None:
            suffix = "" if target is None else target.suffix
        home = disk.temporary_home() / "n1codec" if self._stream or target is None else target
        try:
            self.pending = disk.Pending(
                home, overwrite=force, suffix=suffix, private=self._stream or like is not None, name=self._shown
            )
        except FileError as error:
            raise FileError(self._shown, f"cannot write there: {error.reason}{self._where(home)}") from None
        self._size: int | None = None
        self.path = self.pending.temporary
        """Where it is written, until it is committed."""
        self.handle: BinaryIO = self.pending.handle

    def __enter__(self) -> NewFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.pending.discard()
        names = (str(self.path), self._shown)
        if self._stream and self._size is None and isinstance(error, FileError) and error.path in names:
            raise FileError(self._shown, error.reason + self._where(self.path)) from error
        raise_as(error, re.escape(str(self.path)), self._shown)

    def _where(self, path: Path) -> str:
        """Return what is to be added to an error, for what is not written where the user thinks."""
        return f" (in {path.parent}, until it is whole)" if self._stream else ""

    @property
    def size(self) -> int:
        """Bytes written so far, without those that are still buffered."""
        return self._size if self._size is not None else self.path.stat().st_size

    def sync(self) -> None:
        """See that all bytes are on the disk, and close the file."""
        self.pending.seal()

    def commit(self) -> None:
        """Let the file appear under its name.

        Raises
        ------
        FileError
            If a file of that name has appeared meanwhile, or the disk fails.
        """
        commit_all([self])

    def finish(self) -> bool:
        """Close the file and give it its permissions; return whether it is one that still needs its name."""
        self.sync()
        self._size = self.path.stat().st_size
        if self._stream:
            with open_output(self.target) as out:
                disk.copy(self.path, out, self._shown)
        elif self._like is not None:
            with contextlib.suppress(OSError):  # a courtesy that not all file systems allow
                status = self._like.stat()
                self.path.chmod(stat.S_IMODE(status.st_mode) & 0o777)
                os.utime(self.path, ns=(status.st_atime_ns, status.st_mtime_ns))
        return not self._stream


def check_free(target: Path, *, force: bool) -> None:
    """Raise :class:`FileError` if a file must not be written under this name."""
    if target.is_dir() or not disk.is_special(target):
        disk.refuse_existing(target, force, EXISTS)


def new_companion(
    path: Path, content: bytes, files: contextlib.ExitStack, *, force: bool, like: Path | None = None
) -> list[NewFile]:
    """Write a small file that belongs to another under a temporary name; none if it is there already and says the same."""
    if path.is_file() and path.stat().st_size == len(content) and path.read_bytes() == content:
        return []
    new = files.enter_context(NewFile(path, force=force, like=like))
    new.handle.write(content)
    return [new]


def commit_all(files: Sequence[NewFile]) -> None:
    """Commit files that belong together: all get their names, or after an error none, and what they replaced is back."""
    disk.publish([new.pending for new in files if new.finish()], EXISTS)


def stamp(path: Path) -> tuple[int, ...]:
    """Return what changes when a file is replaced or written to."""
    status = path.stat()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def remove_source(source: Path, before: tuple[int, ...], new: NewFile) -> None:
    """Remove the input of a committed file, unless it is no longer what was read.

    Raises
    ------
    FileError
        If the input has changed since `before` (of `stamp`), is being written or cannot be removed, or the output is
        not in a file.
    """
    if new.target is None or disk.is_special(new.target) or not new.target.is_file():
        raise FileError(str(source), "kept, for the output is not in a file")
    if stamp(source) != before:
        raise FileError(str(source), "kept, for it has changed since it was read")
    if disk.is_locked(source):
        raise FileError(str(source), "kept, for another writer has it open")
    try:
        source.unlink()
    except OSError as error:
        raise FileError(str(source), f"kept, for it cannot be removed: {error.strerror}") from None


def make_folder(folder: Path) -> None:
    """Make a folder and those above it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(str(folder), f"cannot be made: {error.strerror}") from None


@contextlib.contextmanager
def open_output(target: Path | None) -> Iterator[BinaryIO]:
    """Open standard output, a device or a pipe for writing as it is.

    Raises
    ------
    BrokenPipeError
        If whoever read standard output has gone.
    FileError
        If not everything could be written, also when that shows at the very end.
    """
    if target is not None:
        with disk.open_special(target) as handle:
            yield handle
            disk.sync(handle, str(target))
        return
    try:
        yield sys.stdout.buffer
        disk.flush(sys.stdout.buffer, "stdout")
    except FileError as error:
        if isinstance(error.__cause__, BrokenPipeError):
            raise error.__cause__ from None
        raise


@contextlib.contextmanager
def spooled_input(suffix: str = "") -> Iterator[Path]:
    """Give standard input as a file that can be sought in; it is on the disk, for it may be larger than the memory.

    Errors about that file, whatever its extension is by then, speak of stdin.
    """
    if sys.stdin is None:
        raise FileError("stdin", "is closed: give a file")
    if sys.stdin.isatty():
        raise FileError("stdin", "is a terminal: give a file, or pipe one in")
    with disk.scratch_folder() as folder:
        path = folder / f"stdin{suffix}"
        try:
            with path.open("wb") as spool:
                for piece in _pieces(sys.stdin.buffer):
                    disk.write_all(spool, piece, str(path))
        except FileError as error:
            raise FileError("stdin", f"{error.reason} (it is kept in {folder.parent})") from error
        except OSError as error:
            raise FileError("stdin", error.strerror or str(error)) from error
        try:
            yield path
        except Exception as error:
            raise_as(error, re.escape(str(folder / "stdin")) + r"(\.\w+)*", "stdin")
            raise


def _pieces(stream: Any) -> Iterator[bytes]:
    """Read standard input to its end, and wait where it is one that must not block."""
    while (piece := stream.read(COPY_BYTES)) != b"":
        if piece is None:
            select.select([stream], [], [])
        else:
            yield piece


def raise_as(error: BaseException | None, pattern: str, shown: str) -> None:
    """Raise an error again as one that names what the user named, if its message has another name; or do nothing."""

    def named(text: str) -> str:
        return re.sub(pattern, lambda _: shown, text)

    if isinstance(error, FileError | FormatError):
        path, reason = named(error.path), named(error.reason)
        if (path, reason) != (error.path, error.reason):
            raise type(error)(path, reason) from error
    elif isinstance(error, CorruptError):
        reason = named(error.reason)
        if reason != error.reason:
            raise type(error)(reason, error.offset) from error
    elif isinstance(error, N1Error):
        text = named(str(error))
        if text != str(error):
            raise type(error)(text) from error
    elif isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
        name = str(error.filename or "")
        if not name or re.fullmatch(pattern, name):
            raise FileError(shown, error.strerror or str(error)) from error


def _check_stdout(*, force: bool) -> None:
    """Raise :class:`FileError` if nothing can or should be written to standard output."""
    from n1codec.cli.streams import is_closed

    if is_closed(sys.stdout):
        raise FileError("stdout", "is closed: give -o FILE")
    if sys.stdout.isatty() and not force:
        raise FileError("stdout", "is a terminal, and this is binary data: give -o FILE, or -f to write nevertheless")
