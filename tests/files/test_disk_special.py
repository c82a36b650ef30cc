"""Promise: devices, pipes and open files are written to as they are, and a file that is read from is never written over."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import n1codec
from cli_files import failing, lines, ok, tree, write_wav
from n1codec.container import decode_file

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc, for links like /dev/stdout")


@pytest.fixture
def encoded(tmp_path: Path) -> Path:
    """Return a .n1c."""
    ok("encode", "-q", write_wav(tmp_path / "a.wav"))
    return tmp_path / "a.wav.n1c"


@pytest.mark.parametrize("options", [[], ["-f"]], ids=["", "force"])
@pytest.mark.parametrize("command", ["decode", "cat"])
def test_an_output_that_is_an_open_file_goes_on_where_that_is(
    command: str, options: list[str], encoded: Path, tmp_path: Path
) -> None:
    link = tmp_path / "stdout"
    link.symlink_to("/proc/self/fd/1")  # as /dev/stdout is
    kind = ["--as", "wav"] if command == "cat" else ["-q"]
    with (tmp_path / "all").open("wb") as out:
        out.write(b"head")
        out.flush()
        line = [sys.executable, "-m", "n1codec", command, str(encoded), *kind, *options, "-o", str(link)]
        subprocess.run(line, stdout=out, check=True)
        os.write(out.fileno(), b"tail")
    assert link.is_symlink()
    assert (tmp_path / "all").read_bytes() == b"head" + (tmp_path / "a.wav").read_bytes() + b"tail"


def test_results_go_to_an_open_file(tmp_path: Path) -> None:
    source = write_wav(tmp_path / "a.wav")
    with (tmp_path / "all").open("wb") as out:
        out.write(b"head\n")
        out.flush()
        line = ["analyze", str(source), "--quiet", "--json", f"/dev/fd/{out.fileno()}"]
        subprocess.run(
            [sys.executable, "-m", "n1codec", *line], stdout=subprocess.DEVNULL, check=True, pass_fds=[out.fileno()]
        )
    assert (tmp_path / "all").read_bytes().startswith(b"head\n{")


def test_a_library_replaces_no_open_file(encoded: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    with (tmp_path / "open").open("wb") as out:
        link.symlink_to(f"/dev/fd/{out.fileno()}")
        with pytest.raises(n1codec.FileError, match="not a regular file"):
            decode_file(encoded, link, overwrite=True)
        assert link.is_symlink()


def test_rm_keeps_an_input_whose_output_is_in_no_file(
    encoded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (tmp_path / "open").open("wb") as out:
        assert failing("decode", "--rm", encoded, "-o", f"/dev/fd/{out.fileno()}") == 1
    assert "kept, for the output is not in a file" in lines(capsys)[0]
    assert encoded.exists()


@pytest.mark.parametrize("command", ["test", "info", "decode", "recover", "cat", "convert"])
def test_a_pipe_that_is_named_is_told_how_to_be_read(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pipe = tmp_path / "pipe.n1c"
    os.mkfifo(pipe)
    held = os.open(pipe, os.O_RDWR)  # whoever opens it need not wait
    output = ("-o", tmp_path / "out.wav") if command in ("decode", "convert") else ()
    assert failing(command, pipe, *output) == 1
    os.close(held)
    (line,) = lines(capsys)
    assert "is not a regular file; what comes from a pipe is read as -" in line


@pytest.mark.parametrize("way", ["itself", "a link", "a hard link"])
@pytest.mark.parametrize("command", ["cat", "encode", "convert"])
def test_no_input_is_written_over_even_by_force(command: str, way: str, tmp_path: Path) -> None:
    source = write_wav(tmp_path / "a.wav")
    target = source if way == "itself" else tmp_path / "b.wav"
    if way == "a link":
        target.symlink_to(source)
    elif way == "a hard link":
        target.hardlink_to(source)
    before = tree(tmp_path)
    assert failing(command, source, "-f", "-o", target) == 2
    assert tree(tmp_path) == before
