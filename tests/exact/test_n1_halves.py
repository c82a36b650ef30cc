"""Very many channels are coded in halves, so that two threads have something to do, and nothing else changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import n1codec
from arrays import uneven
from n1codec import _core, varint
from n1codec.codec import Layout
from n1codec.codecs.n1 import N1, learn_widths

CHANNELS, FRAMES = 300, 7000


def probe(frames: int = FRAMES, channels: int = CHANNELS) -> NDArray[Any]:
    rng = np.random.default_rng(7)
    common = rng.normal(0, 20, (frames, 1))
    return np.cumsum(rng.normal(0, 3, (frames, channels)) + common / 20, axis=0).astype("i2")


@pytest.fixture(scope="module")
def samples() -> NDArray[Any]:
    return probe()


@pytest.mark.parametrize("level", [1, 5])
def test_halves_come_back_whatever_the_threads(samples: NDArray[Any], level: int) -> None:
    coder, layout = N1(level=level), Layout.of(samples)
    payload = coder.encode(samples)
    assert payload[0] == 0, "in one piece"
    assert coder.encode(samples, threads=2) == payload
    for threads in (1, 2):
        np.testing.assert_array_equal(coder.decode(payload, layout, threads=threads), samples)
    for first, stop in ((0, 50), (20, 300), (FRAMES - 1, FRAMES)):
        some, at = coder.decode_some(payload, layout, first, stop)
        assert at <= first
        assert stop <= at + len(some)
        np.testing.assert_array_equal(some, samples[at : at + len(some)])
    assert len(coder.decode_some(payload, layout, 0, 50)[0]) <= (FRAMES if level == 1 else FRAMES // 2)


def test_some_frames_are_those_that_both_halves_have() -> None:
    """Sections of the one, and all of the other, which is coded in another way."""
    samples = uneven(9000, 300, 3)
    samples[:, 144:] = np.arange(9000)[:, None] % 2000
    coder, layout = N1().knowing(learn_widths(uneven(9000, 144, 1))), Layout.of(samples)
    payload = coder.encode(samples)
    parts, blocks = _core.n1_open(payload, *samples.shape)
    assert [columns for _, _, columns in parts] == [(0, 144), (144, 300)]
    halves = [payload[first:last] for first, last in blocks]
    assert _core.n1_reach(halves[0], 2, True, 144, 9000, (5000, 5100)) == (4096, 5100)
    assert _core.n1_reach(halves[1], 2, True, 156, 9000, (5000, 5100)) == (0, 9000)
    some, at = coder.decode_some(payload, layout, 5000, 5100)
    assert (at, at + len(some)) == (4096, 5100)
    np.testing.assert_array_equal(some, samples[4096:5100])


def test_each_half_is_what_it_would_be_alone(samples: NDArray[Any]) -> None:
    payload = N1(level=1).encode(samples)
    parts, blocks = _core.n1_open(payload, *samples.shape)
    assert [columns for _, _, columns in parts] == [(0, 144), (144, 300)]
    for (start, stop, columns), (first, last) in zip(parts, blocks, strict=True):
        assert columns
        alone = np.ascontiguousarray(samples[start:stop, slice(*columns)])
        assert payload[first:last] == _core.n1_encode(alone, 2, True, alone.shape[1], 1)


@pytest.mark.parametrize(
    ("frames", "channels", "level"),
    [(FRAMES, CHANNELS, 7), (FRAMES, 255, 5), (6900, CHANNELS, 5)],
    ids=["levels for every byte", "fewer channels", "fewer values"],
)
def test_the_rest_stays_in_one_piece(frames: int, channels: int, level: int) -> None:
    head, parts = _core.n1_cuts(frames, channels, level)
    assert head == b"\x01"
    assert parts == [(0, frames, None)]


def test_long_arrays_are_cut_along_time_too() -> None:
    head, parts = _core.n1_cuts(100_000, 512, 5)
    assert head == b"\0" + varint.pack(len(parts) // 2)
    covered = np.zeros((100_000, 512), np.uint8)
    for start, stop, columns in parts:
        covered[start:stop, slice(*columns) if columns else slice(None)] += 1
    assert covered.min() == covered.max() == 1


@pytest.mark.parametrize(
    ("payload", "channels"),
    [
        (b"\0\1", 31),
        (b"\0", 64),
        (b"\0\0", 64),
        (b"\0\2", 64),
        (b"\0\1\5abcde", 64),
        (b"\0\1\0\0", 64),
        (b"\0\1\1\0\1\0z", 64),
        (b"\x81\0", 64),
        (b"\0\x81\0\1\0\1\0", 64),
    ],
    ids=[
        "too few channels",
        "no number",
        "no block",
        "too many blocks",
        "one half",
        "empty halves",
        "bytes behind",
        "a number too long",
        "a number too long behind the zero",
    ],
)
def test_halves_that_are_none_are_refused(payload: bytes, channels: int) -> None:
    layout = Layout(np.dtype("i2"), (100, channels))
    with pytest.raises((ValueError, n1codec.CorruptError)):
        N1().decode(payload, layout)


@pytest.mark.parametrize("columns", [(5, 5), (6, 5), (0, 9)])
def test_the_core_refuses_columns_that_are_not_there(columns: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="channels"):
        _core.n1_encode(np.zeros((10, 8), "i2"), 2, True, 8, 1, columns=columns)


def test_a_file_of_one_wide_bundle_is_read_by_frames_and_whole(samples: NDArray[Any], tmp_path: Any) -> None:
    path = tmp_path / "a.n1c"
    with n1codec.Writer(path, dtype="i2", rate=1000.0, channels=CHANNELS, bundle_channels=CHANNELS) as out:
        out.append(samples)
    with n1codec.open(path) as recording:
        np.testing.assert_array_equal(recording.read(), samples)
        np.testing.assert_array_equal(recording.read(100, 120), samples[100:120])
