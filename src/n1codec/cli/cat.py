"""``n1codec cat``: some of the samples."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer

from n1codec.cli import options
from n1codec.cli.batch import quiet_damage, say
from n1codec.cli.jobs import SUFFIX, Job, check_distinct
from n1codec.cli.newfile import STDIO, NewFile, make_folder
from n1codec.cli.selection import channel_numbers, check_time, sample_at
from n1codec.cli.sources import SampleSource, open_samples
from n1codec.codec import Layout, Samples
from n1codec.errors import FileError, ParameterError

KINDS: Final = ("raw", "npy", "wav", "csv", "tsv", "text")
TEXT: Final = {"csv": ",", "tsv": "\t", "text": "\t"}
"""What stands between the columns of text."""

EXAMPLES: Final = (
    "n1codec cat run.ap.bin.n1c --start 60 --stop 61 --channels 0-15 -o second.npy",
    "n1codec cat run.ap.bin.n1c --channels AP0,AP12,#384 --stop 1 -o first.csv",
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
            help='Channels from 0, and their names, such as 0,4-7,AP12; #3 is a number, "3" in quotes or name:3 a name.',
            show_default="all",
            rich_help_panel=options.SELECTION,
        ),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="KIND",
            help="raw, npy, wav, csv, tsv, or text (as tsv, without the line of names).",
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
    channels_first: options.ChannelsFirst = False,
) -> None:
    """Write samples to standard output or a file: a stretch of time, some channels, or all.

    Of a .n1c only the chunks that are needed are read and decoded, and each is checked. Raw samples are little-endian
    values of the recording's type, frame after frame. A .csv or .tsv has a line a sample and a column a channel, under a
    line of the channels' names, or ch0, ch1 and so on where they have none: pandas.read_csv reads it. A .txt has the samples
    alone, between tabs: numpy.loadtxt reads it. What else -o names, .bin too, are raw samples. Times outside the recording
    are moved to its ends.

    Exit code: 0, or 1 if the file is damaged where it is read or cannot be read, or 2 for a mistake in the command line.
    """
    target = None if output in (None, STDIO) else Path(str(output))
    if output is not None and options.is_folder(output):
        raise FileError(output, "is a directory: give the name of a file")
    chosen = _kind(kind, target)
    count = options.thread_count(threads)
    for time in (start, stop):
        if time is not None:
            check_time(time)
    job = Job(None if input_ == STDIO else Path(input_), target)
    check_distinct([job])
    source_options = options.check_source(dtype, n_channels, rate, channels_first)
    with quiet_damage(), open_samples(job, count, source_options) as source:
        for remark in source.remarks:
            say(f"{job.name}: {remark}")
        first = sample_at(start, source.rate, source.n_samples)
        last = source.n_samples if stop is None else sample_at(stop, source.rate, source.n_samples)
        last = max(first, last)
        numbers = None if channels is None else channel_numbers(channels, source.channels, source.channel_names, say)
        _write(job, chosen, Part(source, first, last, numbers), force)


@dataclass(frozen=True)
class Part:
    """A stretch of time of some channels."""

    source: SampleSource
    first: int
    last: int
    channels: Sequence[int] | None

    @property
    def layout(self) -> Layout:
        """Its type and shape."""
        return self.source.layout(self.first, self.last, self.channels)

    @property
    def pieces(self) -> Iterator[Samples]:
        """Its samples."""
        return self.source.pieces(self.first, self.last, self.channels)

    @property
    def names(self) -> list[str]:
        """The names of its channels, made from their numbers where they have none."""
        numbers = range(self.source.channels) if self.channels is None else self.channels
        return [self.source.channel_names[number] if self.source.channel_names else f"ch{number}" for number in numbers]


def _kind(kind: str | None, target: Path | None) -> str:
    from n1codec.formats import write

    if kind is None:
        suffix = "" if target is None else target.suffix.lower()
        if suffix == SUFFIX:
            raise ParameterError(f"-o {target}: `n1codec encode` and `convert` write .n1c files")
        named = None if target is None else write.format_for(target)
        named = {".txt": "text", ".csv": "csv", ".tsv": "tsv"}.get(suffix, named)
        return named if named in KINDS else "raw"
    if kind.lower() not in KINDS:
        raise ParameterError(f"--as {kind}: known are {', '.join(KINDS)}")
    return kind.lower()


def _write(job: Job, kind: str, part: Part, force: bool) -> None:
    from n1codec.formats import write

    if job.target is not None:
        make_folder(job.target.parent)
    if kind in TEXT and job.target is None:
        for text in _text(part, kind):
            sys.stdout.write(text)
        return
    with NewFile(job.target, force=force) as new:
        if kind in TEXT:
            for text in _text(part, kind):
                new.handle.write(text.encode())
        else:
            write.write(new.handle, write.plan(kind, part.layout, part.source.rate), part.layout, part.pieces)
        new.commit()


def _text(part: Part, kind: str) -> Iterator[str]:
    """Give out a line a sample, and first one of names where they belong."""
    between = TEXT[kind]
    if kind != "text":
        line = io.StringIO()
        csv.writer(line, delimiter=between, lineterminator="\n").writerow(part.names)
        yield line.getvalue()
    for piece in part.pieces:
        rows = piece.reshape(len(piece), -1)
        if rows.dtype.kind == "b":
            rows = rows.view(np.uint8)
        # numbers of Python are quicker, but those of NumPy know how few digits tell a float of 2 or 4 bytes from others
        lines = rows.astype(rows.dtype.newbyteorder("=")) if rows.dtype.kind == "f" else rows.tolist()
        yield "".join(between.join(map(str, row)) + "\n" for row in lines)
