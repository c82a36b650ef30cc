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

import stacks
from conftest import SHARED
from n1codec import synth

pynwb = importlib.import_module("pynwb")
ecephys = importlib.import_module("pynwb.ecephys")
inspector = importlib.import_module("nwbinspector")

pytestmark = pytest.mark.filterwarnings("ignore:52785 compression may not be available:UserWarning")

PROBE = SHARED / "multichannel" / "run-001_g0_t0.imec0.ap.bin"


@pytest.fixture(scope="module", params=["a real probe run", "a synthetic recording"])
def traces(request: pytest.FixtureRequest) -> NDArray[np.int16]:
    if request.param == "a synthetic recording":
        return synth.recording(seconds=0.3, channels=32, rate=30_000, seed=1).astype(np.int16)
    if not PROBE.is_file():
        pytest.skip(f"the real probe run is not here: no {PROBE}")
    return np.fromfile(PROBE, "<i2").reshape(-1, 385)


def nwb_file(data: Any, channels: int, start: datetime = datetime(2022, 3, 4, 5, 6, 7, tzinfo=UTC)) -> Any:
    """Return an NWB file that says all that an inspector asks for."""
    nwb = pynwb.NWBFile(
        session_description="a run of a Neuropixels 2.0 probe", identifier="run-001_g0_t0",
        session_start_time=start, experimenter=["Doe, Jane"], institution="A university",
        lab="A laboratory", experiment_description="A rat at rest.", keywords=["neuropixels"],
    )  # fmt: skip
    nwb.subject = pynwb.file.Subject(
        subject_id="001", species="Rattus norvegicus", sex="M", age="P90D", description="A rat."
    )
    probe = nwb.create_device("imec0", description="Neuropixels 2.0")
    shank = nwb.create_electrode_group("shank0", description="Of the probe.", location="CA1", device=probe)
    for channel in range(channels):
        nwb.add_electrode(group=shank, location="CA1", rel_x=32.0 * (channel % 2), rel_y=15.0 * (channel // 2))
    electrodes = nwb.create_electrode_table_region(list(range(channels)), "All channels.")
    nwb.add_acquisition(
        ecephys.ElectricalSeries(
            name="ElectricalSeries", description="The AP band.", data=data, electrodes=electrodes, rate=30_000.0,
            starting_time=0.0, conversion=2.34375e-6,
        )
    )  # fmt: skip
    return nwb


def in_n1(traces: NDArray[Any], level: int = 3, **options: Any) -> Any:
    chunks = hdf5.chunk_shape(traces.shape, traces.dtype)
    return pynwb.H5DataIO(traces, chunks=chunks, allow_plugin_filters=True, **hdf5.N1(level), **options)


def write(path: Path, data: Any, channels: int) -> None:
    with pynwb.NWBHDF5IO(path, "w") as io:
        io.write(nwb_file(data, channels))


def violations(path: Path) -> list[str]:
    """Return what the inspector has to say of a file, suggestions left out."""
    least = inspector.Importance.BEST_PRACTICE_VIOLATION.value
    found = inspector.inspect_nwbfile(nwbfile_path=path)
    return [f"{one.check_function_name}: {one.message}" for one in found if one.importance.value >= least]


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
    assert not violations(tmp_path / "a.nwb")


def test_the_inspector_would_find_something(tmp_path: Path) -> None:
    """What the test above asks for can fail: here by a session of the future."""
    nwb = nwb_file(in_n1(np.zeros((100, 4), np.int16)), 4, start=datetime(2999, 1, 1, tzinfo=UTC))
    with pynwb.NWBHDF5IO(tmp_path / "a.nwb", "w") as io:
        io.write(nwb)
    assert violations(tmp_path / "a.nwb")


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
