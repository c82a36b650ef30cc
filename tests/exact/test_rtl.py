"""Promise: the encoder in Verilog writes the bytes of the core's lite profile, whatever the codes and however it is fed."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from test_stream import array

import rtl_bench
from conftest import ROOT, SHARED
from n1codec import formats
from n1codec.stream import NLINK, Converter
from rtl_bench import compare, format_of

CHANNELS, FRAMES = 1024, 100
"""At least 100,000 samples."""


@pytest.fixture(scope="module")
def n1(tmp_path_factory: pytest.TempPathFactory) -> rtl_bench.Encoder:
    """The encoder for the N1's codes and 1,024 channels."""
    return rtl_bench.Encoder.build(tmp_path_factory.mktemp("rtl"), code_bits=10, channel_bits=10, nlink=True)


def codes_of(samples: NDArray[np.int16]) -> NDArray[np.int64]:
    return ((samples.astype(np.int64) + 32768) * 1023 + 32768) >> 16


def packets_of(frames: int, each: int, keys: tuple[int, ...] = ()) -> list[tuple[int, bool]]:
    """Return packets of `each` frames, the last of what is left, those of these numbers keys."""
    sizes = [each] * (frames // each) + ([frames % each] if frames % each else [])
    return [(size, number in keys) for number, size in enumerate(sizes)]


def recordings() -> NDArray[np.int16]:
    """Return 1,024 channels of the real recordings, each taken alike; of the generator where they are not here."""
    names = sorted((SHARED / "neuralink").glob("*.wav"))
    if not names:
        return array(FRAMES, CHANNELS)
    files = [formats.read(name).samples.reshape(-1) for name in names]
    return np.stack([np.roll(files[c % len(files)], -997 * (c // len(files)))[:FRAMES] for c in range(CHANNELS)], 1)


def test_100_000_samples_are_coded_as_the_core_codes_them(n1: rtl_bench.Encoder) -> None:
    """1,024 channels, packets of 5 frames, keys early as a sender has them; at one sample a clock, but for a few."""
    codes = codes_of(recordings())
    count = compare(n1, format_of(NLINK, CHANNELS, 5), codes, packets_of(FRAMES, 5, (2, 7, 14)))
    assert count["samples"] == 102_400
    assert (count["coded"], count["keys"]) == (20, 4)
    assert count["clocks"] < 1.1 * count["samples"] + 2 * 4 * CHANNELS
    assert 8 * count["bytes"] / count["samples"] < 5.5


@pytest.mark.parametrize("substreams", [1, 2])
@pytest.mark.parametrize(("channels", "frames"), [(1, 1), (2, 5), (3, 20), (5, 7), (33, 5)])
def test_any_shape(n1: rtl_bench.Encoder, channels: int, frames: int, substreams: int) -> None:
    """A channel's next sample waits for its last one, where there are fewer channels than stages."""
    codes = codes_of(array(163, channels))
    packets = packets_of(len(codes), frames, (1, 5, 6, 20))
    compare(n1, format_of(NLINK, channels, frames, substreams), codes, packets)


def test_whoever_feeds_it_or_takes_its_bytes_may_wait(n1: rtl_bench.Encoder) -> None:
    codes = codes_of(array(100, 17))
    count = compare(n1, format_of(NLINK, 17, 5), codes, packets_of(100, 5, (4, 9)), gaps=True)
    assert count["clocks"] > 1.5 * count["samples"]


def outliers(chance: float) -> NDArray[np.int64]:
    """Return slow channels in which now and then a sample is anywhere."""
    rng = np.random.default_rng(3)
    codes = codes_of(array(400, 12))
    return np.where(rng.random(codes.shape) < chance, rng.integers(0, 1024, codes.shape), codes)


@pytest.mark.parametrize("substreams", [1, 2])
def test_escapes(n1: rtl_bench.Encoder, substreams: int) -> None:
    """What the law gives no mass takes more symbols; packets with some are still coded."""
    count = compare(n1, format_of(NLINK, 12, 20, substreams), outliers(0.04), packets_of(400, 20, (3, 11)))
    assert count["coded"] >= 15


@pytest.mark.parametrize(("usual", "centre", "spread"), [(0, 0, 0), (63, 65535, 0), (0, 32700, 63), (63, 0, 63)])
def test_keys_whose_scales_and_first_codes_are_unusual(
    n1: rtl_bench.Encoder, usual: int, centre: int, spread: int
) -> None:
    converter = dataclasses.replace(NLINK, usual=usual, centre=centre, spread=spread)
    count = compare(n1, format_of(converter, 12, 20), outliers(0.01), packets_of(400, 20, (1, 3, 11)))
    assert count["coded"] >= 12


@pytest.mark.parametrize("level", [0, 1, 600, 1023])
def test_channels_that_stand_still(n1: rtl_bench.Encoder, level: int) -> None:
    """At the ends of the axis, and long enough for scales to reach their ends."""
    codes = np.full((600, 3), level)
    assert compare(n1, format_of(NLINK, 3, 20), codes, packets_of(600, 20, (10, 20)))["stored"] <= 1


@pytest.mark.parametrize("substreams", [1, 2])
def test_thousands_of_packets_with_their_carries(n1: rtl_bench.Encoder, substreams: int) -> None:
    """Packets enough for carries in many places, and for both ways to end."""
    rng = np.random.default_rng(8)
    steps = rng.integers(-1, 2, (6000, 2))
    codes = 300 + np.abs(np.cumsum(steps, 0))
    count = compare(n1, format_of(NLINK, 2, 1, substreams), codes, packets_of(6000, 1, tuple(range(0, 6000, 64))))
    assert count["coded"] > 3000


def walk(seed: int) -> NDArray[np.int64]:
    """Return 20 frames of 16 channels, steps of a generator of 32 bits: short to write down, and the same everywhere."""
    codes = np.arange(480, 512, 2)[None] + np.zeros((20, 1), np.int64)
    for at in range(codes.size):
        seed = (seed * 1664525 + 1013904223) & 0xFFFFFFFF
        codes[at // 16 :, at % 16] += (seed >> 28) - 7
    return codes


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize(("run", "seeds"), [(2, (7147, 7537)), (3, (1430138, 3738146))])
def test_a_carry_goes_through_every_255_before_it(
    n1: rtl_bench.Encoder, run: int, seeds: tuple[int, ...], gaps: bool
) -> None:
    """Once in some million samples: of walks without end those in which it happens, in either substream."""
    for seed in seeds:
        count = compare(n1, format_of(NLINK, 16, 20), walk(seed), [(20, True)], gaps=gaps)
        assert count["run"] == run
        assert count["coded"] == 1


def test_the_worst_takes_so_many_clocks_and_no_more(n1: rtl_bench.Encoder) -> None:
    """Every sample an escape: three clocks each, six in a key's first frame."""
    rng = np.random.default_rng(4)
    codes = rng.permuted(np.tile([3, 1020], (60, 32)), axis=1)
    converter = dataclasses.replace(NLINK, spread=0, centre=33000, usual=63)
    count = compare(n1, format_of(converter, 64, 5), codes, packets_of(60, 5, (4, 8)))
    assert count["stored"] >= 8
    assert count["clocks"] <= 3 * count["samples"] + 3 * 64 * count["keys"] + count["bytes"] / 4 + 100


def test_a_key_comes_by_itself_in_the_end(n1: rtl_bench.Encoder) -> None:
    """After 32,000 frames, before sums run over."""
    codes = 500 + (np.arange(32_060) % 7 > 2)[:, None] * 2
    count = compare(n1, format_of(NLINK, 1, 20, 1), codes, packets_of(32_060, 20))
    assert count["keys"] == 2


@pytest.mark.parametrize(
    ("bits", "converter"),
    [
        (16, Converter(first=-32768)),
        (12, Converter(first=-2048, codes=4096, shift=13, centre=2048 * 64)),
        (12, Converter(first=100, codes=2500, stride=3, shift=9, centre=0, spread=50, usual=40)),
        (10, Converter(codes=1024, shift=11, centre=512 * 64, spread=40)),
        (8, Converter(first=5, codes=2, shift=9, centre=64)),
    ],
)
def test_even_codes(tmp_path: Path, bits: int, converter: Converter) -> None:
    encoder = rtl_bench.Encoder.build(tmp_path, code_bits=bits, channel_bits=4, nlink=False)
    codes = np.clip(codes_of(array(120, 9)) * converter.codes // 1024, 0, converter.codes - 1)
    compare(encoder, format_of(converter, 9, 5), codes, packets_of(120, 5, (3, 9)))


def test_its_gates_do_the_same(tmp_path: Path) -> None:
    """What Yosys makes of it, without a library."""
    converter = dataclasses.replace(NLINK, usual=10)
    codes = outliers(0.02)[:40]
    count = compare(rtl_bench.Encoder.gates(tmp_path), format_of(converter, 12, 20), codes, packets_of(40, 20, (1,)))
    assert count["coded"] >= 1


def test_its_roms_are_made_of_the_cores_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no simulator is, too: what is told shorter gives every entry again."""
    monkeypatch.syspath_prepend(ROOT / "scripts")
    import make_rtl_tables as made
    from make_reference_tables import table

    text = made.TABLES.read_text("utf-8")
    law = table(text, "n1_packet_law")
    both, more = made.folded(law)
    assert [both - law[i] + more[i] for i in range(1023, 0, -1)] == law[1025:]
    assert len(made.mantissas(table(text, "n1_packet_inverse"))) == 8


def test_the_table_of_gates_is_of_these_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    """`scripts/measure_rtl.py` makes it anew."""
    monkeypatch.syspath_prepend(ROOT / "scripts")
    import measure_rtl as measured

    assert measured.fingerprint() in (ROOT / "docs" / "rtl-gates.md").read_text("utf-8")
