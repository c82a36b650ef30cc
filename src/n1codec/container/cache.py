"""Decoded blocks that are kept for the next read."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from n1codec.codec import Samples
from n1codec.disk import watch


@dataclass(frozen=True)
class Kept:
    """Samples of a block.

    Parameters
    ----------
    samples : ndarray
        They.
    start : int
        Which of each channel is the first of them.
    """

    samples: Samples
    start: int

    @property
    def stop(self) -> int:
        """The one after the last of them."""
        return self.start + len(self.samples)

    def covers(self, start: int, stop: int) -> bool:
        """Return whether samples of each channel are there."""
        return self.start <= start and stop <= self.stop

    def adjoins(self, start: int, stop: int) -> bool:
        """Return whether others overlap with these, or follow at once, or go before."""
        return self.start <= stop and start <= self.stop


class BlockCache:
    """The most recently used blocks, or parts of them, up to a number of bytes. Safe to use from several threads.

    Parameters
    ----------
    max_bytes : int
        How many; 0 keeps nothing.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._blocks: OrderedDict[tuple[int, int], Kept] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()
        watch(self)

    def after_fork(self) -> None:
        """Begin empty in a child process: a thread of the parent's may have been half way through."""
        self._lock = Lock()
        self._blocks, self._bytes = OrderedDict(), 0

    def get(self, key: tuple[int, int]) -> Kept | None:
        """Return a block, or None if it is not kept."""
        with self._lock:
            block = self._blocks.get(key)
            if block is not None:
                self._blocks.move_to_end(key)
            return block

    def put(self, key: tuple[int, int], block: Kept) -> None:
        """Keep samples of a block, unless all are kept, and let go of those that were not used for longest."""
        if block.samples.nbytes > self._max_bytes:
            return
        with self._lock:
            before = self._blocks.get(key)
            if before is not None and before.covers(block.start, block.stop):
                return
            self._blocks[key] = block
            self._blocks.move_to_end(key)
            self._bytes += block.samples.nbytes - (0 if before is None else before.samples.nbytes)
            while self._bytes > self._max_bytes:
                _, oldest = self._blocks.popitem(last=False)
                self._bytes -= oldest.samples.nbytes

    def clear(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._blocks.clear()
            self._bytes = 0
