"""Promise: `n1codec analyze` finds on real recordings what is known of them, untold, and says it in text, JSON and a page."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from conftest import ROOT, SHARED
from n1codec import formats, get, synth
from n1codec.cli import main

DOCUMENT = ROOT / "docs" / "analysis-json.md"
RATE = ["--rate", "19531"]


class Done(NamedTuple):
    """What a command did."""

    returncode: int
    stdout: str
    stderr: str


def run(*arguments: str) -> Done:
    """Run the command in this process: it takes a second to start another."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(["analyze", *arguments])
    return Done(code, out.getvalue(), err.getvalue())


def as_json(*arguments: str) -> Any:
    done = run(*arguments, "--json", "-", "-q")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def shared(name: str) -> str:
    path = SHARED / "multichannel" / name
    if not path.is_file():
        pytest.skip(f"real recordings are not here: no {path}")
    return str(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two synthetic recordings."""
    path = tmp_path_factory.mktemp("recordings")
    for seed in range(2):
        np.save(path / f"seed{seed}.npy", synth.recording(2.0, seed=seed))
    np.save(path.parent / "probe.npy", synth.recording(0.5, channels=4, seed=3))
    return path


def test_the_summary_fits_a_terminal(folder: Path) -> None:
    one, two = run(str(folder / "seed0.npy"), *RATE), run(str(folder), "--dtype", "int16", "--channels", "1", *RATE)
    for done in (one, two):
        assert (done.returncode, done.stderr) == (0, "")
        assert max(map(len, done.stdout.splitlines())) <= 80
        assert "uneven" in done.stdout
        assert "How far to 200x?" in done.stdout
    assert "All 2 recordings" in two.stdout
    assert re.search(r"floor +\d\.\d{3} bits a sample, ratio \d\.\d{3}", one.stdout)


def test_every_field_of_the_json_is_documented(folder: Path) -> None:
    document = DOCUMENT.read_text()
    sections = {"": document.split("## recordings")[0]}
    for name in ("recordings", "pooled", "distance"):
        sections[name] = document.split(f"## {name}\n")[1].split("\n## ")[0]
    found = as_json(str(folder.parent / "probe.npy"), *RATE)

    def check(value: Any, text: str, where: str) -> None:
        if isinstance(value, list):
            if value:
                check(value[0], text, where)
        elif isinstance(value, dict):
            for key, inner in value.items():
                assert f"`{key}`" in text, f"{where}.{key} is not in docs/analysis-json.md"
                check(inner, text, f"{where}.{key}")

    check(dict.fromkeys(found), sections[""], "")
    for name in ("recordings", "pooled", "distance"):
        check(found[name], sections[name] + (sections["recordings"] if name == "pooled" else ""), name)
    assert found["schema"] == 1
    assert found["recordings"][0]["floor"]["bits_per_sample"] > 0


def test_channels_and_seconds_can_be_chosen(folder: Path) -> None:
    probe = str(folder.parent / "probe.npy")
    found = as_json(probe, *RATE, "--select", "1-2", "--seconds", "0.25")["recordings"][0]
    assert found["n_channels"] == 2
    assert not found["whole"]
    assert found["seconds"] == pytest.approx(0.25, abs=1e-3)


def test_mistakes_are_one_line_and_an_exit_code(folder: Path, tmp_path: Path) -> None:
    probe = str(folder.parent / "probe.npy")
    (tmp_path / "broken.wav").write_bytes(b"RIFF no")
    np.save(tmp_path / "empty.npy", np.zeros(0, np.int16))
    cases = [
        (["/nowhere.wav"], 1),
        ([probe, *RATE, "--select", "9"], 2),
        ([probe, *RATE, "--select", "x-"], 2),
        ([probe, *RATE, "--seconds", "0"], 2),
        ([probe, *RATE, "--json", "-", "--html", "-"], 2),
        ([probe, *RATE, "--json", str(tmp_path / "no" / "folder.json")], 1),
        ([probe, *RATE, "--json", str(tmp_path / "x"), "--html", str(tmp_path / "x")], 2),
        ([probe, *RATE, "--json", probe], 2),
        ([str(folder), "--dtype", "int16", "--channels", "1", *RATE, "--html", str(folder / "seed1.npy")], 2),
        ([str(tmp_path / "broken.wav")], 1),
        ([str(tmp_path / "empty.npy"), *RATE], 1),
    ]
    for arguments, code in cases:
        done = run(*arguments)
        assert (done.returncode, done.stdout) == (code, ""), arguments
        (line,) = done.stderr.splitlines()
        assert line.startswith("n1codec: ")
    assert run().returncode == 2
    partly = run(probe, str(tmp_path / "broken.wav"), *RATE)
    assert partly.returncode == 1
    assert "probe" in partly.stdout
    assert len(partly.stderr.splitlines()) == 1


def test_a_full_disk_is_an_error_with_the_name_of_the_file(folder: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here: a full disk is not tested")
    done = run(str(folder.parent / "probe.npy"), *RATE, "--json", "/dev/full", "-q")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("n1codec: /dev/full: ")


@pytest.mark.parametrize(
    ("samples", "words"),
    [
        (np.full(20_000, 7, np.int16), ["one code only, 7", "nothing changes", "200x is no question"]),
        (np.array([5], np.int16), ["one code only, 5"]),
        (
            np.where(np.sin(np.arange(60_000) / 50) > 0, 32767, -32768).astype(np.int16),
            ["2 different", "100 % clipped"],
        ),
        (np.random.default_rng(0).integers(-(2**31), 2**31 - 1, 20_000).astype(np.int32), ["says little"]),
        (np.random.default_rng(0).normal(128, 10, 20_000).astype(np.uint8), ["no transform makes that less"]),
    ],
)
def test_words_on_odd_recordings_are_true(samples: Any, words: list[str], tmp_path: Path) -> None:
    np.save(tmp_path / "odd.npy", samples)
    done = run(str(tmp_path / "odd.npy"), *RATE)
    assert (done.returncode, done.stderr) == (0, "")
    text = " ".join(done.stdout.split())
    assert all(some in text for some in words), text
    for nonsense in ("-0.00", "e+0", "nan", "000,000,000", " 0 times"):
        assert nonsense not in text


class Page(HTMLParser):
    """What a page refers to, and what it embeds."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.data: dict[str, str] = {}
        self.drawn = 0
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect references and identifiers."""
        values = dict(attrs)
        self.drawn += tag == "svg"
        self.links += [value for name in ("src", "href") if (value := values.get(name))]
        self.ids += [value for name in ("id",) if (value := values.get(name))]
        self._inside = values.get("id") or "" if tag == "script" else ""

    def handle_data(self, data: str) -> None:
        """Keep the content of scripts that have a name."""
        if self._inside:
            self.data[self._inside] = self.data.get(self._inside, "") + data


def test_the_page_holds_its_figures_and_fetches_nothing(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("altair")
    pytest.importorskip("vl_convert")
    named = tmp_path / "<b>&.npy"
    named.write_bytes((folder.parent / "probe.npy").read_bytes())
    target = tmp_path / "page.html"
    assert run(str(named), str(folder / "seed0.npy"), *RATE, "--html", str(target), "-q").returncode == 0
    text = target.read_text()
    page = Page()
    page.feed(text)
    assert all(link.startswith(("#", "data:")) for link in page.links)
    specs = json.loads(page.data["specs"])
    assert {
        "waveform-0",
        "codes-1",
        "spectrum-0",
        "spectrogram-0",
        "channels-0",
        "entropy-0",
        "floors-0",
        "target-0",
    } <= set(specs)
    assert set(specs) <= set(page.ids)
    assert "<b>&" not in text
    assert len(text) < 6_000_000


def test_a_browser_draws_every_figure(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("altair")
    pytest.importorskip("vl_convert")
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium here: whether the page draws its figures is not tested")
    target = tmp_path / "page.html"
    assert run(str(folder / "seed0.npy"), str(folder / "seed1.npy"), *RATE, "--html", str(target), "-q").returncode == 0
    options = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--enable-logging=stderr",
        f"--user-data-dir={tmp_path}/profile",
    ]
    command = [browser, *options, "--virtual-time-budget=20000", "--dump-dom", target.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert 'data-drawn="yes"' in done.stdout
    page = Page()
    page.feed(done.stdout)
    assert page.drawn == len(json.loads(page.data["specs"]))
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    assert console == []


def test_the_n1s_lattice_and_missing_codes_are_found(neuralink_files: list[Path]) -> None:
    found = as_json(*map(str, neuralink_files[:4]))
    for one in found["recordings"]:
        assert (one["full_scale"], one["converter_bits"], one["storage_bits"]) == (True, 10, 16)
        assert one["gain"] == pytest.approx(65535 / 1023, rel=1e-4)
        assert one["widths"]["verdict"] == "uneven"
        assert 0.25 < one["widths"]["spread"] < 0.45
    together = found["pooled"]
    assert together["widths"]["missing"] == [510, 511]
    assert together["width_agreement"] > 0.9
    assert 0.07 < together["width_gain"] < 0.12
    assert 4.0 < together["floor_bits"] < 4.8
    assert found["distance"]["needed_of_converter"] == 0.05
    assert together["floor_bits"] < together["floor_causal_bits"] < together["floor_bits"] + 0.02
    recordings = [formats.read(path).samples for path in neuralink_files[:4]]
    best = sum(8 * len(get("n1:level=9").encode(samples)) for samples in recordings) / sum(map(len, recordings))
    assert together["floor_bits"] < best < 1.01 * together["floor_bits"]


def test_the_locusts_converter_is_even() -> None:
    (one,) = as_json(
        shared("locust_trial_01.raw"), "--dtype", "int16", "--channels", "4", "--rate", "15000", "--seconds", "5"
    )["recordings"]
    assert one["widths"]["verdict"] == "even"
    assert one["widths"]["missing"] == []
    assert abs(one["floor"]["width_gain"]) < 0.005
    assert one["floor"]["bits_per_sample"] <= one["floor"]["even_bits_per_sample"]


def test_the_neuropixels_converter_is_very_uneven() -> None:
    (one,) = as_json(shared("run-001_g0_t0.imec0.ap.bin"))["recordings"]
    assert len(one["channels"]) == 384  # the sync channel is left out
    assert one["widths"]["verdict"] == "uneven"
    assert 0.6 < one["widths"]["spread"] < 0.85
    assert one["floor"]["width_gain"] > 0.25
    assert 5.75 < one["floor"]["bits_per_sample"] < 5.9  # n1's best level: 5.909 of all channels, sync included
    assert 5.9 < one["floor"]["causal_bits_per_sample"] < 6.05
    assert "24 converters" in one["floor"]["model"]
    assert one["likeness"]["by_distance"][0] > 0.85


def test_recordings_of_several_devices_are_not_lumped_together(folder: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "bytes.npy", np.random.default_rng(0).normal(128, 10, 20_000).astype(np.uint8))
    arguments = [str(tmp_path / "bytes.npy"), str(folder / "seed0.npy"), str(folder / "seed1.npy"), *RATE]
    done = run(*arguments)
    assert "How far to 200x? (the first recording, the others differ)" in done.stdout
    found = as_json(*arguments)
    far, one = found["distance"], found["recordings"][0]
    assert (far["recordings"], far["converter_bits"], far["storage_bits"]) == (1, one["converter_bits"], 8)
    assert far["floor_bits"] == one["floor"]["bits_per_sample"]
    assert found["pooled"]["widths"] is None
    assert as_json(*arguments[1:])["distance"]["recordings"] == 2


@pytest.mark.parametrize("shape", [(1,), (1, 384), (5000,)])
def test_there_is_a_page_of_next_to_nothing(shape: tuple[int, ...], tmp_path: Path) -> None:
    pytest.importorskip("altair")
    pytest.importorskip("vl_convert")
    np.save(tmp_path / "little.npy", np.full(shape, 7, np.int16))
    done = run(str(tmp_path / "little.npy"), *RATE, "--html", str(tmp_path / "page.html"), "-q")
    assert (done.returncode, done.stderr) == (0, "")
    page = Page()
    page.feed((tmp_path / "page.html").read_text())
    specs = json.loads(page.data["specs"])
    assert "codes-0" in specs
    assert not {"spectrum-0", "spectrogram-0", "prediction-0"} & set(specs)


def test_a_command_with_many_recordings_does_not_fill_the_page(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("altair")
    pytest.importorskip("vl_convert")
    from n1codec.analysis import Study, analyse
    from n1codec.report.analysis_page import render

    found = analyse(np.load(folder / "seed0.npy"), 19_531.0)
    command = "n1codec analyze " + " ".join(f"folder/recording{i}.wav" for i in range(300)) + " --html page.html"
    text = render(Study.of([found], command))
    assert "folder/recording0.wav" in text
    assert "recording150.wav" not in text
    assert "--html page.html</code>" in text
