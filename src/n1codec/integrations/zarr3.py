"""The codec of zarr 3, and what has to stand around it in an array."""

from __future__ import annotations

import asyncio
import math
from typing import Any, ClassVar, Final

import numpy as np
import zarr
from zarr.abc.codec import ArrayBytesCodec
from zarr.codecs import Crc32cCodec, TransposeCodec
from zarr.core.common import parse_named_configuration

from n1codec.errors import CorruptError, ParameterError
from n1codec.integrations.arrays import stored_as
from n1codec.integrations.codecs import Chosen, Placed, level_of
from n1codec.integrations.layout import READING_LEVEL, layout

SERIALIZER = "n1codec turns arrays into bytes: give it as serializer=N1(), with compressors=None"
"""What to do with the codec."""
_USELESS: Final = {
    "filters": "n1codec wants samples as they are: after a delta or a shuffle it predicts them worse: filters=None",
    "compressors": "what n1codec gives has no redundancy left, so a compressor after it only takes time: compressors=None",
    "compressor": f"{SERIALIZER}",
    "serializer": "n1codec is the serializer of this array: name the pipeline in codec=",
}
"""What stands around the codec in vain, and why."""


class N1(Chosen, ArrayBytesCodec, metaclass=Placed):
    """Arrays of numbers to bytes and back, without loss: the *serializer* of a zarr 3 array.

    Notes
    -----
    It takes the place of zarr's ``bytes`` codec and of a compressor: ``create_array(..., serializer=N1(), compressors=None)``.
    A chunk names its pipeline, type and shape. On reading they are compared with the array's, and the samples with their hash:
    damage is an error, never other samples.
    """

    shown: ClassVar[str] = f"'n1codec.zarr.N1' ({SERIALIZER}; in format 2, n1codec.numcodecs.N1 is a compressor)"
    is_fixed_size = False

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> N1:
        """Return the codec that an array's metadata name."""
        return cls.described(parse_named_configuration(data, "n1codec", require_configuration=False)[1])

    def to_dict(self) -> dict[str, Any]:
        """Return what an array's metadata keep of the codec."""
        return {"name": "n1codec", "configuration": self.described_by()}

    def evolve_from_array_spec(self, array_spec: Any) -> N1:
        """Return itself: chunks say what they hold."""
        return self

    def validate(self, *, shape: tuple[int, ...], dtype: Any, chunk_grid: Any) -> None:
        """Raise :class:`UnsupportedError` if an array is of a type whose values are no numbers of fixed length."""
        stored_as(_native(dtype), (1,))

    def compute_encoded_size(self, input_byte_length: int, chunk_spec: Any) -> int:
        """Raise ``NotImplementedError``: nobody knows how long a chunk gets."""
        raise NotImplementedError

    def _encode_sync(self, chunk_array: Any, chunk_spec: Any) -> Any:
        array = np.asarray(chunk_array.as_numpy_array(), order="C")
        return chunk_spec.prototype.buffer.from_bytes(self.pack(array))

    def _decode_sync(self, chunk_bytes: Any, chunk_spec: Any) -> Any:
        dtype, shape = _native(chunk_spec.dtype), tuple(chunk_spec.shape)
        wanted = stored_as(dtype, shape)
        samples = self.unpack(chunk_bytes.as_numpy_array().data, math.prod(shape) * dtype.itemsize)
        if (samples.dtype, samples.shape) != wanted:
            there = f"{samples.dtype} {samples.shape}"
            raise CorruptError(f"a chunk holds {there} where the array has {wanted[0]} {wanted[1]}")
        array = samples if samples.dtype == dtype else samples.view(dtype).reshape(shape)
        return chunk_spec.prototype.nd_buffer.from_numpy_array(array)

    async def _encode_single(self, chunk_array: Any, chunk_spec: Any) -> Any:
        return await asyncio.to_thread(self._encode_sync, chunk_array, chunk_spec)

    async def _decode_single(self, chunk_bytes: Any, chunk_spec: Any) -> Any:
        return await asyncio.to_thread(self._decode_sync, chunk_bytes, chunk_spec)


def _native(dtype: Any) -> np.dtype[Any]:
    """Return NumPy's type for one of zarr's."""
    native: np.dtype[Any] = np.dtype(dtype.to_native_dtype())
    return native


def create(
    store: Any,
    *,
    shape: tuple[int, ...],
    dtype: Any,
    codec: str | None = None,
    level: int | None = None,
    widths: bytes = b"",
    chunks: tuple[int, ...] | None = None,
    shards: tuple[int, ...] | None = None,
    dimension_names: tuple[str, ...] | None = None,
    **options: Any,
) -> zarr.Array[Any]:
    """Create the array of a recording with `N1` as its serializer, cut as suits the level.

    Parameters
    ----------
    store : store-like
        Where: as of ``zarr.create_array``.
    shape : tuple of int
        ``(n_samples,)`` or ``(n_samples, n_channels)``.
    dtype : dtype-like
        The type of the samples.
    codec, level : str or int, optional
        As of `N1`; level 3 by default: short reads of a few channels are quick then. From 4 on, the store is small instead.
    widths : bytes, optional
        What `n1codec.learn_widths` returned for a part of the recording: from level 4 on, chunks are a third as long then,
        and lose nothing.
    chunks, shards : tuple of int, optional
        Their shapes, if not those of `layout`. A shard is written as a whole: write or append as many samples at a time.
    dimension_names : tuple of str, optional
        ``("time", "channel")`` by default: what xarray calls the axes.
    **options
        All else that ``zarr.create_array`` takes: ``name``, ``attributes``, ``overwrite`` and so on.

    Returns
    -------
    zarr.Array
        Without any samples yet.

    Raises
    ------
    ParameterError
        If an argument makes no sense, or is one that n1codec has no use for: a filter, a compressor, another serializer.
    """
    for name, why in _USELESS.items():
        if options.get(name) is not None:
            raise ParameterError(f"{name}: {why}")
    if options.get("zarr_format", 3) != 3:
        raise ParameterError("zarr_format must be 3: in format 2, n1codec.numcodecs.N1 is a compressor")
    level = READING_LEVEL if codec is None and level is None else level
    serializer = N1(codec, level=level, widths=widths)
    cut = layout(shape, np.dtype(dtype).itemsize, level=level_of(serializer.codec) or READING_LEVEL, known=bool(widths))
    if chunks is None:
        chunks, shards = cut.chunks, cut.shards if shards is None else shards
    if dimension_names is None:
        dimension_names = ("time", "channel")[: len(shape)]
    kept = {name: value for name, value in options.items() if name not in _USELESS}
    return zarr.create_array(
        store,
        shape=shape,
        dtype=dtype,
        chunks=chunks,
        shards=shards,
        filters=None,
        serializer=serializer,
        compressors=None,
        dimension_names=dimension_names,
        **kept,
    )


def check(array: zarr.Array[Any]) -> tuple[str, ...]:
    """Return what stands around n1codec in an array and costs time or size, in sentences; nothing of it costs samples.

    Parameters
    ----------
    array : zarr.Array
        Any array.

    Returns
    -------
    tuple of str
        Empty if all is as it should be.
    """
    coders = (array.serializer, *array.compressors)
    if not any(type(coder).__module__.startswith("n1codec.") for coder in coders):
        return (f"n1codec does not code this array: {SERIALIZER}",)
    filters = [
        f"{_name(each)} before n1codec: {_USELESS['filters']}" for each in array.filters if not _is_harmless(each)
    ]
    after = [
        each
        for each in array.compressors
        if not type(each).__module__.startswith("n1codec.") and not _is_harmless(each)
    ]
    return (*filters, *(f"{_name(each)} after n1codec: {_USELESS['compressors']}" for each in after))


def _is_harmless(codec: Any) -> bool:
    return isinstance(codec, TransposeCodec | Crc32cCodec)


def _name(codec: Any) -> str:
    return type(codec).__name__
