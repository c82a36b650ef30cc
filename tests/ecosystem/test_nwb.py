"""Promise: an ElectricalSeries in n1 goes through pynwb, hdmf and SpikeInterface unchanged, and no inspector complains."""

from __future__ import annotations

import importlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hdf5_files import h5py, hdf5
from numpy.typing import NDArray
from nwb_files import RECORDINGS, nwb_file, pynwb, traces_of, violations

import stacks
from n1codec import synth

pytestmark = pytest.mark.filterwarnings("ignore:52785 compression may not be available:UserWarning")


@pytest.fixture(scope="module", params=RECORDINGS)
def traces(request: pytest.FixtureRequest) -> NDArray[np.int16]:
    return traces_of(request.param)


def in_n1(traces: NDArray[Any], level: int = 3, **options: Any) -> Any:
    chunks = hdf5.chunk_shape(traces.shape, traces.dtype, level=level)
    return pynwb.H5DataIO(traces, chunks=chunks, allow_plugin_filters=True, **hdf5.N1(level), **options)


def write(path: Path, data: Any, channels: int) -> None:
    with pynwb.NWBHDF5IO(path, "w") as io:
        io.write(nwb_file(data, channels))


def test_a_series_comes_back(tmp_path: Path, traces: NDArray[np.int16]) -> None:
    write(tmp_path / "a.nwb", in_n1(traces), traces.shape[1])
    with pynwb.NWBHDF5IO(tmp_path / "a.nwb", "r") as io:
        data = io.read().acquisition["ElectricalSeries"].data
        assert data.dtype == np.int16
        assert np.array_equal(data[:], traces)
        assert np.array_equal(data[777:3777, 5:21], traces[777:3777, 5:21])
        assert data.id.get_create_plist().get_filter(0)[0] == hdf5.FILTER_ID
        assert data.id.get_storage_size() < traces.nbytes / 1.9


def test_the_inspector_finds_nothing_to_complain_of(tmp_path: Path, traces: NDArray[np.int16]) -> None:
    write(tmp_path / "a.nwb", in_n1(traces), traces.shape[1])
    with pynwb.NWBHDF5IO(tmp_path / "a.nwb", "r") as io:
        assert not violations(io.read())


def test_the_inspector_would_find_something(tmp_path: Path) -> None:
    """What the test above asks for can fail: here by a session of the future."""
    nwb = nwb_file(in_n1(np.zeros((100, 4), np.int16)), 4, start=datetime(2999, 1, 1, tzinfo=UTC))
    with pynwb.NWBHDF5IO(tmp_path / "a.nwb", "w") as io:
        io.write(nwb)
    with pynwb.NWBHDF5IO(tmp_path / "a.nwb", "r") as io:
        assert violations(io.read())


@pytest.mark.skipif(stacks.STACK != "zarr2", reason="SpikeInterface is on the stack zarr2 alone")
def test_spikeinterface_reads_it_in_this_process_and_in_workers(tmp_path: Path, traces: NDArray[np.int16]) -> None:
    extractors = importlib.import_module("spikeinterface.extractors")
    core = importlib.import_module("spikeinterface.core")
    write(tmp_path / "a.nwb", in_n1(traces), traces.shape[1])
    recording = extractors.read_nwb_recording(tmp_path / "a.nwb")
    assert np.array_equal(recording.get_traces(), traces)
    assert recording.sampling_frequency == 30_000
    assert np.allclose(recording.get_channel_gains(), 2.34375)
    saved = recording.save(
        folder=tmp_path / "saved",
        n_jobs=2,
        chunk_duration="0.1s",
        progress_bar=False,
        mp_context="spawn",
        verbose=False,
    )
    assert np.array_equal(saved.get_traces(), traces)
    assert isinstance(core.load(tmp_path / "saved"), core.BaseRecording)


def test_a_damaged_series_is_an_error_in_both(tmp_path: Path, traces: NDArray[np.int16]) -> None:
    path = tmp_path / "a.nwb"
    write(path, in_n1(traces), traces.shape[1])
    with h5py.File(path) as file:
        chunk = file["acquisition/ElectricalSeries/data"].id.get_chunk_info(0)
    data = bytearray(path.read_bytes())
    data[chunk.byte_offset + chunk.size // 2] ^= 8
    path.write_bytes(data)
    with pynwb.NWBHDF5IO(path, "r") as io, pytest.raises(OSError, match="n1: a chunk is damaged"):
        io.read().acquisition["ElectricalSeries"].data[:100]
    if stacks.STACK == "zarr2":
        extractors = importlib.import_module("spikeinterface.extractors")
        with pytest.raises(OSError, match="n1: a chunk is damaged"):
            extractors.read_nwb_recording(path).get_traces(end_frame=100)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"shuffle": True}, "must be the first filter"),
        ({"fletcher32": True}, None),
    ],
    ids=str,
)
def test_other_filters_are_refused_or_do_no_harm(tmp_path: Path, options: dict[str, Any], reason: str | None) -> None:
    samples = synth.recording(seconds=0.05, channels=8, seed=1).astype(np.int16)
    if reason is None:
        write(tmp_path / "a.nwb", in_n1(samples, **options), 8)
    else:
        with pytest.raises(Exception, match=reason):
            write(tmp_path / "a.nwb", in_n1(samples, **options), 8)


def test_pynwb_asks_for_leave(tmp_path: Path) -> None:
    samples = np.zeros((100, 8), np.int16)
    with pytest.raises(ValueError, match="allow_plugin_filters"):
        pynwb.H5DataIO(samples, **hdf5.N1())


def test_levels_and_types_of_recorders_come_back(tmp_path: Path) -> None:
    for level, dtype in ((1, "u2"), (5, "i4"), (9, "i2")):
        samples = synth.recording(seconds=0.05, channels=8, seed=1).astype(dtype)
        write(tmp_path / f"{dtype}.nwb", in_n1(samples, level), 8)
        with pynwb.NWBHDF5IO(tmp_path / f"{dtype}.nwb", "r") as io:
            data = io.read().acquisition["ElectricalSeries"].data[:]
            assert data.dtype == samples.dtype
            assert np.array_equal(data, samples)


def test_chunks_for_reading_in_parts_cost_little(tmp_path: Path, traces: NDArray[np.int16]) -> None:
    """Chunks of all of a probe's channels are smaller than those that `chunk_shape` gives by 1 % at most."""
    sizes = []
    for chunks in (hdf5.chunk_shape(traces.shape, traces.dtype), traces.shape):
        with h5py.File(tmp_path / "a.h5", "w") as file:
            data = hdf5.create_dataset(file, "x", traces, level=3, chunks=chunks)
            sizes.append(data.id.get_storage_size())
    assert sizes[0] < 1.01 * sizes[1]
