"""Recordings of SpikeInterface's that are ``.n1c`` files."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterator, Mapping
from functools import cached_property, partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from probeinterface import ProbeGroup
from spikeinterface.core import BaseRecording, BaseRecordingSegment
from spikeinterface.core.core_tools import check_json

from n1codec import arguments
from n1codec.container import DEFAULT_CODEC, RecordingFile, Segment, Writer
from n1codec.container.learned import widths_of
from n1codec.errors import CorruptError, ParameterError, UnsupportedError
from n1codec.integrations.described import pack_values, unpack_values
from n1codec.pipeline import Pipeline

KEY: Final = "spikeinterface"
"""Where in a file's metadata stands what SpikeInterface knows."""
_PART_BYTES: Final = 1 << 25
"""How much is read of a recording at once to be written."""
_ELSEWHERE: Final = ("contact_vector", "gain_to_uV", "offset_to_uV")
"""Properties that come back with the probe, the gains and the offsets."""


class Times:
    """When each sample of a segment was taken: decoded when it is first looked at.

    Parameters
    ----------
    segment : Segment
        The segment.
    """

    ndim = 1
    dtype = np.dtype(np.float64)

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self.shape = (segment.n_samples,)

    @cached_property
    def _vector(self) -> NDArray[np.float64]:
        vector = self._segment.seconds()
        assert vector is not None  # nobody makes Times of a segment without any
        return vector

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> Any:
        return self._vector[key]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self._vector, dtype=dtype, copy=copy)


class N1cSegment(BaseRecordingSegment):
    """A segment of a ``.n1c`` file.

    Parameters
    ----------
    file : RecordingFile
        The file.
    samples : range
        Where its samples are in the file.
    columns : range
        Which channels of the file are channels of the recording.
    **times
        As of ``BaseRecordingSegment``.
    """

    def __init__(self, file: RecordingFile, samples: range, columns: range, **times: Any) -> None:
        super().__init__(**times)
        self._file = file
        self._samples = samples
        self._columns = columns

    def get_num_samples(self) -> int:
        """Return the samples of each channel."""
        return len(self._samples)

    def get_traces(
        self, start_frame: int | None = None, end_frame: int | None = None, channel_indices: Any = None
    ) -> NDArray[Any]:
        """Return samples, shape (n_samples, n_channels)."""
        own = self._samples[slice(start_frame, end_frame)]
        chosen = np.asarray(self._columns)[slice(None) if channel_indices is None else channel_indices]
        columns = np.atleast_1d(chosen).tolist()
        samples = self._file.read(own.start, own.stop, None if columns == list(range(self._file.channels)) else columns)
        return samples.reshape(len(own), len(columns))


class N1cRecording(BaseRecording):
    """A ``.n1c`` file as a recording of SpikeInterface's: see `read_n1c`.

    Parameters
    ----------
    file_path : path-like
        The file.
    stream_id : str, optional
        Of a SpikeGLX recording, the stream.
    threads : int
        Threads that decode, in each process.
    """

    mode = "file"
    name = "n1c"

    def __init__(self, file_path: str | os.PathLike[str], stream_id: str | None = None, threads: int = 1) -> None:
        path = arguments.path("file_path", file_path)
        file = RecordingFile(path, threads=threads)
        described, source, columns = _described(file), None, range(file.channels)
        if described is None and file.source_format == "spikeglx" and ".meta" in file.sidecars:
            source, columns = _of_spikeglx(file, stream_id)
        elif stream_id is not None:
            raise ParameterError(f"{path} has no streams to choose from: it was not made from a SpikeGLX recording")
        if described is not None:
            with _kept_in(file):
                ids = unpack_values(described["channel_ids"])
        elif source is not None:
            ids = source.channel_ids
        else:
            ids = np.array(file.channel_names or range(file.channels))
        if len(ids) != len(columns):
            raise CorruptError(f"{path}: {len(ids)} ids for {len(columns)} channels")
        super().__init__(file.rate, ids, file.dtype)
        for segment, samples in zip(file.segments or (Segment(file.n_samples),), file.segment_ranges, strict=True):
            times: dict[str, Any] = {"sampling_frequency": file.rate, "t_start": segment.start}
            if segment.times:
                times = {"sampling_frequency": file.rate, "time_vector": Times(segment)}
            elif source is not None and not file.segments:
                times["t_start"] = source.get_start_time(0)
            self.add_recording_segment(N1cSegment(file, samples, columns, **times))
        if source is not None:
            source.copy_metadata(self)
            self._probegroup = source.get_probegroup() if source.has_probe() else None
        else:
            with _kept_in(file):
                self._describe(file, described or {})
        self._kwargs = {"file_path": str(path.absolute()), "stream_id": stream_id, "threads": threads}

    def _describe(self, file: RecordingFile, described: Mapping[str, Any]) -> None:
        if file.gains:
            self.set_channel_gains(file.gains)
            self.set_channel_offsets(file.offsets or 0.0)
        elif file.offsets:
            self.set_channel_offsets(file.offsets)
        for key, values in described.get("properties", {}).items():
            self.set_property(key, unpack_values(values))
        if described.get("probegroup"):
            self._probegroup = ProbeGroup.from_dict(described["probegroup"])
        self.annotate(**described.get("annotations", {}))


def read_n1c(file_path: str | os.PathLike[str], stream_id: str | None = None, threads: int = 1) -> N1cRecording:
    """Read a ``.n1c`` file as a recording: nothing is decoded before it is asked for.

    What `write_n1c` kept comes back: segments and their times, ids, gains, offsets, properties, annotations, probes. Of a file
    that was made from a SpikeGLX recording, all that SpikeInterface reads from its ``.meta``. Of any other, names, gains and
    offsets, as those of microvolts.

    Parameters
    ----------
    file_path : path-like
        The file.
    stream_id : str, optional
        Of a SpikeGLX recording, the stream, as of ``read_spikeglx``; by default the first one that is not the synchronisation
        channel alone, which is ``"imec0.ap-SYNC"`` or the like.
    threads : int
        Threads that decode, in each process.

    Returns
    -------
    N1cRecording
        It can be pickled, saved as JSON and used in any number of processes.

    Raises
    ------
    FileError
        If it cannot be opened.
    CorruptError
        If it is damaged; what is damaged of its samples shows when they are read.
    """
    return N1cRecording(file_path, stream_id, threads)


def write_n1c(
    recording: BaseRecording,
    file_path: str | os.PathLike[str],
    *,
    codec: str | Pipeline = DEFAULT_CODEC,
    chunk_seconds: float | None = None,
    bundle_channels: int | None = None,
    threads: int = 1,
    metadata: Mapping[str, Any] | None = None,
    overwrite: bool = False,
) -> N1cRecording:
    """Write a recording to a ``.n1c`` file: all segments, their times, and all that SpikeInterface knows of its channels.

    Parameters
    ----------
    recording : BaseRecording
        Any recording.
    file_path : path-like
        Where to. The file appears when it is complete.
    codec, chunk_seconds, bundle_channels, threads, overwrite
        As of `n1codec.Writer`.
    metadata : mapping, optional
        Anything that JSON can say, to be kept beside that.

    Returns
    -------
    N1cRecording
        The file, opened.

    Raises
    ------
    UnsupportedError
        If it is no recording, or its samples are of a type that is none.
    ParameterError
        If a property holds objects that a file cannot keep.
    FileError
        If the file exists, or cannot be written.
    """
    if not isinstance(recording, BaseRecording):
        raise UnsupportedError(f"recording must be a recording of SpikeInterface's, not {arguments.show(recording)}")
    gains, offsets = recording.get_channel_gains(), recording.get_channel_offsets()
    keepable = [_listed(values) for values in (gains, offsets)]
    shape = recording.get_num_samples(0), recording.get_num_channels()
    read = partial(recording.get_traces, 0, 0)
    kept = dict(arguments.mapping("metadata", metadata or {})) | {KEY: _description(recording, keepable)}
    with Writer(
        file_path, dtype=recording.get_dtype(), rate=recording.get_sampling_frequency(), codec=codec, threads=threads,
        channels=recording.get_num_channels(), chunk_seconds=chunk_seconds, bundle_channels=bundle_channels, metadata=kept,
        gains=keepable[0] or (), offsets=keepable[1] or (), channel_names=[str(each) for each in recording.channel_ids],
        segments=[_segment(recording, index) for index in range(recording.get_num_segments())], overwrite=overwrite,
        widths=widths_of(read, shape, recording.get_dtype(), codec, bundle_channels, threads=threads),
    ) as writer:  # fmt: skip
        step = max(1, _PART_BYTES // max(1, recording.get_num_channels() * recording.get_dtype().itemsize))
        for index in range(recording.get_num_segments()):
            n_samples = recording.get_num_samples(index)
            for at in range(0, n_samples, step):
                writer.append(recording.get_traces(index, at, min(at + step, n_samples)))
    return N1cRecording(file_path)


def _description(recording: BaseRecording, keepable: list[list[float] | None]) -> dict[str, Any]:
    elsewhere = _ELSEWHERE[:1] + tuple(name for name, values in zip(_ELSEWHERE[1:], keepable, strict=True) if values)
    described: dict[str, Any] = {
        "channel_ids": pack_values("channel_ids", recording.channel_ids),
        "properties": {
            key: pack_values(f"the property {key}", recording.get_property(key))
            for key in recording.get_property_keys()
            if key not in elsewhere
        },
        "annotations": check_json(dict(recording._annotations)),
    }
    if recording.has_probe():
        described["probegroup"] = check_json(recording.get_probegroup().to_dict(array_as_list=True))
    return described


def _listed(values: Any) -> list[float] | None:
    """Return numbers, one a channel, if a header can keep them."""
    if values is None or not np.isfinite(np.asarray(values, float)).all():
        return None
    return [float(value) for value in values]


def _segment(recording: BaseRecording, index: int) -> Segment:
    """Return what is kept of a segment: what SpikeInterface answers, whatever it keeps that in."""
    n_samples = recording.get_num_samples(index)
    if recording.has_time_vector(index):
        return Segment.of(n_samples, times=recording.get_times(index))
    return Segment(n_samples, start=float(recording.get_start_time(index)) or None)


@contextlib.contextmanager
def _kept_in(file: RecordingFile) -> Iterator[None]:
    """Turn what others raise of a header that makes no sense into a CorruptError that names the file."""
    try:
        yield
    except Exception as error:
        why = error.reason if isinstance(error, CorruptError) else f"{type(error).__name__}: {error}"
        raise CorruptError(f"{file.path}: what its header keeps for SpikeInterface makes no sense: {why}") from error


def _described(file: RecordingFile) -> Mapping[str, Any] | None:
    described = file.metadata.get(KEY)
    return described if isinstance(described, Mapping) and "channel_ids" in described else None


def _of_spikeglx(file: RecordingFile, stream_id: str | None) -> tuple[Any, range]:
    from n1codec.integrations.spikeglx import described_by

    try:
        return described_by(file.sidecars[".meta"], file.n_samples, file.channels, stream_id)
    except Exception as error:  # of neo and probeinterface, on whatever a .meta may hold
        if stream_id is not None:
            raise ParameterError(f"{file.path}: no stream {stream_id!r} in its .meta: {error}") from error
        text = f"{file.path}: its .meta tells SpikeInterface nothing of gains and probe: {error}"
        warnings.warn(text, UserWarning, stacklevel=4)
        return None, range(file.channels)
