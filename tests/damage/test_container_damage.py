"""Promises: damage to a .n1c file is never silent, costs the chunk it hits and no other, and hostile files cost little."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import n1codec
from arrays import lattice_samples, same
from container_tools import quiet_open, read_out, small, write_n1c
from n1codec import container
from n1codec.container import limits
from n1codec.container.header import parse_header
from n1codec.container.index import Table, pack_index


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return small(tmp_path / "small.n1c")[0]


SAMPLES = lattice_samples((25, 3))


def test_every_single_bit_flip_is_noticed_and_costs_no_other_chunk(path: Path) -> None:
    data = path.read_bytes()
    assert read_out(path)[1] is False
    with n1codec.open(path) as recording:
        chunks = recording.chunks
    for bit in range(8 * len(data)):
        damaged = bytearray(data)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        samples, noticed = read_out(path)
        assert noticed, f"bit {bit} of byte {bit // 8} flipped in silence"
        if samples is None:
            assert bit // 8 < chunks[0].offset, "only the header may take everything with it"
            continue
        for chunk in chunks:
            if not chunk.offset <= bit // 8 < chunk.offset + chunk.n_bytes and len(samples) >= chunk.stop:
                assert same(samples[chunk.start : chunk.stop], SAMPLES[chunk.start : chunk.stop])
        wrong = samples != SAMPLES[: len(samples)]
        assert not samples[wrong].any(), "wrong samples were given out"


def test_restoring_refuses_every_flipped_byte_and_leaves_nothing(path: Path, tmp_path: Path) -> None:
    data = path.read_bytes()
    for position in range(len(data)):
        damaged = bytearray(data)
        damaged[position] ^= 0x10
        path.write_bytes(damaged)
        with pytest.raises(n1codec.N1Error), quiet_open(path) as file:
            file.restore_to(tmp_path / "out.raw")
        assert [entry.name for entry in tmp_path.iterdir()] == ["small.n1c"]


def test_every_truncation_is_an_error_or_gives_back_what_came_before(path: Path, tmp_path: Path) -> None:
    data = path.read_bytes()
    with n1codec.open(path) as recording:
        chunks = recording.chunks
    for length in range(len(data)):
        path.write_bytes(data[:length])
        samples, noticed = read_out(path)
        assert noticed
        whole = [chunk.stop for chunk in chunks if chunk.offset + chunk.n_bytes <= length]
        if length < chunks[0].offset:
            assert samples is None
            with pytest.raises(n1codec.CorruptError, match=r"small\.n1c"):
                container.recover(path, tmp_path / "out.n1c")
            continue
        assert samples is not None
        assert same(samples, SAMPLES[: max(whole, default=0)])
        if length % 7 == 0:
            report = container.recover(path, tmp_path / "out.n1c", overwrite=True)
            assert (report.samples, report.complete) == (len(samples), False)
            with n1codec.open(tmp_path / "out.n1c") as recording:
                assert same(recording[:], samples)
                assert recording.verify().ok


def test_a_header_in_ruins_is_taken_from_its_copy(tmp_path: Path) -> None:
    samples = lattice_samples((4000,))
    path = write_n1c(tmp_path / "a.n1c", samples, chunk_frames=500, metadata={"a": 1})
    data = path.read_bytes()
    with n1codec.open(path) as recording:
        first = recording.chunks[0].offset
    assert data.count(data[:first]) == 2
    for position in range(first):
        damaged = bytearray(data)
        damaged[position] ^= 1 << position % 8
        path.write_bytes(damaged)
        with pytest.warns(n1codec.DamageWarning, match="header"):
            recording = n1codec.open(path)
        with recording:
            assert same(recording[:], samples)
            assert not recording.verify().ok
    report = container.recover(path, tmp_path / "b.n1c")
    assert report.complete
    assert (tmp_path / "b.n1c").read_bytes() == data


def test_a_damaged_block_costs_its_samples_and_channels_and_is_named(path: Path, tmp_path: Path) -> None:
    with n1codec.open(path) as recording:
        second = recording.chunks[1]
    data = bytearray(path.read_bytes())
    data[second.offset + second.n_bytes - 20] ^= 4  # in the second bundle
    path.write_bytes(data)
    with n1codec.open(path) as recording:
        assert same(recording[:10], SAMPLES[:10])
        assert same(recording[5:25, :2], SAMPLES[5:25, :2])
        with pytest.raises(
            n1codec.CorruptError, match=r"small\.n1c: chunk 1 .* samples 10 to 19 .*0\.010 s.* channel 2"
        ):
            recording[5:25]
        filled = recording.read(fill=-7)
        assert (filled[10:20, 2] == -7).all()
        assert same(np.delete(filled, range(10, 20), 0), np.delete(SAMPLES, range(10, 20), 0))
        (start, part), *_ = list(recording.iter_chunks(12, 18, fill=-7))
        assert start == 12
        assert same(part, filled[12:18])
        report = recording.verify()
        assert [(lost.start, lost.stop, lost.channel_start, lost.channel_stop) for lost in report.damaged] == [
            (10, 20, 2, 3)
        ]
    saved = container.recover(path, tmp_path / "saved.n1c")
    assert (saved.chunks, saved.samples, saved.complete, len(saved.lost)) == (3, 25, False, 1)
    with n1codec.open(tmp_path / "saved.n1c") as recording:
        assert not recording.damaged
        assert [(lost.start, lost.channel_start) for lost in recording.missing] == [(10, 2)]
        assert same(recording.read(fill=-7), filled)
        with pytest.raises(n1codec.CorruptError, match="lost before"):
            recording[:, 2]
    assert container.recover(tmp_path / "saved.n1c", tmp_path / "again.n1c").lost == (
        replace(saved.lost[0], reason="lost before the file was recovered"),
    )
    assert (tmp_path / "again.n1c").read_bytes() == (tmp_path / "saved.n1c").read_bytes()


def rearranged(data: bytes, chunks: tuple[Any, ...], order: list[int], *, index: bool) -> bytes:
    pieces = [data[chunk.offset : chunk.offset + chunk.n_bytes] for chunk in chunks]
    end = chunks[-1].offset + chunks[-1].n_bytes
    return data[: chunks[0].offset] + b"".join(pieces[at] for at in order) + (data[end:] if index else b"")


@pytest.mark.parametrize("index", [True, False])
@pytest.mark.parametrize(
    "order", [[0, 2], [1, 2], [0, 1], [2, 1, 0], [0, 1, 1, 2], [0, 0, 1, 2], [1, 0, 2], [2, 2, 2], []]
)
def test_dropped_doubled_and_exchanged_chunks_are_noticed_and_sorted(
    path: Path, tmp_path: Path, order: list[int], index: bool
) -> None:
    with n1codec.open(path) as recording:
        chunks = recording.chunks
    path.write_bytes(rearranged(path.read_bytes(), chunks, order, index=index))
    samples, noticed = read_out(path)
    assert noticed
    assert samples is not None
    container.recover(path, tmp_path / "out.n1c")
    with quiet_open(tmp_path / "out.n1c") as recording:
        recovered = recording.read(fill=0)
        assert index is False or len(recovered) == 25
        for number, chunk in enumerate(chunks):
            wanted = SAMPLES[chunk.start : chunk.stop] if number in order else 0 * SAMPLES[chunk.start : chunk.stop]
            wanted = wanted[: max(0, len(recovered) - chunk.start)]
            assert same(recovered[chunk.start : chunk.stop], wanted)


def test_chunks_of_another_file_are_not_taken_in(path: Path, tmp_path: Path) -> None:
    other = write_n1c(tmp_path / "b.n1c", SAMPLES + np.int16(64), chunk_frames=10, bundle_channels=2, restore=b"\x01")
    with n1codec.open(path) as mine, n1codec.open(other) as foreign:
        a, b = mine.chunks[1], foreign.chunks[1]
    assert a.n_bytes == b.n_bytes
    data = bytearray(path.read_bytes())
    data[a.offset : a.offset + a.n_bytes] = other.read_bytes()[b.offset : b.offset + b.n_bytes]
    path.write_bytes(data)
    with n1codec.open(path) as recording, pytest.raises(n1codec.CorruptError, match="chunk 1"):
        recording[:]
    assert container.recover(path, tmp_path / "out.n1c").samples == 15


@pytest.mark.parametrize("maker", ["writer", "encode_file"])
def test_chunks_of_a_recording_that_begins_alike_are_not_taken_in(tmp_path: Path, maker: str) -> None:
    """Header and first chunk are equal, and the second chunk of one takes the place of the other's."""
    paths = []
    for number in range(2):
        samples = SAMPLES.copy()
        samples[12:] += np.int16(64 * number)
        path = tmp_path / f"{number}.n1c"
        if maker == "writer":
            write_n1c(path, samples, chunk_frames=10)
        else:
            samples.tofile(tmp_path / "a.dat")
            settings: dict[str, Any] = {"dtype": samples.dtype, "channels": 3, "rate": 1000.0, "codec": "store"}
            container.encode_file(tmp_path / "a.dat", path, chunk_frames=10, **settings)
        paths.append(path)
    with n1codec.open(paths[0]) as mine, n1codec.open(paths[1]) as other:
        assert same(mine[:10], other[:10])
        assert mine.file_id != other.file_id
        a, b = mine.chunks[1], other.chunks[1]
    data = bytearray(paths[0].read_bytes())
    data[a.offset : a.offset + a.n_bytes] = paths[1].read_bytes()[b.offset : b.offset + b.n_bytes]
    paths[0].write_bytes(data)
    with n1codec.open(paths[0]) as recording, pytest.raises(n1codec.CorruptError, match="chunk 1"):
        recording[10:20]
    report = container.recover(paths[0], tmp_path / "out.n1c")
    assert (report.samples, report.complete, len(report.lost)) == (15, False, 1)


def test_a_block_is_valid_in_its_own_place_only(path: Path) -> None:
    """Blocks of the same length exchanged between chunks, and between bundles of one chunk."""
    samples = lattice_samples((20, 4))
    write_n1c(path, samples, chunk_frames=10, bundle_channels=2)
    data = path.read_bytes()
    with n1codec.open(path) as recording:
        ends = [chunk.offset + chunk.n_bytes for chunk in recording.chunks]
    length = 2 * 10 * 2 + 1 + limits.BLOCK_TRAILER_BYTES
    places = [end - back * length for end in ends for back in (2, 1)]
    for a, b in ((0, 1), (0, 2), (1, 3), (0, 3)):
        damaged = bytearray(data)
        damaged[places[a] : places[a] + length] = data[places[b] : places[b] + length]
        damaged[places[b] : places[b] + length] = data[places[a] : places[a] + length]
        path.write_bytes(damaged)
        with n1codec.open(path) as recording:
            damaged_parts = recording.verify().damaged
            assert len(damaged_parts) in (1, 2)
            sizes = [(lost.stop - lost.start) * (lost.channel_stop - lost.channel_start) for lost in damaged_parts]
            assert sum(sizes) == 2 * 10 * 2
            assert not recording.read(fill=0)[recording.read(fill=0) != samples].any()


def test_a_recording_that_is_not_whole_is_noticed_by_its_hash(path: Path, tmp_path: Path) -> None:
    """The last chunk is gone and the index, with a right CRC, does not know of it."""
    data = path.read_bytes()
    with n1codec.open(path) as recording:
        chunks, recording_hash = recording.chunks, recording.recording_hash
    assert recording_hash is not None
    header_data = data[: chunks[0].offset]
    table = Table()
    for chunk in chunks[:-1]:
        table.add(chunk.start, chunk.stop, chunk.offset, chunk.n_bytes)
    index = pack_index(parse_header(header_data), header_data, table, table.end, recording_hash)
    path.write_bytes(data[: chunks[-1].offset] + index)
    with n1codec.open(path) as recording:
        assert recording.verify().problems == (
            "hash mismatch: the recording as a whole is not the one that was encoded",
        )
        with pytest.raises(n1codec.CorruptError, match=r"small\.n1c: hash mismatch"):
            recording.restore_to(tmp_path / "a.raw")
    assert not (tmp_path / "a.raw").exists()
    assert not container.recover(path, tmp_path / "b.n1c").complete


def test_inserted_and_removed_bytes_cost_one_chunk(path: Path, tmp_path: Path) -> None:
    data = path.read_bytes()
    with n1codec.open(path) as recording:
        chunks = recording.chunks
    for chunk in chunks:
        for position in (chunk.offset, chunk.offset + 3, chunk.offset + chunk.n_bytes // 2):
            for damaged in (data[:position] + b"\xb7" + data[position:], data[:position] + data[position + 1 :]):
                path.write_bytes(damaged)
                report = container.recover(path, tmp_path / "out.n1c", overwrite=True)
                assert report.samples >= 25 - (chunk.stop - chunk.start)
                with quiet_open(tmp_path / "out.n1c") as recording:
                    assert recording.shape == (25, 3)
                assert read_out(path)[1]
