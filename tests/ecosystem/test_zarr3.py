"""Promise: n1codec is a serializer of zarr 3 as zarr means it: shards, parts, groups, threads, xarray and Dask."""

from __future__ import annotations

import asyncio
import itertools
import json
import pickle
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from signals import arrays, biggest, flipped, neuropixels, probe

import n1codec
import stacks

stacks.needs("zarr3")

import zarr

from n1codec import zarr as n1zarr
from n1codec.numcodecs import N1 as Compressor
from n1codec.zarr import N1

SAMPLES = probe()
pytestmark = pytest.mark.filterwarnings("ignore:The data type:zarr.errors.UnstableSpecificationWarning")


def stored(array: Any, **options: Any) -> Any:
    """Return a zarr array of an array, coded by n1codec."""
    made = zarr.create_array(
        {}, shape=array.shape, dtype=array.dtype, **({"serializer": N1(level=1), "compressors": None} | options)
    )
    made[...] = array
    return made


@pytest.mark.parametrize("shards", [False, True], ids=["chunks", "shards"])
@pytest.mark.parametrize("what", arrays())
def test_every_array_comes_back(what: str, shards: bool) -> None:
    array = arrays()[what]
    chunks = tuple(max(1, length // 3) for length in array.shape)
    for config in ({}, {"order": "F"}):
        made = stored(array, chunks=chunks, shards=tuple(2 * c for c in chunks) if shards else None, config=config)
        assert made[...].dtype == array.dtype
        assert made[...].tobytes() == array.tobytes()
        assert made[7:1100].tobytes() == array[7:1100].tobytes()
        if array.ndim == 2:
            assert np.array_equal(made[100:200, 3:6], array[100:200, 3:6])
            assert np.array_equal(made.oindex[[1, 5, 7], [1, 3]], array[np.ix_([1, 5, 7], [1, 3])])


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("what", arrays())
def test_arrays_of_format_2_take_the_compressor(what: str, order: str) -> None:
    array = arrays()[what]
    chunks = tuple(max(1, 2 * length // 3) for length in array.shape)
    made = stored(array, chunks=chunks, zarr_format=2, order=order, serializer="auto", compressors=Compressor(level=1))
    assert made[...].tobytes() == array.tobytes()
    assert made[7:1100].tobytes() == array[7:1100].tobytes()


def test_an_array_without_axes_and_one_without_samples_come_back() -> None:
    assert stored(np.array(5.25))[...] == 5.25
    assert stored(SAMPLES[:0], chunks=(10, 40))[...].shape == (0, 40)


def test_the_codec_is_found_by_its_name_and_goes_through_json_and_pickle(tmp_path: Path) -> None:
    for codec in (N1(), N1(level=9), N1("lattice+delta+rice")):
        again = zarr.registry.get_codec_class("n1codec").from_dict(json.loads(json.dumps(codec.to_dict())))
        assert type(again) is N1
        assert again == codec == pickle.loads(pickle.dumps(codec))
        assert hash(again) == hash(codec)
    n1zarr.create(tmp_path / "a.zarr", shape=SAMPLES.shape, dtype="i2", level=2)[:] = SAMPLES
    meta = json.loads((tmp_path / "a.zarr" / "zarr.json").read_text())
    (sharding,) = meta["codecs"]
    assert sharding["configuration"]["codecs"] == [{"name": "n1codec", "configuration": {"codec": "n1:level=2"}}]
    assert np.array_equal(zarr.open_array(tmp_path / "a.zarr", mode="r")[:], SAMPLES)


def test_an_array_can_be_pickled_grown_and_written_in_parts(tmp_path: Path) -> None:
    array = n1zarr.create(tmp_path / "a.zarr", shape=(0, 40), dtype="i2", level=1, chunks=(1000, 20), shards=(2000, 40))
    array.append(SAMPLES[:5000])
    array.append(SAMPLES[5000:])
    array[100:103, 7] = 5
    expected = SAMPLES.copy()
    expected[100:103, 7] = 5
    assert np.array_equal(pickle.loads(pickle.dumps(array))[:], expected)


def test_groups_are_consolidated_and_read_asynchronously(tmp_path: Path) -> None:
    root = zarr.create_group(tmp_path / "g.zarr")
    n1zarr.create(root.store, name="ap", shape=SAMPLES.shape, dtype="i2", level=1)[:] = SAMPLES
    zarr.consolidate_metadata(tmp_path / "g.zarr")
    group = zarr.open_consolidated(tmp_path / "g.zarr")
    assert np.array_equal(group["ap"][:500], SAMPLES[:500])

    async def read() -> Any:
        array = await zarr.api.asynchronous.open_array(store=tmp_path / "g.zarr", path="ap")
        parts = (array.getitem((slice(at, at + 700), slice(3, 30))) for at in range(0, 7000, 700))
        return np.concatenate(await asyncio.gather(*parts))

    assert np.array_equal(asyncio.run(read()), SAMPLES[:7000, 3:30])


def test_xarray_and_dask_read_and_write_it(tmp_path: Path) -> None:
    xarray = pytest.importorskip("xarray")
    dask = pytest.importorskip("dask.array")
    data = xarray.Dataset({"ap": (("time", "channel"), SAMPLES), "at": ("time", np.arange(len(SAMPLES)) / 30_000)})
    encoding = {name: {"serializer": N1(level=1), "compressors": None} for name in ("ap", "at")}
    data.to_zarr(tmp_path / "x.zarr", encoding=encoding, zarr_format=3)
    back = xarray.open_zarr(tmp_path / "x.zarr", chunks=None)
    assert np.array_equal(back["ap"].values, SAMPLES)
    assert np.array_equal(back["at"].values, data["at"].values)
    assert np.array_equal(back["ap"].isel(time=slice(5, 50), channel=[1, 2]).values, SAMPLES[5:50, 1:3])

    array = n1zarr.create(
        tmp_path / "d.zarr", shape=SAMPLES.shape, dtype="i2", level=1, chunks=(2000, 20), shards=(4000, 40)
    )
    lazy = dask.from_array(SAMPLES, chunks=(4000, 40))
    dask.store(lazy, array)
    again = dask.from_zarr(str(tmp_path / "d.zarr"))
    assert np.array_equal(again.compute(), SAMPLES)
    assert int(abs(again.astype(np.int32)).max().compute()) == int(np.abs(SAMPLES.astype(np.int32)).max())
    named = xarray.DataArray(again, dims=array.metadata.dimension_names)
    assert named.dims == ("time", "channel")


def test_a_damaged_chunk_is_an_error_and_the_others_are_read(tmp_path: Path) -> None:
    for shards in (None, (4000, 40)):
        path = tmp_path / f"{shards}.zarr"
        n1zarr.create(path, shape=SAMPLES.shape, dtype="i2", level=1, chunks=(2000, 40), shards=shards)[:] = SAMPLES
        hit = biggest(path)
        flipped(hit, at=hit.stat().st_size // 5)
        array = zarr.open_array(path, mode="r")
        with pytest.raises(n1codec.CorruptError, match="CRC"):
            array[:]
        start = 4000 * int(hit.parent.name) if shards else 2000 * int(hit.parent.name)
        other = slice(8000, 10000) if start < 8000 else slice(0, 2000)
        assert np.array_equal(array[other], SAMPLES[other])


def test_a_chunk_of_another_type_or_shape_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.zarr"
    zarr.create_array(path, shape=(100, 4), dtype="i2", chunks=(100, 4), serializer=N1(), compressors=None)[:] = 1
    chunk = path / "c" / "0" / "0"
    for other in (np.ones((100, 2), "i4"), np.ones((4, 100), "i2"), np.ones((100, 4), ">i2"), np.ones((50, 4), "i2")):
        chunk.write_bytes(n1codec.encode(other))
        with pytest.raises(n1codec.CorruptError, match="where the array has"):
            zarr.open_array(path, mode="r")[:]
    chunk.write_bytes(n1codec.encode(np.ones((1000, 400), "i2")))
    with pytest.raises(n1codec.LimitError):
        zarr.open_array(path, mode="r")[:]


def test_each_misuse_is_one_clear_sentence() -> None:
    shape: dict[str, Any] = {"shape": (100, 4), "dtype": "i2", "chunks": (100, 4)}
    misuse: dict[str, Any]
    for misuse in ({"compressors": N1()}, {"compressors": {"name": "n1codec"}}, {"filters": N1()}):
        with pytest.raises(TypeError, match=r"give it as serializer=N1\(\), with compressors=None"):
            zarr.create_array({}, **shape, **misuse)
    for name, given in (
        ("serializer", Compressor()),
        *((n, g) for n in ("filters", "compressors") for g in (Compressor(), [Compressor()])),
    ):
        with pytest.raises(TypeError, match=r"in format 3: serializer=n1codec.zarr.N1\(\)"):
            zarr.create_array({}, **shape, **{name: given})
    with pytest.raises(ValueError, match=r"in format 2, n1codec.numcodecs.N1 is a compressor"):
        zarr.create_array({}, **shape, compressors=N1(), zarr_format=2)
    delta = zarr.codecs.numcodecs.Delta(dtype="<i2")
    for misuse, sentence in (
        ({"filters": [delta]}, "predicts them worse"),
        ({"compressors": [zarr.codecs.ZstdCodec()]}, "no redundancy left"),
        ({"compressor": Compressor()}, "serializer=N1()"),
        ({"serializer": N1()}, "codec="),
        ({"zarr_format": 2}, "n1codec.numcodecs"),
        ({"codec": "no_such"}, "no_such"),
        ({"level": 0}, "level"),
    ):
        with pytest.raises(n1codec.N1Error, match=sentence.replace("(", r"\(").replace(")", r"\)")):
            n1zarr.create({}, **shape, **misuse)
    with pytest.raises(n1codec.ParameterError, match="n_samples"):
        n1zarr.create({}, shape=(2, 3, 4), dtype="i2")
    with pytest.raises(n1codec.UnsupportedError, match="numbers of fixed length"):
        zarr.create_array({}, shape=(3,), dtype=str, serializer=N1(), compressors=None)


def test_check_says_what_stands_around_the_codec() -> None:
    shape: dict[str, Any] = {"shape": (100, 4), "dtype": "i2", "chunks": (100, 4)}
    assert n1zarr.check(n1zarr.create({}, **shape)) == ()
    (zstd,) = n1zarr.check(zarr.create_array({}, **shape, serializer=N1()))
    assert zstd.startswith("ZstdCodec after n1codec")
    delta = zarr.codecs.numcodecs.Delta(dtype="<i2")
    (before,) = n1zarr.check(zarr.create_array({}, **shape, filters=[delta], serializer=N1(), compressors=None))
    assert before.startswith("Delta before n1codec")
    (not_at_all,) = n1zarr.check(zarr.create_array({}, **shape))
    assert "serializer=N1()" in not_at_all
    assert n1zarr.check(zarr.create_array({}, **shape, zarr_format=2, compressors=Compressor())) == ()


def test_without_n1codec_a_store_says_what_is_missing(tmp_path: Path) -> None:
    """What zarr says of a codec that it does not know: the same for ours where it is not installed."""
    zarr.create_array(tmp_path / "a.zarr", shape=(4,), dtype="i2", serializer=N1(), compressors=None)
    meta = tmp_path / "a.zarr" / "zarr.json"
    meta.write_text(meta.read_text().replace('"n1codec"', '"n1codec_of_tomorrow"'))
    with pytest.raises(Exception, match="n1codec_of_tomorrow"):
        zarr.open_array(tmp_path / "a.zarr", mode="r")


def test_layouts_suit_recordings_of_any_kind() -> None:
    shapes = ((0, 4), (1, 1), (10**9,), (54 * 10**6, 385), (10**6, 10_000), (200, 70_000), (5000, 1))
    for shape, level in itertools.product(shapes, (1, 3, 4, 9)):
        small = level > 3 and len(shape) == 2 and shape[1] >= 64
        chunks, shards = n1zarr.layout(shape, level=level)
        assert all(shard % chunk == 0 for chunk, shard in zip(chunks, shards, strict=True))
        assert chunks[0] * (chunks[1] if len(shape) == 2 else 1) <= (2_000_000 if small else 180_000)
        assert len(shape) == 1 or (chunks[1] <= (136 if small else 24) and shards[1] >= shape[1])
        assert 2 * np.prod([float(n) for n in shards]) <= max(
            2**26, 2 * chunks[0] * (shards[1] if len(shape) == 2 else 1)
        )
    assert n1zarr.layout((54_000_000, 384)) == ((7500, 24), (82_500, 384))
    assert n1zarr.layout((54_000_000, 384), level=5) == ((15_625, 128), (78_125, 384))
    assert n1zarr.layout((54_000_000, 385), level=5).chunks == (15_503, 129)
    assert n1zarr.layout((54_000_000, 385), level=5, known=True).chunks == (5038, 129)
    assert n1zarr.layout((54_000_000, 385), level=3, known=True).chunks == n1zarr.layout((54_000_000, 385)).chunks
    wrong: Any
    for wrong in (0, 10, "5"):
        with pytest.raises(n1codec.ParameterError):
            n1zarr.layout((100, 4), level=wrong)


@pytest.mark.parametrize(
    ("chosen", "channels"),
    [({}, 22), ({"level": 3}, 22), ({"level": 5}, 65), ({"codec": "n1"}, 65), ({"codec": "lzma"}, 22)],
)
def test_the_level_says_how_an_array_is_cut(tmp_path: Path, chosen: dict[str, Any], channels: int) -> None:
    array = n1zarr.create(tmp_path / "a.zarr", shape=(10_000, 65), dtype="i2", **chosen)
    assert array.chunks[1] == channels


def test_a_small_store_of_the_real_run_is_as_small_as_with_all_channels_together(tmp_path: Path) -> None:
    """By half a second, or by a sixth with code widths that the metadata keep: which are counted."""
    run = neuropixels()
    sizes = []
    for name, chunks, widths in (
        ("recipe", None, b""),
        ("known", None, n1codec.learn_widths(run)),
        ("together", run.shape, b""),
    ):
        made = n1zarr.create(tmp_path / name, shape=run.shape, dtype=run.dtype, level=5, chunks=chunks, widths=widths)
        made[:] = run
        assert np.array_equal(zarr.open_array(tmp_path / name, mode="r")[:], run)
        sizes.append(sum(file.stat().st_size for file in (tmp_path / name).rglob("*") if file.is_file()))
    assert sizes[0] < 1.003 * sizes[2]
    assert sizes[1] < 1.005 * sizes[2]


def test_a_short_read_decodes_little_and_takes_no_ten_milliseconds(tmp_path: Path) -> None:
    """16 channels x 100 ms of the real run, by the recipe, in processor time: others may be at work on this machine."""
    run = np.concatenate([neuropixels()] * 4)
    path = tmp_path / "run.zarr"
    n1zarr.create(path, shape=run.shape, dtype=run.dtype)[:] = run
    array = zarr.open_array(path, mode="r")
    draw = np.random.default_rng(1)
    taken = []
    for _ in range(40):
        at, channel = int(draw.integers(0, len(run) - 3000)), int(draw.integers(0, 385 - 16))
        begin = time.process_time()
        part = array[at : at + 3000, channel : channel + 16]
        taken.append(time.process_time() - begin)
        assert np.array_equal(part, run[at : at + 3000, channel : channel + 16])
    assert statistics.median(taken) < 0.010, sorted(taken)
