"""Promise: a command that is told to stop, by whatever signal, says so in its exit code, and leaves nothing unfinished."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import bench_plugins
import n1codec
from cli_files import noise, ok, tree, wav, write_wav
from n1codec.cli import main
from n1codec.cli.interrupt import signals_as_interrupts

SIGNALS = [
    getattr(signal, name)
    for name in (
        "SIGHUP",
        "SIGQUIT",
        "SIGXCPU",
        "SIGTERM",
        "SIGINT",
        "SIGUSR1",
        "SIGUSR2",
        "SIGALRM",
        "SIGVTALRM",
        "SIGIO",
    )
    if hasattr(signal, name)
]


@pytest.fixture(autouse=True)
def no_hangup_is_ignored() -> Iterator[None]:
    """As `nohup` has it for the tests and for all that they start."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


def code_of(number: int) -> int:
    return 130 if number in (signal.SIGINT, signal.SIGTERM) else 128 + number


class Stage:
    """A folder, and a codec in it that takes forever.

    Parameters
    ----------
    path : Path
        The folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        for name in ("plugins", "in", "temporary"):
            (path / name).mkdir()
        bench_plugins.install(path / "plugins")
        self.mark = path / "mark"
        samples = noise(2000)
        samples[0] = bench_plugins.TRIGGER
        self.source = write_wav(path / "in/a.wav", wav(samples))

    def start(self, arguments: list[str], **more: object) -> subprocess.Popen[bytes]:
        env = os.environ | {
            "PYTHONPATH": str(self.path / "plugins"),
            "TMPDIR": str(self.path / "temporary"),
            "HANGER_MARK": str(self.mark),
        }
        command = [sys.executable, "-m", "n1codec", *arguments]
        running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, **more)  # type: ignore[call-overload]
        end = time.monotonic() + 30
        while not (self.mark.exists() and self.mark.read_text()):
            assert running.poll() is None, running.communicate()
            assert time.monotonic() < end
            time.sleep(0.02)
        self.mark.unlink()
        return running  # type: ignore[no-any-return]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


@pytest.mark.parametrize("number", SIGNALS)
def test_every_signal_that_ends_a_process_ends_the_work_cleanly(number: int, stage: Stage) -> None:
    """A file that goes to a file, and, of half of the signals, one from standard input, of which a copy is kept."""
    for arguments in (
        ["encode", str(stage.source), "-T1", "-c", "hanger"],
        ["encode", "-", "-T1", "-c", "hanger", "-o", "-"],
    )[: 1 + number % 2]:
        with stage.source.open("rb") as data:
            running = stage.start(arguments, stdin=data)
        assert len(tree(stage.path / "in")) + len(tree(stage.path / "temporary")) > 1
        running.send_signal(number)
        out, err = running.communicate(timeout=30)
        assert (running.returncode, out, err) == (code_of(number), b"", b"")
        assert list(tree(stage.path / "in")) == ["a.wav"]
        assert list((stage.path / "temporary").iterdir()) == []


def test_a_storm_of_signals_does_not_end_the_clean_up(stage: Stage) -> None:
    running = stage.start(["encode", str(stage.source), "-T1", "-c", "hanger"])
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1):
        running.send_signal(number)
    _, err = running.communicate(timeout=30)
    # The last ones may find a process that has done its work and is on its way out.
    assert running.returncode in {code_of(number) for number in SIGNALS} | {-number for number in SIGNALS}
    assert err == b""
    assert list(tree(stage.path / "in")) == ["a.wav"]


def test_a_hangup_that_is_ignored_stays_so(stage: Stage) -> None:
    source = write_wav(stage.path / "in/b.wav", wav(noise(1000)))
    code = "import signal, os; signal.signal(signal.SIGHUP, signal.SIG_IGN); from n1codec.cli import main; import sys; "
    code += "from n1codec import container; whole = container.encode_file\n"
    code += "def hang(*a, **k):\n    os.kill(os.getpid(), signal.SIGHUP)\n    return whole(*a, **k)\n"
    code += f"container.encode_file = hang\nsys.exit(main(['encode', '-q', {str(source)!r}]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    assert Path(f"{source}.n1c").exists()


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_measurement_ends_with_its_workers_and_its_partial_results(number: int, stage: Stage) -> None:
    results = stage.path / "in/results.json"
    running = stage.start(["bench", str(stage.source), "-c", "hanger", "--json", str(results)])
    running.send_signal(number)
    running.communicate(timeout=60)
    assert running.returncode == code_of(number)
    assert sorted(tree(stage.path / "in")) == ["a.wav", "results.json"]
    assert list((stage.path / "temporary").iterdir()) == []


def test_an_interruption_in_the_worst_moment_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Right after a temporary file was made, before anything knows of it."""
    source = write_wav(tmp_path / "a.wav")
    create = n1codec.disk.Pending._create

    def interrupted(path: Path, mode: int) -> object:
        create(path, mode)
        os.kill(os.getpid(), signal.SIGHUP)
        time.sleep(1)
        raise AssertionError

    monkeypatch.setattr(n1codec.disk.Pending, "_create", staticmethod(interrupted))
    assert main(["encode", str(source)]) == 128 + signal.SIGHUP
    assert list(tree(tmp_path)) == ["a.wav"]


def test_the_folder_for_temporary_files_is_found_without_a_file_that_an_interruption_could_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `tempfile` does it: its trial file was left where a signal came while it was there."""

    def tries() -> str:
        raise AssertionError("makes a file")

    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("tempfile.gettempdir", tries)
    with n1codec.disk.scratch_folder() as folder:
        assert folder.parent == tmp_path / "temporary"
    assert main(["encode", "-q", str(write_wav(tmp_path / "a.wav")), "-o", "-"]) == 0


def test_a_signal_that_another_thread_was_given_ends_a_wait_all_the_same() -> None:
    """The system may choose any thread; a wait of the main one would go on."""

    def elsewhere() -> None:
        time.sleep(0.1)
        signal.pthread_kill(threading.get_ident(), signal.SIGHUP)

    def wait() -> None:
        with signals_as_interrupts():
            threading.Thread(target=elsewhere).start()
            time.sleep(20)

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        wait()
    assert time.monotonic() - started < 10


def test_a_library_has_no_handlers_and_a_command_gives_them_back(tmp_path: Path) -> None:
    numbers = sorted({*SIGNALS, signal.SIGPIPE, signal.SIGSEGV})
    before = [signal.getsignal(number) for number in numbers]
    with n1codec.Writer(tmp_path / "a.n1c", dtype="i2", rate=1.0) as writer:
        writer.append(noise(10))
        assert [signal.getsignal(number) for number in numbers] == before
    ok("info", tmp_path / "a.n1c")
    assert [signal.getsignal(number) for number in numbers] == before


def test_handlers_of_a_program_around_a_command_stay() -> None:
    calls: list[int] = []

    def own(number: int, _: object) -> None:
        calls.append(number)

    before = signal.signal(signal.SIGUSR1, own)
    try:
        with signals_as_interrupts():
            assert signal.getsignal(signal.SIGUSR1) is own
            assert signal.getsignal(signal.SIGHUP) is not signal.SIG_DFL
            os.kill(os.getpid(), signal.SIGUSR1)
            time.sleep(0.3)
        assert calls == [signal.SIGUSR1], "and are called once"
    finally:
        signal.signal(signal.SIGUSR1, before)
