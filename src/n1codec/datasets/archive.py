"""Files out of a zip archive that may be hostile.

Nothing is unpacked before the archive's directory was compared with what is expected: names, number and sizes. Files are
named by their last path component only, so none can land outside the folder; and none yields more bytes than its entry
announced, nor other bytes than its CRC fits.
"""

from __future__ import annotations

import contextlib
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from n1codec import disk
from n1codec.errors import DownloadError

COPY_BYTES: Final = 1 << 20

_SYMLINK: Final = 0xA000
_FILE_TYPE: Final = 0xF000


@contextlib.contextmanager
def open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open an archive; whatever is wrong with it, then or later, becomes a :class:`DownloadError`."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except zipfile.BadZipFile as error:
        raise DownloadError(f"{path.name}: not a zip archive, or a damaged one: {error}") from error
    except (zlib.error, struct.error, EOFError, ValueError, OverflowError, NotImplementedError) as error:
        raise DownloadError(f"{path.name}: damaged archive: {str(error) or type(error).__name__}") from error
    except RuntimeError as error:  # what zipfile raises for encrypted files
        raise DownloadError(f"{path.name}: cannot be unpacked: {error}") from error


def base_name(entry: zipfile.ZipInfo) -> str:
    """Return the last component of an entry's name, or raise :class:`DownloadError` if the entry is no plain file name."""
    parts = entry.filename.split("/")
    plain = not entry.filename.startswith("/") and ".." not in parts and parts[-1] not in ("", ".")
    if not plain or any(character in entry.filename for character in "\\:\0"):
        raise DownloadError(f"the archive holds a file with the unsafe name {entry.filename!r:.100}")
    if entry.external_attr >> 16 & _FILE_TYPE == _SYMLINK:
        raise DownloadError(f"the archive holds a link, {entry.filename!r:.100}")
    return parts[-1]


def unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    """Write one file of an archive, of exactly the announced size."""
    left = entry.file_size
    with archive.open(entry) as source, target.open("xb") as out:
        while piece := source.read(COPY_BYTES):
            left -= len(piece)
            if left < 0:
                break
            disk.write_all(out, piece, str(target))
    if left:
        raise DownloadError(f"{entry.filename!r:.100} in the archive does not have the size it announces")
