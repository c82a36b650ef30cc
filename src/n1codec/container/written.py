"""What a writer knows of the chunks that it has written."""

from __future__ import annotations

from collections.abc import Sequence

from n1codec.container.index import Table
from n1codec.container.record import RecordingHash


class Written:
    """The chunks of a file so far, of which each is there as a whole or not at all.

    An interruption (Ctrl-C) may come between any two steps of Python: `settle` goes back to the last whole chunk.

    Parameters
    ----------
    table : Table
        The chunks.
    recording_hash : RecordingHash
        Of them.
    n_bytes : int
        Where the last one ends, or the header if there is none; 0 if nothing is written yet.
    """

    def __init__(self, table: Table, recording_hash: RecordingHash, n_bytes: int = 0) -> None:
        self.table = table
        self.hash = recording_hash
        self._whole = len(table), recording_hash.state, n_bytes

    @property
    def n_bytes(self) -> int:
        """Where the last whole chunk ends."""
        return self._whole[2]

    def begin(self, n_bytes: int) -> None:
        """Take note of the header."""
        self._whole = 0, self.hash.state, n_bytes

    def add(self, start: int, n_samples: int, length: int, continuation: int, hashes: Sequence[int]) -> None:
        """Take note of the next chunk, which is in the file."""
        end = self.n_bytes
        self.table.add(start, start + n_samples, end, length, continuation)
        self.hash.add(start, n_samples, hashes)
        self._whole = len(self.table), self.hash.state, end + length

    def settle(self) -> int:
        """Forget what is not whole, and return where that begins in the file."""
        count, state, n_bytes = self._whole
        self.table.cut(count)
        self.hash.go_back(state)
        return n_bytes
