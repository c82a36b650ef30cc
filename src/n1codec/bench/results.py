"""What a run gives: plain data, as JSON and as CSV. ``docs/bench.md`` describes every field."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from n1codec import arguments
from n1codec.bench.machine import Machine
from n1codec.bench.plan import Skipped
from n1codec.bench.sources import RecordingInfo

_WHOSE: Final = ("recording", "codec", "spec", "group", "threads")
"""What tells the lines of one result and one recording apart."""

STRETCH_S: Final = 10.0
"""Seconds of a long recording whose decoding is timed apart: what reading somewhere in the middle takes."""

SCHEMA: Final = 1
"""Version of the JSON: raised when a field changes its meaning or goes."""


@dataclass(frozen=True)
class Measurement:
    """One codec on one recording. Where `error` says that it failed, the figures are None."""

    recording: str
    bytes_in: int
    samples: int
    sample_bytes: int
    seconds: float
    bytes_out: int | None = None
    frame_bytes: int | None = None
    restore_bytes: int | None = None
    ratio: float | None = None
    bits_per_sample: float | None = None
    encode_s: float | None = None
    encode_median_s: float | None = None
    encode_repeats: int | None = None
    encode_cores: float | None = None
    encode_peak_mb: float | None = None
    decode_s: float | None = None
    decode_median_s: float | None = None
    decode_repeats: int | None = None
    decode_cores: float | None = None
    decode_peak_mb: float | None = None
    stretch_decode_s: float | None = None
    entropy_in: float | None = None
    entropy_coded: float | None = None
    lossless: bool = False
    error: str | None = None


@dataclass(frozen=True)
class Blocks:
    """One codec on short blocks of the first recording: what waiting for a block and coding it costs in time and size."""

    block_frames: int
    block_count: int
    block_ratio: float
    block_encode_ms_p50: float
    block_encode_ms_p99: float
    latency_ms: float


@dataclass(frozen=True)
class Result:
    """One codec over all recordings: totals of those that came back exact."""

    codec: str
    spec: str
    group: str
    threads: int
    recordings_exact: int = 0
    recordings_failed: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    samples: int = 0
    seconds: float = 0.0
    ratio: float | None = None
    bits_per_sample: float | None = None
    encode_s: float | None = None
    encode_median_s: float | None = None
    encode_mb_s: float | None = None
    encode_xrt: float | None = None
    encode_cores: float | None = None
    encode_scaling: float | None = None
    encode_peak_mb: float | None = None
    decode_s: float | None = None
    decode_median_s: float | None = None
    decode_mb_s: float | None = None
    decode_xrt: float | None = None
    decode_cores: float | None = None
    decode_scaling: float | None = None
    decode_peak_mb: float | None = None
    peak_mb: float | None = None
    stretch_xrt: float | None = None
    entropy_in: float | None = None
    entropy_coded: float | None = None
    block_frames: int | None = None
    block_count: int | None = None
    block_ratio: float | None = None
    block_encode_ms_p50: float | None = None
    block_encode_ms_p99: float | None = None
    latency_ms: float | None = None
    pareto_encode: bool = False
    pareto_decode: bool = False
    lossless: bool = False
    error: str | None = None
    libraries: dict[str, str] = field(default_factory=dict)
    recordings: tuple[Measurement, ...] = ()


@dataclass(frozen=True)
class Sizes:
    """One recording: what each codec made of it, and which made the least.

    Parameters
    ----------
    recording : str
        Its name.
    samples : int
        Values of all channels.
    smallest : tuple of str
        The codecs that took the fewest bytes: one, or all that are even; none if none gave it back.
    bytes_out : dict of str to int
        All bytes needed to restore it, by codec, of those that gave it back: with the fewest threads of the run.
    """

    recording: str
    samples: int
    smallest: tuple[str, ...] = ()
    bytes_out: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    """How a run was told to measure.

    Parameters
    ----------
    repeat : int
        Timed calls: more if they are fast, fewer if they are slow.
    jobs : int
        Codecs that are measured at a time.
    timeout_s : float, optional
        Seconds after which a codec is given up.

    Raises
    ------
    ParameterError
        If a number is none, or not above zero.
    """

    repeat: int = 3
    jobs: int = 1
    timeout_s: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "repeat", arguments.integer("repeat", self.repeat, 1))
        object.__setattr__(self, "jobs", arguments.integer("jobs", self.jobs, 1))
        timeout_s = arguments.optional(arguments.number, "timeout_s", self.timeout_s, above=0)
        object.__setattr__(self, "timeout_s", timeout_s)


@dataclass(frozen=True)
class Report:
    """A whole run."""

    schema: int
    command: str
    started: str
    elapsed_s: float
    partial: bool
    machine: Machine
    settings: Settings
    recordings: tuple[RecordingInfo, ...]
    results: tuple[Result, ...]
    skipped: tuple[Skipped, ...]
    per_recording: tuple[Sizes, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether any codec failed on, or did not give back, any recording."""
        return any(result.error is not None for result in self.results)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain dictionaries and lists."""
        return dataclasses.asdict(self)

    def to_json(self) -> str:
        """Return it as JSON, ending in a newline."""
        return json.dumps(self.to_dict(), indent=1, allow_nan=False) + "\n"

    def to_csv(self, *, per_recording: bool = False) -> str:
        """Return one line for each result, with the fields that are single values.

        Parameters
        ----------
        per_recording : bool
            One line for each result and recording instead, with whether it is the smallest there.

        Raises
        ------
        ParameterError
            If `per_recording` is no bool.
        """
        out = io.StringIO()
        if arguments.flag("per_recording", per_recording):
            columns = [*_WHOSE, "smallest", *(column.name for column in dataclasses.fields(Measurement)[1:])]
            rows = self._measurements()
        else:
            columns = [
                column.name for column in dataclasses.fields(Result) if column.name not in ("libraries", "recordings")
            ]
            rows = (dataclasses.asdict(result) for result in self.results)
        writer = csv.DictWriter(out, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return out.getvalue()

    def _measurements(self) -> Iterator[dict[str, Any]]:
        """Give each result on each recording as a row: recording after recording, results in their order."""
        for index, sizes in enumerate(self.per_recording):
            least = min(sizes.bytes_out.values(), default=None)
            for result in self.results:
                if index >= len(result.recordings):
                    continue
                one = result.recordings[index]
                smallest = result.codec in sizes.bytes_out and one.lossless and one.bytes_out == least
                yield {name: getattr(result, name) for name in _WHOSE[1:]} | vars(one) | {"smallest": smallest}
