"""Promise: n1codec is a compressor of zarr 2 like any other, and its arrays come back byte for byte or not at all."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from signals import arrays, biggest, flipped, neuropixels, probe

import n1codec
import stacks

stacks.needs("zarr2")

import numcodecs
import zarr

from n1codec.numcodecs import N1, layout

SAMPLES = probe()


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("what", arrays())
def test_every_array_comes_back(what: str, order: Any, tmp_path: Path) -> None:
    """Ragged chunks, whole reads and parts, either memory order: zarr takes what it is given by its bytes in memory."""
    array = arrays()[what]
    chunks = tuple(max(1, 2 * length // 3) for length in array.shape)
    zarr.save_array(str(tmp_path / "a.zarr"), array, chunks=chunks, order=order, compressor=N1(level=1))
    stored = zarr.open(str(tmp_path / "a.zarr"), "r")
    assert stored[...].dtype == array.dtype
    assert stored[...].tobytes() == array.tobytes()
    assert stored[7:1100].tobytes() == array[7:1100].tobytes()
    if array.ndim == 2:
        assert np.array_equal(stored[100:200, 3:6], array[100:200, 3:6])
        whole = np.empty(array.shape, array.dtype, order=order)
        stored.get_basic_selection(Ellipsis, out=whole)
        assert np.array_equal(whole, array)


def test_a_whole_chunk_read_into_an_array_in_fortrans_order_is_right() -> None:
    """The codec decodes into the array itself then."""
    stored = zarr.array(SAMPLES[:1000, :8], chunks=(1000, 8), order="F", compressor=N1(level=1))
    out = np.empty((1000, 8), np.int16, order="F")
    stored.get_basic_selection(Ellipsis, out=out)
    assert np.array_equal(out, SAMPLES[:1000, :8])


@pytest.mark.parametrize(
    "make", [N1, lambda: N1(level=9), lambda: N1("lattice+flac"), lambda: N1("lattice+delta+rice")]
)
def test_any_pipeline_codes_chunks(make: Any) -> None:
    try:
        codec = make()
    except n1codec.MissingDependencyError as error:
        pytest.skip(str(error))
    stored = zarr.array(SAMPLES[:4000, :8], chunks=(2000, 8), compressor=codec)
    assert np.array_equal(stored[:], SAMPLES[:4000, :8])


def test_the_codec_is_found_by_its_id_and_goes_through_json_and_pickle() -> None:
    for codec in (N1(), N1(level=9), N1("lattice+delta+rice"), N1(level=5, widths=b"\0\1\2")):
        config = json.loads(json.dumps(codec.get_config()))
        assert config["id"] == "n1codec"
        again = numcodecs.get_codec(config)
        assert type(again) is N1
        assert again == codec == pickle.loads(pickle.dumps(codec))
        assert repr(again) == repr(codec)
    assert N1() != N1(level=9)
    assert N1() != N1(widths=b"\1")
    assert N1().get_config() == {"id": "n1codec", "codec": "n1:level=5"}, "as before where nothing is known"


def test_other_buffers_come_back_as_their_bytes() -> None:
    for buffer in (b"some bytes", bytearray(b"more"), memoryview(b"view"), np.arange(5.0)):
        assert bytes(np.asarray(N1().decode(N1().encode(buffer))).tobytes()) == bytes(buffer)
    assert N1().decode(memoryview(N1().encode(SAMPLES[:9]))).tolist() == SAMPLES[:9].tolist()


def test_arrays_grow_and_live_in_zips(tmp_path: Path) -> None:
    with zarr.ZipStore(str(tmp_path / "a.zip"), mode="w") as store:
        array = zarr.create(shape=(0, 8), chunks=(700, 8), dtype="i2", compressor=N1(level=1), store=store)
        array.append(SAMPLES[:700, :8])
        array.append(SAMPLES[700:1900, :8])
    with zarr.ZipStore(str(tmp_path / "a.zip"), mode="r") as store:
        assert np.array_equal(zarr.open(store)[:], SAMPLES[:1900, :8])


def test_a_damaged_chunk_is_an_error_that_says_so(tmp_path: Path) -> None:
    zarr.save_array(str(tmp_path / "a.zarr"), SAMPLES, chunks=(2000, 40), compressor=N1(level=1))
    flipped(biggest(tmp_path))
    with pytest.raises(n1codec.CorruptError, match="CRC"):
        zarr.open(str(tmp_path / "a.zarr"))[:]


def test_a_chunk_of_another_size_is_an_error() -> None:
    codec = N1(level=1)
    data = codec.encode(SAMPLES[:100, :8])
    with pytest.raises(n1codec.N1Error):
        codec.decode(data, out=np.empty((101, 8), np.int16))
    with pytest.raises(n1codec.N1Error):
        codec.decode(data, out=np.empty((99, 8), np.int16))


def test_what_is_not_understood_is_one_clear_error() -> None:
    with pytest.raises(n1codec.ParameterError, match="level"):
        N1(level=10)
    with pytest.raises(n1codec.ParameterError, match="not both"):
        N1("lattice+flac", level=3)
    with pytest.raises(n1codec.SpecError, match="no_such"):
        N1("no_such")
    with pytest.raises(n1codec.UnsupportedError, match="numbers of fixed length"):
        N1().encode(np.array(["a", None], dtype=object))
    with pytest.raises(ValueError, match="n1codec2"):
        numcodecs.get_codec({"id": "n1codec2"})


def test_a_store_opens_where_its_encoder_is_not_there_and_says_so_when_it_encodes(tmp_path: Path) -> None:
    """Reading takes what the chunks name; what wrote them may have been a release with more levels."""
    path = tmp_path / "a.zarr"
    zarr.save_array(str(path), SAMPLES[:1000, :4], chunks=(1000, 4), compressor=N1(level=1))
    meta = json.loads((path / ".zarray").read_text())
    meta["compressor"]["codec"] = "n1:level=99"
    (path / ".zarray").write_text(json.dumps(meta))
    stored = zarr.open(str(path), "r+")
    assert np.array_equal(stored[:], SAMPLES[:1000, :4])
    with pytest.raises(n1codec.ParameterError, match="level"):
        stored[:] = 1


def test_padding_costs_little() -> None:
    """zarr 2 fills the last chunk of an array up: half as much again of it, in zeros."""
    for level in (1, 3, 5):
        codec = N1(level=level)
        padded = np.zeros((4500, 24), np.int16)
        padded[:3000] = SAMPLES[:3000, :24]
        assert len(codec.encode(padded)) < 1.03 * len(codec.encode(padded[:3000])), level


def test_a_delta_before_it_is_lossless_and_larger() -> None:
    """What the page advises against: a filter hands on values without channels."""
    plain = zarr.array(SAMPLES, chunks=(4000, 40), compressor=N1(level=3))
    delta = zarr.array(SAMPLES, chunks=(4000, 40), compressor=N1(level=3), filters=[numcodecs.Delta("i2")])
    assert np.array_equal(delta[:], SAMPLES)
    assert plain.nbytes_stored < delta.nbytes_stored


def test_code_widths_are_kept_by_the_store_and_make_short_chunks_smaller(tmp_path: Path) -> None:
    run = neuropixels()
    widths = n1codec.learn_widths(run)
    chunks = layout(run.shape, level=5, known=True).chunks
    sizes = []
    for name, codec in (("learned", N1(level=5)), ("known", N1(level=5, widths=widths))):
        zarr.save_array(str(tmp_path / name), run, chunks=chunks, compressor=codec)
        assert np.array_equal(zarr.open(str(tmp_path / name), "r")[:], run)
        sizes.append(sum(path.stat().st_size for path in (tmp_path / name).rglob("*") if path.is_file()))
    assert sizes[1] < 0.999 * sizes[0], "metadata and all"


def test_a_store_whose_code_widths_were_changed_says_so(tmp_path: Path) -> None:
    run = neuropixels()[:3000, :100]
    zarr.save_array(
        str(tmp_path / "a.zarr"), run, chunks=run.shape, compressor=N1(widths=n1codec.learn_widths(neuropixels()))
    )
    meta = json.loads((tmp_path / "a.zarr" / ".zarray").read_text())
    for wrong in ("", "no base64", N1(widths=b"other").get_config()["widths"]):
        meta["compressor"]["widths"] = wrong
        (tmp_path / "a.zarr" / ".zarray").write_text(json.dumps(meta))
        with pytest.raises(n1codec.CorruptError):
            zarr.open(str(tmp_path / "a.zarr"), "r")[:]
