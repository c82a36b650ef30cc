"""Promise: one plugin serves every program and every HDF5 library, alone or together in one process."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hdf5_files import h5py, hdf5, run_python, same, some_traces
from numpy.typing import NDArray


@pytest.fixture
def traces() -> NDArray[np.int16]:
    return some_traces()


def sum_of(path: str) -> int:
    import h5py  # and not n1codec

    with h5py.File(path) as file:
        return int(file["x"][()].astype(np.int64).sum())


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_child_processes_find_the_filter(tmp_path: Path, traces: NDArray[Any], method: str) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        hdf5.create_dataset(file, "x", traces, level=1)
    code = f"import h5py; print(h5py.File({str(tmp_path / 'a.h5')!r})['x'][()].astype('i8').sum())"
    if method == "spawn":
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert int(done.stdout) == traces.astype(np.int64).sum()
    else:
        with multiprocessing.get_context("fork").Pool(1) as pool:
            assert pool.apply(sum_of, (str(tmp_path / "a.h5"),)) == traces.astype(np.int64).sum()


def test_the_plugin_needs_no_hdf5_and_shows_two_names() -> None:
    library = next(Path(hdf5.path()).iterdir())
    assert library.name.startswith("lib")
    if not (shutil.which("ldd") and shutil.which("nm")):
        pytest.skip("no ldd and nm here: what the plugin is linked to is NOT looked at")
    linked = subprocess.run(["ldd", library], capture_output=True, text=True, check=True).stdout
    assert "hdf5" not in linked.replace(str(library), "")
    names = subprocess.run(["nm", "-D", "--defined-only", library], capture_output=True, text=True, check=True).stdout
    assert {line.split()[-1] for line in names.splitlines()} == {"H5PLget_plugin_type", "H5PLget_plugin_info"}


def debian_hdf5() -> Any:
    """Another HDF5 library than h5py's, in this process."""
    for name in ("libhdf5_serial.so.103", "libhdf5_serial.so.310", "libhdf5_serial.so"):
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    return pytest.skip("NOT tested: there is no second HDF5 library here (apt-get install hdf5-tools)")


def test_two_hdf5_libraries_in_one_process_share_the_filter(tmp_path: Path, traces: NDArray[Any]) -> None:
    """Each is asked for its own functions: an id of one means nothing to the other."""
    lib = debian_hdf5()
    samples = np.ascontiguousarray(traces[:1000, :8])
    hid, sides = ctypes.c_int64, ctypes.c_uint64 * 2

    def call(name: str, *args: Any, result: Any = hid) -> Any:
        function = lib[name]
        function.restype = result
        return function(*args)

    def value(name: str) -> Any:
        return hid.in_dll(lib, name)

    assert call("H5open", result=ctypes.c_int) == 0
    call("H5PLprepend", os.fsencode(hdf5.path()), result=ctypes.c_int)
    file = hid(call("H5Fcreate", os.fsencode(tmp_path / "a.h5"), 2, hid(0), hid(0)))
    plist = hid(call("H5Pcreate", value("H5P_CLS_DATASET_CREATE_ID_g")))
    call("H5Pset_chunk", plist, 2, sides(500, 8), result=ctypes.c_int)
    call("H5Pset_filter", plist, hdf5.FILTER_ID, 0, ctypes.c_size_t(1), (ctypes.c_uint * 1)(2), result=ctypes.c_int)
    space = hid(call("H5Screate_simple", 2, sides(*samples.shape), None))
    with h5py.File(tmp_path / "b.h5", "w") as other:  # both at work
        hdf5.create_dataset(other, "x", samples, level=2, chunks=(500, 8))
        data = call("H5Dcreate2", file, b"x", value("H5T_STD_I16LE_g"), space, hid(0), plist, hid(0))
        assert data > 0
        source = samples.ctypes.data_as(ctypes.c_void_p)
        kind = value("H5T_NATIVE_SHORT_g")
        wrote = call("H5Dwrite", hid(data), kind, hid(0), hid(0), hid(0), source, result=ctypes.c_int)
        assert wrote == 0
        assert call("H5Dclose", hid(data), result=ctypes.c_int) == 0
        assert call("H5Fclose", file, result=ctypes.c_int) == 0
    with h5py.File(tmp_path / "a.h5") as one, h5py.File(tmp_path / "b.h5") as other:
        assert same(one["x"][()], samples)
        assert one["x"].id.read_direct_chunk((500, 0)) == other["x"].id.read_direct_chunk((500, 0))


def tool(name: str, *args: str | Path, plugin: bool = True) -> subprocess.CompletedProcess[str]:
    """Run one of HDF5's own programs."""
    if not shutil.which(name):
        pytest.skip(f"{name} is NOT tested: it is not here (apt-get install hdf5-tools)")
    env = {key: text for key, text in os.environ.items() if key != "HDF5_PLUGIN_PATH"}
    if plugin:
        env["HDF5_PLUGIN_PATH"] = hdf5.path()
    return subprocess.run([name, *args], capture_output=True, text=True, env=env)


def test_h5dump_reads_it(tmp_path: Path, traces: NDArray[Any]) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        hdf5.create_dataset(file, "x", traces, level=1)
    out = tmp_path / "out.bin"
    done = tool("h5dump", "-d", "/x", "-b", "LE", "-o", out, tmp_path / "a.h5")
    assert done.returncode == 0, done.stderr
    assert out.read_bytes() == traces.astype("<i2").tobytes()
    assert f"FILTER_ID {hdf5.FILTER_ID}" in tool("h5dump", "-pH", tmp_path / "a.h5").stdout
    assert tool("h5dump", "-d", "/x", tmp_path / "a.h5", plugin=False).returncode != 0


def test_h5repack_goes_there_and_back(tmp_path: Path, traces: NDArray[Any]) -> None:
    with h5py.File(tmp_path / "gzip.h5", "w") as file:
        file.create_dataset("g/x", data=traces, chunks=(900, 64), compression="gzip", shuffle=True)
        file.create_dataset("times", data=np.arange(1000) / 3e4, chunks=(100,), compression="gzip")
    coded = ("-f", f"/g/x:UD={hdf5.FILTER_ID},0,1,3", "-l", "/g/x:CHUNK=1000x32")
    done = tool("h5repack", *coded, tmp_path / "gzip.h5", tmp_path / "n1.h5")
    assert done.returncode == 0, done.stderr
    with h5py.File(tmp_path / "n1.h5") as file:
        assert file["g/x"].id.get_create_plist().get_filter(0)[:3] == (hdf5.FILTER_ID, 0, (3, 0, 0x12, 1000, 32))
        assert same(file["g/x"][()], traces)
        assert file["times"].compression == "gzip"
    done = tool("h5repack", "-f", "/g/x:GZIP=4", tmp_path / "n1.h5", tmp_path / "back.h5")
    assert done.returncode == 0, done.stderr
    with h5py.File(tmp_path / "back.h5") as file:
        assert file["g/x"].compression == "gzip"
        assert same(file["g/x"][()], traces)


def test_h5repack_of_a_whole_file_leaves_what_n1_does_not_code(tmp_path: Path, traces: NDArray[Any]) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("x", data=traces, chunks=(900, 64), compression="gzip")
        file.create_dataset("times", data=np.arange(1000) / 3e4, chunks=(100,), compression="gzip")
    done = tool("h5repack", "-f", f"UD={hdf5.FILTER_ID},0,1,3", tmp_path / "a.h5", tmp_path / "b.h5")
    assert done.returncode == 0, done.stderr
    with h5py.File(tmp_path / "b.h5") as file:
        assert file["x"].id.get_create_plist().get_filter(0)[0] == hdf5.FILTER_ID
        assert file["times"].compression == "gzip"
        assert same(file["times"][()], np.arange(1000) / 3e4)


def test_the_environment_is_enough(tmp_path: Path, traces: NDArray[Any]) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        hdf5.create_dataset(file, "x", traces, level=1)
    code = f"import h5py; print(h5py.File({str(tmp_path / 'a.h5')!r})['x'][0, 0])"
    assert run_python(code, HDF5_PLUGIN_PATH=hdf5.path()).stdout == f"{traces[0, 0]}\n"
    without = run_python(code)
    assert without.returncode != 0
    assert "OSError" in without.stderr


def test_the_command_line_prints_folder_and_number() -> None:
    for command, expected in (("path", hdf5.path()), ("id", str(hdf5.FILTER_ID))):
        done = run_python(f"from n1codec.cli import main; raise SystemExit(main(['hdf5', {command!r}]))")
        assert done.stdout == f"{expected}\n", done.stderr


def test_other_plugins_stay_where_they_were() -> None:
    code = "import n1codec.hdf5, os, h5py; print(os.environ['HDF5_PLUGIN_PATH']); print(h5py.h5pl.size())"
    folders, count = run_python(code, HDF5_PLUGIN_PATH="/there/are:/others").stdout.split()
    assert folders.split(":") == [hdf5.path(), "/there/are", "/others"]
    assert int(count) == 3
    assert run_python(code).stdout.split()[0].startswith(f"{hdf5.path()}:/")  # HDF5's own folder
