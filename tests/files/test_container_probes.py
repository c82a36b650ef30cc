"""What a probe of hundreds of channels takes as a file, and what reading a little of it costs."""

from __future__ import annotations

import importlib
import random
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import n1codec
from conftest import SHARED
from n1codec import _core
from n1codec.codec import Samples
from n1codec.container import defaults, record
from n1codec.container.header import Header

RUN = SHARED / "multichannel" / "run-001_g0_t0.imec0.ap.bin"


def probe(frames: int, channels: int) -> Samples:
    """Return noise with a past that neighbours share, and a channel that stands still behind them."""
    rng = np.random.default_rng(7)
    samples = rng.normal(0, 12, (frames, channels + 2)).astype(np.float32)
    for lag in (1, 2):
        samples[lag:] += 0.4 * samples[:-lag]
    shared = samples[:, 1:-1] + 0.3 * (samples[:, :-2] + samples[:, 2:])
    return np.column_stack([np.round(shared), np.full(frames, 64)]).astype(np.int16)


def file_bytes(path: Path, samples: Samples) -> int:
    with n1codec.Writer(path, dtype="i2", channels=samples.shape[1], rate=30_000.0) as writer:
        writer.append(samples)
    with n1codec.open(path) as recording:
        assert np.array_equal(recording[:], samples)
    return path.stat().st_size


@pytest.mark.parametrize("recording", ["made up", "Neuropixels"])
def test_a_file_of_a_probe_is_hardly_larger_than_one_block(tmp_path: Path, recording: str) -> None:
    if recording == "Neuropixels":
        if not RUN.exists():
            pytest.skip(f"{RUN} is not here")
        samples = np.fromfile(RUN, "<i2").reshape(-1, 385)
    else:
        samples = probe(15_000, 192)
    block = len(n1codec.encode(samples, defaults.DEFAULT_CODEC))
    assert file_bytes(tmp_path / "a.n1c", samples) <= 1.003 * block


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int, int]]:
    """Every block that is decoded: its first sample, its bundle, and how many samples of each channel it gave."""
    calls: list[tuple[int, int, int]] = []
    original = record.decode_frames

    def noting(header: Header, pipeline: Any, chunk: record.Record, bundle: int, *rest: Any) -> Any:
        samples, first = original(header, pipeline, chunk, bundle, *rest)
        calls.append((chunk.start, bundle, len(samples)))
        return samples, first

    monkeypatch.setattr("n1codec.container.blocks.decode_frames", noting)
    return calls


@pytest.fixture
def two_chunks(tmp_path: Path) -> tuple[Path, Samples]:
    """A file of 257 channels: bundles of 128, 128 and 1, chunks of 16,384 samples and 4,000."""
    samples = probe(20_384, 256)
    file_bytes(tmp_path / "a.n1c", samples)
    return tmp_path / "a.n1c", samples


def test_a_short_read_decodes_a_bundle_up_to_where_it_ends(
    two_chunks: tuple[Path, Samples], decoded: list[tuple[int, int, int]]
) -> None:
    path, samples = two_chunks
    with n1codec.open(path) as recording:
        assert np.array_equal(recording[1000:4000, 128:144], samples[1000:4000, 128:144])
        assert decoded == [(0, 1, 4 * 1024)]  # stretches of 1,024 samples have a hash each
        assert np.array_equal(recording[100:4090:5, 140], samples[100:4090:5, 140])
        assert len(decoded) == 1
        assert np.array_equal(recording[4000:7000, 128:144], samples[4000:7000, 128:144])
        assert decoded[1:] == [(0, 1, 16_384)]  # who reads on gets all of it
        assert np.array_equal(recording[9000:16_384, 128], samples[9000:16_384, 128])
        assert len(decoded) == 2
        assert np.array_equal(recording[17_000:15_000:-3, 5], samples[17_000:15_000:-3, 5])
        assert decoded[2:] == [(0, 0, 16_384), (16_384, 0, 1024)]


def test_the_first_samples_of_blocks_take_no_more_of_the_cache_than_they_are_counted_for(tmp_path: Path) -> None:
    file_bytes(tmp_path / "a.n1c", probe(3 * 16_384, 63))
    with n1codec.open(tmp_path / "a.n1c") as recording:
        tracemalloc.start()
        try:
            for start in range(0, 3 * 16_384, 16_384):
                recording[start : start + 10]
            kept, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert 3 * 2048 * 64 * 2 <= kept < 4 * 2048 * 64 * 2  # a stretch of each


def test_any_read_of_a_probe_is_right(two_chunks: tuple[Path, Samples]) -> None:
    path, samples = two_chunks
    draw = random.Random(3)
    for cache in (0, 1 << 26):
        with n1codec.open(path, cache_bytes=cache) as recording:
            for _ in range(30):
                at, channel = draw.randrange(len(samples)), draw.randrange(193)
                key = (slice(at, at + draw.randrange(3000), draw.choice([1, 2, 7])), slice(channel, channel + 16))
                assert np.array_equal(recording[key], samples[key])
            times = [draw.randrange(len(samples)) for _ in range(5)]
            assert np.array_equal(recording[times][:, 60:70], samples[times][:, 60:70])


def test_the_second_decoder_reads_blocks_of_several_stretches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "docs" / "format" / "reference"))
    reference = importlib.import_module("n1reference.file")
    samples = (np.arange(2 * 70_000) % 251).astype(np.int16).reshape(-1, 2)
    with n1codec.Writer(
        tmp_path / "a.n1c", dtype="i2", channels=2, rate=1000.0, codec="store", chunk_frames=70_000
    ) as writer:
        writer.append(samples)
    data = (tmp_path / "a.n1c").read_bytes()
    header = reference.read_header(data)
    chunk = reference.read_chunk(header, data, len(header.data))
    block = data[chunk.blocks :][: chunk.lengths[0]]
    assert reference.read_block(header, chunk, 0, block)[0] == samples.ravel().tolist()


@pytest.mark.parametrize("frames", [(0, 12_000), (0, 1000), (500, 2048 + 1), (11_000, 12_000)])
def test_what_was_decoded_is_compared_with_the_hashes_of_its_stretches(frames: tuple[int, int]) -> None:
    samples = probe(12_000, 64)[:, :64]
    header = Header(np.dtype("i2"), 64, 64, 1000.0, "n1")
    pipeline = n1codec.get("n1")
    block, whole = record.encode_block(header, pipeline, 0, 0, samples)
    chunk = record.Record(0, 12_000, (len(block),), 20)
    place = _core.block_salt(header.key(0) >> 32, 0, 0)
    sides, (first, last), stretches, value = _core.block_open(block, 0, 6, place)
    payload = block[first:last]
    assert (len(stretches), value) == (6, whole)
    some, start = record.decode_frames(header, pipeline, chunk, 0, block, *frames)
    assert (start, start + len(some)) == (0, min(-(-frames[1] // 2048) * 2048, 12_000))
    assert np.array_equal(some, samples[: len(some)])
    assert np.array_equal(record.decode_block(header, pipeline, chunk, 0, block)[0], samples)

    def refused(reason: str, content: bytes, each: list[int], joined: int) -> None:
        packed = _core.block_pack(sides, (content,), each, joined, place)
        with pytest.raises(n1codec.CorruptError, match=reason):
            record.decode_frames(header, pipeline, chunk, 0, packed, *frames)

    refused("hashes of stretches", payload, [stretches[0] ^ 1, *stretches[1:]], value)
    refused("hashes of stretches", payload, stretches, value ^ 1)
    refused("too short for its hashes", b"", [], value)
    other = samples.copy()
    other[0, 0] += 1
    refused("hash mismatch", pipeline.encode_payload(other)[1], stretches, value)


def test_what_a_coder_has_no_room_for_is_damage_in_a_part_as_in_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = probe(3000, 64)[:, :64]
    header, pipeline = Header(np.dtype("i2"), 64, 64, 1000.0, "n1"), n1codec.get("n1")
    block, _ = record.encode_block(header, pipeline, 0, 0, samples)
    chunk = record.Record(0, 3000, (len(block),), 20)

    def refuse(*_: Any, **__: Any) -> Any:
        raise n1codec.LimitError("too much")

    for name in ("decode", "decode_some"):
        monkeypatch.setattr(type(pipeline.coder), name, refuse)
    with pytest.raises(n1codec.CorruptError, match="too much"):
        record.decode_block(header, pipeline, chunk, 0, block)
    with pytest.raises(n1codec.CorruptError, match="too much"):
        record.decode_frames(header, pipeline, chunk, 0, block, 0, 10)
