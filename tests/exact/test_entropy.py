"""Promise: the entropy coders are exact, as tight as theory says, never expand, and refuse what makes no sense."""

from __future__ import annotations

import hashlib
import heapq
import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from arrays import patterns, same
from n1codec.codec import Coder, Layout, Samples
from n1codec.codecs.entropy import Arithmetic, Huffman, Rans, Rice
from n1codec.errors import ParameterError

CODERS: tuple[Coder, ...] = (Huffman(), Arithmetic(), Arithmetic("static"), Rans(), Rice())
WITH_TABLE = CODERS[:4]
DTYPES = ("u1", "i1", "u2", "i2", "u4", "i4")
MUTANTS = int(os.environ.get("N1CODEC_MUTANTS", "250")) * 8
EXAMPLES = int(os.environ.get("N1CODEC_EXAMPLES", "12")) * 5

each_coder = pytest.mark.parametrize("coder", CODERS, ids=lambda coder: coder.spec())


def entropy(samples: Samples) -> float:
    """Return the order-0 entropy of the values, in bits a sample."""
    share = np.unique(samples, return_counts=True)[1] / samples.size
    return float(-(share * np.log2(share)).sum())


def huffman_bits(samples: Samples) -> int:
    """Return the total length of the samples in an optimal prefix code: the sum of all merged weights."""
    heap = list(Counter(samples.ravel().tolist()).values())
    heapq.heapify(heap)
    total = 0
    while len(heap) > 1:
        merged = heapq.heappop(heap) + heapq.heappop(heap)
        total += merged
        heapq.heappush(heap, merged)
    return total


def skewed(n: int, scale: float, seed: int = 0) -> Samples:
    """Return two-sided geometric samples, like the residuals of a prediction."""
    rng = np.random.default_rng(seed)
    return np.clip(np.round(rng.laplace(0, scale, n)), -32768, 32767).astype(np.int16)


def uneven_codes(n: int, seed: int = 0) -> Samples:
    """Return samples of an uneven 10-bit converter as the N1 stores them: 64 or 65 apart, neighbours unlike."""
    rng = np.random.default_rng(seed)
    codes = np.arange(1024)
    share = np.exp(-0.5 * ((codes - 500) / 110) ** 2) * rng.uniform(0.4, 1.8, 1024)
    drawn = rng.choice(codes, n, p=share / share.sum())
    return np.trunc(drawn * 65535 / 1023 - 32768).astype(np.int16)


SOURCES = {
    "residuals": skewed(100_000, 6.0),
    "uneven codes": uneven_codes(100_000),
    "bytes": skewed(100_000, 3.0).astype(np.int8),
}
each_source = pytest.mark.parametrize("name", SOURCES)


@each_coder
@given(data=st.data())
@settings(max_examples=EXAMPLES)
def test_any_samples_come_back(coder: Coder, data: st.DataObject) -> None:
    dtype = data.draw(st.sampled_from(DTYPES))
    shape = data.draw(st.one_of(st.tuples(st.integers(1, 1200)), st.tuples(st.integers(1, 90), st.integers(1, 13))))
    info = np.iinfo(dtype)
    center = data.draw(st.integers(int(info.min), int(info.max)))
    span = data.draw(st.sampled_from((0, 1, 40, 3000, 2**32)))
    elements = st.integers(max(int(info.min), center - span), min(int(info.max), center + span))
    samples: Samples = data.draw(hnp.arrays(np.dtype(dtype), shape, elements=elements))
    payload = coder.encode(samples)
    assert len(payload) <= samples.nbytes + 1
    assert same(coder.decode(payload, Layout.of(samples)), samples)


@each_coder
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(1,), (511,), (512,), (513,), (70_000,), (1, 385), (999, 7)], ids=str)
def test_awkward_samples_come_back_and_never_expand(coder: Coder, dtype: str, shape: tuple[int, ...]) -> None:
    for name, samples in patterns(np.dtype(dtype), shape):
        payload = coder.encode(samples)
        assert len(payload) <= samples.nbytes + 1, name
        assert same(coder.decode(payload, Layout.of(samples)), samples), name
        assert coder.encode(samples) == payload, name


@pytest.mark.parametrize("coder", WITH_TABLE, ids=lambda coder: coder.spec())
def test_a_constant_costs_a_constant(coder: Coder) -> None:
    assert len(coder.encode(np.full(1_000_000, -7, np.int16))) < 24


@pytest.mark.parametrize("coder", WITH_TABLE, ids=lambda coder: coder.spec())
def test_all_distinct_values_are_told_apart(coder: Coder) -> None:
    samples = np.random.default_rng(0).permutation(np.arange(65536, dtype=np.uint16))
    assert same(coder.decode(coder.encode(samples), Layout.of(samples)), samples)
    wide = np.random.default_rng(1).permutation(np.arange(-150_000, 150_000, dtype=np.int32) * 14_000)
    payload = coder.encode(wide)
    assert same(coder.decode(payload, Layout.of(wide)), wide)


@each_source
def test_huffman_codes_have_the_least_total_length(name: str) -> None:
    samples = SOURCES[name]
    least = huffman_bits(samples)
    # The table of the samples taken twice is the same, so what the second copy adds are the codes alone.
    codes = len(Huffman().encode(np.tile(samples, 2))) - len(Huffman().encode(samples))
    assert abs(8 * codes - least) < 8
    assert entropy(samples) <= least / samples.size < entropy(samples) + 1


@each_source
def test_a_huffman_table_costs_at_most_a_byte_a_symbol(name: str) -> None:
    samples = SOURCES[name]
    table = len(Huffman().encode(samples)) - huffman_bits(samples) / 8
    assert 0 < table <= 16 + len(np.unique(samples))


def test_huffman_codes_are_limited_at_little_cost() -> None:
    counts = [1, 1]
    while len(counts) < 27:
        counts.append(counts[-1] + counts[-2])  # Fibonacci: the deepest tree there is, here 26 levels
    samples = np.random.default_rng(0).permutation(np.repeat(np.arange(27, dtype=np.int16), counts))
    payload = Huffman().encode(samples)
    assert same(Huffman().decode(payload, Layout.of(samples)), samples)
    assert 8 * len(payload) < 1.0002 * huffman_bits(samples) + 8 * 40


@each_source
def test_static_models_come_within_half_a_percent_of_entropy_and_table(name: str) -> None:
    samples = SOURCES[name]
    symbols = len(np.unique(samples))
    ideal = entropy(samples) * samples.size / 8
    for coder in (Arithmetic("static"), Rans()):
        assert ideal < len(coder.encode(samples)) < 1.005 * (ideal + symbols) + 50


@pytest.mark.parametrize("dtype", ["i2", "i4"])
def test_samples_of_a_smooth_law_cost_its_entropy(dtype: str) -> None:
    scale = 1500.0
    law = np.round(np.random.default_rng(2).laplace(0, scale, 100_000)).astype(dtype)
    bits = np.log2(2 * np.e * scale)
    assert entropy(law) < bits - 0.05  # thousands of values: the sample's entropy understates the law's
    for coder in (Arithmetic(), Arithmetic("static"), Rans()):
        assert 8 * len(coder.encode(law)) / law.size < bits + 0.03


@pytest.mark.parametrize("name", ["residuals", "bytes"])
def test_the_adaptive_model_learns_for_less_than_a_fiftieth_of_a_bit(name: str) -> None:
    samples = SOURCES[name]
    assert 8 * len(Arithmetic().encode(samples)) / samples.size < entropy(samples) + 0.02


def test_the_adaptive_model_follows_a_change() -> None:
    samples = np.concatenate([skewed(50_000, 2.0), skewed(50_000, 40.0, 1)])
    assert len(Arithmetic().encode(samples)) < 0.97 * len(Arithmetic("static").encode(samples))


def rice_reference(samples: Samples) -> bytes:
    """Encode as the head of rice.c describes, slowly."""
    width = 8 * samples.dtype.itemsize
    frames = samples.reshape(len(samples), -1)
    sums = [64 * 64] * frames.shape[1]
    bits: list[str] = []
    for frame in frames.tolist():
        for channel, sample in enumerate(frame):
            value = sample
            if samples.dtype.kind == "i":
                value = 2 * sample if sample >= 0 else -2 * sample - 1
            k = min((sums[channel] // 128).bit_length(), width - 1)
            if value >> k < 24:
                bits.append("0" * (value >> k) + "1" + (format(value % (1 << k), f"0{k}b") if k else ""))
            else:
                bits.append("0" * 24 + format(value, f"0{width}b"))
            sums[channel] += value - sums[channel] // 64
    text = "".join(bits)
    text += "0" * (-len(text) % 8)
    coded = b"\x01" + int("1" + text, 2).to_bytes(len(text) // 8 + 1, "big")[1:]
    stored = b"\x00" + samples.astype(samples.dtype.newbyteorder("<")).tobytes()
    return coded if len(coded) < len(stored) else stored


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("channels", [1, 5])
@pytest.mark.parametrize("scale", [0.4, 9.0, 40.0, 5e6])
def test_rice_payloads_equal_the_reference_bit_for_bit(dtype: str, channels: int, scale: float) -> None:
    rng = np.random.default_rng(3)
    info = np.iinfo(dtype)
    values = rng.laplace(0, scale, (700, channels)) * rng.choice([1, 30], (700, channels), p=[0.98, 0.02])
    samples = np.clip(np.round(np.abs(values) if info.min == 0 else values), info.min, info.max).astype(dtype)
    assert Rice().encode(samples) == rice_reference(samples)


def test_rice_adapts_to_each_channel() -> None:
    quiet, loud = skewed(20_000, 2.0), skewed(20_000, 900.0, 1)
    together = len(Rice().encode(np.stack([quiet, loud], axis=1)))
    assert abs(together - len(Rice().encode(quiet)) - len(Rice().encode(loud))) < 8


@each_coder
def test_every_truncation_and_every_extension_is_refused(coder: Coder) -> None:
    for samples in (skewed(400, 4.0), skewed(90, 5e3).astype(np.int32) * 9001, np.arange(60, dtype=np.uint8)):
        payload, layout = coder.encode(samples), Layout.of(samples)
        for size in range(len(payload)):
            with pytest.raises(ValueError):
                coder.decode(payload[:size], layout)
        for tail in (b"\x00", b"\xff", bytes(9)):
            with pytest.raises(ValueError):
                coder.decode(payload + tail, layout)


@each_coder
def test_mutants_are_refused_or_give_the_layout(coder: Coder) -> None:
    rng = np.random.default_rng(4)
    refused = 0
    for samples in (skewed(300, 4.0), skewed(300, 5e3).astype(np.int32) * 9001, uneven_codes(600).reshape(-1, 3)):
        payload, layout = coder.encode(samples), Layout.of(samples)
        for _ in range(MUTANTS // 3):
            mutant = bytearray(payload)
            for at in rng.integers(0, len(mutant), rng.integers(1, 4)):
                mutant[at] ^= int(rng.integers(1, 256))
            try:
                decoded = coder.decode(bytes(mutant), layout)
            except ValueError:
                refused += 1
            else:
                assert Layout.of(decoded) == layout
    assert refused > 0


@each_coder
@given(payload=st.binary(max_size=300), mode=st.integers(0, 3))
def test_random_bytes_are_refused_or_give_the_layout(coder: Coder, payload: bytes, mode: int) -> None:
    layout = Layout(np.dtype(np.int16), (250, 3))
    try:
        decoded = coder.decode(bytes([mode]) + payload, layout)
    except ValueError:
        return
    assert Layout.of(decoded) == layout


@each_coder
def test_a_few_bytes_cannot_ask_for_long_work(coder: Coder) -> None:
    layout = Layout(np.dtype(np.int32), (3,))
    for mode in range(3):
        with pytest.raises(ValueError):
            coder.decode(bytes([mode]) + b"\xff" * 40, layout)


@pytest.mark.parametrize("dtype", DTYPES)
def test_samples_at_odd_addresses_are_taken(dtype: str) -> None:
    aligned = np.arange(100).astype(dtype)
    odd: np.ndarray[Any, Any] = np.frombuffer(b"\x00" + aligned.tobytes(), np.dtype(dtype), offset=1)
    for coder in CODERS:
        assert coder.encode(odd) == coder.encode(aligned)


def test_threads_get_the_bytes_that_one_gets() -> None:
    samples = uneven_codes(30_000)
    for coder in CODERS:
        expected = coder.encode(samples)
        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(coder.encode, [samples] * 16)) == {expected}


def test_only_known_models_exist() -> None:
    with pytest.raises(ParameterError):
        Arithmetic("clairvoyant")
    assert Arithmetic("static").spec(wire=True) == "arithmetic"


PAYLOADS = {
    "huffman": "494beee6d4381468",
    "arithmetic": "8a21c62618a78834",
    "arithmetic:model=static": "f5648ef16076b9c4",
    "rans": "6e4bcbf170eb8ab0",
    "rice": "173743727777e8c6",
}


@pytest.mark.parametrize(("spec", "digest"), PAYLOADS.items())
def test_payloads_stay_what_they_are(spec: str, digest: str) -> None:
    """The bytes are part of the format: a change here breaks what others have written."""
    coder = next(coder for coder in CODERS if coder.spec() == spec)
    step = np.arange(6000, dtype=np.int64)
    small = ((step * step % 97 - 48) * (step % 7)).astype(np.int16).reshape(-1, 3)
    wide = small.astype(np.int32) * 1_000_003 + (step * 7919 % 1009).astype(np.int32).reshape(-1, 3)
    payloads = [coder.encode(samples) for samples in (small, small.astype(np.int8), wide, wide.view(np.uint32))]
    assert hashlib.sha256(b"".join(payloads)).hexdigest()[:16] == digest
