"""Promise: converting a recording keeps every sample, or is refused."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_formats_wav import chunk, fmt, riff

from cli_files import (
    META,
    SAMPLES,
    THREE,
    failing,
    lines,
    noise,
    ok,
    process,
    tree,
    wav,
    write_encoded,
    write_wav,
)
from n1codec import Writer, container, formats
from n1codec.formats import write


@pytest.fixture
def probe(tmp_path: Path) -> Path:
    """An encoded SpikeGLX recording of 2,000 samples x 3 channels in several chunks."""
    return write_encoded(tmp_path)


KINDS = ("wav", "npy", "raw", "spikeglx", "n1c")


def make(kind: str, folder: Path, samples: Any) -> tuple[Path, tuple[str, ...]]:
    """Write samples as a file of some kind, and return what describes it."""
    folder.mkdir()
    name = {"wav": "a.wav", "npy": "a.npy", "raw": "a.raw", "spikeglx": "a.bin", "n1c": "a.n1c"}[kind]
    path = folder / name
    if kind == "wav":
        path.write_bytes(wav(samples, 20000))
    elif kind == "npy":
        np.save(path, np.asfortranarray(samples))
    elif kind == "n1c":
        with Writer(path, dtype="<i2", rate=20000.0, channels=3) as writer:
            writer.append(samples)
    else:
        path.write_bytes(samples.tobytes())
    if kind == "spikeglx":
        path.with_suffix(".meta").write_text(META.format(size=samples.nbytes).replace("30000", "20000"))
    return path, THREE if kind == "raw" else ("--rate", "20000") if kind == "npy" else ()


@pytest.mark.parametrize("target", KINDS)
@pytest.mark.parametrize("source", KINDS)
def test_convert_keeps_every_sample(
    source: str, target: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, described = make(source, tmp_path / "in", SAMPLES)
    ok("convert", path, "--to", target, "-o", f"{tmp_path}/out/", *described)
    assert lines(capsys)[0].endswith("verified")
    expected = ["a.bin", "a.meta"] if target == "spikeglx" else [f"a.{target}"]
    if target == "n1c" and source != "n1c":
        expected = [f"{path.name}.n1c"]
    assert list(tree(tmp_path / "out")) == expected
    result = tmp_path / "out" / expected[0]
    if target == "n1c":
        with container.open(result) as recording:
            assert recording.rate == 20000.0
            np.testing.assert_array_equal(recording[:], SAMPLES)
        return
    given: dict[str, Any] = {"dtype": "int16", "channels": 3} if target == "raw" else {}
    again = formats.read(result, **given, rate=20000)
    assert again.rate == 20000.0
    np.testing.assert_array_equal(again.samples, SAMPLES)
    if (source, target) == ("spikeglx", "spikeglx"):
        assert "userNotes=with care" in (tmp_path / "out/a.meta").read_text()


def test_convert_takes_folders_and_pipes(probe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_wav(tmp_path / "more/b.wav")
    assert failing("convert", tmp_path, "--to", "npy", "-o", tmp_path / "out") == 2  # run.ap.bin and its .n1c
    (tmp_path / "run.ap.bin").unlink()
    lines(capsys)
    ok("convert", tmp_path, "--to", "npy", "-o", tmp_path / "out")
    assert list(tree(tmp_path / "out")) == ["more/b.npy", "run.ap.npy"]
    done = process(["convert", "-", "--to", "wav", "-o", "-", "-q"], probe.read_bytes())
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.endswith(SAMPLES.tobytes())


def test_convert_encodes_anew_and_keeps_the_rest(probe: Path, tmp_path: Path) -> None:
    ok("convert", probe, "-c", "bz2", "-o", tmp_path / "b.n1c")
    with container.open(probe) as old, container.open(tmp_path / "b.n1c") as new:
        assert new.spec == "bz2"
        assert (new.metadata, new.channel_names, new.sidecars) == (old.metadata, old.channel_names, old.sidecars)
    ok("decode", tmp_path / "b.n1c", "-o", tmp_path / "again.bin")
    assert (tmp_path / "again.bin").read_bytes() == SAMPLES.tobytes()
    assert (tmp_path / "again.meta").read_bytes() == (tmp_path / "run.ap.meta").read_bytes()


@pytest.mark.parametrize(
    ("dtype", "channels", "rate", "target", "reason"),
    [
        ("uint16", 2, "1000", "wav", "hold uint8, int16, int32, float32, float64, not uint16"),
        ("int8", 1, "1000", "wav", "not int8"),
        ("int16", 2, "1000.5", "wav", "whole number of Hz"),
        ("int32", 20000, "1000", "wav", "too many for WAV"),
        ("int32", 2, "1000", "spikeglx", "hold int16, not int32"),
    ],
)
def test_convert_refuses_what_would_not_be_exact(
    dtype: str, channels: int, rate: str, target: str, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "a.raw"
    source.write_bytes(np.zeros(channels * 3, dtype).tobytes())
    options = ("--dtype", dtype, "--channels", str(channels), "--rate", rate)
    assert failing("convert", source, "--to", target, *options) == 1
    (line,) = lines(capsys)
    assert reason in line
    assert list(tree(tmp_path)) == ["a.raw"]


def test_convert_verifies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_wav(tmp_path / "a.wav")
    original = write.write

    def wrong(handle: Any, *arguments: Any) -> int:
        size = original(handle, *arguments)
        handle.seek(-1, os.SEEK_END)
        handle.write(b"\x7f")
        return size

    monkeypatch.setattr(write, "write", wrong)
    assert failing("convert", source, "-o", tmp_path / "a.npy") == 1
    assert "a.npy: reads back differently within samples" in lines(capsys)[0]
    assert list(tree(tmp_path)) == ["a.wav"]


def test_a_rate_can_be_stated_anew(tmp_path: Path) -> None:
    source = write_wav(tmp_path / "a.wav")
    ok("convert", source, "--rate", "20000", "-o", tmp_path / "b.wav")
    assert formats.read(tmp_path / "b.wav").rate == 20000.0


def test_wav_files_beyond_4_gb_are_rf64(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "wav_head", lambda *_: None)
    ok("convert", write_wav(tmp_path / "a.wav"), "-o", tmp_path / "b.wav")
    data = (tmp_path / "b.wav").read_bytes()
    assert data[:4] == b"RF64"
    assert formats.read(tmp_path / "b.wav").samples.tolist() == noise(3001).tolist()


def test_24_bits_become_32(tmp_path: Path) -> None:
    source = write_wav(tmp_path / "a.wav", riff(fmt(bits=24), chunk(b"data", b"\xff\xff\xff\0\0\x80")))
    ok("convert", source, "-o", tmp_path / "a.npy")
    assert np.load(tmp_path / "a.npy").tolist() == [-1, -(1 << 23)]
