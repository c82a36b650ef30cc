"""The recordings of a run: named briefly enough to be handed to a worker, which loads them itself."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from n1codec import arguments, formats, synth
from n1codec.codec import Layout, Samples, little_endian

SYNTHETIC_SECONDS: Final = 5.0
SYNTHETIC_RATE_HZ: Final = 19531.0
SYNTHETIC_SEED: Final = 0


@dataclass(frozen=True)
class Source:
    """Where a recording comes from.

    Parameters
    ----------
    path : str or None
        The file, or None for the built-in synthetic recording.
    dtype : str or None
        Of a raw file.
    channels : int or None
        Of a raw file.
    rate : float or None
        Samples a second of one channel, for files that do not tell.
    channels_first : bool
        Of a raw or .npy file: its samples lie channel after channel.
    """

    path: str | None = None
    dtype: str | None = None
    channels: int | None = None
    rate: float | None = None
    channels_first: bool = False

    @property
    def options(self) -> dict[str, Any]:
        """What `n1codec.formats.read` is told beside the path."""
        options = dataclasses.asdict(self)
        del options["path"]
        return options

    def __post_init__(self) -> None:
        for name in ("path", "dtype"):
            object.__setattr__(self, name, arguments.optional(arguments.text, name, getattr(self, name)))
        object.__setattr__(self, "channels", arguments.optional(arguments.integer, "channels", self.channels, 1))
        object.__setattr__(self, "channels_first", arguments.flag("channels_first", self.channels_first))
        object.__setattr__(self, "rate", None if self.rate is None else arguments.rate(self.rate))

    def load(self) -> Loaded:
        """Read or make the recording.

        Raises
        ------
        FormatError, OSError
            If the file cannot be read.
        """
        if self.path is None:
            samples: Samples = synth.recording(SYNTHETIC_SECONDS, rate=SYNTHETIC_RATE_HZ, seed=SYNTHETIC_SEED)
            source = little_endian(samples).tobytes()
            return Loaded("synthetic", samples, SYNTHETIC_RATE_HZ, source, b"", _plain_bytes)
        path = Path(self.path)
        recording = formats.read(path, **self.options)
        return Loaded(
            recording.name, recording.samples, recording.rate, recording.original(), recording.restore, formats.rebuild
        )


@dataclass(frozen=True)
class Loaded:
    """A recording in memory, with what is needed to prove that it came back.

    Parameters
    ----------
    name : str
        As shown.
    samples : ndarray of int, shape (n_samples,) or (n_samples, n_channels)
        The samples.
    rate : float
        Samples a second of one channel.
    source : bytes
        The whole source file.
    restore : bytes
        What is needed beside the samples to get the source back.
    rebuild : callable
        Gives the source from `restore` and the samples.
    """

    name: str
    samples: Samples
    rate: float
    source: bytes
    restore: bytes
    rebuild: Callable[[bytes, Samples], bytes]

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / self.rate


@dataclass(frozen=True)
class RecordingInfo:
    """One recording, as it is described in the results."""

    name: str
    path: str | None
    bytes: int
    sha256: str
    dtype: str
    frames: int
    channels: int
    rate: float
    seconds: float


def find_sources(
    paths: Sequence[Path],
    *,
    dtype: str | None = None,
    channels: int | None = None,
    rate: float | None = None,
    channels_first: bool = False,
    limit: int | None = None,
) -> list[Source]:
    """Return the recordings among files and folders, or the synthetic one if no paths are given.

    Parameters
    ----------
    paths : sequence of Path
        Files, and folders that are searched for recordings.
    dtype, channels, rate, channels_first
        Of raw files; of named files, dtype, channels and rate together overrule what they say of themselves.
    limit : int, optional
        At most so many, evenly spread over all that are found.

    Raises
    ------
    FormatError, OSError
        If a path does not exist, or holds no recording.
    """
    paths = arguments.sequence("paths", paths, arguments.path)
    limit = arguments.optional(arguments.integer, "limit", limit, 1)
    asked = Source(None, dtype, channels, rate, channels_first)  # which checks them
    if not paths:
        return [Source()]
    headerless = None not in (dtype, channels, rate)
    named = {path for path in paths if not path.is_dir()}
    found = []
    for path in formats.find(paths, headerless=headerless):
        overruled = path in named or path.with_suffix(".meta") in named or not formats.describes_itself(path)
        first = channels_first and (overruled or path.suffix.lower() == ".npy")
        found.append(replace(asked, path=str(path), dtype=asked.dtype if overruled else None, channels_first=first))
    if limit is None or limit >= len(found):
        return found
    return [found[index * len(found) // limit] for index in range(limit)]


def describe(source: Source) -> RecordingInfo:
    """Read a recording and describe it; all that is wrong with a file comes out here, before anything is measured."""
    loaded = source.load()
    samples = loaded.samples
    return RecordingInfo(
        name=loaded.name,
        path=source.path,
        bytes=len(loaded.source),
        sha256=hashlib.sha256(loaded.source).hexdigest(),
        dtype=samples.dtype.str,
        frames=len(samples),
        channels=Layout.of(samples).channels,
        rate=loaded.rate,
        seconds=loaded.seconds,
    )


def _plain_bytes(_restore: bytes, samples: Samples) -> bytes:
    return little_endian(samples).tobytes()
