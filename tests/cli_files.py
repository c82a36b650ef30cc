"""What the tests of the commands that work on files share."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from test_formats_wav import chunk, fmt, riff

from n1codec.cli import main

META = (
    "typeThis=imec\nimSampRate=30000\nnSavedChans=3\nsnsApLfSy=2,0,1\nfileSizeBytes={size}\n"
    "~snsChanMap=(2,32,1,1,0)(AP0;0:0)(AP1;1:1)(SY0;2:2)\nuserNotes=with care\n"
)


def noise(count: int, dtype: str = "<i2", seed: int = 0) -> Any:
    """Return integers that look a little like a recording."""
    steps = np.random.default_rng(seed).integers(-9, 10, count)
    return (np.cumsum(steps) % 2000).astype(dtype)


THREE = ("--dtype", "int16", "--channels", "3", "--rate", "20000")
"""What is said of headerless files of three channels."""
SAMPLES = noise(6000).reshape(2000, 3)
"""What `write_spikeglx` writes."""


def wav(samples: Any = None, rate: int = 19531) -> bytes:
    """Return a plain WAV of int16."""
    values = noise(3001) if samples is None else samples
    channels = 1 if values.ndim == 1 else values.shape[1]
    return riff(fmt(channels=channels, rate=rate), chunk(b"data", values.astype("<i2").tobytes()))


def write_wav(path: Path, content: bytes | None = None) -> Path:
    """Write a WAV file, with the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(wav() if content is None else content)
    return path


def write_spikeglx(folder: Path, name: str = "run.ap", frames: int = 2000) -> Path:
    """Write a SpikeGLX recording of three channels and return its .bin."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.bin"
    path.write_bytes(noise(3 * frames).tobytes())
    path.with_suffix(".meta").write_text(META.format(size=6 * frames))
    return path


def ok(*arguments: str | Path) -> None:
    """Run a command line that has to succeed."""
    assert main([str(argument) for argument in arguments]) == 0


def write_encoded(folder: Path) -> Path:
    """Write a SpikeGLX recording of `SAMPLES` and return it encoded, in several chunks."""
    ok("encode", "-q", write_spikeglx(folder), "--chunk", "0.01")
    return folder / "run.ap.bin.n1c"


def failing(*arguments: str | Path) -> int:
    """Run a command line that has to fail, and return its exit code."""
    code = main([str(argument) for argument in arguments])
    assert code != 0
    return code


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the lines on standard error; nothing may be on standard output."""
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    return err.splitlines()


def tree(folder: Path) -> dict[str, bytes]:
    """Return all files below a folder, hidden ones too."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def process(
    arguments: Sequence[str | Path], data: bytes = b"", *, env: dict[str, str] | None = None, **more: Any
) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process of its own."""
    command = [sys.executable, "-m", "n1codec", *map(str, arguments)]
    done = subprocess.run(command, input=data, capture_output=True, env=os.environ | (env or {}), timeout=60, **more)
    assert b"Traceback" not in done.stderr
    return done


def called(
    arguments: Sequence[str | Path],
    data: bytes = b"",
    *,
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
    encoding: str = "utf-8",
) -> subprocess.CompletedProcess[bytes]:
    """Run the command in this process, with pipes for its streams, and return what `process` would.

    For promises that are not about a process itself: its start and end, signals, limits. The encoding is that of the streams.
    """
    ends = [os.pipe() for _ in range(3)]
    (_, feed), (out, _), (err, _) = ends
    with contextlib.ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(3))
        stack.enter_context(patch.dict(os.environ, env or {}))
        stack.enter_context(patch.object(tempfile, "tempdir", None))  # TMPDIR is asked anew
        stack.enter_context(contextlib.chdir(cwd or Path.cwd()))
        said = [pool.submit(_drained, end) for end in (out, err)]
        pool.submit(_fed, feed, data)
        with _streams((ends[0][0], ends[1][1], ends[2][1]), encoding):
            code = main([str(argument) for argument in arguments])
        done = subprocess.CompletedProcess(arguments, code, *(each.result(60) for each in said))
    assert b"Traceback" not in done.stderr
    return done


@contextlib.contextmanager
def _streams(ends: tuple[int, int, int], encoding: str) -> Iterator[None]:
    """Make file descriptors the standard streams, as Python opens them at its start, and close them at the end."""
    before = sys.stdin, sys.stdout, sys.stderr
    for stream in before[1:]:
        stream.flush()
    kept = [os.dup(number) for number in range(3)]
    try:
        for number, end in enumerate(ends):
            os.dup2(end, number)
            os.close(end)
        sys.stdin = open(0, encoding=encoding, closefd=False)  # noqa: SIM115
        sys.stdout = open(1, "w", encoding=encoding, closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", 1, encoding, "backslashreplace", closefd=False)  # noqa: SIM115
        yield
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        sys.stdin, sys.stdout, sys.stderr = before
        for number, old in enumerate(kept):
            os.dup2(old, number)
            os.close(old)


def _fed(end: int, data: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), os.fdopen(end, "wb") as pipe:  # not all that is given need be read
        pipe.write(data)


def _drained(end: int) -> bytes:
    with os.fdopen(end, "rb") as pipe:
        return pipe.read()
