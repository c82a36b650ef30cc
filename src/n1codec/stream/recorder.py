"""A .n1c file that grows while a stream comes in, in a thread of its own: decoding never waits for a disk."""

from __future__ import annotations

import os
import queue
import threading
import time
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from n1codec import container

CODEC: Final = "n1:level=1"
MOST_WAITING: Final = 20_000
"""Packets that may wait for the disk."""
_GATHERED: Final = 0.05
"""Seconds of frames that are gathered before they are handed over."""


class Recorder:
    """Writes frames to a ``.n1c`` file that grows in place, and makes it durable every `flush` seconds.

    Parameters
    ----------
    path : path-like
        The file.
    dtype, rate, channels
        Of the recording.
    flush : float
        Seconds: what was written before is on the disk and is found again, whatever happens.
    overwrite : bool
        Whether an existing file may be replaced.

    Notes
    -----
    Frames that are missing become samples of 0, so that time stays right: which ones is for the caller to tell.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        dtype: Any,
        rate: float,
        channels: int,
        *,
        flush: float = 1.0,
        overwrite: bool = False,
    ) -> None:
        self._open = partial(
            container.Writer, path, dtype=dtype, rate=rate, channels=channels, codec=CODEC,
            chunk_seconds=max(flush, 0.05), atomic=False, overwrite=overwrite,
        )  # fmt: skip
        self._flush = flush
        self._channels, self._dtype = channels, np.dtype(dtype)
        self._most = max(1, int(_GATHERED * rate))
        self._queue: queue.Queue[NDArray[Any] | None] = queue.Queue(MOST_WAITING)
        self._parts: list[NDArray[Any]] = []
        self._n = 0
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="n1codec recorder", daemon=True)
        self._thread.start()

    def write(self, frames: NDArray[Any]) -> None:
        """Hand frames over."""
        self._parts.append(frames)
        self._n += len(frames)
        if self._n >= self._most:
            self._hand_over()

    def skip(self, n_frames: int) -> None:
        """Write frames of 0 in the place of some that are missing."""
        while n_frames:
            n = min(n_frames, self._most)
            self.write(np.zeros((n, self._channels), self._dtype))
            n_frames -= n

    def _hand_over(self) -> None:
        if self._failed is not None:
            raise self._failed
        if self._parts:
            self._queue.put(np.concatenate(self._parts))
            self._parts, self._n = [], 0

    def _work(self) -> None:
        try:
            flushed = time.monotonic()
            with self._open() as writer:  # opening one takes longer than a packet may wait
                while (frames := self._queue.get()) is not None:
                    writer.append(frames)
                    if time.monotonic() - flushed >= self._flush:
                        writer.flush()
                        flushed = time.monotonic()
        except BaseException as error:
            self._failed = error
            while self._queue.get() is not None:  # whoever hands over never waits for a dead thread
                pass

    def close(self) -> None:
        """Write what is left and finish the file.

        Raises
        ------
        N1Error
            If something could not be written.
        """
        try:
            if self._failed is None:
                self._hand_over()
        finally:
            self._queue.put(None)
            self._thread.join()
        if self._failed is not None:
            raise self._failed
