"""Arrays of samples for the tests: awkward ones by hand, and a Hypothesis strategy for any."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from n1codec.codec import Samples

DTYPES = ("u1", "i1", "<u2", ">u2", "<i2", ">i2", "<u4", ">u4", "<i4", ">i4")
OTHER_TYPES = ("?", "<i8", ">i8", "<u8", ">u8", "<f2", ">f2", "<f4", ">f4", "<f8", ">f8")
"""Types that go through the transform integers, or through coders of bytes as they are."""
SHAPES = ((0,), (1,), (2,), (3,), (8,), (257,), (0, 3), (4, 0), (1, 1), (1, 9), (7, 1), (33, 5), (40, 19))


def same(a: Samples, b: Samples) -> bool:
    """Whether two arrays have the same dtype (byte order included), shape and values."""
    return a.dtype.str == b.dtype.str and a.shape == b.shape and a.tobytes() == b.tobytes()


def other_patterns(dtype: np.dtype[Any], shape: tuple[int, ...], seed: int = 0) -> Iterator[tuple[str, Samples]]:
    """Yield named arrays of one of `OTHER_TYPES`: any bits, what a gain makes of integers, what is no number."""
    rng = np.random.default_rng(seed)
    size, width = int(np.prod(shape)), dtype.itemsize
    if dtype.kind == "b":
        yield "truth values", rng.random(shape) < 0.3
        yield "all true", np.ones(shape, bool)
        return
    bits = rng.integers(0, 1 << 64, size, np.uint64).astype(f"u{width}")
    walk = rng.integers(-20, 21, size).cumsum()
    plain = dtype.newbyteorder("=")
    made: dict[str, Any] = {"any bits": bits.view(plain), "one value": np.full(size, 3, dtype), "a walk": walk + 99}
    made["a walk in steps of 64"] = walk * 64
    if dtype.kind == "f":
        odd = np.array(
            [0.0, -0.0, np.nan, -np.nan, np.inf, -np.inf, np.finfo(plain).tiny / 4, 1.5, np.finfo(plain).max]
        )
        made["whole numbers times a gain"] = walk * 0.195
        made["those with gaps and an offset"] = np.where(rng.random(size) < 0.1, np.nan, walk * -0.25 + 3.2)
        made["what is no number"] = rng.choice(odd.astype(plain), size)
        made["all NaN"] = np.full(size, np.nan)
        made["negative zeros"] = np.full(size, -0.0)
        made["noise"] = rng.normal(0, 1, size)
    else:
        made["a ramp far up"] = np.arange(size) * 33 + (1 << 62)
    for what, values in made.items():
        with np.errstate(over="ignore"):
            array: Samples = np.asarray(values).astype(dtype).reshape(shape)
        yield what, array


def lattice_samples(shape: tuple[int, ...], seed: int = 0) -> Samples:
    """Return smooth 10-bit codes as the N1 stores them in 16 bits."""
    rng = np.random.default_rng(seed)
    walk = np.cumsum(rng.normal(0, 9, shape), axis=0)
    codes = np.clip(np.round(512 + walk), 0, 1023).astype(np.int64)
    return np.trunc(codes * 65535 / 1023 - 32768).astype(np.int16)


def patterns(dtype: np.dtype[Any], shape: tuple[int, ...], seed: int = 0) -> Iterator[tuple[str, Samples]]:
    """Yield named arrays of a dtype and shape: noise, constants, extremes, ramps, smooth and sparse values."""
    rng = np.random.default_rng(seed)
    info: Any = np.iinfo(cast(Any, dtype))
    low, high = int(info.min), int(info.max)
    size = int(np.prod(shape))
    yield "noise over the whole range", rng.integers(low, high, shape, endpoint=True).astype(dtype)
    yield "one value", np.full(shape, high, dtype)
    yield "both extremes", rng.choice(np.array([low, high]), shape).astype(dtype)
    yield "a ramp that wraps around", (np.arange(size, dtype=np.int64).reshape(shape) * 37).astype(dtype)
    yield "few values far apart", (rng.integers(0, 3, shape) * ((high - low) // 3) + low).astype(dtype)
    walk = np.cumsum(rng.normal(0, 2, shape), axis=0)
    yield "a smooth signal with a spike", np.clip(walk + (rng.random(shape) > 0.98) * 90, low, high).astype(dtype)


@st.composite
def arrays(draw: st.DrawFn) -> Samples:
    """Draw any array that a codec has to take: any integer dtype, shape and strides."""
    dtype = np.dtype(draw(st.sampled_from(DTYPES)))
    shape = draw(st.one_of(st.tuples(st.integers(0, 70)), st.tuples(st.integers(0, 30), st.integers(0, 12))))
    info: Any = np.iinfo(cast(Any, dtype))
    span = draw(st.sampled_from((1, 5, 100, 2**31)))
    center = draw(st.integers(int(info.min), int(info.max)))
    elements = st.integers(max(int(info.min), center - span), min(int(info.max), center + span))
    array: Samples = draw(hnp.arrays(dtype, shape, elements=elements))
    return restride(
        array, draw(st.sampled_from(("plain", "fortran", "reversed", "every second", "read-only", "unaligned")))
    )


def restride(array: Samples, how: str) -> Samples:
    """Return equal or related values laid out differently in memory."""
    if how == "fortran":
        return np.asfortranarray(array)
    if how == "reversed":
        return array[::-1]
    if how == "every second":
        return np.repeat(array, 2, axis=0)[::2]
    if how == "unaligned":
        return np.frombuffer(b"\0" + array.tobytes(), array.dtype, offset=1).reshape(array.shape)
    if how == "read-only":
        array = array.copy()
        array.flags.writeable = False
    return array


def uneven(n_samples: int, channels: int, seed: int, dtype: str = "i2", scale: int = 1) -> Samples:
    """Return what uneven converters make of neighbouring channels, the even or the odd of 32 to each."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, 9, (n_samples, channels + 2))
    converter = np.arange(channels) // 32 * 2 + np.arange(channels) % 2
    value = np.round(noise[:, 2:] + 0.8 * noise[:, 1:-1] + 0.5 * noise[:, :-2]).astype(np.int64)
    odd, own = value * 7 % 16, (value * 5 + converter * 3) % 16
    value = np.where(odd < 3, value + 1, np.where(own == 9, value - 2, value))
    array: Samples = ((value + (100 if dtype == "u2" else 0)) * scale).astype(dtype)
    return array
