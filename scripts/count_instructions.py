"""Count what the kernels for aarch64 execute, in an emulator: instructions a sample, portable and NEON.

    python scripts/count_instructions.py

Needs aarch64-linux-gnu-gcc and qemu-aarch64 with plugins, version 5.2 to 8.2 (Debian: gcc-aarch64-linux-gnu
libc6-dev-arm64-cross qemu-user). It compiles the core with tests/c/count.c for aarch64, and scripts/count_instructions.c as
a plugin of the emulator. Each figure is the difference between doing a thing twice and once.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FRAMES = 16384
"""What tests/c/count.c codes."""
WORK = ((1, 32), (1, 1), (5, 1), (5, 96))
"""Levels and channels: level 1 of many channels and of one, the default of one and of a probe's bundle."""


def plugin(folder: Path) -> Path:
    """Compile the emulator's plugin."""
    made = folder / "count_instructions.so"
    source = ROOT / "scripts" / "count_instructions.c"
    subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-o", made, source], check=True)
    return made


def executed(program: Path, counter: Path, *arguments: str) -> int:
    """Return how many instructions a call of the program took."""
    command = ["qemu-aarch64", "-plugin", str(counter), "-d", "plugin", str(program), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = re.search(r"instructions: (\d+)", done.stdout + done.stderr)
    assert found, "the emulator said nothing"
    return int(found[1])


def per_sample(program: Path, counter: Path, kernel: str, level: int, channels: int, direction: str) -> float:
    """Return the instructions a sample of one encoding or decoding."""
    what = (kernel, str(level), str(channels), direction)
    twice, once = (executed(program, counter, *what, times) for times in ("2", "1"))
    return (twice - once) / (FRAMES * channels)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        program, counter = folder / "count", plugin(folder)
        sources = [ROOT / "tests/c/count.c", *sorted((ROOT / "core/src").rglob("*.c"))]
        options = ["-O3", "-static", "-std=c11", "-ffp-contract=off", "-Icore/include", "-Icore/src"]
        subprocess.run(["aarch64-linux-gnu-gcc", *options, "-o", program, *sources], check=True, cwd=ROOT)
        print("| level | channels | | portable | NEON | part |\n|---|---:|---|---:|---:|---:|")
        for level, channels in WORK:
            for direction in ("encode", "decode"):
                slow, fast = (
                    per_sample(program, counter, each, level, channels, direction) for each in ("portable", "neon")
                )
                print(f"| {level} | {channels} | {direction} | {slow:.1f} | {fast:.1f} | {fast / slow:.2f} |")


if __name__ == "__main__":
    main()
