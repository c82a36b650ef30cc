"""What the operating system refuses, as an error of the family that names the file."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from n1codec.errors import FileError, N1Error


@contextlib.contextmanager
def os_errors(path: Path | str) -> Iterator[None]:
    """Turn what the operating system refuses into a :class:`FileError`."""
    try:
        yield
    except N1Error:
        raise
    except OSError as error:
        raise FileError(str(path), error.strerror or str(error) or type(error).__name__) from error
    except ValueError as error:  # a null character in the name, or a closed file object
        raise FileError(str(path), str(error)) from error


def file_name(handle: Any) -> str:
    """Return what a file object is called in messages."""
    name = getattr(handle, "name", None)
    if isinstance(name, bytes):
        name = os.fsdecode(name)
    if isinstance(name, int):
        return f"file descriptor {name}"
    if name is None or not str(name):
        return "output"
    text = str(name)
    return text[1:-1] if text in ("<stdin>", "<stdout>", "<stderr>") else text
