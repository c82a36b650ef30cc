"""The coders that wrap other libraries: exact on awkward samples, and no library is trusted with a hostile payload."""

from __future__ import annotations

import bz2
import importlib.util
import lzma
import struct
import time
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import n1codec
from memory import peak_bytes
from n1codec import registry
from n1codec.codec import Coder, Layout, Samples
from n1codec.codecs import _audio, _libwavpack, _streams, wavpack
from n1codec.errors import CorruptError, MissingDependencyError, ParameterError
from n1codec.pipeline import get

OURS = ("n1", "entropy", "run-length", "baseline")
WRAPPED = [entry for entry in registry.entries() if entry.kind == "coder" and entry.group not in OURS]
VARIANTS = [
    "lzma:preset=9,extreme=true",
    "zstd:level=19",
    "lz4:acceleration=8",
    "brotli:quality=11",
    "bzip3:block_mib=1",
    "mtscomp:spatial=true",
    "mtscomp:chunk=100",
    "flac:level=8",
    "wavpack:level=1",
    "wavpack:level=4,extra=1",
    *(
        f"blosc:cname={c},shuffle={s}"
        for c in ("blosclz", "lz4", "lz4hc", "zlib", "zstd")
        for s in ("none", "byte", "bit")
    ),
    "blosc:clevel=0",
    "blosc:cname=lz4,blocksize=4",
    *(f"pcodec:delta={d}" for d in ("none", "lookback", "consecutive")),
    "pcodec:delta=conv,order=8",
    "pcodec:delta=conv,order=32",
    "openzl:delta=false",
    *(f"openzl:entropy={e}" for e in ("huffman", "fse", "zstd")),
]
SHAPES = [(1,), (2,), (3, 1), (1, 385), (7, 3), (33, 2), (513,), (4095,), (4097, 2), (12_345,)]


def coder(spec: str) -> Coder:
    """Return the coder of a specification; skip where its package is missing."""
    try:
        return get(f"delta+{spec}").coder  # not the bare name, which may be one of the original comparison
    except MissingDependencyError as error:
        pytest.skip(str(error))


def awkward(dtype: str, shape: tuple[int, ...]) -> Iterator[Samples]:
    """Yield full-range noise, extremes, a constant, a random walk, and quiet noise with one spike."""
    rng = np.random.default_rng(7)
    info = np.iinfo(dtype)
    spike = rng.integers(0, 3, shape)
    spike[shape[0] * 9 // 10] = info.max
    yield rng.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)
    yield np.where(rng.random(shape) < 0.5, info.min, info.max).astype(dtype)
    yield np.full(shape, info.max, dtype)
    yield (np.cumsum(rng.integers(-3, 4, shape), axis=0) + 100).astype(dtype)
    yield spike.astype(dtype)


@pytest.mark.parametrize(
    ("spec", "dtype"),
    [(entry.name, dtype) for entry in WRAPPED for dtype in ("i1", "u1", "i2", "u2", "i4", "u4")]
    + [(spec, dtype) for spec in VARIANTS for dtype in ("u1", "i2", "i4")],
)
def test_awkward_samples_come_back_exactly(spec: str, dtype: str) -> None:
    codec = coder(spec)
    for shape in SHAPES:
        for samples in awkward(dtype, shape):
            decoded = codec.decode(codec.encode(samples), Layout.of(samples))
            assert decoded.dtype == samples.dtype
            np.testing.assert_array_equal(decoded, samples, strict=True)


@pytest.mark.parametrize("bits", range(1, 33))
def test_flac_and_wavpack_keep_every_depth(bits: int) -> None:
    rng = np.random.default_rng(bits)
    samples = rng.integers(-(1 << bits - 1), 1 << bits - 1, (600, 3)).astype(np.int32)
    for spec in ("flac", "wavpack"):
        codec = coder(spec)
        np.testing.assert_array_equal(codec.decode(codec.encode(samples), Layout.of(samples)), samples, strict=True)


@pytest.mark.parametrize("rest", [*range(1, 40), 511])
def test_pcodec_predicts_whatever_the_length_of_the_last_batch(rest: int) -> None:
    codec = coder("pcodec:delta=conv,order=32")
    for batches in (1, 2, 16, 512):
        samples = np.cumsum(np.random.default_rng(rest).integers(-3, 4, 512 * batches + rest)).astype(np.int16)
        np.testing.assert_array_equal(codec.decode(codec.encode(samples), Layout.of(samples)), samples)


@pytest.mark.parametrize("name", [entry.name for entry in WRAPPED])
def test_truncation_and_trailing_bytes_are_refused(name: str) -> None:
    codec = coder(name)
    samples = np.cumsum(np.random.default_rng(3).integers(-3, 4, (500, 3)), axis=0).astype(np.int16)
    payload, layout = codec.encode(samples), Layout.of(samples)
    skipped = bytes.fromhex("502a4d1800000000")  # an empty frame that readers of Zstandard pass over
    behind = (b"\0", payload, skipped)
    for damaged in (*(payload + more for more in behind), payload[:-1], payload[: len(payload) // 2], b""):
        with pytest.raises(Exception):  # noqa: B017 - any: the pipeline makes a CorruptError of it
            codec.decode(damaged, layout)


SIMILAR = {
    # A fourth channel is what fills the last column: the hash of the samples tells.
    "flac": [(199, 3), (201, 3), (200, 2), (200, 5)],
    "wavpack": [(199, 3), (201, 3), (200, 2), (200, 5)],
    "alac": [(199, 3), (200, 2), (9000, 3)],  # nor do more samples show, which are like its padding
    "pcodec": [(150, 3), (250, 3), (200, 2), (200, 4)],  # its pages hold no counts, so neither does one more or less
}


@pytest.mark.parametrize("name", [entry.name for entry in WRAPPED])
def test_another_layout_is_refused(name: str) -> None:
    codec = coder(name)
    samples = np.cumsum(np.random.default_rng(4).integers(-3, 4, (200, 3)), axis=0).astype(np.int16)
    payload = codec.encode(samples)
    for shape in SIMILAR.get(name, [(199, 3), (201, 3), (200, 2), (200, 4)]):
        with pytest.raises(Exception):  # noqa: B017
            codec.decode(payload, Layout(samples.dtype, shape))


GIGABYTE = 1 << 30


def _zeros(compress: Callable[[bytes], bytes], flush: Callable[[], bytes]) -> bytes:
    part = bytes(1 << 20)
    return b"".join([*(compress(part) for _ in range(GIGABYTE >> 23)), flush()])  # 128 MiB: enough, and made soon


def _deflate_bomb(window: int) -> bytes:
    deflate = zlib.compressobj(1, zlib.DEFLATED, window)
    return _zeros(deflate.compress, deflate.flush)


def _bz2_bomb() -> bytes:
    compressor = bz2.BZ2Compressor(9)
    compressor.compress(bytes(1 << 24))
    return compressor.flush()


def _lzma_bomb(dictionary: int) -> bytes:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": dictionary}]
    return lzma.compress(bytes(1 << 24), lzma.FORMAT_XZ, lzma.CHECK_NONE, filters=filters)


def _zstd_bomb(announced: int) -> bytes:
    run_of_128_kib = (1 << 17 << 3 | 0b010).to_bytes(3, "little") + b"\0"
    blocks = run_of_128_kib * (GIGABYTE >> 17)
    last = (1 << 3 | 0b011).to_bytes(3, "little") + b"\0"
    return b"\x28\xb5\x2f\xfd\xa0" + announced.to_bytes(4, "little") + blocks + last


def _lz4_bomb() -> bytes:
    return b"\x1f\0\x01\0" + b"\xff" * (GIGABYTE // 255) + b"\0\x50" + bytes(5)


def _brotli_bomb() -> bytes:
    brotli = pytest.importorskip("brotli")
    compressor = brotli.Compressor(quality=1)
    return _zeros(compressor.process, compressor.finish)


def _blosc_bomb() -> bytes:
    blosc2 = pytest.importorskip("blosc2")
    chunk: bytes = blosc2.compress2(np.zeros(1 << 22, np.int16), nthreads=1)
    return chunk[:4] + struct.pack("<I", GIGABYTE) + chunk[8:]


def _bzip3_bomb() -> bytes:
    bz3 = pytest.importorskip("bz3")
    stream: bytes = bz3.compress(bytes(100))
    return stream[:5] + struct.pack("<III", 511 << 20, len(stream) - 17, GIGABYTE) + stream[17:]


def _flac_bomb() -> bytes:
    stream = bytearray(_streams.unpack_streams(coder("flac").encode(np.zeros(50, np.int16)), 1)[0])
    stream[22:26] = (GIGABYTE // 2).to_bytes(4, "big")  # the lower 32 bits of STREAMINFO's number of samples
    return _streams.pack_streams([bytes(stream)])


def _wavpack_bomb() -> bytes:
    stream = bytearray(_streams.unpack_streams(coder("wavpack").encode(np.zeros(50, np.int16)), 1)[0])
    for field in (12, 20):  # samples of the stream and of the block
        stream[field : field + 4] = (GIGABYTE // 2).to_bytes(4, "little")
    return _streams.pack_streams([bytes(stream)])


def _mtscomp_bomb() -> bytes:
    return _streams.pack_streams([_deflate_bomb(15)])


def _openzl_bomb() -> bytes:
    return coder("openzl").encode(np.zeros(1 << 26, np.int16))


BOMBS: list[tuple[str, Callable[[], bytes]]] = [
    ("zlib", lambda: _deflate_bomb(15)),
    ("gzip", lambda: _deflate_bomb(31)),
    ("bz2", _bz2_bomb),
    ("lzma", lambda: _lzma_bomb(1 << 12)),
    ("lzma", lambda: _lzma_bomb(1 << 30)),
    ("zstd", lambda: _zstd_bomb(100)),
    ("zstd", lambda: _zstd_bomb(GIGABYTE)),
    ("numcodecs_zstd", lambda: _zstd_bomb(100)),
    ("numcodecs_zstd", lambda: _zstd_bomb(GIGABYTE)),
    ("lz4", _lz4_bomb),
    ("lz4hc", _lz4_bomb),
    ("brotli", _brotli_bomb),
    ("bzip3", _bzip3_bomb),
    ("blosc", _blosc_bomb),
    ("flac", _flac_bomb),
    ("wavpack", _wavpack_bomb),
    ("mtscomp", _mtscomp_bomb),
    ("openzl", _openzl_bomb),
]


@pytest.mark.parametrize(("name", "make"), BOMBS, ids=[f"{name}-{number}" for number, (name, _) in enumerate(BOMBS)])
def test_a_bomb_is_refused_quickly_and_in_little_memory(name: str, make: Callable[[], bytes]) -> None:
    codec = coder(name)
    layout = Layout(np.dtype(np.int16), (50,))
    codec.decode(codec.encode(np.zeros(50, np.int16)), layout)  # what is loaded at first use is no part of the bomb
    bomb = make()
    before, start = peak_bytes(), time.perf_counter()
    with pytest.raises(Exception):  # noqa: B017
        codec.decode(bomb, layout)
    assert time.perf_counter() - start < 10  # a fraction of what expanding it would take, on a busy machine too
    assert peak_bytes() - before < 32 << 20


@pytest.mark.parametrize("entry", [entry for entry in WRAPPED if entry.requires], ids=lambda entry: entry.name)
def test_a_missing_package_is_named_with_its_extra(entry: registry.Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(MissingDependencyError, match=rf"n1codec\[{entry.extra}\]"):
        entry.load()


@pytest.mark.parametrize("name", [entry.name for entry in WRAPPED])
def test_versions_of_other_packages_are_reported(name: str) -> None:
    versions = coder(name).libraries()
    assert all(key and value and value != "unknown" for key, value in versions.items())
    assert versions or name in {"bz2", "lzma"}  # whose versions Python does not tell


@pytest.mark.parametrize("spec", ["zstd", "blosc", "blosc:cname=lz4,shuffle=none"])
def test_threads_do_not_change_the_samples(spec: str) -> None:
    codec = coder(spec)
    assert codec.threaded
    samples = np.cumsum(np.random.default_rng(5).integers(-9, 10, (200_000, 8)), axis=0).astype(np.int16)
    layout = Layout.of(samples)
    several = codec.encode(samples, threads=3)
    np.testing.assert_array_equal(codec.decode(several, layout), samples)
    np.testing.assert_array_equal(codec.decode(codec.encode(samples), layout, threads=3), samples)


WavPackCoders = list[tuple[Callable[[Any, int, int], bytes], Callable[[bytes, Any], None]]]


def _wavpack_backends() -> WavPackCoders:
    pytest.importorskip("av")
    if _libwavpack.library() is None:
        pytest.skip("libwavpack is not installed")
    return [
        (wavpack.encode_reference, wavpack.decode_reference),
        (wavpack.encode_ffmpeg, wavpack.decode_ffmpeg),
    ]


@pytest.mark.parametrize("dtype", ["i2", "i4"])
@pytest.mark.parametrize("channels", [1, 2])
def test_wavpack_libraries_decode_each_other(dtype: str, channels: int) -> None:
    backends = _wavpack_backends()
    for n_samples in (1, 2, 50, 5000, 70_000):
        for frames in awkward(dtype, (n_samples, channels)):
            for encode, _ in backends:
                stream = encode(frames, 2, 0)
                for _, decode in backends:
                    decoded = np.zeros_like(frames)
                    decode(stream, decoded)
                    np.testing.assert_array_equal(decoded, frames)


def test_wavpack_falls_back_to_ffmpeg(monkeypatch: pytest.MonkeyPatch) -> None:
    _wavpack_backends()
    codec = coder("wavpack")
    samples = np.arange(900, dtype=np.uint16).reshape(-1, 3)
    reference = codec.encode(samples)
    assert "libwavpack" in codec.libraries()
    monkeypatch.setattr(_libwavpack, "library", lambda: None)
    assert "libavcodec" in codec.libraries()
    for payload in (reference, codec.encode(samples)):
        np.testing.assert_array_equal(codec.decode(payload, Layout.of(samples)), samples)


def test_gzip_bytes_name_neither_time_nor_system() -> None:
    header = coder("gzip").encode(np.arange(9, dtype=np.int16))[:10]
    assert header[4:8] == bytes(4)
    assert header[9] == 255


def test_levels_stay_out_of_the_frame() -> None:
    samples = np.arange(500, dtype=np.int16)
    for spec in (
        "lzma:preset=1,extreme=true",
        "blosc:cname=lz4,clevel=9,shuffle=none",
        "pcodec:level=2,delta=conv,order=4",
    ):
        coder(spec)
        frame = get(spec).encode(samples)
        assert spec.encode() not in frame
        assert spec.partition(":")[0].encode() in frame
        np.testing.assert_array_equal(n1codec.decode(frame), samples)


@pytest.mark.parametrize(
    "spec",
    [
        *("zstd:level=0", "zstd:level=23", "bz2:level=0", "flac:level=9", "wavpack:level=5", "wavpack:extra=7"),
        *("blosc:cname=snappy", "blosc:shuffle=bits", "pcodec:delta=fir", "pcodec:delta=consecutive,order=8"),
        "openzl:entropy=x",
        *("mtscomp:chunk=0", "mtscomp:spatial=2"),
    ],
)
def test_parameters_out_of_range_are_refused(spec: str) -> None:
    coder(spec.partition(":")[0])
    with pytest.raises(ParameterError):
        get(spec)


def test_small_values_have_no_high_word() -> None:
    frames = np.arange(-30_000, 30_000, 7, dtype=np.int32)[:, None]
    words = _audio.split_words(frames)
    assert not words[:, 1].any()
    np.testing.assert_array_equal(_audio.join_words(words), frames)


def test_streams_are_as_many_as_announced() -> None:
    payload = _streams.pack_streams([b"", b"a" * 300])
    assert _streams.unpack_streams(payload, 2) == [b"", b"a" * 300]
    for count in (1, 3):
        with pytest.raises(CorruptError):
            _streams.unpack_streams(payload, count)
    with pytest.raises(CorruptError):
        _streams.unpack_streams(b"\xff" * 20, 1)


def test_the_original_names_are_24() -> None:
    assert len(registry.ORIGINAL) == 24
    for name, spec in registry.ORIGINAL.items():
        assert name.startswith("delta_") == spec.startswith("delta+")
        assert name.removeprefix("delta_") in registry.ORIGINAL


@pytest.mark.parametrize("name", [name for name in registry.ORIGINAL if "huff" not in name])
def test_the_original_codecs_keep_samples(name: str) -> None:
    coder(registry.ORIGINAL[name].rpartition("+")[2])
    samples = np.arange(300, dtype=np.int16)
    np.testing.assert_array_equal(n1codec.decode(get(name).encode(samples)), samples)
