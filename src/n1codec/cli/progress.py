"""Progress of the work on one file after the other, on a terminal and nowhere else."""

from __future__ import annotations

import contextlib
import math
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from n1codec.cli import one_line

if TYPE_CHECKING:
    from rich.progress import Progress

NAME_CELLS: Final = 20
"""Most characters of a name: with them, all fits into 80."""

Advance = Callable[[int, int], None]
"""Called with the samples that are done and those there are."""


class Bar:
    """A bar for each file, with what can be said of its speed.

    Parameters
    ----------
    progress : rich.progress.Progress, optional
        What draws it; without, nothing is drawn.
    """

    def __init__(self, progress: Progress | None = None) -> None:
        self._progress = progress

    @contextlib.contextmanager
    def file(self, name: str) -> Iterator[FileBar]:
        """Show a file while it is worked on."""
        if self._progress is None:
            yield FileBar()
            return
        progress = self._progress
        task = progress.add_task(shortened(name), total=None, facts="")
        drawn = False

        def show(done: int, total: int, facts: str) -> None:
            nonlocal drawn
            # The first one at once: a short file would be done before the next moment at which the bar is drawn.
            progress.update(task, completed=done, total=total, facts=facts, refresh=not drawn)
            drawn = True

        try:
            yield FileBar(show)
        finally:
            progress.remove_task(task)


def shortened(name: str) -> str:
    """Return the end of a file's name: all of it would leave no room for anything else."""
    name = one_line(PurePath(name).name)
    return name if len(name) <= NAME_CELLS else "…" + name[1 - NAME_CELLS :]


def shown(value: float, decimals: int) -> str:
    """Return a number above zero with some decimals, or as many as it takes for two digits that are not 0."""
    if value < 10.0 ** (1 - decimals):
        decimals = min(12, 1 - math.floor(math.log10(value)))
        text = f"{value:.{decimals}f}".rstrip("0").rstrip(".")
        return text if text != "0" else f"{value:.1e}"
    return f"{value:,.{decimals}f}"


class FileBar:
    """The bar of one file; `describe` tells it what speed and ratio are made of.

    Parameters
    ----------
    show : callable, optional
        Draws the samples done, those there are, and a text.
    """

    def __init__(self, show: Callable[[int, int, str], None] | None = None) -> None:
        self._show = show
        self._frame_bytes = 0
        self._rate = 0.0
        self._written: Callable[[], int] | None = None
        self._started = time.monotonic()

    def describe(self, frame_bytes: int, rate: float, written: Callable[[], int] | None = None) -> None:
        """Say how many bytes the samples of one moment take, how many moments a second has, and how much is written."""
        self._frame_bytes, self._rate, self._written = frame_bytes, rate, written

    def __call__(self, done: int, total: int) -> None:
        """Draw where the work is: an `Advance`."""
        if self._show is not None:
            self._show(done, total, self._facts(done))

    def _facts(self, done: int) -> str:
        elapsed = time.monotonic() - self._started
        if not done or not self._frame_bytes or elapsed <= 0:
            return ""
        facts = [
            f"{shown(done * self._frame_bytes / elapsed / 1e6, 1)} MB/s",
            f"{shown(done / self._rate / elapsed, 0)}x",
        ]
        written = self._written() if self._written is not None else 0
        if written:
            facts.append(f"ratio {done * self._frame_bytes / written:.2f}")
        return "  ".join(facts)


@contextlib.contextmanager
def progress_bar(*, quiet: bool = False) -> Iterator[Bar]:
    """Draw on standard error while the block runs, if that is a terminal and the user wants to hear of it."""
    if quiet or not sys.stderr.isatty():
        yield Bar()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=12),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[facts]}", markup=False),
    )
    console = Console(stderr=True, highlight=False)
    # Lines that are printed meanwhile appear above the bar.
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as progress:
        yield Bar(progress)
