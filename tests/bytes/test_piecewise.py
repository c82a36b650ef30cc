"""Promises of the piecewise mode: both decoders read what its page allows, to its limits, and refuse what it does not."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest
from test_reference import FIXTURES, core, decode_payload, load, mutated, outcome, refused_or

from n1codec.codec import Layout, Samples
from n1reference.n1.pieces import BUDGET, Channel, Piece, Steps, Wrap
from n1reference.n1.tables import TABLES
from n1reference.samples import Dtype
from piecewise_blocks import Line, encode

BLOCKS = [path for path in FIXTURES if path.stem.startswith("piecewise-")]


def piece(units: int = 9, law: int = 0, shift: int = 0, bias: int = 0, own: tuple[int, ...] = ()) -> Piece:
    return Piece(units, law, shift, bias, list(own), [])


def same(lines: list[Line], dtype: str, wide: int = 0, listed: int = 0) -> Samples:
    """Return what both decoders make of a block; they must agree with the codes that went in."""
    values = [[line.channel.value(code) for code in line.codes] for line in lines]
    forms = [line.channel.form for line in lines]
    kind = Dtype(np.dtype(dtype).kind, np.dtype(dtype).itemsize)
    samples = np.array([f.samples(v, kind) if f else v for f, v in zip(forms, values, strict=True)], np.int64).T.astype(
        dtype
    )
    payload = b"\x01" + encode(lines, wide, listed)
    assert np.array_equal(core(payload, Layout.of(samples)), samples)
    assert np.array_equal(decode_payload(payload, Layout.of(samples)), samples)
    return samples


def refused(block: bytes, dtype: str, shape: tuple[int, ...]) -> bool:
    layout = Layout(np.dtype(dtype), shape)
    payload = b"\x01" + block
    both = outcome(core, payload, layout), refused_or(payload, layout)
    assert both[0] == both[1]
    return both[0] is None


def ends(rng: random.Random, n_codes: int, count: int) -> list[int]:
    """Return codes that jump from end to end and now and then rest."""
    codes = [rng.choice((0, n_codes - 1, rng.randrange(n_codes))) for _ in range(count)]
    return [codes[at // 3] if at % 30 > 20 else code for at, code in enumerate(codes)]


@pytest.mark.parametrize("law", range(6))
@pytest.mark.parametrize(
    ("shift", "bias", "own"),
    [
        (0, 0, ()),
        (0, (1 << 40) - 1, (-BUDGET,)),
        (0, -(1 << 40) + 1, (BUDGET // 2, -BUDGET // 2)),
        (30, (1 << 60) - (1 << 28), (BUDGET,)),
        (30, -(1 << 60) + (1 << 28), (*(BUDGET // 32,) * 32,)),
        (2, 3, (64, *(0,) * 31)),
        (3, -2, (512,)),
    ],
)
def test_numbers_at_their_ends_are_exact(law: int, shift: int, bias: int, own: tuple[int, ...]) -> None:
    """2^31 codes from one end to the other, the largest sums, the scale at both ends of its range."""
    rng = random.Random(law + shift)
    for n_codes, first, start in ((1 << 31, -(1 << 31), 72), (1 << 31, 0, 0), (2, (1 << 31) - 2, 72), (300, -7, 0)):
        channel = Channel(first, n_codes, start=start)
        same([Line(channel, [piece(1, law, shift, bias, own), piece(1)], ends(rng, n_codes, 330))], "int32")


def test_the_largest_strides_and_lists_are_exact() -> None:
    rng = random.Random(3)
    whole = Channel(0, 2, stride=(1 << 32) - 1)
    far = Channel(0, 5, values=[0, 1, 2, 1 << 31, (1 << 32) - 1])
    lines = [Line(channel, [piece()], ends(rng, channel.n_codes, 90)) for channel in (whole, far)]
    assert same(lines, "uint32", listed=3).max() == (1 << 32) - 1
    assert refused(encode(lines, listed=2), "uint32", (90, 2))  # a list of 5 values where 4 are the most
    assert refused(encode(lines), "uint32", (90, 2))


@pytest.mark.parametrize("seed", range(6))
def test_widths_from_the_narrowest_to_the_widest_are_exact(seed: int) -> None:
    rng = random.Random(seed)
    n_codes = rng.choice((2, 9, 60, 64))
    logs: list[int | None] = [rng.choice((-24, -9, -3, 0, 2, 5, None)) for _ in range(n_codes)]
    logs[0] = 0 if seed else -24
    if n_codes > 20:
        logs[7] = 24
        logs[8:20] = [None] * 12
    codes = ends(rng, n_codes, 600)  # those that "do not occur" among them: they have a mass of their own, too
    pieces = [piece(1, seed, 6, 0, (1 << 12,)), piece(2, 3, 1, 77, (100, 20, 8))]
    block = [Line(Channel(-30, n_codes, start=20), pieces, codes, logs)]
    same(block, "int8", wide=6)
    if n_codes > 2:
        assert refused(encode(block, wide=(n_codes - 1).bit_length() - 1), "int8", (600, 1))


def test_codes_of_more_than_four_widths_on_average_are_refused() -> None:
    logs: list[int | None] = [8] * 10
    block = [Line(Channel(0, 10), [piece()], [0] * 40, logs)]
    assert refused(encode(block, wide=4), "int8", (40, 1))
    logs[0] = 7  # one a hair below
    assert not refused(encode([Line(Channel(0, 10), [piece()], [0] * 40, logs)], wide=4), "int8", (40, 1))


def test_other_channels_may_be_constant_far_away_and_named_twice() -> None:
    rng = random.Random(8)
    lines = [Line(Channel(5, 1), [], [0] * 300)]
    for number in range(1, 20):
        others = [rng.randrange(number) for _ in range(rng.randrange(min(8, number) + 1))]
        channel = Channel(-500, 1000, start=10, others=others, lags=rng.randrange(1, 5) if others else 0)
        taps = [rng.randrange(-60, 60) for _ in range(len(others) * channel.lags)]
        pieces = [Piece(1, 1, 8, 64, [3000, 9], taps), piece(1)]
        lines.append(Line(channel, pieces, ends(rng, 1000, 300)))
    same(lines, "int16")


@pytest.mark.parametrize("frames", [1, 2, 255, 256, 257, 513])
def test_any_number_of_frames_has_its_pieces(frames: int) -> None:
    rng = random.Random(frames)
    pieces = [piece(1, at % 6, 0, 0, (64,)) for at in range(-(-frames // 256))]
    same([Line(Channel(0, 200, start=12), pieces, ends(rng, 200, frames))], "uint8")


@pytest.mark.parametrize(
    ("dtype", "low", "modulus", "begin", "first", "n_codes", "stride"),
    [
        ("int32", -(1 << 31), 1 << 32, (1 << 32) - 1, -(1 << 32) + 1, 2, (1 << 32) - 1),
        ("uint32", 0, 1 << 32, 0, 1 << 31, 1 << 31, 1),
        ("uint32", 5, (1 << 32) - 5, 7, -(1 << 32) + 6, 1 << 30, 7),
        ("int16", -32768, 65536, 65535, -65535, 131071, 1),
        ("uint8", 255, 1, 0, 0, 1, 1),
        ("int8", -3, 7, 6, -6, 1, 1),
        ("int8", -3, 7, 2, 6, 1, 1),
        ("int8", -128, 256, 0, -255, 4, 170),
    ],
)
def test_changes_that_wrap_around_are_exact(
    dtype: str, low: int, modulus: int, begin: int, first: int, n_codes: int, stride: int
) -> None:
    """From one end of the changes to the other, beside a channel without a form that is predicted from them."""
    rng = random.Random(modulus)
    codes = ends(rng, n_codes, 300)
    taps = Piece(2, 1, 8, 64, [3000, 9], [11])
    lines = [
        Line(Channel(first, n_codes, stride, form=Wrap(low, modulus, begin)), [piece(law=2, own=(50,))], codes),
        Line(Channel(3, 100, start=10, others=[0], lags=1), [taps], ends(rng, 100, 300)),
        Line(Channel(0, 3, values=[0, 4, 6], form=Wrap(1, 7, 3)), [piece()], ends(rng, 3, 300)),
    ]
    same(lines, dtype, listed=2)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16", "int32", "uint32"])
def test_steps_of_any_size_are_exact(dtype: str) -> None:
    """In the first frames and in the last, one after the other, the same and the opposite again, beyond the type and back."""
    rng = random.Random(dtype)
    sizes = [7, 7, -7, (1 << 31) - 1, -(1 << 31), 1, 0, -(1 << 30) - 5, 12, -12]
    every = {1 + at: size for at, size in enumerate(sizes)} | {40: 9, 299: -9}
    large = {frame: rng.randrange(-5, 6) * 100_003 for frame in sorted(rng.sample(range(1, 300), 60))}
    lines = [
        Line(Channel(-(1 << 32) + 1, 300, 5, form=Steps(every)), [piece(law=2, own=(50,))], ends(rng, 300, 300)),
        Line(Channel((1 << 32) - 1, 1, form=Steps(large)), [], [0] * 300),
        Line(Channel(3, 100, start=10, others=[0], lags=1), [Piece(2, 1, 8, 64, [3000, 9], [11])], ends(rng, 100, 300)),
        Line(Channel(0, 3, values=[0, 4, 1 << 31], form=Steps({299: 1})), [piece()], ends(rng, 3, 300)),
    ]
    same(lines, dtype, listed=2)
    same([Line(Channel(0, 1, form=Wrap(0, 99, 3)), [], [0] * 300), *lines], dtype, listed=2)


def stepped(frame: int, first: int = 0) -> bytes:
    return encode([Line(Channel(first, 9, form=Steps({3: 4, frame: 5})), [piece()], [at % 9 for at in range(40)])])


def test_steps_beyond_the_end_and_values_beyond_33_bits_are_refused() -> None:
    assert not refused(stepped(39), "int8", (40, 1))
    assert refused(stepped(40), "int8", (40, 1))
    assert refused(stepped((1 << 32) + 3), "int8", (40, 1))
    assert not refused(stepped(9, (1 << 32) - 9), "int8", (40, 1))
    assert refused(stepped(9, (1 << 32) - 8), "int8", (40, 1))
    assert not refused(stepped(9, -(1 << 32) + 1), "int8", (40, 1))
    assert refused(stepped(9, -(1 << 32)), "int8", (40, 1))


def test_a_value_of_a_list_that_is_no_change_is_refused() -> None:
    line = Line(Channel(0, 3, values=[0, 4, 7], form=Wrap(1, 7, 3)), [piece()], [0] * 40)
    assert refused(encode([line], listed=2), "int8", (40, 1))


def changed(**numbers: int) -> bytes:
    """Return a block of one channel with some numbers of its channel, form or piece replaced."""
    channel, only = Channel(-100, 200, start=9), piece(own=(70, -6), shift=1)
    if {"low", "modulus", "begin"} & set(numbers):
        channel.form = Wrap(-120, 240, 7)
    taps = numbers.pop("taps", 2)
    only.own += [0] * (taps - 2)
    for name, value in numbers.items():
        if name == "tap":
            only.own[0] = value
        else:
            setattr(next(part for part in (only, channel, channel.form) if hasattr(part, name)), name, value)
    return encode([Line(channel, [only], [(at * 7) % 200 for at in range(60)])])


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ({"taps": 32}, {"taps": 33}),
        ({"law": 5}, {"law": 6}),
        ({"shift": 30}, {"shift": 31}),
        ({"start": 72}, {"start": 73}),
        ({"tap": BUDGET - 6}, {"tap": BUDGET - 5}),
        ({"bias": (1 << 40) - 1, "shift": 2}, {"bias": 1 << 60, "shift": 30}),
        ({"first": -128}, {"first": -129}),
        ({"first": -72}, {"first": -71}),
        ({"n_codes": 228}, {"n_codes": 229}),
        ({"stride": 1}, {"stride": 2}),
        ({"low": -128}, {"low": -129}),
        ({"low": -112}, {"low": -111}),
        ({"modulus": 248}, {"modulus": 249}),
        ({"modulus": 101, "begin": 100}, {"modulus": 100}),
        ({"begin": 239}, {"begin": 240}),
        ({"begin": 0, "first": -239}, {"begin": 0, "first": -240}),
        ({"begin": 0, "first": 40}, {"begin": 0, "first": 41}),
    ],
)
def test_numbers_beyond_their_limits_are_refused(right: dict[str, int], wrong: dict[str, int]) -> None:
    assert not refused(changed(**right), "int8", (60, 1))
    assert refused(with_laws(lambda: changed(**wrong)), "int8", (60, 1))


def with_laws(make: Callable[[], bytes]) -> bytes:
    """Make a block whose law may be none, or whose scale: what its words say does not matter then."""
    laws = TABLES["pieces"]
    TABLES["pieces"] = [*laws, laws[0], laws[0]]
    try:
        return make()
    finally:
        TABLES["pieces"] = laws


@pytest.mark.parametrize(("at", "value"), [(1, 17), (1, 32 + 17), (1, 64), (1, 128), (1, 255), (2, 13), (2, 255)])
def test_tables_beyond_their_limits_are_refused(at: int, value: int) -> None:
    block = bytearray(changed() if value != 32 + 17 else changed(begin=1))
    assert not refused(bytes(block), "int8", (60, 1))
    block[at] = value - 1 if value in (17, 13, 32 + 17) else 0
    assert not refused(bytes(block), "int8", (60, 1))
    block[at] = value
    assert refused(bytes(block), "int8", (60, 1))


def test_bits_and_words_left_over_are_refused() -> None:
    block = changed()
    header, raw = block[3], block[4]
    assert header < 128
    assert raw < 128
    end = 5 + header
    assert refused(block + b"\0", "int8", (60, 1))
    assert refused(block + b"\0\0", "int8", (60, 1))
    assert refused(block[:-2], "int8", (60, 1))
    longer = bytes([*block[:3], header + 1, *block[4:end], 0, *block[end:]])
    assert refused(longer, "int8", (60, 1))
    longer = bytes([*block[:4], raw + 1, *block[5 : end + raw], 0, *block[end + raw :]])
    assert refused(longer, "int8", (60, 1))


def test_a_form_that_is_none_is_refused() -> None:
    form = 3
    block = bytearray(changed(begin=1))
    header, raw = block[3], block[4]
    at = 6 + header + raw
    assert block[at] & 3 == 1
    assert not refused(bytes(block), "int8", (60, 1))
    block[at] ^= 1 ^ form
    assert refused(bytes(block), "int8", (60, 1))
    longer = bytes(
        [
            *block[:5],
            block[5] + 1,
            *block[6:at],
            1 ^ form ^ block[at],
            *block[at + 1 : at + block[5]],
            0,
            *block[at + block[5] :],
        ]
    )
    assert refused(longer, "int8", (60, 1))


def test_both_decoders_agree_on_damaged_piecewise_blocks() -> None:
    rng = random.Random(6)
    sources = [load(path)[:2] for path in BLOCKS if load(path)[1].size < 2000]
    decoded = 0
    for _ in range(250):
        payload, layout = rng.choice(sources)
        data = payload[:1] + mutated(rng, payload[1:])
        expected = outcome(core, data, layout)
        assert refused_or(data, layout) == expected, (data.hex(), layout)
        decoded += expected is not None
    assert decoded > 20
