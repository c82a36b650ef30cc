"""Promise: a finished file gets its name, however that can be done, and replaces nothing unasked; files get theirs together."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import n1codec
from cli_files import failing, lines, ok, tree, wav, write_spikeglx, write_wav
from n1codec import disk
from n1codec.cli import main
from n1codec.container import decode_file, encode_file

NO_LINKS = (
    errno.EXDEV,
    errno.EINVAL,
    45,
    errno.EPERM,
    errno.ENOTSUP,
    errno.ENOSYS,
    errno.EMLINK,
    errno.EACCES,
    errno.ENOENT,
)
"""45 is what macOS calls ENOTSUP; to Python on Linux it is a number like any other."""


def refusing(number: int) -> Callable[..., Any]:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(number, "refused")

    return refuse


def finished(target: Path, content: bytes = b"new", **options: Any) -> disk.Pending:
    new = disk.Pending(target, **options)
    new.write(content)
    return new


def writer(path: Path) -> None:
    with n1codec.Writer(path, dtype="i2", rate=1.0) as new:
        new.append(np.arange(9, dtype="i2"))


def command(path: Path) -> None:
    source = write_wav(path.with_name("in.wav"))
    ok("encode", "-q", source, "-o", path)
    source.unlink()


@pytest.mark.parametrize("make", [writer, command])
@pytest.mark.parametrize("number", NO_LINKS)
def test_no_work_is_thrown_away_for_want_of_hard_links(
    number: int, make: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", refusing(number))
    make(tmp_path / "a.n1c")
    assert list(tree(tmp_path)) == ["a.n1c"]
    n1codec.open(tmp_path / "a.n1c").close()


def test_a_server_that_links_and_says_that_the_name_is_taken_is_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def twice(*arguments: Path) -> None:
        link(*arguments)
        link(*arguments)

    monkeypatch.setattr(os, "link", twice)
    disk.publish([finished(tmp_path / "a")])
    assert tree(tmp_path) == {"a": b"new"}


@pytest.mark.parametrize("overwrite", [False, True])
def test_where_a_name_lies_in_another_file_system_the_content_is_copied(
    overwrite: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if overwrite:
        (tmp_path / "a").write_bytes(b"old and longer")
    monkeypatch.setattr(os, "link", refusing(errno.EXDEV))
    monkeypatch.setattr(Path, "replace", refusing(errno.EXDEV))
    disk.publish([finished(tmp_path / "a", overwrite=overwrite)])
    assert tree(tmp_path) == {"a": b"new"}


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_copy_that_fails_leaves_what_was_there(
    overwrite: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {"a": b"old"} if overwrite else {}
    for name, content in before.items():
        (tmp_path / name).write_bytes(content)
    monkeypatch.setattr(os, "link", refusing(errno.EXDEV))
    monkeypatch.setattr(Path, "replace", refusing(errno.EXDEV))
    new = finished(tmp_path / "a", overwrite=overwrite)
    new.seal()
    fsync, calls = os.fsync, 0

    def once(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", once)
    with pytest.raises(n1codec.FileError, match="No space left"):
        disk.publish([new])
    assert tree(tmp_path) == before


def test_a_file_that_is_mounted_on_is_written_into(tmp_path: Path) -> None:
    for name in ("a.n1c", "outside"):
        (tmp_path / name).write_bytes(b"old")
    mount = ["mount", "--bind", str(tmp_path / "outside"), str(tmp_path / "a.n1c")]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounts need root: whether a bind-mounted file can be replaced is not tested")
    try:
        with n1codec.Writer(tmp_path / "a.n1c", dtype="i2", rate=1.0, overwrite=True) as new:
            new.append(np.arange(9, dtype="i2"))
        with n1codec.open(tmp_path / "outside") as recording:
            assert len(recording) == 9
    finally:
        subprocess.run(["umount", str(tmp_path / "a.n1c")], check=True)
    assert sorted(tree(tmp_path)) == ["a.n1c", "outside"]


@pytest.mark.parametrize("links", [True, False])
def test_of_two_that_race_for_a_name_one_gets_it(links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not links:
        monkeypatch.setattr(os, "link", refusing(errno.EPERM))
    for turn in range(20):
        target = tmp_path / f"{turn}"
        files = [finished(target, bytes([number])) for number in range(4)]
        barrier = threading.Barrier(len(files))
        won: list[int] = []

        def race(number: int, file: disk.Pending, won: list[int] = won, barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            try:
                disk.publish([file])
                won.append(number)
            except n1codec.FileError as error:
                assert "exists already" in str(error)  # noqa: PT017

        threads = [threading.Thread(target=race, args=pair) for pair in enumerate(files)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(won) == 1
        assert target.read_bytes() == bytes(won)
        assert len(tree(tmp_path)) == turn + 1


def test_a_file_in_a_folder_that_only_grows_gets_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "a.wav"
    write_wav(source)

    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "unlink", refuse)
    assert main(["encode", str(source)]) == 0
    assert main(["test", f"{source}.n1c"]) == 0


def test_a_source_that_cannot_be_removed_is_said_to_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_wav(tmp_path / "a.wav")
    unlink = Path.unlink

    def refuse(path: Path, **more: Any) -> None:
        if path == source:
            raise OSError(errno.EPERM, "Operation not permitted")
        unlink(path, **more)

    monkeypatch.setattr(Path, "unlink", refuse)
    assert main(["encode", "--rm", str(source)]) == 1
    assert "a.wav: kept, for it cannot be removed: Operation not permitted" in capsys.readouterr().err
    assert main(["test", f"{source}.n1c"]) == 0
    assert source.exists()


@pytest.mark.parametrize("lasting", [False, True], ids=["once", "from then on"])
@pytest.mark.parametrize("step", ["link", "replace"])
@pytest.mark.parametrize("call", range(1, 7))
@pytest.mark.parametrize("number", [errno.EIO, errno.EPERM])
def test_files_that_belong_together_are_all_new_or_all_old(
    step: str, call: int, number: int, lasting: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {"b": b"old b", "c": b"old c"}
    for name, content in before.items():
        (tmp_path / name).write_bytes(content)
    files = [finished(tmp_path / name, name.encode(), overwrite=True) for name in ("a", "b", "c")]
    owner: Any = os if step == "link" else Path
    function, calls = getattr(owner, step), 0

    def failing_call(*arguments: Any, **more: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call or (lasting and calls > call):
            raise OSError(number, "refused")
        return function(*arguments, **more)

    monkeypatch.setattr(owner, step, failing_call)
    try:
        disk.publish(files)
    except n1codec.FileError:
        assert tree(tmp_path) == before
    else:
        assert tree(tmp_path) == {"a": b"a", "b": b"b", "c": b"c"}


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.ESTALE])
def test_a_folder_whose_sync_fails_keeps_what_it_had(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "b").write_bytes(b"old")
    files = [finished(tmp_path / name, overwrite=True) for name in ("a", "b")]
    for file in files:
        file.seal()
    monkeypatch.setattr(os, "fsync", refusing(number))
    with pytest.raises(n1codec.FileError, match=r"/a: refused"):
        disk.publish(files)
    assert tree(tmp_path) == {"b": b"old"}


def evil(path: Path, sidecars: dict[str, bytes]) -> Path:
    """Write a .n1c of a raw file with sidecars."""
    with n1codec.Writer(path, dtype="<i2", rate=9, restore=b"\1", sidecars=sidecars) as new:
        new.append(np.arange(100, dtype="<i2"))
    return path


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize(
    ("suffix", "target"),
    [(".bin", "out.bin"), (".BIN", "out.bin"), (".bin", "out.BIN"), (".n1c", "a.bin"), (".N1C", "a.bin")],
)
def test_no_output_takes_the_place_of_another_or_of_the_input(
    suffix: str, target: str, overwrite: bool, tmp_path: Path
) -> None:
    path = evil(tmp_path / "a.n1c", {".meta": b"fine", suffix: b"evil"})
    before = tree(tmp_path)
    with pytest.raises(n1codec.FileError, match="choose another name"):
        decode_file(path, tmp_path / target, overwrite=overwrite)
    assert tree(tmp_path) == before


def test_a_file_is_not_restored_over_itself(tmp_path: Path) -> None:
    path = evil(tmp_path / "a.n1c", {})
    os.link(path, tmp_path / "b.raw")
    before = tree(tmp_path)
    for target in (path, tmp_path / "b.raw"):
        with n1codec.open(path) as recording, pytest.raises(n1codec.FileError, match="is read from"):
            recording.restore_to(target, overwrite=True)
    assert tree(tmp_path) == before


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_recording_and_its_sidecars_are_restored_together_or_not_at_all(
    overwrite: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = evil(tmp_path / "a.n1c", {".meta": b"meta", ".txt": b"text"})
    (tmp_path / "out.bin").write_bytes(b"old")
    if overwrite:
        (tmp_path / "out.meta").write_bytes(b"old meta")
    before = tree(tmp_path)
    with n1codec.open(path) as recording:
        if overwrite:
            replace, calls = Path.replace, 0

            def last_fails(self: Path, target: Path) -> Path:
                nonlocal calls
                calls += 1
                if calls == 3:
                    raise OSError(errno.EIO, "Input/output error")
                return replace(self, target)

            monkeypatch.setattr(Path, "replace", last_fails)
        with pytest.raises(n1codec.FileError):
            recording.restore_to(tmp_path / "out.bin", overwrite=overwrite)
        assert tree(tmp_path) == before
        recording.restore_to(tmp_path / "out.bin", overwrite=True)
    assert sorted(tree(tmp_path)) == ["a.n1c", "out.bin", "out.meta", "out.txt"]


def test_decoding_over_old_files_puts_them_back_after_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ok("encode", "-q", write_spikeglx(tmp_path))
    (tmp_path / "run.ap.meta").write_bytes(b"another meta")
    before = tree(tmp_path)
    replace = Path.replace

    def no_recording(self: Path, target: Path) -> Path:
        if target.suffix == ".bin" and self.stat().st_size > 20:
            raise OSError(errno.EIO, "Input/output error")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", no_recording)
    assert failing("decode", "-f", tmp_path / "run.ap.bin.n1c") == 1
    assert lines(capsys)[0].endswith("run.ap.bin: Input/output error")
    assert tree(tmp_path) == before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few pages."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounts need root: a file system that fills up is not tested")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_fills_up_leaves_the_old_file(small_disk: Path, tmp_path: Path) -> None:
    source = write_wav(tmp_path / "a.wav", wav(np.random.default_rng(0).integers(-9999, 9999, 100_000).astype("<i2")))
    (small_disk / "a.n1c").write_bytes(b"old")
    with pytest.raises(n1codec.FileError, match=r"a\.n1c: No space left on device"):
        encode_file(source, small_disk / "a.n1c", overwrite=True)
    assert tree(small_disk) == {"a.n1c": b"old"}


def test_hidden_names_fit_and_keep_what_a_file_is_read_by(tmp_path: Path) -> None:
    for name in ("日" * 80 + ".wav", "x" * 250, "a." + "b" * 200, "日" * 84):
        for suffix in (None, Path(name).suffix):
            with finished(tmp_path / name, suffix=suffix) as new:
                assert new.temporary.name.startswith(".")
                assert new.temporary.suffix in (".part", ".wav", ".tmp")
                disk.publish([new])
            (tmp_path / name).unlink()
    assert tree(tmp_path) == {}
