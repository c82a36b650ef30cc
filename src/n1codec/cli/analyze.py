"""``n1codec analyze``: what recordings are, and how far they can be compressed."""

from __future__ import annotations

import contextlib
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from n1codec.cli import EXIT_FAILURE, complain
from n1codec.cli.batch import said_warnings, say
from n1codec.cli.options import Channels, ChannelsFirst, Dtype, Quiet, Rate, check_source
from n1codec.errors import FormatError, ParameterError

if TYPE_CHECKING:
    from n1codec.analysis import Analysis
    from n1codec.formats import Recording

EXAMPLES: Final = (
    "n1codec analyze recording.wav",
    "n1codec analyze recordings/ --limit 30 --html analysis.html --json analysis.json",
    "n1codec analyze trial.raw --dtype int16 --channels 4 --rate 15000 --select 0-1",
)

PICTURES: Final = 8
"""Recordings whose waveform and spectrogram are kept."""


def analyze(
    context: typer.Context,
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...",
            help="WAV, SpikeGLX .bin with .meta, .npy and headerless files, and folders of them.",
            show_default=False,
        ),
    ],
    html_file: Annotated[
        str | None, typer.Option("--html", metavar="FILE", help="Write a page with figures; it opens offline.")
    ] = None,
    json_file: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="Write all figures as JSON; - for stdout.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="At most N recordings, evenly spread over all found.")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(metavar="S", help="Only the first S seconds of each recording.")
    ] = None,
    select: Annotated[
        str | None, typer.Option(metavar="LIST", help="Only these channels, such as 0,3,8-15.", show_default=False)
    ] = None,
    dtype: Dtype = None,
    channels: Channels = None,
    rate: Rate = None,
    channels_first: ChannelsFirst = False,
    quiet: Quiet = False,
) -> None:
    """Say what recordings are and how far they can be compressed.

    Amplitudes, the lattice of values, the converter's code widths and missing codes (found from the data alone), spectrum,
    prediction, spikes, entropies before and after each transform, and a floor: what a model needs that knows them in hindsight.
    docs/analysis.md explains every figure.

    Exit code: 0, or 1 if a recording cannot be read, or 2 for a mistake in the command line.
    """
    from n1codec.analysis import Study
    from n1codec.bench.sources import find_sources
    from n1codec.cli.analysis_text import describe
    from n1codec.cli.output import Output, check_outputs

    options = check_source(dtype, channels, rate, channels_first)
    if seconds is not None and not seconds > 0:
        raise ParameterError(f"--seconds {seconds:g}: expected a number above zero")
    if html_file == json_file == "-":
        raise ParameterError("only one of --html and --json can go to standard output")
    targets = (("--html", html_file), ("--json", json_file))
    check_outputs(targets)
    html, as_json = (Output(target) if target else None for target in (html_file, json_file))
    if html is not None:
        from n1codec.report.analysis_page import check_available

        check_available()
    sources = find_sources(paths, **options, limit=limit)
    check_outputs(targets, [Path(str(source.path)) for source in sources])
    found: list[Analysis] = []
    failed = False
    with said_warnings(quiet=quiet), _progress(len(sources), quiet=quiet) as advance:
        for source in sources:
            assert source.path is not None  # only the synthetic recording has none
            path = Path(source.path)
            advance(path.name)
            try:
                found.append(_analyse(path, source.options, select, seconds, pictures=len(found) < PICTURES))
            except ParameterError:
                raise  # of the command line: it would fail for the others too
            except Exception as error:
                complain(error, source.path)
                failed = True
    if not found:
        raise typer.Exit(EXIT_FAILURE)
    study = Study.of(found, shlex.join(["n1codec", *context.obj]) if context.obj else "n1codec analyze")
    if as_json is not None:
        as_json.write(study.to_json())
    if html is not None:
        from n1codec.report.analysis_page import render

        html.write_page(render(study))
    if not quiet:
        to_stdout = any(output is not None and output.to_stdout for output in (html, as_json))
        (sys.stderr if to_stdout else sys.stdout).write(describe(study))
    if failed:
        raise typer.Exit(EXIT_FAILURE)


def _analyse(
    path: Path, options: dict[str, Any], select: str | None, seconds: float | None, *, pictures: bool
) -> Analysis:
    from n1codec import formats
    from n1codec.analysis import analyse
    from n1codec.analysis.recording import MAX_VALUES

    recording = formats.read(path, **options)
    samples = recording.samples
    if samples.size == 0:
        raise FormatError(str(path), "no samples to analyse")
    if select is not None:
        chosen = _channels(select, recording)
        # They are copied: no more of them than is analysed.
        samples = samples.reshape(len(samples), -1)[: max(1, MAX_VALUES // len(chosen)), chosen]
    return analyse(samples, recording.rate, recording.name, seconds=seconds, pictures=pictures)


def _channels(select: str, recording: Recording) -> list[int]:
    from n1codec.cli.selection import channel_numbers

    try:
        return channel_numbers(select, recording.channels, recording.channel_names, lambda text: say(_of_select(text)))
    except ParameterError as error:
        raise ParameterError(_of_select(str(error))) from None


def _of_select(text: str) -> str:
    return text.replace("--channels", "--select", 1)


@contextlib.contextmanager
def _progress(total: int, *, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show a bar on standard error, if that is a terminal; what is given is told the name of what comes next."""
    if quiet or not sys.stderr.isatty():
        yield lambda name: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = BarColumn(bar_width=20), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}")
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total, completed=-1)
        yield lambda name: bar.update(task, advance=1, description=name.replace("[", r"\["))
