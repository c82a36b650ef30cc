"""From the inputs and ``-o`` on a command line to a list of jobs: which file becomes which."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from n1codec import disk
from n1codec.cli.newfile import STDIO
from n1codec.cli.options import is_folder
from n1codec.errors import FormatError, N1Error, ParameterError

SUFFIX: Final = ".n1c"
CBIN: Final = ".cbin"


@dataclass(frozen=True)
class Job:
    """One file to be made from another.

    Parameters
    ----------
    source : Path or None
        None is standard input.
    target : Path or None
        None is standard output; without meaning for commands that write nothing.
    searched : bool
        Whether the input was found in a folder and not named itself.
    """

    source: Path | None
    target: Path | None = None
    searched: bool = False

    @property
    def name(self) -> str:
        """What the input is called in messages."""
        return "stdin" if self.source is None else str(self.source)


def plan(
    inputs: Sequence[str],
    output: str | None,
    *,
    find: Callable[[Path], list[Path]],
    rename: Callable[[Path], str],
) -> tuple[list[Job], list[N1Error]]:
    """Find out what is to be done.

    Parameters
    ----------
    inputs : sequence of str
        Files, folders, and ``-`` for standard input.
    output : str, optional
        ``-o``. Without, outputs lie beside their inputs, and that of standard input is standard output. A folder receives
        files under their new names, and those found in folders below it as they lay there. For one file it may be a file
        name, or ``-`` for standard output.
    find : callable
        Gives the files that a path stands for: itself, or what counts in a folder.
    rename : callable
        Gives the name of the output of a file.

    Returns
    -------
    jobs : list of Job
    failures : list of N1Error
        For each input for which there is no job.

    Raises
    ------
    ParameterError
        If inputs and output do not fit together.
    """
    if inputs.count(STDIO) > 1:
        raise ParameterError("standard input can be read only once")
    many = len(inputs) > 1 or any(item != STDIO and Path(item).is_dir() for item in inputs)
    if many and output is not None and not is_folder(output) and (output == STDIO or Path(output).exists()):
        raise ParameterError(f"-o {output}: many inputs need a folder to go to")
    folder = Path(output) if output is not None and output != STDIO and (many or is_folder(output)) else None
    jobs: list[Job] = []
    failures: list[N1Error] = []
    for item in inputs:
        if item == STDIO:
            if folder is not None:
                raise ParameterError(f"-o {output}: what comes from standard input has no name; give that of a file")
            jobs.append(Job(None, None if output in (None, STDIO) else Path(str(output))))
            continue
        path = Path(item)
        try:
            for source in find(path):
                if folder is not None:
                    below = source.parent.relative_to(path) if path.is_dir() else Path()
                    target: Path | None = folder / below / rename(source)
                elif output is None:
                    target = source.parent / rename(source)
                else:
                    target = None if output == STDIO else Path(output)
                jobs.append(Job(source, target, path.is_dir()))
        except N1Error as error:
            failures.append(error)
    jobs = list({job.source: job for job in reversed(jobs)}.values())[::-1]  # each input once
    check_distinct(jobs)
    return jobs, failures


def find_encoded(path: Path) -> list[Path]:
    """Return a file as it is, and of a folder the ``.n1c`` files in it and below, hidden ones left out.

    Raises
    ------
    FormatError
        If there is nothing there, or a folder cannot be read.
    """
    if not path.is_dir():
        if not path.exists():
            link = f": it is a link to {path.readlink()}" if path.is_symlink() else ""
            raise FormatError(str(path), f"No such file or directory{link}")
        if not path.is_file():
            raise FormatError(
                str(path), "is not a regular file; what comes from a pipe is read as -, from standard input"
            )
        return [path]
    found = encoded_below(path)
    if not found:
        raise FormatError(str(path), f"no {SUFFIX} file in it")
    return found


def encoded_below(folder: Path) -> list[Path]:
    """Return the ``.n1c`` files in a folder and below it; raise :class:`FormatError` if one of these cannot be read."""
    from n1codec.formats.dispatch import files_below

    return sorted(file for file in files_below(folder) if file.suffix.lower() == SUFFIX)


def check_distinct(jobs: Sequence[Job]) -> None:
    """Raise :class:`ParameterError` if one output would be written twice, or over an input."""
    paths = [job.source for job in jobs if job.source is not None]
    sources: set[object] = {disk.real_path(path) for path in paths} | {_file(path) for path in paths}
    targets: dict[Path, Job] = {}
    for job in jobs:
        if job.target is None or disk.is_special(job.target):
            continue
        target = disk.real_path(job.target)
        if target in targets:
            raise ParameterError(f"{targets[target].name} and {job.name} would both become {job.target}")
        if not sources.isdisjoint({target, _file(target) or target}):
            raise ParameterError(f"{job.name}: the output {job.target} is an input")
        targets[target] = job


def _file(path: Path) -> tuple[int, int] | None:
    """Return what a file is by, whatever its name; None if that cannot be told."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return (status.st_dev, status.st_ino) if status.st_ino else None
