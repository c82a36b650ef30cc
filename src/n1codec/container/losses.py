"""What is lost, put together: neighbours in time and across channels, lost for one reason, are one loss."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from n1codec.container.header import Header
from n1codec.container.reports import Missing

MAX_LISTED: Final = 1 << 16
"""Most losses that are told apart."""

_Key = tuple[int, int, str]


class Losses:
    """Losses of one file, added in order of time.

    Parameters
    ----------
    header : Header
        Of the file.
    """

    def __init__(self, header: Header) -> None:
        self._header = header
        self._parts: list[tuple[int, int, _Key]] = []
        self._last: dict[_Key, int] = {}

    def __bool__(self) -> bool:
        return bool(self._parts)

    def add(self, start: int, stop: int, reason: str, bundles: tuple[int, int] | None = None) -> None:
        """Add samples of some bundles, first and last, or of all channels."""
        bounds = self._header.bundles
        first, last = (0, len(bounds) - 1) if bundles is None else bundles
        key = bounds[first][0], bounds[last][1], reason
        at = self._last.get(key, -1)
        if len(self._parts) >= MAX_LISTED:
            key = 0, self._header.width, f"more than {MAX_LISTED} ranges are lost, some of them in this one"
            at = self._last.get(key, -1)
            if at >= 0:
                self._parts[at] = self._parts[at][0], max(stop, self._parts[at][1]), key
                return
        if at >= 0 and self._parts[at][1] == start:
            self._parts[at] = self._parts[at][0], stop, key
            return
        self._last[key] = len(self._parts)
        self._parts.append((start, stop, key))

    def add_bundles(self, start: int, stop: int, reasons: Sequence[str | None]) -> None:
        """Add what is lost of a chunk: the reason for each bundle, None for one that is there."""
        for reason, run in groupby(enumerate(reasons), key=lambda item: item[1]):
            if reason is not None:
                bundles = [bundle for bundle, _ in run]
                self.add(start, stop, reason, (bundles[0], bundles[-1]))

    def listed(self) -> tuple[Missing, ...]:
        """Return the losses in order of time."""
        rate = self._header.rate
        parts = sorted(self._parts, key=lambda part: (part[0], part[2]))
        return tuple(Missing(start, stop, first, last, rate, reason) for start, stop, (first, last, reason) in parts)
