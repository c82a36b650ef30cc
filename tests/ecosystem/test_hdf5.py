"""Promise: n1 as a filter of HDF5 gives back every sample, whatever the type, the chunks and the order of reading."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hdf5_files import h5py, hdf5, same, some_traces
from numpy.typing import NDArray

import n1codec

DTYPES = ("i1", "u1", "<i2", ">i2", "<u2", ">u2", "<i4", ">i4", "<u4", ">u4")


@pytest.fixture
def traces() -> NDArray[np.int16]:
    return some_traces()


def noise(shape: tuple[int, ...], dtype: Any, seed: int = 0) -> NDArray[Any]:
    """A few bits of noise around the middle of a type, and its extremes."""
    info = np.iinfo(dtype)
    values = np.random.default_rng(seed).normal(0, 20, shape).round() + (int(info.max) + int(info.min) + 1) // 2
    values = values.clip(info.min, info.max).astype(dtype)
    if values.size > 1:
        values.reshape(-1)[:2] = info.min, info.max
    return values


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("shape", "chunks"),
    [
        ((1,), (1,)),
        ((2000,), (700,)),
        ((1000, 1), (300, 1)),
        ((1, 50), (1, 50)),
        ((1000, 7), (300, 3)),
        ((50, 6, 5), (20, 6, 2)),
        ((999, 385), (1000 // 2, 35)),
    ],
    ids=str,
)
def test_every_integer_comes_back(tmp_path: Path, dtype: str, shape: tuple[int, ...], chunks: tuple[int, ...]) -> None:
    samples = noise(shape, dtype)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("x", data=samples, chunks=chunks, **hdf5.N1(level=2))
    with h5py.File(tmp_path / "a.h5") as file:
        assert file["x"].id.get_create_plist().get_filter(0)[0] == hdf5.FILTER_ID
        assert same(file["x"][()], samples)


@pytest.mark.parametrize("order", ["STD_I32LE", "STD_I32BE", "STD_U32LE", "STD_U32BE"])
def test_integers_of_three_bytes_come_back(tmp_path: Path, order: str) -> None:
    signed = order[4] == "I"
    low, high = (-(1 << 23), (1 << 23) - 1) if signed else (0, (1 << 24) - 1)
    samples = (
        np.random.default_rng(1).integers(low, high, (500, 4), np.int64, endpoint=True).astype("i4" if signed else "u4")
    )
    samples[0, :2] = low, high
    kind = getattr(h5py.h5t, order).copy()
    kind.set_size(3)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_chunk((200, 3))
        plist.set_filter(hdf5.FILTER_ID, 0, (1,))
        new = h5py.h5d.create(file.id, b"x", kind, h5py.h5s.create_simple(samples.shape), plist)
        new.write(h5py.h5s.ALL, h5py.h5s.ALL, samples)
    with h5py.File(tmp_path / "a.h5") as file:
        back = np.empty_like(samples)
        file["x"].id.read(h5py.h5s.ALL, h5py.h5s.ALL, back)
        assert same(back, samples)
        assert file["x"].id.get_storage_size() < samples.size * 3 + 500


def test_truth_values_come_back(tmp_path: Path) -> None:
    samples = np.random.default_rng(1).random((300, 5)) < 0.2
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("x", data=samples, chunks=(100, 5), compression=hdf5.N1())
        assert same(file["x"][()], samples)


@pytest.mark.parametrize("level", [1, 3, 5, 9])
@pytest.mark.parametrize("order", ["<", ">"])
def test_a_chunk_is_the_envelope_that_python_writes(
    tmp_path: Path, traces: NDArray[Any], level: int, order: str
) -> None:
    samples = traces[:1000, :8].astype(f"{order}i2")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        data = hdf5.create_dataset(file, "x", samples, level=level, chunks=(500, 8))
        _, chunk = data.id.read_direct_chunk((500, 0))
    assert chunk == n1codec.get(f"n1:level={level}").encode(samples[500:])
    assert same(n1codec.decode(chunk), samples[500:])


def test_what_python_encodes_can_be_put_into_a_file(tmp_path: Path, traces: NDArray[Any]) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        data = hdf5.create_dataset(file, "x", shape=(1000, 8), dtype="<i2", chunks=(500, 8))
        for start in (0, 500):
            data.id.write_direct_chunk((start, 0), n1codec.get("n1:level=1").encode(traces[start : start + 500, :8]))
        assert same(data[()], traces[:1000, :8])


def test_what_fills_the_last_chunk_costs_nearly_nothing(tmp_path: Path, traces: NDArray[Any]) -> None:
    samples = traces[:3000]
    sizes = {}
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for frames in (1500, 2900):
            data = file.create_dataset(f"x{frames}", data=samples, chunks=(frames, 64), **hdf5.N1(3))
            assert same(data[()], samples)
            sizes[frames] = data.id.get_storage_size()
        still = file.create_dataset("still", data=np.full((5000, 64), 7, np.int16), chunks=(5000, 64), **hdf5.N1(3))
        assert still.id.get_storage_size() < 200
        assert (still[()] == 7).all()
    assert sizes[2900] < 1.03 * sizes[1500]


def test_a_small_file_of_many_channels_has_chunks_of_many(tmp_path: Path, traces: NDArray[Any]) -> None:
    assert hdf5.chunk_shape((1_000_000, 385), "i2", level=5) == (15_503, 129)
    assert hdf5.chunk_shape((1_000_000, 63), "i2", level=5) == hdf5.chunk_shape((1_000_000, 63), "i2")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        data = hdf5.create_dataset(file, "x", traces, level=5)
        assert data.chunks == hdf5.chunk_shape(traces.shape, traces.dtype, level=5)
        assert same(data[()], traces)


def test_parts_are_read_and_written_with_any_cache(tmp_path: Path, traces: NDArray[Any]) -> None:
    expected = traces.copy()
    for cache in (0, 1 << 16, 1 << 24):
        with h5py.File(tmp_path / f"{cache}.h5", "w", rdcc_nbytes=cache) as file:
            data = hdf5.create_dataset(file, "x", expected, level=1, chunks=(300, 16))
            rng = np.random.default_rng(cache)
            for _ in range(20):
                a, b = np.sort(rng.integers(0, len(expected), 2))
                c, d = np.sort(rng.integers(0, 64, 2))
                expected[a:b, c:d] = rng.integers(-50, 50, (b - a, d - c))
                data[a:b, c:d] = expected[a:b, c:d]
                assert same(data[a // 2 : b, c:d], expected[a // 2 : b, c:d])
        with h5py.File(tmp_path / f"{cache}.h5", rdcc_nbytes=cache) as file:
            assert same(file["x"][()], expected)


def test_a_data_set_grows(tmp_path: Path, traces: NDArray[Any]) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        data = hdf5.create_dataset(file, "x", shape=(0, 64), dtype="i2", maxshape=(None, 64), level=1)
        assert data.chunks == (8181, 22)
        for start in range(0, len(traces), 777):
            piece = traces[start : start + 777]
            data.resize(start + len(piece), axis=0)
            data[start:] = piece
        data.flush()
        assert same(data[()], traces)


def test_a_checksum_after_it_is_no_hindrance(tmp_path: Path, traces: NDArray[Any]) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        data = hdf5.create_dataset(file, "x", traces, fletcher32=True)
        assert same(data[()], traces)


def test_no_level_is_level_five(tmp_path: Path, traces: NDArray[Any]) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        one = file.create_dataset("x", data=traces, chunks=(1000, 64), compression=hdf5.FILTER_ID)
        other = file.create_dataset("y", data=traces, chunks=(1000, 64), compression=hdf5.N1(level=5))
        assert one.id.read_direct_chunk((0, 0)) == other.id.read_direct_chunk((0, 0))


def test_threads_read_the_same_samples(tmp_path: Path, traces: NDArray[Any]) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        hdf5.create_dataset(file, "x", traces, level=1, chunks=(200, 8))
    wrong: list[int] = []

    def read(seed: int) -> None:
        rng = np.random.default_rng(seed)
        with h5py.File(tmp_path / "a.h5") as file:
            for _ in range(20):
                start, channel = int(rng.integers(len(traces) - 300)), int(rng.integers(50))
                part = np.s_[start : start + 300, channel : channel + 14]
                if not same(file["x"][part], traces[part]):
                    wrong.append(seed)

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.parametrize(
    ("shape", "dtype", "growing", "expected"),
    [
        ((1_000_000, 385), "i2", False, (7826, 23)),
        ((1_000_000, 384), "i2", False, (7500, 24)),
        ((1_000_000, 64), "i2", False, (8181, 22)),
        ((1_000_000, 4), "i4", False, (45_000, 4)),
        ((1_000_000,), "u1", False, (180_000,)),
        ((500, 385), "i2", False, (500, 23)),
        ((0, 385), "i2", True, (7826, 23)),
        ((100, 0), "i2", False, (100, 1)),
        ((5000, 10, 10), "i2", False, (1800, 10, 10)),
    ],
)
def test_chunks_are_of_few_channels_and_fit_into_the_cache(
    shape: tuple[int, ...], dtype: str, growing: bool, expected: tuple[int, ...]
) -> None:
    assert hdf5.chunk_shape(shape, dtype, growing=growing) == expected
    assert math.prod(expected) * np.dtype(dtype).itemsize < 1 << 20


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda file: hdf5.create_dataset(file, "x", np.zeros(9)), n1codec.UnsupportedError),
        (lambda file: hdf5.create_dataset(file, "x", np.zeros(9, "i8")), n1codec.UnsupportedError),
        (lambda file: hdf5.create_dataset(file, "x"), n1codec.ParameterError),
        (lambda file: hdf5.create_dataset(file, "x", np.zeros(9, "i2"), shuffle=True), n1codec.ParameterError),
        (lambda file: hdf5.create_dataset(file, "x", np.zeros(9, "i2"), compression="gzip"), n1codec.ParameterError),
        (lambda file: hdf5.create_dataset(file, "x", np.zeros(9, "i2"), level=10), n1codec.ParameterError),
        (lambda file: hdf5.N1("5"), n1codec.ParameterError),
        (lambda file: hdf5.chunk_shape((), "i2"), n1codec.ParameterError),
        (lambda file: hdf5.chunk_shape((5, -1), "i2"), n1codec.ParameterError),
        (lambda file: hdf5.chunk_shape((5, 5), "no such"), n1codec.N1Error),
        (lambda file: hdf5.chunk_shape((5, 5), "i2", level=10), n1codec.ParameterError),
        (lambda file: hdf5.create_dataset(file, "x", [["a"]]), n1codec.UnsupportedError),
        (lambda file: hdf5.create_dataset(file, "x", shape=5, dtype="i2"), n1codec.ParameterError),
        (lambda file: hdf5.create_dataset(file, "x", np.int16(5)), n1codec.ParameterError),
    ],
)
def test_a_wrong_argument_is_one_error(tmp_path: Path, call: Callable[[Any], Any], error: type[Exception]) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        with pytest.raises(error):
            call(file)
        assert "x" not in file
