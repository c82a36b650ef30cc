"""Promise: the command line says what it did in its exit code, its mistakes in one line, and never shows a traceback."""

from __future__ import annotations

import contextlib
import csv
import dataclasses
import errno
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

import bench_plugins
import n1codec
from cli_files import called
from n1codec import registry
from n1codec.bench.plan import SETS
from n1codec.bench.results import Report, Result
from n1codec.cli import main, table
from n1codec.cli.output import Output

RATE = "20000"


def run(arguments: Sequence[str], *, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    command = [sys.executable, "-m", "n1codec", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | (env or {}), timeout=60)


def run_here(arguments: Sequence[str], *, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command in this process."""
    done = called(arguments, env=env)
    return subprocess.CompletedProcess(arguments, done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def recording(tmp_path: Path) -> str:
    """A file of two channels, whose first sample sets off the misbehaving coders."""
    samples = np.arange(4000, dtype=np.int16).reshape(2000, 2) % 97
    samples[0, 0] = bench_plugins.TRIGGER
    np.save(tmp_path / "steps.npy", samples)
    return str(tmp_path / "steps.npy")


@pytest.fixture
def plugins(tmp_path: Path) -> dict[str, str]:
    """The environment in which the misbehaving coders are known."""
    (tmp_path / "plugins").mkdir()
    bench_plugins.install(tmp_path / "plugins")
    return {"PYTHONPATH": str(tmp_path / "plugins")}


def one_line(text: str) -> str:
    """Return the only line of an error."""
    (line,) = text.splitlines()
    assert line.startswith("n1codec: ")
    return line


def test_version_and_help() -> None:
    assert run(["--version"]).stdout == f"n1codec {n1codec.__version__}\n"
    for arguments in (["--help"], ["bench", "-h"], ["codecs", "--help"], ["data", "--help"]):
        done = run_here(arguments)
        assert done.returncode == 0
        assert "Usage: n1codec" in done.stdout
    told = run_here(["bench", "--help"], env={"COLUMNS": "200"}).stdout
    assert [name for name in SETS if name not in told] == []


def test_help_loads_no_codec() -> None:
    code = (
        "import sys; from n1codec.cli import main; main(['--help']); heavy = {'zstandard', 'lz4', 'numcodecs', 'av', "
        "'soundfile', 'pcodec', 'openzl', 'n1codec.bench', 'n1codec.synth', 'n1codec.datasets', 'n1codec.formats'}; "
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"


def test_a_command_loads_no_other_command(tmp_path: Path) -> None:
    """Nor what looks through all installed packages, nor NumPy's masked arrays: a start is what scripts wait for."""
    code = (
        "import sys, importlib.metadata as metadata, numpy as np; from n1codec.cli import main; "
        "metadata.entry_points = lambda **_: 1 / 0; np.save('a.npy', np.arange(9, dtype='i2')); "
        "assert main(['encode', 'a.npy', '--rate', '9', '-q']) == main(['info', 'a.npy.n1c']) == main(['--version']) == 0; "
        "print(sorted({'numpy.ma', *('n1codec.' + name for name in ('cli.bench', 'cli.stream', 'bench'))} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_run_prints_a_table_and_writes_files(recording: str, tmp_path: Path) -> None:
    files = [tmp_path / "out.json", tmp_path / "out.csv"]
    done = run_here(
        [
            *("bench", recording, "--rate", RATE, "-c", "store", "-c", "delta+store", "--repeat=1"),
            *(f"--json={files[0]}", f"--csv={files[1]}"),
        ]
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    assert "…" not in done.stdout
    assert "1 recording, 8,128 bytes, 0.1 s; 2 channels at 20,000 Hz, i2" in done.stdout
    data = json.loads(files[0].read_text())
    assert [result["codec"] for result in data["results"]] == ["store", "delta+store", "memcpy"]
    assert data["command"].startswith(f"n1codec bench {recording} --rate 20000 -c store")
    rows = list(csv.DictReader(io.StringIO(files[1].read_text())))
    assert [row["codec"] for row in rows] == ["store", "delta+store", "memcpy"]
    assert rows[0]["lossless"] == "True"
    assert not list(tmp_path.glob(".*")), "no temporary file is left"


def test_json_on_stdout_is_all_there_is(recording: str) -> None:
    done = run_here(["bench", recording, "--rate", RATE, "-c", "store", "--json", "-"])
    assert json.loads(done.stdout)["results"]
    assert "store" in done.stderr, "the table goes the other way"


def test_without_files_it_says_what_it_measures() -> None:
    done = run_here(["bench", "-c", "store", "--repeat", "1"])
    assert done.returncode == 0
    assert "built-in synthetic recording" in done.stdout
    assert "Real recordings differ" in done.stdout


@pytest.mark.parametrize("codec", ["aborter", "raiser", "lossy"])
def test_a_failing_codec_is_listed_with_its_reason(codec: str, recording: str, plugins: dict[str, str]) -> None:
    done = run(["bench", recording, "--rate", RATE, "-c", codec, "-c", "store"], env=plugins)
    assert done.returncode == 1
    assert "1 codec failed or gave something else back" in done.stdout
    assert f"  {codec}: steps: " in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["bench", "-c", "delta+stroe"], "did you mean store"),
        (["bench", "-c", "delta:order=9+store"], "from 1 to 3"),
        (["bench", "--set", "qick"], "did you mean quick"),
        (["bench", "--group", "audoi"], "did you mean audio"),
        (["bench", "--sort", "size"], "known are ratio"),
        (["bench", "--threads", "1,0"], "numbers from 1"),
        (["bench", "--threads", "two"], "numbers from 1"),
        (["bench", "--json", "-", "--csv", "-"], "only one"),
        (["codecs", "--group", "nothing"], "unknown group"),
        (["data", "get", "nothing"], "unknown data set"),
    ],
)
def test_a_mistake_in_the_command_line_is_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert message in one_line(capsys.readouterr().err)


@pytest.mark.parametrize(
    "arguments", [["bench", "--nonsense"], ["nonsense"], ["bench", "--repeat", "0"], ["data", "get"]]
)
def test_a_bad_option_is_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert one_line(capsys.readouterr().err)


def test_a_bad_file_is_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", str(tmp_path / "none.wav"), "-c", "store"]) == 1
    assert "none.wav: No such file" in one_line(capsys.readouterr().err)
    (tmp_path / "bad.wav").write_bytes(b"RIFF")
    assert main(["bench", str(tmp_path), "-c", "store"]) == 1
    assert "bad.wav" in one_line(capsys.readouterr().err)


def test_a_result_that_could_not_be_written_is_noticed_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for target in (tmp_path, tmp_path / "no" / "such" / "folder.json"):
        assert main(["bench", "/no/such/recording.wav", "--json", str(target)]) == 1
        assert str(target) in one_line(capsys.readouterr().err), "not the missing recording"


def test_output_files_appear_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "result.json"
    output = Output(str(target))
    assert not target.exists()
    output.write("one")
    assert target.read_text() == "one"

    def fail(*_args: object, **_more: object) -> None:
        raise OSError(errno.ENOSPC, "disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        output.write("two")
    assert target.read_text() == "one"
    assert list(tmp_path.iterdir()) == [target]


def test_what_is_no_file_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        Output(str(pipe)).write("something")
        assert os.read(reader, 100) == b"something"
    finally:
        os.close(reader)
    assert pipe.is_fifo()


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = [sys.executable, "-m", "n1codec", "codecs"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 1


def test_debugging_shows_the_traceback(tmp_path: Path) -> None:
    done = run(["bench", str(tmp_path / "none.wav"), "-c", "store"], env={"N1CODEC_DEBUG": "1"})
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "FormatError" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_keeps_what_is_done(
    number: signal.Signals, recording: str, plugins: dict[str, str], tmp_path: Path
) -> None:
    mark, out = tmp_path / "mark", tmp_path / "out.json"
    arguments = ["bench", recording, "--rate", RATE, "-c", "store", "-c", "hanger", "--json", str(out)]
    command = [sys.executable, "-m", "n1codec", *arguments]
    env = os.environ | plugins | {"HANGER_MARK": str(mark)}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=env) as process, stopped(process):
        wait_for(lambda: mark.exists() and mark.read_text())
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=30)
    assert (process.returncode, stderr) == (130, "")
    assert "Interrupted" in stdout
    data = json.loads(out.read_text())
    assert data["partial"] is True
    assert {result["codec"] for result in data["results"]} == {"store", "memcpy"}
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)


@contextlib.contextmanager
def stopped(process: subprocess.Popen[str]) -> Iterator[None]:
    """See that a process does not outlive a failing test."""
    try:
        yield
    finally:
        process.kill()


def wait_for(condition: Callable[[], object], seconds: float = 30) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_codecs_lists_the_registry(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["codecs", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [line["name"] for line in data["codecs"]] == [line.name for line in registry.entries()]
    assert data["aliases"] == dict(registry.ORIGINAL)
    assert list(data["sets"]) == list(SETS)
    delta = next(line for line in data["codecs"] if line["name"] == "delta")
    assert (delta["params"], delta["available"]) == ({"order": 1}, True)
    assert main(["codecs"]) == 0
    text = capsys.readouterr().out
    assert all(f"  {line.name} " in text and line.summary in text for line in registry.entries())
    assert main(["codecs", "--group", "audio"]) == 0
    text = capsys.readouterr().out
    assert "flac" in text
    assert "zstd" not in text


def test_codecs_says_why_one_is_not_available(plugins: dict[str, str]) -> None:
    text = run(["codecs", "--group", "third-party"], env=plugins).stdout
    assert "cannot be loaded: RuntimeError: broken build" in text


def test_data_lists_and_finds_data_sets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from n1codec import datasets

    monkeypatch.setattr(datasets, "cache_folder", lambda: tmp_path)
    assert main(["data", "list"]) == 0
    assert "neuralink" in capsys.readouterr().out
    assert main(["data", "path", "neuralink"]) == 1
    assert "n1codec data get neuralink" in one_line(capsys.readouterr().err)
    (tmp_path / "neuralink").mkdir()
    assert main(["data", "path", "neuralink"]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'neuralink'}\n"


def rendered(report: Report, width: int | None) -> str:
    file = io.StringIO()
    console = Console(file=file, width=width or 1000, emoji=False, markup=False, highlight=False)
    for part in table.render(report, width):
        console.print(part)
    return file.getvalue()


@pytest.fixture(scope="module")
def wide_report() -> Report:
    """A report with a long specification, names that look like markup, and every column in use."""
    from n1codec import bench

    report = bench.run(bench.make_plan(["store"]), bench.find_sources([]), bench.Settings(repeat=1))
    spec = "lattice+delta+zigzag+bitshuffle+blosc:cname=zstd,clevel=9,shuffle=bit"
    one = next(result for result in report.results if result.codec == "store")
    more: dict[str, object] = {
        "codec": spec,
        "threads": 2,
        "encode_scaling": 1.91,
        "decode_scaling": 1.07,
        "stretch_xrt": 9.0,
    }
    broken = Result("[bold]:cat:", "x", "third-party", 1, error="steps: [red]no luck", recordings_failed=1)
    results = (*report.results, Result(**(vars(one) | more)), broken)
    return Report(**(vars(report) | {"results": results, "partial": True}))


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 160])
def test_the_table_fits_the_terminal(wide_report: Report, width: int) -> None:
    text = rendered(wide_report, width)
    assert max(map(len, text.splitlines())) <= width
    lines = text.splitlines()
    heading = next(line for line in lines if line.startswith("codec") and "ratio" in line)
    assert "enc MB/s" in heading
    assert "exact" in heading
    assert ("peak MB" in heading) == (width >= 160)
    assert "…" not in text


@pytest.mark.parametrize(("load", "busy"), [(0.9, False), (1.1, True), (None, False)])
def test_a_busy_machine_is_mentioned(wide_report: Report, load: float | None, busy: bool) -> None:
    machine = dataclasses.replace(wide_report.machine, cores=2, load=load)
    text = rendered(dataclasses.replace(wide_report, machine=machine), None)
    assert ("The machine was busy" in text) == busy


def test_the_table_is_complete_where_there_is_room(wide_report: Report) -> None:
    text = rendered(wide_report, None)
    assert all(column.title in text for column in table.COLUMNS)
    assert "lattice+delta+zigzag+bitshuffle+blosc:cname=zstd,clevel=9,shuffle=bit" in text
    assert "1.91/1.07" in text
    assert "[bold]:cat:" in text
    assert "steps: [red]no luck" in text
    assert "Interrupted" in text
