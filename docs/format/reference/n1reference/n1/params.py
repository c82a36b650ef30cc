"""Parameters of the adaptive modes (docs/format/n1-backward.md, "Parameters")."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from n1reference.errors import CorruptError, TruncatedError

FIXED: Final = 14
MAX_SETS: Final = 64
MAX_CONTEXTS: Final = 4
MAX_DISTANCE_BITS: Final = 12
MANY_CHANNELS: Final = 8
MAX_FEW: Final = (32, 4, 2)
"""Own taps, neighbours and past samples of them below MANY_CHANNELS channels."""
MAX_MANY: Final = (8, 12, 1)
"""The same from MANY_CHANNELS on."""


@dataclass
class Params:
    """What encoder and decoder agree on.

    Attributes
    ----------
    neighbour : list of list of int or None
        Channels that help to predict each channel; None for a place that is not used.
    width_set : list of int
        Converter of each channel.
    """

    channels: int
    codes: int
    prior_first: int
    own: int
    neighbours: int
    past: int
    sets: int
    sigma: int
    prior: int
    contexts: int
    stiff_common: int
    stiff_set: int
    neighbour: list[list[int | None]] = field(default_factory=list)
    width_set: list[int] = field(default_factory=list)

    @property
    def unit_shift(self) -> int:
        """Log2 of the voltage units of a code of mean width."""
        return 6 if self.codes < 1024 else 5 if self.codes < 2048 else 4


def read_params(data: bytes, channels: int, codes: int) -> tuple[Params, int]:
    """Read the parameters of so many channels and codes; return them and their length."""
    if len(data) < FIXED:
        raise TruncatedError("n1: parameters are cut short")
    at = 0

    def take(bits: int) -> int:
        """Return a number, most significant bit first."""
        nonlocal at
        at += bits
        last = (at + 7) // 8
        if last > len(data):
            raise TruncatedError("n1: parameters are cut short")
        first = (at - bits) // 8
        window = int.from_bytes(data[first:last], "big")
        return window >> (8 * last - at) & ((1 << bits) - 1)

    p = Params(
        channels=take(16),
        codes=take(16),
        prior_first=take(16),
        own=take(8),
        neighbours=take(8),
        past=take(8),
        sets=take(8),
        sigma=take(8),
        prior=take(4),
        contexts=take(4),
        stiff_common=take(4),
        stiff_set=take(4),
    )
    near = take(8)
    most = MAX_FEW if channels < MANY_CHANNELS else MAX_MANY
    good = (
        (p.channels, p.codes) == (channels, codes)
        and p.prior_first < 1024
        and 1 <= p.own <= most[0]
        and p.neighbours <= most[1]
        and p.past <= most[2]
        and 1 <= p.sets <= MAX_SETS
        and 2 <= p.sigma <= 30
        and p.prior <= 1
        and 1 <= p.contexts <= MAX_CONTEXTS
        and near <= MAX_DISTANCE_BITS
    )
    if not good:
        raise CorruptError("n1: a parameter outside its limits")
    for channel in range(channels):
        distances = [take(near) for _ in range(p.neighbours)]
        if any(distance > channel for distance in distances):
            raise CorruptError("n1: a neighbour before the first channel")
        p.neighbour.append([channel - distance if distance else None for distance in distances])
    p.width_set = [take((p.sets - 1).bit_length()) for _ in range(channels)]
    if any(width_set >= p.sets for width_set in p.width_set):
        raise CorruptError("n1: no such width_set")
    return p, (at + 7) // 8
