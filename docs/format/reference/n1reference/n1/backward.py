"""The packet of a backward block (docs/format/n1-backward.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from n1reference.errors import CorruptError
from n1reference.n1 import rans
from n1reference.n1.fixed import clamp, inverse_sigma, quotient
from n1reference.n1.least_squares import COEF_Q, solve
from n1reference.n1.params import MANY_CHANNELS, Params
from n1reference.n1.series import HISTORY, INTERVAL, Series
from n1reference.n1.tables import TABLES
from n1reference.n1.widths import Edges, Widths

TAP_Q: Final = 12
TAPS_MOST: Final = 32767
START: Final = (3362, 180, 82, 390)
STRANDS: Final = 8
FEW_STATES: Final = 2
INTERVALS_DENSE: Final = 64
DENSE_EVERY: Final = 4
SCALE_MEMORY: Final = 12
VARIANCE_MIN: Final = 4
FORGET: Final = 16384
INTERVALS_MOST: Final = 1 << 30
SOLVE_MOST: Final = 64
CENTRE_UNTIL: Final = 4096
LAW_HALF: Final = 2048


@dataclass
class _Channel:
    """State of a channel; taps in 2^-12, in the order of the views without the target."""

    series: Series
    table: int
    neighbours: list[int | None]
    taps: list[int]
    sums: list[list[int]]
    target: list[int]
    variance: int
    inverse: int
    errors: int = 0


class Backward:
    """A decoder; `packet` may be called once."""

    def __init__(self, params: Params) -> None:
        self._params = params
        self._widths = Widths(params)
        self._intervals = 0
        self._next_solve = 1
        room = rans.PROB_ONE - params.codes
        self._law: list[int] = [mass * room >> 28 for mass in TABLES["normal"]]
        self._channels = [self._channel(index) for index in range(params.channels)]

    def _channel(self, index: int) -> _Channel:
        p, shift = self._params, self._widths.shift
        n = p.own + p.neighbours * (1 + p.past)
        r = ((1 << p.sigma) << 8 >> 2 * shift) + 16
        taps = [0] * n
        for lag in range(1, min(4, p.own) + 1):
            taps[p.own - lag] = START[lag - 1]
        return _Channel(
            series=Series((p.codes << shift) // 2, shift),
            table=p.width_set[index],
            neighbours=p.neighbour[index],
            taps=taps,
            sums=[[0] * i + [r] for i in range(n)],
            target=[r * tap >> TAP_Q for tap in taps],
            variance=1 << p.sigma,
            inverse=int(TABLES["inv_sigma"][16 * p.sigma]),
        )

    def packet(self, data: bytes, n_frames: int) -> list[list[int]]:
        """Return the codes of each channel."""
        channels = len(self._channels)
        words = rans.Words(data)
        states = [words.first_state() for _ in range(FEW_STATES if channels < MANY_CHANNELS else STRANDS)]
        codes: list[list[int]] = [[] for _ in range(channels)]
        for first in range(0, n_frames, INTERVAL):
            frames = min(INTERVAL, n_frames - first)
            for channel, strand in self._order(frames):
                states[strand], code = self._sample(channel, len(codes[channel]) - first, states[strand])
                while states[strand] < rans.LOW:
                    states[strand] = states[strand] << 16 | words.word()
                codes[channel].append(code)
            self._widths.n += frames * channels
            if frames == INTERVAL:
                self._turn()
        words.close()
        if any(state != rans.LOW for state in states):
            raise CorruptError("n1: a rANS state does not end where it began")
        return codes

    def _order(self, frames: int) -> Iterator[tuple[int, int]]:
        """Yield the channel and the state of each sample of an interval's frames."""
        channels = len(self._channels)
        if channels < MANY_CHANNELS:
            turn = self._widths.n  # samples so far: symbol n uses state n mod 2
            for at in range(frames * channels):
                yield at % channels, (turn + at) % FEW_STATES
            return
        starts = [channels * strand // STRANDS for strand in range(STRANDS + 1)]
        least = channels // STRANDS
        for step in range(frames + STRANDS - 1):
            working = [strand for strand in range(STRANDS) if 0 <= step - strand < frames]
            for rank in range(least + 1):
                for strand in working:
                    if starts[strand] + rank < starts[strand + 1]:
                        yield starts[strand] + rank, strand

    def _predict(self, channel: _Channel, place: int) -> int:
        """Return the predicted voltage of the interval's sample at a place."""
        own, past = self._params.own, self._params.past
        at = HISTORY + place
        samples = channel.series.volt[at - own : at]
        for other in channel.neighbours:
            samples += [0] * (1 + past) if other is None else self._channels[other].series.volt[at - past : at + 1]
        total = sum(tap * sample for tap, sample in zip(channel.taps, samples, strict=True))
        return channel.series.centre + (total + (1 << TAP_Q - 1) >> TAP_Q)

    def _sample(self, index: int, place: int, state: int) -> tuple[int, int]:
        """Decode a sample; return the state, words still missing, and the code."""
        channel = self._channels[index]
        edges = self._widths.edges[channel.table]
        mu = self._predict(channel, place)

        def below(code: int) -> int:
            at = clamp((edges.edge[code] - mu) * channel.inverse >> 16, -LAW_HALF, LAW_HALF)
            return self._law[at + LAW_HALF] + code

        code, low, high = rans.find_code(below, self._params.codes, state & rans.PROB_ONE - 1)
        self._learn(channel, edges, place, code, mu)
        return rans.advance(state, low, high), code

    def _learn(self, channel: _Channel, edges: Edges, place: int, code: int, mu: int) -> None:
        voltage = edges.middle(code)
        if self._intervals == 0 and place == 0:
            channel.series.centre = voltage
        else:
            channel.errors += min((voltage - mu) ** 2, 16 * channel.variance)
        channel.series.put(code, voltage)
        if channel.variance >= self._widths.least:
            self._widths.count(channel.table, code, mu)

    def _turn(self) -> None:
        """End an interval."""
        self._intervals += 1
        if self._intervals == INTERVALS_MOST:
            self._intervals = self._next_solve = INTERVALS_MOST // 2
        b = self._intervals
        recentre = b & (b - 1) == 0 and b <= CENTRE_UNTIL
        means = [channel.series.close(b) for channel in self._channels]
        for channel in self._channels:
            self._follow(channel)
            if b <= INTERVALS_DENSE or b % DENSE_EVERY == 0:
                self._gather(channel)
            if b >= self._next_solve:
                self._solve(channel)
        if b >= self._next_solve:
            self._next_solve = b + min(b, SOLVE_MOST)
        renewed = self._widths.renew()
        for channel, mean in zip(self._channels, means, strict=True):
            centre = mean if recentre else channel.series.centre
            edges = self._widths.edges[channel.table]
            channel.series.turn(centre, edges if renewed or centre != channel.series.centre else None)

    def _follow(self, channel: _Channel) -> None:
        """Let the variance follow the interval's errors."""
        memory = min(self._intervals, SCALE_MEMORY)
        channel.variance += quotient(channel.errors // INTERVAL - channel.variance, memory + 1)
        channel.variance = max(VARIANCE_MIN, channel.variance)
        channel.errors = 0
        channel.inverse = inverse_sigma(channel.variance)
        if channel.variance >= self._widths.least:
            tally = self._widths.tallies[channel.table]
            tally.variance += channel.variance
            tally.n += 1

    def _gather(self, channel: _Channel) -> None:
        """Add the interval's products to the sums."""
        views = [channel.series.view(lag) for lag in range(self._params.own, 0, -1)]
        for other in channel.neighbours:
            for lag in range(self._params.past, -1, -1):
                views.append([0] * INTERVAL if other is None else self._channels[other].series.view(lag))
        target = channel.series.view(0)
        halve = 1 if self._intervals % FORGET == 0 else 0
        for i, x in enumerate(views):
            for j in range(i + 1):
                channel.sums[i][j] = channel.sums[i][j] + dot(x, views[j]) >> halve
            channel.target[i] = channel.target[i] + dot(x, target) >> halve

    def _solve(self, channel: _Channel) -> None:
        solution = solve(channel.sums, channel.target)
        if solution is None:
            return
        taps = [x + (1 << COEF_Q - TAP_Q - 1) >> COEF_Q - TAP_Q for x in solution]
        if sum(map(abs, taps)) <= TAPS_MOST:
            channel.taps = taps


def dot(x: list[int], y: list[int]) -> int:
    """Return the sum of products."""
    return sum(a * b for a, b in zip(x, y, strict=True))
