"""``n1codec info``: what a file holds, from its header and index alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import typer

from n1codec.cli import EXIT_FAILURE, complain, one_line, options
from n1codec.cli.batch import counted, quiet_damage
from n1codec.cli.decode import opened
from n1codec.cli.jobs import find_encoded, plan
from n1codec.cli.newfile import STDIO

EXAMPLES: Final = (
    "n1codec info run.wav.n1c",
    "n1codec info --json archive/ | jq .ratio",
)
MAX_SEGMENT_LINES: Final = 8
"""Of more segments, some in the middle are not shown; --json has them all."""


def info(
    inputs: options.Encoded,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a file, each on a line of its own.")] = False,
    chunks: Annotated[bool, typer.Option("--chunks", help="List the chunks as well.")] = False,
) -> None:
    """Say what .n1c files hold: shape, rate, codec, sizes, segments, metadata, and what is damaged as far as that shows.

    Nothing is decoded, so it takes no time, and damage inside chunks stays unseen: `n1codec test` finds it.

    Exit code: 0, or 1 if a file cannot be read or is not whole, or 2 for a mistake in the command line.
    """
    with quiet_damage():
        jobs, failures = plan(inputs, None, find=find_encoded, rename=lambda path: path.name + ".info")
        for failure in failures:
            complain(failure)
        failed = bool(failures)
        for number, job in enumerate(jobs):
            try:
                with opened(job, 1) as recording:
                    facts = describe(recording, job.name, chunks=chunks)
            except BrokenPipeError:
                raise
            except Exception as error:
                complain(error, job.name)
                failed = True
                continue
            failed = failed or bool(facts["damaged"] or facts["missing"])
            print(json.dumps(facts) if as_json else ("\n" if number else "") + "\n".join(_lines(facts)))
    if failed:
        raise typer.Exit(EXIT_FAILURE)


def describe(recording: Any, name: str, *, chunks: bool = False) -> dict[str, Any]:
    """Return what is known of an open file as plain data."""
    source_bytes = recording.source_bytes
    facts: dict[str, Any] = {
        "path": name,
        "samples": recording.n_samples,
        "channels": recording.channels,
        "dtype": recording.dtype.str.lstrip("|"),
        "rate": recording.rate,
        "seconds": recording.seconds,
        "codec": recording.spec,
        "chunks": len(recording.chunks),
        "bundle_channels": recording.bundle_channels,
        "bytes": recording.file_bytes,
        "source_bytes": source_bytes,
        "ratio": source_bytes / recording.file_bytes if source_bytes and recording.file_bytes else None,
        "source_format": recording.source_format,
        "companions": sorted(recording.sidecars),
        "recording_hash": None if recording.recording_hash is None else f"{recording.recording_hash:016x}",
        "start_time": None if recording.start_time is None else recording.start_time.isoformat(),
        "channel_names": list(recording.channel_names),
        "gains": list(recording.gains),
        "offsets": list(recording.offsets),
        "file_id": f"{recording.file_id:016x}",
        "segments": [
            {"samples": one.n_samples, "start": one.start, "times": bool(one.times)} for one in recording.segments
        ],
        "metadata": _plain(recording.metadata),
        "damaged": list(recording.damaged),
        "missing": [vars_of(one) for one in recording.missing],
    }
    if chunks:
        facts["chunk_list"] = [vars_of(one) for one in recording.chunks]
    return facts


def vars_of(record: Any) -> dict[str, Any]:
    """Return the fields of a dataclass or a named tuple."""
    if isinstance(record, tuple):
        return dict(zip(record._fields, record, strict=True))  # type: ignore[attr-defined]
    return {key: getattr(record, key) for key in record.__dataclass_fields__}


def _segment_rows(segments: list[dict[str, Any]]) -> list[str]:
    """Return a line for each segment; of many, for the first and the last."""
    rows = []
    for number, one in enumerate(segments):
        start = "" if one["start"] is None else f", begins at {one['start']:,.10g} s"
        times = ", a time for each sample" if one["times"] else ""
        rows.append(f"{number}: {one['samples']:,} samples{start}{times}")
    return rows if len(rows) <= MAX_SEGMENT_LINES else [*rows[: MAX_SEGMENT_LINES - 2], "...", rows[-1]]


def _plain(value: Any) -> Any:
    """Return what JSON can say of a value."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _lines(facts: dict[str, Any]) -> list[str]:
    ratio = f", ratio {facts['ratio']:.3f}" if facts["ratio"] else ""
    source = f" from {facts['source_bytes']:,}" if facts["source_bytes"] else ""
    companions = f" and its {', '.join(facts['companions'])}" if facts["companions"] else ""
    rows = [
        (
            "recording",
            f"{facts['samples']:,} samples x {counted(facts['channels'], 'channel')}, {dtype_name(facts['dtype'])}",
        ),
        ("duration", f"{facts['seconds']:,.3f} s at {facts['rate']:,.10g} Hz"),
        ("size", f"{facts['bytes']:,} bytes{source}{ratio}"),
        ("codec", f"{facts['codec']}, {counted(facts['chunks'], 'chunk')}"),
        ("source", f"{facts['source_format']}{companions}" if facts["source_format"] else "none to be restored"),
        ("hash", facts["recording_hash"] or "none: the recording was not finished"),
        ("start", facts["start_time"]),
        *(("segment", row) for row in _segment_rows(facts["segments"])),
        ("channels", _shortened(facts["channel_names"])),
        ("gains", _shortened(facts["gains"])),
        ("offsets", _shortened(facts["offsets"])),
        *((str(key), str(value)) for key, value in facts["metadata"].items()),
        *(("damaged", text) for text in facts["damaged"]),
        *(("missing", ", ".join(f"{key} {value}" for key, value in lost.items())) for lost in facts["missing"]),
        *(("chunk", ", ".join(f"{key} {value}" for key, value in one.items())) for one in facts.get("chunk_list", ())),
    ]
    name = "stdin" if facts["path"] == STDIO else Path(facts["path"]).name or facts["path"]
    return [one_line(name), *(f"  {one_line(key):<10} {one_line(value)}" for key, value in rows if value)]


def dtype_name(text: str) -> str:
    """Return the name of a dtype, and its byte order where that is not the usual one."""
    dtype = np.dtype(text)
    return f"{dtype.name}, big-endian" if text.startswith(">") else dtype.name


def _shortened(values: list[Any]) -> str:
    texts = [f"{value:g}" if isinstance(value, float) else str(value) for value in values]
    unique = list(dict.fromkeys(texts))
    if len(texts) > 1 and len(unique) == 1:
        return f"{unique[0]} (all)"
    return ", ".join(texts) if len(texts) <= 8 else f"{', '.join(texts[:4])} ... {texts[-1]}"
