"""Promises: a file is one recording: what is of another one, or no longer what the header says, never passes for whole."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import n1codec
from arrays import lattice_samples, same
from container_tools import quiet_open, write_n1c
from n1codec import container
from n1codec.codec import Samples
from n1codec.container.header import Header, parse_header
from n1codec.container.index import Table, pack_index

SAMPLES = lattice_samples((25, 3))
SETTINGS: dict[str, Any] = {"codec": "store", "chunk_frames": 10, "file_id": 7}


def pieces(path: Path) -> tuple[bytes, list[bytes], bytes]:
    """Return header, chunks and index."""
    data = path.read_bytes()
    with n1codec.open(path) as recording:
        chunks = recording.chunks
    end = chunks[-1].offset + chunks[-1].n_bytes
    return data[: chunks[0].offset], [data[one.offset : one.offset + one.n_bytes] for one in chunks], data[end:]


def with_other_chunk(tmp_path: Path, other: Samples, **settings: Any) -> Path:
    """Return a file whose second chunk is that of another recording with the same id."""
    mine = write_n1c(tmp_path / "a.n1c", SAMPLES, **(SETTINGS | settings))
    header, chunks, index = pieces(mine)
    chunks[1] = pieces(write_n1c(tmp_path / "b.n1c", other, **(SETTINGS | settings)))[1][1]
    mine.write_bytes(header + b"".join(chunks) + index)
    return mine


def assert_marked(path: Path, match: str) -> None:
    """Assert that a recovered file does not pass for whole, and that recovering it again does not help."""
    again = path.with_name("again.n1c")
    assert not container.recover(path, again, overwrite=True).complete
    for each in (path, again):
        with pytest.warns(n1codec.DamageWarning, match=match):
            recording = n1codec.open(each)
        with recording:
            assert not recording.verify().ok
            assert any(match in problem for problem in recording.verify().problems)
            with pytest.raises(n1codec.N1Error):
                recording.restore_to(each.with_suffix(".raw"))
    assert again.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("codec", ["store", "delta+zlib"])
def test_a_wrong_hash_of_the_recording_stays_marked_after_recovery(tmp_path: Path, codec: str) -> None:
    """With zlib the other chunk has another length, so the index is off as well."""
    other = SAMPLES.copy()
    other[10:20] = np.arange(30).reshape(10, 3)
    path = with_other_chunk(tmp_path, other, codec=codec)
    with quiet_open(path) as recording:
        assert not recording.verify().ok
    report = container.recover(path, tmp_path / "out.n1c")
    assert (report.samples, report.lost, report.complete) == (25, (), False)
    assert "hash of the recording" in report.doubts[0]
    assert_marked(tmp_path / "out.n1c", "hash of the recording")


@pytest.mark.parametrize("index", [True, False])
def test_different_chunks_for_the_same_samples_stay_marked_and_equal_ones_do_not(tmp_path: Path, index: bool) -> None:
    path = write_n1c(tmp_path / "a.n1c", SAMPLES, **SETTINGS)
    header, chunks, end = pieces(path)
    other = pieces(write_n1c(tmp_path / "b.n1c", SAMPLES + np.int16(64), **SETTINGS))[1][1]
    longer = pieces(write_n1c(tmp_path / "c.n1c", SAMPLES, **(SETTINGS | {"chunk_frames": 12})))[1][1]
    for extra in (other, longer):
        path.write_bytes(header + b"".join([*chunks, extra]) + (end if index else b""))
        report = container.recover(path, tmp_path / "out.n1c", overwrite=True)
        assert (report.samples, report.complete) == (25, False)
        assert_marked(tmp_path / "out.n1c", "different chunks")
    path.write_bytes(header + b"".join([*chunks, chunks[1]]) + (end if index else b""))
    report = container.recover(path, tmp_path / "out.n1c", overwrite=True)
    assert (report.samples, report.complete, report.doubts) == (25, index, ())


def test_of_two_copies_of_a_chunk_the_whole_one_is_saved(tmp_path: Path) -> None:
    path = write_n1c(tmp_path / "a.n1c", SAMPLES, **(SETTINGS | {"bundle_channels": 2}))
    whole = path.read_bytes()
    header, chunks, index = pieces(path)
    broken = bytearray(chunks[1])
    broken[-20] ^= 1
    path.write_bytes(header + chunks[0] + broken + chunks[1] + chunks[2] + index)
    report = container.recover(path, tmp_path / "out.n1c")
    assert (report.complete, report.doubts) == (True, ())
    assert (tmp_path / "out.n1c").read_bytes() == whole


def made_from(tmp_path: Path, kind: str) -> tuple[Path, Path]:
    """Return a source file and what it was encoded to."""
    source = tmp_path / ("a.npy" if kind == "npy" else "a.bin")
    if kind == "npy":
        np.save(source, SAMPLES)
    else:
        SAMPLES.tofile(source)
        text = f"typeThis=imec\nimSampRate=1000\nnSavedChans=3\nsnsApLfSy=2,0,1\nfileSizeBytes={SAMPLES.nbytes}\n"
        source.with_suffix(".meta").write_text(text)
    rate = {"rate": 1000.0} if kind == "npy" else {}
    container.encode_file(source, tmp_path / "a.n1c", codec="store", chunk_frames=10, **rate)  # type: ignore[arg-type]
    return source, tmp_path / "a.n1c"


@pytest.mark.parametrize("kind", ["npy", "spikeglx"])
def test_a_source_whose_end_was_lost_is_not_given_back_after_recovery(tmp_path: Path, kind: str) -> None:
    _, path = made_from(tmp_path, kind)
    with n1codec.open(path) as recording:
        cut = recording.chunks[2].offset
    path.write_bytes(path.read_bytes()[:cut])
    report = container.recover(path, tmp_path / "out.n1c")
    assert (report.samples, report.lost, report.complete) == (20, (), False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        recording = n1codec.open(tmp_path / "out.n1c")  # every sample in it is right
    with recording:
        assert same(recording[:], SAMPLES[:20])
        assert recording.verify().ok
        with pytest.raises(n1codec.CorruptError, match=r"out\.n1c: .*end is not known"):
            recording.restore_to(tmp_path / "back")
    assert not (tmp_path / "back").exists()


@pytest.mark.parametrize("kind", ["npy", "spikeglx"])
@pytest.mark.parametrize("finished", [True, False])
def test_going_on_with_a_file_that_has_a_source_lets_that_go_or_is_refused(
    tmp_path: Path, kind: str, finished: bool
) -> None:
    source, path = made_from(tmp_path, kind)
    if not finished:
        with n1codec.open(path) as recording:
            last = recording.chunks[-1]
        path.write_bytes(path.read_bytes()[: last.offset + last.n_bytes])
    before = path.read_bytes()
    with pytest.raises(n1codec.ParameterError, match="drop_source"):
        n1codec.Writer.reopen(path)
    assert path.read_bytes() == before
    path.chmod(0o640)
    with n1codec.Writer.reopen(path, drop_source=True) as writer:
        with pytest.raises(n1codec.FileError, match="another writer"):
            n1codec.Writer.reopen(path)
        writer.append(SAMPLES[:5])
    with n1codec.open(path) as recording:
        assert same(recording[:], np.concatenate([SAMPLES, SAMPLES[:5]]))
        assert recording.verify().ok
        assert (recording.source_format, recording.restore, dict(recording.sidecars)) == (None, b"", {})
        with pytest.raises(n1codec.FormatError):
            recording.restore_to(tmp_path / "back")
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(one.name for one in tmp_path.iterdir() if one.suffix != ".meta") == sorted(["a.n1c", source.name])


def test_a_source_is_dropped_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, path = made_from(tmp_path, "npy")
    before = path.read_bytes()

    def fail(*_: Any) -> None:
        raise OSError(5, "Input/output error")

    for name in ("replace", "fsync"):
        with monkeypatch.context() as patched:
            if name == "replace":
                patched.setattr(Path, "replace", fail)
            else:
                patched.setattr(os, "fsync", fail)
            with pytest.raises(n1codec.FileError):
                n1codec.Writer.reopen(path, drop_source=True)
        assert path.read_bytes() == before
        assert sorted(one.name for one in tmp_path.iterdir()) == ["a.n1c", "a.npy"]
    n1codec.Writer.reopen(path, drop_source=True).abort()  # as after a crash before anything is appended
    with quiet_open(path) as recording:
        assert same(recording[:], SAMPLES)
        assert recording.restore == b""


def test_a_writer_does_not_go_on_with_a_file_whose_hash_is_wrong(tmp_path: Path) -> None:
    path = with_other_chunk(tmp_path, SAMPLES + np.int16(64))
    with pytest.raises(n1codec.CorruptError, match=r"a\.n1c: hash mismatch"):
        n1codec.Writer.reopen(path)


def test_an_index_that_contradicts_its_chunks_or_its_header_is_damage_everywhere(tmp_path: Path) -> None:
    """The chunks are those that were written; the index says, with a right CRC, that they begin or end elsewhere."""
    path = write_n1c(tmp_path / "a.n1c", SAMPLES, **SETTINGS)
    header_data, chunks, _ = pieces(path)
    header = parse_header(header_data)
    right = [(0, 10), (10, 20), (20, 25)]
    for wrong in ([(0, 5), (5, 20), (20, 25)], [(0, 1), (1, 2), (2, 3)], [(0, 10), (11, 21), (21, 26)], right[:2]):
        table, offset = Table(), len(header_data)
        for at, (start, stop) in enumerate(wrong):
            length = len(b"".join(chunks[at:])) if at == len(wrong) - 1 else len(chunks[at])
            table.add(start, stop, offset, length)
            offset += length
        path.write_bytes(header_data + b"".join(chunks) + pack_index(header, header_data, table, table.end, 5))
        with quiet_open(path) as recording:
            assert not recording.verify().ok
            assert recording.missing
            with pytest.raises(n1codec.CorruptError):
                recording.read()
            with pytest.raises(n1codec.CorruptError):
                list(recording.iter_chunks())
        with pytest.raises(n1codec.CorruptError):
            n1codec.Writer.reopen(path)
        report = container.recover(path, tmp_path / "out.n1c", overwrite=True)
        assert (report.samples, report.complete) == (25, False)
        with quiet_open(tmp_path / "out.n1c") as recording:
            assert same(recording[:25], SAMPLES)
            assert not recording.verify().ok


def ids_with_the_same_half(upper: bool) -> tuple[int, int]:
    """Return two ids whose keys differ in one half alone."""
    seen: dict[int, int] = {}
    for file_id in range(1 << 20):
        half = Header(np.dtype("<i2"), 3, 3, 1.0, "store", file_id=file_id).key(0) >> (32 if upper else 0) & 0xFFFFFFFF
        if half in seen:
            return seen[half], file_id
        seen[half] = file_id
    raise AssertionError("no two keys that are alike in 32 bits")


@pytest.mark.parametrize("upper", [True, False])
def test_a_chunk_is_told_from_that_of_a_file_whose_id_is_alike_in_32_bits_of_what_it_becomes(
    tmp_path: Path, upper: bool
) -> None:
    one, other = ids_with_the_same_half(upper)
    header, chunks, index = pieces(write_n1c(tmp_path / "a.n1c", SAMPLES, **(SETTINGS | {"file_id": one})))
    foreign = pieces(write_n1c(tmp_path / "b.n1c", SAMPLES + np.int16(64), **(SETTINGS | {"file_id": other})))[1]
    path = tmp_path / "a.n1c"
    for end in (index, b""):
        path.write_bytes(header + chunks[0] + foreign[1] + chunks[2] + end)
        with quiet_open(path) as recording:
            with pytest.raises(n1codec.CorruptError):
                recording[10:20]
            assert not recording.verify().ok
        report = container.recover(path, tmp_path / "out.n1c", overwrite=True)
        assert (report.samples, report.complete) == (15, False)


def continued_copies(tmp_path: Path, *, finished: bool) -> list[tuple[bytes, list[bytes], bytes]]:
    """Return the pieces of two copies of a file, each with two chunks of its own, whose places and lengths are the same."""
    start = write_n1c(tmp_path / "start.n1c", SAMPLES[:20], **SETTINGS).read_bytes()
    copies = []
    for name in ("a", "b"):
        path = tmp_path / f"{name}.n1c"
        path.write_bytes(start if finished else start[: -8 - int.from_bytes(start[-8:-4], "little")])
        with n1codec.Writer.reopen(path, chunk_frames=10) as writer:
            writer.append(np.full((20, 3), ord(name), "<i2"))
        copies.append(pieces(path))
    assert copies[0][1][:2] == copies[1][1][:2]
    assert [len(chunk) for chunk in copies[0][1]] == [len(chunk) for chunk in copies[1][1]]
    return copies


MIXTURES = [(0, 0, 1, 0), (0, 0, 0, 1), (0, 0, 1, 1)]


@pytest.mark.parametrize("finished", [True, False])
@pytest.mark.parametrize("mixture", MIXTURES)
def test_copies_of_a_file_that_are_continued_separately_are_not_mixed(
    tmp_path: Path, finished: bool, mixture: tuple[int, ...]
) -> None:
    copies = continued_copies(tmp_path, finished=finished)
    path = tmp_path / "mixed.n1c"
    mixed = [copies[which][1][at] for at, which in enumerate(mixture)]
    path.write_bytes(copies[0][0] + b"".join(mixed) + copies[0][2])
    with quiet_open(path) as recording:
        assert not recording.verify().ok
        for at, which in enumerate(mixture):
            if which:
                with pytest.raises(n1codec.CorruptError, match="another chunk"):
                    recording[10 * at : 10 * at + 1]
    with pytest.raises(n1codec.CorruptError):
        n1codec.Writer.reopen(path)
    assert not container.recover(path, tmp_path / "out.n1c").complete
    with (
        pytest.warns(n1codec.DamageWarning, match="hash of the recording"),
        n1codec.open(tmp_path / "out.n1c") as saved,
    ):
        assert not saved.verify().ok


@pytest.mark.parametrize("mixture", [(0, 0, 1, 0), (0, 0, 0, 1)])
def test_copies_that_are_continued_separately_are_not_mixed_where_there_is_no_index(
    tmp_path: Path, mixture: tuple[int, ...]
) -> None:
    copies = continued_copies(tmp_path, finished=True)
    path = tmp_path / "mixed.n1c"
    path.write_bytes(copies[0][0] + b"".join(copies[which][1][at] for at, which in enumerate(mixture)))
    with quiet_open(path) as recording:
        assert any("another copy" in problem for problem in recording.verify().problems)
    with pytest.raises(n1codec.CorruptError, match="another copy"):
        n1codec.Writer.reopen(path)
    container.recover(path, tmp_path / "out.n1c")
    assert_marked(tmp_path / "out.n1c", "hash of the recording")


def test_a_file_that_is_reopened_again_and_again_is_whole_with_an_index_and_without(tmp_path: Path) -> None:
    path = write_n1c(tmp_path / "a.n1c", SAMPLES, **SETTINGS)
    for count in range(2, 6):
        with n1codec.Writer.reopen(path, chunk_frames=10) as writer:
            writer.append(SAMPLES)
        header, chunks, _ = pieces(path)
        cut = path.with_name("cut.n1c")
        cut.write_bytes(header + b"".join(chunks) + chunks[0][:-3])
        for each, damaged in ((path, 0), (cut, 1)):
            with quiet_open(each) as recording:
                assert same(recording[:], np.concatenate([SAMPLES] * count))
                assert len(recording.damaged) == damaged
            report = container.recover(each, tmp_path / "out.n1c", overwrite=True)
            assert (report.lost, report.doubts, report.complete) == ((), (), not damaged)
            with n1codec.open(tmp_path / "out.n1c") as saved:
                assert saved.verify().ok
        with n1codec.Writer.reopen(tmp_path / "out.n1c") as writer:
            assert writer.n_samples == 25 * count
