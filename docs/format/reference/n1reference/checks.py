"""CRC32C and XXH64 (docs/FORMAT.md)."""

from __future__ import annotations

from typing import Final

from n1reference.samples import Layout, to_bytes

POLYNOMIAL: Final = 0x82F63B78
"""Castagnoli's, bits reversed."""
MASK: Final = (1 << 64) - 1
P1: Final = 0x9E3779B185EBCA87
P2: Final = 0xC2B2AE3D27D4EB4F
P3: Final = 0x165667B19E3779F9
P4: Final = 0x85EBCA77C2B2AE63
P5: Final = 0x27D4EB2F165667C5


def _table() -> list[int]:
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (POLYNOMIAL if byte & 1 else 0)
        table.append(byte)
    return table


TABLE: Final = _table()


def crc32c(data: bytes, begin: int = 0) -> int:
    """Return the CRC32C of data, or of what gave `begin` and the data behind it."""
    crc = begin ^ 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def _rotate(value: int, bits: int) -> int:
    return (value << bits | value >> 64 - bits) & MASK


def _round(lane: int, word: int) -> int:
    return _rotate((lane + word * P2) & MASK, 31) * P1 & MASK


def _merge(state: int, word: int) -> int:
    return ((state ^ _round(0, word)) * P1 + P4) & MASK


def xxh64(data: bytes, seed: int = 0) -> int:
    """Return the XXH64 of data."""
    at = 0
    if len(data) >= 32:
        lanes = [(seed + P1 + P2) & MASK, (seed + P2) & MASK, seed, (seed - P1) & MASK]
        for at in range(0, len(data) - 31, 32):
            for lane in range(4):
                word = int.from_bytes(data[at + 8 * lane : at + 8 * lane + 8], "little")
                lanes[lane] = _round(lanes[lane], word)
        at += 32
        state = sum(_rotate(lane, bits) for lane, bits in zip(lanes, (1, 7, 12, 18), strict=True)) & MASK
        for lane in range(4):
            state = _merge(state, lanes[lane])
    else:
        state = (seed + P5) & MASK
    state = (state + len(data)) & MASK
    while at + 8 <= len(data):
        state = (_rotate(state ^ _round(0, int.from_bytes(data[at : at + 8], "little")), 27) * P1 + P4) & MASK
        at += 8
    if at + 4 <= len(data):
        word = int.from_bytes(data[at : at + 4], "little")
        state = (_rotate(state ^ word * P1 & MASK, 23) * P2 + P3) & MASK
        at += 4
    for byte in data[at:]:
        state = _rotate(state ^ byte * P5 & MASK, 11) * P1 & MASK
    for shift, factor in ((33, P2), (29, P3), (32, 1)):
        state = (state ^ state >> shift) * factor & MASK
    return state


def hash_samples(values: list[int], layout: Layout) -> int:
    """Return the XXH64 of the little-endian bytes of samples."""
    return xxh64(to_bytes(values, layout.dtype))
