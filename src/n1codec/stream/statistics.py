"""What a stream costs and how long it takes: ratio, Mbit/s, a histogram of latencies."""

from __future__ import annotations

import math
from collections import Counter
from typing import Final

_STEPS: Final = 32
"""Steps of an octave: a percentile is at most 2.2 % off."""
_BARS: Final = 40


class Latencies:
    """Times in a histogram: constant memory, however long a stream lasts."""

    def __init__(self) -> None:
        self._count: Counter[int] = Counter()
        self.n = 0
        self.most = 0.0

    def add(self, seconds: float) -> None:
        """Count a time."""
        self.n += 1
        self.most = max(self.most, seconds)
        self._count[math.ceil(_STEPS * math.log2(max(seconds, 1e-7) * 1e6))] += 1

    def percentile(self, share: float) -> float:
        """Return the time, in seconds, that this share (0 to 1) of all is not above; 0 if there are none."""
        wanted, seen = share * self.n, 0
        for step in sorted(self._count):
            seen += self._count[step]
            if seen >= wanted:
                return min(self.most, 2 ** (step / _STEPS) / 1e6)
        return 0.0

    def __str__(self) -> str:
        """Return p50, p99 and the longest in microseconds."""
        p50, p99 = (self.percentile(share) * 1e6 for share in (0.5, 0.99))
        return f"p50 {p50:,.0f} us, p99 {p99:,.0f} us, max {self.most * 1e6:,.0f} us"

    def histogram(self) -> list[str]:
        """Return lines, one for each quarter of an octave that has any."""
        if not self.n:
            return []
        bins: Counter[int] = Counter()
        for step, count in self._count.items():
            bins[math.ceil(step / (_STEPS // 4))] += count
        top = max(bins.values())
        return [
            f"{'<= ' + format(2 ** (at / 4), ',.0f'):>12} us {bins[at]:>9,} {'#' * max(1, round(_BARS * bins[at] / top))}"
            for at in sorted(bins)
        ]
