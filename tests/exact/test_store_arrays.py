"""Promise: arrays of any shape, type and memory order come back from the bytes of a store's chunk, or damage is an error."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import n1codec
from n1codec.codec import Samples
from n1codec.integrations.arrays import FORTRAN, MAGIC, REPEATED, TRANSPOSED, as_samples, pack_array, unpack_array
from n1reference.array import decode_array
from n1reference.errors import DecodeError

CODEC = n1codec.get("n1:level=1")
FLAT = ((), (1,), (0,), (5, 0), (0, 70_000), (700,), (300, 3), (3, 300), (1, 300), (300, 1))
SHAPES = (*FLAT, (7, 50, 3), (2, 3, 100), (2, 3, 4, 5), (1, 1, 1))
NUMBERS = ("<i2", ">i2", "u1", "<i4", "<i8", ">u8", "<f2", "<f4", ">f8", "?")
TYPES = (*NUMBERS, "<c8", ">c16", "<M8[us]", "m8[s]", "S5", "<U3", "V6")


def walk(shape: tuple[int, ...], dtype: str = "<i2") -> NDArray[Any]:
    """Return an array whose values move in small steps along its longest axis."""
    steps = np.random.default_rng(1).normal(0, 20, shape)
    values = np.round(steps.cumsum(axis=int(np.argmax(shape))) if shape else steps).astype(np.int64)
    if np.dtype(dtype).kind in "SUV":
        raw = np.abs(values).astype(f"S{np.dtype(dtype).itemsize}")
        return raw.view(dtype) if dtype[0] == "V" and shape else raw.astype(dtype)
    return values.astype(dtype)


def bytes_in_memory(array: NDArray[Any]) -> bytes:
    return array.tobytes(order="A")


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", TYPES)
def test_an_array_comes_back_byte_for_byte_in_memory(dtype: str, order: Any) -> None:
    """A store looks at the bytes of what it gets, in the order in which they lie."""
    for shape in SHAPES:
        array = np.asarray(walk(shape, dtype), order=order)
        back = unpack_array(pack_array(array, CODEC))
        assert bytes_in_memory(back) == bytes_in_memory(array), (dtype, shape, order)
        if array.dtype.kind in "iufb":
            assert (back.dtype, back.shape) == (array.dtype, array.shape)
            assert back.flags.f_contiguous == array.flags.f_contiguous


@pytest.mark.parametrize("dtype", ["<i2", ">i2", "<f4", "?", "<i8", "<c8", "S5"])
def test_what_stores_fill_up_costs_next_to_nothing(dtype: str) -> None:
    for shape in ((1500,), (1500, 3), (300, 5, 3)):
        array = walk(shape, dtype) if dtype != "S5" else walk(shape).astype("S5")
        zeros = np.zeros((900, *shape[1:]), array.dtype)
        for order in ("C", "F"):
            full = np.asarray(np.concatenate([array, zeros]), order=order)
            data = pack_array(full, CODEC)
            assert bytes_in_memory(unpack_array(data)) == bytes_in_memory(full)
            if order == "C" or dtype[-2:] not in ("c8", "S5"):  # which are seen otherwise there
                assert len(data) < 1.04 * len(pack_array(array, CODEC)) + 40


def test_frames_that_repeat_are_found_to_the_last_bit() -> None:
    for n in (0, 1, 63, 64, 65, 200):
        for value in (0.0, -0.0, np.nan):
            array = np.r_[np.zeros(70), 1.0, np.full(n, value)]
            back = unpack_array(pack_array(array, CODEC))
            assert back.tobytes() == array.tobytes()
    same = np.full((500, 4), 7, np.int16)
    data = pack_array(same, CODEC)
    assert data[5] == REPEATED
    assert np.array_equal(unpack_array(data), same)
    with pytest.raises(n1codec.LimitError):
        unpack_array(data, max_bytes=3999)


def test_the_second_decoder_gives_the_same_memory() -> None:
    rng = np.random.default_rng(6)
    arrays: list[Samples] = [
        np.int16(7) * np.ones((), np.int16),
        rng.integers(-9, 9, (30, 4)).astype(np.int16),
        rng.integers(-9, 9, (4, 300)).astype(">i2"),
        rng.integers(-9, 9, (3, 50, 2)).astype(np.uint8),
        np.concatenate([rng.integers(-9, 9, (30, 3)), np.full((90, 3), 5)]).astype(np.int32),
        np.full((2, 100, 3), -1, np.int8),
        rng.normal(0, 1, (20, 3)),
        np.zeros((0, 4, 2), np.int16),
    ]
    for array in [*arrays, *(np.asfortranarray(each) for each in arrays)]:
        data = pack_array(array, CODEC)
        decoded = decode_array(data)
        assert decoded.to_bytes() == bytes_in_memory(array)
        assert decoded.decoded.layout.shape == unpack_array(data).shape
        if data[:4] == MAGIC:
            with pytest.raises(DecodeError):
                decode_array(data[:8] + bytes((data[8] ^ 1,)) + data[9:])


def test_a_preface_that_repeats_what_is_not_there_is_refused() -> None:
    same = pack_array(np.full((500, 4), 7, np.int16), CODEC)
    head = len(MAGIC) + 3 + 3 + 4
    for other in (np.zeros((500, 4), np.int16), np.zeros((3, 7), np.int16), np.zeros((0, 4), np.int16)):
        with pytest.raises(n1codec.CorruptError):
            unpack_array(same[:head] + n1codec.encode(other, CODEC))


def test_what_has_gaps_in_memory_comes_back_in_c_order() -> None:
    for array in (walk((300, 8))[:, ::2], walk((300, 8))[::-1], walk((20, 30, 4)).transpose(1, 0, 2)):
        back = unpack_array(pack_array(array, CODEC))
        assert np.array_equal(back, array)
        assert back.flags.c_contiguous


def test_arrays_of_one_or_two_axes_in_c_order_are_their_envelope_alone() -> None:
    for shape in ((700,), (300, 3)):
        array = walk(shape)
        assert pack_array(array, CODEC) == n1codec.encode(array, CODEC)


def test_the_preface_is_what_the_page_says() -> None:
    array = walk((300, 3))
    fortran = pack_array(np.asfortranarray(array), CODEC)
    assert fortran[:10] == MAGIC + bytes((0, FORTRAN, 2, 0xAC, 0x02, 3))
    assert fortran[14:] == n1codec.encode(array, CODEC)
    first = pack_array(np.ascontiguousarray(array.T), CODEC)
    assert first[:10] == MAGIC + bytes((0, TRANSPOSED, 2, 3, 0xAC, 0x02))
    assert first[14:] == fortran[14:]


def test_channels_that_come_first_cost_nothing() -> None:
    signal = walk((3000, 12))
    size = len(pack_array(signal, CODEC))
    for array in (signal.T.copy(), np.asfortranarray(signal), np.asfortranarray(signal.T), signal.reshape(3000, 4, 3)):
        assert len(pack_array(array, CODEC)) < size + 20


def test_no_shape_is_warned_of() -> None:
    """Who reads a store cannot turn its arrays."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for shape in ((2, 9000), (9000, 2), (1, 70_000), (3, 70_000)):
            noise = np.random.default_rng(2).integers(-99, 99, shape).astype(np.int16)
            assert np.array_equal(unpack_array(pack_array(noise, CODEC)), noise)


def test_objects_are_refused_by_name() -> None:
    for array in (np.array([1, "a", None], dtype=object), np.zeros(2, [("a", "O")])):
        with pytest.raises(n1codec.UnsupportedError, match="numbers of fixed length"):
            pack_array(array, CODEC)


def test_damage_anywhere_is_an_error() -> None:
    array = np.asfortranarray(walk((90, 3)))
    data = pack_array(array, CODEC)
    for at in range(len(data)):
        for bit in (1, 0x10, 0x80):
            damaged = bytearray(data)
            damaged[at] ^= bit
            with pytest.raises(n1codec.CorruptError):
                unpack_array(damaged)
        with pytest.raises(n1codec.CorruptError):
            unpack_array(data[:at])
    with pytest.raises(n1codec.CorruptError):
        unpack_array(data + b"\0")


def test_a_preface_that_promises_another_size_is_refused() -> None:
    data = pack_array(np.asfortranarray(walk((90, 3))), CODEC)
    other = pack_array(np.asfortranarray(walk((90, 4))), CODEC)
    begin = len(MAGIC) + 3 + 2 + 4
    with pytest.raises(n1codec.CorruptError, match="cannot have"):
        unpack_array(data[:begin] + other[begin:])


def test_memory_is_bounded_by_what_the_caller_expects() -> None:
    data = pack_array(np.zeros((100_000, 4), np.int16), CODEC)
    with pytest.raises(n1codec.LimitError):
        unpack_array(data, max_bytes=1000)


def test_types_that_samples_have_are_not_touched() -> None:
    array = walk((10, 2))
    assert np.shares_memory(as_samples(array), array)
    assert as_samples(array).dtype == array.dtype
