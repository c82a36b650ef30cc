"""Scales and contexts (docs/format/n1-mixed.md, "Scales" and "Contexts")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from n1reference.n1.fixed import clamp, inverse_sigma, log2, quotient

CONTEXT_SIZE: Final = 256
CONTEXT_MEMORY: Final = 511
CONTEXT_DOUBT: Final = 20
VARIANCE_MIN: Final = 64
CONTEXT_MEAN_MOST: Final = 4096


def _follow(variance: int, square: int, n: int, memory: int) -> int:
    d = square - variance
    return max(VARIANCE_MIN, variance + (d >> memory if n >> memory else quotient(d, n + 4)))


def _half_octaves(a: int, b: int, shift: int) -> int:
    return clamp((log2(a | 1) - log2(b | 1) >> shift) + 8, 0, 15)


class Scales:
    """Running variances of a channel's residuals, in (1/16 unit)^2."""

    def __init__(self, variance: int) -> None:
        self.slow = self.middle = self._fast = variance
        self._level = 8 * variance
        self._last = (0, 0)
        self._n = self._count = 0
        self._renew()

    def _renew(self) -> None:
        self.inv_slow = inverse_sigma(self.slow)
        self._inv_level = inverse_sigma(self._level)
        self.scale = (1 << 28) // self.inv_slow

    def learn(self, e: int, y: int) -> None:
        """Learn a residual, and the sample relative to the centre."""
        square = min(e * e, 36 * self.slow)
        self._fast = _follow(self._fast, square, self._n, 4)
        self.middle = _follow(self.middle, square, self._n, 7)
        self.slow = _follow(self.slow, square, self._n, 11)
        self._level = _follow(self._level, y * y, self._n, 12)
        self._last = (e, self._last[0])
        self._n = min(65535, self._n + 1)
        self._count = self._count + 1 & 15
        if self._count == 0 or self._n < 64:
            self._renew()

    def find(self, mean: int, before: int) -> tuple[int, int, int, int]:
        """Return the entries of the four tables for a prediction after a sample."""
        z1, z2 = (min(1023, abs(e) * self.inv_slow >> 16) for e in self._last)
        level = clamp(mean * self._inv_level >> 16, -1023, 1023) >> 7
        slope = clamp((mean - before) * self.inv_slow >> 16, -1023, 1023) >> 7
        return (
            _half_octaves(self._fast, self.slow, 11) * 16 + _half_octaves(self.middle, self.slow, 9),
            z1 // 64 * 16 + z2 // 64,
            (level + 8) * 16 + z1 // 64,
            (level + 8) * 16 + slope + 8,
        )


@dataclass
class Context:
    """Means of z and z^2 in one context, in 2^-16: z is the residual over the slow scale."""

    square: int = 65536
    mean: int = 0
    n: int = 0

    def _trust(self) -> int:
        return 65536 * self.n // (self.n + CONTEXT_DOUBT)

    def variance(self, scales: Scales) -> int:
        """Return the variance that the context gives."""
        q = 65536 + ((self.square - 65536) * self._trust() >> 16)
        return max(VARIANCE_MIN, (scales.slow >> 8) * q >> 8)

    def bias(self, scales: Scales) -> int:
        """Return how far the prediction is off, in 1/16 unit."""
        m = self.mean * self._trust() >> 16
        return clamp(m * scales.scale >> 20, -CONTEXT_MEAN_MOST, CONTEXT_MEAN_MOST)

    def learn(self, scales: Scales, e: int) -> None:
        """Learn a residual."""
        z = clamp(e * scales.inv_slow, -(6 << 24), 6 << 24) >> 8
        share = 65536 // (self.n + 1)
        self.n = min(CONTEXT_MEMORY, self.n + 1)
        self.mean += (z - self.mean) * share >> 16
        self.square += ((z * z >> 16) - self.square) * share >> 16
