"""Promises of the second decoder: it stands alone, decodes every stage that is ours, and refuses what the package refuses."""

from __future__ import annotations

import ast
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import n1codec
from arrays import OTHER_TYPES, other_patterns
from conftest import ROOT
from n1codec import registry
from n1codec.codec import Layout, Samples, bits_of
from n1codec.errors import N1Error
from n1codec.pipeline import Pipeline
from n1codec.transforms._gain_map import GainMap
from n1reference import pipeline as reference
from n1reference.coders import CODERS, WRAPPED
from n1reference.envelope import decode_envelope
from n1reference.errors import DecodeError
from n1reference.numbers import Cursor
from n1reference.samples import Dtype, to_bytes
from n1reference.samples import Layout as ReferenceLayout
from n1reference.transforms import TRANSFORMS
from n1reference.transforms.gains import read_gain

PAGES = ROOT / "docs" / "format"
FOLDER = PAGES / "reference"
NO_PAGE = ("errors", "samples", "__init__")
DTYPES = ("i1", "u1", "<i2", ">i2", "<u2", ">u2", "<i4", ">i4", "<u4", ">u4")
VARIANTS = (
    "arithmetic:model=static",
    "bitpack:block=16+store",
    "channel:mode=neighbour+store",
    "channel:span=9,weight=16+store",
    "delta+bitpack+rle",
    "delta:order=3+store",
    "lattice+delta+lpc+rans",
    "wavelet:levels=8+store",
)
OTHER_SPECS = (
    "integers+store",
    "integers+lattice+delta+rans",
    "integers+n1",
    "byteshuffle+lzma",
    "bz2",
    "gzip",
    "lzma",
    "store",
    "zlib",
)
"""Pipelines that take samples of every type."""
SPECS = (*(f"{name}+store" for name in TRANSFORMS), *CODERS, *VARIANTS)


def recording(rng: np.random.Generator, dtype: str, shape: tuple[int, ...], kind: int) -> Samples:
    """Return noise, a walk on multiples of 64, runs of few values, or rounded multiples of a gain."""
    info: Any = np.iinfo(dtype)
    middle = (int(info.max) + int(info.min) + 1) // 2
    values: Any = (
        lambda: rng.integers(info.min, info.max, shape, np.int64, endpoint=True),
        lambda: rng.integers(-3, 4, shape).cumsum(axis=0) * 64 + middle,
        lambda: rng.integers(0, 3, shape) * 40,
        lambda: np.round(rng.normal(0, 30, shape)) * 1000 // 7,
    )[kind]()
    array: Samples = np.clip(values, info.min, info.max).astype(dtype)
    return array


def test_every_stage_that_the_package_has_is_decoded_or_refused_by_name() -> None:
    names = {entry.name for entry in registry.entries() if entry.target.startswith("n1codec.")}
    assert set(TRANSFORMS) | set(CODERS) | WRAPPED == names
    assert not set(CODERS) & WRAPPED


def test_every_stage_and_module_has_its_page() -> None:
    pages = {path.stem: path.read_text("utf-8") for path in PAGES.glob("*.md")}
    contents = pages["stages"] + pages["wrapped"]
    for entry in registry.entries():
        assert f"`{entry.name}`" in contents or not entry.target.startswith("n1codec."), f"{entry.name} has no page"
    for path in FOLDER.rglob("*.py"):
        named = re.findall(r"docs/(?:format/)?([\w-]+)\.md|\b(n1-\w+)\.md", path.read_text("utf-8").split('"""')[1])
        assert path.parent.name == "n1" or path.parent == FOLDER or named or path.stem in NO_PAGE, (
            f"{path} names no page"
        )
        for name in filter(None, (name for pair in named for name in pair)):
            assert name == "FORMAT" or name in pages, f"{path} names {name}.md, which is not there"


def test_constants_that_pages_name_exist() -> None:
    sources = [*(ROOT / "core").rglob("*.[ch]"), *(ROOT / "src").rglob("*.py")]
    known = {name for path in sources for name in re.findall(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b", path.read_text("utf-8"))}
    for page in (*PAGES.glob("*.md"), PAGES.parent / "FORMAT.md"):
        for name in re.findall(r"`(?:[a-z_]+\.)?([A-Z][A-Z0-9]*_[A-Z0-9_]+)`", page.read_text("utf-8")):
            assert name in known, f"{page.name} names {name}, which is no constant any more"


@pytest.mark.parametrize("name", sorted(WRAPPED))
def test_other_libraries_formats_are_refused_by_name(name: str) -> None:
    with pytest.raises(DecodeError, match=name):
        reference.check(reference.parse(f"delta+{name}".encode("ascii")))


@pytest.mark.parametrize("dtype", DTYPES)
def test_it_decodes_what_the_package_encodes(dtype: str) -> None:
    rng = np.random.default_rng(DTYPES.index(dtype))
    for shape in ((0,), (0, 3), (1,), (7,), (300,), (1, 1), (2, 3), (130, 5)):
        for kind in range(4):
            samples = recording(rng, dtype, shape, kind)
            for spec in SPECS:
                decoded = decode_envelope(n1codec.get(spec).encode(samples))
                assert decoded.layout.shape == shape, spec
                assert decoded.to_bytes() == samples.tobytes(), spec


@pytest.mark.parametrize("dtype", OTHER_TYPES)
def test_it_decodes_samples_of_every_type_bit_for_bit(dtype: str) -> None:
    for shape in ((0,), (1,), (7,), (1, 1), (2, 3), (60, 3)):
        for what, samples in other_patterns(np.dtype(dtype), shape):
            for spec in OTHER_SPECS:
                decoded = decode_envelope(n1codec.get(spec).encode(samples))
                assert decoded.layout.shape == shape, spec
                assert decoded.layout.dtype.name == samples.dtype.name
                assert decoded.to_bytes() == samples.tobytes(), f"{spec}: {what}"


def test_it_calculates_floats_as_the_package_does() -> None:
    """Every way in which a gain is applied, with corrections, subnormal and infinite results."""
    rng = np.random.default_rng(3)
    for trial in range(60):
        k = rng.integers(-(10 ** rng.integers(1, 7)), 10 ** rng.integers(1, 7), (40, 2))
        gain, offset = 10.0 ** rng.integers(-44, 36), rng.normal(0, 100)
        with np.errstate(all="ignore"):
            ways = (k * gain, k / 977 + offset, k.astype("f4") * np.float32(gain) + np.float32(offset))
            samples = ways[trial % 3].astype(rng.choice(["<f4", "<f8"]))
        assert decode_envelope(n1codec.encode(samples, "integers+store")).to_bytes() == samples.tobytes()


@pytest.mark.parametrize("divide", [False, True])
@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize("offset", [0.0, 3.217, -1e300])
@pytest.mark.parametrize(("precision", "width"), [(2, 2), (2, 4), (4, 4), (4, 8), (8, 8)])
def test_every_step_of_a_gain_gives_the_same_bits(
    divide: bool, single: bool, offset: float, precision: int, width: int
) -> None:
    rng = np.random.default_rng(width)
    numbers = np.concatenate(
        ([0, 1, -1, 1 << 53, -(1 << 53)], rng.integers(-(1 << 40), 1 << 40, 200) >> rng.integers(0, 40, 200))
    )
    moves = rng.integers(-3, 4, 9)
    for gain in (0.195, -1 / 3, 2.5e-40, 1e-310, 7e37, 1e290):
        ours = GainMap(gain, precision, offset, divide, single, -4, moves)
        theirs = read_gain(Cursor(ours.pack(), "a map"), width)
        dtype = np.dtype(f"f{width}")
        expected = [theirs.bits(int(number), Dtype("f", width)) for number in numbers]
        assert bits_of(ours.values(numbers, dtype)).tolist() == expected


def damaged(rng: random.Random, parts: list[bytes]) -> list[bytes]:
    data = [bytearray(part) for part in parts]
    for _ in range(rng.choice((1, 1, 2, 3))):
        part, kind = rng.choice(data), rng.randrange(10)
        if kind == 0 and part:
            del part[rng.randrange(len(part)) :]
        elif kind == 1:
            part += rng.choice((b"\0", b"\1", bytes(5), b"\xff" * 3))
        elif part:  # heads decide most: aim at them
            at = min(len(part) - 1, int(rng.expovariate(1 / 20))) if kind < 6 else rng.randrange(len(part))
            part[at] ^= 1 << rng.randrange(8)
    return [bytes(part) for part in data]


def outcomes(codec: Pipeline, sides: list[bytes], payload: bytes, layout: Layout) -> tuple[bytes | None, bytes | None]:
    """Return what both decoders make of damaged data, None where they refuse it."""
    try:
        ours = codec.decode_payload(tuple(sides), payload, layout, max_bytes=1 << 30).tobytes()
    except N1Error:
        ours = None
    shape = ReferenceLayout(Dtype(layout.dtype.kind, layout.dtype.itemsize), layout.shape)
    try:
        stages = reference.parse(codec.wire_spec.encode("ascii"))
        theirs = reference.decode_payload(stages, sides, payload, shape)
    except DecodeError:
        return ours, None
    return ours, to_bytes(theirs, shape.dtype)


@pytest.mark.parametrize("spec", [spec for spec in SPECS if spec != "n1"])  # test_reference does so for n1
def test_both_decoders_agree_on_damaged_data(spec: str) -> None:
    rng, noise = random.Random(spec), np.random.default_rng(len(spec))
    codec = n1codec.get(spec)
    decoded = 0
    for _ in range(150):
        dtype = rng.choice(("i1", "u1", "i2", "u2", "i4", "u4"))
        shape = rng.choice(((1,), (9,), (80,), (40, 3), (150, 4), (1, 2)))
        samples = recording(noise, dtype, shape, rng.randrange(4))
        sides, payload = codec.encode_payload(samples)
        *sides_now, payload = damaged(rng, [*sides, payload])
        ours, theirs = outcomes(codec, sides_now, payload, Layout.of(samples))
        assert ours == theirs, (dtype, shape, [side.hex() for side in sides_now], payload.hex())
        decoded += ours is not None
    assert decoded < 150  # else nothing was refused


def test_both_decoders_agree_on_damaged_side_information_of_integers() -> None:
    rng = random.Random(7)
    codec = n1codec.get("integers+store")
    decoded = trials = 0
    for dtype in OTHER_TYPES:
        for what, samples in other_patterns(np.dtype(dtype).newbyteorder("="), (30, 2)):
            sides, payload = codec.encode_payload(samples)
            for _ in range(40):
                *sides_now, payload_now = damaged(rng, [*sides, payload])
                ours, theirs = outcomes(codec, sides_now, payload_now, Layout.of(samples))
                assert ours == theirs, (what, dtype, sides_now[0].hex(), payload_now.hex())
                decoded, trials = decoded + (ours is not None), trials + 1
    assert 0 < decoded < trials


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return {name.split(".")[0] for name in names}


def test_it_needs_the_standard_library_alone() -> None:
    for path in FOLDER.rglob("*.py"):
        foreign = imported(path) - set(sys.stdlib_module_names) - {"n1reference"}
        assert not foreign, f"{path} imports {foreign}"


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the folder with nothing beside it."""
    copy = tmp_path_factory.mktemp("alone") / "reference"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def run_alone(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run its command where neither the package nor any other can be imported."""
    command = [sys.executable, "-I", "-S", "decode.py", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False)


def test_a_copy_in_an_empty_folder_decodes_frames_and_files(alone: Path, tmp_path: Path) -> None:
    samples = recording(np.random.default_rng(1), ">i2", (700, 3), 1)
    envelope, file = tmp_path / "a.n1", tmp_path / "a.n1c"
    envelope.write_bytes(n1codec.get("n1").encode(samples))
    with n1codec.Writer(file, dtype=">i2", channels=3, rate=30000, chunk_frames=300, bundle_channels=2) as writer:
        writer.append(samples)
    for path in (envelope, file):
        done = run_alone(alone, str(path))
        assert done.returncode == 0, done.stderr
        assert done.stdout == samples.tobytes()
        assert done.stderr == b"int16, big-endian, shape (700, 3)\n"


def test_the_command_refuses_damage_in_one_line(alone: Path, tmp_path: Path) -> None:
    data = n1codec.get("lzma").encode(np.arange(9, dtype="i2"))
    path = tmp_path / "a.n1"
    for wrong in (b"", data[:-1], data[:20] + b"\0" + data[21:], b"n1codec"):
        path.write_bytes(wrong)
        done = run_alone(alone, str(path))
        assert (done.returncode, done.stdout) == (1, b"")
        assert done.stderr.startswith(str(path).encode("utf-8"))
        assert done.stderr.count(b"\n") == 1
    assert run_alone(alone).returncode == 2
    assert run_alone(alone, str(tmp_path / "none")).returncode == 1
