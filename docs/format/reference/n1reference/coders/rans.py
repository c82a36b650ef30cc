"""The range asymmetric numeral system (docs/format/rans.md)."""

from __future__ import annotations

from typing import Final

from n1reference.coders.range_coder import RangeDecoder
from n1reference.coders.stored import CODED, STORED, form, stored
from n1reference.coders.symbols import Frequencies, Symbols, read_counts
from n1reference.errors import CorruptError, TruncatedError
from n1reference.numbers import HighBits
from n1reference.samples import Layout

STATES: Final = 4
LOWEST: Final = 1 << 31


def _ranks(data: bytes, frequencies: Frequencies, count: int) -> list[int]:
    """Return the rank of each sample's symbol, from words with the states behind them."""
    at = len(data) - 8 * STATES
    if at < 0:
        raise TruncatedError("rans: states are missing")
    states = [int.from_bytes(data[at + 8 * i : at + 8 * i + 8], "little") for i in range(STATES)]
    if not all(LOWEST <= state < 1 << 63 for state in states):
        raise CorruptError("rans: a state outside its range")
    ranks = []
    for i in range(count):
        state = states[i % STATES]
        slot = state & (1 << frequencies.precision) - 1
        rank = frequencies.rank(slot)
        state = frequencies.size[rank] * (state >> frequencies.precision) + slot - frequencies.low[rank]
        if state < LOWEST:
            at -= 4
            if at < 0:
                raise TruncatedError("rans: words are missing")
            state = state << 32 | int.from_bytes(data[at : at + 4], "little")
        states[i % STATES] = state
        ranks.append(rank)
    if at or any(state != LOWEST for state in states):
        raise CorruptError("rans: it does not end where it began")
    return ranks


def decode(payload: bytes, layout: Layout) -> list[int]:
    """Return the samples."""
    how = form(payload, layout)
    if how == STORED:
        return stored(payload, layout)
    if how != CODED:
        raise CorruptError(f"rans: no payload of form {how}", 0)
    decoder = RangeDecoder(payload, 1)
    symbols = Symbols(decoder, layout)
    frequencies = Frequencies(read_counts(decoder, symbols)) if len(symbols) > 1 else None
    raw_bytes = 0
    if any(symbols.raw):
        raw_bytes = decoder.even(16) << 16
        raw_bytes |= decoder.even(16)
    start = decoder.finish()
    words = start + raw_bytes
    if words > len(payload):
        raise TruncatedError("rans: raw bits are missing", len(payload))
    if frequencies is None:
        if words != len(payload):
            raise CorruptError("rans: bytes are left over", words)
        ranks = [0] * layout.size
    else:
        ranks = _ranks(payload[words:], frequencies, layout.size)
    bits = HighBits(payload[:words], start, "rans")
    values = [symbols.value(rank, bits.take(symbols.raw[rank])) for rank in ranks]
    if bits.pad() != words:
        raise CorruptError("rans: raw bits are left over")
    return values
