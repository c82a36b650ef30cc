"""Promise: the benchmark names the smallest codec of each recording, every codec's bytes, and times a stretch of long ones."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from n1codec import bench
from n1codec.bench import Result
from n1codec.bench.metrics import per_recording
from n1codec.bench.results import Measurement, Report
from n1codec.bench.sources import RecordingInfo, Source
from n1codec.cli import main
from n1codec.cli.recordings_table import each_recording
from n1codec.report import load

CODECS = ("rle", "delta+zlib", "store")


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """One recording of long runs and one that walks: another codec is the smallest on each."""
    folder = tmp_path_factory.mktemp("recordings")
    np.save(folder / "runs.npy", np.zeros(3000, np.int16))
    np.save(folder / "walk.npy", np.cumsum(np.random.default_rng(1).integers(-2, 3, 3000)).astype(np.int16))
    return [str(folder / "runs.npy"), str(folder / "walk.npy")]


@pytest.fixture(scope="module")
def report(paths: list[str]) -> Report:
    sources = bench.find_sources([Path(path) for path in paths], rate=1000.0)
    return bench.run(bench.make_plan(CODECS), sources, bench.Settings(repeat=1))


def info(name: str) -> RecordingInfo:
    return RecordingInfo(name, None, 100, "", "<i2", 50, 1, 1000.0, 0.05)


def result(codec: str, *sizes: int | None, threads: int = 1, group: str = "x", lossless: bool = True) -> Result:
    """Return a codec's result on as many recordings; None where it failed."""
    measured = tuple(
        Measurement(str(i), 100, 50, 100, 0.05, bytes_out=size, lossless=lossless and size is not None)
        for i, size in enumerate(sizes)
    )
    return Result(codec, codec, group, threads, recordings=measured)


def test_the_smallest_is_the_one_of_fewest_bytes_that_gave_the_recording_back() -> None:
    results = [result("a", 10, 20, None), result("b", 11, 5, None), result("wrong", 1, 1, 1, lossless=False)]
    found = per_recording([*results, result("memcpy", 1, 1, 1, group=bench.YARDSTICK)], [*map(info, "xyz")])
    assert [one.smallest for one in found] == [("a",), ("b",), ()]
    assert [one.bytes_out for one in found] == [{"a": 10, "b": 11}, {"a": 20, "b": 5}, {}]
    assert [one.recording for one in found] == ["x", "y", "z"]


def test_codecs_that_are_even_are_all_named_and_the_fewest_threads_count() -> None:
    one, two = result("b", 10), result("b", 9, threads=2)
    for results in ([result("a", 10), one, two], [result("a", 10), two, one]):
        found = per_recording(results, [info("x")])
        assert found[0].smallest == ("a", "b")
        assert found[0].bytes_out == {"a": 10, "b": 10}


def test_json_holds_every_codecs_bytes_and_comes_back(report: Report, tmp_path: Path) -> None:
    runs, walk = json.loads(report.to_json())["per_recording"]
    assert (runs["smallest"], walk["smallest"]) == (["rle"], ["delta+zlib"])
    sizes = {one.codec: [each.bytes_out for each in one.recordings] for one in report.results if one.codec in CODECS}
    assert {codec: [runs["bytes_out"][codec], walk["bytes_out"][codec]] for codec in CODECS} == sizes
    (tmp_path / "run.json").write_text(report.to_json())
    assert load(tmp_path / "run.json").per_recording == report.per_recording


def test_csv_has_a_line_for_each_codec_and_recording(report: Report) -> None:
    rows = list(csv.DictReader(io.StringIO(report.to_csv(per_recording=True))))
    assert len(rows) == 2 * len(report.results)
    won = [(row["recording"], row["codec"]) for row in rows if row["smallest"] == "True"]
    assert won == [("runs", "rle"), ("walk", "delta+zlib")]
    assert all(int(row["bytes_out"]) > 0 and row["lossless"] == "True" for row in rows)


def test_text_names_the_winner_and_fits_the_terminal(report: Report) -> None:
    for width in (None, 60, 90):
        console = Console(file=io.StringIO(), width=width or 1000)
        for part in each_recording(report, width):
            console.print(part)
        lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
        assert max(map(len, lines)) <= (width or 1000)
        runs = next(line.split() for line in lines if line.startswith("runs"))
        assert runs[1:3] == ["rle", f"{report.per_recording[0].bytes_out['rle']:,}"]
        assert lines[-1] in ("smallest: rle on 1, delta+zlib on 1", "smallest: delta+zlib on 1, rle on 1")
        assert (width == 60) == any("no room here" in line for line in lines)


def test_the_command_shows_it_where_it_is_asked_for(paths: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["bench", *paths, "--rate", "1000", "--repeat", "1", "-c", "rle", "-c", "delta+zlib"]
    assert main([*asked, "--per-recording", "--csv", "-"]) == 0
    printed, text = capsys.readouterr()
    assert "Each recording, in bytes:" in text
    assert len(list(csv.DictReader(io.StringIO(printed)))) == 6
    assert main(asked) == 0
    assert "Each recording" not in capsys.readouterr().out


def test_a_stretch_of_long_recordings_is_decoded_apart(tmp_path: Path) -> None:
    """Ten seconds of all channels, whatever the recording's length; of what is no longer there is no such figure."""
    rates = {"long": 50.0, "short": 100.0}
    for name in rates:
        np.save(tmp_path / f"{name}.npy", np.random.default_rng(1).integers(-9, 9, (1_000, 3)).astype(np.int16))
    found = {
        name: bench.run(
            bench.make_plan(["huffman"]), [Source(str(tmp_path / f"{name}.npy"), rate=rate)], bench.Settings(repeat=1)
        )
        for name, rate in rates.items()
    }
    (one,) = (result for result in found["long"].results if result.codec == "huffman")
    assert one.recordings[0].stretch_decode_s is not None
    assert one.stretch_xrt == pytest.approx(10.0 / one.recordings[0].stretch_decode_s)
    assert all(result.stretch_xrt is None for result in found["short"].results)
