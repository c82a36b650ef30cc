"""What SpikeInterface reads from the ``.meta`` of a SpikeGLX recording, without its ``.bin``.

SpikeInterface's own reader does it, on a folder with the ``.meta`` and a ``.bin`` of the right length without content: so
gains, names, probe and all else are what it gives for the source, in whatever version is installed.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path, PureWindowsPath
from typing import Any, Final

import numpy as np
import probeinterface
from spikeinterface.extractors import get_neo_streams, read_spikeglx

_FILE_NAME: Final = re.compile(rb"(?m)^fileName=([^\r\n]*?)[ \t]*\r?$")


def described_by(meta: bytes, n_samples: int, channels: int, stream_id: str | None) -> tuple[Any, range]:
    """Return a recording of SpikeInterface's that has everything but samples, and which channels of the file are its own.

    Parameters
    ----------
    meta : bytes
        The content of the ``.meta``.
    n_samples, channels : int
        Of the file.
    stream_id : str, optional
        The stream; by default the first one that is not the synchronisation channel alone.
    """
    name = _FILE_NAME.search(meta)
    if name is None:
        raise ValueError("it has no fileName")
    stem = PureWindowsPath(name[1].decode("utf-8", errors="replace")).stem
    with tempfile.TemporaryDirectory(prefix="n1codec-") as temporary:
        folder = Path(temporary)
        path = folder / f"{stem}.meta"
        path.write_bytes(meta)
        with path.with_suffix(".bin").open("wb") as empty:
            empty.truncate(2 * n_samples * channels)
        streams = get_neo_streams("spikeglx", folder)[1]
        chosen = stream_id or next((each for each in streams if not each.endswith("SYNC")), streams[0])
        recording = read_spikeglx(folder, stream_id=chosen)
        if not recording.has_probe() and ".lf" in chosen:  # its probe stands in the .meta of the band beside it, too
            recording.set_probe(probeinterface.read_spikeglx(path))
    first = channels - 1 if chosen.endswith("SYNC") else 0
    own = range(first, first + recording.get_num_channels())
    if own.stop > channels or recording.get_dtype() != np.dtype("int16"):
        raise ValueError(f"it describes {own.stop} channels")
    return recording, own
