"""Results to make reports of: every specification that the registry benchmarks, with made-up but repeatable figures."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from n1codec import registry
from n1codec.bench.machine import Machine
from n1codec.bench.metrics import finish, total
from n1codec.bench.plan import MEMCPY, YARDSTICK, Case, set_members
from n1codec.bench.results import SCHEMA, Blocks, Measurement, Report, Settings
from n1codec.bench.sources import RecordingInfo, Source, describe
from n1codec.report.load import load
from n1codec.spec import parse

SAMPLES = 20_000
RATE = 19531.0
ENTROPY = 6.3

MACHINE = Machine("Test CPU", "x86_64", 4, 16.0, 0.1, "Linux", "CPython 3.11", "2.0", "0.1.0", None)


def info(name: str) -> RecordingInfo:
    """A recording that is nowhere to be found."""
    return RecordingInfo(
        name, f"{name}.wav", 2 * SAMPLES + 44, f"hash of {name}", "<i2", SAMPLES, 1, RATE, SAMPLES / RATE
    )


def synthetic() -> RecordingInfo:
    """The recording that can always be found."""
    return describe(Source())


def report(
    recordings: list[RecordingInfo] | None = None,
    *,
    specs: list[str] | None = None,
    threads: tuple[int, ...] = (1,),
    seed: int = 1,
    machine: Machine = MACHINE,
    entropy: float = ENTROPY,
) -> Report:
    """A whole run; Blosc alone with more than one number of threads."""
    recordings = [info("one"), info("two"), info("three")] if recordings is None else recordings
    results = []
    for spec in specs or [MEMCPY, *set_members("all")]:
        group = YARDSTICK if spec == MEMCPY else _group(spec)
        for count in threads if group == "blosc" else (1,):
            random_numbers = random.Random(f"{seed} {spec}")
            bits = 16.0 if spec == MEMCPY else random_numbers.uniform(4.4, 15.9)
            mb_s = 10 ** random_numbers.uniform(0, 3) * count**0.8
            measurements = [_measurement(one, bits, mb_s, entropy, random_numbers) for one in recordings]
            blocks = Blocks(1024, 50, 14.0 / bits, 0.4, 1.5, 1e3 * 1024 / RATE + 1.5)
            results.append(total(Case(spec, spec, group, count), measurements, blocks, {"libtest": "1.2"}))
    return Report(
        schema=SCHEMA,
        command="n1codec bench recordings/",
        started="2026-01-01T00:00:00+00:00",
        elapsed_s=12.0,
        partial=False,
        machine=machine,
        settings=Settings(),
        recordings=tuple(recordings),
        results=finish(results),
        skipped=(),
    )


def as_json(made: Report) -> dict[str, Any]:
    """A run as it stands in a file, free to be changed."""
    return copy.deepcopy(made.to_dict())


def changed(results: Report, change: Callable[[dict[str, Any]], object], folder: Path) -> Report:
    """The run as it is read back from a file after a change to it."""
    raw = as_json(results)
    change(raw)
    (folder / "changed.json").write_text(json.dumps(raw))
    return load(folder / "changed.json")


def _group(spec: str) -> str:
    stages = [name for name, _ in parse(spec)]
    predictive = any(registry.entry(name).group == "predictive" for name in stages[:-1])
    group = registry.entry(stages[-1]).group
    return "predictive" if predictive and group == "entropy" else group


def _measurement(
    one: RecordingInfo, bits: float, mb_s: float, entropy: float, random_numbers: random.Random
) -> Measurement:
    values = one.frames * one.channels
    size = int(values * bits * random_numbers.uniform(0.97, 1.03) / 8)
    seconds = 2 * values / 1e6 / mb_s
    return Measurement(
        recording=one.name,
        bytes_in=one.bytes,
        samples=values,
        sample_bytes=2 * values,
        seconds=one.seconds,
        bytes_out=size,
        frame_bytes=size - 5,
        restore_bytes=5,
        ratio=one.bytes / size,
        bits_per_sample=8 * size / values,
        encode_s=seconds,
        encode_median_s=seconds,
        encode_repeats=3,
        encode_cores=1.0,
        encode_peak_mb=bits,
        decode_s=seconds / 2,
        decode_median_s=seconds / 2,
        decode_repeats=3,
        decode_cores=1.0,
        decode_peak_mb=bits / 2,
        entropy_in=entropy,
        entropy_coded=min(entropy, bits),
        lossless=True,
    )
