"""Promise: a recording in segments keeps where each begins, and when: a start, or a time for every sample."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import n1codec
from n1codec.container import Segment
from n1codec.container.segments import pack, parse

RATE = 30_000


def samples(n_samples: int = 5000) -> NDArray[np.int16]:
    return np.random.default_rng(1).normal(0, 9, (n_samples, 3)).cumsum(axis=0).astype(np.int16)


def jittered(n_samples: int) -> NDArray[np.float64]:
    """Return times as a synchronised clock gives them: regular, but for the last bits."""
    return 1000.25 + np.interp(
        np.arange(n_samples), [0, 700, n_samples], [0, 700.013 / RATE, n_samples * 1.000021 / RATE]
    )


def write(path: Path, data: NDArray[Any], segments: Any, **options: Any) -> Path:
    with n1codec.Writer(path, dtype=data.dtype, channels=3, rate=RATE, segments=segments, **options) as writer:
        writer.append(data)
    return path


def test_segments_come_back_with_their_clocks(tmp_path: Path) -> None:
    data = samples()
    given = (Segment(1200), Segment(0, start=-3.5), Segment.of(2800, times=jittered(2800)), Segment(1000, start=0.1))
    with n1codec.open(write(tmp_path / "a.n1c", data, given)) as recording:
        assert recording.segments == given
        assert recording.segment_ranges == (range(1200), range(1200, 1200), range(1200, 4000), range(4000, 5000))
        times = recording.segments[2].seconds()
        assert times is not None
        assert times.tobytes() == jittered(2800).tobytes()
        assert recording.segments[3].seconds() is None
        assert np.array_equal(recording[:], data)
        assert recording.verify().ok


def test_a_recording_that_says_nothing_is_one_segment(tmp_path: Path) -> None:
    with n1codec.open(write(tmp_path / "a.n1c", samples(), ())) as recording:
        assert recording.segments == ()
        assert recording.segment_ranges == (range(5000),)


@pytest.mark.parametrize("times", [
    np.arange(4000) / RATE, 12.5 + np.arange(4000) / RATE, jittered(4000), np.zeros(0), np.array([-0.0]),
    np.r_[jittered(900), np.nan, -np.inf, jittered(900)], np.random.default_rng(3).normal(size=3000),
], ids=["regular", "offset", "synchronised", "none", "minus zero", "odd", "noise"])  # fmt: skip
def test_times_come_back_bit_for_bit(times: NDArray[np.float64]) -> None:
    (segment,) = parse(pack([Segment.of(len(times), times=times)]))
    back = segment.seconds()
    assert back is not None
    assert back.tobytes() == times.tobytes()


def test_times_of_a_synchronised_clock_take_little() -> None:
    """Steps between floats that lie side by side are as good as equal, whatever their last bits do."""
    assert len(Segment.of(60_000, times=np.arange(60_000) / RATE).times) < 120
    assert len(Segment.of(60_000, times=jittered(60_000)).times) < 60_000 / 3


def test_what_makes_no_sense_is_refused_before_a_file_is_made(tmp_path: Path) -> None:
    path = tmp_path / "a.n1c"
    for n_samples, start in ((-1, None), (2.5, None), (5000, float("nan"))):
        with pytest.raises(n1codec.ParameterError):
            Segment(n_samples, start)  # type: ignore[arg-type]
    for segments in ([5000], 7, [None]):
        with pytest.raises(n1codec.ParameterError):
            write(path, samples(), segments)
    with pytest.raises(n1codec.ParameterError, match="one a sample"):
        Segment.of(5, times=[1.0, 2.0])
    for times in (np.zeros(1, [("at", "f8")]), np.ma.masked_array([1.0], mask=[True]), [None]):
        with pytest.raises(n1codec.N1Error, match="times"):
            Segment.of(1, times=times)  # type: ignore[arg-type]  # some of them
    with pytest.raises(n1codec.ParameterError, match="atomic"):
        write(path, samples(), [Segment(5000)], atomic=False)
    for n_samples in (4999, 5001):
        with pytest.raises(n1codec.ParameterError, match=f"{n_samples} samples, and 5000 were appended"):
            write(path, samples(), [Segment(n_samples)])
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_appended_to_a_file_in_segments(tmp_path: Path) -> None:
    path = write(tmp_path / "a.n1c", samples(), [Segment(5000)])
    before = path.read_bytes()
    with pytest.raises(n1codec.ParameterError, match="segments"):
        n1codec.Writer.reopen(path)
    assert path.read_bytes() == before


def test_a_recovered_file_keeps_its_segments_and_says_where_they_end(tmp_path: Path) -> None:
    data = samples()
    given = (Segment(2000, start=1.0), Segment(3000, start=9.0))
    path = write(tmp_path / "a.n1c", data, given, chunk_frames=500)
    cut = tmp_path / "cut.n1c"
    cut.write_bytes(path.read_bytes()[: -path.stat().st_size // 3])
    n1codec.recover(cut, tmp_path / "b.n1c")
    with n1codec.open(tmp_path / "b.n1c") as recording:
        assert recording.segments == given
        n_samples = recording.n_samples
        assert 2000 < n_samples < 5000
        assert recording.segment_ranges == (range(2000), range(2000, n_samples))
        assert np.array_equal(recording[:], data[:n_samples])


HEAD = b"\x01\x04"


@pytest.mark.parametrize("content", [
    b"", b"\x00", HEAD, HEAD + b"\x04", HEAD + b"\x01" + bytes(7), HEAD + b"\x01" + struct.pack("<d", float("inf")),
    HEAD + b"\x02\x00", HEAD + b"\x02\x05abc", HEAD + b"\x00\x00", b"\x02\x04\x00", b"\xff\xff\xff\xff\xff\xff\xff\x7f",
], ids=lambda content: content.hex() or "empty")  # fmt: skip
def test_fields_that_make_no_sense_are_refused(content: bytes) -> None:
    with pytest.raises(n1codec.CorruptError):
        parse(content)


def test_more_samples_than_the_segments_have_are_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    with n1codec.Writer(out, dtype="i2", channels=3, rate=RATE, segments=[Segment(10)], file_id=1) as writer:
        object.__setattr__(writer._header, "segments", ())  # as a faulty writer would: nothing is compared
        writer.append(samples(20))
    path = tmp_path / "a.n1c"
    path.write_bytes(out.getvalue())
    with pytest.raises(n1codec.CorruptError, match="the segments have 10 samples, and there are 20"):
        n1codec.open(path)


def test_damaged_times_are_an_error_and_samples_are_read_all_the_same(tmp_path: Path) -> None:
    packed = bytearray(Segment.of(100, times=jittered(100)).times)
    packed[len(packed) // 2] ^= 1
    path = write(tmp_path / "a.n1c", samples(100), [Segment(100, times=bytes(packed))])
    with n1codec.open(path) as recording:
        assert np.array_equal(recording[:], samples(100))
        with pytest.raises(n1codec.CorruptError):
            recording.segments[0].seconds()
