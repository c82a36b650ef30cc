"""Headers of the piecewise mode: channels and pieces (docs/format/n1-piecewise.md, "Channel", "Piece")."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Final

from n1reference.errors import CorruptError
from n1reference.n1.bits import Bits, unzigzag
from n1reference.n1.fixed import clamp
from n1reference.n1.tables import TABLES
from n1reference.samples import Dtype

MAX_CODES: Final = 1 << 31
MAX_START: Final = 72
MAX_OTHERS: Final = 8
WIDTH_LOG: Final = 24
EVEN: Final = 64
"""Positions of a code of the usual width."""
LAWS: Final = 6
MAX_OWN: Final = 32
MAX_SHIFT: Final = 30
MAX_ORDER: Final = 16
BIAS: Final = 1 << 60
BUDGET: Final = 1 << 30

STRIDE, LIST = range(2)
PLAIN, WRAPPED, STEPPED = range(3)


def power(index: int) -> int:
    """Return 2^(index / 32), rounded down."""
    mantissa, exponent = int(TABLES["powers"][index & 31]), (index >> 5) - 30
    return mantissa << exponent if exponent >= 0 else mantissa >> -exponent


@dataclass
class Wrap:
    """What samples wrap around in: the lowest one, how many there are, and the first one, from the lowest."""

    low: int
    modulus: int
    begin: int

    def most(self) -> int:
        """Return what a change stays below, both ways."""
        return self.modulus

    def samples(self, changes: list[int], dtype: Dtype) -> list[int]:
        """Return the samples that changes lead to; that before the first one counts for none."""
        del dtype
        at = self.begin
        samples = [self.low + at]
        for change in changes[1:]:
            at = (at + change) % self.modulus
            samples.append(self.low + at)
        return samples


@dataclass
class Steps:
    """Steps that samples take: in which frame, and how far."""

    steps: dict[int, int]

    def most(self) -> int:
        """Return what a value stays below, both ways."""
        return 1 << 32

    def samples(self, values: list[int], dtype: Dtype) -> list[int]:
        """Return samples with their steps."""
        offset, size, samples = 0, dtype.high - dtype.low + 1, []
        for time, value in enumerate(values):
            offset += self.steps.get(time, 0)
            samples.append((value + offset - dtype.low) % size + dtype.low)
        return samples


@dataclass
class Channel:
    """A channel's values, and where its codes lie.

    Attributes
    ----------
    values : list of int
        Of a list; empty where values have a stride.
    edges : list of int
        Of codes of uneven widths; empty where all are of one width.
    others : list of int
        Channels that it is predicted from.
    """

    first: int
    n_codes: int
    stride: int = 1
    values: list[int] = field(default_factory=list)
    origin: int = 0
    edges: list[int] = field(default_factory=list)
    start: int = 0
    others: list[int] = field(default_factory=list)
    lags: int = 0
    form: Wrap | Steps | None = None
    """What values are if they are no samples."""
    zero: int = 0
    """M of the page: the position, on the axis of edges, of what positions are counted from."""

    def holds(self, value: int, dtype: Dtype) -> bool:
        """Return whether the channel may have a value."""
        if self.form:
            return abs(value) < self.form.most()
        return dtype.low <= value <= dtype.high

    def value(self, code: int) -> int:
        """Return the value of a code."""
        return self.values[code] if self.values else self.first + code * self.stride

    def edge(self, code: int) -> int:
        """Return the lower edge of a code, from the origin's middle."""
        return (self.edges[code] if self.edges else EVEN * code) - self.zero

    def middle(self, code: int) -> int:
        """Return the middle of a code, from the origin's."""
        if not self.edges:
            return EVEN * (code - self.origin)
        return (self.edges[code] + self.edges[code + 1] >> 1) - self.zero

    def at(self, position: int) -> int:
        """Return the code at a position from the origin's middle."""
        position += self.zero
        code = bisect_right(self.edges, position) - 1 if self.edges else position // EVEN
        return clamp(code, 0, self.n_codes - 1)

    def place(self, predicted: int) -> int:
        """Return where a prediction lies that takes all codes for even ones."""
        code, part = self.origin + (predicted >> 6), predicted & 63
        if not self.edges or code == self.n_codes - 1:
            return predicted if not self.edges else self.middle(code)
        low = self.middle(code)
        return low + ((self.middle(code + 1) - low) * part >> 6)


@dataclass
class Piece:
    """The parameters of some units of frames."""

    units: int
    law: int
    shift: int
    bias: int
    own: list[int]
    others: list[int]
    """Of each other channel its lags, one channel after the other; or none."""


def _values(bits: Bits, channel: Channel, most: int) -> list[int]:
    order = bits.take(4)
    if channel.n_codes > most:
        raise CorruptError("n1: a list of more values than its block says")
    values = [channel.first]
    for _ in range(channel.n_codes - 1):
        values.append(values[-1] + bits.golomb(order) + 1)
    return values


def _edges(bits: Bits, n_codes: int, most: int) -> list[int]:
    order_there, order_absent, rice = bits.take(4), bits.take(4), bits.take(3)
    if n_codes > most:
        raise CorruptError("n1: widths of more codes than their block says")
    occurs: list[bool] = []
    there = True
    while len(occurs) < n_codes:
        run = bits.golomb(order_there if there else order_absent) + 1
        occurs += [there] * min(run, n_codes - len(occurs))
        there = not there
    edges = [0]
    for code in range(n_codes):
        width = 0
        if occurs[code]:
            log = unzigzag(bits.rice(rice))
            if not -WIDTH_LOG <= log <= WIDTH_LOG:
                raise CorruptError("n1: a width outside its limits")
            width = power(192 + 8 * log)
        edges.append(edges[-1] + width)
    if edges[-1] >= 256 * n_codes:
        raise CorruptError("n1: codes are too wide")
    return edges


def _wrap(bits: Bits, dtype: Dtype) -> Wrap:
    negative, magnitude = bits.take(1), bits.golomb(8)
    wrap = Wrap(-magnitude - 1 if negative else magnitude, bits.golomb(8) + 1, bits.golomb(8))
    if wrap.low < dtype.low or wrap.low + wrap.modulus - 1 > dtype.high or wrap.begin >= wrap.modulus:
        raise CorruptError("n1: a form outside its limits")
    return wrap


def _steps(bits: Bits, frames: int) -> Steps:
    quantum, count = bits.golomb(0) + 1, bits.golomb(4) + 1
    order_gap, order_size = bits.take(4), bits.take(4)
    steps: dict[int, int] = {}
    time, gap, size = 0, 1, 0
    for _ in range(count):
        if not bits.take(1):
            gap = bits.golomb(order_gap) + 1
        if not bits.take(1):
            size = bits.signed(order_size)
        elif bits.take(1):
            size = -size
        time += gap
        if time >= frames:
            raise CorruptError("n1: a step beyond the last frame")
        steps[time] = size * quantum
    return Steps(steps)


def read_form(bits: Bits, dtype: Dtype, frames: int) -> Wrap | Steps | None:
    """Read a channel's form."""
    form = bits.take(2)
    if form > STEPPED:
        raise CorruptError("n1: a form outside its limits")
    return _wrap(bits, dtype) if form == WRAPPED else _steps(bits, frames) if form == STEPPED else None


def read_channel(bits: Bits, number: int, dtype: Dtype, form: Wrap | Steps | None, wide: int, listed: int) -> Channel:
    """Read the channel of this number; `wide` and `listed` codes at most may have widths and be a list."""
    kind, negative, magnitude = bits.take(1), bits.take(1), bits.golomb(8)
    channel = Channel(-magnitude - 1 if negative else magnitude, bits.golomb(8) + 1, form=form)
    if channel.n_codes > MAX_CODES or not channel.holds(channel.first, dtype):
        raise CorruptError("n1: a value outside the dtype")
    if kind == LIST:
        channel.values = _values(bits, channel, listed)
    else:
        channel.stride = bits.golomb(0) + 1
    if channel.stride > 0xFFFFFFFF or not channel.holds(channel.value(channel.n_codes - 1), dtype):
        raise CorruptError("n1: a value outside the dtype")
    if channel.n_codes == 1:
        return channel
    channel.origin = bits.golomb(8)
    if channel.origin >= channel.n_codes:
        raise CorruptError("n1: a code outside the alphabet")
    if bits.take(1):
        channel.edges = _edges(bits, channel.n_codes, wide)
        channel.zero = channel.edges[channel.origin] + channel.edges[channel.origin + 1] >> 1
    else:
        channel.zero = EVEN * channel.origin + EVEN // 2
    channel.start = bits.take(7)
    n_others = bits.take(4)
    if channel.start > MAX_START or n_others > min(MAX_OTHERS, number):
        raise CorruptError("n1: a predictor outside its limits")
    channel.lags = bits.take(2) + 1 if n_others else 0
    for _ in range(n_others):
        channel.others.append(number - 1 - bits.golomb(2))
        if channel.others[-1] < 0:
            raise CorruptError("n1: a channel before the first one")
    return channel


def read_piece(bits: Bits, channel: Channel, left: int) -> Piece:
    """Read a piece of at most the units that are left."""
    units = left if bits.take(1) else bits.golomb(2) + 1
    law, own = bits.take(3), bits.take(6)
    others = len(channel.others) * channel.lags if channel.others and bits.take(1) else 0
    shift, order = bits.take(5), bits.take(5)
    if units > left or law >= LAWS or own > MAX_OWN or shift > MAX_SHIFT or order > MAX_ORDER:
        raise CorruptError("n1: a piece outside its limits")
    negative = bits.take(1)
    low = bits.take(8)
    bias = bits.golomb(0) * 256 + low << max(0, shift - 2)
    taps = [bits.signed(order) for _ in range(own + others)]
    if bias >= BIAS or sum(map(abs, taps)) > BUDGET:
        raise CorruptError("n1: a predictor outside its limits")
    return Piece(units, law, shift, -bias if negative else bias, taps[:own], taps[own:])
