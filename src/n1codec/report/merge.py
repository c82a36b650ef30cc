"""Several runs made one: every codec on the same recordings, or on none.

A run may have been split by codec, by recording, or repeated for one codec. Measurements are brought together by the
recording's hash; of two of the same codec on the same recording the later file counts. Then only recordings that every
codec was tried on are kept, since ratios over different recordings cannot be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from n1codec.bench.metrics import finish, total
from n1codec.bench.plan import Case, Skipped
from n1codec.bench.results import Blocks, Measurement, Report, Result
from n1codec.bench.sources import RecordingInfo
from n1codec.errors import ParameterError
from n1codec.report.text import plural

Key = tuple[str, int]
"""A codec as it was given, and its number of threads."""


@dataclass(frozen=True)
class Merged:
    """Results that can be compared with each other, and what has to be said about how they came together."""

    reports: tuple[Report, ...]
    recordings: tuple[RecordingInfo, ...]
    results: tuple[Result, ...]
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...]


def merge(reports: Sequence[Report]) -> Merged:
    """Bring runs together.

    Raises
    ------
    ParameterError
        If there is nothing to show: no results, or no recording that all codecs were tried on.
    """
    if not any(report.results for report in reports):
        raise ParameterError("there are no results to report on")
    infos = {identity(info): info for report in reports for info in report.recordings}
    latest: dict[Key, Result] = {}
    measured: dict[Key, dict[str, Measurement]] = {}
    for report in reports:
        for result in report.results:
            key = result.codec, result.threads
            latest[key] = result
            measured.setdefault(key, {}).update(_by_recording(report, result))
    tried = [set(one) for one in measured.values() if one]
    everywhere = set.intersection(*tried) if tried else set()
    if tried and not everywhere:
        raise ParameterError("these runs have no recording in common: make a report of each")
    results = [_restricted(latest[key], measured[key], everywhere) for key in latest]
    names = {result.codec for result in results}
    return Merged(
        reports=tuple(reports),
        recordings=tuple(info for key, info in infos.items() if key in everywhere) or tuple(infos.values()),
        results=finish(results),
        skipped=tuple(
            {one.codec: one for report in reports for one in report.skipped if one.codec not in names}.values()
        ),
        notes=tuple(_notes(reports, len(infos), len(everywhere))),
    )


def identity(info: RecordingInfo) -> str:
    """Return what tells a recording from others: its hash, or its name where none is known."""
    return info.sha256 or f"name {info.name}"


def _by_recording(report: Report, result: Result) -> dict[str, Measurement]:
    """Return a result's measurements by the recording they were made on."""
    infos = report.recordings
    names = {info.name: identity(info) for info in infos}
    in_order = len(infos) == len(result.recordings)
    found = {}
    for index, one in enumerate(result.recordings):
        # Two recordings may share a name, so the order counts, as long as it holds.
        same = in_order and infos[index].name == one.recording
        found[identity(infos[index]) if same else names.get(one.recording, f"name {one.recording}")] = one
    return found


def _restricted(result: Result, measured: dict[str, Measurement], keep: set[str]) -> Result:
    """Return a result over some recordings only; as it is, if those are all that it holds."""
    kept = [one for key, one in measured.items() if key in keep]
    if not kept or len(kept) == len(result.recordings) == len(measured):
        return result
    case = Case(result.codec, result.spec, result.group, result.threads)
    blocks: Blocks | None = None
    if None not in (result.block_frames, result.block_ratio, result.latency_ms):
        blocks = Blocks(
            block_frames=result.block_frames or 0,
            block_count=result.block_count or 0,
            block_ratio=result.block_ratio or 0.0,
            block_encode_ms_p50=result.block_encode_ms_p50 or 0.0,
            block_encode_ms_p99=result.block_encode_ms_p99 or 0.0,
            latency_ms=result.latency_ms or 0.0,
        )
    return total(case, kept, blocks, result.libraries)


def _notes(reports: Sequence[Report], known: int, kept: int) -> list[str]:
    """Return what a reader must know about how the runs came together."""
    notes = []
    machines = dict.fromkeys((one.machine.cpu, one.machine.architecture, one.machine.cores) for one in reports)
    if len(machines) > 1:
        listed = "; ".join(f"{cpu or architecture}, {cores} cores" for cpu, architecture, cores in machines)
        notes.append(
            f"Speeds, latencies and memory come from {len(machines)} machines ({listed}): compare them only "
            f"between codecs "
            "of the same run. Sizes are the same everywhere."
        )
    if kept and kept < known:
        notes.append(
            f"The runs hold {plural(known, 'recording')}, of which every codec was tried on {kept}: the figures are over those."
        )
    if any(one.partial for one in reports):
        notes.append("A run was interrupted: codecs that were not done are missing.")
    busiest = max(reports, key=lambda one: (one.machine.load or 0) / max(one.machine.cores, 1))
    load, cores = busiest.machine.load, busiest.machine.cores
    if load is not None and load > cores / 2:
        notes.append(f"The machine was busy (load {load:g} on {plural(cores, 'core')}): speeds and latencies suffer.")
    jobs = max(one.settings.jobs for one in reports)
    if jobs > 1:
        notes.append(f"{jobs} codecs were measured at a time and slowed each other down: take the speeds as rough.")
    if any(info.path is None for one in reports for info in one.recordings):
        notes.append(
            "This is the built-in synthetic recording, modelled on one electrode of the Neuralink N1. Real ones differ."
        )
    return notes
