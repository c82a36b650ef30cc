"""Promises: a source file may be rebuilt in pieces; damaged restore bytes are refused and never take much memory."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from n1codec import CorruptError, formats
from n1codec.codec import Layout
from n1codec.formats import restore


def noise(count: int, dtype: str = "<i2") -> Any:
    return np.random.default_rng(count).integers(0, 1 << 15, count).astype(dtype)


@given(order=st.sampled_from("CF"), cuts=st.lists(st.integers(0, 20), max_size=4), piece=st.integers(1, 40))
def test_chunks_give_the_same_file_as_the_whole(tmp_path: Path, order: Any, cuts: list[int], piece: int) -> None:
    out = io.BytesIO()
    np.save(out, np.asarray(noise(60).reshape(20, 3), order=order))
    path = tmp_path / "a.npy"
    path.write_bytes(out.getvalue())
    recording = formats.read(path, rate=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(restore, "PIECE_BYTES", piece)
        chunks = np.split(recording.samples, sorted(cuts))
        pieces = list(formats.rebuild_pieces(recording.restore, Layout.of(recording.samples), chunks))
    assert b"".join(pieces) == out.getvalue()
    assert max(map(len, pieces[1:])) <= max(piece, 6)


@pytest.mark.parametrize("count", [19, 21])
def test_samples_that_do_not_add_up_are_refused(count: int) -> None:
    with pytest.raises(CorruptError, match="samples instead of 20"):
        list(formats.rebuild_pieces(b"\x01", Layout(np.dtype("i2"), (20,)), [noise(count)]))
    with pytest.raises(CorruptError, match="does not fit"):
        list(formats.rebuild_pieces(b"\x01", Layout(np.dtype("i2"), (20,)), [noise(20, "<u2")]))


def extra(head: int, tail: int, stored: bytes) -> bytes:
    return struct.pack("<BII", 0x11, head, tail) + stored


HOSTILE_RESTORE = {
    "empty": b"",
    "unknown format": b"\x04",
    "plain and extra": b"\x18\0\0\0\0",
    "24 bits and big-endian": b"\x61",
    "24 bits of 16": b"\x21",
    "bytes after the tag": b"\x01\0",
    "rate cut short": b"\x08\0\0\0",
    "rate too long": b"\x08\0\0\0\0\0",
    "lengths cut short": b"\x11\0\0\0\0\0\0\0",
    "lengths beyond the limit": extra(0xFFFFFFFF, 0xFFFFFFFF, zlib.compress(bytes(10))),
    "longer than it says": extra(1, 1, b"abc"),
    "no zlib stream": extra(10, 10, b"abc"),
    "a stream that holds too little": extra(1000, 1000, zlib.compress(bytes(1999))),
    "a stream that holds too much": extra(1000, 1000, zlib.compress(bytes(1 << 24))[:1999]),
    "a stream cut short": extra(1000, 1000, zlib.compress(bytes(2000))[:-1]),
    "bytes after the stream": extra(1000, 1000, zlib.compress(bytes(2000)) + b"x"),
}


@pytest.mark.parametrize("data", HOSTILE_RESTORE.values(), ids=HOSTILE_RESTORE)
def test_hostile_restore_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(CorruptError):
        formats.rebuild(data, noise(20))


@pytest.mark.parametrize("promised", [70_000, 0xFFFFFFFF])
def test_a_compressed_bomb_takes_no_memory(promised: int) -> None:
    bomb = extra(promised, promised, zlib.compress(bytes(1 << 26), 9))
    tracemalloc.start()
    try:
        with pytest.raises(CorruptError):
            formats.rebuild(bomb, noise(20))
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_a_plain_wav_cannot_hold_what_its_header_cannot_say() -> None:
    with pytest.raises(CorruptError, match="cannot hold"):
        formats.rebuild(b"\x08\x01\0\0\0", np.zeros((1, 40000), np.int16))
    with pytest.raises(CorruptError, match="24 bits"):
        formats.rebuild(b"\x28\x01\0\0\0", np.array([1 << 23], np.int32))


@given(data=st.binary(max_size=40))
def test_random_restore_bytes_are_refused_or_give_a_bounded_file(data: bytes) -> None:
    try:
        rebuilt = formats.rebuild(data, np.zeros(20, np.int32))
    except CorruptError:
        return
    assert len(rebuilt) <= restore.MAX_EXTRA_BYTES + 80
