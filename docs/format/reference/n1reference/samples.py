"""Samples in C order, with their dtype and shape: integers, and floats and truth values as the integers of their bits."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod


@dataclass(frozen=True)
class Dtype:
    """A type.

    Parameters
    ----------
    kind : str
        "i" for two's complement, "u" for unsigned, "f" for floating point, "b" for truth values.
    itemsize : int
        Bytes of a value: 1, 2, 4 or 8.
    """

    kind: str
    itemsize: int

    @property
    def bits(self) -> int:
        """Width in bits."""
        return 8 * self.itemsize

    @property
    def low(self) -> int:
        """The lowest value."""
        return -(1 << self.bits - 1) if self.kind == "i" else 0

    @property
    def high(self) -> int:
        """The highest value."""
        return self.low + (1 << self.bits) - 1

    @property
    def bias(self) -> int:
        """What is added to a value to make it signed without changing the order: of unsigned types -2^(w - 1), else 0."""
        return 0 if self.kind == "i" else -(1 << self.bits - 1)

    def wrap(self, value: int) -> int:
        """Return the value of this type that is equal modulo 2^bits."""
        return (value - self.low) % (1 << self.bits) + self.low

    def signed(self) -> Dtype:
        """Return the signed type of the same width."""
        return Dtype("i", self.itemsize)

    def unsigned(self) -> Dtype:
        """Return the unsigned type of the same width."""
        return Dtype("u", self.itemsize)

    @property
    def name(self) -> str:
        """As NumPy calls it."""
        return "bool" if self.kind == "b" else f"{ {'i': 'int', 'u': 'uint', 'f': 'float'}[self.kind] }{self.bits}"

    @property
    def plain(self) -> bool:
        """Whether these are integers of 1, 2 or 4 bytes, which every stage takes."""
        return self.kind in "iu" and self.itemsize <= 4


BYTES = Dtype("u", 1)


@dataclass(frozen=True)
class Layout:
    """Dtype and shape: ``(n_samples,)`` or ``(n_samples, n_channels)``."""

    dtype: Dtype
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """Number of values."""
        return prod(self.shape)

    @property
    def n_samples(self) -> int:
        """Samples of each channel."""
        return self.shape[0]

    @property
    def channels(self) -> int:
        """Number of channels: 1 for one dimension."""
        return self.shape[1] if len(self.shape) == 2 else 1

    @property
    def n_bytes(self) -> int:
        """Bytes of all values."""
        return self.size * self.dtype.itemsize

    def with_dtype(self, dtype: Dtype) -> Layout:
        """Return the same shape of another type."""
        return Layout(dtype, self.shape)


def to_bytes(values: list[int], dtype: Dtype, order: str = "little") -> bytes:
    """Return values as bytes, "little" or "big" end first."""
    big = order == "big"
    mask = (1 << dtype.bits) - 1
    return b"".join((value & mask).to_bytes(dtype.itemsize, "big" if big else "little") for value in values)


def from_bytes(data: bytes, dtype: Dtype) -> list[int]:
    """Return the values of little-endian bytes."""
    step = dtype.itemsize
    signed = dtype.kind == "i"
    return [int.from_bytes(data[at : at + step], "little", signed=signed) for at in range(0, len(data), step)]


def to_channels(values: list[int], layout: Layout) -> list[list[int]]:
    """Return the values of each channel."""
    return [values[channel :: layout.channels] for channel in range(layout.channels)]


def from_channels(channels: list[list[int]]) -> list[int]:
    """Undo `to_channels`."""
    return [value for values in zip(*channels, strict=True) for value in values]
