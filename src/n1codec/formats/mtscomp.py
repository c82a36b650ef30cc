"""mtscomp's files, read without its package: a ``.cbin`` of zlib streams, described by the JSON of the ``.ch`` beside it.

Each stream holds one chunk of time of all channels: differences along time, along channels too if so stated, channel after
channel. The ``.cbin`` stands for a ``.bin``, which is the source that is compressed and restored here; the ``.ch``, which has
the SHA-1 of both, is kept beside it, and a SpikeGLX ``.meta`` as well. `n1codec.formats.mtscomp_write` makes a ``.cbin`` again.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import re
import zlib
from bisect import bisect_right
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, cast

import numpy as np

from n1codec.codec import Samples
from n1codec.formats import spikeglx
from n1codec.formats._source import SourceFile, open_source
from n1codec.formats.mtscomp_ch import MAX_CH_BYTES, Description, parse
from n1codec.formats.placement import Placement
from n1codec.formats.restore import Restore

SUFFIX: Final = ".cbin"
MOST_UNPACKED: Final = 1100
"""More bytes than zlib makes of one: a ``.ch`` that promises more samples is not believed."""

_HASHED_BYTES: Final = 1 << 22
_ID: Final = re.compile(r"\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")


def beside(path: Path, suffix: str) -> Path:
    """Return where a file that belongs to a ``.cbin`` is or would have to be.

    The International Brain Laboratory's servers put an id into each file's name (``run.ap.ID.cbin``), another one for each: of
    such names all but the id has to be the same.
    """
    found = spikeglx.companion(path, suffix)
    name = _ID.sub("", path.stem)
    if found.is_file() or name == path.stem:
        return found
    others = [
        other for other in path.parent.iterdir() if other.suffix.lower() == suffix and _ID.sub("", other.stem) == name
    ]
    return others[0] if len(others) == 1 else found


def locate(source: SourceFile) -> Placement:
    """Describe a ``.cbin`` with the help of the ``.ch`` beside it.

    Raises
    ------
    FormatError
        If one of them cannot be read, or they do not belong together.
    """
    path = beside(source.path, ".ch")
    if not path.is_file():
        raise source.error(f"is compressed by mtscomp, and cannot be read without its .ch: there is no {path.name}")
    with open_source(path) as handle:
        if handle.size > MAX_CH_BYTES:
            raise handle.error(f"{handle.size} bytes are more than the limit of {MAX_CH_BYTES} for a .ch file")
        text = handle.bytes_at(0, handle.size)
    meta = beside(source.path, ".meta")
    return placement(source, parse(path, text), (path, meta) if meta.is_file() else (path,))


def placement(source: SourceFile, description: Description, companions: tuple[Path, ...] = ()) -> Placement:
    """Return how a ``.cbin`` of a description is read."""
    promised = description.offsets[-1]
    if source.size < promised:
        raise source.error(f"cut short: its .ch promises {promised:,} bytes, there are {source.size:,}")
    more = source.size - promised
    frame = description.channels * description.dtype.itemsize
    for at, ((start, stop), (begin, end)) in enumerate(
        zip(itertools.pairwise(description.bounds), itertools.pairwise(description.offsets), strict=True)
    ):
        if (stop - start) * frame > MOST_UNPACKED * (end - begin):
            raise source.error(
                f"chunk {at} has {end - begin:,} bytes, too few for the {stop - start:,} frames of its .ch"
            )
    meta = next((path for path in companions if path.suffix.lower() == ".meta"), None)
    names, notes = spikeglx.names_beside(meta, description.channels) if meta else ((), ())
    if more:
        notes = (*notes, f"{more:,} bytes follow the last chunk; they are left out")
    kind = "spikeglx" if meta and description.dtype.str == "<i2" else "raw"
    return MtscompPlacement(
        format="mtscomp",
        start=0,
        dtype=description.dtype,
        shape=(description.bounds[-1], description.channels),
        rate=description.rate,
        restore=Restore(kind, big_endian=description.dtype.str[0] == ">").to_bytes(),
        channel_names=names,
        notes=notes,
        companions=companions,
        description=description,
    )


@dataclass(frozen=True)
class MtscompPlacement(Placement):
    """A ``.cbin``: chunks are unpacked when they are asked for, and the last one is held.

    Parameters
    ----------
    description : Description
        What the ``.ch`` says.
    held : dict
        The chunk unpacked last, by its number.
    """

    description: Description = field(kw_only=True)
    held: dict[int, Samples] = field(default_factory=dict, kw_only=True, repr=False, compare=False)

    def read(self, source: SourceFile, start: int, stop: int) -> Samples:
        """Return samples, read-only; see `RecordingReader.read`."""
        samples = np.empty((stop - start, self.channels), self.dtype)
        bounds = self.description.bounds
        first = bisect_right(bounds, start) - 1
        for at in itertools.takewhile(lambda at: bounds[at] < stop, range(first, len(bounds) - 1)):
            begin, end = max(start, bounds[at]), min(stop, bounds[at + 1])
            samples[begin - start : end - start] = self._chunk(source, at)[begin - bounds[at] : end - bounds[at]]
        samples.flags.writeable = False
        return samples

    def piece_frames(self, most: int) -> int:
        """Return what is asked for: a part of what the file compresses together would be unpacked over and over."""
        return most

    def source_bytes(self, source: SourceFile) -> int:
        """Return the size of the ``.bin``."""
        return self.shape[0] * self.channels * self.dtype.itemsize

    def check(self, source: SourceFile) -> None:
        """Raise :class:`FormatError` unless the ``.cbin`` has the SHA-1 that its ``.ch`` states."""
        if self.description.sha1_packed is None:
            return
        digest = hashlib.sha1(usedforsecurity=False)
        for at in range(0, self.description.offsets[-1], _HASHED_BYTES):
            digest.update(source.bytes_at(at, min(_HASHED_BYTES, self.description.offsets[-1] - at)))
        if digest.hexdigest() != self.description.sha1_packed:
            raise source.error("its SHA-1 is not the one that its .ch states: damaged, or the .ch of another recording")

    def original(self, source: SourceFile) -> BinaryIO:
        """Return the ``.bin`` as a file to read from its start to its end."""
        return cast(BinaryIO, _Unpacked(self, source))

    def _whole(self, source: SourceFile) -> Samples:
        return self.read(source, 0, self.shape[0])

    def _chunk(self, source: SourceFile, at: int) -> Samples:
        if at not in self.held:
            self.held.clear()
            self.held[at] = self._unpack(source, at)
        return self.held[at]

    def _unpack(self, source: SourceFile, at: int) -> Samples:
        what = self.description
        shape = (what.bounds[at + 1] - what.bounds[at], what.channels)
        size = shape[0] * shape[1] * what.dtype.itemsize
        inflate = zlib.decompressobj()
        try:
            data = inflate.decompress(
                source.bytes_at(what.offsets[at], what.offsets[at + 1] - what.offsets[at]), size + 1
            )
        except zlib.error as error:
            raise source.error(f"chunk {at} is damaged: {error}") from None
        if len(data) != size or not inflate.eof or inflate.unused_data:
            raise source.error(f"chunk {at} is damaged: it does not unpack to {shape[0]} x {shape[1]} samples")
        samples = np.frombuffer(data, what.dtype).reshape(shape, order="F" if what.order == "F" else "C")
        for axis, taken in ((1, what.space), (0, what.time)):
            if taken:
                samples = np.cumsum(samples, axis=axis, dtype=what.dtype)
        return samples


class _Unpacked(io.RawIOBase):
    """The ``.bin`` of a ``.cbin``, read from its start to its end: there its SHA-1 is compared.

    Parameters
    ----------
    placement : MtscompPlacement
        How it is read.
    source : SourceFile
        The ``.cbin``.
    """

    def __init__(self, placement: MtscompPlacement, source: SourceFile) -> None:
        super().__init__()
        self._placement = placement
        self._source = source
        self._digest = hashlib.sha1(usedforsecurity=False)
        self._left = b""
        self._next = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Return the next `size` bytes, fewer at the end."""
        bounds = self._placement.description.bounds
        pieces = [self._left]
        have = len(self._left)
        while (size < 0 or have < size) and self._next < len(bounds) - 1:
            piece = self._placement.read(self._source, bounds[self._next], bounds[self._next + 1]).tobytes()
            self._next += 1
            self._digest.update(piece)
            pieces.append(piece)
            have += len(piece)
            if self._next == len(bounds) - 1:
                self._compare()
        data = b"".join(pieces)
        size = len(data) if size < 0 else size
        self._left = data[size:]
        return data[:size]

    def _compare(self) -> None:
        stated = self._placement.description.sha1_samples
        if stated is not None and self._digest.hexdigest() != stated:
            raise self._source.error("unpacks to samples whose SHA-1 is not the one that its .ch states")
