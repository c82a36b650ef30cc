"""Promise: a report is one file that says what the results say, whatever they hold, and nothing else."""

from __future__ import annotations

import dataclasses
import importlib.util
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import report_data
from n1codec import report
from n1codec.bench.results import Report
from n1codec.bench.sources import Source, describe
from n1codec.cli import main
from n1codec.errors import MissingDependencyError
from n1codec.report.compare import compare
from n1codec.report.merge import merge
from n1codec.report.model import Study

pytest.importorskip("altair", reason="the report needs the extra `report`")
pytest.importorskip("vl_convert", reason="the report needs the extra `report`")

from n1codec.report import export, page, sources, summary, text  # they draw
from n1codec.report.figures import Figure, Missing, draw_all

MAX_BYTES = 6_000_000
FEW = ["memcpy", "store", "zstd", "bz2", "lattice+delta+rans"]
HOSTILE = '</script><script>alert(1)</script><img src=x onerror="alert(2)">`|`[a](javascript:b)'


def made(results: Report, *, baseline: Report | None = None) -> tuple[str, str]:
    """Return the page and the summary of a run."""
    study = Study.of(merge([results]))
    comparison = compare(study, merge([baseline])) if baseline else None
    figures = draw_all(study, {}, None)
    return page.render(study, figures, comparison, "Title"), summary.render(study, figures, comparison, "Title")


class Elements(HTMLParser):
    """Lists the elements of a page with their attributes, and the text that is shown."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.shown = ""
        self._hidden = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._hidden = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.shown += data


@pytest.fixture(scope="module")
def drawn() -> tuple[Study, dict[str, Figure | Missing]]:
    """A run with everything in it, and its figures."""
    study = Study.of(merge([report_data.report(threads=(1, 2))]))
    return study, draw_all(study, {}, None)


@pytest.fixture(scope="module")
def everything(drawn: tuple[Study, dict[str, Figure | Missing]]) -> tuple[str, str]:
    """Its page and its summary."""
    return page.render(*drawn, None, "Title"), summary.render(*drawn, None, "Title")


def test_the_page_is_one_small_file_that_loads_nothing(everything: tuple[str, str]) -> None:
    html, _ = everything
    assert len(html.encode()) < MAX_BYTES
    elements = Elements(html).found
    for tag, attributes in elements:
        for name in ("src", "href", "action", "data", "poster", "srcset"):
            address = attributes.get(name)
            assert address is None or address.startswith(("#", "data:")), f"<{tag} {name}={address}>"
    policy = next(attributes["content"] for tag, attributes in elements if "http-equiv" in attributes)
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert "url(" not in html.partition("<style>")[2].partition("</style>")[0]


def test_every_codec_and_every_figure_is_there(
    everything: tuple[str, str], drawn: tuple[Study, dict[str, Figure | Missing]]
) -> None:
    html, markdown = everything
    results = report_data.report(threads=(1, 2))
    study, figures = drawn
    rows = [attributes for tag, attributes in Elements(html).found if tag == "tr" and "data-codec" in attributes]
    assert len(rows) == len(results.results) - 1  # all but the yardstick
    assert {name for name, one in figures.items() if isinstance(one, Missing)} == {"floor", "round-trip"}
    for name, figure in figures.items():
        assert f'id="fig-{name}"' in html
        if isinstance(figure, Figure):
            assert len(figure.alt) > 60
            assert figure.table.rows
            assert figure.panels
    for group in study.groups:
        assert f"### {summary.escape(study.groups[group])}" in markdown


def test_numbers_come_from_the_results(tmp_path: Path) -> None:
    """Where the results change, so does the text; nothing is left of the figure that was there before."""
    results = report_data.report(specs=FEW)
    best = results.results[0]
    assert best.ratio is not None

    def double(raw: dict[str, Any]) -> None:
        for result in raw["results"]:
            if result["codec"] == best.codec:
                result["ratio"] = 77.125
                result["encode_mb_s"] = 123_456.0

    for before, after in zip(made(results), made(report_data.changed(results, double, tmp_path)), strict=True):
        before, after = (Elements(one).shown if "<html" in one else one for one in (before, after))
        assert f"{best.ratio:.3f}" in before
        assert f"{best.ratio:.3f}" not in after
        assert "77.125" in after
        assert "123,456" in after


def test_two_runs_share_no_numbers(everything: tuple[str, str]) -> None:
    """What is typed in would be in the reports of both."""
    _, before = everything
    _, after = made(report_data.report([report_data.info("other")], seed=9, entropy=7.1))
    one, other = (set(re.findall(r"\d+\.\d{3}", report)) for report in (before, after))
    assert min(len(one), len(other)) > 40
    assert len(one & other) <= 4, "a few meet by chance"


@pytest.mark.parametrize("where", ["codec", "recording", "error", "group", "command", "library"])
def test_names_cannot_break_out(tmp_path: Path, where: str) -> None:
    def poison(raw: dict[str, Any]) -> None:
        victim = raw["results"][-2]
        match where:
            case "codec":
                victim["codec"] = victim["spec"] = HOSTILE
            case "recording":
                raw["recordings"][0]["name"] = HOSTILE
                for result in raw["results"]:
                    result["recordings"][0]["recording"] = HOSTILE
            case "error":
                victim.update(error=HOSTILE, lossless=False)
            case "group":
                victim["group"] = HOSTILE
            case "command":
                raw["command"] = HOSTILE
            case "library":
                victim["libraries"] = {HOSTILE: HOSTILE}

    html, markdown = made(report_data.changed(report_data.report(specs=FEW), poison, tmp_path))
    elements = Elements(html)
    assert [tag for tag, _ in elements.found].count("script") == 3
    assert "img" not in [tag for tag, _ in elements.found]
    assert not [name for _, attributes in elements.found for name in attributes if name.startswith("on")]
    assert "alert(1)" in elements.shown, "it should be shown, as text"
    for line in markdown.splitlines():
        bare = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", line)
        assert not re.search(r"(?<!\\)[<\[](?!!)", bare.replace("![", "")), line


def test_a_strange_group_does_not_choose_where_files_go(tmp_path: Path) -> None:
    def rename(raw: dict[str, Any]) -> None:
        raw["results"][0]["group"] = "../../outside"

    written = report.write([report_data.changed(report_data.report(specs=FEW), rename, tmp_path)], tmp_path / "out")
    assert all((tmp_path / "out") in path.resolve().parents for path in written)
    assert {path.parent.name for path in written} == {"out", "figures"}


def test_failures_and_missing_figures_are_shown(tmp_path: Path) -> None:
    def spoil(raw: dict[str, Any]) -> None:
        first, second = raw["results"][:2]
        kept = ("codec", "spec", "group", "threads", "bytes_in", "bytes_out", "samples", "seconds")
        for name, value in first.items():
            if name not in kept and not isinstance(value, bool | int | dict | tuple):
                first[name] = None
        first.update(lossless=False, error="one: encoding: it broke", recordings_exact=0)
        for name in ("latency_ms", "peak_mb", "entropy_in", "entropy_coded", "block_ratio"):
            second[name] = None
        raw["skipped"] = [{"codec": "lost", "spec": "lost", "group": "audio", "hint": "pip install lost"}]

    html, markdown = made(report_data.changed(report_data.report(specs=FEW), spoil, tmp_path))
    shown = Elements(html).shown
    for words in ("it broke", "failed or gave something else back", "pip install lost", text.DASH):
        assert words in shown
    assert "it broke" in markdown


def test_a_run_in_which_all_failed_is_still_reported(tmp_path: Path) -> None:
    def fail(raw: dict[str, Any]) -> None:
        for result in raw["results"]:
            result.update(lossless=False, error="broken", ratio=None, encode_mb_s=None, decode_mb_s=None, recordings=[])

    html, _ = made(report_data.changed(report_data.report(specs=FEW), fail, tmp_path))
    assert "gave every recording back" in Elements(html).shown


def test_one_codec_on_one_recording_is_enough() -> None:
    html, markdown = made(report_data.report([report_data.info("only")], specs=["zstd"]))
    assert "1 codec on 1 recording" in Elements(html).shown
    assert "`zstd`" in markdown


def test_changes_are_marked_in_page_and_summary() -> None:
    html, markdown = made(report_data.report(specs=FEW, seed=2), baseline=report_data.report(specs=[*FEW, "gzip"]))
    shown = Elements(html).shown
    assert "What changed since the earlier run" in shown
    assert "## What changed" in markdown
    for words in ("gone", "files"):
        assert words in shown
        assert words in markdown


def test_changes_in_speed_are_told_with_how_much(tmp_path: Path) -> None:
    def quicken(raw: dict[str, Any]) -> None:
        for result in raw["results"]:
            if result["codec"] == "zstd":
                result["encode_mb_s"] *= 3.21

    html, markdown = made(
        report_data.changed(report_data.report(specs=FEW), quicken, tmp_path), baseline=report_data.report(specs=FEW)
    )
    assert "| `zstd` | faster encoding |" in markdown
    assert "3.21" in markdown
    assert "3.21" in Elements(html).shown
    assert "-0.0" not in markdown, "no change is no negative one"


def test_codecs_to_choose_are_named_as_the_command_line_has_them() -> None:
    html, markdown = made(report_data.report(specs=["zstd:level=19", "blosc:cname=lz4,shuffle=bit"]))
    for codec in ("zstd:level=19", "blosc:cname=lz4,shuffle=bit"):
        assert f"| `{codec}` |" in markdown
        assert codec in Elements(html).shown


def test_every_panel_is_described_in_words_of_its_own(everything: tuple[str, str]) -> None:
    labels = [attributes["aria-label"] for _, attributes in Elements(everything[0]).found if "data-panel" in attributes]
    assert len(labels) > 20
    assert len(set(labels)) == len(labels)


def test_pictures_are_drawn_without_a_browser() -> None:
    study = Study.of(merge([report_data.report(specs=FEW)]))
    figures = draw_all(study, {}, None)
    for name in ("ratio-encode", "group-dictionary"):
        figure = figures[name]
        assert isinstance(figure, Figure)
        light, dark = export.svg(figure, study), export.svg(figure, study, dark=True)
        assert "lattice+delta+rans" in light or name != "ratio-encode"
        assert light != dark
        assert export.png(light).startswith(b"\x89PNG")


def test_a_recording_counts_only_if_it_is_the_one_that_was_measured() -> None:
    real = report_data.synthetic()
    assert sources.load(real) is not None
    assert sources.load(dataclasses.replace(real, sha256="0" * 64)) is None
    assert sources.load(report_data.info("nowhere")) is None


def test_recordings_are_found_where_they_are_now(tmp_path: Path) -> None:
    samples = np.arange(3000, dtype=np.int16)
    np.save(tmp_path / "moved.npy", samples)
    here = describe(Source(str(tmp_path / "moved.npy"), rate=20_000.0))
    gone = dataclasses.replace(here, path="/somewhere/else/moved.npy")
    assert sources.load(gone) is None
    found = sources.load(gone, tmp_path)
    assert found is not None
    np.testing.assert_array_equal(found.samples, samples)


def test_the_round_trip_and_the_floor_are_computed_from_the_recording() -> None:
    study = Study.of(merge([report_data.report([report_data.synthetic()], specs=FEW)]))
    trip = sources.round_trip(study)
    assert trip is not None
    np.testing.assert_array_equal(trip.before, trip.after)
    floors = sources.floors(study.merged.recordings)
    figures = draw_all(study, floors, trip)
    picture, floor = figures["round-trip"], figures["floor"]
    assert isinstance(picture, Figure)
    assert isinstance(floor, Figure)
    assert len(picture.panels) == 3
    assert f"Of {trip.before.size:,} samples, every one is equal" in picture.caption
    assert f"{floors['synthetic'].bits_per_sample:.3f} bits" in floor.caption
    wrong = dataclasses.replace(trip, after=trip.after + (np.arange(len(trip.after)) == 5))
    assert "1 differ" in draw_all(study, {}, wrong)["round-trip"].caption  # type: ignore[union-attr]


def test_the_command_writes_page_summary_and_pictures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "r.json").write_text(report_data.report(specs=FEW).to_json())
    out = tmp_path / "new" / "folder"
    assert main(["report", str(tmp_path / "r.json"), "-o", str(out), "--baseline", str(tmp_path / "r.json")]) == 0
    assert str(out / report.HTML_NAME) in capsys.readouterr().out
    assert {path.name for path in out.iterdir()} == {report.HTML_NAME, report.SUMMARY_NAME, "figures"}
    for line in (out / report.SUMMARY_NAME).read_text().splitlines():
        if linked := re.search(r"\]\((figures/[^)]+)\)", line):
            assert (out / linked[1]).is_file()


def test_the_benchmark_can_end_in_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "-c", "bz2", "--repeat", "1", "--report", str(tmp_path / "out")]) == 0
    assert "report.html" in capsys.readouterr().out
    assert "bz2" in (tmp_path / "out" / report.SUMMARY_NAME).read_text()


def test_mistakes_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "no.json").write_text("[]")
    (tmp_path / "file").write_text("")
    (tmp_path / "r.json").write_text(report_data.report(specs=["zstd"]).to_json())
    for arguments in (["no.json", "-o", "out"], ["missing.json", "-o", "out"], ["r.json", "-o", "file"]):
        assert main(["report", str(tmp_path / arguments[0]), "-o", str(tmp_path / arguments[2])]) == 1
        assert len(capsys.readouterr().err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_without_the_extra_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *more: None if name == "altair" else found(name, *more)
    )
    with pytest.raises(MissingDependencyError, match=r"n1codec\[report\]"):
        report.write([report_data.report(specs=["zstd"])], tmp_path)
    assert not list(tmp_path.iterdir())


def test_reading_results_imports_nothing_that_draws() -> None:
    code = "import sys, n1codec.report; print(sorted({'altair', 'vl_convert', 'jinja2'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
