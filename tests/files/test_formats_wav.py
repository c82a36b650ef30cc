"""Promises: a WAV comes back byte for byte, however odd it is; a hostile one is refused in one sentence."""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from n1codec import FormatError, formats
from n1codec.formats import _source

pytestmark = pytest.mark.filterwarnings(
    "ignore::n1codec.errors.DamageWarning"
)  # test_formats_recorders.py asks for them

PCM_GUID = bytes.fromhex("0100 0000 0000 1000 8000 00aa 0038 9b71")
FLOAT_GUID = bytes.fromhex("0300 0000 0000 1000 8000 00aa 0038 9b71")


def chunk(name: bytes, body: bytes, *, size: int | None = None, pad: bool = True) -> bytes:
    return name + struct.pack("<I", len(body) if size is None else size) + body + bytes(len(body) % 2 * pad)


def fmt(
    *, tag: int = 1, channels: int = 1, rate: int = 19531, bits: int = 16, block: int | None = None, more: bytes = b""
) -> bytes:
    block = channels * ((bits + 7) // 8) if block is None else block
    fields = struct.pack("<HHIIHH", tag, channels, rate, rate * block & 0xFFFFFFFF, block & 0xFFFF, bits)
    return chunk(b"fmt ", fields + more)


def extensible(bits: int = 16, channels: int = 1, guid: bytes = PCM_GUID) -> bytes:
    more = struct.pack("<HHI", 22, bits, 4) + guid
    return fmt(tag=0xFFFE, bits=bits, channels=channels, more=more)


def riff(*chunks: bytes, size: int | None = None, kind: bytes = b"RIFF") -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return kind + struct.pack("<I", len(body) if size is None else size) + body


def rifx(fields: bytes, data: bytes) -> bytes:
    body = b"WAVEfmt " + struct.pack(">I", len(fields)) + fields + b"data" + struct.pack(">I", len(data)) + data
    return b"RIFX" + struct.pack(">I", len(body)) + body


def values(count: int, dtype: str = "<i2") -> Any:
    info = np.iinfo(dtype)
    return np.random.default_rng(count).integers(info.min, info.max, count, dtype, endpoint=True)


DATA = values(501).tobytes()
ODD = values(501, "u1").tobytes()
LIST = chunk(b"LIST", b"INFOISFT\x06\0\0\0ephys\0")
ODD_LIST = chunk(b"LIST", b"INFOabc")

PLAIN = {
    "mono 16 bits": riff(fmt(), chunk(b"data", DATA)),
    "stereo 16 bits": riff(fmt(channels=2), chunk(b"data", DATA[:1000])),
    "mono 8 bits, odd length padded": riff(fmt(bits=8), chunk(b"data", ODD)),
    "mono 24 bits, odd length padded": riff(fmt(bits=24), chunk(b"data", ODD)),
    "three channels of 24 bits": riff(fmt(bits=24, channels=3), chunk(b"data", ODD[:495])),
    "mono 32 bits": riff(fmt(bits=32), chunk(b"data", DATA[:1000])),
    "no samples": riff(fmt(), chunk(b"data", b"")),
    "65,535 channels of 8 bits": riff(fmt(bits=8, channels=65535), chunk(b"data", ODD + bytes(65034))),
}

ODDITIES = {
    "8 bits, odd length without padding": riff(fmt(bits=8), chunk(b"data", ODD, pad=False)),
    "24 bits, padded with something else": riff(fmt(bits=24), chunk(b"data", ODD, pad=False) + b"\x7f"),
    "extensible": riff(extensible(), chunk(b"data", DATA)),
    "extensible, two channels of 24 bits": riff(extensible(24, 2), chunk(b"data", ODD[:498])),
    "12 bits in 16": riff(fmt(bits=12), chunk(b"data", DATA)),
    "fmt chunk of 18 bytes": riff(fmt(more=b"\0\0"), chunk(b"data", DATA)),
    "32 bits at an odd place": riff(fmt(bits=32, more=b"\0\0"), chunk(b"data", DATA[:1000])),
    "LIST before data": riff(fmt(), LIST, chunk(b"data", DATA)),
    "LIST after data": riff(fmt(), chunk(b"data", DATA), LIST),
    "odd LIST before data": riff(fmt(), ODD_LIST, chunk(b"data", DATA)),
    "odd LIST before data without padding": riff(fmt(), ODD_LIST[:-1], chunk(b"data", DATA)),
    "unknown chunk before fmt": riff(chunk(b"JUNK", bytes(28)), fmt(), chunk(b"data", DATA)),
    "no samples, then LIST": riff(fmt(), chunk(b"data", b""), LIST),
    "two data chunks": riff(fmt(), chunk(b"data", DATA), chunk(b"data", DATA[::-1])),
    "byte rate wrong": riff(fmt(), chunk(b"data", DATA)).replace(struct.pack("<I", 39062), b"\1\2\3\4"),
    "RIFF size too small": riff(fmt(), chunk(b"data", DATA), size=7),
    "RIFF size too large": riff(fmt(), chunk(b"data", DATA), size=1 << 30),
    "stream of unknown length": riff(fmt(), chunk(b"data", DATA, size=0xFFFFFFFF), size=0xFFFFFFFF),
    "header never filled in": riff(fmt(), chunk(b"data", DATA, size=0), size=0),
    "cut short in a frame": riff(fmt(channels=2), chunk(b"data", DATA[:1000]))[:-3],
    "cut short right after the header": riff(fmt(), chunk(b"data", DATA))[:44],
    "half a sample": riff(fmt(), chunk(b"data", b"\x2a")),
    "garbage at the end": riff(fmt(), chunk(b"data", DATA)) + b"garbage",
    "zeros at the end": riff(fmt(), chunk(b"data", DATA)) + bytes(4096),
    "block of zero": riff(fmt(block=0), chunk(b"data", DATA)),
    "block that wraps": riff(fmt(channels=65535), chunk(b"data", DATA)),
    "24 bits in 4 bytes": riff(fmt(bits=24, block=4), chunk(b"data", DATA[:1000])),
    "big-endian": rifx(struct.pack(">HHIIHH", 1, 1, 19531, 39062, 2, 16), DATA),
    "zeros between chunks": riff(fmt(), bytes(6), LIST, bytes(13), chunk(b"data", DATA)),
    "RF64": riff(
        chunk(b"ds64", struct.pack("<QQQI", 1100, len(DATA), 501, 0)),
        fmt(),
        chunk(b"data", DATA, size=0xFFFFFFFF),
        LIST,
        kind=b"RF64",
        size=0xFFFFFFFF,
    ),
    "BW64 that promises too much": riff(
        chunk(b"ds64", struct.pack("<QQQI", 1 << 62, 1 << 62, 1 << 61, 0)),
        fmt(),
        chunk(b"data", DATA, size=0xFFFFFFFF),
        kind=b"BW64",
    ),
}


def read(tmp_path: Path, content: bytes) -> formats.Recording:
    path = tmp_path / "recording.wav"
    path.write_bytes(content)
    return formats.read(path)


def restored(recording: formats.Recording) -> bytes:
    return formats.rebuild(recording.restore, recording.samples)


@pytest.mark.parametrize("content", PLAIN.values(), ids=PLAIN)
def test_a_plain_wav_comes_back_from_five_bytes(tmp_path: Path, content: bytes) -> None:
    recording = read(tmp_path, content)
    assert restored(recording) == content
    assert len(recording.restore) == 5
    assert recording.source_bytes == len(content)


@pytest.mark.parametrize("content", ODDITIES.values(), ids=ODDITIES)
def test_an_odd_wav_comes_back_byte_for_byte(tmp_path: Path, content: bytes) -> None:
    recording = read(tmp_path, content)
    assert restored(recording) == content
    assert len(recording.restore) <= 9 + len(content) - recording.samples.size  # samples of one byte at least


def test_what_is_regular_beside_the_samples_is_compressed(tmp_path: Path) -> None:
    assert len(read(tmp_path, ODDITIES["zeros at the end"]).restore) < 100


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("LIST before data", 501),
        ("LIST after data", 501),
        ("odd LIST before data without padding", 501),
        ("RIFF size too small", 501),
        ("stream of unknown length", 501),
        ("header never filled in", 501),
        ("garbage at the end", 501),
        ("RF64", 501),
        ("no samples, then LIST", 0),
    ],
)
def test_the_samples_are_found_among_other_chunks(tmp_path: Path, name: str, count: int) -> None:
    np.testing.assert_array_equal(read(tmp_path, ODDITIES[name]).samples, np.frombuffer(DATA, "<i2")[:count])


@pytest.mark.parametrize(
    ("bits", "dtype", "expected"),
    [
        (8, np.uint8, [0, 255, 127, 128, 1, 2]),
        (16, np.int16, [-256, -32641, 513]),
        (24, np.int32, [0x7FFF00, 0x020180]),
    ],
)
def test_samples_have_the_width_of_the_file(tmp_path: Path, bits: int, dtype: type, expected: list[int]) -> None:
    recording = read(tmp_path, riff(fmt(bits=bits, rate=7), chunk(b"data", bytes([0, 255, 127, 128, 1, 2]))))
    assert recording.samples.dtype == dtype
    assert recording.samples.tolist() == expected
    assert (recording.rate, recording.channels, recording.seconds) == (7.0, 1, len(expected) / 7)


def test_24_bit_samples_are_sign_extended(tmp_path: Path) -> None:
    body = b"\xff\xff\xff" + b"\x00\x00\x80" + b"\xff\xff\x7f" + b"\0\0\0"
    recording = read(tmp_path, riff(fmt(bits=24), chunk(b"data", body)))
    assert recording.samples.tolist() == [-1, -(1 << 23), (1 << 23) - 1, 0]


def test_stereo_samples_are_frames_of_channels(tmp_path: Path) -> None:
    recording = read(tmp_path, riff(fmt(channels=2), chunk(b"data", struct.pack("<6h", 1, -1, 2, -2, 3, -3))))
    assert recording.samples.tolist() == [[1, -1], [2, -2], [3, -3]]


def test_a_large_file_is_mapped_and_comes_back_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_source, "MAP_BYTES", 100)
    for content in [*PLAIN.values(), *ODDITIES.values()]:
        recording = read(tmp_path, content)
        assert restored(recording) == content
        assert not recording.samples.flags.writeable


HOSTILE = {
    "empty": (b"", "is empty"),
    "eleven bytes": (riff()[:11], "too few"),
    "another format": (b"OggS" + bytes(40), "is an Ogg file"),
    "nothing known": (b"NOPE" + bytes(40), "not a WAV"),
    "not a wave": (b"RIFF" + bytes(40), "not a WAV"),
    "nothing but the header": (riff(), "no data chunk"),
    "no data": (riff(fmt(), LIST), "no data chunk"),
    "no fmt": (riff(chunk(b"data", DATA)), "no fmt chunk"),
    "fmt after data": (riff(chunk(b"data", DATA), fmt()), "no fmt chunk before"),
    "two fmt chunks": (riff(fmt(), fmt(bits=8), chunk(b"data", DATA)), "two fmt"),
    "fmt of 15 bytes": (riff(chunk(b"fmt ", fmt()[8:23]), chunk(b"data", DATA)), "too short"),
    "fmt cut short": (riff(fmt())[:30], "past the end"),
    "chunk longer than the file": (riff(fmt(), chunk(b"LIST", b"", size=1 << 30)), "past the end"),
    "chunk size that wraps": (riff(fmt(), chunk(b"LIST", b"", size=0xFFFFFFF8), chunk(b"data", DATA)), "past the end"),
    "endless empty chunks": (riff(*[chunk(b"JUNK", b"")] * 5000, fmt(), chunk(b"data", DATA)), "first 1024"),
    "zero channels": (riff(fmt(channels=0), chunk(b"data", DATA)), "no channels"),
    "rate of zero": (riff(fmt(rate=0), chunk(b"data", DATA)), "rate of zero"),
    "0 bits": (riff(fmt(bits=0, block=0), chunk(b"data", DATA)), "0 bits"),
    "33 bits": (riff(fmt(bits=33), chunk(b"data", DATA)), "33 bits"),
    "64 bits": (riff(fmt(bits=64), chunk(b"data", DATA)), "64 bits"),
    "floats": (riff(fmt(tag=3, bits=16), chunk(b"data", DATA)), "floating-point samples of 16 bits"),
    "extensible floats": (
        riff(extensible(24, guid=FLOAT_GUID), chunk(b"data", DATA)),
        "floating-point samples of 24 bits",
    ),
    "extensible, unknown": (riff(extensible(guid=bytes(16)), chunk(b"data", DATA)), "unknown sub-format"),
    "extensible, cut short": (riff(fmt(tag=0xFFFE, more=bytes(4)), chunk(b"data", DATA)), "too short"),
    "ADPCM": (riff(fmt(tag=0x11, bits=4), chunk(b"data", DATA)), "IMA ADPCM (format tag 0x0011)"),
    "mu-law": (riff(fmt(tag=7, bits=8), chunk(b"data", DATA)), "mu-law"),
    "MP3": (riff(fmt(tag=0x55, bits=16), chunk(b"data", DATA)), "MP3"),
    "unknown tag": (riff(fmt(tag=0x4242), chunk(b"data", DATA)), "0x4242"),
    "big-endian of 24 bits": (rifx(struct.pack(">HHIIHH", 1, 1, 9, 27, 3, 24), ODD), "24 bits"),
    "ds64 too short": (riff(chunk(b"ds64", bytes(8)), fmt(), chunk(b"data", DATA), kind=b"RF64"), "ds64"),
    "too much beside the samples": (
        riff(chunk(b"JUNK", bytes(1 << 24)), fmt(), chunk(b"data", DATA)),
        "beside the sampl",
    ),
}


@pytest.mark.parametrize(("content", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_wav_is_refused_with_its_name_and_the_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(FormatError, match=re.escape(reason)) as caught:
        read(tmp_path, content)
    assert caught.value.path == str(tmp_path / "recording.wav")


SEEDS = [*PLAIN.values(), *ODDITIES.values()]


@pytest.mark.parametrize("content", SEEDS, ids=[*PLAIN, *ODDITIES])
@given(data=st.data())
def test_a_mutated_header_is_refused_or_still_restored(tmp_path: Path, content: bytes, data: st.DataObject) -> None:
    mutant = bytearray(content)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, min(len(mutant), 110) - 1))
        mutant[at] = data.draw(st.one_of(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF]), st.integers(0, 255)))
    mutant = mutant[: data.draw(st.one_of(st.just(len(mutant)), st.integers(0, len(mutant))))]
    try:
        recording = read(tmp_path, bytes(mutant))
    except FormatError:
        return
    assert restored(recording) == mutant
    assert recording.samples.nbytes <= 4 * len(mutant) / 3 + 4


@pytest.mark.parametrize("value", [0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF])
@pytest.mark.parametrize("at", [4, 16, 20, 24, 28, 32, 40])
def test_extreme_fields_are_refused_or_still_restored(tmp_path: Path, at: int, value: int) -> None:
    mutant = bytearray(PLAIN["mono 16 bits"])
    mutant[at : at + 4] = struct.pack("<I", value)
    try:
        recording = read(tmp_path, bytes(mutant))
    except FormatError:
        return
    assert restored(recording) == mutant


def test_every_real_recording_comes_back_from_eight_bytes_at_most(neuralink_files: list[Path]) -> None:
    for path in neuralink_files:
        recording = formats.read(path)
        assert restored(recording) == path.read_bytes()
        assert len(recording.restore) <= 8
        assert (recording.rate, recording.channels, recording.samples.dtype) == (19531.0, 1, np.dtype(np.int16))
        assert recording.name == path.stem
