"""Decoded blocks that are kept for the next read."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from n1codec.codec import Samples
from n1codec.disk import watch


class BlockCache:
    """The most recently used blocks, or their first frames, up to a number of bytes. Safe to use from several threads.

    Parameters
    ----------
    max_bytes : int
        How many; 0 keeps nothing.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._blocks: OrderedDict[tuple[int, int], Samples] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()
        watch(self)

    def after_fork(self) -> None:
        """Begin empty in a child process: a thread of the parent's may have been half way through."""
        self._lock = Lock()
        self._blocks, self._bytes = OrderedDict(), 0

    def get(self, key: tuple[int, int]) -> Samples | None:
        """Return a block, or None if it is not kept."""
        with self._lock:
            block = self._blocks.get(key)
            if block is not None:
                self._blocks.move_to_end(key)
            return block

    def put(self, key: tuple[int, int], block: Samples) -> None:
        """Keep a block, or more of it than before, and let go of those that were not used for longest."""
        if block.nbytes > self._max_bytes:
            return
        with self._lock:
            before = self._blocks.get(key)
            if before is not None and len(before) >= len(block):
                return
            self._blocks[key] = block
            self._blocks.move_to_end(key)
            self._bytes += block.nbytes - (0 if before is None else before.nbytes)
            while self._bytes > self._max_bytes:
                _, oldest = self._blocks.popitem(last=False)
                self._bytes -= oldest.nbytes

    def clear(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._blocks.clear()
            self._bytes = 0
