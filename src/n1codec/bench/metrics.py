"""From measurements to figures: totals over recordings, scaling, and what nothing else beats."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from n1codec.bench.plan import YARDSTICK, Case
from n1codec.bench.results import STRETCH_S, Blocks, Measurement, Result, Sizes
from n1codec.bench.sources import RecordingInfo

SORT_KEYS: Final[dict[str, Callable[[Result], Any]]] = {
    "ratio": lambda result: -(result.ratio or 0),
    "encode": lambda result: -(result.encode_mb_s or 0),
    "decode": lambda result: -(result.decode_mb_s or 0),
    "latency": lambda result: result.latency_ms if result.latency_ms is not None else float("inf"),
    "memory": lambda result: result.peak_mb if result.peak_mb is not None else float("inf"),
    "name": lambda result: result.codec,
}
"""What results may be sorted by: the best first."""


def total(
    case: Case, measurements: Sequence[Measurement], blocks: Blocks | str | None, libraries: dict[str, str]
) -> Result:
    """Return one codec's result over all recordings.

    Sums of bytes and of seconds over the recordings that came back exact, and quotients of those sums: never a mean of
    ratios. What failed or was not exact gives no credit and makes the whole result an error.

    Parameters
    ----------
    case : Case
        What was run.
    measurements : sequence of Measurement
        One for each recording.
    blocks : Blocks, str or None
        What short blocks cost, the reason why they failed, or None if the recordings are too short for any.
    libraries : dict of str to str
        Versions of the libraries behind it.
    """
    exact = [one for one in measurements if one.lossless]
    failures = [(one.recording, one.error or "") for one in measurements if not one.lossless]
    if isinstance(blocks, str):
        failures.append(("short blocks", blocks))
    result = Result(
        codec=case.codec,
        spec=case.spec,
        group=case.group,
        threads=case.threads,
        recordings_exact=len(exact),
        recordings_failed=len(measurements) - len(exact),
        lossless=bool(measurements) and not failures,
        error=_summary(failures, len(measurements)),
        libraries=libraries,
        recordings=tuple(measurements),
    )
    if isinstance(blocks, Blocks):
        result = dataclasses.replace(result, **dataclasses.asdict(blocks))
    return dataclasses.replace(result, **_sums(exact)) if exact else result


def _sums(exact: Sequence[Measurement]) -> dict[str, Any]:
    bytes_in = sum(one.bytes_in for one in exact)
    bytes_out = sum(one.bytes_out or 0 for one in exact)
    samples = sum(one.samples for one in exact)
    sample_bytes = sum(one.sample_bytes for one in exact)
    seconds = sum(one.seconds for one in exact)
    sums: dict[str, Any] = {
        "bytes_in": bytes_in,
        "bytes_out": bytes_out,
        "samples": samples,
        "seconds": seconds,
        "ratio": bytes_in / bytes_out if bytes_out else None,
        "bits_per_sample": 8 * bytes_out / samples if samples else None,
    }
    for way in ("encode", "decode"):
        spent = sum(getattr(one, f"{way}_s") for one in exact)
        sums |= {
            f"{way}_s": spent,
            f"{way}_median_s": sum(getattr(one, f"{way}_median_s") for one in exact),
            f"{way}_mb_s": sample_bytes / 1e6 / spent,
            f"{way}_xrt": seconds / spent,
            f"{way}_cores": sum(getattr(one, f"{way}_cores") * getattr(one, f"{way}_s") for one in exact) / spent,
            f"{way}_peak_mb": _max(getattr(one, f"{way}_peak_mb") for one in exact),
        }
    sums["peak_mb"] = _max((sums["encode_peak_mb"], sums["decode_peak_mb"]))
    stretches = [one.stretch_decode_s for one in exact if one.stretch_decode_s]
    sums["stretch_xrt"] = STRETCH_S * len(stretches) / sum(stretches) if stretches else None
    for name in ("entropy_in", "entropy_coded"):
        sums[name] = sum(getattr(one, name) * one.samples for one in exact) / samples if samples else None
    return sums


def finish(results: Iterable[Result], sort: str = "ratio") -> tuple[Result, ...]:
    """Return results sorted, the yardstick last, with what only shows side by side: scaling and Pareto fronts."""
    ordered = sorted(results, key=lambda result: (result.group == YARDSTICK, SORT_KEYS[sort](result), result.threads))
    scaled = [_with_scaling(result, ordered) for result in ordered]
    rivals = [one for one in scaled if one.lossless and one.group != YARDSTICK and _base(one, scaled) is one]
    fronts = {
        speed: {id(one) for one in rivals if not any(_beats(other, one, speed) for other in rivals)}
        for speed in ("encode_mb_s", "decode_mb_s")
    }
    return tuple(
        dataclasses.replace(
            result,
            pareto_encode=id(result) in fronts["encode_mb_s"],
            pareto_decode=id(result) in fronts["decode_mb_s"],
        )
        for result in scaled
    )


def per_recording(results: Sequence[Result], recordings: Sequence[RecordingInfo]) -> tuple[Sizes, ...]:
    """Return the sizes of each recording by codec, in the order of the results, the yardstick left out."""
    rivals = [result for result in results if result.group != YARDSTICK and _base(result, results) is result]
    found = []
    for index, info in enumerate(recordings):
        measured = [(result.codec, result.recordings[index]) for result in rivals]
        sizes = {codec: one.bytes_out for codec, one in measured if one.lossless and one.bytes_out is not None}
        least = min(sizes.values(), default=None)
        smallest = tuple(codec for codec, size in sizes.items() if size == least)
        found.append(Sizes(info.name, info.frames * info.channels, smallest, sizes))
    return tuple(found)


def _with_scaling(result: Result, results: Sequence[Result]) -> Result:
    """Return a result of several threads with its speed over that of the fewest threads."""
    base = _base(result, results)
    if base is result or not (base.lossless and result.lossless):
        return result
    return dataclasses.replace(
        result,
        encode_scaling=_quotient(result.encode_mb_s, base.encode_mb_s),
        decode_scaling=_quotient(result.decode_mb_s, base.decode_mb_s),
    )


def _base(result: Result, results: Sequence[Result]) -> Result:
    """Return the result of the same codec with the fewest threads."""
    return min((one for one in results if one.codec == result.codec), key=lambda one: one.threads)


def _beats(other: Result, result: Result, speed: str) -> bool:
    """Whether `other` is as good in ratio and speed, and better in one."""
    theirs = (other.ratio or 0, getattr(other, speed) or 0)
    ours = (result.ratio or 0, getattr(result, speed) or 0)
    return theirs != ours and all(their >= our for their, our in zip(theirs, ours, strict=True))


def _summary(failures: Sequence[tuple[str, str]], count: int) -> str | None:
    """Return one line on what failed and why, or None if nothing did."""
    if not failures:
        return None
    where, why = failures[0]
    if len(failures) == count > 1 and all(other == why for _, other in failures):
        return f"all {count} recordings: {why}"
    return f"{where}: {why}" + (f" (and {len(failures) - 1} more)" if len(failures) > 1 else "")


def _quotient(value: float | None, base: float | None) -> float | None:
    return value / base if value is not None and base else None


def _max(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)
