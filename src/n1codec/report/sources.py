"""The recordings that results were measured on, where they can still be found."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from n1codec.analysis import Floor, floor
from n1codec.bench.sources import Loaded, RecordingInfo, Source
from n1codec.codec import Samples
from n1codec.errors import N1Error
from n1codec.pipeline import decode, get
from n1codec.report.model import Row, Study

MAX_FLOORS: Final = 24
"""Recordings whose floor is computed: half a second each for five seconds of one channel. Of more, evenly spread ones."""

MIN_ENCODE_MB_S: Final = 2.0
"""Slower codecs are not chosen for the round trip."""

MAX_ROUND_TRIP: Final = 20_000_000
"""Values of a recording in a round trip; of longer ones, the first."""


@dataclass(frozen=True)
class RoundTrip:
    """A recording before and after it was encoded and decoded.

    Parameters
    ----------
    recording : str
        Its name.
    codec : str
        The codec.
    before, after : ndarray of int, shape (n_samples,) or (n_samples, n_channels)
        Samples.
    rate : float
        Samples a second of each channel.
    encoded_bytes : int
        Size of the envelope between the two.
    """

    recording: str
    codec: str
    before: Samples
    after: Samples
    rate: float
    encoded_bytes: int


def load(info: RecordingInfo, folder: Path | None = None) -> Loaded | None:
    """Return a recording if it can be found and is the one that was measured, else None.

    Parameters
    ----------
    info : RecordingInfo
        As the results describe it.
    folder : Path, optional
        Where it may be now, if not where it was.
    """
    for source in _candidates(info, folder):
        with contextlib.suppress(N1Error, OSError):
            loaded = source.load()
            if hashlib.sha256(loaded.source).hexdigest() == info.sha256:
                return dataclasses.replace(loaded, name=info.name)
    return None


def floors(recordings: Sequence[RecordingInfo], folder: Path | None = None) -> dict[str, Floor]:
    """Return the floor of each recording that can be found, by its name; of many, of an evenly spread part."""
    count = min(len(recordings), MAX_FLOORS)
    found: dict[str, Floor] = {}
    for index in range(count):
        info = recordings[index * len(recordings) // count]
        loaded = load(info, folder)
        if loaded is not None:
            with contextlib.suppress(N1Error):
                found[info.name] = floor(loaded.samples, loaded.rate)
    return found


def round_trip(study: Study, folder: Path | None = None) -> RoundTrip | None:
    """Encode and decode the first recording that can be found, with the best codec that is here and not slow."""
    for info in study.merged.recordings:
        loaded = load(info, folder)
        if loaded is None or loaded.samples.size == 0:
            continue
        before = loaded.samples[: max(1, MAX_ROUND_TRIP // (loaded.samples.size // len(loaded.samples)))]
        for row in study.exact:
            if (row.result.encode_mb_s or 0) >= MIN_ENCODE_MB_S and (
                trip := _trip(info.name, row, before, loaded.rate)
            ):
                return trip
        return None
    return None


def _trip(name: str, row: Row, before: Samples, rate: float) -> RoundTrip | None:
    try:
        envelope = get(row.result.spec).encode(before)
        return RoundTrip(name, row.label, before, decode(envelope), rate, len(envelope))
    except Exception:
        return None  # not installed here, say, or whatever a plug-in does: the next one will do


def _candidates(info: RecordingInfo, folder: Path | None) -> list[Source]:
    """Return where a recording may be, and how it may have to be read."""
    if info.path is None:
        return [Source()]
    paths = [Path(info.path)]
    if folder is not None:
        paths.insert(0, folder / Path(info.path).name)
    found = [str(path) for path in paths if path.is_file()]
    return [
        source
        for path in found
        for source in (Source(path), Source(path, rate=info.rate), Source(path, info.dtype, info.channels, info.rate))
    ]
