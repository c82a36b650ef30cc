"""The public recordings of the Neuralink compression challenge: a zip of WAV files over HTTP."""

from __future__ import annotations

import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from n1codec.datasets.archive import base_name, open_archive, unpack
from n1codec.datasets.cache import in_place
from n1codec.datasets.download import Progress, download
from n1codec.errors import DownloadError

URL_VARIABLE: Final = "N1CODEC_NEURALINK_URL"
"""Environment variable that names a mirror."""


@dataclass(frozen=True)
class Source:
    """Where the archive is, and what has to be in it.

    Parameters
    ----------
    url : str
        Address of the zip archive.
    files : int
        Number of WAV files.
    total_bytes : int
        Their bytes together.
    max_archive_bytes : int
        Refuse an archive longer than this.
    timeout : float
        Longest silence of the server in seconds.
    """

    url: str
    files: int
    total_bytes: int
    max_archive_bytes: int
    timeout: float = 30.0


SOURCE: Final = Source(
    url="https://content.neuralink.com/compression-challenge/data.zip",
    files=743,
    total_bytes=146_800_526,
    max_archive_bytes=160_000_000,
)


def fetch(target: Path, *, url: str | None = None, progress: Progress | None = None, source: Source = SOURCE) -> None:
    """Fetch the recordings into a folder, unless they are there.

    The archive is kept as ``<target>.zip.part`` until it is unpacked.

    Raises
    ------
    DownloadError
        If the archive cannot be fetched or is not the expected one.
    """
    if target.exists():
        try:
            _check_folder(target, source)
        except DownloadError as error:
            raise DownloadError(f"{error}; delete it to fetch the data set anew") from error
        return
    part = target.with_name(f"{target.name}.zip.part")
    address = url or os.environ.get(URL_VARIABLE) or source.url
    download(address, part, max_bytes=source.max_archive_bytes, timeout=source.timeout, progress=progress)
    try:
        with open_archive(part) as archive, in_place(target) as folder:
            for name, entry in _recordings(archive, source).items():
                unpack(archive, entry, folder / name)
            _check_folder(folder, source)
    except DownloadError as error:
        part.unlink()  # it is complete, so going on from it would never mend it
        raise DownloadError(f"{address}: {error}") from error
    part.unlink()


def _recordings(archive: zipfile.ZipFile, source: Source) -> dict[str, zipfile.ZipInfo]:
    """Return the WAV files of the archive by name, once their number and sizes are what they have to be."""
    recordings: dict[str, zipfile.ZipInfo] = {}
    for entry in archive.infolist():
        parts = entry.filename.split("/")
        # Archives made on macOS carry a shadow of every file, "__MACOSX/._name.wav".
        if not entry.filename.lower().endswith(".wav") or "__MACOSX" in parts or parts[-1].startswith("."):
            continue
        name = base_name(entry)
        if name in recordings:
            raise DownloadError(f"the archive holds {name!r:.100} twice")
        recordings[name] = entry
    _check(len(recordings), sum(entry.file_size for entry in recordings.values()), source, "the archive")
    return recordings


def _check_folder(folder: Path, source: Source) -> None:
    sizes = [path.stat().st_size for path in folder.glob("*.wav")]
    _check(len(sizes), sum(sizes), source, str(folder))


def _check(files: int, total_bytes: int, source: Source, where: str) -> None:
    if (files, total_bytes) != (source.files, source.total_bytes):
        raise DownloadError(
            f"{where} holds {files} WAV files of {total_bytes} bytes together; "
            f"the data set has {source.files} of {source.total_bytes}"
        )
