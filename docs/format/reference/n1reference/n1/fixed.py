"""Integer arithmetic of the adaptive modes (docs/format/n1-backward.md, "Arithmetic")."""

from __future__ import annotations

from n1reference.n1.tables import TABLES


def clamp(value: int, low: int, high: int) -> int:
    """Return the value, or the limit that it passes."""
    return max(low, min(high, value))


def quotient(value: int, divisor: int) -> int:
    """Divide by a positive number, truncating towards zero."""
    return value // divisor if value >= 0 else -(-value // divisor)


def log2(value: int) -> int:
    """Return log2 of a number above 0, in 1/4096, from the 11 bits behind its first one."""
    top = value.bit_length() - 1
    mantissa = (value << 11 >> top) & 2047
    return top * 4096 + int(TABLES["log2"][mantissa])


def inverse_sigma(variance: int) -> int:
    """Return 2^24 over the square root of a variance, in steps of 1/32 octave."""
    return int(TABLES["inv_sigma"][min(511, log2(variance | 1) + 128 >> 8)])
