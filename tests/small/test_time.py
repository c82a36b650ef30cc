"""Promise: no shape, no values and no payload make a codec take longer than its usual time for so many bytes allows."""

from __future__ import annotations

import contextlib
import time
import warnings
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import pytest

import n1codec
from arrays import lattice_samples
from conftest import pipeline_or_skip
from n1codec import registry
from n1codec.codec import Layout, Samples

TIMES = 50
"""How many times the usual time for a byte an awkward array may take, ..."""
MORE_S = 0.05
"""... and how many seconds more: what is set up once."""
ATTEMPTS = 4
"""A machine may be busy with something else: the best of so many counts."""

SPECS = list(dict.fromkeys(spec for line in registry.entries() for spec in line.bench or (f"{line.name}+store",)))


def awkward() -> Iterator[tuple[str, Samples]]:
    rng = np.random.default_rng(0)
    yield "a frame of many channels", rng.integers(-500, 500, (1, 8192)).astype(np.int16)
    yield "a few frames of many channels", rng.integers(-500, 500, (6, 8192)).astype(np.int16)
    yield "many channels of bytes", rng.integers(0, 255, (1, 8192)).astype(np.uint8)
    yield "many channels of 32 bits", rng.integers(-(1 << 31), 1 << 31, (2, 8192)).astype(np.int32)
    yield "a column", rng.integers(-500, 500, (16384, 1)).astype(np.int16)
    yield "one value", np.full((100, 1024), 7, np.int16)
    yield "extremes in turn", np.tile(np.array([[32767], [-32768]], np.int16), (16384, 3))
    yield "a sample", np.array([5], np.int16)
    yield "a few frames", rng.integers(-500, 500, (3, 1000)).astype(np.int16)
    yield "short channels", rng.integers(-500, 500, (100, 385)).astype(np.int16)


def seconds(work: Callable[[], object], enough: float = 0.0, attempts: int = ATTEMPTS) -> float:
    """Return the least processor time of some attempts, or the first that is below what is enough."""
    best = float("inf")
    for _ in range(attempts):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
        if best <= enough:
            break
    return best


@cache
def usual(spec: str) -> tuple[float, float]:
    """Return the seconds a byte that a codec takes to encode and to decode a recording of eight channels."""
    pipeline = pipeline_or_skip(spec)
    samples = lattice_samples((4096, 8))
    data = pipeline.encode(samples)
    encode = seconds(lambda: pipeline.encode(samples), attempts=2)
    return encode / samples.nbytes, seconds(lambda: n1codec.decode(data), attempts=2) / samples.nbytes


@pytest.mark.parametrize("spec", SPECS)
def test_an_awkward_array_takes_no_longer_than_its_bytes_allow(spec: str) -> None:
    pipeline = pipeline_or_skip(spec)
    encode, decode = usual(spec)
    slow = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, samples in awkward():
            encoded: list[bytes] = []
            for way, work, each in (
                ("encode", lambda samples=samples, encoded=encoded: encoded.append(pipeline.encode(samples)), encode),
                ("decode", lambda encoded=encoded: n1codec.decode(encoded[0]), decode),
            ):
                allowed = TIMES * each * samples.nbytes + MORE_S
                taken = seconds(work, allowed)
                if taken > allowed:
                    slow.append(f"{way} {name}: {taken:.3f} s, {taken / each / samples.nbytes:.0f} times the usual")
    assert not slow, "\n".join(slow)


@pytest.mark.parametrize("spec", SPECS)
def test_a_small_payload_that_claims_much_takes_no_longer_than_what_it_claims(spec: str) -> None:
    pipeline = pipeline_or_skip(spec)
    sides, payload = pipeline.encode_payload(lattice_samples((100, 3)))
    _, decode = usual(spec)
    for shape in ((1, 65536), (65536, 16), (1 << 20,)):
        layout = Layout(np.dtype(np.int16), shape)

        def work(layout: Layout = layout) -> None:
            with contextlib.suppress(n1codec.N1Error):
                pipeline.decode_payload(sides, payload, layout, max_bytes=1 << 24)

        allowed = TIMES * decode * layout.nbytes + MORE_S
        assert seconds(work, allowed) <= allowed, f"{shape}"
