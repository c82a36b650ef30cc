"""rANS: 40-bit states that share 16-bit words (docs/format/n1.md, "rANS")."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from n1reference.errors import CorruptError, TruncatedError

PROB_BITS: Final = 20
PROB_ONE: Final = 1 << PROB_BITS
LOW: Final = 1 << 24
STATE_BYTES: Final = 5


class Words:
    """Bytes, read as little-endian 16-bit words from a place to an end."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self._data = data
        self.at = at

    def byte(self) -> int:
        """Return the next byte."""
        if self.at >= len(self._data):
            raise TruncatedError("n1: words are missing", len(self._data))
        self.at += 1
        return self._data[self.at - 1]

    def word(self) -> int:
        """Return the next word."""
        low = self.byte()
        return low | self.byte() << 8

    def first_state(self) -> int:
        """Return a state of five bytes."""
        state = sum(self.byte() << 8 * at for at in range(STATE_BYTES))
        if state < LOW:
            raise CorruptError("n1: a rANS state below its range", self.at)
        return state

    def close(self) -> None:
        """Raise unless every byte was read."""
        if self.at != len(self._data):
            raise CorruptError("n1: bytes follow the last word", self.at)


def find_code(below: Callable[[int], int], n_codes: int, slot: int) -> tuple[int, int, int]:
    """Return the code with below(code) <= slot < below(code + 1), and both bounds.

    `below` gives the mass of all codes below one: ascending from 0 to 2^20.
    """
    code, end = 0, n_codes
    low, high = 0, PROB_ONE
    while end - code > 1:
        middle = (code + end) // 2
        mass = below(middle)
        if mass <= slot:
            code, low = middle, mass
        else:
            end, high = middle, mass
    return code, low, high


def advance(state: int, low: int, high: int) -> int:
    """Return the state after the symbol of [low, high): words may be missing from it."""
    return (high - low) * (state >> PROB_BITS) + (state & PROB_ONE - 1) - low
