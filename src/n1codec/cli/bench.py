"""``n1codec bench``: measure codecs on recordings."""

from __future__ import annotations

import contextlib
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from n1codec.cli import EXIT_FAILURE, EXIT_INTERRUPTED, complete
from n1codec.cli.batch import said_warnings
from n1codec.cli.options import Channels, ChannelsFirst, Dtype, Rate, check_source
from n1codec.cli.report import make as make_report
from n1codec.errors import ParameterError

if TYPE_CHECKING:
    from n1codec.bench import Step

WHAT = "What to measure"
RECORDINGS = "Recordings"
HOW = "How to measure"
OUTPUT = "Output"


Paths = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[PATH]...",
        help="WAV, SpikeGLX .bin with .meta, .npy and headerless files, and folders of them. "
        "Without any path: one synthetic recording.",
        show_default=False,
    ),
]
CodecSpecs = Annotated[
    list[str] | None,
    typer.Option(
        "--codec",
        "-c",
        metavar="SPEC",
        help="A codec such as lattice+delta+zstd:level=19; may be repeated.",
        rich_help_panel=WHAT,
        autocompletion=complete.codecs,
    ),
]
Groups = Annotated[
    list[str] | None,
    typer.Option(
        "--group",
        "-g",
        metavar="GROUP",
        help="Only codecs of this group; may be repeated.",
        rich_help_panel=WHAT,
        autocompletion=complete.groups,
    ),
]
SetName = Annotated[
    str | None,
    typer.Option(
        "--set",
        "-s",
        metavar="NAME",
        help="all (unless --codec is given), original (the 24 codecs of the original comparison), quick, plain, "
        "transformed or lattice; `n1codec codecs` says what they hold.",
        rich_help_panel=WHAT,
        autocompletion=complete.sets,
    ),
]
ThreadCounts = Annotated[
    str,
    typer.Option(
        metavar="N[,N...]",
        help="Threads for codecs that can use several; more than one number shows how they scale.",
        rich_help_panel=WHAT,
    ),
]
Limit = Annotated[
    int | None,
    typer.Option(
        min=1, metavar="N", help="At most N recordings, evenly spread over all found.", rich_help_panel=RECORDINGS
    ),
]
Repeat = Annotated[
    int,
    typer.Option(min=1, metavar="N", help="Timed calls; more if they are fast, fewer if slow.", rich_help_panel=HOW),
]
Jobs = Annotated[
    int,
    typer.Option("--jobs", "-j", min=1, metavar="N", help="Codecs at a time; speeds suffer.", rich_help_panel=HOW),
]
Timeout = Annotated[
    float | None,
    typer.Option(
        min=0.001,
        metavar="S",
        help="Seconds for one codec on one recording, repeats included.",
        rich_help_panel=HOW,
    ),
]
SortKey = Annotated[
    str,
    typer.Option(
        metavar="KEY",
        help="ratio, encode, decode, latency, memory or name.",
        rich_help_panel=OUTPUT,
        autocompletion=complete.sort_keys,
    ),
]
PerRecording = Annotated[
    bool,
    typer.Option(
        "--per-recording",
        help="Show each recording's smallest codec and every codec's bytes; --csv then has a line for each codec and "
        "recording.",
        rich_help_panel=OUTPUT,
    ),
]
JsonFile = Annotated[
    str | None,
    typer.Option("--json", metavar="FILE", help="Write all results as JSON; - for stdout.", rich_help_panel=OUTPUT),
]
CsvFile = Annotated[
    str | None,
    typer.Option("--csv", metavar="FILE", help="Write one line a codec as CSV; - for stdout.", rich_help_panel=OUTPUT),
]
ReportFolder = Annotated[
    Path | None,
    typer.Option("--report", metavar="DIR", help="Write a report as `n1codec report` does.", rich_help_panel=OUTPUT),
]


def bench(
    context: typer.Context,
    paths: Paths = None,
    codec: CodecSpecs = None,
    group: Groups = None,
    set_name: SetName = None,
    threads: ThreadCounts = "1",
    dtype: Dtype = None,
    channels: Channels = None,
    rate: Rate = None,
    channels_first: ChannelsFirst = False,
    limit: Limit = None,
    repeat: Repeat = 3,
    jobs: Jobs = 1,
    timeout: Timeout = None,
    sort: SortKey = "ratio",
    per_recording: PerRecording = False,
    json_file: JsonFile = None,
    csv_file: CsvFile = None,
    report_folder: ReportFolder = None,
) -> None:
    """Measure codecs on recordings: size, speed, latency, memory, and whether every byte comes back.

    Sizes count all bytes needed to get a file back; each file is got back and compared. Codecs run one at a time, each in a
    process of its own, on one thread. docs/bench.md explains every figure.

    Exit code: 0 if every codec gave back every file, 1 if one did not or failed, 2 for a mistake in the command line.
    """
    from n1codec import bench as benchmark
    from n1codec.cli.output import Output, check_outputs
    from n1codec.cli.table import print_report

    if sort not in benchmark.SORT_KEYS:
        raise ParameterError(f"--sort {sort}: known are {', '.join(benchmark.SORT_KEYS)}")
    counts = _thread_counts(threads)
    if json_file == csv_file == "-":
        raise ParameterError("only one of --json and --csv can go to standard output")
    targets = (("--json", json_file), ("--csv", csv_file))
    check_outputs(targets)
    outputs = [(Output(target), text) for target, text in ((json_file, "json"), (csv_file, "csv")) if target]
    if report_folder is not None:
        from n1codec.report import check_folder, require_packages

        require_packages()  # before the work, not after it
        check_folder(report_folder)
    plan = benchmark.make_plan(codec or (), set_name=set_name, groups=group or (), threads=counts)
    options = check_source(dtype, channels, rate, channels_first)
    sources = benchmark.find_sources(paths or (), **options, limit=limit)
    check_outputs(targets, [Path(source.path) for source in sources if source.path is not None])
    settings = benchmark.Settings(repeat=repeat, jobs=jobs, timeout_s=timeout)
    command = shlex.join(["n1codec", *context.obj]) if context.obj else "n1codec bench"
    with said_warnings(quiet=False), _progress(len(plan.cases) * len(sources)) as progress:
        report = benchmark.run(plan, sources, settings, sort=sort, command=command, progress=progress)
    to_stdout = any(output.to_stdout for output, _ in outputs)
    for output, kind in outputs:
        output.write(report.to_json() if kind == "json" else report.to_csv(per_recording=per_recording))
    print_report(report, sys.stderr if to_stdout else sys.stdout, per_recording=per_recording)
    if report_folder is not None and report.results:
        make_report([report], report_folder, file=sys.stderr if to_stdout else sys.stdout)
    if report.partial:
        raise typer.Exit(EXIT_INTERRUPTED)
    if report.failed:
        raise typer.Exit(EXIT_FAILURE)


def _thread_counts(text: str) -> list[int]:
    counts = text.split(",")
    if not all(count.isascii() and count.isdigit() and int(count) for count in counts):
        raise ParameterError(f"--threads {text}: expected numbers from 1 on, such as 1,2,4")
    return [int(count) for count in counts]


@contextlib.contextmanager
def _progress(total: int) -> Iterator[Callable[[Step], None] | None]:
    """Show a bar on standard error, if that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = BarColumn(bar_width=20), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}")
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=total)

        def advance(step: Step) -> None:
            description = f"{step.case.codec} on {step.recording}".replace("[", r"\[")
            bar.update(task, advance=1, description=description)

        yield advance
