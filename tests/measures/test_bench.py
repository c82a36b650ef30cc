"""Promise: the benchmark counts every byte, times only the call, believes nothing, and survives any codec."""

from __future__ import annotations

import dataclasses
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bench_plugins
import n1codec
from conftest import ROOT
from n1codec import bench, formats, pipeline, registry, shannon
from n1codec.bench import metrics, plan, timing
from n1codec.bench.machine import Machine
from n1codec.bench.measure import difference
from n1codec.bench.memory import PeakMeter
from n1codec.bench.results import Measurement, Report, Result
from n1codec.bench.sources import RecordingInfo, Source

RATE = 20_000.0
FRAMES = 3000
HONEST = ("delta+store", "delta+squeezer")


def save_recordings(folder: Path) -> list[Path]:
    """Write three recordings; the misbehaving coders misbehave on the second."""
    random = np.random.default_rng(1)
    for name in "abc":
        samples = random.normal(0, 50, FRAMES).astype(np.int16)
        samples[0] = bench_plugins.TRIGGER if name == "b" else 1
        np.save(folder / f"{name}.npy", samples)
    return [folder / f"{name}.npy" for name in "abc"]


@pytest.fixture(scope="module")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Make the misbehaving coders known, here and in workers."""
    folder = tmp_path_factory.mktemp("plugins")
    bench_plugins.install(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        patch.setenv("PYTHONPATH", str(folder))
        registry._table.cache_clear()
        pipeline._get.cache_clear()
        yield folder
    registry._table.cache_clear()
    pipeline._get.cache_clear()


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return save_recordings(tmp_path_factory.mktemp("recordings"))


@pytest.fixture(scope="module")
def report(plugins: Path, paths: list[Path]) -> Report:
    """One run of honest and misbehaving codecs."""
    chosen = bench.make_plan([*HONEST, *bench_plugins.NAMES], threads=(1, 2))
    stillborn = plan.Case("stillborn", "stillborn", "third-party")
    chosen = dataclasses.replace(chosen, cases=(*chosen.cases, stillborn))
    sources = bench.find_sources(paths, rate=RATE)
    return bench.run(chosen, sources, bench.Settings(repeat=2, jobs=2, timeout_s=3.0), command="a test")


def result_of(report: Report, codec: str, threads: int = 1) -> Result:
    return next(result for result in report.results if (result.codec, result.threads) == (codec, threads))


@pytest.mark.parametrize("codec", HONEST)
def test_every_byte_is_counted(report: Report, paths: list[Path], codec: str) -> None:
    result = result_of(report, codec)
    recordings = [formats.read(path, rate=RATE) for path in paths]
    sizes = [len(n1codec.get(codec).encode(one.samples)) + len(one.restore) for one in recordings]
    assert [one.bytes_out for one in result.recordings] == sizes
    assert result.bytes_out == sum(sizes)
    assert result.bytes_in == sum(path.stat().st_size for path in paths)
    assert result.ratio == pytest.approx(result.bytes_in / sum(sizes))
    assert result.bits_per_sample == pytest.approx(8 * sum(sizes) / (3 * FRAMES))
    assert result.seconds == pytest.approx(3 * FRAMES / RATE)
    assert result.lossless
    assert result.error is None


def test_speeds_are_quotients_of_sums(report: Report) -> None:
    result = result_of(report, "delta+squeezer")
    spent = [one.encode_s for one in result.recordings]
    assert None not in spent
    total = sum(value for value in spent if value is not None)
    assert result.encode_s == pytest.approx(total)
    assert result.encode_mb_s == pytest.approx(3 * FRAMES * 2 / 1e6 / total)
    assert result.encode_xrt == pytest.approx(3 * FRAMES / RATE / total)


def test_only_the_call_is_timed(report: Report) -> None:
    result = result_of(report, "sleeper")
    assert result.encode_s is not None
    assert 3 * 0.02 <= result.encode_s < 3 * 0.035
    assert result.decode_s is not None
    assert result.decode_s < 0.01
    assert result.encode_cores is not None
    assert result.encode_cores < 0.5, "sleeping takes no processor"


def test_latency_is_waiting_for_a_block_and_coding_it(report: Report) -> None:
    result = result_of(report, "sleeper")
    assert result.block_frames == 1024
    assert result.block_count is not None
    assert result.block_count >= 30
    assert result.block_encode_ms_p50 is not None
    assert 20 <= result.block_encode_ms_p50 < 35
    assert result.block_encode_ms_p99 is not None
    assert result.latency_ms == pytest.approx(1e3 * 1024 / RATE + result.block_encode_ms_p99)
    assert result.block_ratio is not None
    assert 0.9 < result.block_ratio < 1, "each block carries an envelope's overhead"


def test_threaded_codecs_run_with_each_number_and_show_how_they_scale(report: Report) -> None:
    result = result_of(report, "sleeper", threads=2)
    assert result.encode_scaling == pytest.approx(2, rel=0.3)
    assert [one.threads for one in report.results if one.codec == "delta+squeezer"] == [1]
    assert not result.pareto_encode, "the front compares codecs with the fewest threads"


def test_peak_memory_is_what_a_call_takes(report: Report) -> None:
    hoarder, plain = result_of(report, "hoarder"), result_of(report, "delta+store")
    if hoarder.decode_peak_mb is None:
        pytest.skip("this system does not tell the peak of a call")
    assert 39 < hoarder.decode_peak_mb < 43
    assert plain.decode_peak_mb is not None
    assert plain.decode_peak_mb < 3


@pytest.mark.parametrize(
    ("codec", "reason"),
    [
        ("aborter", r"b: encoding: killed by SIGABRT \(assertion failed: deep inside\)"),
        ("leaver", "b: encoding: the process ended with code 3"),
        ("hanger", "b: encoding: took longer than 3 s"),
        ("raiser", r"b: encoding: raiser: ValueError: \[red\]no such luck"),
        ("panicker", "b: encoding: panicker: Panic: index out of bounds"),
        ("lossy", "b: decoding: hash mismatch"),
        ("scribbler", "b: decoding: hash mismatch"),
    ],
)
def test_a_codec_that_fails_on_one_recording_goes_on_with_the_next(report: Report, codec: str, reason: str) -> None:
    result = result_of(report, codec)
    assert result.error is not None
    assert re.fullmatch(reason + ".*", result.error)
    assert "\n" not in result.error
    assert not result.lossless
    assert [one.lossless for one in result.recordings] == [True, False, True]
    assert (result.recordings_exact, result.recordings_failed) == (2, 1)
    good = [one for one in result.recordings if one.lossless]
    assert result.bytes_in == sum(one.bytes_in for one in good), "what fails earns no credit"
    assert not result.pareto_encode
    assert not result.pareto_decode


def test_a_codec_that_cannot_be_made_fails_on_all(report: Report) -> None:
    result = result_of(report, "stillborn")
    assert (result.recordings_exact, result.recordings_failed) == (0, 3)
    assert result.ratio is None
    assert result.error is not None
    assert result.error == "all 3 recordings: RuntimeError: broken build"


def test_a_codec_that_prints_does_not_disturb(report: Report) -> None:
    assert result_of(report, "talker").lossless


def test_a_run_with_a_failure_is_a_failure(report: Report) -> None:
    assert report.failed
    assert not report.partial


def test_the_yardstick_comes_last_and_is_on_no_front(report: Report) -> None:
    last = report.results[-1]
    assert last.codec == bench.MEMCPY
    assert last.lossless
    assert not last.pareto_encode
    assert last.encode_mb_s is not None
    assert last.encode_mb_s > (result_of(report, "delta+squeezer").encode_mb_s or 0)


def test_results_survive_json_and_csv(report: Report) -> None:
    data = json.loads(report.to_json())
    assert data["schema"] == 1
    assert data["results"][0]["recordings"][0]["recording"] == "a"
    header, *rows = report.to_csv().splitlines()
    assert header.startswith("codec,spec,group,threads,")
    assert len(rows) == len(report.results)


def documented_fields(heading: str) -> list[str]:
    """Return the fields in the table below a heading of docs/bench.md."""
    text = (ROOT / "docs" / "bench.md").read_text()
    section = re.split(r"^#+ ", text.partition(f"\n### {heading}\n")[2], flags=re.MULTILINE)[0]
    return [name for row in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)]


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("The report", Report),
        ("machine", Machine),
        ("settings", bench.Settings),
        ("recordings", RecordingInfo),
        ("results", Result),
        ("results[].recordings", Measurement),
        ("skipped", bench.Skipped),
        ("per_recording", bench.Sizes),
    ],
)
def test_the_docs_list_exactly_the_fields_of_the_json(heading: str, kind: Any) -> None:
    assert documented_fields(heading) == [field.name for field in dataclasses.fields(kind)]


def test_a_real_file_comes_back(neuralink_files: list[Path]) -> None:
    sources = bench.find_sources(neuralink_files, limit=2)
    report = bench.run(bench.make_plan(["delta+store"]), sources, bench.Settings(repeat=1))
    assert not report.failed
    assert [one.sha256 for one in report.recordings] != []
    assert report.recordings[0].seconds == pytest.approx(5.05, abs=0.1)


# The parts -------------------------------------------------------------------------------------------------------------


def test_entropy_is_that_of_the_histogram() -> None:
    for dtype in ("u1", "i1", "<i2", ">i2", "u2", "i4"):
        values = np.array([-3, 0, 1, 2] * 25 if "i" in dtype else [0, 1, 2, 3] * 25, dtype)
        assert shannon.entropy(values) == pytest.approx(2)
        assert shannon.entropy(values.reshape(-1, 2)[:, ::-1]) == pytest.approx(2)
    assert shannon.entropy(np.zeros(9, np.int16)) == 0
    assert shannon.entropy(np.zeros((0, 4), np.int16)) == 0


def made_up(codec: str, ratio: float, encode: float, **more: Any) -> Result:
    return Result(codec, codec, "made up", 1, ratio=ratio, encode_mb_s=encode, decode_mb_s=1, lossless=True, **more)


def test_the_front_holds_what_nothing_else_beats() -> None:
    results = [made_up("small", 3, 1), made_up("fast", 1, 9), made_up("dominated", 2.9, 1), made_up("middle", 2, 5)]
    results += [dataclasses.replace(made_up("broken", 9, 99), lossless=False)]
    finished = metrics.finish(results)
    assert [result.codec for result in finished if result.pareto_encode] == ["small", "middle", "fast"]
    assert [result.codec for result in finished if result.pareto_decode] == ["small"]
    assert [result.codec for result in metrics.finish(results, "encode")][:2] == ["broken", "fast"]


def test_equals_share_the_front() -> None:
    finished = metrics.finish([made_up("one", 2, 2), made_up("other", 2, 2)])
    assert all(result.pareto_encode for result in finished)


def test_fast_calls_are_repeated_and_slow_ones_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0  # by a clock of its own: a busy machine takes no longer
    calls = 0

    def call(milliseconds: int) -> str:
        nonlocal now, calls
        now += milliseconds * 1_000_000
        calls += 1
        return "result"

    monkeypatch.setattr("time.perf_counter_ns", lambda: now)
    result, fast = timing.timed(lambda: call(1))
    assert result == "result"
    assert fast.repeats == 50, "until 50 ms are spent"
    assert calls == 51, "the first does not count"
    assert fast.best_s == fast.median_s == 0.001
    assert timing.timed(lambda: call(30), repeat=4)[1].repeats == 4
    assert timing.timed(lambda: call(2000))[1].repeats == 1, "two seconds are slow"
    assert timing.timed(lambda: call(1000), repeat=4)[1].repeats == 2, "1.6 s for four"


def test_a_memory_peak_that_is_gone_again_is_seen() -> None:
    meter = PeakMeter()
    meter.start()
    np.ones(30_000_000, np.uint8)
    peak = meter.stop()
    meter.start()
    later = meter.stop()
    if peak is None:
        pytest.skip("this system does not tell the peak of a call")
    assert 29 < peak < 33
    assert later is None or later < 2


def test_recordings_are_limited_evenly(tmp_path: Path) -> None:
    for index in range(10):
        np.save(tmp_path / f"{index}.npy", np.zeros(8, np.int16))
    files = sorted(tmp_path.iterdir())
    chosen = [Path(source.path or "").stem for source in bench.find_sources(files, rate=RATE, limit=3)]
    assert chosen == ["0", "3", "6"]
    assert len(bench.find_sources(files, rate=RATE, limit=99)) == 10


def test_without_paths_there_is_a_synthetic_recording() -> None:
    (source,) = bench.find_sources([])
    loaded = source.load()
    assert loaded.name == "synthetic"
    assert loaded.seconds == pytest.approx(5)
    assert difference(loaded, loaded.samples.copy()) is None
    assert difference(loaded, loaded.samples.astype(np.int32)) is not None


def test_an_unfaithful_rebuild_is_found_out(paths: list[Path]) -> None:
    loaded = Source(str(paths[0]), rate=RATE).load()
    tampered = dataclasses.replace(loaded, source=loaded.source + b"\0")
    error = difference(tampered, loaded.samples.copy())
    assert error is not None
    assert "rebuilt file differs" in error


def test_the_original_set_is_the_original_comparison() -> None:
    assert plan.set_members("original") == registry.ORIGINAL
    everything = plan.set_members("all")
    assert list(everything) == [spec for line in registry.entries() for spec in line.bench]
    for name in bench.SETS:
        members = plan.set_members(name)
        assert members
        assert name == "original" or set(members) <= set(everything)
    coders = [line for line in registry.entries() if line.bench]
    assert len(plan.set_members("quick")) == len(coders)


def test_a_missing_package_is_skipped_with_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    line = dataclasses.replace(registry.entry("store"), requires=("no_such_module_anywhere",), extra="dictionary")
    monkeypatch.setattr(registry, "_OWN", {"store": line})
    monkeypatch.setattr(registry, "_table", lambda: {"store": line})
    pipeline._get.cache_clear()
    chosen = bench.make_plan(set_name="plain")
    assert [case.codec for case in chosen.cases] == [bench.MEMCPY]
    assert chosen.skipped[0].codec == "store"
    assert "pip install 'n1codec[dictionary]'" in chosen.skipped[0].hint


@pytest.mark.parametrize(
    ("codec", "message"),
    [
        ("delta+stroe", "did you mean store"),
        ("dleta+store", "did you mean delta"),
        ("delta:order=9+store", "from 1 to 3"),
        ("delta:oder=1+store", "has no parameter"),
        ("xyzzyxyzzy", "n1codec codecs"),
        ("+", "bad codec name"),
    ],
)
def test_a_bad_specification_is_refused_before_anything_runs(codec: str, message: str) -> None:
    with pytest.raises((n1codec.SpecError, n1codec.ParameterError), match=message):
        bench.make_plan([codec])


def test_groups_choose_from_a_set() -> None:
    chosen = bench.make_plan(groups=["baseline"], set_name="plain")
    assert [case.codec for case in chosen.cases] == [bench.MEMCPY, "store"]
    with pytest.raises(n1codec.SpecError, match="did you mean baseline"):
        bench.make_plan(groups=["baselin"])


def test_workers_have_one_thread_and_no_overrides(monkeypatch: pytest.MonkeyPatch) -> None:
    from n1codec.bench.process import WorkerProcess

    monkeypatch.setenv("BLOSC_NTHREADS", "8")
    monkeypatch.setenv("OMP_NUM_THREADS", "8")
    worker = WorkerProcess()
    try:
        environment = Path(f"/proc/{worker.pid}/environ")
        worker.ask({"do": "open", "spec": "store", "threads": 1})
        if not environment.exists():
            pytest.skip("no /proc on this system")
        entries = environment.read_bytes().split(b"\0")
        assert b"OMP_NUM_THREADS=1" in entries
        assert not any(entry.startswith(b"BLOSC_NTHREADS") for entry in entries)
        assert os.getsid(worker.pid) == worker.pid, "Ctrl-C in the terminal does not reach it"
    finally:
        worker.close()
