"""n1codec as a codec of numcodecs: for zarr 2, SpikeInterface, hdmf-zarr below 0.14, and zarr 3 where it writes format 2.

>>> import numpy as np
>>> from n1codec.numcodecs import N1
>>> samples = np.arange(3000, dtype=np.int16).reshape(-1, 3)
>>> codec = N1(level=3)
>>> bool((codec.decode(codec.encode(samples)) == samples).all())
True

It is found by its id, ``n1codec``, wherever this package is installed. ``docs/zarr.md`` has recipes.
"""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

import numpy as np

from n1codec.errors import CorruptError, UnsupportedError
from n1codec.integrations.codecs import Chosen, Placed
from n1codec.integrations.layout import layout
from n1codec.integrations.needed import needed

needed("n1codec.numcodecs", "numcodecs", "numcodecs", (0, 13))

from numcodecs.abc import Codec  # noqa: E402
from numcodecs.compat import ensure_contiguous_ndarray, ensure_ndarray_like, ndarray_copy  # noqa: E402

__all__ = ["N1", "layout"]


_ELSEWHERE = "a codec of zarr's format 2; in format 3: serializer=n1codec.zarr.N1(), compressors=None"
"""What to do instead where zarr 3 does not take the codec."""


class N1(Chosen, Codec, metaclass=Placed):
    """Arrays of numbers to bytes and back, without loss: a *compressor* of a zarr array.

    Notes
    -----
    The bytes of a chunk name their pipeline, type, shape and memory order, so decoding needs nothing of what stands here but
    `widths`, where they were known. It checks them, and the samples by their hash: damage is an error, never other samples.

    Put no filter before it: ``Delta`` and ``Shuffle`` hand on bytes without channels, of which n1 makes much less.
    """

    codec_id: ClassVar[str] = "n1codec"
    shown: ClassVar[str] = f"'n1codec.numcodecs.N1' ({_ELSEWHERE})"

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> N1:
        """Return the codec that `get_config` described."""
        return cls.described(config)

    def get_config(self) -> dict[str, Any]:
        """Return what a store keeps of the codec."""
        return {"id": self.codec_id, **self.described_by()}

    def encode(self, buf: Any) -> bytes:
        """Return an array, or any other buffer, as bytes.

        Parameters
        ----------
        buf : ndarray or buffer
            Of any shape, type (but objects) and memory order.

        Raises
        ------
        UnsupportedError
            If it holds objects.
        LimitError
            If it is larger than one envelope may be: make chunks smaller.
        """
        return self.pack(np.asarray(ensure_ndarray_like(buf)))

    def decode(self, buf: Any, out: Any = None) -> Any:
        """Return the array that was encoded, or put it into another one.

        Parameters
        ----------
        buf : buffer
            What `encode` returned.
        out : ndarray, optional
            Where to put it: of as many bytes.

        Returns
        -------
        ndarray
            Of the shape and memory order of what was encoded, and its type if samples have it (`n1codec.encode`); other types
            come back as the same bytes.

        Raises
        ------
        CorruptError
            If the data is damaged in any way, or holds another number of bytes than `out` has.
        """
        data = ensure_contiguous_ndarray(buf).view(np.uint8).data
        if out is None:
            return self.unpack(data)
        room = np.asarray(out).nbytes
        array = self.unpack(data, room)
        if array.nbytes != room:
            raise CorruptError(f"the chunk holds {array.nbytes} bytes of samples, and {room} are wanted")
        return ndarray_copy(array, out)

    def __getitem__(self, index: int) -> NoReturn:
        """Raise :class:`UnsupportedError`: zarr 3 goes through what it is given as compressors, to find one of its own kind."""
        raise UnsupportedError(f"n1codec.numcodecs.N1 is {_ELSEWHERE}")
