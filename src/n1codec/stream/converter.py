"""What a sender knows of the converter: which values there are, how wide their codes are, and what scale is usual.

Nothing here decides whether samples come back exactly (they do, whatever a converter says), only how few bits they take.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from n1codec import _core, arguments
from n1codec.errors import ParameterError
from n1codec.stream import learning

EVEN, N1_CODES, WIDTHS = range(3)
UNITS: Final = 64
"""Axis units to a code, of even codes."""
_LOOKED_AT: Final = 1 << 18
"""Most samples that :func:`recognise` looks at, unless it learns."""
_USUAL: Final = 28
"""The scale that most channels have: there are four octaves below it and four above."""


_LONGEST: Final = 65535
"""Axis units of all codes, where they have widths."""
_LIMITS: Final = (
    ("kind", EVEN, WIDTHS), ("first", -32768, 65535), ("stride", 1, 65535), ("codes", 2, 65536), ("shift", 9, 24),
    ("centre", 0, 65536 * UNITS), ("spread", 0, 63), ("usual", 0, 63),
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Converter:
    """A converter's codes. Samples are ``first + stride * code``, or the N1's values.

    Parameters
    ----------
    kind : int
        0: codes of one width; 1: the N1's; 2: codes of these `widths`.
    first, stride, codes : int
        Value of code 0, distance of two values, number of codes.
    widths : bytes
        Kind 2: of each code, in axis units, 1 to 255 each and 65,535 together.
    shift, centre, spread, usual : int
        Scale 0 stands for a deviation of 2^(shift - 7) axis units; where a key expects a first sample, and with which
        scale; the scale that most channels have.

    Raises
    ------
    ParameterError
        If one of these is outside its limits.
    """

    kind: int = EVEN
    first: int = 0
    stride: int = 1
    codes: int = 65536
    widths: bytes = b""
    shift: int = 13
    centre: int = 32768 * UNITS
    spread: int = 63
    usual: int = _USUAL

    def __post_init__(self) -> None:
        for name, low, high in _LIMITS:
            object.__setattr__(self, name, arguments.integer(name, getattr(self, name), low, high))
        object.__setattr__(self, "widths", arguments.data("widths", self.widths))
        if (self.kind == WIDTHS) != bool(self.widths) or (self.kind == WIDTHS and len(self.widths) != self.codes):
            raise ParameterError(
                f"widths must be {self.codes if self.kind == WIDTHS else 0} bytes, not {len(self.widths)}"
            )
        if self.kind == WIDTHS and (min(self.widths) < 1 or sum(self.widths) > _LONGEST):
            raise ParameterError(f"widths must be 1 or more each, and {_LONGEST} together at most")

    def set(self, f: _core.StreamFormat) -> None:
        """Write it into a stream's format."""
        f = arguments.instance("f", f, _core.StreamFormat)
        f.converter, f.first, f.stride, f.codes = self.kind, self.first, self.stride, self.codes
        f.shift, f.centre, f.spread, f.usual = self.shift, self.centre, self.spread, self.usual
        f.table = _core.crc32c(self.widths) if self.kind == WIDTHS else 0


NLINK: Final = Converter(kind=N1_CODES, codes=1024, shift=12, centre=32700, spread=41, usual=_USUAL)
"""The N1's: 1,024 codes whose widths were measured, stored as int16."""


def even(dtype: np.dtype[np.integer]) -> Converter:
    """Return codes of one width for all values of a type, before anything is known of the samples."""
    info = np.iinfo(dtype)
    codes = int(info.max) - int(info.min) + 1
    middle = -int(info.min) if info.min else codes // 2
    return Converter(first=int(info.min), codes=codes, centre=middle * UNITS, shift=13 if codes > 256 else 11)


def is_nlink(samples: NDArray[np.integer]) -> bool:
    """Return whether samples can only be the N1's: a random int16 is one of its values once in 64 times."""
    if samples.dtype != np.int16 or samples.size < 5:
        return False
    wide = samples.astype(np.int64)
    code = ((wide + 32768) * 1023 + 32768) >> 16
    value = code * 65535 - 32768 * 1023
    exact = np.where(value < 0, -(-value // 1023), value // 1023) == wide
    return bool(exact.all()) and len(np.unique(samples)) > 4


def recognise(samples: NDArray[np.integer], *, learn: bool = False) -> Converter:
    """Return what a first stretch of samples says of its converter.

    Parameters
    ----------
    samples : ndarray of int8, uint8, int16 or uint16, shape (n_samples, n_channels)
        The more frames the better: scales and places are measured. A single frame does.
    learn : bool
        Learn the widths of codes, which a receiver is then told (a byte a code): worth it where a converter's codes are uneven,
        as those of Neuropixels are. Some 100 samples a code in use should be there. Codes of even width stay so.

    Returns
    -------
    Converter
        The N1's where every sample is one of its values; else codes of one width, or with `learn` of learned ones.

    Raises
    ------
    ParameterError
        If `samples` are none, or of another type or shape.
    """
    samples, learn = arguments.samples("samples", samples), arguments.flag("learn", learn)
    samples = samples.astype(samples.dtype.newbyteorder("="), copy=False)
    if samples.dtype.name not in ("int8", "uint8", "int16", "uint16") or samples.ndim != 2 or not samples.size:
        raise ParameterError(
            f"samples must be integers of 8 or 16 bits, shape (n_samples, n_channels), not {samples.dtype} {samples.shape}"
        )
    frames = max(2, _LOOKED_AT // samples.shape[1])
    some = samples[:frames]
    if is_nlink(some):
        return NLINK
    found = _strided(even(samples.dtype), some)
    if learn:
        widths = learning.code_widths(samples, found.first, found.stride)
        if widths is not None:
            first, table, units = widths
            found = dataclasses.replace(found, kind=WIDTHS, first=first, codes=len(table), widths=bytes(table))
            return _scaled(found, some, units)
    return _scaled(found, some, UNITS)


def _strided(converter: Converter, samples: NDArray[np.integer]) -> Converter:
    """Return the converter with the distance that all samples' values have, if enough of them say so."""
    values = np.unique(samples).astype(np.int64)
    if len(values) < 16:
        return converter
    stride = int(np.gcd.reduce(np.diff(values)))
    if stride < 2:
        return converter
    info = np.iinfo(samples.dtype)
    first = int(values[0]) - (int(values[0]) - int(info.min)) // stride * stride
    return dataclasses.replace(converter, first=first, stride=stride, codes=(int(info.max) - first) // stride + 1)


def _scaled(converter: Converter, samples: NDArray[np.integer], units: float) -> Converter:
    """Return the converter with what samples say of usual scales and places."""
    codes = (samples.astype(np.float64) - converter.first) / converter.stride
    step = np.abs(np.diff(codes, axis=0)).mean(axis=0) if len(codes) > 1 else np.full(codes.shape[1], 4.0)
    deviation = max(float(np.median(step)) * 1.1, 1 / 16) * units
    shift = min(24, max(9, round(math.log2(deviation) + 7 - _USUAL / 8)))
    usual = round(8 * (math.log2(deviation) + 7 - shift))
    level = codes.mean(axis=0)
    around = math.hypot(float(level.std()), float(codes.std(axis=0).mean()), deviation / units) * units
    spread = round(8 * (math.log2(around) + 7 - shift))
    most = 65535 if converter.kind == WIDTHS else converter.codes * UNITS
    return dataclasses.replace(
        converter,
        shift=shift,
        centre=min(most, max(0, round(float(np.median(level)) * units))),
        spread=min(63, max(0, spread)),
        usual=min(63, max(0, usual)),
    )
