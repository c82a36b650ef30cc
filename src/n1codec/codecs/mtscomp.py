"""mtscomp, the compressor of the International Brain Laboratory, through the package of that name."""

from __future__ import annotations

import importlib
import sys
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n1codec.codec import Coder, Layout, Samples
from n1codec.codecs._streams import check_end, pack_streams, unpack_streams
from n1codec.errors import CodecError


@dataclass(frozen=True)
class Mtscomp(Coder):
    """mtscomp: differences along time, chunk by chunk and channel after channel, in zlib.

    The chunks are those of a ``.cbin`` file, each after its length; what its ``.ch`` file says beside that follows from the
    layout and the parameters. The package packs chunks in memory, and its reader takes files alone and any length from
    zlib: here each chunk is unpacked to the length that it must have, and the package undoes the differences.

    Parameters
    ----------
    chunk : int
        Frames of a chunk, 1 to 16,777,216: mtscomp takes a second, of Neuropixels by default.
    spatial : bool
        Take differences of neighbouring channels, too.
    """

    name = "mtscomp"

    chunk: int = 30_000
    spatial: bool = False

    def __post_init__(self) -> None:
        self.check_range("chunk", 1, 1 << 24)
        self.check_flag("spatial")

    def encode(self, samples: Samples, *, threads: int = 1) -> bytes:
        """Return the chunks of a ``.cbin`` file, each after its length."""
        _refuse_big_endian()
        writer = _writer(samples.reshape(len(samples), -1), self.chunk, self.spatial)
        return pack_streams([writer.compress_batch(i, i + 1)[i][1] for i in range(writer.n_chunks)])

    def decode(self, payload: bytes, layout: Layout, *, threads: int = 1) -> Samples:
        """Decode; no chunk gives more than the layout has."""
        _refuse_big_endian()
        frames = np.empty((layout.shape[0], layout.channels), layout.dtype)
        starts = range(0, len(frames), self.chunk)
        for start, stream in zip(starts, unpack_streams(payload, len(starts)), strict=True):
            part = frames[start : start + self.chunk]
            part[:] = self._restored(stream, part.shape, layout.dtype)
        return frames.reshape(layout.shape)

    def _restored(self, stream: bytes, shape: tuple[int, int], dtype: np.dtype[Any]) -> NDArray[Any]:
        inflate = zlib.decompressobj()
        size = shape[0] * shape[1] * dtype.itemsize
        data = inflate.decompress(stream, size + 1)
        check_end("mtscomp", ended=inflate.eof, bytes_follow=bool(inflate.unused_data))
        differences = np.frombuffer(data, dtype).reshape(shape, order="F")
        if self.spatial:
            differences = _mtscomp().cumsum_along_axis(differences, axis=1)
        restored: NDArray[Any] = _mtscomp().cumsum_along_axis(differences, axis=0)
        return restored

    @classmethod
    def libraries(cls) -> dict[str, str]:
        """Return the versions of mtscomp and of zlib."""
        return {"mtscomp": _mtscomp().__version__, "zlib": zlib.ZLIB_RUNTIME_VERSION}


def _mtscomp() -> Any:
    """Return the package's module."""
    return importlib.import_module("mtscomp")


def _writer(frames: NDArray[Any], chunk: int, spatial: bool) -> Any:
    """Return the package's writer of samples in memory, with no setting left to the user's configuration."""
    writer = _mtscomp().Writer(
        quiet=True, chunk_duration=1.0, algorithm="zlib", comp_level=-1, do_time_diff=True, do_spatial_diff=spatial,
        n_threads=1, check_after_compress=False, chunk_order="F",
    )  # fmt: skip
    writer.data, writer.dtype, writer.sample_rate = frames, frames.dtype, float(chunk)
    writer.n_samples, writer.n_channels = frames.shape
    writer._compute_chunk_bounds()
    return writer


def _refuse_big_endian() -> None:
    """Raise where the package would write samples in an order of bytes that others do not read."""
    if sys.byteorder != "little":
        raise CodecError("mtscomp: its files are in the machine's order of bytes, and this machine's is big-endian")
