"""What tells a recording from every other one: a hash of all of its source, which threads may share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from n1codec import _core
from n1codec.container import defaults
from n1codec.container.files import Source
from n1codec.container.newheader import new_header

STRETCH_BYTES: Final = 1 << 23
"""Bytes of a file that have a hash of their own: the share of one thread."""
READ_BYTES: Final = 1 << 20
"""Bytes that are read at once: a processor still has most of them at hand when they are hashed."""


class SourceHash:
    """A hash of a whole file, which is open until `close`.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    FileError
        If it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._source = Source(path)
        starts = range(0, self._source.size, STRETCH_BYTES)
        self._hashes = [0] * len(starts)
        self.steps: list[Callable[[], None]] = [partial(self._hash, each, start) for each, start in enumerate(starts)]
        """What is to be done for it, in any order, by any thread."""

    def close(self) -> None:
        """Close the file."""
        self._source.close()

    def _hash(self, each: int, start: int) -> None:
        value = 0
        for at in range(start, min(start + STRETCH_BYTES, self._source.size), READ_BYTES):
            value = _core.xxh64(self._source.read_up_to(at, READ_BYTES), value)
        self._hashes[each] = value

    def identity(self, content: Mapping[str, Any], lengths: Mapping[str, Any]) -> int:
        """Return an id that follows from the header and from every byte of the source, once all steps are done.

        So no two recordings share it.
        """
        header, header_data = new_header(**content)
        frames = defaults.chosen_frames(header, lengths["chunk_seconds"], lengths["chunk_frames"])
        numbers = [*self._hashes, self._source.size, frames]
        return _core.xxh64(header_data, _core.xxh64(b"".join(each.to_bytes(8, "little") for each in numbers)))
