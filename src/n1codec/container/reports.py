"""What the operations on files have to say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Progress = Callable[[int, int], None]
"""Called after each chunk with the samples done and the samples in all."""


@dataclass(frozen=True)
class ChunkInfo:
    """Where a chunk is.

    Parameters
    ----------
    index : int
        Its number.
    start, stop : int
        Its first sample and the one after its last.
    offset, n_bytes : int
        Where in the file, and how long.
    """

    index: int
    start: int
    stop: int
    offset: int
    n_bytes: int


@dataclass(frozen=True)
class Missing:
    """Samples that are lost.

    Parameters
    ----------
    start, stop : int
        First sample and the one after the last.
    channel_start, channel_stop : int
        First channel and the one after the last.
    rate : float
        Samples per second, to say when.
    reason : str
        Why, where that is known.
    """

    start: int
    stop: int
    channel_start: int
    channel_stop: int
    rate: float
    reason: str = "no chunk has them"

    def __str__(self) -> str:
        channels = f"channel {self.channel_start}"
        if self.channel_stop - self.channel_start > 1:
            channels = f"channels {self.channel_start} to {self.channel_stop - 1}"
        time = f"{self.start / self.rate:.3f} s to {self.stop / self.rate:.3f} s"
        return f"samples {self.start} to {self.stop - 1} ({time}), {channels}: {self.reason}"


@dataclass(frozen=True)
class VerifyReport:
    """What a check of a whole file found.

    Parameters
    ----------
    problems : tuple of str
        Everything that is wrong; empty for a file that is whole and undamaged.
    chunks, samples : int
        How many were decoded and are right in all channels.
    damaged : tuple of Missing
        The samples that are lost.
    """

    problems: tuple[str, ...]
    chunks: int
    samples: int
    damaged: tuple[Missing, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


@dataclass(frozen=True)
class RecoverReport:
    """What was saved of a damaged file.

    Parameters
    ----------
    chunks, samples : int
        How many were saved, in part at least.
    lost : tuple of Missing
        What is known to be lost. Of an unfinished file nobody knows what would have come after its last chunk.
    skipped_bytes : int
        Bytes of the file that belong to nothing that could be saved.
    complete : bool
        Whether it is certain that nothing is lost: the file's own index confirms it.
    doubts : tuple of str
        What could not be settled, in sentences; the new file says so, too.
    """

    chunks: int
    samples: int
    lost: tuple[Missing, ...]
    skipped_bytes: int
    complete: bool
    doubts: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """One sentence."""
        if self.complete:
            return f"all {self.samples} samples in {self.chunks} chunks saved"
        lost = f"; {len(self.lost)} ranges lost" if self.lost else "; whether more followed is unknown"
        return f"{self.samples} samples in {self.chunks} chunks saved, {self.skipped_bytes} bytes passed over{lost}"


@dataclass(frozen=True)
class EncodeReport:
    """What encoding a recording came to.

    Parameters
    ----------
    source_bytes, encoded_bytes : int
        Sizes before and after.
    samples, channels : int
        Samples of each channel, and channels.
    rate : float
        Sampling rate in Hz.
    verified : bool
        Whether the encoded file was decoded and compared with the source before it got its name.
    """

    source_bytes: int
    encoded_bytes: int
    samples: int
    channels: int
    rate: float
    verified: bool

    @property
    def ratio(self) -> float:
        """Source bytes per encoded byte."""
        return self.source_bytes / self.encoded_bytes

    @property
    def seconds(self) -> float:
        """Duration of the recording."""
        return self.samples / self.rate


@dataclass(frozen=True)
class DecodeReport:
    """What decoding a file came to.

    Parameters
    ----------
    source_bytes, encoded_bytes : int
        Sizes of the restored file and of the encoded one.
    files : tuple of Path
        What was written: the source, and its sidecars.
    """

    source_bytes: int
    encoded_bytes: int
    files: tuple[Path, ...]
