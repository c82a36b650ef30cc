"""The commands, put together."""

from __future__ import annotations

from typing import Annotated

import typer

from n1codec._version import __version__
from n1codec.cli import bench, codecs, data

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


app.command("bench")(bench.bench)
app.command("codecs")(codecs.codecs)
app.add_typer(data.app, name="data")
