"""Promises of the n1 coder: one format for all machines and kernels, never larger than the samples, small on recordings."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import wave
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import n1codec
from arrays import DTYPES, lattice_samples, same
from n1codec import _core
from n1codec.codec import Layout, Samples
from n1codec.codecs._streams import unpack_streams
from n1codec.codecs.n1 import N1
from n1codec.errors import CorruptError, ParameterError

LEVELS = range(1, _core.N1_MAX_LEVEL + 1)
KERNELS = _core.n1_kernels()
OVERHEAD = 17
"""Bytes that a single chunk may take beyond its samples, the number of chunks included."""


def fmt(samples: Samples) -> tuple[int, bool, int]:
    layout = Layout.of(samples)
    return samples.dtype.itemsize, samples.dtype.kind == "i", layout.channels


def encode(samples: Samples, level: int, kernel: str) -> bytes:
    return _core.n1_encode(samples, *fmt(samples), level, kernel)


def decode(payload: bytes, like: Samples, kernel: str) -> Samples:
    out = np.empty(like.shape, like.dtype)
    _core.n1_decode(payload, out, *fmt(like), kernel)
    return out


def outcome(work: Callable[[], Samples]) -> bytes | str:
    try:
        return work().tobytes()
    except ValueError as error:
        return str(error)


def signal(kind: str, shape: tuple[int, int], dtype: str, seed: int) -> Samples:
    """Return what electrodes give and what they do not: cut to the range of the dtype."""
    rng = np.random.default_rng(seed)
    info: Any = np.iinfo(cast(Any, np.dtype(dtype)))
    low, high = int(info.min), int(info.max)
    middle = (low + high + 1) // 2
    field = (
        np.cumsum(rng.normal(0, 1, shape), axis=0) * 2 + rng.normal(0, 4, shape) + 3 * rng.normal(0, 1, (shape[0], 1))
    )
    make: dict[str, Callable[[], NDArray[Any]]] = {
        "noise": lambda: rng.integers(low, high, shape, endpoint=True).astype(float),
        "constant": lambda: np.full(shape, float(high)),
        "dead and live": lambda: field * (np.arange(shape[1]) % 3 != 0),
        "steps": lambda: np.where(np.arange(shape[0])[:, None] // 100 % 2 == 0, low, high) + 0 * field,
        "sparse": lambda: (rng.random(shape) < 0.02) * 1.0,
        "few values": lambda: rng.choice(np.linspace(low, high, 5), shape),
        "field": lambda: field + middle,
        "large field": lambda: field * 200 + middle,
        "clipped": lambda: np.clip(field, -6, 6) + middle,
        "spiky": lambda: field + middle + (rng.random(shape) < 0.01) * rng.integers(low // 2, high // 2, shape),
        "with a sync word": lambda: np.where(
            np.arange(shape[1]) == shape[1] - 1, (np.arange(shape[0])[:, None] // 50 % 2) * (high // 2), field
        ),
    }
    samples: Samples = np.clip(np.trunc(make[kind]()), low, high).astype(np.dtype(dtype).newbyteorder("="))
    return samples


KINDS = (
    "noise",
    "constant",
    "dead and live",
    "steps",
    "sparse",
    "few values",
    "field",
    "large field",
    "clipped",
    "spiky",
    "with a sync word",
)
SHAPES = ((1, 1), (1, 40), (3, 5), (700, 3), (1023, 1), (1024, 1), (1500, 9), (9001, 2), (20_011, 1), (2048, 40))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kernel_gives_the_same_bytes_and_samples(kind: str) -> None:
    for at, shape in enumerate(SHAPES):
        samples = signal(kind, shape, DTYPES[at % len(DTYPES)], seed=at)
        level = LEVELS[at % len(LEVELS)]
        payload = encode(samples, level, "portable")
        for kernel in KERNELS:
            assert encode(samples, level, kernel) == payload, f"kernel {kernel} writes other bytes: {shape}"
            assert same(decode(payload, samples, kernel), samples), f"kernel {kernel} reads wrongly: {shape}"


@pytest.mark.parametrize("level", LEVELS)
def test_dead_channels_and_sync_words_ride_along(level: int) -> None:
    for dtype, n_channels in (("int16", 40), ("uint16", 9), ("int32", 12), ("int16", 2)):
        samples = signal("field", (1200, n_channels), dtype, seed=level)
        samples[:, 0] = 77
        samples[:, -1] = np.arange(1200) // 100 % 2 * 16384
        payload = N1(level).encode(samples)
        assert same(N1().decode(payload, Layout.of(samples)), samples)
        live = N1(level).encode(np.ascontiguousarray(samples[:, 1:-1])) if n_channels > 2 else b""
        assert len(payload) < len(live) + 450


def test_more_neighbours_and_slower_levels_give_less() -> None:
    rng = np.random.default_rng(0)
    shared = np.cumsum(rng.normal(0, 2, (6000, 1)), axis=0) * np.ones(12)
    samples = np.round(shared + 4 * rng.normal(0, 1, (6000, 1)) + rng.normal(0, 3, (6000, 12))).astype("i2")
    sizes = [len(N1(level).encode(samples)) for level in LEVELS]
    assert sizes[2] < sizes[0]
    assert sizes[5] <= sizes[4] <= 1.0005 * sizes[3]  # a part of the block says which mode promises more
    assert max(sizes[6:]) <= sizes[5]


def test_a_damaged_chunk_gives_the_same_with_every_kernel() -> None:
    rng = np.random.default_rng(5)
    for shape in ((1100, 3), (9001, 1), (600, 9)):
        samples = signal("field", shape, "int16", seed=3)
        for level in LEVELS:
            good = encode(samples, level, "portable")
            for _ in range(15):
                bad = bytearray(good)
                bad[rng.integers(0, min(len(bad), 200))] = rng.integers(0, 256)
                outcomes = {outcome(lambda: decode(bytes(bad), samples, k)) for k in KERNELS}  # noqa: B023
                assert len(outcomes) == 1


@given(
    kind=st.sampled_from(KINDS),
    n_samples=st.one_of(st.integers(1, 300), st.integers(1000, 3000)),
    n_channels=st.integers(1, 9),
    dtype=st.sampled_from(DTYPES),
    level=st.sampled_from(LEVELS),
    seed=st.integers(0, 2**20),
)
def test_never_larger_than_the_samples(
    kind: str, n_samples: int, n_channels: int, dtype: str, level: int, seed: int
) -> None:
    samples = signal(kind, (n_samples, n_channels), dtype, seed)
    payload = N1(level).encode(samples)
    spread = int(samples.max()) - int(samples.min())
    assert len(payload) <= (samples.size * spread.bit_length() + 7) // 8 + OVERHEAD
    assert same(N1().decode(payload, Layout.of(samples)), samples)


def test_what_carries_nothing_takes_next_to_nothing() -> None:
    assert len(N1().encode(np.full((100_000,), 77, "i2"))) <= 16
    assert len(N1().encode(np.zeros((5000, 200), "i2"))) < 500
    pair = np.zeros((20_000, 2), "i2")
    pair[:, 0] = lattice_samples((20_000,))
    alone = len(N1().encode(np.ascontiguousarray(pair[:, 0])))
    assert len(N1().encode(pair)) < alone * 1.01 + 100, "a dead channel costs"
    pair[:, 1] = np.arange(20_000) // 1000 % 2
    assert len(N1().encode(pair)) < alone * 1.01 + 400, "a sync word costs more than itself"


BLOCK = 1 << 23
"""Most values of a block, if there are no more than 2,048 channels."""


@pytest.mark.parametrize("shape", [(BLOCK + 1,), (BLOCK // 3 + 5, 3)])
def test_blocks_and_threads(shape: tuple[int, ...]) -> None:
    samples = np.resize(lattice_samples((99_991,)), shape)
    one = N1(level=1).encode(samples, threads=1)
    assert one[0] == -(-samples.size // BLOCK), "blocks"
    assert N1(level=1).encode(samples, threads=2) == one, "the bytes depend on the threads"
    for threads in (1, 2):
        assert same(N1().decode(one, Layout.of(samples), threads=threads), samples)


def test_each_block_stands_alone() -> None:
    samples = np.resize(lattice_samples((99_991,)), 2 * BLOCK + 3)
    changed = samples.copy()
    last = 3 * (len(samples) // 4) + 1000
    changed[last:] = samples[: len(samples) - last]
    one, other = (unpack_streams(N1(level=1).encode(what)[1:], 4) for what in (samples, changed))
    assert one[:3] == other[:3]
    assert one[3] != other[3], "three blocks would be enough, but two threads have work with an even number alone"


def test_calls_from_many_threads_do_not_meet() -> None:
    inputs = [lattice_samples((30_000,), seed) for seed in range(8)]
    alone = [N1().encode(samples) for samples in inputs]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(N1().encode, inputs)) == alone
        decoded = pool.map(lambda pair: N1().decode(pair[0], Layout.of(pair[1])), zip(alone, inputs, strict=True))
        assert all(same(a, b) for a, b in zip(decoded, inputs, strict=True))


@pytest.mark.parametrize("payload", [b"", b"\x00", b"\x01", b"\x02", b"\xff" * 9, b"\x01\x07", b"\x90\x4e" + bytes(99)])
def test_what_is_no_payload_is_refused(payload: bytes) -> None:
    with pytest.raises((ValueError, n1codec.N1Error)):
        N1().decode(payload, Layout(np.dtype("i2"), (5000,)))


def test_too_many_blocks_are_refused_before_any_work() -> None:
    count = 100_000
    payload = b"\xa0\x8d\x06" + b"\x01\x00" * count
    with pytest.raises(CorruptError, match="more blocks"):
        N1().decode(payload, Layout(np.dtype("i2"), (count,)))


@pytest.mark.parametrize("level", [0, _core.N1_MAX_LEVEL + 1, True, "1"])
def test_levels_outside_the_range_are_refused(level: Any) -> None:
    with pytest.raises(ParameterError):
        N1(level)


def test_a_kernel_that_the_machine_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="kernel"):
        encode(lattice_samples((10,)), 1, "vax")


@pytest.mark.parametrize("level", LEVELS)
def test_hostile_payloads_of_every_level_are_refused(level: int) -> None:
    worker = Path(__file__).parents[1].joinpath("hostile_worker.py")
    done = subprocess.run(
        [sys.executable, str(worker), f"n1:level={level}", "400", str(level)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]


FLOOR = {1: 3.62, 2: 3.625, 3: 3.626, 4: 3.626, 5: 3.626, 6: 3.626, 7: 3.628, 8: 3.629, 9: 3.63}
"""Measured ratios of the ten recordings, rounded down: files to payloads."""


def test_real_recordings_are_as_small_as_measured(neuralink_files: list[Path]) -> None:
    ratios = {}
    for level in LEVELS:
        read = written = 0
        for path in neuralink_files:
            with wave.open(str(path)) as file:
                samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype("i2")
            payload = N1(level).encode(samples)
            assert same(N1().decode(payload, Layout.of(samples)), samples)
            read += path.stat().st_size
            written += len(payload) + 24  # what an envelope takes around it, about
        ratios[level] = read / written
    assert all(ratios[level] >= FLOOR[level] for level in LEVELS), ratios
    assert sorted(ratios.values()) == [ratios[level] for level in LEVELS], "a level pays for its time"


GOLDEN = {
    ("field", 1): "f5ce62c4f7f8fe57",
    ("field", 2): "f5ce62c4f7f8fe57",
    ("field", 3): "f5ce62c4f7f8fe57",
    ("field", 4): "f5ce62c4f7f8fe57",
    ("field", 5): "f5ce62c4f7f8fe57",
    ("field", 6): "f4060ea82e4d32fd",
    ("field", 7): "a0b4b49aaba28a62",
    ("field", 8): "7056da16e30de009",
    ("field", 9): "ed41824077f5c32e",
    ("codes", 1): "0cdd8e2fdaa799ba",
    ("codes", 2): "0cdd8e2fdaa799ba",
    ("codes", 3): "0cdd8e2fdaa799ba",
    ("codes", 4): "0cdd8e2fdaa799ba",
    ("codes", 5): "0cdd8e2fdaa799ba",
    ("codes", 6): "0cdd8e2fdaa799ba",
    ("codes", 7): "0cdd8e2fdaa799ba",
    ("codes", 8): "0cdd8e2fdaa799ba",
    ("codes", 9): "0cdd8e2fdaa799ba",
    ("array", 1): "1c9a153d6a7588a4",
    ("array", 2): "98d5dce8e0265582",
    ("array", 3): "98d5dce8e0265582",
    ("array", 4): "98d5dce8e0265582",
    ("array", 5): "c0c1e9cdf163051f",
    ("array", 6): "98d5dce8e0265582",
    ("array", 7): "7326aac663236fed",
    ("array", 8): "46c5e4fbc2b839f0",
    ("array", 9): "3faa635d3711cf31",
}
"""Start of the SHA-256 of payloads. The encoder may find better ones; then only this table changes, never the decoder."""


def integer_signal(n_samples: int, n_channels: int) -> Samples:
    """Return a signal from integer arithmetic alone: the same everywhere."""
    state, values, out = 12345, [0] * n_channels, []
    for _ in range(n_samples):
        for c in range(n_channels):
            state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
            values[c] = values[c] * 15 // 16 + (state >> 40) % 61 - 30
            out.append(values[c])
    return np.array(out, "i2").reshape(n_samples, n_channels)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("what", ["field", "codes", "array"])
def test_the_format_stands_still(what: str, level: int) -> None:
    samples = integer_signal(1000, 10) if what == "array" else integer_signal(3000, 3)
    if what == "codes":
        codes = np.clip(samples[:, 0].astype(np.int64) // 4 + 512, 0, 1023)
        samples = ((codes * 65535 - 32768 * 1023) / 1023).astype("i2")
    digest = hashlib.sha256(N1(level).encode(samples)).hexdigest()[:16]
    assert digest == GOLDEN[what, level], f"({what!r}, {level}): {digest!r}"
