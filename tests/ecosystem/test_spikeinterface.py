"""Promise: to SpikeInterface, a ``.n1c`` file is the recording that it was made from, in samples, times and everything else."""

from __future__ import annotations

import copy
import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import n1codec
import stacks
from conftest import SHARED
from n1codec.container import encode_file

stacks.needs("zarr2")

import spikeinterface.full as si
from spikeinterface.core.testing import check_recordings_equal
from spikeinterface.sortingcomponents.peak_detection import detect_peaks

from n1codec.numcodecs import N1
from n1codec.spikeinterface import N1cRecording, read_n1c, write_n1c

FAST = "n1:level=1"
QUIET = {"progress_bar": False, "verbose": False}


def generated(seconds: Any = (0.4, 0.25), channels: int = 12, dtype: str = "int16") -> Any:
    """Return a recording in segments with a probe, of integers."""
    floats = si.generate_recording(num_channels=channels, durations=list(seconds), sampling_frequency=30_000.0, seed=1)
    recording = si.scale(floats, gain=20.0, offset=0.0 if dtype[0] != "u" else 20_000.0, dtype=dtype)
    recording.set_channel_gains(0.195)
    recording.set_channel_offsets([0.5 * channel for channel in range(channels)])
    return recording


def spikeglx(folder: Path) -> Path:
    """Return the folder of a SpikeGLX recording, its files named as their ``.meta`` says, or skip the test."""
    source = SHARED / "multichannel" / "run-001_g0_t0.imec0.ap.bin"
    if not source.is_file():
        pytest.skip(f"the real Neuropixels run is not here: no {source}")
    folder.mkdir()
    for suffix in (".bin", ".meta"):
        shutil.copy(source.with_suffix(suffix), folder / f"1119617_LSE1_shank12_g0_t0.exported.imec0.ap{suffix}")
    return folder


def assert_same(one: Any, other: Any) -> None:
    """Everything: samples, segments, times, ids, properties with their types, annotations, probes."""
    check_recordings_equal(one, other, return_in_uV=False)
    assert one.get_dtype() == other.get_dtype()
    assert one.channel_ids.dtype.kind == other.channel_ids.dtype.kind
    assert list(one.channel_ids) == list(other.channel_ids)
    for index in range(one.get_num_segments()):
        assert one.get_times(index).tobytes() == other.get_times(index).tobytes()
        assert one.has_time_vector(index) == other.has_time_vector(index)
        assert one.get_start_time(index) == other.get_start_time(index)
        assert one.get_end_time(index) == other.get_end_time(index)
    assert set(one.get_property_keys()) == set(other.get_property_keys())
    for key in one.get_property_keys():
        left, right = one.get_property(key), other.get_property(key)
        assert left.dtype == right.dtype, key
        assert left.tolist() == right.tolist() or (left.tobytes() == right.tobytes() and left.dtype.kind != "O"), key
    assert one._annotations == other._annotations
    assert one.has_probe() == other.has_probe()
    if one.has_probe():
        probes = (each.get_probegroup().to_dict(array_as_list=True) for each in (one, other))
        assert next(probes) == next(probes)


def test_a_recording_comes_back_with_all_that_is_known_of_it(tmp_path: Path) -> None:
    recording = generated()
    recording.set_property("quality", ["good"] * 11 + ["poor"])
    recording.set_property("depth", np.r_[np.nan, np.arange(11.0)])
    recording.set_property("bad", np.arange(12) % 5 == 0)
    recording.set_property("corners", np.arange(24, dtype=np.float32).reshape(12, 2))
    recording.set_property("note", np.array(["a", "bcd", *["e"] * 10], dtype=object))
    recording.set_property("when", np.datetime64("2026-11-29", "s") + np.arange(12))
    recording.annotate(subject="M7", notes={"day": 3, "weights": [1.5, 2]})
    written = write_n1c(recording, tmp_path / "a.n1c", codec=FAST, metadata={"lab": "ours"}, threads=2)
    assert_same(recording, written)
    assert_same(recording, read_n1c(str(tmp_path / "a.n1c")))
    with n1codec.open(tmp_path / "a.n1c") as file:
        assert file.metadata["lab"] == "ours"
        assert file.gains == (0.195,) * 12
        assert [segment.n_samples for segment in file.segments] == [12_000, 7500]


@pytest.mark.parametrize("dtype", ["uint16", "int32", "float32"])
def test_recordings_of_every_type_come_back(dtype: str, tmp_path: Path) -> None:
    recording = generated(seconds=(0.1,), channels=4, dtype=dtype)
    assert_same(recording, write_n1c(recording, tmp_path / "a.n1c", codec=FAST))


def test_times_come_back_whatever_they_are(tmp_path: Path) -> None:
    recording = generated().save(
        format="memory", sharedmem=False, **QUIET
    )  # a preprocessor answers with its parent's times
    recording.shift_times(12.75)
    assert recording.get_start_time(0) == recording.get_times(1)[0] == 12.75
    assert_same(recording, write_n1c(recording, tmp_path / "start.n1c", codec=FAST))
    times = recording.get_times(0) * 1.0000123 + np.random.default_rng(1).normal(0, 1e-6, 12_000)
    recording.set_times(np.sort(times), segment_index=0)
    assert recording.get_times(0)[77] == np.sort(times)[77]
    written = write_n1c(recording, tmp_path / "vector.n1c", codec=FAST)
    assert_same(recording, written)
    assert written.get_times(0, 5, 9).tolist() == np.sort(times)[5:9].tolist()
    assert written.time_to_sample_index(np.sort(times)[77], segment_index=0) == 77
    assert_same(recording, pickle.loads(pickle.dumps(written)))


def test_any_part_of_any_channels_is_read(tmp_path: Path) -> None:
    recording = generated()
    written = write_n1c(recording, tmp_path / "a.n1c", codec=FAST, chunk_seconds=0.05)
    for segment, start, stop in ((0, 0, 5), (0, 1499, 3001), (1, None, None), (1, 7400, 7500), (1, 7, 7)):
        for ids in (None, ["3"], ["11", "0", "5"], recording.channel_ids[::3]):
            expected = recording.get_traces(segment, start, stop, channel_ids=ids)
            found = written.get_traces(segment, start, stop, channel_ids=ids)
            assert found.shape == expected.shape
            assert np.array_equal(found, expected)
    one = written.select_segments([1]).frame_slice(100, 900).select_channels(["2", "1"])
    assert np.array_equal(one.get_traces(), recording.get_traces(1, 100, 900, channel_ids=["2", "1"]))


def test_a_recording_goes_to_other_processes_and_through_json(tmp_path: Path) -> None:
    recording = generated(seconds=(1.2,))
    written = write_n1c(recording, tmp_path / "a.n1c", codec=FAST)
    written.dump_to_json(tmp_path / "a.json")
    for again in (pickle.loads(pickle.dumps(written)), copy.deepcopy(written), si.load(tmp_path / "a.json")):
        assert isinstance(again, N1cRecording)
        assert_same(written, again)
    chunks = {"chunk_duration": "0.3s", **QUIET}
    expected = si.bandpass_filter(recording).save(folder=tmp_path / "alone", n_jobs=1, **chunks).get_traces()
    for context in ("fork", "spawn"):
        saved = si.bandpass_filter(written).save(folder=tmp_path / context, n_jobs=2, mp_context=context, **chunks)
        assert np.array_equal(saved.get_traces(), expected)


def test_a_spikeglx_recording_is_the_one_that_spikeinterface_reads(tmp_path: Path) -> None:
    folder = spikeglx(tmp_path / "run")
    (binary,) = folder.glob("*.bin")
    encode_file(binary, tmp_path / "renamed.n1c", codec=FAST)
    source = si.read_spikeglx(folder, stream_id="imec0.ap")
    assert_same(source, read_n1c(tmp_path / "renamed.n1c"))
    sync = read_n1c(tmp_path / "renamed.n1c", stream_id="imec0.ap-SYNC")
    assert_same(si.read_spikeglx(folder, stream_id="imec0.ap-SYNC"), sync)
    assert_same(source, write_n1c(source, tmp_path / "again.n1c", codec=FAST))
    with pytest.raises(n1codec.ParameterError, match="imec7"):
        read_n1c(tmp_path / "renamed.n1c", stream_id="imec7.ap")


def test_a_meta_that_tells_nothing_is_a_warning(tmp_path: Path) -> None:
    samples = generated(seconds=(0.1,), channels=4).get_traces()
    samples.tofile(tmp_path / "a.ap.bin")
    (tmp_path / "a.ap.meta").write_text("typeThis=imec\nnSavedChans=4\nimSampRate=30000\nsnsApLfSy=4,0,0\n")
    encode_file(tmp_path / "a.ap.bin", tmp_path / "a.n1c", codec=FAST)
    with pytest.warns(UserWarning, match=r"a\.n1c: its \.meta tells SpikeInterface nothing"):
        recording = read_n1c(tmp_path / "a.n1c")
    assert np.array_equal(recording.get_traces(), samples)


def test_other_files_have_the_names_and_gains_that_they_say(tmp_path: Path) -> None:
    samples = generated(seconds=(0.1,), channels=3).get_traces()
    options: dict[str, Any] = {"dtype": "i2", "rate": 30_000, "channels": 3}
    with n1codec.Writer(tmp_path / "a.n1c", **options, gains=[1, 2, 3], channel_names=["x", "y", "z"]) as writer:
        writer.append(samples)
    recording = read_n1c(tmp_path / "a.n1c")
    assert list(recording.channel_ids) == ["x", "y", "z"]
    assert np.array_equal(recording.get_traces(return_in_uV=True), (samples * np.array([1.0, 2.0, 3.0])).astype("f4"))
    with n1codec.Writer(tmp_path / "b.n1c", dtype="i2", rate=30_000) as writer:
        writer.append(samples[:, 0])
    assert np.array_equal(read_n1c(tmp_path / "b.n1c").get_traces(), samples[:, :1])


def test_processing_gives_the_same_from_the_source_and_from_n1c(tmp_path: Path) -> None:
    folder = spikeglx(tmp_path / "run")
    (binary,) = folder.glob("*.bin")
    encode_file(binary, tmp_path / "a.n1c", codec=FAST)
    kept: list[Any] = []
    for recording in (si.read_spikeglx(folder, stream_id="imec0.ap"), read_n1c(tmp_path / "a.n1c", threads=2)):
        shifted = si.phase_shift(recording.frame_slice(2000, 6000))
        filtered = si.bandpass_filter(shifted)
        referenced = si.common_reference(filtered, reference="global", operator="median")
        peaks = detect_peaks(referenced, method_kwargs={"detect_threshold": 6}, job_kwargs={"n_jobs": 1})
        kept.append((shifted.get_traces(), filtered.get_traces(), referenced.get_traces(), peaks))
    assert len(kept[0][-1]) > 10
    for one, other in zip(*kept, strict=True):
        assert one.tobytes() == other.tobytes()


def test_a_sorter_finds_the_same_units(tmp_path: Path) -> None:
    truth, _ = si.generate_ground_truth_recording(durations=[6.0], num_channels=4, num_units=3, seed=1)
    recording = si.scale(truth, gain=2.0, dtype="int16")
    recording.set_channel_gains(0.5)
    recording.set_channel_offsets(0.0)
    recording = recording.save(folder=tmp_path / "binary", **QUIET)
    found = []
    for at, each in enumerate((recording, write_n1c(recording, tmp_path / "a.n1c", codec=FAST))):
        sorting = si.run_sorter(
            "simple", each, folder=tmp_path / f"sorted{at}", verbose=False, raise_error=True, seed=3,
            clusterer="kmeans", clusterer_kwargs={"n_clusters": 4, "random_state": 3}, job_kwargs={"n_jobs": 1},
        )  # fmt: skip
        found.append(sorting.to_spike_vector())
    assert len(found[0]) > 50
    assert found[0].tobytes() == found[1].tobytes()


@pytest.mark.parametrize(
    "jobs",
    [{"n_jobs": 1}, {"n_jobs": 2, "pool_engine": "thread"}, {"n_jobs": 2, "pool_engine": "process"}],
    ids=["alone", "threads", "processes"],
)
def test_every_recording_is_saved_to_zarr_with_n1(jobs: dict[str, Any], tmp_path: Path) -> None:
    """Time vectors, which are floats, go through the same codec."""
    recording = generated().save(format="memory", sharedmem=False, **QUIET)
    recording.set_times(recording.get_times(0) * 1.0000123, segment_index=0)
    saved = recording.save(format="zarr", folder=tmp_path / "a.zarr", compressor=N1(level=1), **jobs, **QUIET)
    assert saved._root["traces_seg0"].compressor == N1(level=1)
    assert saved._root["times_seg0"].compressor == N1(level=1)
    again = si.read_zarr(tmp_path / "a.zarr")
    assert_same(recording, again)
    assert np.array_equal(pickle.loads(pickle.dumps(again)).get_traces(0, 5, 50), recording.get_traces(0, 5, 50))


def test_zarr_by_data_set_and_in_chunks_for_short_reads(tmp_path: Path) -> None:
    recording = generated()
    saved = recording.save(
        format="zarr", folder=tmp_path / "a.zarr", compressor_by_dataset={"traces": N1("lattice+delta+rice")},
        chunk_duration="0.1s", channel_chunk_size=5, **QUIET,
    )  # fmt: skip
    assert saved._root["traces_seg0"].chunks == (3000, 5)
    assert np.array_equal(saved.get_traces(1), recording.get_traces(1))


def test_damage_is_an_error_that_names_the_file_and_the_time(tmp_path: Path) -> None:
    path = tmp_path / "a.n1c"
    write_n1c(generated(seconds=(1.0,)), path, codec=FAST, chunk_seconds=0.1)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    recording = read_n1c(path)
    assert recording.get_traces(0, 0, 1000).shape == (1000, 12)
    with pytest.raises(n1codec.CorruptError, match=r"a\.n1c: "):
        recording.get_traces()


def test_what_cannot_be_is_one_clear_error_and_no_file(tmp_path: Path) -> None:
    recording = generated(seconds=(0.1,), channels=4)
    with pytest.raises(n1codec.UnsupportedError, match="recording of SpikeInterface's"):
        write_n1c(np.zeros((10, 4)), tmp_path / "a.n1c")
    recording.set_property("handles", np.array([object()] * 4, dtype=object))
    with pytest.raises(n1codec.ParameterError, match="the property handles holds objects"):
        write_n1c(recording, tmp_path / "a.n1c")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(n1codec.FileError, match="nowhere"):
        read_n1c(tmp_path / "nowhere.n1c")
    write_n1c(generated(seconds=(0.1,), channels=4), tmp_path / "b.n1c", codec=FAST)
    with pytest.raises(n1codec.FileError, match="exists"):
        write_n1c(generated(seconds=(0.1,), channels=4), tmp_path / "b.n1c", codec=FAST)
    with pytest.raises(n1codec.ParameterError, match="no streams"):
        read_n1c(tmp_path / "b.n1c", stream_id="imec0.ap")


def test_a_header_that_lies_is_an_error(tmp_path: Path) -> None:
    ids = {"channel_ids": {"dtype": "<i8", "shape": [2], "values": [1, 2]}}
    three = {"dtype": "<i8", "shape": [3], "values": [1, 2, 3]}
    lies: tuple[dict[str, Any], ...] = (
        {"channel_ids": three},
        {"channel_ids": {"dtype": "O8", "shape": [2], "base64": "AAAA"}},
        {"channel_ids": {"dtype": "<i8", "shape": [2], "values": ["a", "b"]}},
        {"channel_ids": 7},
        ids | {"properties": {"a": {"dtype": "nonsense", "values": []}}},
        ids | {"properties": {"a": three}},
        ids | {"properties": 5},
        ids | {"probegroup": {"probes": [{}]}},
        ids | {"annotations": [1]},
    )
    for lie in lies:
        path = tmp_path / "a.n1c"
        kept = {"spikeinterface": lie}
        with n1codec.Writer(path, dtype="i2", rate=30_000, channels=2, metadata=kept, overwrite=True) as writer:
            writer.append(np.zeros((10, 2), np.int16))
        with pytest.raises(n1codec.CorruptError, match=r"a\.n1c: "):
            read_n1c(path)
