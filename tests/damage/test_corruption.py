"""Promise: damage is reported, never returned as data, for every pipeline of the registry."""

from __future__ import annotations

import numpy as np
import pytest

import n1codec
from arrays import lattice_samples
from memory import peak_bytes
from n1codec import envelope


@pytest.fixture
def encoded(pipeline: n1codec.Pipeline) -> bytes:
    return pipeline.encode(lattice_samples((60, 2)))


def test_every_single_bit_flip_is_an_error_and_takes_no_memory(encoded: bytes) -> None:
    before = peak_bytes()
    for position in range(len(encoded)):
        for bit in range(8):
            damaged = bytearray(encoded)
            damaged[position] ^= 1 << bit
            with pytest.raises(n1codec.CorruptError):
                n1codec.decode(damaged)
    assert peak_bytes() - before < 32 << 20


def test_every_truncation_is_an_error(encoded: bytes) -> None:
    for length in range(len(encoded)):
        with pytest.raises(n1codec.TruncatedError):
            n1codec.decode(encoded[:length])


def test_bytes_after_the_end_are_an_error(encoded: bytes) -> None:
    with pytest.raises(n1codec.CorruptError, match="follow"):
        n1codec.decode(encoded + b"\0")


def test_a_wrong_decoder_is_noticed_by_the_hash(encoded: bytes) -> None:
    header, payload, _ = envelope.unpack(encoded)
    other = envelope.pack(header, (bytes(payload),), samples_hash=1)
    with pytest.raises(n1codec.CorruptError, match="hash"):
        n1codec.decode(other)


def test_more_samples_than_allowed_are_refused(encoded: bytes) -> None:
    with pytest.raises(n1codec.LimitError):
        n1codec.decode(encoded, max_bytes=239)
    assert n1codec.decode(encoded, max_bytes=240).nbytes == 240


@pytest.mark.parametrize("data", [b"", b"N", b"N1", b"N1\x01", b"garbage", bytes(100), b"N1" + bytes(50)])
def test_what_is_no_frame_is_refused(data: bytes) -> None:
    with pytest.raises(n1codec.CorruptError):
        n1codec.decode(data)


def test_hostile_headers_are_refused_before_memory_is_taken() -> None:
    """Lengths around powers of two in every length field, with a right CRC."""
    before = peak_bytes()
    good = envelope.Header(np.dtype("<i2"), (8,), "delta+zlib", (b"",))
    for length in (0, 1, 2**16, 2**24, 2**30, 2**31 - 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1):
        for at in ("shape", "spec", "side", "payload"):
            data = _with_length(good, at, length)
            with pytest.raises((n1codec.CorruptError, n1codec.LimitError)):
                n1codec.decode(data, max_bytes=1 << 20)
    assert peak_bytes() - before < 32 << 20


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def _with_length(header: envelope.Header, at: str, length: int) -> bytes:
    from n1codec import _core

    def varint(name: str, honest: int) -> bytes:
        return _varint(length if name == at else honest)

    spec = header.spec.encode()
    body = b"N1\x01" + bytes([0x05]) + varint("shape", 9) + varint("spec", len(spec)) + spec
    body += b"\x01" + varint("side", 0) + varint("payload", 4) + b"\x03\x00\x00\x00" + bytes(8)
    return body + _core.crc32c(body).to_bytes(4, "little")
