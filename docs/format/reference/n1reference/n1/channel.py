"""A channel of a forward block: its head (docs/format/n1.md, "Channel")."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from n1reference.errors import CorruptError
from n1reference.n1.bits import Bits, unzigzag

MAX_ORDER: Final = 32
SIGMA_MAX: Final = 188
COEF_BUDGET: Final = 32767
BIAS_LIMIT: Final = 1 << 30

CONSTANT, MODEL, PACKED = range(3)


@dataclass
class Channel:
    """What a forward block says of a channel.

    Attributes
    ----------
    kind : int
        CONSTANT, MODEL or PACKED.
    own : list of int
        Taps on the channel's own last samples, the youngest first.
    neighbours : list of (int, list of int)
        Distance of each neighbour and its taps, that of the present sample first.
    seeds : list of int
        Codes of the first sample of each segment.
    """

    kind: int
    alphabet: int
    constant: int = 0
    sigma: int = 0
    law: int = 0
    shift: int = 0
    bias: int = 0
    own: list[int] = field(default_factory=list)
    neighbours: list[tuple[int, list[int]]] = field(default_factory=list)
    seeds: list[int] = field(default_factory=list)


def read_channel(bits: Bits, alphabet_bits: int, index: int) -> Channel:
    """Read all but the seeds of the channel of this index."""
    channel = Channel(bits.take(2), bits.take(alphabet_bits))
    if channel.kind > PACKED:
        raise CorruptError("n1: no such kind of channel")
    if channel.kind == CONSTANT:
        channel.constant = bits.signed(4)
    if channel.kind == MODEL:
        _read_model(bits, channel, index)
    return channel


def _read_model(bits: Bits, channel: Channel, index: int) -> None:
    channel.sigma = bits.take(8)
    channel.law = bits.take(2)
    order = 2 * bits.take(5)
    n_neighbours = bits.take(4)
    channel.shift = bits.take(3) + 7
    if order > MAX_ORDER or channel.sigma > SIGMA_MAX:
        raise CorruptError("n1: a predictor outside its limits")
    distances: list[int] = []
    taps = bits.take(2) + 1 if n_neighbours else 0
    for _ in range(n_neighbours):
        distances.append(bits.take(6) + 1)
        if distances[-1] > index:
            raise CorruptError("n1: a neighbour before the first channel")
    if order:
        channel.own.append(bits.signed(8))
    channel.bias = bits.signed(12)
    rice = bits.take(4)
    for _ in range(order - 1):
        channel.own.append(unzigzag(bits.rice(rice)))
    for distance in distances:
        channel.neighbours.append((distance, [unzigzag(bits.rice(rice)) for _ in range(taps)]))
    total = sum(map(abs, channel.own)) + sum(abs(tap) for _, some in channel.neighbours for tap in some)
    if total > COEF_BUDGET or abs(channel.bias) > BIAS_LIMIT:
        raise CorruptError("n1: a predictor outside its limits")


def read_seeds(bits: Bits, count: int, n_codes: int) -> list[int]:
    """Read the codes that the segments begin with."""
    seeds = [bits.golomb(8)]
    rice = bits.take(4)
    for _ in range(count - 1):
        seeds.append(seeds[-1] + unzigzag(bits.rice(rice) & 0xFFFF))
    if not all(0 <= seed < n_codes for seed in seeds):
        raise CorruptError("n1: a code outside the alphabet")
    return seeds
