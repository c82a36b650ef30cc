"""Promises: what was flushed survives a crash at any byte, nothing is invented, and a failure leaves no half-made file."""

from __future__ import annotations

import errno
import io
import os
import random
import resource
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import n1codec
from arrays import lattice_samples, same
from container_tools import RATE, quiet_open, write_n1c
from n1c_writer_process import samples_at
from n1codec import container
from n1codec.container import sinks
from n1codec.container.header import Header, parse_header
from n1codec.container.record import decode_block
from n1codec.container.scan import Found, scan

CHUNKS = int(os.environ.get("N1CODEC_TRACE_CHUNKS", "120"))
"""For a longer campaign: N1CODEC_TRACE_CHUNKS=500, a minute."""
KILLS = int(os.environ.get("N1CODEC_KILLS", "5"))
"""For a longer campaign: N1CODEC_KILLS=50."""
TORN = int(os.environ.get("N1CODEC_TORN", "300"))
SECTOR = 512


@dataclass
class Trace:
    """What a writer did: its bytes, and how many samples were safe after how many of them."""

    data: bytes
    synced: list[tuple[int, int]]
    samples: Any

    def safe(self, length: int) -> int:
        """Return how many samples are safe once so many bytes are."""
        return max((samples for at, samples in self.synced if at <= length), default=0)


class Recorder(io.RawIOBase):
    """A file object that takes note of what is written and when it is flushed."""

    def __init__(self) -> None:
        super().__init__()
        self.data = bytearray()
        self.syncs: list[int] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.data += data
        return len(data)

    def flush(self) -> None:
        if not self.closed:
            self.syncs.append(len(self.data))


def trace_of(frames: int, codec: str) -> Trace:
    """Append chunks of a few samples, and flush after every third."""
    samples = lattice_samples((frames * CHUNKS,))
    recorder = Recorder()
    writer = n1codec.Writer(recorder, dtype="i2", rate=RATE, codec=codec, chunk_frames=frames, atomic=False)
    synced = [(len(recorder.data), 0)]
    for at in range(0, len(samples), 3 * frames):
        writer.append(samples[at : at + 3 * frames])
        writer.flush()
        assert recorder.syncs[-1] == len(recorder.data)
        synced.append((len(recorder.data), writer.n_samples))
    return Trace(bytes(recorder.data), synced, samples)


class Bytes:
    """A file in memory, for `scan`."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.size = len(data)

    def read(self, offset: int, length: int) -> bytes:
        assert 0 <= offset <= offset + length <= self.size
        return self.data[offset : offset + length]

    def read_up_to(self, offset: int, length: int) -> bytes:
        return self.data[offset : offset + length]


def survivors(data: bytes, header: Header, header_bytes: int) -> tuple[list[Found], Callable[[Found], Any]]:
    """Return the intact chunks of an unfinished file of one bundle, and what decodes one."""
    source: Any = Bytes(data)
    pipeline = n1codec.get(header.spec)

    def decode(hit: Found) -> Any:
        at, length = hit.record.block_span(0)
        return decode_block(header, pipeline, hit.record, 0, source.read(hit.offset + at, length))[0]

    return [hit for hit in scan(source, header, header_bytes, len(data), check=True) if all(hit.intact)], decode


def test_every_prefix_of_a_recording_keeps_every_flushed_sample_and_invents_none(tmp_path: Path) -> None:
    trace = trace_of(3, "store")
    header = trace.synced[0][0]
    parsed = parse_header(trace.data[:header])
    ends: dict[int, int] = {}
    for length in range(header, len(trace.data) + 1):
        found, decode = survivors(trace.data[:length], parsed, header)
        stops = [hit.record.stop for hit in found]
        assert [hit.record.start for hit in found] == [0, *stops[:-1]][: len(found)]
        assert (stops or [0])[-1] >= trace.safe(length)
        for hit in found[-1:]:  # the others were last in an earlier prefix
            if hit.offset not in ends:
                assert same(decode(hit), trace.samples[hit.record.start : hit.record.stop])
            ends[hit.offset] = hit.record.stop
    assert len(ends) == CHUNKS
    for length in [*range(header, len(trace.data), 211), len(trace.data)]:
        (tmp_path / "a.n1c").write_bytes(trace.data[:length])
        report = container.recover(tmp_path / "a.n1c", tmp_path / "b.n1c", overwrite=True)
        with n1codec.open(tmp_path / "b.n1c") as recording:
            assert same(recording[:], trace.samples[: report.samples])
            assert report.samples >= trace.safe(length)
    for length in range(header):  # the header is synced before the first sample is taken
        (tmp_path / "a.n1c").write_bytes(trace.data[:length])
        with pytest.raises(n1codec.CorruptError):
            container.recover(tmp_path / "a.n1c", tmp_path / "c.n1c")


def torn(trace: Trace, rng: random.Random) -> tuple[bytes, int]:
    """Return a file after a power failure between two syncs, and how many samples were safe by then."""
    epoch = rng.randrange(len(trace.synced) - 1)
    start, safe = trace.synced[epoch]
    stop = trace.synced[min(epoch + rng.choice((1, 1, 3)), len(trace.synced) - 1)][0]
    data = bytearray(trace.data[:stop])
    old = rng.choice((bytes(stop), rng.randbytes(stop), trace.data[::-1] * 2, trace.data[500:] * 2))
    for sector in range(start // SECTOR, -(-stop // SECTOR)):
        a, b = max(start, sector * SECTOR), min(stop, (sector + 1) * SECTOR)
        if rng.random() < 0.5:
            data[a:b] = old[a:b]
    return bytes(data[: rng.choice((stop, rng.randint(start, stop)))]), safe


def test_torn_and_reordered_sectors_cost_no_flushed_sample_and_invent_none() -> None:
    trace = trace_of(120, "delta+zlib")
    rng = random.Random(1)
    header = trace.synced[0][0]
    parsed = parse_header(trace.data[:header])
    for _ in range(TORN):
        data, safe = torn(trace, rng)
        found, decode = survivors(data, parsed, header)
        have = np.zeros(len(trace.samples), bool)
        for hit in found:
            have[hit.record.start : hit.record.stop] = True
            if hit.record.stop > safe - 360:  # the earlier ones are the same in every case
                assert same(decode(hit), trace.samples[hit.record.start : hit.record.stop])
        assert have[:safe].all()


@pytest.mark.parametrize("seed", range(KILLS))
def test_a_killed_writer_loses_nothing_that_it_had_flushed(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "live.n1c"
    script = Path(__file__).parents[1].joinpath("n1c_writer_process.py")
    process = subprocess.Popen([sys.executable, str(script), str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(random.Random(seed).uniform(0.0, 0.3))
    process.send_signal(signal.SIGKILL)
    safe = [0, *(int(line) for line in process.stdout.read().splitlines() if line)][-1]
    process.stdout.close()
    process.wait()
    report = container.recover(path, tmp_path / "saved.n1c")
    assert report.samples >= safe
    with n1codec.open(tmp_path / "saved.n1c") as recording:
        assert same(recording[:], samples_at(0, report.samples))
        assert recording.verify().ok


SAMPLES = lattice_samples((500, 4))


@contextmanager
def few_bytes(size: int) -> Iterator[None]:
    """Let files grow up to a size only, as on a full disk: here alone, since pytest may write into one as well."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size", [0, 10, 700, 2000, 4000])
def test_a_full_disk_is_one_error_and_leaves_nothing(tmp_path: Path, size: int) -> None:
    with few_bytes(size), pytest.raises(n1codec.FileError, match=r"a\.n1c: File too large") as caught:
        write_n1c(tmp_path / "a.n1c", SAMPLES, chunk_frames=50)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("size", [100, 700, 2000])
def test_a_full_disk_leaves_the_whole_chunks_of_a_live_recording(tmp_path: Path, size: int) -> None:
    with few_bytes(size):
        writer = n1codec.Writer(
            tmp_path / "a.n1c", dtype="i2", channels=4, rate=RATE, codec="store", chunk_frames=10, atomic=False
        )
        with pytest.raises(n1codec.FileError, match=r"a\.n1c"):
            writer.append(SAMPLES)
        with pytest.raises(n1codec.FileError, match="failed"):
            writer.append(SAMPLES)
        with pytest.raises(n1codec.FileError, match="failed"):
            writer.close()
    with quiet_open(tmp_path / "a.n1c") as recording:
        chunk = recording.chunks[-1].n_bytes if recording.chunks else 115
        assert recording.file_bytes <= size < recording.file_bytes + chunk
        assert same(recording[:], SAMPLES[: recording.n_samples])


def test_every_call_to_the_system_may_fail_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The k-th write, sync, close or rename fails, for every k until all succeed; an existing file stays as it is."""
    target = write_n1c(tmp_path / "a.n1c", SAMPLES[:5])
    before = target.read_bytes()
    source = tmp_path / "a.raw"
    source.write_bytes(SAMPLES.tobytes())
    calls = 0
    fail_at = 0

    def failing(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == fail_at:
                raise OSError(errno.EIO, "Input/output error")
            return function(*args, **kwargs)

        return call

    class Handle(io.FileIO):
        write = failing(io.FileIO.write)
        flush = failing(io.FileIO.flush)

    monkeypatch.setattr(sinks.AtomicFile, "_create", staticmethod(failing(lambda path, _mode: Handle(path, "xb"))))
    monkeypatch.setattr(os, "fsync", failing(os.fsync))
    monkeypatch.setattr(Path, "replace", failing(Path.replace))
    monkeypatch.setattr(os, "link", failing(os.link))
    options: dict[str, Any] = {"dtype": "<i2", "channels": 4, "rate": RATE, "chunk_frames": 100, "codec": "store"}
    for fail_at in range(1, 100):
        calls = 0
        try:
            container.encode_file(source, target, overwrite=True, **options)
        except n1codec.FileError as error:
            assert str(error).count("a.n1c") == 1  # noqa: PT017
            if target.read_bytes() != before:
                pytest.fail("a failed write touched the existing file")
        else:
            if calls < fail_at:
                break
        assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a.n1c", "a.raw"]
    assert 10 < fail_at < 99
    with n1codec.open(target) as recording:
        assert same(recording[:], SAMPLES)


def test_a_new_file_is_synced_before_it_gets_its_name_and_its_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def note_sync(descriptor: int) -> None:
        done.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    def note_replace(self: Path, target: Path) -> Path:
        done.append("rename")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(Path, "replace", note_replace)
    write_n1c(tmp_path / "a.n1c", SAMPLES)
    assert done == ["file", "rename", "folder"]
    done.clear()
    with n1codec.Writer(tmp_path / "b.n1c", dtype="i2", channels=4, rate=RATE, atomic=False) as writer:
        assert done == ["folder", "file"]  # name and header, before the first sample is taken
        writer.append(SAMPLES)
        writer.flush()
        assert done == ["folder", "file", "file"]


def append_and_fail(path: Path, atomic: bool) -> None:
    with n1codec.Writer(path, dtype="i2", channels=4, rate=RATE, atomic=atomic) as writer:
        writer.append(SAMPLES)
        1 // 0  # noqa: B018


def test_an_exception_leaves_nothing_of_an_atomic_file_and_all_of_a_live_one(tmp_path: Path) -> None:
    for atomic in (True, False):
        with pytest.raises(ZeroDivisionError):
            append_and_fail(tmp_path / "a.n1c", atomic)
        assert (tmp_path / "a.n1c").exists() is not atomic
    with n1codec.open(tmp_path / "a.n1c") as recording:
        assert same(recording[:], SAMPLES)
    assert len(list(tmp_path.iterdir())) == 1


def test_stopping_a_live_recording_by_hand_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: Any) -> None:
        monkeypatch.undo()
        raise KeyboardInterrupt

    def record() -> None:
        with n1codec.Writer(
            tmp_path / "a.n1c", dtype="i2", channels=4, rate=RATE, chunk_frames=100, atomic=False
        ) as writer:
            writer.append(SAMPLES[:250])
            monkeypatch.setattr(n1codec.Writer, "_encode", stop)
            writer.append(SAMPLES[250:300])

    with pytest.raises(KeyboardInterrupt):
        record()
    with n1codec.open(tmp_path / "a.n1c") as recording:
        assert same(recording[:], SAMPLES[:300])


def test_an_existing_file_is_not_overwritten_unless_asked(tmp_path: Path) -> None:
    path = write_n1c(tmp_path / "a.n1c", SAMPLES)
    before = path.read_bytes()
    for atomic in (True, False):
        with pytest.raises(n1codec.FileError, match="exists already"):
            n1codec.Writer(path, dtype="i2", rate=RATE, atomic=atomic)
    assert path.read_bytes() == before
    write_n1c(path, SAMPLES[:9])
    with n1codec.open(path) as recording:
        assert len(recording) == 9
        with pytest.raises(n1codec.FileError, match="itself"):
            container.recover(path, path, overwrite=True)


@pytest.mark.parametrize("name", ["none/a.n1c", "file/a.n1c", ".", "a\0b.n1c", "x" * 300])
def test_a_place_that_cannot_be_written_to_is_one_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    for atomic in (True, False):
        with pytest.raises(n1codec.FileError) as caught:
            write_n1c(tmp_path / name, SAMPLES, atomic=atomic)
        assert "\n" not in str(caught.value)
    for use in (n1codec.open, lambda path: n1codec.recover(path, tmp_path / "b.n1c"), n1codec.Writer.reopen):
        with pytest.raises(n1codec.FileError):
            use(tmp_path / name)
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_a_file_that_shrinks_while_it_is_read_is_an_error(tmp_path: Path) -> None:
    path = write_n1c(tmp_path / "a.n1c", SAMPLES, chunk_frames=50)
    with n1codec.open(path, cache_bytes=0) as recording:
        os.truncate(path, 1000)
        with pytest.raises(n1codec.TruncatedError, match="shrinks"):
            recording[400]
        assert same(recording[:20], SAMPLES[:20])
    with pytest.raises(n1codec.FileError):
        recording[0]
