"""The report of a benchmark as text: what was measured where, one line a codec, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TextIO

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from n1codec import registry
from n1codec.bench import YARDSTICK, Report, Result
from n1codec.cli.recordings_table import each_recording

CODEC_SHARE: Final = 3 / 8
"""Part of the width that the names of codecs can claim: columns are dropped before names are folded into less ..."""

CODEC_CLAIM: Final = 40
"""... but for no more cells than this: few specifications are longer."""

OVERLOAD: Final = 0.3
"""Processor time that a codec may take beyond the threads it was given, in parts of a processor."""


BUSY: Final = 0.5
"""Load for each processor before a run from which on its speeds are not to be trusted."""


@dataclass(frozen=True)
class Column:
    """A column of the table.

    Parameters
    ----------
    title : str
        Its head.
    value : callable
        Gives a result's text.
    keep : int
        Where there is no room, the column with the least goes first; that of codecs always stays.
    """

    title: str
    value: Callable[[Result], str]
    keep: int

    def width(self, results: Sequence[Result]) -> int:
        """Return the cells it takes, the gap before it included."""
        return 2 + max(len(text) for text in (self.title, *map(self.value, results)))


CODEC: Final = Column("codec", lambda result: result.codec, 99)
COLUMNS: Final = (
    CODEC,
    Column("group", lambda result: result.group, 2),
    Column("threads", lambda result: str(result.threads), 8),
    Column("ratio", lambda result: _fixed(result.ratio, 3), 20),
    Column("bits", lambda result: _fixed(result.bits_per_sample, 3), 3),
    Column("enc MB/s", lambda result: _brief(result.encode_mb_s), 18),
    Column("dec MB/s", lambda result: _brief(result.decode_mb_s), 17),
    Column("enc xRT", lambda result: _brief(result.encode_xrt), 5),
    Column("dec xRT", lambda result: _brief(result.decode_xrt), 4),
    Column("10 s xRT", lambda result: _brief(result.stretch_xrt), 0),
    Column("scaling", lambda result: _scaling(result), 7),
    Column("ms", lambda result: _fixed(result.latency_ms, 1), 6),
    Column("peak MB", lambda result: _fixed(result.peak_mb, 1), 1),
    Column("front", lambda result: "E" * result.pareto_encode + "D" * result.pareto_decode, 15),
    Column("exact", lambda result: _exact(result), 19),
)


def print_report(report: Report, file: TextIO, *, per_recording: bool = False) -> None:
    """Print a report: as wide as the terminal, or, if it goes elsewhere, as wide as it needs and without colours.

    Parameters
    ----------
    report : Report
        What is printed.
    file : file object
        Where to.
    per_recording : bool
        Show the recordings one by one as well.
    """
    console = Console(file=file, highlight=False, emoji=False, markup=False)
    width = console.width if console.is_terminal else None
    if width is None:
        console = Console(file=file, highlight=False, emoji=False, markup=False, no_color=True, width=1 << 14)
    for part in render(report, width, per_recording=per_recording):
        console.print(part)


def render(report: Report, width: int | None, *, per_recording: bool = False) -> list[RenderableType]:
    """Return the parts of a report for so many cells of width, or as many as needed."""
    parts: list[RenderableType] = [Text(line) for line in header(report)]
    parts += [Text(), table([result for result in report.results if result.recordings_exact], width)]
    parts += [Text(line) for line in _legend(report)]
    if per_recording:
        parts += each_recording(report, width)
    failures = [result for result in report.results if result.error]
    if failures:
        noun = "codec" if len(failures) == 1 else "codecs"
        parts.append(Text(f"\n{len(failures)} {noun} failed or gave something else back:", style="bold red"))
        parts += [Text(f"  {result.codec}: {result.error}") for result in failures]
    if report.skipped:
        parts.append(Text("\nSkipped, because a package is missing:", style="bold"))
        hints = dict.fromkeys(one.hint for one in report.skipped)
        parts += [
            Text(f"  {', '.join(one.codec for one in report.skipped if one.hint == hint)}: {hint}") for hint in hints
        ]
    if report.partial:
        parts.append(Text("\nInterrupted: these are only the codecs that were done.", style="bold red"))
    return parts


def header(report: Report) -> list[str]:
    """Return the lines that say what was measured, on what, and when."""
    machine, recordings = report.machine, report.recordings
    seconds = sum(recording.seconds for recording in recordings)
    noun = "recording" if len(recordings) == 1 else "recordings"
    lines = [
        f"n1codec {machine.n1codec}: {len(recordings)} {noun}, {sum(one.bytes for one in recordings):,} bytes, "
        f"{seconds:,.1f} s; {_shapes(report)}"
    ]
    if any(recording.path is None for recording in recordings):
        lines.append(
            "No files were given: this is the built-in synthetic recording, modelled on one electrode of the Neuralink N1. "
            "Real recordings differ."
        )
    facts = [
        machine.cpu or machine.architecture,
        f"{machine.cores} cores",
        f"{machine.memory_gb:g} GB" if machine.memory_gb is not None else "",
        f"load {machine.load:g}" if machine.load is not None else "",
        machine.os,
        machine.python,
        f"numpy {machine.numpy}",
        f"core by {machine.compiler}" if machine.compiler else "",
    ]
    lines.append(", ".join(fact for fact in facts if fact))
    libraries = {name: version for result in report.results for name, version in sorted(result.libraries.items())}
    if libraries:
        lines.append(", ".join(f"{name} {version}" for name, version in sorted(libraries.items())))
    lines.append(f"{report.started}, took {report.elapsed_s:,.0f} s: {report.command}")
    if machine.load is not None and machine.load > BUSY * machine.cores:
        lines.append(
            f"The machine was busy (load {machine.load:g} on {machine.cores} cores): speeds and latencies suffer."
        )
    if report.settings.jobs > 1:
        lines.append(
            f"Measured {report.settings.jobs} codecs at a time: they slow each other down, so trust no speed here."
        )
    return lines


def table(results: Sequence[Result], width: int | None) -> Table:
    """Return the table, with as many columns as there is room for."""
    columns = [column for column in COLUMNS if _tells_something(column, results)]
    while width is not None and len(columns) > 1:
        others = sum(column.width(results) for column in columns if column is not CODEC)
        if others + min(CODEC.width(results), CODEC_CLAIM, int(CODEC_SHARE * width)) <= width:
            break
        columns.remove(min(columns, key=lambda column: column.keep))
    drawn = Table(box=box.SIMPLE_HEAD, padding=(0, 0, 0, 1), pad_edge=False, show_edge=False, collapse_padding=False)
    for column in columns:
        left = column.title in ("codec", "group", "front")
        drawn.add_column(
            column.title, justify="left" if left else "right", overflow="fold", no_wrap=column is not CODEC
        )
    for result in results:
        style = "red" if result.error else "dim" if result.group == YARDSTICK else "bold" if _on_a_front(result) else ""
        drawn.add_row(*(Text(column.value(result)) for column in columns), style=style)
    return drawn


def _tells_something(column: Column, results: Sequence[Result]) -> bool:
    """Whether a column that is only needed sometimes is needed for these results."""
    match column.title:
        case "threads":
            return any(result.threads > 1 for result in results)
        case "scaling":
            return any(result.encode_scaling is not None for result in results)
        case "10 s xRT":
            return any(result.stretch_xrt is not None for result in results)
        case _:
            return True


def _legend(report: Report) -> list[str]:
    lines = [
        "\nratio: source bytes / all bytes that restore the source. MB: 10^6 bytes of samples. xRT: times real time.",
        "ms: latency, waiting for a block of 1,024 frames and encoding it (99th percentile). peak: beyond the input.",
        "front: no other codec is both smaller and faster to encode (E) or decode (D). memcpy: a copy, as a yardstick.",
    ]
    if any(result.stretch_xrt is not None for result in report.results):
        lines.append("10 s xRT: decoding 10 s of all channels, from the middle of recordings that are longer.")
    known = {line.name for line in registry.entries()}
    renamed = {result.codec: result.spec for result in report.results if result.codec != result.spec}
    if clashes := [f"{name} is {spec}" for name, spec in renamed.items() if name in known]:
        lines.append(f"Names as in the original comparison: {', '.join(clashes)}. `n1codec codecs` has them all.")
    for result in report.results:
        cores = max(result.encode_cores or 0, result.decode_cores or 0)
        if cores > result.threads + OVERLOAD and result.group != YARDSTICK:
            lines.append(
                f"{result.codec}: {cores:.1f} processors were busy, though it may use {result.threads} threads."
            )
    return lines


def _shapes(report: Report) -> str:
    shapes = dict.fromkeys((one.channels, one.rate, one.dtype) for one in report.recordings)
    if len(shapes) > 3:
        return f"{len(shapes)} kinds"
    return "; ".join(
        f"{channels} {'channel' if channels == 1 else 'channels'} at {rate:,.10g} Hz, {dtype.lstrip('<>|=')}"
        for channels, rate, dtype in shapes
    )


def _on_a_front(result: Result) -> bool:
    return result.pareto_encode or result.pareto_decode


def _exact(result: Result) -> str:
    measured = result.recordings_exact + result.recordings_failed
    return "yes" if result.lossless else f"{result.recordings_exact}/{measured}"


def _scaling(result: Result) -> str:
    if result.encode_scaling is None or result.decode_scaling is None:
        return ""
    return f"{result.encode_scaling:.2f}/{result.decode_scaling:.2f}"


def _fixed(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:,.{digits}f}"


def _brief(value: float | None) -> str:
    """Return three significant digits, in plain notation."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
