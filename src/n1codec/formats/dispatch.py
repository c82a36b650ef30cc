"""From paths to recordings: which files count, and which module reads them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NoReturn

from numpy.typing import DTypeLike

from n1codec import arguments
from n1codec.errors import FormatError
from n1codec.formats import npy, raw, spikeglx, wav
from n1codec.formats._source import SourceFile, check_file, open_source
from n1codec.formats.placement import Placement, RecordingReader
from n1codec.formats.recording import Recording

WAV_SUFFIXES: Final = frozenset({".wav", ".wave"})
RAW_SUFFIXES: Final = frozenset({".raw", ".dat", ".bin"})
SUPPORTED: Final = ".wav, SpikeGLX .bin with .meta, .npy, and headerless .raw, .dat or .bin"

_SUFFIXES: Final = WAV_SUFFIXES | RAW_SUFFIXES | {".npy", ".meta"}


def read(
    path: str | os.PathLike[str],
    *,
    dtype: DTypeLike | None = None,
    channels: int | None = None,
    rate: float | None = None,
) -> Recording:
    """Read a recording; its extension says how.

    Parameters
    ----------
    path : path-like
        ``.wav``; SpikeGLX ``.bin`` or ``.meta``; ``.npy``; headerless ``.raw``, ``.dat`` or ``.bin``.
    dtype, channels, rate : optional
        What a file does not say of itself: all three for headerless files, the rate for ``.npy``. A ``.bin`` for which all
        three are given is read as headerless even if it has a ``.meta``; other files that describe themselves do not need
        them and do not look at them.

    Returns
    -------
    Recording

    Raises
    ------
    FormatError
        If the file cannot be read, is not what it claims to be, or an option is missing.
    ParameterError
        If an option makes no sense.
    """
    with _located(arguments.path("path", path), dtype, channels, rate) as (source, placement):
        return placement.load(source)


def open_recording(
    path: str | os.PathLike[str],
    *,
    dtype: DTypeLike | None = None,
    channels: int | None = None,
    rate: float | None = None,
) -> RecordingReader:
    """Open a recording to read it part by part, in bounded memory. Options and errors are those of `read`."""
    with _located(arguments.path("path", path), dtype, channels, rate) as (source, placement):
        return RecordingReader(source.path, source.path.open("rb"), placement)


@contextlib.contextmanager
def _located(
    path: Path, dtype: DTypeLike | None, channels: int | None, rate: float | None
) -> Iterator[tuple[SourceFile, Placement]]:
    """Open a recording and find its samples."""
    check_file(path)
    suffix = path.suffix.lower()
    described = dtype is not None and channels is not None and rate is not None
    if suffix not in _SUFFIXES:
        raise _unknown(path)
    with open_source(spikeglx.bin_of(path)) as source:
        if suffix in WAV_SUFFIXES:
            placement = wav.locate(source)
        elif suffix == ".npy":
            placement = npy.locate(source, rate)
        elif suffix == ".meta" or (_has_meta(path) and not described):
            placement = spikeglx.locate(source)
        else:
            placement = raw.locate(source, dtype, channels, rate)
        yield source, placement


def find(paths: Sequence[str | os.PathLike[str]], *, headerless: bool = False) -> list[Path]:
    """Return the recordings among files and in directories.

    Parameters
    ----------
    paths : sequence of path-like
        Files, taken as they are, and directories, searched recursively for recordings. A SpikeGLX recording may be named by
        its ``.bin`` or its ``.meta``. Hidden files and folders in directories are passed over, and links to directories
        are not followed.
    headerless : bool
        Whether to take from directories also what `read` needs options for: ``.npy``, ``.raw``, ``.dat`` and ``.bin`` without
        a ``.meta``.

    Returns
    -------
    list of Path
        Files in the order of `paths`, sorted within a directory, each once.

    Raises
    ------
    FormatError
        If a path does not exist or cannot be read, a named file is of no known format, or there is no recording at all.
    """
    headerless = arguments.flag("headerless", headerless)
    found: dict[Path, None] = {}
    for path in arguments.sequence("paths", paths, arguments.path):
        if path.is_dir():
            found.update(dict.fromkeys(_walk(path, headerless)))
            continue
        check_file(path)
        if path.suffix.lower() not in _SUFFIXES:
            raise _unknown(path)
        if path.suffix.lower() == ".meta":
            path = spikeglx.bin_of(path)
            check_file(path)
        found[path] = None
    if not found:
        where = ", ".join(str(path) for path in paths) or "no path given"
        raise FormatError(where, f"no recording found; supported are {SUPPORTED}")
    return list(found)


def _walk(folder: Path, headerless: bool) -> Iterator[Path]:
    def refuse(error: OSError) -> NoReturn:
        raise FormatError(str(error.filename), error.strerror or str(error)) from error

    for parent, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(parent, name)
            if not name.startswith(".") and path.is_file() and _is_recording(path, headerless):
                yield path


def _is_recording(path: Path, headerless: bool) -> bool:
    suffix = path.suffix.lower()
    if suffix in WAV_SUFFIXES or _has_meta(path):
        return True
    return headerless and (suffix in RAW_SUFFIXES or suffix == ".npy")


def _has_meta(path: Path) -> bool:
    return path.suffix.lower() == ".bin" and spikeglx.meta_of(path).is_file()


def _unknown(path: Path) -> FormatError:
    return FormatError(
        str(path), f"unknown kind of file {path.suffix or 'without extension'}; supported are {SUPPORTED}"
    )
