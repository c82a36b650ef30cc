"""Promise: imports run one way through the house."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT

PACKAGE = ROOT / "src" / "n1codec"

LAYERS = (
    ("errors", "_version", "_core"),
    ("disk", "arguments", "unbroken"),
    ("threads",),
    ("codec", "spec", "varint"),
    ("shannon", "orientation", "chain"),
    ("codecs",),
    ("transforms",),
    ("registry", "envelope"),
    ("pipeline",),
    ("synth", "formats"),
    ("container", "datasets", "analysis"),
    ("bench", "budget", "integrations"),
    ("stream",),
    ("numcodecs", "zarr", "spikeinterface", "hdf5"),
    ("report",),
    ("cli",),
    ("__main__",),
)
"""From the bottom up: a module may import from its own room and from the layers below."""

RANK = {room: rank for rank, rooms in enumerate(LAYERS) for room in rooms}


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the direction"
            base = node.module or ""
            names = [f"{base}.{alias.name}" if base == "n1codec" else base for alias in node.names]
        rooms |= {name.split(".")[1] for name in names if name.startswith("n1codec.")}
    return rooms - {"__version__"}


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_from_its_room_and_below(path: Path) -> None:
    room = room_of(path)
    assert room in RANK, f"{room} has no place in the layers: give it one"
    for other in imported_rooms(path):
        assert other in RANK, f"{path.name} imports {other} from the package's front: import from its module"
        assert other == room or RANK[other] < RANK[room], f"{room} must not import {other}"


def test_importing_the_package_does_no_work() -> None:
    """No wrapped library, no command line and no thread pool comes in with `import n1codec`."""
    code = (
        "import sys, n1codec; heavy = {'typer', 'rich', 'zstandard', 'lz4', 'numcodecs', 'av', 'soundfile', 'pcodec', "
        "'openzl', 'lzma', 'bz2', 'concurrent.futures.thread', 'n1codec.cli', 'n1codec.bench', 'n1codec.synth', "
        "'n1codec.container', 'n1codec.formats'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    # numpy itself brings some of the standard library's compressors in
    assert set(ast.literal_eval(done.stdout)) <= {"bz2", "lzma"}


def test_files_stay_short() -> None:
    for path in [*modules(), *(ROOT / "tests").rglob("*.py"), *(ROOT / "core").rglob("*.[ch]*")]:
        if "table" not in path.name:
            assert len(path.read_text().splitlines()) <= 400, f"{path} has become two rooms in one"


@pytest.mark.parametrize("folder", ["src", "tests", "scripts", "challenge", "docs"])
def test_functions_stay_short(folder: str) -> None:
    """80 lines at most, what the function says of itself apart; the core has a test of its own."""
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                told = node.body[0].end_lineno - node.body[0].lineno + 1 if ast.get_docstring(node) else 0  # type: ignore[operator]
                lines = (node.end_lineno or 0) - node.lineno + 1 - told
                assert lines <= 80, f"{path}: {node.name} has become two functions in one ({lines} lines)"
