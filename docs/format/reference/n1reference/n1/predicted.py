"""Blocks of contexts with predictions, and which of them a block is (docs/format/n1-predicted.md, n1-contexts.md)."""

from __future__ import annotations

from typing import Final

from n1reference.errors import CorruptError
from n1reference.n1.adaptive import decode_others, read_members
from n1reference.n1.alphabet import read_alphabet
from n1reference.n1.bits import Bits
from n1reference.n1.contexts import FEW, MANY, MASK, MAX_CHANNELS, MIN_SAMPLES, Model, class_of, join, top
from n1reference.n1.fixed import clamp, log2, quotient
from n1reference.n1.forecast import LAGS, LAWS, LEAN_LAWS, REFERENCES, Forecast, Laws, Q, Scales
from n1reference.n1.mixed import ODDS_MOST, WEIGHT_Q
from n1reference.n1.quick import FEW as QUICK_FEW
from n1reference.n1.quick import MANY as QUICK_MANY
from n1reference.n1.quick import Quick
from n1reference.samples import Dtype

MAX_PREDICTED: Final = 128
COUNTED: Final = 1 << 16
HOW_MANY, HOW_PREDICTED, HOW_QUICK = 1, 2, 3
LEAN: Final = 2
"""Behind HOW_QUICK: predictions."""
WIDTH_MOST: Final = 20000
SEEN_MOST: Final = 60000


def standing(distance: int, scale: int) -> int:
    """Return a residual in half mean ones, 6 at most."""
    return clamp(quotient(distance * 2 << Q, scale >> 8 | 1), -6, 6) & MASK


class Predicted(Model):
    """The same with predictions and laws."""

    rate_mix = 17
    more_slots = 5
    most_slots = 22
    contexts = MANY
    laws: tuple[tuple[int, int, int], ...] = LAWS

    def __init__(self, highest: list[int], n_frames: int, references: list[list[int]]) -> None:
        super().__init__(highest, n_frames, self.contexts)
        self._forecasts = [Forecast(some, self.lean) for some in references]
        self._scales = Scales()
        self._seen: list[list[int]] = [[0] * (most + 1) if most < COUNTED else [] for most in highest]
        self._width = self._row = self._anchor = self._c = self._octave = 0
        self._one = self._zero = [0] * len(self.laws)

    def _first_weights(self) -> list[int]:
        contexts = [(1 << WEIGHT_Q) // (10 * MANY)] * (2 * MANY)
        return [*contexts, 1 << 18, *self._other_weights()]

    def _other_weights(self) -> list[int]:
        return [1 << 18, 0, 1 << 18, *[(8 << WEIGHT_Q) // (10 * len(self.laws))] * len(self.laws)]

    def _more_odds(self) -> list[int]:
        laws = [
            clamp(log2(one | 1) - log2(zero | 1), -ODDS_MOST, ODDS_MOST)
            for one, zero in zip(self._one, self._zero, strict=True)
        ]
        width, self._width = self._width, 0
        return [width, *laws]

    def _both(self, mixed: int, refined: int) -> int:
        return 3 * mixed + refined >> 2

    def _prepare(self, c: int) -> None:
        self._c = c
        forecast, channel, most = self._forecasts[c], self._channels[c], self._highest[c]
        x = [self._past(c, back) for back in range(1, 5)]
        steps = []
        for other in forecast.references:
            y = [self._past(other, back) for back in range(1, LAGS + 2)]
            steps.append([y[lag] - y[lag + 1] for lag in range(LAGS)])
        forecast.prepare(x[0], steps, most)
        self._row = self._scales.row(forecast)
        class_scale = self._scales.scale(forecast, self._row)
        self._laws = Laws(forecast, class_scale, most, self.laws)
        anchor = self._anchor = clamp(forecast.mean[0] + 128 >> Q, 0, most)
        y0 = self._past(c - 1 if c else len(self._codes) - 1, 1) if len(self._codes) > 1 else 0
        far = anchor - x[0] & MASK
        o1 = join(c, x[0])
        o2 = join(o1, x[1])
        scale = forecast.scale[0][1]
        half, own, part = log2(scale | 1) >> 11, log2(class_scale | 1) >> 10, forecast.mean[0] >> Q - 2 & 3
        last, last2 = (standing(v, scale) for v in forecast.last)
        beside = forecast.references[0] if forecast.references else c - 1
        near = standing(self._forecasts[beside].now if c else 0, scale)
        self._base = self._some(
            [
                join(join(join(o1, min(channel.since, 400)), far), 0x10000000),
                join(o2, far),
                join(join(join(o2, y0), far), 0x20000000),
                join(join(c + 0x30000000, own), part),
                join(join(0x40000000, own), last),
                join(join(o1, far), 0x45000000),
                join(join(join(join(o2, x[2]), x[3]), far), 3),
                join(join(join(c + 0x50000000, half), last), last2),
                join(join(join(c + 0x60000000, half), near), part),
                join(join(c + 0x70000000, anchor), half >> 1),
                join(join(join(join(o1, min(channel.run, 255)), channel.before), far), 9),
            ]
        )
        self._octave = half >> 1
        self._turn(0)
        self._pair = join(join(c, half), int(far != 0))
        self._run_class = self._row >> 5 << 2 | self._row >> 2 & 3
        self._match_class = class_of(channel.length)
        self._matching = channel.length > 0
        self._foretold = self._codes[c][channel.place] - anchor if self._matching else 0

    def _some(self, base: list[int]) -> list[int]:
        return base

    def _masses(self, one: list[int], zero: list[int]) -> None:
        self._one, self._zero = one, zero

    def _beyond(self, j: int) -> list[int]:
        """Return the mass of the codes that are j or more from the anchor."""
        if self._down:
            return self._laws.below(self._anchor - j + 1)
        return _minus(self._laws.below(self._laws.most + 1), self._laws.below(self._anchor + j))

    def _sample(self, before: int, highest: int) -> int:
        anchor = self._anchor
        if highest == 0 or not self._differs(highest):
            return anchor if highest else 0
        self._most = anchor if self._down else highest - anchor
        foretold = abs(self._foretold) or 1
        scale = self._forecasts[self._c].scale[0][1]
        start = max(0, top(scale >> 16 | 1) - 1)
        k = self._magnitude(start, foretold)
        far = self._mantissa(k, start, foretold)
        return anchor - far if self._down else anchor + far

    def _differs(self, highest: int) -> int:
        anchor, laws = self._anchor, self._laws
        whole = laws.below(highest + 1)
        below, above = laws.below(anchor), _minus(whole, laws.below(anchor + 1))
        one = [u + v for u, v in zip(below, above, strict=True)]
        self._masses(one, _minus(whole, one))
        seen = self._seen[self._c]
        if seen:
            around = range(max(0, anchor - 4), min(highest + 1, anchor + 5))
            others = 2 + sum(seen[k] for k in around if k != anchor)
            width = log2(others) - log2((2 + seen[anchor]) * (len(around) - 1 | 1))
            self._width = clamp(width, -WIDTH_MOST, WIDTH_MOST)
        if not self._ask(0, 0, int(self._foretold != 0)):
            return 0
        self._down = int(anchor == highest)
        if 0 < anchor < highest:
            self._masses(below, above)
            self._down = self._ask(1, 1, int(self._foretold < 0))
        return 1

    def _magnitude(self, start: int, foretold: int) -> int:
        last, should, down = top(self._most), top(foretold), self._down
        start = min(start, last)
        rest = self._beyond(1)
        k = 0
        if start:
            upper = self._beyond(1 << start)
            self._masses(upper, _minus(rest, upper))
            if not self._ask(3 + down, 10, int(should >= start)):
                for k in range(start - 1, 0, -1):
                    here = self._beyond(1 << k)
                    self._masses(_minus(here, upper), _minus(rest, here))
                    if self._ask(5 + 40 * down + start - k, 11, int(should >= k)):
                        return k
                    upper = here
                return 0
            k, rest = start, upper
        while k < last:
            upper = self._beyond(2 << k)
            self._masses(upper, _minus(rest, upper))
            if not self._ask(100 + 40 * down + k - start, 2 + min(k - start, 7), int(should > k)):
                break
            k, rest = k + 1, upper
        return k

    def _width_odds(self, begin: int, middle: int, end: int) -> int:
        seen = self._seen[self._c]
        if not seen:
            return 0
        below, above = 2 + sum(seen[begin:middle]), 2 + sum(seen[middle:end])
        return clamp(log2(above * (middle - begin)) - log2(below * (end - middle)), -WIDTH_MOST, WIDTH_MOST)

    def _mantissa(self, k: int, start: int, foretold: int) -> int:
        down, a, most = self._down, self._anchor, self._most
        low, high = self._beyond(1 << k), self._beyond(2 << k) if 2 << k <= most else [0] * len(self.laws)
        far = 1
        size = min(k - start + 1, 3) if k > start else 0
        if k:
            self._turn(2 * (k - start + 8) + down)
        for at in range(k - 1, -1, -1):
            begin, split, end = 2 * far << at, 2 * far + 1 << at, min((2 * far + 2 << at) - 1, most)
            depth, bit = k - 1 - at, 0
            if split <= most:
                middle = self._beyond(split)
                self._masses(_minus(middle, high), _minus(low, middle))
                if at < 4 and down:
                    self._width = -self._width_odds(a - end, a - split + 1, a - begin + 1)
                elif at < 4:
                    self._width = self._width_odds(a + begin, a + split, a + end + 1)
                if depth < 4:
                    node, kind = 200 + 64 * far + 2 * (k - start + 8) + down, 12 + 3 * size + min(depth, 2)
                else:
                    node = 400000 + 2 * min(depth, 12) + down + 64 * (k - start + 8)
                    kind = 24 + 2 * size + int(depth > 5)
                bit = self._ask(node & MASK, kind, foretold >> at & 1)
                low, high = (middle, high) if bit else (low, middle)
            far = 2 * far + bit
        return far

    def _learn(self, c: int, code: int) -> None:
        forecast, seen = self._forecasts[c], self._seen[c]
        if seen and seen[code] < SEEN_MOST:
            seen[code] += 1
        forecast.now = code - self._anchor
        forecast.last = [forecast.now, forecast.last[0]]
        self._scales.learn(forecast, self._row, code)
        frame = len(self._codes[c]) - 1
        forecast.learn(code, self._past(c, 2), frame + c, frame)
        super()._learn(c, code)


class Lean(Predicted):
    """The same with what brings nearly all of it."""

    lean = True
    contexts = FEW
    laws = LEAN_LAWS

    def _first_weights(self) -> list[int]:
        return [(1 << WEIGHT_Q) // (10 * FEW)] * FEW + self._other_weights()

    def _some(self, base: list[int]) -> list[int]:
        return [base[i] for i in (1, 4, 5, 7, 9)]

    def _first_class(self, length: int) -> int:
        return min(31, self._octave)


def _minus(a: list[int], b: list[int]) -> list[int]:
    return [u - v for u, v in zip(a, b, strict=True)]


def read_references(bits: Bits, members: int) -> list[list[int]]:
    """Return which channels each member is predicted from."""
    if members > MAX_PREDICTED:
        raise CorruptError("n1: too many channels for predictions")
    references: list[list[int]] = []
    for c in range(members):
        count = bits.take(4) if c else 0
        if count > min(c, REFERENCES):
            raise CorruptError("n1: too many references")
        some = [bits.take((c - 1).bit_length()) for _ in range(count)]
        if any(other >= c for other in some):
            raise CorruptError("n1: a reference that is not known yet")
        references.append(some)
    return references


def decode_contexts(block: bytes, n_samples: int, n_channels: int, dtype: Dtype) -> list[list[int]]:
    """Return the samples of each channel."""
    if n_samples < MIN_SAMPLES or n_channels > MAX_CHANNELS:
        raise CorruptError("n1: no blocks of contexts of this shape")
    bits = Bits(block, 1)
    members, others = read_members(bits, n_channels)
    how = bits.take(2)
    quick = bits.take(2) if how == HOW_QUICK else 0
    alphabets = [read_alphabet(bits, dtype) for _ in range(bits.take(3) + 1)]
    indices = [bits.take((len(alphabets) - 1).bit_length()) for _ in members]
    if any(index >= len(alphabets) for index in indices):
        raise CorruptError("n1: a channel without its alphabet")
    own = [alphabets[index] for index in indices]
    highest = [alphabet.n_full - 1 for alphabet in own]
    model: Model | Quick
    if how == HOW_PREDICTED:
        model = Predicted(highest, n_samples, read_references(bits, len(members)))
    elif quick == LEAN:
        model = Lean(highest, n_samples, read_references(bits, len(members)))
    elif quick > LEAN:
        raise CorruptError("n1: no such contexts")
    elif how == HOW_QUICK:
        model = Quick(highest, n_samples, QUICK_MANY if quick else QUICK_FEW)
    else:
        model = Model(highest, n_samples, MANY if how == HOW_MANY else FEW)
    samples: list[list[int]] = [[] for _ in range(n_channels)]
    at = decode_others(block, bits.end(), others, samples, n_samples, dtype)
    codes = model.packet(block[at:])
    for channel, alphabet, line in zip(members, own, codes, strict=True):
        samples[channel] = [alphabet.value(code) for code in line]
    return samples
