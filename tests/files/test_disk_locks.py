"""Promise: one writer at a time. A file that grows in place is taken from nobody, and no lock outlives its writer."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import n1codec
from arrays import same
from container_tools import write_n1c
from n1codec import container

fcntl = pytest.importorskip("fcntl", reason="no locks on this system")

RATE = 1000.0
SAMPLES = np.arange(300, dtype="i2")


def live(path: Path, **options: Any) -> n1codec.Writer:
    """Return a writer in place that has flushed samples."""
    writer = n1codec.Writer(path, dtype="i2", rate=RATE, atomic=False, **options)
    writer.append(SAMPLES)
    writer.flush()
    return writer


def in_place(path: Path) -> object:
    return n1codec.Writer(path, dtype="i2", rate=RATE, atomic=False, overwrite=True)


def whole(path: Path) -> object:
    return n1codec.Writer(path, dtype="i2", rate=RATE, overwrite=True)


def recovered(path: Path) -> object:
    other = write_n1c(path.with_name("other.n1c"), SAMPLES[:, None])
    return n1codec.recover(other, path, overwrite=True)


SECONDS = [n1codec.Writer.reopen, in_place, whole, recovered]


@pytest.mark.parametrize("second", SECONDS)
@pytest.mark.parametrize("first", ["new", "reopened"])
def test_a_second_writer_is_refused_and_takes_nothing_away(
    first: str, second: Callable[[Path], object], tmp_path: Path
) -> None:
    path = tmp_path / "a.n1c"
    writer = live(path)
    if first == "reopened":
        writer.close()
        writer = n1codec.Writer.reopen(path)
    with pytest.raises(n1codec.FileError, match=r"a\.n1c: another writer has it open"):
        second(path)
    writer.append(SAMPLES)
    writer.close()
    with n1codec.open(path) as recording:
        assert same(recording[:], np.concatenate([SAMPLES, SAMPLES]))
    assert not [entry for entry in tmp_path.iterdir() if entry.name.startswith(".")]


def test_a_file_that_becomes_live_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.n1c"
    late = n1codec.Writer(path, dtype="i2", rate=RATE, overwrite=True)
    late.append(SAMPLES[:5])
    with live(path) as writer:
        with pytest.raises(n1codec.FileError, match="another writer"):
            late.close()
        writer.append(SAMPLES)
    with n1codec.open(path) as recording:
        assert len(recording) == 600
    assert list(tmp_path.iterdir()) == [path]


def test_readers_do_not_lock_and_are_not_locked_out(tmp_path: Path) -> None:
    path = tmp_path / "a.n1c"
    with live(path) as writer:
        with pytest.warns(n1codec.DamageWarning), n1codec.open(path) as recording:
            assert len(recording) == 300
        container.recover(path, tmp_path / "b.n1c")
        writer.append(SAMPLES)
        writer.flush()
    with n1codec.open(path), n1codec.Writer.reopen(path):
        pass


def leave(writer: n1codec.Writer) -> None:
    with pytest.raises(ZeroDivisionError), writer:
        1 // 0  # noqa: B018


@pytest.mark.parametrize("end", [n1codec.Writer.close, n1codec.Writer.abort, leave])
def test_a_lock_ends_with_its_writer(end: Callable[[n1codec.Writer], None], tmp_path: Path) -> None:
    writer = live(tmp_path / "a.n1c")
    end(writer)
    with n1codec.Writer.reopen(tmp_path / "a.n1c") as again:
        assert again.n_samples == 300


def test_a_reopening_that_fails_leaves_no_lock(tmp_path: Path) -> None:
    live(tmp_path / "a.n1c").close()
    with pytest.raises(n1codec.ParameterError):
        n1codec.Writer.reopen(tmp_path / "a.n1c", codec="store")
    n1codec.Writer.reopen(tmp_path / "a.n1c").close()


def test_a_killed_writer_leaves_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "a.n1c"
    command = [sys.executable, str(Path(__file__).parents[1].joinpath("n1c_writer_process.py")), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for _ in range(5):
            process.stdout.readline()
        with pytest.raises(n1codec.FileError, match="another writer"):
            n1codec.Writer.reopen(path)
        process.send_signal(signal.SIGKILL)
        process.wait()
    n1codec.Writer.reopen(path).close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_child_neither_keeps_a_lock_nor_breaks_it_nor_writes(tmp_path: Path) -> None:
    path = tmp_path / "a.n1c"
    writer = live(path)
    size = path.stat().st_size
    told, tell = os.pipe()
    go_on, go = os.pipe()
    child = os.fork()
    if not child:
        try:
            writer.append(SAMPLES)
            writer.flush()
        except n1codec.FileError:
            writer.abort()
            os.write(tell, b"refused")
        os.read(go_on, 1)
        os._exit(0)
    try:
        assert os.read(told, 20) == b"refused"
        assert path.stat().st_size == size
        with pytest.raises(n1codec.FileError, match="another writer"):
            n1codec.Writer.reopen(path)
        writer._sink._handle.close()  # type: ignore[attr-defined]  # what the death of this process would do
        n1codec.Writer.reopen(path).close()
    finally:
        os.write(go, b"x")
        os.waitpid(child, 0)
        for descriptor in (told, tell, go_on, go):
            os.close(descriptor)


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_without_locks_everything_else_works(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", none)
    live(tmp_path / "a.n1c").close()
    n1codec.Writer.reopen(tmp_path / "a.n1c").close()
    whole(tmp_path / "a.n1c").abort()  # type: ignore[attr-defined]


def test_a_disk_that_fails_while_locking_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(fcntl, "flock", fail)
    with pytest.raises(n1codec.FileError, match="Input/output error"):
        live(tmp_path / "a.n1c")
