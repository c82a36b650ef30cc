"""Promise: the envelope is what docs/FORMAT.md says, byte for byte."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import n1codec
from n1codec import _core, envelope
from n1reference import checks

GOLDEN = "4e310005030b64656c74612b73746f7265010006010001000100"


def test_a_known_array_gives_known_bytes() -> None:
    data = n1codec.get("delta+store").encode(np.array([1, 2, 3], "<i2"))
    assert data[:-12].hex() == GOLDEN
    assert data[-12:-4] == _core.xxh64(bytes.fromhex("010002000300")).to_bytes(8, "little")
    assert data[-4:] == _core.crc32c(data[:-4]).to_bytes(4, "little")


def test_crc32c_is_the_castagnoli_crc() -> None:
    assert _core.crc32c(b"123456789") == 0xE3069283
    assert _core.crc32c(bytes(32)) == 0x8A9136AA  # RFC 3720, B.4
    assert _core.crc32c(bytes([0xFF] * 32)) == 0x62A8AB43


@given(data=st.binary(max_size=200), split=st.integers(0, 200))
def test_crc32c_goes_on_from_a_part_and_needs_no_special_processor(data: bytes, split: int) -> None:
    assert _core.crc32c(data[split:], _core.crc32c(data[:split])) == _core.crc32c(data) == _core.crc32c_reference(data)


@pytest.mark.parametrize("length", [65_535, 65_536, 65_559, 65_560, 200_003, 1 << 20])
def test_crc32c_of_long_data_is_that_of_the_definition(length: int) -> None:
    data = np.random.default_rng(length).bytes(length + 1)
    for part in (data[1:], memoryview(data)[1:], data):  # at odd addresses, too
        for crc in (0, 0x1234_5678):
            assert _core.crc32c(part, crc) == _core.crc32c_reference(part, crc)


@pytest.mark.parametrize("length", [31, 32, 63, 64, 95, 256, 1000, 40_001])
def test_xxh64_is_that_of_a_second_implementation(length: int) -> None:
    data = np.random.default_rng(length).bytes(length + 1)
    for part in (data[:length], data[1:]):
        for seed in (0, 1, (1 << 64) - 1):
            assert _core.xxh64(part, seed) == checks.xxh64(part, seed)


@pytest.mark.parametrize(
    ("data", "digest"),
    [
        (b"", 0xEF46DB3751D8E999),
        (b"a", 0xD24EC4F1A98C6E5B),
        (b"abc", 0x44BC2CF5AD770999),
        (b"123456789", 0x8CB841DB40E6AE83),
        (b"The quick brown fox jumps over the lazy dog", 0x0B242D361FDA71BC),
    ],
)
def test_xxh64_gives_its_published_digests(data: bytes, digest: int) -> None:
    assert _core.xxh64(data) == digest


def test_the_hash_sees_values_not_byte_order() -> None:
    samples = np.arange(100, dtype=">i2")
    assert envelope.hash_samples(samples) == envelope.hash_samples(samples.astype("<i2"))


def test_overlong_lengths_are_refused() -> None:
    body = bytes.fromhex(GOLDEN).replace(b"\x03\x0bdelta", b"\x83\x00\x0bdelta") + bytes(8)
    data = body + _core.crc32c(body).to_bytes(4, "little")
    with pytest.raises(n1codec.CorruptError, match="shortest"):
        n1codec.decode(data)


def test_a_later_version_is_named_as_such() -> None:
    body = b"N1\x01" + bytes.fromhex(GOLDEN)[3:] + bytes(8)
    with pytest.raises(n1codec.CorruptError, match="version 1"):
        n1codec.decode(body + _core.crc32c(body).to_bytes(4, "little"))


def test_a_dtype_has_one_code_and_others_are_refused() -> None:
    known = {
        "<u1": 0,
        "<u2": 1,
        "<u4": 2,
        "<i1": 4,
        "<i2": 5,
        "<i4": 6,
        "<u8": 3,
        "<i8": 7,
        "<f2": 9,
        "<f4": 10,
        "<f8": 11,
        "|b1": 12,
    }
    known |= {f">{name[1:]}": code | 0x10 for name, code in known.items() if name[-1] in "248"}
    for name, code in known.items():
        assert envelope.dtype_code(np.dtype(name), 1) == code
        assert envelope.dtype_code(np.dtype(name), 2) == code | 0x20
    for code in range(256):
        names = {known_code: np.dtype(name).str for name, known_code in known.items()}
        if code & 0x1F in names and code < 0x40:
            assert envelope.dtype_of(code).str == names[code & 0x1F]
            continue
        with pytest.raises(n1codec.CorruptError, match="unknown dtype code"):
            envelope.dtype_of(code)


def test_what_only_the_encoder_needs_is_not_stored() -> None:
    data = n1codec.get("delta:order=2+zlib:level=9").encode(np.arange(9, dtype="i2"))
    assert envelope.unpack(data)[0].spec == "delta:order=2+zlib"


def test_an_array_too_large_for_a_frame_is_refused_without_reading_it() -> None:
    huge = np.lib.stride_tricks.as_strided(np.zeros(1, "u1"), (envelope.MAX_VALUES + 1,), (0,))
    with pytest.raises(n1codec.LimitError):
        n1codec.get("zlib").encode(huge)
