"""Promise: what a command prints arrives whole or is an error, whatever the streams are: full, closed, narrow, unbuffered."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from cli_files import called, noise, ok, process, tree, wav, write_wav

COMMAND = f"{shlex.quote(sys.executable)} -m n1codec"

PRINTING = (
    "info a.wav.n1c",
    "info --json a.wav.n1c",
    "cat a.wav.n1c",
    "cat --as text a.wav.n1c",
    "cat --as npy a.wav.n1c",
    "decode -o - a.wav.n1c",
    "encode -o - a.wav",
    "convert --to wav -o - a.wav.n1c",
    "recover -o - a.wav.n1c",
    "analyze -q --json - a.wav",
    "bench -c store --csv - a.wav",
    "codecs",
    "data list",
    "--help",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a recording, encoded too."""
    path = tmp_path_factory.mktemp("streams")
    ok("encode", "-q", write_wav(path / "a.wav", wav(noise(60_000))))
    return path


def shell(line: str, folder: Path, **env: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of shell."""
    return subprocess.run(
        ["sh", "-c", line],
        cwd=folder,
        capture_output=True,
        env=os.environ | {"N1CODEC_CACHE": "none"} | env,
        timeout=100,
    )


@pytest.mark.parametrize("arguments", PRINTING)
def test_standard_output_that_takes_nothing_is_one_error(arguments: str, folder: Path) -> None:
    """Full or closed, buffered or not."""
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here: a full standard output is not tested")
    before = tree(folder)
    number = PRINTING.index(arguments)
    for where, said in ((">/dev/full", "No space left on device"), (">&-", "Bad file descriptor|is closed"))[
        : 1 + number % 2
    ]:
        done = shell(f"{COMMAND} {arguments} {where}", folder, PYTHONUNBUFFERED="1" if number % 3 else "")
        lines = [line for line in done.stderr.decode().splitlines() if line.startswith("n1codec: ")]
        assert done.returncode == 1, done
        assert done.stdout == b""
        assert len(lines) == 1
        assert re.search(f"stdout: ({said})", lines[0])
        assert b"Exception" not in done.stderr
    assert tree(folder) == before


def test_no_work_fails_because_standard_output_is_closed_that_is_not_needed(folder: Path, tmp_path: Path) -> None:
    for streams in (">&-", "2>&-", "<&-", "<&- >&- 2>&-", "2>/dev/full"):
        out = tmp_path / f"{len(tree(tmp_path))}.n1c"
        done = shell(f"{COMMAND} encode a.wav -o {out} {streams}", folder)
        assert (done.returncode, done.stdout) == (0, b""), streams
        assert out.read_bytes() == (folder / "a.wav.n1c").read_bytes(), "nothing that was said went into the file"


@pytest.mark.parametrize("streams", [">&-", "2>&-", "<&- >&- 2>&-", "2>/dev/full"])
def test_errors_are_never_on_standard_output_and_keep_their_exit_code(streams: str, folder: Path) -> None:
    for arguments, code in (("encode none.wav", 1), ("encode a.wav --nonsense", 2)):
        done = shell(f"{COMMAND} {arguments} {streams}", folder)
        assert (done.returncode, done.stdout) == (code, b""), arguments


@pytest.mark.parametrize("arguments", ["encode - -o x.n1c", "info -", "recover - -o x"])
def test_closed_standard_input_is_one_error(arguments: str, folder: Path) -> None:
    done = shell(f"{COMMAND} {arguments} <&-", folder)
    assert done.returncode == 1
    assert done.stderr.splitlines()[0].startswith(b"n1codec: stdin: is closed")


def test_output_that_must_not_block_arrives_whole(folder: Path) -> None:
    for arguments, expected in (
        (["decode", "-q", "-o", "-", "a.wav.n1c"], (folder / "a.wav").read_bytes()),
        (["cat", "--as", "text", "a.wav.n1c"], "".join(f"{value}\n" for value in noise(60_000)).encode()),
    ):
        for unbuffered in ("", "1"):
            reader, writer = os.pipe()
            os.set_blocking(writer, False)
            got = bytearray()

            def drain(reader: int = reader, got: bytearray = got) -> None:
                while piece := os.read(reader, 1000):
                    got.extend(piece)

            command = [sys.executable, "-m", "n1codec", *arguments]
            env = os.environ | {"PYTHONUNBUFFERED": unbuffered}
            with subprocess.Popen(command, cwd=folder, stdout=writer, stderr=subprocess.PIPE, env=env) as running:
                os.close(writer)
                thread = threading.Thread(target=drain)
                thread.start()
                assert running.stderr is not None
                assert running.stderr.read() == b""
                assert running.wait() == 0
                thread.join()
            os.close(reader)
            assert bytes(got) == expected


def test_input_that_must_not_block_is_read_to_its_end(folder: Path, tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    command = [sys.executable, "-m", "n1codec", "encode", "-q", "-", "-o", str(tmp_path / "a.n1c")]
    with subprocess.Popen(command, stdin=reader, stderr=subprocess.PIPE) as running:
        os.close(reader)
        data = (folder / "a.wav").read_bytes()
        with os.fdopen(writer, "wb") as pipe:
            for at in range(0, len(data), 30_000):
                pipe.write(data[at : at + 30_000])
                pipe.flush()
                running.poll()
                threading.Event().wait(0.2)
        assert running.stderr is not None
        assert running.stderr.read() == b""
        assert running.wait() == 0
    assert (tmp_path / "a.n1c").read_bytes() == (folder / "a.wav.n1c").read_bytes()


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_names_that_an_encoding_lacks_are_spelt_out(encoding: str, tmp_path: Path) -> None:
    name = os.fsdecode("é-日-😀-".encode() + b"\xff.wav")
    try:
        source = write_wav(tmp_path / name, wav(noise(3000)))
    except OSError:
        pytest.skip("this file system takes no such name")
    ok("encode", "-q", source)
    encoded = f"{source}.n1c"
    commands: list[list[str | Path]] = [
        ["info", encoded],
        ["info", "--json", encoded],
        ["encode", source, "-f"],
        ["bench", "-c", "store", "--csv", "-", source],
        ["encode", "--help"],
    ]
    for arguments in commands:
        done = called(arguments, encoding=encoding)
        assert done.returncode == 0, done.stderr
        text = done.stdout.decode(encoding)
        done.stderr.decode(encoding)
        if "--json" in arguments:
            json.loads(text)
    done = process(["encode", tmp_path / ("x" + name)], env={"PYTHONIOENCODING": encoding})
    assert done.returncode == 1
    assert len(done.stderr.decode(encoding).splitlines()) == 1


def test_a_plain_locale_prints_every_name(tmp_path: Path) -> None:
    source = write_wav(tmp_path / "日.wav", wav(noise(3000)))
    ok("encode", "-q", source)
    done = process(["info", f"{source}.n1c"], env={"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"})
    assert done.returncode == 0, done.stderr
    assert b"3,000 samples" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["encode", "-", "-o", "-"],
        ["encode", "-", "--dtype", "int16", "--channels", "0", "--rate", "9"],
        ["decode", "-"],
        ["convert", "-", "--to", "npy", "--dtype", "int16", "--channels", "2", "--rate", "9"],
        ["cat", "-"],
        ["recover", "-"],
    ],
)
def test_messages_about_standard_input_speak_of_it(arguments: list[str], tmp_path: Path) -> None:
    whole = (
        b"\x89N1C" + bytes(200),
        wav(noise(50))[:-3] + b"",
        b"",
        b"\x93NUMPYxx",
        np.random.default_rng(0).bytes(999),
    )
    for data in whole:
        done = called(arguments, data, env={"TMPDIR": str(tmp_path)}, cwd=tmp_path)
        said = done.stderr.decode()
        assert str(tmp_path) not in said
        assert "n1codec." not in said.replace("n1codec: ", "").replace("n1codec.open", "")
        if done.returncode == 1:
            assert said.startswith("n1codec: stdin")
    assert tree(tmp_path) == {}


def test_a_full_folder_for_temporary_files_is_told_of(folder: Path, tmp_path: Path) -> None:
    import resource

    limit = (1 << 14, 1 << 14)
    for arguments, shown in (
        (["encode", "-q", "-", "-o", "b.n1c"], "stdin"),
        (["cat", str(folder / "a.wav")], "stdout"),
    ):
        done = process(
            arguments,
            (folder / "a.wav").read_bytes(),
            env={"TMPDIR": str(tmp_path)},
            cwd=tmp_path,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit),
        )
        assert done.returncode == 1
        (line,) = done.stderr.decode().splitlines()
        assert line.startswith(f"n1codec: {shown}: File too large (")
        assert str(tmp_path) in line, "where there is no room"
    assert tree(tmp_path) == {}


def test_two_results_in_one_file_or_over_a_recording_are_refused(folder: Path) -> None:
    before = tree(folder)
    for arguments in (
        ["bench", "-c", "store", "--json", "x.out", "--csv", "./X.out", "a.wav"],
        ["bench", "-c", "store", "--json", "a.wav", "a.wav"],
        ["analyze", "--json", "A.WAV", "a.wav"],
        ["analyze", "--json", "x", "--html", "x", "a.wav"],
    ):
        done = called(arguments, cwd=folder)
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1
    assert tree(folder) == before
