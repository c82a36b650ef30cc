"""A ``.cbin`` and its ``.ch`` out of samples, as mtscomp writes them: the very bytes, where zlib is the same.

zlib streams of equal samples differ between zlib, its forks and its versions. So a ``.ch`` that is known (of the ``.cbin`` that
the samples came from) says by its SHA-1 whether the same file was made, and then it is given back as it was.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np

from n1codec import disk
from n1codec.codec import Layout, Samples
from n1codec.errors import FormatError, UnsupportedError
from n1codec.formats.mtscomp_ch import MAX_CHUNK_VALUES, Description, parse
from n1codec.formats.restore import checked_chunks
from n1codec.threads import Workers

VERSION: Final = "1.0"
"""Of mtscomp's files."""


class CbinWriter:
    """Writes one ``.cbin``, and makes the ``.ch`` that belongs to it.

    Parameters
    ----------
    layout : Layout
        Of all samples: integers, one frame or more.
    rate : float
        Samples a second of each channel.
    known : bytes, optional
        The ``.ch`` of the file that the samples came from: its chunks and settings are taken, if they fit the samples.
    threads : int
        Threads that pack.

    Raises
    ------
    UnsupportedError
        If mtscomp's files cannot hold such samples.
    """

    def __init__(self, layout: Layout, rate: float, known: bytes | None = None, threads: int = 1) -> None:
        if layout.dtype.kind not in "iu":
            raise UnsupportedError(
                f"mtscomp's files hold integers without loss, not {layout.dtype.name}: choose npy or raw"
            )
        if not layout.size:
            raise UnsupportedError("mtscomp's files hold at least one sample: choose npy or raw")
        self._layout = layout
        self._rate = rate
        self._threads = threads
        self._known = known
        self._stated = _fitting(known, layout)
        self._sha1_packed = hashlib.sha1(usedforsecurity=False)
        self._sha1_samples = hashlib.sha1(usedforsecurity=False)
        self._offsets = [0]
        if self._stated is not None:
            self._bounds, self._order = self._stated.bounds, self._stated.order
            self._time, self._space = self._stated.time, self._stated.space
        else:
            frames = max(1, min(round(rate), MAX_CHUNK_VALUES // layout.channels))
            self._bounds, self._order = [*range(0, layout.shape[0], frames), layout.shape[0]], "F"
            self._time, self._space = True, False

    def write(self, handle: BinaryIO, chunks: Iterable[Samples], name: str) -> int:
        """Write the ``.cbin`` and return its size.

        Parameters
        ----------
        handle : file object
            Open for writing in binary mode.
        chunks : iterable of ndarray of int
            Consecutive pieces along time, of any lengths.
        name : str
            What errors call the file.
        """
        parts = _recut(checked_chunks(self._layout, chunks), self._layout, self._bounds)
        with Workers(self._threads) as workers:
            while batch := list(itertools.islice(parts, self._threads)):
                for part, packed in zip(batch, workers.map(self._pack, batch), strict=True):
                    self._sha1_samples.update(part.tobytes())
                    self._sha1_packed.update(packed)
                    self._offsets.append(self._offsets[-1] + len(packed))
                    disk.write_all(handle, packed, name)
        return self._offsets[-1]

    @property
    def same(self) -> bool | None:
        """Whether the ``.cbin`` is the one that the known ``.ch`` is of, byte for byte.

        None if there is no such ``.ch``, or it has no hash: `mtschop` leaves it out.
        """
        if self._stated is None or self._stated.sha1_packed is None:
            return None
        return self._stated.sha1_packed == self._sha1_packed.hexdigest()

    def ch(self) -> bytes:
        """Return the ``.ch``: the known one, if it is of the same file."""
        if self._known is not None and self._stated is not None and (self.same or self._is_known_cut()):
            return self._known
        fields = {
            "version": VERSION,
            "algorithm": "zlib",
            "comp_level": -1,
            "do_time_diff": self._time,
            "do_spatial_diff": self._space,
            "dtype": str(self._stored),
            "n_channels": self._layout.channels,
            "sample_rate": float(self._rate),
            "chunk_bounds": list(self._bounds),
            "chunk_offsets": self._offsets,
            "chunk_order": self._order,
            "sha1_compressed": self._sha1_packed.hexdigest(),
            "sha1_uncompressed": self._sha1_samples.hexdigest(),
            "shape": [self._layout.shape[0], self._layout.channels],
        }
        return json.dumps(fields, indent=2, sort_keys=True).encode()

    def _is_known_cut(self) -> bool:
        """Whether a ``.ch`` without hashes, of a recording that was cut, has the same streams by their lengths."""
        return self._stated is not None and not self._stated.sha1_packed and list(self._stated.offsets) == self._offsets

    @property
    def _stored(self) -> np.dtype[Any]:
        return self._layout.dtype.newbyteorder("<")

    def _pack(self, part: Samples) -> bytes:
        differences: Samples = part
        for axis, taken in ((0, self._time), (1, self._space)):
            if taken:
                first = differences[:1] if axis == 0 else differences[:, :1]
                differences = np.concatenate((first, np.diff(differences, axis=axis)), axis=axis)
        return zlib.compress(differences.tobytes(order="C" if self._order == "C" else "F"))


def _fitting(known: bytes | None, layout: Layout) -> Description | None:
    """Return what a known ``.ch`` says if it is of such samples."""
    if known is None:
        return None
    try:
        stated = parse(Path(".ch"), known)
    except FormatError:
        return None
    fits = stated.bounds[-1] == layout.shape[0] and stated.channels == layout.channels
    return stated if fits and stated.dtype == layout.dtype.newbyteorder("<") else None


def _recut(pieces: Iterator[Samples], layout: Layout, bounds: Sequence[int]) -> Iterator[Samples]:
    """Give samples out in the chunks of a ``.cbin``, two-dimensional and little-endian."""
    stored = layout.dtype.newbyteorder("<")
    held: list[Samples] = []
    have = 0
    wanted = itertools.pairwise(bounds)
    start, stop = next(wanted)
    for piece in pieces:
        held.append(np.asarray(piece, stored).reshape(len(piece), layout.channels))
        have += len(piece)
        while have >= stop - start:
            whole = held[0] if len(held) == 1 else np.concatenate(held)
            yield whole[: stop - start]
            held, have = [whole[stop - start :]], have - (stop - start)
            start, stop = next(wanted, (0, layout.shape[0] + 1))
