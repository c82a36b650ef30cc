"""Promises of the core's house: includes and calls run one way, one prefix, short files, vectors in one room."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from core_builds import CORE, LITERAL, encoders, object_name, sources

SOURCE = CORE / "src"
LAYERS = (
    ("base",),
    ("kernels/table.h", "kernels/dot.h", "kernels/target.h", "kernels/machine.c"),
    ("converter", "entropy"),
    ("predict",),
    ("modes/mode.h", "modes/part.h", "modes/frames.h"),
    ("modes/stored",),
    ("modes/forward", "modes/backward", "modes/mixed", "modes/piecewise", "modes/packet", "modes/wide"),
    ("modes/adaptive",),
    ("modes/contexts",),
    ("levels",),
    ("kernels",),
    ("wire",),
    ("session",),
    ("session_encode",),
    ("session_decode",),
)
"""From the bottom up: a file includes its own room and rooms below. `classic` stands apart, on `base`."""
MOST_LINES, MOST_OF_A_FUNCTION = 400, 80
SHORT = {"TARGET", "INLINE", "GATHER", "gather", "ONE", "EACH_SAMPLE", "S", "R", "N"}
"""Macros of headers that a single kernel or mode includes."""


def files() -> list[Path]:
    return sorted(SOURCE.rglob("*.[ch]"))


def name_of(file: Path) -> str:
    return file.relative_to(SOURCE).as_posix()


def includes(file: Path) -> list[str]:
    return [
        name
        for name in re.findall(r'^#include "([^"]+)"', file.read_text(), re.MULTILINE)
        if not name.startswith("n1/")
    ]


def rank(name: str) -> tuple[int, str]:
    """Return the layer of a file and its room there: the longest name that fits."""
    fits = [
        (len(room), at, room)
        for at, rooms in enumerate(LAYERS)
        for room in rooms
        if (name + "/").startswith((room + "/", room + "."))
    ]
    assert fits, f"{name} is in no room"
    return max(fits)[1:]


def test_includes_name_their_room_and_are_there() -> None:
    for file in files():
        for name in includes(file):
            assert (SOURCE / name).exists(), f"{name_of(file)} includes {name}, which is not a path from core/src"


def test_includes_run_one_way() -> None:
    for file in files():
        own = name_of(file)
        for name in includes(file):
            if own.startswith("classic/"):
                assert name.startswith(("classic/", "base/")), f"{own} includes {name}"
                continue
            (mine, room), (theirs, other) = rank(own), rank(name)
            assert theirs < mine or room == other or (room, other) in BESIDE, (
                f"{own} ({room}) includes {name} ({other})"
            )


BESIDE = {("kernels/machine.c", "kernels/target.h")}
"""Rooms of one layer of which the first may look at the second."""


def test_no_header_includes_itself_by_way_of_others() -> None:
    below = {name_of(file): includes(file) for file in files()}

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " -> ".join((*above, name))
        if name not in seen:
            for each in below[name]:
                visit(each, (*above, name))
            seen.add(name)

    seen: set[str] = set()
    for name in below:
        visit(name, ())


Symbols = tuple[dict[str, str], dict[str, set[str]]]


@pytest.fixture(scope="module")
def symbols(shared: Path) -> Symbols:
    """Which file defines each name, and what each file needs from others."""
    LITERAL.require()
    names = {object_name(source): name_of(source) for source in sources()}
    listing = subprocess.run(["nm", "-A", *LITERAL.objects()], capture_output=True, text=True, check=True).stdout
    defined: dict[str, str] = {}
    needed: dict[str, set[str]] = {}
    for path, kind, name in re.findall(r"^(\S+):[0-9a-f ]{16} ([A-Za-z]) (\S+)$", listing, re.MULTILINE):
        file = names[Path(path).name]
        if kind == "U":
            needed.setdefault(file, set()).add(name)
        elif kind.isupper():
            assert name not in defined, f"{name} is in {defined[name]} and {file}"
            defined[name] = file
    return defined, needed


def test_calls_run_one_way(symbols: Symbols) -> None:
    """By what objects need of each other: no file reaches itself."""
    defined, needed = symbols
    calls = {file: {defined[name] for name in names if name in defined} - {file} for file, names in needed.items()}

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " -> ".join((*above, name))
        if name not in seen:
            for each in sorted(calls.get(name, ())):
                visit(each, (*above, name))
            seen.add(name)

    seen: set[str] = set()
    for name in sorted(calls):
        visit(name, ())


def test_names_have_one_prefix(symbols: Symbols) -> None:
    defined, _ = symbols
    assert {name for name in defined if not name.startswith(("n1_", "N1_"))} == set()
    for file in files():
        macros = re.findall(r"^#\s*define (\w+)", file.read_text(), re.MULTILINE)
        if file.suffix == ".h":
            strangers = {name for name in macros if not name.startswith("N1_")} - SHORT
            assert strangers == set(), name_of(file)
        assert not re.search(r"\b[nN]1[ac]_", file.read_text(), re.IGNORECASE), name_of(file)


def test_no_two_files_have_one_name() -> None:
    names = [file.name for file in sources() if not name_of(file).startswith("kernels/")]
    assert len(names) == len(set(names))


def test_files_are_short_or_generated_and_functions_are_short() -> None:
    for file in files():
        text = file.read_text()
        lines = text.splitlines()
        assert len(lines) <= MOST_LINES or "made by scripts/" in text[:400], f"{name_of(file)}: {len(lines)} lines"
        start = 0
        for at, line in enumerate(lines):
            if line == "{" or re.match(r"^(?:\w.*\)|.*\)) \{$", line):
                start = at
            elif line == "}":
                assert at - start <= MOST_OF_A_FUNCTION, f"{name_of(file)}:{start}: {at - start} lines"


CHECKS = ("base/crc32c.c", "base/xxh64.c")
"""What is below all kernels looks for the machine's instructions itself."""


def test_vectors_are_in_the_kernels_alone() -> None:
    for file in files():
        name = name_of(file)
        if name.startswith(("kernels/x86/", "kernels/arm/", "kernels/dot.h", *CHECKS)):
            continue
        found = re.search(
            r"\b_mm\d*_\w+|__m(?:128|256|512)|immintrin|emmintrin|arm_neon|N1_TARGET|target\(", file.read_text()
        )
        if found and name in ("kernels/target.h",):
            continue
        assert not found, f"{name}: {found[0]}"


def test_decoders_do_without_encoders(symbols: Symbols) -> None:
    """Neither their headers nor their objects."""
    defined, needed = symbols
    apart = {name_of(source) for source in encoders()}
    assert {"wire/block_encode.c", "levels.c", "converter/survey.c", "modes/forward/fit.c"} <= apart
    headers = {name.removesuffix(".c") + ".h" for name in apart} | {
        "modes/forward/stages.h",
        "modes/forward/effort.h",
        "modes/adaptive/effort.h",
        "modes/contexts/effort.h",
    }
    todo, reached = ["wire/block_decode.c"], set()
    while todo:
        name = todo.pop()
        if name in reached:
            continue
        reached.add(name)
        assert name not in apart, f"a decoder needs {name}"
        assert set(includes(SOURCE / name)).isdisjoint(headers), name
        todo += [defined[each] for each in needed.get(name, ()) if each in defined]
    assert "modes/mixed/mixed_decode.c" in reached


def test_only_encoders_read_the_levels() -> None:
    readers = {name_of(file) for file in files() if "levels.h" in includes(file)} - {"levels.c"}
    assert readers == {"wire/block_ways_encode.c", "wire/block_trial.h", "wire/block_learn_encode.c"}
