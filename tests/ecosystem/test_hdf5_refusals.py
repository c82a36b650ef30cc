"""Promise: the filter of HDF5 says why it refuses, and never passes damage on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hdf5_files import h5py, hdf5, run_python, some_traces, written
from numpy.typing import NDArray

import n1codec


@pytest.fixture
def traces() -> NDArray[np.int16]:
    return some_traces()


@pytest.mark.parametrize(
    ("options", "samples", "reason"),
    [
        ({"shuffle": True}, np.zeros((99, 4), "i2"), "must be the first filter"),
        ({"scaleoffset": 0}, np.zeros((99, 4), "i2"), "must be the first filter"),
        ({}, np.zeros((99, 4), "f4"), "holds floats"),
        ({}, np.zeros((99, 4), "f8"), "holds floats"),
        ({}, np.zeros((99, 4), "i8"), "1 to 4 bytes"),
        ({}, np.zeros((99, 4), "u8"), "1 to 4 bytes"),
        ({}, np.zeros((99, 4), "S4"), "holds something else"),
        ({}, np.zeros((99, 4), [("a", "i2"), ("b", "i2")]), "holds something else"),
        ({}, np.zeros((2, 70_000), "i2"), "more than 65,536 channels"),
        ({"compression_opts": (0,)}, np.zeros((99, 4), "i2"), "level must be from 1 to 9"),
        ({"compression_opts": (10,)}, np.zeros((99, 4), "i2"), "level must be from 1 to 9"),
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_coded_is_refused_with_a_reason(
    tmp_path: Path, options: dict[str, Any], samples: NDArray[Any], reason: str
) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        with pytest.raises((ValueError, OSError), match=f"n1: .*{reason}"):
            file.create_dataset("x", data=samples, chunks=samples.shape, **{"compression": hdf5.FILTER_ID, **options})
        assert "x" not in file


def test_every_flipped_bit_is_an_error(tmp_path: Path, traces: NDArray[Any]) -> None:
    path = tmp_path / "a.h5"
    offset, size = written(path, traces[:200, :4], (200, 4))
    sound = path.read_bytes()
    rng = np.random.default_rng(0)
    places = [*range(32), *range(size - 14, size), *rng.integers(0, size, 60)]
    for at in places:
        damaged = bytearray(sound)
        damaged[offset + at] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        with (
            h5py.File(path) as file,
            pytest.raises(OSError, match=r"n1: a chunk (is damaged|was written by a later version)"),
        ):
            file["x"][()]


def test_the_chunk_of_another_data_set_is_an_error(tmp_path: Path, traces: NDArray[Any]) -> None:
    encode = n1codec.get("n1:level=1").encode
    foreign: list[tuple[NDArray[Any], str]] = [
        (traces[:201, :4], "not of the shape"),
        (traces[:200, :5], "not of the shape"),
        (traces[:200, :4].astype("u2"), "not of the shape"),
        (traces[:200, :4].astype("i4"), "not of the shape"),
        (traces[:200, :4].astype("f4"), "samples that are no integers"),
        (traces[:0, :4], "not of the shape"),
    ]
    for at, (samples, reason) in enumerate(foreign):
        with h5py.File(tmp_path / f"{at}.h5", "w") as file:
            data = hdf5.create_dataset(file, "x", shape=(200, 4), dtype="i2", chunks=(200, 4))
            data.id.write_direct_chunk((0, 0), encode(samples))
            with pytest.raises(OSError, match=reason):
                data[()]
    with h5py.File(tmp_path / "b.h5", "w") as file:
        data = hdf5.create_dataset(file, "x", shape=(200, 4), dtype="i2", chunks=(200, 4))
        data.id.write_direct_chunk((0, 0), n1codec.get("delta+zlib").encode(traces[:200, :4]))
        with pytest.raises(OSError, match="which only Python reads"):
            data[()]


@pytest.mark.parametrize(
    ("at", "value", "reason"),
    [
        (0, 0, "does not know"),
        (0, 77, "does not know"),
        (1, 1, "later version"),
        (2, 0x15, "does not know"),
        (2, 0x10, "does not know"),
        (2, 0x52, "does not know"),
        (3, 0, "beyond the filter's limits"),
        (3, 0xFFFFFFFF, "beyond the filter's limits"),
        (4, 70_000, "beyond the filter's limits"),
        (4, 5, "not of the shape"),
    ],
)
def test_a_header_that_lies_is_an_error(tmp_path: Path, traces: NDArray[Any], at: int, value: int, reason: str) -> None:
    path = tmp_path / "a.h5"
    written(path, traces[:200, :4], (200, 4))
    data = path.read_bytes()
    values = np.array([3, 0, 0x12, 200, 4], "<u4")
    assert data.count(values.tobytes()) == 1
    lie = values.copy()
    lie[at] = value
    path.write_bytes(data.replace(values.tobytes(), lie.tobytes()))
    with h5py.File(path) as file, pytest.raises(OSError, match=f"n1: .*{reason}"):
        file["x"][()]


def test_a_missing_h5py_is_named_with_its_extra() -> None:
    done = run_python("import sys; sys.modules['h5py'] = None; import n1codec.hdf5")
    assert "MissingDependencyError: n1codec.hdf5 needs h5py 3.10 or newer: pip install 'n1codec[hdf5]'" in done.stderr


def test_plugins_switched_off_are_named() -> None:
    done = run_python("import n1codec.hdf5", HDF5_PLUGIN_PRELOAD="::")
    assert "CodecError: HDF5" in done.stderr
    assert "HDF5_PLUGIN_PRELOAD" in done.stderr


def test_an_old_h5py_is_named_with_its_version() -> None:
    done = run_python("import h5py; h5py.__version__ = '3.1.0'; import n1codec.hdf5")
    assert "n1codec.hdf5 needs h5py 3.10 or newer, and 3.1.0 is installed" in done.stderr
