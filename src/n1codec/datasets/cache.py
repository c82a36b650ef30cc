"""The cache folder, and how a data set gets into it at once and whole."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from n1codec import disk
from n1codec.errors import DownloadError


def cache_folder() -> Path:
    """Return the folder of all data sets.

    ``$N1CODEC_CACHE`` if it is set; else ``n1codec`` in ``$XDG_CACHE_HOME`` (if that is absolute, as its standard demands), in
    ``~/Library/Caches`` on macOS, in ``%LOCALAPPDATA%`` on Windows, or in ``~/.cache``.
    """
    if own := os.environ.get("N1CODEC_CACHE"):
        return Path(own)
    xdg = os.environ.get("XDG_CACHE_HOME", "")
    local = os.environ.get("LOCALAPPDATA", "")
    if Path(xdg).is_absolute():
        base = Path(xdg)
    elif sys.platform == "win32" and local:
        base = Path(local)
    else:
        try:
            home = Path.home()
        except RuntimeError as error:
            raise DownloadError(f"no cache folder: {error}; set N1CODEC_CACHE") from None
        base = home / "Library" / "Caches" if sys.platform == "darwin" else home / ".cache"
    return base / "n1codec"


@contextlib.contextmanager
def locked(target: Path) -> Iterator[None]:
    """Keep other processes from fetching the same data set; wait for one that does.

    The lock is the operating system's and ends with the process that holds it, so none is ever stale. Where there
    are no locks, `in_place` alone decides who comes first.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with disk.wait_for_lock(target.parent / f".{target.name}.lock"):
        yield


@contextlib.contextmanager
def in_place(target: Path) -> Iterator[Path]:
    """Give a scratch folder that becomes `target` at the end, or vanishes if an exception ends the block."""
    with scratch(target) as folder:
        content = folder / target.name
        content.mkdir()
        yield content
        content.rename(target)


@contextlib.contextmanager
def scratch(target: Path) -> Iterator[Path]:
    """Give a temporary folder in the file system of `target`."""
    with disk.scratch_folder(target.parent, f".{target.name}-") as folder:
        yield folder
