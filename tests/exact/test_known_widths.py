"""Promises of code widths that are known: short chunks of many channels get smaller, and come back with them or not at all."""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np
import pytest
from test_n1 import KERNELS

import n1codec
from arrays import same, uneven
from n1codec import _core
from n1codec.codec import Samples
from n1codec.codecs.n1 import N1, learn_widths
from n1reference.array import decode_array
from n1reference.errors import DecodeError
from n1reference.n1 import known


@cache
def learned() -> bytes:
    return learn_widths(uneven(6000, 80, 1))


def coded(samples: Samples, widths: bytes, level: int = 5) -> bytes:
    return n1codec.get(f"n1:level={level}").knowing(widths).encode(samples)


@pytest.mark.parametrize("level", range(1, 10))
def test_chunks_get_smaller_by_what_they_need_not_learn_and_come_back(level: int) -> None:
    samples = uneven(700, 80, 2)
    plain, short = coded(samples, b"", level), coded(samples, learned(), level)
    same(n1codec.decode(short, widths=learned()), samples)
    if level < 4:
        assert short == plain, "other modes send what widths they have"
    else:
        assert len(short) < 0.985 * len(plain)


MANY = 260
"""Channels whose code widths are learned in two halves."""


@cache
def of_many() -> tuple[Samples, bytes]:
    samples = uneven(4000, MANY, 6)
    return samples, learn_widths(samples)


def test_many_channels_are_learned_in_halves_that_threads_share_and_code_as_well() -> None:
    samples, widths = of_many()
    assert len(known.KnownWidths(widths).roots) == 16 + 2, "a probe's converters, of either half"
    for threads in (2, 3, 16):
        assert learn_widths(samples, threads=threads) == widths
    chunk = uneven(700, MANY, 7)
    plain, short = coded(chunk, b""), coded(chunk, widths)
    assert len(short) < 0.99 * len(plain)
    assert len(short) < 1.002 * len(coded(chunk, _core.n1_learn_tables(samples, 2, True, MANY)))
    same(n1codec.decode(short, widths=widths), chunk)


def test_tables_of_two_halves_say_what_each_of_them_says() -> None:
    samples = of_many()[0]
    halves = [_core.n1_learn_tables(samples, 2, True, MANY, columns) for columns in ((0, 96), (96, MANY))]
    joined = known.KnownWidths(_core.n1_join_tables(*halves)).roots
    for half in map(known.KnownWidths, halves):
        for own in half.roots:
            now = joined.pop(0)
            assert set(own) <= set(now)
            assert np.mean([abs(now[value] - root) <= 1 for value, root in own.items()]) > 0.9
    assert not joined


def test_tables_that_have_no_lattice_in_common_or_are_too_many_are_not_joined() -> None:
    every_third = learn_widths(uneven(6000, 80, 1, "i4", 3))
    assert every_third
    assert _core.n1_join_tables(learned(), every_third) == b""
    many = _core.n1_join_tables(learned(), learned())
    while len(known.KnownWidths(many).roots) <= 32:
        many = _core.n1_join_tables(many, many)
    assert _core.n1_join_tables(many, many) == b""
    for other in (b"", b"\0", learned()[:-1]):
        with pytest.raises(ValueError):
            _core.n1_join_tables(learned(), other)


def test_halves_that_differ_too_much_are_learned_as_one() -> None:
    samples = of_many()[0].copy()
    samples[:, 96:] *= 3
    assert learn_widths(samples) == _core.n1_learn_tables(samples, 2, True, MANY)
    samples[:, 96:] = 0
    assert learn_widths(samples) == _core.n1_learn_tables(samples, 2, True, MANY, (0, 96))


@pytest.mark.parametrize("kernel", KERNELS)
def test_every_kernel_codes_by_them_alike(kernel: str) -> None:
    samples = uneven(545, 97, 3)
    block = _core.n1_encode(samples, 2, True, 97, 5, kernel, learned())
    assert block == _core.n1_encode(samples, 2, True, 97, 5, "portable", learned())
    out = np.empty_like(samples)
    _core.n1_decode(block, out, 2, True, 97, kernel, tables=learned())
    same(out, samples)
    half = np.empty_like(samples)
    there = _core.n1_decode(block, half, 2, True, 97, kernel, frames=200, tables=learned())
    assert 200 <= there < 545, "the beginning is decoded alone here, too"
    same(half[:there], samples[:there])


def test_they_are_the_same_on_every_machine() -> None:
    digest = hashlib.sha256(learned() + coded(uneven(700, 80, 2), learned())).hexdigest()
    assert digest.startswith("509a0e414fc777b3")


def test_the_second_decoder_reads_what_was_coded_by_them() -> None:
    samples = uneven(520, 70, 4)
    data = coded(samples, learned())
    with pytest.raises(DecodeError, match="not at hand"):
        decode_array(coded(samples, learn_widths(uneven(6000, 80, 9))))
    known.give(learned())
    assert decode_array(data).to_bytes() == samples.tobytes()


LONG = 4500
"""Frames of three sections."""


@cache
def sections(still: int | None = None) -> tuple[Samples, bytes]:
    samples = uneven(LONG, 70, 12)
    if still is not None:
        samples[:, still] = 7
    return samples, _core.n1_encode(samples, 2, True, 70, 5, "", learned())


@pytest.mark.parametrize("kernel", KERNELS)
def test_long_blocks_have_sections_by_every_kernel_alike(kernel: str) -> None:
    samples, block = sections()
    assert _core.n1_encode(samples, 2, True, 70, 5, kernel, learned()) == block
    out = np.empty_like(samples)
    _core.n1_decode(block, out, 2, True, 70, kernel, tables=learned())
    same(out, samples)


@pytest.mark.parametrize("still", [None, 30], ids=["all channels", "a still one"])
@pytest.mark.parametrize(
    ("wanted", "first"),
    [((0, 1), 0), ((2047, 2048), 0), ((2048, 2049), 2048), ((2100, 4100), 2048), ((4499, 4500), 4096), ((0, 4500), 0)],
)
def test_a_section_is_decoded_without_those_before_it(wanted: tuple[int, int], first: int, still: int | None) -> None:
    samples, block = sections(still)
    assert _core.n1_reach(block, 2, True, 70, LONG, wanted) == (first, wanted[1])
    out = np.empty_like(samples[first : wanted[1]])
    _core.n1_decode(block, out, 2, True, 70, tables=learned(), span=(LONG, first))
    same(out, samples[first : wanted[1]])


def test_frames_that_are_not_of_the_block_are_refused() -> None:
    samples, block = sections()
    out = np.empty_like(samples[:500])
    for span in ((LONG, 2000), (LONG, 4096), (LONG, 1 << 62), (100, 0), (1 << 62, 0)):
        with pytest.raises((ValueError, n1codec.N1Error)):
            _core.n1_decode(block, out, 2, True, 70, tables=learned(), span=span)
    for wanted in ((5, 5), (6, 5), (0, LONG + 1), (1 << 62, (1 << 62) + 1)):
        with pytest.raises(ValueError, match="no such frames"):
            _core.n1_reach(block, 2, True, 70, LONG, wanted)


def test_the_second_decoder_reads_sections() -> None:
    known.give(learned())
    assert decode_array(coded(sections()[0], learned())).to_bytes() == sections()[0].tobytes()


def test_damaged_lengths_of_sections_are_refused() -> None:
    samples, block = sections()
    short = _core.n1_encode(np.ascontiguousarray(samples[:2048]), 2, True, 70, 5, "", learned())
    at, lengths = len(short), 0
    while at and not lengths:  # those of the first two, in front of as many bytes: two lengths in all
        at -= 1
        first, second = (int.from_bytes(block[i : i + 4], "little") for i in (at, at + 4))
        lengths = at if 0 < first + second < len(block) - at - 8 and min(first, second) > 50_000 else 0
    assert lengths, "where they are"
    out = np.empty_like(samples)
    for change in (1, -1, 2, 1 << 20, 1 << 31):
        for place in (lengths, lengths + 4):
            wrong = (int.from_bytes(block[place : place + 4], "little") + change) % (1 << 32)
            bad = block[:place] + wrong.to_bytes(4, "little") + block[place + 4 :]
            with pytest.raises(ValueError, match="inconsistent"):
                _core.n1_decode(bad, out, 2, True, 70, tables=learned())
    for size in (lengths + 3, lengths + 9, len(block) - 1):
        with pytest.raises(ValueError, match="inconsistent"):
            _core.n1_decode(block[:size], out, 2, True, 70, tables=learned())


@pytest.mark.parametrize("other", [b"", learn_widths(uneven(6000, 80, 9))], ids=["none", "others"])
def test_without_them_a_chunk_is_an_error_that_says_so(other: bytes) -> None:
    data = coded(uneven(700, 80, 2), learned())
    with pytest.raises(n1codec.CorruptError, match="code widths"):
        n1codec.decode(data, widths=other)


@pytest.mark.parametrize(("dtype", "scale"), [("i2", 1), ("i2", 4), ("u2", 1), ("u2", 3), ("i4", 1), ("i4", 70_001)])
def test_they_serve_every_type_and_gain(dtype: str, scale: int) -> None:
    widths = learn_widths(uneven(6000, 80, 1, dtype, scale))
    samples = uneven(700, 80, 2, dtype, scale)
    plain, short = coded(samples, b""), coded(samples, widths)
    same(n1codec.decode(short, widths=widths), samples)
    assert widths
    assert len(short) < 0.985 * len(plain)


def test_a_chunk_of_channels_from_anywhere_finds_its_converters() -> None:
    samples = uneven(700, 240, 5)[:, 100:170]
    plain, short = coded(samples, b""), coded(samples, learn_widths(uneven(6000, 240, 6)))
    assert len(short) < 0.985 * len(plain)


def test_those_of_another_recording_cost_nothing() -> None:
    even = np.random.default_rng(7).normal(0, 9, (700, 80)).round().astype("i2")
    assert coded(even, learned()) == coded(even, b"")
    n1_codes = (np.random.default_rng(8).integers(400, 600, (700, 80)) * 65535 // 1023 - 32768).astype("i2")
    same(n1codec.decode(coded(n1_codes, learned()), widths=learned()), n1_codes)


@pytest.mark.parametrize(
    "samples",
    [
        uneven(6000, 63, 1),
        uneven(300, 80, 1),
        np.zeros((6000, 80), "i2"),
        np.zeros((0, 80), "i2"),
        np.random.default_rng(1).integers(-32768, 32767, (6000, 80)).astype("i2"),
        np.random.default_rng(2).normal(0, 20, (6000, 80)).round().astype("i2"),
        np.arange(5000, dtype="i2"),
    ],
    ids=["few channels", "few samples", "constant", "empty", "noise", "even codes", "one channel"],
)
def test_where_nothing_is_worth_knowing_there_are_none(samples: Samples) -> None:
    assert learn_widths(samples) == b""
    if samples.size:
        same(n1codec.decode(coded(samples[:600], b"")), samples[:600])


def test_any_bytes_for_them_are_an_error_or_code_exactly() -> None:
    samples, good = uneven(545, 80, 3), learned()
    rng = np.random.default_rng(11)
    ways = {"refused": 0, "exact": 0}
    for trial in range(300):
        bad = bytearray(good)
        if trial % 3 == 0:
            bad = bad[: rng.integers(1, len(bad))]
        for _ in range(trial % 4):
            bad[rng.integers(min(len(bad), 40 if trial % 2 else len(bad)))] ^= 1 << int(rng.integers(8))
        try:
            data = coded(samples, bytes(bad))
        except n1codec.N1Error:
            ways["refused"] += 1
            continue
        same(n1codec.decode(data, widths=bytes(bad)), samples)
        ways["exact"] += 1
    assert min(ways.values()) > 50, ways


def test_what_is_no_recording_is_one_clear_error() -> None:
    with pytest.raises(n1codec.UnsupportedError, match="float64"):
        learn_widths(np.zeros((1000, 80)))
    with pytest.raises(n1codec.ParameterError, match="widths"):
        N1().knowing("text")  # type: ignore[arg-type]
    assert n1codec.get("delta+bz2").knowing(learned()).encode(np.arange(9, dtype="i2"))
