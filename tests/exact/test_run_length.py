"""Promise: run lengths are exact, small where samples repeat, and never more than a byte larger than the samples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrays import patterns, same
from n1codec.codec import Layout
from n1codec.codecs.run_length import Rle

DTYPES = ("u1", "i1", "u2", "i2", "u4", "i4")
RLE = Rle()


@given(
    runs=st.lists(st.tuples(st.integers(0, 2**32 - 1), st.sampled_from((1, 1, 2, 3, 4, 66, 130, 700))), min_size=1),
    dtype=st.sampled_from(DTYPES),
)
@settings(max_examples=100)
def test_runs_and_literals_of_any_lengths_come_back(runs: list[tuple[int, int]], dtype: str) -> None:
    values = np.array([value for value, _ in runs], np.uint32).astype(dtype)
    samples = np.repeat(values, [length for _, length in runs])
    payload = RLE.encode(samples)
    assert len(payload) <= samples.nbytes + 1
    assert same(RLE.decode(payload, Layout.of(samples)), samples)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(1,), (2,), (513,), (40_000,), (999, 7)], ids=str)
def test_awkward_samples_come_back(dtype: str, shape: tuple[int, ...]) -> None:
    for name, samples in patterns(np.dtype(dtype), shape):
        payload = RLE.encode(samples)
        assert len(payload) <= samples.nbytes + 1, name
        assert same(RLE.decode(payload, Layout.of(samples)), samples), name


def test_noise_is_stored_at_the_price_of_one_byte() -> None:
    samples = np.random.default_rng(0).integers(-(2**15), 2**15, 5000).astype(np.int16)
    assert RLE.encode(samples) == b"\x00" + samples.astype("<i2").tobytes()


def test_the_payload_is_the_documented_one() -> None:
    samples = np.array([5, 5, 5, 5, 258, 1, 1, 9, 9, 9], np.uint16)
    run, literals, last = b"\x05\x05\x00", b"\x04\x02\x01\x01\x00\x01\x00", b"\x03\x09\x00"
    assert RLE.encode(samples) == b"\x01" + run + literals + last
    long = np.zeros(1_000_000, np.int8)
    assert RLE.encode(long) == b"\x01" + b"\xfd\x88\x7a" + b"\x00"


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_run_of_a_million_takes_a_few_bytes(dtype: str) -> None:
    samples = np.full(1_000_000, 77, dtype)
    payload = RLE.encode(samples)
    assert len(payload) == 1 + 3 + samples.itemsize
    assert same(RLE.decode(payload, Layout.of(samples)), samples)


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (b"", "empty"),
        (b"\x02\x08", "unknown mode"),
        (b"\x01", "no packet"),
        (b"\x01\x03", "a run without its sample"),
        (b"\x01\x03\x01", "half a sample"),
        (b"\x01\x09\x01\x00", "a run longer than the samples"),
        (b"\x01\x0a" + bytes(12), "more literals than samples"),
        (b"\x01\x08" + bytes(9), "literals cut short"),
        (b"\x01\x08" + bytes(11), "a byte too many"),
        (b"\x01\x87\x00\x01\x00", "a number longer than need be"),
        (b"\x01\xff\xff\xff\xff\x7f\x01\x00", "a number beyond 32 bits"),
        (b"\x01\xff\xff\xff\xff\xff\x01\x00", "a number without an end"),
        (b"\x00" + bytes(9), "stored samples cut short"),
        (b"\x00" + bytes(11), "too many stored samples"),
    ],
)
def test_nonsense_is_refused(payload: bytes, why: str) -> None:
    layout = Layout(np.dtype(np.int16), (5,))
    assert np.array_equal(RLE.decode(b"\x01\x07\x01\x00", layout), np.ones(5)), "the honest payload"
    with pytest.raises(ValueError):
        RLE.decode(payload, layout)


@given(payload=st.binary(max_size=100))
def test_random_bytes_are_refused_or_give_the_layout(payload: bytes) -> None:
    layout = Layout(np.dtype(np.uint32), (20, 3))
    try:
        decoded = RLE.decode(b"\x01" + payload, layout)
    except ValueError:
        return
    assert Layout.of(decoded) == layout
