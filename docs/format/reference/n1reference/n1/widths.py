"""Code widths that are learned as the stream goes (docs/format/n1-backward.md, "Code widths")."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from n1reference.n1.fixed import clamp
from n1reference.n1.params import Params
from n1reference.n1.tables import TABLES

TALLY_MOST: Final = 1 << 26
SMOOTH: Final = 64
WIDTH_MIN: Final = 64
WIDTH_MAX: Final = 32768
AXIS_MOST: Final = 65534
MAX_HALF: Final = 512
"""Half length of a box filter, at most."""


class Edges:
    """Edges of one table on the axis of voltages."""

    def __init__(self, table: list[int], shift: int) -> None:
        codes = len(table)
        length = min(AXIS_MOST, codes << shift)
        scale = (length << 32) // sum(table)
        self.edge: list[int] = []
        for code, at in enumerate(accumulate(table, initial=0)):
            edge = min((at * scale + (1 << 31)) >> 32, length - (codes - code))
            if code:
                edge = max(edge, self.edge[-1] + 1)
            self.edge.append(edge)
        self.find: list[int] = []
        """The code that holds voltage i << shift."""
        code = 0
        for place in range(codes + 1):
            while code + 1 < codes and self.edge[code + 1] <= place << shift:
                code += 1
            self.find.append(code)

    def middle(self, code: int) -> int:
        """Return the voltage that stands for a code."""
        return self.edge[code] + self.edge[code + 1] >> 1


@dataclass
class Tally:
    """What was seen, and what was predicted, for one table."""

    seen: list[int]
    mean: list[int]
    variance: int = 0
    n: int = 0


class Widths:
    """The tables of all sets; the last of `edges` is the common one if there are several."""

    def __init__(self, params: Params, pace: int = 2) -> None:
        self.codes = params.codes
        self.sets = params.sets
        self.shift = params.unit_shift
        self.least = 1 << 2 * self.shift - 1
        self._common_weight = 1 << params.stiff_common
        self._set_weight = 1 << params.stiff_set
        self.n = 0
        self.next = 256
        self._pace = pace
        self._prior = [4096] * self.codes
        if params.prior:
            known = TABLES["widths_n1"][params.prior_first :][: self.codes]
            self._prior[: len(known)] = [64 * width for width in known]
        self._common = list(self._prior)
        tables = self.sets + 1 if self.sets > 1 else 1
        self.edges = [Edges(self._prior, self.shift) for _ in range(tables)]
        self.tallies = [Tally([0] * self.codes, [0] * self.codes) for _ in range(self.sets)]

    def know(self, tables: list[list[int]]) -> None:
        """Take tables that are known, one for each set."""
        self.edges = [Edges(table, self.shift) for table in tables]

    def count(self, width_set: int, code: int, mu: int) -> None:
        """Count a code that was seen where mu was predicted."""
        tally = self.tallies[width_set]
        tally.seen[code] += 1
        tally.mean[clamp(mu >> self.shift, 0, self.codes - 1)] += 1

    def renew(self) -> bool:
        """Make new tables if it is time to; return whether it was."""
        if self.n < self.next:
            return False
        if self.n >= TALLY_MOST:
            self._age()
        self.next = self.n + (self.n >> self._pace) + 4096
        seen = [sum(counts) for counts in zip(*(tally.seen for tally in self.tallies), strict=True)]
        mean = [sum(counts) for counts in zip(*(tally.mean for tally in self.tallies), strict=True)]
        variance, n = sum(tally.variance for tally in self.tallies), sum(tally.n for tally in self.tallies)
        self._common = self._shape(self._prior, self.edges[-1], self._common_weight, Tally(seen, mean, variance, n))
        self.edges[-1] = Edges(self._common, self.shift)
        if self.sets > 1:
            for width_set, tally in enumerate(self.tallies):
                table = self._shape(self._common, self.edges[width_set], self._set_weight, tally)
                self.edges[width_set] = Edges(table, self.shift)
        return True

    def _age(self) -> None:
        for tally in self.tallies:
            tally.seen = [count // 2 for count in tally.seen]
            tally.mean = [count // 2 for count in tally.mean]
            tally.variance //= 2
            tally.n //= 2
        self.n //= 2

    def _spread(self, mean: list[int], variance: int) -> list[int]:
        """Return predicted means blurred by their variance, in 1/256."""
        v = variance >> 2 * self.shift
        half = 0
        while (half + 1) * (half + 2) <= v and half < MAX_HALF:
            half += 1
        rest = max(0, 3 * (v - half * (half + 1)))
        more = (rest + half + 1) // (2 * (half + 1))
        out = [count << 8 for count in mean]
        for turn in range(3):
            out = _box(out, half + (1 if turn < more else 0))
        return out

    def _shape(self, base: list[int], edges: Edges, weight: int, tally: Tally) -> list[int]:
        """Return a table that shrinks towards `base`."""
        blur = self._spread(tally.mean, tally.variance // (tally.n | 1))
        a = weight << 8
        table, mass = [], []
        for code in range(self.codes):
            s = blur[min(self.codes - 1, edges.middle(code) >> self.shift)]
            width = base[code]
            if tally.seen[code] or s >= 16:
                ratio = ((tally.seen[code] << 8) + a << 12) // ((s * base[code] >> 12) + a)
                width = clamp(base[code] * min(ratio, 16 << 12) >> 12, WIDTH_MIN, WIDTH_MAX)
            table.append(width)
            mass.append(min((s >> 8) + 1, 0xFFFFFFFF))
        top = list(accumulate((m * width for m, width in zip(mass, base, strict=True)), initial=0))
        low = list(accumulate((m * width for m, width in zip(mass, table, strict=True)), initial=0))
        for code in range(self.codes):
            start, stop = max(0, code - SMOOTH), min(self.codes, code + SMOOTH + 1)
            before, after = top[stop] - top[start], low[stop] - low[start]
            if before == after:
                continue
            down = max(0, before.bit_length() - 40)
            table[code] = clamp(table[code] * (before >> down) // (after >> down | 1), WIDTH_MIN, WIDTH_MAX)
        return table


def _box(values: list[int], half: int) -> list[int]:
    """Return the mean over 2 half + 1 places; outside there is nothing."""
    sums = list(accumulate(values, initial=0))
    inverse = (1 << 24) // (2 * half + 1)
    n = len(values)
    return [(sums[min(n, i + half + 1)] - sums[max(0, i - half)]) * inverse >> 24 for i in range(n)]
