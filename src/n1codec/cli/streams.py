"""The standard streams, as every command may rely on them.

While a command runs, what is printed arrives whole or is an error: a pipe that takes only part is written to again, one that
must not block is waited for, characters that the encoding lacks are spelt out (``backslashreplace``), and streams that were
closed when the program began lead nowhere, so that no file that is opened later gets their numbers. What cannot be said on
standard error is left unsaid: that is no failure of the work.
"""

from __future__ import annotations

import contextlib
import io
import os
import select
import sys
from collections.abc import Iterator
from typing import Any, Final, TextIO

_MODES: Final = (os.O_WRONLY, os.O_RDONLY, os.O_RDWR)
"""Of the null device in place of a closed stream: using standard input or output is an error, as it was when closed."""


class _Standard(io.FileIO):
    """Standard output or error, unbuffered: takes all it is given.

    Parameters
    ----------
    descriptor : int
        Of the stream.
    called : str
        Its name in errors.
    forgiving : bool
        Drop what cannot be written, instead of raising what is wrong.
    """

    def __init__(self, descriptor: int, called: str, *, forgiving: bool) -> None:
        super().__init__(descriptor, "wb", closefd=False)
        self.called = called
        self.forgiving = forgiving
        self.failure: OSError | None = None

    def write(self, data: Any) -> int:
        """Write all bytes. After a failure, which is raised once, what is still buffered goes nowhere."""
        view = memoryview(data).cast("B")
        size = len(view)
        try:
            while self.failure is None and len(view):
                taken = super().write(view)
                if taken is None:
                    select.select([], [self], [])
                else:
                    view = view[taken:]
        except OSError as error:
            self.failure = error
            if not self.forgiving:
                error.filename = self.called
                raise
        return size


@contextlib.contextmanager
def standard_streams() -> Iterator[None]:
    """Make the standard streams as this module says, and give the old ones back."""
    before = sys.stdin, sys.stdout, sys.stderr
    _open_closed()
    with contextlib.ExitStack() as stack:
        sys.stdout = _ready(sys.stdout, 1, "stdout", stack)
        sys.stderr = _ready(sys.stderr, 2, "stderr", stack)
        try:
            yield
        finally:
            with contextlib.suppress(OSError, ValueError):  # `finish_stdout` says what is wrong, if the work went well
                sys.stdout.flush()
            sys.stdin, sys.stdout, sys.stderr = before


def finish_stdout() -> None:
    """See that all that was printed is where it belongs.

    Raises
    ------
    OSError
        If it is not: the disk is full, say, which some file systems tell only when a file is closed.
    """
    if sys.stdout is None:
        return
    sys.stdout.flush()
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    if isinstance(raw, _Standard):
        if raw.failure is not None:
            raise raw.failure
        try:
            os.close(os.dup(raw.fileno()))
        except OSError as error:
            raw.failure = error
            error.filename = raw.called
            raise


def is_closed(stream: TextIO | None) -> bool:
    """Return whether standard output leads nowhere, for it was closed when the program began."""
    if stream is None:
        return True
    raw = getattr(getattr(stream, "buffer", None), "raw", None)
    if not isinstance(raw, _Standard):
        return False
    try:
        import fcntl
    except ImportError:
        return False
    return fcntl.fcntl(raw.fileno(), fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY


def _open_closed() -> None:
    for descriptor, mode in enumerate(_MODES):
        try:
            os.fstat(descriptor)
        except OSError:
            opened = os.open(os.devnull, mode)
            if opened != descriptor:
                os.dup2(opened, descriptor)
                os.close(opened)
            else:
                os.set_inheritable(descriptor, True)


def _ready(stream: TextIO | None, descriptor: int, called: str, stack: contextlib.ExitStack) -> TextIO:
    """Return a stream to print to in place of one, or the same one made ready."""
    if stream is None or _is_plain(stream, descriptor):
        if stream is not None:
            with contextlib.suppress(OSError):  # what was printed before is not ours
                stream.flush()
        raw = _Standard(descriptor, called, forgiving=called == "stderr")
        return io.TextIOWrapper(
            io.BufferedWriter(raw),
            encoding="utf-8" if stream is None else stream.encoding,
            errors="backslashreplace",
            newline=None,
            line_buffering=called == "stderr" or getattr(stream, "line_buffering", False) or _unbuffered(stream),
        )
    if isinstance(stream, io.TextIOWrapper):
        errors = stream.errors
        stream.reconfigure(errors="backslashreplace")
        stack.callback(stream.reconfigure, errors=errors)
    return stream


def _is_plain(stream: TextIO, descriptor: int) -> bool:
    """Whether a stream is the one that Python opened at its start, on anything but a Windows console."""
    buffer = getattr(stream, "buffer", None)
    raw = getattr(buffer, "raw", buffer)
    return type(stream) is io.TextIOWrapper and type(raw) is io.FileIO and raw.fileno() == descriptor


def _unbuffered(stream: Any) -> bool:
    return isinstance(getattr(stream, "buffer", None), io.RawIOBase)
