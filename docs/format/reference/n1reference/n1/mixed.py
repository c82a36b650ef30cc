"""The packet of a mixed block (docs/format/n1-mixed.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from n1reference.errors import CorruptError, TruncatedError
from n1reference.n1.bank import MEAN_Q, Bank
from n1reference.n1.context import CONTEXT_SIZE, Context, Scales
from n1reference.n1.fixed import clamp, inverse_sigma, log2, quotient
from n1reference.n1.params import MAX_CONTEXTS, Params
from n1reference.n1.series import HISTORY, INTERVAL, Series
from n1reference.n1.tables import TABLES
from n1reference.n1.widths import Edges, Widths

NODES: Final = 32
DEPTHS: Final = 32
NODE_DEPTH: Final = 5
TAIL_DEPTH: Final = 20
RATE: Final = 18
WEIGHT_Q: Final = 20
WEIGHT_MOST: Final = 8 << WEIGHT_Q
ODDS_MOST: Final = 12 * 4096
CONSTANT_ODDS: Final = 1024
PROB_LEAST: Final = 16
ERROR_MOST: Final = 1 << 20
INTERVALS_MOST: Final = 1 << 30
CENTRE_UNTIL: Final = 4096
MASK: Final = (1 << 64) - 1
OVERRUN: Final = 8
"""Bytes beyond the packet that a decoder takes as zeros."""


class Binary:
    """The binary arithmetic decoder."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._low, self._high, self._value = 0, MASK, 0
        self._at = 0
        for _ in range(8):
            self._value = self._value << 8 | self._byte()

    def _byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1] if self._at <= len(self._data) else 0

    def get(self, p1: int) -> int:
        """Return a bit that is 1 with probability p1 / 65536."""
        middle = self._low + (self._high - self._low >> 16) * p1
        bit = int(self._value <= middle)
        if bit:
            self._high = middle
        else:
            self._low = middle + 1
        while (self._low ^ self._high) >> 56 == 0:
            self._low = self._low << 8 & MASK
            self._high = self._high << 8 & MASK | 255
            self._value = self._value << 8 & MASK | self._byte()
        return bit

    def check_overrun(self) -> None:
        """Raise if more zeros were taken than an encoder leaves out."""
        if self._at > len(self._data) + OVERRUN:
            raise TruncatedError("n1: a packet is cut short")

    def close(self) -> None:
        """Raise if bytes were left."""
        if self._at < len(self._data):
            raise CorruptError("n1: bytes follow a packet")


def squash(odds: int) -> int:
    """Return P(1) in 1/65536 from log2 odds in 1/4096."""
    u = quotient(clamp(odds, -ODDS_MOST, ODDS_MOST) * 11357, 4096) + (768 << 8)
    i, f = u >> 8, u & 255
    a, b = TABLES["squash"][i : i + 2]
    return clamp(a + ((b - a) * f + 128 >> 8), PROB_LEAST, 65536 - PROB_LEAST)


@dataclass
class _Law:
    """A normal law around a mean; masses at the ends of what is left, and at the split."""

    mean: int
    inverse: int
    low: int
    high: int
    middle: int = 0

    def below(self, voltage: int) -> int:
        """Return the mass below a voltage in 1/16 unit, of 2^28."""
        reach = (1 << 27) // self.inverse
        d = clamp(voltage - self.mean, -reach, reach)
        return int(TABLES["normal"][2048 + (d * self.inverse + 32768 >> 16)])


@dataclass
class _Channel:
    bank: Bank
    scales: Scales
    table: int


class Mixed:
    """A decoder; `packet` may be called once."""

    def __init__(self, params: Params) -> None:
        self._codes = params.codes
        self._contexts = params.contexts
        self._floor = 16384 // params.codes + 1
        self._widths = Widths(params)
        self._intervals = 0
        self._started = False
        shift = params.unit_shift
        self._series = [Series((params.codes << shift) // 2, shift) for _ in range(params.channels)]
        variance = (1 << params.sigma) << 2 * MEAN_Q
        self._channels = [
            _Channel(Bank(params, index), Scales(variance), params.width_set[index]) for index in range(params.channels)
        ]
        self._context = [[Context() for _ in range(CONTEXT_SIZE)] for _ in range(MAX_CONTEXTS)]
        weights = [(1 << WEIGHT_Q) // (params.contexts + 1)] * (params.contexts + 1) + [0]
        self._weights = [list(weights) for _ in range(NODES + DEPTHS)]
        self._split = [0]
        for depth in range(NODE_DEPTH):
            self._split += [TABLES["normal_inv"][(2 * j + 1 << 9) >> depth] for j in range(1 << depth)]

    def packet(self, data: bytes, n_frames: int) -> list[list[int]]:
        """Return the codes of each channel."""
        binary = Binary(data)
        codes: list[list[int]] = [[] for _ in self._channels]
        for frame in range(n_frames):
            for index in range(len(self._channels)):
                codes[index].append(self._sample(binary, index, frame % INTERVAL))
            self._started = True
            self._widths.n += len(self._channels)
            if frame % INTERVAL == INTERVAL - 1:
                self._turn()
            binary.check_overrun()
        binary.close()
        return codes

    def _sample(self, binary: Binary, index: int, place: int) -> int:
        channel, series = self._channels[index], self._series[index]
        edges = self._widths.edges[channel.table]
        joint = channel.bank.predict(self._series, index, place)
        mu = (series.centre << MEAN_Q) + joint
        where = channel.scales.find(joint, series.volt[HISTORY + place - 1] << MEAN_Q)
        contexts = [self._context[i][where[i]] for i in range(self._contexts)]
        high = (1 << 28) + self._codes * self._floor
        laws = [_Law(mu + x.bias(channel.scales), inverse_sigma(x.variance(channel.scales)), 0, high) for x in contexts]
        laws.append(_Law(mu, inverse_sigma(channel.scales.middle), 0, high))
        code = self._code(binary, laws, edges, mu, channel.scales.scale)
        self._learn(channel, series, edges, contexts, code, mu)
        return code

    def _code(self, binary: Binary, laws: list[_Law], edges: Edges, mu: int, scale: int) -> int:
        """Halve the span of codes until one is left."""
        low, high, node, depth = 0, self._codes, 1, 0
        while high - low > 1:
            split = self._split_at(edges, mu, scale, low, high, node, depth)
            odds = []
            for law in laws:
                law.middle = law.below(edges.edge[split] << MEAN_Q) + split * self._floor
                odds.append(log2(law.high - law.middle) - log2(law.middle - law.low))
            odds.append(CONSTANT_ODDS)
            weights = self._weights[node if depth < NODE_DEPTH else NODES + min(depth, DEPTHS - 1)]
            mixed = sum(w * o for w, o in zip(weights, odds, strict=True)) >> WEIGHT_Q
            p1 = squash(clamp(mixed, -ODDS_MOST, ODDS_MOST))
            bit = binary.get(p1)
            error = (bit << 16) - p1
            for i, o in enumerate(odds):
                step = error * o + (1 << RATE - 1) >> RATE
                weights[i] = clamp(weights[i] + step, -WEIGHT_MOST, WEIGHT_MOST)
            for law in laws:
                if bit:
                    law.low = law.middle
                else:
                    law.high = law.middle
            low, high = (split, high) if bit else (low, split)
            node, depth = 2 * node + bit, depth + 1
        return low

    def _split_at(self, edges: Edges, mu: int, scale: int, low: int, high: int, node: int, depth: int) -> int:
        """Return the code that begins the upper part of low .. high - 1."""
        if depth < NODE_DEPTH:
            voltage = mu + (self._split[node] * scale >> 12)
            voltage = voltage + (1 << MEAN_Q - 1) >> MEAN_Q
            code = edges.find[clamp(voltage >> self._widths.shift, 0, self._codes - 1)]
            while code + 1 < high and edges.middle(code) < voltage:
                code += 1
            return clamp(code, low + 1, high - 1)
        if (low == 0 or high == self._codes) and depth <= TAIL_DEPTH:
            stride = ((scale >> 8 >> self._widths.shift + 1) + 1) << depth - NODE_DEPTH
            if stride < high - low:
                return high - stride if low == 0 and high != self._codes else low + stride
        return low + (high - low) // 2

    def _learn(
        self, channel: _Channel, series: Series, edges: Edges, contexts: list[Context], code: int, mu: int
    ) -> None:
        voltage = edges.middle(code)
        if not self._started:
            series.centre = voltage
        series.put(code, voltage)
        if channel.scales.slow >= self._widths.least << 2 * MEAN_Q:
            self._widths.count(channel.table, code, mu >> MEAN_Q)
        if not self._started:
            return
        y = voltage - series.centre
        e = clamp((voltage << MEAN_Q) - mu, -ERROR_MOST, ERROR_MOST)
        for context in contexts:
            context.learn(channel.scales, e)
        channel.scales.learn(e, y << MEAN_Q)
        channel.bank.learn(y)

    def _turn(self) -> None:
        """End an interval."""
        self._intervals += 1
        if self._intervals == INTERVALS_MOST:
            self._intervals = INTERVALS_MOST // 2
        b = self._intervals
        recentre = b & (b - 1) == 0 and b <= CENTRE_UNTIL
        means = [series.close(b) for series in self._series]
        for index, channel in enumerate(self._channels):
            if channel.scales.slow >= self._widths.least << 2 * MEAN_Q:
                tally = self._widths.tallies[channel.table]
                tally.variance += channel.scales.slow >> 2 * MEAN_Q
                tally.n += 1
            channel.bank.turn(self._series, index, b)
        renewed = self._widths.renew()
        for channel, series, mean in zip(self._channels, self._series, means, strict=True):
            centre = mean if recentre else series.centre
            edges = self._widths.edges[channel.table]
            series.turn(centre, edges if renewed or centre != series.centre else None)
