"""Promises of libn1, the core as a library for programs in C: it installs, is found, and shows its public names alone."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import n1codec
from arrays import uneven
from conftest import ROOT
from core_builds import CORE, KEPT, held

PROGRAM = ROOT / "tests" / "c" / "installed.c"


def tool(name: str) -> str:
    """Return the path of a program beside Python or on the PATH, or skip."""
    found = shutil.which(name, path=os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""))))
    if found is None:
        pytest.skip(f"{name} is not here: libn1's installation is NOT checked")
    return found


def run(*command: str | Path, **environment: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})
    assert done.returncode == 0, f"{command}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout


def ways() -> tuple[str, str, str]:
    """Return a compiler, what calls it, and a kind of build: the module's where something remembers that, else a quick one.

    To what remembers a compiler by another name is another one.
    """
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    return (compiler, "ccache", "Release") if shutil.which("ccache") and shutil.which(compiler) else ("cc", "", "Debug")


@pytest.fixture(scope="session")
def prefix(shared: Path) -> Path:
    """Where the library is installed, once for all workers of a run."""
    compiler, launcher, kind = ways()
    cmake, moved = tool("cmake"), shared / "libn1-moved"
    build = KEPT / f"libn1-{Path(compiler).name}-{kind}" / ROOT.relative_to(ROOT.anchor)
    build.parent.mkdir(parents=True, exist_ok=True)
    options = {
        "CMAKE_C_COMPILER": compiler,
        "CMAKE_C_COMPILER_LAUNCHER": launcher,
        "CMAKE_BUILD_TYPE": kind,
        "CMAKE_INSTALL_LIBDIR": "lib",
        "N1_WERROR": "ON",
    }
    with held(build):
        if not moved.exists():
            run(cmake, "-S", ROOT, "-B", build, *(f"-D{name}={value}" for name, value in options.items()))
            run(cmake, "--build", build, "-j2")
            run(cmake, "--install", build, "--prefix", shared / "libn1-made")
            (shared / "libn1-made").rename(moved)  # what is installed names no path to itself
    return moved


def declared() -> set[str]:
    """Return the functions of the public headers."""
    text = "\n".join(header.read_text() for header in sorted((CORE / "include" / "n1").glob("*.h")))
    return set(re.findall(r"\b(n1_\w+)\([^;{}]*\);", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)))


EXPECTED = [n1codec.__version__, "7"]
"""What the program prints: the version of its headers, and the bytes of eight samples in two runs."""


def test_the_shared_library_shows_the_public_functions_and_nothing_else(prefix: Path) -> None:
    library = prefix / "lib" / ("libn1.dylib" if sys.platform == "darwin" else "libn1.so")
    if sys.platform == "darwin":
        listing = run(tool("nm"), "-gU", library)
    else:
        listing = run(tool("nm"), "-D", "--defined-only", library)
    shown = {line.split()[-1].removeprefix("_") for line in listing.splitlines() if line.strip()}
    assert {"n1_crc32c", "n1_rans_decode", "n1_lpc_restore"} <= declared()
    assert shown == declared()


@pytest.mark.skipif(sys.platform != "linux", reason="reads ELF: NOT checked here")
def test_the_python_module_shows_none_of_the_cores_names() -> None:
    """A program that has another libn1 loaded keeps it, and the module its own."""
    from n1codec import _core

    listing = run(tool("nm"), "-D", "--defined-only", _core.__file__)
    assert not [line for line in listing.splitlines() if line.split()[-1].startswith("n1_")]


def test_headers_say_the_version_of_the_package() -> None:
    header = (CORE / "include" / "n1" / "n1.h").read_text()
    assert (
        re.findall(r"^#define N1_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)$", header, re.MULTILINE)
        == (n1codec.__version__.split(".")[:3])
    )


@pytest.mark.parametrize("kind", ["shared", "static"])
def test_a_program_is_built_by_what_pkg_config_says(prefix: Path, tmp_path: Path, kind: str) -> None:
    found = run(
        tool("pkg-config"), "--cflags", "--libs", "n1", PKG_CONFIG_PATH=str(prefix / "lib" / "pkgconfig")
    ).split()
    if kind == "static":
        found = [str(prefix / "lib" / "libn1.a") if word == "-ln1" else word for word in found]
    program = tmp_path / "program"
    run(tool("cc"), "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", PROGRAM, "-o", program, *found)
    loaded = (
        {} if kind == "static" else {"LD_LIBRARY_PATH": str(prefix / "lib"), "DYLD_LIBRARY_PATH": str(prefix / "lib")}
    )
    assert run(program, **loaded).split() == EXPECTED


@pytest.mark.parametrize("target", ["n1::n1", "n1::static", "n1::shared"])
def test_a_program_is_built_by_find_package(prefix: Path, tmp_path: Path, target: str) -> None:
    version = ".".join(n1codec.__version__.split(".")[:2])
    (tmp_path / "CMakeLists.txt").write_text(f"""
        cmake_minimum_required(VERSION 3.20)
        project(user LANGUAGES C)
        find_package(n1 {version} REQUIRED)
        add_executable(program "{PROGRAM}")
        target_link_libraries(program PRIVATE {target})
    """)
    cmake = tool("cmake")
    run(cmake, "-S", tmp_path, "-B", tmp_path / "build", f"-DCMAKE_PREFIX_PATH={prefix}")
    run(cmake, "--build", tmp_path / "build")
    assert run(tmp_path / "build" / "program").split() == EXPECTED


@pytest.fixture(scope="session")
def examples(prefix: Path, shared: Path) -> Path:
    """The programs of examples/c, built against the installed library."""
    built = shared / "examples"
    built.mkdir(exist_ok=True)
    options = ("-std=c11", "-O1", "-Wall", "-Wextra", "-Wpedantic", "-Werror", f"-I{prefix / 'include'}")
    for source in sorted((ROOT / "examples" / "c").glob("*.c")):
        program = built / source.stem
        with held(program):
            if not program.exists():
                run(tool("cc"), *options, source, prefix / "lib" / "libn1.a", "-o", program)
    return built


def walk(n_samples: int, n_channels: int) -> NDArray[np.int16]:
    steps = np.random.default_rng(1).integers(-20, 21, (n_samples, n_channels))
    return np.cumsum(steps, axis=0, dtype="<i2")


@pytest.mark.parametrize(("level", "n_samples"), [(1, 9000), (5, 900), (9, 900), (1, 0), (3, 1 << 22)])
def test_c_writes_the_envelope_that_python_writes(examples: Path, tmp_path: Path, level: int, n_samples: int) -> None:
    samples = walk(n_samples, 4)
    samples.tofile(tmp_path / "samples.raw")
    said = run(examples / "array", tmp_path / "samples.raw", "4", str(level), tmp_path / "samples.n1")
    encoded = (tmp_path / "samples.n1").read_bytes()
    assert encoded == n1codec.get(f"n1:level={level}").encode(samples)
    assert said == f"{samples.nbytes} -> {len(encoded)} bytes\n"


def channels(examples: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [str(examples / "channels"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def table(samples: NDArray[np.integer[Any]]) -> str:
    return "".join(" ".join(map(str, row)) + "\n" for row in samples.tolist())


@pytest.mark.parametrize(("dtype", "bundle"), [("<i2", 2), (">i2", 5), ("|u1", 5), ("<u4", 1), ("<i4", None)])
@pytest.mark.parametrize("finished", [True, False])
def test_c_reads_the_samples_of_a_file(
    examples: Path, tmp_path: Path, dtype: str, bundle: int | None, finished: bool
) -> None:
    samples = walk(3500, 5).astype(dtype)
    if bundle is None:
        samples = samples[:, 0]
    shape: dict[str, Any] = {} if bundle is None else {"channels": 5, "bundle_channels": bundle}
    path, codec = tmp_path / "a.n1c", "n1:level=1"
    writer = n1codec.Writer(
        path, dtype=dtype, rate=19531.5, codec=codec, chunk_frames=1000, atomic=False, metadata={"a": 1}, **shape
    )
    writer.append(samples)
    writer.flush()
    if finished:
        writer.close()
    columns = samples.reshape(3500, -1)
    width = columns.shape[1]
    for start, stop, first, count in ((0, 3500, 0, width), (500, 2500, 0, 1), (999, 1001, width - 1, 1), (7, 7, 0, 1)):
        done = channels(examples, path, start, stop, first, count)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == table(columns[start:stop, first : first + count])
    assert "3500 frames" in channels(examples, path, 0, 3501, 0, 1).stderr
    writer.close()


def test_c_reads_a_file_that_keeps_code_widths(examples: Path, tmp_path: Path) -> None:
    samples = uneven(2100, 80, 2)
    widths, sizes = n1codec.learn_widths(uneven(6000, 80, 1)), []
    for known in (b"", widths):
        path = tmp_path / f"{bool(known)}.n1c"
        with n1codec.Writer(path, dtype="<i2", channels=80, rate=30_000.0, widths=known, chunk_frames=700) as writer:
            writer.append(samples)
        sizes.append(path.stat().st_size)
    assert sizes[1] < sizes[0], "blocks are coded by them"
    done = channels(examples, path, 690, 710, 7, 9)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == table(samples[690:710, 7:16])
    data = bytearray(path.read_bytes())
    data[data.index(widths) + len(widths) // 2] ^= 1
    path.write_bytes(data)
    assert channels(examples, path, 0, 10, 0, 1).stdout in ("", table(samples[:10, :1])), "its copy may be sound"


def test_c_reads_a_file_that_other_writers_went_on_with_and_no_chunk_of_another_copy(
    examples: Path, tmp_path: Path
) -> None:
    samples, copies, spans = walk(3000, 2), [], []
    for name in ("a.n1c", "b.n1c"):
        path = tmp_path / name
        options: dict[str, Any] = {"codec": "n1:level=1", "chunk_frames": 1000, "channels": 2, "file_id": 5}
        with n1codec.Writer(path, dtype="i2", rate=100.0, **options) as writer:
            writer.append(samples[:1000])
        for start in (1000, 2000):
            with n1codec.Writer.reopen(path, chunk_frames=1000) as writer:
                writer.append(samples[start : start + 1000])
        with n1codec.open(path) as recording:
            spans = [(chunk.offset, chunk.offset + chunk.n_bytes) for chunk in recording.chunks]
        copies.append(path.read_bytes())
    one, other = copies
    for content in (one, one[: spans[2][1]]):
        path.write_bytes(content)
        assert channels(examples, path, 0, 3000, 0, 2).stdout == table(samples)
    (begin, end), path = spans[1], tmp_path / "mixed.n1c"
    path.write_bytes(one[:begin] + other[begin:end] + one[end:])
    assert channels(examples, path, 2000, 3000, 0, 2).stdout == table(samples[2000:])
    refused = channels(examples, path, 900, 1100, 0, 2)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "another chunk" in refused.stderr


def test_c_says_what_is_wrong_with_a_file(examples: Path, tmp_path: Path) -> None:
    samples, path = walk(3000, 4), tmp_path / "a.n1c"
    for codec, expected in (("delta+zlib", "another codec than n1"), ("n1:level=1", "")):
        shape: dict[str, Any] = {"channels": 4, "bundle_channels": 2, "chunk_frames": 1000}
        with n1codec.Writer(path, dtype="i2", rate=100.0, codec=codec, overwrite=True, file_id=5, **shape) as writer:
            writer.append(samples)
        done = channels(examples, path, 0, 9, 0, 1)
        assert expected in done.stderr
        assert done.returncode == (1 if expected else 0)
    whole = path.read_bytes()
    with n1codec.open(path) as recording:
        second, third = recording.chunks[1], recording.chunks[2]
    damaged = bytearray(whole)
    damaged[third.offset - 20] ^= 1  # in the last block of the second chunk
    path.write_bytes(damaged)
    assert channels(examples, path, 1000, 2000, 0, 2).stdout == table(samples[1000:2000, :2])
    refused = channels(examples, path, 900, 1100, 2, 2)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "CRC mismatch" in refused.stderr
    path.write_bytes(whole[: second.offset] + whole[third.offset :])  # a chunk is gone: found without the index
    assert channels(examples, path, 2000, 3000, 0, 4).stdout == table(samples[2000:])
    assert "no chunk has frame 1000" in channels(examples, path, 900, 1100, 0, 1).stderr
    header = bytearray(whole)
    header[9] ^= 1  # the index has a copy of the header if that is small beside the chunks
    path.write_bytes(header)
    assert channels(examples, path, 2000, 3000, 0, 4).stdout == table(samples[2000:])
    for content in (b"", whole[:20], b"RIFF" + whole, b"\x89N1C\x07" + whole[5:]):
        path.write_bytes(content)
        done = channels(examples, path, 0, 1, 0, 1)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(f"{path}: ")


def test_c_refuses_samples_of_types_that_it_does_not_read(prefix: Path, examples: Path, tmp_path: Path) -> None:
    suffix = "dylib" if sys.platform == "darwin" else "so"
    read = ctypes.CDLL(str(prefix / "lib" / f"libn1.{suffix}")).n1_envelope_read
    path, unsupported = tmp_path / "a.n1c", 8
    for dtype in ("f2", "f4", "f8", "i8", "u8", "?"):
        samples = walk(300, 2).astype(dtype)
        data = n1codec.encode(samples)
        room = ctypes.create_string_buffer(1 << 12)
        assert read(data, ctypes.c_size_t(len(data)), room, None) == unsupported
        with n1codec.Writer(path, dtype=dtype, rate=100.0, channels=2, overwrite=True) as writer:
            writer.append(samples)
        done = channels(examples, path, 0, 9, 0, 1)
        assert (done.returncode, done.stdout) == (1, "")
        assert "no integers of 1, 2 or 4 bytes" in done.stderr


def test_a_program_in_cpp_may_include_the_headers(prefix: Path, tmp_path: Path) -> None:
    source = tmp_path / "program.cpp"
    source.write_text(
        "".join(f"#include <n1/{name}.h>\n" for name in ("n1", "codec", "classic", "file"))
        + "int main() { return n1_version() != N1_VERSION; }\n"
    )
    run(
        tool("c++"),
        "-std=c++11",
        "-Wall",
        "-Wextra",
        "-Wpedantic",
        "-Werror",
        f"-I{prefix / 'include'}",
        source,
        prefix / "lib" / "libn1.a",
        "-o",
        tmp_path / "program",
    )
    run(tmp_path / "program")
