"""Promise: all bytes given to be written are written, or there is an error; and what a disk says of a failure is final."""

from __future__ import annotations

import errno
import io
import os
import socket
import stat
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import n1codec
from cli_files import failing, lines, tree, write_wav
from n1codec import disk
from n1codec.container import encode_file

DATA = bytes(range(256)) * 40


class Short(io.RawIOBase):
    """A raw file that takes a few bytes at a time, and now and then none, as one that must not block does."""

    def __init__(self, most: int, limit: int = 1 << 40) -> None:
        super().__init__()
        self.data = bytearray()
        self.most = most
        self.limit = limit

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        part = bytes(memoryview(data)[: min(self.most, self.limit - len(self.data))])
        if not part:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.data += part
        return len(part)


class Silent:
    """A file object that says nothing of what it takes."""

    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, data: bytes) -> None:
        self.data += data


@pytest.fixture
def encoded(tmp_path: Path) -> Path:
    """A recording of 8,000 samples, from a raw file and, as b.n1c, from one in Fortran order."""
    samples = np.arange(8000, dtype="<i2").reshape(4000, 2)
    samples.tofile(tmp_path / "a.dat")
    encode_file(tmp_path / "a.dat", tmp_path / "a.n1c", dtype="int16", channels=2, rate=1000, codec="store")
    np.save(tmp_path / "b.npy", np.asfortranarray(samples))
    encode_file(tmp_path / "b.npy", tmp_path / "b.n1c", rate=1000, codec="store", chunk_frames=1000)
    return tmp_path


def test_a_file_that_takes_part_is_written_to_again() -> None:
    for file in (Short(7), Short(1), Short(len(DATA)), Short(4096), Silent()):
        disk.write_all(file, DATA)
        assert bytes(file.data) == DATA


@pytest.mark.parametrize("answer", [0, -1, len(DATA) + 1])
def test_a_count_that_cannot_be_is_an_error(answer: int) -> None:
    class Liar(Silent):
        def write(self, data: bytes) -> int:  # type: ignore[override]
            return answer

    with pytest.raises(n1codec.FileError, match=f"took {answer} of"):
        disk.write_all(Liar(), DATA)


def test_a_raw_file_that_must_not_block_is_waited_for() -> None:
    for buffering in (0, -1):
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        got = bytearray()

        def drain(reader: int = reader, got: bytearray = got) -> None:
            while piece := os.read(reader, 5000):
                got.extend(piece)

        thread = threading.Thread(target=drain)
        with os.fdopen(writer, "wb", buffering=buffering) as file:
            thread.start()
            for _ in range(100):
                disk.write_all(file, DATA)
            disk.flush(file)
        thread.join()
        os.close(reader)
        assert bytes(got) == DATA * 100


def test_a_raw_file_that_takes_nothing_and_cannot_be_waited_for_is_an_error() -> None:
    class Blocked(io.RawIOBase):
        def write(self, data: Any) -> None:
            return None

    with pytest.raises(n1codec.FileError, match="takes no more bytes"):
        disk.write_all(Blocked(), DATA)


@pytest.mark.parametrize("name", ["a", "b"])
def test_restoring_to_any_file_object_gives_the_whole_source_or_an_error(name: str, encoded: Path) -> None:
    source = (encoded / ("a.dat" if name == "a" else "b.npy")).read_bytes()
    with n1codec.open(encoded / f"{name}.n1c") as recording:
        with tempfile.NamedTemporaryFile(buffering=0) as unbuffered:
            assert recording.restore_to(unbuffered) == len(source)
            assert Path(unbuffered.name).read_bytes() == source
        with io.BytesIO() as memory:
            recording.restore_to(memory)
            assert memory.getvalue() == source
        if name == "a":
            short = Short(1000)
            recording.restore_to(short)  # type: ignore[arg-type]
            assert bytes(short.data) == source
            for file in (Short(1000, 5000), io.BufferedWriter(Short(1000, 5000), 1 << 20)):
                with pytest.raises(n1codec.FileError, match="No space left"):
                    recording.restore_to(file)  # type: ignore[arg-type]
                if isinstance(file, io.BufferedWriter):
                    file.raw.limit = 1 << 20  # let it be closed
        else:
            with (encoded / "out").open("ab") as appending:
                appending.write(b"before")
                with pytest.raises(n1codec.FileError, match="appends what it is given"):
                    recording.restore_to(appending)


@pytest.mark.parametrize("make", [io.StringIO, lambda: io.TextIOWrapper(io.BytesIO()), object])
def test_what_takes_no_bytes_is_refused_before_any_work(make: Callable[[], Any], encoded: Path) -> None:
    with n1codec.open(encoded / "a.n1c") as recording, pytest.raises(n1codec.ParameterError):
        recording.restore_to(make())
    with pytest.raises(n1codec.ParameterError):
        n1codec.Writer(make(), dtype="i2", rate=1.0)


def test_a_file_open_for_reading_or_closed_is_one_error(encoded: Path) -> None:
    with n1codec.open(encoded / "a.n1c") as recording, (encoded / "a.dat").open("rb") as reading:
        with pytest.raises(n1codec.ParameterError, match="open for writing"):
            recording.restore_to(reading)
        reading.close()
        with pytest.raises(n1codec.ParameterError, match="open file object"):
            recording.restore_to(reading)


def test_writing_to_a_short_file_object_gives_the_same_recording(tmp_path: Path) -> None:
    samples = np.arange(3000, dtype="i2")
    short = Short(11)
    with n1codec.Writer(short, dtype="i2", rate=1.0, codec="store") as writer:
        writer.append(samples)
    (tmp_path / "a.n1c").write_bytes(short.data)
    with n1codec.open(tmp_path / "a.n1c") as recording:
        assert np.array_equal(recording[:], samples)
    with (
        pytest.raises(n1codec.FileError, match="No space left"),
        n1codec.Writer(Short(11, 100), dtype="i2", rate=1.0) as writer,
    ):
        writer.append(samples)


def fail(number: int) -> Callable[[int], None]:
    def fsync(_: int) -> None:
        raise OSError(number, os.strerror(number))

    return fsync


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.ESTALE, errno.EINVAL])
def test_a_regular_file_whose_sync_fails_is_an_error(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / "a").open("wb") as handle:
        monkeypatch.setattr(os, "fsync", fail(number))
        with pytest.raises(n1codec.FileError, match="a: "):
            disk.sync(handle)
        writer = n1codec.Writer.__new__(n1codec.Writer)
        with pytest.raises(n1codec.FileError):
            writer.__init__(handle, dtype="i2", rate=1.0, atomic=False)  # type: ignore[misc]


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC])
def test_a_special_file_or_a_folder_whose_disk_fails_is_an_error(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", fail(number))
    with Path(os.devnull).open("wb") as handle, pytest.raises(n1codec.FileError):
        disk.sync(handle)
    with pytest.raises(n1codec.FileError):
        disk.sync_folder(tmp_path)


def test_what_cannot_be_synced_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    one, other = socket.socketpair()
    with os.fdopen(writer, "wb") as pipe, one, other, one.makefile("wb") as sock, Path(os.devnull).open("wb") as null:
        for handle in (pipe, sock, null, io.BytesIO(), Silent()):
            disk.sync(handle)
    os.close(reader)
    for number in (errno.EINVAL, errno.ENOTSUP, errno.EROFS, errno.ENOSYS):
        monkeypatch.setattr(os, "fsync", fail(number))
        disk.sync_folder(tmp_path)


def test_the_disk_gets_what_is_written_before_the_end_each_byte_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[tuple[int, int]] = []
    monkeypatch.setattr("n1codec.disk.syncing._core.begin_sync", lambda _, start, size: begun.append((start, size)))
    source, piece = tmp_path / "source.dat", 1 << 22
    np.arange(3 * piece, dtype=np.int16).tofile(source)
    encode_file(
        source, tmp_path / "a.n1c", dtype="int16", channels=1, rate=1000, codec="store", chunk_frames=piece // 8
    )
    written = (tmp_path / "a.n1c").stat().st_size // piece * piece
    assert [start for start, _ in begun] == list(range(0, written, piece))
    assert sum(size for _, size in begun) == written
    begun.clear()
    n1codec.container.decode_file(tmp_path / "a.n1c", tmp_path / "back.dat")
    assert sum(size for _, size in begun) == 6 * piece
    assert (tmp_path / "back.dat").read_bytes() == source.read_bytes()


def test_a_disk_that_cannot_begin_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("n1codec.disk.syncing._core.begin_sync", refuse)
    with disk.Pending(tmp_path / "file") as file:
        file.write(bytes(1 << 23))
        disk.publish([file])
    assert (tmp_path / "file").stat().st_size == 1 << 23


def test_a_failed_sync_is_never_made_good_by_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Linux reports it once; the next fsync says 0 though the bytes are lost."""
    fsync = os.fsync
    state = {"failed": False}

    def once(descriptor: int) -> None:
        if not state["failed"] and stat.S_ISREG(os.fstat(descriptor).st_mode):
            state["failed"] = True
            raise OSError(errno.EIO, "Input/output error")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", once)
    new = disk.Pending(tmp_path / "a")
    new.write(b"content")
    for step in (new.sync, new.sync, new.seal, lambda: disk.publish([new])):
        with pytest.raises(n1codec.FileError, match="Input/output error"):
            step()
    assert tree(tmp_path) == {}
    state["failed"] = False
    live = n1codec.Writer.__new__(n1codec.Writer)
    with pytest.raises(n1codec.FileError, match="Input/output error"):
        live.__init__(tmp_path / "live.n1c", dtype="i2", rate=1.0, atomic=False)  # type: ignore[misc]
    state["failed"] = True
    writer = n1codec.Writer(tmp_path / "live2.n1c", dtype="i2", rate=1.0, atomic=False)
    writer.append(np.arange(9, dtype="i2"))
    state["failed"] = False
    with pytest.raises(n1codec.FileError, match="Input/output error"):
        writer.flush()
    for step in (writer.flush, writer.close):
        with pytest.raises(n1codec.FileError, match="failed"):
            step()


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_rm_keeps_an_input_whose_output_could_not_be_synced(
    nth: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whichever sync it is that fails, that of the folder included."""
    source = write_wav(tmp_path / "a.wav")
    before = tree(tmp_path)
    fsync, calls = os.fsync, 0

    def some(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls == nth:
            raise OSError(errno.EIO, "Input/output error")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", some)
    assert failing("encode", "--rm", source) == 1
    assert lines(capsys) == [f"n1codec: {source}.n1c: Input/output error"]
    assert tree(tmp_path) == before
