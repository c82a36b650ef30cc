"""Promise: what the report says of a group follows from the figures of the run, whichever way they point."""

from __future__ import annotations

import dataclasses
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import report_data
from n1codec.bench.results import Report
from n1codec.report import groups, sources
from n1codec.report.merge import merge
from n1codec.report.model import Study

pytest.importorskip("altair", reason="the report needs the extra `report`")

from n1codec.report.figures import Figure, draw_all  # they draw

FEW = ["store", "zstd", "bz2", "lattice+delta+rans"]


def with_bits(results: Report, bits: dict[str, float], folder: Path) -> Report:
    """The run with other figures for some codecs."""

    def change(raw: dict[str, Any]) -> None:
        for result in raw["results"]:
            if result["codec"] in bits:
                result["bits_per_sample"] = bits[result["codec"]]
                result["ratio"] = 16 / bits[result["codec"]]

    return report_data.changed(results, change, folder)


def points_on(group: str, results: Report) -> str:
    return " ".join(groups.points(Study.of(merge([results])), group))


def test_what_is_said_of_n1_follows_its_figures(tmp_path: Path) -> None:
    """Where it wins and where it loses, in turn."""
    run = report_data.report(specs=["n1:level=1", "n1:level=9", "lattice+lpc+rans", "lz4"])
    ahead = points_on("n1", with_bits(run, {"n1:level=1": 4.5, "n1:level=9": 4.4, "lattice+lpc+rans": 4.7}, tmp_path))
    assert "None of the 3 other codecs makes smaller files" in ahead
    assert "knows beyond them is worth 0.200 bits." in ahead or "knows beyond them is worth 0.300 bits." in ahead
    behind = points_on("n1", with_bits(run, {"n1:level=1": 9.5, "n1:level=9": 9.4, "lattice+lpc+rans": 4.7}, tmp_path))
    assert "other codecs makes smaller files" not in behind
    assert "so it does not help here" in behind


def test_those_that_are_faster_than_n1_are_named(tmp_path: Path) -> None:
    def pace(raw: dict[str, Any], speeds: dict[str, float]) -> None:
        for result in raw["results"]:
            result["encode_mb_s"] = result["decode_mb_s"] = speeds[result["codec"]]

    run = report_data.report(specs=["n1", "lz4", "zstd"])
    one, both, none = (
        points_on("n1", report_data.changed(run, partial(pace, speeds=speeds), tmp_path))
        for speeds in (
            {"n1": 100.0, "lz4": 400.0, "zstd": 50.0},
            {"n1": 100.0, "lz4": 400.0, "zstd": 150.0},
            {"n1": 100.0, "lz4": 40.0, "zstd": 50.0},
        )
    )
    assert "`lz4` encodes faster than any level, at ratio" in one
    assert "2 others encode faster than any level, at ratios up to" in both
    assert "None of them is faster than any level." in none


def test_effort_is_judged_only_where_there_is_some(tmp_path: Path) -> None:
    run = report_data.report(specs=["flac", "wavpack"])

    def order(raw: dict[str, Any]) -> None:
        for result in raw["results"]:
            result["encode_mb_s"] = 90.0 if result["codec"] == "flac" else 30.0

    best = with_bits(report_data.changed(run, order, tmp_path), {"flac": 6.7, "wavpack": 6.8}, tmp_path)
    assert "Effort" not in points_on("audio", best), "the fastest is the best"
    close = with_bits(report_data.changed(run, order, tmp_path), {"flac": 6.8, "wavpack": 6.7}, tmp_path)
    assert "Effort buys little: `flac` is within 1.5 % of the best at 90.0 MB/s" in points_on("audio", close)


@pytest.mark.parametrize(
    ("zstd", "words"),
    [
        (
            8.0,
            "larger with zstd, best without it: zstd from 2.50 to 2.00. It makes them smaller with lz4: lz4 from",
        ),
        (6.0, "Shuffling bits makes files smaller with zstd and lz4: zstd from 2.50 to 2.67, lz4 from 1.25 to 1.60."),
    ],
)
def test_a_shuffle_is_praised_and_blamed_for_each_coder(tmp_path: Path, zstd: float, words: str) -> None:
    bits = {"zstd,shuffle=none": 6.4, "zstd,shuffle=bit": zstd, "lz4,shuffle=none": 12.8, "lz4,shuffle=bit": 10.0}
    specs = {f"blosc:cname={name}": value for name, value in bits.items()}
    said = points_on("blosc", with_bits(report_data.report(specs=list(specs)), specs, tmp_path))
    assert words in said


def test_blosc_is_said_to_stand_behind_what_it_stands_behind(tmp_path: Path) -> None:
    run = report_data.report(specs=["blosc:cname=lz4,shuffle=bit", "delta+blosc:cname=lz4,shuffle=bit"])
    said = points_on("blosc", with_bits(run, {"delta+blosc:cname=lz4,shuffle=bit": 5.0}, tmp_path))
    assert "behind `delta`, `delta+blosc lz4 bit` reaches 3.200" in said


@pytest.mark.parametrize(("share", "words"), [(0.98, "2.00 % below it"), (1.03, "3.00 % above it")])
def test_the_distance_to_the_floor_has_a_side(share: float, words: str) -> None:
    study = Study.of(merge([report_data.report([report_data.synthetic()], specs=FEW)]))
    floors = sources.floors(study.merged.recordings)
    least = min(one.result.bits_per_sample or 0 for one in study.exact)
    floors = {name: dataclasses.replace(one, bits_per_sample=least / share) for name, one in floors.items()}
    figure = draw_all(study, floors, None)["floor"]
    assert isinstance(figure, Figure)
    assert words in figure.alt
