"""The commands, put together."""

from __future__ import annotations

from typing import Annotated

import typer

from n1codec._version import __version__
from n1codec.cli import (
    analyze,
    bench,
    budget,
    cat,
    check,
    codecs,
    convert,
    data,
    decode,
    encode,
    hdf5,
    info,
    recover,
    report,
    stream,
)
from n1codec.cli.help import help_text
from n1codec.cli.options import LevelCommand

app = typer.Typer(
    name="n1codec",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"n1codec {__version__}")
        raise typer.Exit


@app.callback()
def root(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Lossless compression of electrophysiology recordings, measured honestly."""


FILES = "Recordings and .n1c files"
MEASURE = "Codecs and measurements"

for name, module, function in (
    ("encode", encode, encode.encode),
    ("decode", decode, decode.decode),
    ("test", check, check.check),
    ("info", info, info.info),
    ("cat", cat, cat.cat),
    ("convert", convert, convert.convert),
    ("recover", recover, recover.recover),
):
    text = help_text(function, module.EXAMPLES)
    app.command(name, cls=LevelCommand, help=text, rich_help_panel=FILES)(function)
app.command("analyze", help=help_text(analyze.analyze, analyze.EXAMPLES), rich_help_panel=MEASURE)(analyze.analyze)
app.command("bench", rich_help_panel=MEASURE)(bench.bench)
app.command("budget", help=help_text(budget.budget, budget.EXAMPLES), rich_help_panel=MEASURE)(budget.budget)
app.command("report", help=help_text(report.report, report.EXAMPLES), rich_help_panel=MEASURE)(report.report)
app.command("codecs", rich_help_panel=MEASURE)(codecs.codecs)
app.add_typer(data.app, name="data", rich_help_panel=MEASURE)
app.add_typer(hdf5.app, name="hdf5", rich_help_panel=FILES)
app.add_typer(stream.app, name="stream", rich_help_panel=FILES)
