"""``n1codec data``: public recordings."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.progress import Progress

app = typer.Typer(help="Fetch public recordings.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="A data set of `n1codec data list`.", show_default=False)]


@app.command("list")
def list_() -> None:
    """List the data sets."""
    from n1codec import datasets

    for dataset in datasets.list_datasets():
        here = "here" if datasets.path_of(dataset.name).is_dir() else "not fetched"
        print(f"{dataset.name}  ({dataset.size / 1e6:,.1f} MB, {here})")
        print(f"  {dataset.summary}")
        print(f"  {dataset.origin}")


@app.command()
def get(name: Name) -> None:
    """Fetch a data set unless it is there already, and print its folder."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    from n1codec import datasets

    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        folder = datasets.get(name, progress=_Tracker(bar, name))
    print(folder)


@app.command()
def path(name: Name) -> None:
    """Print the folder of a data set that was fetched."""
    from n1codec import datasets
    from n1codec.errors import DownloadError

    folder = datasets.path_of(name)
    if not folder.is_dir():
        raise DownloadError(f"{name} has not been fetched: `n1codec data get {name}` does")
    print(folder)


class _Tracker:
    """Passes the progress of a download on to a bar that appears when there is something to show."""

    def __init__(self, bar: Progress, name: str) -> None:
        self._bar = bar
        self._name = name
        self._started = False

    def __call__(self, done: int, total: int | None) -> None:
        if not self._started:
            self._started = True
            self._task = self._bar.add_task(self._name, total=total)
        self._bar.update(self._task, completed=done, total=total)
