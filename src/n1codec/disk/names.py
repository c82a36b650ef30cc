"""How files get their names: whole, never over another without permission, and those that belong together all or none."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from n1codec.disk.faults import os_errors
from n1codec.disk.locks import refuse_locked
from n1codec.disk.special import is_special
from n1codec.disk.syncing import sync_folder
from n1codec.disk.temporary import Pending, hidden_name, remove
from n1codec.disk.writing import copy
from n1codec.errors import FileError

EXISTS: Final = "exists already and is not overwritten"

_DISK_FAILS: Final = frozenset({errno.EIO, errno.ESTALE})
"""What is no lack of hard links."""
_NO_RENAME: Final = frozenset({errno.EXDEV, errno.EBUSY})
"""The target lies in another file system though it has the same folder (merged file systems), or one is mounted on it."""


def real_path(path: Path) -> Path:
    """Return where a path leads when every link is followed; links in a circle lead nowhere further.

    Raises
    ------
    FileError
        If it can be no path.
    """
    with os_errors(path):
        return Path(os.path.realpath(path))


def refuse_existing(path: Path, overwrite: bool, reason: str = EXISTS) -> None:
    """Raise :class:`FileError` if a file may not be written under this name."""
    with os_errors(path):
        if path.is_dir():
            raise FileError(str(path), "is a directory")
        if os.path.lexists(path):
            if not overwrite:
                raise FileError(str(path), reason)
            if is_special(path):
                raise FileError(str(path), "is not a regular file")
            refuse_locked(path)


def check_distinct(outputs: Iterable[Path], inputs: Iterable[Path] = ()) -> None:
    """Raise :class:`FileError` if two outputs would be one file, or one would be written over an input.

    Names count as the same if a file system may take them for the same: without regard to case, and to how Unicode composes.
    """
    read = list(inputs)
    read_keys = {_key(path): path for path in read}
    taken: dict[tuple[str, str], Path] = {}
    for path in outputs:
        key = _key(path)
        if key in taken:
            raise FileError(str(path), f"would be written twice, as {taken[key].name} too: choose another name")
        if key in read_keys or any(_same_file(path, one) for one in read):
            raise FileError(str(path), "is read from: choose another name")
        taken[key] = path


def _key(path: Path) -> tuple[str, str]:
    return str(real_path(path.parent)), unicodedata.normalize("NFC", unicodedata.normalize("NFC", path.name).casefold())


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except (OSError, ValueError):  # one is not there: then they are two
        return False


def give_name(temporary: Path, target: Path, *, overwrite: bool, reason: str = EXISTS) -> None:
    """Let a finished file appear under its name, at once and whole.

    Without `overwrite` this is a hard link, which never replaces anything; where there are none, an empty file holds the name
    until the finished one is renamed over it. Where even that is refused, because the name lies in another file system than
    its folder, the content is copied.

    Raises
    ------
    FileError
        If another file has the name and must not be replaced, or a writer has that open. The finished file is still there.
    """
    with os_errors(target):
        if overwrite:
            refuse_existing(target, overwrite, reason)
            _replace(temporary, target)
            return
        try:
            os.link(temporary, target)
        except FileExistsError:
            # A server may have done it, lost its answer, and been asked again.
            if not _same_file(temporary, target):
                raise FileError(str(target), reason) from None
        except OSError as error:
            if error.errno in _DISK_FAILS:
                raise
            _rename_to_free(temporary, target, reason)
            return
        remove(temporary)  # where it cannot be (folders that only grow) the file has its name all the same


def _rename_to_free(temporary: Path, target: Path, reason: str) -> None:
    """Rename a file without replacing another one, where that takes two steps."""
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o600))
    except FileExistsError:
        raise FileError(str(target), reason) from None
    held = target.stat()
    try:
        _replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):  # the name is given back if it is still the one that was taken
            if os.path.samestat(held, target.lstat()):
                target.unlink()
        raise


def _replace(temporary: Path, target: Path) -> None:
    try:
        temporary.replace(target)
    except OSError as error:
        if error.errno not in _NO_RENAME:
            raise
        _copy_over(temporary, target)


def _copy_over(temporary: Path, target: Path) -> None:
    """Write the content of a finished file into another one, which gets its own back if that fails."""
    before = hidden_name(target)
    if target.exists():
        shutil.copyfile(target, before)
    try:
        _write_over(temporary, target)
        with contextlib.suppress(OSError):  # a courtesy that not all file systems allow
            shutil.copystat(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):  # what was wrong is raised; the old content stays under its hidden name then
            if before.exists():
                _write_over(before, target)
                remove(before)
        raise
    remove(before)
    remove(temporary)


def _write_over(source: Path, target: Path) -> None:
    with target.open("r+b" if target.exists() else "wb") as handle:
        size = copy(source, handle, str(target))
        handle.truncate(size)
        handle.flush()
        os.fsync(handle.fileno())


@dataclass
class _Step:
    """A file on the way to its name, and what is needed to take the name back."""

    file: Pending
    made: os.stat_result
    fresh: bool
    before: Path | None = None
    named: bool = False

    def undo(self) -> None:
        """Let the old file, or none, have the name again."""
        target = self.file.target
        try:
            ours = self.named or os.path.samestat(self.made, target.lstat())
        except OSError:
            ours = False
        if ours and self.before is not None:
            try:
                self.before.replace(target)
            except OSError:  # whatever renaming says: there may be another way
                _copy_over(self.before, target)
            self.before = None
        elif ours and self.fresh:
            target.unlink(missing_ok=True)
        if self.before is not None:
            remove(self.before)


def publish(files: Sequence[Pending], reason: str = EXISTS) -> None:
    """Sync files and give them their names, in this order: all, or after an error none, and what was replaced is back.

    A process that is killed between two names leaves the first; so what is worth most comes last.

    Parameters
    ----------
    files : sequence of Pending
        Complete files. They are closed.
    reason : str
        What is said of a name that is taken.

    Raises
    ------
    FileError
        If a disk fails, or a name is taken.
    """
    steps: list[_Step] = []
    try:
        for file in files:
            file.seal()
            refuse_existing(file.target, file.overwrite, reason)
        check_distinct([file.target for file in files])
        for file in files:
            with os_errors(file.target):
                step = _Step(file, file.temporary.stat(), fresh=not os.path.lexists(file.target))
            steps.append(step)
            if not step.fresh:
                _set_aside(step, last=file is files[-1])
            give_name(file.temporary, file.target, overwrite=file.overwrite, reason=reason)
            step.named = True
        for file in files:
            sync_folder(file.target.parent, file.target)
    except BaseException:
        for step in reversed(steps):
            with contextlib.suppress(OSError):  # what was wrong first is raised
                step.undo()
        for file in files:
            file.discard()
        raise
    for step in steps:
        step.file.done()
        if step.before is not None:
            remove(step.before)


def _set_aside(step: _Step, *, last: bool) -> None:
    """Keep the file that is replaced, under a second name: a copy where there are no hard links.

    Nothing can go wrong after the last name but its sync, and a copy of a whole recording is too much for that.
    """
    target = step.file.target
    step.before = hidden_name(target)
    try:
        os.link(target, step.before, follow_symlinks=False)
    except (OSError, NotImplementedError) as error:
        with os_errors(target):
            if isinstance(error, OSError) and error.errno in _DISK_FAILS:
                raise
            if last:
                step.before = None
            else:
                shutil.copy2(target, step.before, follow_symlinks=False)
