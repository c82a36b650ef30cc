"""Blocks of contexts (docs/format/n1-contexts.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from n1reference.n1.fixed import clamp, log2
from n1reference.n1.mixed import ODDS_MOST, PROB_LEAST, WEIGHT_MOST, WEIGHT_Q, Binary, squash

CONTEXTS: Final = 5
MIN_SAMPLES: Final = 128
MAX_CHANNELS: Final = 4096
FEW, MANY = 5, 11
KINDS: Final = 32
CLASSES: Final = 32
HISTORIES: Final = 32
ROWS_BITS: Final = 10
STEPS: Final = 24
MATCHED: Final = 8
CHECKS: Final = 32
COUNT_MOST: Final = 31
LONG: Final = 65535
MASK: Final = (1 << 32) - 1


def join(h: int, value: int) -> int:
    """Return a hash of what came before and a number."""
    h = (h + value + 1) * 0x9E3779B1 & MASK
    return h ^ h >> 15


def spread(h: int) -> int:
    """Return a hash whose high bits are good."""
    return h * 0x85EBCA6B & MASK


def top(value: int) -> int:
    """Return the place of the highest one."""
    return value.bit_length() - 1


def class_of(value: int) -> int:
    """Return a length's class: exact to 15, then by quarters of an octave."""
    if value < 16:
        return value
    return min(CLASSES - 1, 16 + 4 * (top(value) - 4) + (value >> top(value) - 2 & 3))


def half_octave(value: int) -> int:
    """Return the half octave of a mean step."""
    value |= 16
    return 2 * top(value) + (value >> top(value) - 1 & 1)


def odds_of(p: int) -> int:
    """Return log2 odds of a probability."""
    return log2(p) - log2(65536 - p)


def follow(p: int, bit: int, rate: int) -> int:
    """Return a probability that has seen a bit."""
    return clamp(p + (65535 * bit - p >> rate), 32, 65503)


def first_guess(history: int) -> int:
    """Return P(1) behind a history."""
    digits = bin(history)[3:] if history else ""
    ones, zeros = 1 + 2 * digits.count("1"), 1 + 2 * digits.count("0")
    return 65536 * ones // (zeros + ones)


@dataclass
class _Slot:
    p: int = 32768
    n: int = 0
    history: int = 1
    check: int = 0


@dataclass
class Past:
    """What is remembered of a channel beside its codes."""

    run: int = 0
    before: int = 0
    since: int = 0
    fast: int = 0
    slow: int = 0

    def learn(self, before: int, step: int) -> None:
        """See how far a code is from the one before."""
        if step:
            self.before = before
        self.run = 0 if step else min(LONG, self.run + 1)
        self.fast += 256 * min(step, LONG) - self.fast >> 3
        self.slow += 256 * min(step, LONG) - self.slow >> 5
        self.since = 0 if 256 * step > 4 * self.slow + 256 else min(LONG, self.since + 1)


@dataclass
class _Channel(Past):
    length: int = 0
    place: int = 0


class Model:
    """What a packet's decoder knows; `packet` may be called once."""

    rate_mix = 16
    more_slots = 3
    most_slots = 21
    lean = False

    def __init__(self, highest: list[int], n_frames: int, contexts: int) -> None:
        self._highest = highest
        self._n_frames = n_frames
        self._k = contexts
        self._codes: list[list[int]] = [[] for _ in highest]
        self._channels = [_Channel() for _ in highest]
        samples = n_frames * len(highest)
        self._slot_bits = clamp(top(samples) + self.more_slots, 12, self.most_slots)
        self._recent_shift = 32 - clamp(top(samples), 8, 18)
        self._slots: dict[int, _Slot] = {}
        self._recent: dict[int, tuple[int, int]] = {}
        first = self._first_weights()
        self._by_match = [[list(first) for _ in range(CLASSES)] for _ in range(KINDS)]
        self._by_run = [[list(first) for _ in range(CLASSES)] for _ in range(KINDS)]
        guesses = [first_guess(h) for h in range(HISTORIES)]
        self._history = [[list(guesses) for _ in range(KINDS)] for _ in range(contexts)]
        self._right = [[58000] * KINDS for _ in range(CLASSES)]
        row = [squash(4096 * j - ODDS_MOST) for j in range(STEPS + 1)]
        self._refined = [list(row) for _ in range(1 << ROWS_BITS)]
        self._base: list[int] = []
        self._pair = self._match_class = self._run_class = self._foretold = 0
        self._matching = False
        self._hash: list[int] = []

    def _first_weights(self) -> list[int]:
        return [(3 << WEIGHT_Q) // (10 * self._k)] * (2 * self._k) + [1 << 18] * 3

    def packet(self, data: bytes) -> list[list[int]]:
        """Return the codes of each channel."""
        self._binary = Binary(data)
        for _ in range(self._n_frames):
            for c in range(len(self._highest)):
                self._prepare(c)
                code = self._sample(self._past(c, 1), self._highest[c])
                self._codes[c].append(code)
                self._learn(c, code)
            self._binary.check_overrun()
        self._binary.close()
        return self._codes

    def _past(self, c: int, back: int) -> int:
        """Return the code of a channel so many samples ago."""
        line = self._codes[c]
        return line[-back] if back <= len(line) else 0

    def _prepare(self, c: int) -> None:
        channel = self._channels[c]
        x = [self._past(c, back) for back in range(1, 9)]
        y0 = y1 = 0
        if len(self._codes) > 1:
            other = c - 1 if c else len(self._codes) - 1
            y0, y1 = self._past(other, 1), self._past(other, 2)
        o1 = join(c, x[0])
        o2 = join(o1, x[1])
        d1, d2, d3 = (x[i] - x[i + 1] & MASK for i in range(3))
        base = [
            join(join(o1, min(channel.since, 400)), 0x10000000),
            o2,
            join(join(o2, y0), 0x20000000),
            join(join(join(c + 0x30000000, d1), d2), d3),
            join(join(c + 0x40000000, half_octave(channel.fast)), d1),
        ]
        if self._k > FEW:
            o4 = join(join(o2, x[2]), x[3])
            base += [
                o1,
                o4,
                join(join(join(join(o4, x[4]), x[5]), x[6]), x[7]),
                join(join(o1, y0), y1),
                join(join(join(o1, min(channel.run, 255)), channel.before), 0x50000000),
                join(join(join(c + 0x60000000, half_octave(channel.fast) >> 1), d1), y0 - y1 & MASK),
            ]
        self._base, self._pair = base, o2
        self._turn(0)
        self._run_class, self._match_class = class_of(channel.run), class_of(channel.length)
        self._matching = channel.length > 0
        self._foretold = self._codes[c][channel.place] - x[0] if self._matching else 0

    def _sample(self, before: int, highest: int) -> int:
        if highest == 0 or not self._ask(0, 0, int(self._foretold != 0)):
            return before
        down = int(before == highest)
        if 0 < before < highest:
            down = self._ask(1, 1, int(self._foretold < 0))
        most = before if down else highest - before
        foretold = max(1, abs(self._foretold))
        k = 0
        while k < top(most) and self._ask(2 + 32 * down + k, 2 + 8 * down + min(k, 7), int(top(foretold) > k)):
            k += 1
        far = 1
        for i in range(k - 1, -1, -1):
            if (k - 1 - i) % 3 == 0:
                self._turn(far + (2 * k + down) * 0x01000193)
            node = 128 + far + (2 * k + down) * 0x01000193 & MASK
            kind = 18 + 3 * min(k - 1, 3) + min(k - 1 - i, 2)
            far = 2 * far + (self._ask(node, kind, foretold >> i & 1) if (2 * far + 1) << i <= most else 0)
        return before - far if down else before + far

    def _ask(self, node: int, kind: int, expected: int) -> int:
        bit = self._decide(node, kind, expected if self._matching else None)
        self._matching = self._matching and bit == expected
        return bit

    def _more_odds(self) -> list[int]:
        return []

    def _turn(self, place: int) -> None:
        """Go on with the decisions of a place: each context has a line of slots for them."""
        self._hash = [spread(base + place * 0x2C1B3C6D) for base in self._base]

    def _slot(self, i: int, node: int) -> _Slot:
        g = (self._hash[i] + node) * 0x9E3779B1 & MASK
        check, a = g >> 22 & 63, 16 * (self._hash[i] >> 36 - self._slot_bits) + (g >> 28)
        first, second = (self._slots.setdefault(at, _Slot()) for at in (a, a ^ 1))
        for slot in (first, second):
            if slot.n and slot.check == check:
                return slot
        slot = second if second.n < first.n else first
        slot.p, slot.n, slot.history, slot.check = 32768, 0, 1, check
        return slot

    def _decide(self, node: int, kind: int, expected: int | None) -> int:
        odds, slots, histories = [], [], []
        for i in range(self._k):
            slot = self._slot(i, node)
            slots.append(slot)
            histories.append(slot.history)
            odds += [odds_of(slot.p)]
            if not self.lean:
                odds += [odds_of(self._history[i][kind][slot.history])]
        length = 0 if expected is None else self._match_class
        if expected is None:
            match = [0, 0]
        else:
            sign = 1 if expected else -1
            match = [sign * odds_of(self._right[length][kind]), sign * 1024]
        odds += [*match[: 1 if self.lean else 2], 1024, *self._more_odds()]
        sets = (self._by_match[kind][self._first_class(length)], self._by_run[kind][self._run_class])
        mixed = [
            clamp(sum(w * o for w, o in zip(weights, odds, strict=True)) >> WEIGHT_Q, -ODDS_MOST, ODDS_MOST)
            for weights in sets
        ]
        mean = sum(mixed) >> 1
        cell = min(STEPS - 1, mean + ODDS_MOST >> 12)
        part = mean + ODDS_MOST - (cell << 12)
        row = self._refined[spread(self._pair + node * 0x2C1B3C6D) >> 32 - ROWS_BITS]
        refined = row[cell] * (4096 - part) + row[cell + 1] * part >> 12
        bit = self._binary.get(clamp(self._both(squash(mean), refined), PROB_LEAST, 65536 - PROB_LEAST))
        for weights, one in zip(sets, mixed, strict=True):
            error = (bit << 16) - squash(one)
            for i, o in enumerate(odds):
                step = error * o + (1 << self.rate_mix - 1) >> self.rate_mix
                weights[i] = clamp(weights[i] + step, -WEIGHT_MOST, WEIGHT_MOST)
        near = cell + (part >= 2048)
        row[near] = follow(row[near], bit, 6)
        if expected is not None:
            self._right[length][kind] = follow(self._right[length][kind], int(bit == expected), 7)
        for i, slot in enumerate(slots):
            table = self._history[i][kind]
            table[histories[i]] = follow(table[histories[i]], bit, 7)
            self._slot_learn(slot, bit)
        return bit

    def _first_class(self, length: int) -> int:
        return length

    def _both(self, mixed: int, refined: int) -> int:
        return mixed + refined >> 1

    def _slot_learn(self, slot: _Slot, bit: int) -> None:
        rate = 655360 // (10 * slot.n + 16)
        slot.p = clamp(slot.p + ((65535 * bit - slot.p) * rate >> 16), PROB_LEAST, 65536 - PROB_LEAST)
        slot.n = min(COUNT_MOST, slot.n + 1)
        slot.history = 2 * slot.history + bit
        if slot.history >= HISTORIES:
            slot.history = slot.history & 15 | 16

    def _learn(self, c: int, code: int) -> None:
        channel, t = self._channels[c], len(self._codes[c]) - 1
        before = self._past(c, 2)
        if channel.length:
            channel.length = min(LONG, channel.length + 1) if code == self._codes[c][channel.place] else 0
            channel.place += 1
        channel.learn(before, abs(code - before))
        if t >= MATCHED:
            self._look_for_match(c, t)

    def _look_for_match(self, c: int, t: int) -> None:
        channel, line = self._channels[c], self._codes[c]
        h = c
        for i in range(MATCHED):
            h = join(h, line[t - i])
        at, check = spread(h) >> self._recent_shift, spread(h) % CHECKS
        place, found = self._recent.get(at, (0, check))
        if not channel.length and 0 < place <= t and found == check:
            then = place - 1
            if all((line[then - i] if then >= i else 0) == line[t - i] for i in range(MATCHED)):
                channel.length, channel.place = MATCHED, place
        self._recent[at] = (t + 1, check)
