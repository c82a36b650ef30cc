"""What of an open file goes to other processes: by pickling, or by a fork."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import RLock

from n1codec import _core
from n1codec.container.files import Source
from n1codec.container.scan import Contents


@dataclass(frozen=True)
class Pickled:
    """An open file as it is pickled.

    Parameters
    ----------
    path : Path
        Absolute.
    threads, cache_bytes : int
        As it was opened.
    size, n_samples : int
        Of the file and of the recording.
    header_hash : int
        XXH64 of the header, the file's id included.
    recording_hash : int or None
        As the index says.
    """

    path: Path
    threads: int
    cache_bytes: int
    size: int
    n_samples: int
    header_hash: int
    recording_hash: int | None

    @classmethod
    def of(cls, path: Path, threads: int, cache_bytes: int, source: Source, contents: Contents) -> Pickled:
        """Return what stands for an open file."""
        header_hash = _core.xxh64(contents.header_data)
        place = path.absolute()  # now: the working directory may be another one when it is pickled
        return cls(place, threads, cache_bytes, source.size, contents.n_samples, header_hash, contents.recording_hash)


def renew_locks(*classes: type) -> None:
    """Give the cached properties of classes new locks, where they have any (before Python 3.12)."""
    for each in classes:
        for value in vars(each).values():
            if isinstance(value, cached_property) and hasattr(value, "lock"):
                value.lock = RLock()
