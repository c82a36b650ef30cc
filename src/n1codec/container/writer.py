"""Writing a file: samples in, chunk by chunk, and nothing lost that was flushed."""

from __future__ import annotations

import os
import secrets
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any

from numpy.typing import ArrayLike, DTypeLike

from n1codec import arguments, pipeline
from n1codec.codec import Samples
from n1codec.container import defaults, limits
from n1codec.container.files import Source, naming
from n1codec.container.header import Header
from n1codec.container.incoming import fitting, new_buffers, put
from n1codec.container.index import Table, pack_index
from n1codec.container.newheader import new_header
from n1codec.container.record import RecordingHash, encode_block, new_continuation, pack_chunk
from n1codec.container.resuming import resume, without_source
from n1codec.container.segments import Segment, refuse_growth, refuse_incomplete
from n1codec.container.sinks import LiveFile, Sink, sink_of
from n1codec.container.written import Written
from n1codec.disk import OneProcess, Writable
from n1codec.errors import FileError, LimitError, N1Error, ParameterError
from n1codec.threads import Workers

_Blocks = list[Callable[[], tuple[bytes, int]]]


class Writer(OneProcess):
    """A ``.n1c`` file that is being written. A context manager; for one thread at a time, of the process that made it.

    Parameters
    ----------
    file : path-like or binary file object
        Where to. A file object is only appended to and stays open; its ``flush`` and ``fsync`` make what is in it durable.
    dtype : dtype-like
        A type of samples, in either byte order: integers, floats of 2, 4 or 8 bytes, or truth values.
    rate : float
        Sampling rate of each channel in Hz.
    channels : int, optional
        Samples have the shape ``(n, channels)``; without it ``(n,)``.
    codec : str or Pipeline
        The pipeline of every block.
    chunk_seconds, chunk_frames : float or int, optional
        Length of a chunk in seconds, or in samples of each channel; one of them, or neither for a default that suits the
        number of channels.
    bundle_channels : int, optional
        Channels that are coded together: what a reader has to decode to see one of them.
    threads : int
        Threads that encode; the bytes do not depend on it.
    metadata : mapping, optional
        Anything that JSON can say.
    channel_names, gains, offsets : sequence, optional
        One a channel: strings; what one step of a sample is worth; what a sample of zero stands for.
    start_time : datetime, optional
        When the first sample was taken.
    segments : sequence of Segment, optional
        Stretches that do not follow each other in time; their samples are appended one after the other.
    restore : bytes
        What gives the source file back (`n1codec.formats`), if there is one.
    sidecars : mapping of str to bytes, optional
        Files beside the source, such as ``{".meta": ...}``.
    widths : bytes
        Code widths of the recording's converters (`n1codec.learn_widths`): blocks of 64 channels and more get smaller at levels
        4 to 9, and the file keeps them once.
    file_id : int, optional
        64 bits that tell the file's chunks from those of every other file; drawn at random unless given. With the same one, the
        same samples and settings give the same bytes; give different recordings different ones.
    atomic : bool
        True: the file appears when it is complete, and an exception leaves nothing. False: it grows in place, for a recording
        that goes on; whatever happens, `n1codec.recover` returns every chunk that was flushed.
    overwrite : bool
        Whether an existing file may be replaced.

    Raises
    ------
    ParameterError, SpecError, UnsupportedError
        If a parameter makes no sense.
    FileError
        If the file exists or cannot be created, or another writer has it open.

    Notes
    -----
    A file that grows in place is locked until it is closed, where the system has locks (`n1codec.disk.locks`), and belongs to
    the process that opened it: a child made by ``fork`` cannot write to it.
    """

    def __init__(
        self,
        file: str | os.PathLike[str] | Writable,
        *,
        dtype: DTypeLike,
        rate: float,
        channels: int | None = None,
        codec: str | pipeline.Pipeline = defaults.DEFAULT_CODEC,
        chunk_seconds: float | None = None,
        chunk_frames: int | None = None,
        bundle_channels: int | None = None,
        threads: int = 1,
        metadata: Mapping[str, Any] | None = None,
        channel_names: Sequence[str] = (),
        gains: Sequence[float] = (),
        offsets: Sequence[float] = (),
        start_time: datetime | None = None,
        segments: Sequence[Segment] = (),
        restore: bytes = b"",
        sidecars: Mapping[str, bytes] | None = None,
        widths: bytes = b"",
        file_id: int | None = None,
        atomic: bool = True,
        overwrite: bool = False,
    ) -> None:
        self._pipeline = pipeline.named(codec)
        self._workers = Workers(threads)
        atomic, overwrite = arguments.flag("atomic", atomic), arguments.flag("overwrite", overwrite)
        where = arguments.output("file", file)
        header, header_data = new_header(
            dtype=dtype, rate=rate, channels=channels, codec=self._pipeline, bundle_channels=bundle_channels,
            metadata=metadata, channel_names=channel_names, gains=gains, offsets=offsets, start_time=start_time,
            segments=segments, restore=restore, sidecars=sidecars, widths=widths,
            file_id=secrets.randbits(64) if file_id is None else file_id,
        )  # fmt: skip
        refuse_growth(header.segments, atomic=atomic)
        self._pipeline = self._pipeline.suited(header.dtype).knowing(header.widths)
        self._begin(header, header_data, defaults.chosen_frames(header, chunk_seconds, chunk_frames))
        self._sink: Sink = sink_of(where, atomic=atomic, overwrite=overwrite)
        self._atomic = atomic
        if not atomic:
            self._guard(self._write_header)
            self._guard(self._sink.sync)

    def _begin(self, header: Header, header_data: bytes, chunk_frames: int) -> None:
        self._header, self._header_data, self._chunk_frames = header, header_data, chunk_frames
        self._written = Written(Table(), RecordingHash(header_data))
        self._continuation = 0
        self._waiting: deque[tuple[int, int, _Blocks, list[Samples]]] = deque()
        self._buffers, self._spare = list[Samples](), list[list[Samples]]()
        self._n_samples = self._submitted = 0
        self._index_bytes = 0
        self._settled = True
        self._state = "open"

    @classmethod
    def reopen(
        cls,
        path: str | os.PathLike[str],
        *,
        codec: str | pipeline.Pipeline | None = None,
        chunk_seconds: float | None = None,
        chunk_frames: int | None = None,
        threads: int = 1,
        drop_source: bool = False,
    ) -> Writer:
        """Go on with a file, in place: finished, or left unfinished by a writer that died.

        The index goes, an incomplete chunk at the end goes, and new chunks follow the last whole one. Until `close` the file
        is unfinished; its chunks are safe all the while.

        A file that `encode_file` made gives back its source, whose header and ``.meta`` deny that there are more samples. So it
        is refused, unless the source may be dropped.

        Parameters
        ----------
        path : path-like
            The file.
        codec : str or Pipeline, optional
            The pipeline with its encoder's parameters; it has to be the file's otherwise.
        chunk_seconds, chunk_frames, threads
            As of `Writer`.
        drop_source : bool
            Of a file that gives back a source, let that and the sidecars go: the file is first put anew in its own place,
            without them. That takes as much room as it has, and a crash leaves the one or the other.

        Raises
        ------
        CorruptError
            If chunks are damaged or missing: `recover` first.
        ParameterError
            If the file's pipeline is another one, or it gives back a source that may not be dropped.
        FileError
            If another writer has the file open.
        """
        path, workers = arguments.path("path", path), Workers(threads)
        drop = arguments.flag("drop_source", drop_source)
        given = None if codec is None else pipeline.named(codec)
        sink = LiveFile(path, again=True)  # locked before it is read: what is found stays true
        try:
            source = Source(path)
            try:
                with naming(path):
                    header, header_data, table, recording_hash = resume(source, drop_source=drop)
                chosen = given.suited(header.dtype) if given else pipeline.get(header.spec)
                if chosen.wire_spec != header.spec:
                    raise ParameterError(f"{path} is coded by {header.spec}, not by {chosen.wire_spec}")
                frames = defaults.chosen_frames(header, chunk_seconds, chunk_frames)
                if header.restore or header.sidecars:
                    without_source(source, header, table)
                    sink.abort()
                    return cls.reopen(path, codec=chosen, chunk_frames=frames, threads=threads)
            finally:
                source.close()
            writer = cls.__new__(cls)
            writer._pipeline, writer._workers = chosen.knowing(header.widths), workers
            writer._begin(header, header_data, frames)
            writer._written = Written(table, recording_hash, len(header_data) + sum(table.lengths))
            writer._continuation = new_continuation(recording_hash)
            writer._n_samples = writer._submitted = table.end
            writer._atomic = False
            writer._sink = sink
            sink.keep(writer.n_bytes)
        except BaseException:
            sink.abort()
            raise
        return writer

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        elif self._atomic:
            self.abort()
        else:  # a recording in place keeps what was appended, whatever went wrong around it
            try:
                self.close()
            except N1Error:
                self.abort()

    @property
    def n_samples(self) -> int:
        """Samples of each channel appended so far."""
        return self._n_samples

    @property
    def chunk_frames(self) -> int:
        """Samples of each channel in a whole chunk."""
        return self._chunk_frames

    @property
    def n_bytes(self) -> int:
        """Bytes written so far."""
        return self._written.n_bytes + self._index_bytes

    @property
    def _filled(self) -> int:
        """Samples of the next chunk that are there."""
        return self._n_samples - self._submitted

    def append(self, samples: ArrayLike) -> None:
        """Append samples; they are copied.

        Parameters
        ----------
        samples : array_like of int, shape (n,) or (n, channels)
            Of the file's type; the byte order may differ.

        Raises
        ------
        UnsupportedError
            If type or shape are not the file's.
        CodecError, FileError
            If encoding or writing fails; the writer is of no further use then.
        """
        self._check_open()
        array = fitting(self._header, samples)
        if self.n_samples + len(array) > limits.MAX_SAMPLES:
            raise LimitError(f"more than {limits.MAX_SAMPLES} samples")
        self._guard(lambda: self._append(array))

    def _append(self, array: Samples) -> None:
        at = 0
        while at < len(array):
            if self._filled == self._chunk_frames:  # an interruption came before it was handed on
                self._submit()
            if not self._filled:
                self._buffers = self._spare.pop() if self._spare else new_buffers(self._header, self._chunk_frames)
            part = array[at : at + self._chunk_frames - self._filled]
            put(self._header, part, self._buffers, self._filled)
            self._n_samples += len(part)  # one step: what is interrupted before was not appended, and after it was
            at += len(part)
            if self._filled == self._chunk_frames:
                self._submit()

    def flush(self) -> None:
        """Return when every sample appended so far would survive a crash and a power failure.

        The samples since the last chunk become a chunk of their own, so flushing often costs compression.
        """
        self._check_open()
        self._guard(self._drain)
        self._guard(self._sink.sync)

    def close(self) -> None:
        """Write what is left, finish the file and give it its name; closing twice does nothing."""
        if self._state == "closed":
            return
        self._check_open("open", "finished")
        if self._state == "open":  # else an interruption came since
            self._guard(self._finish)
        self._guard(self._sink.commit)
        self._state = "closed"
        self._workers.close()

    def abort(self) -> None:
        """Give up: nothing is left of an atomic file, and of one in place what has been written."""
        if self._state != "closed" and not self.is_foreign:
            self._state = "failed"
            self._sink.abort()
            self._workers.close()

    def _finish(self) -> None:
        refuse_incomplete(self._header.segments, self._n_samples)
        self._drain()
        self._write_header()
        table, total = self._written.table, self._written.hash.value(self._written.table.end)
        index = pack_index(self._header, self._header_data, table, table.end, total)
        self._sink.write(index)
        self._index_bytes = len(index)
        self._state = "finished"

    def _drain(self) -> None:
        if self._filled:
            self._submit()
        while self._waiting:
            self._write_chunk()

    def _submit(self) -> None:
        """Hand the buffered samples to the workers, and write the chunks that are ready for it."""
        parts = [buffer[: self._filled] for buffer in self._buffers]
        blocks = [
            self._workers.submit(self._encode, (self._submitted, bundle, part)) for bundle, part in enumerate(parts)
        ]
        self._waiting.append((self._submitted, self._filled, blocks, self._buffers))
        self._submitted = self._n_samples
        ahead = -(-self._workers.threads // len(parts)) if self._workers.threads > 1 else 0
        while len(self._waiting) > ahead:
            self._write_chunk()

    def _encode(self, part: tuple[int, int, Samples]) -> tuple[bytes, int]:
        return encode_block(self._header, self._pipeline, *part, continuation=self._continuation)

    def _write_chunk(self) -> None:
        if len(self._written.table) >= limits.MAX_CHUNKS:
            raise LimitError(f"a file has at most {limits.MAX_CHUNKS} chunks: flush less often")
        start, n_samples, waiting, buffers = self._waiting[0]
        blocks = [wait() for wait in waiting]
        self._write_header()
        chunk = pack_chunk(self._header, start, n_samples, [block for block, _ in blocks], self._continuation)
        self._sink.write(*chunk)
        self._written.add(start, n_samples, sum(map(len, chunk)), self._continuation, [value for _, value in blocks])
        self._waiting.popleft()
        self._spare = [buffers]

    def _write_header(self) -> None:
        if not self._written.n_bytes:
            self._sink.write(self._header_data)
            self._written.begin(len(self._header_data))

    def _settle(self) -> None:
        """Go back to what is whole, after an interruption between any two steps."""
        self._sink.keep(self._written.settle())
        self._buffers = [buffer.copy() for buffer in self._buffers]  # a thread may have been given these, unknown to us
        end = self._written.table.end
        while self._waiting and self._waiting[0][0] < end:
            self._waiting.popleft()
        self._submitted = sum(self._waiting[-1][:2]) if self._waiting else end

    def _check_open(self, *states: str) -> None:
        self.refuse_foreign(self._name)
        if self._state not in (states or ("open",)):
            raise FileError(self._name, f"the writer is {self._state}")

    @property
    def _name(self) -> str:
        return str(getattr(self._sink, "path", "output"))

    def _guard(self, step: Callable[[], None]) -> None:
        """Do a step; if it fails, the writer has failed and nothing half done is left.

        A wish to stop, such as Ctrl-C, is no failure of a recording in place: what was appended can still be written.
        """
        try:
            if not self._settled and self._state == "open":
                self._settle()
            self._settled = False
            step()
            self._settled = True
        except BaseException as error:
            if self._atomic or isinstance(error, Exception):
                self.abort()
            raise
