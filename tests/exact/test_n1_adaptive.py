"""Promises of the n1 coder's adaptive modes, on arrays long enough to reach them: safe on any bytes, alike on every kernel."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from test_n1 import KERNELS, decode, encode, integer_signal, outcome

from arrays import same
from n1codec import _core
from n1codec.codec import Layout, Samples
from n1codec.codecs.n1 import N1
from n1codec.errors import N1Error

ROOT = Path(__file__).parents[2]
MODE_BACKWARD, MODE_MIXED = 2, 3
LEVELS = range(5, _core.N1_MAX_LEVEL + 1)
FRAMES = 700
"""More than the 512 from which the adaptive modes take a chunk; the last of its blocks of 32 is not whole."""


@cache
def recording(n_channels: int) -> Samples:
    """Return channels that have something in common."""
    samples: Samples = integer_signal(FRAMES, n_channels)
    array: Samples = (samples + samples[:, :1] // 2).astype("i2")
    return array


@cache
def payload(level: int, n_channels: int) -> bytes:
    return encode(recording(n_channels), level, "portable")


def result(payload: bytes, like: Samples, kernel: str) -> bytes | str:
    """Return the samples or the error's text."""
    return outcome(lambda: decode(payload, like, kernel))


def damaged(good: bytes, rng: np.random.Generator) -> bytes:
    """Return bytes with one fault: a bit, the end, some bytes at random, or bytes after the end."""
    spoiled = bytearray(good)
    kind = int(rng.integers(5))
    # the head, where lengths and counts are, as often as all the rest
    at = int(rng.integers(min(len(good), 120) if rng.random() < 0.5 else len(good)))
    if kind <= 1:
        spoiled[at] ^= 1 << int(rng.integers(8))
    elif kind == 2:
        del spoiled[at:]
    elif kind == 3:
        spoiled[at : at + 8] = rng.bytes(len(spoiled[at : at + 8]))
    else:
        spoiled += rng.bytes(int(rng.integers(1, 20)))
    return bytes(spoiled)


@pytest.mark.parametrize("level", LEVELS[:-1])
def test_many_channels_go_through_an_adaptive_mode(level: int) -> None:
    assert payload(level, 12)[0] == (MODE_BACKWARD if level < 7 else MODE_MIXED)


def test_one_channel_goes_through_the_best_mode() -> None:
    samples = integer_signal(20_000, 1)
    modes = {encode(samples, level, "portable")[0] for level in (7, 8)}
    assert modes == {MODE_MIXED}


@pytest.mark.parametrize(
    ("level", "n_channels"), [(n, c) for n in (5, 6) for c in (8, 9, 15, 16, 17, 33)] + [(7, 9), (9, 8)]
)
def test_strands_of_any_length_come_back_on_every_kernel(level: int, n_channels: int) -> None:
    samples = recording(n_channels)
    for kernel in KERNELS:
        assert encode(samples, level, kernel) == payload(level, n_channels)
        assert same(decode(payload(level, n_channels), samples, kernel), samples)


@pytest.mark.parametrize("frames", [512, 543, 544, 545, 1024])
def test_blocks_cut_anywhere_come_back_on_every_kernel(frames: int) -> None:
    samples = np.ascontiguousarray(np.tile(recording(16), (2, 1))[:frames])
    good = encode(samples, 5, "portable")
    for kernel in KERNELS:
        assert encode(samples, 5, kernel) == good
        assert same(decode(good, samples, kernel), samples)


@pytest.mark.parametrize("kind", ["steps", "wide", "few", "silent then loud"])
def test_extreme_channels_come_back_on_every_kernel(kind: str) -> None:
    rng = np.random.default_rng(3)
    shape = (FRAMES, 19)
    time = np.arange(FRAMES)[:, None]
    if kind == "steps":
        wide = np.where(time // 50 % 2 == 0, -2047, 2047) + rng.integers(-1, 1, shape, endpoint=True)
    elif kind == "wide":
        wide = rng.integers(-2048, 2047, shape, endpoint=True)
    elif kind == "few":
        wide = rng.integers(0, 2, shape, endpoint=True)
    else:
        wide = np.where(time < 400, 0, rng.integers(-2000, 2000, shape))
    samples = wide.astype("i2")
    for level in (4, 6, 7):
        good = encode(samples, level, "portable")
        for kernel in KERNELS:
            assert encode(samples, level, kernel) == good
            assert same(decode(good, samples, kernel), samples)


@pytest.mark.parametrize(("level", "n_channels"), [(level, n) for level in LEVELS for n in (1, 12)])
def test_damage_is_refused_or_decodes_alike_on_every_kernel(level: int, n_channels: int) -> None:
    rng = np.random.default_rng([level, n_channels])
    like, good = recording(n_channels), payload(level, n_channels)
    for _ in range(60 if level < 7 else 25):
        bad = damaged(good, rng)
        outcomes = {result(bad, like, kernel) for kernel in KERNELS}
        assert len(outcomes) == 1


@pytest.mark.parametrize("mode", [MODE_BACKWARD, MODE_MIXED])
def test_bytes_at_random_are_refused_or_decode(mode: int) -> None:
    rng = np.random.default_rng(mode)
    like = recording(12)
    for _ in range(300):
        bad = bytes([mode]) + rng.bytes(int(rng.integers(0, 400)))
        assert len({result(bad, like, kernel) for kernel in KERNELS}) == 1


@pytest.mark.parametrize("level", [4, 6, 9])
def test_a_payload_for_another_shape_is_refused_or_decodes(level: int) -> None:
    good = payload(level, 12)
    for shape in ((FRAMES, 11), (FRAMES, 13), (600, 12), (FRAMES * 12, 1), (4, 2), (FRAMES - 1, 12), (FRAMES + 40, 12)):
        like = np.zeros(shape, "i2")
        assert len({result(good, like, kernel) for kernel in KERNELS}) == 1


def test_a_cut_backward_payload_is_refused() -> None:
    samples = recording(12)
    whole = N1(5).encode(samples)
    for size in (*range(160), len(whole) // 2, len(whole) - 1):
        with pytest.raises((N1Error, ValueError)):
            N1().decode(whole[:size], Layout.of(samples))


@pytest.mark.parametrize(
    ("which", "path"),
    [("laws", "predict/law_tables.c"), ("functions", "base/tables.c"), ("nlink", "converter/nlink_widths.c")],
)
def test_the_tables_are_what_their_script_prints(which: str, path: str) -> None:
    script, table = ROOT / "scripts/make_n1_tables.py", ROOT / "core/src" / path
    if not script.exists() or not table.exists():
        pytest.skip("not a checkout of the repository")
    made = subprocess.run([sys.executable, str(script), which], capture_output=True, text=True, check=True)
    assert made.stdout == table.read_text()
