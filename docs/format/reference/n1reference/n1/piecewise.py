"""Piecewise blocks (docs/format/n1-piecewise.md)."""

from __future__ import annotations

from typing import Final

from n1reference.errors import CorruptError
from n1reference.n1 import rans
from n1reference.n1.bits import Bits
from n1reference.n1.fixed import clamp, log2
from n1reference.n1.pieces import EVEN, Channel, Piece, power, read_channel, read_form, read_piece
from n1reference.n1.tables import TABLES
from n1reference.numbers import Cursor
from n1reference.samples import Dtype

MAX_CHANNELS: Final = 4096
WIDE_BITS: Final = 16
LISTED_BITS: Final = 12
UNIT: Final = 256
MAX_OWN: Final = 32
STATES: Final = 2

REACH: Final = 7
FLOOR: Final = 82
MAX_SCALE: Final = 1151
LAW_STEPS: Final = 1024


class Scale:
    """How far off the next prediction will be."""

    def __init__(self, start: int) -> None:
        first = power(16 * start + 192)
        self._fast = self._middle = self._slow = first
        sides = range(-REACH, REACH + 1)
        self._slows = {(i, j): 8 * (first + FLOOR) for i in sides for j in sides}
        self._seen = {(i, j): slows * power(6 * i + 6 * j + 320) >> 10 for (i, j), slows in self._slows.items()}
        self._cell = 0, 0

    def next(self) -> int:
        """Return the scale of the next sample."""
        slow = log2(self._slow + FLOOR)
        i, j = (
            clamp(log2(average + FLOOR) - slow + 1024 >> 11, -REACH, REACH) for average in (self._fast, self._middle)
        )
        self._cell = i, j
        log = slow + log2(self._seen[i, j] + 1) - log2(self._slows[i, j]) - (6 << 12)
        scale = clamp(log + 64 >> 7, 0, MAX_SCALE)
        corrected = TABLES["corrected"]
        return int(corrected[scale]) if scale < len(corrected) else scale

    def learn(self, distance: int) -> None:
        """Take up how far off it was."""
        cell, error, slow = self._cell, 64 * distance, self._slow + FLOOR
        self._seen[cell] += error
        self._slows[cell] += slow
        if self._slows[cell] > 400 * slow:
            self._seen[cell] >>= 1
            self._slows[cell] >>= 1
        self._fast += error - self._fast >> 1
        self._middle += error - self._middle >> 4
        self._slow += error - self._slow >> 7


class Window:
    """Cells of codes around a prediction, with their masses."""

    def __init__(self, channel: Channel, law: int, scale: int, mu: int) -> None:
        octave = scale >> 5
        self.cut = max(0, octave - (11 if channel.edges else 8))
        self._channel, self._mu = channel, mu
        self._beyond: list[int] = TABLES["pieces"][law]
        self._down = max(0, octave - 10)
        self._inverse = power(992 + 32 * self._down - scale)
        reach = 2 + (power(scale) >> 2 + self.cut)
        centre = channel.at(mu) >> self.cut
        self.last = channel.n_codes - 1 >> self.cut
        self.left = max(0, centre - reach)
        self.right = min(centre + reach, self.last + 1)
        self._share = rans.PROB_ONE - (self.right - self.left) - 2

    def below(self, cell: int) -> int:
        """Return the mass below a cell of the window, or its end."""
        if cell == 0:
            return 0
        if cell > self.last:
            return rans.PROB_ONE
        distance = self._channel.edge(cell << self.cut) - self._mu
        far = min(abs(distance) >> self._down, 1 << 20) * self._inverse >> 17
        place, part = (far >> 8, far & 255) if far < LAW_STEPS << 8 else (LAW_STEPS, 0)
        here = self._beyond[place]
        tail = here - ((here - self._beyond[place + 1]) * part >> 8)
        mass = tail if distance < 0 else rans.PROB_ONE - tail
        return (mass * self._share >> rans.PROB_BITS) + 1 + cell - self.left

    def find(self, slot: int) -> tuple[int, int, int]:
        """Return the cell that has a slot, left - 1 or right for what is beyond, and the mass below and through it."""
        if slot < (low := self.below(self.left)):
            return self.left - 1, 0, low
        if slot >= (high := self.below(self.right)):
            return self.right, high, rans.PROB_ONE
        cell, end = self.left, self.right
        while end - cell > 1:
            middle = (cell + end) // 2
            mass = self.below(middle)
            if mass <= slot:
                cell, low = middle, mass
            else:
                end, high = middle, mass
        return cell, low, high


class Symbols:
    """Words of two states that take turns, and raw bits."""

    def __init__(self, raw: Bits, words: bytes) -> None:
        self.raw = raw
        self._words = rans.Words(words)
        self._states = [self._words.first_state() for _ in range(STATES)]
        self._turn = 0

    def code(self, window: Window) -> int:
        """Return the next code; it may be none of the channel's."""
        state = self._states[self._turn]
        cell, low, high = window.find(state & rans.PROB_ONE - 1)
        state = rans.advance(state, low, high)
        while state < rans.LOW:
            state = state << 16 | self._words.word()
        self._states[self._turn] = state
        self._turn = (self._turn + 1) % STATES
        if cell < window.left:
            cell -= self.raw.golomb(5)
        elif cell >= window.right:
            cell += self.raw.golomb(5)
        return (cell << window.cut) + self.raw.take(window.cut)

    def close(self) -> None:
        """Raise unless everything was read."""
        self._words.close()
        if any(state != rans.LOW for state in self._states):
            raise CorruptError("n1: a rANS state does not end where it began")


def _decode_piece(
    symbols: Symbols, channel: Channel, piece: Piece, scale: Scale, series: list[int], others: list[list[int]], end: int
) -> None:
    """Append codes from the origin's to a series, up to its `end`; series begin with MAX_OWN zeros."""
    lowest, highest = -EVEN * channel.origin, EVEN * (channel.n_codes - 1 - channel.origin)
    taps = [(other, lag) for other in others for lag in range(channel.lags)] if piece.others else []
    while len(series) < end:
        time = len(series)
        total = piece.bias + sum(tap * series[time - 1 - lag] for lag, tap in enumerate(piece.own))
        for tap, (other, lag) in zip(piece.others, taps, strict=True):
            total += tap * other[time - lag]
        mu = channel.place(clamp(total >> piece.shift, lowest, highest))
        code = symbols.code(Window(channel, piece.law, scale.next(), mu))
        if not 0 <= code < channel.n_codes:
            raise CorruptError("n1: a code outside the alphabet")
        series.append(code - channel.origin)
        scale.learn(abs(channel.middle(code) - mu))


def decode_piecewise(block: bytes, n_samples: int, n_channels: int, dtype: Dtype) -> list[list[int]]:
    """Return the samples of each channel."""
    cursor = Cursor(block, "block of n1", 1)
    tables, listed = cursor.number(1), cursor.number(1)
    wide, formed = tables & 31, tables >> 5
    if wide > WIDE_BITS or formed > 1 or listed > LISTED_BITS or n_channels > MAX_CHANNELS:
        raise CorruptError("n1: a block outside its limits", 1)
    sizes = [cursor.varint() for _ in range(2 + formed)]
    header, raw, forms = [Bits(cursor.take(size)) for size in sizes] + [Bits(b"")] * (1 - formed)
    symbols = Symbols(raw, cursor.rest())
    lines: list[list[int]] = []
    samples: list[list[int]] = []
    for number in range(n_channels):
        form = read_form(forms, dtype, n_samples) if formed else None
        channel = read_channel(header, number, dtype, form, 1 << wide if wide else 0, 1 << listed if listed else 0)
        series = [0] * (MAX_OWN + 1)
        if channel.n_codes == 1:
            series += [0] * (n_samples - 1)
        else:
            scale = Scale(channel.start)
            others = [lines[other] for other in channel.others]
            units = done = 0
            while done < n_samples:
                piece = read_piece(header, channel, -(-n_samples // UNIT) - units)
                units += piece.units
                done = min(UNIT * units, n_samples)
                _decode_piece(symbols, channel, piece, scale, series, others, MAX_OWN + done)
        lines.append(series)
        values = [channel.value(channel.origin + code) for code in series[MAX_OWN:]]
        samples.append(form.samples(values, dtype) if form else values)
    for bits in (header, raw, forms):
        bits.close()
    symbols.close()
    return samples
