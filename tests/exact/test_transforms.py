"""Transforms other than lattice: exactly reversible, what they promise to compute, and safe on hostile input."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from arrays import lattice_samples
from n1codec import _core
from n1codec.codec import Layout, Samples, Transform
from n1codec.errors import CorruptError, ParameterError
from n1codec.transforms._wire import Reader, pack_integers
from n1codec.transforms.bitpack import BitPack
from n1codec.transforms.channel import Channel
from n1codec.transforms.delta import Delta
from n1codec.transforms.lpc import Lpc
from n1codec.transforms.planar import Planar
from n1codec.transforms.shuffle import BitShuffle, ByteShuffle
from n1codec.transforms.wavelet import Wavelet
from n1codec.transforms.zigzag import Zigzag

DTYPES = ["i1", "u1", "i2", "u2", "i4", "u4"]
TRANSFORMS: list[Transform] = [
    Lpc(),
    Lpc(order=1, block=256),
    Lpc(order=32, block=256, precision=20),
    Lpc(order=7, precision=3),
    Wavelet(),
    Wavelet(levels=1),
    Wavelet(levels=8),
    Channel(),
    Channel(mode="neighbour"),
    Channel(span=3, weight=16),
    Channel(span=64, weight=1),
    Planar(),
    Zigzag(),
    ByteShuffle(),
    BitShuffle(),
    BitPack(),
    BitPack(block=16),
]


def spell(transform: Transform) -> str:
    return transform.spec()


@st.composite
def samples(draw: st.DrawFn) -> Samples:
    """Draw smooth, noisy or extreme samples of any type, of one or two dimensions."""
    dtype = draw(st.sampled_from(DTYPES))
    n = draw(st.one_of(st.integers(1, 40), st.integers(250, 1100)))
    shape = draw(st.sampled_from([(n,), (n, 1), (n, 3), (n, 19)]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    limits = np.iinfo(dtype)
    match draw(st.sampled_from(["noise", "extremes", "walk", "constant"])):
        case "noise":
            return rng.integers(limits.min, limits.max, shape, dtype, endpoint=True)
        case "extremes":
            return rng.choice([limits.min, limits.max], shape).astype(dtype)
        case "walk":
            return np.cumsum(rng.integers(-9, 10, shape), axis=0).astype(dtype)
        case _:
            return np.full(shape, rng.integers(limits.min, limits.max, endpoint=True), dtype)


@pytest.mark.parametrize("transform", TRANSFORMS, ids=spell)
@given(array=samples())
def test_inverse_gives_the_samples_back(transform: Transform, array: Samples) -> None:
    before = array.copy()
    layout = Layout.of(array)
    out, side = transform.forward(array)
    assert transform.output_layout(layout, side) == Layout.of(out)
    assert out.flags.c_contiguous
    restored = transform.inverse(out, side, layout)
    assert Layout.of(restored) == layout
    np.testing.assert_array_equal(restored, before)
    np.testing.assert_array_equal(array, before)


@pytest.mark.parametrize("transform", TRANSFORMS, ids=spell)
@given(side=st.binary(max_size=40), seed=st.integers(0, 2**32), dtype=st.sampled_from(DTYPES))
def test_hostile_side_information_is_refused_or_decodes_to_the_shape(
    transform: Transform, side: bytes, seed: int, dtype: str
) -> None:
    rng = np.random.default_rng(seed)
    for shape in ((1,), (200,), (130, 5)):
        layout = Layout(np.dtype(dtype), shape)
        try:
            inner = transform.output_layout(layout, side)
            assert inner.nbytes <= 2 * layout.nbytes + 64
            noise = rng.integers(0, 256, inner.nbytes, np.uint8).view(inner.dtype).reshape(inner.shape)
            restored = transform.inverse(noise, side, layout)
        except (ValueError, CorruptError):
            continue
        assert Layout.of(restored) == layout


@pytest.mark.parametrize(
    "transform", [Zigzag(), Planar(), ByteShuffle(), BitShuffle(), Channel(), Wavelet()], ids=spell
)
def test_side_information_where_there_is_none_is_refused(transform: Transform) -> None:
    with pytest.raises(ValueError, match="no side information"):
        transform.output_layout(Layout(np.dtype(np.int16), (9,)), b"\0")


def test_parameters_out_of_range_are_refused() -> None:
    for make in (
        lambda: Lpc(order=0),
        lambda: Lpc(order=33),
        lambda: Lpc(block=255),
        lambda: Lpc(precision=21),
        lambda: Wavelet(levels=9),
        lambda: Channel(mode="mean"),
        lambda: Channel(span=65),
        lambda: Channel(mode="neighbour", span=2),
        lambda: BitPack(block=15),
    ):
        with pytest.raises(ParameterError):
            make()


# ---- zigzag, planar, shuffles, bitpack ----


def test_zigzag_folds_signs() -> None:
    out, _ = Zigzag().forward(np.array([0, -1, 1, -2, 2, 32767, -32768], np.int16))
    assert out.dtype == np.uint16
    assert out.tolist() == [0, 1, 2, 3, 4, 65534, 65535]


def test_planar_gives_one_channel_after_another() -> None:
    array = np.arange(12, dtype=np.int16).reshape(4, 3)
    out, _ = Planar().forward(array)
    assert out.tolist() == [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", [1, 7, 8, 9, 64, 1003])
def test_shuffles_agree_with_numpy(dtype: str, n: int) -> None:
    array = np.random.default_rng(n).integers(0, 256, n * int(dtype[1]), np.uint8).view(dtype)
    bytes_of = array.astype(f"<{dtype}").view(np.uint8).reshape(n, -1)
    np.testing.assert_array_equal(ByteShuffle().forward(array)[0], bytes_of.T.reshape(-1))
    bits = np.unpackbits(bytes_of, axis=1, bitorder="little")
    planes = np.packbits(bits.T, axis=1, bitorder="little")
    np.testing.assert_array_equal(BitShuffle().forward(array)[0], planes.reshape(-1))


def test_bits_past_the_last_value_are_refused() -> None:
    array = np.arange(9, dtype=np.int16)
    planes, _ = BitShuffle().forward(array)
    planes[-1] |= 2
    with pytest.raises(ValueError):
        BitShuffle().inverse(planes, b"", Layout.of(array))


def test_bitpack_takes_as_few_bits_as_the_range_needs() -> None:
    codes = np.random.default_rng(0).integers(-300, 700, 4096).astype(np.int16)
    packed, _ = BitPack(block=1024).forward(codes)
    assert packed.size == 4 * (1 + 2 + 1024 * 10 // 8)
    constant, _ = BitPack(block=1024).forward(np.full(4096, -5, np.int32))
    assert constant.size == 4 * (1 + 4)


def test_bitpack_refuses_damage() -> None:
    array = np.random.default_rng(0).integers(0, 50, 100).astype(np.int16)
    packed, _ = BitPack(block=64).forward(array)
    layout = Layout.of(array)
    with pytest.raises(ValueError):
        BitPack(block=64).inverse(packed[:-1], b"", layout)
    with pytest.raises(ValueError):
        BitPack(block=64).inverse(np.append(packed, np.uint8(0)), b"", layout)
    wide = packed.copy()
    wide[0] = 17
    with pytest.raises(ValueError):
        BitPack(block=64).inverse(wide, b"", layout)


# ---- channel ----


def reference_channel(array: Samples, span: int, weight: int) -> np.ndarray[Any, Any]:
    """Residuals by the formula, in Python's integers, for samples that do not wrap."""
    out = array.astype(object)
    for frame, values in zip(out, array.tolist(), strict=True):
        for c in range(1, len(values)):
            recent = values[max(0, c - span) : c]
            frame[c] = values[c] - weight * sum(recent) // (16 * len(recent))
    return out


@pytest.mark.parametrize("transform", [Channel(), Channel(mode="neighbour"), Channel(span=7, weight=13)], ids=spell)
def test_channel_agrees_with_its_formula(transform: Channel) -> None:
    array = np.random.default_rng(1).integers(-500, 500, (30, 11)).astype(np.int16)
    terms = (1, 16) if transform.mode == "neighbour" else (transform.span, transform.weight)
    out, _ = transform.forward(array)
    np.testing.assert_array_equal(out, reference_channel(array, *terms))


def test_channel_average_makes_a_common_signal_small() -> None:
    rng = np.random.default_rng(2)
    common = rng.normal(0, 200, (2000, 1))
    array = np.rint(common + rng.normal(0, 20, (2000, 32))).astype(np.int16)
    out, _ = Channel(weight=16).forward(array)
    assert out[:, 4:].std() < 0.15 * array.std()


# ---- wavelet ----


def reference_level(x: list[int]) -> tuple[list[int], list[int]]:
    """One level of the 5/3 wavelet, with the signal continued symmetrically about its ends."""
    n = len(x)

    def mirrored(i: int) -> int:
        i = abs(i)
        return x[i if i < n else 2 * (n - 1) - i]

    def high(i: int) -> int:
        return mirrored(2 * i + 1) - (mirrored(2 * i) + mirrored(2 * i + 2)) // 2

    low = [x[2 * i] + (high(i - 1) + high(i) + 2) // 4 for i in range((n + 1) // 2)]
    return low, [high(i) for i in range(n // 2)]


@pytest.mark.parametrize("levels", [1, 2, 5])
@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 16, 17, 33, 100])
def test_wavelet_agrees_with_lifting_in_plain_python(n: int, levels: int) -> None:
    array = np.random.default_rng(n).integers(-999, 1000, (n, 2)).astype(np.int16)
    out, _ = Wavelet(levels=levels).forward(array)
    for c in range(2):
        low: list[int] = array[:, c].tolist()
        bands: list[list[int]] = []
        for _ in range(levels):
            if len(low) > 1:
                low, high = reference_level(low)
                bands.insert(0, high)
        assert out[:, c].tolist() == low + [value for band in bands for value in band]


# ---- lpc ----


def autoregressive(n: int, seed: int = 0) -> Samples:
    """Return a noisy oscillation that two taps and more foretell much better than the last sample does."""
    rng = np.random.default_rng(seed)
    x = np.zeros(n + 2)
    for t in range(2, n + 2):
        x[t] = 1.7 * x[t - 1] - 0.9 * x[t - 2] + rng.normal(0, 30)
    return np.rint(x[2:]).astype(np.int16)


def test_lpc_leaves_less_than_differences_do() -> None:
    array = autoregressive(20_000)
    residual = Lpc(order=4).forward(array)[0].astype(float)
    difference = Delta().forward(array)[0].astype(float)
    assert (residual**2).mean() < 0.2 * (difference**2).mean()
    assert residual[100:].std() < 1.02 * 30.01


def unpacked(side: bytes, layout: Layout) -> tuple[int, list[int], list[int], list[int], list[list[int]]]:
    """Read side information by its description."""
    reader = Reader(side)
    block = reader.varint(1 << 16)
    count = layout.channels * -(-layout.shape[0] // block)
    orders, shifts = reader.integers(count).tolist(), reader.integers(count).tolist()
    centres = np.cumsum(reader.integers(count), dtype=np.int32).tolist()
    first = iter(reader.integers(sum(order > 0 for order in orders)).tolist())
    later = iter(reader.integers(sum(max(0, order - 1) for order in orders)).tolist())
    taps = [[next(first), *(next(later) for _ in range(order - 1))] if order else [] for order in orders]
    reader.end()
    return block, orders, shifts, centres, taps


@pytest.mark.parametrize("dtype", ["i2", "u2", "i4"])
@pytest.mark.parametrize("transform", [Lpc(order=5, block=256), Lpc(order=16, block=300, precision=9)], ids=spell)
def test_lpc_agrees_with_its_formula(dtype: str, transform: Lpc) -> None:
    array = np.stack([autoregressive(700), autoregressive(700, 1) // 3 + 40], axis=1).astype(dtype)
    out, side = transform.forward(array)
    block, _, shifts, centres, taps = unpacked(side, Layout.of(array))
    bits = 8 * array.dtype.itemsize
    bias = 1 << (bits - 1) if dtype[0] == "u" else 0
    n_blocks = -(-len(array) // block)
    for c in range(2):
        x = [int(value) - bias for value in array[:, c]]
        for t in range(len(x)):
            b = c * n_blocks + t // block
            past = [x[t - 1 - i] - centres[b] if t > i else 0 for i in range(len(taps[b]))]
            total = sum(tap * value for tap, value in zip(taps[b], past, strict=True))
            foretold = centres[b] + ((total + (1 << shifts[b] >> 1)) >> shifts[b])
            wrapped = (x[t] - foretold + (1 << (bits - 1))) % (1 << bits) - (1 << (bits - 1))
            assert out[t, c] == wrapped, (t, c)


def test_lpc_sends_no_coefficients_for_noise_and_little_for_constants() -> None:
    noise = np.random.default_rng(0).integers(-(2**15), 2**15, 10_000).astype(np.int16)
    assert unpacked(Lpc().forward(noise)[1], Layout.of(noise))[1] == [0]
    constant = np.full(10_000, 1234, np.int16)
    residual, side = Lpc().forward(constant)
    assert not residual.any()
    assert len(side) < 16


def test_lpc_coefficients_cost_little_on_an_n1_recording() -> None:
    array = lattice_samples((60_000,))
    _, side = Lpc().forward(array)
    assert len(side) < 0.002 * array.nbytes


def test_lpc_limits_are_checked() -> None:
    layout = Layout(np.dtype(np.int16), (256,))
    ok = b"\x80\x02"  # one block of 256 frames

    def side(order: int, shift: int, taps: list[int]) -> bytes:
        lists = ([order], [shift], [0], taps[:1], taps[1:])
        return ok + b"".join(pack_integers(np.array(values, np.int64)) for values in lists)

    zeros = np.zeros(256, np.int16)
    Lpc().inverse(zeros, side(2, 20, [1 << 24, -(1 << 24)]), layout)
    for bad in (
        side(33, 4, [1] * 33),
        side(1, 21, [1]),
        side(1, 4, [(1 << 24) + 1]),
        side(1, 4, [1]) + b"\0",
        b"\x01\0",
    ):
        with pytest.raises(ValueError):
            Lpc().inverse(zeros, bad, layout)


def test_lpc_moments_are_exact_sums() -> None:
    rng = np.random.default_rng(0)
    for scale in (100, 5000, 2**22):
        row = rng.integers(-scale, scale, 3000).astype(np.int32)
        moments = np.zeros((6, 6), np.int64)
        _core.lpc_moments(row, 3, 2500, 7, 0, moments)
        y = np.concatenate((np.zeros(10, np.int64), row.astype(np.int64) - 7))
        lagged = np.stack([y[13 - i : 2513 - i] for i in range(6)])
        np.testing.assert_array_equal(moments, lagged @ lagged.T)


# ---- integers of side information ----


@given(st.lists(st.integers(-(2**31), 2**31 - 1), max_size=50))
@example([-(2**31), 2**31 - 1, 0, -1])
def test_integers_come_back(values: list[int]) -> None:
    array = np.array(values, np.int32)
    packed = pack_integers(array)
    reader = Reader(packed)
    np.testing.assert_array_equal(reader.integers(len(values)), array)
    reader.end()
    if values:
        with pytest.raises(ValueError):
            Reader(packed[:-1]).integers(len(values))


def test_integers_take_no_memory_before_their_bits_are_there() -> None:
    with pytest.raises(ValueError, match="too short"):
        Reader(b"\x00\xff").integers(1 << 40)
