"""``n1codec report``: a web page, figures and a summary from results of ``n1codec bench``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TextIO

import typer

if TYPE_CHECKING:
    from n1codec.bench import Report

EXAMPLES: Final = (
    "n1codec report results.json -o report/",
    "n1codec report new.json --baseline old.json -o report/",
    "n1codec report part1.json part2.json --recordings recordings/ -o report/",
)


def report(
    results: Annotated[
        list[Path],
        typer.Argument(metavar="RESULTS.json", help="Written by `n1codec bench --json`.", show_default=False),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Folder to write to; made if it is not there.")
    ],
    baseline: Annotated[
        list[Path] | None,
        typer.Option(metavar="OLD.json", help="Mark what changed since this run; may be repeated.", show_default=False),
    ] = None,
    recordings: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder with the recordings, if they are not where the results say.",
            show_default=False,
        ),
    ] = None,
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="Title of the page.", show_default=False)] = None,
    pictures: Annotated[
        bool, typer.Option("--pictures/--no-pictures", help="Write each figure as SVG and PNG too.")
    ] = True,
) -> None:
    """Make a report: one web page that opens offline, its figures as SVG and PNG, and a summary in Markdown.

    Several files of results become one report, over the recordings that all of them hold. Every number comes from the results;
    the floor and the picture of a round trip are computed from the recordings, where these can be found.

    Exit code: 0, or 1 if a file cannot be read or written, or 2 for a mistake in the command line.
    """
    from n1codec.report import load, require_packages

    require_packages()
    make(
        [load(path) for path in results],
        output,
        baseline=[load(path) for path in baseline or ()],
        recordings=recordings,
        title=title,
        pictures=pictures,
    )


def make(
    results: list[Report],
    output: Path,
    *,
    baseline: list[Report] | None = None,
    recordings: Path | None = None,
    title: str | None = None,
    pictures: bool = True,
    file: TextIO | None = None,
) -> None:
    """Write a report and say where it is."""
    from n1codec.report import DEFAULT_TITLE, write

    files = write(
        results,
        output,
        baseline=baseline or (),
        recordings=recordings,
        title=DEFAULT_TITLE if title is None else title,
        pictures=pictures,
    )
    megabytes = files[0].stat().st_size / 1e6
    more = f" and {len(files) - 2} pictures" if pictures else ""
    print(f"{files[0]} ({megabytes:.1f} MB), {files[1].name}{more}", file=file)
