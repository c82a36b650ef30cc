"""Promise: files of floats, wide integers and truth values come back byte for byte, through Python and the command line."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_formats_wav import FLOAT_GUID, LIST, chunk, extensible, fmt, riff, rifx
from typer.testing import CliRunner

import n1codec
from arrays import other_patterns, same
from n1codec import formats
from n1codec.cli.app import app
from n1codec.codec import Samples
from n1codec.container import decode_file, encode_file

RNG = np.random.default_rng(4)
CODES = RNG.integers(-40, 41, (3000, 2)).cumsum(axis=0)
ODD = np.array([0.0, -0.0, np.nan, -np.inf, 1e-40, 1.5], "<f4")
GAINS = (CODES * 0.195).astype("<f4")
PAYLOADS = np.array([0x7F800001, 0xFFC12345, 0x80000000, 1, 0x7F7FFFFF] * 8, "<u4").view("<f4")

WAVS: dict[str, bytes] = {
    "float32": riff(fmt(tag=3, bits=32), chunk(b"data", GAINS[:, 0].tobytes())),
    "float32, two channels": riff(fmt(tag=3, bits=32, channels=2), chunk(b"data", GAINS.tobytes())),
    "float64": riff(fmt(tag=3, bits=64), chunk(b"data", (CODES[:, 0] * 0.1).astype("<f8").tobytes())),
    "with fact and LIST": riff(
        fmt(tag=3, bits=32, more=b"\0\0"), chunk(b"fact", struct.pack("<I", 6)), chunk(b"data", ODD.tobytes()), LIST
    ),
    "extensible float32": riff(extensible(32, guid=FLOAT_GUID), chunk(b"data", ODD.tobytes())),
    "extensible float64": riff(extensible(64, guid=FLOAT_GUID), chunk(b"data", np.ones(5).tobytes())),
    "big-endian": rifx(struct.pack(">HHIIHH", 3, 1, 9, 36, 4, 32), GAINS[:, 0].astype(">f4").tobytes()),
    "NaNs with payloads": riff(fmt(tag=3, bits=32), chunk(b"data", PAYLOADS.tobytes())),
    "no samples": riff(fmt(tag=3, bits=32), chunk(b"data", b"")),
    "half a sample more": riff(fmt(tag=3, bits=32), chunk(b"data", ODD.tobytes() + b"\1\2")),
}


def npy(samples: Samples) -> bytes:
    file = io.BytesIO()
    np.save(file, samples)
    return file.getvalue()


@pytest.mark.filterwarnings("ignore::n1codec.errors.DamageWarning")
@pytest.mark.parametrize("content", WAVS.values(), ids=WAVS)
def test_a_wav_of_floats_comes_back_byte_for_byte(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    report = encode_file(tmp_path / "a.wav", tmp_path / "a.n1c")
    assert report.ratio > 0
    decode_file(tmp_path / "a.n1c", tmp_path / "again.wav")
    assert (tmp_path / "again.wav").read_bytes() == content


def test_samples_of_a_float_wav_are_what_it_holds(tmp_path: Path) -> None:
    for name, expected in (("float32, two channels", GAINS), ("extensible float32", ODD), ("big-endian", GAINS[:, 0])):
        (tmp_path / "a.wav").write_bytes(WAVS[name])
        read = formats.read(tmp_path / "a.wav").samples
        assert read.dtype == expected.dtype.newbyteorder(">" if name == "big-endian" else "<")
        assert read.astype("<f4").tobytes() == expected.tobytes()


@pytest.mark.parametrize("dtype", ["<f2", "<f4", ">f4", "<f8", ">f8", "<i8", ">u8", "?"])
def test_npy_and_raw_files_come_back_byte_for_byte(tmp_path: Path, dtype: str) -> None:
    for what, samples in other_patterns(np.dtype(dtype), (500, 3)):
        options: dict[str, Any] = {"rate": 1000}
        for name, content in (
            ("a.npy", npy(samples)),
            ("b.npy", npy(np.asfortranarray(samples))),
            ("c.raw", samples.tobytes()),
        ):
            path = tmp_path / name
            path.write_bytes(content)
            given = {**options, "dtype": dtype, "channels": 3} if path.suffix == ".raw" else options
            encode_file(path, tmp_path / "a.n1c", overwrite=True, chunk_seconds=0.2, **given)
            decode_file(tmp_path / "a.n1c", tmp_path / "again", overwrite=True)
            assert (tmp_path / "again").read_bytes() == content, f"{what}: {name}"


@pytest.mark.parametrize("dtype", ["<f4", ">f8", "<u8", "?"])
def test_a_writer_takes_every_type_and_a_reader_slices_it(tmp_path: Path, dtype: str) -> None:
    for what, samples in other_patterns(np.dtype(dtype), (900, 4)):
        path = tmp_path / "a.n1c"
        with n1codec.Writer(
            path, dtype=dtype, rate=100, channels=4, chunk_frames=256, bundle_channels=3, overwrite=True
        ) as writer:
            for at in range(0, 900, 70):
                writer.append(samples[at : at + 70])
        with n1codec.open(path) as recording:
            assert recording.dtype == np.dtype(dtype)
            assert recording.spec.startswith("integers+")
            assert same(recording[200:700, 2], samples[200:700, 2]), what
            assert same(np.asarray(recording), samples), what


def test_a_file_of_floats_is_continued(tmp_path: Path) -> None:
    path = tmp_path / "a.n1c"
    with n1codec.Writer(path, dtype="f4", rate=100, channels=2, codec="n1:level=1", atomic=False) as writer:
        writer.append(GAINS[:1000])
    with n1codec.Writer.reopen(path, codec="n1:level=1") as writer:
        writer.append(GAINS[1000:])
    with n1codec.open(path) as recording:
        assert recording[:].tobytes() == GAINS.tobytes()


def test_lost_floats_are_filled_with_what_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.n1c"
    with n1codec.Writer(path, dtype="f4", rate=100, channels=2, chunk_frames=1000) as writer:
        writer.append(GAINS)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with n1codec.open(path) as recording:
        for fill in (np.nan, 0.5, -np.inf, 3):
            read = recording.read(fill=fill)
            lost = read[1000:2000]
            assert np.isnan(lost).all() if fill is np.nan else (lost == fill).all()
            assert read[:1000].tobytes() == GAINS[:1000].tobytes()
        for bad in ("nan", 3j, [1.0]):
            with pytest.raises(n1codec.ParameterError):
                recording.read(fill=bad)  # type: ignore[arg-type]


def run(*arguments: object) -> str:
    done = CliRunner().invoke(app(), [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.output
    return done.output


def test_the_command_line_takes_floats_all_the_way(tmp_path: Path) -> None:
    raw, coded, wav = tmp_path / "a.raw", tmp_path / "a.n1c", tmp_path / "b.wav"
    raw.write_bytes(GAINS.tobytes())
    run("encode", raw, "--dtype", "float32", "--channels", 2, "--rate", 1000, "-o", coded, "-q")
    assert "float32" in run("info", coded)
    assert "integers+n1" in run("info", coded)
    run("test", coded)
    run("decode", coded, "-o", tmp_path / "back.raw", "-q")
    assert (tmp_path / "back.raw").read_bytes() == GAINS.tobytes()
    lines = run("cat", coded, "--as", "text", "--stop", "0.003").splitlines()
    assert [np.float32(text) for text in lines[1].split("\t")] == GAINS[1].tolist()
    assert all(len(text) < 10 for text in lines[1].split("\t")), "floats of 4 bytes have the digits that they need"
    run("convert", coded, "-o", wav, "-q")
    assert formats.read(wav).samples.tobytes() == GAINS.tobytes()
    run("convert", coded, "-o", tmp_path / "c.npy", "-q")
    assert np.load(tmp_path / "c.npy").tobytes() == GAINS.tobytes()
    run("convert", wav, "-o", tmp_path / "d.n1c", "-c", "lattice+flac", "-q")
    assert "integers+lattice+flac" in run("info", tmp_path / "d.n1c")


def test_converted_wavs_of_floats_are_read_by_others(tmp_path: Path) -> None:
    soundfile = pytest.importorskip("soundfile")
    for dtype in ("float32", "float64"):
        samples = (CODES * 0.195).astype(dtype)
        np.save(tmp_path / "a.npy", samples)
        run("convert", tmp_path / "a.npy", "--rate", 1000, "-o", tmp_path / "a.wav", "-f", "-q")
        assert soundfile.read(tmp_path / "a.wav", dtype=dtype)[0].tobytes() == samples.tobytes()


def test_bench_measures_floats_and_finds_them_lossless(tmp_path: Path) -> None:
    gaps = GAINS.copy()
    gaps[100:200] = np.nan
    np.save(tmp_path / "a.npy", gaps)
    out = tmp_path / "out.json"
    run(
        "bench",
        tmp_path / "a.npy",
        "--rate",
        1000,
        "-c",
        "n1:level=1",
        "-c",
        "byteshuffle+zlib",
        "--repeat",
        1,
        "--json",
        out,
    )
    text = out.read_text()
    assert '"lossless": true' in text
    assert '"lossless": false' not in text
    assert "not exact" not in text
