"""The end of a wide block: parameters and packet (docs/format/n1-wide.md)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from n1reference.errors import CorruptError
from n1reference.n1 import rans
from n1reference.n1.bits import Bits, unzigzag
from n1reference.n1.fixed import clamp, quotient
from n1reference.n1.known import at_hand
from n1reference.n1.params import MAX_SETS, Params
from n1reference.n1.tables import TABLES
from n1reference.n1.widths import Widths

LEAST_LANES: Final = 8
MOST_LANES: Final = 64
MAX_OWN: Final = 4
MAX_NEIGHBOURS: Final = 24
MAX_DEEP: Final = 2
FAR: Final = 15
"""Lanes between a channel and its neighbour."""
TAP_MOST: Final = 32767
TAP_SUM: Final = 65535
LEAST: Final = 26
INTERVAL: Final = 32
COUNTED: Final = 4
GROUP: Final = 8
MEMORY: Final = 24
LAW_HALF: Final = 4096
TAP_MEMORY: Final = 8
LEANS: Final = 2
LEAN_MOST: Final = 31
SECTION: Final = 512
LENGTH: Final = 4


def place(row: int, rows: int) -> int:
    """Return where a row stands in the order of coding."""
    if row == 0:
        return 0
    step = 2 * (row & -row)
    return (rows + step - 1) // step + row // step


@dataclass
class WideParams:
    """What encoder and decoder agree on; `near` is by row, `taps` are by channel."""

    channels: int
    rows: int
    codes: int
    own: int
    neighbours: int
    deep: int
    shift: int
    first: int
    sets: int
    prior: int
    prior_first: int
    stiff_common: int
    stiff_set: int
    known: int
    section: int
    name: int = 0
    near: list[list[int]] = field(default_factory=list)
    centre: list[int] = field(default_factory=list)
    width_set: list[int] = field(default_factory=list)
    taps: list[list[int]] = field(default_factory=list)

    def neighbour(self, channel: int, index: int) -> int | None:
        """Return the channel at a place among a channel's neighbours."""
        distance = self.near[channel % self.rows][index]
        return channel + distance if distance and 0 <= channel + distance < self.channels else None


def read_wide(data: bytes, channels: int, codes: int) -> tuple[WideParams, int]:
    """Read the parameters of so many channels and codes; return them and their length."""
    bits = Bits(data)
    p = WideParams(
        channels=bits.take(16),
        rows=bits.take(16),
        codes=bits.take(16),
        own=bits.take(3),
        neighbours=bits.take(5),
        deep=bits.take(2),
        shift=bits.take(4),
        first=bits.take(20),
        sets=bits.take(7),
        prior=bits.take(1),
        prior_first=bits.take(10),
        stiff_common=bits.take(4),
        stiff_set=bits.take(4),
        known=bits.take(1),
        section=bits.take(3),
    )
    p.name = bits.take(32) if p.known else 0
    good = (
        (p.channels, p.codes) == (channels, codes)
        and 1 <= p.rows <= channels // LEAST_LANES
        and -(-channels // p.rows) <= MOST_LANES
        and 1 <= p.own <= MAX_OWN
        and p.neighbours <= MAX_NEIGHBOURS
        and 1 <= p.deep <= MAX_DEEP
        and 4 <= p.shift <= 14
        and p.first >= LEAST
        and 1 <= p.sets <= MAX_SETS
        and (p.known or not p.section)
    )
    if not good:
        raise CorruptError("n1: a parameter outside its limits")
    p.near = [[bits.signed(3) for _ in range(p.neighbours)] for _ in range(p.rows)]
    p.centre = [bits.take((codes - 1).bit_length()) for _ in range(channels)]
    p.width_set = [bits.take((p.sets - 1).bit_length()) for _ in range(channels)]
    if any(abs(distance) > FAR * p.rows for row in p.near for distance in row):
        raise CorruptError("n1: a neighbour too far away")
    if any(code >= codes for code in p.centre) or any(width_set >= p.sets for width_set in p.width_set):
        raise CorruptError("n1: no such code or width set")
    p.taps = [[] for _ in range(channels)]
    for first in (0, *range(2 * p.own, 2 * (p.own + p.neighbours * p.deep), 2 * p.deep)):
        _read_taps(p, bits, first - 2 * p.own)
    if any(sum(map(abs, taps)) > TAP_SUM for taps in p.taps):
        raise CorruptError("n1: taps that add up to too much")
    return p, bits.end()


def _read_taps(p: WideParams, bits: Bits, at: int) -> None:
    """Read the taps of all channels on their own past, or number `at` and those after it on the same neighbour."""
    away: list[list[int]] = [[] for _ in range(p.channels)]
    for number in range(2 * (p.own if at < 0 else p.deep)):
        usual = bits.signed(4)
        lean = [bits.signed(1) for _ in range(min(number, LEANS))]
        low = bits.take(4)
        if abs(usual) > TAP_MOST or any(abs(by) > LEAN_MOST for by in lean):
            raise CorruptError("n1: a tap outside its limits")
        mean, weight = [16 * usual] * p.rows, [1] * p.rows
        for channel in range(p.channels):
            tap, row = 0, channel % p.rows
            if at < 0 or p.neighbour(channel, at // (2 * p.deep)) is not None:
                moved = sum(by * before for by, before in zip(lean, reversed(away[channel]), strict=False)) >> 3
                tap = (mean[row] + moved + 8 >> 4) + unzigzag(bits.rice(low))
                away[channel].append(16 * tap - mean[row])
                weight[row] = min(weight[row] + 1, TAP_MEMORY)
                mean[row] += quotient(away[channel][-1], weight[row])
            if abs(tap) > TAP_MOST:
                raise CorruptError("n1: a tap outside its limits")
            p.taps[channel].append(tap)


class Wide:
    """A decoder; `block` may be called once."""

    def __init__(self, params: WideParams, value: Callable[[int], int]) -> None:
        p = self._params = params
        self._widths = Widths(
            Params(
                channels=p.channels, codes=p.codes, prior_first=p.prior_first, own=1, neighbours=0, past=0, sets=p.sets,
                sigma=2, prior=p.prior, contexts=1, stiff_common=p.stiff_common, stiff_set=p.stiff_set,
            ),
            pace=1,
        )  # fmt: skip
        if p.known:
            self._widths.know(at_hand(p.name, p.sets).tables(p.codes, value))
        room, normal = rans.PROB_ONE - p.codes, TABLES["normal"]
        self._law: list[int] = [
            (normal[i // 2] + normal[(i + 1) // 2] >> 1) * room >> 28 for i in range(2 * LAW_HALF + 1)
        ]
        self._order = sorted(range(p.rows), key=lambda row: place(row, p.rows))
        self._lags = [[self._lag(row, distance) for distance in p.near[row]] for row in range(p.rows)]
        self._begin()

    def _begin(self) -> None:
        """Begin a section: nothing is known but code widths."""
        p = self._params
        self._size = [p.first] * p.channels
        self._errors = [0] * p.channels
        self._intervals = 0
        self._codes: list[list[int]] = [[] for _ in range(p.channels)]
        self._bins: list[list[int]] = [[] for _ in range(p.channels)]
        self._volt: list[list[int]] = [[] for _ in range(p.channels)]

    def _lag(self, row: int, distance: int) -> int:
        """Return how long ago the newest sample of a neighbour is that a row may look at."""
        rows = self._params.rows
        return 0 if distance and place((row + distance) % rows, rows) < place(row, rows) else 1

    def block(self, data: bytes, n_frames: int) -> list[list[int]]:
        """Return the codes of each channel, of all sections."""
        section = SECTION << self._params.section if self._params.section else n_frames
        counts = [min(section, n_frames - at) for at in range(0, n_frames, section)]
        at = LENGTH * (len(counts) - 1)
        if len(data) < at:
            raise CorruptError("n1: sections cut short")
        lengths = [int.from_bytes(data[i : i + LENGTH], "little") for i in range(0, at, LENGTH)]
        codes: list[list[int]] = [[] for _ in range(self._params.channels)]
        for count, length in zip(counts, [*lengths, len(data) - at - sum(lengths)], strict=True):
            if not 0 <= length <= len(data) - at:
                raise CorruptError("n1: sections cut short")
            self._begin()
            for all_of, its in zip(codes, self._packet(data[at : at + length], count), strict=True):
                all_of += its
            at += length
        return codes

    def _packet(self, data: bytes, n_frames: int) -> list[list[int]]:
        """Return the codes of each channel of a section."""
        p = self._params
        lanes = -(-p.channels // p.rows)
        words = rans.Words(data)
        states = [words.first_state() for _ in range(lanes)]
        for frame in range(n_frames):
            for row in self._order:
                members = range(row, p.channels, p.rows)
                for lane, channel in enumerate(members):
                    states[lane] = self._sample(channel, frame, states[lane])
                for first in range(0, len(members), GROUP):
                    for _ in range(2):
                        for lane in range(first, min(first + GROUP, len(members))):
                            if states[lane] < rans.LOW:
                                states[lane] = states[lane] << 16 | words.word()
            self._widths.n += p.channels
            if (frame + 1) % INTERVAL == 0:
                self._turn()
        words.close()
        if any(state != rans.LOW for state in states):
            raise CorruptError("n1: a rANS state does not end where it began")
        return self._codes

    def _at(self, channel: int, frame: int) -> int:
        return self._volt[channel][frame] if frame >= 0 else 0

    def _centre(self, channel: int) -> int:
        return self._widths.edges[self._params.width_set[channel]].middle(self._params.centre[channel])

    def _scale(self, channel: int) -> int:
        """Return sigma, in 1/16."""
        return self._size[channel] * 5133 >> 12

    def _predict(self, channel: int, frame: int) -> int:
        p = self._params
        samples = [self._at(channel, frame - lag) for lag in range(1, 2 * p.own + 1)]
        for index, lag in enumerate(self._lags[channel % p.rows]):
            other = p.neighbour(channel, index)
            for ago in range(lag, lag + 2 * p.deep):
                samples.append(0 if other is None else self._at(other, frame - ago))
        total = sum(tap * sample for tap, sample in zip(p.taps[channel], samples, strict=True))
        return self._centre(channel) + (total + (1 << p.shift - 1) >> p.shift)

    def _sample(self, channel: int, frame: int, state: int) -> int:
        """Decode a sample; return the state, words still missing."""
        edges = self._widths.edges[self._params.width_set[channel]]
        mu = self._predict(channel, frame)
        inverse = (1 << 28) // self._scale(channel)

        def below(code: int) -> int:
            at = clamp((edges.edge[code] - mu) * inverse >> 15, -LAW_HALF, LAW_HALF)
            return self._law[at + LAW_HALF] + code

        code, low, high = rans.find_code(below, self._params.codes, state & rans.PROB_ONE - 1)
        voltage = edges.middle(code)
        self._errors[channel] += min(abs(voltage - mu), self._size[channel])
        self._volt[channel].append(clamp(voltage - self._centre(channel), -32767, 32767))
        self._codes[channel].append(code)
        if frame % COUNTED == COUNTED - 1:
            self._bins[channel].append(clamp(mu >> self._widths.shift, 0, self._params.codes - 1))
        return rans.advance(state, low, high)

    def _turn(self) -> None:
        """End an interval."""
        self._intervals += 1
        memory = min(self._intervals, MEMORY)
        for channel, width_set in enumerate(self._params.width_set):
            variance = self._scale(channel) ** 2 >> 8
            tally = self._widths.tallies[width_set]
            if variance >= self._widths.least:
                for code in self._codes[channel][-INTERVAL:]:
                    tally.seen[code] += 1
                for mean in self._bins[channel]:
                    tally.mean[mean] += COUNTED
                tally.variance += variance
                tally.n += 1
            self._bins[channel] = []
            size = self._size[channel]
            self._size[channel] = max(LEAST, size + quotient(self._errors[channel] // 2 - size, memory + 1))
            self._errors[channel] = 0
        if not self._params.known and self._widths.renew():
            for channel, width_set in enumerate(self._params.width_set):
                edges, centre = self._widths.edges[width_set], self._centre(channel)
                self._volt[channel] = [
                    clamp(edges.middle(code) - centre, -32767, 32767) for code in self._codes[channel]
                ]
