"""One file over HTTP, going on where an earlier attempt broke off."""

from __future__ import annotations

import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from n1codec import disk
from n1codec._version import __version__
from n1codec.errors import DownloadError

Progress = Callable[[int, int | None], None]
"""Called with the bytes fetched so far and the bytes to fetch, or None where that is unknown."""

PIECE_BYTES: Final = 1 << 18
_CONTENT_RANGE: Final = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15}|\*)")
_UNSATISFIED_RANGE: Final = re.compile(r"bytes \*/(\d{1,15})")


def download(url: str, part: Path, *, max_bytes: int, timeout: float, progress: Progress | None = None) -> None:
    """Fetch a file, going on from what is already in `part`.

    Parameters
    ----------
    url : str
        An ``http`` or ``https`` address.
    part : Path
        Where the bytes go. It holds the whole file when this returns, and what came so far if this raises.
    max_bytes : int
        Refuse to fetch more.
    timeout : float
        Longest silence of the server in seconds.
    progress : callable, optional
        Called after each piece.

    Raises
    ------
    DownloadError
        If the address cannot be reached or is refused, or the connection ends too early: the next attempt goes on from there.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise DownloadError(f"{url}: only http and https addresses can be fetched")
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"User-Agent": f"n1codec/{__version__}"})
    if have:
        request.add_header("Range", f"bytes={have}-")
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            _receive(response, url, part, have, max_bytes, progress)
    except urllib.error.HTTPError as error:
        with error:
            if have and error.code == 416:
                _settle(error, url, part, have)
                return
            raise DownloadError(f"{url}: the server answers {error.code} {error.reason}") from error
    except DownloadError:
        raise
    except urllib.error.URLError as error:
        raise DownloadError(f"{url}: cannot be reached: {error.reason}") from error
    except (http.client.HTTPException, OSError, ValueError) as error:
        raise DownloadError(
            f"{url}: the download broke off: {str(error) or type(error).__name__}; try again to go on"
        ) from error


def _receive(
    response: http.client.HTTPResponse, url: str, part: Path, have: int, max_bytes: int, progress: Progress | None
) -> None:
    start, total = _extent(response, url, have)
    if total is not None and total > max_bytes:
        raise DownloadError(f"{url}: the file has {total} bytes, more than the limit of {max_bytes}")
    done = start
    with part.open("ab" if start else "wb") as out:
        while piece := response.read(PIECE_BYTES):
            done += len(piece)
            if done > max_bytes:
                raise DownloadError(f"{url}: the file is longer than the limit of {max_bytes} bytes")
            disk.write_all(out, piece, str(part))
            if progress is not None:
                progress(done, total)
    if total is not None and done != total:
        raise DownloadError(f"{url}: the connection ended after {done} of {total} bytes; try again to go on from there")


def _extent(response: http.client.HTTPResponse, url: str, have: int) -> tuple[int, int | None]:
    """Return where in the file the answer starts, and the length of the whole file if it is known."""
    if response.status == 206:
        match = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
        if match is None or int(match[1]) != have:
            raise DownloadError(f"{url}: the server sends another part of the file than it was asked for")
        return have, int(match[2]) + 1 if match[3] == "*" else int(match[3])
    if response.status != 200:
        raise DownloadError(f"{url}: the server answers {response.status} {response.reason}")
    # All of the file, whatever was asked for: start anew.
    length = response.headers.get("Content-Length", "").strip()
    return 0, int(length) if re.fullmatch(r"\d{1,15}", length) else None


def _settle(error: urllib.error.HTTPError, url: str, part: Path, have: int) -> None:
    """Deal with "range not satisfiable": either nothing was missing, or the part belongs to another file."""
    match = _UNSATISFIED_RANGE.fullmatch(error.headers.get("Content-Range", "").strip())
    if match is None or int(match[1]) != have:
        part.unlink()
        raise DownloadError(f"{url}: the part fetched earlier belongs to another file and was dropped; try again")
