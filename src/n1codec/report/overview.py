"""The few facts that a reader wants first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from n1codec.report.model import Row, Study
from n1codec.report.text import brief, fixed, percent, plural, seconds

NEAR: Final = 0.05
"""Part of the best ratio that a codec may miss and still count as near it."""


@dataclass(frozen=True)
class Pick:
    """A codec, as it is written on the command line, that is the answer to a common question."""

    question: str
    codec: str
    answer: str


def picks(study: Study) -> list[Pick]:
    """Return the codecs to name first: the smallest files, and what is best near to them in other ways."""
    if not study.exact:
        return []
    best = study.exact[0]
    near = [row for row in study.exact if (row.result.ratio or 0) >= (1 - NEAR) * (best.result.ratio or 0)]
    within = f"within {percent(NEAR, 0)} of the best ratio"
    found = [
        Pick(
            "Smallest files",
            best.result.codec,
            f"ratio {fixed(best.result.ratio)}, {fixed(best.result.bits_per_sample)} bits a sample",
        )
    ]
    questions: list[tuple[str, Sequence[Row], Callable[[Row], float | None], Callable[[Row], str]]] = [
        (
            f"Fastest encoding {within}",
            near,
            lambda row: -row.result.encode_mb_s if row.result.encode_mb_s else None,
            lambda row: f"{brief(row.result.encode_mb_s)} MB/s, ratio {fixed(row.result.ratio)}",
        ),
        (
            f"Fastest decoding {within}",
            near,
            lambda row: -row.result.decode_mb_s if row.result.decode_mb_s else None,
            lambda row: f"{brief(row.result.decode_mb_s)} MB/s, ratio {fixed(row.result.ratio)}",
        ),
        (
            f"Least memory {within}",
            near,
            lambda row: row.result.peak_mb,
            lambda row: f"{fixed(row.result.peak_mb, 1)} MB, ratio {fixed(row.result.ratio)}",
        ),
        (
            "Best in short blocks",
            study.exact,
            lambda row: -row.result.block_ratio if row.result.block_ratio else None,
            lambda row: (
                f"ratio {fixed(row.result.block_ratio)} in blocks of {row.result.block_frames or 0:,} "
                f"samples, latency {fixed(row.result.latency_ms, 1)} ms"
            ),
        ),
    ]
    for question, rows, key, answer in questions:
        known = [(value, row) for row in rows if (value := key(row)) is not None]
        if known:
            row = min(known, key=lambda pair: pair[0])[1]
            found.append(Pick(question, row.result.codec, answer(row)))
    return found


def measured(study: Study) -> str:
    """Return one sentence on what was measured."""
    recordings = study.merged.recordings
    codecs = {row.result.codec for row in study.rows if row is not study.yardstick}
    total = sum(info.bytes for info in recordings)
    length = sum(info.seconds for info in recordings)
    kinds = dict.fromkeys((info.channels, info.rate, _type_name(info.dtype)) for info in recordings)
    shape = "; ".join(
        f"{plural(channels, 'channel')} at {rate:,.10g} Hz, {dtype}" for channels, rate, dtype in list(kinds)[:3]
    )
    more = f"; {len(kinds) - 3} more kinds" if len(kinds) > 3 else ""
    return (
        f"{plural(len(codecs), 'codec')} on {plural(len(recordings), 'recording')}: {seconds(length)}, {total:,} "
        f"bytes, {shape}{more}."
    )


def _type_name(dtype: str) -> str:
    try:
        return np.dtype(dtype).name
    except TypeError:
        return dtype


def exactness(study: Study) -> str:
    """Return one sentence on whether everything came back."""
    failed = {row.result.codec for row in study.failures}
    codecs = {row.result.codec for row in study.rows if row is not study.yardstick}
    if not failed:
        return (
            f"All {len(codecs)} codecs gave back every recording byte for byte."
            if len(codecs) > 1
            else "It gave back every recording byte for byte."
        )
    return (
        f"{plural(len(codecs - failed), 'codec')} gave back every recording byte for byte; {len(failed)} failed "
        f"or gave something else back."
    )


def machines(study: Study) -> list[str]:
    """Return a line on each run: on what, when, and by which command."""
    lines = []
    for report in study.merged.reports:
        machine = report.machine
        facts = [
            machine.cpu or machine.architecture,
            plural(machine.cores, "core") if machine.cores else "",
            f"{machine.memory_gb:g} GB" if machine.memory_gb is not None else "",
            f"load {machine.load:g}" if machine.load is not None else "",
            machine.os,
            machine.python,
            f"numpy {machine.numpy}" if machine.numpy else "",
            f"n1codec {machine.n1codec}" if machine.n1codec else "",
            f"core by {machine.compiler}" if machine.compiler else "",
        ]
        lines.append(
            ", ".join(fact for fact in facts if fact) + f"; {report.started}, took {seconds(report.elapsed_s)}"
        )
    return lines


def repeats(study: Study) -> str:
    """Return how often each call was timed at least."""
    least = min(report.settings.repeat for report in study.merged.reports)
    return "the best of several calls" if least > 1 else "of one call, or the best of several where calls are quick"


def commands(study: Study) -> list[str]:
    """Return the command of each run."""
    return [report.command for report in study.merged.reports if report.command]


def libraries(study: Study) -> str:
    """Return the versions of all libraries behind the codecs."""
    found = {name: version for row in study.rows for name, version in row.result.libraries.items()}
    return ", ".join(f"{name} {version}" for name, version in sorted(found.items()))
