"""Promises: a .n1c file is an array of what was written; reads decode what they need and no more."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import n1codec
from arrays import DTYPES, lattice_samples, same
from container_tools import RATE, quiet_open, write_n1c
from n1codec import container
from n1codec.container import record


def indices(length: int) -> st.SearchStrategy[Any]:
    bound = st.one_of(st.none(), st.integers(-length - 3, length + 3))
    step = st.one_of(st.none(), st.integers(-9, 9).filter(bool))
    return st.one_of(st.builds(slice, bound, bound, step), st.integers(-length, length - 1))


def lists(length: int) -> st.SearchStrategy[Any]:
    positions = st.lists(st.integers(-length, length - 1), max_size=9)
    masks = st.lists(st.booleans(), min_size=length, max_size=length).map(np.array)
    return st.one_of(positions, positions.map(lambda values: np.array(values, np.int16)), masks)


TWO = lattice_samples((57, 7))
ONE = lattice_samples((57,))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("files")
    return {
        "two": write_n1c(folder / "two.n1c", TWO, chunk_frames=10, bundle_channels=3),
        "one": write_n1c(folder / "one.n1c", ONE, chunk_frames=10),
    }


@given(
    key=st.one_of(
        indices(57),
        lists(57),
        st.tuples(indices(57), indices(7)),
        st.tuples(indices(57), lists(7)),
        st.tuples(lists(57), indices(7)),
        st.tuples(st.just(Ellipsis), indices(7)),
        st.tuples(indices(57), st.just(Ellipsis)),
        st.just(Ellipsis),
    ),
    threads=st.sampled_from((1, 3)),
)
def test_slicing_is_numpys(files: dict[str, Path], key: Any, threads: int) -> None:
    with n1codec.open(files["two"], threads=threads) as recording:
        assert same(np.asarray(recording[key]), np.asarray(TWO[key]))
        assert type(recording[key]) is type(TWO[key])


@given(key=st.one_of(indices(57), lists(57), st.tuples(indices(57)), st.just(Ellipsis)))
def test_slicing_is_numpys_with_one_axis(files: dict[str, Path], key: Any) -> None:
    with n1codec.open(files["one"]) as recording:
        assert same(np.asarray(recording[key]), np.asarray(ONE[key]))


@pytest.mark.parametrize(
    "key", [57, -58, (0, 7), (0, 0, 0), 1.5, "a", (..., ...), [57], [[1]], None, True, np.ones(9, bool)]
)
def test_what_is_no_index_is_an_index_error(files: dict[str, Path], key: Any) -> None:
    with n1codec.open(files["two"]) as recording, pytest.raises(IndexError):
        recording[key]


@given(start=st.integers(-60, 60), stop=st.one_of(st.none(), st.integers(-60, 60)), threads=st.sampled_from((1, 2)))
def test_parts_and_reads_are_slices(files: dict[str, Path], start: int, stop: int | None, threads: int) -> None:
    with n1codec.open(files["two"], threads=threads) as recording:
        parts = list(recording.iter_chunks(start, stop))
        assert same(np.concatenate([TWO[:0], *(part for _, part in parts)]), TWO[start:stop])
        assert all(same(part, TWO[first : first + len(part)]) for first, part in parts)
        assert same(recording.read(start, stop), TWO[start:stop])
        assert same(recording.read(start, stop, [5, -1]), TWO[start:stop, [5, -1]])
        assert same(recording.read(start, stop, 3), TWO[start:stop, 3])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(0,), (1,), (35,), (0, 3), (1, 1), (35, 5)])
def test_every_type_and_shape_comes_back(tmp_path: Path, dtype: str, shape: tuple[int, ...]) -> None:
    samples = np.random.default_rng(1).integers(0, 200, shape).astype(dtype)
    path = write_n1c(tmp_path / "a.n1c", samples, chunk_frames=8, codec="delta+zlib")
    with n1codec.open(path) as recording:
        assert (recording.dtype.str, recording.shape, recording.ndim) == (samples.dtype.str, shape, len(shape))
        assert same(recording[:], samples)
        assert same(np.asarray(recording), samples)
        assert recording.verify().ok
        assert len(recording.chunks) == -(-shape[0] // 8)
    assert container.is_n1c(path)


def test_what_is_known_of_a_recording_comes_back(tmp_path: Path) -> None:
    metadata = {"subject": "Ünicode \U0001f9e0", "nested": {"list": [1, 2.5, None, True, "x" * 500]}}
    known: dict[str, Any] = {
        "rate": 30000.0712,
        "metadata": metadata,
        "channel_names": ("AP0", "AP1", "SY0"),
        "gains": (2.34375, 2.34375, 1.0),
        "offsets": (-1.5, 0.1, 0.0),
        "file_id": 2**64 - 3,
        "start_time": datetime(2026, 11, 24, 7, 30, 0, 123456, UTC),
        "sidecars": {".meta": b"a=b\n" * 300, ".json": b""},
        "restore": b"\x02",
    }
    with n1codec.open(write_n1c(tmp_path / "a.n1c", TWO[:, :3], **known)) as recording:
        for name, value in known.items():
            assert getattr(recording, name) == value
        assert (recording.source_format, recording.source_bytes) == ("spikeglx", 57 * 3 * 2)
        assert recording.seconds == 57 / 30000.0712
        assert "57, 3" in repr(recording)
        with pytest.raises(TypeError):
            recording.metadata["subject"] = "B"  # type: ignore[index]


@pytest.mark.parametrize(
    "options",
    [
        {"rate": 0.0},
        {"rate": float("nan")},
        {"channels": 0},
        {"channels": 65537},
        {"channels": 3, "bundle_channels": 4},
        {"channels": 3, "channel_names": ("a",)},
        {"channels": 3, "gains": (1.0,)},
        {"channels": 3, "offsets": (1.0,)},
        {"file_id": -1},
        {"file_id": 1 << 64},
        {"metadata": {"a": {1, 2}}},
        {"metadata": {"a": float("inf")}},
        {"chunk_frames": 0},
        {"chunk_frames": 1 << 25},
        {"chunk_seconds": 1.0, "chunk_frames": 5},
        {"chunk_seconds": -1.0},
        {"threads": 0},
        {"codec": "nonsense"},
        {"dtype": "c8"},
        {"dtype": "M8[s]"},
        {"sidecars": {"../etc/passwd": b""}},
        {"sidecars": {f".{number}": b"" for number in range(17)}},
        {"restore": bytes(1 << 25)},
    ],
)
def test_settings_that_make_no_sense_are_refused_before_a_file_is_made(tmp_path: Path, options: dict[str, Any]) -> None:
    settings: dict[str, Any] = {"dtype": "i2", "rate": RATE} | options
    with pytest.raises(n1codec.N1Error):
        n1codec.Writer(tmp_path / "a.n1c", **settings)
    assert not list(tmp_path.iterdir())


def test_samples_of_another_kind_are_refused_and_the_writer_goes_on(tmp_path: Path) -> None:
    with n1codec.Writer(tmp_path / "a.n1c", dtype="<i2", channels=2, rate=RATE) as writer:
        for wrong in (np.zeros((3, 2), "u2"), np.zeros((3, 3), "i2"), np.zeros(2, "i2"), np.zeros((3, 2), "i4"), 5):
            with pytest.raises(n1codec.UnsupportedError):
                writer.append(wrong)
        writer.append(np.ones((3, 2), ">i2"))
    with n1codec.open(tmp_path / "a.n1c") as recording:
        assert same(recording[:], np.ones((3, 2), "<i2"))


def test_threads_and_the_size_of_appends_do_not_change_the_bytes(tmp_path: Path) -> None:
    samples = lattice_samples((3000, 5))
    whole = write_n1c(
        tmp_path / "a.n1c", samples, chunk_frames=256, bundle_channels=2, codec="lattice+lpc+rans", file_id=5
    )
    for threads, size in ((3, 3000), (2, 77), (1, 1000)):
        with n1codec.Writer(
            tmp_path / "b.n1c",
            dtype="i2",
            channels=5,
            rate=RATE,
            chunk_frames=256,
            bundle_channels=2,
            codec="lattice+lpc+rans",
            threads=threads,
            file_id=5,
            overwrite=True,
        ) as writer:
            buffer = np.empty((size, 5), np.int16)
            for at in range(0, 3000, size):
                part = samples[at : at + size]
                buffer[: len(part)] = part
                writer.append(buffer[: len(part)])  # the caller may use its buffer again
        assert (tmp_path / "b.n1c").read_bytes() == whole.read_bytes()


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Every block that is decoded, as its first sample and its bundle."""
    calls: list[tuple[int, int]] = []
    original = record.decode_frames

    def counting(header: Any, pipeline: Any, chunk: record.Record, bundle: int, *rest: Any) -> Any:
        calls.append((chunk.start, bundle))
        return original(header, pipeline, chunk, bundle, *rest)

    monkeypatch.setattr("n1codec.container.blocks.decode_frames", counting)
    return calls


def test_only_what_is_needed_is_decoded_and_only_once(files: dict[str, Path], decoded: list[tuple[int, int]]) -> None:
    with n1codec.open(files["two"]) as recording:
        assert (recording.bundle_channels, recording.shape) == (3, (57, 7))
        assert not decoded
        assert same(recording[12:15, 4], TWO[12:15, 4])
        assert decoded == [(10, 1)]
        assert same(recording[8:15, 4:6], TWO[8:15, 4:6])
        assert decoded == [(10, 1), (0, 1)]
        assert same(recording[[0, 50], 6], TWO[[0, 50], 6])
        assert decoded[2:] == [(0, 2), (50, 2)]
        assert recording[5:5].shape == (0, 7)
        assert recording[:, []].shape == (57, 0)
        assert len(decoded) == 4


def test_the_cache_is_bounded(files: dict[str, Path], decoded: list[tuple[int, int]]) -> None:
    with n1codec.open(files["one"], cache_bytes=2 * 10 * ONE.itemsize) as recording:
        for at in (0, 10, 0, 20, 0, 10):
            recording[at]
    assert [start for start, _ in decoded] == [0, 10, 20, 10]
    decoded.clear()
    with n1codec.open(files["one"], cache_bytes=0) as recording:
        assert recording[3] == recording[3] == ONE[3]
    assert len(decoded) == 2


def test_threads_share_one_file(files: dict[str, Path]) -> None:
    wrong: list[int] = []

    def read(seed: int) -> None:
        rng = np.random.default_rng(seed)
        for _ in range(60):
            a, b = sorted(rng.integers(0, 58, 2))
            channel = int(rng.integers(7))
            if not same(recording[a:b, channel], TWO[a:b, channel]):
                wrong.append(seed)

    with n1codec.open(files["two"], threads=2, cache_bytes=200) as recording:
        threads = [threading.Thread(target=read, args=(seed,)) for seed in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not wrong


def test_five_seconds_of_one_channel_cost_less_than_64_bytes_beyond_the_frame(tmp_path: Path) -> None:
    samples = lattice_samples((98_000,))
    for codec in ("store", "lattice+lpc+rans", "delta+zlib"):
        path = write_n1c(tmp_path / "a.n1c", samples, codec=codec, rate=19531.0, restore=bytes(5))
        assert path.stat().st_size - len(n1codec.get(codec).encode(samples)) < 64


def test_many_channels_are_split_so_that_few_are_decoded(tmp_path: Path) -> None:
    for channels, bundle, chunk in (
        (1, 1, 300_000),
        (4, 4, 131_072),
        (32, 32, 16_384),
        (64, 64, 16_384),
        (127, 127, 16_384),
        (150, 150, 16_384),
        (200, 128, 16_384),
        (385, 128, 16_384),
        (65_536, 128, 512),
    ):
        with n1codec.Writer(tmp_path / "a.n1c", dtype="i2", channels=channels, rate=30_000.0, overwrite=True) as writer:
            assert writer.chunk_frames == chunk
        with n1codec.open(tmp_path / "a.n1c") as recording:
            assert (recording.bundle_channels, recording.shape) == (bundle, (0, channels))


def test_a_writer_goes_on_with_a_finished_file_and_with_an_unfinished_one(tmp_path: Path) -> None:
    whole = write_n1c(tmp_path / "whole.n1c", TWO, chunk_frames=10, bundle_channels=3)
    path = write_n1c(tmp_path / "a.n1c", TWO[:20], chunk_frames=10, bundle_channels=3)
    with n1codec.Writer.reopen(path, chunk_frames=10) as writer:
        assert writer.n_samples == 20
        writer.append(TWO[20:40])
        writer.flush()
        path.with_suffix(".copy").write_bytes(path.read_bytes() + whole.read_bytes()[-200:-150])
        writer.append(TWO[40:])
    with n1codec.open(path) as recording:
        assert same(recording[:], TWO)
        assert recording.verify().ok
    with n1codec.open(path) as recording:
        assert path.stat().st_size == whole.stat().st_size + 8 * (len(recording.chunks) - 2) + 8  # which continuation
    with n1codec.Writer.reopen(path.with_suffix(".copy"), chunk_frames=10) as writer:
        assert writer.n_samples == 40
        writer.append(TWO[40:])
    with n1codec.open(path.with_suffix(".copy")) as recording:
        assert same(recording[:], TWO)
        assert recording.verify().ok
    assert path.with_suffix(".copy").stat().st_size == path.stat().st_size + 8
    with pytest.raises(n1codec.ParameterError, match="coded by"):
        n1codec.Writer.reopen(path, codec="zlib")


def test_a_writer_does_not_go_on_with_a_damaged_file(tmp_path: Path) -> None:
    path = write_n1c(tmp_path / "a.n1c", TWO, chunk_frames=10)
    data = bytearray(path.read_bytes())
    with n1codec.open(path) as recording:
        second = recording.chunks[1]
    data[second.offset + second.n_bytes // 2] ^= 1
    path.write_bytes(data[:-30])  # no index, and a chunk damaged in the middle
    with pytest.raises(n1codec.CorruptError, match="recover"):
        n1codec.Writer.reopen(path)
    assert path.read_bytes() == data[:-30]


def test_a_live_file_can_be_read_while_it_grows(tmp_path: Path) -> None:
    path = tmp_path / "live.n1c"
    with n1codec.Writer(path, dtype="i2", channels=7, rate=RATE, chunk_frames=10, atomic=False) as writer:
        with quiet_open(path) as recording:
            assert recording.shape == (0, 7)
        writer.append(TWO[:33])
        with quiet_open(path) as recording:
            assert same(recording[:], TWO[:30])
        writer.flush()
        with pytest.warns(n1codec.DamageWarning, match="never finished"):
            recording = n1codec.open(path)
        with recording:
            assert same(recording[:], TWO[:33])
            assert recording.damaged
    with n1codec.open(path) as recording:
        assert same(recording[:], TWO[:33])


def test_the_front_of_the_package_offers_what_its_list_says() -> None:
    assert all(hasattr(n1codec, name) for name in n1codec.__all__)
    assert n1codec.create is n1codec.Writer
    with pytest.raises(AttributeError, match="nonsense"):
        n1codec.nonsense  # noqa: B018
