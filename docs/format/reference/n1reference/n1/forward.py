"""Forward blocks (docs/format/n1.md, "Mode 1: forward")."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from n1reference.errors import CorruptError
from n1reference.n1 import rans
from n1reference.n1.alphabet import Alphabet, dtype_range, read_alphabet, wrap
from n1reference.n1.bits import Bits
from n1reference.n1.channel import CONSTANT, MAX_ORDER, MODEL, PACKED, Channel, read_channel, read_seeds
from n1reference.n1.tables import TABLES
from n1reference.samples import Dtype

LANES_MIN_SAMPLES: Final = 1024
OCTET: Final = 8
LAW_REACH: Final = (4, 6, 8, 8)
LAW_STEPS: Final = 64
CDF_HALF: Final = 1024


class Law:
    """Mass below each edge of an axis, for a predicted voltage."""

    def __init__(self, edges: list[int], sigma: int, law: int) -> None:
        self._edges = edges
        self._codes = len(edges) - 1
        down = 16 * 22 - sigma
        self._inverse = ((TABLES["exp2_16th"][down & 15] << (down >> 4) >> 16) + LAW_REACH[law] // 2) // LAW_REACH[law]
        self._limit = ((CDF_HALF << 12) - 1) // self._inverse
        self._cdf: list[int] = []
        room = rans.PROB_ONE - self._codes
        for pieces in zip(*TABLES["laws"][law], strict=True):
            c0, c1, c2 = ((piece * room) >> rans.PROB_BITS for piece in pieces)
            self._cdf += [c0 + (f * (c1 + f * c2) >> 8) for f in range(LAW_STEPS)]

    def find(self, mu: int, slot: int) -> tuple[int, int, int]:
        """Return the code whose mass holds a slot, and the mass below and through it."""

        def below(code: int) -> int:
            distance = max(-self._limit, min(self._limit, self._edges[code] - mu))
            return int(self._cdf[(distance * self._inverse >> 12) + CDF_HALF] + code)

        return rans.find_code(below, self._codes, slot)


class Modelled:
    """A modelled channel at work: its axis, its law and its decoded codes.

    Attributes
    ----------
    middles : list of list of int
        For each segment, middles of its codes relative to the axis' centre, after MAX_ORDER times the first one.
    tail : list of int
        The same for what follows the segments, after the last MAX_ORDER middles before it.
    codes : list of list of int
        Codes of the segments; the last list is the tail's.
    """

    def __init__(self, head: Channel, alphabet: Alphabet) -> None:
        self.head = head
        edges = alphabet.edges()
        self._top = edges[-1] - 1
        centre = edges[-1] >> 1
        self._middle = [((low + high) >> 1) - centre for low, high in pairwise(edges)]
        self._law = Law(edges, head.sigma, head.law)
        self.middles = [[self._middle[seed]] * (MAX_ORDER + 1) for seed in head.seeds]
        self.codes = [[seed] for seed in head.seeds]

    def begin_tail(self) -> None:
        """Go on behind the last segment."""
        self.middles.append(self.middles[-1][-MAX_ORDER:])
        self.codes.append([])

    def predict(self, segment: int, neighbours: list[tuple[list[int], list[int]]]) -> int:
        """Return the predicted voltage of the segment's next sample."""
        middles = self.middles[segment]
        at = len(middles)
        total = self.head.bias + sum(tap * middles[at - 1 - j] for j, tap in enumerate(self.head.own))
        for taps, others in neighbours:
            total += sum(tap * others[at - j] for j, tap in enumerate(taps))
        return int(max(0, min(self._top, total >> self.head.shift)))

    def step(self, segment: int, neighbours: list[tuple[list[int], list[int]]], state: int) -> int:
        """Decode the segment's next sample from a state; return the state, words still missing."""
        code, low, high = self._law.find(self.predict(segment, neighbours), state & rans.PROB_ONE - 1)
        self.middles[segment].append(self._middle[code])
        self.codes[segment].append(code)
        return rans.advance(state, low, high)


@dataclass
class Head:
    """Header of a forward block."""

    lanes: int
    tail: int
    alphabets: list[Alphabet]
    channels: list[Channel]


def _read_head(bits: Bits, n_samples: int, n_channels: int, dtype: Dtype) -> Head:
    lanes = 16 * bits.take(2)
    if lanes > 32 or (lanes > 0) != (n_samples >= LANES_MIN_SAMPLES):
        raise CorruptError("n1: no such lanes for this many samples")
    tail = bits.take(10) if lanes else n_samples
    if lanes and (tail >= n_samples or (n_samples - tail) % lanes):
        raise CorruptError("n1: segments of unequal length")
    alphabets = [read_alphabet(bits, dtype) for _ in range(bits.take(3) + 1)]
    alphabet_bits = (len(alphabets) - 1).bit_length()
    channels: list[Channel] = []
    for index in range(n_channels):
        channel = read_channel(bits, alphabet_bits, index)
        if channel.alphabet >= len(alphabets):
            raise CorruptError("n1: no such alphabet")
        low, high = dtype_range(dtype)
        if not low <= channel.constant <= high:
            raise CorruptError("n1: a value outside the dtype")
        if any(channels[index - distance].kind != MODEL for distance, _ in channel.neighbours):
            raise CorruptError("n1: a neighbour without a model")
        if channel.kind == MODEL:
            channel.seeds = read_seeds(bits, lanes or 1, alphabets[channel.alphabet].n_codes)
        channels.append(channel)
    return Head(lanes, tail, alphabets, channels)


def _neighbours(models: list[Modelled | None], index: int, segment: int) -> list[tuple[list[int], list[int]]]:
    """Return the taps and the middles of a channel's neighbours in a segment."""
    pairs = []
    model = models[index]
    assert model is not None
    for distance, taps in model.head.neighbours:
        other = models[index - distance]
        assert other is not None  # checked with the header
        pairs.append((taps, other.middles[segment]))
    return pairs


def _decode_lanes(models: list[Modelled | None], lanes: int, rows: int, block: bytes, at: int) -> tuple[bytes, int]:
    """Decode all segments; return the bytes that the states carried, and where the words end."""
    bits = Bits(block, at)
    states = [bits.state() for _ in range(lanes)]
    words = rans.Words(block, bits.end())
    for index, model in enumerate(models):
        if model is None:
            continue
        neighbours = [_neighbours(models, index, segment) for segment in range(lanes)]
        for _ in range(1, rows):
            for first in range(0, lanes, OCTET):
                octet = range(first, first + OCTET)
                for lane in octet:
                    states[lane] = model.step(lane, neighbours[lane], states[lane])
                for _ in range(2):
                    for lane in octet:
                        if states[lane] < rans.LOW:
                            states[lane] = states[lane] << 16 | words.word()
    if any(state >> 24 != 1 for state in states):
        raise CorruptError("n1: a rANS state does not end where it began", words.at)
    return b"".join((state & 0xFFFFFF).to_bytes(3, "little") for state in states), words.at


def _decode_tail(models: list[Modelled | None], lanes: int, tail: int, carried: bytes, rest: bytes) -> None:
    """Decode what follows the segments: the whole channels where there are none."""
    first = 0 if lanes else 1
    words = rans.Words(carried + rest)
    if tail > first and any(model is not None for model in models):
        state = words.first_state()
        for index, model in enumerate(models):
            if model is None:
                continue
            if lanes:
                model.begin_tail()
            segment = lanes  # the last list
            neighbours = _neighbours(models, index, segment)
            for _ in range(first, tail):
                state = model.step(segment, neighbours, state)
                while state < rans.LOW:
                    state = state << 16 | words.word()
        if state != rans.LOW:
            raise CorruptError("n1: the tail's state does not end where it began")
    if any((carried + rest)[words.at : len(carried)]):
        raise CorruptError("n1: bytes follow the tail within the states")
    words.at = max(words.at, len(carried))
    words.close()


def decode_forward(block: bytes, n_samples: int, n_channels: int, dtype: Dtype) -> list[list[int]]:
    """Return the samples of each channel."""
    bits = Bits(block, 1)
    head = _read_head(bits, n_samples, n_channels, dtype)
    at = bits.end()
    models: list[Modelled | None] = []
    raw_bits = []  # a sample, of each channel
    for channel in head.channels:
        alphabet = head.alphabets[channel.alphabet]
        models.append(Modelled(channel, alphabet) if channel.kind == MODEL else None)
        packed = (alphabet.n_full - 1).bit_length()
        raw_bits.append({CONSTANT: 0, MODEL: alphabet.raw_bits, PACKED: packed}[channel.kind])
    raw = Bits(block, at)
    at += (n_samples * sum(raw_bits) + 7) // 8
    if at > len(block):
        raise CorruptError("n1: a block is cut short", len(block))
    carried = b""
    if head.lanes and any(model is not None for model in models):
        carried, at = _decode_lanes(models, head.lanes, (n_samples - head.tail) // head.lanes, block, at)
    _decode_tail(models, head.lanes, head.tail, carried, block[at:])
    samples = []
    for channel, model, each in zip(head.channels, models, raw_bits, strict=True):
        alphabet = head.alphabets[channel.alphabet]
        if channel.kind == CONSTANT:
            samples.append([channel.constant] * n_samples)
        elif model is None:
            full = [raw.take(each) for _ in range(n_samples)]
            samples.append([wrap(alphabet.value(code if code < alphabet.n_full else 0), dtype) for code in full])
        else:
            codes = [code for segment in model.codes for code in segment]
            samples.append([wrap(alphabet.value(code << each | raw.take(each)), dtype) for code in codes])
    return samples
