"""From a recording file to ``.n1c`` and back, in bounded memory."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast

from numpy.typing import DTypeLike

from n1codec import arguments, formats
from n1codec.container import learned
from n1codec.container.defaults import DEFAULT_CODEC
from n1codec.container.identity import SourceHash
from n1codec.container.limits import MAX_SIDECAR_BYTES
from n1codec.container.reader import RecordingFile
from n1codec.container.reports import DecodeReport, EncodeReport, Progress
from n1codec.container.sinks import AtomicFile
from n1codec.container.writer import Writer
from n1codec.disk import os_errors
from n1codec.envelope import MAX_CHANNELS
from n1codec.errors import CodecError, CorruptError, FormatError, ParameterError
from n1codec.formats.placement import PIECE_BYTES
from n1codec.pipeline import Pipeline, named


def encode_file(
    source: str | os.PathLike[str] | formats.RecordingReader,
    target: str | os.PathLike[str] | BinaryIO,
    *,
    codec: str | Pipeline = DEFAULT_CODEC,
    threads: int = 1,
    chunk_seconds: float | None = None,
    chunk_frames: int | None = None,
    bundle_channels: int | None = None,
    verify: bool = True,
    overwrite: bool = False,
    dtype: DTypeLike | None = None,
    channels: int | None = None,
    rate: float | None = None,
    channels_first: bool = False,
    metadata: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> EncodeReport:
    """Encode a recording file so that `decode_file` gives back the very same file.

    The same source and settings give the same bytes. The source is read once before it is encoded, for the file's id: a hash of
    all of it, so that no chunk of one recording passes for a chunk of another one that begins alike.

    Parameters
    ----------
    source : path-like or RecordingReader
        A recording of any format that `n1codec.formats` reads; a SpikeGLX ``.meta`` is kept along with its ``.bin``. Of
        mtscomp's ``.cbin`` the ``.bin`` that it stands for is encoded and given back, and its ``.ch`` is kept, too.
    target : path-like or binary file object
        Where to. A path appears when it is complete and, if so asked, verified. A file object stays open; to be verified it has
        to be a file with a name, open for reading by others.
    codec, threads, chunk_seconds, chunk_frames, bundle_channels, metadata
        As of `Writer`.
    verify : bool
        Decode what was written and compare it with the source before it gets its name.
    overwrite : bool
        Whether an existing file may be replaced.
    dtype, channels, rate, channels_first : optional
        What the source does not say of itself, as of `n1codec.formats.read`.
    progress : callable, optional
        Called with the samples encoded and those in all.

    Raises
    ------
    FormatError
        If the source cannot be read, or changes while it is.
    CodecError
        If what was written does not decode to the source.
    FileError
        If writing fails.
    """
    codec, threads = named(codec), arguments.threads(threads)
    verify, overwrite = arguments.flag("verify", verify), arguments.flag("overwrite", overwrite)
    metadata = arguments.optional(arguments.mapping, "metadata", metadata)
    arguments.callback("progress", progress)
    chunk_seconds = arguments.optional(arguments.number, "chunk_seconds", chunk_seconds, above=0)
    chunk_frames = arguments.optional(arguments.integer, "chunk_frames", chunk_frames, 1)
    bundle_channels = arguments.optional(arguments.integer, "bundle_channels", bundle_channels, 1, MAX_CHANNELS)
    where = arguments.output("target", target)
    with contextlib.ExitStack() as stack:
        if not isinstance(source, formats.RecordingReader):
            opened = formats.open_recording(
                source, dtype=dtype, channels=channels, rate=rate, channels_first=channels_first
            )
            source = stack.enter_context(opened)
        source.check()
        output = stack.enter_context(AtomicFile(where, overwrite=overwrite)) if isinstance(where, Path) else where
        content: dict[str, Any] = {
            "dtype": source.dtype,
            "rate": source.rate,
            "channels": None if len(source.shape) == 1 else source.channels,
            "codec": codec,
            "bundle_channels": bundle_channels,
            "metadata": metadata,
            "channel_names": source.channel_names,
            "restore": source.restore,
            "sidecars": _sidecars(source),
        }
        lengths: dict[str, Any] = {"chunk_seconds": chunk_seconds, "chunk_frames": chunk_frames}
        with contextlib.closing(SourceHash(source.path)) as source_hash:
            content["widths"] = learned.widths_of(
                partial(source.read, 0), source.shape, source.dtype, codec, bundle_channels,
                threads=threads, beside=source_hash.steps,
            )  # fmt: skip
            file_id = source_hash.identity(content, lengths)
        writer = Writer(output, **content, **lengths, threads=threads, file_id=file_id)
        with writer:
            for piece in source.pieces(writer.chunk_frames):
                writer.append(piece)
                if progress:
                    progress(writer.n_samples, source.shape[0])
        written = Path(output.temporary if isinstance(output, AtomicFile) else str(getattr(output, "name", "")))
        if verify:
            _compare(source, written, threads)
        source.check_unchanged()
        return EncodeReport(
            source_bytes=source.source_bytes,
            encoded_bytes=writer.n_bytes,
            samples=source.shape[0],
            channels=source.channels,
            rate=source.rate,
            verified=verify,
        )


def decode_file(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    threads: int = 1,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> DecodeReport:
    """Give back the source file of a ``.n1c`` file, and its sidecars.

    Nothing appears under the target's name before every hash has been compared, that of the whole recording included.

    Parameters
    ----------
    source : path-like
        A ``.n1c`` file.
    target : path-like
        Where to; sidecars such as ``.meta`` take its place but for the extension.
    threads : int
        Threads that decode.
    overwrite : bool
        Whether existing files may be replaced.
    progress : callable, optional
        Called with the samples decoded and those in all.

    Raises
    ------
    CorruptError
        If anything is damaged or missing.
    FormatError
        If the file was not made from a source file.
    FileError
        If reading or writing fails.
    """
    target, overwrite = arguments.path("target", target), arguments.flag("overwrite", overwrite)
    arguments.callback("progress", progress)
    with RecordingFile(source, threads=threads, cache_bytes=0) as recording:
        size = recording.restore_to(target, overwrite=overwrite, progress=progress)
        files = (target, *(target.with_suffix(suffix) for suffix in recording.sidecars))
        return DecodeReport(size, recording.file_bytes, files)


def _sidecars(source: formats.RecordingReader) -> dict[str, bytes]:
    found = {}
    for path in source.companions:
        with os_errors(path), path.open("rb") as handle:
            data = handle.read(MAX_SIDECAR_BYTES + 1)
        if len(data) > MAX_SIDECAR_BYTES:
            raise FormatError(str(path), f"is longer than the limit of {MAX_SIDECAR_BYTES} bytes")
        found[path.suffix] = data
    return found


def _compare(source: formats.RecordingReader, written: Path, threads: int) -> None:
    """Decode a file just written, and compare it with its source byte for byte."""
    if not written.is_file():
        raise ParameterError("only a file with a name can be verified: write to one, or without verification")
    with (
        RecordingFile(written, threads=threads, cache_bytes=0) as again,
        os_errors(source.path),
        source.original() as handle,
    ):
        try:
            size = again.restore_to(cast(BinaryIO, _Comparison(source, handle)))
        except CorruptError as error:
            raise CodecError(f"{source.path}: what was written cannot be decoded: {error.reason}") from error
    if size != source.source_bytes:
        raise CodecError(f"{source.path}: what was written decodes to {size} bytes instead of {source.source_bytes}")


class _Comparison(io.RawIOBase):
    """A file to write to, which compares what it is given with the source.

    Parameters
    ----------
    source : RecordingReader
        The source.
    handle : file object
        The source again, to read from.
    """

    def __init__(self, source: formats.RecordingReader, handle: BinaryIO) -> None:
        super().__init__()
        self._source = source
        self._handle = handle

    def write(self, data: Any) -> int:
        """Compare the next bytes."""
        written = memoryview(data).cast("B")
        for at in range(0, len(written), PIECE_BYTES):
            piece = written[at : at + PIECE_BYTES].tobytes()  # bytes are compared at once, views one by one
            if self._handle.read(len(piece)) != piece:
                self._source.check_unchanged()
                raise CodecError(f"{self._source.path}: what was written decodes to something else: keep the source")
        return len(written)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to another place of both files."""
        return self._handle.seek(offset, whence)

    def tell(self) -> int:
        """Return the place."""
        return self._handle.tell()
