"""Compilers and targets: which there are, and what they make of a codec."""

from __future__ import annotations

import ctypes
import functools
import importlib.util
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
FIRMWARE: Final = ROOT / "build" / "firmware"
REFERENCE: Final = ROOT / "firmware" / "reference"
CODECS: Final = ("raw", "rice", "lpc", "lite", "full")
COMMON: Final = (
    "-std=c11",
    "-ffreestanding",
    "-fno-unwind-tables",
    "-fno-asynchronous-unwind-tables",
    "-Wall",
    "-Wextra",
    "-Werror",
)


@dataclass(frozen=True)
class Build:
    """A compiler, its options and the processor it compiles for."""

    name: str
    target: str
    """"m4" or "rv32"."""
    compiler: str
    """Of which package: "arm-none-eabi-gcc", "riscv64-unknown-elf-gcc" or "zig"."""
    options: tuple[str, ...]

    def command(self) -> list[str] | None:
        """Return what to call it by; None where it is not there."""
        if self.compiler == "zig":
            return [sys.executable, "-m", "ziglang", "cc"] if importlib.util.find_spec("ziglang") else None
        found = shutil.which(self.compiler)
        return [found] if found else None

    @property
    def flags(self) -> str:
        """Return the options as one text."""
        return " ".join(self.options)

    def version(self) -> str:
        """Return the compiler's own words for what it is."""
        command = self.command()
        assert command
        first = output([*command, "--version"]).splitlines()[0]
        return f"{first}, zig {output([*command[:-1], 'version']).strip()}" if self.compiler == "zig" else first


_ZIG_M4: Final = ("-target", "thumb-freestanding-eabi", "-mcpu=cortex_m4")
_ZIG_RV32: Final = ("-target", "riscv32-freestanding-none", "-mcpu=generic_rv32+m+c")
_GCC_M4: Final = ("-mcpu=cortex-m4", "-mthumb")
_GCC_RV32: Final = ("-march=rv32imc", "-mabi=ilp32")
BUILDS: Final = (
    Build("m4-gcc-O2", "m4", "arm-none-eabi-gcc", (*_GCC_M4, "-O2")),
    Build("m4-gcc-Os", "m4", "arm-none-eabi-gcc", (*_GCC_M4, "-Os")),
    Build("m4-clang-O2", "m4", "zig", (*_ZIG_M4, "-O2")),
    Build("rv32-gcc-O2", "rv32", "riscv64-unknown-elf-gcc", (*_GCC_RV32, "-O2")),
    Build("rv32-clang-O2", "rv32", "zig", (*_ZIG_RV32, "-O2")),
)


def output(command: list[str], cwd: Path | None = None) -> str:
    """Return what a command prints; its complaints where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout or done.stderr


def source(codec: str) -> Path:
    """Return the one C file of a codec."""
    return FIRMWARE / f"n1_{codec}.c" if codec in ("lite", "full") else REFERENCE / f"{codec}.c"


def sources(codec: str) -> list[str]:
    driver = ROOT / "firmware" / "measure" / "driver.c"
    return [f"-I{FIRMWARE}", f"-I{ROOT / 'firmware'}", f"-DCODEC_{codec}", str(source(codec)), str(driver)]


def image(build: Build, codec: str, folder: Path) -> Path:
    """Link a codec with the driver, for the emulator; the codec alone lies beside it as an object."""
    command = build.command()
    assert command
    out = folder / f"{build.name}-{codec}.elf"
    script = ROOT / "firmware" / "measure" / "link.ld"
    output(
        [*command, *build.options, *COMMON, "-nostdlib", "-static", "-T", str(script), *sources(codec), "-o", str(out)],
        folder,
    )
    output(
        [
            *command,
            *build.options,
            *COMMON,
            f"-I{FIRMWARE}",
            "-c",
            str(source(codec)),
            "-o",
            str(out.with_suffix(".o")),
        ],
        folder,
    )
    return out


@functools.cache
def host(codec: str, folder: Path) -> ctypes.CDLL:
    """Return a codec with the driver, compiled for this machine."""
    out = folder / f"host-{codec}.so"
    output(["cc", "-std=c11", "-O2", "-fPIC", "-shared", *sources(codec), "-o", str(out)])
    library = ctypes.CDLL(str(out))
    for function in (library.budget_begin, library.budget_packet):
        function.restype, function.argtypes = ctypes.c_size_t, [ctypes.c_void_p]
    return library
