"""Promises of the firmware: one C file a profile that needs nothing and writes the library's packets, bit for bit."""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from conftest import ROOT, SHARED
from n1codec import formats
from n1codec.stream import NLINK, Converter, Encoder, recognise

pytestmark = pytest.mark.skipif(not shutil.which("cc"), reason="no C compiler: the firmware is NOT compiled here")
STRICT = (
    "-std=c11",
    "-ffreestanding",
    "-fno-unwind-tables",
    "-fno-asynchronous-unwind-tables",
    "-Wall",
    "-Wextra",
    "-Werror",
)
COMPILERS = {
    "cc": (),
    "clang": (),
    "arm-none-eabi-gcc": ("-mcpu=cortex-m4", "-mthumb"),
    "riscv64-unknown-elf-gcc": ("-march=rv32imc", "-mabi=ilp32"),
}
WORDS = 16


@pytest.fixture(scope="session")
def firmware(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("firmware")
    subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "make_firmware.py"), str(folder)], check=True, stdout=subprocess.DEVNULL
    )
    return folder


@pytest.mark.parametrize("effort", ["-O2", "-Os"])
@pytest.mark.parametrize("profile", ["lite", "full"])
@pytest.mark.parametrize("compiler", COMPILERS)
def test_it_compiles_without_a_warning_and_needs_nothing(
    firmware: Path, compiler: str, profile: str, effort: str, tmp_path: Path
) -> None:
    if not shutil.which(compiler):
        pytest.skip(f"no {compiler}: the firmware is NOT compiled with it here")
    out = tmp_path / "n1.o"
    subprocess.run(
        [compiler, *COMPILERS[compiler], *STRICT, effort, "-c", str(firmware / f"n1_{profile}.c"), "-o", str(out)],
        check=True,
    )
    tool = shutil.which(compiler.replace("gcc", "nm")) if compiler.endswith("gcc") else shutil.which("nm")
    assert tool
    names = subprocess.run([tool, str(out)], check=True, capture_output=True, text=True).stdout
    assert not re.findall(r" [UBbDdC] (\w+)", names), "it calls something or writes to what is not the caller's"
    shown = {f"n1_{profile}_{name}" for name in ("encode", "encoder_init", "encoder_size", "room")}
    assert set(re.findall(r" [TR] (\w+)", names)) == shown


class Firmware:
    """The encoder of a profile, compiled for this machine."""

    def __init__(self, folder: Path, encoder: Encoder, converter: Converter, dtype: str, frames: int) -> None:
        profile = encoder.settings.profile
        out = folder / f"{profile}.so"
        if not out.exists():
            subprocess.run(
                ["cc", *STRICT, "-O1", "-fPIC", "-shared", str(folder / f"n1_{profile}.c"), "-o", str(out)], check=True
            )
        self.library, self.name = ctypes.CDLL(str(out)), f"n1_{profile}_"
        settings, channels = encoder.settings, encoder.settings.channels
        from n1codec import _core

        table = _core.crc32c(converter.widths) if converter.widths else 0
        words = [encoder.session, channels, frames, 2 if channels > 1 else 1, round(settings.rate * 1000)]
        words += [
            int(profile == "full"),
            ["int8", "uint8", "int16", "uint16"].index(dtype),
            converter.kind,
            converter.first & 0xFFFFFFFF,
        ]
        words += [
            converter.stride,
            converter.codes,
            converter.shift,
            converter.centre,
            converter.spread,
            converter.usual,
            table,
        ]
        self.format = (ctypes.c_uint32 * WORDS)(*words)
        size = self.call("encoder_size", self.format)
        self.room = self.call("room", self.format)
        assert size
        assert self.room
        self.memory = np.zeros(size // 8 + 1, np.uint64)
        self.packet = np.full(self.room + 16, 0xEE, np.uint8)
        self.encoder = ctypes.c_void_p()
        widths = converter.widths or None
        given = (
            ctypes.c_void_p(self.memory.ctypes.data),
            ctypes.c_size_t(size),
            self.format,
            widths,
            ctypes.c_uint64(0),
        )
        assert self.call("encoder_init", *given, ctypes.byref(self.encoder)) == 0

    def call(self, name: str, *given: Any) -> int:
        function = getattr(self.library, self.name + name)
        function.restype = ctypes.c_size_t if name in ("encoder_size", "room") else ctypes.c_int
        return int(function(*given))

    def encode(self, codes: NDArray[np.integer[Any]], flags: int) -> bytes:
        told = np.ascontiguousarray(codes, np.uint16)
        size = ctypes.c_size_t()
        given = (self.encoder, told.ctypes.data_as(ctypes.c_void_p), ctypes.c_size_t(len(told)), flags)
        to = (ctypes.c_void_p(self.packet.ctypes.data), ctypes.c_size_t(self.room), ctypes.byref(size))
        assert self.call("encode", *given, *to) == 0
        assert (self.packet[self.room :] == 0xEE).all()
        return self.packet[: size.value].tobytes()


def compare(
    folder: Path, samples: NDArray[Any], codes: NDArray[Any], profile: str, frames: int, converter: Converter
) -> int:
    """Hold every packet against the library's; return how many were stored."""
    encoder = Encoder(samples.shape[1], 20_000, profile, frames, converter=converter)
    packets = [each for each in encoder.encode(samples) + encoder.flush() if each[0] >> 4 == 9]
    made = Firmware(folder, encoder, converter, samples.dtype.name, frames)
    for n, wanted in enumerate(packets):
        assert made.encode(codes[n * frames : (n + 1) * frames], wanted[0] & 3) == wanted, f"packet {n}"
    return sum(bool(packet[0] & 4) for packet in packets)


def nlink(codes: NDArray[Any]) -> NDArray[np.int16]:
    return np.trunc((codes.astype(np.int64) * 65535 - 32768 * 1023) / 1023).astype(np.int16)


def wandering(frames: int, channels: int, codes: int) -> NDArray[np.int64]:
    """Return walks with noise, and where they jump all at once."""
    rng = np.random.default_rng(channels)
    walk = np.cumsum(rng.normal(0, 2, (frames, channels)), 0) + rng.normal(0, 5, (frames, channels)) + codes // 2
    found = np.clip(np.rint(walk), 0, codes - 1).astype(np.int64)
    found[60:80] = rng.integers(0, codes, (20, channels))
    found[100:120:2] = codes - 1
    return found


@pytest.mark.parametrize("frames", [1, 5, 20])
@pytest.mark.parametrize("channels", [1, 7])
@pytest.mark.parametrize("profile", ["lite", "full"])
def test_packets_are_those_of_the_library(firmware: Path, profile: str, channels: int, frames: int) -> None:
    codes = wandering(803, channels, 1024)
    assert compare(firmware, nlink(codes), codes, profile, frames, NLINK) > 0


@pytest.mark.parametrize("profile", ["lite", "full"])
def test_packets_of_even_and_of_learned_codes_are_those_of_the_library(firmware: Path, profile: str) -> None:
    codes = wandering(400, 9, 4096)
    even = Converter(first=-2048, codes=4096, centre=2048 * 64, spread=40, shift=13)
    compare(firmware, (codes - 2048).astype(np.int16), codes, profile, 5, even)
    uneven = np.cumsum(1 + np.arange(4096) % 3 // 2 + (np.arange(4096) % 7 == 0)) % 4096
    learned = recognise((uneven[codes] % 300).astype(np.int16), learn=True)
    samples = (uneven[codes] % 300).astype(np.int16)
    if learned.kind == 2:
        compare(firmware, samples, samples - learned.first, profile, 5, learned)


@pytest.mark.skipif(
    not SHARED.is_dir(), reason="the recordings are not here: firmware is compared on synthetic samples alone"
)
@pytest.mark.parametrize("profile", ["lite", "full"])
def test_packets_of_real_samples_are_those_of_the_library(firmware: Path, profile: str) -> None:
    files = sorted((SHARED / "neuralink").glob("*.wav"))[::10]
    samples = np.stack([formats.read(path).samples.reshape(-1)[:2000] for path in files], 1)
    codes = (samples.astype(np.int64) + 32768) * 1023 + 32768 >> 16
    assert compare(firmware, samples, codes, profile, 5, NLINK) == 0


def test_it_refuses_what_is_outside_its_limits(firmware: Path) -> None:
    encoder = Encoder(4, 20_000, "lite", 5, converter=NLINK)
    made = Firmware(firmware, encoder, NLINK, "int16", 5)
    for at, value in ((1, 0), (1, 5000), (2, 21), (3, 3), (5, 1), (7, 3), (11, 25), (13, 64)):
        wrong = (ctypes.c_uint32 * WORDS)(*made.format)
        wrong[at] = value
        assert made.call("encoder_size", wrong) == 0
        assert made.call("room", wrong) == 0
    codes = np.zeros((5, 4), np.uint16)
    size = ctypes.c_size_t()
    place = (ctypes.c_void_p(made.packet.ctypes.data), ctypes.c_size_t(made.room - 1), ctypes.byref(size))
    assert made.call("encode", made.encoder, codes.ctypes.data_as(ctypes.c_void_p), ctypes.c_size_t(5), 0, *place) != 0
