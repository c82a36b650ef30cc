"""Promise: a number has one spelling, whichever reader meets it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import n1codec
from conftest import ROOT
from n1codec import _core, registry, varint
from n1codec.codec import Layout
from n1codec.codecs._streams import pack_streams, unpack_streams
from n1codec.codecs.n1 import N1
from n1codec.codecs.run_length import Rle
from n1codec.errors import CorruptError, DamageWarning, ParameterError, TruncatedError

pack = varint.pack


@given(st.integers(0, varint.LIMIT))
def test_every_number_comes_back(number: int) -> None:
    assert varint.unpack(b"\xff" + pack(number) + b"\x85", 1, varint.LIMIT, "it") == (number, 1 + len(pack(number)))


@given(st.integers(0, varint.LIMIT), st.integers(1, 12))
def test_longer_spellings_are_refused(number: int, more: int) -> None:
    with pytest.raises(CorruptError, match="shortest form"):
        varint.unpack(overlong(number, more), 0, varint.LIMIT, "it")


@pytest.mark.parametrize("number", [varint.LIMIT + 1, 1 << 70, 1 << 200])
def test_numbers_of_more_than_64_bits_are_refused(number: int) -> None:
    spelling = bytes(number >> at & 0x7F | 0x80 for at in range(0, number.bit_length(), 7)) + b"\x01"
    with pytest.raises(CorruptError, match=r"exceeds|64 bits"):
        varint.unpack(spelling, 0, varint.LIMIT, "it")
    with pytest.raises(ValueError, match="64 bits"):
        pack(number)
    with pytest.raises(ValueError, match="64 bits"):
        pack(-1)


@given(st.integers(128, varint.LIMIT))
def test_numbers_that_are_cut_short_say_so(number: int) -> None:
    for length in range(len(pack(number))):
        with pytest.raises(TruncatedError):
            varint.unpack(pack(number)[:length], 0, varint.LIMIT, "it")


def test_a_limit_is_kept() -> None:
    assert varint.unpack(b"\x80\x01", 0, 128, "it") == (128, 2)
    with pytest.raises(CorruptError, match="128 or more exceeds the limit of 127"):
        varint.unpack(b"\x80\x01", 0, 127, "it")


def overlong(number: int, more: int = 1) -> bytes:
    """Return a longer spelling."""
    spelling = pack(number)
    return spelling[:-1] + bytes([spelling[-1] | 0x80]) + b"\x80" * (more - 1) + b"\x00"


def each_spelling(monkeypatch: pytest.MonkeyPatch, encode: Callable[[], bytes], decode: Callable[[], object]) -> int:
    """Encode and decode, each time with another of the numbers written too long; return how many were refused."""
    calls = 0
    wrong = -1

    def spell(number: int) -> bytes:
        nonlocal calls
        calls += 1
        return overlong(number) if calls - 1 == wrong else pack(number)

    monkeypatch.setattr(varint, "pack", spell)
    honest = encode()
    decode()
    count = calls
    refused = 0
    for wrong in range(count):
        calls = 0
        try:
            written = encode()
            if len(written) > len(honest):  # else the number was only weighed or hashed
                decode()
                pytest.fail(f"number {wrong} of {count} was read")
        except (CorruptError, DamageWarning, ParameterError) as error:
            refused += "shortest form" in str(error)
    return refused


WITH_NUMBERS = ("bitpack+store", "lattice+store", "lpc+store", "n1", "flac", "wavpack", "alac", "pcodec")


@pytest.mark.parametrize("spec", WITH_NUMBERS)
def test_envelopes_with_a_number_too_long_are_refused(spec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if any(registry.entry(part).missing() for part in spec.split("+")):
        pytest.skip(f"what {spec} needs is not installed")
    rng = np.random.default_rng(1)
    samples = (rng.integers(-9, 9, (1100, 3)) * 64).astype("i2")
    samples[:, 1] = rng.integers(0, 2, 1100) * 1000 + 7  # maps of their own
    data = b""

    def encode() -> bytes:
        nonlocal data
        data = n1codec.get(spec).encode(samples)
        return data

    refused = each_spelling(monkeypatch, encode, lambda: n1codec.decode(data))
    for start, stop in numbers_of(n1codec.get(spec).encode(samples)):
        good = n1codec.get(spec).encode(samples)[:-4]
        wrong = good[:start] + overlong(varint.unpack(good, start, varint.LIMIT, "it")[0]) + good[stop:]
        with pytest.raises(CorruptError, match="shortest form"):
            n1codec.decode(wrong + _core.crc32c(wrong).to_bytes(4, "little"))
    inside = {"lattice+store": 6, "bitpack+store": 1, "lpc+store": 1}
    assert refused >= inside.get(spec, 0)


def numbers_of(data: bytes) -> list[tuple[int, int]]:
    """Return where in an envelope of two axes its own numbers are: first byte, and the one after the last."""
    found: list[tuple[int, int]] = []

    def number(at: int) -> tuple[int, int]:
        value, stop = varint.unpack(data, at, varint.LIMIT, "it")
        found.append((at, stop))
        return value, stop

    at = number(number(4)[1])[1]
    length, at = number(at)
    sides, at = data[at + length], at + length + 1
    for _ in range(sides):
        length, at = number(at)
        at += length
    number(at)
    return found


def test_streams_whose_length_is_too_long_a_number_are_refused() -> None:
    streams = [b"", b"a" * 5, b"b" * 300]
    joined = pack_streams(streams)
    assert joined == b"".join(pack(len(stream)) + stream for stream in streams)
    assert unpack_streams(joined, 3) == streams
    for wrong in range(3):
        spelt = b"".join((overlong if at == wrong else pack)(len(part)) + part for at, part in enumerate(streams))
        with pytest.raises(CorruptError, match="shortest form"):
            unpack_streams(spelt, 3)


def test_lengths_of_chunks_of_n1_are_refused_if_too_long() -> None:
    fixture = json.loads((ROOT / "tests" / "fixtures" / "n1" / "two-chunks-1.json").read_text("ascii"))
    payload, layout = base64.b64decode(fixture["payload"]), Layout(np.dtype(fixture["dtype"]), tuple(fixture["shape"]))
    assert payload[0] == 2
    length, at = varint.unpack(payload, 1, varint.LIMIT, "it")
    N1().decode(payload, layout)
    for wrong in (overlong(2) + payload[1:], payload[:1] + overlong(length) + payload[at:]):
        with pytest.raises(CorruptError, match="shortest form"):
            N1().decode(wrong, layout)


def test_run_lengths_are_refused_if_too_long() -> None:
    layout = Layout(np.dtype("u1"), (9,))
    assert Rle().decode(b"\x01\x0f\x05", layout).tolist() == [5] * 9
    with pytest.raises(ValueError, match="inconsistent"):
        Rle().decode(b"\x01\x8f\x00\x05", layout)


def test_files_with_a_number_too_long_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file.n1c"
    samples = np.arange(600, dtype="i2").reshape(200, 3)

    def encode() -> bytes:
        with n1codec.create(
            path,
            rate=30000,
            dtype="i2",
            channels=3,
            codec="bitpack+store",
            chunk_frames=90,
            bundle_channels=2,
            metadata={"a": 1},
            overwrite=True,
        ) as writer:
            writer.append(samples)

        return path.read_bytes()

    def decode() -> None:
        with n1codec.open(path) as file:
            file.read()

    assert each_spelling(monkeypatch, encode, decode) > 30


def test_there_is_one_reader() -> None:
    """In Python; `get_varint` of run lengths, in the core, is the other one."""
    source = ROOT / "src" / "n1codec"
    found = [path for path in sorted(source.rglob("*.py")) if "0x7F" in path.read_text()]
    assert [path.name for path in found] == ["varint.py"]
