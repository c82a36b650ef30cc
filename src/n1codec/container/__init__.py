"""The ``.n1c`` file: recordings in chunks that are found, checked and decoded one by one.

>>> import numpy as np, tempfile, pathlib, n1codec
>>> path = pathlib.Path(tempfile.mkdtemp()) / "recording.n1c"
>>> samples = np.arange(60000, dtype=np.int16).reshape(-1, 2)
>>> with n1codec.Writer(path, dtype=np.int16, channels=2, rate=30000.0, metadata={"subject": "A"}) as writer:
...     writer.append(samples)
>>> with n1codec.open(path) as recording:
...     bool((recording[1000:2000, 1] == samples[1000:2000, 1]).all()), recording.metadata["subject"]
(True, 'A')

``docs/FORMAT.md`` says what the bytes mean, ``docs/GUARANTEES.md`` what is promised.
"""

from __future__ import annotations

import os

from n1codec import arguments
from n1codec.container.convert import decode_file, encode_file
from n1codec.container.defaults import DEFAULT_CODEC
from n1codec.container.limits import MAGIC, SUFFIX
from n1codec.container.reader import CACHE_BYTES, RecordingFile
from n1codec.container.recovery import recover
from n1codec.container.reports import ChunkInfo, DecodeReport, EncodeReport, Missing, RecoverReport, VerifyReport
from n1codec.container.segments import Segment
from n1codec.container.writer import Writer

create = Writer

__all__ = [
    "DEFAULT_CODEC",
    "SUFFIX",
    "ChunkInfo",
    "DecodeReport",
    "EncodeReport",
    "Missing",
    "RecordingFile",
    "RecoverReport",
    "Segment",
    "VerifyReport",
    "Writer",
    "create",
    "decode_file",
    "encode_file",
    "is_n1c",
    "open",
    "recover",
]


def open(path: str | os.PathLike[str], *, threads: int = 1, cache_bytes: int = CACHE_BYTES) -> RecordingFile:
    """Open a ``.n1c`` file to read any part of it: see `RecordingFile`, which this returns."""
    return RecordingFile(path, threads=threads, cache_bytes=cache_bytes)


def is_n1c(path: str | os.PathLike[str]) -> bool:
    """Return whether a file begins as a ``.n1c`` file does; False if it cannot be read."""
    path = arguments.path("path", path)
    try:
        with path.open("rb") as handle:
            return handle.read(len(MAGIC)) == MAGIC
    except (OSError, ValueError):
        return False
