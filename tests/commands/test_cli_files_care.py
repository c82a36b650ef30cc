"""Promise: a careless command loses nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

import bench_plugins
from cli_files import failing, lines, noise, ok, process, tree, wav, write_spikeglx, write_wav
from n1codec import formats

DESCRIPTION = ("--dtype", "int16", "--channels", "3", "--rate", "20000")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["encode", "a.wav", "b.wav", "-o", "a.wav"], "need a folder"),
        (["encode", "a.wav", "b.wav", "-o", "-"], "need a folder"),
        (["encode", "a.wav", "x/a.wav", "-o", "out/"], "would both become out/a.wav.n1c"),
        (["encode", "a.wav", "-o", "a.wav", "-f"], "is an input"),
        (["encode", "-", "-"], "only once"),
        (["encode", "-", "-o", "x/"], "has no name"),
        (["encode", "a.wav", "-c", "lattice+stroe"], "'stroe'"),
        (["encode", "a.wav", "-c", "store", "-3"], "exclude each other"),
        (["encode", "a.wav", "--level", "10"], "outside 1..9"),
        (["encode", "a.wav", "--threads=-1"], "--threads -1"),
        (["encode", "a.wav", "--chunk", "0"], "--chunk 0"),
        (["encode", "a.wav", "--chunk", "nan"], "--chunk nan"),
        (["encode", "a.wav", "--dtype", "complex64"], "not 'complex64'"),
        (["encode", "a.wav", "--rate", "0"], "rate must be"),
        (["encode", "a.wav", "--channels", "0"], "channels must be"),
        (["encode", "a.wav", "--rm", "--no-verify"], "--rm needs --verify"),
        (["encode", "a.wav", "--rm", "-o", "-"], "--rm needs an output in a file"),
        (["decode", "a.wav.n1c", "--rm", "-o", "-"], "--rm needs an output in a file"),
        (["convert", "a.wav", "-o", "b.xyz"], "give --to KIND"),
        (["convert", "a.wav", "--to", "mp3"], "--to mp3"),
        (["convert", "a.wav", "--to", "npy", "-9"], "are for outputs that are .n1c"),
        (["cat", "a.wav", "--start", "noon"], "'noon' is no time"),
        (["cat", "a.wav", "--channels", "1"], "channels 0 to 0"),
        (["cat", "a.wav", "--as", "mp3"], "--as mp3"),
    ],
)
def test_a_mistake_in_the_command_line_is_2_and_changes_nothing(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.wav", "b.wav", "x/a.wav"):
        write_wav(Path(name))
    before = tree(tmp_path)
    assert failing(*arguments) == 2
    (line,) = lines(capsys)
    assert message in line
    assert tree(tmp_path) == before


def test_existing_files_are_not_overwritten_without_f(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_wav(tmp_path / "a.wav")
    coded = tmp_path / "a.wav.n1c"
    coded.write_bytes(b"precious")
    assert failing("encode", source) == 1
    assert lines(capsys) == [f"n1codec: {coded}: exists already; -f overwrites"]
    assert coded.read_bytes() == b"precious"
    ok("encode", "-f", source)
    assert failing("decode", coded) == 1
    assert "a.wav: exists already" in lines(capsys)[1]
    source.write_bytes(b"damaged")
    ok("decode", "-f", coded)
    assert source.read_bytes() == wav()
    (tmp_path / "folder.n1c").mkdir()
    assert failing("encode", "-f", source, "-o", f"{tmp_path}/dangling/../folder.n1c/x/..") == 1


def test_a_file_that_appears_meanwhile_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_wav(tmp_path / "a.wav")
    check = formats.RecordingReader.check_unchanged

    def appear(self: formats.RecordingReader) -> None:
        (tmp_path / "a.wav.n1c").write_bytes(b"precious")
        check(self)

    monkeypatch.setattr(formats.RecordingReader, "check_unchanged", appear)
    assert failing("encode", source) == 1
    assert "exists already" in lines(capsys)[0]
    assert tree(tmp_path) == {"a.wav": wav(), "a.wav.n1c": b"precious"}


def test_rm_removes_an_input_after_its_output_is_verified(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_wav(tmp_path / "a.wav")
    ok("encode", "--rm", source)
    assert lines(capsys)[0].endswith("verified, input removed")
    assert list(tree(tmp_path)) == ["a.wav.n1c"]
    ok("decode", "--rm", tmp_path / "a.wav.n1c")
    assert tree(tmp_path) == {"a.wav": wav()}
    source = write_spikeglx(tmp_path / "probe")
    ok("encode", "--rm", source)
    assert list(tree(tmp_path / "probe")) == ["run.ap.bin.n1c", "run.ap.meta"]


@pytest.mark.parametrize("codec", ["lossy", "raiser"])
def test_rm_keeps_an_input_whose_output_does_not_verify(tmp_path: Path, codec: str) -> None:
    (tmp_path / "plugins").mkdir()
    bench_plugins.install(tmp_path / "plugins")
    samples = noise(2000)
    samples[0] = bench_plugins.TRIGGER
    bad = write_wav(tmp_path / "in/bad.wav", wav(samples))
    write_wav(tmp_path / "in/good.wav", wav(noise(2000) + 100))
    done = process(["encode", "--rm", bad.parent, "-c", codec], env={"PYTHONPATH": str(tmp_path / "plugins")})
    assert done.returncode == 1
    first, second, last = done.stderr.decode().splitlines()
    assert first.startswith(f"n1codec: {bad}: ")
    assert "good.wav" in second
    assert last.startswith("1 of 2 files encoded, 1 failed")
    assert list(tree(bad.parent)) == ["bad.wav", "good.wav.n1c"]
    assert bad.read_bytes() == wav(samples)


def test_rm_keeps_an_input_that_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from n1codec.cli import newfile

    source = write_wav(tmp_path / "a.wav")
    commit = newfile.NewFile.commit

    def change(self: newfile.NewFile) -> None:
        commit(self)
        source.write_bytes(wav() + b"later")

    monkeypatch.setattr(newfile.NewFile, "commit", change)
    assert failing("encode", "--rm", source) == 1
    assert "kept, for it has changed" in lines(capsys)[0]
    assert source.read_bytes() == wav() + b"later"


def test_one_failing_file_does_not_stop_the_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_wav(tmp_path / "a.wav")
    write_wav(tmp_path / "b.wav", b"RIFF")
    write_wav(tmp_path / "c.wav")
    assert failing("encode", tmp_path / "none.wav", tmp_path, tmp_path / "readme.txt", tmp_path / "none/") == 1
    said = lines(capsys)
    assert [line.split(": ")[0] for line in said[:3]] == ["n1codec"] * 3
    assert f"{tmp_path / 'none.wav'}: No such file or directory" in said[0]
    assert said[-1].startswith("2 of 6 files encoded, 4 failed: ")
    assert sorted(tree(tmp_path)) == ["a.wav", "a.wav.n1c", "b.wav", "c.wav", "c.wav.n1c"]


def test_what_is_encoded_already_is_not_encoded_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_wav(tmp_path / "a.wav")
    ok("encode", source)
    lines(capsys)
    assert failing("encode", f"{source}.n1c") == 1
    assert "is encoded already" in lines(capsys)[0]
