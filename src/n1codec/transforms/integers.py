"""Samples of every type to integers of at most 32 bits, which all that follows can code: floats, 64 bits, truth values.

Floats that are whole numbers times a gain become those numbers: recordings in HDF5 and NWB often are. Other floats become
fixed-point numbers, where prediction works as it does on integers, and the bits below their unit. Integers of 64 bits lose an
offset, a step and a ramp. What even so is coded no smaller than its bytes would be, plane by plane, is kept as that.

Side information is a byte that says how, and what belongs to it::

    0  as they are    integers of at most 32 bits, and nothing follows
    1  truth          truth values are given as the bytes that they are, uint8, and nothing follows
    2  narrowed       integers of 64 bits are given as codes (`_narrow`)
    3  gains          floats are given as codes, with gains (`_gains`)
    4  fixed          floats are given as numbers: a byte for their type, and the rest (`_fixed`)
    5  whole          nothing is given: strings of bytes follow (`_strings`), one of each weight, the least significant first
    6  joined         nothing is given: one string of all these planes
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from n1codec.codec import Layout, Samples, Transform, byte_view
from n1codec.codecs.standard import Zlib
from n1codec.transforms import _fixed, _gains, _narrow
from n1codec.transforms._narrow import CODE_TYPES
from n1codec.transforms._planes import from_planes, planes_of
from n1codec.transforms._strings import at_least, pack_string, repeats, unpack_string
from n1codec.transforms._wire import Reader

AS_THEY_ARE, TRUTH, NARROWED, GAINS, FIXED, WHOLE, JOINED = range(7)
NOTHING: Final = Layout(np.dtype(np.uint8), (0,))
"""What is given where the side information holds all."""

_SMALL: Final = 1 << 16
"""Arrays of up to so many bytes are tried as one string, too, ..."""
_ALIKE: Final = 16
"""... and those whose planes come to less than such a part of them: it takes little time."""
_LOOKED_AT: Final = 1 << 14
"""So many values decide whether coding the planes is worth the time."""
_LEAST_PLANE: Final = 16
"""Bytes of a plane that is not all the same, at least."""
_STRETCH: Final = 1 << 10
"""So many of them in a row."""
_SIGN: Final = np.uint64(1 << 63)


@dataclass(frozen=True)
class Integers(Transform):
    """Floats, 64-bit integers and truth values to integers, exactly; gains are found and proved on every value.

    It is put in front by itself where samples are of such a type and the codec takes integers only. Integers of at most 32 bits
    pass as they are.
    """

    name = "integers"

    @classmethod
    def libraries(cls) -> dict[str, str]:
        """Return the version of the library that codes some of its strings."""
        return Zlib.libraries()

    def takes(self, dtype: np.dtype[Any]) -> bool:
        """Return whether samples of a type can be transformed: all can."""
        return True

    def forward(self, samples: Samples) -> tuple[Samples, bytes]:
        """Return integers, and how they came to be."""
        kind, width = samples.dtype.kind, samples.dtype.itemsize
        if kind == "b":
            return samples.view(np.uint8), bytes((TRUTH,))
        if kind != "f" and width < 8:
            return samples, bytes((AS_THEY_ARE,))
        found = _from_floats(samples) if kind == "f" else _from_long(samples)
        if found is not None:
            return found
        return np.empty(NOTHING.shape, NOTHING.dtype), self.whole(samples, None) or b""

    def whole(self, samples: Samples, limit: int | None) -> bytes | None:
        """Return side information that holds all, in fewer than `limit` bytes, or None; None of integers that pass, too."""
        if samples.dtype.kind in "iu" and samples.dtype.itemsize < 8:
            return None
        if limit is not None and least_whole(samples, limit) >= limit:
            return None
        rows = planes_of(samples)
        strings: list[bytes] = []
        for row in rows[::-1]:  # the most significant bytes tell more
            strings.insert(0, pack_string(row))
            if limit is not None and sum(map(len, strings)) >= limit:
                return None
        side = bytes((WHOLE,)) + b"".join(strings)
        if samples.nbytes <= _SMALL or len(side) < samples.nbytes // _ALIKE:
            side = min(side, bytes((JOINED,)) + pack_string(rows.reshape(-1)), key=len)
        return side if limit is None or len(side) < limit else None

    def output_layout(self, layout: Layout, side: bytes) -> Layout:
        """Return the layout of the integers."""
        reader = Reader(side)
        how = reader.byte()
        expected = "b" if how == TRUTH else "f" if how in (GAINS, FIXED) else None
        long = layout.dtype.kind in "iu" and layout.dtype.itemsize == 8
        plain = layout.dtype.kind in "iu" and not long
        if how > JOINED or (expected or layout.dtype.kind) != layout.dtype.kind or (how == NARROWED and not long):
            raise ValueError(f"side information of kind {how} for {layout.dtype}")
        if plain != (how == AS_THEY_ARE):
            raise ValueError(f"side information of kind {how} for {layout.dtype}")
        if how == AS_THEY_ARE:
            reader.end()
            return layout
        if how == TRUTH:
            reader.end()
            return Layout(np.dtype(np.uint8), layout.shape)
        if how == NARROWED:
            return Layout(_narrow.unpack(reader, layout.channels).dtype, layout.shape)
        if how == GAINS:
            return Layout(_gains.read(reader, layout)[1].dtype, layout.shape)
        return Layout(_code_type(reader), layout.shape) if how == FIXED else NOTHING

    def inverse(self, samples: Samples, side: bytes, layout: Layout) -> Samples:
        """Return the samples."""
        reader = Reader(side)
        how = reader.byte()
        if how == AS_THEY_ARE:
            return samples
        if how == TRUTH:
            restored: Samples = samples.view(np.bool_)
        elif how == NARROWED:
            restored = _to_long(_narrow.unpack(reader, layout.channels).numbers(samples), layout)
        elif how == GAINS:
            restored = _gains.join(samples, reader, layout)
        elif how == FIXED:
            _code_type(reader)
            restored = _fixed.join(samples, reader, layout)
        else:
            restored = _from_planes(reader, layout, joined=how == JOINED)
        reader.end()
        return restored


def _from_floats(samples: Samples) -> tuple[Samples, bytes] | None:
    found = _gains.split(samples)
    if found is not None:
        return found[0], bytes((GAINS,)) + found[1]
    fixed = _fixed.split(samples)
    if fixed is None:
        return None
    numbers, side = fixed
    dtype = _narrow.type_of(int(numbers.min()), int(numbers.max()))
    assert dtype is not None
    return numbers.astype(dtype), bytes((FIXED, CODE_TYPES.index(dtype))) + side


def _from_long(samples: Samples) -> tuple[Samples, bytes] | None:
    values = samples if samples.dtype.kind == "i" else samples ^ _SIGN
    found = _narrow.narrow(values.view(np.int64))
    return None if found is None else (found[0], bytes((NARROWED,)) + found[1].pack())


def _to_long(values: NDArray[np.int64], layout: Layout) -> Samples:
    return values if layout.dtype.kind == "i" else values.view(np.uint64) ^ _SIGN


def least_whole(samples: Samples, limit: int) -> float:
    """Return about how many bytes the planes of samples take at least: less than a limit if parts of them occur again."""
    flat = samples.reshape(-1)
    bits = flat.view(f"u{flat.itemsize}")
    changing = int(np.bitwise_or.reduce(bits ^ bits[0])).to_bytes(flat.itemsize, "little")
    least = min(_LEAST_PLANE, flat.size) * (flat.itemsize - changing.count(0))
    if least >= limit or flat.nbytes <= _SMALL:
        return least
    if repeats(np.frombuffer(byte_view(flat), np.uint8), step=flat.itemsize, reach=8):
        return 0.0
    step = max(1, flat.size // _LOOKED_AT)
    some = np.concatenate([flat[at : at + _STRETCH] for at in range(0, flat.size, step * _STRETCH)])
    return sum(at_least(row) for row in planes_of(some)) * flat.size / some.size


def _code_type(reader: Reader) -> np.dtype[Any]:
    code = reader.byte()
    if code >= len(CODE_TYPES):
        raise ValueError("numbers of no known type")
    return CODE_TYPES[code]


def _from_planes(reader: Reader, layout: Layout, *, joined: bool) -> Samples:
    width = layout.dtype.itemsize
    count = 1 if joined else width
    strings = [unpack_string(reader, layout.nbytes // count) for _ in range(count)]
    planes = np.concatenate(strings) if count > 1 else strings[0]
    if layout.dtype.kind == "b":
        return planes.view(np.bool_).reshape(layout.shape)
    return from_planes(planes, layout)
