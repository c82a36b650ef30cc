"""Promises of blocks around a block: both decoders put frames that repeat one in their places, and refuse heads that lie."""

from __future__ import annotations

import random

import numpy as np
import pytest
from test_reference import core, decode_payload, mutated, outcome, refused_or

from n1codec import _core, varint
from n1codec.codec import Layout, Samples

Run = tuple[int, int, bool]
FRAMES = 50
KEPT: Samples = np.arange(100, 140, dtype="i2").reshape(20, 2)
ZEROS = bytes([0, 0, 5, 0])
"""A stored block of one frame: all values 5."""


def block(runs: list[Run], blank: bytes = b"", inner: bytes | None = None, count: int | None = None) -> bytes:
    """Return a block whose runs, the last one first, are frames behind, length and whether they are blank."""
    said = b"".join(varint.pack(behind) + varint.pack(2 * length - 2 + is_blank) for behind, length, is_blank in runs)
    inner = stored(KEPT) if inner is None else inner
    return bytes([7]) + varint.pack(len(runs) if count is None else count) + said + blank + inner


def stored(samples: Samples) -> bytes:
    """Return a block of the stored mode: 16 bits a value."""
    return bytes([0, 16, 0, 0]) + samples.astype("<i2").tobytes()


def same(data: bytes, frames: int = FRAMES) -> Samples:
    """Return what both decoders make of a block."""
    layout = Layout(np.dtype("i2"), (frames, 2))
    samples = core(b"\x01" + data, layout)
    assert np.array_equal(decode_payload(b"\x01" + data, layout), samples)
    return samples


def refused(data: bytes, frames: int = FRAMES) -> bool:
    layout = Layout(np.dtype("i2"), (frames, 2))
    both = outcome(core, b"\x01" + data, layout), refused_or(b"\x01" + data, layout)
    assert both[0] == both[1]
    return both[0] is None


def test_runs_stand_where_the_page_says() -> None:
    five = np.full((1, 2), 5, "i2")
    assert np.array_equal(same(block([(0, 30, False)])), np.concatenate([KEPT, np.repeat(KEPT[-1:], 30, 0)]))
    assert np.array_equal(same(block([(20, 30, True)], ZEROS)), np.concatenate([np.repeat(five, 30, 0), KEPT]))
    runs = [(0, 4, True), (3, 1, False), (0, 5, True), (10, 19, False), (7, 1, True)]
    parts = [five, KEPT[:7], np.repeat(KEPT[6:7], 19, 0), KEPT[7:17], np.repeat(five, 5, 0), KEPT[16:17], KEPT[17:]]
    assert np.array_equal(same(block(runs, ZEROS)), np.concatenate([*parts, np.repeat(five, 4, 0)]))


@pytest.mark.parametrize(
    "data",
    [
        block([(0, 30, False)], count=0),
        block([(0, 30, False)], count=2),
        block([(0, 30, False)], count=51),
        block([(0, 31, False)]),
        block([(0, 50, True)], ZEROS),
        block([(0, 60, False)]),
        block([(20, 30, False)]),
        block([(21, 30, True)], ZEROS),
        block([(51, 30, True)], ZEROS),
        block([(0, 29, False), (19, 1, False), (1, 1, False)], inner=stored(KEPT[:19])),
        block([(0, 30, False)], ZEROS),
        block([(0, 30, True)]),
        block([(0, 30, True)], bytes([1, *ZEROS[1:]])),
        block([(0, 30, True)], bytes([0, 17, 5, 0, *bytes(5)])),
        block([(0, 30, True)], bytes([0, 16, 5])),
        block([(0, 30, True)], ZEROS, inner=b""),
        block([(0, 30, False)], inner=b""),
        block([(0, 30, False)], inner=stored(KEPT[:19])),
        block([(0, 30, False)], inner=stored(KEPT) + b"\0"),
        block([(0, 20, False)], inner=block([(0, 10, False)])),
        b"\x07",
        b"\x07\x01",
        b"\x07\x01\x00",
        b"\x07\x81\x00\x00\x3a" + stored(KEPT),
        b"\x07\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01" + stored(KEPT),
        b"\x07\x01\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01" + stored(KEPT),
    ],
)
def test_heads_that_lie_are_refused(data: bytes) -> None:
    assert refused(data)


def test_both_decoders_agree_on_damaged_heads() -> None:
    rng = random.Random(7)
    sources = [
        block([(0, 30, False)]),
        block([(0, 4, True), (3, 1, False), (0, 5, True), (10, 19, False), (7, 1, True)], ZEROS),
    ]
    decoded = 0
    for _ in range(600):
        decoded += not refused(mutated(rng, rng.choice(sources)))
    assert decoded > 20


@pytest.mark.parametrize("level", [1, 4, 5, 9])
def test_the_first_frames_of_a_block_have_their_runs(level: int) -> None:
    """However few are asked for: in front of, within and behind what repeats a frame."""
    rng = np.random.default_rng(level)
    samples = np.round(rng.normal(0, 9, (1500, 80)) + rng.normal(0, 9, (1500, 1))).astype("i2")
    samples[:30] = samples[700:800] = samples[1400:] = 0
    samples[800:850] = samples[850]
    data = _core.n1_encode(samples, 2, True, 80, level)
    assert data[0] == 7
    for frames in (1, 29, 30, 31, 600, 699, 700, 750, 800, 849, 900, 1390, 1400, 1401, 1500):
        out = np.full_like(samples, 77)
        there = _core.n1_decode(data, out, 2, True, 80, frames=frames)
        assert frames <= there <= len(samples)
        assert np.array_equal(out[:there], samples[:there])
