"""Promise: Ctrl-C at any step of a recording in place loses nothing that was appended, and nothing is there twice."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from io import BytesIO
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest

import n1codec
from arrays import lattice_samples, same
from container_tools import write_n1c

SAMPLES = lattice_samples((64, 3))
WATCHED = "container" + os.sep


@pytest.fixture(autouse=True)
def no_disk_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of files are made, and none has to outlive a crash of the machine."""
    monkeypatch.setattr(os, "fsync", lambda fd: None)


class InterruptAt:
    """Raise KeyboardInterrupt before a line of the container's code, counted from 1."""

    def __init__(self, line: int) -> None:
        self.left = line

    def __enter__(self) -> InterruptAt:
        sys.settrace(self)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)

    def __call__(self, frame: FrameType, event: str, _: Any) -> InterruptAt | None:
        name = frame.f_code.co_filename
        if WATCHED not in name or "n1codec" not in name:
            return None
        if event == "line":
            self.left -= 1
            if self.left == 0:
                sys.settrace(None)
                raise KeyboardInterrupt
        return self


@pytest.mark.parametrize("threads", [1, 2])
def test_a_recording_that_is_interrupted_before_any_line_goes_on_whole(tmp_path: Path, threads: int) -> None:
    path, line = tmp_path / "a.n1c", 0
    options: dict[str, Any] = {
        "channels": 3,
        "bundle_channels": 2,
        "chunk_frames": 10,
        "threads": threads,
        "rate": 1000.0,
    }
    options |= {"codec": "store", "atomic": False, "overwrite": True}
    while True:
        line += 1
        writer = n1codec.Writer(path, dtype=SAMPLES.dtype, **options)
        try:
            with InterruptAt(line) as interruption:
                writer.append(SAMPLES[:17])
                writer.append(SAMPLES[17:40])
                writer.flush()
                writer.append(SAMPLES[40:55])
                writer.close()
        except KeyboardInterrupt:
            pass
        try:
            writer.append(SAMPLES[writer.n_samples :])
            done = len(SAMPLES)
        except n1codec.FileError as error:  # it was closing
            assert error.reason in ("the writer is finished", "the writer is closed")  # noqa: PT017
            done = writer.n_samples
        writer.close()
        with n1codec.open(path) as recording:
            assert same(recording[:], SAMPLES[:done]), line
            assert recording.verify().ok, line
            assert recording.file_bytes == writer.n_bytes
        if interruption.left > 0:
            break
    assert line > 500


def test_room_that_a_thread_was_given_before_an_interruption_is_not_used_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever comes of its work, the samples before a thread must not change under its hands."""
    writer = n1codec.Writer(
        tmp_path / "a.n1c", dtype=SAMPLES.dtype, rate=1.0, channels=3, codec="store", chunk_frames=10, atomic=False,
        bundle_channels=2, threads=2,
    )  # fmt: skip
    submit, encode, go_on = writer._workers.submit, writer._encode, threading.Event()
    at_work: list[bool] = []

    def encode_late(part: tuple[int, int, Any]) -> tuple[bytes, int]:
        before = part[2].copy()
        assert go_on.wait(30)
        at_work.append(same(part[2], before))
        return encode(part)

    def submit_and_stop(_: Any, part: Any) -> None:
        monkeypatch.undo()
        submit(encode_late, part)
        raise KeyboardInterrupt

    monkeypatch.setattr(writer._workers, "submit", submit_and_stop)
    with pytest.raises(KeyboardInterrupt):
        writer.append(SAMPLES[:10])
    writer.append(SAMPLES[10:])
    go_on.set()
    writer.close()
    assert at_work == [True]
    with n1codec.open(tmp_path / "a.n1c") as recording:
        assert same(recording[:], SAMPLES)


class Interrupted(BytesIO):
    """A file object in whose second write somebody presses Ctrl-C, after some of the bytes are taken."""

    count = 0

    def write(self, data: Any) -> int:
        self.count += 1
        if self.count == 2:
            super().write(data[:5])
            raise KeyboardInterrupt
        return super().write(data)


def test_what_cannot_go_back_is_an_error_after_an_interruption_and_no_torn_file() -> None:
    writer = n1codec.Writer(
        Interrupted(), dtype=SAMPLES.dtype, rate=1.0, channels=3, codec="store", chunk_frames=10, atomic=False
    )
    with pytest.raises(KeyboardInterrupt):
        writer.append(SAMPLES)
    with pytest.raises(n1codec.FileError, match="interrupted"):
        writer.append(SAMPLES)
    with pytest.raises(n1codec.FileError, match="failed"):
        writer.close()


def test_closing_a_file_that_other_threads_read_is_one_error_in_each(tmp_path: Path) -> None:
    path = write_n1c(
        tmp_path / "a.n1c", np.tile(SAMPLES, (300, 1)), chunk_frames=10, bundle_channels=2, codec="delta+zlib"
    )
    ends: list[BaseException] = []
    recording = n1codec.open(path, threads=3, cache_bytes=0)
    reading = threading.Barrier(5)

    def read() -> None:
        reading.wait()
        try:
            while True:
                recording.read()
        except BaseException as error:
            ends.append(error)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    reading.wait()
    recording.close()
    for reader in readers:
        reader.join(60)
    assert [type(error) for error in ends] == [n1codec.FileError] * 4, ends


def test_a_live_file_that_another_program_changes_or_removes_is_an_error_when_it_is_to_be_durable(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.n1c"

    def recording() -> n1codec.Writer:
        path.unlink(missing_ok=True)
        writer = n1codec.Writer(path, dtype=SAMPLES.dtype, rate=1.0, channels=3, chunk_frames=10, atomic=False)
        writer.append(SAMPLES)
        writer.flush()
        return writer

    for change in (
        path.unlink,
        lambda: os.truncate(path, 100),
        lambda: path.write_bytes(path.read_bytes() + bytes(9000)),
    ):
        for end in (n1codec.Writer.flush, n1codec.Writer.close):
            writer = recording()
            change()
            with pytest.raises(n1codec.FileError, match="another program"):
                end(writer)


def ended(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    head = "import threading, time, numpy as np, n1codec\nx = np.arange(80000, dtype='<i2').reshape(-1, 8)\n"
    command = [sys.executable, "-c", head + textwrap.dedent(code)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=folder, check=False)


def test_python_ends_quietly_while_daemon_threads_are_in_the_core(tmp_path: Path) -> None:
    code = """
        data = n1codec.get("n1:level=1").encode(x)
        def work():
            while True:
                n1codec.decode(data)
        for _ in range(3):
            threading.Thread(target=work, daemon=True).start()
        time.sleep(0.2)
        """
    for _ in range(3):
        done = ended(code, tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("threads", [1, 3])
def test_an_atomic_file_that_is_never_closed_leaves_nothing_when_python_ends(tmp_path: Path, threads: int) -> None:
    code = f"""
        w = n1codec.Writer("a.n1c", dtype="<i2", rate=1000.0, channels=8, threads={threads})
        w.append(x)
        """
    done = ended(code, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(tmp_path.iterdir()) == []
