"""Promise: whatever goes wrong is said in one line, leaves nothing behind, and harms no input."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import bench_plugins
from cli_files import failing, lines, noise, ok, process, tree, wav, write_spikeglx, write_wav
from n1codec import N1Error, Writer, container, formats
from n1codec.cli import main


def encoded(path: Path, *options: str) -> Path:
    """Encode a recording and return the .n1c."""
    ok("encode", "-q", path, *options)
    return Path(f"{path}.n1c")


def flip(path: Path, at: int) -> None:
    """Turn one bit of a file over."""
    data = bytearray(path.read_bytes())
    data[at] ^= 0x10
    path.write_bytes(data)


def refuse(*_args: object, **_more: object) -> None:
    raise PermissionError(errno.EACCES, "Permission denied")


def full(*_args: object, **_more: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("command", ["encode", "decode", "convert", "recover", "cat"])
def test_a_folder_that_cannot_be_written_to(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_wav(tmp_path / "in/a.wav")
    source = source if command in ("encode", "convert", "cat") else encoded(source)
    before = tree(tmp_path)
    monkeypatch.setattr("n1codec.disk.Pending._create", refuse)
    assert failing(command, source, "-o", tmp_path / "out.npy") == 1
    said = lines(capsys)
    assert said == [
        f"n1codec: {'' if command == 'cat' else f'{source}: '}{tmp_path}/out.npy: cannot write there: Permission denied"
    ]
    assert tree(tmp_path) == before
    assert failing(command, source, "-o", source / "below.npy") == 1
    (line,) = lines(capsys)
    assert f"{source}: cannot be made: " in line
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    ("command", "moment"),
    [(command, "fsync") for command in ("encode", "decode", "convert", "recover", "cat")]
    + [("encode", "size"), ("decode", "size")],
)
def test_a_full_disk(
    command: str, moment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_wav(tmp_path / "a.wav", wav(noise(400_000)))
    source = source if command in ("encode", "convert", "cat") else encoded(source)
    before = tree(tmp_path)
    arguments: list[str | Path] = [command, source, "-o", tmp_path / "out.npy"]
    if moment == "fsync":
        monkeypatch.setattr(os, "fsync", full)
        assert failing(*arguments) == 1
        said, reason = lines(capsys), "No space left on device"
    else:
        # A limit on the size of files is the nearest thing to a full disk that a test can have.
        limit = (1 << 16, 1 << 16)
        done = process(arguments, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit))
        assert done.returncode == 1
        said, reason = done.stderr.decode().splitlines(), "File too large"
    (line,) = said
    assert f"{tmp_path}/out.npy" in line or moment == "size"
    assert reason in line
    assert tree(tmp_path) == before


def test_a_full_device_is_a_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    source = write_wav(tmp_path / "a.wav")
    assert failing("encode", source, "-o", "/dev/full") == 1
    assert lines(capsys) == [f"n1codec: {source}: /dev/full: No space left on device"]
    ok("encode", source, "-o", "/dev/null")
    assert Path("/dev/null").is_char_device()
    lines(capsys)
    assert failing("encode", "--rm", source, "-o", "/dev/null") == 1
    assert "kept, for the output is not in a file" in lines(capsys)[0]
    assert tree(tmp_path) == {"a.wav": wav()}


def shrink(path: Path) -> None:
    os.truncate(path, 1000)


def grow(path: Path) -> None:
    with path.open("ab") as handle:
        handle.write(b"more")


def rewrite(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:-2] + b"\1\2")
    os.utime(path, ns=(0, 0))


@pytest.mark.parametrize("change", [shrink, grow, rewrite])
@pytest.mark.parametrize("options", [(), ("--no-verify",), ("--rm",)])
def test_a_source_that_changes_meanwhile(
    change: Callable[[Path], None],
    options: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    source = write_wav(tmp_path / "a.wav", wav(noise(60_000)))
    read = formats.RecordingReader.read

    def changing(self: formats.RecordingReader, start: int, stop: int) -> object:
        if start:
            monkeypatch.undo()
            change(source)
        return read(self, start, stop)

    monkeypatch.setattr(formats.RecordingReader, "read", changing)
    assert failing("encode", source, "--chunk", "1", *options) == 1
    (line,) = lines(capsys)
    assert f"{source}: " in line
    assert "while it is read" in line
    assert list(tree(tmp_path)) == ["a.wav"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("way", ["file", "pipe"])
def test_an_interrupted_run_leaves_nothing_behind(number: signal.Signals, way: str, tmp_path: Path) -> None:
    for name in ("plugins", "in", "temporary"):
        (tmp_path / name).mkdir()
    bench_plugins.install(tmp_path / "plugins")
    samples = noise(2000)
    samples[0] = bench_plugins.TRIGGER
    write_wav(tmp_path / "in/a.wav", wav(noise(100) + 100))
    source = write_wav(tmp_path / "in/b.wav", wav(samples))
    mark = tmp_path / "mark"
    inputs = [str(tmp_path / "in")] if way == "file" else ["-", "-o", str(tmp_path / "in/c.n1c")]
    command = [sys.executable, "-m", "n1codec", "encode", *inputs, "-c", "hanger", "-T1", "-q"]
    added = {"PYTHONPATH": str(tmp_path / "plugins"), "HANGER_MARK": str(mark), "TMPDIR": str(tmp_path / "temporary")}
    with (
        source.open("rb") as stdin,
        subprocess.Popen(command, stdin=stdin, stderr=subprocess.PIPE, env=os.environ | added) as running,
    ):
        try:
            end = time.monotonic() + 30
            while not (mark.exists() and mark.read_text()):
                assert running.poll() is None
                assert time.monotonic() < end
                time.sleep(0.02)
            assert len(tree(tmp_path / "in")) > 2, "there is a temporary file"
            running.send_signal(number)
            _, err = running.communicate(timeout=30)
        finally:
            running.kill()
    assert (running.returncode, err) == (130, b"")
    assert list(tree(tmp_path / "in")) == (["a.wav", "a.wav.n1c", "b.wav"] if way == "file" else ["a.wav", "b.wav"])
    assert tree(tmp_path / "temporary") == {}


def test_a_damaged_file_costs_itself_and_no_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = (encoded(write_wav(tmp_path / name)) for name in ("good.wav", "bad.wav"))
    flip(bad, bad.stat().st_size // 2)
    before = tree(tmp_path)
    assert failing("decode", bad, good, "-o", f"{tmp_path}/out/") == 1
    first, second, last = lines(capsys)
    assert first.startswith(f"n1codec: {bad}: ")
    assert "recover" in first
    assert second.startswith(f"{good}: ")
    assert last.startswith("1 of 2 files decoded, 1 failed")
    assert tree(tmp_path / "out") == {"good.wav": wav()}
    assert failing("test", bad, good) == 1
    first, second, last = lines(capsys)
    assert first.startswith(f"n1codec: {bad}: ")
    assert first.endswith("`n1codec recover` saves what is left")
    assert second.endswith("intact")
    assert {name: data for name, data in tree(tmp_path).items() if "out" not in name} == before


def test_damage_anywhere_is_one_line_and_no_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    coded = encoded(write_wav(tmp_path / "a.wav", wav(noise(40))))
    whole = coded.read_bytes()
    for at in range(0, len(whole), 13):
        flip(coded, at)
        assert failing("decode", coded, "-o", tmp_path / "b.wav") == 1
        assert failing("test", coded) == 1
        said = lines(capsys)
        assert all(line.startswith("n1codec: ") for line in said)
        coded.write_bytes(whole[:at])
        assert failing("decode", coded, "-o", tmp_path / "b.wav") == 1
        assert len(lines(capsys)) == 1
        coded.write_bytes(whole)
    assert sorted(tree(tmp_path)) == ["a.wav", "a.wav.n1c"]


@pytest.mark.parametrize("name", [".meta/../../evil", "../evil", "/evil", ".exe", "", ".metA", "x/.meta"])
def test_no_file_decides_where_it_is_decoded_to(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "deep/a.bin.n1c"
    path.parent.mkdir()
    try:
        with Writer(path, dtype="int16", rate=1.0, restore=b"\x02", sidecars={name: b"evil"}) as writer:
            writer.append(noise(10))
    except N1Error:
        # It cannot be written; what if it could?
        with Writer(path, dtype="int16", rate=1.0, restore=b"\x02") as writer:
            writer.append(noise(10))
        monkeypatch.setattr(container.RecordingFile, "sidecars", {name: b"evil"})
    before = tree(tmp_path)
    assert failing("decode", path) == 1
    assert tree(tmp_path) == before


def test_both_files_of_a_recording_appear_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    coded = encoded(write_spikeglx(tmp_path / "in"))
    calls = 0
    link = os.link

    def second_fails(*arguments: Path) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise OSError(errno.EIO, "Input/output error")
        link(*arguments)

    monkeypatch.setattr(os, "link", second_fails)
    assert failing("decode", coded, "-o", f"{tmp_path}/out/") == 1
    assert "Input/output error" in lines(capsys)[0]
    assert tree(tmp_path / "out") == {}


def test_without_hard_links_files_are_renamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_wav(tmp_path / "a.wav")

    def unsupported(*_arguments: Path) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", unsupported)
    ok("encode", source)
    assert sorted(tree(tmp_path)) == ["a.wav", "a.wav.n1c"]


def test_names_cannot_talk_to_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_wav(tmp_path / "a\x1b[31m\nb.wav")
    ok("encode", source)
    write_wav(tmp_path / "c\x1b]0;\x07.wav", b"RIFF")
    assert failing("encode", tmp_path / "c\x1b]0;\x07.wav") == 1
    ok("info", f"{source}.n1c")
    out, err = capsys.readouterr()
    assert "\x1b" not in out + err
    assert "\x07" not in out + err
    assert len(err.splitlines()) == 2


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    coded = encoded(write_wav(tmp_path / "a.wav", wav(noise(400_000))))
    for arguments in (["decode", "-q", "-o", "-"], ["cat", "--as", "text"]):
        command = [sys.executable, "-m", "n1codec", *arguments, str(coded)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
            assert running.stdout is not None
            assert running.stderr is not None
            running.stdout.close()
            assert running.stderr.read() == b""
            assert running.wait(30) == 1


def test_binary_data_is_not_written_to_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_wav(tmp_path / "a.wav")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    for command, *more in (["encode", "-o", "-"], ["cat"], ["convert", "--to", "npy", "-o", "-"]):
        assert failing(command, source, *more) == 1
        assert "stdout: is a terminal" in lines(capsys)[0]
    assert failing("encode", "-", "-o", tmp_path / "b.n1c") == 1
    assert "stdin: is a terminal" in lines(capsys)[0]


@pytest.mark.parametrize("command", ["decode", "test", "info", "recover", "cat", "convert"])
def test_garbage_is_refused_by_every_command(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    random = np.random.default_rng(0)
    more = ["-o", str(tmp_path / "out.npy")] if command in ("decode", "recover", "cat", "convert") else []
    for content in (b"", b"\x89N1C", random.bytes(10), random.bytes(5000), wav(), b"\x89N1C" + random.bytes(300)):
        (tmp_path / "a.wav.n1c").write_bytes(content)
        assert main([command, str(tmp_path / "a.wav.n1c"), *more]) == 1
        (line,) = lines(capsys)
        assert line.startswith(f"n1codec: {tmp_path}/a.wav.n1c: ")
    (tmp_path / "a.wav.n1c").unlink()
    assert main([command, str(tmp_path / "a.wav.n1c"), *more]) == 1
    assert "No such file" in lines(capsys)[0]
    (tmp_path / "a.wav.n1c").mkdir()
    assert main([command, str(tmp_path / "a.wav.n1c"), *more]) == 1
    assert len(lines(capsys)) == 1
    assert tree(tmp_path) == {}


@pytest.mark.skipif(not hasattr(os, "seteuid") or os.geteuid() != 0, reason="needs root, to become somebody else")
@pytest.mark.parametrize("command", ["encode", "decode", "test", "info", "recover", "convert"])
def test_a_folder_that_cannot_be_read_is_never_passed_over(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with tempfile.TemporaryDirectory() as name:  # those of pytest are not for others
        folder = Path(name)
        folder.chmod(0o777)
        encoded(write_wav(folder / "all/a.wav"))
        (folder / "all/locked").mkdir()
        (folder / "all/locked").chmod(0)
        before = tree(folder)
        os.seteuid(65534)
        try:
            more = () if command in ("test", "info") else ("-f", "-o", f"{folder}/out/")
            assert failing(command, folder / "all", *more, *(("--to", "npy") if command == "convert" else ())) == 1
        finally:
            os.seteuid(0)
        said = capsys.readouterr()
        assert said.out == ""
        assert f"n1codec: {folder}/all/locked: Permission denied" in said.err
        assert tree(folder) == before
