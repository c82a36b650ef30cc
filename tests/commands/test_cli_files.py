"""Promise: through the command line every recording comes back byte for byte."""

from __future__ import annotations

import io
import os
import stat
import sys
from pathlib import Path

import numpy as np
import pytest
from test_formats_wav import HOSTILE, ODDITIES, PLAIN

import n1codec
from cli_files import called, failing, lines, noise, ok, process, tree, wav, write_spikeglx, write_wav
from conftest import SHARED
from n1codec import container, pipeline, synth
from n1codec.cli import main

DESCRIPTION = ("--dtype", "int16", "--channels", "3", "--rate", "20000")


def npy(array: object) -> bytes:
    out = io.BytesIO()
    np.save(out, array)  # type: ignore[arg-type]
    return out.getvalue()


def test_every_awkward_wav_comes_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number, content in enumerate([*PLAIN.values(), *ODDITIES.values()]):
        write_wav(tmp_path / "in" / f"{number}.wav", content)
    ok("encode", tmp_path / "in", "-o", tmp_path / "coded")
    count = len(PLAIN) + len(ODDITIES)
    said = [line for line in lines(capsys) if line.endswith(", verified")]  # the others say what is odd
    assert len(said) == count + 1
    assert said[-1].startswith(f"{count} files encoded: ")
    ok("test", tmp_path / "coded")
    ok("decode", tmp_path / "coded", "-o", tmp_path / "out")
    assert tree(tmp_path / "out") == tree(tmp_path / "in")


def test_every_hostile_wav_is_refused_in_one_line_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, (content, _) in enumerate(HOSTILE.values()):
        write_wav(tmp_path / f"{number}.wav", content)
    before = tree(tmp_path)
    assert failing("encode", tmp_path) == 1
    said = lines(capsys)
    assert len(said) == len(HOSTILE) + 1
    for number, (_, reason) in enumerate(HOSTILE.values()):
        (line,) = [line for line in said if line.startswith(f"n1codec: {tmp_path / str(number)}.wav: ")]
        assert reason in line
        assert "--dtype" in line or reason == "is empty"
    assert said[-1] == f"0 of {len(HOSTILE)} files encoded, {len(HOSTILE)} failed"
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("a.npy", npy(noise(3000).reshape(1000, 3)), ("--rate", "20000")),
        ("fortran.npy", npy(np.asfortranarray(noise(90000).reshape(30000, 3))), ("--rate", "20000")),
        ("big.npy", npy(noise(3000, ">i4")), ("--rate", "2500.5")),
        ("a.raw", noise(3000).tobytes() + b"\1\2\3", DESCRIPTION),
        ("big.dat", noise(3000, ">i2").tobytes(), ("--dtype", ">i2", "--channels", "3", "--rate", "20000")),
        ("bytes.bin", bytes(range(256)), ("--dtype", "uint8", "--channels", "1", "--rate", "1")),
        ("empty.raw", b"", DESCRIPTION),
    ],
)
@pytest.mark.parametrize("chunk", [(), ("--chunk", "0.1")])
def test_other_formats_come_back(
    tmp_path: Path, name: str, content: bytes, options: tuple[str, ...], chunk: tuple[str, ...]
) -> None:
    (tmp_path / name).write_bytes(content)
    ok("encode", tmp_path / name, *options, *chunk)
    ok("decode", tmp_path / f"{name}.n1c", "-o", f"{tmp_path}/out/")
    assert (tmp_path / "out" / name).read_bytes() == content


def test_spikeglx_comes_back_with_its_meta(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_spikeglx(tmp_path / "in")
    ok("encode", source, "-o", f"{tmp_path}/coded/")
    assert list(tree(tmp_path / "coded")) == ["run.ap.bin.n1c"]
    ok("decode", tmp_path / "coded", "-o", tmp_path / "out")
    assert tree(tmp_path / "out") == tree(tmp_path / "in")
    lines(capsys)
    (tmp_path / "out/run.ap.bin").unlink()
    ok("decode", tmp_path / "coded", "-o", tmp_path / "out")  # a .meta that says the same does not stand in the way
    (tmp_path / "out/run.ap.bin").unlink()
    (tmp_path / "out/run.ap.meta").write_text("notes of my own")
    lines(capsys)
    assert failing("decode", tmp_path / "coded", "-o", tmp_path / "out") == 1
    assert "run.ap.meta: exists already" in lines(capsys)[0]
    assert tree(tmp_path / "out") == {"run.ap.meta": b"notes of my own"}
    ok("decode", "-f", tmp_path / "coded", "-o", tmp_path / "out")
    assert tree(tmp_path / "out") == tree(tmp_path / "in")


def test_options_for_headerless_files_leave_those_with_a_meta_in_a_folder_alone(tmp_path: Path) -> None:
    source = write_spikeglx(tmp_path)
    (tmp_path / "b.raw").write_bytes(noise(100).tobytes())
    options = ("--dtype", "int8", "--channels", "1", "--rate", "5000")
    ok("encode", tmp_path, *options)
    with container.open(f"{source}.n1c") as found, container.open(tmp_path / "b.raw.n1c") as raw:
        assert (found.channels, found.rate, raw.dtype.name, raw.rate) == (3, 30000.0, "int8", 5000.0)
    ok("encode", "-f", source, *options)
    with container.open(f"{source}.n1c") as named:
        assert (named.channels, named.rate) == (1, 5000.0)


def test_a_tree_of_folders_is_mirrored(tmp_path: Path) -> None:
    write_wav(tmp_path / "in/a.wav")
    write_wav(tmp_path / "in/day 1/b.WAV", wav(noise(10)))
    write_spikeglx(tmp_path / "in/day 1/probe")
    write_wav(tmp_path / "in/.hidden/c.wav")
    ok("encode", "-q", tmp_path / "in", "-o", tmp_path / "coded")
    names = ["a.wav.n1c", "day 1/b.WAV.n1c", "day 1/probe/run.ap.bin.n1c"]
    assert list(tree(tmp_path / "coded")) == names
    ok("decode", "-q", tmp_path / "coded", "-o", tmp_path / "out")
    expected = tree(tmp_path / "in")
    del expected[".hidden/c.wav"]
    assert tree(tmp_path / "out") == expected


def test_outputs_lie_beside_their_inputs(tmp_path: Path) -> None:
    write_wav(tmp_path / "x/a.wav")
    ok("encode", tmp_path / "x")
    assert list(tree(tmp_path)) == ["x/a.wav", "x/a.wav.n1c"]


def test_an_output_is_named_as_wished(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_wav(tmp_path / "a.wav")
    ok("encode", source, "-o", tmp_path / "new/b.n1c")
    ok("decode", tmp_path / "new/b.n1c")
    assert (tmp_path / "new/b.wav").read_bytes() == wav(), "the extension is that of what was encoded"
    ok("decode", tmp_path / "new/b.n1c", "-o", tmp_path / "c")
    assert (tmp_path / "c").read_bytes() == wav()
    (tmp_path / "new/b.n1c").rename(tmp_path / "odd")
    lines(capsys)
    assert failing("decode", tmp_path / "odd") == 1
    assert "does not end in .n1c: give the output's with -o" in lines(capsys)[0]
    ok("decode", tmp_path / "odd", "-o", tmp_path / "d.wav")
    assert (tmp_path / "d.wav").read_bytes() == wav()


def test_levels_codecs_and_threads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "a.wav"
    write_wav(source, wav(synth.recording(5.0, seed=1)))
    coded = {}
    for options in ((), ("-5",), ("-1",), ("-9",), ("--level", "9"), ("-c", "store"), ("-T1",), ("-T", "3"), ("-T0",)):
        name = tmp_path / f"{'_'.join(options)}.n1c"
        ok("encode", source, "-o", name, "--chunk", "1", *options)
        coded[options] = name.read_bytes()
    assert coded[()] == coded[("-5",)] == coded[("-T1",)] == coded[("-T", "3")] == coded[("-T0",)]
    assert coded[("-9",)] == coded[("--level", "9")]
    assert len(coded[("-9",)]) < len(coded[("-1",)]) < len(coded[("-c", "store")])
    assert n1codec.open(tmp_path / ".n1c").spec == pipeline.get(container.DEFAULT_CODEC).spec


def test_names_that_look_like_levels_follow_two_dashes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("-1.wav").write_bytes(wav())
    ok("encode", "--", "-1.wav")
    assert sorted(tree(tmp_path)) == ["-1.wav", "-1.wav.n1c"]


def test_quiet_says_nothing_and_verbose_more(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_wav(tmp_path / "a.wav")
    ok("encode", "-q", source)
    assert lines(capsys) == []
    ok("encode", "-f", "-v", source)
    first, *more = lines(capsys)
    assert first.startswith(f"{source}: 6,046 -> ")
    assert all(part in first for part in (" bytes, ratio ", " MB/s, ", "x real time, verified"))
    assert any("3,001 samples x 1 channel, int16, 19,531 Hz" in line for line in more)
    assert any(f"codec {container.DEFAULT_CODEC}" in line for line in more)
    ok("encode", "-f", "--no-verify", source)
    assert lines(capsys)[0].endswith("not verified")


def test_an_output_takes_over_permissions_and_time(tmp_path: Path) -> None:
    source = write_wav(tmp_path / "a.wav")
    source.chmod(0o640)
    os.utime(source, (10**9, 10**9))
    ok("encode", source)
    status = (tmp_path / "a.wav.n1c").stat()
    assert (stat.S_IMODE(status.st_mode), status.st_mtime) == (0o640, 10**9)


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (wav(), ()),
        (ODDITIES["RF64"], ()),
        (npy(noise(3000).reshape(-1, 3)), ("--rate", "20000")),
        (noise(3000).tobytes() + b"\1", DESCRIPTION),
    ],
    ids=["wav", "rf64", "npy", "raw"],
)
def test_pipes_in_and_out(tmp_path: Path, content: bytes, options: tuple[str, ...]) -> None:
    env = {"TMPDIR": str(tmp_path)}
    run = process if content == wav() else called  # once as from a shell
    coded = run(["encode", "-", *options], content, env=env)
    assert coded.returncode == 0
    assert coded.stderr.startswith(b"stdin: ")
    assert coded.stderr.rstrip().endswith(b"verified")
    decoded = run(["decode", "-", "-q"], coded.stdout, env=env)
    assert (decoded.returncode, decoded.stdout, decoded.stderr) == (0, content, b"")
    assert tree(tmp_path) == {}


def test_bad_input_from_a_pipe_gives_no_output(tmp_path: Path) -> None:
    for arguments, data, message in (
        (["encode", "-"], b"", b"give --dtype"),
        (["encode", "-"], HOSTILE["floats"][0], b"floating-point"),
        (["decode", "-"], wav(), b"n1codec: "),
        (["decode", "-"], b"", b"n1codec: "),
    ):
        done = called(arguments, data, env={"TMPDIR": str(tmp_path)})
        assert (done.returncode, done.stdout) == (1, b"")
        assert message in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert tree(tmp_path) == {}


def test_real_recordings_come_back(
    neuralink_files: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ok("encode", *neuralink_files, "-o", f"{tmp_path}/coded/")
    assert "10 files encoded" in lines(capsys)[-1]
    ok("decode", tmp_path / "coded", "-o", tmp_path / "out")
    for path in neuralink_files:
        assert (tmp_path / "out" / path.name).read_bytes() == path.read_bytes()


def test_real_multichannel_recordings_come_back(tmp_path: Path) -> None:
    folder = SHARED / "multichannel"
    if not folder.is_dir():
        pytest.skip(f"real recordings are not here: no {folder}")
    locust = ("--dtype", "int16", "--channels", "4", "--rate", "15000")
    ok("encode", "-q", folder, *locust, "-o", tmp_path / "coded")
    ok("decode", "-q", tmp_path / "coded", "-o", tmp_path / "out")
    assert tree(tmp_path / "out") == tree(folder)


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is measured in units of Linux")
def test_memory_stays_bounded(tmp_path: Path) -> None:
    source = tmp_path / "large.raw"
    with source.open("wb") as handle:
        handle.truncate(1 << 28)
    code = (
        "import sys; sys.path.insert(0, sys.argv[2]); from memory import peak_bytes; from n1codec.cli import main\n"
        "for arguments in (['encode', '-c', 'rle', sys.argv[1], '--dtype', 'int16', '--channels', '64', '--rate', '30000'],\n"
        "    ['decode', sys.argv[1] + '.n1c', '-o', sys.argv[1] + '.again']): assert main(arguments) == 0\n"
        "print(peak_bytes())"
    )
    import subprocess

    command = [sys.executable, "-c", code, str(source), str(Path(__file__).parents[1])]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 200 << 20
    assert (tmp_path / "large.raw.again").stat().st_size == 1 << 28


def test_usage_is_shown_without_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("encode", "decode", "test", "info", "cat", "convert", "recover"):
        assert main([name]) == 2
        assert f"Usage: n1codec {name}" in capsys.readouterr().err


def test_small_files_side_by_side_give_the_same_in_the_same_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(12):
        write_wav(tmp_path / "in" / f"{number:02}.wav", wav(noise(3000 + 500 * (number % 5), seed=number)))
    (tmp_path / "in" / "05.wav").write_bytes(b"RIFF")
    said = {}
    for threads in ("1", "3"):
        assert failing("encode", "-T", threads, tmp_path / "in", "-o", f"{tmp_path}/coded{threads}/") == 1
        said[threads] = [line.split(",")[0] for line in lines(capsys)]
        ok("decode", "-q", "-T", threads, tmp_path / f"coded{threads}", "-o", f"{tmp_path}/out{threads}/")
    assert said["1"] == said["3"]
    assert all(f"/in/{number:02}.wav: " in line for number, line in enumerate(said["3"][:-1]))
    assert len(said["3"]) == 13
    assert tree(tmp_path / "coded1") == tree(tmp_path / "coded3")
    (tmp_path / "in" / "05.wav").unlink()
    assert tree(tmp_path / "out3") == tree(tmp_path / "in")


def test_an_interrupt_among_files_side_by_side_leaves_whole_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        write_wav(tmp_path / "in" / f"{number:02}.wav")

    def interrupted(text: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("n1codec.cli.batch.say", interrupted)
    assert failing("encode", "-T", "2", tmp_path / "in", "-o", f"{tmp_path}/coded/") == 130
    made = sorted(path.name for path in (tmp_path / "coded").iterdir())
    assert 1 <= len(made) < 30
    assert all(name.endswith(".wav.n1c") and not name.startswith(".") for name in made)
    ok("test", "-q", tmp_path / "coded")
