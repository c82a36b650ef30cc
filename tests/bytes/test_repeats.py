"""Promises of blocks around a block: both decoders put frames that come again in their places, and refuse heads that lie."""

from __future__ import annotations

import random

import numpy as np
import pytest
from test_reference import mutated, refused_by_both, same_by_both

from n1codec import _core, varint
from n1codec.codec import Layout, Samples

Run = tuple[int, int, int]
FRAMES = 50
KEPT: Samples = np.arange(100, 140, dtype="i2").reshape(20, 2)
ZEROS = bytes([0, 0, 5, 0])
"""A stored block of one frame: all values 5."""


def block(runs: list[Run], blank: bytes = b"", inner: bytes | None = None, count: int | None = None) -> bytes:
    """Return a block whose runs are frames that stay before them, length and distance, which is 0 for the blank frame."""
    said, last = b"", 1
    for stay, length, distance in runs:
        said += varint.pack(stay) + varint.pack(2 * length - 2 + (distance != last))
        said += varint.pack(distance) if distance != last else b""
        last = distance
    inner = stored(KEPT) if inner is None else inner
    return bytes([7]) + varint.pack(len(runs) if count is None else count) + said + blank + inner


def stored(samples: Samples) -> bytes:
    """Return a block of the stored mode: 16 bits a value."""
    return bytes([0, 16, 0, 0]) + samples.astype("<i2").tobytes()


def same(data: bytes, frames: int = FRAMES) -> Samples:
    """Return what both decoders make of a block."""
    return same_by_both(b"\x01" + data, Layout(np.dtype("i2"), (frames, 2)))


def refused(data: bytes, frames: int = FRAMES) -> bool:
    return refused_by_both(b"\x01" + data, Layout(np.dtype("i2"), (frames, 2)))


def test_runs_stand_where_the_page_says() -> None:
    five = np.full((1, 2), 5, "i2")
    assert np.array_equal(same(block([(20, 30, 1)])), np.concatenate([KEPT, np.repeat(KEPT[-1:], 30, 0)]))
    assert np.array_equal(same(block([(0, 30, 0)], ZEROS)), np.concatenate([np.repeat(five, 30, 0), KEPT]))
    runs = [(0, 1, 0), (7, 19, 1), (10, 5, 0), (0, 1, 6), (3, 4, 0)]
    parts = [five, KEPT[:7], np.repeat(KEPT[6:7], 19, 0), KEPT[7:17], np.repeat(five, 5, 0), KEPT[16:17], KEPT[17:]]
    assert np.array_equal(same(block(runs, ZEROS)), np.concatenate([*parts, np.repeat(five, 4, 0)]))


def test_runs_repeat_what_is_before_them_and_themselves() -> None:
    assert np.array_equal(same(block([(20, 30, 20)])), np.concatenate([KEPT, KEPT, KEPT[:10]]))
    assert np.array_equal(same(block([(20, 30, 7)])), np.concatenate([KEPT, np.tile(KEPT[-7:], (5, 1))[:30]]))
    runs = [(5, 3, 4), (0, 10, 8), (12, 7, 30), (1, 10, 2)]
    wanted = [*KEPT[:5], *KEPT[1:4]]
    wanted += [*wanted, *wanted[:2], *KEPT[5:17]]
    wanted += [*wanted[:7], KEPT[17]]
    wanted += [*wanted[-2:] * 5, *KEPT[18:]]
    assert np.array_equal(same(block(runs)), np.array(wanted))


@pytest.mark.parametrize(
    "data",
    [
        block([(20, 30, 1)], count=0),
        block([(20, 30, 1)], count=2),
        block([(20, 30, 1)], count=51),
        block([(20, 31, 1)]),
        block([(0, 50, 0)], ZEROS),
        block([(20, 60, 1)]),
        block([(0, 30, 1)]),
        block([(21, 30, 1)]),
        block([(21, 30, 0)], ZEROS),
        block([(51, 30, 0)], ZEROS),
        block([(20, 30, 21)]),
        block([(20, 30, 51)]),
        block([(3, 10, 3), (2, 20, 16)]),
        block([(0, 1, 1), (1, 29, 1)]),
        block([(20, 29, 1), (1, 1, 1)], inner=stored(KEPT)),
        block([(20, 30, 1)], ZEROS),
        block([(20, 30, 0)]),
        block([(20, 30, 0)], bytes([1, *ZEROS[1:]])),
        block([(20, 30, 0)], bytes([0, 17, 5, 0, *bytes(5)])),
        block([(20, 30, 0)], bytes([0, 16, 5])),
        block([(20, 30, 0)], ZEROS, inner=b""),
        block([(20, 30, 1)], inner=b""),
        block([(20, 30, 1)], inner=stored(KEPT[:19])),
        block([(20, 30, 1)], inner=stored(KEPT) + b"\0"),
        block([(20, 20, 1)], inner=block([(20, 10, 1)])),
        b"\x07",
        b"\x07\x01",
        b"\x07\x01\x00",
        b"\x07\x01\x14",
        b"\x07\x01\x14\x3b",
        b"\x07\x01\x94\x00\x3a" + stored(KEPT),
        b"\x07\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01" + stored(KEPT),
        b"\x07\x01\x14\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01" + stored(KEPT),
        b"\x07\x01\x14\x3b\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01" + stored(KEPT),
    ],
)
def test_heads_that_lie_are_refused(data: bytes) -> None:
    assert refused(data)


def test_both_decoders_agree_on_damaged_heads() -> None:
    rng = random.Random(7)
    sources = [
        block([(20, 30, 1)]),
        block([(20, 30, 13)]),
        block([(0, 1, 0), (7, 19, 1), (10, 5, 0), (0, 1, 6), (3, 4, 0)], ZEROS),
        block([(5, 3, 4), (0, 10, 8), (12, 7, 30), (1, 10, 2)]),
    ]
    decoded = 0
    for _ in range(1000):
        decoded += not refused(mutated(rng, rng.choice(sources)))
    assert decoded > 20


@pytest.mark.parametrize("level", [1, 4, 5, 9])
def test_the_first_frames_of_a_block_have_their_runs(level: int) -> None:
    """However few are asked for: in front of, within and behind what comes again."""
    rng = np.random.default_rng(level)
    samples = np.round(rng.normal(0, 9, (1500, 80)) + rng.normal(0, 9, (1500, 1))).astype("i2")
    samples[:30] = samples[700:800] = samples[1400:] = 0
    samples[800:850] = samples[850]
    samples[1000:1200] = samples[300:500]
    data = _core.n1_encode(samples, 2, True, 80, level)
    assert data[0] == 7
    for frames in (1, 29, 30, 31, 600, 699, 700, 750, 800, 849, 900, 1000, 1100, 1200, 1390, 1400, 1401, 1500):
        out = np.full_like(samples, 77)
        there = _core.n1_decode(data, out, 2, True, 80, frames=frames)
        assert frames <= there <= len(samples)
        assert np.array_equal(out[:there], samples[:there])
