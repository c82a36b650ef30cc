"""Recent samples of a channel on the axis of voltages (docs/format/n1-backward.md, "Series")."""

from __future__ import annotations

from typing import Final

from n1reference.n1.fixed import clamp
from n1reference.n1.widths import Edges

INTERVAL: Final = 32
HISTORY: Final = 32
VOLT_MOST: Final = 32767


class Series:
    """The last HISTORY samples before an interval, and those of the interval.

    Attributes
    ----------
    volt : list of int
        Voltages relative to the centre.
    """

    def __init__(self, centre: int, shift: int) -> None:
        self.volt = [0] * HISTORY
        self.centre = centre
        self._shift = shift - 1
        self._codes: list[int | None] = [None] * HISTORY
        self._sum = 0

    def put(self, code: int, voltage: int) -> None:
        """Append a sample of an absolute voltage."""
        self.volt.append(clamp(voltage - self.centre, -VOLT_MOST, VOLT_MOST))
        self._codes.append(code)

    def view(self, lag: int) -> list[int]:
        """Return the interval's samples a lag before, in half codes."""
        return [volt >> self._shift for volt in self.volt[HISTORY - lag : HISTORY + INTERVAL - lag]]

    def close(self, intervals: int) -> int:
        """Count the interval; return the mean over all intervals."""
        self._sum += sum(self.volt[HISTORY:]) + INTERVAL * self.centre
        mean = abs(self._sum) // (intervals * INTERVAL)
        return mean if self._sum >= 0 else -mean

    def turn(self, centre: int, edges: Edges | None) -> None:
        """Begin an interval: with a centre, and read through new edges if there are some."""
        self.volt = self.volt[INTERVAL:]
        self._codes = self._codes[INTERVAL:]
        if edges is None:
            return
        self.centre = centre
        volts = [0 if code is None else edges.middle(code) - centre for code in self._codes]
        self.volt = [clamp(volt, -VOLT_MOST, VOLT_MOST) for volt in volts]
