"""Promises: of a WAV that its recorder never completed, all that is there is read, a line says so, and it comes back."""

from __future__ import annotations

import os
import struct
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_formats_wav import DATA, LIST, chunk, extensible, fmt, restored, riff, rifx

from cli_files import lines, ok
from n1codec import DamageWarning, FormatError, formats
from n1codec.formats import wav

MAX = 0xFFFFFFFF
BIG_FORMAT = struct.pack(">HHIIHH", 1, 1, 19531, 39062, 2, 16)


def rf64(
    riff_size: int, data_size: int, short_size: int, *, kind: bytes = b"RF64", more: bytes = b"", data: bytes = DATA
) -> bytes:
    ds64 = chunk(b"ds64", struct.pack("<QQQI", riff_size, data_size, 0, len(more) // 12) + more)
    return riff(ds64, fmt(), chunk(b"data", data, size=short_size), kind=kind, size=MAX)


UNFINISHED = {
    "RF64, ds64 never filled in": (rf64(0, 0, MAX), "no length"),
    "BW64, nothing ever filled in": (rf64(0, 0, 0, kind=b"BW64"), "never completed"),
    "RF64, only the 32-bit size is right": (rf64(0, 0, len(DATA)), None),
    "RF64 with a wrong 32-bit size": (rf64(72 + len(DATA), len(DATA), 255), "ds64 chunk 1,002"),
    "RF64 without ds64": (riff(fmt(), chunk(b"data", DATA, size=MAX), kind=b"RF64", size=MAX), "no length"),
    "RIFF of the greatest size, no data": (riff(fmt(), chunk(b"data", DATA, size=0), size=MAX), "never completed"),
    "RIFF of no size, no data": (riff(fmt(), chunk(b"data", DATA, size=0), size=0), "never completed"),
    "RIFF of eight bytes, no data": (riff(fmt(), chunk(b"data", DATA, size=0), size=8), "never completed"),
    "RIFF of the right size, no data": (riff(fmt(), chunk(b"data", DATA, size=0)), "never completed"),
    "stream": (riff(fmt(), LIST, chunk(b"data", DATA, size=MAX), size=MAX), "no length"),
    "copy cut short": (riff(fmt(), chunk(b"data", DATA + DATA))[: 44 + len(DATA)], "cut short"),
    "RF64 cut short": (rf64(1 << 40, 1 << 40, MAX), "cut short"),
    "junk behind the data": (riff(fmt(), chunk(b"data", DATA)) + b"some junk", "9 bytes after the samples"),
    "block size of nothing": (riff(fmt(block=0), chunk(b"data", DATA)), "block size of 0"),
    "empty data chunk before the data": (
        riff(fmt(), chunk(b"data", b""), LIST, chunk(b"data", DATA)),
        "first data chunk",
    ),
}

WHOLE = {
    "RF64 with a table": (rf64(2000, len(DATA), MAX, more=b"JUNK" + struct.pack("<Q", 5)), 501),
    "long chunk that only the table knows": (
        riff(
            chunk(b"ds64", struct.pack("<QQQI", 2000, len(DATA), 0, 1) + b"axml" + struct.pack("<Q", 40)),
            chunk(b"axml", bytes(40), size=MAX),
            fmt(),
            chunk(b"data", DATA, size=MAX),
            kind=b"BW64",
            size=MAX,
        ),
        501,
    ),
    "fillers before and behind": (
        riff(
            chunk(b"JUNK", bytes(28)),
            chunk(b"bext", bytes(603)),
            fmt(),
            chunk(b"fact", bytes(4)),
            chunk(b"FLLR", bytes(4044)),
            chunk(b"PAD ", b""),
            chunk(b"data", DATA),
            LIST,
            chunk(b"id3 ", b"abc"),
        ),
        501,
    ),
    "zeros between chunks": (riff(fmt(), bytes(6), LIST, bytes(13), chunk(b"data", DATA)), 501),
    "padded with zeros": (riff(fmt(), chunk(b"data", DATA)) + bytes(512), 501),
    "ambisonic": (
        riff(extensible(guid=bytes.fromhex("0100 0000 2107 d311 8644 c8c1 ca00 0000")), chunk(b"data", DATA)),
        501,
    ),
    "no data, then a chunk": (riff(fmt(), chunk(b"data", b""), LIST), 0),
    "big-endian": (
        rifx(struct.pack(">HHIIHH", 1, 1, 19531, 39062, 2, 16), np.frombuffer(DATA, "<i2").astype(">i2").tobytes()),
        501,
    ),
}


def write(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(("content", "note"), UNFINISHED.values(), ids=UNFINISHED)
def test_all_that_is_there_is_read_and_a_line_says_so(
    tmp_path: Path, content: bytes, note: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, content)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        recording = formats.read(path)
    np.testing.assert_array_equal(recording.samples, np.frombuffer(DATA, "<i2"))
    assert restored(recording) == content
    assert [(one.category, str(one.message)) for one in warned] == [
        (DamageWarning, f"{path}: {text}") for text in recording.notes
    ]
    ok("encode", path)
    said = lines(capsys)
    assert said[:-1] == [f"{path}: {text}" for text in recording.notes]
    assert len(recording.notes) == (note is not None)
    assert (note or "") in "".join(recording.notes)
    ok("encode", "-qf", path)
    assert lines(capsys) == []
    ok("decode", "-q", f"{path}.n1c", "-o", tmp_path / "again.wav")
    assert (tmp_path / "again.wav").read_bytes() == content


@pytest.mark.parametrize(("content", "count"), WHOLE.values(), ids=WHOLE)
def test_what_other_readers_accept_is_read_without_a_word(tmp_path: Path, content: bytes, count: int) -> None:
    recording = formats.read(write(tmp_path, content))
    np.testing.assert_array_equal(recording.samples, np.frombuffer(DATA, "<i2")[:count])
    assert restored(recording) == content


def test_samples_in_wider_containers_are_read_as_their_containers(tmp_path: Path) -> None:
    recording = formats.read(write(tmp_path, riff(fmt(bits=24, block=8, channels=2), chunk(b"data", DATA[:800]))))
    np.testing.assert_array_equal(recording.samples, np.frombuffer(DATA[:800], "<i4").reshape(-1, 2))


@pytest.mark.parametrize("tail", [b"", LIST, b"\1\2\3"])
def test_a_length_that_ran_over_is_found(tmp_path: Path, tail: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """As 2**32 bytes more would be: 512 here, where 64 bytes beside the samples are too many."""
    monkeypatch.setattr(wav, "WRAP", 512)
    monkeypatch.setattr(wav, "MAX_EXTRA_BYTES", 64 + 44)
    content = riff(fmt(), chunk(b"data", DATA, size=len(DATA) % 512)) + tail
    with pytest.warns(DamageWarning, match="ran over, so 1,002 are read"):
        recording = formats.read(write(tmp_path, content))
    np.testing.assert_array_equal(recording.samples, np.frombuffer(DATA, "<i2"))
    assert restored(recording) == content


def test_a_recorder_that_went_on_after_filling_in_the_length_is_read_to_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wav, "MAX_EXTRA_BYTES", 64 + 44)
    content = riff(fmt(), chunk(b"data", DATA, size=100), size=136)
    with pytest.warns(DamageWarning, match="902 more follow, which are no chunks"):
        recording = formats.read(write(tmp_path, content))
    assert recording.samples.nbytes == len(DATA)
    assert restored(recording) == content


def test_beyond_four_gigabytes_with_a_length_that_ran_over(tmp_path: Path) -> None:
    count, path = 2_200_000_000, tmp_path / "a.wav"
    head = riff(fmt(), chunk(b"data", b"", size=2 * count % (1 << 32)), size=(36 + 2 * count) % (1 << 32))
    path.write_bytes(head)
    os.truncate(path, 44 + 2 * count)  # a hole: it takes no space on the disk
    with pytest.warns(DamageWarning, match="ran over"):
        recording = formats.open_recording(path)
    with recording:
        assert recording.shape == (count,)
        assert recording.read(count - 3, count).tolist() == [0, 0, 0]


OVERRULED: dict[str, tuple[str, bytes]] = {
    "WAV": ("a.wav", riff(fmt(), chunk(b"data", DATA))),
    "floats": ("b.WAV", riff(fmt(tag=3, bits=32), chunk(b"data", DATA))),
    "broken WAV": ("c.wav", b"RIFF\0\0"),
    "npy": ("d.npy", b"\x93NUMPY\1\0" + DATA),
    "any name": ("e.session1", DATA),
    "half a frame too much": ("f.dat", DATA + b"\1"),
    "of another system": ("g.ns6", b"NEURALCD" + DATA),
    "packed": ("h.i16", DATA),
}


@pytest.mark.parametrize(("name", "content"), OVERRULED.values(), ids=OVERRULED)
def test_dtype_channels_and_rate_together_read_any_file_as_samples(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / "in" / name
    path.parent.mkdir()
    path.write_bytes(content)
    options: dict[str, Any] = {"dtype": "int16", "channels": 2, "rate": 30000}
    with formats.open_recording(path, **options) as recording:
        assert (recording.format, recording.shape) == ("raw", (len(content) // 4, 2))
        assert recording.read(0, recording.shape[0]).tobytes() == content[: len(content) // 4 * 4]
    described = ("--dtype", "int16", "--channels", "2", "--rate", "30000")
    ok("encode", "-q", path, *described, "-o", f"{tmp_path / 'coded'}/")
    ok("decode", "-q", tmp_path / "coded", "-o", f"{tmp_path / 'out'}/")
    assert (tmp_path / "out" / name).read_bytes() == content


def test_options_for_a_folder_do_not_overrule_the_headers_in_it(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.wav").write_bytes(riff(fmt(), chunk(b"data", DATA)))
    (tmp_path / "in/b.raw").write_bytes(DATA)
    described = ("--dtype", "int16", "--channels", "1", "--rate", "30000")
    ok("convert", "-q", tmp_path / "in", *described, "--to", "npy", "-o", tmp_path / "out")
    for name in ("a.npy", "b.npy"):
        assert formats.read(tmp_path / "out" / name, rate=1).samples.tobytes() == DATA


def test_a_refused_wav_names_the_way_round(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"mu-law .*--dtype, --channels and --rate together read any file"):
        formats.read(write(tmp_path, riff(fmt(tag=7, bits=8), chunk(b"data", DATA))))
