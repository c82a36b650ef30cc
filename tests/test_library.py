"""Promises of libn1, the core as a library for programs in C: it installs, is found, and shows its public names alone."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import n1codec
from conftest import ROOT
from core_builds import CORE

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


@pytest.fixture(scope="session")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the library is installed, once for all workers of a run."""
    cmake, own = tool("cmake"), tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "libn1"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "moved").exists():
            build = folder / "build"
            run(cmake, "-S", ROOT, "-B", build, "-DCMAKE_INSTALL_LIBDIR=lib", "-DCMAKE_BUILD_TYPE=Release")
            run(cmake, "--build", build, "-j2")
            run(cmake, "--install", build, "--prefix", folder / "made")
            (folder / "made").rename(folder / "moved")  # what is installed names no path to itself
    return folder / "moved"


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


def test_a_program_in_cpp_may_include_the_headers(prefix: Path, tmp_path: Path) -> None:
    source = tmp_path / "program.cpp"
    source.write_text(
        "".join(f"#include <n1/{name}.h>\n" for name in ("n1", "codec", "classic"))
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
