"""Blocks of the piecewise mode with any parameters: an encoder for tests, on the second decoder's laws and scales.

The codec's encoder chooses; this one is told. So decoders meet what the format allows and no encoder would write.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from n1reference.n1 import rans
from n1reference.n1.fixed import clamp
from n1reference.n1.pieces import EVEN, Channel, Piece, Steps, Wrap, power
from n1reference.n1.piecewise import MAX_OWN, STATES, UNIT, Scale, Window


@dataclass
class Bits:
    """Fields, the least significant bit first."""

    number: int = 0
    size: int = 0

    def put(self, value: int, count: int) -> None:
        """Append a field."""
        assert 0 <= value < 1 << count
        self.number |= value << self.size
        self.size += count

    def golomb(self, value: int, order: int) -> None:
        """Append an Exp-Golomb number."""
        number = value + (1 << order)
        low = number.bit_length() - 1
        self.put(0, low - order)
        self.put(1, 1)
        self.put(number & (1 << low) - 1, low)

    def signed(self, value: int, order: int) -> None:
        """Append a signed Exp-Golomb number."""
        self.golomb(2 * value if value >= 0 else -2 * value - 1, order)

    def pack(self) -> bytes:
        """Return the bytes."""
        return self.number.to_bytes((self.size + 7) // 8, "little")


@dataclass
class Line:
    """A channel to encode: where its codes lie, its pieces, and its codes.

    Attributes
    ----------
    logs : list of int or None
        Widths of codes, None for one that does not occur; empty for even ones. `encode` makes the channel's edges of them.
    """

    channel: Channel
    pieces: list[Piece]
    codes: list[int]
    logs: list[int | None] = field(default_factory=list)


def varint(value: int) -> bytes:
    """Return a number as a varint."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _put_widths(bits: Bits, logs: list[int | None]) -> None:
    for order, count in ((0, 4), (0, 4), (7, 3)):
        bits.put(order, count)
    at = 0
    while at < len(logs):
        end = at
        while end < len(logs) and (logs[end] is None) == (logs[at] is None):
            end += 1
        bits.golomb(end - at - 1, 0)
        at = end
    for log in logs:
        if log is not None:
            folded = 2 * log if log >= 0 else -2 * log - 1
            bits.put(0, 1)
            bits.put(folded, 7)


def _put_form(bits: Bits, form: Wrap | Steps | None) -> None:
    bits.put(1 if isinstance(form, Wrap) else 2 if form else 0, 2)
    if isinstance(form, Wrap):
        bits.put(1 if form.low < 0 else 0, 1)
        bits.golomb(form.low if form.low >= 0 else -form.low - 1, 8)
        bits.golomb(form.modulus - 1, 8)
        bits.golomb(form.begin, 8)
    elif form:
        _put_steps(bits, form.steps)


def _put_steps(bits: Bits, steps: dict[int, int]) -> None:
    """Put steps as multiples of what all of them are multiples of, in short where that is possible."""
    quantum = math.gcd(*steps.values()) or 1
    bits.golomb(quantum - 1, 0)
    bits.golomb(len(steps) - 1, 4)
    bits.put(3, 4)
    bits.put(15, 4)
    time, gap, size = 0, 1, 0
    for frame, step in steps.items():
        bits.put(1 if frame - time == gap else 0, 1)
        if frame - time != gap:
            bits.golomb(frame - time - 1, 3)
        time, gap = frame, frame - time
        again = abs(step) == abs(size)
        bits.put(1 if again else 0, 1)
        if again:
            bits.put(1 if step != size else 0, 1)
        else:
            bits.signed(step // quantum, 15)
        size = step


def _put_channel(bits: Bits, line: Line, number: int) -> None:
    channel = line.channel
    bits.put(1 if channel.values else 0, 1)
    bits.put(1 if channel.first < 0 else 0, 1)
    bits.golomb(channel.first if channel.first >= 0 else -channel.first - 1, 8)
    bits.golomb(channel.n_codes - 1, 8)
    if channel.values:
        bits.put(0, 4)
        for low, high in zip(channel.values, channel.values[1:], strict=False):
            bits.golomb(high - low - 1, 0)
    else:
        bits.golomb(channel.stride - 1, 0)
    if channel.n_codes == 1:
        return
    bits.golomb(channel.origin, 8)
    bits.put(1 if line.logs else 0, 1)
    if line.logs:
        _put_widths(bits, line.logs)
    bits.put(channel.start, 7)
    bits.put(len(channel.others), 4)
    if channel.others:
        bits.put(channel.lags - 1, 2)
    for other in channel.others:
        bits.golomb(number - 1 - other, 2)


def _put_piece(bits: Bits, piece: Piece, channel: Channel, left: int) -> None:
    bits.put(1 if piece.units >= left else 0, 1)
    if piece.units < left:
        bits.golomb(piece.units - 1, 2)
    bits.put(piece.law, 3)
    bits.put(len(piece.own), 6)
    if channel.others:
        bits.put(1 if piece.others else 0, 1)
    bits.put(piece.shift, 5)
    bits.put(16, 5)
    bits.put(1 if piece.bias < 0 else 0, 1)
    magnitude = abs(piece.bias) >> max(0, piece.shift - 2)
    bits.put(magnitude & 255, 8)
    bits.golomb(magnitude >> 8, 0)
    for tap in piece.own + piece.others:
        bits.signed(tap, 16)


def _lay_out(line: Line) -> None:
    channel = line.channel
    channel.origin = line.codes[0]
    channel.zero = EVEN * channel.origin + EVEN // 2
    if line.logs:
        channel.edges = [0]
        for log in line.logs:
            channel.edges.append(channel.edges[-1] + (0 if log is None else power(192 + 8 * log)))
        channel.zero = channel.edges[channel.origin] + channel.edges[channel.origin + 1] >> 1


def _code(line: Line, lines: list[list[int]], raw: Bits, intervals: list[tuple[int, int]]) -> None:
    """Append the symbols of a channel and what follows them raw."""
    channel = line.channel
    lowest, highest = -EVEN * channel.origin, EVEN * (channel.n_codes - 1 - channel.origin)
    series = [0] * MAX_OWN + [code - channel.origin for code in line.codes]
    lines.append(series)
    scale, start, units = Scale(channel.start), MAX_OWN + 1, 0
    for piece in line.pieces if channel.n_codes > 1 else ():
        units += piece.units
        end = MAX_OWN + min(units * UNIT, len(line.codes))
        for time in range(start, end):
            total = piece.bias + sum(tap * series[time - 1 - lag] for lag, tap in enumerate(piece.own))
            for at, tap in enumerate(piece.others):
                total += tap * lines[channel.others[at // channel.lags]][time - at % channel.lags]
            assert -(1 << 63) <= total < 1 << 63
            mu = channel.place(clamp(total >> piece.shift, lowest, highest))
            window = Window(channel, piece.law, scale.next(), mu)
            code = series[time] + channel.origin
            cell = code >> window.cut
            if cell < window.left:
                intervals.append((0, window.below(window.left)))
                raw.golomb(window.left - 1 - cell, 5)
            elif cell >= window.right:
                intervals.append((window.below(window.right), rans.PROB_ONE))
                raw.golomb(cell - window.right, 5)
            else:
                intervals.append((window.below(cell), window.below(cell + 1)))
            raw.put(code & (1 << window.cut) - 1, window.cut)
            scale.learn(abs(channel.middle(code) - mu))
        start = max(start, end)


def _words(intervals: list[tuple[int, int]]) -> bytes:
    states, words = [rans.LOW] * STATES, []
    for at in range(len(intervals) - 1, -1, -1):
        low, high = intervals[at]
        state = states[at % STATES]
        while state >= (high - low) << 20:
            words.append(state & 0xFFFF)
            state >>= 16
        states[at % STATES] = (state // (high - low) << rans.PROB_BITS) + state % (high - low) + low
    head = b"".join(state.to_bytes(rans.STATE_BYTES, "little") for state in states)
    return head + b"".join(word.to_bytes(2, "little") for word in reversed(words))


def encode(lines: list[Line], wide: int = 0, listed: int = 0) -> bytes:
    """Return the block of some channels."""
    header, raw, forms = Bits(), Bits(), Bits()
    formed = any(line.channel.form for line in lines)
    coded: list[list[int]] = []
    intervals: list[tuple[int, int]] = []
    for number, line in enumerate(lines):
        _lay_out(line)
        _put_form(forms, line.channel.form)
        _put_channel(header, line, number)
        left = -(-len(line.codes) // UNIT)
        for piece in line.pieces if line.channel.n_codes > 1 else ():
            _put_piece(header, piece, line.channel, left)
            left -= piece.units
        _code(line, coded, raw, intervals)
    parts = [part.pack() for part in (header, raw, forms)[: 2 + formed]]
    head = bytes([4, wide | formed << 5, listed])
    return head + b"".join(varint(len(part)) for part in parts) + b"".join(parts) + _words(intervals)
