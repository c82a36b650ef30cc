"""What a recording file holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from n1codec.codec import Layout, Samples


@dataclass(frozen=True, eq=False)
class Recording:
    """The samples of one recording file, and what gives the file back.

    Parameters
    ----------
    name : str
        Short name for tables: the file name without its extension.
    samples : ndarray of int, shape (n_samples,) or (n_samples, n_channels)
        Read-only, in the file's byte order; of a large file, a view of it and not a copy in memory.
    rate : float
        Sampling rate of each channel in Hz, above zero.
    source_bytes : int
        Size of the source file, unpacked if it is compressed: what compression ratios are measured against.
    restore : bytes
        What is needed beside the samples to give back the source file byte for byte: see `n1codec.formats.restore`.
    format : str
        ``"wav"``, ``"raw"``, ``"spikeglx"``, ``"npy"`` or ``"mtscomp"``.
    path : Path, optional
        The source file.
    channel_names : tuple of str
        One name a channel where the file tells them, else empty.
    notes : tuple of str
        What is odd about the file, a line each; also given as warnings when it is read.
    """

    name: str
    samples: Samples = field(repr=False)
    rate: float
    source_bytes: int
    restore: bytes
    format: str
    path: Path | None = None
    channel_names: tuple[str, ...] = field(default=(), repr=False)
    notes: tuple[str, ...] = field(default=(), repr=False)

    @property
    def channels(self) -> int:
        """Number of channels."""
        return Layout.of(self.samples).channels

    @property
    def seconds(self) -> float:
        """Duration in seconds."""
        return float(self.samples.shape[0] / self.rate)

    def original(self) -> bytes:
        """Return the bytes that are to be given back: the file's, or of a ``.cbin`` those that it unpacks to."""
        if self.format == "mtscomp" or self.path is None:
            return self.samples.tobytes()
        return self.path.read_bytes()
