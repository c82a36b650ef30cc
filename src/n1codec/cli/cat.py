"""``n1codec cat``: some of the samples."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final

import typer

from n1codec.cli import options
from n1codec.cli.batch import quiet_damage
from n1codec.cli.interrupt import termination_as_interrupt
from n1codec.cli.jobs import Job
from n1codec.cli.newfile import STDIO, NewFile, make_folder
from n1codec.cli.selection import channel_numbers, check_time, sample_at
from n1codec.cli.sources import open_samples
from n1codec.codec import Layout, Samples
from n1codec.errors import ParameterError

KINDS: Final = ("raw", "npy", "wav", "text")

EXAMPLES: Final = (
    "n1codec cat run.ap.bin.n1c --start 60 --stop 61 --channels 0-15 -o second.npy",
    "n1codec cat run.wav.n1c --start -100ms --as text",
    "n1codec cat run.wav.n1c | sox -t s16 -r 19531 -c 1 - -n stats",
)


def cat(
    input_: Annotated[
        str,
        typer.Argument(metavar="IN", help="A .n1c file, another recording, or - for stdin.", show_default=False),
    ],
    start: Annotated[
        str,
        typer.Option(
            metavar="TIME",
            help="First sample: 1.5 (seconds), 250ms, 2min, 1:30 or 30000samples; -1.5 is before the end.",
            rich_help_panel=options.SELECTION,
        ),
    ] = "0",
    stop: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="The sample after the last.", show_default="the end", rich_help_panel=options.SELECTION
        ),
    ] = None,
    channels: Annotated[
        str | None,
        typer.Option(
            metavar="LIST",
            help="Channels from 0, and their names, such as 0,4-7,AP12.",
            show_default="all",
            rich_help_panel=options.SELECTION,
        ),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="KIND",
            help="raw, npy, wav, or text: a line a sample, a column a channel.",
            show_default="by the name of OUT, else raw",
            rich_help_panel=options.FILES,
        ),
    ] = None,
    output: options.Output = None,
    force: options.Force = False,
    threads: options.Threads = 0,
    dtype: Annotated[
        str | None,
        typer.Option(metavar="TYPE", help="Type of headerless samples, such as int16.", rich_help_panel=options.SOURCE),
    ] = None,
    n_channels: Annotated[
        int | None,
        typer.Option(
            "--n-channels", metavar="N", help="Channels of a headerless file.", rich_help_panel=options.SOURCE
        ),
    ] = None,
    rate: options.Rate = None,
) -> None:
    """Write samples to standard output or a file: a stretch of time, some channels, or all.

    Of a .n1c only the chunks that are needed are read and decoded, and each is checked. Raw samples are little-endian
    integers of the recording's type, frame after frame. Times outside the recording are moved to its ends.

    Exit code: 0, or 1 if the file is damaged where it is read or cannot be read, or 2 for a mistake in the command line.
    """
    target = None if output in (None, STDIO) else Path(str(output))
    chosen = _kind(kind, target)
    count = options.thread_count(threads)
    for time in (start, stop):
        if time is not None:
            check_time(time)
    job = Job(None if input_ == STDIO else Path(input_), target)
    source_options = options.check_source(dtype, n_channels, rate)
    with quiet_damage(), termination_as_interrupt(), open_samples(job, count, source_options) as source:
        first = sample_at(start, source.rate, source.n_samples)
        last = source.n_samples if stop is None else sample_at(stop, source.rate, source.n_samples)
        last = max(first, last)
        numbers = None if channels is None else channel_numbers(channels, source.channels, source.channel_names)
        _write(
            job, chosen, source.pieces(first, last, numbers), source.layout(first, last, numbers), source.rate, force
        )


def _kind(kind: str | None, target: Path | None) -> str:
    from n1codec.formats import write

    if kind is None:
        named = None if target is None else write.format_for(target)
        if target is not None and target.suffix.lower() == ".txt":
            named = "text"
        return named if named in KINDS else "raw"
    if kind not in KINDS:
        raise ParameterError(f"--as {kind}: known are {', '.join(KINDS)}")
    return kind


def _write(job: Job, kind: str, pieces: Iterable[Samples], layout: Layout, rate: float, force: bool) -> None:
    from n1codec.formats import write

    if job.target is not None:
        make_folder(job.target.parent)
    if kind == "text" and job.target is None:
        for piece in pieces:
            sys.stdout.write(_text(piece))
        return
    with NewFile(job.target, force=force) as new:
        if kind == "text":
            for piece in pieces:
                new.handle.write(_text(piece).encode("ascii"))
        else:
            write.write(new.handle, write.plan(kind, layout, rate), layout, pieces)
        new.commit()


def _text(piece: Samples) -> str:
    rows = piece.reshape(len(piece), -1).tolist()
    return "".join("\t".join(map(str, row)) + "\n" for row in rows)
