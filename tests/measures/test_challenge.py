"""Promises of the two programs of the compression challenge: small, alone, and they give every file back byte for byte."""

from __future__ import annotations

import os
import random
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from test_formats_wav import HOSTILE, ODDITIES, PLAIN, chunk, fmt, riff

from conftest import SHARED
from core_builds import KEPT, held
from n1codec import synth

ROOT = Path(__file__).parents[2]
MAKEFILE = ROOT / "challenge" / "Makefile"
SIZE_LIMITS = {"encode": 200_000, "decode": 130_000}
WAVS = PLAIN | ODDITIES | {name: content for name, (content, _) in HOSTILE.items()}


def n1_wav(seconds: float, seed: int = 1) -> bytes:
    samples = synth.recording(seconds=seconds, seed=seed)
    return riff(fmt(), chunk(b"data", samples.astype("<i2").tobytes()))


@pytest.fixture(scope="session")
def programs() -> Path:
    """Where the programs are, built once for all workers of a run, unless nothing has changed since another."""
    if not (shutil.which("gcc") and shutil.which("make")):
        pytest.skip("gcc and make are needed to build the programs of the challenge")
    folder = KEPT / "challenge"
    folder.parent.mkdir(parents=True, exist_ok=True)
    command = ["make", "-j2", "-C", str(MAKEFILE.parent), f"OUT={folder}", "CC=gcc", "CFLAGS=-Werror"]
    with held(folder):
        made = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert made.returncode == 0, made.stderr
    return folder


def run(*command: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    arguments = [str(part) for part in command]
    return subprocess.run(arguments, capture_output=True, text=True, timeout=120, check=False, **options)  # type: ignore[call-overload, no-any-return]


def coded(programs: Path, folder: Path, content: bytes, *options: str) -> bytes:
    (folder / "in").write_bytes(content)
    done = run(programs / "encode", *options, folder / "in", folder / "coded")
    assert (done.returncode, done.stderr) == (0, "")
    return (folder / "coded").read_bytes()


def restored(programs: Path, folder: Path) -> bytes:
    done = run(programs / "decode", folder / "coded", folder / "out")
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(path.name for path in folder.iterdir()) == ["coded", "in", "out"]
    return (folder / "out").read_bytes()


def test_the_programs_are_small_and_need_no_library(programs: Path) -> None:
    for name, limit in SIZE_LIMITS.items():
        path = programs / name
        assert path.stat().st_size < limit
        if path.read_bytes()[:4] == b"\x7fELF":
            headers = run("readelf", "-ld", path).stdout if shutil.which("readelf") else ""
            assert "INTERP" not in headers
            assert "NEEDED" not in headers


@pytest.mark.parametrize("content", WAVS.values(), ids=WAVS)
def test_every_wav_and_what_looks_like_one_comes_back(programs: Path, tmp_path: Path, content: bytes) -> None:
    assert len(coded(programs, tmp_path, content)) <= len(content) + 5
    assert restored(programs, tmp_path) == content


@pytest.mark.parametrize("size", [0, 1, 2, 11, 12, 44, 4097])
def test_any_other_file_comes_back(programs: Path, tmp_path: Path, size: int) -> None:
    content = random.Random(size).randbytes(size)
    assert len(coded(programs, tmp_path, content)) == size + 5
    assert restored(programs, tmp_path) == content


@pytest.mark.parametrize("level", range(1, 10))
def test_recordings_come_back_at_every_level(programs: Path, tmp_path: Path, level: int) -> None:
    content = n1_wav(1.0)
    assert len(content) / len(coded(programs, tmp_path, content, f"-{level}")) > 2.8
    assert restored(programs, tmp_path) == content


@pytest.mark.parametrize(("channels", "bits"), [(1, 8), (2, 16), (5, 32), (384, 16), (1025, 8), (3, 24)])
def test_samples_of_any_width_and_number_of_channels_come_back(
    programs: Path, tmp_path: Path, channels: int, bits: int
) -> None:
    rng = np.random.default_rng(channels)
    walk = np.cumsum(rng.integers(-2, 3, (700, channels)), axis=0) + 100
    body = walk.astype("<i4").view("u1").reshape(-1, 4)[:, : bits // 8].tobytes()
    content = riff(fmt(channels=channels, bits=bits), chunk(b"data", body))
    encoded = coded(programs, tmp_path, content)
    assert restored(programs, tmp_path) == content
    if bits != 24 and channels <= 1024:
        assert len(encoded) < len(content) / 1.5


def test_long_recordings_are_cut_into_chunks(programs: Path, tmp_path: Path) -> None:
    piece = synth.recording(seconds=5.0, seed=3).astype("<i2")
    samples = np.tile(piece, (1 << 22) // len(piece) + 2)
    content = riff(fmt(), chunk(b"data", samples.tobytes()))
    assert len(content) / len(coded(programs, tmp_path, content, "-1")) > 3
    assert restored(programs, tmp_path) == content


def test_the_header_of_a_recording_costs_seven_bytes(programs: Path, tmp_path: Path) -> None:
    content = n1_wav(5.0)
    plain = coded(programs, tmp_path, content)
    other = coded(programs, tmp_path, content.replace(b"\x4b\x4c\0\0", b"\x4c\x4c\0\0", 1))
    assert (
        len(other) - len(plain) == 1 + 1 + 1 + 44 + 1
    )  # channels, width, length of the head, head, length of the tail


def test_every_flipped_bit_is_noticed(programs: Path, tmp_path: Path) -> None:
    content = n1_wav(0.02)
    whole = coded(programs, tmp_path, content)
    for bit in random.Random(1).sample(range(8 * len(whole)), 200):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        (tmp_path / "coded").write_bytes(damaged)
        done = run(programs / "decode", tmp_path / "coded", tmp_path / "out")
        assert (done.returncode, done.stderr) == (1, f"{tmp_path}/coded: damaged, or not made by encode\n")
        assert not (tmp_path / "out").exists()


def test_every_truncation_is_noticed(programs: Path, tmp_path: Path) -> None:
    whole = coded(programs, tmp_path, n1_wav(0.02))
    for size in [*range(40), *range(40, len(whole), 9)]:
        (tmp_path / "coded").write_bytes(whole[:size])
        assert run(programs / "decode", tmp_path / "coded", tmp_path / "out").returncode == 1


def test_a_number_that_is_too_long_is_noticed(programs: Path, tmp_path: Path) -> None:
    """The checksum is that of the content, so nothing else would tell."""
    for content in (b"no recording", n1_wav(0.02)):
        whole = coded(programs, tmp_path, content)
        end = next(at for at, byte in enumerate(whole) if byte < 128)
        (tmp_path / "coded").write_bytes(whole[:end] + bytes([whole[end] | 128, 0]) + whole[end + 1 :])
        assert run(programs / "decode", tmp_path / "coded", tmp_path / "out").returncode == 1
        assert not (tmp_path / "out").exists()


def test_hostile_files_end_in_an_error_and_not_in_a_crash(programs: Path, tmp_path: Path) -> None:
    rng = random.Random(2)
    heads = [
        b"\xff" * 12,
        b"\xfe" + b"\xff" * 8 + b"\x7f",
        bytes([0x06, 1, 2, 0xFF, 0xFF, 0xFF, 0x7F]),
        b"\x03",
        b"\x01",
    ]
    for number in range(150):
        tail = rng.randbytes(rng.randrange(60))
        (tmp_path / "coded").write_bytes(heads[number % len(heads)] + tail)
        assert run(programs / "decode", tmp_path / "coded", tmp_path / "out").returncode == 1
    assert not (tmp_path / "out").exists()


def test_mistakes_are_told_apart_from_failures(programs: Path, tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b"x")
    for name in ("encode", "decode"):
        for arguments in ([], ["in"], ["-0", "in", "out"], ["in", "out", "more", "still"]):
            done = run(programs / name, *arguments)
            assert done.returncode == 2
            assert done.stderr.startswith(f"usage: {name} ")
        done = run(programs / name, tmp_path / "missing", tmp_path / "out")
        assert (done.returncode, done.stderr) == (1, f"{tmp_path}/missing: cannot be opened\n")
        done = run(programs / name, tmp_path, tmp_path / "out")
        assert (done.returncode, done.stderr) == (1, f"{tmp_path}: cannot be read\n")
    done = run(programs / "encode", tmp_path / "in", tmp_path / "no" / "out")
    assert (done.returncode, done.stderr) == (1, f"{tmp_path}/no/out: cannot be created\n")
    done = run(programs / "encode", tmp_path / "in", tmp_path)
    assert (done.returncode, done.stderr) == (1, f"{tmp_path}: is there and no regular file\n")
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_a_disk_that_is_full_leaves_the_old_file(programs: Path, tmp_path: Path) -> None:
    content = n1_wav(1.0)
    (tmp_path / "in").write_bytes(content)
    (tmp_path / "out").write_bytes(b"old")
    limited = "import resource, os, signal, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)); "
    limited += "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
    done = run(sys.executable, "-c", limited, programs / "encode", tmp_path / "in", tmp_path / "out")
    assert (done.returncode, done.stderr) == (1, f"{tmp_path}/out: cannot be written\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out"]
    assert (tmp_path / "out").read_bytes() == b"old"


def test_pipes_can_be_read_and_outputs_are_plain_files(programs: Path, tmp_path: Path) -> None:
    content = n1_wav(2.0)
    (tmp_path / "in").write_bytes(content)
    command = f"cat '{tmp_path}/in' | '{programs}/encode' /dev/stdin '{tmp_path}/coded'"
    assert run("sh", "-c", command).returncode == 0
    old = os.umask(0)
    os.umask(old)
    assert stat.S_IMODE((tmp_path / "coded").stat().st_mode) == 0o666 & ~old
    assert restored(programs, tmp_path) == content


def test_the_evaluation_counts_and_fails_on_a_difference(programs: Path, tmp_path: Path) -> None:
    data, broken = tmp_path / "data", tmp_path / "broken"
    data.mkdir()
    broken.mkdir()
    for seed in (1, 2):
        (data / f"{seed}.wav").write_bytes(n1_wav(0.3, seed))
    script = ROOT / "challenge" / "evaluate.py"
    done = run(sys.executable, script, data, "--programs", programs, "--level", "2")
    assert done.returncode == 0, done.stderr
    assert "2 files, all restored byte for byte" in done.stdout
    (broken / "encode").write_text('#!/bin/sh\nfor last; do :; done\necho x > "$last"\n')
    (broken / "decode").write_text('#!/bin/sh\necho y > "$2"\n')
    for name in ("encode", "decode"):
        (broken / name).chmod(0o755)
    done = run(sys.executable, script, data, "--programs", broken)
    assert done.returncode == 1
    assert "2 of 2 files failed" in done.stderr
    assert run(sys.executable, script, tmp_path / "broken", "--programs", programs).returncode == 1


@pytest.mark.skipif(not (SHARED / "neuralink").is_dir(), reason="the recordings of the challenge are not here")
def test_real_recordings_come_back_below_two_sevenths(programs: Path, tmp_path: Path) -> None:
    path = sorted((SHARED / "neuralink").glob("*.wav"))[7]
    content = path.read_bytes()
    assert len(coded(programs, tmp_path, content)) < len(content) * 2 / 7
    assert restored(programs, tmp_path) == content
