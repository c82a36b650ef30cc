"""The lattice transform: finds the map from converter codes to stored values, proves it, and never does harm."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conftest import SHARED
from n1codec.codec import Layout, Samples
from n1codec.errors import CorruptError
from n1codec.transforms._lattice_map import Scale, Table
from n1codec.transforms.lattice import Lattice, find_lattice

N1 = Scale(21845, 341, 10752, "trunc")
"""trunc((512 + code) * 65535 / 1023 - 32768) in lowest terms."""


def there_and_back(samples: Samples) -> tuple[Samples, bytes]:
    """Return codes and side information after checking that they give the samples back."""
    layout = Layout.of(samples)
    codes, side = Lattice().forward(samples)
    assert Lattice().output_layout(layout, side) == Layout.of(codes)
    restored = Lattice().inverse(codes, side, layout)
    assert Layout.of(restored) == layout
    np.testing.assert_array_equal(restored, samples)
    return codes, side


def noise_codes(n: int, spread: float, *, seed: int = 0) -> np.ndarray:
    """Return smooth noise of integer codes about 0."""
    rng = np.random.default_rng(seed)
    smooth = np.convolve(rng.normal(0, 1, n + 2), [0.6, 0.6, 0.5], "valid")
    return np.rint(spread * smooth).astype(np.int64)


def stored(codes: np.ndarray) -> Samples:
    """Store 10-bit codes as the N1 does."""
    return np.trunc(codes * 65535 / 1023 - 32768).astype(np.int16)


def test_n1_map_is_the_formula_for_all_codes() -> None:
    codes = np.arange(1024)
    np.testing.assert_array_equal(N1.values(codes - 512), stored(codes))
    np.testing.assert_array_equal(N1.codes(stored(codes).astype(np.int64)), codes - 512)


@pytest.mark.parametrize("spread", [8, 40, 170])
def test_n1_map_is_found_with_codes_missing(spread: float) -> None:
    codes = 512 + noise_codes(60_000, spread)
    codes = codes[(codes % 7 != 3) & (codes != 510) & (codes != 511) & (codes >= 0) & (codes < 1024)]
    found = find_lattice(stored(codes))
    assert isinstance(found, Scale)
    assert (found.num, found.den, found.rounding) == (N1.num, N1.den, N1.rounding)
    assert (found.add - N1.add) % N1.num == 0  # the same lines, counted from any code
    _, side = there_and_back(stored(codes))
    assert len(side) < 16


def test_n1_map_is_found_from_300_distinct_codes() -> None:
    rng = np.random.default_rng(5)
    codes = rng.choice(rng.choice(np.arange(150, 900), 300, replace=False), 5000)
    found = find_lattice(stored(codes))
    assert isinstance(found, Scale)
    assert (found.num, found.den) == (N1.num, N1.den)
    codes_out, _ = there_and_back(stored(codes))
    np.testing.assert_array_equal(np.diff(codes_out.astype(int)), np.diff(codes))


def test_n1_files_have_the_n1_map(neuralink_files: list[Path]) -> None:
    for path in neuralink_files:
        samples = np.fromfile(path, "<i2", offset=44).astype(np.int16)
        codes, side = there_and_back(samples)
        assert len(side) < 16, path.name
        found = find_lattice(samples)
        assert isinstance(found, Scale), path.name
        assert (found.num, found.den, found.rounding) == (N1.num, N1.den, N1.rounding), path.name
        # Codes one apart are values 64 or 65 apart (63 about zero): the map is as fine as the converter, not finer.
        ordered = np.unique(codes).astype(int)
        gaps = np.diff(np.unique(samples).astype(int))
        np.testing.assert_array_equal(np.rint(gaps / 64.06).astype(int), np.diff(ordered))


@pytest.mark.parametrize("bits", [6, 9, 10, 12, 14])
@pytest.mark.parametrize("rounding", ["floor", "rint", "trunc"])
def test_full_scale_conversions_of_other_converters_are_found(bits: int, rounding: str) -> None:
    middle = 1 << (bits - 1)
    codes = np.clip(middle + noise_codes(20_000, middle / 5), 0, 2 * middle - 1)
    exact = codes * 65535 / (2 * middle - 1) - 32768
    samples = getattr(np, rounding)(exact).astype(np.int16)
    found = find_lattice(samples)
    assert isinstance(found, Scale)
    assert found.gain == pytest.approx(65535 / (2 * middle - 1), rel=2e-3)
    restored, _ = there_and_back(samples)
    assert len(np.unique(restored)) == len(np.unique(samples)) <= np.ptp(codes) + 1


@pytest.mark.parametrize("dtype", ["i2", "u2", "i4", "u4"])
@pytest.mark.parametrize(("gain", "offset"), [(3, 0), (12, 5), (3, -1), (100, 37)])
def test_gains_and_offsets_are_found(dtype: str, gain: int, offset: int) -> None:
    about = 0 if dtype[0] == "i" else 1 << (8 * int(dtype[1]) - 1)
    samples = (about + offset + gain * noise_codes(5000, 40)).astype(dtype)
    found = find_lattice(samples)
    assert isinstance(found, Scale)
    assert (found.num, found.den, (found.add - about - offset) % gain) == (gain, 1, 0)
    codes, side = there_and_back(samples)
    assert np.abs(codes).max() < 400
    assert len(side) < 16


def test_24_bit_samples_in_the_high_bytes_of_32_bits_are_found() -> None:
    codes = noise_codes(5000, 100_000)
    found = find_lattice((codes * 256).astype(np.int32))
    assert found == Scale(256)
    there_and_back((codes * 256).astype(np.int32))


def test_unsigned_samples_about_the_middle_become_signed() -> None:
    samples = (32768 + noise_codes(5000, 300)).astype(np.uint16)
    codes, _ = there_and_back(samples)
    assert codes.dtype == np.int16
    np.testing.assert_array_equal(codes, samples.astype(int) - 32768)


@pytest.mark.parametrize("gain", [1.5, 2.37, 7.77, 12.8, 100.33, 150.3])
@pytest.mark.parametrize("rounding", ["floor", "rint", "trunc"])
@pytest.mark.parametrize("offset", [0.0, 0.31])
def test_any_rational_gain_is_found(gain: float, rounding: str, offset: float) -> None:
    codes = noise_codes(20_000, 40)
    samples = getattr(np, rounding)(np.round(codes * gain + offset, 6)).astype(np.int16)
    found = find_lattice(samples)
    assert isinstance(found, Scale), found
    assert found.gain == pytest.approx(gain, rel=0.01)
    restored, side = there_and_back(samples)
    assert len(side) < 20
    assert abs(np.ptp(restored.astype(int)) - np.ptp(codes)) <= 1


def test_sparse_values_are_found() -> None:
    rng = np.random.default_rng(3)
    values = np.unique(np.cumsum(rng.integers(1, 500, 120)) - 15_000)
    samples = values[np.clip(noise_codes(20_000, 15) + 60, 0, len(values) - 1)].astype(np.int16)
    found = find_lattice(samples)
    assert isinstance(found, Table)
    codes, side = there_and_back(samples)
    assert np.ptp(codes.astype(int)) < 120
    assert len(side) < 250


def test_narrow_values_in_a_wide_type_come_out_narrow() -> None:
    codes, side = there_and_back((2050 + noise_codes(5000, 20)).astype(np.int32))
    assert codes.dtype == np.int8
    assert len(side) < 12


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2", "i4", "u4"])
def test_noise_over_the_whole_range_passes_as_it_is(dtype: str) -> None:
    limits = np.iinfo(dtype)
    samples = np.random.default_rng(0).integers(limits.min, limits.max, 70_000, dtype, endpoint=True)
    codes, side = there_and_back(samples)
    if dtype[0] == "i":
        assert side == b"\0"
        assert codes is samples
    assert len(side) < 12


def test_samples_of_every_code_pass_as_they_are() -> None:
    samples = noise_codes(20_000, 500).astype(np.int16)
    assert there_and_back(samples)[1] == b"\0"
    assert there_and_back(samples.reshape(-1, 4))[1] == b"\0"


def test_channels_of_different_devices_have_maps_of_their_own() -> None:
    codes = noise_codes(24_000, 300).reshape(-1, 4)
    samples = (codes * [1, 2, 3, 12] + [0, 1, 0, 5]).astype(np.int16)
    found, side = there_and_back(samples)
    np.testing.assert_array_equal(np.diff(found.astype(int), axis=0), np.diff(codes, axis=0))
    assert len(side) < 40


def test_a_sync_channel_does_not_hide_the_map_of_the_others() -> None:
    codes = noise_codes(80_000, 80).reshape(-1, 40)
    samples = (codes * 12).astype(np.int16)
    samples[:, -1] = np.where(np.arange(len(codes)) // 100 % 2, 64, 1)
    found, side = there_and_back(samples)
    np.testing.assert_array_equal(found[:, :-1], codes[:, :-1])
    assert len(side) < 40


def test_real_multichannel_recordings_come_back() -> None:
    folder = SHARED / "multichannel"
    if not folder.is_dir():
        pytest.skip(f"real recordings are not here: no {folder}")
    spikeglx = np.fromfile(folder / "run-001_g0_t0.imec0.ap.bin", "<i2").reshape(-1, 385)[:3000].astype(np.int16)
    assert there_and_back(spikeglx)[1] == b"\0"
    gained, _ = there_and_back(spikeglx * np.int16(12))
    np.testing.assert_array_equal(gained, spikeglx)


@given(
    st.sampled_from(["i1", "u1", "i2", "u2", "i4", "u4"]),
    st.integers(1, 60),
    st.integers(1, 20),
    st.integers(1, 2**20),
    st.integers(0, 2**32),
)
@example("u4", 1, 1, 2**20, 2**31)
@example("i4", 3, 2, 2**20, 2**31)
def test_whatever_is_found_is_exact(dtype: str, n: int, channels: int, step: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    multiples = rng.integers(-(2**31), 2**31, (n * 20, channels)) // step * step
    there_and_back(multiples.astype(dtype))
    there_and_back(np.ascontiguousarray(multiples.astype(dtype)[:, 0]))
    limits = np.iinfo(dtype)
    there_and_back(rng.choice([limits.min, limits.max, 0, 1], (n, channels)).astype(dtype))


@given(st.binary(max_size=60), st.sampled_from([(40,), (40, 3), (2, 500)]), st.sampled_from(["i1", "i2", "u2", "i4"]))
@example(b"\x01\x01\x04\xff\xff\x03\x00\x00\x00", (40,), "i2")  # a table of 65535 in a few bytes
@example(b"\x01\x02\x00\x01\x01\x00", (40,), "i2")  # codes wider than the samples
@example(b"\x02\x01\x00\x01\x01\x00\x00\x01\x01\x00\x00\x00", (40, 3), "i2")  # a run of no channels
def test_hostile_side_information_is_refused_or_decodes_to_the_shape(
    side: bytes, shape: tuple[int, ...], dtype: str
) -> None:
    layout = Layout(np.dtype(dtype), shape)
    for head in (b"", b"\x01", b"\x01\x01", b"\x01\x01\x04\x20", b"\x02\x00"):
        try:
            inner = Lattice().output_layout(layout, head + side)
            assert inner.nbytes <= layout.nbytes
            codes = np.arange(inner.size).reshape(inner.shape).astype(inner.dtype)
            restored = Lattice().inverse(codes, head + side, layout)
        except (ValueError, IndexError, CorruptError):
            continue
        assert Layout.of(restored) == layout


def test_codes_outside_a_table_are_refused() -> None:
    samples = np.array([-9000, 77, 12_000, 12_001] * 500, np.int16)
    codes, side = Lattice().forward(samples)
    assert len(side) > 1
    broken = codes.copy()
    broken[7] = 99
    with pytest.raises(ValueError):
        Lattice().inverse(broken, side, Layout.of(samples))
