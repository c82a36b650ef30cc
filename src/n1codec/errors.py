"""The one error family.

Everything that n1codec raises on purpose derives from :class:`N1Error`, so a caller needs one ``except``. Those that are
also a standard kind of error (a wrong value, a missing module, a failed read) derive from the built-in class too.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator


class N1Error(Exception):
    """Base of every error raised by n1codec."""


class SpecError(N1Error, ValueError):
    """A codec specification that cannot be read, or that names an unknown codec."""


class ParameterError(N1Error, ValueError):
    """A parameter outside its range, or of the wrong type."""


class UnsupportedError(N1Error, TypeError):
    """Samples of a dtype or shape that this codec (or n1codec as a whole) does not take."""


class MissingDependencyError(N1Error, ImportError):
    """The package behind a codec is not installed; the message names the extra that brings it."""


class CodecError(N1Error):
    """A library behind a codec failed while encoding."""


class LimitError(N1Error):
    """Something is larger than a named limit: refused before memory is taken for it."""


class CorruptError(N1Error):
    """Encoded data that is damaged, hostile, or no n1codec data at all.

    Parameters
    ----------
    reason : str
        What is wrong.
    offset : int, optional
        Byte position in the encoded data where it was noticed.
    """

    def __init__(self, reason: str, offset: int | None = None) -> None:
        super().__init__(reason if offset is None else f"{reason} (at byte {offset})")
        self.reason = reason
        self.offset = offset

    def __reduce__(self) -> tuple[type[CorruptError], tuple[str, int | None]]:
        return type(self), (self.reason, self.offset)


class TruncatedError(CorruptError):
    """Encoded data that ends before it should."""


class FormatError(N1Error, ValueError):
    """A recording file that cannot be read as what it claims to be.

    Parameters
    ----------
    path : str
        The file.
    reason : str
        What is wrong with it.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason

    def __reduce__(self) -> tuple[type[FormatError], tuple[str, str]]:
        return type(self), (self.path, self.reason)


class FileError(N1Error, OSError):
    """What the operating system refused: a full disk, a folder without write permission, a file that is gone.

    Parameters
    ----------
    path : str
        The file.
    reason : str
        What happened.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason

    def __reduce__(self) -> tuple[type[FileError], tuple[str, str]]:
        return type(self), (self.path, self.reason)


class DamageWarning(UserWarning):
    """A file that can be read, but that is damaged or was never finished; the message says how."""


class ShapeWarning(UserWarning):
    """An array that looks as if its channels came first; the message says what to do if so."""


class DownloadError(N1Error, OSError):
    """A public data set that could not be fetched, or that is not what it should be."""


@contextlib.contextmanager
def coding(name: str) -> Iterator[None]:
    """Turn whatever a stage raises while encoding into a CodecError.

    Rust panics reach Python as a BaseException, hence the wide net; a wish to stop passes through.
    """
    try:
        yield
    except (N1Error, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        raise CodecError(f"{name}: {type(error).__name__}: {error}") from error


@contextlib.contextmanager
def decoding(name: str) -> Iterator[None]:
    """Turn whatever a stage raises while decoding into a CorruptError."""
    try:
        yield
    except (CorruptError, LimitError, MissingDependencyError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        raise CorruptError(f"{name}: cannot decode: {type(error).__name__}: {error}") from error
