"""Promises of the n1 format: frozen payloads decode, and a second decoder agrees with the core on all."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import os
import random
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import ROOT
from n1codec.codec import Layout, Samples
from n1codec.codecs.n1 import N1
from n1codec.errors import CorruptError
from n1reference.errors import CorruptError as Refused
from n1reference.n1.payload import decode_payload as reference_payload
from n1reference.n1.tables import TABLES
from n1reference.samples import Dtype
from n1reference.samples import Layout as ReferenceLayout

DAMAGED = int(os.environ.get("N1CODEC_DAMAGED", "120"))
"""Damaged payloads that both decoders are given. For a longer campaign: N1CODEC_DAMAGED=5000, some minutes."""
FIXTURES = sorted((ROOT / "tests" / "fixtures" / "n1").glob("*.json"))


def load(path: Path) -> tuple[bytes, Layout, str]:
    data: dict[str, Any] = json.loads(path.read_text("ascii"))
    layout = Layout(np.dtype(data["dtype"]), tuple(data["shape"]))
    return base64.b64decode(data["payload"]), layout, data["sha256"]


def digest(samples: Samples) -> str:
    little = np.ascontiguousarray(samples, samples.dtype.newbyteorder("<"))
    return hashlib.sha256(little.tobytes()).hexdigest()


def core(payload: bytes, layout: Layout) -> Samples:
    return N1().decode(payload, layout)


def decode_payload(payload: bytes, layout: Layout) -> Samples:
    """Return what the second decoder makes of a payload."""
    dtype = Dtype(layout.dtype.kind, layout.dtype.itemsize)
    values = reference_payload(payload, ReferenceLayout(dtype, layout.shape))
    return np.array(values, np.int64).astype(layout.dtype).reshape(layout.shape)


def outcome(decode: Callable[[bytes, Layout], Samples], payload: bytes, layout: Layout) -> bytes | None:
    """Return the samples, None where the decoder refuses."""
    try:
        return decode(payload, layout).tobytes()
    except (CorruptError, ValueError):
        return None


def refused_or(payload: bytes, layout: Layout) -> bytes | None:
    """Return what the reference makes of a payload; any error but its own is the test's failure."""
    try:
        return decode_payload(payload, layout).tobytes()
    except Refused:
        return None


def same_by_both(payload: bytes, layout: Layout) -> Samples:
    """Return what both decoders make of a payload."""
    samples = core(payload, layout)
    assert np.array_equal(decode_payload(payload, layout), samples)
    return samples


def refused_by_both(payload: bytes, layout: Layout) -> bool:
    """Return whether both refuse a payload; else both take it, and agree."""
    both = outcome(core, payload, layout), refused_or(payload, layout)
    assert both[0] == both[1]
    return both[0] is None


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_frozen_payloads_decode_for_ever(path: Path) -> None:
    payload, layout, expected = load(path)
    assert digest(core(payload, layout)) == expected
    assert digest(decode_payload(payload, layout)) == expected


def test_fixtures_cover_every_mode_and_stay_small() -> None:
    modes = {load(path)[0][1] for path in FIXTURES if not path.stem.startswith("two-chunks")}
    assert modes == {0, 1, 2, 3, 4, 5, 6, 7, 8}
    assert sum(path.stat().st_size for path in FIXTURES) < 310_000


def walk(seed: int, frames: int, channels: int, dtype: str, step: int, roughness: float) -> Samples:
    """Return correlated walks on a lattice, with a constant channel and an outlier now and then."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, roughness, (frames, channels)) + rng.normal(0, roughness, (frames, 1))
    value = np.zeros((frames, channels))
    for frame in range(1, frames):
        value[frame] = 0.97 * value[frame - 1] + noise[frame]
    if seed % 3 == 0:
        value[:, -1] = 4
    if seed % 5 == 0:
        value[rng.integers(0, frames), 0] += 1e6
    info: Any = np.iinfo(dtype)
    middle = (int(info.max) + int(info.min) + 1) // 2
    return np.clip(np.round(value) * step + middle, info.min, info.max).astype(dtype)


SHAPES = st.one_of(
    st.tuples(st.integers(1, 60), st.integers(1, 12)),
    st.tuples(st.sampled_from((520, 553)), st.sampled_from((1, 3, 9))),
    st.tuples(st.sampled_from((1024, 1055)), st.sampled_from((1, 2))),
)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    st.integers(0, 1 << 30),
    SHAPES,
    st.sampled_from(("int8", "uint8", "int16", "uint16", "int32", "uint32")),
    st.sampled_from((1, 3, 64)),
    st.sampled_from((0.6, 8.0, 300.0)),
    st.integers(1, 9),
)
def test_the_reference_decodes_what_the_core_encodes(
    seed: int, shape: tuple[int, int], dtype: str, step: int, roughness: float, level: int
) -> None:
    samples = walk(seed, *shape, dtype, step, roughness)
    decoded = decode_payload(N1(level=level).encode(samples), Layout.of(samples))
    assert decoded.dtype == samples.dtype
    assert np.array_equal(decoded, samples)


@pytest.mark.parametrize(("channels", "level"), [(9, 6), (9, 9), (16, 4)])
def test_the_reference_agrees_beyond_the_first_renewals(channels: int, level: int) -> None:
    """Long enough for solutions, new centres, new tables of widths and forgetting."""
    samples = walk(1, 1500, channels, "int16", 1, 9.0)
    assert np.array_equal(decode_payload(N1(level=level).encode(samples), Layout.of(samples)), samples)


def mutated(rng: random.Random, payload: bytes) -> bytes:
    data = bytearray(payload)
    kind = rng.randrange(8)
    if kind == 0:
        del data[rng.randrange(len(data)) :]
    elif kind == 1:
        data += bytes(rng.choice(((0,), (1,), (0,) * 9, (7,) * 20)))
    else:  # heads are short and decide most: aim at them
        for _ in range(rng.choice((1, 1, 2, 3))):
            at = rng.randrange(len(data)) if kind == 2 else min(len(data) - 1, int(rng.expovariate(1 / 12)))
            data[at] ^= 1 << rng.randrange(8)
    return bytes(data)


def test_both_decoders_agree_on_damaged_payloads() -> None:
    rng = random.Random(5)
    sources, weights = [], []
    for seed, shape, dtype, level in (
        (0, (1060, 2), "int16", 1),
        (4, (100, 2), "int16", 3),
        (6, (520, 9), "int16", 5),
        (10, (520, 9), "uint16", 4),
        (2, (520, 3), "int16", 8),
        (6, (513, 67), "int16", 5),
        (1, (50, 2), "int8", 1),
        (5, (200, 2), "int32", 2),
        (1, (1, 3), "int16", 1),
    ):
        samples = walk(seed, *shape, dtype, 1, 9.0)
        sources.append((N1(level=level).encode(samples), Layout.of(samples)))
        weights.append(1 if level == 8 or shape[1] > 64 else 4)  # the mixed and the wide mode take the reference long
    decoded = 0
    for _ in range(DAMAGED):
        ((payload, layout),) = rng.choices(sources, weights)
        data = mutated(rng, payload)
        expected = outcome(core, data, layout)
        assert refused_or(data, layout) == expected, (data.hex(), layout)
        decoded += expected is not None
    assert decoded > DAMAGED / 15  # else nothing but refusals was compared


def test_unknown_modes_are_refused() -> None:
    layout = Layout(np.dtype("i2"), (2, 1))
    assert not refused_by_both(bytes([1, 0, 0, 5, 0]), layout)
    assert all(refused_by_both(bytes([1, mode, 0, 5, 0]), layout) for mode in range(7, 256))


@pytest.mark.parametrize("count", [0, 2, 255])
def test_a_wrong_number_of_chunks_is_refused(count: int) -> None:
    layout = Layout(np.dtype("i2"), (100, 1))
    payload = bytes([count, 4, 0, 0, 5, 0])
    assert outcome(core, payload, layout) is None
    assert refused_or(payload, layout) is None


@pytest.mark.parametrize(
    ("field", "value"), [(6, 0), (6, 9), (7, 13), (8, 2), (9, 0), (9, 65), (10, 1), (10, 31), (13, 13)]
)
def test_parameters_outside_the_named_limits_are_refused(field: int, value: int) -> None:
    """Own taps, neighbours, past, groups, sigma, bits of a distance: whatever today's levels ask for."""
    samples = walk(6, 520, 9, "int16", 1, 9.0)  # the last channel is constant: eight are left
    payload = bytearray(N1(level=5).encode(samples))
    at = payload.index(b"\x00\x08")
    assert 2 <= payload[at + 2] << 8 | payload[at + 3] <= 4096
    payload[at + field] = value
    assert outcome(core, bytes(payload), Layout.of(samples)) is None
    assert refused_or(bytes(payload), Layout.of(samples)) is None


WIDE = {
    "rows": (16, 16),
    "own": (48, 3),
    "neighbours": (51, 5),
    "deep": (56, 2),
    "shift": (58, 4),
    "first": (62, 20),
    "sets": (82, 7),
}
"""Where numbers of the wide mode's parameters begin, and their bits."""


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[("rows", 0), ("rows", 9), ("rows", 1), ("own", 0), ("own", 5), ("neighbours", 25), ("deep", 0), ("deep", 3)],
        *[("shift", 3), ("shift", 15), ("first", 25), ("sets", 0), ("sets", 65)],
    ],
)
def test_wide_parameters_outside_the_named_limits_are_refused(field: str, value: int) -> None:
    samples = walk(6, 520, 71, "int16", 1, 9.0)  # the last channel is constant: 70 are left
    payload = bytearray(N1(level=5).encode(samples))
    assert payload[1] == 6
    at = payload.index(bytes([70, 0, 8, 0]))  # channels and rows
    number = int.from_bytes(payload[at : at + 14], "little")
    first, bits = WIDE[field]
    assert outcome(core, bytes(payload), Layout.of(samples)) is not None
    number = number & ~((1 << bits) - 1 << first) | value << first
    payload[at : at + 14] = number.to_bytes(14, "little")
    assert outcome(core, bytes(payload), Layout.of(samples)) is None
    assert refused_or(bytes(payload), Layout.of(samples)) is None


def bits_to_bytes(*fields: tuple[int, int]) -> list[int]:
    """Join (value, bits) fields, least significant bit first."""
    number = at = 0
    for value, bits in fields:
        number |= value << at
        at += bits
    return list(number.to_bytes((at + 7) // 8, "little"))


def golomb(value: int, order: int) -> list[tuple[int, int]]:
    number = value + (1 << order)
    low = number.bit_length() - 1
    return [(0, low - order), (1, 1), (number & ((1 << low) - 1), low)]


MODEL_FIELDS = [(1, 2), (0, 8), (0, 2), (0, 5), (0, 4), (0, 3), *golomb(0, 12), (0, 4)]
"""Kind, sigma, law, order, neighbours, shift, bias, Rice parameter."""


def single(widths: list[tuple[int, int]], n_codes: int, seed: int) -> list[int]:
    """Return a static chunk of one sample of a modelled channel on the values 10, 11 ..."""
    lattice = [(0, 2), (0, 1), *golomb(10, 8), *golomb(n_codes - 1, 8), *golomb(0, 0), (0, 5)]
    return [1, *bits_to_bytes((0, 2), (0, 3), *lattice, *widths, *MODEL_FIELDS, *golomb(seed, 8), (0, 4))]


def test_a_single_modelled_sample_is_its_seed() -> None:
    layout = Layout(np.dtype("i2"), (1, 1))
    payload = bytes([1, *single([(0, 2), (3, 3)], 5, 3)])
    assert core(payload, layout).tolist() == [[13]] == decode_payload(payload, layout).tolist()


def test_a_width_beyond_32_bits_is_refused() -> None:
    """2^38 units must not come out as 0 or 1."""
    log = 2 * 62  # zigzag of 62 half octaves, by a Rice number of 7 plain bits
    widths = [(2, 2), (7, 3), (0, 2), (7, 3), (0, 1), (log, 7)]
    layout = Layout(np.dtype("i2"), (1, 1))
    assert refused_by_both(bytes([1, *single(widths, 1, 0)]), layout)
    assert not refused_by_both(bytes([1, *single([*widths[:-1], (0, 7)], 1, 0)]), layout)


def test_tables_are_what_their_formulas_say() -> None:
    phi = statistics.NormalDist().cdf
    near = [abs(got - round(2**28 * phi((i - 2048) / 256))) for i, got in enumerate(TABLES["normal"])]
    assert max(near) <= 1
    quantile = statistics.NormalDist().inv_cdf
    assert TABLES["normal_inv"] == [round(256 * quantile((i + 0.5) / 1024)) for i in range(1024)]
    assert TABLES["log2"] == [round(4096 * math.log2(1 + (i + 0.5) / 2048)) for i in range(2049)]
    assert TABLES["inv_sigma"] == [round(2**24 / 2 ** (i / 32)) for i in range(512)]
    assert TABLES["squash"] == [min(65535, round(65536 / (1 + math.exp(-(i - 768) / 64)))) for i in range(1537)]
    assert TABLES["exp2_16th"] == [round(2 ** (16 + i / 16)) for i in range(16)]


def test_tables_are_those_of_the_core() -> None:
    subprocess.run([sys.executable, str(ROOT / "scripts" / "make_reference_tables.py"), "--check"], check=True)
