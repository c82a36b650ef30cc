"""The commands, put together: all of them, or the one that a command line names, whose module alone is imported then."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Annotated, Final

import typer

from n1codec._version import __version__
from n1codec.cli.help import help_text
from n1codec.cli.options import LevelCommand

FILES: Final = "Recordings and .n1c files"
MEASURE: Final = "Codecs and measurements"

COMMANDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "encode": ("encode:encode", FILES),
        "decode": ("decode:decode", FILES),
        "test": ("check:check", FILES),
        "info": ("info:info", FILES),
        "cat": ("cat:cat", FILES),
        "convert": ("convert:convert", FILES),
        "recover": ("recover:recover", FILES),
        "analyze": ("analyze:analyze", MEASURE),
        "bench": ("bench:bench", MEASURE),
        "budget": ("budget:budget", MEASURE),
        "report": ("report:report", MEASURE),
        "codecs": ("codecs:codecs", MEASURE),
        "data": ("data:app", MEASURE),
        "hdf5": ("hdf5:app", FILES),
        "stream": ("stream:app", FILES),
    }
)
"""Of each command its module in this room, with its function or its group of commands, and the heading that it stands under."""


def app_for(arguments: Sequence[str]) -> typer.Typer:
    """Return what reads a command line: it knows the command that the first word names; all of them, where that is none."""
    first = arguments[0] if arguments else ""
    if first == "--version":
        return app(())
    return app((first,) if first in COMMANDS else tuple(COMMANDS))


@cache
def app(names: tuple[str, ...] = tuple(COMMANDS)) -> typer.Typer:
    """Return what reads command lines of some commands."""
    made = typer.Typer(
        name="n1codec",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    made.callback()(_root)
    for name in names:
        target, heading = COMMANDS[name]
        place, _, attribute = target.partition(":")
        module = importlib.import_module(f"n1codec.cli.{place}")
        command = getattr(module, attribute)
        if isinstance(command, typer.Typer):
            made.add_typer(command, name=name, rich_help_panel=heading)
        else:
            examples = getattr(module, "EXAMPLES", None)
            text = None if examples is None else help_text(command, examples)
            made.command(name, cls=LevelCommand, help=text, rich_help_panel=heading)(command)
    return made


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"n1codec {__version__}")
        raise typer.Exit


def _root(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Lossless compression of electrophysiology recordings, measured honestly."""
