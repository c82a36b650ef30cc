"""Promises of the golden files: none is missing, extra or changed, all decode, and the bad ones are refused."""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
import re
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_second_decoder import alone

import n1codec
from conftest import ROOT
from n1codec import errors, registry
from n1codec.codec import Samples
from n1codec.container import decode_file
from n1codec.errors import DamageWarning, MissingDependencyError
from n1reference.envelope import decode_envelope
from n1reference.errors import DecodeError, UnsupportedError
from n1reference.file import decode_recording

__all__ = ["alone"]

FOLDER = ROOT / "tests" / "fixtures"
EXPECTED: dict[str, dict[str, Any]] = json.loads((FOLDER / "samples.json").read_text("utf-8"))
ENVELOPES = [name for name in EXPECTED if name.startswith("envelopes/")]
FILES = [name for name in EXPECTED if name.startswith("files/")]
BAD = re.findall(r"^\| `([^`]+)` \| (\S+) \| (.+) \|$", (FOLDER / "bad" / "README.md").read_text("utf-8"), re.MULTILINE)
LOST = "*lost*"


def test_no_file_is_missing_extra_or_changed() -> None:
    lines = (FOLDER / "SHA256SUMS").read_text("utf-8").splitlines()
    stated = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    found = [path for path in FOLDER.rglob("*") if path.is_file() and path.name != "SHA256SUMS"]
    assert {path.relative_to(FOLDER).as_posix() for path in found} == set(stated)
    for path in found:
        name = path.relative_to(FOLDER).as_posix()
        assert hashlib.sha256(path.read_bytes()).hexdigest() == stated[name], f"{name} is not what it was"
    assert sum(path.stat().st_size for path in found) < 2_000_000


def test_all_files_are_put_to_use() -> None:
    used = set(EXPECTED) | {f"bad/{name}" for name, _, _ in BAD}
    binary = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.n1*") if path.is_file()}
    assert binary == used
    assert len(BAD) >= 100


def test_every_stage_has_its_files() -> None:
    names = {entry.name for entry in registry.entries() if entry.target.startswith("n1codec.")}
    assert {name.removeprefix("envelopes/").rpartition("-")[0].partition("_")[0] for name in ENVELOPES} >= names - {
        "numcodecs_zstd"
    }
    assert "envelopes/numcodecs_zstd-0.n1" in ENVELOPES


def test_files_cover_types_shapes_and_byte_orders() -> None:
    envelopes = [EXPECTED[name] for name in ENVELOPES if name.startswith("envelopes/delta-")]
    assert {envelope["dtype"][1:] for envelope in envelopes} == {"i1", "u1", "i2", "u2", "i4", "u4"}
    assert {envelope["dtype"][0] for envelope in envelopes} == {"<", ">", "|"}
    assert {len(envelope["shape"]) for envelope in envelopes} == {1, 2}
    assert {0, 1, 2} <= {envelope["shape"][0] for envelope in envelopes}


def matches(samples: Samples, name: str) -> bool:
    stated = EXPECTED[name]
    digest = hashlib.sha256(np.ascontiguousarray(samples).tobytes()).hexdigest()
    return (samples.dtype.str, list(samples.shape), digest) == (stated["dtype"], stated["shape"], stated["sha256"])


@pytest.mark.parametrize("name", ENVELOPES)
def test_golden_frames_decode(name: str) -> None:
    try:
        assert matches(n1codec.decode((FOLDER / name).read_bytes()), name)
    except MissingDependencyError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("name", FILES)
def test_golden_files_decode_and_restore(name: str, tmp_path: Path) -> None:
    warns = EXPECTED[name].get("warns", False)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with n1codec.open(FOLDER / name) as file:
            assert matches(file.read(), name)
            assert file.verify().ok is not warns
    assert {warning.category for warning in caught} == ({DamageWarning} if warns else set())
    restored = EXPECTED[name].get("restored", {})
    if restored:
        decode_file(FOLDER / name, tmp_path / next(iter(restored)))
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in tmp_path.iterdir()}
    assert digests == restored


ALONE = """
import hashlib, json, sys
from pathlib import Path
sys.path.insert(0, ".")
import decode
from n1reference.envelope import decode_envelope
from n1reference.errors import UnsupportedError
from n1reference.file import decode_recording

folder = Path(sys.argv[1])
found = {}
for name in json.loads((folder / "samples.json").read_text("utf-8")):
    data = (folder / name).read_bytes()
    try:
        decoded = (decode_envelope if name.endswith(".n1") else decode_recording)(data)
    except UnsupportedError as error:
        found[name] = None
    else:
        found[name] = [list(decoded.layout.shape), hashlib.sha256(decoded.to_bytes()).hexdigest()]
print(json.dumps({"found": found, "packages": sorted({"numpy", "n1codec"} & set(sys.modules))}))
"""


def test_the_second_decoder_alone_decodes_every_golden_file(alone: Path) -> None:
    command = [sys.executable, "-I", "-S", "-c", ALONE, str(FOLDER)]
    done = json.loads(subprocess.run(command, cwd=alone, capture_output=True, check=True).stdout)
    assert done["packages"] == []
    refused = {name for name, found in done["found"].items() if found is None}
    ours = {entry.name for entry in registry.entries() if not entry.requires}
    assert all(name.removeprefix("envelopes/").rpartition("-")[0] not in ours for name in refused)
    assert len(refused) < 60
    for name in set(EXPECTED) - refused:
        assert done["found"][name] == [EXPECTED[name]["shape"], EXPECTED[name]["sha256"]], name


@pytest.mark.parametrize("name", [name for name in FILES if "restored" in EXPECTED[name]])
def test_the_second_decoder_alone_restores_sources(name: str, alone: Path) -> None:
    command = [sys.executable, "-I", "-S", "decode.py", "--source", str(FOLDER / name)]
    done = subprocess.run(command, cwd=alone, capture_output=True, check=True)
    assert hashlib.sha256(done.stdout).hexdigest() == next(iter(EXPECTED[name]["restored"].values()))


def give_back(path: Path) -> Samples | None:
    """Return all samples of a envelope or file; None of a file that opens, but does not verify."""
    if path.suffix == ".n1":
        return n1codec.decode(path.read_bytes())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DamageWarning)
        with n1codec.open(path) as file:
            if not file.verify().ok:
                return None
            samples: Samples = file.read()
            return samples


@pytest.mark.parametrize(("name", "error"), [(name, error) for name, error, _ in BAD])
def test_bad_files_are_refused_with_their_error(name: str, error: str) -> None:
    path = FOLDER / "bad" / name
    if error == LOST:
        assert give_back(path) is None
    else:
        with pytest.raises(getattr(errors, error)) as caught:
            give_back(path)
        assert type(caught.value).__name__ in (error, "TruncatedError")


@pytest.mark.parametrize("name", [name for name, _, _ in BAD])
def test_the_second_decoder_refuses_bad_files(name: str) -> None:
    data = (FOLDER / "bad" / name).read_bytes()
    with pytest.raises(DecodeError):
        (decode_envelope if name.endswith(".n1") else decode_recording)(data)


@pytest.mark.parametrize("name", [name for name in ENVELOPES if re.match(r"envelopes/(zstd|flac|blosc)-", name)])
def test_the_second_decoder_names_what_it_does_not_know(name: str) -> None:
    if 0 in EXPECTED[name]["shape"]:
        return
    with pytest.raises(UnsupportedError, match=name.rpartition("/")[2].partition("-")[0]):
        decode_envelope((FOLDER / name).read_bytes())


def test_fixtures_are_not_made_again_by_accident() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "make_fixtures.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "--overwrite" in done.stderr


def damaged(rng: random.Random, data: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(rng.choice((0, 1, 1, 2))):
        at, kind = rng.randrange(len(out) + 1), rng.randrange(8)
        if kind < 4 and at < len(out):
            out[at] ^= 1 << rng.randrange(8)
        elif kind == 4:
            del out[at:]
        elif kind == 5:
            del out[at : at + rng.randrange(200)]
        elif kind == 6:
            out[at:at] = out[rng.randrange(len(out) + 1) :][: rng.randrange(300)]
        else:
            out += bytes(rng.randrange(1, 9))
    return bytes(out)


def test_both_decoders_read_damaged_files_alike(tmp_path: Path) -> None:
    rng, path = random.Random(1), tmp_path / "damaged.n1c"
    sources = [FOLDER / name for name in FILES if "level" not in name]
    sources += [FOLDER / "bad" / name for name, _, _ in BAD if name.endswith(".n1c")]
    found: list[bool] = []
    for _ in range(400):
        path.write_bytes(damaged(rng, rng.choice(sources).read_bytes()))
        try:
            decoded = decode_recording(path.read_bytes())
            theirs = decoded.layout.shape, decoded.to_bytes()
        except DecodeError:
            theirs = None
        ours, verified = None, False
        with warnings.catch_warnings(), contextlib.suppress(errors.N1Error):
            warnings.simplefilter("ignore", DamageWarning)
            with n1codec.open(path) as file:
                ours = file.shape, file.read().tobytes()
                verified = file.verify().ok
        # of a wrong hash of the recording, which reading does not look at, verifying tells
        assert ours == theirs or (theirs is None and not verified)
        found.append(ours is not None)
    assert 40 < sum(found) < 360
