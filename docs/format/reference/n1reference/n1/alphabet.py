"""Alphabets: which values occur, and how wide their codes are (docs/format/n1.md, "Alphabet")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from n1reference.errors import CorruptError
from n1reference.n1.bits import Bits, unzigzag
from n1reference.n1.tables import TABLES
from n1reference.samples import Dtype

MAX_CODES: Final = 4096
MAX_RAW_BITS: Final = 20
MAX_AXIS: Final = 65535
MAX_WIDTH: Final = 1023
PRIOR_CODES: Final = 1024

STRIDE, ADC, LIST = range(3)
EVEN, PRIOR, SENT = range(3)


def dtype_range(dtype: Dtype) -> tuple[int, int]:
    """Return the lowest and highest value of an integer dtype."""
    bits = 8 * dtype.itemsize
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if dtype.kind == "i" else (0, (1 << bits) - 1)


def wrap(value: int, dtype: Dtype) -> int:
    """Return the value of the dtype that is equal modulo 2^bits."""
    low = dtype_range(dtype)[0]
    return (value - low) % (1 << 8 * dtype.itemsize) + low


def adc_value(code: int) -> int:
    """Return what the N1 stores for a code: truncated towards zero."""
    number = code * 65535 - 32768 * 1023
    return number // 1023 if number >= 0 else -(-number // 1023)


@dataclass
class Alphabet:
    """Values of full codes, and what is needed to lay out the axis.

    Attributes
    ----------
    kind : int
        STRIDE, ADC or LIST.
    first : int
        Value of full code 0; for ADC the code of the converter.
    n_full, n_codes, raw_bits : int
        Full codes; modelled codes; bits of a full code below the modelled one.
    widths : list of int
        Axis units of each modelled code; not checked against the limits before `edges`.
    """

    kind: int
    first: int
    n_full: int
    n_codes: int
    raw_bits: int
    stride: int
    values: list[int]
    widths: list[int]

    def value(self, full: int) -> int:
        """Return the value of a full code."""
        return self.first + full * self.stride if self.kind == STRIDE else self.values[full]

    def edges(self) -> list[int]:
        """Return the lower edge of each code, and the end of the axis."""
        edges = [0]
        for width in self.widths:
            edges.append(edges[-1] + width)
            if width > MAX_WIDTH or edges[-1] > MAX_AXIS:
                raise CorruptError("n1: the axis is too long")
        return edges


def _sent_width(log: int, step_bits: int, unit_bits: int) -> int:
    sixteenths = log * (16 >> step_bits) + 16 * unit_bits
    if sixteenths < 0:
        return 1
    return int((TABLES["exp2_16th"][sixteenths & 15] << (sixteenths >> 4)) + 32768 >> 16)


def _values(bits: Bits, count: int, first: int, lowest: int, highest: int) -> list[int]:
    """Return the values of a list."""
    rice = bits.take(4)
    values = [first]
    for _ in range(count - 1):
        values.append(values[-1] + bits.rice(rice) + 1)
    if values[0] < lowest or values[-1] > min(highest, (1 << 31) - 1):
        raise CorruptError("n1: a value outside the dtype")
    return values


def _widths(bits: Bits, kind: int, first: int, count: int) -> list[int]:
    how = bits.take(2)
    if how > SENT or (how == PRIOR and kind != ADC):
        raise CorruptError("n1: no such widths")
    if how == PRIOR:
        return list(TABLES["prior_n1"][first : first + count])
    unit_bits = bits.take(3)
    if how == EVEN:
        return [1 << unit_bits] * count
    step_bits = bits.take(2) + 1
    if step_bits > 3:
        raise CorruptError("n1: no such step of widths")
    rice = bits.take(3)
    logs = [unzigzag(bits.rice(rice)) for _ in range(count)]
    if not all(-64 <= log <= 63 for log in logs):
        raise CorruptError("n1: a width outside its limits")
    return [_sent_width(log, step_bits, unit_bits) for log in logs]


def read_alphabet(bits: Bits, dtype: Dtype) -> Alphabet:
    """Read an alphabet; ``CorruptError`` where it breaks a limit."""
    lowest, highest = dtype_range(dtype)
    kind = bits.take(2)
    if kind > LIST:
        raise CorruptError("n1: no such lattice")
    if kind == ADC:
        first = bits.take(10)
    else:
        negative = bits.take(1)
        first = bits.golomb(8)
        first = -first - 1 if negative else first
    n_full = bits.golomb(8) + 1
    raw_bits, stride, values = 0, 1, []
    if kind == STRIDE:
        stride = bits.golomb(0) + 1
        raw_bits = bits.take(5)
        if max(n_full, stride) >= 1 << 32 or raw_bits > MAX_RAW_BITS:
            raise CorruptError("n1: a lattice outside its limits")
        if not (lowest <= first and first + (n_full - 1) * stride <= highest):
            raise CorruptError("n1: a value outside the dtype")
    n_codes = (n_full - 1 >> raw_bits) + 1
    if n_codes > MAX_CODES:
        raise CorruptError("n1: too many codes")
    if kind == ADC:
        if dtype.kind != "i" or dtype.itemsize < 2 or first + n_codes > PRIOR_CODES:
            raise CorruptError("n1: a converter's code outside its range")
        values = [adc_value(first + code) for code in range(n_codes)]
    elif kind == LIST:
        values = _values(bits, n_codes, first, lowest, highest)
    return Alphabet(kind, first, n_full, n_codes, raw_bits, stride, values, _widths(bits, kind, first, n_codes))
