"""Predictions and laws of blocks of contexts (docs/format/n1-predicted.md)."""

from __future__ import annotations

from typing import Final

from n1reference.n1.fixed import clamp, log2, quotient
from n1reference.n1.least_squares import solve
from n1reference.n1.tables import TABLES

OWN, LEAN_OWN, REFERENCES, LAGS = 24, 15, 8, 3
QUICK_OWN, QUICK_REFERENCES, QUICK_LAGS = 8, 2, 2
LONG, SHORT = 32, 16
MEANS: Final = 4
Q: Final = 8
FEATURE_MOST: Final = 1 << 23
PART_MOST: Final = 1 << 21
RIDGE: Final = 1 << 16
WARM: Final = 300
WARM_EVERY: Final = 16
LAWS: Final = ((0, 3, 1), (0, 3, 0), (0, 0, 0), (0, 1, 1), (0, 2, 0), (1, 1, 1), (2, 1, 1), (2, 0, 0), (3, 1, 0))
"""Mean, scale, and whether the law is normal."""
LEAN_LAWS: Final = LAWS[:1] + LAWS[2:]


def _within(value: int, most: int) -> int:
    return clamp(value, -most, most)


class _Squares:
    """Sums of products of features, and the taps that they give."""

    def __init__(self, features: int) -> None:
        self.sums = [[RIDGE if i == j else 0 for j in range(i + 1)] for i in range(features)]
        self.target = [0] * features
        self.taps = [0] * features

    def mean(self, features: list[int]) -> int:
        return sum(tap * feature for tap, feature in zip(self.taps, features, strict=True)) + 128 >> 8

    def add(self, features: list[int], step: int, down: int) -> None:
        aim = _within(256 * step >> down, PART_MOST)
        part = [_within(256 * feature >> down, PART_MOST) for feature in features]
        for i, one in enumerate(part):
            row = self.sums[i]
            for j in range(i + 1):
                row[j] += one * part[j]
            self.target[i] += one * aim

    def forget(self, memory: int) -> None:
        self.sums = [[v - (v >> memory) for v in row] for row in self.sums]
        self.target = [v - (v >> memory) for v in self.target]

    def solve(self) -> None:
        self.taps = solve(self.sums, self.target) or self.taps


class _Gradient:
    """Taps on a stage's past that follow the gradient of its error."""

    def __init__(self, count: int, rate: int) -> None:
        self.taps, self.past, self.rate = [0] * count, [0] * count, rate

    def mean(self) -> int:
        return sum(tap * v for tap, v in zip(self.taps, self.past, strict=True)) >> 20

    def learn(self, error: int, now: int) -> None:
        power = 64 * len(self.taps) + sum(v * v for v in self.past)
        gain = _within(quotient(_within(error, 1 << 38) << 20, power), 1 << 32)
        for i, v in enumerate(self.past):
            self.taps[i] = _within(self.taps[i] + _within(gain * v >> self.rate, 1 << 14), 1 << 24)
        self.past = [_within(now, 1 << 28), *self.past[:-1]]


class Forecast:
    """What a channel's next sample is expected to be."""

    def __init__(self, references: list[int], lean: bool) -> None:
        self.references = references
        own = LEAN_OWN if lean else OWN
        self._every = 32 if lean else 16
        self._long = _Squares(own + 1 + len(references) * LAGS)
        self._quick = _Squares(QUICK_OWN + 1 + min(len(references), QUICK_REFERENCES) * QUICK_LAGS)
        self._first, self._second = _Gradient(LONG, 8), _Gradient(SHORT, 7)
        self._steps = [0] * own
        self._level = self._n = 0
        self.mean = [0] * MEANS
        self.scale = [[16 << 16] * 3 for _ in range(MEANS)]
        self.last = [0, 0]
        self.now = 0

    def prepare(self, before: int, steps: list[list[int]], most: int) -> None:
        """Predict; `steps` are the last three of each reference, the newest first."""
        level = _within(before - (self._level >> Q), FEATURE_MOST)
        capped = [[_within(step, FEATURE_MOST) for step in some] for some in steps]
        self._features = [*self._steps, level, *(step for some in capped for step in some)]
        quick = [step for some in capped[:QUICK_REFERENCES] for step in some[:QUICK_LAGS]]
        self._quick_features = [*self._steps[:QUICK_OWN], level, *quick]
        limit, here = most << Q, before << Q
        self._parts = [_within(self._long.mean(self._features), limit)]
        self._parts += [_within(stage.mean(), limit) for stage in (self._first, self._second)]
        quick_mean = _within(self._quick.mean(self._quick_features), limit)
        means = (here + sum(self._parts), here + self._parts[0], here + quick_mean, here)
        self.mean = [clamp(mean, 0, limit) for mean in means]

    def learn(self, value: int, before: int, turn: int, frame: int) -> None:
        """Learn from a code; `turn` is the frame plus the channel."""
        value <<= Q
        step = (value >> Q) - before
        for mean, scale in zip(self.mean, self.scale, strict=True):
            e = min(abs(value - mean) << 8, 12 * scale[2] + (1 << 16))
            scale[0] += e - scale[0] >> 3
            scale[1] += quotient(e - scale[1], self._n + 2 if self._n < 32 else 32)
            scale[2] += quotient(e - scale[2], self._n + 2 if self._n < 256 else 256)
        self._n = min(256, self._n + 1)
        down = (self.scale[1][1] >> 8 | 16).bit_length() - 5
        self._long.add(self._features, step, down)
        self._quick.add(self._quick_features, step, down)
        if turn & 31 == 31:
            if frame > WARM:
                self._long.forget(8)
            self._quick.forget(4)
        every = self._every if frame > WARM else WARM_EVERY
        if turn % every == every - 1:
            self._long.solve()
        if turn % (every // 2) == every // 2 - 1:
            self._quick.solve()
        left = value - (before << Q) - self._parts[0]
        again = left - self._parts[1]
        self._first.learn(again, left)
        self._second.learn(again - self._parts[2], again)
        self._steps = [_within(step, FEATURE_MOST), *self._steps[:-1]]
        self._level = self._level + (value - self._level >> 10) if frame else value


class Scales:
    """Mean residuals over the slow scale, by how the faster scales are to it."""

    def __init__(self) -> None:
        self._ratio, self._n = [1 << 12] * 256, [0] * 256

    def row(self, forecast: Forecast) -> int:
        """Return the class."""
        fast, middle, slow = (log2(scale | 1) for scale in forecast.scale[0])
        return 16 * clamp((fast >> 10) - (slow >> 10) + 8, 0, 15) + clamp((middle >> 9) - (slow >> 9) + 8, 0, 15)

    def scale(self, forecast: Forecast, row: int) -> int:
        """Return the scale that the class gives."""
        return (forecast.scale[0][2] >> 6) * self._ratio[row] >> 6

    def learn(self, forecast: Forecast, row: int, code: int) -> None:
        """Learn from a code, before the forecast does."""
        slow = forecast.scale[0][2] | 1
        e = min(abs((code << Q) - forecast.mean[0]) << 8, 8 * slow)
        self._n[row] = min(400, self._n[row] + 1)
        change = quotient(e * 4096 // slow - self._ratio[row], self._n[row] + 8)
        self._ratio[row] = clamp(self._ratio[row] + change, 64, 8 << 12)


class Laws:
    """Distribution functions around the means of a sample."""

    def __init__(self, forecast: Forecast, scale: int, most: int, laws: tuple[tuple[int, int, int], ...]) -> None:
        self.most = most
        self._laws = []
        for mean, which, normal in laws:
            own = scale if which == 3 else forecast.scale[mean][which]
            own = max(own | 1, (1 << 16) // 24)
            inverse = ((1 << 42) // (5 * own) if normal else (11 << 38) // (8 * own)) | 1
            self._laws.append((forecast.mean[mean], inverse, (1 << 36) // inverse, normal))

    def below(self, k: int) -> list[int]:
        """Return the mass below a code by each law."""
        if k <= 0:
            return [0] * len(self._laws)
        if k > self.most:
            return [(1 << 40) + (1 << 26)] * len(self._laws)
        least = (k << 26) // (self.most + 1)
        masses = []
        for mean, inverse, reach, normal in self._laws:
            limit = (2047 if normal else 767) << 12
            z = _within(_within((k << Q) - 128 - mean, reach) * inverse >> 12, limit)
            cell, part = z >> 12, z & 4095
            table, centre, shift = ("normal", 2048, 12) if normal else ("squash", 768, 24)
            low, high = TABLES[table][cell + centre : cell + centre + 2]
            masses.append((low << shift) + ((high - low) * part << shift - 12) + least)
        return masses
