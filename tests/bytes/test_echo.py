"""Promises of blocks around two blocks: both decoders add echoes to what they are echoes of, and refuse heads that lie."""

from __future__ import annotations

import random

import numpy as np
import pytest
from test_reference import mutated, refused_by_both, same_by_both

from n1codec import varint
from n1codec.codec import Layout, Samples

FRAMES, DISTANCE = 50, 20
RNG = np.random.default_rng(8)


def stored(samples: Samples) -> bytes:
    """Return a block of the stored mode."""
    bits = 8 * samples.itemsize
    low = int(np.iinfo(samples.dtype).min)
    above = (samples.astype("i8") - low).astype(f"<u{samples.itemsize}")
    return bytes([0, bits]) + low.to_bytes(samples.itemsize, "little", signed=low < 0) + above.tobytes()


def parts(dtype: str, channels: int = 2) -> tuple[Samples, Samples]:
    """Return the first frames and what is left of the others: all values of their types."""
    info = np.iinfo(dtype)
    signed = np.iinfo(dtype.replace("u", "i"))
    first = RNG.integers(info.min, info.max, (DISTANCE, channels), endpoint=True).astype(dtype)
    others = RNG.integers(signed.min, signed.max, (FRAMES - DISTANCE, channels), endpoint=True).astype(signed.dtype)
    return first, others


def block(
    first: bytes, others: bytes, distance: int = DISTANCE, which: bytes = b"\x01", length: int | None = None
) -> bytes:
    """Return a block of this mode."""
    return (
        b"\x08" + varint.pack(distance) + which + varint.pack(len(first) if length is None else length) + first + others
    )


def same(data: bytes, dtype: str, channels: int = 2) -> Samples:
    """Return what both decoders make of a block."""
    return same_by_both(b"\x01" + data, Layout(np.dtype(dtype), (FRAMES, channels)))


def refused(data: bytes, frames: int = FRAMES) -> bool:
    return refused_by_both(b"\x01" + data, Layout(np.dtype("i2"), (frames, 2)))


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2", "i4", "u4"])
@pytest.mark.parametrize(
    ("channels", "which"), [(2, [1, 1]), (2, [0, 1]), (7, [1, 1, 0, 1, 0, 0, 1]), (8, [0] * 7 + [1]), (1, [0])]
)
def test_echoes_are_added_as_the_page_says(dtype: str, channels: int, which: list[int]) -> None:
    """Values wrap around; what echoes nothing has its zero in the middle of the type."""
    first, others = parts(dtype, channels)
    middle = 0 if dtype[0] == "i" else 1 << 8 * first.itemsize - 1
    wanted = list(first.astype("i8"))
    for left in others.astype("i8"):
        wanted.append(left + np.where(which, wanted[-DISTANCE], middle))
    bits = sum(echoes << at + 1 for at, echoes in enumerate(which)).to_bytes((channels + 8) // 8, "little")
    samples = same(block(stored(first), stored(others), which=bits), dtype, channels)
    assert np.array_equal(samples, np.array(wanted).astype(dtype))
    if all(which):
        assert np.array_equal(same(block(stored(first), stored(others)), dtype, channels), samples)


FIRST, OTHERS = (stored(part) for part in parts("i2"))
HELD = b"\x07\x01\x01" + bytes([2 * (FRAMES - DISTANCE - 1) - 2]) + stored(parts("i2")[1][:1])
"""The other frames as one and its repeats."""


def test_blocks_within_may_hold_repeats() -> None:
    samples = same(block(FIRST, HELD), "i2")
    offsets = (samples[DISTANCE:].astype("i8") - samples[:-DISTANCE]).astype("i2")
    assert np.array_equal(offsets, np.broadcast_to(offsets[0], offsets.shape))


@pytest.mark.parametrize(
    "data",
    [
        block(FIRST, OTHERS, distance=0),
        block(FIRST, OTHERS, distance=19),
        block(FIRST, OTHERS, distance=21),
        block(FIRST, OTHERS, distance=50),
        block(FIRST, OTHERS, distance=1 << 40),
        block(FIRST, OTHERS, length=0),
        block(FIRST, OTHERS, length=len(FIRST) - 1),
        block(FIRST, OTHERS, length=len(FIRST) + 1),
        block(FIRST, b"", length=len(FIRST)),
        block(FIRST, OTHERS, length=len(FIRST) + len(OTHERS)),
        block(FIRST, OTHERS, length=(1 << 64) - 1),
        block(b"", OTHERS),
        block(FIRST, OTHERS + b"\0"),
        block(FIRST, OTHERS[:-1]),
        block(FIRST, b"\x07\x01\x01" + bytes([56]) + HELD),
        block(block(FIRST[:44], FIRST[:44], distance=10), OTHERS),
        block(FIRST, block(FIRST[:64], OTHERS, distance=15)),
        b"\x07\x01\x14\x3b" + block(FIRST, OTHERS, distance=10),
        b"\x08",
        b"\x08\x14",
        b"\x08\x14\x01",
        b"\x08\x14\x00",
        b"\x08\x94\x00\x01" + varint.pack(len(FIRST)) + FIRST + OTHERS,
        b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01" + FIRST + OTHERS,
    ],
)
def test_heads_that_lie_are_refused(data: bytes) -> None:
    """A distance of none or of all frames, blocks of other lengths, blocks of echoes in one another."""
    assert refused(data)


def test_one_frame_echoes_nothing() -> None:
    assert refused(b"\x08\x00\x01" + varint.pack(len(FIRST)) + FIRST + OTHERS, 1)
    assert refused(b"\x08\x01\x01" + varint.pack(len(FIRST)) + FIRST + OTHERS, 1)


def test_both_decoders_agree_on_damaged_heads() -> None:
    rng = random.Random(8)
    sources = [
        block(FIRST, OTHERS),
        block(FIRST, OTHERS, which=b"\x02"),
        block(FIRST, HELD),
        block(FIRST, HELD, which=b"\x04"),
    ]
    decoded = 0
    for _ in range(1000):
        decoded += not refused(mutated(rng, rng.choice(sources)))
    assert decoded > 20
