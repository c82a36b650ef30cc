"""Promise: a hostile .n1c file costs one error of one family, little memory and little time."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import numpy as np
import pytest

import n1codec
from container_tools import quiet_open
from memory import peak_bytes
from n1codec import _core, container, varint
from n1codec.container import limits
from n1codec.container.header import Header, parse_header
from n1codec.container.index import Table, pack_index
from n1codec.container.record import pack_record


@pytest.mark.parametrize(
    "content", [b"", b"\x89", b"\x89N1C", b"\x89N1C\x00", b"RIFF" * 20, bytes(100), b"\x89N1C\x01" * 9]
)
def test_what_is_no_file_of_ours_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.n1c").write_bytes(content)
    with pytest.raises(n1codec.CorruptError, match=r"a\.n1c"):
        n1codec.open(tmp_path / "a.n1c")
    with pytest.raises(n1codec.CorruptError, match=r"a\.n1c"):
        container.recover(tmp_path / "a.n1c", tmp_path / "b.n1c")
    assert not (tmp_path / "b.n1c").exists()


def with_crc(data: bytes, salt: int = 0) -> bytes:
    return data + _core.crc32c(data, salt).to_bytes(4, "little")


def body(**changed: bytes) -> bytes:
    """Return a header with the right CRC whose fields say what they are told to."""
    fields = {
        "file_id": b"abcdefgh",
        "dtype": b"\x05",
        "channels": b"",
        "rate": b"\x64",
        "spec": b"\x05store",
        "restore": b"\0",
    }
    content = b"".join((fields | changed).values())
    return with_crc(b"\x89N1C\x00" + varint.pack(len(content)) + content)


HOSTILE_LENGTHS = [varint.pack(length) for length in (2**16, 2**26, 2**26 + 1, 2**31 - 1, 2**32 - 1, 2**63, 2**64 - 1)]


@pytest.mark.parametrize(
    "changed",
    [
        *({"channels": length + b"\x01", "dtype": b"\x25"} for length in (b"\0", *HOSTILE_LENGTHS[1:])),
        *({"channels": b"\x04" + length, "dtype": b"\x25"} for length in (b"\0", b"\x05", *HOSTILE_LENGTHS)),
        *({"spec": length} for length in (b"\0", *HOSTILE_LENGTHS)),
        *({"restore": length} for length in HOSTILE_LENGTHS),
        *({"more": key + length} for length in HOSTILE_LENGTHS for key in (b"\x01", b"\x02", b"\x80")),
        *({"more": b"\x01" + varint.pack(len(length) + 2) + length + b"{}"} for length in HOSTILE_LENGTHS),
        {"channels": b"\x80\x80\x04\x01", "dtype": b"\x25"},  # 65,536 channels in 65,536 bundles
        {"dtype": b"\x0d"},
        {"dtype": b"\xff"},
        {"rate": b"\0" + struct.pack("<d", float("nan"))},
        {"rate": b"\0" + struct.pack("<d", -1.0)},
        {"rate": b"\0" + struct.pack("<d", float("inf"))},
        {"spec": b"\x05st\xffre"},
        {"spec": b"\x05+++++"},
        {"more": b"\x03\0"},
        {"more": b"\x05\x01\0"},
        {"more": b"\x05\x01\x08"},
        {"more": b"\x06\0"},
        {"dtype": b"\x0f"},
        {"more": b"\x01\x03\x02[]"},
        {"more": b"\x01\x03\x02{]"},
        {"more": b"\x01" + varint.pack(100_003) + varint.pack(100_000) + b"[" * 100_000},
        {"more": b"\x01\x0e\x0d" + b'{"gains":[1]}'[:13]},
        {"more": b"\x02\x0b\x09../../etc\0"},
        {"more": b"\x02\x04\x01.\x00\x00"},
    ],
)
def test_hostile_headers_are_refused_before_memory_is_taken(tmp_path: Path, changed: dict[str, bytes]) -> None:
    path = tmp_path / "a.n1c"
    path.write_bytes(body() + pack_index(parse_header(body()), body(), Table(), 0, 1))
    with n1codec.open(path) as recording:
        assert recording.shape == (0,)
    path.write_bytes(body(**changed))
    before = peak_bytes()
    if changed == {"more": b"\x01\x0e\x0d" + b'{"gains":[1]}'[:13]}:
        with quiet_open(path) as recording:
            assert recording.gains == (1.0,)
        return
    with pytest.raises(n1codec.CorruptError):
        n1codec.open(path)
    assert peak_bytes() - before < 32 << 20


def hostile_header() -> tuple[Header, bytes]:
    header = Header(np.dtype("<i4"), 64, 1, 1000.0, "delta+zlib", file_id=77)
    return header, header.to_bytes()


def test_a_compressed_bomb_in_the_header_is_cut_off(tmp_path: Path) -> None:
    bomb = zlib.compress(bytes(1 << 27), 9)
    path = tmp_path / "a.n1c"
    content = varint.pack(100) + bomb
    path.write_bytes(body(more=b"\x01" + varint.pack(len(content)) + content))
    before = peak_bytes()
    with pytest.raises(n1codec.CorruptError, match="decompress"):
        n1codec.open(path)
    assert peak_bytes() - before < 32 << 20


MOST_FRAMES = limits.MAX_CHUNK_VALUES // 64


@pytest.mark.parametrize("start", [0, limits.MAX_SAMPLES - 1, limits.MAX_SAMPLES + 1, 2**64 - 1])
@pytest.mark.parametrize(
    "n_samples", [0, 1, limits.MAX_CHUNK_VALUES // 64, limits.MAX_CHUNK_VALUES // 64 + 1, 2**32, 2**63 - 1]
)
@pytest.mark.parametrize("length", [0, 1, 12, 2**28 + 1, 2**64 - 1])
def test_hostile_chunks_are_refused_before_memory_is_taken(
    tmp_path: Path, start: int, n_samples: int, length: int
) -> None:
    header, data = hostile_header()
    record = pack_record(header, start, n_samples, [length] + 63 * [0])
    path = tmp_path / "a.n1c"
    path.write_bytes(data + record + bytes(100))
    before = peak_bytes()
    with quiet_open(path) as recording:
        assert not recording.verify().ok
        assert len(recording.chunks) <= 1
        if recording.n_samples:
            with pytest.raises(n1codec.CorruptError):
                recording[-1]
    assert peak_bytes() - before < 32 << 20


def test_hostile_indexes_are_refused_before_memory_is_taken(tmp_path: Path) -> None:
    header, data = hostile_header()
    path = tmp_path / "a.n1c"
    before = peak_bytes()
    for length in (1, 2**16, 2**22, 2**22 + 1, 2**31 - 1, 2**32 - 1, 2**48, 2**63, 2**64 - 1):
        number = varint.pack(length)
        for index in (
            b"\0" + number,  # copy of the header
            b"\0\0" + number + b"\x02\x0c" * 50,  # number of chunks
            b"\0\0\x01" + number + b"\x40\0",  # length of a chunk in samples
            b"\0\0\x01\x03" + number + b"\x40\0",  # gap
            b"\0\0\x01\x02" + number + b"\0",  # length of a chunk in bytes
            b"\0\0\0" + number,  # gap at the end
        ):
            whole = with_crc(index + bytes(8), header.salt)
            path.write_bytes(data + whole + len(whole).to_bytes(4, "little") + limits.END_MAGIC)
            with quiet_open(path) as recording:
                assert not recording.verify().ok
                with pytest.raises((n1codec.CorruptError, n1codec.LimitError, IndexError)):
                    recording[0]
                if recording.n_samples:
                    with pytest.raises(n1codec.N1Error):
                        recording.read()
            container.recover(path, tmp_path / "b.n1c", overwrite=True)
    for length in (2**28 + 1, 2**32 - 1):
        path.write_bytes(data + length.to_bytes(4, "little") + limits.END_MAGIC)
        with quiet_open(path) as recording:
            assert recording.shape == (0, 64)
    assert peak_bytes() - before < 64 << 20


@pytest.mark.parametrize("kind", ["fields", "floods"])
def test_files_right_in_every_crc_and_wrong_in_what_they_say_cost_one_error_and_little(
    tmp_path: Path, kind: str
) -> None:
    """Every number at its extremes, and floods of what costs most: none takes much longer than a valid file of its size."""
    command = [sys.executable, str(Path(__file__).parents[1].joinpath("hostile_files_worker.py")), kind, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stderr[-2000:]
    valid, *hostile = map(json.loads, done.stdout.splitlines())
    assert (valid["fault"], valid["outcomes"]) == ("", ["done"] * 3)
    assert len(hostile) > (1000 if kind == "fields" else 30)
    for facts in hostile:
        assert not facts["fault"], facts
        assert facts["MiB"] < 300, facts
        assert facts["s"] < 1 + 10 * valid["s"], facts


def test_a_file_made_to_keep_readers_busy_does_not(tmp_path: Path) -> None:
    header = Header(np.dtype("<i2"), 4096, 1, 1000.0, "delta+zlib", file_id=77)
    data = header.to_bytes()
    path = tmp_path / "a.n1c"
    nested = b"".join(pack_record(header, 0, 1, [12] * 4095 + [1 << 20]) for _ in range(200))
    for content in (limits.SYNC * (1 << 16), limits.SYNC[:3] * (1 << 16), nested + bytes(1 << 20)):
        path.write_bytes(data + content)
        started = time.process_time()
        for attempt in (lambda: quiet_open(path).close(), lambda: container.recover(path, tmp_path / "b.n1c")):
            try:
                attempt()
            except n1codec.CorruptError as error:
                assert "busy" in str(error)  # noqa: PT017
        (tmp_path / "b.n1c").unlink(missing_ok=True)
        assert time.process_time() - started < 5
