"""Promises: an open file works in forked processes and goes to others by pickling; a file being written stays with its own."""

from __future__ import annotations

import contextlib
import copy
import inspect
import multiprocessing
import os
import pickle
import pkgutil
import signal
import subprocess
import sys
import textwrap
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import n1codec
from arrays import lattice_samples, same
from conftest import pipeline_or_skip
from container_tools import RATE, quiet_open, small, write_n1c
from n1codec import container, errors, registry
from n1codec.container.blocks import Blocks

SAMPLES = lattice_samples((400, 3))
forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")


def in_child(step: Callable[[], object]) -> None:
    """Do something in a forked process, and fail if that takes 20 s or raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of Python 3.12, where there are threads
        process = os.fork()
    if process == 0:
        signal.alarm(20)
        try:
            step()
        except BaseException as error:
            os.write(2, f"child: {type(error).__name__}: {error}\n".encode())
            os._exit(1)
        os._exit(0)
    assert os.waitpid(process, 0)[1] == 0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_n1c(tmp_path / "a.n1c", SAMPLES, chunk_frames=10, bundle_channels=2)


def assert_reads(recording: n1codec.RecordingFile, start: int = 0) -> None:
    assert same(recording[start:], SAMPLES[start:])


@forks
@pytest.mark.parametrize("threads", [1, 2])
def test_an_open_file_is_read_in_forked_processes(path: Path, threads: int) -> None:
    with n1codec.open(path, threads=threads) as recording:
        assert_reads(recording, 300)
        in_child(lambda: assert_reads(recording))
        in_child(lambda: in_child(lambda: assert_reads(recording)))
        in_child(recording.close)
        assert_reads(recording)


@forks
def test_a_fork_in_the_middle_of_a_walk_goes_on_in_both(path: Path) -> None:
    with n1codec.open(path, threads=2) as recording:
        parts = recording.iter_chunks()
        next(parts)

        def rest() -> None:
            assert same(np.concatenate([part for _, part in parts]), SAMPLES[10:])

        in_child(rest)
        rest()


@forks
def test_a_fork_while_other_threads_hold_locks_does_not_hang(path: Path) -> None:
    """As if a thread of the parent's were just looking into the cache, starting a job, or finding out what is missing."""
    with n1codec.open(path, threads=2) as recording:
        properties = [
            value
            for kind in (type(recording), Blocks, container.header.Header, container.record.Record)
            for value in vars(kind).values()
            if isinstance(value, cached_property) and hasattr(value, "lock")
        ]
        locks = [recording._workers._lock, recording._blocks._cache._lock, *(value.lock for value in properties)]

        held, done = threading.Event(), threading.Event()

        def hold() -> None:
            for lock in locks:
                lock.acquire()
            held.set()
            done.wait(60)
            for lock in locks:
                lock.release()

        def use() -> None:
            assert_reads(recording)
            assert (len(recording.chunks), recording.missing) == (40, ())
            assert recording.verify().ok
            recording.close()

        holder = threading.Thread(target=hold)
        holder.start()
        held.wait(60)
        try:
            in_child(use)
        finally:
            done.set()
            holder.join()


@forks
@pytest.mark.parametrize("kind", ["atomic", "live", "object"])
def test_a_forked_process_does_not_write_into_its_parents_file(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.n1c"
    with path.with_suffix(".object").open("wb") as handle:
        where: Any = handle if kind == "object" else path
        writer = n1codec.Writer(
            where, dtype="i2", channels=3, rate=RATE, chunk_frames=10, atomic=kind == "atomic", threads=2
        )
        writer.append(SAMPLES[:95])

        def child() -> None:
            steps: list[Callable[[], None]] = [lambda: writer.append(SAMPLES), writer.flush, writer.close]
            for step in steps:
                with pytest.raises(n1codec.FileError, match="process"):
                    step()
            writer.abort()
            with pytest.raises(ZeroDivisionError), writer:
                raise ZeroDivisionError

        in_child(child)
        writer.append(SAMPLES[95:])
        writer.close()
    with n1codec.open(path.with_suffix(".object") if kind == "object" else path) as recording:
        assert_reads(recording)
        assert recording.verify().ok


@forks
def test_what_a_forked_process_has_in_its_buffers_never_reaches_its_parents_file(tmp_path: Path) -> None:
    """The child ends as Python programs do, so its buffers are written out."""
    program = """
        import os, sys
        from pathlib import Path
        from n1codec.container.sinks import AtomicFile
        output = AtomicFile(Path(sys.argv[1]))
        output.write(b"begin ")
        if os.fork() == 0:
            try:
                output.write(b"child ")
            except OSError:
                sys.exit(0)
            sys.exit(3)
        assert os.wait()[1] == 0
        output.write(b"end")
        output.commit()
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program), str(tmp_path / "a")], capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "a").read_bytes() == b"begin end"
    assert [one.name for one in tmp_path.iterdir()] == ["a"]


def first_samples(recording: n1codec.RecordingFile) -> Any:
    return recording[:25]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_an_open_file_goes_to_worker_processes(path: Path, method: str) -> None:
    context = multiprocessing.get_context(method)
    with n1codec.open(path, threads=2) as recording, ProcessPoolExecutor(1, mp_context=context) as pool:
        assert same(pool.submit(first_samples, recording).result(60), SAMPLES[:25])


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickling_and_copying_open_the_file_again(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protocol: int
) -> None:
    monkeypatch.chdir(tmp_path)
    with n1codec.open(path.name, threads=2, cache_bytes=5) as recording:
        monkeypatch.chdir("/")
        data = pickle.dumps(recording, protocol)
        assert len(data) < 1000
        for again in (pickle.loads(data), copy.copy(recording), copy.deepcopy(recording)):
            with again:
                assert again.path == path
                assert_reads(again)
                assert (again._workers.threads, again._blocks._cache._max_bytes) == (2, 5)
        assert_reads(recording)
        other = pickle.loads(pickle.dumps(pickle.loads(data)))
    assert_reads(other)
    other.close()
    for step in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(n1codec.FileError, match="is closed"):
            step(recording)


@pytest.mark.parametrize("change", ["other", "longer", "gone", "no file of ours"])
def test_another_file_in_its_place_is_an_error_when_unpickled(path: Path, change: str) -> None:
    with n1codec.open(path) as recording:
        data = pickle.dumps(recording)
    if change == "other":
        write_n1c(path, SAMPLES, chunk_frames=10, bundle_channels=2)  # all is equal but the id
    elif change == "longer":
        with n1codec.Writer.reopen(path) as writer:
            writer.append(SAMPLES)
    elif change == "gone":
        path.unlink()
    else:
        path.write_bytes(b"RIFF")
    with pytest.raises(n1codec.N1Error, match=r"a\.n1c"):
        pickle.loads(data)


def test_a_damaged_file_is_complained_of_once(tmp_path: Path) -> None:
    path, samples = small(tmp_path / "a.n1c")
    path.write_bytes(path.read_bytes()[:-9])
    recording = quiet_open(path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = pickle.loads(pickle.dumps(recording))
    assert again.damaged == recording.damaged
    assert same(again[:], samples)
    again.close()
    recording.close()


@pytest.mark.parametrize("atomic", [True, False])
def test_a_writer_says_that_it_cannot_be_pickled(tmp_path: Path, atomic: bool) -> None:
    with n1codec.Writer(tmp_path / "a.n1c", dtype="i2", rate=RATE, atomic=atomic) as writer:
        for step in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(n1codec.UnsupportedError, match="neither pickled nor copied"):
                step(writer)


def error_classes() -> list[type[Exception]]:
    for module in pkgutil.walk_packages(n1codec.__path__, "n1codec.", onerror=lambda _: None):
        if not module.name.endswith("__main__"):
            with contextlib.suppress(ImportError, errors.MissingDependencyError):  # a part whose extra is not here
                __import__(module.name)
    found: list[type[Exception]] = []
    waiting: list[type[Exception]] = [errors.N1Error]
    while waiting:
        found.append(waiting.pop())
        waiting += found[-1].__subclasses__()
    return [kind for kind in found if kind.__module__.startswith("n1codec")]


def test_every_error_survives_pickling() -> None:
    classes = error_classes()
    assert len(classes) > 10
    for kind in classes:
        count = len(inspect.signature(kind).parameters) if inspect.isfunction(kind.__init__) else 1
        for error in {kind(*map(str, range(number))) for number in {count, 2 if count > 1 else 1}}:
            again = pickle.loads(pickle.dumps(error))
            assert (type(again), str(again), again.args) == (kind, str(error), error.args)
            assert vars(again) == vars(error)


@pytest.mark.parametrize("spec", [line.name for line in registry.entries()])
def test_every_pipeline_survives_pickling(spec: str) -> None:
    pipeline = pipeline_or_skip(spec if registry.entry(spec).kind == "coder" else f"{spec}+store")
    for again in (pickle.loads(pickle.dumps(pipeline)), copy.copy(pipeline), copy.deepcopy(pipeline)):
        assert again.spec == pipeline.spec
        samples = lattice_samples((50, 2))
        assert again.encode(samples) == pipeline.encode(samples)


def test_reports_survive_pickling(tmp_path: Path) -> None:
    path, samples = small(tmp_path / "a.n1c")
    samples.tofile(tmp_path / "a.dat")
    encoded = container.encode_file(tmp_path / "a.dat", tmp_path / "b.n1c", dtype="i2", channels=3, rate=RATE)
    decoded = container.decode_file(tmp_path / "b.n1c", tmp_path / "c.dat")
    data = bytearray(path.read_bytes())
    data[-60] ^= 1
    path.write_bytes(data)
    with quiet_open(path) as recording:
        verdict, missing, chunks = recording.verify(), recording.missing, recording.chunks
    assert not verdict.ok
    for report in (encoded, decoded, verdict, missing, chunks, container.recover(path, tmp_path / "d.n1c")):
        assert pickle.loads(pickle.dumps(report)) == report
