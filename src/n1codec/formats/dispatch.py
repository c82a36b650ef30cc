"""From paths to recordings: which files count, and which module reads them."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NoReturn

from numpy.typing import DTypeLike

from n1codec import arguments, orientation
from n1codec.errors import DamageWarning, FormatError, ShapeWarning
from n1codec.formats import foreign, mtscomp, npy, raw, spikeglx, wav
from n1codec.formats._source import SourceFile, check_file, open_source
from n1codec.formats.placement import Placement, RecordingReader
from n1codec.formats.recording import Recording

WAV_SUFFIXES: Final = frozenset({".wav", ".wave"})
RAW_SUFFIXES: Final = frozenset({".raw", ".dat", ".bin", ".i16", ".pcm"})
SUPPORTED: Final = ".wav, SpikeGLX .bin with .meta, mtscomp's .cbin with .ch, .npy, and headerless .raw, .dat or .bin"
ALL_THREE: Final = "--dtype, --channels and --rate together read any file as headerless samples"

_SUFFIXES: Final = WAV_SUFFIXES | RAW_SUFFIXES | {".npy", ".meta", mtscomp.SUFFIX}
_TRANSPOSE: Final = "give --channels-first (in Python, channels_first=True)"


def read(
    path: str | os.PathLike[str],
    *,
    dtype: DTypeLike | None = None,
    channels: int | None = None,
    rate: float | None = None,
    channels_first: bool = False,
) -> Recording:
    """Read a recording; its extension, in capitals or not, says how.

    Parameters
    ----------
    path : path-like
        ``.wav``; SpikeGLX ``.bin`` or ``.meta``; mtscomp's ``.cbin``; ``.npy``; headerless ``.raw``, ``.dat``, ``.bin``,
        ``.i16`` or ``.pcm``.
    dtype, channels, rate : optional
        What a file does not say of itself: all three for headerless files, the rate for ``.npy``. All three together overrule
        whatever a file says of itself: it is read as headerless samples from its first byte on, of any name.
    channels_first : bool
        The samples of a channel lie together, channel after channel: an ``.npy`` of shape (n_channels, n_samples), or a
        headerless file so written. The recording has shape (n_samples, n_channels) all the same.

    Returns
    -------
    Recording

    Raises
    ------
    FormatError
        If the file cannot be read, is not what it claims to be, or an option is missing.
    ParameterError
        If an option makes no sense.

    Warns
    -----
    DamageWarning
        If what is read is not what the file's header claims: see `Recording.notes`.
    ShapeWarning
        If an array looks as if its channels came first.
    """
    with _located(arguments.path("path", path), dtype, channels, rate, channels_first) as (source, placement):
        _warn(source, placement)
        return placement.load(source)


def open_recording(
    path: str | os.PathLike[str],
    *,
    dtype: DTypeLike | None = None,
    channels: int | None = None,
    rate: float | None = None,
    channels_first: bool = False,
) -> RecordingReader:
    """Open a recording to read it part by part, in bounded memory. Options, errors and warnings are those of `read`."""
    with _located(arguments.path("path", path), dtype, channels, rate, channels_first) as (source, placement):
        _warn(source, placement)
        return RecordingReader(source.path, source.path.open("rb"), placement)


def _warn(source: SourceFile, placement: Placement) -> None:
    for note in placement.notes:
        warnings.warn(f"{source.path}: {note}", DamageWarning, stacklevel=3)
    if placement.doubt:
        warnings.warn(f"{source.path}: {placement.doubt}", ShapeWarning, stacklevel=3)


@contextlib.contextmanager
def _located(
    path: Path, dtype: DTypeLike | None, channels: int | None, rate: float | None, channels_first: bool
) -> Iterator[tuple[SourceFile, Placement]]:
    """Open a recording and find its samples."""
    channels_first = arguments.flag("channels_first", channels_first)
    check_file(path)
    described = dtype is not None and channels is not None and rate is not None
    if described:
        with open_source(spikeglx.bin_of(path)) as source:
            yield source, raw.locate(source, dtype, channels, rate, channels_first=channels_first)
        return
    if path.suffix.lower() not in _SUFFIXES:
        raise _unknown(path)
    with open_source(check_bin(path) if path.suffix.lower() == ".meta" else path) as source:
        try:
            placement = _by_suffix(source, dtype, channels, rate, channels_first)
        except FormatError as error:
            if "--" in error.reason or not source.size:
                raise
            raise FormatError(error.path, f"{error.reason}. {ALL_THREE}") from error
        yield source, _doubted(source, placement)


def _by_suffix(
    source: SourceFile, dtype: DTypeLike | None, channels: int | None, rate: float | None, channels_first: bool
) -> Placement:
    """Find the samples of a file that its extension says how to read."""
    suffix = source.path.suffix.lower()
    wav_name = suffix in WAV_SUFFIXES
    packed = suffix == mtscomp.SUFFIX
    if channels_first and (wav_name or packed or has_meta(source.path)):
        raise source.error("--channels-first is for .npy and headerless files: here samples are frame after frame")
    if has_meta(source.path):
        return spikeglx.locate(source)
    if packed:
        return mtscomp.locate(source)
    start = source.up_to(0, foreign.START_BYTES)
    if wav_name and start[:4] in wav.KINDS:
        return wav.locate(source)
    if suffix == ".npy" and start.startswith(npy.MAGIC):
        return npy.locate(source, rate, channels_first=channels_first)
    if (error := foreign.recognized(source.path, start)) is not None:
        raise error
    if wav_name or suffix == ".npy":
        return wav.locate(source) if wav_name else npy.locate(source, 1.0)  # which says why it is none
    hint = foreign.hint(source.path)
    return raw.locate(source, dtype, channels, rate, channels_first=channels_first, hint=hint)


def _doubted(source: SourceFile, placement: Placement) -> Placement:
    """Add a word if an array looks as if its channels came first."""
    if placement.format != "npy" or not orientation.doubted(placement.shape):
        return placement
    probe = placement.read(source, 0, min(orientation.PROBE_FRAMES, placement.shape[0]))
    if not orientation.looks_channels_first(placement.shape, probe):
        return placement
    return replace(placement, doubt=orientation.doubt(placement.shape, _TRANSPOSE))


def find(paths: Sequence[str | os.PathLike[str]], *, headerless: bool = False) -> list[Path]:
    """Return the recordings among files and in directories.

    Parameters
    ----------
    paths : sequence of path-like
        Files, taken as they are, and directories, searched recursively for recordings. A SpikeGLX recording may be named by
        its ``.bin`` or its ``.meta``. Hidden files and folders in directories are passed over, and links to directories
        are not followed.
    headerless : bool
        Whether to take also what `read` needs options for: from directories ``.npy``, ``.raw``, ``.dat``, ``.bin`` without a
        ``.meta``, and the like; and named files of any name.

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
            found.update(dict.fromkeys(file for file in files_below(path) if _is_recording(file, headerless)))
            continue
        check_file(path)
        if path.suffix.lower() not in _SUFFIXES and not headerless:
            raise _unknown(path)
        found[check_bin(path) if path.suffix.lower() == ".meta" else path] = None
    if not found:
        where = ", ".join(str(path) for path in paths) or "no path given"
        raise FormatError(where, f"no recording found; supported are {SUPPORTED}")
    return list(found)


def describes_itself(path: Path) -> bool:
    """Whether a file's extension, or a ``.meta`` beside it, says that it has a header: all but headerless ones."""
    path = arguments.path("path", path)
    return path.suffix.lower() in WAV_SUFFIXES | {".npy", ".meta", mtscomp.SUFFIX} or has_meta(path)


def has_meta(path: Path) -> bool:
    """Whether a file is a ``.bin`` with a ``.meta`` beside it."""
    return path.suffix.lower() == ".bin" and spikeglx.meta_of(path).is_file()


def check_bin(meta: Path) -> Path:
    """Return the ``.bin`` that a ``.meta`` describes, or its ``.cbin``; raise :class:`FormatError` if there is neither."""
    path = spikeglx.bin_of(meta)
    packed = spikeglx.companion(meta, mtscomp.SUFFIX)
    if not path.exists() and packed.is_file():
        return packed
    try:
        check_file(path)
    except FormatError as error:
        raise FormatError(error.path, f"{error.reason}; {meta.name} describes it") from error
    return path


def files_below(folder: Path) -> Iterator[Path]:
    """Give the files in a folder and those below it, hidden ones left out; links to folders are not followed.

    Raises
    ------
    FormatError
        If a folder cannot be read: passing it over would be silence about what is in it.
    """

    def refuse(error: OSError) -> NoReturn:
        raise FormatError(str(error.filename), error.strerror or str(error)) from error

    for parent, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(parent, name)
            if not name.startswith(".") and path.is_file():
                yield path


def _is_recording(path: Path, headerless: bool) -> bool:
    suffix = path.suffix.lower()
    if suffix in WAV_SUFFIXES or has_meta(path):
        return True
    if suffix == mtscomp.SUFFIX:  # unless it has been unpacked there: the same recording
        return not spikeglx.companion(path, ".bin").is_file()
    return headerless and (suffix in RAW_SUFFIXES or suffix == ".npy")


def _unknown(path: Path) -> FormatError:
    with open_source(path) as source:
        error = foreign.recognized(path, source.up_to(0, foreign.START_BYTES))
    if error is not None:
        return FormatError(error.path, f"{error.reason}. {ALL_THREE}")
    kind = path.suffix or "without extension"
    return FormatError(str(path), f"unknown kind of file {kind}; supported are {SUPPORTED}; {ALL_THREE}")
