"""Promise: results are read as they were written, and only what can be compared is compared."""

from __future__ import annotations

import dataclasses
import json
import math
import tempfile
from pathlib import Path
from typing import Any

import pytest

import report_data
from n1codec.bench.results import Report
from n1codec.errors import FormatError, ParameterError
from n1codec.report.compare import compare
from n1codec.report.labels import Box, place
from n1codec.report.load import MAX_TEXT, load
from n1codec.report.merge import merge
from n1codec.report.model import Study

FEW = ["memcpy", "zstd", "bz2", "lattice+delta+rans"]


def saved(folder: Path, content: Any, name: str = "results.json") -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def ratio_of(study: Study, codec: str) -> float:
    (found,) = [row.result.ratio for row in study.rows if row.result.codec == codec]
    assert found is not None
    return found


def with_bytes(report: Report, codec: str, factor: float) -> Report:
    """The run with one codec's files larger by a factor."""
    raw = report_data.as_json(report)
    for result in raw["results"]:
        if result["codec"] == codec:
            for one in result["recordings"]:
                one["bytes_out"] = int(one["bytes_out"] * factor)
            result["bytes_out"] = sum(one["bytes_out"] for one in result["recordings"])
            result["ratio"] = result["bytes_in"] / result["bytes_out"]
    return _loaded(raw)


def _loaded(raw: dict[str, Any]) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        return load(saved(Path(folder), raw))


def test_results_come_back_as_they_were_written(tmp_path: Path) -> None:
    report = report_data.report(specs=FEW)
    assert load(saved(tmp_path, report.to_json())) == report


def test_fields_that_are_missing_or_unknown_do_no_harm(tmp_path: Path) -> None:
    raw = report_data.as_json(report_data.report(specs=FEW))
    raw["from_the_future"] = {"a": 1}
    for result in raw["results"]:
        result["from_the_future"] = 1
        for name in ("peak_mb", "latency_ms", "entropy_coded", "libraries", "pareto_encode"):
            del result[name]
    for name in ("machine", "settings", "skipped", "command"):
        del raw[name]
    study = Study.of(merge([load(saved(tmp_path, raw))]))
    assert len(study.exact) == 3
    assert any(row.result.pareto_encode for row in study.exact), "fronts are computed again"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda raw: raw.update(schema=2), "layout 2"),
        (lambda raw: raw.pop("results"), "results"),
        (lambda raw: raw["results"][1].update(ratio="high"), r"results\[1\].ratio"),
        (lambda raw: raw["results"][0].update(threads=1.5), r"results\[0\].threads"),
        (lambda raw: raw["results"][0].pop("codec"), "codec is missing"),
        (lambda raw: raw.update(results={}), "expected a list"),
        (lambda raw: raw["machine"].update(cores=None), "machine.cores"),
    ],
)
def test_a_field_of_the_wrong_kind_is_named(tmp_path: Path, change: Any, message: str) -> None:
    raw = report_data.as_json(report_data.report(specs=FEW))
    change(raw)
    with pytest.raises(FormatError, match=message):
        load(saved(tmp_path, raw))


@pytest.mark.parametrize("text", ["", "[]", "{", '{"schema": 1, "results": NaN}', "[" * 100_000])
def test_what_is_no_file_of_results_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(FormatError):
        load(saved(tmp_path, text))


def test_names_are_cut_and_cleaned(tmp_path: Path) -> None:
    raw = report_data.as_json(report_data.report(specs=FEW))
    raw["command"] = "a\nb\x00\ud800" + "c" * 10_000
    command = load(saved(tmp_path, raw)).command
    assert len(command) == MAX_TEXT
    assert command.isprintable()
    command.encode("utf-8")


def test_a_run_split_by_codec_is_the_whole_run() -> None:
    whole = report_data.report(specs=FEW)
    parts = [report_data.report(specs=FEW[:2]), report_data.report(specs=FEW[2:])]
    assert merge(parts).results == merge([whole]).results


def test_a_run_split_by_recording_is_the_whole_run() -> None:
    whole = report_data.report(specs=FEW)
    parts = []
    for keep in ({"one", "three"}, {"two"}):
        raw = report_data.as_json(whole)
        raw["recordings"] = [one for one in raw["recordings"] if one["name"] in keep]
        for result in raw["results"]:
            result["recordings"] = [one for one in result["recordings"] if one["recording"] in keep]
        parts.append(_loaded(raw))
    merged = {result.codec: result.ratio for result in merge(parts).results}
    assert merged == {result.codec: result.ratio for result in whole.results}


def test_only_recordings_that_every_codec_was_tried_on_count() -> None:
    wide = report_data.report(specs=["zstd"])
    narrow = report_data.report([report_data.info("two")], specs=["bz2"])
    merged = merge([wide, narrow])
    assert [info.name for info in merged.recordings] == ["two"]
    zstd = next(result for result in merged.results if result.codec == "zstd")
    assert zstd.ratio == next(one.ratio for one in wide.results[0].recordings if one.recording == "two")
    assert any("3 recordings" in note for note in merged.notes)


def test_runs_over_other_recordings_are_not_mixed() -> None:
    with pytest.raises(ParameterError, match="no recording in common"):
        merge(
            [
                report_data.report([report_data.info(name)], specs=[spec])
                for name, spec in (("one", "zstd"), ("two", "bz2"))
            ]
        )
    with pytest.raises(ParameterError, match="no results"):
        merge([dataclasses.replace(report_data.report(specs=FEW), results=())])


def test_of_two_measurements_the_later_counts() -> None:
    first, second = report_data.report(specs=FEW), report_data.report(specs=["zstd"], seed=2)
    assert ratio_of(Study.of(merge([first, second])), "zstd") == second.results[0].ratio


def test_speeds_of_two_machines_are_flagged() -> None:
    other = dataclasses.replace(report_data.MACHINE, cpu="Another CPU")
    runs = [report_data.report(specs=["zstd"]), report_data.report(specs=["bz2"], machine=other)]
    assert any("2 machines" in note and "Another CPU" in note for note in merge(runs).notes)
    assert not merge(runs[:1]).notes


def test_what_makes_speeds_doubtful_is_said() -> None:
    busy = dataclasses.replace(report_data.MACHINE, load=3.5)
    raw = report_data.as_json(report_data.report(specs=["zstd"], machine=busy))
    raw["partial"] = True
    raw["settings"]["jobs"] = 2
    notes = " ".join(merge([_loaded(raw)]).notes)
    assert "busy" in notes
    assert "2 codecs were measured at a time" in notes
    assert "interrupted" in notes


def test_labels_are_brief_and_unique() -> None:
    labels = {
        "zstd": "zstd",
        "zstd:level=19": "zstd -19",
        "lattice+pcodec:level=12,delta=conv": "lattice+pcodec -12 delta=conv",
        "lattice+wavpack:level=3,extra=3": "lattice+wavpack -3 extra=3",
        "blosc:cname=lz4,clevel=9,shuffle=bit": "blosc lz4 -9 bit",
    }
    rows = Study.of(merge([report_data.report(specs=list(labels))])).rows
    assert {row.result.codec: row.label for row in rows} == labels
    everything = Study.of(merge([report_data.report(threads=(1, 2))])).rows
    assert len({row.name for row in everything}) == len(everything)


def test_changes_against_an_earlier_run_are_found() -> None:
    before = report_data.report(specs=FEW)
    now = with_bytes(report_data.report(specs=[*FEW[:3], "gzip"]), "zstd", 0.9)
    changes = {one.label: one for one in compare(Study.of(merge([now])), merge([before])).changes}
    assert changes["zstd"].kind == "smaller files"
    assert changes["zstd"].size == pytest.approx(1 / 0.9, rel=1e-3)
    assert changes["bz2"].kind == "same"
    assert changes["gzip"].kind == "new"
    assert changes["lattice+delta+rans"].kind == "gone"


def test_changes_in_speed_and_exactness_are_found() -> None:
    raw = report_data.as_json(report_data.report(specs=FEW))
    for result in raw["results"]:
        if result["codec"] == "zstd":
            result["encode_mb_s"] *= 2
            result["decode_mb_s"] /= 2
        if result["codec"] == "bz2":
            result.update(lossless=False, error="not exact")
    comparison = compare(Study.of(merge([_loaded(raw)])), merge([report_data.report(specs=FEW)]))
    changes = {one.label: one.kind for one in comparison.changes}
    assert changes["zstd"] == "faster encoding, slower decoding"
    assert changes["bz2"] == "fails now"


def test_ratios_are_compared_over_common_recordings_only() -> None:
    before = report_data.report(specs=["zstd"])
    now = report_data.report([report_data.info("two")], specs=["zstd"])
    comparison = compare(Study.of(merge([now])), merge([before]))
    assert comparison.changes[0].ratio_before == next(
        one.ratio for one in before.results[0].recordings if one.recording == "two"
    )
    assert "Ratios are compared over the 1 recording that both runs hold." in comparison.notes


def test_ratios_of_what_is_new_or_gone_are_over_those_recordings_too() -> None:
    before = report_data.report(specs=["zstd", "bz2"])
    now = report_data.report([report_data.info("two"), report_data.info("four")], specs=["zstd", "lzma"])
    changes = {one.label: one for one in compare(Study.of(merge([now])), merge([before])).changes}

    def alone(results: Report, codec: str) -> float | None:
        result = next(one for one in results.results if one.codec == codec)
        return next(one.ratio for one in result.recordings if one.recording == "two")

    assert changes["bz2"].kind == "gone"
    assert changes["bz2"].ratio_before == alone(before, "bz2")
    assert changes["lzma"].kind == "new"
    assert changes["lzma"].ratio_now == alone(now, "lzma")


def test_labels_of_points_cover_nothing() -> None:
    points = [(20.0 * step % 300, 7.0 * step % 200) for step in range(60)]
    wanted = [(index, f"codec {index}") for index in range(60)]
    spots = place(points, wanted, 400, 220)
    boxes = []
    for spot in spots:
        x, y = points[spot.index]
        width = 6.3 * len(wanted[spot.index][1])
        left = {"left": x + spot.dx, "right": x + spot.dx - width, "center": x + spot.dx - width / 2}[spot.align]
        boxes.append(Box(left, y + spot.dy - 6.5, left + width, y + spot.dy + 6.5))
    assert 3 < len(boxes) < 60
    assert not any(a.meets(b) for index, a in enumerate(boxes) for b in boxes[:index])
    for spot, box in zip(spots, boxes, strict=True):
        others = [point for index, point in enumerate(points) if index != spot.index]
        assert not any(box.left < x < box.right and box.top < y < box.bottom for x, y in others)
        if spot.leader is None:
            own = box.distance(*points[spot.index])
            assert all(box.distance(*point) >= own for point in others), "it reads as the label of another point"


def test_a_label_without_room_beside_its_point_is_joined_to_it() -> None:
    everywhere = [(across, down) for across in range(-30, 31, 10) for down in range(-30, 11, 10)]
    crowd = [(100.0 + across, 100.0 + down) for across, down in everywhere if (across, down) != (0, 10)]
    middle = crowd.index((100.0, 100.0))
    (spot,) = place(crowd, [(middle, "in the crowd")], 300, 300)
    assert spot.leader is not None
    start, end = spot.leader
    assert math.hypot(*start) < 10, "the line begins at its point"
    assert math.dist(end, (spot.dx, spot.dy)) < 45, "and ends at its label"
    assert end[1] > 10, "which is where the crowd is open"
    (over,) = place(crowd, [(middle, "in the crowd")], 300, 300, [Box(0, 111, 300, 112)])
    assert over.leader is not None, "it may cross a line where there is no other way"
    assert not place(crowd, [(middle, "in the crowd")], 300, 105), "without any way it is left out"
