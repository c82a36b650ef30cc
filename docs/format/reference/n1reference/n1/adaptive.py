"""Backward, mixed and wide blocks (docs/format/n1.md, "Modes 2, 3 and 6: adaptive")."""

from __future__ import annotations

from typing import Final

from n1reference.errors import CorruptError, TruncatedError
from n1reference.n1.alphabet import Alphabet, read_alphabet, wrap
from n1reference.n1.backward import Backward
from n1reference.n1.bits import Bits
from n1reference.n1.forward import decode_forward
from n1reference.n1.mixed import Mixed
from n1reference.n1.params import read_params
from n1reference.n1.stored import decode_stored
from n1reference.n1.wide import Wide, read_wide
from n1reference.samples import Dtype

MIN_SAMPLES: Final = 512
MAX_CHANNELS: Final = 4096
STORED, FORWARD, BACKWARD, MIXED = range(4)
WIDE: Final = 6


def decode_plain(block: bytes, n_samples: int, n_channels: int, dtype: Dtype) -> list[list[int]]:
    """Return the samples of each channel of a stored or forward block."""
    if not block:
        raise TruncatedError("n1: a block without its mode")
    if block[0] == STORED:
        return decode_stored(block, n_samples, n_channels, dtype)
    if block[0] == FORWARD:
        return decode_forward(block, n_samples, n_channels, dtype)
    raise CorruptError(f"n1: no block of mode {block[0]} here", 0)


def read_members(bits: Bits, n_channels: int) -> tuple[list[int], list[int]]:
    """Return which channels the block's mode takes, and the others."""
    whole = bits.take(1)
    is_member = [bool(whole or bits.take(1)) for _ in range(n_channels)]
    members = [channel for channel in range(n_channels) if is_member[channel]]
    others = [channel for channel in range(n_channels) if not is_member[channel]]
    if not members or (not whole and not others):
        raise CorruptError("n1: nothing to learn from")
    return members, others


def decode_others(
    block: bytes, at: int, others: list[int], samples: list[list[int]], n_samples: int, dtype: Dtype
) -> int:
    """Decode the block of the others, which begins at a byte; return where what follows it begins."""
    if not others:
        return at
    size = int.from_bytes(block[at : at + 4], "little")
    at += 4
    if size > len(block) - at:
        raise TruncatedError("n1: a block is cut short")
    nested = decode_plain(block[at : at + size], n_samples, len(others), dtype)
    for channel, line in zip(others, nested, strict=True):
        samples[channel] = line
    return at + size


def _packet(mode: int, data: bytes, channels: int, alphabet: Alphabet, n_samples: int) -> list[list[int]]:
    """Return the codes of each channel from parameters and a packet."""
    codes = alphabet.n_codes
    if mode == WIDE:
        wide, used = read_wide(data, channels, codes)
        return Wide(wide, lambda code: alphabet.value(code << alphabet.raw_bits)).block(data[used:], n_samples)
    params, used = read_params(data, channels, codes)
    coder = Backward(params) if mode == BACKWARD else Mixed(params)
    return coder.packet(data[used:], n_samples)


def decode_adaptive(block: bytes, n_samples: int, n_channels: int, dtype: Dtype) -> list[list[int]]:
    """Return the samples of each channel."""
    if n_samples < MIN_SAMPLES or n_channels > MAX_CHANNELS:
        raise CorruptError("n1: no adaptive blocks of this shape")
    bits = Bits(block, 1)
    members, others = read_members(bits, n_channels)
    alphabet = read_alphabet(bits, dtype)
    if alphabet.n_codes < 2:
        raise CorruptError("n1: nothing to learn from")
    raw = Bits(block, bits.end())
    at = bits.end() + (n_samples * len(members) * alphabet.raw_bits + 7) // 8
    samples: list[list[int]] = [[] for _ in range(n_channels)]
    at = decode_others(block, at, others, samples, n_samples, dtype)
    codes = _packet(block[0], block[at:], len(members), alphabet, n_samples)
    for frame in range(n_samples):
        for channel, line in zip(members, codes, strict=True):
            full = line[frame] << alphabet.raw_bits | raw.take(alphabet.raw_bits)
            samples[channel].append(wrap(alphabet.value(full), dtype))
    return samples
