"""A .n1c file that grows while a stream comes in, in a thread of its own: decoding never waits for a disk."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from n1codec import container
from n1codec.stream.background import Background

CODEC: Final = "n1:level=1"
_GATHERED: Final = 0.05
"""Seconds of frames that are gathered before they are written."""


class Recorder:
    """Writes frames to a ``.n1c`` file that grows in place, and makes it durable every `flush` seconds.

    Parameters
    ----------
    path : path-like
        The file.
    dtype, rate, channels
        Of the recording.
    flush : float
        Seconds: what was written before is on the disk and is found again, whatever happens, also when nothing more comes.
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
        self._flush = max(0.0, flush - 2 * _GATHERED)
        self._channels, self._dtype = channels, np.dtype(dtype)
        self._most = max(1, (1 << 20) // channels)
        self._background: Background[NDArray[Any] | int] = Background(self._work, "n1codec recorder", _GATHERED)

    def write(self, frames: NDArray[Any]) -> None:
        """Hand frames over."""
        self._background.put(frames)

    def skip(self, n_frames: int) -> None:
        """Write frames of 0 in the place of some that are missing."""
        self._background.put(n_frames)

    def _frames(self, batch: list[NDArray[Any] | int]) -> Iterator[NDArray[Any]]:
        """Give out a batch as few arrays."""
        found: list[NDArray[Any]] = []
        for part in batch:
            if not isinstance(part, int):
                found.append(part)
                continue
            if found:
                yield np.concatenate(found)
                found = []
            for at in range(0, part, self._most):
                yield np.zeros((min(self._most, part - at), self._channels), self._dtype)
        if found:
            yield np.concatenate(found)

    def _work(self, batches: Iterator[list[NDArray[Any] | int]]) -> None:
        with self._open() as writer:  # opening one takes longer than a packet may wait
            flushed, dirty = time.monotonic(), False
            for batch in batches:
                for frames in self._frames(batch):
                    writer.append(frames)
                    dirty = True
                if dirty and time.monotonic() - flushed >= self._flush:
                    writer.flush()
                    flushed, dirty = time.monotonic(), False

    def close(self) -> None:
        """Write what is left and finish the file.

        Raises
        ------
        N1Error
            If something could not be written.
        """
        self._background.close()
