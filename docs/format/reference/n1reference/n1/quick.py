"""Blocks of contexts whose odds are added (docs/format/n1-quick.md)."""

from __future__ import annotations

from typing import Final

from n1reference.n1.contexts import LONG, MASK, Past, class_of, half_octave, top
from n1reference.n1.fixed import clamp
from n1reference.n1.mixed import Binary, squash

FEW, MANY = 3, 8
STRETCH: Final = 4
HOLD: Final = 8
LONGER: Final = 3
COUNT_MOST: Final = 63
ODDS: Final = 3072
STRETCHES: Final = 14
BITS: Final = 22
FAR: Final = 23

CHANNEL: Final = 0x9E3779B1
FIRST: Final = 0x85EBCA6B
SECOND: Final = 0xC2B2AE35
RUN: Final = 0x27D4EB2F
BEFORE: Final = 0x165667B1
OTHER: Final = 0xD3A2646D
STEPS: Final = 0xFD7046C5
HALF: Final = 0xB55A4F09
STEP: Final = 0x8DA6B343
SINCE: Final = 0xD8163841
CLASSES: Final = 0xCB1AB31F
BESIDE: Final = 0x7FEB352D
PLACE: Final = 0xE9846AF9
WITHIN: Final = 0x68E31DA5


class _Channel(Past):
    def hold(self, frames: int) -> None:
        """See that the code stays for a stretch."""
        self.run += frames
        self.since += frames
        for _ in range(frames // HOLD):
            self.fast -= self.fast >> 1
            self.slow -= self.slow >> 2


def _signed(value: int) -> int:
    return value - (1 << 32) if value >> 31 else value


class Quick:
    """What a packet's decoder knows; `packet` may be called once."""

    def __init__(self, highest: list[int], n_frames: int, contexts: int) -> None:
        self._highest = highest
        self._n_frames = n_frames
        self._k = contexts
        self._codes: list[list[int]] = [[] for _ in highest]
        self._channels = [_Channel() for _ in highest]
        self._shift = 32 - clamp(top(n_frames * len(highest)) - 4, 8, 14)
        self._lines: dict[int, list[int]] = {}
        self._bias: dict[tuple[int, int], int] = {}
        self._gain = [61440 // (contexts * (10 + 2 * n)) for n in range(COUNT_MOST + 1)]
        self._p = [squash(32 * (i - ODDS // 2) + 16) for i in range(ODDS)]
        self._base: list[int] = []
        self._line: list[list[int]] = []
        self._state = 0
        self._quiet = self._longer = 0
        self._halving = self._within = False

    def packet(self, data: bytes) -> list[list[int]]:
        """Return the codes of each channel."""
        self._binary = Binary(data)
        t = 0
        while t < self._n_frames:
            frames = HOLD << self._longer
            if self._quiet < HOLD or self._within or t + frames > self._n_frames:
                self._frame()
                t += 1
            elif self._stretch(frames):
                t += frames
            self._binary.check_overrun()
        self._binary.close()
        return self._codes

    def _past(self, c: int, back: int) -> int:
        """Return the code of a channel so many samples ago."""
        line = self._codes[c]
        return line[-back] if back <= len(line) else 0

    def _turn(self, place: int) -> None:
        """Go on with the decisions of a place: each context has a line of slots for them."""
        at = [(base + place * PLACE & MASK) >> self._shift for base in self._base]
        self._line = [self._lines.setdefault(line, [0] * 16) for line in at]

    def _ask(self, node: int, kind: int) -> int:
        bias = self._bias.get((kind, self._state), 0)
        slots = [line[node] for line in self._line]
        odds = 4 * ODDS + sum(_signed(slot) >> 16 for slot in (bias, *slots))
        p = self._p[clamp(odds, 0, 8 * ODDS - 1) >> 3]
        bit = self._binary.get(p)
        error = (bit << 16) - p
        for line, slot in zip(self._line, slots, strict=True):
            count = slot & COUNT_MOST
            line[node] = slot + (error * self._gain[count] & ~COUNT_MOST) + (count < COUNT_MOST) & MASK
        self._bias[kind, self._state] = bias + error * 40 & MASK
        return bit

    def _frame(self) -> None:
        changed = False
        for c, channel in enumerate(self._channels):
            before = self._past(c, 1)
            self._prepare(c, int(self._within and not changed))
            code = self._sample(before, self._highest[c])
            self._codes[c].append(code)
            channel.learn(before, min(abs(code - before), LONG))
            changed |= code != before
        self._quiet = 0 if changed else self._quiet + 1
        if changed:
            self._longer, self._halving, self._within = 0, False, False

    def _prepare(self, c: int, within: int) -> None:
        channel = self._channels[c]
        x1, x2, x3, x4 = (self._past(c, back) for back in range(1, 5))
        y0 = y1 = 0
        if len(self._codes) > 1:
            other = c - 1 if c else len(self._codes) - 1
            y0, y1 = self._past(other, 1), self._past(other, 2)
        since, run = min(channel.since, 400), min(channel.run, 255)
        classes = class_of(run) + 32 * class_of(since)
        own, step, inside = c * CHANNEL, (x1 - x2) * STEP, within * WITHIN
        one = own + x1 * FIRST
        two = one + x2 * SECOND
        half = half_octave(channel.fast) * HALF
        self._base = [
            two + y0 * OTHER + 0x20000000,
            one + run * RUN + channel.before * BEFORE + inside + 0x50000000,
            own + since * SINCE + step + 0x77000000,
            one + classes * CLASSES + inside + 0x44000000,
            one + y0 * OTHER + y1 * BESIDE + 0x55555555,
            own + half + step + 0x40000000,
            own + classes * CLASSES + step + (y0 - y1) * BESIDE + 0x05432100,
            own + step + (x1 - x4) * HALF + (x1 - x3) * BESIDE + 0x09876543,
        ][: self._k]
        self._state = class_of(run) + 32 * within
        self._turn(0)

    def _sample(self, before: int, highest: int) -> int:
        if highest == 0 or not self._ask(0, 0):
            return before
        down = int(before == highest)
        if 0 < before < highest:
            down = self._ask(1, 1)
        room = before if down else highest - before
        far = 1
        while far <= 6 and far < room and self._ask(1 + far + 6 * down, 1 + far + 6 * down):
            far += 1
        if far == 7 and room > 7:
            far = 6 + self._far(room - 6, down)
        return before - far if down else before + far

    def _far(self, most: int, down: int) -> int:
        self._turn(1 + down)
        bits = 0
        while bits < top(most) and self._ask(min(bits, 15), BITS):
            bits += 1
        made = 1
        for at in range(bits):
            first = 1 << at % 3
            if first == 1:
                self._turn(64 * made + 2 * bits + down + 3)
            bit = 0
            if (2 * made + 1) << bits - 1 - at <= most:
                bit = self._ask(first | made & first - 1, FAR)
            made = 2 * made + bit
        return made

    def _stretch(self, frames: int) -> bool:
        """Decode whether all channels hold for a stretch."""
        first, last = self._channels[0], self._channels[-1]
        which, quiet = self._longer + 4 * self._halving, min(self._quiet, 255)
        x0, z0, since = self._past(0, 1), self._past(-1, 1), min(first.since, 400)
        own = which * CHANNEL
        self._base = [
            own + quiet * RUN + x0 * FIRST,
            own + quiet * SINCE + 0x1000,
            own + quiet * SINCE + (since >> 2) * CLASSES + 0x43333333,
            own
            + class_of(quiet) * SINCE
            + x0 * HALF
            + first.before * STEPS
            + z0 * FIRST
            + last.before * OTHER
            + 0x63333333,
        ]
        self._state = class_of(quiet)
        self._turn(0)
        holds = bool(self._ask(which, STRETCHES + which))
        if holds:
            for line, channel in zip(self._codes, self._channels, strict=True):
                line += [line[-1]] * frames
                channel.hold(frames)
            self._quiet += frames
        if holds and not self._halving:
            self._longer = min(LONGER, self._longer + 1)
        else:
            self._within = self._longer == 0
            self._halving = True
            self._longer = max(0, self._longer - 1)
        return holds
