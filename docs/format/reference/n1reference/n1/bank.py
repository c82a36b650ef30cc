"""The bank of predictors of a channel (docs/format/n1-mixed.md, "Bank")."""

from __future__ import annotations

from typing import Final

from n1reference.n1.backward import dot
from n1reference.n1.fixed import clamp
from n1reference.n1.least_squares import COEF_Q, solve
from n1reference.n1.params import Params
from n1reference.n1.series import HISTORY, INTERVAL, Series

BANK: Final = 4
MEAN_Q: Final = 4
"""Predictions are in 1/16 voltage unit."""
MEAN_MOST: Final = 1 << 21
STEP_MOST: Final = 32767
STACK_PRIOR: Final = 1024
STACK_FORGET: Final = 7
FORGET: Final = 16384
HIGH_MOST: Final = 32767
START: Final = (53792, 2880, 1312, 6240)
MEMBERS: Final = (
    ((32, 0, 0, 0, 16), (16, 0, 0, 7, 4), (8, 0, 0, 5, 2), (2, 0, 0, 4, 1)),
    ((32, 4, 2, 0, 16), (16, 4, 1, 7, 4), (8, 3, 1, 5, 4), (2, 2, 0, 4, 4)),
    ((8, 16, 2, 0, 16), (4, 8, 1, 8, 16), (4, 3, 1, 6, 4), (2, 1, 0, 5, 4)),
)
"""Own taps, neighbours, past, forget, every: without neighbours, with up to FEW_NEIGHBOURS, with more."""
FEW_NEIGHBOURS: Final = 4


class _Member:
    """A predictor on some of the features."""

    def __init__(self, params: Params, spec: tuple[int, int, int, int, int], r: int) -> None:
        own, neighbours, past = min(spec[0], params.own), min(spec[1], params.neighbours), min(spec[2], params.past)
        self.forget, self.every = spec[3:]
        self.features = list(range(params.own - own, params.own))
        for neighbour in range(neighbours):
            end = params.own + (neighbour + 1) * (1 + params.past)
            self.features += range(end - past - 1, end)
        n = len(self.features)
        lags = [params.own - feature for feature in self.features]
        start = [START[lag - 1] if 1 <= lag <= len(START) else 0 for lag in lags]
        self.sums = [[0] * i + [r] for i in range(n)]
        self.target = [r * x >> COEF_Q for x in start]
        self.coefs = [0] * n
        self.take(start)

    def take(self, coefs: list[int] | None) -> None:
        """Take over coefficients unless they are wild."""
        if coefs is not None and sum(abs(c + 512 >> 10) for c in coefs) <= HIGH_MOST:
            self.coefs = coefs

    def turn(self, views: list[list[int]], target: list[int], intervals: int) -> None:
        """End an interval."""
        forget = self.forget if self.forget and intervals > 1 << self.forget else 0
        halve = 1 if not self.forget and intervals % FORGET == 0 else 0

        def renewed(old: int, product: int) -> int:
            return old + product - (old >> forget if forget else 0) >> halve

        mine = [views[feature] for feature in self.features]
        for i, x in enumerate(mine):
            for j in range(i + 1):
                self.sums[i][j] = renewed(self.sums[i][j], dot(x, mine[j]))
            self.target[i] = renewed(self.target[i], dot(x, target))
        if intervals % self.every == 0 or (intervals < 4 * self.every and intervals % (intervals // 8 + 1) == 0):
            self.take(solve(self.sums, self.target))


class Bank:
    """The predictors of a channel, and how far to go from the first to each of the others.

    Attributes
    ----------
    joint : int
        The combined prediction of the current sample, in 1/16 unit, relative to the centre.
    """

    def __init__(self, params: Params, index: int) -> None:
        self._params = params
        self._neighbours = params.neighbour[index]
        r = ((1 << params.sigma) << 8 >> 2 * params.unit_shift) + 16
        specs = MEMBERS[0 if not params.neighbours else 1 if params.neighbours <= FEW_NEIGHBOURS else 2]
        self._members = [_Member(params, spec, r) for spec in specs]
        prior = STACK_PRIOR << 2 * (params.unit_shift + MEAN_Q)
        self._stack = [[0] * i + [prior] for i in range(BANK - 1)]
        self._stack_target = [prior // BANK] * (BANK - 1)
        self._share = [(1 << COEF_Q) // BANK] * (BANK - 1)
        self._means = [0] * BANK
        self.joint = 0

    def predict(self, series: list[Series], index: int, place: int) -> int:
        """Predict the interval's sample at a place."""
        own, past = self._params.own, self._params.past
        at = HISTORY + place
        samples = series[index].volt[at - own : at]
        for other in self._neighbours:
            samples += [0] * (1 + past) if other is None else series[other].volt[at - past : at + 1]
        down = COEF_Q - MEAN_Q
        for q, member in enumerate(self._members):
            total = sum(c * samples[feature] for c, feature in zip(member.coefs, member.features, strict=True))
            self._means[q] = clamp(total + (1 << down - 1) >> down, -MEAN_MOST, MEAN_MOST)
        first = self._means[0]
        steps = [mean - first for mean in self._means[1:]]
        total = (first << COEF_Q) + dot(self._share, steps)
        self.joint = clamp(total + (1 << COEF_Q - 1) >> COEF_Q, -MEAN_MOST, MEAN_MOST)
        return self.joint

    def learn(self, y: int) -> None:
        """Learn shares from a sample relative to the centre, in voltage units."""
        error = clamp((y << MEAN_Q) - self._means[0], -STEP_MOST, STEP_MOST)
        steps = [clamp(mean - self._means[0], -STEP_MOST, STEP_MOST) for mean in self._means[1:]]
        for i, step in enumerate(steps):
            for j in range(i + 1):
                self._stack[i][j] += step * steps[j]
            self._stack_target[i] += step * error

    def turn(self, series: list[Series], index: int, intervals: int) -> None:
        """End an interval."""
        views = [series[index].view(lag) for lag in range(self._params.own, 0, -1)]
        for other in self._neighbours:
            for lag in range(self._params.past, -1, -1):
                views.append([0] * INTERVAL if other is None else series[other].view(lag))
        target = series[index].view(0)
        for member in self._members:
            member.turn(views, target, intervals)
        self._share = solve(self._stack, self._stack_target) or self._share
        if intervals > 1 << STACK_FORGET:
            self._stack = [[v - (v >> STACK_FORGET) for v in row] for row in self._stack]
            self._stack_target = [v - (v >> STACK_FORGET) for v in self._stack_target]
