#!/usr/bin/env python3
"""Encode and decode all files of a folder with the two programs, compare byte for byte, and print the total ratio.

``python challenge/evaluate.py FOLDER [--programs build/challenge] [--jobs N] [--level 1..9]``; needs Python alone. Exit code 1
if a program fails or a file comes back different.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

TIMEOUT = 3600


class Result(NamedTuple):
    """One file: sizes in bytes, seconds of each program, and what was wrong, if anything."""

    raw: int
    coded: int
    encode_s: float
    decode_s: float
    error: str


def call(command: list[str]) -> tuple[float, str]:
    """Run a program; return its seconds and what was wrong."""
    begun = time.perf_counter()
    try:
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT, check=False)
    except (OSError, subprocess.TimeoutExpired) as failure:
        return time.perf_counter() - begun, str(failure)
    error = (
        "" if done.returncode == 0 else f"exit code {done.returncode}: {done.stderr.decode(errors='replace').strip()}"
    )
    return time.perf_counter() - begun, error


def evaluate(path: Path, programs: Path, options: list[str]) -> Result:
    """Encode, decode and compare one file."""
    raw = path.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        coded, again = Path(folder) / "coded", Path(folder) / "again"
        encode_s, error = call([str(programs / "encode"), *options, str(path), str(coded)])
        if error:
            return Result(len(raw), 0, encode_s, 0.0, f"encode: {error}")
        size = coded.stat().st_size
        decode_s, error = call([str(programs / "decode"), str(coded), str(again)])
        if error:
            return Result(len(raw), size, encode_s, decode_s, f"decode: {error}")
        same = again.read_bytes() == raw
    return Result(len(raw), size, encode_s, decode_s, "" if same else "comes back different")


def show(text: str) -> None:
    """Print progress over the last one, where somebody watches."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def report(results: list[Result], programs: Path) -> None:
    """Print the totals."""
    raw, coded = sum(result.raw for result in results), sum(result.coded for result in results)
    sizes = {name: (programs / name).stat().st_size for name in ("encode", "decode")}
    both = coded + sum(sizes.values())
    print(f"{len(results)} files, all restored byte for byte")
    print(f"original    {raw:>12,} bytes")
    print(f"encoded     {coded:>12,} bytes   ratio {raw / coded:.4f}")
    print(f"encode      {sizes['encode']:>12,} bytes")
    print(f"decode      {sizes['decode']:>12,} bytes")
    print(f"everything  {both:>12,} bytes   ratio {raw / both:.4f} with both programs counted")
    for name, seconds in (("encode", [r.encode_s for r in results]), ("decode", [r.decode_s for r in results])):
        print(f"{name} took {sum(seconds):.1f} s, {raw / sum(seconds) / 1e6:.1f} MB/s of one process, starts included")


def main() -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--programs", type=Path, default=Path(__file__).resolve().parents[1] / "build" / "challenge")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--level", type=int, choices=range(1, 10))
    options = parser.parse_args()
    files = [path for path in sorted(options.folder.rglob("*.wav")) if path.is_file()]
    if not files:
        print(f"{options.folder}: no .wav file in it", file=sys.stderr)
        return 1
    level = [f"-{options.level}"] if options.level else []
    results, failed = [], 0
    with ThreadPoolExecutor(max(1, options.jobs)) as pool:
        each = pool.map(lambda path: evaluate(path, options.programs.resolve(), level), files)
        for done, (path, result) in enumerate(zip(files, each, strict=True), 1):
            results.append(result)
            if result.error:
                failed += 1
                print(f"{path}: {result.error}", file=sys.stderr)
            show(f"{done} of {len(files)} files")
    show("")
    if failed:
        print(f"{failed} of {len(files)} files failed", file=sys.stderr)
        return 1
    report(results, options.programs.resolve())
    return 0


if __name__ == "__main__":
    sys.exit(main())
