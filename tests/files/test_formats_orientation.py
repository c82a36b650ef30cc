"""Promises: channels that come first are read so and come back so; an array that looks like it is told, a real one never."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import n1codec
from cli_files import failing, lines, ok
from n1codec import FormatError, ShapeWarning, container, formats, orientation, synth

FIRST = np.cumsum(np.random.default_rng(0).integers(-9, 10, (4, 20_000)), axis=1).astype("<i2")
"""Four channels, channels first."""
RNG = np.random.default_rng(1)
OFFSETS = RNG.integers(-2000, 2000, 65_536)


def electrodes(frames: int, channels: int) -> Any:
    """Return what that many electrodes measure: each has its offset, and noise."""
    return (OFFSETS[:channels] + RNG.integers(-20, 20, (frames, channels))).astype("<i2")


LEGITIMATE = {
    "a frame of a probe": electrodes(1, 384),
    "a frame of a wide array": electrodes(1, 65_536),
    "a packet of a probe": electrodes(4, 384),
    "a packet of a probe that shares its noise": (
        RNG.integers(-500, 500, (4, 1)) + RNG.integers(-2, 3, (4, 384))
    ).astype("<i2"),
    "a packet of the N1": electrodes(30, 1024),
    "noise of the N1": RNG.integers(-20, 20, (2, 1024)).astype("<i2"),
    "a packet of a dense array": electrodes(30, 4096),
    "noise of a dense array": RNG.integers(-20, 20, (16, 4096)).astype("<i2"),
    "a packet of the widest array": electrodes(10, 65_536),
    "silence": np.zeros((4, 20_000), "<i2"),
    "a recording of a millisecond": electrodes(30, 384),
    "a long recording": electrodes(5000, 64),
    "no frames": np.zeros((0, 5000), "<i2"),
}

FIRST_CHANNELS = {
    "four channels": FIRST,
    "two channels of 5,000 samples": FIRST[:2, :5000],
    "white noise": RNG.integers(-500, 500, (4, 20_000)).astype("<i2"),
    "a probe": np.cumsum(RNG.integers(-9, 10, (384, 4000)), axis=1).astype("<i2"),
    "bytes": FIRST.astype("i1"),
    "big-endian": FIRST.astype(">i4"),
    "Fortran order": np.asfortranarray(FIRST),
    "like the N1's": np.ascontiguousarray(synth.recording(0.5, channels=4, seed=0).T),
}


@pytest.mark.parametrize("array", LEGITIMATE.values(), ids=LEGITIMATE)
def test_real_arrays_are_never_doubted(array: Any, tmp_path: Path) -> None:
    n1codec.get("store").encode(array)  # a warning would be an error here
    np.save(tmp_path / "a.npy", array)
    formats.read(tmp_path / "a.npy", rate=1)


@pytest.mark.parametrize("array", FIRST_CHANNELS.values(), ids=FIRST_CHANNELS)
def test_arrays_with_channels_first_are_told_once_with_the_fix(array: Any, tmp_path: Path) -> None:
    with pytest.warns(ShapeWarning, match=r"give its transpose: the shape is \(n_samples, n_channels\)") as warned:
        n1codec.get("store").encode(array)
    assert len(warned) == 1
    assert warned[0].filename == __file__
    n1codec.get("store").encode(array.T)
    np.save(tmp_path / "a.npy", array)
    with pytest.warns(ShapeWarning, match="--channels-first .in Python, channels_first=True") as warned:
        recording = formats.read(tmp_path / "a.npy", rate=1)
    assert len(warned) == 1
    assert warned[0].filename == __file__
    np.testing.assert_array_equal(recording.samples, array)
    assert formats.rebuild(recording.restore, recording.samples) == (tmp_path / "a.npy").read_bytes()


def test_more_channels_than_any_frame_holds_are_refused_with_the_fix(tmp_path: Path) -> None:
    wide = np.zeros((4, 70_000), "<i2")
    np.save(tmp_path / "a.npy", wide)
    with pytest.raises(FormatError, match="--channels-first"):
        formats.read(tmp_path / "a.npy", rate=1)
    assert formats.read(tmp_path / "a.npy", rate=1, channels_first=True).samples.shape == (70_000, 4)
    with pytest.raises(n1codec.LimitError, match="n_samples, n_channels"):
        n1codec.get("store").encode(wide)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["<i2", ">i2", "u1", "<i4"])
@pytest.mark.parametrize("shape", [(4, 3000), (1, 500), (3, 0), (7,)])
def test_npy_with_channels_first_comes_back(tmp_path: Path, order: Any, dtype: str, shape: tuple[int, ...]) -> None:
    array = np.asarray(np.resize(FIRST, shape).astype(dtype), order=order)
    np.save(tmp_path / "a.npy", array)
    content = (tmp_path / "a.npy").read_bytes()
    recording = formats.read(tmp_path / "a.npy", rate=1, channels_first=True)
    np.testing.assert_array_equal(recording.samples, array.T)
    assert formats.rebuild(recording.restore, recording.samples) == content
    with formats.open_recording(tmp_path / "a.npy", rate=1, channels_first=True) as opened:
        half = opened.shape[0] // 2
        np.testing.assert_array_equal(opened.read(half, opened.shape[0]), array.T[half:])
    container.encode_file(tmp_path / "a.npy", tmp_path / "a.n1c", rate=1000, channels_first=True)
    container.decode_file(tmp_path / "a.n1c", tmp_path / "b.npy")
    assert (tmp_path / "b.npy").read_bytes() == content


@pytest.mark.parametrize("leftover", [b"", b"abc"])
def test_headerless_files_with_channels_first_come_back(
    tmp_path: Path, leftover: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.raw"
    path.write_bytes(FIRST.tobytes() + leftover)
    options = ("--dtype", "int16", "--channels", "4", "--rate", "30000", "--channels-first")
    ok("encode", path, *options)
    said = lines(capsys)
    assert len(said) == (2 if leftover else 1)
    assert not leftover or "no multiple of 4 channels" in said[0]
    with n1codec.open(tmp_path / "a.raw.n1c") as recording:
        np.testing.assert_array_equal(recording[:], FIRST.T)
    ok("decode", "-qf", tmp_path / "a.raw.n1c")
    assert path.read_bytes() == FIRST.tobytes() + leftover


def test_every_command_takes_channels_first_and_tells_of_it_otherwise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = FIRST[:, :1200]
    np.save(tmp_path / "a.npy", first)
    name = str(tmp_path / "a.npy")
    commands = {
        "encode": ["encode", "-f", "-1", name],
        "convert": ["convert", "-f", name, "-o", str(tmp_path / "b.raw")],
        "cat": ["cat", "-f", name, "-o", str(tmp_path / "c.raw")],
        "analyze": ["analyze", name, "--json", str(tmp_path / "a.json")],
        "bench": ["bench", name, "-c", "store", "--repeat", "1", "--json", str(tmp_path / "b.json")],
    }
    for command in commands.values():
        for more in ([], ["--channels-first"]):
            ok(*command, "--rate", "30000", *more)
            told = [line for line in capsys.readouterr().err.splitlines() if "channels-first" in line]
            assert len(told) == (not more), command
            assert all(line.startswith(f"{name}: shape (4, 1200) is read as 4 samples") for line in told)
    np.testing.assert_array_equal(np.fromfile(tmp_path / "b.raw", "<i2").reshape(-1, 4), first.T)
    assert (tmp_path / "b.raw").read_bytes() == (tmp_path / "c.raw").read_bytes()


def test_files_that_are_frame_after_frame_refuse_channels_first(tmp_path: Path) -> None:
    ok("convert", "-q", _npy(tmp_path), "--rate", "30000", "--channels-first", "-o", tmp_path / "a.wav")
    assert failing("encode", tmp_path / "a.wav", "--channels-first") == 1


def test_values_decide_where_the_shape_does_not() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert orientation.looks_channels_first((4, 2000), FIRST[:, :2000])
        assert not orientation.looks_channels_first((4, 2000), electrodes(4, 2000))
        assert not orientation.looks_channels_first((1, 60_000), electrodes(1, 60_000))
        assert orientation.looks_channels_first((1, 70_000), np.zeros((1, 70_000)))


def _npy(folder: Path) -> Path:
    np.save(folder / "a.npy", FIRST)
    return folder / "a.npy"
