"""Promises: a data set arrives whole or not at all, a broken download goes on, and nothing hostile is unpacked."""

from __future__ import annotations

import http.server
import io
import stat
import sys
import threading
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from n1codec import DownloadError, N1Error, ParameterError, datasets
from n1codec.datasets import cache, neuralink

Entry = tuple[str | zipfile.ZipInfo, bytes]

FILES = {f"{index:02}.wav": bytes([index]) * (1000 + index) for index in range(5)}
TOTAL = sum(map(len, FILES.values()))
JUNK: list[Entry] = [("data/", b""), ("__MACOSX/data/._00.wav", b"junk"), ("data/.DS_Store", b"junk"), ("README", b"")]


def zipped(*entries: Entry) -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        warnings.simplefilter("ignore")  # about names given twice
        for name, content in entries:
            archive.writestr(name, content)
    return out.getvalue()


def recordings(**changed: bytes) -> list[Entry]:
    return [(f"data/{name}", content) for name, content in {**FILES, **changed}.items()]


ARCHIVE = zipped(*JUNK, *recordings())


class Server(http.server.ThreadingHTTPServer):
    """Serves one file and behaves as badly as it is told."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = ARCHIVE
        self.ranges = True
        self.status = 0  # answer with this and nothing else
        self.cut: int | None = None  # end the connection after so many bytes of the body
        self.stall = threading.Event()
        self.stall.set()  # when cleared: fall silent where the body would end
        self.content_range: str | None = None
        self.asked: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/data.zip"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server
    timeout = 10

    def do_GET(self) -> None:
        server = self.server
        wanted = self.headers.get("Range")
        server.asked.append(wanted)
        if server.status:
            self.send_error(server.status)
            return
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and server.ranges else 0
        if start >= len(server.content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(server.content)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = server.content[start:]
        self.send_response(206 if wanted and server.ranges else 200)
        if wanted and server.ranges:
            given = f"bytes {start}-{len(server.content) - 1}/{len(server.content)}"
            self.send_header("Content-Range", server.content_range or given)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: server.cut])
        self.wfile.flush()
        server.stall.wait(10)

    def log_message(self, format: str, *args: object) -> None:
        """Keep silent."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.stall.set()
            server.shutdown()
            thread.join(10)


Fetch = Callable[[], None]


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "neuralink"


def source(server: Server, timeout: float = 30.0) -> neuralink.Source:
    return neuralink.Source(server.url, files=5, total_bytes=TOTAL, max_archive_bytes=20_000, timeout=timeout)


@pytest.fixture
def fetch(server: Server, target: Path) -> Fetch:
    target.parent.mkdir()
    return lambda: neuralink.fetch(target, source=source(server))


def content_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def left_over(target: Path) -> list[str]:
    return sorted(path.name for path in target.parent.iterdir())


# Over HTTP


def test_a_data_set_arrives_whole_and_once(server: Server, fetch: Fetch, target: Path) -> None:
    fetch()
    assert content_of(target) == FILES
    assert left_over(target) == ["neuralink"]
    fetch()
    assert server.asked == [None]


def test_progress_is_told_up_to_the_end(server: Server, tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    source = neuralink.Source(server.url, files=5, total_bytes=TOTAL, max_archive_bytes=20_000)
    neuralink.fetch(tmp_path / "data", source=source, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (len(ARCHIVE), len(ARCHIVE))


def test_a_broken_download_goes_on_where_it_ended(server: Server, fetch: Fetch, target: Path) -> None:
    server.cut = 2000
    with pytest.raises(DownloadError, match=f"ended after 2000 of {len(ARCHIVE)} bytes"):
        fetch()
    assert left_over(target) == ["neuralink.zip.part"]
    server.cut = None
    fetch()
    assert content_of(target) == FILES
    assert server.asked == [None, "bytes=2000-"]


def test_a_silent_server_is_given_up_and_the_download_goes_on(server: Server, fetch: Fetch, target: Path) -> None:
    server.cut = 2000
    server.stall.clear()
    with pytest.raises(DownloadError, match="timed out; try again"):
        neuralink.fetch(target, source=source(server, timeout=0.5))
    server.stall.set()
    server.cut = None
    fetch()
    assert content_of(target) == FILES


def test_a_server_without_ranges_starts_anew(server: Server, fetch: Fetch, target: Path) -> None:
    server.ranges = False
    for server.cut in (2000, 3000):
        with pytest.raises(DownloadError):
            fetch()
        assert target.with_name("neuralink.zip.part").read_bytes() == ARCHIVE[: server.cut]
    server.cut = None
    fetch()
    assert content_of(target) == FILES


def test_a_download_that_was_complete_is_not_fetched_again(server: Server, fetch: Fetch, target: Path) -> None:
    (target.parent / "neuralink.zip.part").write_bytes(ARCHIVE)
    fetch()
    assert content_of(target) == FILES
    assert server.asked == [f"bytes={len(ARCHIVE)}-"]


def test_a_part_of_another_file_is_dropped(server: Server, fetch: Fetch, target: Path) -> None:
    for stale in (ARCHIVE + b"longer", bytes(2000)):
        (target.parent / "neuralink.zip.part").write_bytes(stale)
        with pytest.raises(DownloadError, match=r"another file|archive"):
            fetch()
        assert left_over(target) == []
    fetch()
    assert content_of(target) == FILES


@pytest.mark.parametrize("answer", ["bytes 1999-5999/6000", "bytes 0-1/2", "elephants 2000-1/2", "bytes 2000-"])
def test_another_range_than_asked_for_is_refused(server: Server, fetch: Fetch, target: Path, answer: str) -> None:
    part = target.parent / "neuralink.zip.part"
    part.write_bytes(ARCHIVE[:2000])
    server.content_range = answer
    with pytest.raises(DownloadError, match="another part"):
        fetch()
    assert part.read_bytes() == ARCHIVE[:2000]


def test_more_than_the_limit_is_not_fetched(server: Server, fetch: Fetch, target: Path) -> None:
    server.content = bytes(20_001)
    with pytest.raises(DownloadError, match="more than the limit"):
        fetch()
    assert left_over(target) in ([], ["neuralink.zip.part"])
    assert sum(path.stat().st_size for path in target.parent.iterdir()) == 0


@pytest.mark.parametrize("status", [403, 404, 503])
def test_a_refusal_is_passed_on(server: Server, fetch: Fetch, status: int) -> None:
    server.status = status
    with pytest.raises(DownloadError, match=f"answers {status}"):
        fetch()


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/data.zip", "data.zip", "http://"])
def test_only_http_is_fetched(tmp_path: Path, url: str) -> None:
    with pytest.raises(DownloadError):
        datasets.get("neuralink", cache=tmp_path, url=url)


def test_no_network_is_one_clean_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server() as closed:  # nobody will listen there once it is closed
        url = closed.url
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv(neuralink.URL_VARIABLE, url)
    with pytest.raises(DownloadError, match=r"http://127\.0\.0\.1.*cannot be reached") as caught:
        datasets.get("neuralink", cache=tmp_path)
    assert isinstance(caught.value, N1Error)
    assert isinstance(caught.value, OSError)


# Hostile archives


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def damaged() -> bytes:
    at = ARCHIVE.index(bytes([3]) * 1003)
    return ARCHIVE[:at] + b"\xff" + ARCHIVE[at + 1 :]


def misstated(content: bytes, method: int) -> bytes:
    """Return an archive whose directory states the right size for a file that has another."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, value in recordings(**{"04.wav": content}):
            archive.writestr(name, value)
        archive.getinfo("data/04.wav").file_size = len(FILES["04.wav"])
    return out.getvalue()


HOSTILE = {
    "no archive": (b"<html>Not found</html>", "not a zip archive"),
    "nothing": (zipped(), "holds 0 WAV files"),
    "cut short": (ARCHIVE[:-30], "not a zip archive"),
    "a file too few": (zipped(*recordings()[1:]), "holds 4 WAV files"),
    "a file too many": (zipped(*recordings(**{"06.wav": b""})), "holds 6 WAV files"),
    "a byte too many": (zipped(*recordings(**{"04.wav": bytes(1005)})), f"{TOTAL + 1} bytes"),
    "a file twice": (zipped(*recordings(), ("more/00.wav", FILES["00.wav"])), "twice"),
    "a way out": (zipped(*recordings()[1:], ("../00.wav", FILES["00.wav"])), "unsafe name"),
    "a way out on Windows": (zipped(*recordings()[1:], ("x\\..\\00.wav", FILES["00.wav"])), "unsafe name"),
    "an absolute name": (zipped(*recordings()[1:], ("/tmp/00.wav", FILES["00.wav"])), "unsafe name"),
    "a link": (zipped(*recordings()[1:], (link("00.wav"), FILES["00.wav"])), "a link"),
    "a damaged file": (damaged(), "CRC"),
    "a bomb": (misstated(bytes(1 << 20), zipfile.ZIP_DEFLATED), "damaged|CRC"),
    "a file shorter than announced": (misstated(bytes(904), zipfile.ZIP_STORED), "not have the size it announces"),
}


@pytest.mark.parametrize(("content", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_a_wrong_archive_leaves_nothing_behind(
    server: Server, fetch: Fetch, target: Path, content: bytes, reason: str
) -> None:
    server.content = content
    with pytest.raises(DownloadError, match=reason):
        fetch()
    assert left_over(target) == []
    assert not (target.parent.parent / "00.wav").exists()
    server.content = ARCHIVE
    fetch()
    assert content_of(target) == FILES


def test_a_folder_of_something_else_is_neither_used_nor_deleted(server: Server, fetch: Fetch, target: Path) -> None:
    target.mkdir()
    (target / "mine.wav").write_bytes(b"mine")
    with pytest.raises(DownloadError, match="delete it"):
        fetch()
    assert content_of(target) == {"mine.wav": b"mine"}
    assert server.asked == []


def test_a_full_disk_keeps_the_download(
    fetch: Fetch, target: Path, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(neuralink, "unpack", full)
        with pytest.raises(OSError, match="No space left"):
            fetch()
    assert left_over(target) == ["neuralink.zip.part"]
    fetch()
    assert content_of(target) == FILES
    assert server.asked == [None, f"bytes={len(ARCHIVE)}-"]


# The cache


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"N1CODEC_CACHE": "/a", "XDG_CACHE_HOME": "/b"}, "/a"),
        ({"XDG_CACHE_HOME": "/b"}, "/b/n1codec"),
        ({"XDG_CACHE_HOME": "relative"}, "/home/me/.cache/n1codec"),
        ({}, "/home/me/.cache/n1codec"),
    ],
)
def test_the_cache_is_where_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: str
) -> None:
    for name in ("N1CODEC_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**variables, "HOME": "/home/me"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", "linux")
    assert datasets.cache_folder() == Path(expected)
    assert datasets.path_of("neuralink") == Path(expected, "neuralink")


def test_a_cache_that_cannot_be_written_is_one_clean_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for name in ("neuralink", "neuropixels"):
        with pytest.raises(DownloadError, match="cannot write"):
            datasets.get(name, cache=tmp_path / "file")


def test_two_at_a_time_take_turns(tmp_path: Path) -> None:
    inside = threading.Semaphore(1)
    clashes = []

    def enter() -> None:
        with cache.locked(tmp_path / "data"):
            clashes.append(not inside.acquire(blocking=False))
            threading.Event().wait(0.01)
            inside.release()

    threads = [threading.Thread(target=enter) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert clashes == [False] * 6


def test_data_sets_are_listed_with_size_and_origin() -> None:
    listed = {dataset.name: dataset for dataset in datasets.list_datasets()}
    assert set(listed) == {"neuralink", "neuropixels"}
    assert listed["neuralink"].size == 146_800_526
    assert listed["neuropixels"].size == 11_550_000 + 22_207
    assert all(dataset.summary and dataset.origin for dataset in listed.values())


def test_an_unknown_data_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="neuralink, neuropixels"):
        datasets.get("moon", cache=tmp_path)
    with pytest.raises(ParameterError, match="takes no url"):
        datasets.get("neuropixels", cache=tmp_path, url="http://127.0.0.1/")
