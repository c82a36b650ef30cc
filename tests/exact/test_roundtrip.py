"""Promise: whatever `encode` accepts decodes to the same dtype, shape and bytes, for every pipeline of the registry."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

import n1codec
from arrays import DTYPES, SHAPES, arrays, lattice_samples, other_patterns, patterns, restride, same
from conftest import all_specs, pipeline_or_skip
from n1codec import registry
from n1codec.codec import Samples
from n1codec.transforms._lattice_plan import Plan, make_plan

PLANS: dict[tuple[str, tuple[int, ...], bytes], Plan | None] = {}


@pytest.fixture
def searched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two pipelines in five begin with the lattice, whose search follows from the samples alone: each is made once."""

    def plan(samples: Samples) -> Plan | None:
        key = (samples.dtype.str, samples.shape, samples.tobytes())
        if key not in PLANS:
            PLANS[key] = make_plan(samples)
        return PLANS[key]

    monkeypatch.setattr("n1codec.transforms.lattice.make_plan", plan)


@pytest.mark.usefixtures("searched_once")
@pytest.mark.parametrize("dtype", DTYPES)
def test_awkward_arrays_come_back_exactly(pipeline: n1codec.Pipeline, dtype: str) -> None:
    for shape in SHAPES:
        for what, samples in patterns(np.dtype(dtype), shape):
            data = pipeline.encode(samples)
            assert same(n1codec.decode(data), samples), f"{pipeline.spec}: {what}, {dtype} {shape}"


def test_floats_wide_integers_and_truth_values_come_back_bit_for_bit(pipeline: n1codec.Pipeline) -> None:
    for dtype in ("?", ">i8", "<u8", "<f2", ">f4", "<f8"):
        for what, samples in list(other_patterns(np.dtype(dtype), (40, 3)))[:5:2]:
            data = pipeline.encode(samples)
            assert same(n1codec.decode(data), samples), f"{pipeline.spec}: {what}, {dtype}"


@given(samples=arrays())
@pytest.mark.parametrize("spec", all_specs())
def test_any_array_comes_back_exactly(spec: str, samples: Samples) -> None:
    assert same(n1codec.decode(pipeline_or_skip(spec).encode(samples)), samples)


@pytest.mark.parametrize("how", ["fortran", "reversed", "every second", "read-only", "unaligned"])
def test_strides_do_not_matter(pipeline: n1codec.Pipeline, how: str) -> None:
    samples = lattice_samples((200, 6))
    assert same(n1codec.decode(pipeline.encode(restride(samples, how))), restride(samples, how))


def test_recording_like_samples_come_back_exactly(pipeline: n1codec.Pipeline) -> None:
    for shape in ((5000,), (400, 33)):
        samples = lattice_samples(shape)
        assert same(n1codec.decode(pipeline.encode(samples)), samples)


def test_encoding_does_not_touch_its_input_and_repeats_itself(pipeline: n1codec.Pipeline) -> None:
    samples = lattice_samples((500, 3))
    before = samples.tobytes()
    first = pipeline.encode(samples)
    assert samples.tobytes() == before
    assert pipeline.encode(samples) == first


def test_decoded_samples_are_writable(pipeline: n1codec.Pipeline) -> None:
    decoded = n1codec.decode(pipeline.encode(lattice_samples((100,))))
    decoded += 1  # an array of one's own, as numpy users expect


def test_threads_give_the_same_samples(pipeline: n1codec.Pipeline) -> None:
    samples = lattice_samples((3000, 4))
    data = pipeline.encode(samples, threads=2)
    assert same(n1codec.decode(data, threads=2), samples)
    assert same(n1codec.decode(data), samples)


def test_one_codec_serves_many_threads_at_once(pipeline: n1codec.Pipeline) -> None:
    from concurrent.futures import ThreadPoolExecutor

    inputs = [lattice_samples((700, 2), seed) for seed in range(6)]
    with ThreadPoolExecutor(4) as pool:
        outputs = list(pool.map(lambda samples: n1codec.decode(pipeline.encode(samples)), inputs))
    assert all(same(a, b) for a, b in zip(inputs, outputs, strict=True))


def test_original_names_are_codecs() -> None:
    assert len(registry.ORIGINAL) == 24
    for alias in registry.ORIGINAL:
        samples = lattice_samples((300,))
        assert same(n1codec.decode(pipeline_or_skip(alias).encode(samples)), samples)


@pytest.mark.parametrize(
    "bad",
    [np.zeros(3, "c8"), np.zeros(3, "M8[s]"), np.zeros((2, 2, 2), "i2"), np.int16(3), "text", None, [1.5, None]],
    ids=repr,
)
def test_what_no_codec_takes_is_refused(bad: object) -> None:
    with pytest.raises(n1codec.UnsupportedError):
        n1codec.get("zlib").encode(bad)  # type: ignore[arg-type]
