"""Promise: the comparison with other devices tells what is lost, counts every byte, and its exit code keeps its promises."""

from __future__ import annotations

import csv
import importlib
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import n1codec
from conftest import ROOT, SHARED
from n1codec import synth

PAGE = ROOT / "docs" / "results.md"
PEERS = ("bz2", "zstd:level=19")
QUICK = ("--levels", "1,3", "--no-floor")


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(ROOT / "scripts")
    module = importlib.import_module("compare_devices")
    devices = importlib.import_module("devices")
    monkeypatch.setattr(devices, "PEERS", PEERS)
    monkeypatch.setattr(devices, "ENOUGH_S", 0.001)
    monkeypatch.setattr(module, "PEERS", PEERS)
    return module


@pytest.fixture
def devices(tmp_path: Path) -> Path:
    """One recording that n1 is made for, and one of a few short pieces in any order, on which others win."""
    np.save(tmp_path / "electrode.npy", synth.recording(seconds=0.5, seed=1))
    rng = np.random.default_rng(2)
    pieces = rng.integers(-900, 900, (20, 40, 2)).astype(np.int16)
    np.save(tmp_path / "loop.npy", np.concatenate(pieces[rng.integers(0, 20, 250)]))
    return tmp_path


def write_peers(folder: Path, **sizes: dict[str, int]) -> None:
    """Write a PEERS.tsv of one peer, ``bz2``, as the recordings are."""
    with (folder / "PEERS.tsv").open("w", newline="") as handle:
        writer = csv.writer(handle, delimiter="\t")
        writer.writerow(["recording", "bytes", "best_peer", "best_peer_bytes", "bz2", "n1:level=1"])
        for name, one in sizes.items():
            writer.writerow([name, one["bytes"], "bz2", one["size"], one["size"], 1])


def row_of(printed: str, name: str) -> list[str]:
    """Return the cells of the first line about a recording."""
    return next([cell.strip() for cell in line.strip("|").split("|")]
                for line in printed.splitlines() if line.startswith(f"| {name} |"))  # fmt: skip


def test_bits_are_of_all_bytes_and_a_loss_is_marked(
    script: Any, devices: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert script.main([str(devices), *QUICK]) == 0
    printed, progress = capsys.readouterr()
    samples = np.load(devices / "loop.npy")
    best = min(PEERS, key=lambda spec: len(n1codec.encode(samples, spec)))
    size, peer = (len(n1codec.encode(samples, spec)) for spec in ("n1:level=3", best))
    bits, theirs = (f"{8 * count / samples.size:.3f}" for count in (size, peer))
    assert row_of(printed, "loop")[:4] == ["loop", "10,000 x 2", f"`{best}`", theirs]
    assert row_of(printed, "loop")[5] == f"{bits} (+{100 * (size / peer - 1):.1f} %)"
    assert "+" not in "".join(row_of(printed, "electrode")[4:6])
    assert row_of(printed, "level 3")[2:4] == ["1 of 2", "1"]
    assert "[2/2" in progress


def test_the_exit_code_says_whether_promises_hold(
    script: Any, devices: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wins = devices / "electrode.npy"
    assert script.main([str(wins), *QUICK, "--least", "1:1.01,3:1.01", "--lost", "0.5", "--inverted", "0.1"]) == 0
    capsys.readouterr()
    for promise, said in (("--least=3:9", "the geometric mean is"), ("--lost=0.5", "loop: level 3 is")):
        assert script.main([str(devices), *QUICK, promise]) == 1
        assert said in capsys.readouterr().err


def test_at_level_1_only_peers_as_fast_count_where_they_are_timed(script: Any) -> None:
    row = script.Row("x", sizes={1: 1000, 3: 1000}, seconds={1: 1.0, 3: 1.0}, peers={"slow": 500, "fast": 990})
    row.peer_seconds = {"slow": 9.0, "fast": 0.5}
    options = script.arguments(["--levels", "1,3", "--lost", "5"])
    assert [words.split(" is ")[0] for words in script.broken([row], options)] == ["x: level 3"]
    options = script.arguments(["--levels", "1,3", "--lost", "0.5"])
    assert [words.split(" is ")[0] for words in script.broken([row], options)] == ["x: level 1", "x: level 3"]


def test_peers_of_the_folder_are_taken_if_they_are_of_these_samples(
    script: Any, devices: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = np.load(devices / "electrode.npy").nbytes
    write_peers(devices, electrode={"bytes": raw, "size": 123}, loop={"bytes": 7, "size": 123})
    assert script.main([str(devices), *QUICK]) == 0
    printed = capsys.readouterr().out
    assert row_of(printed, "electrode")[3] == f"{8 * 123 / (raw / 2):.3f}"
    assert float(row_of(printed, "loop")[3]) > 0.2, "measured anew: the table's are of another array"
    script.main([str(devices), *QUICK, "--divide", "3"])
    assert float(row_of(capsys.readouterr().out, "electrode")[3]) > 0.2, "measured anew: the samples are others"


def test_variants_code_what_they_say(script: Any, devices: Path) -> None:
    samples = np.load(devices / "loop.npy")
    seen = {
        name: script.Plan((1,), **{name: 3 if name == "divide" else True}) for name in ("reverse", "permute", "divide")
    }
    module = importlib.import_module("devices")
    assert (module.varied(samples, seen["reverse"]) == samples[::-1]).all()
    assert (module.varied(samples, seen["divide"]) == samples // 3).all()
    wide = np.arange(60, dtype=np.int16).reshape(3, 20)
    permuted = module.varied(wide, seen["permute"])
    assert (np.sort(permuted) == wide).all()
    assert (permuted != wide).any()
    longer = module.padded(samples)
    assert len(longer) == 1.5 * len(samples)
    assert not longer[len(samples) :].any()


def test_zeros_at_the_end_that_cost_too_much_are_told(
    script: Any, devices: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = np.load(devices / "electrode.npy")
    longer = np.concatenate((samples, np.zeros(len(samples) // 2, np.int16)))
    size, padded = (len(n1codec.encode(one, "n1:level=3")) for one in (samples, longer))
    growth = 100 * (padded / size - 1)
    monkeypatch.setattr(script, "GROWTH", 1000.0)
    assert script.main([str(devices / "electrode.npy"), "--levels", "3", "--pad"]) == 0
    assert row_of(capsys.readouterr().out, "electrode")[1] == f"{growth:+.3f} %"
    monkeypatch.setattr(script, "GROWTH", growth)
    assert script.main([str(devices / "electrode.npy"), "--levels", "3", "--pad"]) == 1
    assert "with zeros appended" in capsys.readouterr().err


def test_two_jobs_give_the_same_sizes(script: Any, devices: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sizes = []
    for jobs in "12":
        script.main([str(devices), *QUICK, "--jobs", jobs, "--peer", "flac"])
        sizes.append(row_of(capsys.readouterr().out, "electrode"))
    assert sizes[0] == sizes[1]


@pytest.mark.parametrize(
    ("name", "content"),
    [("text.npy", b"no array"), ("complex.npy", np.zeros(9, complex)), ("empty.npy", np.zeros((0, 2), np.int16))],
)
def test_what_cannot_be_compared_is_named_and_the_others_are_compared(
    script: Any, devices: Path, capsys: pytest.CaptureFixture[str], name: str, content: Any
) -> None:
    if isinstance(content, bytes):
        (devices / name).write_bytes(content)
    else:
        np.save(devices / name, content)
    assert script.main([str(devices), *QUICK]) == 1
    printed, said = capsys.readouterr()
    assert row_of(printed, "electrode")
    assert str(devices / name) in said.splitlines()[-1]


def test_no_folder_and_no_recordings_are_one_line(
    script: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in (tmp_path, tmp_path / "absent"):
        assert script.main([str(folder)]) == 1
        assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    "words", [["--levels", "0"], ["--levels", "x"], ["--least", "9"], ["--levels", "1", "--least", "5:1"],
              ["--pad", "--lost", "1"], ["--peer", "nothing"], ["--jobs", "0"], ["--divide", "0"]],
)  # fmt: skip
def test_a_mistake_in_the_command_line_is_2(script: Any, words: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        script.main(words)
    assert stopped.value.code == 2


def test_the_section_is_written_into_its_place_and_nothing_else_changes(
    script: Any, devices: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, readme = tmp_path / "page.md", tmp_path / "readme.md"
    readme.write_text("<!-- devices: made by scripts/compare_devices.py -->\n<!-- end of devices -->\n")
    page.write_text(
        "before\n\n<!-- devices: made by scripts/compare_devices.py -->\nold\n<!-- end of devices -->\n\nafter\n"
    )
    (devices / "INDEX.tsv").write_text(
        "file\tshape\tdtype\trate_hz\tbits\tdevice\tsource\tlicence\tnote\nloop.npy\t\t\t500\t\tA loop\tsomewhere\tMIT\t\n"
    )
    monkeypatch.setattr(script, "PAGE", page)
    monkeypatch.setattr(script, "README", readme)
    assert script.main([str(devices), *QUICK, "--write"]) == 0
    text = page.read_text()
    assert text.startswith("before\n\n<!-- devices")
    assert text.endswith("<!-- end of devices -->\n\nafter\n")
    assert "old" not in text
    assert "| loop | A loop | 500 | somewhere | MIT |" in text
    assert f"compare_devices.py {devices} --levels 1,3 --no-floor --write" in text
    said = "Of 2 recordings of other devices, `n1` is smaller than every one of 2 other codecs on 1 at level 1"
    assert all(said in " ".join(one.split()) for one in (text, readme.read_text()))


def test_results_made_anew_keep_what_other_scripts_made(script: Any, tmp_path: Path) -> None:
    sections = importlib.import_module("sections")
    page = tmp_path / "page.md"
    theirs = sections.section("devices", "scripts/compare_devices.py", "tables")
    ours = sections.section("runs", "scripts/make_results.py", "tables")
    page.write_text(f"{ours}\n\n{theirs}\n")
    assert sections.of_others(page, "scripts/make_results.py") == [theirs]
    assert sections.replaced(theirs, "runs", "scripts/make_results.py", "x") is None


def test_the_readme_says_what_the_page_says() -> None:
    found = [
        re.search(r"Of \d+ recordings of other devices, .*?codec of each\.", " ".join(path.read_text().split()))
        for path in (PAGE, ROOT / "README.md")
    ]
    assert found[0] is not None
    assert found[1] is not None
    assert found[0][0] == found[1][0]


def test_the_page_has_every_recording_with_its_origin_and_licence() -> None:
    index = SHARED / "devices" / "INDEX.tsv"
    if not index.exists():
        pytest.skip(f"real recordings are not here: no {index}")
    text = PAGE.read_text(encoding="utf-8")
    part = re.search(r"<!-- devices: made by .*?<!-- end of devices -->", text, re.DOTALL)
    assert part is not None
    with index.open(newline="") as handle:
        for row in csv.DictReader(handle, delimiter="\t"):
            name = row["file"].removesuffix(".npy")
            cells = (name, row["device"], row["rate_hz"], row["source"], row["licence"])
            assert f"| {' | '.join(cells)} |" in part[0]
            assert part[0].count(f"| {name} |") == 3, "sizes, times, and where it comes from"
