"""Many files in one go: a line for each, an end for none because of another."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import typer

from n1codec.cli import EXIT_FAILURE, complain, one_line
from n1codec.cli.jobs import Job
from n1codec.cli.progress import Bar, FileBar, progress_bar, shown
from n1codec.errors import DamageWarning, N1Error, ParameterError, ShapeWarning, SpecError
from n1codec.threads import Workers

SMALL_BYTES: Final = 1 << 24
"""Files up to this size have too few chunks for several threads: such files are worked on side by side."""
AHEAD: Final = 4
"""Files for each thread that may be done before the one that is told of next."""


@dataclass(frozen=True)
class Outcome:
    """What came out of one file.

    Parameters
    ----------
    bytes_in, bytes_out : int
        Sizes before and after.
    seconds : float
        Duration of the recording; 0 if there is nothing to say about it.
    raw_bytes : int
        The larger of both sides: what a speed is measured with.
    notes : tuple of str
        Such as "verified".
    details : tuple of str
        Lines for ``--verbose``.
    remarks : tuple of str
        What is odd about the input, a line each.
    """

    bytes_in: int
    bytes_out: int
    seconds: float = 0.0
    raw_bytes: int = 0
    notes: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass
class Totals:
    """Sums over the files that were done, and the seconds all took together."""

    files: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    seconds: float = 0.0
    raw_bytes: int = 0
    elapsed: float = 0.0
    notes: set[tuple[str, ...]] = field(default_factory=set)

    def add(self, outcome: Outcome) -> None:
        """Count one more file."""
        self.files += 1
        self.bytes_in += outcome.bytes_in
        self.bytes_out += outcome.bytes_out
        self.seconds += outcome.seconds
        self.raw_bytes += outcome.raw_bytes
        self.notes.add(outcome.notes)

    def line(self) -> str:
        """Return the sum in the words of one file."""
        (notes,) = self.notes if len(self.notes) == 1 else ((),)
        whole = Outcome(self.bytes_in, self.bytes_out, self.seconds, self.raw_bytes, notes)
        return describe(whole, self.elapsed)


def run(
    jobs: Sequence[Job],
    failures: Sequence[N1Error],
    work: Callable[[Job, FileBar], Outcome],
    *,
    done: str,
    quiet: bool = False,
    verbose: bool = False,
    at_once: int = 1,
) -> None:
    """Work on one file after the other, or on several at once; what is said of them comes in their order.

    Parameters
    ----------
    jobs : sequence of Job
        What is to be done.
    failures : sequence of N1Error
        What was wrong with inputs already.
    work : callable
        Does one job.
    done : str
        The past participle of what is done, for the summary: "encoded".
    quiet, verbose : bool
        Say less or more on standard error.
    at_once : int
        How many files are worked on at the same time.

    Raises
    ------
    typer.Exit
        With 1 if a file failed.
    ParameterError, SpecError
        If the command line was wrong after all.
    """
    for failure in failures:
        complain(failure)
    failed = len(failures)
    totals = Totals()
    started = time.monotonic()
    with progress_bar(quiet=quiet) as bar:
        for job, result, elapsed in _results(jobs, lambda job: _attempt(job, work, bar), at_once):
            if isinstance(result, Exception):
                complain(result, job.name)
                failed += 1
                continue
            totals.add(result)
            if not quiet:
                for remark in result.remarks:
                    say(f"{job.name}: {remark}")
                say(f"{job.name}: {describe(result, elapsed)}")
                for line in result.details if verbose else ():
                    say(f"  {line}")
    totals.elapsed = time.monotonic() - started
    if failed + totals.files > 1 and not quiet:
        say(_summary(totals, failed, done))
    if failed:
        raise typer.Exit(EXIT_FAILURE)


def files_at_once(jobs: Sequence[Job], threads: int) -> int:
    """Return how many files should share the threads: all of them if there are many small files, else one."""
    if len(jobs) < 2 or any(job.source is None or job.target is None for job in jobs):
        return 1
    sizes = [job.source.stat().st_size for job in jobs if job.source is not None and job.source.is_file()]
    return min(threads, len(jobs)) if sizes and max(sizes) <= SMALL_BYTES else 1


_Done = tuple[Job, Outcome | Exception, float]


def _attempt(job: Job, work: Callable[[Job, FileBar], Outcome], bar: Bar) -> _Done:
    """Do one job; return what came out of it or why nothing did, and the seconds it took."""
    started = time.monotonic()
    result: Outcome | Exception
    try:
        with bar.file(job.name) as file_bar:
            result = work(job, file_bar)
    except (ParameterError, SpecError, BrokenPipeError):
        raise
    except Exception as error:
        result = error
    return job, result, time.monotonic() - started


def _results(jobs: Iterable[Job], attempt: Callable[[Job], _Done], at_once: int) -> Iterator[_Done]:
    """Give what came out of each job, in their order. On an interrupt, files in work are finished, and no other is begun."""
    with Workers(at_once) as workers:
        yield from workers.map(attempt, jobs, ahead=AHEAD)


def describe(outcome: Outcome, elapsed: float) -> str:
    """Return what is to be said about an outcome: sizes, ratio, speeds, notes."""
    parts = [f"{outcome.bytes_in:,} -> {outcome.bytes_out:,} bytes"]
    small = min(outcome.bytes_in, outcome.bytes_out)
    if small:
        parts.append(f"ratio {max(outcome.bytes_in, outcome.bytes_out) / small:.3f}")
    if outcome.raw_bytes and elapsed > 0:
        parts.append(f"{shown(outcome.raw_bytes / elapsed / 1e6, 1)} MB/s")
    if outcome.seconds and elapsed > 0:
        parts.append(f"{shown(outcome.seconds / elapsed, 0)}x real time")
    return ", ".join([*parts, *outcome.notes])


def _summary(totals: Totals, failed: int, done: str) -> str:
    files = totals.files + failed
    count = f"{totals.files} files {done}" if not failed else f"{totals.files} of {files} files {done}, {failed} failed"
    return count if not totals.files else f"{count}: {totals.line()}"


def counted(count: int, noun: str) -> str:
    """Return a number of things in words."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def say(text: str) -> None:
    """Print a line on standard error: standard output is for data."""
    with contextlib.suppress(OSError):  # nobody listens: no failure of the work
        print(" " * (len(text) - len(text.lstrip())) + one_line(text), file=sys.stderr)


@contextlib.contextmanager
def said_warnings(*, quiet: bool) -> Iterator[None]:
    """Say what is warned of, such as odd recordings, in a line each on standard error."""
    import warnings

    def show(message: Warning | str, *_: object, **__: object) -> None:
        say(str(message))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore" if quiet else "always", DamageWarning)
        warnings.simplefilter("ignore" if quiet else "always", ShapeWarning)
        warnings.showwarning = show
        yield


@contextlib.contextmanager
def quiet_damage() -> Iterator[None]:
    """Keep warnings about damaged files to ourselves: the commands say what is damaged in lines of their own."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
