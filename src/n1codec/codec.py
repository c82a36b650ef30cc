"""The contract that every transform and every coder keeps.

A *pipeline* is zero or more transforms and then one coder. A transform turns samples into samples that are easier to
code, and remembers what it needs to undo that in a few bytes of *side information*. A coder turns samples into bytes.

What a stage may rely on (the pipeline sees to it):

* samples arrive as a C-contiguous, native-endian, non-empty array of a type that it `takes` (integers of 1, 2 or 4 bytes
  unless it says otherwise), of shape ``(n_samples,)`` or ``(n_samples, n_channels)``; they are read-only in spirit: a stage
  never writes to its input;
* on decoding, the :class:`Layout` of what is expected back is known, and the data passed a CRC.

What a stage must give:

* exactly the same dtype, shape and values back;
* nothing read from the wire decides how much memory is taken: sizes follow from the layout;
* on data that makes no sense, any exception (the pipeline turns it into :class:`~n1codec.errors.CorruptError`), but no
  crash, no hang and no memory beyond a small multiple of the layout's bytes;
* no work at import, no global state, and the GIL released in native code.

Stages are frozen dataclasses: their fields are their parameters, validated when they are made.
"""

from __future__ import annotations

import abc
import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from n1codec import arguments
from n1codec.errors import CorruptError, TruncatedError
from n1codec.threads import Beside, Workers

Samples = NDArray[Any]
"""An array of shape ``(n_samples,)`` or ``(n_samples, n_channels)``: integers, floats of 2, 4 or 8 bytes, or truth values."""

Parts = Sequence[bytes]
"""Byte strings that stand one after the other: put together where they are needed, and once."""

Watch = Callable[[Samples, int], None]
"""What is told, while samples are decoded, how many of their first frames are final."""

Param = int | str | bool
"""What a parameter of a stage may be."""


MAX_LENGTH = (1 << 63) - 1
"""Longest axis of an array."""


@dataclass(frozen=True)
class Layout:
    """The dtype and shape of an array of samples.

    Parameters
    ----------
    dtype : numpy.dtype
        A native-endian type of samples (`n1codec.arguments.DTYPES`).
    shape : tuple of int
        ``(n_samples,)`` or ``(n_samples, n_channels)``.

    Raises
    ------
    UnsupportedError, ParameterError
        If they are none of these.
    """

    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "dtype", arguments.dtype("dtype", self.dtype))
        shape = arguments.sequence("shape", self.shape, arguments.integer, 0, MAX_LENGTH)
        if len(shape) not in (1, 2):
            arguments.refuse("shape", "(n_samples,) or (n_samples, n_channels)", self.shape)
        object.__setattr__(self, "shape", shape)

    @classmethod
    def of(cls, samples: Samples) -> Layout:
        """Return the layout of an array."""
        samples = arguments.samples("samples", samples)
        return cls(samples.dtype, samples.shape)

    @property
    def size(self) -> int:
        """Number of values."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Number of bytes of the values."""
        return self.size * self.dtype.itemsize

    @property
    def channels(self) -> int:
        """Number of channels: 1 for a one-dimensional array."""
        return self.shape[1] if len(self.shape) == 2 else 1

    def signed(self) -> Layout:
        """Return the same layout with the signed type of the same width (what wrapping differences have)."""
        return Layout(np.dtype(f"i{self.dtype.itemsize}"), self.shape)


@dataclass(frozen=True)
class Stage:
    """Base of transforms and coders: a name and immutable, validated parameters."""

    name: ClassVar[str]
    """The name in a specification, the same as in the registry."""

    encode_only: ClassVar[frozenset[str]] = frozenset()
    """Parameters that a decoder does not need (a level, say): left out of encoded data."""

    def takes(self, dtype: np.dtype[Any]) -> bool:
        """Return whether samples of a type can be given to it: integers of 1, 2 or 4 bytes unless a stage says otherwise."""
        return arguments.is_plain(dtype)

    def params(self, *, wire: bool = False) -> dict[str, Param]:
        """Return the parameters that differ from their defaults.

        Parameters
        ----------
        wire : bool
            Leave out those that only the encoder uses.
        """
        changed: dict[str, Param] = {}
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if value != field.default and not (wire and field.name in self.encode_only):
                changed[field.name] = value
        return changed

    def spec(self, *, wire: bool = False) -> str:
        """Return the specification string of this stage, such as ``zstd:level=19``."""
        params = ",".join(f"{key}={_spell(value)}" for key, value in self.params(wire=wire).items())
        return f"{self.name}:{params}" if params else self.name

    def check_range(self, key: str, low: int, high: int) -> None:
        """Raise :class:`ParameterError` unless the parameter `key` is an integer of ``low..high``."""
        self._keep(key, arguments.integer(f"{self.name}: {key}", getattr(self, key), low, high))

    def check_choice(self, key: str, choices: tuple[str, ...]) -> None:
        """Raise :class:`ParameterError` unless the parameter `key` is one of `choices`."""
        self._keep(key, arguments.choice(f"{self.name}: {key}", getattr(self, key), choices))

    def check_flag(self, key: str) -> None:
        """Raise :class:`ParameterError` unless the parameter `key` is true or false."""
        self._keep(key, arguments.flag(f"{self.name}: {key}", getattr(self, key)))

    def _keep(self, key: str, value: Param) -> None:
        """Keep a parameter as the plain type that specifications and JSON spell."""
        object.__setattr__(self, key, value)

    @classmethod
    def libraries(cls) -> dict[str, str]:
        """Return the versions of the libraries behind this stage, by name; empty for our own code."""
        return {}


def _spell(value: Param) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True)
class Transform(Stage, abc.ABC):
    """Samples to samples, exactly reversible."""

    predictive: ClassVar[bool] = False
    """Whether it removes what the past foretells: a predictive transform before an entropy coder is a predictive codec."""

    def whole(self, samples: Samples, limit: int) -> bytes | None:
        """Return side information that holds samples without any help of what follows, in fewer than `limit` bytes, or None.

        With it, `output_layout` is one without samples, and no later stage has a part in them. Only the first transform of a
        pipeline is asked, once it is known what the pipeline makes of the samples.
        """
        return None

    def refuse_side(self, side: bytes) -> None:
        """Raise :class:`CorruptError` if there is side information: for transforms that have none."""
        if side:
            raise CorruptError(f"{self.name}: side information where there is none")

    @abc.abstractmethod
    def forward(self, samples: Samples) -> tuple[Samples, bytes]:
        """Transform samples.

        Parameters
        ----------
        samples : ndarray of int, shape (n_samples,) or (n_samples, n_channels)
            C-contiguous, native-endian, not empty.

        Returns
        -------
        samples : ndarray of int
            The transformed samples, integers of 1, 2 or 4 bytes, C-contiguous and native-endian, with the layout that
            `output_layout` foretells.
        side : bytes
            What `inverse` needs beside them.
        """

    @abc.abstractmethod
    def output_layout(self, layout: Layout, side: bytes) -> Layout:
        """Return the layout that `forward` gave for samples of `layout`, from the side information alone."""

    @abc.abstractmethod
    def inverse(self, samples: Samples, side: bytes, layout: Layout) -> Samples:
        """Undo `forward`.

        Parameters
        ----------
        samples : ndarray of int
            Transformed samples, of the layout ``output_layout(layout, side)``.
        side : bytes
            The side information of `forward`.
        layout : Layout
            The dtype and shape to give back.

        Returns
        -------
        ndarray of int
            The original samples.
        """


@dataclass(frozen=True)
class Coder(Stage, abc.ABC):
    """Samples to bytes, exactly reversible."""

    threaded: ClassVar[bool] = False
    """Whether `threads` above 1 makes a difference."""

    takes_views: ClassVar[bool] = False
    """Whether a payload may be given to `decode` where it stands, as a view of bytes that nobody changes."""

    def knowing(self, widths: bytes) -> Self:
        """Return the coder with code widths at hand (`n1codec.learn_widths`): itself, if it has no use for them."""
        return self

    @abc.abstractmethod
    def encode(self, samples: Samples, *, threads: int = 1) -> bytes:
        """Encode samples.

        Parameters
        ----------
        samples : ndarray of int, shape (n_samples,) or (n_samples, n_channels)
            C-contiguous, native-endian, not empty.
        threads : int
            How many threads to use; the bytes do not depend on it unless the wrapped library's do.
        """

    def encode_parts(self, samples: Samples, *, threads: int = 1, beside: Beside | None = None) -> Parts:
        """Encode samples as `encode` does, to parts of what it returns; something else is done beside, if there are threads."""
        with Workers(min(threads, 1 + (beside is not None))) as workers:
            return tuple(workers.share(partial(self.encode, threads=threads), (samples,), beside))

    @abc.abstractmethod
    def decode(self, payload: bytes, layout: Layout, *, threads: int = 1) -> Samples:
        """Decode a payload into samples of the given layout.

        Parameters
        ----------
        payload : bytes
            What `encode` returned.
        layout : Layout
            The dtype and shape of the samples.
        threads : int
            How many threads to use.
        """

    def decode_watched(self, payload: bytes, layout: Layout, watch: Watch, *, threads: int = 1) -> Samples:
        """Decode as `decode` does, and call ``watch(samples, frames)`` when more of the first frames have come to be final.

        That may be left out, as it is here: what was decoded is final in any case once it is returned.
        """
        return self.decode(payload, layout, threads=threads)

    def decode_some(self, payload: bytes, layout: Layout, start: int, stop: int) -> tuple[Samples, int]:
        """Decode samples ``start`` to ``stop`` of each channel, and others around them where there is no shorter way.

        Parameters
        ----------
        payload : bytes
            What `encode` returned.
        layout : Layout
            The dtype and shape of all samples.
        start, stop : int
            Which are wanted, of those that there are.

        Returns
        -------
        ndarray
            Samples of each channel, at least these.
        int
            Which is the first of them.
        """
        return self.decode(payload, layout), 0


@dataclass(frozen=True)
class ByteCoder(Coder):
    """A coder that sees bytes only: the general-purpose compressors."""

    def takes(self, dtype: np.dtype[Any]) -> bool:
        """Return whether samples of a type can be given to it: all can."""
        return True

    @abc.abstractmethod
    def compress(self, data: memoryview, *, itemsize: int, threads: int) -> bytes:
        """Compress a flat view of bytes."""

    @abc.abstractmethod
    def decompress(self, payload: bytes, size: int, *, threads: int) -> bytes | bytearray | memoryview:
        """Decompress a payload whose content has `size` bytes, never producing many more."""

    def encode(self, samples: Samples, *, threads: int = 1) -> bytes:
        """Encode the bytes of the samples, little-endian, C order."""
        return self.compress(byte_view(samples), itemsize=samples.dtype.itemsize, threads=threads)

    def decode(self, payload: bytes, layout: Layout, *, threads: int = 1) -> Samples:
        """Decode bytes into samples of the given layout."""
        data = self.decompress(payload, layout.nbytes, threads=threads)
        if len(data) < layout.nbytes:
            raise TruncatedError(f"{self.name}: payload holds {len(data)} bytes instead of {layout.nbytes}")
        if len(data) > layout.nbytes:
            raise CorruptError(f"{self.name}: payload holds more than {layout.nbytes} bytes")
        return from_little_endian(data, layout)


def little_endian(samples: Samples) -> Samples:
    """Return the samples as a C-contiguous little-endian array: itself wherever that is what it already is."""
    return np.ascontiguousarray(samples, dtype=samples.dtype.newbyteorder("<"))


def bits_of(samples: Samples) -> NDArray[np.unsignedinteger[Any]]:
    """Return the bits of samples as native unsigned integers of the same shape: what floats are compared by."""
    return np.ascontiguousarray(samples, samples.dtype.newbyteorder("=")).view(f"u{samples.dtype.itemsize}")


def byte_view(samples: Samples) -> memoryview:
    """Return the little-endian bytes of the samples in C order, as a flat view."""
    return little_endian(samples).reshape(-1).view(np.uint8).data


def from_little_endian(data: bytes | bytearray | memoryview, layout: Layout) -> Samples:
    """Return the samples of `layout` whose little-endian bytes are given (without a copy on little-endian machines)."""
    stored = np.frombuffer(data, dtype=layout.dtype.newbyteorder("<")).reshape(layout.shape)
    return stored.astype(layout.dtype, copy=False)
