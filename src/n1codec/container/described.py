"""What an open file says of its recording: its header, and what its index adds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from n1codec.codec import Layout
from n1codec.container.files import Source, naming
from n1codec.container.header import Header
from n1codec.container.scan import Contents
from n1codec.container.segments import Segment, within
from n1codec.formats.restore import Restore, format_of


class Described:
    """The properties of `RecordingFile` that need no samples."""

    path: Path
    _header: Header
    _contents: Contents
    _source: Source

    @property
    def shape(self) -> tuple[int, ...]:
        """``(n_samples,)`` or ``(n_samples, n_channels)``, lost samples included."""
        return self.layout.shape

    @property
    def layout(self) -> Layout:
        """Type (in the machine's byte order) and shape of all samples."""
        return self._header.layout(self._contents.n_samples)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the samples, byte order included."""
        return self._header.dtype

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def n_samples(self) -> int:
        """Samples of each channel."""
        return self._contents.n_samples

    @property
    def channels(self) -> int:
        """Number of channels: 1 for one-dimensional samples."""
        return self._header.width

    @property
    def rate(self) -> float:
        """Sampling rate of each channel in Hz."""
        return self._header.rate

    @property
    def seconds(self) -> float:
        """Duration in seconds."""
        return self.n_samples / self.rate

    @property
    def spec(self) -> str:
        """The pipeline, without parameters that only an encoder uses."""
        return self._header.spec

    @property
    def bundle_channels(self) -> int:
        """Channels that are decoded together."""
        return self._header.bundle_channels

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What the writer of the file wanted to keep."""
        return MappingProxyType(dict(self._header.metadata))

    @property
    def channel_names(self) -> tuple[str, ...]:
        """One a channel, or empty."""
        return self._header.channel_names

    @property
    def gains(self) -> tuple[float, ...]:
        """What one step of a sample is worth, one a channel, or empty."""
        return self._header.gains

    @property
    def offsets(self) -> tuple[float, ...]:
        """What a sample of zero stands for, one a channel, or empty: a value is gain x sample + offset."""
        return self._header.offsets

    @property
    def file_id(self) -> int:
        """64 bits that tell the file's chunks from those of every other file."""
        return self._header.file_id

    @property
    def start_time(self) -> datetime | None:
        """When the first sample was taken."""
        return self._header.start_time

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Stretches that do not follow each other in time, and their clocks; empty if nothing is said of that."""
        return self._header.segments

    @property
    def segment_ranges(self) -> tuple[range, ...]:
        """Where the samples of each segment are among all; of one that says nothing of segments, all of them."""
        return within(self._header.segments, self.n_samples)

    @property
    def restore(self) -> bytes:
        """What gives the source file back beside the samples; empty if there was none."""
        return self._header.restore

    @property
    def sidecars(self) -> Mapping[str, bytes]:
        """Files beside the source, by their extension."""
        return MappingProxyType(dict(self._header.sidecars))

    @property
    def source_format(self) -> str | None:
        """The format of the source: ``"wav"``, ``"raw"``, ``"spikeglx"``, ``"npy"``; None if there was none."""
        if not self.restore:
            return None
        with naming(self.path):
            return format_of(self.restore)

    @property
    def source_bytes(self) -> int | None:
        """Size of the source file; None if there was none."""
        if not self.restore:
            return None
        with naming(self.path):
            plan = Restore.from_bytes(self.restore)
            head, tail = plan.surround(self.layout)
        return len(head) + self.layout.size * (3 if plan.packed else self.dtype.itemsize) + len(tail)

    @property
    def file_bytes(self) -> int:
        """Size of the ``.n1c`` file."""
        return self._source.size

    @property
    def recording_hash(self) -> int | None:
        """The hash of the whole recording; None if the file was not finished, or its index is damaged."""
        return self._contents.recording_hash

    @property
    def damaged(self) -> tuple[str, ...]:
        """What is wrong with the file's structure, in sentences; empty if nothing is."""
        return self._contents.damaged
