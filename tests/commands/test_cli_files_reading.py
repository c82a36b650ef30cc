"""Promises: what a file holds can be seen, cut out, converted and saved; each result is exact, or refused."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cli_files import SAMPLES, THREE, failing, lines, noise, ok, process, write_encoded
from conftest import ROOT
from n1codec import ParameterError, Writer, container, formats
from n1codec.cli import main
from n1codec.cli.progress import FileBar
from n1codec.cli.selection import channel_numbers, sample_at


@pytest.fixture
def probe(tmp_path: Path) -> Path:
    """An encoded SpikeGLX recording of 2,000 samples x 3 channels in several chunks."""
    return write_encoded(tmp_path)


def test_info_tells_what_a_file_holds(probe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ok("info", probe)
    text = capsys.readouterr().out
    for part in (
        "2,000 samples x 3 channels, int16",
        "0.067 s at 30,000 Hz",
        "spikeglx and its .meta",
        "AP0, AP1, SY0",
    ):
        assert part in text
    ok("info", "--json", probe, probe.parent)
    facts = json.loads(capsys.readouterr().out)
    assert facts["path"] == str(probe)
    assert (facts["samples"], facts["channels"], facts["dtype"], facts["rate"]) == (2000, 3, "<i2", 30000.0)
    assert (facts["source_bytes"], facts["bytes"]) == (12000, probe.stat().st_size)
    assert facts["ratio"] == 12000 / probe.stat().st_size
    assert (facts["chunks"], facts["companions"], facts["damaged"], facts["missing"]) == (7, [".meta"], [], [])
    ok("info", "--json", "--chunks", probe)
    assert len(json.loads(capsys.readouterr().out)["chunk_list"]) == 7


def test_info_shows_segments(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    segment = container.Segment
    parts = [segment(100, 2.5), segment.of(40, times=np.arange(40) / 7.0), *(segment(1) for _ in range(20))]
    with Writer(tmp_path / "a.n1c", dtype="int16", rate=100, channels=2, segments=parts) as writer:
        writer.append(np.zeros((160, 2), np.int16))
    ok("info", tmp_path / "a.n1c")
    rows = [row.split(None, 1)[1] for row in capsys.readouterr().out.splitlines() if row.startswith("  segment")]
    assert rows[:2] == ["0: 100 samples, begins at 2.5 s", "1: 40 samples, a time for each sample"]
    assert len(rows) == 8
    assert rows[-2:] == ["...", "21: 1 samples"]
    ok("info", "--json", tmp_path / "a.n1c")
    facts = json.loads(capsys.readouterr().out)["segments"]
    assert facts[:2] == [
        {"samples": 100, "start": 2.5, "times": False},
        {"samples": 40, "start": None, "times": True},
    ]
    assert len(facts) == 22


def test_info_shows_metadata_and_damage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "live.n1c"
    start = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
    writer = Writer(
        path, dtype=">u2", rate=1000.0, metadata={"subject": "\x1b[1mA", "n": [1]}, start_time=start, atomic=False
    )
    writer.append(noise(5000, ">u2"))
    writer.flush()
    assert failing("info", path) == 1  # it is still being written
    text = capsys.readouterr().out
    assert "uint16, big-endian" in text
    assert "2026-11-24T07:00:00+00:00" in text
    assert "\x1b" not in text
    assert "damaged" in text
    writer.close()
    ok("info", "--json", path)
    facts = json.loads(capsys.readouterr().out)
    assert (facts["metadata"], facts["source_format"], facts["ratio"]) == (
        {"subject": "\x1b[1mA", "n": [1]},
        None,
        None,
    )
    assert failing("decode", path) == 1
    assert "`n1codec convert` writes its samples" in capsys.readouterr().err


def cat(capfdbinary: pytest.CaptureFixture[bytes], *arguments: object) -> bytes:
    assert main(["cat", *map(str, arguments)]) == 0
    out, err = capfdbinary.readouterr()
    assert err == b""
    return out


@pytest.mark.parametrize("encoded", [True, False])
@pytest.mark.parametrize(
    ("options", "rows", "columns"),
    [
        ((), slice(None), slice(None)),
        (("--start", "0.01", "--stop", "20ms"), slice(300, 600), slice(None)),
        (("--start", "1999samples"), slice(1999, None), slice(None)),
        (("--start", "-1ms", "--channels", "2"), slice(1970, None), [2]),
        (("--stop", "-0.05", "--channels", "SY0,0-1"), slice(0, 500), [2, 0, 1]),
        (("--start", "0:00.03", "--stop", "1h", "--channels", "1,1"), slice(900, None), [1, 1]),
        (("--start", "20ms", "--stop", "10ms"), slice(0, 0), slice(None)),
    ],
)
def test_cat_gives_the_samples_asked_for(
    probe: Path,
    encoded: bool,
    options: tuple[str, ...],
    rows: slice,
    columns: Any,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    source = probe if encoded else probe.with_suffix("")
    expected = np.ascontiguousarray(SAMPLES[rows][:, columns])
    assert cat(capfdbinary, source, *options) == expected.tobytes()
    again = np.load(io.BytesIO(cat(capfdbinary, source, "--as", "npy", *options)))
    np.testing.assert_array_equal(again, expected)
    text = cat(capfdbinary, source, "--as", "text", *options)
    assert [list(map(int, line.split(b"\t"))) for line in text.splitlines()] == expected.tolist()


def test_cat_writes_files_by_their_names(probe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.npy", "a.wav", "a.raw", "a.txt", "a"):
        ok("cat", probe, "--channels", "0-1", "-o", tmp_path / name)
    expected = SAMPLES[:, :2]
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), expected)
    recording = formats.read(tmp_path / "a.wav")
    assert (recording.rate, recording.samples.tolist()) == (30000.0, expected.tolist())
    assert (tmp_path / "a.raw").read_bytes() == (tmp_path / "a").read_bytes() == expected.tobytes()
    np.testing.assert_array_equal(np.loadtxt(tmp_path / "a.txt", dtype=int), expected)
    assert failing("cat", probe, "-o", tmp_path / "a.npy") == 1
    assert "exists already" in lines(capsys)[0]


def test_cat_reads_around_damage_but_not_through_it(probe: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    with container.open(probe) as recording:
        hit = recording.chunks[3]
    data = bytearray(probe.read_bytes())
    data[hit.offset + hit.n_bytes // 2] ^= 1
    probe.write_bytes(data)
    assert cat(capfdbinary, probe, "--stop", f"{hit.start}samples") == SAMPLES[: hit.start].tobytes()
    assert cat(capfdbinary, probe, "--start", f"{hit.stop}samples") == SAMPLES[hit.stop :].tobytes()
    assert main(["cat", str(probe)]) == 1
    assert capfdbinary.readouterr().out == b"", "not even what lies before the damage"


def test_recover_saves_all_but_the_damage(probe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with container.open(probe) as recording:
        hit = recording.chunks[3]
    data = bytearray(probe.read_bytes())
    data[hit.offset + hit.n_bytes // 2] ^= 1
    probe.write_bytes(data)
    assert failing("recover", probe) == 1
    said = lines(capsys)
    assert any(f"lost: samples {hit.start} to {hit.stop - 1}" in line for line in said)
    assert f"written to {tmp_path}/run.ap.recovered.bin.n1c" in said[-1]
    assert probe.read_bytes() == data
    with container.open(tmp_path / "run.ap.recovered.bin.n1c") as saved:
        got = saved.read(fill=0)
        expected = SAMPLES.copy()
        expected[hit.start : hit.stop] = 0
        np.testing.assert_array_equal(got, expected)


def test_recover_finishes_what_was_cut_off(probe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with container.open(probe) as recording:
        cut = recording.chunks[5]
    os.truncate(probe, cut.offset + 10)
    assert failing("decode", probe, "-o", tmp_path / "x.bin") == 1
    assert "recover" in lines(capsys)[0]
    assert failing("recover", probe, "-o", tmp_path / "saved.n1c") == 1, "nobody knows what would have followed"
    lines(capsys)
    with container.open(tmp_path / "saved.n1c") as saved:
        np.testing.assert_array_equal(saved[:], SAMPLES[: cut.start])


def test_recover_of_a_healthy_file_loses_nothing(
    probe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ok("recover", probe, "-o", tmp_path / "saved.n1c")
    assert lines(capsys)[0].endswith("nothing lost")
    ok("decode", tmp_path / "saved.n1c", "-o", tmp_path / "again.bin")
    assert (tmp_path / "again.bin").read_bytes() == SAMPLES.tobytes()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("1.5", 1500),
        (".5s", 500),
        ("250ms", 250),
        ("1500us", 2),
        ("1min", 9999),
        ("0:02", 2000),
        ("0:00:02.5", 2500),
        ("-1", 8999),
        ("-0:01", 8999),
        ("77samples", 77),
        ("-1sample", 9998),
        ("-99", 0),
    ],
)
def test_times_mean_samples(text: str, expected: int) -> None:
    assert sample_at(text, 1000.0, 9999) == expected


@pytest.mark.parametrize("text", ["", "-", "1.5.2", "1 2", "5parsec", "1e400", "nan", "1:2:3:4", "0.5samples", "٣"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ParameterError, match="is no time"):
        sample_at(text, 1000.0, 9999)


@pytest.mark.parametrize("text", ["", "3", "2-1", "0-3", "-1", "AP9", "0,,1", "999999999999"])
def test_channels_that_are_not_there_are_refused(text: str) -> None:
    with pytest.raises(ParameterError, match="--channels"):
        channel_numbers(text, 3, ("AP0", "AP1", "SY0"))


def test_names_of_channels_win_over_numbers() -> None:
    assert channel_numbers("2,0-1", 3, ("2", "1", "0")) == [0, 0, 1]


def test_docs_are_made_from_the_help_texts() -> None:
    script = ROOT / "scripts/make_cli_docs.py"
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=True, env=os.environ | {"COLUMNS": "40"}
    )
    assert done.stdout == (ROOT / "docs/cli.md").read_text(), f"python {script.name} > docs/cli.md"


def test_help_shows_examples_and_exit_codes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("encode", "decode", "test", "info", "cat", "convert", "recover"):
        assert main([name, "--help"]) == 0
        text = capsys.readouterr().out
        assert f"n1codec {name} " in text.split("Examples:")[1]
        assert "Exit code: 0" in text


def test_progress_is_drawn_on_a_terminal_and_nowhere_else(tmp_path: Path) -> None:
    pty = pytest.importorskip("pty")
    source = tmp_path / "a.raw"
    source.write_bytes(noise(1_500_000).tobytes())
    arguments = ["encode", "-f", str(source), *THREE, "--chunk", "0.5", "-T1"]
    leader, follower = pty.openpty()
    with subprocess.Popen([sys.executable, "-m", "n1codec", *arguments], stdout=follower, stderr=follower) as running:
        os.close(follower)
        drawn = b""
        while True:
            try:
                part = os.read(leader, 65536)
            except OSError:  # how Linux says that the other side has closed
                break
            if not part:
                break
            drawn += part
    os.close(leader)
    assert running.returncode == 0
    assert b"MB/s" in drawn.split(b"verified")[0]
    assert b"%" in drawn, "a bar"
    assert b"\x1b" in drawn
    elsewhere = process(arguments)
    assert b"\x1b" not in elsewhere.stderr
    assert len(elsewhere.stderr.splitlines()) == 1


def test_progress_tells_speed_and_ratio() -> None:
    shown: list[tuple[int, int, str]] = []
    bar = FileBar(lambda *facts: shown.append(facts))
    bar(5, 10)
    assert shown == [(5, 10, "")]
    bar.describe(frame_bytes=4, rate=10.0, written=lambda: 10)
    bar(5, 10)
    done, total, facts = shown[-1]
    assert (done, total) == (5, 10)
    assert facts.endswith("ratio 2.00")
    assert "MB/s" in facts
    assert "x  " in facts
